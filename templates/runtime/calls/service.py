"""The service of a document: where it is, how it is called, and what a caller has given for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, cast

from ..errors import ConfigurationError
from ..requests.endpoint import Endpoint, fill_host, fill_path, parse_endpoint, refuse_prefix
from ..requests.schemes import SecurityScheme, from_environment
from ..responses.status_errors import ErrorBody

if TYPE_CHECKING:
    from ..requests.schemes import AnySource

_IGNORED = {ord(character): None for character in " -_"}
_LONGEST_COMPARED = 80
_LIKENESS = 0.7


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


def find_place(service: Service, given: Given) -> tuple[Endpoint, str, bool]:
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
