"""Two ways to read a page: straight from its bytes by msgspec, and the lenient way, which is the reference."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from face_audit import AuditEntry, DecodeError
from face_audit._runtime.operation import Call, Operation, Pagination
from face_audit._runtime.responses.items import read_items
from face_audit._runtime.responses.page_reader import _READERS, read_page
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.compounds import ModelOf
from face_audit._runtime.values.models import Field, Model
from face_audit._runtime.values.scalars import ANY, DATE_TIME, INTEGER, STRING
from face_audit._runtime.values.strict_json import Malformed, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.models import LivenessResult
from face_audit.resources.audit_entries import operations
from hypothesis import given, settings
from hypothesis import strategies as st

from .servers import SESSION, Answer, entry

if TYPE_CHECKING:
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


def page_of(*entries: Any) -> bytes:
    """The bytes of a page."""
    return json.dumps(entries, separators=(",", ":")).encode()


def lenient(content: bytes) -> tuple[AuditEntry, ...]:
    """The entries of a page, read the lenient way."""
    values: Any = loads(content)
    return read_items(CALL, ModelOf(AuditEntry), values, content).items


def quick(content: bytes) -> tuple[AuditEntry, ...] | None:
    """The entries of a page, read straight from its bytes, or None where they are not."""
    listing = read_page(CALL, content, None)
    return None if listing is None else listing.page.items


ODD = [
    canonical(1, id=10**30),
    canonical(1, id="text"),
    canonical(1, x={"unknown": [1.5, None, {"deep": "é"}]}),
    canonical(1, request=canonical(1)["request"] | {"more": 1}),
    canonical(1, response={"statusCode": 200, "latencyInMilliseconds": 1, "body": [1, 2.5, {"a": None}], "more": {}}),
    canonical(1, receivedDateTime="2023-10-20T23:09:59.9999995-05:30"),
    canonical(1, digest=None, clientRequestId=None, sessionId=None),
    canonical(1, result={"contentType": "passed over", "unknown": 1}),
    canonical(1, dateReceived="passed over", latencyInMS=[]),
]
ODD[4]["response"]["body"] = {"livenessDecision": "spoofface", "n": -0.0, "i": 2**70}


@pytest.mark.parametrize("odd", ODD)
def test_known_page_is_read_straight_from_its_bytes(odd: dict[str, Any]) -> None:
    """Unknown fields at three levels, numbers as ids and passed-over spellings are exact, and equal in both ways."""
    content = page_of(canonical(2), odd)

    found = quick(content)

    assert found is not None
    assert found == lenient(content)
    assert [one.to_dict() for one in found] == [canonical(2), odd]
    assert [one.request.to_dict() for one in found if one.request] == [
        one.request.to_dict() for one in lenient(content) if one.request
    ]
    assert repr(found) == repr(lenient(content))
    assert [hash(one) for one in found] == [hash(one) for one in lenient(content)]


DRIFTED = [
    entry(1),
    entry(1, spelling="table"),
    {"id": 1},
    {"id": "1", "response": {"statusCode": "200"}},
    canonical(1, id=""),
    canonical(1, id=True),
    canonical(1, id=None),
    canonical(1, sessionId="another"),
    canonical(1, receivedDateTime="2023-10-20T23:09:59"),
    canonical(1, receivedDateTime="9999-12-31T23:59:59.9999999Z"),
    canonical(1, request=None),
    canonical(1, response={"statusCode": 200.0, "latencyInMilliseconds": 1}),
    canonical(1, digest="half a pair \ud800"),
    canonical(1, digest=5),
    "no object",
]


@pytest.mark.parametrize("drifted", DRIFTED)
def test_drifted_page_is_left_to_the_lenient_way(drifted: Any) -> None:
    """Other spellings, missing fields and numbers as text are never guessed at."""
    assert quick(page_of(canonical(2), drifted)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"{}",
        b"[null]",
        b"[[]]",
        b"\xef\xbb\xbf\xef\xbb\xbf[]",
        b"[] []",
        b'["\xff"]',
        b"[" * 100_000,
        b"[NaN]",
    ],
)
def test_what_is_no_page_is_left_to_the_lenient_way(content: bytes) -> None:
    """The errors of pages come from one place."""
    assert quick(content) is None


@pytest.mark.parametrize("broken", [b"\xff", b"\xed\xa0\x80", rb"\ud800", rb"\uDC00", rb"\uD800\u0041"])
def test_broken_text_is_left_to_the_lenient_way_wherever_it_stands(broken: bytes) -> None:
    """In fields that nobody reads as well, for to pass something over is not to check it."""
    content = page_of(canonical(1, more="here")).replace(b"here", broken)

    assert quick(content) is None


@pytest.mark.parametrize("text", ["\\u", "é", "\n", "\\ud800", "\U0001f600"])
def test_other_escapes_are_read_straight(text: str) -> None:
    """Whole pairs of surrogates are characters like others."""
    content = page_of(canonical(1, digest=text, more=text))

    found = quick(content)

    assert found == lenient(content)
    assert found is not None
    assert found[0].digest == found[0].additional_properties["more"] == text


def test_what_can_read_a_page_is_made_once() -> None:
    """It takes as long as to read many pages."""
    quick(page_of(canonical(1)))
    made = _READERS[id(OPERATION)]

    quick(page_of(canonical(2)))

    assert _READERS[id(OPERATION)] is made


def test_items_are_cut_out_of_a_page_once() -> None:
    """Whoever writes all entries of a page back reads it once more, and not once for each of them."""
    listing = read_page(CALL, page_of(canonical(2), canonical(1)), None)
    assert listing is not None
    source: Any = listing.values

    assert source.text(1) is source.text(1)


def test_models_stay_what_they_are() -> None:
    """What msgspec is told about a class is taken back: neither its annotations nor its kind have changed."""
    quick(page_of(canonical(1)))

    assert not dataclasses.is_dataclass(AuditEntry)
    assert {"session_id", "received_date_time"} <= set(AuditEntry.__annotations__)


@pytest.mark.parametrize("name", ["request", "response"])
def test_page_with_missing_objects_is_read_as_far_as_they_may_miss(name: str) -> None:
    """An object without other spellings may be missing in some entries of a page."""
    content = page_of(canonical(2), {key: value for key, value in canonical(1).items() if key != name})

    found = quick(content)

    assert (found is None) is (name == "request")
    assert found in (None, lenient(content))


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
NAMES = """id sessionId requestId clientRequestId receivedDateTime dateReceived request result response digest more url
contentLength userAgent statusCode latencyInMS latencyInMilliseconds body"""
names = st.sampled_from(NAMES.split())
changed = st.builds(
    lambda number, changes, inner, outer: (
        made := canonical(number, **changes),
        made["request"].update(inner) if isinstance(made["request"], dict) else None,
        made["response"].update(outer) if isinstance(made["response"], dict) else None,
    )[0],
    st.integers(1, 99),
    st.dictionaries(names, values | moments, max_size=2),
    st.dictionaries(names, values, max_size=1),
    st.dictionaries(names, values, max_size=1),
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(changed, max_size=3))
def test_both_ways_give_equal_entries_on_every_page_that_both_take(entries: list[dict[str, Any]]) -> None:
    """What msgspec takes, the lenient way takes as well, and both give the same."""
    content = page_of(*entries)
    found = quick(content)
    if found is None:
        return

    assert found == lenient(content)
    assert [one.to_dict() for one in found] == entries


@settings(derandomize=True, deadline=None, max_examples=600)
@given(moments)
def test_moments_are_rounded_alike(moment: str) -> None:
    """Digits beyond microseconds are rounded in both ways, and the text is kept to the digit."""
    content = page_of(canonical(1, receivedDateTime=moment))
    found = quick(content)
    if found is not None:
        assert found[0].received_date_time == DATE_TIME.decode(moment)
        assert found[0].to_dict()["receivedDateTime"] == moment


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.binary(max_size=40) | st.binary(max_size=10).map(lambda junk: page_of(canonical(1))[:-9] + junk))
def test_bytes_that_are_taken_straight_are_taken_leniently(content: bytes) -> None:
    """The quick way is never more tolerant than the reference, but for numbers in fields that it does not know."""
    if quick(content) is not None:
        assert quick(content) == lenient(content)


def test_linked_entry_behaves_as_any_other() -> None:
    """Pickle, copies, evolve and asdict take what an entry needs of its page along."""
    content = page_of(canonical(2, more=[1]), canonical(1, more=[2]))
    found, reference = quick(content), lenient(content)
    assert found is not None

    assert pickle.loads(pickle.dumps(found[1])).to_dict() == canonical(1, more=[2])
    assert copy.copy(found[1]) == copy.deepcopy(found[1]) == reference[1]
    assert attrs.evolve(found[1], digest="x") == attrs.evolve(reference[1], digest="x")
    assert attrs.asdict(found[1]) == attrs.asdict(reference[1])
    assert found[1].additional_properties == {"more": [2]}
    assert found[1] != found[0]
    with pytest.raises(AttributeError, match="'AuditEntry' object has no attribute 'nothing'"):
        _ = found[1].nothing  # type: ignore[attr-defined]


def test_pickle_and_detached_entry_are_smaller_than_their_page() -> None:
    """What is kept of a page without its bytes is an entry's own."""
    content = page_of(*(canonical(number) for number in range(1000, 0, -1)))

    found = quick(content)
    assert found is not None
    assert len(pickle.dumps(found[5])) < 5_000
    assert found[5].detach() is found[5]
    kept, written = found[5], found[5].to_dict()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    del found, content
    freed = before - tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert kept.to_dict() == written == canonical(995)
    assert kept.request is not None
    assert kept.request.detach().to_dict() == canonical(995)["request"]
    assert freed <= 0 or freed > 100_000


