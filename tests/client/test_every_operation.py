"""Every operation of the document, by every method of both clients: a new one is tried before it has tests of its own.

No operation is named here. What has to be sent, answered and raised is read from the document in the package.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import APIStatusError, DecodeError, InvalidArgumentError, MalformedItem, OperationRemovedError
from face_audit._runtime.emulator.schemas import find
from face_audit._runtime.wire import HTTPRequest
from face_audit.testing import Emulator

from ..documents.calling import compare_results
from ..documents.expected import SECRET, Received, compare
from ..documents.schemas import Recipe
from ..documents.server import Answer, Server
from ..documents.values import make
from .callers import Caller
from .documented import DOCUMENT, OPERATIONS, PACKAGE, Case, View, as_answered, name_of, views
from .failures import Failure, failures
from .listings import Listing
from .refusals import refused

if TYPE_CHECKING:
    from .conftest import Driver

COUNT = 5
PLAIN = [(one, variant) for one in OPERATIONS if not one.paging for variant in range(one.variants)]
PAGED = [one for one in OPERATIONS if one.paging]
OPTIONS: list[dict[str, Any]] = [
    *({}, {"prefetch": True}, {"trust_short_page": True}, {"verify": "end"}, {"verify": "stable"}),
    {"on_invalid": "keep"},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that answers as a test decides."""
    with Server() as running:
        yield running


@pytest.fixture
def caller(driver: Driver, server: Server) -> Iterator[Caller]:
    """The sync client, then the async one."""
    made = Caller(server.url, driver.runner)
    yield made
    made.resolve(made.made.close() if driver.runner is None else made.made.aclose())


def emulate(emulator: Emulator) -> tuple[Callable[[Received], Answer], list[Answer]]:
    """What answers as the emulator does, and what it has answered."""
    answered: list[Answer] = []

    def respond(received: Received) -> Answer:
        url, content = f"http://127.0.0.1{received.target}", received.content or None
        request = HTTPRequest(method=received.method, url=url, headers=received.headers, content=content)
        answer = emulator.answer(request)
        headers = dict(answer.headers)
        answered.append(Answer(answer.status, headers.pop("content-type"), answer.content, headers))
        return answered[-1]

    return respond, answered


def test_every_method_calls_an_operation_or_says_that_it_was_removed(caller: Caller) -> None:
    """No method is left out of the tests below."""
    called = {(one.resource, one.name) for case in OPERATIONS for one in case.methods.values()}
    for resource, kind in PACKAGE.resources():
        methods = {(resource, name) for name in vars(kind) if not name.startswith("_")}
        for name in sorted(name for _, name in methods - called):
            method = caller.method(resource, name)
            required = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]

            with pytest.raises(OperationRemovedError, match=resource):
                caller.resolve(method(**{one.name: None for one in required}))
        called -= methods

    assert called == set()


@pytest.mark.parametrize("case", OPERATIONS, ids=name_of)
def test_operation_has_the_methods_of_its_kind(case: Case) -> None:
    """One, or of a paged operation a pager, single pages and, if one argument says which list, many lists."""
    forms = {"pager", "page", *["many"] * (len(case.in_path) == 1)} if case.paging else {"plain"}

    assert set(case.methods) == forms


@pytest.mark.parametrize(("case", "variant"), PLAIN, ids=name_of)
def test_call_sends_its_arguments_and_reads_the_answer(
    caller: Caller, server: Server, case: Case, variant: int
) -> None:
    """All arguments, or only the required ones, arrive as OpenAPI says; each success comes back with its types."""
    call, requests, answered = case.prepare(variant, by_hand=variant % 4 < 2), list[Received](), list[Any]()

    def respond(received: Received) -> Answer:
        answer, value = call.answer(received)
        requests.append(received)
        answered.append(value)
        return answer

    server.respond = respond
    result = caller.call(case, case.single, call.arguments)

    assert len(requests) == 1
    assert list(compare(call.expected, requests[0])) == []
    assert list(compare_results(PACKAGE, requests[0].method, answered[0], result)) == []
    assert caller.has_type(case.single, result)


@pytest.mark.parametrize("case", OPERATIONS, ids=name_of)
def test_emulator_accepts_the_call_and_its_answer_is_read(caller: Caller, server: Server, case: Case) -> None:
    """The document's own example comes back, from a service that checks what it is sent."""
    call, emulator = case.prepare(0), Emulator(key=SECRET)
    if case.collection:
        emulator.add(call.expected.values["path", case.collection], count=COUNT)
    server.respond, answered = emulate(emulator)
    arguments = Listing(case, call).arguments() if case.paging else call.arguments

    for form, method in case.methods.items():
        answered.clear()
        result = caller.items(case, form, arguments) if case.paging else caller.call(case, method, arguments)

        bodies = [read(one) for one in answered]
        if case.paging:
            assert as_answered(result) == [item for body in bodies for item in find(body, case.paging["items"])]
            assert len(result) == (case.page_size if form == "page" else COUNT) or not case.collection
        else:
            assert as_answered(result) == bodies[0]


