"""The form in which documents are compared: what the generator reads, in one notation, with the package's names.

Two documents with the same form make the same client. Different notations with one meaning, such as a `$ref` in an
`allOf` of its own, have the same form.
"""

from collections.abc import Iterator
from typing import Any

from strict_clients.bump.plain import write_parameter_plainly, write_plainly
from strict_clients.check.operations import path_operations, properties
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.engine import class_name
from strict_clients.examine import examine
from strict_clients.load import Document
from strict_clients.media import choose
from strict_clients.names import group_names, method_names
from strict_clients.normalize import clean, complete
from strict_clients.shown import operation_places
from strict_clients.structure import required

CALL, ARGUMENTS = "x-call", "x-arguments"
"""The names of an operation and its parameters in callers' code; only the form has these fields."""
HEIR_OF = "x-heir-of"
"""The schemas whose discriminator selects this one."""
_USED = ("parameters", "responses", "requestBodies", "headers", "examples", "pathItems")
"""Components that mean nothing unless they are used."""


def form(document: Document) -> Document:
    """The form of a document as it was loaded; `origin` leads from its places to those in the file.

    Raises:
        GenerationRefused: no client can be generated from it.
    """
    return form_of(examine(document).document)


def form_unchecked(document: Document) -> Document:
    """The form of a document that an earlier generator checked when it was released."""
    cleaned, notes = clean(document)
    complete(cleaned, notes)
    return form_of(cleaned)


def form_of(examined: Document) -> Document:
    """The form of a document that the generator examined, which is changed in place."""
    _name_calls(examined)
    _write_parameters_out(examined)
    _gather_security(examined)
    _choose_contents(examined)
    _gather_properties(examined)
    for place in [*walk(examined, "schema")]:
        write_plainly(place)
    for place in walk(examined, "parameter"):
        write_parameter_plainly(place.fields)
    _key_by_class(examined)
    _drop_unused(examined)
    return examined


def without_names(operation: Any) -> Any:
    """An operation, or another field of a path, without the fields that only the form has."""
    if not isinstance(operation, dict):
        return operation
    return {key: value for key, value in mapping(operation).items() if key not in {CALL, ARGUMENTS}}


def _name_calls(document: Document) -> None:
    groups: dict[str, list[dict[str, Any]]] = {}
    for place in operation_places(document):
        fields = mapping(place.raw)
        fields[ARGUMENTS] = {f"{where} {wire}": str(name) for (where, wire), name in place.names.items()}
        groups.setdefault(fields["tags"][0], []).append(fields)
    names = group_names([*groups])
    for tag, members in groups.items():
        methods = method_names(members)
        for fields in members:
            fields[CALL] = f"client.{names[tag]}.{methods[fields['operationId']]}"


def _write_parameters_out(document: Document) -> None:
    """Give each operation the parameters of its path."""
    for item, place in [*path_operations(document)]:
        own = sequence(place.fields.get("parameters"))
        known = {_key(document, one, place) for one in own}
        shared = [one for one in sequence(item.fields.get("parameters")) if _key(document, one, item) not in known]
        if shared:
            place.fields["parameters"] = [*own, *shared]
    for item in walk(document, "path item"):
        item.fields.pop("parameters", None)


def _key(document: Document, written: Any, owner: Place) -> tuple[Any, Any]:
    fields = follow(document, Place("parameter", "", written, "parameters", owner)).fields
    return fields["in"], fields["name"]


def _gather_security(document: Document) -> None:
    """Set the most common requirement for the whole document, and keep only different ones on operations."""
    shared = document.raw.pop("security", [])
    asked = {id(place.node): place.fields.pop("security", shared) for _, place in path_operations(document)}
    ways = [*asked.values()]
    most = max(ways, key=ways.count, default=shared)
    document.raw["security"] = most
    for _, place in path_operations(document):
        if asked[id(place.node)] != most:
            place.fields["security"] = asked[id(place.node)]


def _choose_contents(document: Document) -> None:
    """Keep only the content type of each body that a client sends or requests."""
    for place in [*walk(document, "request body", "response")]:
        content = mapping(place.fields.get("content"))
        chosen = choose(content, sent=place.kind == "request body")
        for other in [name for name in content if chosen is not None and name != chosen]:
            del content[other]
        if not content or "x-error" in place.fields:  # the body of such an error is not read
            place.fields.pop("content", None)


def _gather_properties(document: Document) -> None:
    """Give each class all its properties, including those of its `allOf`."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for place in walk(document, "schema"):
        fields = properties(document, place) if place.role == "schemas" and "allOf" in place.fields else {}
        if fields:
            bases = [mapping(one)["$ref"] for one in place.fields["allOf"] if "$ref" in mapping(one)]
            told = [
                one for one in bases if "discriminator" in follow(document, Place("schema", "", {"$ref": one})).fields
            ]
            own = {
                "type": "object",
                "properties": {name: field.node for name, field in fields.items()},
                "required": sorted(required(document, place.fields)),
            }
            found.append((place.fields, own | ({HEIR_OF: sorted(told)} if told else {})))
    for schema, gathered in found:
        del schema["allOf"]
        schema.update(gathered)


def _key_by_class(document: Document) -> None:
    """Name each schema of the components after its class, and drop aliases."""
    components = mapping(document.raw["components"])
    schemas = mapping(components["schemas"])
    names: dict[str, str] = {}
    for name in schemas:
        target = follow(document, Place("schema", "", {"$ref": f"#/components/schemas/{name}"}))
        names[target.name] = names[name] = str(class_name(str(target.fields.get("title", target.name))))
    for node in _below(document.raw):
        for key, value in node.items():
            name = str(value).removeprefix("#/components/schemas/")
            if key == "$ref" and name != value and name in names:
                node[key] = f"#/components/schemas/{names[name]}"
        tags = mapping(mapping(node.get("discriminator")).get("mapping"))
        for tag, target in tags.items():
            name = str(target).rpartition("/")[2]
            tags[tag] = f"#/components/schemas/{names.get(name, name)}"
    kept = {name: schema for name, schema in schemas.items() if "$ref" not in schema}
    for schema in kept.values():
        schema.pop("title", None)
    components["schemas"] = {names[name]: schema for name, schema in kept.items()}


def _drop_unused(document: Document) -> None:
    """Remove components that no operation uses and from which nothing is generated."""
    components = mapping(document.raw.get("components"))
    outside = {key: value for key, value in document.raw.items() if key != "components"}
    reached: set[tuple[str, ...]] = set()
    waiting = [*_references(outside)]
    while waiting:
        section, name = one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += _references(mapping(components.get(section)).get(name))
    for section in _USED:
        named = mapping(components.get(section))
        left = {name: value for name, value in named.items() if (section, name) in reached}
        components.pop(section, None)
        components.update({section: left} if left else {})


def _references(node: Any) -> Iterator[tuple[str, str]]:
    for one in _below(node):
        reference = one.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            _, _, section, name = reference.split("/")
            yield section, name


def _below(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a value, itself first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            yield mapping(current)
        waiting += [*mapping(current).values(), *sequence(current)]
