"""Kept connections: who waits for one, and how one comes about."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import cast

from ..body import Body
from ..http1 import Head, Talk
from ..lines import Line, Lines
from ..messages import HTTPRequest
from ..network import NoRoomError, Route, explain, require_time, require_tunnel, target_of
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

    def fetch(self, request: HTTPRequest, body: Body, watch: Watch) -> None:
        """Send the request, and let `body` collect the answer."""
        patience = watch.left()
        if not self._room.acquire(timeout=patience):
            raise NoRoomError
        try:
            require_time(watch, patience)
            line = self._lines.take()
            try:
                if line.stream is None:
                    self._connect(line, watch)
                watch.stage = "sent"
                asked = line.talk.ask(request, target=target_of(request, self._route), host=self._route.netloc)
                _collect(line, _ask(line.talk, cast("Stream", line.stream), asked, watch), body, watch)
            finally:
                self._lines.put_back(line)
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


def _collect(line: Line, head: Head, body: Body, watch: Watch) -> None:
    body.begin(head.status, head.headers)
    while (chunk := line.talk.read_body()) != b"":
        if chunk is None:
            line.talk.receive(line.stream.read(watch))
        else:
            body.add(chunk)
    body.end()
