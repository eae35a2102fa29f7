"""The body of an answer alone, without a connection: its head, its bounds and its end."""

from __future__ import annotations

import zlib

import pytest
from face_audit import BodyRefusedError, IncompleteBodyError
from face_audit._runtime.http.body import LARGEST, Body

MEBIBYTE = 1024 * 1024


def begun(**headers: str) -> Body:
    """A body whose head has arrived; names of headers are written with `_` for `-`."""
    made = Body()
    made.begin(200, {name.replace("_", "-"): value for name, value in headers.items()})
    return made


def pack(size: int) -> bytes:
    """A gzip member of this many blanks; it grows about a thousand times when decoded."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(b" " * size) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZip", " \tgzip "])
def test_gzip_is_known_however_it_is_written(encoding: str) -> None:
    """Both names of it, in any case, with blanks around them (RFC 9110, 8.4.1)."""
    made = begun(content_encoding=encoding)
    made.add(pack(3))
    made.end()

    assert made.whole().content == b"   "


@pytest.mark.parametrize("headers", [{}, {"content_encoding": ""}, {"content_encoding": " Identity "}])
def test_body_without_an_encoding_is_taken_as_it_is(headers: dict[str, str]) -> None:
    """No encoding, or the one that changes nothing."""
    made = begun(**headers)
    made.add(b"[1, ")
    made.add(b"2]")
    made.end()

    assert made.whole().content == b"[1, 2]"
    assert made.whole().status == 200


def test_unknown_encoding_is_shown_in_part_and_escaped() -> None:
    """What the service calls it may be anything: 40 characters of it are shown."""
    with pytest.raises(BodyRefusedError) as caught:
        begun(content_encoding="br\n" + "x" * 5000)

    assert f"encoding 'br\\n{'x' * 35}, which" in str(caught.value)


def test_progress_tells_what_arrived_and_what_was_announced() -> None:
    """For the error of a body that breaks off, in bytes as they were sent."""
    announced, unknown = begun(content_length="9"), begun()
    before = announced.progress
    announced.add(b"[1, ")
    announced.add(b"2")

    assert (before, announced.progress, unknown.progress) == ("0 of 9 bytes", "5 of 9 bytes", "0 of unknown bytes")


def test_body_has_begun_with_its_head() -> None:
    """Before it, nothing of an answer is there, and an error of that time says so."""
    assert not Body().begun
    assert Body().progress == "0 of unknown bytes"
    assert begun().begun


def test_broken_body_keeps_its_head_and_none_of_its_bytes() -> None:
    """Of a body that broke off no part is handed on."""
    made, fault = begun(x_one="a"), IncompleteBodyError("it broke off")
    made.add(b"[1, ")

    broken = made.broken(fault)

    assert (broken.status, broken.headers, broken.content, broken.fault) == (200, {"x-one": "a"}, b"", fault)


def test_plain_body_holds_16_mebibytes() -> None:
    """Up to there it is taken, and not a byte more."""
    made = begun()
    made.add(bytes(LARGEST))
    made.end()

    assert LARGEST == 16 * MEBIBYTE
    with pytest.raises(BodyRefusedError, match="more than 16777216 bytes"):
        made.add(b"x")


def test_gzip_body_holds_16_mebibytes() -> None:
    """What counts is what it decodes to."""
    made = begun(content_encoding="gzip")

    made.add(pack(LARGEST))
    with pytest.raises(BodyRefusedError, match="more than 16777216 bytes"):
        made.add(pack(1))


@pytest.mark.parametrize(("size", "accepted"), [(4 * MEBIBYTE, True), (4 * MEBIBYTE + 1, False)])
def test_ratio_is_free_up_to_4_mebibytes(size: int, accepted: bool) -> None:
    """Pages whose entries are all alike shrink far; beyond what a page holds, what grows this much was made to."""
    made = begun(content_encoding="gzip")
    made.add(pack(size))

    if accepted:
        made.end()
    else:
        with pytest.raises(BodyRefusedError, match="more than 200 times"):
            made.end()


@pytest.mark.parametrize(("spare", "accepted"), [(0, True), (1, False)])
def test_ratio_of_200_is_accepted(spare: int, accepted: bool) -> None:
    """Above that size a body may be 200 times what arrived, and no byte more."""
    arrived, size = 40_000, 8_000_000 + spare
    zipped = pack(size)
    name = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + b"n" * (arrived - len(zipped) - 1) + b"\x00"
    made = begun(content_encoding="gzip")
    made.add(name + zipped[10:])

    assert made.progress.startswith(f"{arrived} of")
    if accepted:
        made.end()
    else:
        with pytest.raises(BodyRefusedError, match="more than 200 times"):
            made.end()


@pytest.mark.parametrize(("count", "accepted"), [(10_000, True), (10_001, False)])
def test_gzip_holds_10_000_members(count: int, accepted: bool) -> None:
    """Each member costs time, even where it holds nothing."""
    made = begun(content_encoding="gzip")

    if accepted:
        made.add(pack(0) * count)
        made.end()
    else:
        with pytest.raises(BodyRefusedError, match="more than 10000 gzip members"):
            made.add(pack(0) * count)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_000])
def test_gzip_of_any_size_is_decoded_whole(size: int) -> None:
    """Whatever falls on the bounds of the steps in which it is decoded."""
    made = begun(content_encoding="gzip")
    made.add(pack(size) + pack(1))
    made.end()

    assert made.whole().content == b" " * (size + 1)


@pytest.mark.parametrize("cut", [1, 4, 8, 9])
def test_gzip_that_breaks_off_is_incomplete(cut: int) -> None:
    """Content, checksum or length may be missing; where nothing at all arrived there is nothing to be missed."""
    made, empty = begun(content_encoding="gzip"), begun(content_encoding="gzip")
    made.add(pack(1000)[:-cut])

    empty.end()
    with pytest.raises(IncompleteBodyError, match="breaks off after"):
        made.end()


def test_damaged_gzip_is_incomplete() -> None:
    """A wrong checksum is found where it is."""
    zipped = bytearray(pack(1000))
    zipped[-5] ^= 1

    with pytest.raises(IncompleteBodyError, match="damaged"):
        begun(content_encoding="gzip").add(bytes(zipped))


@pytest.mark.parametrize("other", [zlib.compress(b"[]"), zlib.compress(b"[]")[2:-4], b"[]"])
def test_other_data_is_no_gzip(other: bytes) -> None:
    """What is said to be gzip begins as gzip does (RFC 1952, 2.3): nothing is guessed."""
    with pytest.raises(IncompleteBodyError, match="damaged"):
        begun(content_encoding="gzip").add(other)
