"""The errors of a generated client.

SdkError                          every error that this package raises on purpose
├── InvalidArgumentError          an argument breaks its limits; nothing was sent
├── OperationRemovedError         the API removed the operation; nothing was sent
├── ConfigurationError            key, endpoint or settings are missing or wrong; nothing was sent
│   ├── ClientClosedError         the client was used after it was closed
│   └── WrongEventLoopError       an async client was used in a second event loop
├── APIStatusError                the service answered with a status that is not a success
│   ├── (classes of the document) one for each documented error
│   ├── ServerError               5xx or 600 to 999
│   └── UnexpectedStatusError     a status for which the document describes no error
│       └── RedirectRefusedError  a redirect: never followed, the key stays here
├── TransportError                no complete answer arrived
│   ├── ConnectError              no connection: host not found, refused
│   │   └── CertificateError      the certificate could not be verified
│   ├── PoolExhaustedError        all connections of the client were in use
│   ├── ConnectionLostError       the connection broke before the answer's head
│   ├── AttemptTimeoutError       one attempt took longer than its limit
│   ├── IncompleteBodyError       the body ended early
│   └── BodyRefusedError          the body is encoded, or larger than any answer should be
├── DecodeError                   the body of a success does not follow the document
└── PaginationError               pages contradict each other
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from .values.strict_json import JSON

__all__ = [
    "APIStatusError",
    "Attempt",
    "AttemptTimeoutError",
    "BodyRefusedError",
    "CertificateError",
    "ClientClosedError",
    "ConfigurationError",
    "ConnectError",
    "ConnectionLostError",
    "DecodeError",
    "IncompleteBodyError",
    "InvalidArgumentError",
    "OperationRemovedError",
    "PaginationError",
    "PoolExhaustedError",
    "RedirectRefusedError",
    "ServerError",
    "TransportError",
    "UnexpectedStatusError",
    "WrongEventLoopError",
]

Repeat: TypeAlias = Literal["never", "if idempotent", "always"]


@frozen(kw_only=True)
class Attempt:
    """One request that was sent: its result, and how long the client waited afterwards."""

    status: int | None
    """The answer's status, or None if there was no answer."""
    reason: str
    """`ok`, or why the attempt failed."""
    wait: float | None = None
    """Seconds waited before the next attempt, or None if there was none."""
    elapsed: float = 0.0
    """Seconds from sending it to the end of its answer."""
    request_id: str | None = None
    """The service's id of this request."""
    client_request_id: str | None = None
    """The caller's id of the call, the same for all of its attempts; None if the API has none."""


class SdkError(Exception):
    """The base of every error that this package raises on purpose.

    Attributes:
        attempts: the requests sent for this call, the last one included.
        checkpoint: where to resume, if the error interrupted a listing; plain JSON.
    """

    attempts: tuple[Attempt, ...] = ()
    checkpoint: Mapping[str, JSON] | None = None

    @property
    def client_request_id(self) -> str | None:
        """The caller's id of the call, or None if nothing was sent or the API has none."""
        return self.attempts[-1].client_request_id if self.attempts else None


class InvalidArgumentError(SdkError, ValueError):
    """An argument breaks the limits of the document; nothing was sent."""


class OperationRemovedError(SdkError):
    """The API removed the operation; nothing was sent. A later version of this package will not have the method.

    Attributes:
        operation: the method that was called, such as `client.pets.list`.
        last_version: the last version of the API that had the operation.
        replacement: the method to call instead, or None if there is none.
    """

    def __init__(
        self, text: str, *, operation: str = "", last_version: str = "", replacement: str | None = None
    ) -> None:
        super().__init__(text)
        self.operation = operation
        self.last_version = last_version
        self.replacement = replacement


class ConfigurationError(SdkError):
    """The key, the endpoint or a setting is missing or wrong; nothing was sent."""


class ClientClosedError(ConfigurationError):
    """The client was used after `close()`, or closed while a call was under way; nothing more was sent."""


class WrongEventLoopError(ConfigurationError):
    """An async client was used in a different event loop than the first time; nothing was sent."""


class APIStatusError(SdkError):
    """The service answered with an error status.

    Attributes:
        status_code: the HTTP status.
        code: the service's error code, if the answer has one.
        message: the service's message, if the answer has one.
        request_id: the service's id of this request; give it to the service's support.
        wait: how long the service asks to wait, if it does.
        headers: the answer's headers that the document describes, by their lower-case names.
    """

    def __init__(  # noqa: PLR0913  # one keyword for each attribute, so that a pickle restores them
        self,
        text: str,
        *,
        status_code: int = 0,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
        wait: timedelta | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.request_id = request_id
        self.wait = wait
        self.headers: Mapping[str, str] = headers or {}


class ServerError(APIStatusError):
    """The service failed (5xx, or 600 to 999: RFC 9110, 15); a later call may succeed."""


class UnexpectedStatusError(APIStatusError):
    """The service answered with a status for which its document describes no error."""


class RedirectRefusedError(UnexpectedStatusError):
    """The service answered with a redirect, which is never followed."""


class TransportError(SdkError):
    """No complete answer arrived."""

    repeat: Repeat = "if idempotent"
    """Whether another attempt may follow; `always` if nothing reached the service."""


class ConnectError(TransportError):
    """No connection could be opened: name, network or TLS."""

    repeat: Repeat = "always"


class CertificateError(ConnectError):
    """The server's certificate could not be verified; verification cannot be turned off."""

    repeat: Repeat = "never"


class PoolExhaustedError(TransportError):
    """All connections of the client were in use for as long as an attempt may take."""

    repeat: Repeat = "always"


class ConnectionLostError(TransportError):
    """The connection broke before the head of the answer."""


class AttemptTimeoutError(TransportError):
    """No complete answer arrived within the time that one attempt may take."""


class IncompleteBodyError(TransportError):
    """The answer's body ended before its announced end."""


class BodyRefusedError(TransportError):
    """The answer's body has an encoding that was not requested, or is larger than any answer should be."""

    repeat: Repeat = "never"


class DecodeError(SdkError):
    """The body of a success does not follow the document.

    The text names the place and the reason. An item may hold personal data, so only `item` and `raw` contain it. If the
    body is not a list, the text shows its first 200 bytes, escaped.

    Attributes:
        request_id: the service's id of this request; give it to the service's support.
        headers: of the answer, those that the document describes, by their lower-case names.
        place: JSON pointer (RFC 6901) of what is malformed; empty if it is the whole body.
        item: the JSON text of the malformed item of a list, exactly as in the body, or None.
        raw: the whole body as received, or None if nothing was received.
    """

    def __init__(  # noqa: PLR0913  # one keyword for each attribute, so that a pickle restores them
        self,
        text: str,
        *,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        place: str = "",
        item: str | None = None,
        raw: bytes | None = None,
    ) -> None:
        super().__init__(text)
        self.request_id = request_id
        self.headers: Mapping[str, str] = headers or {}
        self.place = place
        self.item = item
        self.raw = raw


class PaginationError(SdkError):
    """Pages contradict each other, and did so again when they were fetched again.

    Attributes:
        request_ids: the service's ids of the requests for these pages.
        raw: the body of the last of these pages as received, or None if no single page showed it.
    """

    def __init__(self, text: str, *, request_ids: tuple[str, ...] = (), raw: bytes | None = None) -> None:
        super().__init__(text)
        self.request_ids = request_ids
        self.raw = raw
