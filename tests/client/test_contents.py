"""Bodies of every media type: what is sent for a value, and what an answer is read as."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl

import attrs
import pytest
from face_audit import BadArgumentError, DecodeError, InvalidArgumentError
from face_audit._runtime.operation import ErrorRule, Operation, Pagination, Parameter
from face_audit._runtime.requests import bodies
from face_audit._runtime.requests.bodies import FilePart
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import ErrorBody, read_failure
from face_audit._runtime.values import compounds, scalars
from face_audit._runtime.values.models import Model, in_json
from face_audit._runtime.values.strict_json import JSON, Malformed
from face_audit._runtime.wire import HTTPRequest, HTTPResponse


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Leaf(Model):
    """A class that holds itself, with what only one side says."""

    kind: str = attrs.field(
        default="leaf",
        metadata=in_json("kind", scalars.Limited(inner=scalars.STRING, min_length=1), required=True),
    )
    number: int | None = attrs.field(
        default=None, metadata=in_json("number", scalars.INTEGER, also=("no",), required=True, read_only=True)
    )
    secret: str | None = attrs.field(
        default=None, metadata=in_json("secret", scalars.STRING, required=True, write_only=True)
    )
    next: Leaf | None = attrs.field(
        default=None, metadata=in_json("next", compounds.Later("leaves", "leaf", "Leaf"), null=True)
    )
    additional_properties: Mapping[str, JSON] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True, getstate_setstate=False)
class Form(Model):
    """A form of several parts."""

    title: str = attrs.field(metadata=in_json('ti"tle', scalars.STRING, required=True))
    cover: FilePart | bytes | None = attrs.field(default=None, metadata=in_json("cover", bodies.FILE))
    more: tuple[FilePart | bytes, ...] | None = attrs.field(
        default=None, metadata=in_json("more", compounds.ListOf(bodies.FILE))
    )
    tags: Mapping[str, str] | None = attrs.field(
        default=None, metadata=in_json("tags", compounds.MapOf(compounds.Nullable(scalars.STRING)))
    )
    additional_properties: Mapping[str, JSON] = attrs.field(factory=dict, repr=False)


LEAF = compounds.ModelOf(Leaf)


def answer(body: bytes, media_type: str | None = None) -> HTTPResponse:
    """A successful answer with this body."""
    return HTTPResponse(status=200, headers={} if media_type is None else {"content-type": media_type}, content=body)


@pytest.fixture(autouse=True)
def _leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module in which a class is looked up later."""
    monkeypatch.setitem(sys.modules, "leaves.leaf", cast("ModuleType", SimpleNamespace(Leaf=Leaf)))


def test_json_leaves_out_what_only_answers_carry() -> None:
    """At every depth, under every spelling; what callers say is sent."""
    came = Leaf.from_dict({"kind": "a", "no": 1, "next": {"kind": "b", "number": 2, "next": None, "x": 1}})

    media_type, sent = bodies.JSONContent("application/json", LEAF).encode(came)

    assert media_type == "application/json"
    assert json.loads(sent) == {"kind": "a", "next": {"kind": "b", "next": None, "x": 1}}


def test_what_is_only_sent_may_be_missing_in_an_answer_and_not_in_a_request() -> None:
    """Its field is None then; a request without it is refused."""
    leaf = Leaf.from_dict({"kind": "a", "number": 1})

    assert leaf.secret is None
    with pytest.raises(InvalidArgumentError, match=r"Leaf\.secret: expected string, got null"):
        Leaf().to_dict()
    assert Leaf(secret="s").to_dict() == {"kind": "leaf", "secret": "s", "next": None}


