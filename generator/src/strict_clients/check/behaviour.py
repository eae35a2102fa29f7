"""Rules for extensions that describe behavior: pages, errors, and the emulator's answers."""

import json
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from strict_clients.breaches import Breach
from strict_clients.check.operations import Operation, inside, operations, properties
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.load import Document
from strict_clients.media import choose, kind

RESERVED_ATTRIBUTES = frozenset(
    {
        *("args", "add_note", "with_traceback", "attempts", "checkpoint"),
        *("status_code", "code", "message", "request_id", "wait"),
    }
)


def pagination_names_parameters(document: Document) -> Iterator[Breach]:
    """Cursor and limit are two different query parameters, and `same` names existing parameters."""
    for operation in operations(document):
        paging = mapping(operation.place.fields.get("x-pagination"))
        for key in ("cursor", "limit"):
            if key in paging and paging[key] not in operation.names("query"):
                pointer = operation.place.at("x-pagination", key)
                yield Breach(pointer, f"{paging[key]!r} is not a query parameter of the operation; name one")
        yield from _paging_types(document, operation, paging)
        if paging and paging["cursor"] == paging.get("limit"):
            pointer = operation.place.at("x-pagination", "limit")
            yield Breach(pointer, f"{paging['cursor']!r} is the cursor already; name another parameter")
        everywhere = operation.names("query") | operation.names("path") | operation.names("header")
        for at, name in mapping(paging.get("same")).items():
            if name not in everywhere:
                pointer = operation.place.at("x-pagination", "same", at)
                yield Breach(pointer, f"{name!r} is not a parameter of the operation; name one")


def _paging_types(document: Document, operation: Operation, paging: dict[str, Any]) -> Iterator[Breach]:
    """A cursor is a text or a number and a limit is a number, without a Python type of their own."""
    for key, types in (("cursor", ("string", "integer")), ("limit", ("integer",))):
        for parameter in operation.parameters:
            if (parameter.fields["in"], parameter.fields["name"]) != ("query", paging.get(key)):
                continue
            schema = follow(document, parameter.child("schema", "schema")).fields
            if schema.get("type") not in types or schema.get("format") in {"date", "date-time", "uuid", "byte"}:
                shown = " or ".join(types)
                yield Breach(
                    operation.place.at("x-pagination", key), f"parameter is not a plain {shown}; name another one"
                )


def pagination_leads_into_the_answer(document: Document) -> Iterator[Breach]:
    """The items are an array of the answer, and the cursor is in an item or in the body."""
    for operation in operations(document):
        paging = mapping(operation.place.fields.get("x-pagination"))
        if not paging:
            continue
        full = [
            (name, one) for name, one in operation.responses.items() if name[0] == "2" and one.fields.get("content")
        ]
        if len(full) > 1 or any(kind(choose(one.fields["content"], sent=False) or "") != "json" for _, one in full):
            yield Breach(operation.place.at("x-pagination"), "pages need one success with a JSON body; keep one")
            continue
        answer = operation.answer()
        array = None if answer is None else inside(document, answer, paging["items"])
        if answer is None or array is None or array.fields.get("type") != "array":
            pointer = operation.place.at("x-pagination", "items")
            yield Breach(pointer, f"{paging['items']!r} leads to no array of the answer; correct the pointer")
            continue
        item = array.child("schema", "items")
        holder, shown = (item, "an item") if paging["style"] == "item" else (answer, "the answer")
        found, pointer = inside(document, holder, paging["cursor-at"]), operation.place.at("x-pagination", "cursor-at")
        if found is None:
            known = ", ".join(f"/{name}" for name in properties(document, holder)) or "none"
            shown = f"{paging['cursor-at']!r} leads to no property of {shown}; correct the pointer, it has {known:.200}"
            yield Breach(pointer, shown)
        elif {"object", "array", "boolean"} & {*sequence(found.fields.get("type")), str(found.fields.get("type"))}:
            yield Breach(pointer, f"{paging['cursor-at']!r} is not a text or number; name another property of {shown}")
        for at in mapping(paging.get("same")):
            if inside(document, item, at) is None:
                pointer = operation.place.at("x-pagination", "same", at)
                yield Breach(pointer, f"{at!r} leads to no property of an item; correct the pointer")