def test_entry_made_by_hand_is_detached_already() -> None:
    """Only what came from a page is linked to it."""
    made = AuditEntry(id="1")

    assert made.detach() is made
    assert made.additional_properties == {}
    assert not hasattr(LivenessResult(liveness_decision="x"), "_raw")


def test_unknown_number_beyond_all_measure_is_refused_when_it_is_asked_for() -> None:
    """In fields that no model knows, numbers are looked at when they are asked for, and never become infinite."""
    content = page_of(canonical(1, more=0)).replace(b'"more":0', b'"more":1e999')

    found = quick(content)

    assert found is not None
    with pytest.raises(DecodeError, match="AuditEntry: .*1e999"):
        found[0].to_dict()
    with pytest.raises(DecodeError, match="1e999"):
        _ = found[0].additional_properties


def body_of(entry: AuditEntry) -> Any:
    """The open value of an entry."""
    assert entry.response is not None
    return entry.response.body


BODIES = [None, {}, [1, 2.5, {"a": None}], "text", -0.0, 2**70, 10**400, {"livenessDecision": "x", "é": "\\"}]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("detached", [False, True])
def test_open_value_is_read_when_it_is_asked_for(body: Any, detached: bool) -> None:
    """What the document leaves open is the same as of the reference, one object for good, and nobody else's."""
    content = page_of(canonical(2), canonical(1, response={"latencyInMilliseconds": 1, "body": body}))
    found = quick(content)
    assert found is not None
    entry = found[1].detach() if detached else found[1]

    read = body_of(entry)

    assert repr(read) == repr(body_of(lenient(content)[1])) == repr(body)
    assert body_of(entry) is read
    assert entry.to_dict()["response"]["body"] is not read or not isinstance(body, (dict, list))


