"""Tokens: asked for once for all calls, kept until shortly before their end, asked for anew where they are refused."""

from __future__ import annotations

import asyncio
import base64
import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AsyncFaceAuditClient,
    AttemptRequest,
    AttemptTimeoutError,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    FaceAuditClient,
    RetryPolicy,
    Timeouts,
)
from face_audit._runtime.requests.asked import Question, Tokens

from .authority import Authority
from .conftest import NOON, Clock
from .servers import SESSION, Service, answer
from .test_forks import in_child
from .tokens import HOUR, SCOPE, AsyncCredential, Given, SyncCredential, credential, info, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Client, Driver

NO_ENTRY = {"error": {"code": "401", "message": "no"}}


@pytest.fixture
def made(driver: Driver, secure: Service, authority: Authority) -> Callable[..., Client]:
    """Makes clients of that service, which trust it."""

    def make(given: Any, **arguments: Any) -> Client:
        named = {"key": None, "scope": SCOPE, "ssl_context": authority.trusting()} | arguments
        return driver.client(secure.url, credential=given, **named)

    return make


def sent(service: Service) -> list[str]:
    """The tokens of its requests."""
    return [one.headers["authorization"].removeprefix("Bearer ") for one in service.requests]


def refusal(challenge: str = "Bearer") -> Any:
    """A 401 with a challenge."""
    return answer(NO_ENTRY, 401, WWW_Authenticate=challenge)


