"""Secrets: the key reaches the header of a request, and nothing else."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import traceback
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import face_audit
import h11
import pytest
from face_audit import AsyncFaceAuditClient, Attempt, AttemptRequest, FaceAuditClient, FaceAuditError, RetryPolicy
from face_audit._runtime.calls.attempts import Arrived
from face_audit._runtime.calls.service import Given as Arguments
from face_audit._runtime.http.client import HandlerTransport
from face_audit._runtime.http.route import Proxy
from face_audit._runtime.requests.asked import Tokens
from face_audit._runtime.requests.credentials import Secret, related_errors
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

from .authority import Authority
from .servers import SESSION, Answer, Service, answer, entries
from .tokens import SCOPE, Given, credential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Client, Driver

CANARY = "canary0123456789abcdef"
ERROR = {"error": {"code": "X", "message": "Y"}}
HTML = {"Content-Type": "text/html"}


def secret() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


def bad_secret() -> str:
    """One that no header can hold."""
    return secret() + "\n"


@pytest.fixture(params=["key", "token"])
def service(
    request: pytest.FixtureRequest, driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """A service that takes a key, then one with TLS that takes tokens."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with Service(tls=authority.server("127.0.0.1") if request.param == "token" else None) as running:
        yield running


def opened(driver: Driver, service: Service, key: Callable[[], str] = secret, **arguments: Any) -> Client:
    """A client with the canary as the key or as its token, whose attempts are few."""
    arguments = {"retry": RetryPolicy(max_attempts=2, random=lambda: 0.5)} | arguments
    if service.url.startswith("http:"):
        return driver.client(service.url, key=key, **arguments)
    given = credential(driver, lambda _: Given(key(), 1 << 40))
    return driver.client(service.url, key=None, credential=given, scope=SCOPE, **arguments)


def sent(service: Service) -> set[str]:
    """The keys and tokens of its requests."""
    headers = [one.headers for one in service.requests]
    return {one.get("ocp-apim-subscription-key") or one["authorization"].removeprefix("Bearer ") for one in headers}


def caught(use: Callable[[], Any]) -> FaceAuditError:
    """The error that this raises."""
    with pytest.raises(FaceAuditError) as raised:
        use()
    return raised.value


