"""Both packages of a bump make the same calls, and everything that a caller or the service notices is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from strict_clients.bump.documents import Difference
from strict_clients.bump.play.named import named
from strict_clients.bump.play.run import PlayFailed, Side, play
from strict_clients.bump.rating import Rating
from strict_clients.check.places import METHODS

from .cases import RELEASED
from .changes import document, patched
from .playing import plan_here, play_here, play_lines, read, render

GOLDEN = Path(__file__).parents[1] / "golden" / "golden.yaml"
BASE = read()
LIST, ADD, LOG = (
    "/paths/~1harbours~1{harbour}~1boats/get",
    "/paths/~1boats/post",
    "/paths/~1harbours~1{harbour}~1log/get",
)
BOAT, NEW_BOAT = "/components/schemas/Boat", "/components/schemas/NewBoat"
JSON = "requestBody/content/application~1json"

Change = dict[str, Any]


def add(path: str, value: Any) -> Change:
    """A part that comes."""
    return {"op": "add", "path": path, "value": value}


def replace(path: str, value: Any) -> Change:
    """A part that changes."""
    return {"op": "replace", "path": path, "value": value}


def remove(path: str) -> Change:
    """A part that goes."""
    return {"op": "remove", "path": path}


def pump(name: str) -> Change:
    """An operation that is told from its twin by its path alone."""
    operation = {"operationId": f"Pump_{name}", "tags": ["Pump"], "responses": {"204": {"description": "It does."}}}
    return add(f"/paths/~1pump~1{name}", {"post": operation})


PAGED = [
    add(f"{LOG}/x-pagination", {"style": "token", "cursor": "page", "items": "/boats", "cursor-at": "/next"}),
    add(f"{LOG}/parameters/-", {"name": "page", "in": "query", "schema": {"type": "string"}}),
    add("/components/schemas/Log/required", ["boats", "sunk"]),
    add("/components/schemas/Log/properties/sunk", {"type": "array", "items": {"$ref": f"#{BOAT}"}}),
    add("/components/schemas/Log/properties/next", {"type": "string"}),
]
MANY = add(
    f"{LOG}/parameters/-", {"name": "kinds", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
)
ERRORS = f"{ADD}/responses/409/x-error"
FULL = {"class": "HarbourFullError", "summary": "It is full; wait.", "when": {"/code": ["Full"]}}
LATE = {"class": "TooLateError", "summary": "It is late; come back.", "when": {"/code": ["Full"]}}
TASTE = {
    "get": {
        "operationId": "Harbours_taste",
        "tags": ["Harbours"],
        "responses": {
            "200": {
                "description": "It.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Taste"}}},
            }
        },
    }
}
# Of this schema, the emulator makes no value that fits it.
ENDLESS = {"type": "object", "required": ["inner"], "properties": {"inner": {"$ref": "#/components/schemas/Taste"}}}

ROWS: dict[str, tuple[list[Change], list[Change], str, str]] = {
    "two operations swap their paths": (
        [pump("start"), pump("stop")],
        [
            replace("/paths/~1pump~1start/post/operationId", "Pump_stop"),
            replace("/paths/~1pump~1stop/post/operationId", "Pump_start"),
        ],
        "major",
        "path does what client.pump.stop did, in client.pump.start",
    ),
    "the items are those of another list": (
        PAGED,
        [replace(f"{LOG}/x-pagination/items", "/sunk")],
        "major",
        "Page.items is a list of 0 items, and was one of 2, in client.harbours.log",
    ),
    "the items have another place": (
        PAGED,
        [
            replace(f"{LOG}/x-pagination/items", "/ships"),
            replace(f"{LOG}/x-pagination/cursor-at", "/more"),
            {
                "op": "move",
                "from": "/components/schemas/Log/properties/boats",
                "path": "/components/schemas/Log/properties/ships",
            },
            {
                "op": "move",
                "from": "/components/schemas/Log/properties/next",
                "path": "/components/schemas/Log/properties/more",
            },
            replace("/components/schemas/Log/required", ["ships", "sunk"]),
        ],
        "nothing",
        "",
    ),
    "an answer is a list of pages no more": (
        PAGED,
        [remove(f"{LOG}/x-pagination")],
        "major",
        "client.harbours.log is of type Log, and was of type list",
    ),
    "a spelling is not read": (
        [],
        [remove(f"{BOAT}/properties/builtOn")],
        "major",
        "Boat.built no longer has a value, in client.boats.list and 2 more",
    ),
    "a status is not documented any more": (
        [],
        [remove(f"{LIST}/responses/404")],
        "major",
        "client.boats.list raises UnexpectedStatusError, which is not a NoHarbourError",
    ),
    "a status is documented": (
        [],
        [
            add(
                f"{LIST}/responses/409",
                {"description": "No.", "x-error": [{"class": "BusyError", "summary": "It is busy."}]},
            )
        ],
        "minor",
        "client.boats.list raises BusyError, which is not a UnexpectedStatusError",
    ),
    "a class for a code that the old document does not know": (
        [],
        [add(f"{ERRORS}/0", FULL)],
        "major",
        "client.boats.add raises HarbourFullError, which is not a BoatExistsError",
    ),
    "two classes of one code swap their places": (
        [add(f"{ERRORS}/0", FULL), add(f"{ERRORS}/1", LATE)],
        [{"op": "move", "from": f"{ERRORS}/1", "path": f"{ERRORS}/0"}],
        "major",
        "client.boats.add raises TooLateError, which is not a HarbourFullError",
    ),
    "the code of errors is read elsewhere": (
        [],
        [replace("/x-error-body/code", ["/reason"])],
        "major",
        "NoHarbourError.code no longer has a value, in client.boats.list",
    ),
    "the header of waits has another name": (
        [],
        [replace("/x-wait-hints/headers/0/name", "X-Wait")],
        "minor",
        "NoHarbourError.wait no longer has a value, in client.boats.list",
    ),
    "another path": (
        [],
        [{"op": "move", "from": "/paths/~1boats", "path": "/paths/~1ships"}],
        "minor",
        "path is another one, in client.boats.add",
    ),
    "another verb, which is repeated": (
        [],
        [{"op": "move", "from": ADD, "path": "/paths/~1boats/put"}],
        "minor",
        "client.boats.add is sent 2 times, and was sent 1 times",
    ),
    "another host": (
        [],
        [replace("/servers/0/url", "https://{shore}.example.org/lake/v1")],
        "major",
        "host is another one, in client.boats.list and 2 more",
    ),
    "a region is gone": (
        [],
        [
            replace("/servers/0/variables/shore/enum", ["north"]),
            remove("/servers/0/variables/shore/x-display-names/south"),
        ],
        "major",
        "client.boats.list raises AttributeError before anything is sent",
    ),
    "an argument goes into a header": (
        [],
        [replace(f"{LIST}/parameters/2/in", "header")],
        "minor",
        "query before is sent under another name, in client.boats.list",
    ),
    "an argument is written in another way": (
        [MANY],
        [add(f"{LOG}/parameters/1/explode", False)],
        "minor",
        "query kinds is written in another way, in client.harbours.log",
    ),
    "a member of an enum means something else": (
        [],
        [replace("/components/schemas/Colour/enum", ["crimson", "green"])],
        "major",
        "query colour means something else, in client.boats.list",
    ),
    "a field of a request is only answered": (
        [],
        [add(f"{NEW_BOAT}/properties/length/readOnly", True)],
        "major",
        "body.length is no longer sent, in client.boats.add",
    ),
    "a body of another type": (
        [],
        [
            {
                "op": "move",
                "from": f"{ADD}/{JSON}",
                "path": f"{ADD}/requestBody/content/application~1x-www-form-urlencoded",
            }
        ],
        "major",
        "body is of another media type, in client.boats.add",
    ),
    "an argument is refused": (
        [],
        [add(f"{NEW_BOAT}/required/-", "length")],
        "major",
        "client.boats.add raises TypeError before anything is sent",
    ),
    "another credential": (
        [],
        [replace("/security", [{"token": []}])],
        "major",
        "client.boats.list raises ConfigurationError before anything is sent",
    ),
    "another credential is sent": (
        [replace("/security", [{"apiKey": [], "token": []}])],
        [replace("/security", [{"token": []}])],
        "minor",
        "header x-key is a credential that is no longer sent, in client.boats.list and 2 more",
    ),
    "a value of another type": (
        [],
        [replace(f"{BOAT}/properties/state", {"type": "string"})],
        "major",
        "Boat.state is of type str, and was of type State, in client.boats.list and 2 more",
    ),
    "a field is required": (
        [],
        [add(f"{BOAT}/properties/mast", {"type": "string"}), add(f"{BOAT}/required/-", "mast")],
        "minor",
        "Boat.mast is new, and has a value, in client.boats.list and 2 more",
    ),
    "a success of another status": (
        [],
        [{"op": "move", "from": f"{ADD}/responses/201", "path": f"{ADD}/responses/200"}],
        "nothing",
        "",
    ),
    "an operation is a stub": (
        [],
        [add(f"{LOG}/x-removed", {"last-version": "1.0"}), add(f"{LOG}/deprecated", True)],
        "major",
        "client.harbours.log raises OperationRemovedError before anything is sent",
    ),
    "an operation is gone": (
        [],
        [remove("/paths/~1harbours~1{harbour}~1log")],
        "major",
        "client.harbours.log raises AttributeError before anything is sent",
    ),
    "a new operation that its own emulator fails": (
        [],
        [add("/components/schemas/Taste", ENDLESS), add("/paths/~1taste", TASTE)],
        "minor",
        "client.harbours.taste raises DecodeError with the emulator of the new document",
    ),
}

Sides = Callable[[Any], Side]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """The packages of documents, each rendered once."""
    folder, numbers, known = tmp_path_factory.mktemp("sides"), count(), dict[str, Side]()

    def find(raw: Any) -> Side:
        key = json.dumps(raw)
        if key not in known:
            known[key] = render(raw, folder / str(next(numbers)))
        return known[key]

    return find


@pytest.mark.parametrize(("before", "patch", "rating", "title"), ROWS.values(), ids=ROWS.keys())
def test_change_is_found(sides: Sides, before: list[Change], patch: list[Change], rating: str, title: str) -> None:
    """A play alone gives the change its rating, and says what it is."""
    old = patched(BASE, before)

    played = play_here(sides(old), sides(patched(old, patch)))

    assert played.rating.word == rating
    assert not title or title in [one.title for one in played.findings if one.rating is played.rating]


def test_bump_that_changes_nothing_plays_without_a_finding(sides: Sides) -> None:
    """In processes of their own, as a bump does: every operation was played."""
    side = sides(BASE)

    played = play(side, side)

    assert (played.findings, played.operations, played.unplayed) == ((), 3, {})
    assert played.rating is Rating.NOTHING
    assert played.calls > 50


@pytest.mark.parametrize("path", [RELEASED, GOLDEN], ids=["face-audit", "golden"])
def test_documents_of_this_repository_play_against_themselves(path: Path, tmp_path: Path) -> None:
    """Every operation and every feature of a document is played, and two players of one package meet the same."""
    raw = read(path)
    side = render(raw, tmp_path / "side")

    played = play_here(side, side)

    verbs = [
        verb for item in raw["paths"].values() for verb in item.keys() & set(METHODS) if "x-removed" not in item[verb]
    ]
    assert (played.findings, played.unplayed) == ((), {})
    assert played.operations == len(verbs)


def test_both_clients_log_in_where_tokens_are_asked_for(sides: Sides) -> None:
    """What gives tokens is of the client's kind, at an endpoint that may take them; the emulator takes them, too."""
    scheme = {"type": "http", "scheme": "bearer", "x-token-credential": {"scopes": {"*.example.com": "lake"}}}
    side = sides(
        patched(BASE, [replace("/components/securitySchemes/token", scheme), replace("/security", [{"token": []}])])
    )

    lines = [json.loads(line) for line in play_lines(side, plan_here(side))]

    sent = [request for line in lines for request in line.get("requests", [])]
    assert {request["headers"]["authorization"] for request in sent} == {"Bearer secret-token"}
    assert "https://play.example" in {request["origin"] for request in sent}
    assert [line["error"] for line in lines if "emulated" in line] == [None] * 4


