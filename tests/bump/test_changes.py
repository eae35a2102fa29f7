"""Each single change of a document gets the rating that its callers would give it."""

from __future__ import annotations

import pytest

from strict_clients.bump.change import Change
from strict_clients.bump.differ import Finding, read
from strict_clients.bump.documents import Difference, compare
from strict_clients.bump.form import form
from strict_clients.bump.rating import Rating
from strict_clients.bump.rules import judge
from strict_clients.bump.uses import Uses
from strict_clients.check.places import Place
from strict_clients.load import load

from .cases import Recordings
from .changes import HERE, Row, document, has, patched, rows

ROWS = rows()
BASE = load(HERE / "documents" / "base.yaml")
POST = "/paths/~1boats/post"
RECORDED = Recordings.kept()
FOUND: dict[str, tuple[Difference, ...]] = {}


def highest(words: list[str]) -> str:
    """The highest of these ratings."""
    return max((Rating.of(word) for word in words), default=Rating.NOTHING).word


def differences(row: Row) -> tuple[Difference, ...]:
    """What our rules and Redocly find of a row, compared once for all tests."""
    if row.name not in FOUND:
        FOUND[row.name] = compare(*row.forms, read(RECORDED.of(*row.forms)))
    return FOUND[row.name]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_change_is_rated_as_the_table_says(row: Row) -> None:
    """Redocly alone, our rules alone, and both together with the reason why one of them wins."""
    report = RECORDED.of(*row.forms)

    found = differences(row)

    assert report.get("bump", "nothing") == row.redocly
    assert highest([one.ours.word for one in found if one.ours is not None]) == row.ours
    assert highest([one.rating.word for one in found]) == row.verdict


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_difference_says_where_why_and_what_instead(row: Row) -> None:
    """No difference goes without its place and reason, and no break without what to write instead."""
    for one in differences(row):
        assert one.why
        assert one.pointers
        assert one.was != one.now
        assert one.ours is not None, f"only Redocly sees {one.pointers}"
        assert bool(one.instead) >= (one.rating is Rating.MAJOR)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_differ_is_overruled_knowingly(row: Row) -> None:
    """A change is rated below Redocly's rating only by a rule of ours that says why; the rest take the higher one."""
    found = differences(row)

    assert Rating.of(row.verdict) >= max((one.ours or Rating.NOTHING for one in found), default=Rating.NOTHING)
    assert Rating.of(row.verdict) >= Rating.of(row.surface)


def test_table_holds_thirty_changes_and_more() -> None:
    """Every change of the table is another one, and every rating is given to several."""
    assert len({row.name for row in ROWS}) == len(ROWS) >= 30
    for rating in (Rating.PATCH, Rating.MINOR, Rating.MAJOR):
        assert sum(row.verdict == rating.word for row in ROWS) >= 10


def test_table_shows_what_the_differ_misses() -> None:
    """Redocly alone passes changes that break callers: regions, defaults, tags and names of components among them."""
    missed = {row.name for row in ROWS if row.verdict == "major" and row.redocly in {"nothing", "patch"}}

    assert {
        "region removed",
        "default of a parameter changed",
        "operation moved to another tag",
        "component renamed",
        "error class renamed",
        "pagination cursor changed",
        "environment variable renamed",
    } <= missed


REQUEST = f"{POST}/requestBody/content/application~1json/schema"
ANSWER = f"{POST}/responses/201/content/application~1json/schema"
LIST = "/paths/~1harbours~1{harbour}~1boats/get"
TEXT = {"type": "string"}
BOAT = {"$ref": "#/components/schemas/Boat"}
TOKEN = "/components/securitySchemes/token"
BEARER = {"type": "http", "scheme": "bearer"}
ERRORS = f"{POST}/responses/409/x-error"
TAKEN = {"class": "BoatExistsError", "summary": "The boat exists.", "wait-attribute": "retry_after"}


def giving(**hosts: dict[str, str]) -> dict[str, object]:
    """A scheme of what gives tokens for these hosts."""
    return {**BEARER, "x-token-credential": hosts}


def body_of_error(schema: object) -> object:
    """A response that describes an error without `x-error`."""
    return {"description": "It failed.", "content": {"application/json": {"schema": schema}}}


