"""The harness of `nox -s documents`: what is right passes, and whatever is wrong with a client is noticed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.documents import calls
from tests.documents.calling import Driver, SyncDriver, call_all
from tests.documents.calls import prepare
from tests.documents.cost import Cost
from tests.documents.differences import differences
from tests.documents.document import Document, Operation, read
from tests.documents.expected import Expected, Received, compare
from tests.documents.generating import Generated, Stock, generate
from tests.documents.package import Package
from tests.documents.patterns import text_for
from tests.documents.report import Outcome, Report
from tests.documents.schemas import Recipe
from tests.documents.server import Answer, Server
from tests.documents.styles import in_header, in_path, query_pairs
from tests.documents.values import make

HERE = Path(__file__).parent
LIBRARY = HERE / "invented" / "library.yaml"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The package of the invented document."""
    return generate(LIBRARY, tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def package(generated: Generated) -> Package:
    """The same, imported."""
    sys.path.insert(0, str(generated.source))
    return Package(generated.package)


@pytest.fixture(scope="module")
def document() -> Document:
    """The invented document."""
    return read(LIBRARY)


@pytest.fixture
def driver(package: Package) -> Iterator[Driver]:
    """Calls of the sync client, and a server for them."""
    with Server() as server:
        made = SyncDriver(package, server)
        yield made
        made.close()


def operation_of(document: Document, name: str) -> Operation:
    """The operation of this method and path."""
    return next(one for one in document.operations() if str(one) == name)


def test_right_client_has_no_mismatch(document: Document, package: Package) -> None:
    """Every operation is found and called by both clients, and nothing differs."""
    counts, mismatches = call_all(document, package, variants=4)

    assert mismatches == []
    assert counts == {str(one): 8 for one in document.operations()}


BOOK, REPLACE = "GET /books/{shelf}/{id}", "PUT /books/{shelf}/{id}"


def with_target(pattern: str, replacement: str) -> Callable[[Received], Received]:
    """A change of the path and query."""
    return lambda received: replace(received, target=re.sub(pattern, replacement, received.target, count=1))


def with_content(pattern: bytes, replacement: bytes) -> Callable[[Received], Received]:
    """A change of the body."""
    return lambda received: replace(received, content=re.sub(pattern, replacement, received.content, count=1))


def with_header(name: str, value: str) -> Callable[[Received], Received]:
    """Another header."""
    return lambda received: replace(received, headers={**received.headers, name: value})


def without_secrets(received: Received) -> Received:
    """The same request without its credentials."""
    return replace(received, headers={name: one for name, one in received.headers.items() if "s3cret" not in one})


@pytest.mark.parametrize(
    ("name", "of", "change"),
    [
        (BOOK, "method", lambda received: replace(received, method="POST")),
        (BOOK, "path", with_target("/v1/", "/v2/")),
        (BOOK, "path", with_target("%2F", "/")),
        (BOOK, "query", with_target("&tags=", ",")),
        (BOOK, "query", with_target("sizes=([^,]*),", r"sizes=\1&sizes=")),
        (BOOK, "query", with_target("since=2024", "since=2023")),
        (BOOK, "query", with_target("$", "&more=1")),
        (BOOK, "header X-Reader", with_header("x-reader", "other")),
        (BOOK, "cookies", with_header("cookie", "reader=other")),
        (BOOK, "credentials", without_secrets),
        (BOOK, "body", with_content(b"^", b"{}")),
        ("POST /scans", "credentials", with_header("x-card", "s3cret")),
        ("POST /scans", "head of part scan", with_content(b"image/png", b"image/gif")),
        ("POST /scans", "part scan", with_content(b"\x89PNG", b"PNG")),
        ("POST /scans", "part pages", with_content(b'"pages"', b'"page"')),
        ("POST /scans", "content type", with_header("content-type", "application/json")),
        ("POST /scans", "body", with_content(b"--\r\n$", b"")),
        ("POST /loans", "form/days", with_content(b"days=", b"day=")),
        (REPLACE, "body/kind", with_content(b'"kind"', b'"Kind"')),
        (REPLACE, "body", with_content(b"^", b"[")),
    ],
)
def test_wrong_request_is_noticed(
    document: Document, driver: Driver, name: str, of: str, change: Callable[[Received], Received]
) -> None:
    """A request that differs in one thing from the right one is named by that thing."""
    expected, received = call_once(driver, operation_of(document, name))

    found = {one.of for one in compare(expected, change(received))}

    assert set(compare(expected, received)) == set()
    assert of in found


def call_once(driver: Driver, operation: Operation) -> tuple[Expected, Received]:
    """Call an operation with everything; gives what has to arrive, and what does."""
    method = driver.package.methods[operation.method.upper(), operation.path]
    call = prepare(driver.package, operation, method, variant=0, by_hand=True)
    requests: list[Received] = []

    def respond(received: Received) -> Answer:
        requests.append(received)
        return call.answer(received)[0]

    driver.server.respond = respond
    driver.send(method.resource, method.name, call.arguments)
    return call.expected, requests[0]


@pytest.mark.parametrize(
    ("name", "of", "change"),
    [
        (REPLACE, "decoded/title", lambda value: {**value, "title": "Other"}),
        (REPLACE, "to_dict/title", lambda value: {**value, "title": "Other"}),
        (REPLACE, "fields without a type", lambda value: {**value, "unknown": 1}),
        (REPLACE, "call", lambda value: {**value, "title": None}),
        (REPLACE, "decoded/next", lambda value: {key: value[key] for key in value if key != "next"}),
        ("POST /scans", "decoded", lambda value: value.upper()),
        ("POST /loans", "decoded", lambda value: value[1:]),
    ],
)
def test_wrong_answer_is_noticed(
    document: Document,
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    of: str,
    change: Callable[[Any], Any],
) -> None:
    """A client that gives back something else than what was answered has a mismatch."""
    operation = operation_of(document, name)
    method = driver.package.methods[operation.method.upper(), operation.path]
    call = prepare(driver.package, operation, method, variant=0, by_hand=True)
    right, write = driver.run(call), calls._written

    monkeypatch.setattr(calls, "_written", lambda status, media_type, value: write(status, media_type, change(value)))
    wrong = driver.run(call)

    assert right == []
    assert of in {one.of for one in wrong}


def test_method_without_an_argument_is_noticed(document: Document, package: Package) -> None:
    """A parameter that the document has and the method has not is a mismatch, and no crash of the harness."""
    raw = {**document.raw, "paths": {"/loans": {"post": dict(document.raw["paths"]["/loans"]["post"])}}}
    raw["paths"]["/loans"]["post"]["parameters"] = [{"name": "q", "in": "query", "required": True, "schema": {}}]

    _, mismatches = call_all(Document(raw), package, variants=1)

    assert {one.of for one in mismatches} == {"arguments"}
    assert "no argument for the query parameter 'q'" in mismatches[0].came


def test_operation_that_is_not_called_makes_the_report_wrong(generated: Generated) -> None:
    """A package that lacks an operation of its document is not right, even if all others are."""
    counts = {str(one): 1 for one in generated.document.operations()}
    whole = report_on(generated, counts)
    less = report_on(generated, dict([*counts.items()][1:]))

    assert whole.is_right
    assert not less.is_right
    assert "| operations called | 3 |" in "\n".join(less.sections())


def report_on(generated: Generated, counts: Mapping[str, int]) -> Report:
    """The report of one document whose operations were called so often, all of them right."""
    cost = Cost(1.0, 1.0, done=True)
    return Report([Outcome(generated, Stock(5, 0), cost, counts)], None, cost, "a large document")


@pytest.mark.parametrize("variant", range(6))
@pytest.mark.parametrize("way", ["sent", "answered"])
def test_values_are_those_of_the_schema(document: Document, variant: int, way: Any) -> None:
    """Another validator accepts every value that is made up."""
    recipe = Recipe(document, "seed", "json", way, variant % 2 == 1, variant)
    validator = jsonschema.Draft202012Validator(
        {**document.raw, "$ref": "#/components/schemas/Book"},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )

    value = make(recipe, {"$ref": "#/components/schemas/Book"})

    assert list(validator.iter_errors(value)) == []
    assert ("id" in value) is (way == "answered" and variant % 2 == 0)


@pytest.mark.parametrize(
    "pattern", ["^VA[0-9a-fA-F]{32}$", r"^[a-z0-9-_]+$", r"^([01]\d|2[0-3]):?([0-5]\d)$", r"^/?[^/\s]+\.\w*$", "a|bc"]
)
def test_text_matches_its_pattern(pattern: str) -> None:
    """Texts are made for the patterns that documents have."""
    texts = {text_for(pattern, start.__mod__) for start in range(20)}

    assert all(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize(
    ("parameter", "value", "written"),
    [
        ({}, ["a,b", "c"], ["p=a%2Cb", "p=c"]),
        ({"explode": False}, ["a,b", "c"], ["p=a%2Cb,c"]),
        ({"style": "pipeDelimited"}, [1, 2], ["p=1%7C2"]),
        ({"style": "spaceDelimited"}, [1, 2], ["p=1%202"]),
        ({"style": "deepObject"}, {"k": True}, ["p%5Bk%5D=true"]),
        ({}, {"k": 1, "l": 2}, ["k=1", "l=2"]),
        ({"explode": False}, {"k": 1, "l": 2}, ["p=k,1,l,2"]),
        ({"content": {"application/json": {}}}, {"k": 1}, ["p=%7B%22k%22%3A1%7D"]),
    ],
)
def test_query_has_the_style_of_its_parameter(parameter: dict[str, Any], value: Any, written: list[str]) -> None:
    """As the table of styles in OpenAPI has it."""
    assert [*query_pairs({"name": "p", **parameter}, value)] == written


@pytest.mark.parametrize(
    ("parameter", "value", "written"),
    [
        ({}, ["a/b", 2], "a%2Fb,2"),
        ({}, {"k": 1}, "k,1"),
        ({"explode": True}, {"k": 1, "l": "=,"}, "k=1,l=%3D%2C"),
        ({"style": "label"}, [1, 2], ".1,2"),
        ({"style": "label", "explode": True}, [1, 2], ".1.2"),
        ({"style": "matrix"}, [1, 2], ";p=1,2"),
        ({"style": "matrix", "explode": True}, [1, 2], ";p=1;p=2"),
        ({"style": "matrix", "explode": True}, {"k": 1}, ";k=1"),
    ],
)
def test_path_has_the_style_of_its_parameter(parameter: dict[str, Any], value: Any, written: str) -> None:
    """As the table of styles in OpenAPI has it."""
    assert in_path({"name": "p", **parameter}, value) == written


def test_header_is_not_encoded() -> None:
    """A header carries the values as they are."""
    assert in_header({"name": "p"}, ["a b", 2]) == "a b,2"


@pytest.mark.parametrize(
    ("wanted", "came", "places"),
    [
        ({"a": [1, {"b": 1}]}, {"a": [1.0, {"b": 1}]}, []),
        ("2024-05-01T10:00:00Z", "2024-05-01T12:00:00.000+02:00", []),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:01Z", ["of"]),
        (True, 1, ["of"]),
        ("1", 1, ["of"]),
        ({"a": None}, {}, ["of/a"]),
        ({}, {"a": None}, ["of/a"]),
        ([1], [1, 2], ["of"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["of/a/0/b"]),
    ],
)
def test_values_differ_as_json_does(wanted: Any, came: Any, places: list[str]) -> None:
    """Numbers and moments are compared by what they mean, everything else exactly."""
    assert [one.of for one in differences("of", wanted, came)] == places


def test_base_class_stands_for_its_heirs() -> None:
    """A value of a base class has the tag and the fields of one of the classes that its discriminator names."""
    mapping = {"one": "#/components/schemas/One", "two": "Two"}
    base = {"type": "object", "properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}}
    base["discriminator"] = {"propertyName": "kind", "mapping": mapping}
    subclasses = {
        name: {
            "allOf": [{"$ref": "#/components/schemas/Base"}, {"required": [name], "properties": {name: {"const": 1}}}]
        }
        for name in ("One", "Two")
    }
    recipe = Recipe(
        Document({"openapi": "3.0.3", "components": {"schemas": {"Base": base, **subclasses}}}),
        "",
        "json",
        "sent",
        sparse=True,
    )

    made = [make(replace(recipe, variant=variant), {"$ref": "#/components/schemas/Base"}) for variant in range(4)]

    assert {str(sorted(one.items())) for one in made} == {
        "[('One', 1), ('kind', 'one')]",
        "[('Two', 1), ('kind', 'two')]",
    }


def test_null_is_one_of_the_open_values() -> None:
    """A schema that says nothing takes null as well, and a schema with a type does not."""
    recipe = Recipe(Document({"openapi": "3.1.0"}), "", "json", "sent", sparse=False)

    values = [make(replace(recipe, variant=variant), {}) for variant in range(10)]

    assert None in values
    assert {type(make(replace(recipe, variant=variant), {"type": "string"})) for variant in range(10)} == {str}
