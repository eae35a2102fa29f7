"""Malformed items: refused with their bytes on the error, or handed over in their place."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from attrs.exceptions import FrozenInstanceError
from face_audit import DecodeError, InvalidArgumentError, MalformedItem, PaginationError
from face_audit._runtime.operation import Operation, Pagination
from face_audit._runtime.responses.pages import Listing, read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.scalars import STRING, Type
from face_audit._runtime.values.strict_json import cut_items
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

from .servers import SESSION, Answer, Service, answer, entries, entry

if TYPE_CHECKING:
    from .conftest import Driver

# Blanks, escapes, brackets in texts: whatever a cut at the wrong place would show.
ODD = b'{ "digest" : "\\u0041]}\\",[{\\\\", "id":"2" ,\t"request": ["private\xc3\xa9"] }'
BODY = b'\n [ {"id": "3"}\t, ' + ODD + b' ,{"id":"1"}\n] '
REASON = "expected object, got array"


def holding(body: bytes) -> Answer:
    """A success with this body and a request id."""
    return Answer(body=body, headers={"Content-Type": "application/json", "apim-request-id": "r"})


def paged(items: str, *, style: Any = "token", result: Type = STRING, same: Any = ()) -> Operation:
    """An operation whose array is at a pointer."""
    cursor_at = "/id" if style == "item" else "/next"
    pagination = Pagination(
        style=style, cursor="at", limit=None, default_limit=None, items=items, cursor_at=cursor_at, same=same
    )
    return Operation(
        name="Things_list", method="GET", path="/", success=frozenset({200}), result=result, pagination=pagination
    )


def read(operation: Operation, body: bytes, **arguments: Any) -> Listing[Any]:
    """A page of that operation with malformed items kept."""
    reply = HTTPResponse(status=200, headers={"content-type": "application/json"}, content=body)
    call = operation.call(arguments, on_invalid="keep")
    listing: Listing[Any] = read_success(call, HTTPRequest(method="GET", url="u", headers={}), reply, ErrorBody())
    return listing


def test_malformed_item_refuses_its_page_with_the_bytes_on_the_error(driver: Driver, service: Service) -> None:
    """The error says where and why; the item's text and the body are on it too, exactly as received."""
    service.will(holding(BODY), holding(BODY))
    client = driver.client(service.url)

    with pytest.raises(DecodeError) as paged_over:
        client.walk().take()
    with pytest.raises(DecodeError) as single:
        client.page(on_invalid="raise")

    for error in (paged_over.value, single.value):
        assert (error.place, error.item, error.raw, error.request_id) == ("/1/request", ODD.decode(), BODY, "r")
        assert f": /1/request: {REASON}; " in str(error)
        assert "private" not in str(error) + repr(error) + repr(error.__cause__)
    assert paged_over.value.checkpoint is not None
    assert paged_over.value.checkpoint["cursor"] is None


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_error_keeps_its_attributes_in_another_process(driver: Driver, service: Service, again: Any) -> None:
    """Anyone who gets the error from a worker process has all of it."""
    service.will(holding(BODY))

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).page()
    made = again(caught.value)

    assert vars(made) == vars(caught.value)
    assert (made.place, made.item, made.raw, made.request_id) == ("/1/request", ODD.decode(), BODY, "r")


def test_kept_item_stands_in_its_place_and_costs_nothing_else(driver: Driver, service: Service) -> None:
    """With "keep" the good items are read as ever, and a pager continues after the malformed one."""
    last = b'[{"id": 0, "response": {"statusCode": "private"}}]'
    service.will(holding(BODY), holding(last), [], holding(BODY))
    client = driver.client(service.url)

    found: list[Any] = client.walk(on_invalid="keep").take()
    page = client.page(on_invalid="keep")

    assert [getattr(one, "id", None) for one in found] == ["3", None, "1", None]
    assert found[1] == page.items[1] == MalformedItem(place="/1/request", reason=REASON, raw=ODD.decode())
    assert found[3].place == "/0/response/statusCode"
    assert found[3].raw.encode() == last[1:-1]
    assert page.raw == BODY
    assert [request.start for request in service.requests] == [None, "1", "0", None]


