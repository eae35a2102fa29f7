"""What documents offer beyond JSON and plain types: bodies of other kinds, unions, loops, marks, styles."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pickle
import re
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from golden_server import Answer, GoldenServer

from strict_clients.pipeline import build, generate

ID = uuid.UUID("7d444840-9dc0-11d1-b245-5ffdce74fad2")
HOSTILE = 'a"\r\nX-Evil: 1'


def test_bytes_go_there_and_come_back(run: Callable[..., Any], server: Any) -> None:
    """A body of bytes is sent as it is, and an answer of another media type is asked for and given as bytes."""
    run(lambda client: client.albums.replace_photo(ID, b"\x89PNG\r\n\x00"))

    photo = run(lambda client: client.albums.get_photo(ID, garden_pass="a b;c", sizes=[1, 2]))

    assert photo == b"\x89PNG\r\n\x00"
    sent, asked = server.requests
    assert sent.headers["content-type"] == "application/octet-stream"
    assert asked.headers["accept"] == "image/png"
    assert asked.headers["cookie"] == "garden-pass=a%20b%3Bc; sizes=1,2"


def test_bytes_of_another_media_type_are_refused(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """A page that says that one has to log in is not a photo."""
    server.told = [Answer(200, b"<html>", {"Content-Type": "text/html"})]

    with pytest.raises(api.DecodeError, match="content type 'text/html' is not image/png"):
        run(lambda client: client.albums.get_photo(ID))


def test_any_other_status_has_the_class_of_default(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """`default` means all statuses that are not named; those that are have their own."""
    server.told = [Answer(418, {})]

    with pytest.raises(api.StormError, match="a storm is over the garden"):
        run(lambda client: client.albums.get_photo(ID))
    with pytest.raises(api.PlantNotFoundError):
        run(lambda client: client.albums.get_photo(ID))


def test_parts_arrive_one_by_one(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Files, texts, arrays and objects become parts; nothing in a name ends its header."""
    page = api.AlbumPage(
        title="Ferdinand \u2603",
        cover=api.FilePart(b"\x89PNG", name=HOSTILE),
        more=[b"\r\n--x", api.FilePart(b"{}", name="a.json", media_type="application/json")],
        leaves=[1, 2],
        edible=True,
        origin=api.Origin(country="NO"),
        odd="x",
    )

    received = run(lambda client: client.albums.add(ID, page))

    assert received == {
        "title": ("None, -, " + "Ferdinand \u2603".encode().decode("latin-1"),),
        "cover": ("a%22%0D%0AX-Evil: 1, image/png, \x89PNG",),
        "more": ("file, application/octet-stream, \r\n--x", "a.json, application/json, {}"),
        "leaves": ("None, -, 1", "None, -, 2"),
        "edible": ("None, -, true",),
        "origin": ('None, application/json, {"country":"NO"}',),
        "odd%22%0A": ("None, -, x",),
    }
    assert b"X-Evil" in server.requests[0].content
    assert b"\nX-Evil" not in server.requests[0].content


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cover": "text"}, "AlbumPage.cover: expected a FilePart or bytes, got str"),
        ({"title": "x" * 65}, "has 65 characters; give at most 64"),
        ({"media_type": "image/png\r\nX-Evil: 1"}, "is not a media type"),
    ],
)
def test_wrong_part_is_refused(
    run: Callable[..., Any], api: ModuleType, server: Any, fields: dict[str, Any], said: str
) -> None:
    """A part that breaks the document is refused before anything is sent."""
    cover = api.FilePart(b"", media_type=fields.get("media_type"))
    given = {name: value for name, value in fields.items() if name != "media_type"}
    page = api.AlbumPage(**({"title": "t", "cover": cover} | given))

    with pytest.raises(api.InvalidArgumentError, match=said):
        run(lambda client: client.albums.add(ID, page))

    assert server.requests == []


def test_text_goes_there_and_comes_back(run: Callable[..., Any], server: Any) -> None:
    """Text is sent as UTF-8 and read in the encoding that the answer names."""
    run(lambda client: client.albums.replace_label(ID, body="Grün"))

    label = run(lambda client: client.albums.get_label(ID))

    assert label == "Grün"
    assert server.requests[0].content == "Grün".encode()
    assert server.requests[1].headers["accept"] == "text/html"