@pytest.mark.parametrize(
    ("kind", "value", "stripped"),
    [
        (compounds.ListOf(LEAF), [{"kind": "a", "number": 1}], [{"kind": "a"}]),
        (compounds.MapOf(LEAF), {"x": {"number": 1}}, {"x": {}}),
        (compounds.Nullable(LEAF), None, None),
        (compounds.Nullable(LEAF), {"number": 1}, {}),
        (scalars.Limited(inner=LEAF), {"number": 1}, {}),
        (compounds.OneOf((scalars.STRING, LEAF)), {"kind": "a", "number": 1}, {"kind": "a"}),
        (compounds.OneOf((scalars.STRING, scalars.INTEGER)), [1], [1]),
        (compounds.Tagged("kind", {"a": LEAF}), {"kind": "a", "number": 1}, {"kind": "a"}),
        (compounds.Later("leaves", "leaf", "Leaf"), {"number": 1}, {}),
        (scalars.ANY, {"number": 1}, {"number": 1}),
    ],
)
def test_every_type_passes_the_leaving_out_on(kind: scalars.Type, value: Any, stripped: Any) -> None:
    """Arrays, maps, unions and whatever else holds a class."""
    assert kind.strip(value) == stripped


def test_json_of_an_answer_is_strict_on_request() -> None:
    """The same key twice is refused where the client asks for that."""
    twice = answer(b'{"kind": "a", "number": 1, "number": 2}', "application/json")
    json_content = bodies.JSONContent("application/json", LEAF)

    assert json_content.decode(twice, strict=False).number == 2
    with pytest.raises(Malformed, match="twice"):
        json_content.decode(twice, strict=True)


@pytest.mark.parametrize(
    ("body", "media_type", "text"),
    [
        ("ü".encode(), "text/plain", "ü"),
        ("ü".encode(), None, "ü"),
        ("ü".encode(), "", "ü"),
        ("ü".encode(), " ", "ü"),
        ("ü".encode("latin-1"), 'text/plain; charset="latin-1"', "ü"),
        (b"", "TEXT/PLAIN ; Charset=utf-8", ""),
    ],
)
def test_text_is_read_in_its_encoding(body: bytes, media_type: str | None, text: str) -> None:
    """That of the answer's Content-Type, else UTF-8."""
    assert bodies.TextContent("text/plain").decode(answer(body, media_type), strict=False) == text


@pytest.mark.parametrize(
    ("wanted", "body", "media_type", "said"),
    [
        (bodies.TextContent("text/plain"), b"\xff", "text/plain", "is not text"),
        (bodies.TextContent("text/plain"), b"a", "text/plain; charset=klingon", "unknown encoding"),
        (
            bodies.TextContent("text/plain"),
            b"{}",
            "application/json",
            "content type 'application/json' is not text/plain",
        ),
        (bodies.BytesContent("image/*"), b"a", "text/html", "content type 'text/html' is not image/*"),
    ],
)
def test_other_content_is_refused(wanted: bodies.Content, body: bytes, media_type: str, said: str) -> None:
    """An answer of another media type, or none of its encoding, is not what the document says."""
    with pytest.raises(Malformed) as caught:
        wanted.decode(answer(body, media_type), strict=False)

    assert said in str(caught.value)


@pytest.mark.parametrize("wanted", ["image/png", "image/*", "*/*"])
def test_bytes_of_the_media_type_are_given_as_they_are(wanted: str) -> None:
    """Of the very one, or of one in its range."""
    assert bodies.BytesContent(wanted).decode(answer(b"\x00", "image/png"), strict=False) == b"\x00"


def test_what_can_only_be_sent_is_no_answer() -> None:
    """A form has no reader."""
    with pytest.raises(NotImplementedError):
        bodies.FormContent("application/x-www-form-urlencoded", LEAF).decode(answer(b""), strict=False)


def test_bytes_and_text_are_sent_as_they_are() -> None:
    """Bytes under the document's media type, text in UTF-8 whatever that says."""
    assert bodies.BytesContent("image/png").encode(bytearray(b"a")) == ("image/png", b"a")
    assert bodies.TextContent("text/csv; charset=ascii").encode("ü") == ("text/csv; charset=utf-8", "ü".encode())


