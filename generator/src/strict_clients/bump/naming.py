"""The Python names of the parts of a document: classes, fields, methods and arguments."""

from strict_clients.bump.form import ARGUMENTS, CALL
from strict_clients.check.places import Place, mapping, sequence
from strict_clients.engine import class_name, python_name
from strict_clients.names import field_names, method_name
from strict_clients.pointers import keys


def method(operation: Place) -> str:
    """The call of an operation: `client.boats.list`."""
    if CALL in operation.fields:
        return str(operation.fields[CALL])
    tag = next((str(one) for one in sequence(operation.fields.get("tags"))), "")
    return f"client.{python_name(tag)}.{method_name(str(operation.fields.get('operationId', '')), tag)}"


def argument(place: Place) -> str:
    """A parameter, or a client's argument: `client.boats.list(limit=...)`."""
    owner = place.owner
    while owner is not None and owner.kind != "operation":
        owner = owner.owner
    known = mapping(owner.fields.get(ARGUMENTS)) if owner is not None else {}
    written = f"{place.fields.get('in')} {place.fields.get('name')}"
    name = known.get(written) or python_name(
        str(place.fields.get("x-parameter") or place.fields.get("name") or place.name)
    )
    return f"{method(owner)}({name}=...)" if owner is not None else f"the argument {name}"


def named(place: Place) -> str:
    """A part of a schema by its class: `Boat.name`, or by the parameter or operation that it belongs to."""
    names: list[str] = []
    inner: Place | None = place
    while inner is not None:
        if inner.kind == "schema" and inner.role == "schemas":
            return ".".join([class_name(inner.name), *reversed(names)])
        if inner.kind == "schema" and inner.role == "properties":
            names.append(_field(inner))
        if inner.kind == "parameter":
            return ".".join([argument(inner), *reversed(names)])
        if inner.kind == "operation":
            part = "the body of" if "requestBody" in keys(place.pointer) else "the answer of"
            return ".".join([f"{part} {method(inner)}", *reversed(names)])
        inner = inner.owner
    return place.pointer


def _field(place: Place) -> str:
    """The name of a property as a field of its class."""
    siblings = mapping(place.owner.fields.get("properties")) if place.owner is not None else {}
    return field_names([*siblings]).get(place.name) or python_name(place.name)


def member(enum: Place, name: str) -> str:
    """A member of an enum class: `Region.NORWAY_EAST`."""
    return f"{enum.fields.get('x-class') or class_name(enum.name)}.{name}"


def shape(schema: Place) -> str:
    """The type of a schema in a few words: `string`, `array of Boat`."""
    fields = schema.fields
    if "$ref" in fields:
        return class_name(str(fields["$ref"]).rpartition("/")[2])
    kind = fields.get("type")
    members = [shape(Place("schema", "", one, "anyOf", schema)) for one in sequence(fields.get("anyOf"))]
    words = " or ".join(members or map(str, sequence(kind))) or str(kind or "any value")
    if kind == "array":
        return f"array of {shape(schema.child('schema', 'items'))}"
    return f"{words} ({fields['format']})" if "format" in mapping(fields) else words