def errors_stand_on_errors(document: Document) -> Iterator[Breach]:
    """Only error statuses and `default` have error classes."""
    for operation in operations(document):
        for status, response in operation.responses.items():
            if "x-error" in response.fields and status[0] not in "45d":
                pointer = operation.place.at("responses", status)
                yield Breach(pointer, f"x-error on status {status} has no meaning; move it to a 4xx or 5xx response")


def errors_always_match(document: Document) -> Iterator[Breach]:
    """The last entry of a status has no condition, and every one before it has one."""
    for place in walk(document, "response"):
        entries = sequence(place.fields.get("x-error"))
        for index, entry in enumerate(entries):
            conditional = "when" in entry or "has-wait" in entry
            pointer = place.at("x-error", index)
            if conditional and index == len(entries) - 1:
                yield Breach(pointer, "the last entry has a condition; add one without when and has-wait after it")
            elif not conditional and index < len(entries) - 1:
                yield Breach(pointer, "the entry matches always, so those after it never do; move it to the end")


def wait_attributes_are_free(document: Document) -> Iterator[Breach]:
    """The attribute of a wait does not have the name of another attribute of errors."""
    for place in walk(document, "response"):
        for index, entry in enumerate(sequence(place.fields.get("x-error"))):
            name = entry.get("wait-attribute", "")
            if name in RESERVED_ATTRIBUTES or iskeyword(name):
                pointer = place.at("x-error", index, "wait-attribute")
                yield Breach(pointer, f"attribute {name!r} is reserved; rename it")


def error_classes_mean_one_thing(document: Document) -> Iterator[Breach]:
    """An error class has the same meaning wherever it is used; its conditions may differ."""
    seen: dict[str, tuple[str, str]] = {}
    for operation in operations(document):
        for status, response in operation.responses.items():
            for index, entry in enumerate(sequence(response.fields.get("x-error"))):
                said = {key: entry[key] for key in entry if key not in {"when", "has-wait"}}
                name, meaning = entry["class"], json.dumps(said, sort_keys=True)
                other, first = seen.setdefault(name, (status, meaning))
                if first != meaning:
                    pointer = response.at("x-error", index)
                    yield Breach(
                        pointer, f"{name} means something else at status {other}; make both the same, or rename one"
                    )


def emulator_collection_is_a_parameter(document: Document) -> Iterator[Breach]:
    """The emulator's collection is named by a path parameter."""
    for operation in operations(document):
        emulator = mapping(operation.place.fields.get("x-emulator"))
        if emulator and emulator["collection"] not in operation.names("path"):
            pointer = operation.place.at("x-emulator", "collection")
            yield Breach(pointer, f"{emulator['collection']!r} is not a path parameter of the operation; name one")


def emulator_examples_name_parameters(document: Document) -> Iterator[Breach]:
    """An example for an invalid parameter names a parameter of an operation with this answer."""
    wanted: dict[str, str] = {}
    found: set[str] = set()
    for operation in operations(document):
        names = {parameter.fields["name"] for parameter in operation.parameters}
        for response in operation.responses.values():
            for place in _examples(document, response):
                name = mapping(place.fields.get("x-emulator-when")).get("invalid")
                if name is not None:
                    wanted[place.at("x-emulator-when", "invalid")] = name
                    found |= {place.at("x-emulator-when", "invalid")} if name in names else set()
    for pointer, name in wanted.items():
        if pointer not in found:
            yield Breach(pointer, f"{name!r} is not a parameter of an operation with this answer; name one")


def _examples(document: Document, response: Place) -> Iterator[Place]:
    for name, media_type in mapping(response.fields.get("content")).items():
        for key in mapping(mapping(media_type).get("examples")):
            yield follow(document, response.child("example", "content", name, "examples", key))
