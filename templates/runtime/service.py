"""What a document says about its service, and the settings that a client makes of it and of its arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias, TypeVar, cast

from .endpoint import Origin, fill_host, parse_origin
from .errors import ConfigurationError
from .events import EventHook, Observer
from .network import Route
from .operation import ErrorBody
from .policy import RetryPolicy, Timeouts
from .proxies import choose_proxy
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
    """One variable in the server's host name."""

    name: str
    default: str | None
    """None where the caller has to say."""
    environment: str | None = None
    values: type[Enum] | None = None


class Service(NamedTuple):
    """The service of a document."""

    host: str
    """Scheme and host, with its variables in braces."""
    prefix: str
    """The path that stands before every operation's."""
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
        prefix=service.prefix,
        credentials=_find_credentials(service, credentials),
        errors=service.errors,
        user_agent=service.user_agent,
        timeouts=_kept("timeouts", timeouts, Timeouts),
        retry=_kept("retry", retry, RetryPolicy),
        clock=Clock(),
        observer=Observer(service.logger, _callable_or_none("on_event", on_event)),
        strict_json=strict_json,
    )


def build_route(settings: Settings, *, proxy: str | None, trust_env: bool) -> Route:
    """How a client gets to its origin.

    Raises:
        ConfigurationError: the proxy or the certificates that it names, or the environment, cannot be used.
    """
    origin, tls = settings.origin, None
    if origin.url.startswith("https:"):
        from .tls import find_context  # noqa: PLC0415  # only where it is needed

        tls = find_context(trust_env=trust_env)
    return Route(
        url=origin.url,
        connect=settings.timeouts.connect,
        proxy=choose_proxy(origin, given=proxy, trust_env=trust_env),
        tls=tls,
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
    given = {name: value for name, value in variables.items() if value is not None}
    if endpoint is not None and given:
        raise ConfigurationError(f"endpoint: stands beside {' and '.join(given)}; give one of them")
    if endpoint is None and not given:
        endpoint = _from_environment(service.environment)
    if endpoint is not None:
        return parse_origin(endpoint)
    values = {variable.name: _variable(variable, service, given.get(variable.name)) for variable in service.variables}
    return parse_origin(fill_host(service.host, values))


def _variable(variable: ServerVariable, service: Service, given: str | None) -> str:
    value = given if given is not None else _from_environment(variable.environment) or variable.default
    if value is None:
        places = [f"{variable.name}= or endpoint="]
        places += [name for name in (variable.environment, service.environment) if name is not None]
        raise ConfigurationError(f"{variable.name}: is missing; give {', or set '.join(places)}")
    if variable.values is None:
        return value
    try:
        return str(variable.values(value).value)
    except ValueError:
        raise ConfigurationError(
            f"{variable.name}: {value!r:.80} is not one of {variable.values.__name__}; "
            "check the spelling, or give endpoint= for a host that this version does not know"
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
