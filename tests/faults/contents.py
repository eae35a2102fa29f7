"""Faults of what an answer holds, and of how it is encoded."""

from __future__ import annotations

import gzip
import random
import zlib
from functools import cache

from .fault import Fault, contradicting, final, harmless, passing
from .script import MIDDLE, OTHER_SESSION, Flood, Scene, Script, Step, head, page, reply

DECODE = "DecodeError"
REFUSED = "BodyRefusedError"
CUT = "IncompleteBodyError"
JSON = "Content-Type: application/json"
MEBIBYTE = 1 << 20


def _body(content: bytes, kind: str = "application/json") -> Script:
    return lambda scene: [reply(content, kind=kind)]


def _changed(old: bytes, new: bytes) -> Script:
    return lambda scene: [reply(scene.page.replace(old, new))]


def _foreign(scene: Scene) -> list[Step]:
    return [reply(page([6, 5], OTHER_SESSION))]


def _twice(scene: Scene) -> list[Step]:
    return [reply(page([2, 2]))]


CONTENTS: tuple[Fault, ...] = (
    final("HTML", "contents", _body(b"<html>Sign in</html>", "text/html"), DECODE, "<html>Sign in"),
    final("HTML called JSON", "contents", _body(b"<html>Sign in</html>"), DECODE, "<html>Sign in"),
    final("JSON called text", "contents", lambda scene: [reply(scene.page, kind="text/plain")], DECODE, "text/plain"),
    final("nothing", "contents", _body(b""), DECODE, "not JSON"),
    final("null", "contents", _body(b"null"), DECODE, "got null"),
    final("an object", "contents", _body(b'{"value": []}'), DECODE, "got object"),
    final("a string", "contents", _body(b'"[]"'), DECODE, "got string"),
    final("an array of null", "contents", _body(b"[null]"), DECODE, "null"),
    final("an entry without id", "contents", _changed(b'"id": ', b'"no": '), DECODE, "id"),
    final("JSON cut at a fitting length", "contents", lambda scene: [reply(scene.page[:-9])], DECODE, "not JSON"),
    final("two JSON texts", "contents", lambda scene: [reply(scene.page * 2)], DECODE, "not JSON"),
    final("NaN", "contents", _changed(b"2037", b"NaN"), DECODE, "NaN"),
    final("a number too large", "contents", _changed(b"2037", b"1e999"), DECODE, "1e999"),
    final("bytes that are not UTF-8", "contents", _changed(b"3f08", b"\xff"), DECODE, "UTF-8"),
    final("UTF-16", "contents", lambda scene: [reply(scene.page.decode().encode("utf-16"))], DECODE, "UTF-8"),
    final("100,000 levels", "contents", _body(b"[" * 100_000), DECODE),
    final("a length below the body's", "contents", lambda scene: [reply(scene.page[:9]) + scene.page[9:]], DECODE),
    contradicting("entries of another session", _foreign, OTHER_SESSION),
    contradicting("an entry twice", _twice, "came twice"),
    contradicting("entries out of order", lambda scene: [reply(page([2, 4, 3]))], "order"),
    contradicting("more entries than asked for", lambda scene: [reply(page([4, 3, 2, 1]))], "at most"),
    contradicting("the first page again", lambda scene: [reply(page([7, 6, 5]))], "twice|order", pages=("middle",)),
    contradicting(
        "the cursor's own entry again",
        lambda scene: [reply(page([int(MIDDLE), 4, 3]))],
        "twice",
        pages=("middle",),
    ),
)


def _zipped(scene: Scene) -> bytes:
    return gzip.compress(scene.page, mtime=0)


def _coded(content: bytes, encoding: str = "gzip") -> list[Step]:
    return [reply(content, 200, f"Content-Encoding: {encoding}")]


def _members(scene: Scene) -> list[Step]:
    half = len(scene.page) // 2
    return _coded(gzip.compress(scene.page[:half]) + gzip.compress(b"") + gzip.compress(scene.page[half:]))


def _with_tail(scene: Scene, place: int) -> list[Step]:
    """The body, with one of the eight bytes of its tail (checksum, length) wrong."""
    content = bytearray(_zipped(scene))
    content[place] ^= 0x55
    return _coded(bytes(content))


def _bomb(size: int) -> Script:
    return lambda scene: _coded(_spaces(size))


@cache
def _spaces(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(b" " * MEBIBYTE) for _ in range(size // MEBIBYTE)), packer.flush()])


@cache
def _dense() -> bytes:
    """More than 16 MiB, at a ratio of about 1 to 50."""
    block = random.Random(1).randbytes(1024) + b" " * 65536
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*(packer.compress(block) for _ in range(17 * MEBIBYTE // len(block))), packer.flush()])


def _flood(line: str, block: bytes, end: bytes = b"") -> Script:
    return lambda scene: [head(200, JSON, line), Flood(block, 96), end]


GZIP: tuple[Fault, ...] = (
    harmless("gzip", "encodings", lambda scene: _coded(_zipped(scene))),
    harmless("x-gzip", "encodings", lambda scene: _coded(_zipped(scene), "x-gzip")),
    harmless("gzip in three members, one empty", "encodings", _members),
    harmless("identity", "encodings", lambda scene: _coded(scene.page, "identity")),
    harmless("an encoding without a name", "encodings", lambda scene: _coded(scene.page, "")),
    passing("gzip cut", "encodings", lambda scene: _coded(_zipped(scene)[:-20]), CUT),
    passing("gzip without its checksum", "encodings", lambda scene: _coded(_zipped(scene)[:-8]), CUT),
    passing("gzip with a wrong checksum", "encodings", lambda scene: _with_tail(scene, -8), CUT),
    passing("gzip with a wrong length", "encodings", lambda scene: _with_tail(scene, -1), CUT),
    passing("gzip with other bytes after it", "encodings", lambda scene: _coded(_zipped(scene) + b"junk"), CUT),
    passing("a second gzip member cut", "encodings", lambda scene: _coded(_zipped(scene) + _zipped(scene)[:9]), CUT),
    passing("JSON called gzip", "encodings", lambda scene: _coded(scene.page), CUT),
    final("gzip of no bytes", "encodings", lambda scene: _coded(b""), DECODE, "not JSON"),
    final("gzip in gzip, called gzip", "encodings", lambda scene: _coded(gzip.compress(_zipped(scene))), DECODE),
    *(
        final(f"encoding {encoding!r}", "encodings", lambda scene, encoding=encoding: _coded(b"x", encoding), REFUSED)
        for encoding in ("br", "deflate", "zstd", "compress", "gzip, gzip", "gzip, br", "unheard-of")
    ),
    final("a gzip bomb of 200 MiB", "encodings", _bomb(200 * MEBIBYTE), REFUSED),
    final("a gzip bomb of 8 MiB", "encodings", _bomb(8 * MEBIBYTE), REFUSED),
    final("17 MiB in gzip at a low ratio", "encodings", lambda scene: _coded(_dense()), REFUSED),
    final("a body of 96 MiB", "encodings", _flood(f"Content-Length: {96 * MEBIBYTE}", b" " * MEBIBYTE), REFUSED),
    final(
        "a chunked body of 96 MiB",
        "encodings",
        _flood("Transfer-Encoding: chunked", b"100000\r\n" + b" " * MEBIBYTE + b"\r\n", b"0\r\n\r\n"),
        REFUSED,
    ),
)
