"""UUIDs as arguments: what is an id in text may be given as `uuid.UUID`, and is that text from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from attrs import evolve
from face_audit import InvalidArgumentError, PaginationError, reconcile
from face_audit._runtime.operation import Operation, Pagination, Parameter
from face_audit._runtime.pagination.many import many
from face_audit._runtime.pagination.position import Progress, verified_page
from face_audit._runtime.responses.pages import Listing, Page
from face_audit._runtime.values import compounds, scalars
from face_audit.testing import Emulator

from .servers import PATH, SESSION, Service, entry

if TYPE_CHECKING:
    from .conftest import Driver

ID = UUID(SESSION)
OTHER = UUID("11111111-1111-1111-1111-111111111111")


def test_session_may_be_a_uuid(driver: Driver) -> None:
    """The request and the checkpoint hold its text, and every entry is compared with that."""
    with Service(3) as service:
        client = driver.client(service.url)
        walk = client.walk(ID, top=2)
        begun = [one.id for one in walk.take(1)]
        rest = [one.id for one in client.list(SESSION, checkpoint=walk.checkpoint)]
        again = [one.id for one in client.list(ID, checkpoint=client.walk(SESSION).checkpoint, prefetch=True)]
        page = client.page(ID)

    assert service.requests[0].target == f"{PATH}?top=2"
    assert walk.checkpoint["arguments"] == {"session_id": SESSION}
    assert begun + rest == again == [one.id for one in page.items] == ["3", "2", "1"]


@pytest.mark.parametrize("spelled", [SESSION, SESSION.upper()])
def test_entry_of_another_session_is_seen(driver: Driver, service: Service, spelled: str) -> None:
    """In both ways to read a page."""
    for made in (entry(1), entry(1, sessionId=spelled)):
        service.will([made], [made])

    client = driver.client(service.url)

    assert client.page(ID).items
    with pytest.raises(PaginationError, match=f"asked for '{OTHER}', got an item of '{SESSION}'"):
        client.page(OTHER)


def test_many_sessions_may_be_uuids(driver: Driver) -> None:
    """Each result names its session as text, as the service knows it."""
    with Service(2) as service:
        entries = driver.client(service.url).made.audit_entries
        if driver.runner is None:
            results = list(entries.list_many([ID, SESSION]))
        else:
            results = driver.runner.run(_gather(entries.list_many([ID, SESSION])))

    assert {type(one.of) for one in results} == {str}
    assert sorted(one.of for one in results) == [SESSION] * 4
    assert {one.checkpoint["arguments"]["session_id"] for one in results} == {SESSION}


async def _gather(results: Any) -> list[Any]:
    return [one async for one in results]


def test_start_may_be_a_uuid(driver: Driver, service: Service) -> None:
    """Ids of other services are UUIDs; the cursor is the text of one."""
    service.will([entry(0) | {"id": "b"}], [], [entry(0) | {"id": str(OTHER)}])
    client = driver.client(service.url)

    found = client.list(ID, start=OTHER)
    with pytest.raises(PaginationError, match=f"id '{OTHER}' came twice"):
        client.page(ID, start=OTHER)

    assert [one.id for one in found] == ["b"]
    assert [one.start for one in service.requests] == [str(OTHER), "b", str(OTHER)]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (scalars.STRING, ID, SESSION),
        (scalars.TEXT_OR_INTEGER, ID, SESSION),
        (scalars.Limited(inner=scalars.STRING, min_length=36, max_length=36, pattern="^[0-9a-f-]+$"), ID, SESSION),
        (compounds.Nullable(scalars.STRING), ID, SESSION),
        (compounds.ListOf(scalars.STRING), [ID, "a"], f"{SESSION},a"),
        (scalars.IDENTIFIER, ID, SESSION),
    ],
)
@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_every_parameter_of_text_takes_a_uuid(kind: scalars.Type, value: Any, text: str, location: Any) -> None:
    """Wherever it is sent, and within the limits of its text."""
    separator = "," if location == "query" else None
    parameter = Parameter(name="id", wire="id", location=location, type=kind, separator=separator)
    operation = Operation(name="o", method="GET", path="/{id}", success=frozenset({200}), parameters=(parameter,))

    call = operation.call({"id": value})

    sent = call.target + "".join(call.headers.values())
    assert text in sent.replace("%2C", ",")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (scalars.Limited(inner=scalars.STRING, max_length=8), "has 36 characters; give at most 8"),
        (scalars.Limited(inner=scalars.STRING, pattern="^x"), "a string of 36 characters does not match '^x'"),
        (scalars.INTEGER, "expected integer, got UUID"),
        (scalars.BOOLEAN, "expected boolean, got UUID"),
        (scalars.DATE, "expected date, got UUID"),
    ],
)
def test_uuid_that_breaks_a_limit_is_refused(kind: scalars.Type, reason: str) -> None:
    """As its text would be; what is not text takes none."""
    parameter = Parameter(name="id", wire="id", location="query", type=kind)
    operation = Operation(name="o", method="GET", path="/", success=frozenset({200}), parameters=(parameter,))

    with pytest.raises(InvalidArgumentError) as caught:
        operation.call({"id": ID})

    assert str(caught.value) == f"id: {reason}"


def paged(cursor: scalars.Type, owner: scalars.Type = scalars.STRING) -> Operation:
    """An operation of one list for each owner, whose cursor is of this type."""
    return Operation(
        name="Things_list",
        method="GET",
        path="/{owner}/things",
        success=frozenset({200}),
        result=scalars.ANY,
        parameters=(
            Parameter(name="owner", wire="owner", location="path", type=owner, required=True),
            Parameter(name="after", wire="after", location="query", type=cursor),
        ),
        pagination=Pagination(style="item", cursor="after", limit=None, default_limit=None, items="", cursor_at="/id"),
    )


@pytest.mark.parametrize(("cursor", "text"), [(7, "7"), (0, "0"), ("7", "7"), (None, None), ("", None)])
def test_cursor_that_is_an_integer_is_its_text(cursor: Any, text: str | None) -> None:
    """Where the document's cursor is an integer, a listing may begin at one."""
    operation = paged(scalars.INTEGER_OR_TEXT)
    page = Page[Any](items=("x",), raw=b"[]", request_id=None)

    progress = Progress(operation.begin({"owner": "o", "after": cursor}), place={"endpoint": "http://localhost"})

    assert progress.trail.cursor == text
    if cursor != "":
        call = operation.call({"owner": "o", "after": cursor})
        assert verified_page(call, Listing(page=page, ids=("9",))) is page
    if text is not None:
        with pytest.raises(PaginationError, match="came twice"):
            verified_page(call, Listing(page=page, ids=(text,)))


