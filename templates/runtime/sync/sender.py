"""Sends one request through an httpx client and reads its complete answer within one time limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..http.body import Body
from ..http.deadline import Deadline
from ..http.failure import Failure, trimmed

if TYPE_CHECKING:
    from ..calls.attempts import Send
    from ..http.client import Channel
    from ..http.deadline import Stop
    from ..wire import HTTPRequest, HTTPResponse


class Sender:
    """Sends requests through one httpx client."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, step: Send, stop: Stop | None = None) -> HTTPResponse | None:
        """The answer; if its body is incomplete, with what is wrong with it. None if it was not to be sent any more.

        Raises:
            TransportError: no head of an answer arrived in time.
        """
        request, timeout, may_send = step
        deadline = Deadline(time.monotonic() + timeout, fresh=request.fresh, stop=stop, may_send=may_send)
        body = Body()
        try:
            self._fetch(request, body, deadline)
        except Exception as error:  # noqa: BLE001  # the frames of any error hold the credential
            if deadline.stage == "held back":
                return None
            return Failure(request, timeout, self.channel, body).end(error)
        except BaseException as error:  # noqa: BLE001  # as above
            raise trimmed(error)  # noqa: B904  # itself
        return body.whole()

    def _fetch(self, request: HTTPRequest, body: Body, deadline: Deadline) -> None:
        asked = self.channel.make_request(request, deadline)
        answer = self.channel.client.send(asked, stream=True, follow_redirects=False)
        try:
            for chunk in self.channel.begin(answer, body):
                body.add(chunk)
                deadline.left()
            body.end()
        finally:
            answer.close()

    def close(self) -> None:
        """Close the connections; a caller's httpx client stays open."""
        if self.channel.owned:
            self.channel.client.close()
