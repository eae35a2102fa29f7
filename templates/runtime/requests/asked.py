"""Secrets that have to be asked for, which takes time: keys that are awaited, and tokens.

Tokens are asked for once for all calls, and kept until shortly before their end.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .credentials import Secret, unseen, without_frames

if TYPE_CHECKING:
    from ..http.deadline import Clock
    from .credentials import Way

# Seconds before its end in which a token is not sent any more: it has to outlast its way, and clocks differ.
_MARGIN = 300
# Seconds after which a question that has no answer yet is asked anew.
_LONGEST = 60
# RFC 9110, 11.6.1: the parameter of a challenge; what it says is in base64url.
_CLAIMS = re.compile(r'\bclaims\s*=\s*"([A-Za-z0-9_+/=-]*)"', re.IGNORECASE)


class Question:
    """A secret that is asked for when `settle` or `settle_async` is run.

    Attributes:
        asker: the call that has to begin it.
        since: when it was made, by a clock that is never set.
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
        except BaseException as error:  # noqa: BLE001  # the waiting callers raise it
            self.error = without_frames(error)
        self.end()

    async def settle_async(self) -> None:
        """The same for asyncio."""
        try:
            self.answer = self._keep(await self._ask())
        except Exception as error:  # noqa: BLE001  # the waiting callers raise it
            self.error = without_frames(error)
        finally:
            self.end()

    def end(self) -> None:
        """Wake everyone who waits."""
        with suppress(InvalidStateError):  # it has ended, in another thread
            self.over.set_result(None)

    def leave(self, asker: object) -> None:
        """Note that a call does not wait any more; its own question is given up where no other call may wait for it."""
        if asker is self.asker and not (self.shared and self.begun):
            self.give_up()

    def __repr__(self) -> str:
        return "Question()"


class AskedSecret(Secret):
    """A credential given as a function or a holder; for an async client, it may have to be awaited."""

    __slots__ = ("_asynchronous",)
    is_asked = True

    def __init__(self, source: object, *, name: str, way: Way = "header", asynchronous: bool) -> None:
        """Ask `source` before every attempt of a client of this kind.

        Raises:
            ConfigurationError: it holds what cannot be sent.
        """
        super().__init__(source, name=name, way=way)
        self._asynchronous = asynchronous

    def ask(self, asker: object, clock: Clock) -> Secret | Question:
        """The credential as it is given now, or the question for it, which `asker` has to begin."""
        return self._take(self._read(), asker, clock)

    def _read(self) -> Any:
        handled = sys.exception()  # of the caller's own, which keeps its frames
        try:
            return self._ask()
        except BaseException as error:
            without_frames(error, handled)  # they may hold the credential
            raise

    @unseen
    def _take(self, given: object, asker: object, clock: Clock) -> Secret | Question:
        if not (self._asynchronous and inspect.isawaitable(given)):
            return self.keep(given)
        return Question(asker, lambda: given, self.keep, since=clock.monotonic(), shared=False)

    def keep(self, value: Any) -> Secret:
        """What was given, as a secret of its own; its echoes are hidden here, too.

        Raises:
            ConfigurationError: it cannot be sent.
        """
        kept = Secret(value, name=self._name, way=self._way)
        kept.reveal()
        for sent in reversed(kept._sent):  # noqa: SLF001  # of the same class
            self._remember(sent)
        return kept


class Token(Secret):
    """One token, as one attempt sends it."""

    __slots__ = ("_tokens", "fresh_until")

    def __init__(self, text: object, *, name: str, tokens: Tokens, fresh_until: float) -> None:
        """Hold a token of `tokens` that is sent until `fresh_until`, in Unix time.

        Raises:
            ConfigurationError: it cannot be sent.
        """
        super().__init__(text, name=name)
        self._tokens = tokens
        self.fresh_until = fresh_until

    def renew(self, challenge: str) -> bool:
        """Have another token asked for, for this one was refused with this challenge."""
        self._tokens.drop(self, challenge)
        return True


