"""Reading items from their bytes, in every spelling and type, beside the reference: `Model.decode`, one by one."""

from __future__ import annotations

import copy
import json
import pickle
import sys
import tracemalloc
import weakref
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import pytest
from face_audit import UNSET, AuditEntry, DecodeError, MalformedItem, Unset
from face_audit._runtime.operation import Call, Operation, Pagination
from face_audit._runtime.responses.model_reader import _are_digits
from face_audit._runtime.responses.model_reader import read_models as read_models_and_failed
from face_audit._runtime.responses.pages import Listing, read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.compounds import Const, EnumOf, ListOf, MapOf, ModelOf, Nullable
from face_audit._runtime.values.models import Model, in_json
from face_audit._runtime.values.scalars import (
    ANY,
    BASE64,
    DATE,
    DATE_TIME,
    IDENTIFIER,
    INTEGER,
    NUMBER,
    STRING,
    TEXT_OR_INTEGER,
)
from face_audit._runtime.values.strict_json import Malformed, cut_items, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.models import AuditRequest, AuditResponse, LivenessResult
from face_audit.resources.audit_entries import operations
from hypothesis import given, settings
from hypothesis import strategies as st

from .servers import SESSION, Answer, entry

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from uuid import UUID

    from .conftest import Driver
    from .servers import Service

OPERATION = next(one for one in vars(operations).values() if isinstance(one, Operation))
CALL = OPERATION.call({"session_id": SESSION})
REQUEST = HTTPRequest(method="GET", url="https://example.com", headers={})


def canonical(number: int, **changes: Any) -> dict[str, Any]:
    """An entry as the service is known to write it: no field under another spelling, none missing."""
    made = entry(number, text_id=False)
    made["receivedDateTime"] = made.pop("dateReceived")
    made["response"]["latencyInMilliseconds"] = made["response"].pop("latencyInMS")
    return made | changes


def text(value: Any) -> bytes:
    """The JSON text of a value."""
    return json.dumps(value, separators=(",", ":")).encode()


def read_models(model: type[Model], texts: list[bytes]) -> list[Any]:
    """The objects in these texts; None instead of one that does not fit."""
    found, failed = read_models_and_failed(model, texts)
    return [None if at in failed else one for at, one in enumerate(found)]


def read(*entries: Any) -> list[Any]:
    """Entries from their bytes; None instead of one that does not fit."""
    return read_models(AuditEntry, [text(one) for one in entries])


def read_listing(call: Call, entries: list[Any]) -> Listing[Any]:
    """A whole page of entries."""
    response = HTTPResponse(status=200, headers={}, content=text(entries))
    listing: Listing[Any] = read_success(call, REQUEST, response, ErrorBody())
    return listing


def read_one(raw: Any) -> AuditEntry:
    """One that fits."""
    (found,) = read(raw)
    assert isinstance(found, AuditEntry)
    return found


def reference(raw: Any, model: type[Model] = AuditEntry) -> Any:
    """The same entry read by the reference, or None where it is malformed."""
    try:
        return model.decode(json.loads(json.dumps(raw)))
    except Malformed:
        return None


