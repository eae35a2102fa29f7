"""Pages and single values without a connection: what makes an answer one, and where the ids of items are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from face_audit import Attempt, DecodeError, MalformedItem
from face_audit._runtime.operation import Operation
from face_audit._runtime.responses.pages import Listing, read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.compounds import ModelOf
from face_audit._runtime.values.models import Model, in_json
from face_audit._runtime.values.scalars import ANY, DATE_TIME, STRING
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

from .test_on_invalid import paged

if TYPE_CHECKING:
    import datetime

    from face_audit._runtime.operation import Call

SINGLE = Operation(name="x", method="GET", path="/x", success=frozenset({200, 205}), result=ANY)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Note(Model):
    """An item with its id, and a field of two spellings."""

    key: str = attrs.field(metadata=in_json("id", STRING, required=True))
    of: str | None = attrs.field(default=None, metadata=in_json("of", STRING, also=("list",)))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Moment(Model):
    """An item whose id is a point in time."""

    key: datetime.datetime = attrs.field(metadata=in_json("id", DATE_TIME, required=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


def read(call: Call, content: bytes, *, status: int = 200, **settings: Any) -> Any:
    """The result of a success with this body."""
    response = HTTPResponse(status=status, headers={}, content=content)
    return read_success(call, HTTPRequest(method="GET", url="u", headers={}), response, ErrorBody(), **settings)


def read_notes(content: bytes, **arguments: Any) -> Listing[Note]:
    """A list of notes, which belong to the one that was asked for."""
    operation = paged("/list", style="item", result=ModelOf(Note), same=(("/of", "of"),))
    listing: Listing[Note] = read(operation.call({"of": None} | arguments), content)
    return listing


def test_page_of_a_status_without_content_has_its_attempts() -> None:
    """It is a page like any other, only without items."""
    call = paged("")._replace(empty=frozenset({204})).call({})
    attempts = Attempt(status=503, reason="status 503", wait=1.0), Attempt(status=204, reason="ok")

    page = read(call, b"", status=204, attempts=attempts).page

    assert (page.items, page.attempts) == ((), attempts)


def test_status_that_is_named_with_a_body_needs_it() -> None:
    """Only a range takes in 205 without one."""
    assert read(SINGLE.call({}), b"7", status=205) == 7
    with pytest.raises(DecodeError, match="status 205: .* is not JSON"):
        read(SINGLE.call({}), b"", status=205)


def test_repeated_key_in_a_single_value_is_refused_on_request() -> None:
    """As in a page; without `strict`, the last one counts."""
    content = b'{"a": 1, "a": 2}'

    assert read(SINGLE.call({}), content) == {"a": 2}
    with pytest.raises(DecodeError, match="contains the key 'a' twice"):
        read(SINGLE.call({}), content, strict=True)


def test_malformed_item_is_kept_in_a_page_without_repeated_keys() -> None:
    """To refuse keys that come twice refuses nothing else."""
    call = paged("/list").call({}, on_invalid="keep")

    page = read(call, b'{"list": ["a", "\\ud800"]}', strict=True).page

    assert page.items[0] == "a"
    assert isinstance(page.items[1], MalformedItem)
    assert page.items[1].place == "/list/1"


def test_empty_id_is_refused_at_its_place() -> None:
    """It is a text like any other to the model, but nothing could follow it."""
    with pytest.raises(DecodeError, match="as id") as caught:
        read_notes(b'{"list": [{"id": "1"}, {"id": ""}]}')

    assert (caught.value.place, caught.value.item) == ("/list/1/id", '{"id": ""}')


def test_id_is_found_beside_a_field_that_cannot_be_read() -> None:
    """The document does not know the field, so nothing depends on it."""
    listing = read_notes(b'{"list": [{"id": "1", "new": 1e999}]}')

    assert (listing.ids, listing.page.items[0].key) == (("1",), "1")


def test_other_list_is_found_at_its_pointer_alone() -> None:
    """A pointer leads to one place, and another spelling of the field is another place."""
    mine, other = b'{"list": [{"id": "1", "of": "b"}]}', b'{"list": [{"id": "1", "list": "b"}]}'

    assert read_notes(mine, of="a").foreign == "asked for 'a', got an item of 'b'"
    assert read_notes(other, of="a").foreign is None
    assert read_notes(other).page.items[0].of == "b"


def test_id_is_the_text_that_came() -> None:
    """It is sent back as the service wrote it, not as Python writes its value."""
    operation = paged("", style="item", result=ModelOf(Moment))

    listing = read(operation.call({}), b'[{"id": "2026-11-30T12:00:00.50Z"}]')

    assert listing.ids == ("2026-11-30T12:00:00.50Z",)


def test_ids_of_items_without_a_model_are_found() -> None:
    """The document may leave items open."""
    operation = paged("", style="item", result=ANY)

    assert read(operation.call({}), b'[{"id": "b"}, {"id": 1}]').ids == ("b", "1")
