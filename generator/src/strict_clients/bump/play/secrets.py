"""The credentials of a play: made-up keys, passwords, and what gives tokens."""

from __future__ import annotations

from typing import Any

_NEVER = 1 << 40
"""Unix time of the end of all tokens."""


class Login:
    """Gives one token for every scope, and is that token, too."""

    def __init__(self, token: str) -> None:
        """Give this one."""
        self.token, self.expires_on = token, _NEVER

    def get_token(self, *_: str, **__: Any) -> Any:
        """The token."""
        return self

    def of_kind(self, *, asynchronous: bool) -> Login:
        """The same for a client of this kind."""
        return AsyncLogin(self.token) if asynchronous else self


class AsyncLogin(Login):
    """The same for asyncio."""

    async def get_token(self, *_: str, **__: Any) -> Any:
        """The token."""
        return self


def gives_tokens(scheme: Any) -> bool:
    """Whether callers give something that is asked for tokens; packages of an earlier generator know none."""
    return getattr(scheme, "tokens", None) is not None


def secret(scheme: Any, value: str) -> Any:
    """What is given for a security scheme, as arguments are shown."""
    if gives_tokens(scheme):
        return {"$": "Login", "value": value}
    return ["user", value] if scheme.basic else value


def without_rivals(schemes: Any) -> list[Any]:
    """The schemes that one client can be given together."""
    spared = {name for one in schemes for name in getattr(one, "instead_of", ())}
    return [one for one in schemes if one.name not in spared]