@pytest.mark.parametrize(
    "encode",
    [
        lambda value: bodies.BytesContent("image/png").encode(value)[1],
        lambda value: cast("Any", bodies.FILE.encode(value)).content,
    ],
)
def test_bytes_that_are_changed_later_are_sent_as_they_were(encode: Callable[[bytearray], bytes]) -> None:
    """A `bytearray` is copied, because a retry sends the same request again."""
    value = bytearray(b"a")
    encoded = encode(value)
    value[0] = 0

    assert encoded == b"a"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (bodies.BytesContent("image/png"), "text", "expected bytes, got str"),
        (bodies.TextContent("text/plain"), b"bytes", "expected string, got bytes"),
        (bodies.TextContent("text/plain"), "\ud800", "half of a surrogate pair"),
    ],
)
def test_body_of_another_kind_is_refused(kind: bodies.Content, value: Any, said: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Malformed, match=said):
        kind.encode(value)


def test_form_repeats_arrays_and_writes_objects_as_json() -> None:
    """Names and values are percent-encoded; null is empty."""
    form = bodies.FormContent("application/x-www-form-urlencoded", compounds.MapOf(scalars.ANY))

    media_type, sent = form.encode({"a&": [1, True], "b": None, "c": {"d": "e"}})

    assert media_type == "application/x-www-form-urlencoded"
    assert parse_qsl(sent.decode(), keep_blank_values=True) == [
        ("a&", "1"),
        ("a&", "true"),
        ("b", ""),
        ("c", '{"d":"e"}'),
    ]


def test_parts_have_their_names_and_types() -> None:
    """The type of a part is the file's own, else the document's first, unless that is a range."""
    types = {"more": "image/png, image/*", 'ti"tle': "application/json", "cover": "image/*"}
    form = bodies.MultipartContent("multipart/form-data", compounds.ModelOf(Form), types)
    given = Form(
        title="a", cover=b"1", more=(FilePart(b"2", 'n"\r\n'), FilePart(b"3", "b", "text/css")), tags={"x": None}
    )

    media_type, sent = form.encode(given)

    boundary = media_type.removeprefix("multipart/form-data; boundary=")
    assert sent.split(f"--{boundary}".encode()) == [
        b"",
        b'\r\nContent-Disposition: form-data; name="ti%22tle"\r\nContent-Type: application/json\r\n\r\n"a"\r\n',
        (
            b'\r\nContent-Disposition: form-data; name="cover"; filename="file"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n1\r\n"
        ),
        (
            b'\r\nContent-Disposition: form-data; name="more"; filename="n%22%0D%0A"\r\n'
            b"Content-Type: image/png\r\n\r\n2\r\n"
        ),
        b'\r\nContent-Disposition: form-data; name="more"; filename="b"\r\nContent-Type: text/css\r\n\r\n3\r\n',
        b'\r\nContent-Disposition: form-data; name="tags"\r\nContent-Type: application/json\r\n\r\n{"x":null}\r\n',
        b"--\r\n",
    ]


def test_plain_part_says_no_type() -> None:
    """A text is text/plain by itself (RFC 7578, 4.4)."""
    form = bodies.MultipartContent("multipart/form-data", compounds.MapOf(scalars.ANY))

    assert b'name="a"\r\n\r\n7\r\n' in form.encode({"a": 7})[1]


def test_media_type_of_a_file_ends_no_header() -> None:
    """A caller's media type is one."""
    form = bodies.MultipartContent("multipart/form-data", compounds.ModelOf(Form))

    with pytest.raises(Malformed, match="is not a media type") as caught:
        form.encode(Form(title="a", cover=FilePart(b"", "a", "text/plain\r\nX-Evil: 1")))

    assert caught.value.place == "/cover"


