"""Sends one request and reads its whole answer within one limit of time, over the network or a caller's transport."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..body import Body
from ..failure import Failure, bare
from ..watch import Watch
from .network import AsyncConnections

if TYPE_CHECKING:
    from ..messages import HTTPRequest, HTTPResponse
    from ..network import Route
    from ..transport import AsyncCallerTransport, AsyncTransport


class AsyncSender:
    """Sends requests to one origin over kept connections."""

    def __init__(self, route: Route, *, transport: AsyncTransport | None) -> None:
        self._wire = AsyncConnections(route) if transport is None else _take_transport(transport)

    async def send(self, request: HTTPRequest, timeout: float) -> HTTPResponse:  # noqa: ASYNC109  # named as in sync
        """The answer; where its body did not arrive whole, with what is wrong with it.

        Raises:
            TransportError: no head of an answer arrived within `timeout` seconds.
        """
        watch, body = Watch(time.monotonic() + timeout), Body()
        try:
            async with asyncio.timeout(timeout):
                await self._wire.fetch(request, body, watch)
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames would show the credential
            return Failure(request, timeout, watch, body).end(bare(error), self._wire.explain(error))
        except BaseException as error:  # noqa: BLE001  # as above; it goes on, without those frames
            raise bare(error)  # noqa: B904  # itself
        return body.whole()

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._wire.aclose()


def _take_transport(transport: AsyncTransport) -> AsyncCallerTransport:
    from ..transport import AsyncCallerTransport  # noqa: PLC0415  # httpx takes longer to load than all the rest

    return AsyncCallerTransport(transport)