def test_kept_item_can_neither_be_changed_nor_shows_what_came() -> None:
    """A kept item is evidence: frozen, and its repr holds no personal data."""
    item = MalformedItem(place="/0", reason="is odd", raw="private")

    with pytest.raises(FrozenInstanceError):
        item.raw = "x"  # type: ignore[misc]

    assert repr(item) == "MalformedItem(place='/0', reason='is odd')"
    assert pickle.loads(pickle.dumps(item)) == item


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("null", "/1/id: expected a string or an integer as id, got null"),
        ("[]", "/1/id: "),
        ('"abc"', "/1/id: "),
        ('{"digest": "A"}', "/1/id: "),
        ('{"id": true}', "/1/id: expected a string or an integer as id, got boolean"),
        ('{"id": 1.5}', "/1/id: "),
        ('{"id": ""}', "/1/id: "),
        ('{"id": {}}', "/1/id: "),
        ('{"id": "2", "sessionId": 1.5}', "/1/sessionId: expected a string or an integer that ties it to its list"),
        ('{"id": "2", "sessionId": false}', "/1/sessionId: "),
        ('{"id": "2", "sessionId": {}}', "/1/sessionId: "),
        ('{"id": "2", "sessionId": []}', "/1/sessionId: "),
    ],
)
def test_item_that_nothing_can_follow_refuses_its_page(driver: Driver, service: Service, item: str, place: str) -> None:
    """Without an id, or what ties it to the session, an item is not kept: nobody could say what comes next."""
    service.will(holding(f'[{{"id": "3"}}, {item}]'.encode()))

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).walk(on_invalid="keep").take()

    assert place in str(caught.value)
    assert caught.value.item == item


@pytest.mark.parametrize("session", ["other", 5])
def test_kept_item_of_another_session_is_refused(driver: Driver, service: Service, session: Any) -> None:
    """A malformed item is held to the same rules as any other."""
    wrong = [entry(1, sessionId=session, request=[])]
    service.will(wrong, wrong)

    with pytest.raises(PaginationError, match=f"got an item of '{session}'"):
        driver.client(service.url).walk(on_invalid="keep").take()


def test_kept_items_come_once_and_in_order(driver: Driver, service: Service) -> None:
    """A malformed item that comes again is refused like any other."""
    odd = entries("3", request=[])
    service.will(odd, odd, odd)
    walk = driver.client(service.url).walk(on_invalid="keep")

    found = walk.take(1)
    with pytest.raises(PaginationError, match="id '3' came twice"):
        walk.take()

    assert len(found) == 1


@pytest.mark.parametrize("body", [b"<html>", b"null", b"{}", b'"x"', b"1", b"", b"[1", b"[] []", b"\xff", b"[NaN]"])
@pytest.mark.parametrize("on_invalid", ["raise", "keep"])
def test_what_is_no_list_is_never_an_empty_one(driver: Driver, service: Service, body: bytes, on_invalid: str) -> None:
    """A body that is not an array of items is an error in either way, with all of it on the error."""
    service.will(holding(body))

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).list(on_invalid=on_invalid)

    assert (caught.value.place, caught.value.item, caught.value.raw) == ("", None, body)


@pytest.mark.parametrize("word", ["Keep", "", None, True, "ignore", ["keep"]])
def test_any_other_word_is_refused(driver: Driver, service: Service, word: Any) -> None:
    """A misspelled word is refused before anything is sent, and not taken for the default."""
    client = driver.client(service.url)

    with pytest.raises(InvalidArgumentError, match='^on_invalid: is .*; give "raise" or "keep"'):
        client.walk(on_invalid=word)
    with pytest.raises(InvalidArgumentError, match="^on_invalid: is "):
        client.page(on_invalid=word)

    assert service.requests == []


def test_pages_keep_malformed_items_too(driver: Driver, service: Service) -> None:
    """`pages()` has them in their places."""
    service.will(answer([entry(2), entry(1, request=7)]), [])

    pages = driver.client(service.url).walk(on_invalid="keep").pages()

    assert [type(item).__name__ for item in pages[0].items] == ["AuditEntry", "MalformedItem"]
    assert json.loads(pages[0].items[1].raw) == entry(1, request=7)


