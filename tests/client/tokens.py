"""Credentials that give tokens, of either kind, made by hand after the protocols that callers know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .conftest import NOON

if TYPE_CHECKING:
    from .conftest import Driver

SCOPE = "https://gateway.example/.default"
HOUR = 3600


@dataclass(frozen=True)
class Given:
    """A token with its end."""

    token: str = field(repr=False)
    expires_on: int
    refresh_on: int | None = None


class Asked:
    """Gives what `answer` makes of the number of times that it was asked; it notes what it was asked for."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        """Ask `answer`; an error that it gives is raised."""
        self._answer = answer
        self.asked: list[tuple[tuple[str, ...], dict[str, Any]]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.begun = threading.Event()

    def note(self, scopes: tuple[str, ...], named: dict[str, Any]) -> Any:
        """The next answer."""
        self.asked.append((scopes, named))
        self.begun.set()
        given = self._answer(len(self.asked))
        if isinstance(given, BaseException):
            raise given
        return given


class SyncCredential(Asked):
    """The one for the sync client; it answers once `may_answer` is set."""

    def get_token(self, *scopes: str, **named: Any) -> Any:
        """A token."""
        self.begun.set()
        self.may_answer.wait(10)
        return self.note(scopes, named)


class AsyncCredential(Asked):
    """The one for the async client."""

    async def get_token(self, *scopes: str, **named: Any) -> Any:
        """A token."""
        self.begun.set()
        while not self.may_answer.is_set():  # noqa: ASYNC110  # a thread may set it
            await asyncio.sleep(0.001)
        return self.note(scopes, named)


class SyncInfo(Asked):
    """The sync one that knows only the newer method."""

    def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """A token."""
        return self.note(scopes, options or {})


class AsyncInfo(Asked):
    """The async one of them."""

    async def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """A token."""
        return self.note(scopes, options or {})


def numbered(number: int) -> Given:
    """The token of this number, which lives for an hour from noon on."""
    return Given(f"token-{number}", int(NOON.timestamp()) + HOUR)


def credential(driver: Driver, answer: Callable[[int], Any] = numbered) -> Any:
    """A credential for the clients of this driver."""
    return SyncCredential(answer) if driver.runner is None else AsyncCredential(answer)


def info(driver: Driver, answer: Callable[[int], Any] = numbered) -> Any:
    """The same with the newer method."""
    return SyncInfo(answer) if driver.runner is None else AsyncInfo(answer)
