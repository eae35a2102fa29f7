"""Digests that the service reported beside those that devices recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from face_audit_tools import (
    Compared,
    DamagedError,
    Expected,
    InputError,
    compare_digests,
    export_session,
    read_expected,
)

from .shelf import FIRST, MALFORMED, SECOND, Shelf, entries, entry


def digest(number: int) -> str:
    """That of an entry of the shelf."""
    return f"{number:064X}"


def request_id(number: int) -> str:
    """The same."""
    return f"{number:08}-0000-0000-0000-000000000000"


@pytest.fixture
def kept(folder: Path) -> Path:
    """Three entries of one session, and one of another."""
    with Shelf({FIRST: entries(3), SECOND: entries(1)}).client() as client:
        for session in (FIRST, SECOND):
            export_session(client, session, folder)
    return folder


def expected(*rows: tuple[str, int], **changes: Any) -> list[Expected]:
    """What devices recorded, by entry id."""
    return [
        Expected(**({"session_id": session, "entry_id": str(number), "digest": digest(number)} | changes))
        for session, number in rows
    ]


ALL = [(FIRST, 1), (FIRST, 2), (FIRST, 3), (SECOND, 1)]


def test_all_digests_match_in_upper_and_lower_case(kept: Path) -> None:
    """Every entry has its digest, and every digest its entry."""
    found = compare_digests(
        kept,
        expected(*ALL[:2])
        + [
            Expected(session_id=session.upper(), entry_id=str(number), digest=digest(number).lower())
            for session, number in ALL[2:]
        ],
    )

    assert (found.matched, found.complete) == (4, True)


def test_entries_are_found_by_their_request_id(kept: Path) -> None:
    """Without regard to case; a digest may be recorded under both ids, and then both have to match."""
    by_request = [
        Expected(session_id=FIRST, request_id=request_id(number).upper(), digest=digest(number)) for number in (1, 2)
    ]
    both = [*by_request, *expected(*ALL[1:])]

    assert compare_digests(kept, both).complete

    found = compare_digests(kept, [*both, *expected((FIRST, 1), digest=digest(9))])
    (mismatch,) = found.mismatched
    assert (mismatch.entry_id, mismatch.recorded) == ("1", digest(9))


def test_mismatch_and_what_is_missing_on_either_side_are_listed(kept: Path) -> None:
    """Each with what is known of it."""
    found = compare_digests(
        kept,
        [*expected((FIRST, 1)), *expected((FIRST, 2), digest=digest(7)), *expected((FIRST, 8), ("other", 1))],
    )

    assert (found.matched, found.complete) == (1, False)
    assert found.mismatched == (
        Compared(session_id=FIRST, entry_id="2", request_id=request_id(2), reported=digest(2), recorded=digest(7)),
    )
    assert [(one.session_id, one.entry_id) for one in found.not_recorded] == [(SECOND, "1"), (FIRST, "3")]
    assert [(one.session_id, one.entry_id, one.recorded) for one in found.not_exported] == [
        (FIRST, "8", digest(8)),
        ("other", "1", digest(1)),
    ]


def test_entry_without_a_digest_matches_nothing(folder: Path) -> None:
    """Neither a missing digest nor a malformed entry equals an empty one."""
    with Shelf({FIRST: [entry(3, digest=None), entry(2, digest=""), MALFORMED]}).client() as client:
        export_session(client, FIRST, folder)

    found = compare_digests(folder, expected((FIRST, 3), (FIRST, 2), (FIRST, 1), digest=""))

    assert [(one.entry_id, one.reported) for one in found.mismatched] == [("3", None), ("2", ""), ("1", None)]


def test_two_digests_of_one_entry_are_refused(kept: Path) -> None:
    """The same one twice is nothing to complain of."""
    assert compare_digests(kept, expected(*ALL, ALL[0])).complete
    with pytest.raises(InputError, match=f"there are two for {FIRST} entry_id 1"):
        compare_digests(kept, [*expected(*ALL), *expected(ALL[0], digest=digest(5))])


def test_what_was_changed_is_not_compared(kept: Path) -> None:
    """Digests are read from evidence, or not at all."""
    path = kept / f"{FIRST}.entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"000001", b"000002"))

    with pytest.raises(DamagedError, match=r"entries\.jsonl, line 3"):
        compare_digests(kept, expected(*ALL))


def test_file_of_digests_is_read_by_its_columns(tmp_path: Path) -> None:
    """In any order, with others between, with a byte order mark, blanks and empty lines."""
    path = tmp_path / "digests.csv"
    path.write_text(
        '\ufeffdigest,device,entry_id,session_id,request_id\nAA,x, 1 ,s,\nBB,y,,s,r\n\n"CC",z,3,s,r\n', encoding="utf-8"
    )

    assert read_expected(path) == [
        Expected(session_id="s", digest="AA", entry_id="1"),
        Expected(session_id="s", digest="BB", request_id="r"),
        Expected(session_id="s", digest="CC", entry_id="3", request_id="r"),
    ]


def test_columns_are_named_in_any_case_and_parted_by_semicolons_too(tmp_path: Path) -> None:
    """As spreadsheets of other countries write them."""
    path = tmp_path / "digests.csv"
    path.write_text("Session_ID ; Digest;ENTRY_ID;note\r\ns;AA;1;a,b\r\n", encoding="utf-8")

    assert read_expected(path) == [Expected(session_id="s", digest="AA", entry_id="1")]


@pytest.mark.parametrize(
    "changes", [{"entry_id": 33}, {"request_id": 1}, {"session_id": None}, {"digest": None}, {"entry_id": ""}, {}]
)
def test_expected_digest_that_can_match_nothing_is_refused(changes: dict[str, Any]) -> None:
    """A number is not an id, and without any id there is no entry: it would be told as not exported."""
    with pytest.raises(InputError, match="is not text; give it as text|has neither entry_id nor request_id"):
        Expected(**({"session_id": FIRST, "digest": digest(1)} | changes))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: must name the columns"),
        (b"session_id,digest\ns,AA\n", "line 1: must name the columns"),
        (b"digest,entry_id\nAA,1\n", "line 1: must name the columns"),
        (b"session_id,entry_id,digest\ns,1,AA\n,1,AA\n", "line 3: has no session_id"),
        (b"session_id,entry_id,digest\ns,,AA\n", "line 2: has no session_id, or neither"),
        (b"session_id,entry_id,digest\ns\n", "line 2: has no session_id, or neither"),
        (b"session_id,entry_id,digest\ns,\xff,AA\n", "line 2: is not UTF-8"),
        (b'session_id,entry_id,digest\ns,1,AA\ns,"' + b"1" * 200_000 + b'",AA\n', "line 3: is not CSV"),
    ],
)
def test_file_that_is_none_of_digests_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """The error names the line and what to write there."""
    path = tmp_path / "digests.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_expected(path)


def test_file_of_digests_that_is_missing_is_named(tmp_path: Path) -> None:
    """The error says what to give."""
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_expected(tmp_path / "none.csv")