def test_array_inside_an_object_is_cut_and_pointed_into() -> None:
    """The array may be at any pointer, next to keys that appear twice or need escapes; the last of a key counts."""
    body = '{"a/b": {"~": ["no"], "x": [{"~": 1}], "~" : [ "é", 7.50, {"k": [ ]} ] }, "next": ""}'.encode()

    listing = read(paged("/a~1b/~0"), body)

    assert listing.page.items == (
        "é",
        MalformedItem(place="/a~1b/~0/1", reason="expected string, got number", raw="7.50"),
        MalformedItem(place="/a~1b/~0/2", reason="expected string, got object", raw='{"k": [ ]}'),
    )


def test_kept_item_that_is_no_object_cannot_be_tied() -> None:
    """Where items are tied to an argument, one that is not an object could belong to any list."""
    with pytest.raises(DecodeError, match="/items/0/of: expected a string or an integer that ties it"):
        read(paged("/items", same=(("/of", "owner"),)), b'{"items": [null]}', owner="me")


@pytest.mark.parametrize(
    ("body", "pointer", "texts"),
    [
        ("[]", "", []),
        (" [ ] ", "", []),
        ("[1]", "", ["1"]),
        ('[1,-2.5e+3 , true,false ,null,"\\"]" , [[],[{}]],{"a":{"b":"}"}} ]', "", None),
        ('{"a":[1]}', "/a", ["1"]),
        ('{"b":{"a":[2]},"a":[1, "x"],"c":[3]}', "/a", ["1", '"x"']),
        ('{"\\u0061":[1],"a":[2]}', "/a", ["2"]),
        ('{"a":[2],"\\u0061":[1]}', "/a", ["1"]),
        ('{"":{"":[" "]}}', "//", ['" "']),
        ('["' + "\\\\x" * 300_000 + '"]', "", ['"' + "\\\\x" * 300_000 + '"']),
    ],
)
def test_items_are_cut_as_they_stand(body: str, pointer: str, texts: list[str] | None) -> None:
    """The texts of the items are those of the body, to the character, however long they are."""
    found = [text.decode() for text in cut_items(body.encode(), pointer)]

    assert found == texts if texts is not None else [json.loads(one) for one in found] == json.loads(body)


def test_reason_forges_no_line() -> None:
    """Names of the service in a place or reason cannot begin a line of somebody's log."""
    with pytest.raises(DecodeError) as caught:
        read(paged("/items"), b'{"items": [], "next": 5}')

    assert str(caught.value).isprintable()
    assert SESSION not in str(caught.value)


HALF = b'{"id":"2", "note": "\\ud800"}'


def test_item_with_half_of_a_surrogate_pair_is_kept_alone(driver: Driver, service: Service) -> None:
    """Texts come from devices: one that could not be written out again does not cost the page its other items."""
    service.will(holding(b'[{"id":"3"},' + HALF + b',{"id":"1","note":"\\ud83d\\ude00"}]'), [])

    found = list(driver.client(service.url).walk(on_invalid="keep").take())

    assert [one.id for one in (found[0], found[2])] == ["3", "1"]
    assert found[2].additional_properties == {"note": "\U0001f600"}
    assert found[1] == MalformedItem(
        place="/1", reason="a text in it contains half of a surrogate pair", raw=HALF.decode()
    )


def test_item_with_half_of_a_surrogate_pair_refuses_its_page(driver: Driver, service: Service) -> None:
    """Unless such are kept, the error names the item."""
    service.will(holding(b'[{"id":"3"},' + HALF + b"]"))

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).page()

    assert (caught.value.place, caught.value.item) == ("/1", HALF.decode())


@pytest.mark.parametrize(
    ("operation", "body", "place"),
    [
        (paged("", style="item"), b'[{"id":"\\udc00"}]', "/0/id"),
        (paged("/list"), b'{"list": [], "next": "\\udc00"}', "/next"),
    ],
)
def test_cursor_with_half_of_a_surrogate_pair_refuses_its_page(operation: Operation, body: bytes, place: str) -> None:
    """Nothing could be asked for after it."""
    with pytest.raises(DecodeError) as caught:
        read(operation, body)

    assert caught.value.place == place


def test_half_of_a_surrogate_pair_beside_the_items_is_let_be() -> None:
    """Only what is handed over has to be whole."""
    listing = read(paged("/list"), b'{"list": ["a"], "note": "\\udc00"}')

    assert listing.page.items == ("a",)
