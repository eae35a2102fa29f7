"""Completes what schemas leave implicit: their type, the items of an array, the values of an enum."""

import json
from typing import Any, cast

from strict_clients.check.limits import TYPES_OF_LIMITS, invalid_defaults
from strict_clients.check.operations import properties
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.check.references import loops_without_a_class
from strict_clients.load import Document
from strict_clients.normalize.notes import Notes
from strict_clients.patterns import Unsupported, to_python

_NAMES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_KEPT_BESIDE = {"$ref", "summary", "description", "default", "deprecated", "readOnly", "writeOnly"}
_MEANING_BESIDE = {"properties", "required", "allOf", "oneOf", "anyOf", "additionalProperties"}
_IMPLIED = {"properties": "object", "additionalProperties": "object", "required": "object", "items": "array"}
_SAYS_NOTHING = {*_KEPT_BESIDE, "title", "example", "examples", "$comment", "externalDocs"} - {"$ref"}
EXPRESSION = "x-python-pattern"
"""The key for the `pattern` of a schema in Python's syntax; empty, which matches everything, if there is none."""
_STRUCTURE = {"properties", "items", "additionalProperties"}
_COMPOUNDS = ("allOf", "oneOf", "anyOf")


def complete_schemas(document: Document, notes: Notes) -> None:
    """Complete every schema of the document in place."""
    for place in [*walk(document, "schema")]:
        if "$ref" in place.fields:
            _separate_reference(place.fields, notes)
        else:
            _Completion(document, place, notes).run()


def add_required(document: Document, notes: Notes) -> None:
    """Add the properties that a schema requires but does not describe, with any value."""
    for place in [*walk(document, "schema")]:
        owner = place.owner if place.role == "allOf" and place.owner is not None else place
        known = properties(document, owner)
        missing = [name for name in sequence(place.fields.get("required")) if name not in known]
        if missing and not known:
            notes.pass_over("required names of a map", place.node, "names are required, and none is described")
            place.fields["required"] = [name for name in place.fields["required"] if name not in missing]
        for name in missing if known else ():
            notes.choose("property without a schema", place.node, f"{name!r} is required; it is read as any value")
            place.fields.setdefault("properties", {})[name] = {}


def cut_loops(document: Document, notes: Notes) -> None:
    """Read the recursive parts of a schema that is not a class as any value: Python has no type for them."""
    while loop := next(loops_without_a_class(document), None):
        place = loop[-1]
        notes.choose("schema within itself", place.node, "the schema contains itself; here it is read as any value")
        place.put({})


def translate_patterns(document: Document, notes: Notes) -> None:
    """Add the Python form of each pattern; empty if there is none, and then only the service checks it."""
    nodes = {id(place.node): place.fields for place in walk(document, "schema")}
    for schema in nodes.values():
        schema.pop(EXPRESSION, None)
        pattern = schema.get("pattern")
        if pattern is None:
            continue
        try:
            expression = to_python(pattern)
        except Unsupported as reason:
            expression = ""
            message = f"the client does not check {pattern!r:.80}: {reason}; the service does"
            notes.pass_over("pattern that is left to the service", schema, message, "pattern")
        schema[EXPRESSION] = expression


def drop_defaults(document: Document, notes: Notes) -> None:
    """Drop defaults that their schemas do not allow: they are only described, never sent."""
    for place in [*invalid_defaults(document)]:
        notes.pass_over("default that its schema does not take", place.node, "the default is passed over", "default")
        del place.fields["default"]


def _separate_reference(schema: dict[str, Any], notes: Notes) -> None:
    """Keep next to a reference only what describes the place."""
    beside = {key: schema[key] for key in schema if key not in _KEPT_BESIDE and not key.startswith("x-")}
    for key in beside:
        del schema[key]
    if beside.keys() & _MEANING_BESIDE:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}, beside]
    elif beside.keys() - _SAYS_NOTHING:
        shown = ", ".join(sorted(beside.keys() - _SAYS_NOTHING))
        notes.pass_over("keywords beside a reference", schema, f"{shown} beside '$ref' is passed over")