def read(answer: Answer) -> Any:
    """What an answer holds."""
    media_type = str(answer.media_type)
    if "json" in media_type:
        return json.loads(answer.content) if answer.content else None
    return answer.content.decode() if media_type.startswith("text/") else answer.content


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("case", PAGED, ids=name_of)
def test_pager_gives_every_item_in_its_place(
    caller: Caller, server: Server, case: Case, options: dict[str, Any]
) -> None:
    """From the first page to the last, whatever the pager is asked to do on the way."""
    listing = Listing(case, case.prepare(0))
    server.respond = listing.respond

    items = caller.items(case, "pager", listing.arguments(**options))

    assert as_answered(items) == listing.items
    assert all(caller.has_type(case.methods["pager"], one) for one in items)
    assert [list(compare_results(PACKAGE, "GET", *pair)) for pair in zip(listing.items, items, strict=True)] == [
        [] for _ in items
    ]
    if options.get("verify"):
        assert len(listing.received) > len(listing.starts)
    elif options.get("trust_short_page"):
        assert len(listing.received) == len(listing.starts) - (listing.ends_empty and bool(case.limit))
    else:
        assert listing.differences(*listing.starts) == []


@pytest.mark.parametrize(("case", "form"), [(one, form) for one in PAGED for form in one.methods], ids=name_of)
def test_malformed_item_is_refused_or_kept(caller: Caller, server: Server, case: Case, form: str) -> None:
    """Whatever lists it does with such an item what its caller chose."""
    listing = Listing(case, case.prepare(0))
    server.respond = listing.respond
    good = caller.items(case, form, listing.arguments())
    malformed = listing.spoil(type(good[1]))

    kept = caller.items(case, form, listing.arguments(on_invalid="keep"))

    assert [at for at, one in enumerate(kept) if isinstance(one, MalformedItem)] == malformed
    assert len(kept) == len(good)
    if malformed:
        with pytest.raises(DecodeError):
            caller.items(case, form, listing.arguments())


@pytest.mark.parametrize("case", PAGED, ids=name_of)
def test_pager_resumes_where_another_one_stopped(caller: Caller, server: Server, case: Case) -> None:
    """A checkpoint leads to the item after the last that was taken, with only the required arguments too."""
    listing = Listing(case, case.prepare(1))
    server.respond = listing.respond
    first = caller.walk(case.methods["pager"], listing.arguments())

    taken = first.take(case.page_size + 1)
    rest = caller.items(case, "pager", listing.arguments(checkpoint=first.checkpoint))

    assert as_answered([*taken, *rest]) == listing.items


@pytest.mark.parametrize("case", PAGED, ids=name_of)
def test_page_starts_at_its_cursor(caller: Caller, server: Server, case: Case) -> None:
    """A single page can be had from any place, over a connection of its own."""
    listing, size = Listing(case, case.prepare(0)), case.page_size
    server.respond = listing.respond

    items = caller.items(case, "page", listing.arguments(size, fresh_connection=True))

    assert as_answered(items) == listing.items[size : 2 * size]
    assert listing.differences(size) == []


@pytest.mark.parametrize("case", [one for one in PAGED if "many" in one.methods], ids=name_of)
def test_many_lists_are_each_read_to_their_end(caller: Caller, server: Server, case: Case) -> None:
    """The pages of a list come in their order, from the same requests as by its pager."""
    listing = Listing(case, case.prepare(0))
    server.respond = listing.respond

    items = caller.items(case, "many", listing.arguments(concurrency=2, rate=1000.0))

    assert as_answered(items) == listing.items
    assert listing.differences(*listing.starts) == []


@pytest.mark.parametrize(
    ("case", "failure"), [(one, failure) for one in OPERATIONS for failure in failures(one)], ids=name_of
)
def test_documented_error_has_its_class_and_its_wait(
    caller: Caller, server: Server, case: Case, failure: Failure
) -> None:
    """The examples as the emulator shows them, and an answer for each condition of `x-error`."""
    emulator = Emulator(key=SECRET)
    server.respond = lambda _: failure.answer
    if failure.example:
        emulator.fail(status=failure.answer.status, example=failure.example)
        server.respond, _ = emulate(emulator)

    with pytest.raises(APIStatusError) as caught:
        caller.call(case, case.single, case.prepare(1).arguments)

    error = caught.value
    assert {name: getattr(error, name) for name in failure.attributes} == failure.attributes
    assert type(error).__name__ == failure.error or failure.error is None
    assert type(error).__module__ == "face_audit.errors"
    if hasattr(error, "body"):
        assert as_answered(error.body) == failure.body


@pytest.mark.parametrize(
    ("case", "name", "value"), [(one, *wrong) for one in OPERATIONS for wrong in refused(one)], ids=name_of
)
def test_wrong_argument_is_refused_before_anything_is_sent(
    caller: Caller, server: Server, case: Case, name: str, value: Any
) -> None:
    """By every method, with the name of the argument."""
    requests: list[Received] = []
    server.respond = lambda received: requests.append(received) or Answer(204, None, b"")
    arguments = {**case.prepare(1).arguments, name: value}

    for method in case.methods.values():
        if name in method.arguments or name in case.in_path:
            with pytest.raises(InvalidArgumentError, match=rf"^{name}\b"):
                caller.call(case, method, arguments)

    assert requests == []


@pytest.mark.parametrize("view", list(views()), ids=lambda view: f"{view.model.__name__}.{view.name}")
def test_view_shows_an_open_value_that_has_its_mark(view: View) -> None:
    """A value without the mark has no such view."""
    recipe = Recipe(DOCUMENT, view.name, "json", "answered", sparse=False)
    value, shown = make(recipe, view.schema), make(recipe, view.of)
    marked = view.model.from_dict({**value, view.property: shown})
    other = view.model.from_dict({**value, view.property: ["x"]})

    assert view.when_has in shown
    assert list(compare_results(PACKAGE, "GET", shown, getattr(marked, view.name))) == []
    assert getattr(other, view.name) is None
