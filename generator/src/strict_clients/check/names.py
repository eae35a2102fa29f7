"""Rules for names: a name that the document gives for Python is not used for something else."""

from collections.abc import Iterator

from strict_clients.breaches import Breach
from strict_clients.check.operations import properties
from strict_clients.check.places import mapping, sequence, walk
from strict_clients.engine import class_name
from strict_clients.load import Document
from strict_clients.names import (
    LONGEST_NAME,
    RESERVED_CLASSES,
    RESERVED_CLIENTS,
    RESERVED_PROPERTIES,
    field_names,
)


def view_names_are_distinct(document: Document) -> Iterator[Breach]:
    """A typed view does not have the name of a property or of another view of its schema."""
    for schema in walk(document, "schema"):
        if schema.role != "schemas":
            continue
        found = properties(document, schema)
        taken = {*field_names([*found]).values(), *RESERVED_PROPERTIES, "self"}
        for place in found.values():
            for index, view in enumerate(sequence(place.fields.get("x-views"))):
                if view["name"] in taken:
                    pointer = place.at("x-views", index, "name")
                    yield Breach(pointer, f"view {view['name']!r} is the name of another member; rename it")
                taken.add(view["name"])


def class_names_are_distinct(document: Document) -> Iterator[Breach]:
    """Clients, errors and enums of server variables stay distinct as classes; schemas give way to them."""
    sdk = mapping(mapping(document.raw.get("info")).get("x-sdk"))
    named = [(str(sdk[key]), f"/info/x-sdk/{key}") for key in ("client", "error") if key in sdk]
    named += [(f"Async{sdk['client']}", "/info/x-sdk/client")] if "client" in sdk else []
    for place in walk(document, "server variable"):
        if "x-class" in place.fields:
            named.append((place.fields["x-class"], place.at("x-class")))
        elif "enum" in place.fields:
            named.append((class_name(place.name), place.pointer))
    errors: set[str] = set()
    for place in walk(document, "response"):
        for index, entry in enumerate(sequence(place.fields.get("x-error"))):
            if entry["class"] not in errors:
                named.append((entry["class"], place.at("x-error", index, "class")))
            errors.add(entry["class"])
    seen: dict[str, str] = {}
    for name, pointer in named:
        reserved = RESERVED_CLIENTS if pointer.startswith(("/info/", "/servers/")) else RESERVED_CLASSES
        if name in reserved or name in seen:
            other = f"#{seen[name]}" if name in seen else "the runtime"
            yield Breach(pointer, f"name {name!r} gives the class {name!r}, as {other} does; rename it")
        seen.setdefault(name, pointer)


def names_of_files_are_short(document: Document) -> Iterator[Breach]:
    """Names that become file names are not longer than file systems allow."""
    sdk = mapping(mapping(document.raw.get("info")).get("x-sdk"))
    named = [(place.name, place.pointer) for place in walk(document, "server variable")]
    named += [(str(sdk[key]), f"/info/x-sdk/{key}") for key in ("package", "distribution") if key in sdk]
    for name, pointer in named:
        if len(name) > LONGEST_NAME:
            message = f"name {name[:20]!r}... has {len(name)} characters and names a file; shorten it to {LONGEST_NAME}"
            yield Breach(pointer, message)