@pytest.mark.parametrize(("owner", "of"), [(scalars.STRING, SESSION), (scalars.IDENTIFIER, ID)])
def test_many_keeps_uuids_where_the_parameter_is_one(owner: scalars.Type, of: Any) -> None:
    """Only a parameter of text makes text of it."""
    made = many(
        paged(scalars.STRING, owner),
        "owner",
        [ID],
        {},
        concurrency=1,
        rate=None,
        trust_short_page=False,
        verify=None,
        on_invalid="raise",
    )

    (call,) = made.calls
    assert made.of(call) == of
    assert type(made.of(call)) is type(of)


def test_uuids_of_requests_are_reconciled() -> None:
    """With their texts, in either case."""
    found = reconcile([ID, str(OTHER)], [SESSION.upper(), OTHER, None])

    assert found.matched == (SESSION, str(OTHER))
    assert evolve(found, unnamed=0).complete


def test_emulator_holds_a_session_that_is_a_uuid(driver: Driver) -> None:
    """As it is given to the client."""
    emulator = Emulator(key="k")
    emulator.add(ID, count=2)
    client = driver.client("http://localhost", key="k", transport=emulator.transport())

    found = client.list(ID)
    emulator.expire(ID)

    assert [one.id for one in found] == ["2", "1"]
    with pytest.raises(ValueError, match=f"collection '{ID}': is not held; add it first"):
        emulator.expire(ID)
