"""Operations of other kinds than this API's one: bodies, headers, answers without content, pages by token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AuditEntry,
    ConfigurationError,
    DecodeError,
    InvalidArgumentError,
    LivenessDecision,
    PaginationError,
    RateLimitedError,
    ServerError,
)
from face_audit._runtime.operation import ErrorRule, Operation, Pagination, Parameter
from face_audit._runtime.requests import bodies
from face_audit._runtime.values import compounds, scalars

from .servers import PREFIX, Answer, Service, answer

if TYPE_CHECKING:
    from .conftest import Driver


def parameter(name: str, location: Any, kind: scalars.Type) -> Parameter:
    """An optional parameter whose name is the same in Python and in the request."""
    return Parameter(name=name, wire=name, location=location, type=kind)


POST = Operation(
    name="Things_create",
    method="POST",
    path="/things/{id}",
    success=frozenset({200}),
    empty=frozenset({204}),
    result=compounds.ModelOf(AuditEntry),
    parameters=(
        Parameter(name="id", wire="id", location="path", type=scalars.STRING, required=True),
        parameter("tag", "query", compounds.ListOf(scalars.STRING)),
        parameter("deep", "query", scalars.BOOLEAN),
        parameter("X-Note", "header", scalars.STRING),
        parameter("kind", "query", compounds.KnownEnumOf(LivenessDecision, scalars.STRING)),
    ),
    body=bodies.JSONContent("application/json", compounds.ModelOf(AuditEntry)),
    body_required=True,
    errors={
        "429": (ErrorRule(error=RateLimitedError, summary="wait"),),
        "5XX": (ErrorRule(error=ServerError, summary="it failed"),),
    },
)
BODY = AuditEntry(id="é")
TOKEN = Operation(
    name="Things_list",
    method="GET",
    path="/things",
    success=frozenset({200}),
    result=compounds.ModelOf(AuditEntry),
    parameters=(parameter("token", "query", scalars.STRING),),
    pagination=Pagination(
        style="token", cursor="token", limit=None, default_limit=None, items="/value", cursor_at="/next"
    ),
)


def token_page(*ids: str, token: Any) -> Answer:
    """A page that names the next one."""
    return answer({"value": [{"id": one} for one in ids], "next": token})


def test_call_with_body_sends_it_as_json(driver: Driver, service: Service) -> None:
    """A body is compact JSON in UTF-8; lists repeat their parameter, booleans are words."""
    service.will(answer({"id": 7}))
    arguments = {"id": "a/b", "tag": ["x", "y z"], "deep": True, "X-Note": "n", "kind": LivenessDecision.REAL_FACE}

    made = driver.client(service.url).send(POST.call(arguments, BODY))

    sent = service.requests[0]
    assert made == AuditEntry(id="7")
    assert sent.target == f"{PREFIX}/things/a%2Fb?tag=x&tag=y%20z&deep=true&kind=realface"
    assert (sent.headers["x-note"], sent.headers["content-type"]) == ("n", "application/json")
    assert sent.body == '{"id":"é"}'.encode()
    assert "ocp-apim-subscription-key" not in sent.headers


@pytest.mark.parametrize(
    ("operation", "reply"),
    [(POST, Answer(status=204)), (POST._replace(result=None), answer({"any": "thing"}))],
)
def test_answer_without_a_result_is_none(driver: Driver, service: Service, operation: Operation, reply: Answer) -> None:
    """Where the document names no content, the result is None."""
    service.will(reply)

    assert driver.client(service.url).send(operation.call({"id": "a", "deep": False}, BODY)) is None


@pytest.mark.parametrize(
    ("arguments", "body", "match"),
    [
        ({"id": "a"}, None, "^body: is missing; it is needed for Things_create"),
        ({"id": "a"}, AuditEntry(id=None), "AuditEntry.id: expected"),  # type: ignore[arg-type]
        ({"id": "a"}, {"id": "a"}, "^body: "),
        ({"id": ".."}, BODY, "^id: '..' would change the path"),
        ({"id": "."}, BODY, "^id: "),
        ({"id": ""}, BODY, "^id: "),
        ({"id": "a\n"}, BODY, "^id: "),
        ({"id": "a", "X-Note": "a\r\nb"}, BODY, "^X-Note: cannot be sent in a header"),
        ({"id": "a", "X-Note": " a"}, BODY, "^X-Note: "),
        ({"id": "a", "X-Note": "é"}, BODY, "^X-Note: "),
        ({"id": "a", "tag": "xyz"}, BODY, "^tag: expected a sequence, got str"),
        ({"id": "a", "tag": ["x", 5]}, BODY, "^tag/1: expected string, got integer"),
        ({"id": "a", "kind": "maybe"}, BODY, "^kind: 'maybe' is not one of 'uncertain', 'realface', 'spoofface'"),
    ],
)
def test_call_that_breaks_the_document_is_refused(arguments: dict[str, Any], body: Any, match: str) -> None:
    """Parameters of every place and bodies are checked before anything is sent."""
    with pytest.raises(InvalidArgumentError, match=match):
        POST.call(arguments, body)


def test_body_for_an_operation_without_one_is_refused() -> None:
    """What would not be sent is refused."""
    with pytest.raises(InvalidArgumentError, match="^body: Things_list takes none; leave it out"):
        TOKEN.call({}, BODY)


@pytest.mark.parametrize("broken", [Answer(status=503), Answer(lost="closed")])
def test_call_that_is_not_idempotent_is_sent_once(driver: Driver, service: Service, broken: Answer) -> None:
    """A POST may have been done although its answer was lost: it is never repeated."""
    service.will(broken)

    with pytest.raises(Exception, match="GET|POST"):
        driver.client(service.url).send(POST.call({"id": "a"}, BODY))

    assert len(service.requests) == 1


def test_rate_limited_post_is_sent_again(driver: Driver, service: Service) -> None:
    """A 429 says that nothing was done, so even a POST is repeated."""
    service.will(Answer(status=429), answer({"id": "1"}))

    made = driver.client(service.url).send(POST.call({"id": "a"}, BODY))

    assert made.id == "1"
    assert json.loads(service.requests[1].body) == {"id": "é"}


def test_class_of_statuses_has_its_error(driver: Driver, service: Service) -> None:
    """A document may name 5XX: it holds for what has no rule of its own."""
    service.will(Answer(status=501))

    with pytest.raises(ServerError, match="it failed"):
        driver.client(service.url).send(POST.call({"id": "a"}, BODY))


def test_first_credentials_that_were_given_whole_are_sent(driver: Driver, service: Service) -> None:
    """Of several alternatives the first that the client has is used; where it has none, nothing is sent."""
    service.will(answer({"id": "1"}))
    client = driver.client(service.url)

    client.send(POST._replace(security=(("token", "apiKey"), ("apiKey",))).call({"id": "a"}, BODY))
    with pytest.raises(ConfigurationError, match="Things_create: needs token with apiKey or other; give it"):
        client.send(POST._replace(security=(("token", "apiKey"), ("other",))).call({"id": "a"}, BODY))

    assert len(service.requests) == 1
    assert "ocp-apim-subscription-key" in service.requests[0].headers


def test_pages_follow_by_token_and_resume_inside_a_page(driver: Driver, service: Service) -> None:
    """Where pages follow by token, a checkpoint inside a page remembers how far it was read."""
    client = driver.client(service.url)
    service.will(token_page("a", "b", token="t"), token_page("c", "d", token="u"), token_page("c", "d", token="u"))
    service.will(token_page(token="v"), token_page("e", token=""))

    walk = client.walk_through(TOKEN)
    found = walk.take(3)
    resumed = client.walk_through(TOKEN, checkpoint=walk.checkpoint)
    pages = resumed.pages()

    assert [one.id for one in found] == ["a", "b", "c"]
    assert [[one.id for one in page.items] for page in pages] == [["d"], [], ["e"]]
    assert [one.target.partition("?")[2] for one in service.requests] == [
        "",
        "token=t",
        "token=t",
        "token=u",
        "token=v",
    ]


@pytest.mark.parametrize("tokens", [["t", "t", "t"], ["t", "u", "t", "t"]])
def test_token_that_comes_again_is_refused(driver: Driver, service: Service, tokens: list[str]) -> None:
    """A cycle of tokens is never endless."""
    service.will(*(token_page(str(place), token=token) for place, token in enumerate(tokens)))

    with pytest.raises(PaginationError, match="the next page is 't', which was fetched before"):
        driver.client(service.url).walk_through(TOKEN).take()


def test_token_of_another_type_is_refused(driver: Driver, service: Service) -> None:
    """A token is text; what is none would be sent as something else."""
    service.will(token_page("a", token=5))

    with pytest.raises(DecodeError, match="/next: expected string, got integer"):
        driver.client(service.url).walk_through(TOKEN).take()


@pytest.mark.parametrize("left", [("a",), ("a", "b"), ()])
def test_page_that_shrank_under_a_checkpoint_is_refused(
    driver: Driver, service: Service, left: tuple[str, ...]
) -> None:
    """A place inside a page that has no such place any more is an error: neither skipped nor fetched forever."""
    shrunk = token_page(*left, token="t")
    service.will(token_page("a", "b", "c", token="t"), shrunk, shrunk)
    client = driver.client(service.url)
    walk = client.walk_through(TOKEN)

    walk.take(2)
    with pytest.raises(PaginationError, match=f"2 items of this page .* before, now it has {len(left)}"):
        client.walk_through(TOKEN, checkpoint=walk.checkpoint).take()

    assert len(service.requests) == 3
