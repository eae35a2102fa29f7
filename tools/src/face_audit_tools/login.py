"""Tokens of Microsoft Entra ID, from what azure-identity finds on this machine."""

from __future__ import annotations

import asyncio
from typing import Any

from .errors import InputError
from .optional import load

_LONGEST = 600


class Login:
    """A credential of azure-identity, whose errors say what to do."""

    def __init__(self, found: Any, refusal: type[Exception]) -> None:
        """Ask `found`, which raises `refusal` where it has no token."""
        self._found, self._refusal = found, refusal

    def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """A token of these scopes.

        Raises:
            InputError: nobody is logged in.
        """
        try:
            return self._found.get_token_info(*scopes, options=options)
        except self._refusal as error:
            said = " ".join(str(error).split())[:_LONGEST]
            raise InputError(f"login: no token was given ({said}); log in, or give a key") from None


class AsyncLogin:
    """The same for asyncio: it is asked in a thread."""

    def __init__(self, login: Login) -> None:
        """Ask `login`."""
        self._login = login

    async def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """A token of these scopes.

        Raises:
            InputError: nobody is logged in.
        """
        return await asyncio.to_thread(self._login.get_token_info, *scopes, options=options)


def find_login(*, asynchronous: bool) -> Login | AsyncLogin:
    """What azure-identity finds: environment variables, a managed identity, or a login on this machine.

    Raises:
        InputError: it is not installed.
    """
    found = load("azure.identity", extra="entra").DefaultAzureCredential()
    login = Login(found, load("azure.core.exceptions", extra="entra").ClientAuthenticationError)
    return AsyncLogin(login) if asynchronous else login
