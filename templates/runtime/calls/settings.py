"""The settings of a client, from its arguments, the environment and the document."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

from ..errors import ConfigurationError
from ..http.deadline import Clock
from ..requests.credentials import Credential, unseen
from ..requests.endpoint import Endpoint
from ..requests.headers import hold_headers
from ..requests.schemes import (
    choose_schemes,
    hold_keys,
    hold_tokens,
    is_async_function,
)
from ..responses.status_errors import ErrorBody
from ..wire import fits_header
from .retry import RetryPolicy, Timeouts
from .service import Given, Service, find_place

if TYPE_CHECKING:
    from .telemetry import EventHook, RequestHook

_NONE: Mapping[str, Credential] = MappingProxyType({})
_LONGEST_SENT = 256


class Settings(NamedTuple):
    """What all calls of a client share; it never changes."""

    endpoint: Endpoint
    prefix: str
    """The path that precedes every operation's."""
    credentials: Mapping[str, Credential]
    errors: ErrorBody
    user_agent: str
    timeouts: Timeouts
    retry: RetryPolicy
    clock: Clock
    logger: logging.Logger
    on_event: EventHook | None
    strict_json: bool
    origins: tuple[str, ...] = ()
    """The origins of operations with their own server; empty if the caller named the endpoint."""
    headers: Mapping[str, Credential] = _NONE
    """The caller's for every request, by their lower-case names; a gateway's key may be among them."""
    call_id_header: str = ""
    """The header for the caller's id of a call, in lower case; empty if the API has none."""
    call_id: CallIdSource | None = None
    """The caller's id of every call, or a function that returns one; without it, a random UUID."""
    on_request: RequestHook | None = None

    @property
    def secrets(self) -> list[Credential]:
        """What must not be shown if the service echoes it."""
        return [*self.credentials.values(), *self.headers.values()]

    def name_call(self) -> str | None:
        """The id of a new call; None if the API has none.

        Raises:
            ConfigurationError: the caller's function returned an id that a header cannot carry.
        """
        if not self.call_id_header:
            return None
        if self.call_id is None:
            from uuid import uuid4  # noqa: PLC0415  # slow to load

            return str(uuid4())
        return _sendable("client_request_id", self.call_id() if callable(self.call_id) else self.call_id)


CallIdSource: TypeAlias = str | Callable[[], str]
"""The caller's id of every call, or a function that returns one for each."""

SettingT = TypeVar("SettingT")


def build_settings(  # noqa: PLR0913  # one keyword for each setting of a client
    service: Service,
    *,
    given: Given,
    timeouts: Timeouts | None,
    retry: RetryPolicy | None,
    strict_json: bool,
    on_event: EventHook | None,
    user_agent: str | None = None,
    client_request_id: CallIdSource | None = None,
    on_request: RequestHook | None = None,
) -> Settings:
    """The settings of a client; missing arguments are read from environment variables.

    Raises:
        ConfigurationError: a credential or the endpoint is missing or wrong.
    """
    timeouts, retry = _kept("timeouts", timeouts, Timeouts), _kept("retry", retry, RetryPolicy)
    on_request, on_event = _function("on_request", on_request), _function("on_event", on_event)
    call_id = _call_id(service.call_id_header, client_request_id)
    agent = _user_agent(service.user_agent, user_agent)
    # Last: no frame of another error shows it.
    endpoint, prefix, named, credentials, headers = _find_place_and_credentials(service, given)
    return Settings(
        endpoint=endpoint,
        prefix=prefix,
        credentials=credentials,
        errors=service.errors,
        user_agent=agent,
        timeouts=timeouts,
        retry=retry,
        clock=Clock(),
        logger=find_logger(service.logger),
        on_request=on_request,
        on_event=on_event,
        strict_json=strict_json,
        origins=() if named else service.origins,
        headers=headers,
        call_id_header=service.call_id_header.lower(),
        call_id=call_id,
    )