def test_open_value_that_is_missing_is_none() -> None:
    """As every other field that is missing."""
    found = quick(page_of(canonical(1, response={"latencyInMilliseconds": 1})))

    assert found is not None
    assert body_of(found[0]) is None


def test_open_value_beyond_all_measure_is_refused_when_it_is_asked_for() -> None:
    """No number becomes infinite, and the rest of the entry can be used."""
    answer = {"latencyInMilliseconds": 1, "body": {"n": 0}}
    found = quick(page_of(canonical(1, response=answer)).replace(b'{"n":0}', b'{"n":1e999}'))
    assert found is not None
    assert found[0].response is not None

    with pytest.raises(DecodeError, match="AuditResponse: .*1e999") as caught:
        body_of(found[0])

    assert caught.value.raw == found[0]._raw[0].content
    assert found[0].response.latency_in_milliseconds == 1


def test_strict_json_reads_the_lenient_way() -> None:
    """A client that asks for strict JSON gets the reference, and keys that stand twice are refused."""
    content = page_of(canonical(1)).replace(b'"id":1', b'"id":1,"\\u0069d":1')
    response = HTTPResponse(status=200, headers={}, content=content)

    assert read_success(CALL, REQUEST, response, ErrorBody()).ids == ("1",)
    with pytest.raises(DecodeError, match="twice"):
        read_success(CALL, REQUEST, response, ErrorBody(), strict=True)


