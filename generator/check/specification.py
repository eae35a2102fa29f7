"""Rules of the OpenAPI Specification itself: other rules rely on the shape that these guarantee."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, cast

from jsonschema.validators import validator_for
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator, schemas

from generator.breaches import Breach
from generator.check.places import escape, walk
from generator.load import Document

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
    """Every response stands under a status (200), a range of statuses (5XX) or `default`."""
    for place in walk(document, "responses"):
        for status in place.fields:
            if not (_STATUS.fullmatch(status) or status.startswith("x-") or status == "default"):
                yield Breach(place.at(status), f"{status!r} is no status; write 100 to 599, 1XX to 5XX, or default")


def document_follows_specification(document: Document) -> Iterator[Breach]:
    """The document has the shape that the JSON Schema of OpenAPI 3.1 demands."""
    # Not by the validator's own: where jsonschema-rs happens to be installed, its messages would be other ones.
    schema: dict[str, Any] = dict(cast("Any", schemas).schema_v31)
    yield from _breaches("", validator_for(schema)(schema).iter_errors(document.raw))


def schemas_follow_specification(document: Document) -> Iterator[Breach]:
    """Every schema has the shape that JSON Schema 2020-12 demands."""
    dialect = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    for place in walk(document, "schema"):
        if place.owner is not None and place.owner.kind != "schema":
            yield from violations(place.pointer, place.node, dialect)


def document_passes_validator(document: Document) -> Iterator[Breach]:
    """The document passes openapi-spec-validator, which knows rules beyond the shape.

    It follows references into files and networks, so it may run only where all references are known to be local.
    """
    # It would match defaults with the patterns beside them, which may take forever.
    bare = deepcopy(document.raw)
    for place in walk(Document(raw=bare, digest=""), "schema"):
        place.fields.pop("pattern", None)
    try:
        yield from _breaches("", cast("Any", OpenAPIV31SpecValidator)(bare).iter_errors())
    except RecursionError:
        yield Breach("/components/schemas", "the schemas lead to each other too deeply to be validated; flatten them")


def violations(
    pointer: str, value: Any, schema: dict[str, Any], advice: str = "", *, registry: Any = None
) -> Iterator[Breach]:
    """Where the value at the pointer breaks the JSON Schema, each with the advice what to do.

    With a registry, in which references are looked up, formats are checked, too.
    """
    validator: Any = OAS31Validator(schema)
    if registry is not None:
        validator = OAS31Validator(schema, format_checker=oas31_format_checker, registry=registry)
    yield from _breaches(pointer, validator.iter_errors(value), advice)


def _breaches(pointer: str, errors: Iterable[Any], advice: str = "") -> Iterator[Breach]:
    for error in errors:
        message = str(error.message)
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[:_LONGEST_MESSAGE]}..."
        place = "".join(f"/{escape(key)}" for key in error.absolute_path)
        yield Breach(pointer + place, f"{message}; {advice or 'see the OpenAPI Specification 3.1'}")
