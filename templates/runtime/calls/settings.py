"""The settings of a client, from its arguments, the environment and the document."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

from ..errors import ConfigurationError
from ..http.deadline import Clock
from ..requests.credentials import Credential, unseen
from ..requests.endpoint import Endpoint, fill_host, fill_path, parse_endpoint, refuse_prefix
from ..requests.headers import hold_headers
from ..requests.schemes import (
    SecurityScheme,
    choose_schemes,
    from_environment,
    hold_keys,
    hold_tokens,
    is_async_function,
)
from ..responses.status_errors import ErrorBody
from ..wire import fits_header
from .retry import RetryPolicy, Timeouts

if TYPE_CHECKING:
    from ..requests.schemes import AnySource
    from .telemetry import EventHook, RequestHook

_NONE: Mapping[str, Credential] = MappingProxyType({})
_IGNORED = {ord(character): None for character in " -_"}
_LONGEST_COMPARED = 80
_LONGEST_SENT = 256
_LIKENESS = 0.7


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
    def secrets(self) -> Collection[Credential]:
        """What must not be shown if the service echoes it."""
        return [*self.credentials.values(), *self.headers.values()] if self.headers else self.credentials.values()

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


class Given:
    """What a caller gave that is, or may hold, a credential: a key in the wrong place, a password in a URL.

    No repr shows it, and no frame of an error from here holds it.
    """

    __slots__ = ("asynchronous", "credentials", "endpoint", "headers", "proxy", "scope", "variables")

    def __init__(  # noqa: PLR0913  # one keyword for each argument
        self,
        *,
        credentials: Mapping[str, AnySource | None],
        variables: Mapping[str, str | None],
        endpoint: str | None,
        proxy: str | None,
        headers: Mapping[str, str] | None = None,
        scope: str | None = None,
        asynchronous: bool = False,
    ) -> None:
        """Hold credentials by security scheme, server variables by name, addresses and headers; None is not given.

        `asynchronous` says for which kind of client they are.
        """
        self.credentials: Mapping[str, AnySource | None] = credentials
        self.variables: Mapping[str, str | None] = variables
        self.endpoint: str | None = endpoint
        self.proxy: str | None = proxy
        self.headers: Mapping[str, str] | None = headers
        self.scope: str | None = scope
        self.asynchronous: bool = asynchronous

    def __repr__(self) -> str:
        return "Given()"


class ServerVariable(NamedTuple):
    """One variable in the server's host name, or in its path."""

    name: str
    parameter: str
    """The client's argument."""
    default: str | None
    """None if the caller has to give one."""
    environment: str | None = None
    values: type[Enum] | None = None
    in_path: bool = False


class Service(NamedTuple):
    """The service of a document."""

    host: str | None
    """Scheme and host, with variables in braces; None if the caller has to name them."""
    prefix: str
    """The path that precedes every operation's, with its variables in braces."""
    environment: str | None
    """The environment variable that may name another endpoint."""
    variables: tuple[ServerVariable, ...]
    schemes: tuple[SecurityScheme, ...]
    errors: ErrorBody
    user_agent: str
    logger: str
    """The name of the logger that logs every attempt."""
    anonymous: bool = False
    """Whether operations can be called without credentials."""
    origins: tuple[str, ...] = ()
    """Scheme and host of the servers of single operations."""
    call_id_header: str = ""
    """The header for the caller's id of a call; empty if the API has none."""


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
    held = _hold_headers("headers", cast("Mapping[str, str]", given), settings.credentials, settings.call_id_header)
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


@unseen
def _hold_headers(
    where: str, given: Mapping[str, str], credentials: Mapping[str, Credential], call_id_header: str
) -> dict[str, Credential]:
    """The headers given as `where`; those of this client's credentials and ids have their own arguments."""
    own = [one.name for one in credentials.values() if one.place == "header"]
    return hold_headers(given, where=where, taken={*own, call_id_header.lower()})


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
    endpoint, prefix, named = _find_place(service, given)
    found |= hold_tokens(schemes, endpoint, given.scope, asynchronous=given.asynchronous)
    headers = _hold_headers("default_headers", given.headers or {}, found, service.call_id_header)
    return endpoint, prefix, named, found, headers