@pytest.mark.parametrize(
    ("path", "was", "now", "rating", "why"),
    [
        (f"{POST}/responses/201/content", {"image/png": {"schema": TEXT}},
         {"image/png": {"schema": {**TEXT, "contentMediaType": "image/png"}}}, Rating.MINOR, "no rule"),
        (f"{POST}/responses/201/content", {"text/plain": {}}, {"image/png": {}}, Rating.MAJOR, "content is image/png"),
        (REQUEST, TEXT, {**TEXT, "maxLength": 3}, Rating.MAJOR, "the body of client.boats.add: values that were sent"),
        (ANSWER, TEXT, {"type": "integer"}, Rating.MAJOR, "the answer of client.boats.add is integer"),
        (ANSWER, TEXT, {**TEXT, "title": "Name"}, Rating.PATCH, "written differently"),
        (REQUEST, {"type": "integer"}, {"type": ["integer", "string"]}, Rating.MINOR, "takes more types"),
        (REQUEST, {"type": "array"}, {"type": "array", "uniqueItems": True}, Rating.MAJOR, "values that were sent"),
        (REQUEST, {**TEXT, "nullable": True}, TEXT, Rating.MAJOR, "is no longer null"),
        (REQUEST, TEXT, {**TEXT, "writeOnly": True}, Rating.PATCH, "never go that way"),
        (REQUEST, {"anyOf": [TEXT]}, {"anyOf": [TEXT, {"type": "integer"}]}, Rating.MINOR, "takes more types"),
        (REQUEST, {"anyOf": [BOAT, TEXT]}, {"anyOf": [BOAT]}, Rating.MAJOR, "of another type (anyOf)"),
        (REQUEST, {"anyOf": [BOAT]}, {"anyOf": [BOAT, TEXT]}, Rating.MINOR, "takes one more type"),
        (REQUEST, TEXT, {**TEXT, "const": "a"}, Rating.MAJOR, "of another type (const)"),
        ("/components/schemas/State", {**TEXT, "enum": ["a"]}, TEXT, Rating.MAJOR, "became an enum, or is none"),
        (f"{LIST}/parameters/5/name", "xTrace", "XTRACE", Rating.MAJOR, "client.boats.list(x_trace=...) has another"),
        ("/components/responses/NotFound/content/application~1json/schema", TEXT, {"type": "integer"}, Rating.PATCH,
         "written differently"),
        ("/components/responses/NotFound", body_of_error(TEXT), body_of_error({"type": "integer"}), Rating.MAJOR,
         "/components/responses/NotFound/content/application~1json/schema is integer, and was string"),
        ("/servers", [{"url": "/v1"}], [{"url": "https://lake.example.com/v1"}], Rating.MINOR, "names a host"),
        ("/servers", [{"url": "https://lake.example.com/v1"}], [{"url": "/v1"}], Rating.MAJOR, "no longer names"),
        (ERRORS, [{**TAKEN, "wait-type": "seconds"}], [{**TAKEN, "wait-type": "timedelta"}], Rating.MAJOR,
         "another name or unit"),
        (REQUEST, {"type": "number", "exclusiveMaximum": 5}, {"type": "number", "maximum": 5}, Rating.MINOR,
         "values that were refused are sent"),
        (f"{POST}/responses/201/content", {"application/json": {"schema": BOAT}},
         {"application/json; charset=utf-8": {"schema": BOAT}}, Rating.PATCH, "the content is the same one"),
        (f"{POST}/responses/201/headers", {"Etag": {"schema": TEXT}}, {"Etag": {"schema": {"type": "integer"}}},
         Rating.PATCH, "headers of answers are text"),
        (f"{POST}/responses/201/headers", {"X-Lake": {"schema": TEXT}}, {}, Rating.MAJOR, "X-Lake no more"),
        (TOKEN, BEARER, giving(scopes={}), Rating.MAJOR, "the argument takes what gives tokens"),
        (TOKEN, giving(scopes={"a": "x"}), giving(scopes={"a": "y", "b": "x"}), Rating.MINOR, "at more hosts, or for"),
        (TOKEN, giving(scopes={"a": "x", "b": "x"}), giving(scopes={"b": "x"}), Rating.MAJOR, "known any more at a"),
        (TOKEN, giving(scopes={}), giving(scopes={}, refused={"a": "No."}), Rating.MAJOR, "tokens are refused at a"),
        (TOKEN, giving(scopes={}, refused={"a": "No."}), giving(scopes={}), Rating.MINOR, "tokens are taken at more"),
        (TOKEN, giving(scopes={}, refused={"a": "No."}), giving(scopes={}, refused={"a": "Do."}), Rating.PATCH,
         "what an error advises"),
    ],
)  # fmt: skip
def test_change_of_what_is_not_in_the_table(path: str, was: object, now: object, rating: Rating, why: str) -> None:
    """What the generator refuses today or writes without a name is rated anyway."""
    old, new = (
        form(
            document(patched(BASE.raw, [{"op": "replace" if has(BASE, path) else "add", "path": path, "value": value}]))
        )
        for value in (was, now)
    )

    found = compare(old, new, [])

    assert [one.rating for one in found] == [rating]
    assert why in found[0].why