class _Completion:
    """The completion of one schema."""

    def __init__(self, document: Document, place: Place, notes: Notes) -> None:
        self._document, self._place, self._notes = document, place, notes
        self._schema = place.fields

    def run(self) -> None:
        """Run all steps, each relying on the earlier ones."""
        self._read_constants()
        self._merge_all_of()
        for keyword in ("oneOf", "anyOf"):
            if keyword in self._schema:
                self._separate_union(keyword)
        self._check_values()
        self._imply_type()
        self._part_types()
        self._drop_limits()

    def _drop(self, key: str, why: str) -> None:
        self._notes.pass_over(f"{key} {why}", self._schema, f"{key!r} {why} is passed over", key)
        del self._schema[key]

    def _read_constants(self) -> None:
        """Read a union of constants as an enum; drop a constant that is not a plain value."""
        schema = self._schema
        if "const" in schema and type(schema["const"]) not in _NAMES:
            self._drop("const", "that is not a text, number or boolean")
        elif "const" in schema and "enum" in schema:
            del schema["enum"]
        for keyword in ("oneOf", "anyOf"):
            members = [mapping(one) for one in sequence(schema.get(keyword))]
            values = [one.get("const") for one in members if one.get("type") != "null"]
            if len(values) > 1 and all(isinstance(value, str) for value in values):
                has_null = len(values) < len(members)
                del schema[keyword]
                schema["type"] = ["string", "null"] if has_null else "string"
                schema["enum"] = [*values, None] if has_null else values

    def _merge_all_of(self) -> None:
        """Merge parts that are not objects into one schema; remove empty parts."""
        schema = self._schema
        if "allOf" not in schema:
            return
        parts = [one for one in schema["allOf"] if mapping(one).keys() - _SAYS_NOTHING]
        places = [Place("schema", "", one, "allOf", self._place) for one in parts]
        targets = [follow(self._document, one).fields for one in places]
        for index, target in enumerate(targets):
            for keyword in ("oneOf", "anyOf"):
                if keyword in target and len(parts) > 1 and (merged := self._objects(target, keyword)):
                    parts[index] = {"type": "object", "properties": merged}
                    self._notes.choose("union beside properties", schema, "the properties of all members are taken")
        is_object = any(self._is_object(one) for one in places) or "properties" in schema
        own = schema.keys() - _SAYS_NOTHING - {"allOf"}
        if not parts:
            del schema["allOf"]
        elif is_object or (len(parts) == 1 and not own):
            schema["allOf"] = parts
        else:
            del schema["allOf"]
            for target in targets:
                schema |= {key: value for key, value in target.items() if key not in own}

    def _is_object(self, place: Place) -> bool:
        target = follow(self._document, place)
        fields = target.fields
        members = sequence(fields.get("allOf"))
        inside = (Place("schema", "", one, "allOf", target) for one in members)
        return (
            bool(fields.keys() & {"properties", "additionalProperties"})
            or "object" in _types(fields)
            or any(self._is_object(one) for one in inside)
        )

    def _separate_union(self, keyword: str) -> None:
        """Make a union the whole of its schema: move the other keywords into each member."""
        schema = self._schema
        members = [mapping(one) for one in schema[keyword]]
        if all(not (one.keys() - _SAYS_NOTHING - {"required"}) for one in members):
            self._drop(keyword, "that only requires")
            return
        if "properties" in schema or ("object" in _types(schema) and self._place.role == "allOf"):
            merged = self._objects(schema, keyword)
            if merged is not None:
                self._notes.choose("union beside properties", schema, "the properties of all members are taken")
                schema["properties"] = merged | schema.get("properties", {})
                for key in (keyword, "discriminator"):
                    schema.pop(key, None)
                return
        beside = [key for key in schema if key not in _SAYS_NOTHING and key not in {*_COMPOUNDS, "discriminator"}]
        for key in [key for key in beside if not key.startswith("x-") and key not in _STRUCTURE]:
            value = schema.pop(key)
            if key == "type" and "null" in sequence(value):
                schema[keyword] = [*schema[keyword], {"type": "null"}]
                value = [one for one in value if one != "null"]
            for member in members:
                if "$ref" not in member and member.get("type") != "null":
                    member.setdefault(key, value)

    def _objects(self, schema: dict[str, Any], keyword: str) -> dict[str, Any] | None:
        """The properties of all members of a union of objects; None if a member is not an object."""
        found: dict[str, Any] = {}
        for one in schema[keyword]:
            place = Place("schema", "", one, keyword, self._place)
            if not self._is_object(place) and mapping(one).keys() - _SAYS_NOTHING - {"required"}:
                return None
            found |= {name: field.node for name, field in properties(self._document, place).items()}
        return found

    def _check_values(self) -> None:
        """Keep an enum of texts or integers; replace other enums by the types of their values."""
        schema = self._schema
        if "enum" not in schema:
            return
        values = list({json.dumps(value): value for value in sequence(schema["enum"])}.values())
        if len(values) < len(schema["enum"]):
            self._notes.pass_over("repeated value of an enum", schema, "the enum lists a value twice", "enum")
            if len(names := sequence(schema.get("x-enum-varnames"))) == len(schema["enum"]):
                schema["x-enum-varnames"] = [names[schema["enum"].index(value)] for value in values]
            schema["enum"] = values
        full = [value for value in values if value is not None]
        kinds = {_NAMES.get(cast("type", type(value)), "") for value in full}
        written = [one for one in _types(schema) if one != "null"]
        (kind,) = kinds if len(kinds) == 1 else ("",)
        if kind in {"string", "integer"} and written in ([], [kind], ["number"] if kind == "integer" else [kind]):
            has_null = len(full) < len(values) or "null" in _types(schema)
            schema["type"] = [kind, "null"] if has_null else kind
            schema["enum"] = [*full, None] if has_null else full
            return
        del schema["enum"]
        message = "the values are not texts or integers; any value is accepted"
        self._notes.choose("enum of other values", schema, message, "enum")
        if not written and kinds and "" not in kinds:
            schema["type"] = [*sorted(kinds), *(["null"] if len(full) < len(values) else [])]

    def _imply_type(self) -> None:
        schema = self._schema
        if "array" in _types(schema):
            schema.setdefault("items", {})
        if _types(schema) == ["null"] and self._place.role not in {"oneOf", "anyOf"}:
            self._notes.choose("only null", schema, "the value is always null; it is read as any value", "type")
            del schema["type"]
        if "type" in schema or schema.keys() & {*_COMPOUNDS, "const"} - {"allOf"}:
            return
        for keyword, kind in _IMPLIED.items():
            is_part = keyword == "required" and "properties" not in schema and self._place.role in _COMPOUNDS
            if keyword in schema and not is_part and not ("allOf" in schema and kind != "object"):
                schema["type"] = kind
                if kind == "array":
                    schema.setdefault("items", {})
                return

    def _part_types(self) -> None:
        """Write several types, one of which has a structure, as a union."""
        schema = self._schema
        kinds = [one for one in _types(schema) if one != "null"]
        if schema.get("type") == kinds[:1]:
            schema["type"] = kinds[0]
        if not kinds[1:] or not schema.keys() & _STRUCTURE:
            return
        limits = {key for keys in TYPES_OF_LIMITS.values() for key in keys} | _STRUCTURE | {"format"}
        own = {key: schema.pop(key) for key in [*schema] if key in limits}
        has_null = "null" in schema.pop("type")
        parts = [{"type": kind, **{key: own[key] for key in own if _fits(key, kind)}} for kind in kinds]
        schema["anyOf"] = [*parts, *([{"type": "null"}] if has_null else [])]

    def _drop_limits(self) -> None:
        """Drop limits that belong to another type than the schema's."""
        types = {"number" if name == "integer" else name for name in _types(self._schema)}
        if "allOf" in self._schema or self._place.role == "allOf":
            types.add("object")
        for kind, keywords in TYPES_OF_LIMITS.items():
            for keyword in keywords:
                if keyword in self._schema and kind not in types and self._schema.keys().isdisjoint({"oneOf", "anyOf"}):
                    self._drop(keyword, "of another type")


def _types(schema: dict[str, Any]) -> list[Any]:
    types = schema.get("type")
    return sequence(types) if isinstance(types, list) else [types] if types is not None else []


def _fits(key: str, kind: str) -> bool:
    places = {"properties": "object", "additionalProperties": "object", "items": "array", "format": "string"}
    if key in places:
        return places[key] == kind
    return key in TYPES_OF_LIMITS.get("number" if kind == "integer" else kind, ())
