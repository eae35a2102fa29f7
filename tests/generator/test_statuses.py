"""Which class the errors of a document have that it describes without `x-error`."""

import builtins
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from strict_clients.examine import examine
from strict_clients.load import Document, load
from strict_clients.model import build_model
from strict_clients.model.package import PackageModel
from strict_clients.statuses import find_plain_errors, status_classes, wanted_name

BASE = load(Path(__file__).parent / "documents" / "base.yaml")
RULED: dict[str, Any] = {"x-error": []}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("400", "BadRequestError"),
        ("401", "UnauthorizedError"),
        ("404", "NotFoundError"),
        ("408", "RequestTimeoutError"),
        ("413", "ContentTooLargeError"),
        ("414", "URITooLongError"),
        ("418", "TeapotError"),
        ("422", "UnprocessableEntityError"),
        ("499", "Status499Error"),
        ("500", "InternalServerError"),
        ("501", "NotImplementedStatusError"),
        ("505", "HTTPVersionNotSupportedError"),
        ("4XX", "ClientStatusError"),
        ("5XX", "ServerStatusError"),
        ("default", "DefaultStatusError"),
        ("default 5XX", "DefaultServerError"),
    ],
)
def test_class_is_called_as_its_status(status: str, name: str) -> None:
    """By the words of RFC 9110, in every version of Python."""
    assert wanted_name(status) == name


def test_no_class_hides_one_of_python() -> None:
    """Anyone who imports all errors still has those of Python."""
    assert not {wanted_name(str(int(status))) for status in HTTPStatus} & {*dir(builtins)}


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ({"200": {}, "302": {}, "404": {}}, {"404": "404"}),
        ({"404": RULED, "409": {}}, {"409": "409"}),
        ({"404": {}, "4XX": RULED, "5XX": {}}, {"5XX": "5XX"}),
        ({"404": {}, "5XX": {}, "default": RULED}, {}),
        ({"404": {}, "default": {}}, {"404": "404", "4XX": "default", "5XX": "default 5XX"}),
        ({"4XX": {}, "default": {}}, {"4XX": "4XX", "5XX": "default 5XX"}),
        ({"4XX": RULED, "5XX": RULED, "default": {}}, {}),
    ],
)
def test_x_error_goes_first_and_default_is_the_rest(responses: dict[str, Any], found: dict[str, str]) -> None:
    """An `x-error` holds for all statuses that it held for before; `default` is what is left of 4xx and 5xx."""
    assert find_plain_errors(responses) == found


def made(responses: dict[str, Any]) -> PackageModel:
    """The package of a document whose second operation answers this."""
    paths = BASE.raw["paths"]
    post = paths["/fish"]["post"] | {"responses": responses}
    return build_model(examine(Document(raw=BASE.raw | {"paths": paths | {"/fish": {"post": post}}}, digest="")))


def test_default_that_is_the_success_is_no_error() -> None:
    """Many documents describe nothing but `default`, and mean the success."""
    done = made({"default": {"description": "Done."}})
    error = {"class": "OtherError", "summary": "Look."}
    ruled = made({"default": {"description": "Wrong.", "x-error": [error]}})
    both = made({"200": {"description": "Done."}, "default": {"description": "Done."}})

    assert "DefaultStatusError" not in {error.name for error in done.errors}
    ((status, (rule,)),) = ruled.resources[0].operations[1].errors
    assert (status, rule.error) == ("default", "OtherError")
    assert [error.name for error in both.errors][-2:] == ["DefaultStatusError", "DefaultServerError"]


def test_default_for_5xx_alone_has_its_base_and_its_body() -> None:
    """Callers may catch either; the body belongs to the base."""
    body = {"application/json": {"schema": {"type": "integer"}}}
    package = made(
        {"200": {"description": ""}, "4XX": {"description": ""}, "default": {"description": "", "content": body}}
    )

    first, base, server = package.errors[-3:]
    assert [(one.name, one.bases) for one in (first, base, server)] == [
        ("ClientStatusError", "APIStatusError"),
        ("DefaultStatusError", "APIStatusError"),
        ("DefaultServerError", "DefaultStatusError, ServerError"),
    ]
    assert base.body.as_unembedded_code() == "int | None"
    assert server.bodies == ()
    assert first.doc.get_untrusted_value() == "4XX: Client error."
    assert base.doc.get_untrusted_value() == "default: Error."


def test_long_description_is_shortened() -> None:
    """The text of an error has its first paragraph, up to 200 characters, on one line."""
    package = made({"200": {"description": ""}, "404": {"description": f"API key\n{'word ' * 60}\n\nMore."}})

    ((_, (rule,)),) = package.resources[0].operations[1].errors
    assert rule.summary.startswith("API key word word")
    assert rule.summary.endswith("word ")
    assert len(rule.summary) <= 200


def test_resource_gives_way_to_an_error() -> None:
    """The class of a tag that is called as an error has a suffix, for both are in its module."""
    raw = BASE.raw | {"paths": {"/fish": {"post": BASE.raw["paths"]["/fish"]["post"] | {"tags": ["NotFoundError"]}}}}
    raw["paths"]["/fish"]["post"]["responses"] = {"201": {"description": ""}, "404": {"description": ""}}
    examined = examine(Document(raw=raw, digest=""))

    assert status_classes(examined.document) == {"404": "NotFoundError"}
    assert [one.class_name for one in build_model(examined).resources] == ["NotFoundErrorOperations"]


def errors(**responses: Any) -> dict[str, tuple[str, str]]:
    """The base and the first line of each class of a document whose one operation answers so."""
    get = {"operationId": "Ponds_get", "tags": ["Ponds"], "responses": {"200": {"description": "It."}} | responses}
    raw = {"openapi": "3.1.0", "info": {"title": "Ponds", "version": "1"}, "paths": {"/ponds": {"get": get}}}
    package = build_model(examine(Document(raw=raw, digest="")))
    return {str(one.name): (one.bases, one.doc.get_untrusted_value()) for one in package.errors}


def test_class_of_x_error_has_the_base_of_its_statuses() -> None:
    """Callers who catch `ServerError` get every 5xx, whatever its class; a class of several statuses names them all."""
    gone, frozen = ({"class": f"{name}Error", "summary": f"{name}."} for name in ("Gone", "Frozen"))
    both = {"class": "BothError", "summary": "Both."}

    found = errors(
        **{
            "404": {"description": "No.", "x-error": [{**gone, "when": {"/code": ["gone"]}}, both]},
            "410": {"description": "No.", "x-error": [gone]},
            "502": {"description": "No.", "x-error": [frozen]},
            "503": {"description": "No.", "x-error": [{**frozen, "has-wait": True}, both]},
        }
    )

    assert found == {
        "GoneError": ("APIStatusError", "404, 410: Gone."),
        "BothError": ("APIStatusError", "404, 503: Both."),
        "FrozenError": ("ServerError", "502, 503: Frozen."),
    }