def test_each_success_has_its_own_type(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """JSON, text and nothing, told apart by the status."""
    printed = run(lambda client: client.albums.replace_label(ID, body="a"))
    again = run(lambda client: client.albums.replace_label(ID, body="a"))
    later = run(lambda client: client.albums.replace_label(ID, body="much longer"))

    assert printed == api.Label(text="a", seal=b"a")
    assert again is None
    assert later == "tomorrow \u2603"
    assert server.requests[0].headers["accept"] == "application/json, text/plain"


@pytest.mark.parametrize("seal", ["?", "YQ", 7])
def test_what_is_no_base64_is_refused(run: Callable[..., Any], api: ModuleType, server: Any, seal: Any) -> None:
    """Bytes in JSON are base64, padding and all."""
    server.told = [Answer(200, {"text": "a", "seal": seal})]

    with pytest.raises(api.DecodeError, match="/seal: expected"):
        run(lambda client: client.albums.replace_label(ID, body="a"))


def test_form_is_sent_and_needs_no_credential(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """A form repeats its arrays, a constant is sent where it is given, and `security: []` sends no secret."""
    given = api.GatePass(kind="pass & word", name="ü&=", password="s3cret", beds=["a", "b"])

    token = run(lambda client: client.gate.open_with(given))

    assert token.token == "name=%C3%BC%26%3D&password=s3cret&kind=pass+%26+word&beds=a&beds=b"
    assert "s3cret" not in repr(given)
    assert not {"x-api-key", "authorization"} & server.requests[0].headers.keys()


def test_constant_is_itself(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Another value than the document's is refused; a required one need not be said."""
    with pytest.raises(api.InvalidArgumentError, match="expected 'pass & word', got another string"):
        run(lambda client: client.gate.open_with(api.GatePass(kind="other", name="a", password="b")))

    assert api.Spade(width=1).to_dict() == {"sort": 'spade """ {0}', "width": 1}


def test_arrays_stand_in_their_style(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Commas, bars and blanks separate what is not repeated; a comma inside an element is encoded."""
    run(
        lambda client: client.tools.list(
            ["a,b", "c/d"], marks=["x,y", "z"], rows=[1, 2], words=["a", "c"], x_colors=["red", "blue"], size=3
        )
    )
    run(lambda client: client.tools.list(["rake"], size=api.ToolSize.LARGE))

    first, second = server.requests
    assert first.target == "/v2/tools/a%2Cb,c%2Fd?marks=x%2Cy,z&rows=1%7C2&words=a%20c&size=3"
    assert first.headers["x-colors"] == "red,blue"
    assert second.query["size"] == ["large"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"names": ["a", ".."]}, "names: '..' would change the path"),
        ({"names": []}, "names: '' would change the path"),
        ({"names": ["a"], "x_colors": ["a,b", "c"]}, "x_colors: an element holds a comma, which separates"),
        ({"names": ["a"], "marks": ["x,y"], "words": ["a b"]}, "words: an element holds ' ', which separates"),
        ({"names": ["a"], "flags": ["a|b", "c"]}, r"flags: an element holds '\|', which separates"),
        ({"names": ["a"], "size": "small"}, "size: fits none of 2 types"),
    ],
)
def test_wrong_array_is_refused(
    run: Callable[..., Any], api: ModuleType, server: Any, arguments: dict[str, Any], said: str
) -> None:
    """What cannot be in its place is refused before anything is sent."""
    with pytest.raises(api.InvalidArgumentError, match=said):
        run(lambda client: client.tools.list(**arguments))

    assert server.requests == []


def test_discriminator_tells_the_class(run: Callable[..., Any], api: ModuleType) -> None:
    """The value of the property chooses, by the mapping or by the schema's name."""
    tools = run(lambda client: client.tools.list(["spade", "rake", "broom", "hose"]))

    assert tools == (
        api.Spade(width=20),
        api.Rake(sort="rake", teeth=9, handle=api.Size.VERY_LARGE),
        api.Rake(sort="broom", teeth=99),
        api.Hose(sort="Hose", length=2.5),
    )


def test_object_of_an_unknown_sort_is_kept_as_it_came(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """As with enums, a value that the document does not know costs nothing else: it is read, sent and sent back."""
    saw = {"sort": "saw", "teeth": [1, {"blunt": None}]}
    server.told = [Answer(200, [saw, {"sort": "broom", "teeth": 99}])]

    tools = run(lambda client: client.tools.list(["saw", "broom"]))
    hut = run(lambda client: client.huts.build(api.Hut(contents=None, tool=tools[0])))
    server.told = [Answer(200, {"sort": "rake", "teeth": 1})]
    run(lambda client: client.tools.replace(["saw"], tools[0]))

    assert tools == (saw, api.Rake(sort="broom", teeth=99))
    assert hut.tool == saw
    assert json.loads(server.requests[-1].content) == json.loads(server.requests[-2].content)["tool"] == saw
    assert hash(hut) == hash(api.Hut(contents=1))
    assert inspect.get_annotations(api.Hut)["tool"] == "Spade | Rake | Hose | Mapping[str, JSON] | None"


@pytest.mark.parametrize("tool", [{"teeth": 1}, {"sort": 7}, {"sort": ["saw"]}, "rake"])
def test_object_without_a_sort_is_refused(run: Callable[..., Any], api: ModuleType, server: Any, tool: Any) -> None:
    """What is none of the document's classes is an error, with its place."""
    server.told = [Answer(200, [tool])]

    with pytest.raises(api.DecodeError, match="/0"):
        run(lambda client: client.tools.list(["a"]))


def test_union_is_told_by_what_it_holds(run: Callable[..., Any], api: ModuleType) -> None:
    """Without a discriminator, the class that leaves the fewest fields over is meant."""
    rake = run(lambda client: client.tools.replace(["a"], api.Rake(sort="rake", teeth=3)))
    spade = run(lambda client: client.tools.replace(["a"], api.Spade(width=2)))
    hose = run(lambda client: client.tools.replace(["a"], api.Hose(sort="Hose", length=api.Origin(country="NO"))))

    assert rake == api.Rake(sort="rake", teeth=3)
    assert spade == api.Spade(width=2)
    assert hose.length == api.Origin(country="NO")


def test_object_of_another_sort_than_its_class_is_not_sent(run: Callable[..., Any], api: ModuleType) -> None:
    """The property that tells the class has to tell the class."""
    with pytest.raises(api.InvalidArgumentError, match="body/sort: is that of another class than Rake"):
        run(lambda client: client.tools.replace(["a"], api.Rake(sort="Hose", teeth=3)))
    with pytest.raises(api.InvalidArgumentError, match="body/sort: is that of another class than Rake"):
        run(lambda client: client.tools.replace(["a"], api.Rake(sort="saw", teeth=3)))
    with pytest.raises(api.InvalidArgumentError, match=r"^body: Rake.teeth: expected integer, got string"):
        run(lambda client: client.tools.replace(["a"], api.Rake(sort="rake", teeth="many")))
    with pytest.raises(api.InvalidArgumentError, match="body: expected one of Spade, Rake, Hose, got dict"):
        run(lambda client: client.tools.replace(["a"], {"sort": "rake"}))


def test_schema_that_holds_itself_is_read_and_sent(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Beds in beds, in arrays, maps and alone, down to where there are none."""
    leaf = api.Bed(name="leaf", secret="s", shade=api.Shade.LIGHT, night_shade=None)
    bed = api.Bed(name="root", secret="s", beds=[leaf], next_=leaf, by_name={"a": leaf})

    kept = run(lambda client: client.garden.arrange(bed))

    sent = json.loads(server.requests[0].content)
    assert sent["next"] == {"secret": "s", "name": "leaf", "shade": "light", "nightShade": None}
    assert kept.number == 1
    assert kept.beds[0].name == kept.next_.name == kept.by_name["a"].name == "leaf"
    assert kept.guest == api.Bee(sort="bee", stings=True, brings=api.Gardener(sort="Gardener", hat="straw"))


def test_marks_say_who_says_what(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """What only the service says is not sent back, at no depth; what only callers say need not be answered."""
    kept = run(
        lambda client: client.garden.arrange(api.Bed(name="a", secret="s", beds=[api.Bed(name="b", secret="t")]))
    )

    run(lambda client: client.garden.arrange(kept))

    assert kept.secret is None
    assert "number" not in server.requests[1].content.decode()
    assert "guest" not in server.requests[1].content.decode()
    with pytest.raises(api.InvalidArgumentError, match="Bed.secret: expected string, got null"):
        run(lambda client: client.garden.arrange(api.Bed(name="a", secret=None)))


def test_nesting_without_end_is_refused(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """An answer deeper than Python can follow is an error of the tree, not a crash."""
    depth = 400
    server.told = [Answer(200, b'{"number": 1, "name": "a", "beds": [' * depth + b"]}" * depth, {})]

    with pytest.raises(api.DecodeError, match="nested too deeply"):
        run(lambda client: client.garden.arrange(api.Bed(name="a", secret="s")))


def test_visits_follow_a_number(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """The cursor of a listing may be a number, and subclasses of a class come as what they are."""
    visits = run(lambda client: client.garden.list_visits(since=0))

    assert [visit.number for visit in visits] == [1, 2, 3, 4]
    assert [type(visit.who).__name__ for visit in visits] == ["Gardener", "Visitor", "Bee", "Gardener"]
    assert [request.first("since") for request in server.requests] == ["0", "2", "4"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"width": 0.35}, "Hut.width: 0.35 is not a multiple of 0.1; give one that is"),
        ({"shelves": 7}, "Hut.shelves: 7 is not a multiple of 5; give one that is"),
        ({"things": ["a", 1, {"b": [1]}, {"b": [1.0]}]}, "Hut.things: items 2 and 3 are equal; give each once"),
        ({"code": "AB]"}, "Hut.code: a string of 3 characters does not match '^[A-Z]{2}[^\\\\]$]$'"),
        ({"code": "ABC\n"}, "Hut.code: a string of 4 characters does not match"),
        ({"keys": {}}, "Hut.keys: has 0 items; give at least 1"),
        ({"keys": {"a": "1", "b": "2", "c": "3"}}, "Hut.keys: has 3 items; give at most 2"),
    ],
)
def test_value_between_its_steps_and_repeated_item_are_refused(
    run: Callable[..., Any], api: ModuleType, server: Any, fields: dict[str, Any], said: str
) -> None:
    """Steps of numbers, items that differ and numbers of members are limits like the others."""
    with pytest.raises(api.InvalidArgumentError, match=re.escape(said)):
        run(lambda client: client.huts.build(api.Hut(contents=None, **fields)))

    assert server.requests == []
    assert "Limits: a multiple of 5." in inspect.getsource(api.Hut)


def test_decimal_steps_and_values_that_only_python_takes_for_equal_are_sent(
    run: Callable[..., Any], api: ModuleType, server: Any
) -> None:
    """0.3 is three times 0.1 as it is written; true is not 1, and not the text of it."""
    things = [True, 1, "1", [1], {"a": 1}, {"a": True}, None]
    hut = api.Hut(contents=0, width=0.3, shelves=-15, things=things, keys={"a": "1"})

    kept = run(lambda client: client.huts.build(hut))

    assert json.loads(server.requests[0].content)["things"] == things
    assert kept.width == 0.3


def test_open_value_that_is_required_may_be_null(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """A schema without a type takes null too: it is sent, read, and as good as one that was made by hand."""
    kept = run(lambda client: client.huts.build(api.Hut(contents=None)))
    server.told = [Answer(201, {})]

    assert json.loads(server.requests[0].content) == {"contents": None}
    assert kept == api.Hut(contents=None) == api.Hut.from_dict({"contents": None})
    assert kept.to_dict() == {"contents": None}
    with pytest.raises(api.DecodeError, match="expected 'contents', which is missing"):
        run(lambda client: client.huts.build(kept))


def test_pattern_that_could_run_for_ever_is_left_to_the_service(
    run: Callable[..., Any], api: ModuleType, server: Any
) -> None:
    """The client sends any text for it, and the emulator takes it; both hold the patterns that they can run."""
    emulator = importlib.import_module("golden_api.testing").Emulator(key=server.key)
    hut = api.Hut(contents=None, code="ABC", motto="a" * 40 + "!")

    run(lambda client: client.huts.build(hut))
    with emulator.serve() as url:
        run(lambda client: client.huts.build(hut), endpoint=url)
        with pytest.raises(api.WiltedRequestError):
            run(lambda client: client.huts.build(api.Hut.from_dict({"contents": None, "code": "ABC\n"})), endpoint=url)

    assert json.loads(server.requests[0].content)["motto"] == hut.motto
    assert "matches ^(a+)+$" in inspect.getsource(api.Hut)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ((201, {"contents": 1}), 1),
        ((200, {"contents": 2}), 2),
        ((299, {"contents": 3}), 3),
        ((202, b"soon", {"Content-Type": "text/plain"}), "soon"),
        ((204,), None),
        ((205, b""), None),
    ],
)
def test_status_of_a_range_is_a_success_and_a_named_one_is_its_own(
    run: Callable[..., Any], api: ModuleType, server: Any, answer: tuple[Any, ...], result: Any
) -> None:
    """`2XX` means what is not named; of its statuses, two have no body by HTTP."""
    server.told = [Answer(*answer)]

    built = run(lambda client: client.huts.build(api.Hut(contents=None)))

    assert getattr(built, "contents", built) == result
    assert server.requests[0].headers["accept"] == "text/plain, application/json"
    builder = importlib.import_module("golden_api.resources.huts.sync").Huts.build
    assert inspect.signature(builder).return_annotation == "Hut | str | None"


def test_empty_body_of_a_range_is_no_result(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Where HTTP lets an answer have a body, the document's has to be there; other statuses are errors."""
    server.told = [Answer(200, b""), Answer(302, b"")]

    with pytest.raises(api.DecodeError, match="is not JSON"):
        run(lambda client: client.huts.build(api.Hut(contents=None)))
    with pytest.raises(api.StormError):
        run(lambda client: client.huts.build(api.Hut(contents=None)))


@pytest.mark.parametrize(
    ("headers", "body", "result"),
    [
        ({"Content-Type": "application/vnd.hut+json; charset=utf-8"}, b'{"a": [1]}', {"a": [1]}),
        ({"Content-Type": "text/json"}, b"null", None),
        ({"Content-Type": "text/html; charset=latin-1"}, b"\xfc", "\u00fc"),
        ({"Content-Type": "image/png"}, b"{}", b"{}"),
        ({"Content-Type": ""}, b"{}", b"{}"),
    ],
)
def test_answer_of_any_type_is_read_as_it_says(
    run: Callable[..., Any], server: Any, headers: dict[str, str], body: bytes, result: Any
) -> None:
    """Under `*/*`, the answer's own Content-Type tells JSON, text and bytes apart."""
    server.told = [Answer(200, body, headers)]

    found = run(lambda client: client.huts.find())

    assert found == result
    assert type(found) is type(result)
    assert server.requests[0].headers["accept"] == "*/*"


def test_answer_of_any_type_is_annotated_so(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """JSON has every type of Python that text has, so bytes alone are added; with a schema it is what that says."""
    huts = importlib.import_module("golden_api.resources.huts.sync").Huts
    server.told = [Answer(200, {"contents": 1}), Answer(204)]

    hut = run(lambda client: client.huts.get_first())

    assert hut == api.Hut(contents=1)
    assert server.requests[0].headers["accept"] == "application/json"
    assert run(lambda client: client.huts.find()) is None
    assert inspect.signature(huts.find).return_annotation == "JSON | bytes | None"
    assert inspect.signature(huts.get_first).return_annotation == "Hut"


def test_head_has_no_body_and_is_sent_again(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Whatever its schema says; it is safe, so a transient error is retried."""
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    server.told = [Answer(503, {}), Answer(200, {"contents": 1}), Answer(200, b"packed", packed), Answer(404, {})]

    assert run(lambda client: client.huts.look()) is None
    assert run(lambda client: client.huts.look()) is None
    with pytest.raises(api.PlantNotFoundError):
        run(lambda client: client.huts.look())
    assert [request.method for request in server.requests] == ["HEAD"] * 4
    assert server.requests[0].headers["accept"] == "*/*"


def test_options_and_trace_are_safe_and_trace_carries_no_secret(run: Callable[..., Any], server: Any) -> None:
    """What a TRACE request carries is shown again by whatever answers it (RFC 9110, 9.3.8)."""
    server.told = [Answer(502, {}), Answer(200, ["build"]), Answer(502, {})]
    server.told += [Answer(200, b"TRACE /", {"Content-Type": "message/http"}), Answer(226, b"no more")]

    words = run(lambda client: client.huts.ask())
    came = run(lambda client: client.huts.trace())

    assert words == ("build",)
    assert came == b"TRACE /"
    assert run(lambda client: client.huts.trace()) is None
    assert [request.method for request in server.requests] == ["OPTIONS"] * 2 + ["TRACE"] * 3
    assert "x-api-key" in server.requests[1].headers
    assert not {"x-api-key", "authorization"} & server.requests[2].headers.keys()


def test_binary_is_bytes_in_every_media_type(run: Callable[..., Any], server: Any) -> None:
    """`format: binary` says that nobody looks into a body, whatever is in it."""
    server.told = [Answer(200, b"[1"), Answer(200, b"\xff;", {"Content-Type": "text/csv"})]

    plan = run(lambda client: client.huts.get_plan())
    table = run(lambda client: client.huts.replace_plan(b"\xff,"))

    assert (plan, table) == (b"[1", b"\xff;")
    assert [request.headers["accept"] for request in server.requests] == ["application/json", "text/csv"]
    assert (server.requests[1].content, server.requests[1].headers["content-type"]) == (b"\xff,", "text/csv")


@pytest.mark.parametrize("field", ["lent", "spare"])
def test_discriminator_of_a_member_of_a_union_tells_the_class(
    run: Callable[..., Any], api: ModuleType, field: str
) -> None:
    """Null beside it or another class: the sort still chooses, and an unknown one is kept."""
    saw: dict[str, Any] = {"sort": "saw", "teeth": 3, "length": 2}
    broom = api.Rake(sort="broom", teeth=3)

    kept = [
        run(lambda client, one=one: client.huts.build(one))
        for one in (
            api.Hut(contents=None, **{field: saw}),
            api.Hut(contents=None, **{field: broom}),
        )
    ]

    assert [getattr(one, field) for one in kept] == [saw, broom]


def test_class_beside_a_union_with_a_discriminator_is_told_by_its_fields(api: ModuleType) -> None:
    """What has no sort is none of that union's classes."""
    hut = api.Hut.from_dict({"contents": 1, "spare": {"country": "NO", "x": 1}, "lent": None})

    assert hut.spare.country == "NO"
    assert (hut.lent, api.Hut(contents=1).lent) == (None, api.UNSET)
    assert inspect.get_annotations(api.Hut)["lent"] == "Spade | Rake | Hose | Mapping[str, JSON] | None | Unset"
    assert inspect.get_annotations(api.Hut)["spare"] == "Spade | Rake | Hose | Mapping[str, JSON] | Origin | None"


def test_arrays_and_maps_that_hold_themselves_are_read_and_sent(
    run: Callable[..., Any], api: ModuleType, server: Any
) -> None:
    """Where a schema without a class leads back to itself, any value is taken; the level before has its type."""
    fields: dict[str, Any] = {
        "rows": [[], [[], [[]]]],
        "boxes": {"a": [{"b": []}, {}]},
        "pile": [{"c": [{}]}],
        "note": {"a": ["b", {"c": None}]},
        "notes": ["a", None, [["b"]], {"c": ["d"]}],
    }

    kept = run(lambda client: client.huts.build(api.Hut(contents=None, **fields)))

    assert json.loads(server.requests[0].content) == {"contents": None, **fields}
    assert kept.to_dict() == {"contents": None, **fields}
    assert kept.rows == ([], [[], [[]]])
    assert kept.boxes == {"a": ({"b": []}, {})}
    assert kept.pile == ({"c": [{}]},)
    assert kept.note == fields["note"]
    assert kept.notes == ("a", None, (["b"],), {"c": ["d"]})
    annotations = inspect.get_annotations(api.Hut)
    assert annotations["rows"] == "tuple[JSON, ...] | None"
    assert annotations["boxes"] == "Mapping[str, tuple[JSON, ...]] | None"
    assert annotations["note"] == "str | tuple[JSON, ...] | Mapping[str, JSON] | None | Unset"
    with pytest.raises(api.InvalidArgumentError, match="Hut.rows: has 3 items; give at most 2"):
        run(lambda client: client.huts.build(api.Hut(contents=None, rows=[[], [], []])))
    with pytest.raises(api.InvalidArgumentError, match="Hut.boxes/a: expected a sequence, got dict"):
        run(lambda client: client.huts.build(api.Hut(contents=None, boxes={"a": {}})))


def test_page_without_content_is_the_last_one(run: Callable[..., Any], server: Any) -> None:
    """Where the document says that a list may be answered by nothing, it is an empty page."""
    server.told = [Answer(200, {"value": [{"number": 1, "who": {"sort": "fox"}}]}), Answer(204), Answer(204)]

    visits = run(lambda client: client.garden.list_visits())
    page = run(lambda client: client.garden.list_visits_page())

    assert [visit.number for visit in visits] == [1]
    assert (page.items, page.raw, page.request_id) == ((), b"", "request-3")


PROBLEM = {"detail": "it is wet", "more": [1]}


@pytest.mark.parametrize(
    ("use", "status", "sent", "name", "base", "body"),
    [
        ("find", 404, PROBLEM, "NotFoundError", "APIStatusError", PROBLEM),
        ("hang", 404, {"row": 1}, "NotFoundError", "APIStatusError", {"row": 1}),
        ("find", 409, {"between": ["a", "b"]}, "ConflictStatusError", "APIStatusError", {"between": ["a", "b"]}),
        ("find", 503, [PROBLEM], "ServiceUnavailableError", "ServerError", [PROBLEM]),
        ("find", 418, PROBLEM, "DefaultStatusError", "APIStatusError", PROBLEM),
        ("find", 500, PROBLEM, "DefaultServerError", "ServerError", PROBLEM),
        ("find", 999, PROBLEM, "DefaultServerError", "DefaultStatusError", PROBLEM),
        ("hang", 418, PROBLEM, "ClientStatusError", "APIStatusError", PROBLEM),
    ],
)
def test_described_status_has_a_class_with_its_body(
    run: Callable[..., Any],
    api: ModuleType,
    server: Any,
    use: str,
    status: int,
    sent: Any,
    name: str,
    base: str,
    body: Any,
) -> None:
    """Without `x-error`, a status, a range or `default` has its class, and the model of its answer in `body`."""
    server.told = [Answer(status, sent)]

    with pytest.raises(getattr(api, base)) as caught:
        run(lambda client: getattr(client.shed, use)("rake"), retry=api.RetryPolicy(max_attempts=1))

    error = pickle.loads(pickle.dumps(caught.value))
    bodies = error.body if isinstance(error.body, tuple) else [error.body]
    assert type(error).__name__ == name
    assert error.body == caught.value.body
    assert [one.to_dict() for one in bodies] == (body if isinstance(body, list) else [body])
    assert isinstance(error, api.ServerError) == (status >= 500)
    assert caught.value.__cause__ is None


def test_error_says_what_the_document_says_of_it(run: Callable[..., Any], api: ModuleType) -> None:
    """The first paragraph of the description ends its text; the answer has another media type of JSON."""
    with pytest.raises(api.NotFoundError, match=r'; there is no such tool\. """ \{tool\}$') as caught:
        run(lambda client: client.shed.find("hoe"))

    assert caught.value.body.detail == "no hoe"
    assert api.NotFoundError.__doc__ == "404: Not found."
    assert api.ServiceUnavailableError.__doc__ == "503: The shed is locked."
    assert run(lambda client: client.shed.find("rake")) == api.Peg(row=7)


@pytest.mark.parametrize(
    ("use", "status", "sent", "name", "body"),
    [
        ("find", 429, b"wait", "TooManyRequestsError", "wait"),
        ("hang", 499, {"any": [None]}, "Status499Error", {"any": [None]}),
    ],
)
def test_body_of_an_error_may_be_no_model(
    run: Callable[..., Any], api: ModuleType, server: Any, use: str, status: int, sent: Any, name: str, body: Any
) -> None:
    """Text, and what the document leaves open."""
    media_type = "text/plain" if isinstance(sent, bytes) else "application/json"
    server.told = [Answer(status, sent, {"Content-Type": media_type})]

    with pytest.raises(getattr(api, name)) as caught:
        run(lambda client: getattr(client.shed, use)("rake"), retry=api.RetryPolicy(max_attempts=1))

    assert caught.value.body == body


@pytest.mark.parametrize(
    ("use", "status", "name"), [("find", 422, "UnprocessableEntityError"), ("hang", 500, "ServerStatusError")]
)
def test_class_of_an_error_without_a_body_has_none(
    run: Callable[..., Any], api: ModuleType, server: Any, use: str, status: int, name: str
) -> None:
    """Where the document says nothing of a body, there is none to look for."""
    server.told = [Answer(status, PROBLEM)]

    with pytest.raises(getattr(api, name)) as caught:
        run(lambda client: getattr(client.shed, use)("rake"), retry=api.RetryPolicy(max_attempts=1))

    assert not hasattr(caught.value, "body")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"detail": 7}, "/detail: expected string, got integer"),
        ([], "the whole: expected object, got array"),
        (b"nothing", "is not JSON"),
    ],
)
def test_error_whose_body_cannot_be_read_is_still_raised(
    run: Callable[..., Any], api: ModuleType, server: Any, sent: Any, said: str
) -> None:
    """It has no body; its text and its cause say why."""
    server.told = [Answer(404, sent)]

    with pytest.raises(api.NotFoundError) as caught:
        run(lambda client: client.shed.find("rake"))

    assert caught.value.body is None
    assert "(the body does not follow the document: " in str(caught.value)
    assert said in str(caught.value)
    assert isinstance(caught.value.__cause__, api.DecodeError)
    assert said in str(caught.value.__cause__)


def test_described_status_is_sent_again_as_others_are(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """429 and 503 are transient; the calls that a 429 holds back get its class and its body."""
    server.told = [Answer(503, [PROBLEM]), Answer(429, b"a moment", {"Content-Type": "text/plain", "Retry-After": "0"})]

    found = run(lambda client: client.shed.find("rake"))

    assert found == api.Peg(row=7)
    assert len(server.requests) == 3


def test_call_that_a_429_holds_back_has_its_class_and_body(api: ModuleType, server: Any) -> None:
    """It was not sent, and says what the service said before."""
    server.told = [Answer(429, b"an hour", {"Content-Type": "text/plain", "Retry-After": "3600"})]
    caught: list[Any] = []

    with api.GoldenClient(key=server.key, endpoint=server.url) as client:
        for _ in range(2):
            with pytest.raises(api.TooManyRequestsError) as one:
                client.shed.find("rake")
            caught.append(one.value)

    assert [one.body for one in caught] == ["an hour", "an hour"]
    assert "was not sent" in str(caught[1])
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "name"), [(404, "StormError"), (500, "StormError"), (302, "StormError")])
def test_x_error_of_default_holds_for_what_has_none(
    run: Callable[..., Any], api: ModuleType, server: Any, status: int, name: str
) -> None:
    """Where a document names classes, it is not given others."""
    server.told = [Answer(status, {})]

    with pytest.raises(getattr(api, name)):
        run(lambda client: client.shed.lend("rake"), token=server.token, retry=api.RetryPolicy(max_attempts=1))


@pytest.mark.parametrize(("status", "name"), [(302, "RedirectRefusedError"), (206, "UnexpectedStatusError")])
def test_default_is_no_redirect_and_no_success(
    run: Callable[..., Any], api: ModuleType, server: Any, status: int, name: str
) -> None:
    """`default` without `x-error` describes errors: of 4xx, and of 5xx and beyond."""
    server.told = [Answer(status, PROBLEM)]

    with pytest.raises(getattr(api, name)) as caught:
        run(lambda client: client.shed.find("rake"))

    assert type(caught.value) is getattr(api, name)


def test_method_names_the_errors_that_it_raises(api: ModuleType) -> None:
    """Each with what the document says of it."""
    find = importlib.import_module("golden_api.resources.shed.sync").Shed.find

    assert "ConflictStatusError: two gardeners want it." in find.__doc__
    assert "UnprocessableEntityError: unprocessable entity." in find.__doc__
    assert "ServerStatusError" in importlib.import_module("golden_api.resources.shed.sync").Shed.hang.__doc__
    assert api.DefaultServerError.__mro__[1:3] == (api.DefaultStatusError, api.ServerError)


def test_objects_are_written_in_their_style(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Names and values in turn, as pairs, in brackets or as JSON; null and what only the service says are left out."""
    spot = api.Spot.from_dict({"row": 1, "bed": "a,b", "seen": "now"})
    tree = api.ShapeTree(shape=api.ShapeFilter(kinds=["ü&"]), inner=[api.ShapeTree(shape=api.ShapeFilter())])

    found = run(
        lambda client: client.searches.run(
            spot,
            spot,
            shape=api.ShapeFilter(min_size=0.5, round_=True),
            size={"w&h": 3, "d": 4},
            bars={"a": "b", "c": 1},
            filter_={"name[0]": "x=y&z", "none": None, "on": True},
            tree=tree,
            plain="a b",
            x_spot=api.Spot(row=2, bed=None),
            x_exploded={"a": 1, "b": "c=d"},
            x_json={"ü": [1, {}]},
            spot=spot,
        )
    )

    (sent,) = server.requests
    path, _, query = sent.target.partition("?")
    assert path == "/v2/searches/row=1,bed=a%2Cb/row,1,bed,a%2Cb"
    assert query.startswith("minSize=0.5&round=true&size=w%26h,3,d,4&bars=a%7Cb%7Cc%7C1&filter%5Bname%5B0%5D%5D=x%3Dy")
    assert found == {
        "minSize": "0.5",
        "round": "true",
        "size": "w&h,3,d,4",
        "bars": "a|b|c|1",
        "filter[name[0]]": "x=y&z",
        "filter[on]": "true",
        "tree": '{"shape":{"kinds":["ü&"]},"inner":[{"shape":{}}]}',
        "plain": "a b",
    }
    assert sent.headers["x-spot"] == "row,2"
    assert sent.headers["x-exploded"] == "a=1,b=c=d"
    assert sent.headers["x-json"] == '{"\\u00fc":[1,{}]}'
    assert sent.headers["cookie"] == "spot=row,1,bed,a%2Cb"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"filter_": {"a": {"b": 1}}}, "filter_/a: expected a plain value, got object"),
        ({"shape": {"kinds": ["x"]}}, "shape: expected ShapeFilter, got dict"),
        ({"bars": {"a": "b|c"}}, r"bars: an element holds '\\|', which separates the elements"),
        ({"size": {"a": "b"}}, "size/a: expected integer, got string"),
        ({"x_exploded": {"a": "b,c"}}, "x_exploded: an element holds a comma"),
        ({"x_exploded": {"a\r\nX": "b"}}, "x_exploded: cannot be sent in a header"),
        ({"x_json": {"a": float("nan")}}, "x_json: is not JSON"),
        ({"x_json": {"a": "\ud800"}, "plain": "\ud800"}, "plain: contains half of a surrogate pair"),
    ],
)
def test_object_that_cannot_be_written_is_refused(
    run: Callable[..., Any], api: ModuleType, server: Any, arguments: dict[str, Any], said: str
) -> None:
    """What a style cannot carry is refused before anything is sent, nested values among it."""
    spot = api.Spot(row=1)

    with pytest.raises(api.InvalidArgumentError, match=said):
        run(lambda client: client.searches.run(spot, spot, **arguments))

    assert server.requests == []


def test_nested_value_of_a_model_in_a_query_is_refused(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """No style of objects says how an array inside one is written."""
    with pytest.raises(api.InvalidArgumentError, match="shape/kinds: expected a plain value, got array"):
        run(lambda client: client.searches.run(api.Spot(row=1), api.Spot(row=1), shape=api.ShapeFilter(kinds=["x"])))
    with pytest.raises(api.InvalidArgumentError, match="where: '' would change the path"):
        run(lambda client: client.searches.run(api.Spot(), api.Spot(row=1)))


LOGIN = ("gärtner", "pass:wörter")


@pytest.mark.parametrize(
    "login",
    [LOGIN, "gärtner:pass:wörter", lambda: LOGIN, lambda: "gärtner:pass:wörter"],
    ids=lambda one: type(one).__name__,
)
def test_user_name_and_password_are_sent(run: Callable[..., Any], server: Any, login: Any) -> None:
    """A pair or a text with a colon, or a function that gives one, becomes one header in UTF-8 (RFC 7617)."""
    run(lambda client: client.gate.pass_basic(), login=login, key=None)

    assert server.requests[0].headers["authorization"] == "Basic Z8OkcnRuZXI6cGFzczp3w7ZydGVy"


def test_user_name_and_password_come_from_the_environment(
    run: Callable[..., Any], server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One variable holds both."""
    monkeypatch.setenv("GOLDEN_LOGIN", "gärtner:pass:wörter")

    run(lambda client: client.gate.pass_basic(), key=None)

    assert server.requests[0].headers["authorization"] == "Basic Z8OkcnRuZXI6cGFzczp3w7ZydGVy"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"login": "gärtner"}, "login: has no colon, or contains a character that cannot be sent; give a tuple"),
        ({"login": ("a:b", "c")}, "login: has a colon in the user name"),
        ({"login": ("a", "b\n")}, "login: has no colon, or contains a character that cannot be sent"),
        ({"login": ("a", "b", "c")}, "login: is not a pair of texts; give a tuple of user name and password"),
        ({"login": ("a", 7)}, "login: is not a pair of texts"),
        ({"login": 7}, "login: is of the type int; give a tuple of user name and password"),
        ({"login": ("", "")}, "login: is empty"),
        ({"login": ("a", "\ud800")}, "login: has no colon, or contains a character that cannot be sent"),
        ({"login": "https://a"}, "login: is a URL"),
        ({"key": ("a", "b")}, "key: is of the type tuple; give str"),
        ({"query_key": "a b"}, "query_key: contains a character that no key has"),
        ({"cookie_key": "a;b"}, "cookie_key: contains a character that cannot be sent in a cookie"),
    ],
)
def test_credential_that_cannot_be_sent_is_refused(api: ModuleType, given: dict[str, Any], said: str) -> None:
    """Each way to send a credential has its own characters; no message shows the credential."""
    with pytest.raises(api.ConfigurationError, match=said) as caught:
        api.GoldenClient(**given)

    assert "gärtner" not in str(caught.value)


