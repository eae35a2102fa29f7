"""The security schemes of a document, and what callers give for each."""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from ..errors import ConfigurationError
from .credentials import Credential, Secret, Way
from .endpoint import Endpoint, TokenHosts


class KeyHolder(Protocol):
    """Holds a key that may change; it is read before every attempt."""

    @property
    def key(self) -> str:
        """The key as it is now."""
        ...


class AccessToken(Protocol):
    """A token and its end. With an attribute `refresh_on`, a new one is asked for from then on (Unix time)."""

    @property
    def token(self) -> str:
        """The token itself."""
        ...

    @property
    def expires_on(self) -> int:
        """Its end, in Unix time."""
        ...


class GivesTokens(Protocol):
    """Gives tokens for scopes."""

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """A token of these scopes."""
        ...


class GivesTokenInfo(Protocol):
    """Gives tokens, and says more about them."""

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessToken:
        """A token of these scopes."""
        ...


class AsyncGivesTokens(Protocol):
    """Gives tokens for scopes, and has to be awaited."""

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """A token of these scopes."""
        ...


class AsyncGivesTokenInfo(Protocol):
    """Gives tokens, says more about them, and has to be awaited."""

    async def get_token_info(self, *scopes: str, options: Any = None) -> AccessToken:
        """A token of these scopes."""
        ...


CredentialSource: TypeAlias = str | Callable[[], str]
"""A credential, or a function that is asked for it before every attempt."""

AsyncCredentialSource: TypeAlias = Callable[[], str | Awaitable[str]]
"""The function may also be an async one."""

BasicSource: TypeAlias = str | tuple[str, str] | Callable[[], str | tuple[str, str]]
"""A user name and a password as a pair, or with a colon between them, or a function that is asked for them."""

AsyncBasicSource: TypeAlias = Callable[[], str | tuple[str, str] | Awaitable[str | tuple[str, str]]]
"""The function may also be an async one."""

TokenCredential: TypeAlias = GivesTokens | GivesTokenInfo
"""Gives tokens for scopes."""

AsyncTokenCredential: TypeAlias = AsyncGivesTokens | AsyncGivesTokenInfo
"""The same for asyncio."""

AnySource: TypeAlias = (
    CredentialSource
    | AsyncCredentialSource
    | BasicSource
    | AsyncBasicSource
    | KeyHolder
    | TokenCredential
    | AsyncTokenCredential
)
"""Whatever callers may give as a credential."""


def is_async_function(source: object) -> bool:
    """Whether calling this gives an awaitable, as far as it can be seen without a call."""
    return inspect.iscoroutinefunction(source) or inspect.iscoroutinefunction(getattr(source, "__call__", None))  # noqa: B004


def _gives_tokens(source: object) -> bool:
    """Whether this is a credential that is asked for tokens."""
    return hasattr(source, "get_token") or hasattr(source, "get_token_info")