def test_files_and_base64_are_told_apart() -> None:
    """A file is not JSON; bytes in JSON are base64."""
    assert scalars.BASE64.decode("YQ==") == b"a"
    assert scalars.BASE64.encode(bytearray(b"a")) == "YQ=="
    for kind, value in ((scalars.BASE64, "YQ"), (scalars.BASE64, 1), (bodies.FILE, "a")):
        with pytest.raises(Malformed):
            kind.decode(value)
    for kind in (scalars.BASE64, bodies.FILE):
        with pytest.raises(Malformed):
            kind.encode("a")


@pytest.mark.parametrize(("constant", "wrong"), [("a", "b"), (1, True), (True, 1), (1.5, None)])
def test_constant_is_one_value_of_one_type(constant: JSON, wrong: JSON) -> None:
    """Both ways; JSON tells 1 and true apart."""
    assert compounds.Const(constant).decode(constant) == compounds.Const(constant).encode(constant) == constant
    with pytest.raises(Malformed, match="expected"):
        compounds.Const(constant).decode(wrong)


def test_union_takes_the_class_that_leaves_the_fewest_over() -> None:
    """And the first of those that leave as many."""
    union = compounds.OneOf((LEAF, compounds.ModelOf(Form), scalars.INTEGER))

    assert isinstance(union.decode({'ti"tle': "a", "tags": {}, "kind": "b", "number": 1}), (Leaf, Form))
    assert isinstance(union.decode({'ti"tle': "a", "tags": {}}), Form)
    assert union.decode(7) == union.encode(7) == 7
    with pytest.raises(Malformed, match="fits none of 3 types"):
        union.decode("a")


def test_union_takes_a_class_before_an_object_of_an_unknown_sort() -> None:
    """Of an object that no tag tells, nothing is known; that of another member is, also when it is sent."""
    union = compounds.OneOf((compounds.Tagged("kind", {"f": compounds.ModelOf(Form)}), LEAF))

    assert isinstance(union.decode({"kind": "a", "number": 1}), Leaf)
    assert union.strip({"kind": "a", "number": 1}) == {"kind": "a"}


def test_tag_tells_the_class() -> None:
    """An unknown one is of the base, if there is one; else it is kept as received, and may be sent as well."""
    told = compounds.Tagged("kind", {"a": LEAF, "f": compounds.ModelOf(Form)})
    open_one = compounds.Tagged("kind", {"f": compounds.ModelOf(Form)}, compounds.Later("leaves", "leaf", "Leaf"))

    assert told.decode({"kind": "a", "number": 1}).number == 1
    assert open_one.decode({"kind": "other", "number": 1}).kind == "other"
    assert open_one.encode(Leaf(kind="other", secret="s"))
    assert open_one.decode({"kind": "f", 'ti"tle': "a"}).title == "a"
    unknown: dict[str, JSON] = {"kind": "b", "more": []}
    assert told.decode(unknown) == told.encode(MappingProxyType(unknown)) == told.strip(unknown) == unknown
    assert told.decode(unknown)["more"] is not unknown["more"]
    for value, said in (
        ({"kind": 1}, "/kind: expected one of 'a', 'f'"),
        ({}, "expected one of"),
        ([], "expected object"),
    ):
        with pytest.raises(Malformed, match=said):
            told.decode(value)
    for value, said in (
        (1, "expected one of Leaf, Form, got int"),
        ({"kind": "a"}, "expected one of Leaf, Form, got dict"),
        ({"more": 1}, "/kind: expected one of 'a', 'f'"),
        (Leaf(kind="b", secret="s"), "another class than Leaf"),
        (Leaf(kind="f", secret="s"), "another class than Leaf"),
    ):
        with pytest.raises(Malformed, match=said):
            told.encode(value)


def test_class_that_holds_itself_ends_where_python_does() -> None:
    """Deep nesting is malformed, not a crash; writing is as deep as reading."""
    later = compounds.Later("leaves", "leaf", "Leaf")
    nested: JSON = None
    for _ in range(sys.getrecursionlimit()):
        nested = {"kind": "a", "number": 1, "next": nested}

    with pytest.raises(Malformed, match="is nested too deeply"):
        later.decode(nested)
    assert later.encode(Leaf(secret="s")) == {"kind": "leaf", "secret": "s", "next": None}


