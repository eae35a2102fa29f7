"""Rules of limits and defaults: a value that satisfies them must exist, and the default must be one."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

from referencing import Registry
from referencing.jsonschema import DRAFT202012

from strict_clients.breaches import Breach
from strict_clients.check.places import Place, walk
from strict_clients.check.specification import violations
from strict_clients.load import Document

_PAIRS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_STRICT_PAIRS = (
    ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
)
TYPES_OF_LIMITS = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties", "required"),
}


def limits_leave_room(document: Document) -> Iterator[Breach]:
    """No lower limit is above its upper limit."""
    for place in walk(document, "schema"):
        for low, high in (*_PAIRS, *_STRICT_PAIRS):
            if low not in place.fields or high not in place.fields:
                continue
            least, most = place.fields[low], place.fields[high]
            if least > most or (least == most and (low, high) in _STRICT_PAIRS):
                yield Breach(place.at(low), f"{low} {least} leaves no value below {high} {most}; correct one of them")


def invalid_defaults(document: Document) -> Iterator[Place]:
    """The schemas whose default does not satisfy them, patterns aside; all references are known to lead somewhere."""
    # Matching a pattern may take forever.
    places = [place for place in walk(document, "schema") if "default" in place.fields]
    bare = deepcopy(document.raw) if places else {}
    for place in walk(Document(raw=bare, digest=""), "schema"):
        place.fields.pop("pattern", None)
    registry: Any = Registry[Any]().with_resource("urn:document", DRAFT202012.create_resource(bare))
    for place in places:
        schema = {"$ref": f"urn:document#{quote(place.pointer)}"}
        if any(violations("", place.fields["default"], schema, registry=registry)):
            yield place


def server_defaults_are_listed(document: Document) -> Iterator[Breach]:
    """The default of a server variable is one of its values."""
    for place in walk(document, "server variable"):
        if "enum" in place.fields and place.fields["default"] not in place.fields["enum"]:
            yield Breach(
                place.at("default"), f"default {place.fields['default']!r} is not in the enum; add or correct it"
            )
