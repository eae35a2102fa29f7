"""Kept connections to one origin: which stand, and which may be used again."""

from __future__ import annotations

import threading
import time
from typing import Any

from attrs import define, field

from .http1 import Talk

MOST_CONNECTIONS = 100
_KEPT_SECONDS = 30.0


@define(eq=False)
class Line:
    """One connection, from before it stands."""

    talk: Talk = field(factory=Talk)
    stream: Any = field(default=None)
    """A Stream or an AsyncStream."""
    expires: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether the next request may be sent on it."""
        return self.talk.may_go_on and time.monotonic() < self.expires and not self.stream.has_unread

    def cut(self) -> None:
        """Close the socket, whatever is under way on it."""
        if self.stream is not None:
            self.stream.cut()


class Lines:
    """All connections of a client: those in use, and those that wait for the next request."""

    def __init__(self) -> None:
        self.most = MOST_CONNECTIONS
        """How many there may be at once."""
        self._lock = threading.Lock()
        self._closed = False
        self._all: set[Line] = set()
        self._waiting: list[Line] = []

    def take(self) -> Line:
        """A connection that nobody else uses until it is put back.

        Raises:
            ConnectionError: all of them were closed.
        """
        return self._pop_usable() or self._make()

    def put_back(self, line: Line) -> None:
        """Keep it for the next request if it can take one, else close it."""
        expired: Line | None = line
        with self._lock:
            if line in self._all and line.talk.may_go_on:
                line.expires = time.monotonic() + _KEPT_SECONDS
                self._waiting.append(line)
                # Those used last go first, so nobody else looks at the one that waits longest.
                expired = self._waiting.pop(0) if self._waiting[0].expires <= time.monotonic() else None
        if expired is not None:
            self._drop(expired)

    def cut(self) -> None:
        """Close all of them; there will be no more."""
        with self._lock:
            self._closed = True
            lines, self._all, self._waiting = self._all, set(), []
        for line in lines:
            line.cut()

    def hold(self, line: Line, stream: Any) -> None:
        """Note what a connection stands on, once it does.

        Raises:
            ConnectionError: all of them were closed meanwhile.
        """
        line.stream = stream
        self._require_open()

    def _make(self) -> Line:
        line = Line()
        with self._lock:
            self._require_open()
            self._all.add(line)
        return line

    def _require_open(self) -> None:
        if self._closed:
            raise ConnectionError("the client was closed")

    def _pop_usable(self) -> Line | None:
        while True:
            with self._lock:
                if not self._waiting:
                    return None
                line = self._waiting.pop()
            if line.usable:
                return line
            self._drop(line)

    def _drop(self, line: Line) -> None:
        with self._lock:
            self._all.discard(line)
        line.cut()