class Tokens(AskedSecret):
    """The tokens of a credential for one scope. Threads may share it, and so may clients; a fork begins anew."""

    __slots__ = ("_claims", "_credential", "_kept", "_questions", "_scope")

    def __init__(self, credential: Any, *, name: str, scope: str, asynchronous: bool) -> None:
        """Ask `credential` for tokens of `scope`; `name` is the argument's name, for error messages.

        Raises:
            ConfigurationError: it is for clients of the other kind.
        """
        super().__init__(lambda: "", name=name, asynchronous=asynchronous)
        self._credential, self._scope = credential, scope
        self._claims: str | None = None
        self._kept: Token | None = None
        # By process: the thread that asks is not in a forked child. Setting a default is one step for all threads.
        self._questions = dict[int, Question]()
        request = getattr(credential, "get_token_info", None) or credential.get_token
        only_async = hasattr(credential, "__aexit__") and not hasattr(credential, "__exit__")
        if (inspect.iscoroutinefunction(request) or only_async) != asynchronous:
            raise self._of_other_kind()

    def ask(self, asker: object, clock: Clock) -> Secret | Question:
        """The token that is kept, or the question for another one, which `asker` may have to begin."""
        now, since = clock.now().timestamp(), clock.monotonic()
        if (kept := self._fresh(now)) is not None:
            return kept
        process = os.getpid()
        asked = self._questions.get(process)
        if asked is not None and since - asked.since > _LONGEST:
            self._forget(process, asked)
        mine = Question(asker, self._request, self.keep, since=since, shared=True)
        asked = self._questions.setdefault(process, mine)
        if asked is mine:
            mine.over.add_done_callback(lambda _: self._forget(process, mine))
            if (kept := self._fresh(now)) is not None:  # an answer has come in the meantime
                mine.end()
                return kept
        return asked

    def keep(self, value: Any) -> Secret:
        """The token that the credential has given, kept until shortly before its end.

        Raises:
            ConfigurationError: it is none, or cannot be sent.
        """
        text, end = getattr(value, "token", None), getattr(value, "expires_on", None)
        start_over = getattr(value, "refresh_on", None) or end
        if not isinstance(end, (int, float)) or not isinstance(start_over, (int, float)):
            raise ConfigurationError(
                f"{self._name}: gave a {type(value).__name__}; it has to give a token with its end"
            )
        made = Token(text, name=self._name, tokens=self, fresh_until=min(start_over, end - _MARGIN))
        self._remember(made.reveal())
        self._kept, self._claims = made, None
        return made

    def drop(self, refused: Token, challenge: str) -> None:
        """Keep this token no longer, and ask with the claims of the challenge, if it has any."""
        if self._kept is not refused:  # another call has done it
            return
        found = _CLAIMS.search(challenge)
        if found is not None:
            with suppress(ValueError):
                self._claims = urlsafe_b64decode(found[1].replace("+", "-").replace("/", "_") + "==").decode()
        self._kept = None

    def _request(self) -> Any:
        """What the credential gives: a token, or for asyncio an awaitable."""
        claims, credential = self._claims, self._credential
        said = {} if claims is None else {"claims": claims}
        if hasattr(credential, "get_token_info"):
            given = credential.get_token_info(self._scope, options=said or None)
        else:
            given = credential.get_token(self._scope, **said)
        if inspect.isawaitable(given) != self._asynchronous:
            if inspect.iscoroutine(given):
                given.close()
            raise self._of_other_kind()
        return given

    def _fresh(self, now: float) -> Token | None:
        kept = self._kept
        return kept if kept is not None and now < kept.fresh_until else None

    def _forget(self, process: int, asked: Question) -> None:
        if self._questions.get(process) is asked:
            self._questions.pop(process, None)

    def _of_other_kind(self) -> ConfigurationError:
        kind, other = ("an async", "sync") if self._asynchronous else ("a sync", "async")
        shown = type(self._credential).__name__
        return ConfigurationError(
            f"{self._name}: {shown} is {other}; give {kind} credential, or use the {other} client"
        )