def shown(error: BaseException) -> str:
    """All that an error can show: texts, attributes, pickle, copies, traceback with locals."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = (frame for frame in trace.format() if __file__ not in frame)
    copies = (repr(vars(copy.copy(error))), repr(vars(copy.deepcopy(error))))
    return "".join((str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error)), *frames, *copies))


@pytest.mark.parametrize(
    "reply",
    [
        *(answer(ERROR, status) for status in (400, 401, 403, 404, 415, 429, 299, 503)),
        answer({"error": {"statusCode": 403, "message": "replenished in 2 days"}}, 403),
        Answer(status=302, headers={"Location": "https://other.example/"}),
        Answer(headers={"Content-Encoding": "gzip"}),
        Answer(lost="closed"),
        Answer(body=b"[1, 2, 3]", cut_after=4),
        Answer(headers=HTML),
        answer([{"id": None}]),
        answer(entries("1", "1")),
        answer(entries("1", sessionId="other")),
    ],
    ids=lambda reply: f"{reply.status}{reply.lost}{reply.body[:20]!r}",
)
def test_no_error_of_a_call_shows_the_key(driver: Driver, service: Service, reply: Answer) -> None:
    """No text, attribute, pickle, copy or traceback of an error holds the key, locals included."""
    service.will(reply, reply)
    client = opened(driver, service)

    error = caught(client.list)

    assert sent(service) == {CANARY}
    assert CANARY not in shown(error)


def test_no_error_without_an_answer_shows_the_key(driver: Driver, service: Service) -> None:
    """The same where nobody listens, after closing, and for wrong arguments."""
    client = opened(driver, service)
    unreachable = driver.client("http://127.0.0.1:1", key=secret, retry=RetryPolicy(max_attempts=1))
    closed = opened(driver, service)
    closed.close()

    errors = [caught(unreachable.list), caught(closed.list), caught(lambda: client.list("..")), caught(closed.enter)]

    assert not any(CANARY in shown(error) for error in errors)


def test_key_that_cannot_be_sent_is_not_shown(driver: Driver, service: Service) -> None:
    """The error for a key that rotation gave wrongly says what is wrong, and its frames do not hold the key."""
    client = opened(driver, service, bad_secret)

    error = caught(client.list)

    assert CANARY not in shown(error)
    assert service.requests == []


def test_credential_that_is_refused_is_in_no_frame() -> None:
    """A traceback with locals shows the frame that refused it, without the credential."""
    error = caught(lambda: Secret(bad_secret(), name="key"))

    assert "in __init__" in shown(error)
    assert CANARY not in shown(error)


def test_failing_transport_keeps_its_cause_without_the_request(driver: Driver) -> None:
    """The cause of an error is kept for its text, without the frames that hold the headers."""

    def fail(request: HTTPRequest) -> HTTPResponse:
        raise ConnectionResetError("reset by peer")

    failing = HandlerTransport(fail)
    client = driver.client("https://example.com", key=secret, transport=failing, retry=RetryPolicy(max_attempts=1))

    error = caught(client.list)

    assert "reset by peer" in str(error.__cause__)
    assert CANARY not in shown(error)


def test_client_and_its_settings_do_not_show_the_key(driver: Driver, service: Service) -> None:
    """Neither a client, nor its settings, pagers or requests show the key."""
    client = opened(driver, service)
    walk = client.walk()
    walk.take()
    made = client.made
    request = HTTPRequest(method="GET", url="https://a", headers={"key": secret()})

    parts = [made, made._settings, vars(made), walk.pager, vars(walk.pager), request, walk.checkpoint]

    assert not any(CANARY in repr(part) + str(part) for part in parts)


def test_what_holds_a_secret_is_no_tuple() -> None:
    """Tools that report the locals of a traceback, such as Sentry, walk through tuples whatever their repr is."""
    given = Arguments(credentials={"key": CANARY}, variables={}, endpoint=CANARY, proxy=CANARY)
    proxy = Proxy(host="proxy", port=1, login=(b"user", CANARY.encode()))
    request = HTTPRequest(method="GET", url="https://a", headers={"key": CANARY})
    response = HTTPResponse(status=200, headers={"key": CANARY}, content=CANARY.encode())

    for one in (given, proxy, request, response, Arrived(CANARY.encode()), Secret(CANARY, name="key")):
        assert CANARY not in repr(one)
        assert not isinstance(one, tuple | list | dict)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_credential_is_not_copied_or_pickled(duplicate: Callable[[Any], Any]) -> None:
    """A credential stays in its process: pickling and copying it are refused without showing it."""
    held = Secret(secret(), name="key")

    with pytest.raises(TypeError, match="key: a credential cannot be pickled or copied") as raised:
        duplicate(held)

    assert CANARY not in str(raised.value)
    assert repr(held) == str(held) == "Secret(key)"


@pytest.mark.parametrize("name", [name for name in face_audit.__all__ if name.endswith("Error")])
def test_every_error_crosses_processes(name: str) -> None:
    """Errors of every class are pickled and copied with all their attributes."""
    error = getattr(face_audit, name)("what: is wrong; do this")
    error.attempts = (Attempt(status=None, reason="lost", wait=1.5),)
    error.checkpoint = {"cursor": "1"}

    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == "what: is wrong; do this"
        assert vars(again) == vars(error)


def test_logs_and_warnings_do_not_show_the_key(
    driver: Driver, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """With every logger at its lowest level, and all warnings on, the key appears nowhere."""
    service.will(Answer(status=503), Answer(status=302, headers={"Location": "https://other.example/"}))
    caplog.set_level(1)
    logging.getLogger("httpx").setLevel(1)
    logging.getLogger("httpx").setLevel(1)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        caught(opened(driver, service).list)

    records = "".join(f"{record.getMessage()}{record.args!r}" for record in caplog.records)
    assert CANARY not in records
    assert CANARY not in "".join(str(warning.message) for warning in warned)


def test_key_is_never_sent_to_a_redirects_host(driver: Driver) -> None:
    """A redirect to another host is not followed: that host sees no request at all."""
    with Service() as other, Service() as service:
        service.will(Answer(status=307, headers={"Location": f"{other.url}/final"}))
        caught(opened(driver, service).list)

    assert other.requests == []


def test_proxies_of_the_environment_are_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays on this machine does not pass a proxy, whatever the environment says."""
    with Service() as proxy, Service(1) as service:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with FaceAuditClient(secret, endpoint=service.url) as client:
            found = [entry.id for entry in client.audit_entries.list(SESSION)]
        found += asyncio.run(_list(service.url))

    assert found == ["1", "1"]
    assert proxy.requests == []


async def _list(endpoint: str) -> list[str]:
    async with AsyncFaceAuditClient(secret, endpoint=endpoint) as client:
        return [entry.id async for entry in client.audit_entries.list(SESSION)]


@pytest.mark.parametrize("client", [FaceAuditClient, AsyncFaceAuditClient])
@pytest.mark.parametrize("wrong", [{"region": "nowhere"}, {"endpoint": "http://example.com"}, {"bad_key": True}])
def test_failing_constructor_shows_no_key(client: type, wrong: dict[str, object]) -> None:
    """A traceback that shows the locals of our frames shows no key, whatever a client refuses."""
    wrong = dict(wrong)
    suffix = " " if wrong.pop("bad_key", False) else ""
    arguments = wrong or {"region": "norwayeast"}

    with pytest.raises(FaceAuditError) as caught:
        client(f"canary-{'key'}{suffix}", **arguments)

    assert caught.tb is not None
    ours = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert "canary-key" not in "".join(ours.format())