def test_verified_listing_may_be_read_quickly(driver: Driver, service: Service) -> None:
    """A second pass compares what a quick page links to."""
    service.entries = [canonical(number, more=number) for number in (3, 2, 1)]

    found = driver.client(service.url).list(verify="stable")

    assert [one.additional_properties["more"] for one in found] == [3, 2, 1]


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Note(Model):
    """A model of another API, whose ids are text."""

    key: str
    count: int = 0
    more: str | None = None
    additional_properties: Any = attrs.field(factory=dict)
    _fields = (
        Field(name="key", wire="key", type=STRING, required=True),
        Field(name="count", wire="count", type=INTEGER, required=True),
        Field(name="more", wire="more", type=STRING),
    )
    _quick = True


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Branch(Model):
    """A model in a model, which holds another one."""

    note: Note
    additional_properties: Any = attrs.field(factory=dict)
    _fields = (Field(name="note", wire="note", type=ModelOf(Note), required=True),)
    _quick = True


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Tree(Model):
    """A model of three levels."""

    key: str
    branch: Branch
    additional_properties: Any = attrs.field(factory=dict)
    _fields = (
        Field(name="key", wire="key", type=STRING, required=True),
        Field(name="branch", wire="branch", type=ModelOf(Branch), required=True),
    )
    _quick = True


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Sheet(Model):
    """A model with an open field."""

    word: str
    more: str | None = None
    rest: Any = None
    additional_properties: Any = attrs.field(factory=dict)
    _fields = (
        Field(name="word", wire="word", type=STRING, required=True),
        Field(name="more", wire="more", type=STRING),
        Field(name="rest", wire="rest", type=ANY),
    )
    _quick = True


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Pad(Model):
    """A model whose field of two spellings holds another one."""

    key: str
    sheet: Sheet | None = None
    additional_properties: Any = attrs.field(factory=dict)
    _fields = (
        Field(name="key", wire="key", type=STRING, required=True),
        Field(name="sheet", wire="sheet", type=ModelOf(Sheet), other_names=("leaf",)),
    )
    _quick = True


class SlowNote(Note):
    """One of which the generator decided that it is not to be read straight."""

    _quick = False


def note_call(model: type[Model] = Note, **changes: Any) -> Call:
    """A call for such notes."""
    plain = Pagination(style="item", cursor="since", limit=None, default_limit=None, items="", cursor_at="/key")
    pagination = attrs.evolve(plain, **changes)
    success = frozenset({200})
    operation = Operation(
        name="x", method="GET", path="/x", success=success, result=ModelOf(model), pagination=pagination
    )
    return operation.call({})


NOTES = b'[{"key":"a","count":1,"more":"One"},{"key":"b","count":2}]'


@pytest.mark.parametrize(
    ("items", "cursor", "style", "taken"),
    [
        ("", "/key", "item", True),
        ("", "/key", "token", False),
        ("", "/count", "item", False),
        ("/value", "/key", "item", False),
        ("", "/other", "item", False),
        ("", "/more", "item", False),
        ("", "", "token", False),
    ],
)
def test_page_of_another_api_is_read_straight_where_it_is_a_plain_array(
    items: str, cursor: str, style: Any, taken: bool
) -> None:
    """Pages inside an object, cursors that are no field of the item, and tokens are for the lenient way."""
    listing = read_page(note_call(items=items, cursor_at=cursor, style=style), NOTES, None)

    assert (listing is not None and listing.ids) == (("a", "b") if taken else False)


