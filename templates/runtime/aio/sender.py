"""Sends one request through an httpx client and reads its complete answer within one time limit."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..http.body import Body
from ..http.deadline import Deadline
from ..http.failure import Failure, trimmed

if TYPE_CHECKING:
    from ..calls.attempts import Send
    from ..http.client import Channel
    from ..wire import HTTPRequest, HTTPResponse


class AsyncSender:
    """Sends requests through one httpx client."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def send(self, step: Send) -> HTTPResponse | None:
        """The answer; if its body is incomplete, with what is wrong with it. None if it was not to be sent any more.

        Raises:
            TransportError: no head of an answer arrived in time.
        """
        request, timeout, may_send = step
        deadline = Deadline(time.monotonic() + timeout, fresh=request.fresh, may_send=may_send)
        body = Body()
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                await self._fetch(request, body, deadline)
        except Exception as error:  # noqa: BLE001  # the frames of any error hold the credential
            if deadline.stage == "held back":
                return None
            late = isinstance(error, TimeoutError) and limit.expired()
            return Failure(request, timeout, self.channel, body).end(deadline.error() if late else error)
        except BaseException as error:  # noqa: BLE001  # as above
            raise trimmed(error)  # noqa: B904  # itself
        return body.whole()

    async def _fetch(self, request: HTTPRequest, body: Body, deadline: Deadline) -> None:
        asked = self.channel.make_request(request, deadline)
        answer = await self.channel.client.send(asked, stream=True, follow_redirects=False)
        try:
            async for chunk in self.channel.begin(answer, body):
                body.add(chunk)
            body.end()
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Close the connections; a caller's httpx client stays open."""
        if self.channel.owned:
            await self.channel.client.aclose()