def test_operation_without_a_value_is_listed(sides: Sides) -> None:
    """No text is made up for such a pattern, and so the operation has no calls; where it may be left out, it has."""
    schema = {"type": "string", "pattern": "^(?=.*9)[a-z0-9]{4}$"}
    optional = add(f"{LOG}/parameters/-", {"name": "code", "in": "query", "schema": schema})
    needed = add(f"{LIST}/parameters/-", {"name": "code", "in": "query", "required": True, "schema": schema})
    field = add(f"{NEW_BOAT}/properties/code", {"oneOf": [schema, schema]})
    # Such a text begins with a blank, which no header carries.
    header = add(
        f"{LOG}/parameters/-", {"name": "X-Code", "in": "header", "schema": {"type": "string", "pattern": "^ a$"}}
    )
    side = sides(patched(BASE, [optional, needed, field, header]))

    played = play_here(side, side)

    assert list(played.unplayed) == ["client.boats.list", "client.boats.list_page"]
    assert played.unplayed["client.boats.list"] == "code: no text is made for the pattern '^(?=.*9)[a-z0-9]{4}$'"
    assert played.operations == 2


def test_operation_without_an_answer_is_listed(sides: Sides) -> None:
    """Its items lead to themselves without end, and the document shows none."""
    items = replace("/components/schemas/Log/properties/boats/items", {"$ref": "#/components/schemas/Taste"})
    side = sides(patched(BASE, [*PAGED, add("/components/schemas/Taste", ENDLESS), items]))

    played = play_here(side, side)

    assert played.findings == ()
    assert set(played.unplayed.values()) == {"no answer is made for its schema"}
    assert played.operations == 2