def test_page_of_a_model_that_is_not_quick_is_left_to_the_lenient_way() -> None:
    """What the generator decided counts."""
    assert read_page(note_call(SlowNote), NOTES, None) is None


@pytest.mark.parametrize(
    ("same", "asked", "taken"),
    [
        ("/more", "one", True),
        ("/more", "ONE", True),
        ("/more", "two", False),
        ("/more", None, True),
        ("/deep/more", "one", False),
    ],
)
def test_items_of_another_list_are_left_to_the_lenient_way(same: str, asked: str | None, taken: bool) -> None:
    """What shows the list of an item is compared without regard to case, where it is there and was asked for."""
    call = attrs.evolve(note_call(same=((same, "of"),)), arguments={"of": asked})

    assert (read_page(call, NOTES, None) is not None) is taken


def test_objects_at_any_depth_know_where_they_stand() -> None:
    """Each of them gives back what came, with the fields that nobody knows."""
    note = {"key": "a", "count": 1, "unknown": [1.5]}
    content = page_of({"key": "1", "branch": {"note": note, "old": True}}, {"key": "2", "branch": {"note": note}})

    listing = read_page(note_call(Tree), content, None)

    assert listing is not None
    first = listing.page.items[0]
    assert first.branch.note.to_dict() == note
    assert first.branch.note.additional_properties == {"unknown": [1.5]}
    assert first.branch.additional_properties == {"old": True}


@pytest.mark.parametrize("missing", [None, "word", "more", "rest"])
def test_object_of_two_spellings_is_read_straight_where_it_is_whole(missing: str | None) -> None:
    """What is missing under the first spelling may stand under the other one, and both are merged."""
    sheet = {key: value for key, value in {"word": "a", "more": "b", "rest": [1]}.items() if key != missing}

    listing = read_page(note_call(Pad), page_of({"key": "1", "sheet": sheet, "leaf": {"rest": [2]}}), None)

    assert (listing is not None) is (missing is None)
    assert listing is None or listing.page.items[0].sheet.rest == [1]


def open_model(**told: Any) -> type[Model]:
    """A model with an open field of which this is told."""

    @attrs.frozen(kw_only=True, getstate_setstate=False)
    class Open(Model):
        key: str
        rest: Any = None
        additional_properties: Any = attrs.field(factory=dict)
        _fields = (
            Field(name="key", wire="key", type=STRING, required=True),
            Field(name="rest", wire="rest", type=ANY, **told),
        )
        _quick = True

    return Open


@pytest.mark.parametrize(("told", "taken"), [({}, True), ({"required": True}, False), ({"other_names": ("r",)}, False)])
def test_open_field_may_be_missing_where_nothing_stands_in_its_place(told: dict[str, Any], taken: bool) -> None:
    """One that has to be there, or has another spelling, is looked for in the lenient way."""
    listing = read_page(note_call(open_model(**told)), b'[{"key":"1"}]', None)

    assert (listing is not None) is taken


def nested_models() -> tuple[Call, Call, Call]:
    """Calls for pages of a model, of one that holds it under two spellings, and of one that so holds what holds it."""

    @attrs.frozen(kw_only=True, getstate_setstate=False)
    class Inner(Model):
        key: str
        more: str | None = None
        additional_properties: Any = attrs.field(factory=dict)
        _fields = (
            Field(name="key", wire="key", type=STRING, required=True),
            Field(name="more", wire="more", type=STRING),
        )
        _quick = True

    @attrs.frozen(kw_only=True, getstate_setstate=False)
    class Outer(Model):
        key: str
        inner: Inner | None = None
        additional_properties: Any = attrs.field(factory=dict)
        _fields = (
            Field(name="key", wire="key", type=STRING, required=True),
            Field(name="inner", wire="inner", type=ModelOf(Inner), other_names=("in",)),
        )
        _quick = True

    @attrs.frozen(kw_only=True, getstate_setstate=False)
    class Plain(Model):
        inner: Inner | None = None
        additional_properties: Any = attrs.field(factory=dict)
        _fields = (Field(name="inner", wire="inner", type=ModelOf(Inner)),)
        _quick = True

    @attrs.frozen(kw_only=True, getstate_setstate=False)
    class Around(Model):
        key: str
        plain: Plain | None = None
        additional_properties: Any = attrs.field(factory=dict)
        _fields = (
            Field(name="key", wire="key", type=STRING, required=True),
            Field(name="plain", wire="plain", type=ModelOf(Plain), other_names=("p",)),
        )
        _quick = True

    return note_call(Inner), note_call(Outer), note_call(Around)


