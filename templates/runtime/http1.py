"""HTTP/1.1 on one connection, as a client speaks it, without I/O (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias, cast

from .messages import HTTPRequest

_LONGEST_HEAD = 100 * 1024
_LONGEST_LENGTH = 20
"""Digits."""
_BEGINNING = b"HTTP/1."

# In all of these, what a quantifier took and what follows it have no character in common: going back over a text that
# does not match takes no longer than its length.
_TOKEN = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"  # noqa: S105  # RFC 9110, 5.6.2
_TEXT = r"[\t -~\x80-\xff]*"
# A line that begins with a blank continues the one before it (RFC 9112, 5.2).
_FIELDS = rf"(?:{_TOKEN}:{_TEXT}\r\n(?:[\t ]{_TEXT}\r\n)*)*"
_HEAD = re.compile(rf"HTTP/1\.([0-9]) ([1-9][0-9]{{2}})(?: ({_TEXT}))?\r\n({_FIELDS})\r\n")
# Answers with these are rare, so that they are compiled when one comes.
_BARE_LINE_FEED = rb"(?<!\r)\n"
_CONTINUATION = r"\r\n[\t ]+"
_TRAILER = rf"\r\n({_FIELDS})\r\n"
_CHUNK_LINE = rb"\r\n([0-9A-Fa-f]{1,20})(?:;[\t -~\x80-\xff]{0,256}|[\t ]{0,256})"
_CHUNK = _CHUNK_LINE + rb"\r\n"
_CHUNK_BEGUN = rb"\r?|\r\n|" + _CHUNK_LINE + rb"\r?"
_REQUEST_LINE = re.compile(rf"{_TOKEN} [!-~]+ HTTP/1\.1")
_REQUEST_FIELD = re.compile(rf"{_TOKEN}: [\t -~]*")
_OWN_FIELDS = frozenset({"host", "connection", "content-length", "transfer-encoding"})


class Head:
    """The beginning of an answer; its repr shows nothing of that."""

    __slots__ = ("headers", "reason", "status")

    def __init__(self, status: int, reason: str, headers: Mapping[str, str]) -> None:
        """Hold headers by lower-case name; the values of one that came several times are joined (RFC 9110, 5.3)."""
        self.status, self.reason, self.headers = status, reason, headers


class BrokenAnswerError(ConnectionError):
    """What came is no HTTP/1.1, or breaks off."""


class Talk:
    """The requests and the answers of one connection."""

    _method: str
    _body: _Body | None

    def __init__(self) -> None:
        self._rest = b""
        self._ending = _Ending()
        self._keeps = self._closed = False

    @property
    def may_go_on(self) -> bool:
        """Whether the last answer is whole, the next request may follow it, and nothing came that nobody asked for."""
        return self._keeps and self._body is not None and self._body.ended and not self._rest

    def ask(self, request: HTTPRequest, *, target: str, host: str) -> bytes:
        """The bytes of a request.

        Raises:
            ValueError: its head holds what cannot be sent, such as a line break.
        """
        self._method, self._body, content = request.method, None, request.content
        lines = [f"{request.method} {target} HTTP/1.1", f"host: {host}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if content is not None:
            lines.append(f"content-length: {len(content)}")
        plain = _REQUEST_LINE.fullmatch(lines[0]) and all(map(_REQUEST_FIELD.fullmatch, lines[1:]))
        if not plain or not _OWN_FIELDS.isdisjoint(request.headers):
            del lines  # they hold the credential, and a traceback with locals would show it
            raise ValueError("its head holds what cannot be sent")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (content or b"")

    def receive(self, data: bytes) -> None:
        """Take bytes that arrived; none at the end of the connection.

        Raises:
            ConnectionError: the connection ended before the answer.
        """
        if not data:
            if self._body is None:
                raise ConnectionError("it was closed without an answer")
            self._closed = True
        self._rest += data

    def read_head(self) -> Head | None:
        """The head of the answer, or None where more bytes are needed; 1xx before it are passed over.

        Raises:
            ConnectionError: it is no HTTP/1.1.
        """
        while True:
            if not _BEGINNING.startswith(self._rest[: len(_BEGINNING)]):
                raise BrokenAnswerError(f"it begins with {self._rest[:20]!r}")
            end = self._ending.find(self._rest)
            if end is None:
                return None
            head, self._rest = self._read(self._rest[:end].decode("latin-1")), self._rest[end:]
            if head.status >= 200:  # noqa: PLR2004  # those below come before an answer, RFC 9110, 15.2
                return head

    def read_body(self) -> bytes | None:
        """The next bytes of the answer's body, none at its end; None where more have to arrive.

        Raises:
            ConnectionError: the framing of the body is broken.
        """
        body = cast("_Body", self._body)
        data, self._rest = body.read(self._rest)
        if data or body.ended:
            return data
        if not self._closed:
            return None
        if isinstance(body, _Endless):
            return b""
        raise BrokenAnswerError("the connection was closed")

    def _read(self, text: str) -> Head:
        found = _HEAD.fullmatch(text)
        if found is None:
            raise BrokenAnswerError("a line of its head is malformed")
        version, status, headers = found[1], int(found[2]), _read_fields(found[4])
        body = _frame(headers)
        if status == 101:  # noqa: PLR2004  # RFC 9110, 15.2.2
            raise BrokenAnswerError("it changes the protocol, which nobody asked for")
        if status >= 200:  # noqa: PLR2004
            opened = self._method == "CONNECT" and status < 300  # noqa: PLR2004  # what follows is the tunnel's
            empty = opened or self._method == "HEAD" or status in {204, 304}
            self._body = _Sized(0) if empty else body
            self._keeps = version != "0" and not opened and not _ends_connection(headers)
        return Head(status, found[3] or "", headers)


class _Ending:
    """Finds where lines end, the empty one last, in time that does not grow with the pieces in which they come."""

    def __init__(self) -> None:
        self._looked = 0

    def find(self, data: bytes, start: int = 0) -> int | None:
        """Where the lines from `start` on end; None where more have to arrive before it is asked again."""
        since = start + max(0, self._looked - 3)
        end = data.find(b"\r\n\r\n", since)
        # Where it has not arrived, three of its bytes may have: how the bytes are cut must not decide.
        if (len(data) - 3 if end < 0 else end) - start > _LONGEST_HEAD:
            raise BrokenAnswerError(f"its head has more than {_LONGEST_HEAD} bytes")
        if end < 0 and re.compile(_BARE_LINE_FEED).search(data, since):
            raise BrokenAnswerError("a line ends without a carriage return")
        self._looked = len(data) - start if end < 0 else 0
        return None if end < 0 else end + 4


class _Sized:
    """A body whose length was said."""

    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._left == 0

    def read(self, data: bytes) -> tuple[bytes, bytes]:
        """What of the data belongs to the body, and what was not read."""
        piece, rest = data[: self._left], data[self._left :]
        self._left -= len(piece)
        return piece, rest


class _Endless:
    """A body that ends with its connection."""

    ended = False

    def read(self, data: bytes) -> tuple[bytes, bytes]:
        """All of the data, and nothing."""
        return data, b""


class _Chunked:
    """A body in chunks (RFC 9112, 7.1)."""

    def __init__(self) -> None:
        self._line, self._line_begun = re.compile(_CHUNK), re.compile(_CHUNK_BEGUN)
        self.ended = self._is_last = False
        self._left = 0
        self._ending = _Ending()
        # As behind every chunk, so that all of them begin alike.
        self._before = b"\r\n"

    def read(self, data: bytes) -> tuple[bytes, bytes]:
        """The content of all chunks in the data, and what was not read."""
        data, self._before = self._before + data, b""
        pieces, at = list[bytes](), 0
        while not self.ended:
            if self._left == 0:
                end = self._pass_line(data, at)
                if end is None:
                    break
                at = end
            elif at < len(data):
                pieces.append(data[at : at + self._left])
                self._left -= len(pieces[-1])
                at += len(pieces[-1])
            else:
                break
        return b"".join(pieces), data[at:]

    def _pass_line(self, data: bytes, at: int) -> int | None:
        """Read what stands before a chunk, or behind the last; where that ends, or None where more has to arrive."""
        if self._is_last:
            end = self._ending.find(data, at)
            if end is not None:
                _check_trailer(data[at:end].decode("latin-1"))
                self.ended = True
            return end
        line = self._line.match(data, at)
        if line is None:
            if not self._line_begun.fullmatch(data, at):
                raise BrokenAnswerError("a chunk is malformed")
            return None
        self._left = int(line[1], 16)
        self._is_last = self._left == 0
        # The trailer begins with the break that ends the line of the last chunk: with nothing in it, that is all.
        return line.end() - 2 * self._is_last


_Body: TypeAlias = _Sized | _Endless | _Chunked


def _frame(headers: Mapping[str, str]) -> _Body:
    """How a body behind this head is framed (RFC 9112, 6.3)."""
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None or coding.lower() != "chunked":
            raise BrokenAnswerError("its body has two ends, or a transfer coding that is not known")
        return _Chunked()
    if length is None:
        return _Endless()
    lengths = {part.strip(" \t") for part in length.split(",")}
    digits = lengths.pop()
    if lengths or len(digits) > _LONGEST_LENGTH or not (digits.isascii() and digits.isdigit()):
        raise BrokenAnswerError("its length is no number")
    return _Sized(int(digits))


def _read_fields(text: str) -> dict[str, str]:
    if "\r\n " in text or "\r\n\t" in text:
        text = re.sub(_CONTINUATION, " ", text)
    fields = dict[str, str]()
    for line in text.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _ends_connection(headers: Mapping[str, str]) -> bool:
    """Whether the connection ends with this answer (RFC 9112, 9.3)."""
    return "close" in {option.strip(" \t") for option in headers.get("connection", "").lower().split(",")}


def _check_trailer(text: str) -> None:
    found = re.fullmatch(_TRAILER, text)
    if found is None:
        raise BrokenAnswerError("a line behind it is malformed")
    _frame(_read_fields(found[1]))