def differ(pointer: str, *, rating: Rating = Rating.MAJOR, name: str = "") -> Difference:
    """A difference at this place, whose reason is the place."""
    return Difference(
        pointers=(pointer,), name=name, item="", was=1, now=2, rating=rating, ours=rating, redocly=None, why=pointer
    )


@pytest.fixture(scope="module")
def broken(sides: Sides) -> Callable[..., set[str]]:
    """Says which of some differences name the breaks of a bump that drops a spelling."""
    new = patched(BASE, [remove(f"{BOAT}/properties/builtOn")])
    played = play_here(sides(BASE), sides(new))

    def names(*differences: Difference) -> set[str]:
        found = named(played, differences, document(BASE), document(new)).findings
        return {one.named for one in found if one.rating is Rating.MAJOR}

    return names


@pytest.mark.parametrize(
    "pointer", [f"{BOAT}/properties/builtOn", BOAT, f"{LIST}/responses/200", "/paths/~1harbours~1{harbour}~1boats"]
)
def test_finding_is_named_by_a_difference_of_its_operation(broken: Callable[..., set[str]], pointer: str) -> None:
    """Inside of it, around it, or in a part that it refers to."""
    assert broken(differ(pointer)) == {pointer}


@pytest.mark.parametrize("pointer", ["/components/schemas/Boa", "/tags/0", "/servers/0/url", ""])
def test_finding_is_not_named_by_a_difference_elsewhere(broken: Callable[..., set[str]], pointer: str) -> None:
    """What all calls share names only what can come of it, and no field of an answer."""
    assert broken(differ(pointer)) == {""}