@pytest.mark.parametrize(
    ("content", "hidden"),
    [
        (rb'{"a": "x", "b": "k\u0065y/+\"0123"}', b'{"a": "x", "b": "[redacted]"}'),
        (rb'{"key\/+\"0123 is wrong\n": 1}', rb'{"[redacted] is wrong\n": 1}'),
        (rb'["\/", "key/+\"0123 \u00e9"]', rb'["\/", "[redacted] \u00e9"]'),
        (b'<key/+"0123> \\', b"<[redacted]> \\"),
        (rb'"\u" "\/"', rb'"\u" "\/"'),
        (rb'"key\/+\"0123', rb'"key\/+\"0123'),
        (b'"\\/" "\\', b'"\\/" "\\'),
        (b'"\\/\xff"', b'"\\/\xff"'),
    ],
)
def test_echo_with_escapes_is_hidden_in_json(content: bytes, hidden: bytes) -> None:
    """JSON may escape what it likes: what is decoded from an error's body does not hold the key either."""
    held = Secret('key/+"0123', name="key")
    held.reveal()

    assert held.hide_in(content) == hidden


def test_long_body_full_of_escapes_is_searched_once() -> None:
    """A text that does not end takes no longer than one that does."""
    held = Secret("key/0123456", name="key")
    held.reveal()
    content = b'"' + b'\\"' * 1_000_000 + b"\\"

    assert held.hide_in(content) == content


def test_echo_of_a_token_is_hidden_in_an_error(driver: Driver, service: Service) -> None:
    """Services echo what was refused: in a header, in JSON with escapes, or in text."""
    refused = ERROR | {"error": {"code": CANARY, "message": f"no {CANARY}"}}
    echo = answer(refused, 400, X_Ms_Error_Code=CANARY, Apim_Request_Id=f"r-{CANARY}")
    html = Answer(status=404, headers=HTML, body=f"<p>{CANARY}</p>".encode())
    challenge = answer(refused, 401, WWW_Authenticate=f'Bearer error="invalid_token", token="{CANARY}"')
    service.will(echo, html, challenge, challenge)
    client = opened(driver, service)

    errors = [caught(client.page) for _ in range(3)]

    assert sent(service) == {CANARY}
    assert not any(CANARY in shown(error) + repr(error.attempts) for error in errors)


def test_events_and_attempts_do_not_show_it(driver: Driver, service: Service) -> None:
    """What is told of each attempt holds no credential, also where one was refused and replaced."""
    events: list[Any] = []
    client = opened(driver, service, on_event=events.append)
    service.will(answer(ERROR, 503), [], answer(ERROR, 401))

    page = client.page()
    error = caught(client.page) if service.url.startswith("http:") else None

    assert len(events) >= 2
    assert not any(CANARY in repr(one) + repr(pickle.dumps(one)) for one in [*events, *page.attempts])
    assert error is None or CANARY not in shown(error)


def fail_with_a_cause(depth: int = 1) -> NoReturn:
    """Fail, with this many errors before it, in frames that hold the secret."""
    token = {"held": secret()}
    try:
        if depth > 1:
            fail_with_a_cause(depth - 1)
        token["missing"]
    except LookupError as error:
        raise LookupError("no login") from error


def fail_with_another_context() -> NoReturn:
    """Fail with a cause, while an error is handled that is another one."""
    token = {"held": secret()}
    try:
        token["missing"]
    except KeyError:
        raise LookupError("no login") from ValueError("wrong")


def fail_with_a_group() -> NoReturn:
    """Fail as groups of tasks do: with the errors of all of them."""
    try:
        fail_with_a_cause()
    except LookupError as error:
        raise ExceptionGroup("no login", [error]) from None


@pytest.mark.parametrize(
    "fail", [fail_with_a_cause, lambda: fail_with_a_cause(20), fail_with_another_context, fail_with_a_group]
)
@pytest.mark.parametrize("asked", ["credential", "function", "holder"])
def test_error_of_what_is_asked_holds_no_frame_with_its_secrets(
    driver: Driver, fail: Callable[[], NoReturn], asked: str
) -> None:
    """It comes out as itself, without the frames of the credential, and so do all errors before it and within it."""

    class Vault:
        key = property(lambda _: CANARY if not begun else fail())

    begun: list[bool] = []
    given = {
        "credential": {"key": None, "credential": credential(driver, lambda _: fail()), "scope": SCOPE},
        "function": {"key": fail},
        "holder": {"key": Vault()},
    }
    client = driver.client("https://gateway.example", **given[asked])
    begun.append(True)

    with pytest.raises((LookupError, ExceptionGroup), match="no login") as raised:
        client.page()

    errors = related_errors(raised.value)
    assert len(errors) > 1
    assert all(one.__traceback__ is None for one in errors[1:])
    assert CANARY not in shown(raised.value)


