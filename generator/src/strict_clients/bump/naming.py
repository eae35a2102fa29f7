"""What callers call the things of a document: classes, fields, methods and arguments in Python."""

from itertools import pairwise

from strict_clients.check.places import Place, mapping, sequence
from strict_clients.engine import class_name, python_name
from strict_clients.names import method_name
from strict_clients.pointers import keys


def method(operation: Place) -> str:
    """The call of an operation: `client.boats.list`."""
    tag = next((str(one) for one in sequence(operation.fields.get("tags"))), "")
    return f"client.{python_name(tag)}.{method_name(str(operation.fields.get('operationId', '')), tag)}"


def argument(place: Place) -> str:
    """A parameter, or a client's argument: `client.boats.list(limit=...)`."""
    name = python_name(str(place.fields.get("x-parameter") or place.fields.get("name") or place.name))
    owner = place.owner
    while owner is not None and owner.kind != "operation":
        owner = owner.owner
    return f"{method(owner)}({name}=...)" if owner is not None else f"the argument {name}"


def named(place: Place) -> str:
    """A part of a schema by its class: `Boat.name`, or by the parameter or operation that it belongs to."""
    steps = keys(place.pointer)
    if steps[:2] == ["components", "schemas"]:
        fields = [after for step, after in pairwise(steps[3:]) if step == "properties"]
        return ".".join([class_name(steps[2]), *map(python_name, fields)])
    owner: Place | None = place
    while owner is not None:
        if owner.kind == "parameter":
            return argument(owner)
        if owner.kind == "operation":
            part = "the body of" if "requestBody" in steps else "the answer of"
            return f"{part} {method(owner)}"
        owner = owner.owner
    return place.pointer


def member(enum: Place, name: str) -> str:
    """A member of an enum class: `Region.NORWAY_EAST`."""
    return f"{enum.fields.get('x-class') or class_name(enum.name)}.{name}"


def shape(schema: Place) -> str:
    """The type of a schema in a few words: `string`, `array of Boat`."""
    fields = schema.fields
    if "$ref" in fields:
        return class_name(str(fields["$ref"]).rpartition("/")[2])
    kind = fields.get("type", "any value")
    words = " or ".join(map(str, sequence(kind))) or str(kind)
    if kind == "array":
        return f"array of {shape(schema.child('schema', 'items'))}"
    return f"{words} ({fields['format']})" if "format" in mapping(fields) else words