def test_finding_is_not_named_by_a_lower_rating(broken: Callable[..., set[str]]) -> None:
    """A lower rating of the same place is another opinion."""
    assert broken(differ(BOAT, rating=Rating.MINOR)) == {""}


def test_finding_is_named_by_its_own_attribute_first(broken: Callable[..., set[str]]) -> None:
    """The reason is that of the attribute, where one has it."""
    own = differ(f"{BOAT}/properties/built", name="Boat.built")

    assert broken(differ(LIST), own) == {own.pointers[0]}


def test_finding_of_all_calls_is_named_by_what_they_share(sides: Sides) -> None:
    """Another host is the doing of the server, and not of the security."""
    new = patched(BASE, [replace("/servers/0/url", "https://{shore}.example.org/lake/v1")])
    differences = [differ("/security"), differ("/servers/0/url")]

    found = named(play_here(sides(BASE), sides(new)), differences, document(BASE), document(new))

    assert [(one.place, one.named) for one in found.findings] == [("host", "/servers/0/url")]
    assert found.own == ()


def test_package_that_cannot_be_imported_stops_the_play(tmp_path: Path) -> None:
    """The reason of its process is told."""
    side = Side(tmp_path, "nothing_api")

    with pytest.raises(PlayFailed, match=r"nothing_api cannot be played \(ModuleNotFoundError: No module named 'not"):
        play(side, side)


def test_process_that_dies_stops_the_play(tmp_path: Path) -> None:
    """One that says nothing is told by its exit code."""
    (tmp_path / "dying_api").mkdir()
    (tmp_path / "dying_api" / "__init__.py").write_text("import os\n\nos._exit(3)\n", encoding="utf-8")
    side = Side(tmp_path, "dying_api")

    with pytest.raises(PlayFailed, match="dying_api cannot be played .its process ended with 3.; import it, and call"):
        play(side, side)
