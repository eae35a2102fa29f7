"""Normalizes operations, parameters, bodies and answers."""

from copy import deepcopy
from typing import Any

from strict_clients.check.operations import path_operations, properties
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.engine import derived_operation_id, snake_case
from strict_clients.load import Document
from strict_clients.media import choose, kind
from strict_clients.normalize.notes import Notes

DEFAULT_GROUP = "default"
_PASSED_OVER_HEADERS = {"accept", "content-type", "authorization"}
"""Header parameters that OpenAPI tells clients to ignore."""
_BODILESS = {"204", "205"}
"""Statuses whose answers have no body (RFC 9110, 15.3.5 and 15.3.6)."""
_COMPOUNDS = {"allOf", "oneOf", "anyOf"}
_TYPED = {"type", "enum", "const", "properties", *_COMPOUNDS}
"""Keywords of schemas that say or imply a type."""


def write_paths_out(document: Document) -> None:
    """Replace references to path items by the path items."""
    paths = document.raw.setdefault("paths", {})
    for path, item in [*mapping(paths).items()]:
        place = Place("path item", f"/paths/{path}", item)
        if "$ref" in mapping(item) and str(item["$ref"]).startswith("#/"):
            try:
                paths[path] = deepcopy(follow(document, place).node)
            except LookupError:
                continue  # the rules report it


def name_operations(document: Document, notes: Notes) -> None:
    """Give each operation one tag and a unique operationId."""
    taken: set[str] = set()
    for item, place in [*path_operations(document)]:
        fields = place.fields
        tags = sequence(fields.get("tags"))
        if len(tags) > 1:
            notes.choose("first of several tags", fields, f"the operation goes to the group {tags[0]!r}", "tags")
        fields["tags"] = tags[:1] or [DEFAULT_GROUP]
        written = fields.get("operationId")
        name = written if isinstance(written, str) and snake_case(written) else None
        if name is None:
            name = derived_operation_id(item.name, place.role)
            notes.choose("operationId", fields, f"the operation is called {name!r}, after its method and path")
        free, number = name, 2
        while snake_case(free) in taken:
            free, number = f"{name}_{number}", number + 1
        if free != name:
            notes.choose("operationId", fields, f"the operation is called {free!r}; {name!r} is taken", "operationId")
        taken.add(snake_case(free))
        fields["operationId"] = free


def complete_parameters(document: Document, notes: Notes) -> None:
    """Complete the type of each parameter; remove those that OpenAPI tells clients to ignore."""
    for owner in [*walk(document, "path item", "operation")]:
        written = sequence(owner.fields.get("parameters"))
        kept: list[Any] = []
        for index, one in enumerate(written):
            place = Place("parameter", owner.at("parameters", index), one, "parameters", owner)
            fields = follow(document, place).fields
            if fields.get("in") == "header" and str(fields.get("name", "")).lower() in _PASSED_OVER_HEADERS:
                shown = fields["name"]
                notes.pass_over("header of another field", one, f"{shown!r} is said by content types and security")
            else:
                kept.append(one)
        if len(kept) < len(written):
            owner.fields["parameters"] = kept
    for place in [*walk(document, "parameter")]:
        if place.fields.get("in") == "path":
            place.fields["required"] = True
        _take_content(place)
        _give_type(document, place, notes)


def _take_content(place: Place) -> None:
    """Replace the content type of a parameter by its schema, and mark JSON."""
    for name, media in mapping(place.fields.get("content")).items():
        how = kind(name)
        if how in {"json", "text"}:
            del place.fields["content"]
            place.fields["schema"] = mapping(media).get("schema", {})
            place.fields.update({"x-content": name} if how == "json" else {})


def _give_type(document: Document, place: Place, notes: Notes) -> None:
    if "x-content" in place.fields or "schema" not in place.fields:
        return
    schema = follow(document, place.child("schema", "schema")).fields
    if not schema.keys() & _TYPED:
        notes.choose("parameter without a type", place.node, "the parameter has no type; it is a text")
        place.fields["schema"] = {"type": "string"}
    elif schema.get("type") == "array" and not mapping(schema.get("items")).keys() & {*_TYPED, "$ref"}:
        notes.choose("parameter without a type", place.node, "the items of the parameter have no type; they are texts")
        place.fields["schema"] = {**schema, "items": {"type": "string"}}


