"""The names of files: no two sessions share one, on any system, and those of version 0.1 are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from face_audit_tools import export_session, open_evidence, verify
from face_audit_tools.folder import Files, session_ids
from hypothesis import given, settings
from hypothesis import strategies as st

from .shelf import FIRST, Shelf, answer, entries

ALIKE = ("abc", "Abc", "aBC", "NUL", "nul", "com1")
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,7}", fullmatch=True) | st.sampled_from(ALIKE)


@pytest.fixture
def shelf() -> Shelf:
    """Sessions whose ids differ in case alone, or are devices of Windows."""
    return Shelf({name: entries(4) for name in ALIKE})


def export(shelf: Shelf, folder: Path, *, top: int = 1000) -> None:
    """Export them all."""
    with shelf.client() as client:
        for name in shelf.sessions:
            export_session(client, name, folder, top=top, confirmed=False)


@settings(derandomize=True, deadline=None, database=None, max_examples=500)
@given(IDS, IDS)
def test_no_two_sessions_share_a_file(first: str, second: str) -> None:
    """Not where case does not count either; and no name is that of a device."""
    names = [Files(Path("nowhere"), one).entries.name.casefold() for one in (first, second)]

    assert (names[0] == names[1]) == (first == second)
    assert not {name.partition(".")[0] for name in names} & {"nul", "con", "com1"}


def test_ids_of_the_service_are_names_as_they_are(shelf: Shelf, folder: Path) -> None:
    """Only upper case and devices need a mark."""
    export(shelf, folder)

    names = sorted(path.name for path in folder.glob("*.manifest.json"))
    assert Files(folder, FIRST).manifest.name == f"{FIRST}.manifest.json"
    assert [name.removesuffix(".manifest.json") for name in names] == [
        *("Abc+1", "NUL+7", "aBC+6", "abc", "com1+0", "nul+0")
    ]


def test_sessions_that_differ_in_case_are_exported_and_verified(shelf: Shelf, folder: Path) -> None:
    """Each by its id."""
    export(shelf, folder)

    assert session_ids(folder) == sorted(ALIKE)
    assert verify(folder).passed
    assert verify(folder, manifest_store=folder).passed
    assert [len(list(open_evidence(folder, name).entries())) for name in ALIKE] == [4] * len(ALIKE)


@pytest.mark.parametrize("after", [None, "3"])
def test_names_of_version_0_1_are_found(shelf: Shelf, folder: Path, after: str | None) -> None:
    """Complete sessions are verified; unfinished ones go on under their old names."""
    del shelf.sessions["abc"], shelf.sessions["aBC"], shelf.sessions["nul"]  # of which there was one at most
    if after:
        shelf.instead[after] = answer(400)
    export(shelf, folder, top=2)
    for path in list(folder.iterdir()):
        stem, point, rest = path.name.partition(".")
        path.rename(path.with_name(stem.partition("+")[0] + point + rest))

    shelf.instead.clear()
    export(shelf, folder, top=2)

    assert verify(folder).passed
    assert session_ids(folder) == ["Abc", "NUL", "com1"]
    assert not [path for path in folder.iterdir() if "+" in path.name]


def test_store_of_manifests_is_compared_by_session(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    """A copy that version 0.1 has named is that of the session, whatever its file is called now."""
    export(shelf, folder)
    store = tmp_path / "store"
    store.mkdir()
    for path in folder.glob("[AaN]*.manifest.json"):
        (store / path.name.replace("+7", "")).write_bytes(path.read_bytes())

    problems = verify(folder, manifest_store=store).problems

    assert [(one.file.name, one.what) for one in problems] == [
        (f"{name}.manifest.json", f"has no copy in {store}") for name in ("com1+0", "nul+0")
    ]


def test_name_that_is_marked_wrongly_is_no_session(shelf: Shelf, folder: Path) -> None:
    """What is beside an export is passed over."""
    export(shelf, folder)
    (folder / "Abc+9.manifest.json").write_bytes(b"")

    assert verify(folder).sessions == len(ALIKE)


def test_file_of_another_session_is_not_taken_for_an_old_name(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where case does not count, the system finds `abc` under the name of `Abc`."""
    export(shelf, folder)

    def exists(path: Path) -> bool:
        return path.name.casefold() in {one.name.casefold() for one in folder.iterdir()}

    monkeypatch.setattr(os.path, "lexists", exists)

    assert Files(folder, "aBc").entries.name == "aBc+2.entries.jsonl"
    assert Files(folder, "Abc").entries.name == "Abc+1.entries.jsonl"
