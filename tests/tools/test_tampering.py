"""Every change of an export is found, and its file and line are named."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from face_audit_tools import DamagedError, InputError, export_session, open_evidence, read_summary, verify
from face_audit_tools.record import Manifest
from face_audit_tools.result import write_summary
from face_audit_tools.sealed import seal, write_sealed

from .shelf import FIRST, MALFORMED, PRETTY, SECOND, Shelf, entries
from .tampering import KINDS, tamper


def test_untouched_export_passes(exported: Path) -> None:
    """Nothing is found where nothing was changed."""
    seen = list[str]()

    found = verify(exported, on_session=seen.append)

    assert (found.passed, found.problems, found.unfinished, found.expired) == (True, (), (), ())
    assert (found.sessions, found.entries, seen) == (2, 12, [SECOND, FIRST])


def test_every_flipped_bit_of_a_byte_is_found(shelf: Shelf, folder: Path) -> None:
    """Each byte of each file of the export, one bit each, taken in turn."""
    with shelf.client() as client:
        shelf.sessions[FIRST] = [PRETTY, MALFORMED]
        export_session(client, FIRST, folder)
    assert verify(folder).passed
    for path in sorted(folder.glob("*.json*")):
        content = path.read_bytes()
        for at in range(len(content)):
            changed = bytearray(content)
            changed[at] ^= 1 << at % 8
            path.write_bytes(changed)
            assert not verify(folder).passed, (path.name, at)
        path.write_bytes(content)
    assert verify(folder).passed


@pytest.mark.uncovered
@pytest.mark.parametrize("kind", KINDS)
def test_random_tampering_is_found(exported: Path, kind: str) -> None:
    """Bytes and lines changed, dropped, swapped, added, doubled and cut at random places of random files."""
    chance = random.Random(kind)
    for _ in range(60):
        with tamper(exported, kind, chance) as paths:
            found = verify(exported)
            assert not found.passed, paths
            assert paths & {problem.file for problem in found.problems}, paths
    assert verify(exported).passed


def change_line(path: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change one line of a file."""
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("line", [1, 4, 7])
@pytest.mark.parametrize(
    "change", [lambda one: one.replace(b"realface", b"spoofface"), lambda _: b"", lambda one: 2 * one]
)
def test_changed_entry_is_named(exported: Path, line: int, change: Callable[[bytes], bytes]) -> None:
    """A change, a deletion and a doubling are found in their line of the file of entries."""
    path = exported / f"{FIRST}.entries.jsonl"
    change_line(path, line, change)

    (problem,) = verify(exported).problems

    assert problem.file == path
    # The line after it is doubled; after the last one there may be nothing.
    assert problem.line == line + (change(b"x") == b"xx")


@pytest.mark.parametrize("line", [1, 4, 7])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda one: one.replace(b'"head":"', b'"head":"0')[:-2] + b"\n",
        lambda one: b'{"head":"' + b"0" * 64 + one[73:],
        lambda one: one.replace(b"}", b"0}"),
        lambda one: one.replace(b":", b": ", 1),
    ],
)
def test_changed_link_is_named(exported: Path, line: int, change: Callable[[bytes], bytes]) -> None:
    """In the file of the chain, too, where the entries are as they were."""
    path = exported / f"{FIRST}.chain.jsonl"
    change_line(path, line, change)

    (problem,) = verify(exported).problems

    assert (problem.file, problem.line) == (path, line)


def test_length_that_was_changed_asks_for_no_memory(exported: Path) -> None:
    """The largest that a line can hold is more than any machine has."""
    path = exported / f"{FIRST}.chain.jsonl"
    change_line(path, 2, lambda one: one.partition(b'"length":')[0] + b'"length":9999999999}\n')

    (problem,) = verify(exported).problems

    assert (problem.file, problem.line) == (path, 2)


def test_swapped_entries_and_links_are_named(exported: Path) -> None:
    """Swapped in both files alike: each head depends on all entries before it."""
    for name in ("entries", "chain"):
        path = exported / f"{FIRST}.{name}.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        lines[2], lines[4] = lines[4], lines[2]
        path.write_bytes(b"".join(lines))

    (problem,) = verify(exported).problems

    assert (problem.file, problem.line) == (exported / f"{FIRST}.entries.jsonl", 3)


def test_entry_of_several_lines_is_named_by_its_first(exported: Path) -> None:
    """An entry with line ends between its tokens is named by the line where it begins; what follows, by its own."""
    path = exported / f"{SECOND}.entries.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1.50", b"1.51"))
    (inside,) = verify(exported).problems
    path.write_bytes(content.replace(b'"none"', b'"some"'))
    (beyond,) = verify(exported).problems

    assert (inside.line, beyond.line) == (4, 9)


@pytest.mark.parametrize("name", ["entries.jsonl", "chain.jsonl", "manifest.json"])
def test_missing_file_is_named(exported: Path, name: str) -> None:
    """A session of which a file is missing does not pass."""
    (exported / f"{FIRST}.{name}").unlink()

    found = verify(exported)

    assert [problem.file.name for problem in found.problems] == [f"{FIRST}.{name}"]


def test_missing_session_is_named_by_the_summary(exported: Path) -> None:
    """A session that was deleted with all its files is in the summary."""
    for path in exported.glob(f"{FIRST}.*"):
        path.unlink()

    (problem,) = verify(exported).problems

    assert problem.file.name == f"{FIRST}.manifest.json"
    assert "summary.json says that the session is complete" in problem.what


