"""Kept connections: who waits for one, and how one comes about."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import cast

from ..http1 import Head, Talk
from ..lines import Line, Lines
from ..messages import HTTPRequest
from ..network import Answer, NoRoomError, Route, explain, require_time, require_tunnel, target_of
from ..resolve import Resolver
from ..streams import connecting
from ..watch import Watch
from .streams import Stream


class Connections:
    """Kept connections of the sync client."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._route = route
        self._resolver = Resolver()
        self._lines = Lines()
        self._room = threading.Semaphore(self._lines.most)

    @contextmanager
    def open(self, request: HTTPRequest, watch: Watch) -> Generator[Answer]:
        """Send the request; the answer's body may be read until this is left."""
        patience = watch.left()
        if not self._room.acquire(timeout=patience):
            raise NoRoomError
        try:
            require_time(watch, patience)
            with self._lines.take() as line:
                if line.stream is None:
                    self._connect(line, watch)
                watch.stage = "sent"
                asked = line.talk.ask(request, target=target_of(request, self._route), host=self._route.netloc)
                head = _ask(line.talk, cast("Stream", line.stream), asked, watch)
                yield Answer(status=head.status, headers=head.headers, chunks=_chunks(line, watch))
        finally:
            self._room.release()

    def _connect(self, line: Line, watch: Watch) -> None:
        route, (host, port) = self._route, self._route.first
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + route.connect))
        with connecting(f"{host}:{port}"):
            self._lines.hold(line, Stream(self._resolver.lookup(host, port, limit.left()), limit))
            if route.proxy is not None:
                talk = Talk()
                asked = talk.ask(tunnel := route.tunnel(route.proxy), target=tunnel.url, host=tunnel.url)
                require_tunnel(_ask(talk, line.stream, asked, limit), route.proxy)
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                line.stream.secure(route.tls, route.host, limit)

    def close(self) -> None:
        """Close all of them."""
        self._lines.cut()


def _ask(talk: Talk, stream: Stream, asked: bytes, watch: Watch) -> Head:
    with suppress(ConnectionError):  # the answer may stand there already, and else reading says what is wrong
        stream.write(asked, watch)
    head = None
    while head is None:
        talk.receive(stream.read(watch))
        head = talk.read_head()
    return head


def _chunks(line: Line, watch: Watch) -> Iterator[bytes]:
    while (chunk := line.talk.read_body()) != b"":
        if chunk is None:
            line.talk.receive(line.stream.read(watch))
        else:
            yield chunk
