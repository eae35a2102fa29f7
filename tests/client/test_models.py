"""Models: frozen, lossless, and silent about faces."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import attrs
import face_audit
import pytest
from face_audit import (
    AuditEntry,
    AuditRequest,
    AuditResponse,
)
from face_audit._runtime.values.models import Model
from face_audit._runtime.values.strict_json import Malformed
from hypothesis import given, settings
from hypothesis import strategies as st

from .servers import EXAMPLE, entry

COPIES = [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))]
MODELS = [
    public
    for public in (getattr(face_audit, name) for name in face_audit.__all__)
    if isinstance(public, type) and issubclass(public, Model)
]

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
times = st.builds(
    "{:%Y-%m-%dT%H:%M:%S}.{:07d}{}".format,
    st.datetimes(min_value=datetime(1000, 1, 1)),  # noqa: DTZ001  # the offset is another part of the text
    st.integers(0, 9_999_999),
    st.sampled_from(["Z", "+00:00", "-07:30", ""]),
)
number = st.integers(-(10**15), 10**15).flatmap(lambda value: st.sampled_from([value, str(value)]))


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any of these fields, some of them null, and unknown ones beside them."""
    known = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in fields.items()})
    return st.builds(lambda unknown, rest: unknown | rest, st.dictionaries(text.map("x-{}".format), anything), known)


requests = objects(url=text, method=text, contentLength=st.integers(), contentType=text, userAgent=text)
responses = objects(statusCode=number, latencyInMS=number, latencyInMilliseconds=number, body=anything)
generated = st.builds(
    lambda own, rest: rest | {"id": own},
    st.integers() | text,
    objects(
        sessionId=text,
        requestId=text,
        clientRequestId=text,
        dateReceived=times,
        receivedDateTime=times,
        request=requests,
        result=requests,
        response=responses,
        digest=text,
    ),
)


@pytest.mark.uncovered
@settings(deadline=None, max_examples=150)
@given(generated)
def test_generated_entry_is_given_back_exactly(raw: dict[str, Any]) -> None:
    """Spelling, type, digits of the time, nulls and unknown fields at every level: `to_dict` gives back what came."""
    before = json.dumps(raw)

    made = AuditEntry.from_dict(raw)

    assert json.dumps(made.to_dict()) == before
    assert made == AuditEntry.from_dict(raw) == pickle.loads(pickle.dumps(made))
    assert hash(made) == hash(AuditEntry.from_dict(raw))
    assert made.received_date_time is None or made.received_date_time.tzinfo is not None


@pytest.mark.parametrize("raw", [EXAMPLE, entry(1), entry(2, spelling="table"), entry(3, text_id=False)])
def test_entry_of_either_spelling_is_given_back_exactly(raw: dict[str, Any]) -> None:
    """The page's example and its field table are both given back letter by letter."""
    assert json.dumps(AuditEntry.from_dict(raw).to_dict()) == json.dumps(raw)


def test_example_of_the_reference_page_is_read_into_documented_names() -> None:
    """Every field of the example has its documented name and type."""
    made = AuditEntry.from_dict(EXAMPLE)

    assert (made.id, made.digest, made.client_request_id) == ("1", EXAMPLE["digest"], None)
    assert made.received_date_time == datetime(2023, 10, 20, 23, 9, 59, 453308, UTC)
    assert made.request == AuditRequest(
        url="/face/v1.1-preview.1/detectLiveness/singleModal",
        method="POST",
        content_length=360030,
        content_type=EXAMPLE["request"]["contentType"],
        user_agent=EXAMPLE["request"]["userAgent"],
    )
    assert made.response is not None
    assert (made.response.status_code, made.response.latency_in_milliseconds) == (200, 2037)
    assert made.response.body == EXAMPLE["response"]["body"]
    assert made.additional_properties == {}


def test_both_spellings_in_one_entry_keep_the_documented_one() -> None:
    """Where a field is twice the documented name wins; objects are merged; nothing is dropped."""
    raw = {
        "id": 1,
        "dateReceived": "2024-01-01T00:00:00Z",
        "receivedDateTime": "2024-01-02T00:00:00+02:00",
        "request": {"url": "/a", "contentType": "text/a"},
        "result": {"contentType": "text/b", "userAgent": "agent"},
        "response": {"latencyInMS": 1, "latencyInMilliseconds": "2"},
    }

    made = AuditEntry.from_dict(raw)

    assert made.received_date_time == datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert made.request == AuditRequest(url="/a", content_type="text/a", user_agent="agent")
    assert made.response == AuditResponse(latency_in_milliseconds=2)
    assert made.to_dict() == raw


