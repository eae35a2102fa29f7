"""Faults of connections, framing and time, and of kept connections."""

from __future__ import annotations

from .fault import Fault, elsewhere, harmless, late, passing
from .script import OTHER_SESSION, SILENCE, Drip, End, Pause, Scene, Script, Step, head, page, reply

LOST = "ConnectionLostError"
CUT = "IncompleteBodyError"
JSON = "Content-Type: application/json"


def _raw(*steps: Step) -> Script:
    return lambda scene: steps


def _page_behind(content: bytes) -> Script:
    return lambda scene: [content, scene.page, End.CLOSED]


def _length(scene: Scene) -> bytes:
    return head(200, JSON, f"Content-Length: {len(scene.page)}")


def _chunked(*parts: bytes, end: Step = End.CLOSED) -> Script:
    return lambda scene: [head(200, JSON, "Transfer-Encoding: chunked"), *parts, end]


def _chunks(scene: Scene) -> list[Step]:
    half = len(scene.page) // 2
    parts = b"".join(b"%X;name=value\r\n%b\r\n" % (len(part), part) for part in (scene.page[:half], scene.page[half:]))
    return [head(200, JSON, "Transfer-Encoding: chunked"), parts + b"0\r\nTrailer: 1\r\n\r\n"]


def _followed(unasked: bytes, *, idle: bool = False) -> Script:
    """The right answer, and another that nobody asked for: with it, or while the connection is idle."""
    if idle:
        return lambda scene: [reply(scene.page), Pause(0.01), unasked]
    return lambda scene: [reply(scene.page) + unasked]


CONNECTIONS: tuple[Fault, ...] = (
    elsewhere(
        "connection refused", "connections", place="port", error="ConnectError", text=r"127\.0\.0\.1:\d+", passes=True
    ),
    elsewhere(
        "connection closed once accepted",
        "connections",
        place="connection",
        trick="slam",
        error=LOST,
        text=r"127\.0\.0\.1",
        passes=True,
    ),
    passing("reset before the answer", "connections", _raw(End.RESET), LOST, r"127\.0\.0\.1"),
    passing("closed before the answer", "connections", _raw(End.CLOSED), LOST, r"127\.0\.0\.1"),
    passing("closed within the status line", "connections", _raw(b"HTTP/1.", End.CLOSED), LOST),
    passing("closed within the head", "connections", _raw(b"HTTP/1.1 200 OK\r\nConte", End.CLOSED), LOST),
    passing("reset within the head", "connections", _raw(b"HTTP/1.1 200 OK\r\nC", Pause(0.01), End.RESET), LOST),
    passing("closed after the head", "connections", lambda scene: [_length(scene), End.CLOSED], CUT, r"\b0 of \d+"),
    passing("other bytes in place of HTTP", "connections", _raw(b"\x16\x03\x01\x00\x02\xff\r\n\r\n", End.CLOSED), LOST),
    passing("a body without a head", "connections", lambda scene: [scene.page, b"\r\n\r\n", End.CLOSED], LOST),
    passing("an unknown version of HTTP", "connections", _page_behind(b"HTTP/2 200 OK\r\n\r\n"), LOST),
    passing("a head of 300 kB", "connections", _raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, End.CLOSED), LOST),
    passing(
        "a header line without a colon",
        "connections",
        _page_behind(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"),
        LOST,
    ),
    passing(
        "two contradicting lengths",
        "connections",
        lambda scene: [head(200, JSON, "Content-Length: 2", "Content-Length: 3"), scene.page, End.CLOSED],
        LOST,
    ),
    passing(
        "a length that is not a number",
        "connections",
        lambda scene: [head(200, JSON, "Content-Length: two"), scene.page, End.CLOSED],
        LOST,
    ),
)

BODIES: tuple[Fault, ...] = (
    passing(
        "body shorter than its length",
        "bodies",
        lambda scene: [_length(scene), scene.page[:9], End.CLOSED],
        CUT,
        r"\b9 of \d+",
    ),
    passing(
        "reset within the body",
        "bodies",
        lambda scene: [_length(scene), scene.page[:9], Pause(0.01), End.RESET],
        CUT,
        r"\b[09] of \d+",
    ),
    passing("chunked body cut within a chunk", "bodies", _chunked(b"40\r\n[1, 2"), CUT, r"\b5 of "),
    passing("chunked body without a last chunk", "bodies", _chunked(b"2\r\n[]\r\n"), CUT, r"\b2 of "),
    passing("a chunk's length that is not a number", "bodies", _chunked(b"2\r\n[]\r\nzz\r\n"), CUT),
    passing("a chunk's length that is negative", "bodies", _chunked(b"-2\r\n[]\r\n0\r\n\r\n"), CUT),
    harmless("a chunked body, with an extension and a trailer", "bodies", _chunks),
    harmless(
        "a body that ends with the connection",
        "bodies",
        lambda scene: [head(200, JSON, "Connection: close"), scene.page, End.CLOSED],
    ),
    harmless("100 Continue before the answer", "bodies", lambda scene: [head(100), Pause(0.01), reply(scene.page)]),
    harmless(
        "103 Early Hints before the answer",
        "bodies",
        lambda scene: [head(103, "Link: </x>; rel=preload") * 2 + reply(scene.page)],
    ),
)

TIME: tuple[Fault, ...] = (
    late("silence before the head", _raw(SILENCE)),
    late("silence within the head", _raw(b"HTTP/1.1 200 OK\r\n", SILENCE)),
    late("silence within the body", lambda scene: [_length(scene), scene.page[:9], SILENCE]),
    late("silence within a chunked body", _chunked(b"40\r\n[1, 2", end=SILENCE)),
    late("a head, byte by byte", _raw(Drip(head() * 9, 0.02))),
    late("a body, byte by byte", lambda scene: [_length(scene), Drip(scene.page, 0.02)]),
    late("1xx heads without end", _raw(Drip(head(103) * 9, 0.002))),
)

KEPT: tuple[Fault, ...] = (
    harmless(
        "closed while idle", "kept connections", lambda scene: [reply(scene.page), End.CLOSED], at_most=2, idle=True
    ),
    harmless(
        "an unasked page of another session, with the answer",
        "kept connections",
        _followed(reply(page([9, 8], OTHER_SESSION))),
        at_most=2,
    ),
    harmless("an unasked empty page, with the answer", "kept connections", _followed(reply(b"[]")), at_most=2),
    harmless(
        "an unasked empty page, cut, with the answer", "kept connections", _followed(reply(b"[]")[:-1]), at_most=2
    ),
    harmless("the answer twice", "kept connections", lambda scene: [reply(scene.page) * 2], at_most=2),
    harmless(
        "an unasked page of another session, while idle",
        "kept connections",
        _followed(reply(page([9, 8], OTHER_SESSION)), idle=True),
        at_most=2,
        idle=True,
    ),
    harmless(
        "an unasked empty page, while idle",
        "kept connections",
        _followed(reply(b"[]"), idle=True),
        at_most=2,
        idle=True,
    ),
    harmless(
        "an unasked 401, while idle", "kept connections", _followed(reply(b"", 401), idle=True), at_most=2, idle=True
    ),
    harmless(
        "an unasked 408 and the end, while idle",
        "kept connections",
        lambda scene: [reply(scene.page), Pause(0.01), reply(b"", 408, "Connection: close"), End.CLOSED],
        at_most=2,
        idle=True,
    ),
)