@pytest.mark.parametrize(
    ("parameter", "value", "sent"),
    [
        ({"location": "query"}, ["a", "b,c"], "/x?p=a&p=b%2Cc"),
        ({"location": "query", "separator": ","}, ["a", "b,c"], "/x?p=a,b%2Cc"),
        ({"location": "query", "separator": "%7C"}, [], "/x"),
        ({"location": "cookie"}, ["a b", "c"], {"cookie": "p=a%20b,c"}),
        ({"location": "cookie"}, None, {}),
        ({"location": "header"}, ["a", "b"], {"p": "a,b"}),
        ({"location": "header"}, ["a,b"], {"p": "a,b"}),
    ],
)
def test_arrays_stand_where_their_parameter_does(parameter: Any, value: Any, sent: Any) -> None:
    """Repeated, or parted by what the style says; what is inside the elements stays inside."""
    one = Parameter(name="p", wire="p", type=compounds.ListOf(scalars.STRING), **parameter)
    operation = Operation(name="x", method="GET", path="/x", success=frozenset({200}), parameters=(one,))

    call = operation.call({"p": value})

    assert sent == (call.target if isinstance(sent, str) else call.headers)


@pytest.mark.parametrize(
    ("location", "value", "said"),
    [
        ("header", ["a,b", "c"], "holds a comma"),
        ("header", ["\n"], "cannot be sent in a header"),
        ("path", ["a", ".."], "would change the path"),
        ("path", [], "would change the path"),
    ],
)
def test_array_that_cannot_stand_there_is_refused(location: Any, value: Any, said: str) -> None:
    """Nothing is sent that would be read as something else."""
    one = Parameter(name="p", wire="p", location=location, type=compounds.ListOf(scalars.STRING), required=True)
    operation = Operation(name="x", method="GET", path="/{p}", success=frozenset({200}), parameters=(one,))

    with pytest.raises(InvalidArgumentError, match=said):
        operation.call({"p": value})
    ok = Parameter(name="p", wire="p", location="path", type=compounds.ListOf(scalars.STRING), required=True)
    assert operation._replace(parameters=(ok,)).call({"p": ["a", "b,c"]}).target == "/a,b%2Cc"


def test_wrong_value_in_a_model_that_is_sent_is_named_with_its_class() -> None:
    """It was made by hand; the message does not say that the body is not JSON."""
    content = bodies.JSONContent("application/json", LEAF)
    operation = Operation(name="x", method="POST", path="/x", success=frozenset({200}), body=content)

    with pytest.raises(InvalidArgumentError, match=r"^body: Leaf\.kind: expected string, got integer"):
        operation.call({}, Leaf(kind=cast("str", 7)))


@pytest.mark.parametrize("value", [{"a": float("nan")}, [{1, 2}]], ids=str)
def test_open_value_that_is_no_json_is_not_sent(value: Any) -> None:
    """JSON has no NaN and no sets."""
    content = bodies.JSONContent("application/json", scalars.ANY)
    operation = Operation(name="x", method="POST", path="/x", success=frozenset({200}), body=content)

    with pytest.raises(InvalidArgumentError, match=r"^body: is not JSON \(.*\); give what JSON can hold"):
        operation.call({}, value)