@pytest.mark.parametrize("first", [0, 1])
def test_model_that_has_to_be_whole_in_one_page_alone_is_read_straight_in_the_first(first: int) -> None:
    """A class is looked at by msgspec once; so what it may lack in one page is never missed in the other one."""
    calls = nested_models()
    pages = b'[{"key":"1","more":"a"}]', b'[{"key":"1","inner":{"key":"2","more":"a"}}]'
    lacking = b'[{"key":"1"}]', b'[{"key":"1","inner":{"key":"2"},"in":{"more":"b"}}]'

    taken = [read_page(calls[at], pages[at], None) is not None for at in (first, 1 - first)]

    assert taken == [True, False]
    assert read_page(calls[1], lacking[1], None) is None
    assert (read_page(calls[0], lacking[0], None) is not None) is (first == 0)


def test_only_what_stands_under_two_spellings_itself_has_to_be_whole() -> None:
    """What it holds in turn comes from one of them alone."""
    inner, _, around = nested_models()

    taken = [
        read_page(inner, b'[{"key":"1"}]', None) is not None,
        read_page(around, b'[{"key":"1","plain":{"inner":{"key":"2"}}}]', None) is not None,
    ]

    assert taken == [True, True]


def test_page_of_plain_values_is_left_to_the_lenient_way() -> None:
    """Only models are read straight."""
    assert read_page(attrs.evolve(CALL, operation=attrs.evolve(OPERATION, result=STRING)), b"[]", None) is None


def test_values_are_cut_out_of_their_page() -> None:
    """The JSON of each item is read from its own bytes."""
    listing = read_page(CALL, page_of(canonical(2), canonical(1)), "r-1")
    assert listing is not None

    assert (listing.values[0], listing.values[1]) == (canonical(2), canonical(1))
    assert listing.page.request_id == "r-1"
    assert listing.page.items_at == ""
    with pytest.raises(Malformed):
        loads(b"[1e999]")


def test_threads_that_ask_at_once_get_their_own_entries() -> None:
    """The items of a page are cut out of it by whoever asks first, and every thread sees all of them or none."""
    wanted = [canonical(number) for number in range(200, 0, -1)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(10):
                found = quick(page_of(*wanted))
                assert found is not None
                assert list(pool.map(AuditEntry.to_dict, found)) == wanted
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("on_invalid", ["raise", "keep"])
def test_verified_listing_with_an_unknown_number_beyond_all_measure_is_compared(
    driver: Driver, service: Service, on_invalid: Any
) -> None:
    """What cannot be read of an entry is compared as it stands."""

    def page(*numbers: int) -> Answer:
        content = page_of(*(canonical(number, more=number) for number in numbers))
        return Answer(body=content.replace(b'"more":4', b'"more":1e999'))

    service.will(page(5, 4, 3), page(2), page(), page(5, 4), page(3, 2), page())
    walk = driver.client(service.url).walk(verify="stable", on_invalid=on_invalid)

    assert [one.id for one in walk.take()] == ["5", "4", "3", "2"]
    assert walk.checkpoint["finished"] is True


def test_deep_body_is_named_where_it_cannot_be_copied() -> None:
    """A body that no copy can follow is an error of the tree, wherever the entry is taken along."""
    body: Any = 1
    for _ in range(400):
        body = {"a": body}
    found = quick(page_of(canonical(1, response={"statusCode": 200, "latencyInMilliseconds": 1, "body": body})))
    assert found is not None

    with pytest.raises(DecodeError, match="nested too deeply"):
        found[0].detach().to_dict()