def test_password_may_be_missing(run: Callable[..., Any], server: Any, api: ModuleType) -> None:
    """Some services take a key as the user name, and no password."""
    with pytest.raises(api.StormError, match="No: .redacted.: /v2"):
        run(lambda client: client.gate.pass_basic(), login=("secret-key-1", ""), key=None)

    assert server.requests[0].headers["authorization"] == "Basic c2VjcmV0LWtleS0xOg=="


def test_key_is_sent_in_a_cookie_beside_another_one(run: Callable[..., Any], server: Any) -> None:
    """A cookie of the document's and the key share a header; the other key of the same alternative goes along."""
    found = run(lambda client: client.gate.pass_cookie(from_="here"), cookie_key="cookie-key-1")
    run(lambda client: client.gate.pass_cookie(), cookie_key="cookie-key-1")

    assert found == {"key": server.key, "from": "here", "gate-session": "cookie-key-1"}
    assert server.requests[1].headers["cookie"] == "gate-session=cookie-key-1"


def test_key_in_a_query_is_sent_and_shown_nowhere(
    run: Callable[..., Any], api: ModuleType, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs, httpx's own among them, nor events and errors show a key that is part of the URL."""
    caplog.set_level("DEBUG")
    events: list[Any] = []
    options: dict[str, Any] = {"key": None, "on_event": events.append}

    run(lambda client: client.gate.pass_query(through="a&b"), query_key="query/key+1", **options)
    with pytest.raises(api.StormError) as refused:
        run(lambda client: client.gate.pass_query(), query_key="wrong/key+1", **options)
    with pytest.raises(api.TransportError) as lost:
        run(
            lambda client: client.gate.pass_query(),
            query_key="wrong/key+1",
            endpoint="http://127.0.0.1:9",
            **options,
        )

    assert [one.target for one in server.requests] == [
        "/v2/gate/doors/query?through=a%26b&key%262=query%2Fkey%2B1",
        "/v2/gate/doors/query?key%262=wrong%2Fkey%2B1",
    ]
    assert "HTTP Request: GET" in caplog.text
    for text in (caplog.text, repr(events), *(_shown(one.value) for one in (refused, lost))):
        assert "key+1" not in text
        assert "key%2B1" not in text


def _shown(error: BaseException) -> str:
    """All that a reporter shows of an error and its causes: texts, attributes, and the locals of its frames."""
    shown = ""
    one: BaseException | None = error
    while one is not None:
        frames = [frame for frame, _ in traceback.walk_tb(one.__traceback__) if "tests" not in frame.f_code.co_filename]
        shown += f"{one!r} {vars(one)} {[frame.f_locals for frame in frames]}"
        one = one.__cause__ or one.__context__
    return shown


def test_key_in_a_query_is_shown_by_no_client_of_the_caller(
    api: ModuleType, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The URL that hooks and instrumentation see is shown without it, and sent with it; their parameters are kept."""
    caplog.set_level("DEBUG")
    seen: list[str] = []

    def note(request: httpx.Request) -> None:
        seen.extend((f"{request.url}", repr(request.url), repr(request)))

    with (
        httpx.Client(event_hooks={"request": [note]}, params={"own": "1"}) as http_client,
        api.GoldenClient(query_key="query/key+1", endpoint=server.url, http_client=http_client) as client,
    ):
        client.gate.pass_query()

    assert server.requests[0].query == {"key&2": ["query/key+1"], "own": ["1"]}
    assert seen[0].endswith("/v2/gate/doors/query?own=***&key%262=***")
    assert "key%2B1" not in "".join(seen) + caplog.text


def test_client_without_credentials_calls_what_needs_none(
    run: Callable[..., Any], api: ModuleType, server: Any
) -> None:
    """`{}` among the alternatives lets a request go without a credential; what was given is sent anyway."""
    assert run(lambda client: client.gate.pass_open(), key=None) == {"": "", "key": "none"}
    assert run(lambda client: client.gate.pass_open()) == {"": "", "key": server.key}
    with pytest.raises(api.ConfigurationError, match="Gate_passQuery: needs queryKey; give it to the client"):
        run(lambda client: client.gate.pass_query(), key=None)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("pass_basic", {"login": ("anybody", "golden:key")}),
        ("pass_basic", {"login": ("golden", "key")}),
        ("pass_query", {"query_key": "golden:key"}),
        ("pass_cookie", {"cookie_key": "golden:key", "key": "golden:key"}),
    ],
)
def test_emulator_reads_every_credential(api: ModuleType, call: str, given: dict[str, Any]) -> None:
    """The emulator checks keys in every place, and notes requests without them."""
    emulator = importlib.import_module("golden_api.testing").Emulator(key="golden:key")
    client = api.GoldenClient(http_client=emulator.http_client(), **given)
    wrong = api.GoldenClient(http_client=emulator.http_client(), **dict.fromkeys(given, "a:b"))

    getattr(client.gate, call)()

    with pytest.raises(api.StormError, match="status 401"):
        getattr(wrong.gate, call)()
    shown = emulator.requests[0].url + repr(emulator.requests[0].headers)
    assert "golden:" not in shown
    assert "golden%3A" not in shown


def test_endpoint_of_the_caller_is_where_everything_is_called(run: Callable[..., Any], server: Any) -> None:
    """An operation with a server of its own keeps its path there; nothing goes to a host that was not named."""
    assert run(lambda client: client.files.get("a")) == {"path": "/v1/files/a"}
    assert run(lambda client: client.files.note("a")) == {"path": "/v3/files/a"}


def test_operation_is_called_at_its_own_server(api: ModuleType) -> None:
    """Without an endpoint, each operation is called where the document says."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={})

    with api.GoldenClient(key="k", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as client:
        client.files.get("a")
        client.files.note("a")
        client.gate.pass_open()

    assert seen == [
        "https://files.plants.example/v1/files/a",
        "https://plants.example/v3/files/a",
        "https://plants.example/v2/gate/doors/open",
    ]
    assert "GET https://files.plants.example/v1/files/{name}" in client.files.get.__doc__


def test_readme_names_the_other_servers(source: Path) -> None:
    """The client calls the first server; the others are there to be chosen."""
    readme = (source.parent / "README.md").read_text(encoding="utf-8")

    assert "south.plants.example" in readme
    assert "The other garden" in readme


def test_emulator_has_the_operations_of_other_servers(api: ModuleType) -> None:
    """The emulator answers for all hosts of the document, at the paths of their servers."""
    emulator = importlib.import_module("golden_api.testing").Emulator(key="k")

    with api.GoldenClient(key="k", http_client=emulator.http_client()) as client:
        client.files.get("a")

    assert emulator.requests[0].url == "https://files.plants.example/v1/files/a"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_default_client_sends_to_all_hosts_of_the_document_and_no_other(
    tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch, *, asynchronous: bool
) -> None:
    """Each host has connections of its own; without a server of the document, the first one of a path is its server."""
    name = f"two_hosts_{asynchronous}".lower()
    responses = {"200": {"description": "", "content": {"application/json": {"schema": {}}}}}
    with GoldenServer() as other:
        paths = {
            f"/files/{word}": {
                "get": {"operationId": word, "responses": responses, "security": [{"k": []}]},
                "servers": [{"url": f"{one.url}/v1"}],
            }
            for word, one in {"here": server, "there": other}.items()
        }
        schemes = {"k": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
        raw = {"openapi": "3.1.0", "info": {"title": name, "version": "1"}, "paths": paths}
        (tmp_path / "two.json").write_text(json.dumps(raw | {"components": {"securitySchemes": schemes}}))
        generate(tmp_path / "two.json", tmp_path / "package")
        monkeypatch.syspath_prepend(str(tmp_path / "package" / "src"))
        two = importlib.import_module(name)
        make = getattr(two, f"{'Async' if asynchronous else ''}TwoHosts{asynchronous}Client")

        async def call_both() -> None:
            async with make("golden-key") as client:
                await client.default.here()
                await client.default.there()

        if asynchronous:
            asyncio.run(call_both())
        else:
            with make("golden-key") as client:
                client.default.here()
                client.default.there()

        assert [one.target for one in server.requests] == ["/v1/files/here"]
        assert [one.target for one in other.requests] == ["/v1/files/there"]


def test_scheme_that_no_operation_needs_may_be_left_out(tmp_path: Path) -> None:
    """Credentials are optional then; the example shows a user name and a password as the pair that they are."""
    operation = {"operationId": "look", "responses": {"204": {"description": ""}}}
    raw = {
        "openapi": "3.1.0",
        "info": {"title": "Optional", "version": "1"},
        "paths": {"/look": {"get": operation}},
        "components": {"securitySchemes": {"login": {"type": "http", "scheme": "basic"}}},
    }
    (tmp_path / "optional.json").write_text(json.dumps(raw))

    files = build(tmp_path / "optional.json")

    assert "anonymous=True" in files["src/optional/client/service.py"]
    assert 'with OptionalClient(("<user>", "<password>"), endpoint=' in files["src/optional/client/sync.py"]