@pytest.mark.parametrize(
    ("url", "rating", "why"),
    [
        ("https://boats.example.com/v1", Rating.MAJOR, "keys are sent to another host"),
        ("https://lake.example.com/boats", Rating.MINOR, "calls go to /{} of the same host"),
    ],
)
def test_server_of_one_path_is_compared_with_that_of_the_document(url: str, rating: Rating, why: str) -> None:
    """Calls without a server of their own go to the document's; so do those that lose theirs, or get one."""
    lake = {"op": "replace", "path": "/servers", "value": [{"url": "https://lake.example.com/v1"}]}
    boats = {"op": "add", "path": "/paths/~1boats/servers", "value": [{"url": url}]}
    general, own = (form(document(patched(BASE.raw, patch))) for patch in ([lake], [lake, boats]))

    (gained,), (lost,) = compare(general, own, []), compare(own, general, [])

    assert (gained.rating, lost.rating) == (rating, rating)
    assert why.format("boats") in gained.why
    assert why.format("v1") in lost.why


def test_default_response_keeps_what_callers_catch() -> None:
    """Its classes are an APIStatusError and a ServerError, as those that were raised without it."""
    described = [{"op": "add", "path": f"{POST}/responses/default", "value": body_of_error(TEXT)}]

    found = compare(form(BASE), form(document(patched(BASE.raw, described))), [])

    assert {(one.rating, one.was, one.now) for one in found} == {
        (Rating.MINOR, "UnexpectedStatusError", "DefaultStatusError"),
        (Rating.MINOR, "ServerError", "DefaultServerError"),
    }


def test_list_that_goes_is_looked_for_among_new_lists() -> None:
    """What has the same type and nearly the same name may be the same thing: told as the guess that it is."""
    new = document(
        patched(
            BASE.raw,
            [
                {"op": "move", "from": "/components/schemas/Log/properties/boats",
                 "path": "/components/schemas/Log/properties/allBoats"},
                {"op": "add", "path": "/components/schemas/Log/properties/number", "value": {"type": "integer"}},
            ],
        )
    )  # fmt: skip

    gone = compare(BASE, new, [])[0]

    assert gone.why == "Log.boats is gone"
    assert gone.instead == "Log.all_boats, which may be the same under another name (a guess: it is of the same type)"


def test_higher_rating_of_the_differ_stands_where_no_rule_settles_it() -> None:
    """Redocly knows rules that we do not; its reason is told."""
    row = next(one for one in ROWS if one.name == "description changed")
    finding = Finding(("/components/schemas/Boat/description",), Rating.MAJOR, "It said another thing.")

    (found,) = compare(*row.forms, [finding])

    assert (found.rating, found.ours, found.redocly) == (Rating.MAJOR, Rating.PATCH, Rating.MAJOR)
    assert found.why == "text for people; code does not see it; Redocly: It said another thing."
    assert found.instead == "a look at this place"


def test_finding_about_a_schema_that_did_not_change_is_no_difference() -> None:
    """The differ compares what two references lead to; that another schema is referred to is told by itself."""
    finding = Finding(("/components/schemas/Berth/properties/number",), Rating.MAJOR, "Property was removed.")

    assert compare(BASE, BASE, [finding]) == ()


@pytest.mark.parametrize(
    ("rating", "message", "why", "instead"),
    [
        (Rating.MAJOR, "It is worse.", "It is worse.", "a look at this place"),
        (Rating.MINOR, "", "only Redocly's differ sees it; look at it", ""),
    ],
)
def test_change_that_only_the_differ_sees_is_told(rating: Rating, message: str, why: str, instead: str) -> None:
    """A place that our own comparison passes over is not passed over."""
    (found,) = compare(BASE, BASE, [Finding(("/nowhere", "/paths/~1boats"), rating, message)])

    assert found.pointers == ("/nowhere", "/paths/~1boats")
    assert (found.rating, found.ours, found.why, found.instead) == (rating, None, why, instead)


def test_header_that_other_answers_describe_is_seen_before_and_after() -> None:
    """Callers see the headers that any answer describes, so one answer less changes nothing for them."""
    gone = Change(kind="header", key="", old=Place("header", "/responses/201/headers/X-Lake", {}), new=None)

    assert judge(gone, Uses(described=frozenset({"x-lake"}))).rating is Rating.PATCH
    assert judge(gone, Uses()).rating is Rating.MAJOR