def test_session_that_was_put_there_is_named(exported: Path) -> None:
    """Files without a manifest, and a session's files under another name, are not evidence."""
    (exported / "other.entries.jsonl").write_bytes(b"{}\n")
    for path in exported.glob(f"{FIRST}.*"):
        shutil.copy(path, exported / path.name.replace(FIRST, "renamed"))

    found = verify(exported)

    assert [(problem.file.name, problem.what[:24]) for problem in found.problems] == [
        ("other.manifest.json", "is missing, and there is"),
        ("renamed.manifest.json", "is that of the session '"),
    ]


def forge(path: Path, **changes: Any) -> None:
    """Change the last segment of a manifest and seal it again, as somebody would who knows how."""
    manifest = json.loads(path.read_bytes())
    manifest["segments"][-1] |= changes
    write_sealed(path, seal(msgspec.convert(manifest, Manifest)))


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 6},
        {"first_id": "8"},
        {"last_id": "2"},
        {"direction": None},
        {"direction": "ascending"},
        {"head": "0" * 64},
        {"entries_bytes": 1},
        {"chain_bytes": 1},
        {"pages": []},
        {"outcome": "expired"},
        {"outcome": "partial"},
        {"outcome": "partial", "gaps": [["3", "4"]]},
        {"finished": None},
    ],
)
def test_manifest_that_was_sealed_again_does_not_fit(exported: Path, changes: dict[str, Any]) -> None:
    """What it says of the entries is compared with these, and with the summary."""
    path = exported / f"{FIRST}.manifest.json"
    forge(path, **changes)

    assert path in {problem.file for problem in verify(exported).problems}


@pytest.mark.parametrize(
    "changes", [{"head": "0" * 64}, {"entries_bytes": 1}, {"gaps": [["3", "4"]], "outcome": "partial"}]
)
def test_record_that_was_sealed_again_does_not_fit_its_entries(exported: Path, changes: dict[str, Any]) -> None:
    """Also without the summary."""
    forge(exported / f"{FIRST}.manifest.json", **changes)

    with pytest.raises(DamagedError, match="is not the record of the entries"):
        list(open_evidence(exported, FIRST).entries())


@pytest.mark.parametrize("part", ["entries", "chain"])
def test_line_that_was_added_is_named(exported: Path, part: str) -> None:
    """After the last one."""
    path = exported / f"{FIRST}.{part}.jsonl"
    with path.open("ab") as file:
        file.write(b"{}\n")

    (problem,) = verify(exported).problems

    assert (problem.file, problem.line, problem.what) == (path, 8, "was added")


def test_manifest_store_shows_what_was_rewritten_throughout(exported: Path, tmp_path: Path) -> None:
    """Anyone who rewrites a session with its manifest and summary goes unnoticed without the store, and not with it."""
    store = tmp_path / "store"
    store.mkdir()
    for path in exported.glob("*.manifest.json"):
        shutil.copy(path, store)
    assert verify(exported, manifest_store=store).passed
    before, other = read_summary(exported), tmp_path / "other"
    with Shelf({FIRST: entries(6)}).client() as client:
        result = export_session(client, FIRST, other)
    for path in other.glob(f"{FIRST}.*"):
        path.replace(exported / path.name)
    write_summary(exported, before, [result])

    assert verify(exported).passed
    (problem,) = verify(exported, manifest_store=store).problems
    assert (problem.file.name, problem.what) == (
        f"{FIRST}.manifest.json",
        f"differs from its copy in {store}, and does not continue it",
    )


def test_manifest_store_and_folder_hold_the_same_sessions(exported: Path, tmp_path: Path) -> None:
    """A manifest that is missing on either side is named."""
    store = tmp_path / "store"
    store.mkdir()
    shutil.copy(exported / f"{FIRST}.manifest.json", store / "gone.manifest.json")
    shutil.copy(exported / f"{FIRST}.manifest.json", store)

    found = verify(exported, manifest_store=store)

    assert [(problem.file.name, problem.what) for problem in found.problems] == [
        (f"{SECOND}.manifest.json", f"has no copy in {store}"),
        ("gone.manifest.json", f"is missing; a copy is in {store}"),
    ]


def test_what_is_no_export_is_refused(exported: Path, tmp_path: Path) -> None:
    """An empty folder or store must not look like one in which all is well."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match="holds no export"):
        verify(tmp_path / "empty")
    with pytest.raises(InputError, match="holds no manifest"):
        verify(exported, manifest_store=tmp_path / "empty")
    with pytest.raises(InputError, match="cannot be read"):
        verify(tmp_path / "none")


@pytest.mark.parametrize("content", [b"", b"[" * 5000, b"{}", b"\xff", b'{"format":2}', b"null"])
def test_manifest_that_is_none_is_named(exported: Path, content: bytes) -> None:
    """Whatever is there instead of a manifest is an error of the export, and of nothing else."""
    path = exported / f"{FIRST}.manifest.json"
    path.write_bytes(content)

    (problem,) = verify(exported).problems
    path.unlink()
    path.mkdir()
    (folder,) = verify(exported).problems

    assert problem.file == folder.file == path
    assert "is not what was written" in problem.what
    assert "is not a regular file" in folder.what


def test_reading_stops_before_the_entry_that_was_changed(exported: Path) -> None:
    """Nothing that was changed is ever handed over."""
    change_line(exported / f"{FIRST}.entries.jsonl", 3, lambda one: one.replace(b"realface", b"spoofface"))
    found = list[bytes]()

    with pytest.raises(DamagedError, match="line 3: is not what was written"):
        found.extend(one.raw for one in open_evidence(exported, FIRST).entries())

    assert found == entries(7)[:2]