def test_time_without_an_offset_is_utc() -> None:
    """A time is always aware."""
    made = AuditEntry.from_dict({"id": 1, "receivedDateTime": "2024-01-01T10:00:00"})

    assert made.received_date_time == datetime(2024, 1, 1, 10, tzinfo=UTC)


def test_changing_what_was_given_or_returned_changes_no_entry() -> None:
    """An entry shares nothing that can be changed with its surroundings, as far as `to_dict` goes."""
    raw = copy.deepcopy(EXAMPLE) | {"new": {"inner": [1]}}
    made = AuditEntry.from_dict(raw)
    expected = copy.deepcopy(raw)
    assert made.response is not None
    body: Any = made.response.body
    unknown: Any = made.additional_properties

    raw["new"]["inner"].append(2)
    raw["response"]["body"]["target"]["faceRectangle"].clear()
    body["target"].clear()
    unknown["new"]["inner"].append(3)
    made.to_dict()["request"].clear()  # type: ignore[union-attr]

    assert made.to_dict() == expected
    assert made.response.to_dict() == expected["response"]


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "1", "receivedDateTime": "2024-01-01T00:00:00Z", "dateReceived": DEEP}',
        '{"id": "1", "response": {"latencyInMilliseconds": 1, "latencyInMS": DEEP}}',
    ],
)
def test_spelling_that_is_passed_over_may_not_be_too_deep_to_be_written(text: str) -> None:
    """An entry that cannot be written back is refused where it is read."""
    raw = json.loads(text.replace("DEEP", "[" * 300 + "]" * 300))

    with pytest.raises(Malformed, match="nested too deeply"):
        AuditEntry.decode(raw)


@pytest.mark.parametrize("duplicate", COPIES)
def test_copies_are_equal_and_as_lossless(duplicate: Any) -> None:
    """A copy or pickle equals its original and gives back the same bytes."""
    made = AuditEntry.from_dict(EXAMPLE | {"new": 1})

    again = duplicate(made)

    assert again == made
    assert hash(again) == hash(made)
    assert json.dumps(again.to_dict()) == json.dumps(made.to_dict())


@pytest.mark.parametrize("duplicate", COPIES)
def test_copies_of_models_made_by_hand_are_equal(duplicate: Any) -> None:
    """The same for a model that never was JSON."""
    made = AuditEntry(id="1", request=AuditRequest(url="/a"), additional_properties={"new": 1})

    assert duplicate(made) == made
    assert duplicate(made).to_dict() == {"id": "1", "request": {"url": "/a"}, "new": 1}


def test_models_are_frozen() -> None:
    """Evidence does not change."""
    made = AuditEntry.from_dict(EXAMPLE)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.id = "2"  # type: ignore[misc]


def test_entries_differ_by_what_they_say_and_not_by_its_spelling() -> None:
    """Entries are equal where all their fields are."""
    one = AuditEntry.from_dict({"id": 1, "dateReceived": "2024-01-01T00:00:00Z"})

    assert one == AuditEntry.from_dict({"id": "1", "receivedDateTime": "2024-01-01T00:00:00+00:00"})
    assert one != AuditEntry.from_dict({"id": "2", "dateReceived": "2024-01-01T00:00:00Z"})
    assert one != AuditEntry.from_dict({"id": "1", "dateReceived": "2024-01-01T00:00:00Z", "new": 1})


def test_evolved_entry_is_written_with_its_changes() -> None:
    """`attrs.evolve` makes another entry: written under the documented names, unknown fields kept."""
    made = attrs.evolve(AuditEntry.from_dict(EXAMPLE | {"new": [1]}), digest="AB", client_request_id="c")

    written = made.to_dict()

    assert (written["digest"], written["clientRequestId"], written["new"]) == ("AB", "c", [1])
    assert written["receivedDateTime"] == "2023-10-20T23:09:59.453308+00:00"
    assert written["response"] == EXAMPLE["response"]
    assert "dateReceived" not in written
    assert AuditEntry.from_dict(written) == made


def test_asdict_gives_the_fields_by_their_python_names() -> None:
    """`attrs.asdict` sees fields, and nothing of what lies below them."""
    flat = attrs.asdict(AuditEntry.from_dict(EXAMPLE))

    assert flat["request"]["content_length"] == 360030
    assert set(flat) == {field.name for field in attrs.fields(AuditEntry)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
def test_types_of_a_model_are_known_at_run_time(model: type[Any]) -> None:
    """Who makes columns, schemas or converters of models reads their annotations, and they name what is there."""
    hints = get_type_hints(model)

    assert {field.name for field in attrs.fields(model)} <= hints.keys()
