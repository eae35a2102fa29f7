"""Fuzzes the decoding of bodies and compares it with the standard library."""

from __future__ import annotations

import gzip
import zlib
from functools import lru_cache

from face_audit import BodyRefusedError, IncompleteBodyError
from face_audit._runtime.http.body import Body

from .draws import Draws, write
from .seeds import DRAWN, EXAMPLE

_PAYLOADS = (b"", b"[]", write(EXAMPLE), bytes(range(256)) * 300, b"\0" * 70_000)
# Larger than the size up to which any ratio is accepted.
_BOMB = b"\0" * 4_500_000
_ENCODINGS = ("gzip", "X-GZIP", " gzip ", "identity", "", "br", "gzip, gzip", "deflate")
# What zlib checks and `gzip.decompress` does not: reserved flags and the checksum of a header (RFC 1952, 2.3.1).
_STRICTER = ("unknown header flags set", "header crc mismatch")


def body(data: bytes) -> None:
    """A body decodes as with the standard library, in pieces of any size, or is refused."""
    draws = Draws(data[1:])
    encoding, largest_piece = "gzip", 0
    if data[:1] == DRAWN:
        encoding = draws.pick(_ENCODINGS) if not draws.often() else "gzip"
        content = draws.spoil(b"".join(_member(draws) for _ in range(draws.below(4))))
        largest_piece = max(draws.below(300), len(content) // 50)
    else:
        content = data[1:]
    try:
        decoded = _decode(content, encoding, largest_piece or len(content) or 1)
    except (BodyRefusedError, IncompleteBodyError) as error:
        _require_reason(error, content, encoding)
        return
    expected = content if encoding in {"identity", ""} else gzip.decompress(content)
    if decoded != expected:
        raise RuntimeError("a body was decoded differently")


def _decode(content: bytes, encoding: str, piece: int) -> bytes:
    collected = Body()
    collected.begin(200, {"content-encoding": encoding})
    for start in range(0, len(content), piece):
        collected.add(content[start : start + piece])
    collected.end()
    return collected.whole().content


def _member(draws: Draws) -> bytes:
    payload = draws.pick(_PAYLOADS) if draws.often() else draws.data(200)
    if draws.below(256) == 255:
        payload = _BOMB
    wrapping = 31 if draws.often() else draws.pick((15, -15, 25))
    return _pack(payload, draws.below(10), wrapping, zlib.Z_FINISH if draws.often() else zlib.Z_SYNC_FLUSH)


@lru_cache(maxsize=256)
def _pack(payload: bytes, level: int, wrapping: int, flush: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, wrapping)
    return packer.compress(payload) + packer.flush(flush)


def _require_reason(error: Exception, content: bytes, encoding: str) -> None:
    """Check that the standard library refuses the body too, unless this package refuses it on purpose."""
    if isinstance(error, BodyRefusedError) or any(reason in str(error) for reason in _STRICTER):
        return
    if encoding in {"identity", ""}:
        raise RuntimeError("a plain body was refused")
    if _is_gzip(content) and not _is_padded(content):
        raise RuntimeError(f"a good body was refused: {error}")


def _is_padded(content: bytes) -> bool:
    """Whether zeros follow a member: the library takes them for padding, this package for damage."""
    while content and content[0]:
        member = zlib.decompressobj(31)
        member.decompress(content)
        content = member.unused_data
    return bool(content)


def _is_gzip(content: bytes) -> bool:
    try:
        gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return False
    return True