def test_token_is_asked_for_once_and_sent_with_each_request(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """It is kept, and no key goes along."""
    given = credential(driver)
    client = made(given)

    client.page()
    client.page()

    assert sent(secure) == ["token-1", "token-1"]
    assert given.asked == [((SCOPE,), {})]
    assert not any("ocp-apim-subscription-key" in one.headers for one in secure.requests)


def test_clients_with_other_options_share_the_token(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """They are the same caller."""
    given = credential(driver)
    client = made(given)
    other = type(client)(client.made.with_options(retry=RetryPolicy(max_attempts=2)), driver.runner)

    other.page()
    client.page()

    assert sent(secure) == ["token-1"] * 2
    assert len(given.asked) == 1


def test_credential_with_the_newer_method_alone_is_enough(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """`get_token_info` gives tokens, too."""
    given = info(driver)

    made(given).page()

    assert sent(secure) == ["token-1"]
    assert given.asked == [((SCOPE,), {})]


@pytest.mark.parametrize(("passed", "asked"), [(HOUR - 301, 1), (HOUR - 300, 2)])
def test_token_is_kept_until_five_minutes_before_its_end(
    driver: Driver, made: Callable[..., Client], clock: Clock, passed: int, asked: int
) -> None:
    """One that ends on its way would be refused."""
    given = credential(driver)
    client = made(given, clock=clock)
    client.page()

    clock.seconds += passed
    client.page()

    assert len(given.asked) == asked


def test_token_is_kept_until_it_asks_to_be_replaced(driver: Driver, made: Callable[..., Client], clock: Clock) -> None:
    """Credentials may say from when on another one is to be asked for."""
    noon = int(NOON.timestamp())
    given = info(driver, lambda number: Given(f"token-{number}", noon + HOUR, refresh_on=noon + 60))
    client = made(given, clock=clock)

    client.page()
    clock.seconds = 59
    client.page()
    clock.seconds = 60
    client.page()

    assert len(given.asked) == 2


def test_token_that_ends_soon_is_sent_once(driver: Driver, secure: Service, made: Callable[..., Client]) -> None:
    """It is not a reason to ask for ever."""
    given = credential(driver, lambda number: Given(f"token-{number}", int(NOON.timestamp()) + 10))
    client = made(given)

    client.page()
    client.page()

    assert sent(secure) == ["token-1", "token-2"]


def test_refused_token_is_replaced_once(driver: Driver, secure: Service, made: Callable[..., Client]) -> None:
    """The call is sent again with another token; that attempt is noted like others, and takes no retry."""
    given = credential(driver)
    client = made(given, retry=RetryPolicy(max_attempts=2, budget=0))
    secure.will(refusal(), [])

    page = client.page()

    assert sent(secure) == ["token-1", "token-2"]
    assert [(one.status, one.wait) for one in page.attempts] == [(401, 0.0), (200, None)]


def test_second_refusal_is_final(driver: Driver, secure: Service, made: Callable[..., Client]) -> None:
    """A service that takes no token is not asked for ever; the next call tries again."""
    given = credential(driver)
    client = made(given)
    secure.will(refusal(), refusal(), refusal(), [])

    with pytest.raises(AuthenticationError) as caught:
        client.page()
    page = client.page()

    assert [one.status for one in caught.value.attempts] == [401, 401]
    assert [one.status for one in page.attempts] == [401, 200]
    assert sent(secure) == ["token-1", "token-2", "token-2", "token-3"]


def test_nothing_is_sent_again_where_the_policy_says_so(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """With a single attempt a refusal is final, but the refused token is kept no longer."""
    given = credential(driver)
    client = made(given, retry=RetryPolicy(max_attempts=1))
    secure.will(refusal(), [])

    with pytest.raises(AuthenticationError):
        client.page()
    client.page()

    assert sent(secure) == ["token-1", "token-2"]


def test_refused_key_stays_refused(driver: Driver, service: Service) -> None:
    """A key does not become another one by asking, not even that of a function."""
    service.will(refusal())

    with pytest.raises(AuthenticationError) as caught:
        driver.client(service.url, key=lambda: "some-key").page()

    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize("make", [credential, info])
@pytest.mark.parametrize(
    ("written", "claims"),
    [
        (base64.b64encode(b'{"access_token":{"nbf":"?>"}}').decode(), {"claims": '{"access_token":{"nbf":"?>"}}'}),
        (base64.urlsafe_b64encode(b'{"a":">>>"}').decode().rstrip("="), {"claims": '{"a":">>>"}'}),
        ("a", {}),
        ("_w==", {}),
    ],
)
def test_claims_of_a_challenge_are_passed_on_once(
    driver: Driver, secure: Service, made: Callable[..., Client], make: Any, written: str, claims: dict[str, str]
) -> None:
    """A service may ask for a token with more in it; what is not base64 is passed over."""
    given = make(driver)
    client = made(given)
    secure.will(refusal(f'Bearer realm="", error="insufficient_claims", claims="{written}"'), [])

    client.page()
    secure.will(refusal(), [])
    client.page()

    assert [named for _, named in given.asked] == [{}, claims, {}]


def test_threads_ask_once(authority: Authority) -> None:
    """One thread asks, the others wait for its token."""
    given = SyncCredential(lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()
    with (
        Service(tls=authority.server("127.0.0.1")) as secure,
        FaceAuditClient(credential=given, scope=SCOPE, endpoint=secure.url, ssl_context=authority.trusting()) as client,
    ):
        threads = [threading.Thread(target=client.audit_entries.list_page, args=(SESSION,)) for _ in range(16)]
        for thread in threads:
            thread.start()
        given.begun.wait(10)
        given.may_answer.set()
        for thread in threads:
            thread.join()

    assert sent(secure) == ["token-1"] * 16
    assert len(given.asked) == 1


async def open_async(given: Any, secure: Service, authority: Authority, **arguments: Any) -> AsyncFaceAuditClient:
    """An async client on the machine's clock."""
    return AsyncFaceAuditClient(
        credential=given, scope=SCOPE, endpoint=secure.url, ssl_context=authority.trusting(), **arguments
    )


def test_tasks_ask_once_whoever_is_cancelled(authority: Authority) -> None:
    """The task that began to ask is cancelled, and the others still get its token."""
    given = AsyncCredential(lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()

    async def use(secure: Service) -> list[Any]:
        async with await open_async(given, secure, authority) as client:
            tasks = [asyncio.create_task(client.audit_entries.list_page(SESSION)) for _ in range(8)]
            await asyncio.to_thread(given.begun.wait, 10)
            tasks[0].cancel()
            await asyncio.sleep(0.01)
            given.may_answer.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

    with Service(tls=authority.server("127.0.0.1")) as secure:
        first, *others = asyncio.run(use(secure))

    assert isinstance(first, asyncio.CancelledError)
    assert [one.raw for one in others] == [b"[]"] * 7
    assert sent(secure) == ["token-1"] * 7
    assert len(given.asked) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_child_asks_by_itself(authority: Authority) -> None:
    """It does not wait for a thread that its parent has and it has not."""
    given = SyncCredential(lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()
    with (
        Service(tls=authority.server("127.0.0.1")) as secure,
        FaceAuditClient(credential=given, scope=SCOPE, endpoint=secure.url, ssl_context=authority.trusting()) as client,
    ):
        thread = threading.Thread(target=client.audit_entries.list_page, args=(SESSION,))
        thread.start()
        given.begun.wait(10)

        def act() -> bytes:
            given.may_answer = threading.Event()
            given.may_answer.set()
            return client.audit_entries.list_page(SESSION).raw

        said = in_child(act)
        given.may_answer.set()
        thread.join()

    assert said == "b'[]'"
    assert sent(secure) == ["token-1"] * 2


def test_error_of_a_credential_comes_out_as_itself(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """The client knows nothing better; the next call asks again."""
    given = credential(driver, lambda number: LookupError("no login") if number == 1 else numbered(number))
    client = made(given)

    with pytest.raises(LookupError, match="no login"):
        client.page()
    client.page()

    assert sent(secure) == ["token-2"]


def test_slow_credential_is_waited_for_as_long_as_a_call_may_take(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """`timeouts.call` bounds it; its answer is there for the next call."""
    given = credential(driver, lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()
    client = driver.real_time(made(given, timeouts=Timeouts(call=0.05)))

    with pytest.raises(AttemptTimeoutError, match="the credential that was asked for did not come in time"):
        client.page()
    given.may_answer.set()
    patient = made(given).made
    patient._settings = patient._settings._replace(credentials=client.made._settings.credentials)
    driver._open[-1].page()

    assert sent(secure) == ["token-1"]


def test_credential_that_hangs_is_asked_anew_after_a_minute(
    driver: Driver, secure: Service, made: Callable[..., Client], clock: Clock
) -> None:
    """One that never answers does not stop all later calls."""
    given = credential(driver, lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()
    client = made(given, clock=clock, timeouts=Timeouts(call=0.05))
    for _ in range(2):
        given.begun.clear()
        with pytest.raises(AttemptTimeoutError):
            client.page()
    assert not given.begun.is_set()

    clock.seconds = 61
    with pytest.raises(AttemptTimeoutError):
        client.page()

    assert given.begun.is_set()
    given.may_answer.set()
    assert secure.requests == []


def test_clock_that_is_set_back_delays_no_question(
    driver: Driver, secure: Service, made: Callable[..., Client], clock: Clock
) -> None:
    """A minute is measured by a clock that is never set."""
    given = credential(driver, lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()
    client = made(given, clock=clock, timeouts=Timeouts(call=0.05))
    with pytest.raises(AttemptTimeoutError):
        client.page()
    given.begun.clear()
    known = client.made._settings.clock
    earlier = known._replace(now=lambda: NOON - timedelta(days=1))
    client.made._settings = client.made._settings._replace(clock=earlier)

    clock.seconds = 61
    with pytest.raises(AttemptTimeoutError):
        client.page()

    assert given.begun.is_set()
    given.may_answer.set()
    assert secure.requests == []


def test_calls_that_wait_for_one_answer_have_errors_of_their_own(driver: Driver) -> None:
    """Each has the checkpoint of its own listing."""
    given = credential(driver, lambda _: "rubbish")
    sessions = [f"session-{number}" for number in range(3)]
    given.may_answer.clear()
    begun: list[Any] = []

    def count(request: AttemptRequest) -> None:
        begun.append(request)
        if len(begun) == len(sessions):
            given.may_answer.set()

    client = driver.client("https://gateway.example", key=None, credential=given, scope=SCOPE, on_request=count).made
    found = client.audit_entries.list_many(sessions, concurrency=3)
    errors = {one.of: one.outcome for one in (found if driver.runner is None else driver.runner.run(take(found)))}

    assert {of: error.checkpoint["arguments"]["session_id"] for of, error in errors.items()} == {
        session: session for session in sessions
    }


async def take(found: Any) -> list[Any]:
    """All that it gives."""
    return [one async for one in found]


def test_closing_the_client_ends_the_wait(driver: Driver, authority: Authority) -> None:
    """A call that waits for a token ends with the client."""
    caught: list[BaseException] = []
    if driver.runner is None:
        given: Any = SyncCredential(numbered)
        given.may_answer.clear()
        client = FaceAuditClient(credential=given, scope=SCOPE, endpoint="https://127.0.0.1:1")

        def call() -> None:
            with pytest.raises(ClientClosedError) as raised:
                client.audit_entries.list_page(SESSION)
            caught.append(raised.value)

        thread = threading.Thread(target=call)
        thread.start()
        given.begun.wait(10)
        client.close()
        thread.join(10)
        given.may_answer.set()
    else:
        given = AsyncCredential(numbered)
        given.may_answer.clear()

        async def use() -> None:
            client = AsyncFaceAuditClient(credential=given, scope=SCOPE, endpoint="https://127.0.0.1:1")
            tasks = [asyncio.create_task(client.audit_entries.list_page(SESSION)) for _ in range(2)]
            await asyncio.to_thread(given.begun.wait, 10)
            await client.aclose()
            caught.extend(await asyncio.gather(*tasks, return_exceptions=True))

        driver.runner.run(use())

    assert {type(one) for one in caught} == {ClientClosedError}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("token", "credential: gave a str; it has to give a token with its end"),
        (Given("", 1 << 40), "credential: is empty"),
        (Given("a b", 1 << 40), "credential: contains a character that no key has"),
        (Given(7, 1 << 40), "credential: is of the type int"),  # type: ignore[arg-type]
        (Given("token", "soon"), "credential: gave a Given; it has to give a token with its end"),  # type: ignore[arg-type]
        (Given("token", 1 << 40, "soon"), "credential: gave a Given; it has to give a token with its end"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_token_is_refused(
    driver: Driver, secure: Service, made: Callable[..., Client], given: Any, said: str
) -> None:
    """What a credential gives is checked before anything is sent."""
    with pytest.raises(ConfigurationError, match=said):
        made(credential(driver, lambda _: given)).page()

    assert secure.requests == []


def test_credential_of_the_other_kind_is_refused(driver: Driver) -> None:
    """The message says which client takes it."""
    given = SyncCredential(numbered) if driver.runner is not None else AsyncCredential(numbered)
    match = "is sync; give an async" if driver.runner is not None else "is async; give a sync"

    with pytest.raises(ConfigurationError, match=f"^credential: {type(given).__name__} {match} credential"):
        driver.client("https://a.cognitiveservices.azure.com", key=None, credential=given)


class Either:
    """What `with` takes, and `async with`."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    async def __aenter__(self) -> None:
        """Begin."""

    async def __aexit__(self, *_: object) -> None:
        """End."""


class SyncEither(Either, SyncCredential):
    """A credential of one kind, which either kind of block takes."""


class AsyncEither(Either, AsyncCredential):
    """The same of the other kind."""


def test_credential_that_either_block_takes_is_of_the_kind_of_its_method(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """Such as mocks, and credentials that have one base class for both kinds."""
    kinds: list[Callable[..., Any]] = [SyncEither, AsyncEither]
    own, other = kinds if driver.runner is None else reversed(kinds)

    made(own(numbered)).page()
    with pytest.raises(ConfigurationError, match="^credential: .*Either is a?sync; give"):
        made(other(numbered))

    assert sent(secure) == ["token-1"]


def test_credential_of_the_other_kind_is_refused_at_last_when_it_answers(
    driver: Driver, secure: Service, made: Callable[..., Client]
) -> None:
    """A method may hide that it is async, or may only look as if it were."""

    class Hidden:
        """Looks as the client wants it, and is not."""

        if driver.runner is not None:

            async def __aexit__(self, *_: object) -> None:
                """Only async credentials have it."""

        def get_token(self, *_: str, **__: Any) -> Any:
            """An answer of the other kind."""
            return AsyncCredential(numbered).get_token() if driver.runner is None else numbered(1)

    with pytest.raises(ConfigurationError, match="credential: Hidden is a?sync; give an?"):
        made(Hidden()).page()

    assert secure.requests == []


def test_question_that_could_not_begin_is_left_to_the_next_call(
    driver: Driver, secure: Service, made: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no thread or task can be made, nobody waits for one."""
    given = credential(driver)
    client = made(given)
    begun = type(client.made)._perform

    def fail(self: Any, step: Any, *rest: Any) -> Any:
        if type(step).__name__ == "Ask":
            raise RuntimeError("can't start new thread")
        return begun(self, step, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(type(client.made), "_perform", fail)
        with pytest.raises(RuntimeError, match="new thread"):
            client.page()
    client.page()

    assert sent(secure) == ["token-1"]


def test_call_asks_anew_where_the_one_that_asked_is_gone(authority: Authority) -> None:
    """Clients may share a credential: one that is closed takes its question with it, and the others ask again."""
    given = AsyncCredential(lambda number: Given(f"token-{number}", 1 << 40))
    given.may_answer.clear()

    async def use(secure: Service) -> Any:
        first, second = [await open_async(given, secure, authority) for _ in range(2)]
        second._settings = second._settings._replace(credentials=first._settings.credentials)
        calls = [asyncio.create_task(one.audit_entries.list_page(SESSION)) for one in (first, second)]
        await asyncio.to_thread(given.begun.wait, 10)
        await first.aclose()
        given.may_answer.set()
        found = await asyncio.gather(*calls, return_exceptions=True)
        await second.aclose()
        return found

    with Service(tls=authority.server("127.0.0.1")) as secure:
        lost, page = asyncio.run(use(secure))

    assert isinstance(lost, ClientClosedError)
    assert page.raw == b"[]"


@pytest.mark.parametrize("moment", ["asked", "answered"])
def test_question_that_ends_in_the_meantime_is_not_asked_twice(moment: str) -> None:
    """A thread that looked for a token just before it came takes that one."""
    tokens = Tokens(SyncCredential(numbered), name="credential", scope=SCOPE, asynchronous=False)
    clock = Clock().of_runtime()
    first = tokens.ask("first", clock)
    assert isinstance(first, Question)

    class Late(dict[int, Question]):
        """Lets the first question end between two looks of the second call."""

        def setdefault(self, key: int, default: Any = None) -> Question:
            first.settle()
            return super().setdefault(key, default)

    tokens._questions = Late(tokens._questions) if moment == "asked" else Late()

    second = tokens.ask("second", clock)

    found = second.answer if isinstance(second, Question) else second
    assert found is first.answer
    assert tokens.ask("third", clock) is found
    assert repr(first) == "Question()"


def test_token_that_another_call_has_replaced_is_left(driver: Driver) -> None:
    """Calls that were refused together ask for one new token."""
    tokens = Tokens(credential(driver), name="credential", scope=SCOPE, asynchronous=driver.runner is not None)
    first, second = tokens.keep(numbered(1)), tokens.keep(numbered(2))

    first.renew("")

    assert tokens.ask("call", Clock().of_runtime()) is second
