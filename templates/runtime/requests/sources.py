"""What callers give as credentials, and which hosts take tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .endpoint import Endpoint


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


def gives_tokens(source: object) -> bool:
    """Whether this is a credential that is asked for tokens."""
    return hasattr(source, "get_token") or hasattr(source, "get_token_info")


class TokenHosts(NamedTuple):
    """The hosts that take tokens, and those that do not, by patterns such as `*.example.com`."""

    scopes: tuple[tuple[str, str], ...]
    """Patterns, each with the scope of the tokens there."""
    refused: tuple[tuple[str, str], ...] = ()
    """Patterns, each with what to do instead."""

    def scope_at(self, endpoint: Endpoint, given: object, *, parameter: str) -> str:
        """The scope of tokens for this endpoint: the one that the caller has given, or the document's.

        No message quotes what is given.

        Raises:
            ConfigurationError: the endpoint takes no tokens, or its scope is not known.
        """
        if not endpoint.origin.startswith("https:"):
            raise ConfigurationError(f"{parameter}: tokens are sent to https alone; give an endpoint of https")
        for pattern, advice in self.refused:
            if _matches(pattern, endpoint.host):
                raise ConfigurationError(f"{parameter}: {pattern} takes no tokens; {advice}")
        if given is not None:
            if not isinstance(given, str) or not given or not given.isprintable() or " " in given:
                raise ConfigurationError("scope: is no scope; give one text without blanks")
            return given
        for pattern, scope in self.scopes:
            if _matches(pattern, endpoint.host):
                return scope
        raise ConfigurationError(f"{parameter}: the scope of tokens for this endpoint is not known; give scope=")


def _matches(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*") else host == pattern
