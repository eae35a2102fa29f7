"""Secrets that have to be asked for, which takes time: the answer of a function that is awaited, or a token."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .credentials import Secret, unseen

if TYPE_CHECKING:
    from ..http.deadline import Clock

_MOST_CAUSES = 10


class Question:
    """A secret that is asked for when `settle` or `settle_async` is run.

    Attributes:
        asker: the call that has to begin it.
        since: when it was made, in Unix time.
        shared: whether other calls may wait for the same answer.
        begun: whether it is being asked.
        over: is done when the answer is there, or will not come.
        answer: the secret.
        error: why there is none. Without either, asking was given up.
        give_up: ends the asking where it has begun.
    """

    __slots__ = ("_ask", "_keep", "answer", "asker", "begun", "error", "give_up", "over", "shared", "since")

    def __init__(
        self, asker: object, ask: Callable[[], Any], keep: Callable[[Any], Secret], *, since: float, shared: bool
    ) -> None:
        """Make one: `ask` gives a value, or an awaitable of one, that `keep` makes a secret of."""
        self._ask, self._keep = ask, keep
        self.asker, self.since, self.shared, self.begun = asker, since, shared, False
        self.over: Future[None] = Future()
        self.answer: Secret | None = None
        self.error: BaseException | None = None
        self.give_up: Callable[[], object] = self.end

    def settle(self) -> None:
        """Ask, and wait for the answer."""
        try:
            self.answer = self._keep(self._ask())
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait raise it
            self.error = _without_frames(error)
        self.end()

    async def settle_async(self) -> None:
        """The same for asyncio."""
        try:
            self.answer = self._keep(await self._ask())
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait raise it
            self.error = _without_frames(error)
        finally:
            self.end()

    def end(self) -> None:
        """Wake everyone who waits."""
        if not self.over.done():
            self.over.set_result(None)

    def leave(self, asker: object) -> None:
        """Note that a call does not wait any more; its own question is given up where no other call may wait for it."""
        if asker is self.asker and not (self.shared and self.begun):
            self.give_up()

    def __repr__(self) -> str:
        return "Question()"


class AskedSecret(Secret):
    """A credential given as a function to an async client: what it gives may have to be awaited."""

    __slots__ = ()

    def ask(self, asker: object, clock: Clock) -> Secret | Question:
        """The credential as the function gives it now, or the question whose answer has to be awaited."""
        return self._take(self._ask(), asker, clock)

    @unseen
    def _take(self, given: object, asker: object, clock: Clock) -> Secret | Question:
        if not inspect.isawaitable(given):
            return self.keep(given)
        return Question(asker, lambda: given, self.keep, since=clock.now().timestamp(), shared=False)


def _without_frames(error: BaseException) -> BaseException:
    # They hold what was asked for, such as a token.
    one: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if one is not None:
            one.__traceback__ = None
            one = one.__cause__ or one.__context__
    return error
