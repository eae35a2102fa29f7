"""HTTP/1.1 on one connection, without I/O; the only module that knows h11."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import h11
from attrs import field, frozen

from .messages import HTTPRequest

_LONGEST_HEAD = 100 * 1024


@frozen(kw_only=True)
class Head:
    """The beginning of an answer."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)


class BrokenAnswerError(ConnectionError):
    """What came is no HTTP/1.1, or breaks off."""


class Talk:
    """The requests and the answers of one connection."""

    def __init__(self) -> None:
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)

    @property
    def may_go_on(self) -> bool:
        """Whether the last answer is whole, the next request may follow it, and nothing came that nobody asked for."""
        ended = self._state.our_state is h11.DONE and self._state.their_state is h11.DONE
        return ended and not self._state.trailing_data[0]

    def ask(self, request: HTTPRequest, *, target: str, host: str) -> bytes:
        """The bytes of a request."""
        if self._state.our_state is h11.DONE:
            self._state.start_next_cycle()
        content = request.content
        # Nothing that holds a header gets a name here: a traceback that shows locals would show it.
        sent = self._state.send(
            h11.Request(
                method=request.method,
                target=target,
                headers=[
                    ("host", host),
                    *request.headers.items(),
                    *(() if content is None else (("content-length", str(len(content))),)),
                ],
            )
        )
        if content:
            sent += self._state.send(h11.Data(data=content))
        return sent + self._state.send(h11.EndOfMessage())

    def receive(self, data: bytes) -> None:
        """Take bytes that arrived; none at the end of the connection.

        Raises:
            ConnectionError: the connection ended before the answer.
        """
        if not data and self._state.their_state is h11.SEND_RESPONSE:
            raise ConnectionError("it was closed without an answer")
        with _named():
            self._state.receive_data(data)

    def read_head(self) -> Head | None:
        """The head of the answer, or None where more bytes are needed; 1xx before it are passed over.

        Raises:
            ConnectionError: it is no HTTP/1.1.
        """
        with _named():
            while (event := self._state.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Response):
                    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
                    return Head(status=event.status_code, reason=event.reason.decode("latin-1"), headers=headers)
        return None

    def read_body(self) -> bytes | None:
        """The next bytes of the answer's body, none at its end; None where more have to arrive.

        Raises:
            ConnectionError: the framing of the body is broken.
        """
        with _named():
            event = self._state.next_event()
        if event is h11.NEED_DATA:
            return None
        return bytes(event.data) if isinstance(event, h11.Data) else b""


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except h11.RemoteProtocolError as error:
        raise BrokenAnswerError(f"{error!s:.200}") from None
