"""HTTP/1.1 on one connection, without I/O: h11, with the checks that h11 does not make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import h11
import httpcore

Fields: TypeAlias = Sequence[tuple[bytes, bytes]]

_LONGEST_HEAD = 100 * 1024
_BEGINNING = b"HTTP/1."
# h11 returns each chunk of a body separately. This many are joined before the caller checks the deadline again.
_MOST_CHUNKS = 1_000


class Head(NamedTuple):
    """The status line and the headers of an answer."""

    status: int
    reason: bytes
    headers: Fields

    def __repr__(self) -> str:
        return f"Head({self.status})"


class MalformedAnswerError(httpcore.RemoteProtocolError):
    """The peer sent something that is not HTTP/1.1."""


class Protocol:
    """The requests and answers of one connection."""

    def __init__(self) -> None:
        self._peer = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._begun = self._ended = self._closed = self._ambiguous = False

    @property
    def reusable(self) -> bool:
        """Whether another request may follow: the answer is complete, and nothing came after it."""
        peer = self._peer
        return peer.their_state is h11.DONE and not (self._closed or self._ambiguous or peer.trailing_data[0])

    def request(self, method: bytes, target: bytes, headers: Fields, content: bytes) -> bytes:
        """The bytes of a request.

        Raises:
            LocalProtocolError: the head holds a character that cannot be sent, such as a line break.
        """
        peer = self._peer
        if self._ended:
            peer.start_next_cycle()
        self._begun = self._ended = False
        try:
            sent = peer.send(h11.Request(method=method, target=target, headers=[*headers])) or b""
            return sent + b"".join(peer.send(event) or b"" for event in (h11.Data(content), h11.EndOfMessage()))
        except h11.LocalProtocolError:
            # The error of h11 shows the value, and a traceback with locals the headers: raise another one outside.
            del headers
        raise httpcore.LocalProtocolError("the request's head holds a character that cannot be sent")

    def receive(self, data: bytes) -> None:
        """Take bytes that arrived; empty at the end of the connection.

        Raises:
            ReadError: the connection ended before the answer began.
        """
        if not data:
            self._closed = True
            if not self._begun:
                raise httpcore.ReadError("it was closed without an answer")
        self._peer.receive_data(data)

    def read_head(self) -> Head | None:
        """The head of the answer, or None if more bytes are needed; interim answers (1xx) are skipped.

        Raises:
            MalformedAnswerError: the bytes are not HTTP/1.1.
        """
        while (event := self._next()) is not h11.NEED_DATA:
            if not isinstance(event, (h11.Response, h11.InformationalResponse)) or event.http_version[:1] != b"1":
                raise MalformedAnswerError("it does not begin with a head of HTTP/1")
            if isinstance(event, h11.Response):
                self._begun = True
                headers = [*event.headers]
                # With both framings, a proxy and this client may disagree about where the answer ends (RFC 9112, 6.1).
                names = {name for name, _ in headers}
                self._ambiguous = names >= {b"transfer-encoding", b"content-length"}
                return Head(event.status_code, bytes(event.reason), headers)
        # h11 waits for the empty line after the headers, which a server of another protocol may never send.
        begun = self._peer.trailing_data[0][: len(_BEGINNING)]
        if not _BEGINNING.startswith(begun):
            raise MalformedAnswerError(f"it begins with {self._peer.trailing_data[0][:20]!r}")
        return None

    def read_body(self) -> bytes | None:
        """The next bytes of the body, empty at its end; None if more bytes are needed.

        Raises:
            RemoteProtocolError: the body's framing is broken, or the connection ended within the body.
        """
        pieces = list[bytes]()
        while not self._ended and len(pieces) < _MOST_CHUNKS and (event := self._next()) is not h11.NEED_DATA:
            if isinstance(event, h11.Data):
                pieces.append(event.data)
            else:
                self._ended = True
        return b"".join(pieces) if pieces or self._ended else None

    def _next(self) -> object:
        try:
            return self._peer.next_event()
        except h11.RemoteProtocolError as error:
            reason = str(error).partition(":")[0]  # what follows is part of the answer
        raise MalformedAnswerError(reason)
