"""The JSON text of each item of a page, byte for byte as received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit._runtime.operation import Operation, Pagination
from face_audit._runtime.responses.pages import Page, read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.scalars import ANY
from face_audit._runtime.values.strict_json import Malformed, _cut_leniently, cut_items
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from hypothesis import given
from hypothesis import strategies as st

from .properties import FIXED
from .servers import Answer, Service
from .test_operations import TOKEN

if TYPE_CHECKING:
    from .conftest import Driver

ODD = b'{ "id" :\r\n"2",\t"digest": "\\u0041]}\\",[{\\\\ \xc3\xa9" ,"unknown":[1.50,\n1e2] }'
HALF_A_PAIR = b'{"id":"1","digest":"\\ud800"}'


def holding(body: bytes) -> Answer:
    """A success with this body."""
    return Answer(body=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("last", [b'{"id":"1"}', b'{"id":"1","response":[]}'])
def test_raw_items_are_the_bytes_that_came(driver: Driver, service: Service, last: bytes) -> None:
    """Blanks, line ends, escapes and the spelling of numbers stay, in a page read either way; order too."""
    service.will(holding(b' [{"id":"3"} ,' + ODD + b"\n,\n" + last + b" ] "), [])

    pages = driver.client(service.url).walk(on_invalid="keep").pages()

    assert [page.raw_items() for page in pages] == [(b'{"id":"3"}', ODD, last), ()]


def test_raw_items_of_a_page_that_only_the_lenient_way_takes(driver: Driver, service: Service) -> None:
    """What msgspec refuses is cut the other way: half a pair of surrogates in a malformed item that is kept."""
    body = b"[" + ODD + b"," + HALF_A_PAIR + b"]"

    assert cut_items(body, "") == [ODD, HALF_A_PAIR]

    service.will(holding(b"[" + ODD + b"]"))
    assert driver.client(service.url).page().raw_items() == (ODD,)


def test_raw_items_of_a_page_that_a_pager_gives(driver: Driver, service: Service) -> None:
    """It knows where in its body they are."""
    service.will(holding(b'{"value": [{"id" : "a"}, {"id":"b"}], "next": null}'))

    pages = driver.client(service.url).walk_through(TOKEN).pages()

    assert [page.raw_items() for page in pages] == [(b'{"id" : "a"}', b'{"id":"b"}')]


def test_raw_items_of_an_array_inside_the_body() -> None:
    """Where the array is at a pointer, its items are cut out there; of a page in part, those that are left."""
    pagination = Pagination(
        style="token", cursor="at", limit=None, default_limit=None, items="/a~1b/list", cursor_at="/next", same=()
    )
    operation = Operation(
        name="Things_list", method="GET", path="/", success=frozenset({200}), result=ANY, pagination=pagination
    )
    body = b'{"next": null, "a/b": {"list": [ 1.0 , {"x" : [2]} ,"\xc3\xa9" ]}}'
    reply = HTTPResponse(status=200, headers={"content-type": "application/json"}, content=body)

    page: Page[Any] = read_success(
        operation.call({}), HTTPRequest(method="GET", url="u", headers={}), reply, ErrorBody()
    ).page
    rest = Page(items=page.items[1:], raw=page.raw, request_id=None, items_at=page.items_at)

    assert page.items_at == "/a~1b/list"
    assert page.raw_items() == (b"1.0", b'{"x" : [2]}', b'"\xc3\xa9"')
    assert rest.raw_items() == page.raw_items()[1:]


def test_body_without_the_array_is_refused_at_its_place() -> None:
    """A missing array is never an empty one."""
    with pytest.raises(Malformed, match="expected array, got null") as caught:
        cut_items(b'{"other": []}', "/list")

    assert caught.value.place == "/list"


def test_items_are_cut_out_of_compact_objects_in_both_ways() -> None:
    """No blank follows a colon or a comma."""
    body = b'{"a":"\\u00e9","b":{"c":{},"list":[1,{"x":"\\u00e9"}]}}'
    halves = body.replace(b"00e9", b"d800")

    assert cut_items(body, "/b/list") == [b"1", b'{"x":"\\u00e9"}']
    assert cut_items(halves, "/b/list") == [b"1", b'{"x":"\\ud800"}']


BLANKS = st.text(" \t\r\n", max_size=3)
SCALARS = st.sampled_from(["0", "-1.50e2", "true", "null", '"\\u00e9\\""', '"é ]},"'])
TEXTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(lambda blank, items: f"[{blank}" + f"{blank},{blank}".join(items) + "]", BLANKS, st.lists(inner))
        | st.builds(lambda blank, value: f'{{"k"{blank}:{blank}{value}{blank}}}', BLANKS, inner)
    ),
    max_leaves=8,
)


@FIXED
@given(st.lists(st.tuples(BLANKS, TEXTS, BLANKS), max_size=5))
def test_both_ways_to_cut_give_what_was_put_together(parts: list[tuple[str, str, str]]) -> None:
    """Whatever JSON texts and blanks a body is put together of, its items come out as they went in."""
    body = ("[" + ",".join(before + text + after for before, text, after in parts) + "]").encode()

    assert cut_items(body, "") == _cut_leniently(body, "") == [text.encode() for _, text, _ in parts]
