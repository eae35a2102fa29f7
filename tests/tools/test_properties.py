"""Whatever the service sends is exported to the byte; whatever is changed in an export is found."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from face_audit_tools import export_session, open_evidence, verify
from hypothesis import given, settings
from hypothesis import strategies as st

from .shelf import FIRST, Shelf

FIXED = settings(derandomize=True, deadline=None, database=None, max_examples=60)
BLANKS = st.text(" \t\r\n", max_size=3)
VALUES = st.recursive(
    st.sampled_from(["0", "-1.50e2", "true", "null", '"\\u00e9\\""', '"é ]},\\n"', "1" * 50]),
    lambda inner: (
        st.builds(
            lambda blank, items: f"[{blank}" + f"{blank},{blank}".join(items) + "]", BLANKS, st.lists(inner, max_size=3)
        )
        | st.builds(lambda blank, value: f'{{"k"{blank}:{blank}{value}{blank}}}', BLANKS, inner)
    ),
    max_leaves=6,
)


def put_together(parts: list[tuple[str, str]]) -> list[bytes]:
    """Entries with ids that fall, each with blanks and a value of its own."""
    return [
        f'{{{blank}"id"{blank}:{number},{blank}"unknown":{value}{blank}}}'.encode()
        for number, (blank, value) in zip(range(len(parts), 0, -1), parts, strict=True)
    ]


@FIXED
@given(st.lists(st.tuples(BLANKS, VALUES), max_size=7), BLANKS, st.integers(1, 4))
def test_whatever_comes_is_exported_to_the_byte(parts: list[tuple[str, str]], blank: str, top: int) -> None:
    """With any blanks in entries and between them, in pages of any size; a reader of JSON texts finds as many."""
    items, shelf = put_together(parts), Shelf({FIRST: put_together(parts)})
    shelf.between = f"{blank},{blank}".encode()

    with tempfile.TemporaryDirectory() as name, shelf.client() as client:
        folder = Path(name)
        result = export_session(client, FIRST, folder, top=top)
        content = (folder / f"{FIRST}.entries.jsonl").read_bytes()
        found = [one.raw for one in open_evidence(folder, FIRST).entries()]
        passed = verify(folder).passed

    assert (result.outcome, result.count, found, passed) == ("complete", len(items), items, True)
    assert content == b"".join(one + b"\n" for one in items)
    texts, decoder = content.decode(), json.JSONDecoder()
    for one in items:
        texts = texts.lstrip()
        value, end = decoder.raw_decode(texts)
        assert value == json.loads(one)
        texts = texts[end:]


@FIXED
@given(st.lists(st.tuples(BLANKS, VALUES), min_size=1, max_size=5), st.data())
def test_whatever_is_changed_is_found(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    """Any byte of any file, replaced by any other."""
    shelf = Shelf({FIRST: put_together(parts)})

    with tempfile.TemporaryDirectory() as name, shelf.client() as client:
        folder = Path(name)
        export_session(client, FIRST, folder, top=2)
        path = data.draw(st.sampled_from(sorted(folder.glob("*.json*"))), label="file")
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1), label="place")
        content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]), label="byte")
        path.write_bytes(content)
        problems = verify(folder).problems

    assert [problem.file.name for problem in problems] == [path.name]
