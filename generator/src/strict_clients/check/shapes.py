"""The vendor extensions: the objects on which each is allowed, and the JSON Schema of its value."""

from typing import Any

from attrs import frozen

_IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_]*\Z"
_POINTER = r"^(/([^~/]|~[01])*)*\Z"
_HEADER = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z"


def text(pattern: str = r"\S") -> dict[str, Any]:
    """The schema of a text."""
    return {"type": "string", "pattern": pattern}


def listing(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    """The schema of a list without repetitions."""
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of an object with these keys and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


@frozen
class Shape:
    """The kinds of objects on which an extension is allowed, and the JSON Schema of its value."""

    kinds: frozenset[str]
    schema: dict[str, Any]


def _shape(kinds: str, schema: dict[str, Any]) -> Shape:
    return Shape(frozenset(kinds.split(", ")), schema)


_PAGINATION = record(
    {
        "style": {"enum": ["item", "token"]},
        "cursor": text(),
        "items": text(_POINTER),
        "cursor-at": text(_POINTER),
    },
    {
        "limit": text(),
        "same": {"type": "object", "propertyNames": text(_POINTER), "additionalProperties": text()},
    },
)
_ERROR = record(
    {"class": text(r"^[A-Z][A-Za-z0-9]*Error\Z"), "summary": text()},
    {
        "when": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": text(_POINTER),
            "additionalProperties": listing({"type": ["string", "number", "boolean", "null"]}, 1),
        },
        "has-wait": {"const": True},
        "wait-attribute": text(r"^[a-z][a-z0-9_]*\Z"),
        "wait-type": {"enum": ["seconds", "timedelta"]},
    },
) | {"dependentRequired": {"wait-attribute": ["wait-type"], "wait-type": ["wait-attribute"]}}
_HINT = record({"name": text(_HEADER), "unit": {"enum": ["seconds-or-date", "milliseconds"]}})
_VIEW = record(
    {"name": text(_IDENTIFIER), "schema": record({"$ref": text("^#/components/schemas/")}), "when-has": text()}
)
_HOST = r"^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\Z"
_TOKENS = record(
    {"scopes": {"type": "object", "propertyNames": text(_HOST), "additionalProperties": text(r"^[!-~]+\Z")}},
    {"refused": {"type": "object", "propertyNames": text(_HOST), "additionalProperties": text()}},
)
_CASES = ["unauthorized", "unknown-collection", "unsupported-media-type", "told"]

SHAPES: dict[str, Shape] = {
    "x-sdk": _shape(
        "info",
        record(
            {},
            {
                "distribution": text(r"^[a-z0-9]+([-._][a-z0-9]+)*\Z"),
                "package": text(r"^[a-z][a-z0-9_]*\Z"),
                "client": text(r"^[A-Z][A-Za-z0-9]*\Z"),
                "error": text(r"^[A-Z][A-Za-z0-9]*Error\Z"),
                "version": text(r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)((a|b|rc)[0-9]+)?\Z"),
                "license": text(),
                "license-text": text(),
                "authors": listing(record({"name": text()}, {"email": text(r"^[^@\s]+@[^@\s]+\Z")})),
                "urls": {"type": "object", "additionalProperties": text(r"^https://\S+\Z")},
                "keywords": listing(text()),
                "classifiers": listing(text(r"^\S.* :: .*\S\Z")),
                "before-1-0": {"enum": ["minor", "major"]},
            },
        ),
    ),
    "x-env": _shape("server, server variable, security scheme", text(r"^[A-Z][A-Z0-9_]*\Z")),
    "x-class": _shape("server variable", text(r"^[A-Z][A-Za-z0-9]*\Z")),
    "x-display-names": _shape("server variable", {"type": "object", "additionalProperties": text(r"^[A-Za-z]")}),
    "x-required": _shape("server variable", {"type": "boolean"}),
    "x-parameter": _shape("security scheme", text(r"^[a-z][a-z0-9_]{0,99}\Z")),
    "x-token-credential": _shape("security scheme", _TOKENS),
    "x-pagination": _shape("operation", _PAGINATION),
    "x-error": _shape("response", listing(_ERROR, 1)),
    "x-error-body": _shape(
        "document",
        record(
            {
                "code": listing(text(_POINTER)),
                "message": listing(text(_POINTER)),
                "code-headers": listing(text(_HEADER)),
                "request-id-headers": listing(text(_HEADER)),
            }
        ),
    ),
    "x-wait-hints": _shape("document", record({"headers": listing(_HINT), "phrases": listing(text())})),
    "x-client-request-id": _shape("document", text(_HEADER)),
    "x-spelling-of": _shape("property", text()),
    "x-read-as": _shape("property", {"enum": ["string", "integer"]}),
    "x-sensitive": _shape("property", {"type": "boolean"}),
    "x-views": _shape("property", listing(_VIEW, 1)),
    "x-enum-varnames": _shape("named schema", listing(text(_IDENTIFIER))),
    "x-emulator": _shape(
        "operation",
        record(
            {
                "collection": text(),
                "lifetime-seconds": {"type": "integer", "minimum": 1},
                "order": {"enum": ["descending", "ascending"]},
            }
        ),
    ),
    "x-removed": _shape("operation", record({"last-version": text()}, {"guessed": {"const": True}})),
    "x-replaced-by": _shape(
        "document, operation", {"type": ["string", "object"], "pattern": r"\S", "additionalProperties": text()}
    ),
    "x-emulator-when": _shape(
        "example of a response",
        {
            "type": "object",
            "properties": {"invalid": text(), "case": {"enum": _CASES}},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ),
}