def without(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The same without one of its fields."""
    return {key: value for key, value in raw.items() if key != name}


FITTING = [
    canonical(1),
    entry(1),
    entry(1, spelling="table"),
    entry(1, text_id=False),
    {"id": 1},
    {"id": ""},
    canonical(1, id=10**30),
    canonical(1, id="text"),
    canonical(1, x={"unknown": [1.5, None, {"deep": "é"}]}),
    canonical(1, request=canonical(1)["request"] | {"more": 1}),
    canonical(1, response={"statusCode": "200", "latencyInMS": "-7", "body": [1, 2.5, {"a": None}], "more": {}}),
    canonical(1, response={"statusCode": 200.0, "latencyInMS": 2.0**53 - 1, "body": None}),
    canonical(1, response={"statusCode": 200, "body": {"livenessDecision": "spoofface", "n": -0.0, "i": 2**70}}),
    canonical(1, receivedDateTime="2023-10-20T23:09:59.9999995-05:30"),
    without("receivedDateTime", canonical(1, dateReceived="2023-10-20T23:09:59Z")),
    canonical(1, receivedDateTime=None, dateReceived="2023-10-20T23:09:59Z"),
    canonical(1, dateReceived="2023-10-20T23:09:58Z"),
    canonical(1, digest=None, clientRequestId=None, sessionId=None),
    canonical(1, request=None),
    canonical(1, response=None),
    without("request", canonical(1, result=canonical(1)["request"])),
    canonical(1, request=None, result={"url": "u", "new": 1}),
    canonical(1, request={"url": "u"}, result={"url": "passed over", "method": "POST", "new": 1}),
    canonical(1, request={"url": None}, result={"url": "passed over"}),
    canonical(1, request={"url": None}, result={"method": None, "contentLength": 1}),
    canonical(1, result={"contentType": "passed over", "unknown": 1}),
]


@pytest.mark.parametrize("raw", FITTING)
def test_entry_is_the_one_that_the_reference_reads(raw: dict[str, Any]) -> None:
    """In every spelling and type of the document, alone and among others, with all that is asked of it."""
    wanted = reference(raw)

    first, found, last = read(canonical(2), raw, canonical(3))

    assert found == wanted
    assert (first, last) == (reference(canonical(2)), reference(canonical(3)))
    assert repr(found) == repr(wanted)
    assert hash(found) == hash(wanted)
    assert found.to_dict() == wanted.to_dict() == raw
    assert found.additional_properties == wanted.additional_properties
    assert attrs.asdict(found) == attrs.asdict(wanted)
    for name in ("request", "response"):
        inner, expected = getattr(found, name), getattr(wanted, name)
        assert (inner and inner.to_dict()) == (expected and expected.to_dict())
        assert (inner and inner.additional_properties) == (expected and expected.additional_properties)


LEFT = [
    canonical(1, id=True),
    canonical(1, id=None),
    without("id", canonical(1)),
    canonical(1, sessionId=5),
    canonical(1, digest="half a pair \ud800"),
    canonical(1, receivedDateTime="2023-10-20T23:09:59"),
    canonical(1, receivedDateTime="9999-12-31T23:59:59.9999999Z"),
    canonical(1, dateReceived="passed over"),
    canonical(1, response={"statusCode": 200.5}),
    canonical(1, response={"statusCode": "two hundred"}),
    canonical(1, response={"statusCode": 2.0**53}),
    canonical(1, response={"latencyInMilliseconds": True}),
    canonical(1, response={"latencyInMilliseconds": 1, "latencyInMS": []}),
    canonical(1, response=[]),
    "no object",
    None,
    [],
]


@pytest.mark.parametrize("raw", LEFT)
def test_entry_that_does_not_fit_is_left_to_the_reference(raw: Any) -> None:
    """It says what is wrong, or reads it anyway; the entries around it are read."""
    first, found, last = read(canonical(2), raw, entry(3))

    assert found is None
    assert (first, last) == (reference(canonical(2)), reference(entry(3)))


NUMBERS = [
    "7",
    "007",
    "9" * 18,
    "0" * 18,
    "9" * 19,
    "0" * 19,
    "-7",
    "",
    " 7",
    "7 ",
    "7_0",
    "+7",
    "7.0",
    "\u0667",
    "\u00b2",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_as_text_are_those_of_the_reference(number: str) -> None:
    """Among others, all of which are text, and the same number is refused that the reference refuses."""
    raws = [canonical(one, response={"statusCode": status}) for one, status in enumerate(("200", number, "404"))]

    assert read(*raws) == list(map(reference, raws))


@pytest.mark.parametrize(
    ("texts", "are"),
    [
        (["7"], True),
        (["7", "007", "9" * 18], True),
        (["7", "9" * 19], False),
        (["7", ""], False),
        (["7", "7.0"], False),
        (["7", "\u0667"], False),
    ],
)
def test_numbers_as_text_of_18_digits_at_most_are_read_at_once(texts: list[str], are: bool) -> None:
    """Of one that is longer or written otherwise, the reference decides."""
    assert _are_digits(texts) is are


def test_entries_that_are_read_at_once_are_frozen() -> None:
    """Each is of the public class, and so is what it holds."""
    found = read_one(canonical(1))

    for model in (found, found.request, found.response):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            model.additional_properties = {}  # type: ignore[misc, union-attr]
        assert weakref.ref(model)() is model
    assert list(map(type, (found, found.request, found.response))) == [AuditEntry, AuditRequest, AuditResponse]


def test_object_inside_an_entry_is_written_back_after_its_unknown_fields_were_read() -> None:
    """They tell where it was in the entry."""
    raw = canonical(1, request={"url": "u", "new": [1]})
    inner = read_one(raw).request
    assert inner is not None

    assert inner.additional_properties == {"new": [1]}
    assert inner.to_dict() == pickle.loads(pickle.dumps(inner)).to_dict() == raw["request"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
moments = st.from_regex(
    r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,9})?"
    r"(Z|z|[+-][01][0-9]:[0-5][0-9]|)",
    fullmatch=True,
)
numbers = st.integers(-999, 999).map(str) | st.integers(2**53 - 3, 2**53 + 3).map(float)
NAMES = """id sessionId requestId clientRequestId receivedDateTime dateReceived request result response digest more url
contentLength userAgent statusCode latencyInMS latencyInMilliseconds body"""
names = st.sampled_from(NAMES.split())
changed = st.builds(
    lambda made, changes, inner, outer: (
        made.update(changes),
        made["request"].update(inner) if isinstance(made.get("request"), dict) else None,
        made["response"].update(outer) if isinstance(made.get("response"), dict) else None,
        made,
    )[-1],
    st.builds(canonical, st.integers(1, 99)) | st.builds(entry, st.integers(1, 99)),
    st.dictionaries(names, values | moments, max_size=2),
    st.dictionaries(names, values, max_size=1),
    st.dictionaries(names, values | numbers, max_size=1),
)


@pytest.mark.uncovered
@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.lists(changed, max_size=3))
def test_entries_that_fit_are_those_of_the_reference(entries: list[dict[str, Any]]) -> None:
    """What is read from the bytes, the reference reads as well, and both give the same."""
    for raw, found in zip(entries, read(*entries), strict=True):
        if found is not None:
            assert found == reference(raw)
            assert repr(found) == repr(reference(raw))
            assert found.to_dict() == raw


@pytest.mark.uncovered
@settings(derandomize=True, deadline=None, max_examples=600)
@given(moments)
def test_moments_are_rounded_alike(moment: str) -> None:
    """Digits beyond microseconds are rounded in both ways, and the text is kept to the digit."""
    (found,) = read(canonical(1, receivedDateTime=moment))
    if found is not None:
        assert found.received_date_time == DATE_TIME.decode(moment)
        assert found.to_dict()["receivedDateTime"] == moment


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.binary(max_size=40) | st.binary(max_size=10).map(lambda junk: text(canonical(1))[:-9] + junk))
def test_text_that_is_no_json_is_left_to_the_reference(junk: bytes) -> None:
    """The reader is never more tolerant than the reference, but for fields that it does not know."""
    try:
        texts = cut_items(b"[" + junk + b"]", "")
    except Malformed:
        return
    for one, found in zip(texts, read_models(AuditEntry, texts), strict=True):
        if found is not None:
            assert found == AuditEntry.decode(loads(one))


def test_entry_behaves_as_any_other_value() -> None:
    """Pickle, copies, evolve and asdict take along what is read late."""
    raw = canonical(1, more=[2])
    found, wanted = read_one(raw), reference(raw)

    assert pickle.loads(pickle.dumps(found)).to_dict() == raw
    assert copy.copy(found) == copy.deepcopy(found) == wanted
    assert attrs.evolve(found, digest="x") == attrs.evolve(wanted, digest="x")
    assert found != read_one(canonical(1, more=[3]))
    assert found.additional_properties == {"more": [2]}
    with pytest.raises(AttributeError, match="'AuditEntry' object has no attribute 'nothing'"):
        _ = found.nothing  # type: ignore[attr-defined]


def test_kept_entry_does_not_keep_its_page() -> None:
    """Of a page of a megabyte, an entry that is kept holds some 4,000 bytes, its own text among them."""
    content = text([canonical(number) for number in range(1000, 0, -1)])
    read_models(AuditEntry, cut_items(content, ""))  # what is made once
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = read_models(AuditEntry, cut_items(content, ""))[5]
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert kept.to_dict() == canonical(995)
    assert held < 4_500
    assert len(pickle.dumps(kept)) < 5_000


def test_entry_made_by_hand_has_nothing_to_read_late() -> None:
    """Only what came from a page is linked to its text."""
    assert AuditEntry(id="1").additional_properties == {}
    assert not hasattr(LivenessResult(liveness_decision="x"), "_raw")


def body_of(found: AuditEntry) -> Any:
    """The open value of an entry."""
    assert found.response is not None
    return found.response.body


BODIES = [None, {}, [1, 2.5, {"a": None}], "text", -0.0, 2**70, 10**400, {"livenessDecision": "x", "é": "\\"}]


@pytest.mark.parametrize("body", BODIES)
def test_open_value_is_read_when_it_is_asked_for(body: Any) -> None:
    """It is the same as the reference's, one object for good, and nobody else's."""
    raw = canonical(1, response={"latencyInMilliseconds": 1, "body": body})
    found = read_one(raw)

    value = body_of(found)

    assert repr(value) == repr(body_of(reference(raw))) == repr(body)
    assert body_of(found) is value
    assert found.to_dict()["response"]["body"] is not value or not isinstance(body, (dict, list))  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("place", "read_it"),
    [
        ({"more": 0}, lambda found: found.additional_properties),
        ({"more": 0}, lambda found: found.to_dict()),
        ({"response": {"body": {"n": 0}}}, body_of),
        ({"response": {"body": {"n": 0}}}, lambda found: found.response.to_dict()),
    ],
)
def test_number_that_is_too_large_is_refused_when_it_is_read(
    place: dict[str, Any], read_it: Callable[[AuditEntry], Any]
) -> None:
    """No number of a field that is read late becomes infinite; the error holds the item, and the rest can be used."""
    raw = text(canonical(1) | place).replace(b'"more":0', b'"more":1e999').replace(b'"n":0', b'"n":1e999')
    (found,) = read_models(AuditEntry, [raw])

    with pytest.raises(DecodeError, match="1e999") as caught:
        read_it(found)

    assert caught.value.item == raw.decode()
    assert found.digest == canonical(1)["digest"]


def test_deep_body_is_named_where_it_cannot_be_followed() -> None:
    """A body that is nested without end is an error of the tree."""
    raw = text(canonical(1, response={"body": 0})).replace(b'"body":0', b'"body":' + b"[" * 100_000 + b"]" * 100_000)

    with pytest.raises(DecodeError, match="nested too deeply"):
        read_success(CALL, REQUEST, HTTPResponse(status=200, headers={}, content=b"[" + raw + b"]"), ErrorBody())


def test_deep_values_under_two_spellings_are_named_where_they_are_read() -> None:
    """A spelling that is passed over is not looked at before; then it is an error of the tree, too."""
    deep: Any = 1
    for _ in range(220):
        deep = [deep]
    raw = text(canonical(1, request={"url": "u", "x": 1}, result={"x": deep}))
    (found,) = read_models(AuditEntry, [raw])

    with pytest.raises(DecodeError, match="nested too deeply") as inside:
        found.request.to_dict()
    with pytest.raises(DecodeError, match="nested too deeply") as whole:
        _ = found.additional_properties
    assert inside.value.item == whole.value.item == raw.decode()


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.to_builtins])
def test_msgspec_encodes_an_entry_completely_or_not_at_all(encode: Callable[[Any], Any]) -> None:
    """It takes attrs classes by their slots, in which late values may wait; then it says what to encode instead."""
    raw = canonical(1, new={"k": 1})
    found = read_one(raw)

    with pytest.raises(TypeError, match=r"encode its to_dict\(\)"):
        encode(found)

    assert msgspec.json.decode(msgspec.json.encode(found.to_dict())) == raw
    read_late = [found.additional_properties, body_of(found)]
    read_late += [found.request and found.request.additional_properties]
    read_late += [found.response and found.response.additional_properties]
    whole = encode(found)
    assert (msgspec.json.decode(whole) if isinstance(whole, bytes) else whole)["additional_properties"] == {
        "new": {"k": 1}
    }


def test_strict_json_refuses_keys_that_are_repeated() -> None:
    """For a client that asks for it, and for no other."""
    content = text([canonical(1)]).replace(b'"id":1', b'"id":1,"\\u0069d":1')
    response = HTTPResponse(status=200, headers={}, content=content)

    assert read_success(CALL, REQUEST, response, ErrorBody()).ids == ("1",)
    with pytest.raises(DecodeError, match="twice"):
        read_success(CALL, REQUEST, response, ErrorBody(), strict=True)


def test_one_malformed_entry_leaves_the_others_as_they_are() -> None:
    """Each is read by itself, and one that is kept says where it is malformed."""
    call = OPERATION.call({"session_id": SESSION}, on_invalid="keep")
    raws = [canonical(3), canonical(2, digest=5), entry(1)]

    found = read_listing(call, raws)

    items = found.page.items
    assert (items[0], items[2]) == (reference(raws[0]), reference(raws[2]))
    assert isinstance(items[1], MalformedItem)
    assert (items[1].place, items[1].raw) == ("/1/digest", text(raws[1]).decode())
    assert found.ids == ("3", "2", "1")


@pytest.mark.parametrize(("asked", "foreign"), [(None, None), ("A", None), ("b", "asked for 'b', got an item of 'a'")])
def test_ids_and_lists_of_any_type_are_found(asked: str | None, foreign: str | None) -> None:
    """An id that is not a text, one inside an object, and a list that was not asked for by name."""
    pagination = Pagination(
        style="item", cursor="since", limit=None, default_limit=None, items="", cursor_at="/key",
        same=(("/leaf/word", "of"),),
    )  # fmt: skip
    operation = Operation(
        name="x", method="GET", path="/x", success=frozenset({200}), result=ModelOf(Tree), pagination=pagination
    )
    call = operation.call({})._replace(arguments={"of": asked})

    found = read_listing(call, [TREE, TREE | {"key": 2}])

    assert (found.ids, found.foreign) == (("1", "2"), foreign)
    assert AuditEntry.additional_properties is AuditEntry.__dict__["additional_properties"]


def test_verified_listing_is_compared_by_what_it_holds(driver: Driver, service: Service) -> None:
    """A second pass compares fields that were not read as well."""
    service.entries = [canonical(number, more=number) for number in (3, 2, 1)]

    found = driver.client(service.url).list(verify="stable")

    assert [one.additional_properties["more"] for one in found] == [3, 2, 1]


@pytest.mark.parametrize("on_invalid", ["raise", "keep"])
def test_verified_listing_with_a_number_that_is_too_large_is_compared(
    driver: Driver, service: Service, on_invalid: Any
) -> None:
    """What cannot be read of an entry is compared as it is."""

    def page(*numbers: int) -> Answer:
        content = text([canonical(number, more=number) for number in numbers])
        return Answer(body=content.replace(b'"more":4', b'"more":1e999'))

    service.will(page(5, 4, 3), page(2), page(), page(5, 4), page(3, 2), page())
    walk = driver.client(service.url).walk(verify="stable", on_invalid=on_invalid)

    assert [one.id for one in walk.take()] == ["5", "4", "3", "2"]
    assert walk.checkpoint["finished"] is True


def test_threads_that_read_late_at_once_get_their_own_values() -> None:
    """Nothing is shared between entries."""
    wanted = [canonical(number) for number in range(200, 0, -1)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(10):
                found = read(*wanted)
                written = pool.map(AuditEntry.to_dict, found)
                rests = pool.map(lambda one: one.request.additional_properties, found)
                inner = pool.map(lambda one: one.request.to_dict(), found)
                assert list(written) == wanted
                assert list(inner) == [one["request"] for one in wanted]
                assert list(rests) == [{}] * len(wanted)
    finally:
        sys.setswitchinterval(interval)


class Colour(Enum):
    """An enum of another document."""

    RED = "red"


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Leaf(Model):
    """A model that another one holds."""

    word: str = attrs.field(metadata=in_json("word", STRING, required=True))
    more: str | None = attrs.field(default=None, metadata=in_json("more", STRING))
    rest: Any = attrs.field(default=None, metadata=in_json("rest", ANY))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Tree(Model):
    """A model of another document, with a field of each kind."""

    key: int = attrs.field(metadata=in_json("key", INTEGER, required=True))
    leaf: Leaf = attrs.field(metadata=in_json("leaf", ModelOf(Leaf), also=("blade", "needle"), required=True))
    leaves: tuple[Leaf, ...] | None = attrs.field(default=None, metadata=in_json("leaves", ListOf(ModelOf(Leaf))))
    second: Leaf | None = attrs.field(default=None, metadata=in_json("second", ModelOf(Leaf)))
    note: str | Unset | None = attrs.field(default=UNSET, metadata=in_json("note", Nullable(STRING), null=True))
    sure: str | None = attrs.field(metadata=in_json("sure", Nullable(STRING), null=True, required=True))
    either: str | Unset | None = attrs.field(default=UNSET, metadata=in_json("either", STRING, null=True, also=("or",)))
    kind: str = attrs.field(default="tree", metadata=in_json("kind", Const("tree"), required=True))
    colour: Colour | str | None = attrs.field(default=None, metadata=in_json("colour", EnumOf(Colour, STRING)))
    day: datetime.date | None = attrs.field(default=None, metadata=in_json("day", DATE))
    number: float | None = attrs.field(default=None, metadata=in_json("nu-mber", NUMBER))
    uuid: UUID | None = attrs.field(default=None, metadata=in_json("class", IDENTIFIER))
    tag: str | None = attrs.field(default=None, metadata=in_json("tag", TEXT_OR_INTEGER))
    data: bytes | None = attrs.field(default=None, metadata=in_json("data", BASE64))
    named: Mapping[str, int] | None = attrs.field(
        default=None, metadata=in_json("named", MapOf(INTEGER), also=("called",))
    )
    secret: str | None = attrs.field(default=None, metadata=in_json("secret", STRING, required=True, write_only=True))
    must: Any = attrs.field(metadata=in_json("must", ANY, required=True))
    late: Any = attrs.field(default=UNSET, metadata=in_json("late", ANY, null=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


TREE: dict[str, Any] = {"key": 1, "leaf": {"word": "a"}, "sure": None, "kind": "tree", "must": [1]}
TREES = [
    TREE,
    TREE | {"leaf": {"word": "a", "rest": {"x": [1]}, "new": 1}, "sure": "yes"},
    without("leaf", TREE | {"blade": {"word": "b"}}),
    TREE | {"leaf": {"word": "a", "more": None}, "blade": {"word": "b", "more": "passed over", "rest": [1]}},
    TREE | {"blade": {"word": "b", "rest": None}, "needle": {"word": "c", "more": "m", "rest": [1]}},
    TREE | {"leaves": [{"word": "a", "rest": 1}, {"word": "b", "unknown": 2}]},
    TREE | {"second": {"word": "c", "rest": [{}], "old": None}},
    TREE | {"second": None},
    TREE | {"note": None},
    TREE | {"note": "n", "either": "e"},
    TREE | {"either": None},
    TREE | {"or": "o"},
    TREE | {"or": None},
    TREE | {"either": None, "or": "o"},
    TREE | {"colour": "red"},
    TREE | {"colour": "mauve", "day": "2026-11-30", "nu-mber": 1.5, "data": "YQ=="},
    TREE | {"class": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "named": {"a": 1, "b": 2.0}},
    TREE | {"named": None, "called": {"a": 1}},
    TREE | {"tag": 5},
    TREE | {"tag": "5", "data": "1234"},
    TREE | {"secret": "s"},
    TREE | {"late": None},
    TREE | {"late": {"a": [None]}, "beyond": 1},
    TREE | {"key": 3.0},
]
WRONG_TREES = [
    without("key", TREE),
    without("leaf", TREE),
    without("sure", TREE),
    without("must", TREE),
    without("kind", TREE),
    TREE | {"must": None},
    TREE | {"kind": "shrub"},
    TREE | {"leaf": {"word": None}},
    TREE | {"leaf": None},
    TREE | {"leaves": [{"word": "a"}, {}]},
    TREE | {"second": {"word": 1}},
    TREE | {"second": {}},
    TREE | {"day": "2026-11-31"},
    TREE | {"class": "no"},
    TREE | {"data": "?"},
    TREE | {"named": {"a": "1"}},
    TREE | {"key": 3.5},
]


@pytest.mark.parametrize("raw", TREES)
def test_every_type_of_documents_is_read_as_the_reference_reads_it(raw: dict[str, Any]) -> None:
    """What a field has to be, may miss, or may be null is the same in both ways."""
    wanted = reference(raw, Tree)
    assert wanted is not None

    found, other = read_models(Tree, [text(raw), text(TREE)])
    found = Tree.decode(raw) if found is None else found

    assert found == wanted
    assert repr(found) == repr(wanted)
    assert found.to_dict() == raw
    assert found.leaf.to_dict() == wanted.leaf.to_dict()
    assert (found.second and found.second.to_dict()) == raw.get("second")
    assert (found.late, found.additional_properties) == (wanted.late, wanted.additional_properties)
    assert other == reference(TREE, Tree)


trees = st.lists(
    st.sampled_from([*TREES, *WRONG_TREES]) | st.builds(lambda one, other: one | other, *[st.sampled_from(TREES)] * 2),
    max_size=6,
)


@pytest.mark.uncovered
@settings(derandomize=True, deadline=None, max_examples=400)
@given(trees)
def test_objects_are_read_beside_any_others_as_alone(raws: list[dict[str, Any]]) -> None:
    """Whatever the spellings, types and missing fields of those around them."""
    for raw, found in zip(raws, read_models(Tree, list(map(text, raws))), strict=True):
        if found is not None:
            wanted = reference(raw, Tree)
            assert found == wanted
            assert repr(found) == repr(wanted)
            assert found.leaf.additional_properties == wanted.leaf.additional_properties
            assert (found.late, found.leaf.rest) == (wanted.late, wanted.leaf.rest)
            assert (found.to_dict(), found.leaf.to_dict()) == (raw, wanted.leaf.to_dict())


@pytest.mark.parametrize("raw", TREES)
def test_equal_objects_are_read_as_one_alone(raw: dict[str, Any]) -> None:
    """Where all values of a field are of one class, they are read at once."""
    assert read_models(Tree, [text(raw)] * 2) == [reference(raw, Tree)] * 2


def test_wrong_value_inside_is_left_out_beside_an_entry_that_lacks_the_object() -> None:
    """The place of the object among others is not that of its entry."""
    raws = [without("response", canonical(1)), canonical(2, response={"statusCode": 200.5}), canonical(3)]

    assert read(*raws) == [reference(raws[0]), None, reference(raws[2])]


def test_maps_under_two_spellings_are_left_to_the_reference() -> None:
    """It merges them."""
    raw = TREE | {"named": {"a": 1}, "called": {"a": 2, "b": 3}}

    assert reference(raw, Tree).named == {"a": 1, "b": 3}
    assert read_models(Tree, [text(raw), text(TREE)]) == [None, reference(TREE, Tree)]


def test_types_of_documents_fit_without_the_reference() -> None:
    """But where null and missing differ, or a default counts, under several spellings."""
    left = [raw for raw, found in zip(TREES, read_models(Tree, list(map(text, TREES))), strict=True) if found is None]

    assert left == []


@pytest.mark.parametrize("raw", WRONG_TREES)
def test_wrong_value_of_any_type_is_left_to_the_reference(raw: dict[str, Any]) -> None:
    """Which says what is wrong with it."""
    assert reference(raw, Tree) is None or raw == without("kind", TREE)

    found, other = read_models(Tree, [text(raw), text(TREE)])

    assert found is None
    assert other == reference(TREE, Tree)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Grove(Model):
    """A model that holds one that holds another one under several spellings."""

    tree: Tree = attrs.field(metadata=in_json("tree", ModelOf(Tree), required=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


@pytest.mark.parametrize("raw", TREES)
def test_object_two_levels_inside_is_read_as_the_reference_reads_it(raw: dict[str, Any]) -> None:
    """Only the level above it has several spellings, whose objects are merged."""
    around = {"tree": raw}

    assert read_models(Grove, [text(around)]) == [reference(around, Grove)]


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Label(Model):
    """A model of which nothing may be missing, whatever the spelling."""

    name: str = attrs.field(metadata=in_json("name", STRING, also=("title",), required=True))
    mark: str | None = attrs.field(metadata=in_json("mark", Nullable(STRING), null=True, also=("sign",), required=True))
    made: datetime.datetime = attrs.field(metadata=in_json("made", DATE_TIME, required=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


LABEL = {"name": "n", "mark": "m", "made": "2026-11-30T12:00:00Z"}


@pytest.mark.parametrize(
    "raw",
    [
        LABEL,
        without("name", LABEL) | {"title": "n"},
        without("mark", LABEL) | {"name": None, "title": "n", "sign": "s"},
    ],
)
def test_required_field_is_read_under_each_spelling(raw: dict[str, Any]) -> None:
    """The reference is not needed for it."""
    wanted = reference(raw, Label)

    assert wanted is not None
    assert read_models(Label, [text(raw)]) == [wanted]


@pytest.mark.parametrize("raw", [without(name, LABEL) for name in LABEL])
def test_required_field_that_is_missing_under_every_spelling_is_left_to_the_reference(raw: dict[str, Any]) -> None:
    """It is refused, even if it may be null."""
    assert reference(raw, Label) is None

    assert read_models(Label, [text(raw), text(LABEL)]) == [None, reference(LABEL, Label)]


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Quoted(Model):
    """A model with a name in JSON that no Struct can have."""

    title: str = attrs.field(metadata=in_json('ti"tle', STRING, required=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Around(Model):
    """A model that holds such a one."""

    inner: Quoted = attrs.field(metadata=in_json("inner", ModelOf(Quoted), required=True))
    additional_properties: Mapping[str, Any] = attrs.field(factory=dict)


def test_model_with_a_name_that_no_struct_can_have_is_left_to_the_reference() -> None:
    """A model that holds it is read, and only what is inside is left to the reference."""
    raw = {"inner": {'ti"tle': "t", "x": 1}}

    assert read_models(Quoted, [text(raw["inner"])]) == [None]
    assert read_models(Around, [text(raw)]) == [reference(raw, Around)]
