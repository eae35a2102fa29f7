"""Entries in pandas, polars and pydantic, as the recipes put them there."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pandas
import polars
import pytest
from face_audit import AuditEntry, flatten
from polars.exceptions import PolarsError
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from ..client.servers import SESSION

if TYPE_CHECKING:
    from ..client.conftest import Driver
    from ..client.servers import Service

MOMENT = datetime.datetime(2023, 10, 20, 23, 9, 59, 453308, tzinfo=datetime.UTC)
LATE: dict[str, Any] = {
    "id": 2,
    "sessionId": SESSION,
    "receivedDateTime": "2023-10-21T01:09:59.4533078+02:00",
    "request": {"url": "/a", "contentLength": 5},
    "response": {"statusCode": "200", "latencyInMS": 3, "body": {"livenessDecision": "realface", "x": {"y": 1}}},
    "new": {"a": [1]},
}
"""Everything that the entries before it lack."""


@pytest.fixture
def entries(driver: Driver, service: Service) -> list[AuditEntry]:
    """Entries without fields, more than polars looks at, then one with all fields, and one whose body is a text."""
    bare = [{"id": number} for number in range(302, 2, -1)]
    service.will([*bare, LATE, {"id": 1, "response": {"body": "text"}}], [])
    return driver.client(service.url).list()


def test_frame_of_pandas_has_each_field_in_its_type(entries: list[AuditEntry]) -> None:
    """Late fields, missing ones, times of seven digits and unknown fields included."""
    frame = pandas.DataFrame([flatten(entry) for entry in entries]).convert_dtypes()

    late = frame.iloc[300]
    assert len(frame) == 302
    assert str(frame["received_date_time"].dtype) == "datetime64[us, UTC]"
    assert {str(frame[name].dtype) for name in ("request.content_length", "response.status_code")} == {"Int64"}
    assert late["received_date_time"] == pandas.Timestamp(MOMENT)
    assert (late["response.status_code"], late["request.content_length"], late["request.url"]) == (200, 5, "/a")
    assert json.loads(late["response.body"]) == LATE["response"]["body"]
    assert json.loads(late["additional_properties"]) == {"new": {"a": [1]}}
    assert json.loads(frame["response.body"][301]) == "text"
    assert bool(frame.iloc[0].drop("id").isna().all())


def test_frame_of_polars_has_each_field_in_its_type(entries: list[AuditEntry]) -> None:
    """The same; a look at the first 100 rows only would miss what comes late."""
    rows = [flatten(entry) for entry in entries]
    frame = polars.DataFrame(rows, infer_schema_length=None)

    assert frame.schema["received_date_time"] == polars.Datetime("us", "UTC")
    assert frame.schema["response.status_code"] == polars.Int64
    late = frame.row(300, named=True)
    assert late["received_date_time"] == MOMENT
    assert (late["response.status_code"], late["request.content_length"], late["request.url"]) == (200, 5, "/a")
    assert json.loads(late["response.body"]) == LATE["response"]["body"]
    assert json.loads(late["additional_properties"]) == {"new": {"a": [1]}}
    assert frame.row(0) == ("302", *[None] * (frame.width - 1))
    assert frame["response.body"].str.json_path_match("$.livenessDecision").to_list()[299:] == [None, "realface", None]
    with pytest.raises(PolarsError):
        polars.DataFrame(rows)


def test_frames_without_rows_have_columns_by_name() -> None:
    """Those of an entry made by hand."""
    columns = list(flatten(AuditEntry(id="0")))

    assert list(pandas.DataFrame([], columns=columns)["response.status_code"]) == []
    assert polars.DataFrame([], schema=columns)["response.status_code"].to_list() == []


class Liveness(BaseModel):
    """A view of a response."""

    liveness_decision: str


class Response(BaseModel):
    """A model within the entry."""

    status_code: int | None
    body: Any
    liveness_result: Liveness | None


class Entry(BaseModel):
    """What a caller needs of an entry."""

    id: str
    digest: str | None
    received_date_time: AwareDatetime | None
    response: Response | None
    additional_properties: dict[str, Any]


def test_models_of_pydantic_are_read_from_entries(entries: list[AuditEntry]) -> None:
    """By their attributes, models within them and views included."""
    found = TypeAdapter(list[Entry]).validate_python(entries, from_attributes=True)

    assert [one.id for one in found] == [one.id for one in entries]
    assert found[0] == Entry(id="302", digest=None, received_date_time=None, response=None, additional_properties={})
    late = found[300]
    assert late.received_date_time == MOMENT
    assert late.additional_properties == {"new": {"a": [1]}}
    assert late.response == Response(
        status_code=200, body=LATE["response"]["body"], liveness_result=Liveness(liveness_decision="realface")
    )
    assert json.loads(late.model_dump_json())["response"]["liveness_result"] == {"liveness_decision": "realface"}
    assert found[301].response == Response(status_code=None, body="text", liveness_result=None)


def test_models_of_pydantic_refuse_what_is_missing(entries: list[AuditEntry]) -> None:
    """Every field but the id may be missing; a model that says otherwise is told so."""

    class Strict(BaseModel):
        digest: str

    with pytest.raises(ValidationError):
        TypeAdapter(Strict).validate_python(entries[0], from_attributes=True)
