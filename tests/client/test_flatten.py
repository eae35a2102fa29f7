"""Models as rows: the same columns for every entry, and one plain value in each."""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import pytest
from face_audit import UNSET, AuditEntry, DecodeError, InvalidArgumentError, flatten
from face_audit._runtime.values import compounds, scalars
from face_audit._runtime.values.models import Model, in_json

from .servers import Answer, Spelling, entry

if TYPE_CHECKING:
    from .conftest import Driver
    from .servers import Service

COLUMNS = [
    *("id", "session_id", "request_id", "client_request_id", "received_date_time"),
    *("request.url", "request.method", "request.content_length", "request.content_type", "request.user_agent"),
    "request.additional_properties",
    *("response.status_code", "response.latency_in_milliseconds", "response.body", "response.additional_properties"),
    *("digest", "additional_properties"),
]


class Shade(enum.Enum):
    """An enum that is not a text of itself."""

    DARK = "dark"


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Pot(Model):
    """A model within a model."""

    width: float | None = attrs.field(default=None, metadata=in_json("width", scalars.NUMBER))
    additional_properties: dict[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Plant(Model):
    """A model with a field of each kind."""

    shade: Shade | str | None = attrs.field(
        default=None, metadata=in_json("shade", compounds.EnumOf(Shade, scalars.STRING))
    )
    code: UUID | None = attrs.field(default=None, metadata=in_json("code", scalars.IDENTIFIER))
    day: datetime.date | None = attrs.field(default=None, metadata=in_json("day", scalars.DATE))
    at: datetime.datetime | None = attrs.field(default=None, metadata=in_json("at", scalars.DATE_TIME))
    seal: bytes | None = attrs.field(default=None, metadata=in_json("seal", scalars.BASE64))
    edible: bool | None = attrs.field(default=None, metadata=in_json("edible", scalars.BOOLEAN))
    size: Any = attrs.field(default=None, metadata=in_json("size", compounds.OneOf((scalars.INTEGER, scalars.STRING))))
    kind: Any = attrs.field(default=None, metadata=in_json("kind", compounds.Const(["a"])))
    names: Any = attrs.field(default=None, metadata=in_json("names", compounds.ListOf(scalars.STRING)))
    counts: Any = attrs.field(default=None, metadata=in_json("counts", compounds.MapOf(scalars.INTEGER)))
    open: Any = attrs.field(default=None, metadata=in_json("open", scalars.ANY))
    pot: Any = attrs.field(
        default=UNSET, metadata=in_json("pot", compounds.Nullable(compounds.ModelOf(Pot)), null=True)
    )
    pots: Any = attrs.field(default=None, metadata=in_json("pots", compounds.ListOf(compounds.ModelOf(Pot))))
    title: Any = attrs.field(
        default=None, metadata=in_json("title", scalars.Limited(inner=scalars.STRING, max_length=3))
    )
    additional_properties: dict[str, Any] = attrs.field(factory=dict[str, Any])


def test_entry_of_a_page_is_a_row(driver: Driver, service: Service) -> None:
    """Whatever is missing has its column; what has no one type is JSON."""
    whole = {
        "id": 7,
        "sessionId": "s",
        "receivedDateTime": "2023-10-21T01:09:59.4533078+02:00",
        "request": {"url": "/a", "contentLength": 5, "new": {"a": 1}},
        "response": {"statusCode": "200", "body": {"livenessDecision": "realface"}},
        "later": [1, None],
    }
    service.will([whole, {"id": "6", "response": {"body": "text"}}, {"id": "5", "response": None, "request": None}])

    rows = [flatten(one) for one in driver.client(service.url).page(session="s").items]

    assert [list(row) for row in rows] == [COLUMNS] * 3
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "id": "7",
        "session_id": "s",
        "received_date_time": datetime.datetime(2023, 10, 20, 23, 9, 59, 453308, tzinfo=datetime.UTC),
        "request.url": "/a",
        "request.content_length": 5,
        "request.additional_properties": '{"new":{"a":1}}',
        "response.status_code": 200,
        "response.body": '{"livenessDecision":"realface"}',
        "additional_properties": '{"later":[1,null]}',
    }
    assert str(rows[0]["received_date_time"]).endswith("+00:00")
    assert {name: value for name, value in rows[1].items() if value is not None} == {
        "id": "6",
        "response.body": '"text"',
    }
    assert [value for value in rows[2].values() if value is not None] == ["5"]


@pytest.mark.parametrize("spelling", ["example", "table"])
def test_both_spellings_of_the_service_give_the_same_row(spelling: Spelling) -> None:
    """But for the id that only one of them has."""
    row = flatten(AuditEntry.from_dict(entry(3, spelling=spelling) | {"clientRequestId": "c"}))

    assert row == flatten(AuditEntry.from_dict(entry(3) | {"clientRequestId": "c"}))
    assert row["response.latency_in_milliseconds"] == 3


def test_entry_made_by_hand_has_the_same_columns() -> None:
    """So that the names are known where there are no entries."""
    assert list(flatten(AuditEntry(id="0"))) == COLUMNS


def test_each_kind_of_field_has_its_value() -> None:
    """Plain values stay as they are in Python, but UUIDs and members of enums, which tables do not have."""
    wire: dict[str, Any] = {
        "shade": "dark",
        "code": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "day": "2024-02-29",
        "at": "2024-02-29T00:00:00",
        "seal": "AAE=",
        "edible": False,
        "size": 3,
        "kind": ["a"],
        "names": [],
        "counts": {"a": 1},
        "open": 1.5,
        "pot": {"width": 2.0, "new": "é"},
        "pots": [{"width": 1}],
        "title": "long",
    }

    row = flatten(Plant.from_dict(wire))

    assert row == {
        "shade": "dark",
        "code": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "day": datetime.date(2024, 2, 29),
        "at": datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
        "seal": b"\x00\x01",
        "edible": False,
        "size": "3",
        "kind": '["a"]',
        "names": "[]",
        "counts": '{"a":1}',
        "open": "1.5",
        "pot.width": 2.0,
        "pot.additional_properties": '{"new":"\\u00e9"}',
        "pots": '[{"width":1}]',
        "title": "long",
        "additional_properties": None,
    }
    assert flatten(Plant()) == dict.fromkeys(row)
    assert flatten(Plant(pot=None)) == dict.fromkeys(row)
    assert flatten(Plant.from_dict({"shade": "new"}))["shade"] == "new"


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_moment_that_is_out_of_range_in_utc_stays_as_it_is(written: str) -> None:
    """Python has no year 0 and no year 10000."""
    row = flatten(Plant.from_dict({"at": written}))

    assert row["at"] == datetime.datetime.fromisoformat(written)


def test_field_made_by_hand_of_another_type_is_refused() -> None:
    """A moment without a time zone would be taken for one of this machine's."""
    made = Plant(at=datetime.datetime(2024, 2, 29))  # noqa: DTZ001

    with pytest.raises(InvalidArgumentError, match=r"^Plant\.at: expected an aware datetime, got one without"):
        flatten(made)


def test_number_that_no_float_can_hold_is_refused(driver: Driver, service: Service) -> None:
    """As where the field itself is read."""
    service.will(Answer(body=b'[{"id": "1", "response": {"body": 1e999}}]'))
    (item,) = driver.client(service.url).page().items

    with pytest.raises(DecodeError):
        flatten(item)
