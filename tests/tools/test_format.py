"""What an export looks like: the server's bytes, a chain over them, and a manifest; and how it is read again."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from face_audit import API_VERSION, DecodeError
from face_audit import __version__ as sdk_version
from face_audit.provenance import DOCUMENT_SHA256
from face_audit_tools import DamagedError, InputError, __version__, export_session, open_evidence, read_folder
from face_audit_tools.chain import id_of
from face_audit_tools.sealed import canonical
from hypothesis import given, settings
from hypothesis import strategies as st

from .shelf import ENDPOINT, FIRST, MALFORMED, PRETTY, SECOND, Shelf, entries, entry

TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def load(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_bytes())


def test_entries_are_the_bytes_of_the_service(exported: Path) -> None:
    """Blanks, line ends, escapes, the spelling of numbers and malformed entries stay; a line end follows each."""
    expected = {FIRST: entries(7), SECOND: [*entries(5)[:3], PRETTY, MALFORMED]}

    for session, items in expected.items():
        assert (exported / f"{session}.entries.jsonl").read_bytes() == b"".join(one + b"\n" for one in items)
        assert [one.raw for one in open_evidence(exported, session).entries()] == items


def test_chain_can_be_recomputed_from_the_documented_rule(exported: Path) -> None:
    """SHA-256 of the listing, then of the head before and the entry; each line holds the head and the length."""
    for session in (FIRST, SECOND):
        manifest = load(exported / f"{session}.manifest.json")
        written = json.dumps(manifest["listing"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        head, lines = hashlib.sha256(written.encode()), list[str]()
        for one in open_evidence(exported, session).entries():
            head = hashlib.sha256(head.digest() + one.raw)
            lines.append(f'{{"head":"{head.hexdigest()}","length":{len(one.raw)}}}\n')

        assert (exported / f"{session}.chain.jsonl").read_text() == "".join(lines)
        assert manifest["segments"][-1]["head"] == head.hexdigest()


def test_manifest_says_what_was_listed_how_and_by_what(exported: Path) -> None:
    """Session, host, version, count, ids, direction, requests, chain, SDK, document and times."""
    whole = load(exported / f"{FIRST}.manifest.json")

    (manifest,) = whole["segments"]
    manifest["listing"] = whole["listing"]
    times = [manifest["finished"], manifest["asked"], manifest["listing"].pop("started")]
    times += [manifest["runs"][0].pop("started"), *(page.pop("received") for page in manifest["pages"])]
    assert all(TIME.fullmatch(one) for one in times)
    assert manifest["listing"] == {
        "api_version": API_VERSION,
        "endpoint": ENDPOINT,
        "path_prefix": f"/face/v{API_VERSION}",
        "session_id": FIRST,
    }
    names = ("count", "first_id", "last_id", "direction", "outcome", "gaps", "joins", "previous", "quarantine")
    assert [manifest[name] for name in names] == [7, "7", "1", "descending", "complete", [], None, None, None]
    assert (whole["format"], manifest["final"], manifest["gone"]) == (2, False, False)
    request_ids = [page.pop("request_id") for page in manifest["pages"]]
    assert request_ids[0] == "r1"
    assert len(set(request_ids)) == 4
    assert manifest["pages"] == [{"attempts": 1, "entries": count} for count in (3, 3, 1, 0)]
    assert manifest["runs"] == [
        {
            "document_sha256": DOCUMENT_SHA256,
            "sdk": f"face-audit {sdk_version}",
            "tool": f"face-audit-tools {__version__}",
        }
    ]
    assert manifest["entries_bytes"] == (exported / f"{FIRST}.entries.jsonl").stat().st_size
    assert manifest["chain_bytes"] == (exported / f"{FIRST}.chain.jsonl").stat().st_size


def test_manifest_is_canonical_and_sealed(exported: Path) -> None:
    """Keys in order, no blanks; the seal is the SHA-256 of all the rest."""
    path = exported / f"{FIRST}.manifest.json"
    manifest = load(path)

    def written(value: Any) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert path.read_bytes() == written(manifest) + b"\n"
    seal = manifest.pop("seal")
    assert seal == hashlib.sha256(written(manifest)).hexdigest()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_jq_reads_the_entries(exported: Path) -> None:
    """Line ends between the tokens of an entry are nothing to a reader of JSON texts."""
    ran = subprocess.run(
        ["jq", ".id", exported / f"{SECOND}.entries.jsonl"], capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == ["5", "4", "3", "2", "1"]


def test_reader_says_where_entries_begin(exported: Path) -> None:
    """An entry with line ends takes several lines; the numbers go on by one."""
    found = [(one.number, one.line) for one in open_evidence(exported, SECOND).entries()]

    assert found == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 9)]
    assert "Entry(number=1, line=1)" in repr(next(open_evidence(exported, SECOND).entries()))


def test_reader_gives_the_entry_of_the_sdk(exported: Path) -> None:
    """Entries are read as models; a malformed one says what is wrong with it."""
    *good, malformed = open_evidence(exported, SECOND).entries()

    assert [one.read().id for one in good] == ["5", "4", "3", "2"]
    assert good[3].read().additional_properties == {"unknown": [1.5, 100.0]}
    with pytest.raises(DecodeError, match="statusCode"):
        malformed.read()


def test_folder_is_read_session_by_session(exported: Path) -> None:
    """In the order of their ids, with outcome and retries; other files are passed over."""
    (exported / "report.html").write_text("<p>", encoding="utf-8")

    found = list(read_folder(exported))

    assert [(one.session_id, one.outcome, one.retries, one.record.count) for one in found] == [
        (SECOND, "complete", 0, 5),
        (FIRST, "complete", 0, 7),
    ]


def test_retries_are_counted(shelf: Shelf, folder: Path) -> None:
    """Requests that had to be sent again are in the record of their page."""
    shelf.told.extend([httpx.ReadError("reset"), httpx.ReadError("reset")])

    with shelf.client() as client:
        export_session(client, FIRST, folder)

    evidence = open_evidence(folder, FIRST)
    assert evidence.retries == 2
    assert [page.attempts for page in evidence.record.pages] == [3, 1]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """Neither a folder nor a session is guessed at."""
    with pytest.raises(InputError, match="give the folder of an export"):
        list(read_folder(tmp_path / "none"))
    with pytest.raises(DamagedError, match=r"nobody\.manifest\.json: is missing"):
        open_evidence(tmp_path, "nobody")


@pytest.mark.parametrize(
    ("ids", "direction"),
    [
        ([3, 2, 1], "descending"),
        ([1, 2, 10], "ascending"),
        (["9" * 5000, "1"], "descending"),
        ([1], None),
        ([], None),
        (["b", "a"], None),
    ],
)
def test_direction_is_that_of_the_ids(folder: Path, ids: list[Any], direction: str | None) -> None:
    """Ids of digits are compared as numbers, however long; others show no direction."""
    with Shelf({FIRST: [entry(0, id=one) for one in ids]}).client() as client:
        outcome = export_session(client, FIRST, folder).outcome

    (segment,) = load(folder / f"{FIRST}.manifest.json")["segments"]
    assert (segment["direction"], segment["count"], segment["outcome"]) == (direction, len(ids), outcome)
    assert (outcome, segment["gaps"]) == (("partial", [["3", "9"]]) if 10 in ids else ("complete", []))
    assert len(list(open_evidence(folder, FIRST).entries())) == len(ids)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (b'{"id":1}', "1"),
        (b'{"n":' + b"1" * 5000 + b',"id":"a"}', "a"),
        (b'{"id":' + b"9" * 40 + b"}", "9" * 40),
        (b'{"id":true}', None),
        (b'{"id":null}', None),
        (b"{}", None),
        (b"[]", None),
        (b"{", None),
        (b"[" * 5000, None),
    ],
)
def test_id_of_an_entry_is_read_whatever_stands_beside_it(written: bytes, found: str | None) -> None:
    """What is not an entry has no id."""
    assert id_of(written) == found


def test_error_keeps_its_attributes_in_another_process() -> None:
    """Anyone who gets the error from a worker process has all of it."""
    error = pickle.loads(pickle.dumps(DamagedError(Path("a"), 3, "is odd", "fix it")))

    assert str(error) == "a, line 3: is odd; fix it"
    assert (error.file, error.line, error.what, error.remedy) == (Path("a"), 3, "is odd", "fix it")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé", max_size=4), inner, max_size=4),
    max_leaves=10,
)


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(VALUES)
def test_canonical_form_is_that_of_the_standard_library(value: Any) -> None:
    """What a third party needs to recompute a head or a seal is in every language."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert canonical(value) == written
    assert json.loads(canonical(value)) == value
