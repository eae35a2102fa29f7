"""Rules of the OpenAPI Specification itself: other rules rely on the shape that these guarantee."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from jsonschema.validators import validator_for
from jsonschema_rs import Draft202012Validator
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import schemas

from strict_clients.breaches import Breach
from strict_clients.check.places import walk
from strict_clients.load import Document
from strict_clients.pointers import escape

_LONGEST_MESSAGE = 200
_STATUS = re.compile(r"[1-5]([0-9]{2}|XX)")


def version_is_supported(document: Document) -> Iterator[Breach]:
    """The document is written in OpenAPI 3.1."""
    version = document.raw.get("openapi")
    if not (isinstance(version, str) and re.fullmatch(r"3\.1\.[0-9]+", version)):
        yield Breach(
            "/openapi" if "openapi" in document.raw else "", f"version {version!r} is not 3.0.x or 3.1.x; convert it"
        )


def statuses_are_supported(document: Document) -> Iterator[Breach]:
    """The key of every response is a status (200), a range of statuses (5XX) or `default`."""
    for place in walk(document, "responses"):
        for status in place.fields:
            if not (_STATUS.fullmatch(status) or status.startswith("x-") or status == "default"):
                yield Breach(place.at(status), f"{status!r} is not a status; write 100 to 599, 1XX to 5XX, or default")


def document_follows_specification(document: Document) -> Iterator[Breach]:
    """The document has the shape that the JSON Schema of OpenAPI 3.1 demands."""
    schema: dict[str, Any] = dict(cast("Any", schemas).schema_v31)
    if not _holds(json.dumps(schema), document.raw):
        yield from _breaches("", validator_for(schema)(schema).iter_errors(document.raw))


def schemas_follow_specification(document: Document) -> Iterator[Breach]:
    """Every schema has the shape that JSON Schema 2020-12 demands."""
    dialect = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    for place in walk(document, "schema"):
        is_outermost = place.owner is not None and place.owner.kind != "schema"
        if is_outermost and not _holds(json.dumps(dialect), place.node):
            yield from violations(place.pointer, place.node, dialect)


def violations(
    pointer: str, value: Any, schema: dict[str, Any], advice: str = "", *, registry: Any = None
) -> Iterator[Breach]:
    """Where the value at the pointer breaks the JSON Schema, each with the advice what to do.

    With a registry, in which references are looked up, formats are also checked.
    """
    validator: Any = OAS31Validator(schema)
    if registry is not None:
        validator = OAS31Validator(schema, format_checker=oas31_format_checker, registry=registry)
    yield from _breaches(pointer, validator.iter_errors(value), advice)


def _holds(schema: str, value: Any) -> bool:
    """Whether the value is valid; jsonschema, whose messages name the place, takes some hundred times as long."""
    return _validator(schema).is_valid(value)


@lru_cache(maxsize=100)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


def _breaches(pointer: str, errors: Iterable[Any], advice: str = "") -> Iterator[Breach]:
    for error in errors:
        message = str(error.message)
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[:_LONGEST_MESSAGE]}..."
        place = "".join(f"/{escape(key)}" for key in error.absolute_path)
        yield Breach(pointer + place, f"{message}; {advice or 'see the OpenAPI Specification 3.1'}")