def change_settings(  # noqa: PLR0913  # one keyword for each setting
    settings: Settings,
    *,
    timeouts: Timeouts | None,
    retry: RetryPolicy | None,
    headers: Mapping[str, str | None] | None,
    client_request_id: CallIdSource | None,
    on_request: RequestHook | None,
    on_event: EventHook | None,
) -> Settings:
    """The same settings with those that are given replaced; a header with the value None is removed.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
    given = cast("Mapping[str, str | None]", {} if headers is None else headers)
    if isinstance(cast("object", given), Mapping):  # what is none is refused
        given = {name: "" if value is None else value for name, value in given.items()}
    held = hold_headers(
        cast("Mapping[str, str]", given),
        where="headers",
        credentials=settings.credentials,
        taken=[settings.call_id_header],
    )
    gone = {name.lower() for name, value in (headers or {}).items() if value is None}
    kept = {name: one for name, one in {**settings.headers, **held}.items() if name not in gone}
    call_id = _call_id(settings.call_id_header, client_request_id)
    return settings._replace(
        timeouts=settings.timeouts if timeouts is None else _kept("timeouts", timeouts, Timeouts),
        retry=settings.retry if retry is None else _kept("retry", retry, RetryPolicy),
        headers=kept,
        call_id=settings.call_id if call_id is None else call_id,
        on_request=settings.on_request if on_request is None else _function("on_request", on_request),
        on_event=settings.on_event if on_event is None else _function("on_event", on_event),
    )


def _call_id(header: str, given: CallIdSource | None) -> CallIdSource | None:
    checked: CallIdSource | None
    if given is None or callable(given):
        checked = _function("client_request_id", given)
    else:
        checked = _sendable("client_request_id", given)
    if checked is not None and not header:
        raise ConfigurationError("client_request_id: this API does not accept call ids; leave it out")
    return checked


def _user_agent(own: str, given: str | None) -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    added = [] if given is None else [_sendable("user_agent", given)]
    return " ".join([own, f"python/{python}", f"({sys.platform})", *added])


def _sendable(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise ConfigurationError(f"{name}: is {_shown(given)}; give str")
    # Not shown: it may be a credential.
    if not given or len(given) > _LONGEST_SENT or not fits_header(given):
        raise ConfigurationError(
            f"{name}: cannot be sent in a header; give 1 to {_LONGEST_SENT} printable ASCII characters"
        )
    return given


def find_logger(name: str) -> logging.Logger:
    """The logger of this name, with a null handler: a library prints nothing by default."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def _function(name: str, given: SettingT) -> SettingT:
    """A function that can be called without being awaited, or None."""
    if given is not None and not callable(cast("object", given)):
        raise ConfigurationError(f"{name}: is {_shown(given)}; give a function")
    if is_async_function(given):
        raise ConfigurationError(f"{name}: is an async function, which would never be awaited; give a plain one")
    return given


def _kept(name: str, given: object, kind: type[SettingT]) -> SettingT:
    if given is None:
        return kind()
    if not isinstance(given, kind):
        raise ConfigurationError(f"{name}: is {_shown(given)}; give a {kind.__name__}")
    return given


def _shown(given: object) -> str:
    # Texts are not shown: one may be a credential.
    return f"{given}" if isinstance(given, (int, float)) else f"of the type {type(given).__name__}"


@unseen
def _find_place_and_credentials(
    service: Service, given: Given
) -> tuple[Endpoint, str, bool, dict[str, Credential], dict[str, Credential]]:
    """The endpoint, its prefix, whether the caller has named it, the credentials, and the caller's headers."""
    schemes = choose_schemes(service.schemes, given.credentials, anonymous=service.anonymous)
    found = hold_keys(schemes, asynchronous=given.asynchronous)
    endpoint, prefix, named = find_place(service, given)
    found |= hold_tokens(schemes, endpoint, given.scope, asynchronous=given.asynchronous)
    headers = hold_headers(
        given.headers or {}, where="default_headers", credentials=found, taken=[service.call_id_header.lower()]
    )
    return endpoint, prefix, named, found, headers