def complete_answers(document: Document, notes: Notes) -> None:
    """Complete the success statuses, and the schema of each body."""
    for _, place in [*path_operations(document)]:
        responses = place.fields.setdefault("responses", {})
        if not any(status.startswith("2") for status in responses):
            is_error = "x-error" in follow(document, place.child("response", "responses", "default")).fields
            responses["2XX"] = (None if is_error else responses.pop("default", None)) or {"description": "Done."}
            notes.choose("success without a status", place.node, "no success is named; every 2xx is one", "responses")
        _keep_to_http(document, place, notes)
    for place in [*walk(document, "request body", "response")]:
        content = mapping(place.fields.get("content"))
        for one in _files_in_json(document, place):
            notes.choose("file that is JSON as well", place.node, f"{one!r:.80} is passed over", "content", one)
            del content[one]
        name = choose(content, sent=place.kind == "request body")
        if name is not None and isinstance(content[name], dict):
            _complete_content(document, place, name, notes)


def _files_in_json(document: Document, body: Place) -> list[str]:
    """The JSON content types whose schema is a file, if another content type also has the file."""
    content = mapping(body.fields.get("content"))
    media = [body.child("media type", "content", name) for name in content if kind(name) == "json"]
    schemas = [(one.name, follow(document, one.child("schema", "schema")).fields) for one in media]
    found = [name for name, schema in schemas if schema.get("format") == "binary"]
    return found if {kind(name) for name in content.keys() - {*found}} & {"text", "bytes"} else []


def _keep_to_http(document: Document, operation: Place, notes: Notes) -> None:
    """Remove bodies and credentials where HTTP does not allow them."""
    fields, responses = operation.fields, operation.child("responses", "responses")
    if operation.role == "trace":  # RFC 9110, 9.3.8
        if fields.pop("requestBody", None) is not None:
            notes.pass_over("body of a TRACE request", operation.node, "a TRACE request has no body", "requestBody")
        if fields.get("security", document.raw.get("security")):
            notes.choose("credential of a TRACE request", operation.node, "a TRACE request is sent without credentials")
            fields["security"] = []
    for status, written in [*responses.fields.items()]:
        response = follow(document, responses.child("response", status)).fields
        if "content" in response and (operation.role == "head" or status in _BODILESS):
            notes.pass_over("body that HTTP does not have", written, "an answer with this status has no body")
            responses.fields[status] = {key: value for key, value in response.items() if key != "content"}


def read_files(document: Document, notes: Notes) -> None:
    """Keep files where they can be sent and read: whole bodies and fields of forms; elsewhere, read them as text."""
    kept: set[int] = set()
    for media in walk(document, "media type"):
        schema = follow(document, media.child("schema", "schema"))
        kept.add(id(schema.node))
        if kind(media.name) == "multipart":
            for field in properties(document, schema).values():
                target = follow(document, field)
                kept |= {id(target.node), id(follow(document, target.child("schema", "items")).node)}
    for place in walk(document, "schema"):
        is_file = place.fields.get("format") == "binary" or "contentMediaType" in place.fields
        if is_file and "contentEncoding" not in place.fields and id(place.node) not in kept:
            notes.choose("file in JSON", place.node, "a file is neither in a form nor a whole body; it is read as text")
            for key in ("format", "contentMediaType"):
                place.fields.pop(key, None)


def _complete_content(document: Document, body: Place, name: str, notes: Notes) -> None:
    how, media = kind(name), body.child("media type", "content", name)
    schema = follow(document, media.child("schema", "schema")).fields if "schema" in media.fields else None
    if how == "json" and schema is None:
        media.fields["schema"] = {}
    elif how in {"text", "bytes"} and schema is not None and schema.get("type", "string") != "string":
        notes.choose("body of bytes", media.node, f"the body is {how}, whatever its schema says")
        del media.fields["schema"]
    elif how == "any" and schema and (schema.get("type", "string") != "string" or schema.keys() & _COMPOUNDS):
        notes.choose("any content type", media.node, "the schema of the body is not a text; JSON is requested")
        body.fields["content"] = {"application/json": media.node}