def test_error_that_the_caller_handles_keeps_its_frames(driver: Driver) -> None:
    """A key may be asked for while the caller handles an error of its own, which is nobody else's business."""
    client = driver.client("https://gateway.example", key=fail_with_a_cause)

    own = OSError("of the caller")
    with suppress(OSError):
        try:
            raise own
        finally:
            with pytest.raises(LookupError, match="no login") as raised:
                client.page()

    assert own in related_errors(raised.value)
    assert own.__traceback__ is not None


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_tokens_are_not_copied_or_pickled(driver: Driver, duplicate: Callable[[Any], Any]) -> None:
    """What keeps a token stays in its process, and so does what waits for one."""
    tokens = Tokens(credential(driver), name="credential", scope=SCOPE, asynchronous=driver.runner is not None)
    token = tokens.keep(Given(secret(), 1 << 40))

    for one in (tokens, token):
        assert repr(one) == "Secret(credential)"
        with pytest.raises(TypeError, match="credential: a credential cannot be pickled or copied") as raised:
            duplicate(one)
        assert CANARY not in str(raised.value)


def test_echo_of_a_key_is_hidden_whatever_others_were_sent_meanwhile(driver: Driver) -> None:
    """A function may give another key for each attempt, and many calls may be under way at once."""
    numbers = iter(range(100))
    other = driver.client("https://example.com")

    def echo(request: HTTPRequest) -> HTTPResponse:
        for _ in range(20):
            ask_key(client)
        content = json.dumps({"error": {"code": "X", "message": request.headers["ocp-apim-subscription-key"]}})
        return HTTPResponse(status=400, headers={"content-type": "application/json"}, content=content.encode())

    def ask_key(client: Client) -> None:
        (one,) = client.made._settings.secrets
        one.secret.ask(other, client.made._settings.clock)

    client = driver.client(
        "https://example.com", key=lambda: f"{CANARY}-{next(numbers)}", transport=HandlerTransport(echo)
    )

    error = caught(client.page)

    assert "[redacted]" in str(error)
    assert CANARY not in shown(error)


def test_echo_of_a_header_that_a_hook_added_is_hidden(driver: Driver, service: Service) -> None:
    """It may be a signature, or another secret of the caller."""

    def sign(request: AttemptRequest) -> None:
        request.headers["X-Signature"] = f"{CANARY} {request.attempt}"

    signed = [f"{CANARY} {attempt}" for attempt in (1, 2)]
    service.will(*[answer({"error": {"code": one, "message": one}}, 503, X_Ms_Error_Code=one) for one in signed])
    client = opened(driver, service, key=lambda: "another-secret", on_request=sign)

    error = caught(client.page)

    assert [one.headers["x-signature"] for one in service.requests] == signed
    assert CANARY not in shown(error) + repr(error.attempts)


@pytest.mark.parametrize("scheme", ["Bearer", "Custom-Scheme"])
def test_echo_of_a_header_without_its_scheme_is_hidden(driver: Driver, service: Service, scheme: str) -> None:
    """A service that echoes a token of `Authorization` leaves out what precedes it."""
    service.will(answer({"error": {"code": "X", "message": f"invalid: {CANARY}"}}, 400))
    client = opened(driver, service, key=lambda: "another-secret", default_headers={"X-Gateway": f"{scheme} {CANARY}"})

    error = caught(client.page)

    assert "invalid: [redacted]" in str(error)
    assert CANARY not in shown(error)


def test_group_of_errors_of_a_transport_holds_no_frame_with_the_request(driver: Driver) -> None:
    """Transports that send by groups of tasks raise the errors of all of them."""

    def fail(request: HTTPRequest) -> HTTPResponse:
        refused: Exception = LookupError("no error of its library")
        try:
            h11.Request(method="no method", target="/", headers=[*request.headers.items()])
        except h11.LocalProtocolError as error:
            refused = error
        raise ExceptionGroup("of all tasks", [refused])

    client = driver.client("https://example.com", key=secret, transport=HandlerTransport(fail))

    with pytest.raises(ExceptionGroup, match="of all tasks") as raised:
        client.page()

    (inner,) = raised.value.exceptions
    assert isinstance(inner, h11.LocalProtocolError)
    assert inner.__traceback__ is None
    assert CANARY not in shown(raised.value)
