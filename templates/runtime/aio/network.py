"""Kept connections: who waits for one, and how one comes about."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import cast

from ..body import Body
from ..http1 import Head, Talk
from ..lines import Line, Lines
from ..messages import HTTPRequest
from ..network import Route, explain, require_time, require_tunnel, target_of
from ..resolve import Resolver
from ..streams import connecting
from ..watch import Watch
from .resolve import lookup
from .streams import AsyncStream


class AsyncConnections:
    """Kept connections of the async client, whose attempts end by cancellation."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._route = route
        self._resolver = Resolver()
        self._lines = Lines()
        self._room = asyncio.Semaphore(self._lines.most)

    async def fetch(self, request: HTTPRequest, body: Body, watch: Watch) -> None:
        """Send the request, and let `body` collect the answer."""
        patience = watch.left()
        async with self._room:
            require_time(watch, patience)
            line = self._lines.take()
            try:
                if line.stream is None:
                    await self._connect(line, watch)
                watch.stage = "sent"
                asked = line.talk.ask(request, target=target_of(request, self._route), host=self._route.netloc)
                await _collect(line, await _ask(line.talk, cast("AsyncStream", line.stream), asked), body)
            finally:
                self._lines.put_back(line)

    async def _connect(self, line: Line, watch: Watch) -> None:
        route, (host, port) = self._route, self._route.first
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + route.connect))
        with connecting(f"{host}:{port}"):
            async with asyncio.timeout(limit.left()):
                addresses = await lookup(self._resolver, host, port)
                self._lines.hold(line, await AsyncStream.connect(addresses, limit))
                if route.proxy is not None:
                    talk = Talk()
                    asked = talk.ask(tunnel := route.tunnel(route.proxy), target=tunnel.url, host=tunnel.url)
                    require_tunnel(await _ask(talk, line.stream, asked), route.proxy)
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                await line.stream.secure(route.tls, route.host, limit)

    async def aclose(self) -> None:
        """Close all of them."""
        self._lines.cut()


async def _ask(talk: Talk, stream: AsyncStream, asked: bytes) -> Head:
    with suppress(ConnectionError):  # the answer may stand there already, and else reading says what is wrong
        stream.write(asked)
    head = None
    while head is None:
        talk.receive(await stream.read())
        head = talk.read_head()
    return head


async def _collect(line: Line, head: Head, body: Body) -> None:
    body.begin(head.status, head.headers)
    while (chunk := line.talk.read_body()) != b"":
        if chunk is None:
            line.talk.receive(await line.stream.read())
        else:
            body.add(chunk)
    body.end()
