"""The request of one attempt: its URL, its content, and every header that is added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wire import HTTPRequest
from .credentials import choose_credentials

if TYPE_CHECKING:
    from ..calls.settings import Settings
    from ..operation import Call


def build_request(call: Call, settings: Settings) -> HTTPRequest:
    """The request of one attempt; credentials are asked for here and nowhere else.

    Raises:
        ConfigurationError: a credential that the operation needs was not given.
    """
    chosen = choose_credentials(call.operation, settings.credentials)
    media_type = {} if call.content is None else {"Content-Type": call.media_type}
    return HTTPRequest(
        method=call.operation.method,
        url=f"{settings.endpoint.url}{settings.prefix}{call.target}",
        headers={
            **call.headers,
            "Accept": call.operation.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": settings.user_agent,
            **media_type,
            # Never under a local name: where the second one fails, a traceback with locals would show the first.
            **{credential.header: credential.prefix + credential.secret.reveal() for credential in chosen},
        },
        content=call.content,
        fresh=call.fresh,
    )