class SecurityScheme(NamedTuple):
    """One way to authenticate: which argument fills it and how it is sent."""

    name: str
    parameter: str
    header: str = ""
    """The name of the header, the query parameter or the cookie that carries it; the others are empty."""
    query: str = ""
    cookie: str = ""
    prefix: str = ""
    environment: str | None = None
    basic: bool = False
    """Whether it is a user name and a password."""
    tokens: TokenHosts | None = None
    """Where it is a credential that is asked for tokens: the hosts that take them."""
    instead_of: tuple[str, ...] = ()
    """The schemes that are not given beside it, because it does for all that they do."""

    def hold(self, source: AnySource, *, scope: str = "", asynchronous: bool = False) -> Credential:
        """The credential that is given as `source`, to a client of this kind; tokens are asked for this scope.

        Raises:
            ConfigurationError: it cannot be sent.
        """
        place: Literal["header", "query", "cookie"] = "query" if self.query else "cookie" if self.cookie else "header"
        name = self.header.lower() or self.query or self.cookie
        return Credential(name, self.prefix, self._secret(source, place, scope, asynchronous=asynchronous), place)

    def _secret(self, source: AnySource, place: Way, scope: str, *, asynchronous: bool) -> Secret:
        if self.tokens is not None:
            from .asked import Tokens  # noqa: PLC0415  # most clients have a key

            return Tokens(source, name=self.parameter, scope=scope, asynchronous=asynchronous)
        way: Way = "basic" if self.basic else place
        if not callable(source) and not hasattr(source, "key"):
            return Secret(source, name=self.parameter, way=way)
        if not asynchronous and is_async_function(source):
            raise ConfigurationError(f"{self.parameter}: is an async function; give another, or use the async client")
        from .asked import AskedSecret  # noqa: PLC0415  # the same

        return AskedSecret(source, name=self.parameter, way=way, asynchronous=asynchronous)

    def require_kind(self, source: object, others: Iterable[SecurityScheme]) -> None:
        """Make sure that tokens are asked for where there are some, and nowhere else.

        Raises:
            ConfigurationError: the credential is for another scheme, or a class.
        """
        if isinstance(source, type):
            raise ConfigurationError(f"{self.parameter}: is the class {source.__name__}; give an object of it")
        wants, gives = self.tokens is not None, _gives_tokens(source)
        if wants == gives:
            return
        fitting = [f"{one.parameter}=" for one in others if (one.tokens is not None) == gives]
        advice = f"give it as {' or '.join(fitting)}" if fitting else "this service takes none"
        if wants and callable(source):  # some libraries take functions that give tokens
            advice = f"give an object with get_token; if the function gives a key, {advice}"
        shown = "gives tokens" if gives else f"is of the type {type(source).__name__}, which gives no tokens"
        raise ConfigurationError(f"{self.parameter}: {shown}; {advice}")


class Filled(NamedTuple):
    """A scheme with what a caller has given for it."""

    scheme: SecurityScheme
    source: AnySource


def choose_schemes(
    schemes: Sequence[SecurityScheme], given: Mapping[str, AnySource | None], *, anonymous: bool
) -> list[Filled]:
    """The schemes that are given, by their names, or by environment variables.

    Raises:
        ConfigurationError: none is, where one is needed, or two are of which one does for both.
    """
    wanted = [scheme for scheme in schemes if given.get(scheme.name) is not None]
    spared = {name for scheme in wanted for name in scheme.instead_of}
    for scheme in wanted:
        if scheme.name in spared:
            other = next(one.parameter for one in wanted if scheme.name in one.instead_of)
            raise ConfigurationError(f"{other}: cannot be combined with {scheme.parameter}; leave one of them out")
    found = list[Filled]()
    for scheme in schemes:
        source = given.get(scheme.name)
        if source is None and scheme.name not in spared:
            source = from_environment(scheme.environment)
        if source is not None:
            scheme.require_kind(source, schemes)
            found.append(Filled(scheme, source))
    if schemes and not found and not anonymous:
        parameters = " or ".join(f"{scheme.parameter}=" for scheme in schemes)
        names = [scheme.environment for scheme in schemes if scheme.environment is not None]
        hint = f", or set {' or '.join(names)}" if names else ""
        raise ConfigurationError(f"{schemes[0].parameter}: is missing; give {parameters}{hint}")
    return found


def hold_keys(filled: Iterable[Filled], *, asynchronous: bool) -> dict[str, Credential]:
    """The credentials that are not tokens, by scheme, for a client of this kind.

    Raises:
        ConfigurationError: one cannot be sent.
    """
    return {
        scheme.name: scheme.hold(source, asynchronous=asynchronous)
        for scheme, source in filled
        if scheme.tokens is None
    }


def hold_tokens(
    filled: Iterable[Filled], endpoint: Endpoint, scope: str | None, *, asynchronous: bool
) -> dict[str, Credential]:
    """The credentials that are asked for tokens, by scheme; `scope` is the one that the caller names.

    Raises:
        ConfigurationError: the endpoint takes none, or the scope or the credential is wrong.
    """
    found = dict[str, Credential]()
    for scheme, source in filled:
        if scheme.tokens is not None:
            known = scheme.tokens.scope_at(endpoint, scope, parameter=scheme.parameter)
            found[scheme.name] = scheme.hold(source, scope=known, asynchronous=asynchronous)
    if scope is not None and not found:
        raise ConfigurationError("scope: is for tokens, and no credential gives any; leave it out")
    return found


def from_environment(name: str | None) -> str | None:
    """The text in an environment variable; None where it is empty."""
    return (os.environ.get(name) or None) if name is not None else None
