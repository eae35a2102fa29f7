"""What a document says about its service, and the settings that a client makes of it and of its arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias, TypeVar, cast

from .endpoint import Origin, fill_host, fill_path, parse_origin
from .errors import ConfigurationError
from .events import EventHook, Observer
from .operation import ErrorBody
from .policy import RetryPolicy, Timeouts
from .secret import Secret
from .settings import Clock, Credential, Settings

CredentialSource: TypeAlias = str | Callable[[], str]
"""A credential, or a function that is asked for it before every attempt."""


SettingT = TypeVar("SettingT")


class SecurityScheme(NamedTuple):
    """One way to authenticate: which argument fills it and how it is sent."""

    name: str
    parameter: str
    header: str
    prefix: str = ""
    environment: str | None = None


class Credentials:
    """What a client was given to authenticate with, by security scheme; no repr and no frame shows it."""

    __slots__ = ("_given",)

    def __init__(self, given: Mapping[str, CredentialSource | None]) -> None:
        """Hold what was given; None is taken from the environment."""
        self._given = dict(given)

    def take(self, scheme: SecurityScheme) -> Secret | None:
        """The credential of a scheme, or None where there is none.

        Raises:
            ConfigurationError: it cannot be sent.
        """
        if self._given[scheme.name] is None:
            self._given[scheme.name] = _from_environment(scheme.environment)
        # Never under a local name: a traceback that shows locals would show it.
        return None if self._given[scheme.name] is None else Secret(self._given[scheme.name], name=scheme.parameter)

    def __repr__(self) -> str:
        return "Credentials()"


class ServerVariable(NamedTuple):
    """One variable in the server's host name, or in the path behind it."""

    name: str
    parameter: str
    """The client's argument."""
    default: str | None
    """None where the caller has to say."""
    environment: str | None = None
    values: type[Enum] | None = None
    in_path: bool = False


class Service(NamedTuple):
    """The service of a document."""

    host: str | None
    """Scheme and host, with its variables in braces; None where the caller has to name them."""
    prefix: str
    """The path that stands before every operation's, with its variables in braces."""
    environment: str | None
    """The variable of the environment that names another endpoint."""
    variables: tuple[ServerVariable, ...]
    schemes: tuple[SecurityScheme, ...]
    errors: ErrorBody
    user_agent: str
    logger: str
    """The name of the logger that is told of every attempt."""


def build_settings(  # noqa: PLR0913  # one keyword for each thing that a client can be told
    service: Service,
    *,
    credentials: Credentials,
    variables: Mapping[str, str | None],
    endpoint: str | None,
    timeouts: Timeouts | None,
    retry: RetryPolicy | None,
    strict_json: bool,
    on_event: EventHook | None,
) -> Settings:
    """The settings of a client; what is not given is taken from the environment.

    Raises:
        ConfigurationError: a credential or the endpoint is missing or wrong.
    """
    return Settings(
        origin=_find_origin(service, variables, endpoint),
        prefix=_find_prefix(service, variables),
        credentials=_find_credentials(service, credentials),
        errors=service.errors,
        user_agent=service.user_agent,
        timeouts=_kept("timeouts", timeouts, Timeouts),
        retry=_kept("retry", retry, RetryPolicy),
        clock=Clock(),
        observer=Observer(service.logger, _callable_or_none("on_event", on_event)),
        strict_json=strict_json,
    )


def _callable_or_none(name: str, given: EventHook | None) -> EventHook | None:
    if given is not None and not callable(cast("object", given)):
        raise ConfigurationError(f"{name}: is {given!r:.80}; give a function")
    return given


def _kept(name: str, given: object, kind: type[SettingT]) -> SettingT:
    if given is None:
        return kind()
    if not isinstance(given, kind):
        raise ConfigurationError(f"{name}: is {given!r:.80}; give a {kind.__name__}")
    return given


def _find_origin(service: Service, variables: Mapping[str, str | None], endpoint: str | None) -> Origin:
    in_host = [variable for variable in service.variables if not variable.in_path]
    given = {one.name: value for one in in_host if (value := variables.get(one.name)) is not None}
    if endpoint is not None and given:
        shown = " and ".join(one.parameter for one in in_host if one.name in given)
        raise ConfigurationError(f"endpoint: stands beside {shown}; give one of them")
    if endpoint is None and not given:
        endpoint = _from_environment(service.environment)
    if endpoint is not None:
        return parse_origin(endpoint)
    if service.host is None:
        hint = f", or set {service.environment}" if service.environment else ""
        raise ConfigurationError(f"endpoint: is missing; give endpoint={hint}")
    values = {variable.name: _variable(variable, service, given.get(variable.name)) for variable in in_host}
    return parse_origin(fill_host(service.host, values))


def _find_prefix(service: Service, variables: Mapping[str, str | None]) -> str:
    in_path = [variable for variable in service.variables if variable.in_path]
    return fill_path(service.prefix, {one.name: _variable(one, service, variables.get(one.name)) for one in in_path})


def _variable(variable: ServerVariable, service: Service, given: str | None) -> str:
    value = given if given is not None else _from_environment(variable.environment) or variable.default
    if value is None:
        places = [f"{variable.parameter}=" + ("" if variable.in_path else " or endpoint=")]
        elsewhere = None if variable.in_path else service.environment
        places += [name for name in (variable.environment, elsewhere) if name is not None]
        raise ConfigurationError(f"{variable.parameter}: is missing; give {', or set '.join(places)}")
    if variable.values is None:
        return value
    try:
        return str(variable.values(value).value)
    except ValueError:
        advice = "" if variable.in_path else ", or give endpoint= for a host that this version does not know"
        raise ConfigurationError(
            f"{variable.parameter}: {value!r:.80} is not one of {variable.values.__name__}; check the spelling{advice}"
        ) from None


def _find_credentials(service: Service, given: Credentials) -> dict[str, Credential]:
    found: dict[str, Credential] = {}
    for scheme in service.schemes:
        secret = given.take(scheme)
        if secret is not None:
            found[scheme.name] = Credential(header=scheme.header, prefix=scheme.prefix, secret=secret)
    if service.schemes and not found:
        parameters = " or ".join(f"{scheme.parameter}=" for scheme in service.schemes)
        names = [scheme.environment for scheme in service.schemes if scheme.environment is not None]
        hint = f", or set {' or '.join(names)}" if names else ""
        raise ConfigurationError(f"{service.schemes[0].parameter}: is missing; give {parameters}{hint}")
    return found


def _from_environment(name: str | None) -> str | None:
    return (os.environ.get(name) or None) if name is not None else None