def _find_place(service: Service, given: Given) -> tuple[Endpoint, str, bool]:
    """The endpoint, the path that precedes every operation's, and whether the caller named the endpoint."""
    endpoint, named = _find_endpoint(service, given)
    in_path = [variable for variable in service.variables if variable.in_path]
    prefix = fill_path(service.prefix, {one.name: _find_variable(one, service, given) for one in in_path})
    refuse_prefix(endpoint, prefix)
    return endpoint, prefix, named


def _find_endpoint(service: Service, given: Given) -> tuple[Endpoint, bool]:
    in_host = [variable for variable in service.variables if not variable.in_path]
    named = [variable.parameter for variable in in_host if given.variables.get(variable.name) is not None]
    if given.endpoint is not None and named:
        raise ConfigurationError(f"endpoint: cannot be combined with {' and '.join(named)}; give one of them")
    endpoint = given.endpoint
    if endpoint is None and not named:
        endpoint = from_environment(service.environment)
    if endpoint is not None:
        return parse_endpoint(endpoint), True
    if service.host is None:
        hint = f", or set {service.environment}" if service.environment else ""
        raise ConfigurationError(f"endpoint: is missing; give endpoint={hint}")
    values = {one.name: _find_variable(one, service, given) for one in in_host}
    return parse_endpoint(fill_host(service.host, values)), False


def _find_variable(variable: ServerVariable, service: Service, given: Given) -> str:
    value = given.variables.get(variable.name)
    if value is None:
        value = from_environment(variable.environment) or variable.default
    if value is None:
        places = [f"{variable.parameter}=" + ("" if variable.in_path else " or endpoint=")]
        names = (variable.environment, None if variable.in_path else service.environment)
        places += [name for name in names if name is not None]
        raise ConfigurationError(f"{variable.parameter}: is missing; give {', or set '.join(places)}")
    if not isinstance(cast("object", value), str):
        raise ConfigurationError(f"{variable.parameter}: is of the type {type(value).__name__}; give str")
    if variable.values is None:
        return value
    elsewhere = "" if variable.in_path else ", or give endpoint= for a host that this version does not know"
    otherwise = f"check the spelling{elsewhere}"
    return find_spelled(variable.values, value, parameter=variable.parameter, otherwise=otherwise)


def find_spelled(values: type[Enum], spelled: str, *, parameter: str, otherwise: str) -> str:
    """The value of the one member whose value or name matches `spelled`.

    Raises:
        ConfigurationError: none does, or several do. The message shows only known values: what was given may be a key
            in the wrong place. `otherwise` says what to do if none is similar.
    """
    spellings = dict[str, set[str]]()
    for name, member in values.__members__.items():
        for spelling in (name, str(member.value)):
            spellings.setdefault(_plain(spelling), set()).add(str(member.value))
    found = spellings.get(_plain(spelled), set())
    if spelled in found:
        return spelled
    if len(found) == 1:
        return min(found)
    if found:
        known = " or ".join(map(repr, sorted(found)))
        raise ConfigurationError(f"{parameter}: may mean {known}; give one of them")
    from difflib import get_close_matches  # noqa: PLC0415  # only where it is needed

    close = get_close_matches(_plain(spelled)[:_LONGEST_COMPARED], spellings, n=1, cutoff=_LIKENESS)
    advice = f"did you mean {min(spellings[close[0]])!r}?" if close else otherwise
    raise ConfigurationError(f"{parameter}: is not one of {values.__name__}; {advice}")


def _plain(spelling: str) -> str:
    return spelling.translate(_IGNORED).casefold()