def test_bodies_of_the_statuses_are_read_by_their_own_type() -> None:
    """What is not named there is the result; `default` has the errors of all other statuses."""
    operation = Operation(
        name="x",
        method="GET",
        path="/x",
        success=frozenset({200, 202}),
        result=LEAF,
        answers={202: bodies.TextContent("text/plain")},
        errors={"default": (ErrorRule(error=BadArgumentError, summary="no"),)},
    )
    call, request = operation.call({}), HTTPRequest(method="GET", url="https://a.example/x", headers={})
    later = attrs.evolve(answer(b"a", "text/plain"), status=202)

    assert read_success(call, request, later, ErrorBody()) == "a"
    assert read_success(call, request, answer(b'{"kind": "a", "number": 1}'), ErrorBody()) == Leaf(kind="a", number=1)
    failed = read_failure(call, request, attrs.evolve(later, status=418), ErrorBody(), datetime.now(UTC))
    assert type(failed) is BadArgumentError


@pytest.mark.parametrize(
    ("operation", "named", "read"),
    [
        (
            {"success": frozenset({"2XX"}), "empty": frozenset({206}), "result": scalars.ANY},
            {200: "2XX", 206: 206, 404: None},
            {200: {}, 204: None, 205: None, 206: None},
        ),
        (
            {"success": frozenset({200}), "empty": frozenset({"2XX"}), "result": scalars.ANY},
            {200: 200, 299: "2XX", 302: None},
            {200: {}, 201: None},
        ),
        (
            {
                "success": frozenset({200, "2XX"}),
                "result": scalars.ANY,
                "answers": {"2XX": bodies.BytesContent("*/*")},
            },
            {200: 200, 201: "2XX"},
            {200: {}, 201: b"{}", 204: None},
        ),
    ],
)
def test_named_status_goes_before_its_range(
    operation: dict[str, Any], named: dict[int, Any], read: dict[int, Any]
) -> None:
    """`2XX` is every success that has no name of its own; of its statuses, 204 and 205 carry nothing."""
    made = Operation(name="x", method="GET", path="/x", **operation)
    call, request = made.call({}), HTTPRequest(method="GET", url="https://a.example/x", headers={})
    came = {status: attrs.evolve(answer(b"{}"), status=status) for status in read}

    assert {status: made.named(status) for status in named} == named
    assert {status: read_success(call, request, one, ErrorBody()) for status, one in came.items()} == read


def test_list_ends_without_content_only_where_the_document_says_so() -> None:
    """A range alone does not: a proxy may answer so, and the rest would be lost."""
    paging = Pagination(style="item", cursor="after", limit=None, default_limit=None, items="", cursor_at="/id")
    one = Operation(
        name="x", method="GET", path="/x", success=frozenset({"2XX"}), empty=frozenset({205}), pagination=paging
    )
    call, request = one.call({}), HTTPRequest(method="GET", url="https://a.example/x", headers={})

    assert read_success(call, request, attrs.evolve(answer(b""), status=205), ErrorBody()).page.items == ()
    with pytest.raises(DecodeError, match="status 204"):
        read_success(call, request, attrs.evolve(answer(b""), status=204), ErrorBody())


@pytest.mark.parametrize(
    ("media_type", "body", "value"),
    [
        ("application/x+json", b'{"a": 1}', {"a": 1}),
        ("TEXT/HTML; charset=latin-1", b"\xfc", "\u00fc"),
        ("image/png", b"1", b"1"),
        ("", b"1", b"1"),
        (None, b"1", b"1"),
    ],
)
def test_content_of_any_type_is_what_the_answer_says(media_type: str | None, body: bytes, value: Any) -> None:
    """JSON is read, text is decoded, and all else is bytes."""
    assert bodies.AnyContent("*/*").decode(answer(body, media_type), strict=False) == value


def test_content_of_any_type_that_is_not_what_it_says_is_malformed() -> None:
    """As of the media types that a document names; `strict` holds for JSON here as well."""
    content = bodies.AnyContent("*/*")

    for media_type, body in (("application/json", b"x"), ("text/plain", b"\xff")):
        with pytest.raises(Malformed):
            content.decode(answer(body, media_type), strict=False)
    with pytest.raises(Malformed, match="twice"):
        content.decode(answer(b'{"a": 1, "a": 2}', "application/json"), strict=True)
