"""Rules of names: what the document calls two things stays two things in Python, and takes no name of ours."""

import re
from collections.abc import Callable, Iterable, Iterator

from generator.breaches import Breach
from generator.check.operations import operations, properties
from generator.check.places import mapping, sequence, walk
from generator.engine import class_name, python_name, snake_case
from generator.load import Document
from generator.runtime import BASE_ERROR, public_names

RESERVED_PROPERTIES = frozenset({"to_dict", "from_dict", "decode", "additional_properties", "self", "cls", "d"})
RESERVED_PARAMETERS = frozenset(
    {
        "self",
        "cls",
        "client",
        "body",
        "checkpoint",
        "fresh_connection",
        "trust_short_page",
        "options",
        "timeout",
        "on_invalid",
        "verify",
        "prefetch",
    }
)
RESERVED_OF_PAGED = frozenset({"concurrency", "rate"})
"""Beside them, of an operation with pages."""
RESERVED_TAGS = frozenset(
    {
        *("self", "cls", "close", "aclose", "with_options", "endpoint", "path_prefix"),
        *("http_client", "opens_connections"),
    }
)
RESERVED_CLASSES = frozenset(
    {
        *(name for names in public_names().values() for name in names),
        *("HTTPRequest", "HTTPResponse", "Call", "Model", "ClassVar", "ErrorRule", "Field", "JSON", "Listing"),
        *("Operation", "Pagination", "Parameter", "AsyncClient", "SyncClient", "Mapping", "Sequence", "UUID"),
        *("IntEnum", "StrEnum", "Any", "Literal", "AsyncGenerator", "Generator", "Iterable", "TYPE_CHECKING"),
        *("AttributeError", "DeprecationWarning", BASE_ERROR),
    }
)
"""What the modules of models, operations and errors use."""
RESERVED_CLIENTS = RESERVED_CLASSES | {
    *("CredentialSource", "Given", "SecurityScheme", "ServerVariable"),
    *("ErrorBody", "EventHook", "SERVICE", "Service", "WaitHeader", "WaitHints"),
}
"""What the modules of the clients use."""


LONGEST_NAME = 100
"""Characters of what becomes the name of a file."""
# What the methods of a resource use under these names.
_LOCALS = {
    *("call", "result", "arguments", "listing", "warnings", "verified_page", "check_fresh", "trust_short_page", "many")
}
_MODULES = {"attrs", "bodies", "compounds", "scalars"}


def method_name(operation_id: str, tag: str) -> str:
    """The name of the operation's method: `Plants_list` under the tag Plants is `list`."""
    return snake_case(operation_id.removeprefix(f"{tag}_"))


def member_name(shown: str) -> str:
    """The name of the enum member that is made of a text; empty where nothing is left."""
    return re.sub(r"[^0-9A-Z]+", "_", shown.upper(), flags=re.ASCII).strip("_")


def constant_name(operation_id: str) -> str:
    """The name of the operation's constant in the module of its resource."""
    name = snake_case(operation_id).upper()
    return f"{name}_" if name in RESERVED_CLASSES else name


def argument_name(wire: str) -> str:
    """The name of a parameter as an argument; it takes no name that methods use for themselves."""
    name = python_name(wire)
    return f"{name}_" if name in _LOCALS else name


def field_name(wire: str) -> str:
    """The name of a property as a field; it takes no name of a module that the generated file uses."""
    name = python_name(wire)
    return f"{name}_" if name in _MODULES else name


def operations_are_named(document: Document) -> Iterator[Breach]:
    """An operation has an operationId and exactly one tag."""
    for operation in operations(document):
        if not operation.operation_id:
            yield Breach(operation.place.pointer, "operationId is missing; name the operation, as in Group_verb")
        tags = len(sequence(operation.place.fields.get("tags")))
        if tags != 1:
            yield Breach(operation.place.pointer, f"operation has {tags} tags; give it exactly one")


def operation_ids_are_distinct(document: Document) -> Iterator[Breach]:
    """No two operations have one operationId in Python, or one method name in one group."""
    ids: dict[str, str] = {}
    methods: dict[tuple[str, str], str] = {}
    for operation in operations(document):
        name, tag, pointer = operation.operation_id, operation.tag, operation.place.at("operationId")
        if not name:
            continue
        snake = snake_case(name)
        if snake in ids:
            reason = "is used twice" if ids[snake] == name else f"is {snake!r} in Python, as {ids[snake]!r} is"
            yield Breach(pointer, f"operationId {name!r} {reason}; rename one")
            continue
        ids[snake] = name
        method = method_name(name, tag)
        if method.startswith("_") or not (method.isidentifier() and snake.isidentifier()):
            yield Breach(pointer, f"operationId {name!r} leaves no name for a method; rename it")
        paged = "x-pagination" in operation.place.fields
        for taken in (method, f"{method}_page", f"{method}_many") if paged else (method,):
            other = methods.setdefault((tag, taken), name)
            if other != name:
                yield Breach(pointer, f"operationId {name!r} gives the method {taken!r}, as {other!r} does; rename one")


def tags_are_distinct(document: Document) -> Iterator[Breach]:
    """Tags stay distinct as attributes of the client."""
    places = {operation.tag: operation.place.at("tags") for operation in operations(document) if operation.tag}
    yield from _clashes("tag", ((tag, pointer) for tag, pointer in places.items()), RESERVED_TAGS, python_name)


def property_names_are_distinct(document: Document) -> Iterator[Breach]:
    """Properties of one schema, inherited ones too, stay distinct and leave the generated members alone."""
    for schema in walk(document, "schema"):
        if schema.role != "schemas":
            continue
        found = properties(document, schema)
        named = [(name, place.pointer) for name, place in found.items() if "x-spelling-of" not in place.fields]
        own = ((name, pointer) for name, pointer in named)
        yield from _clashes("property", own, RESERVED_PROPERTIES, field_name, within=f"{schema.pointer}/")


def view_names_are_distinct(document: Document) -> Iterator[Breach]:
    """A typed view has the name of no property and of no other view of its schema."""
    for schema in walk(document, "schema"):
        if schema.role != "schemas":
            continue
        found = properties(document, schema)
        taken = {field_name(name) for name in found} | RESERVED_PROPERTIES
        for place in found.values():
            for index, view in enumerate(sequence(place.fields.get("x-views"))):
                if view["name"] in taken:
                    pointer = place.at("x-views", index, "name")
                    yield Breach(pointer, f"view {view['name']!r} is the name of another member; rename it")
                taken.add(view["name"])


def parameter_names_are_distinct(document: Document) -> Iterator[Breach]:
    """Parameters of one operation stay distinct as arguments of its method."""
    for operation in operations(document):
        named = ((str(place.fields["name"]), place.pointer) for place in operation.parameters)
        paged = "x-pagination" in operation.place.fields
        reserved = RESERVED_PARAMETERS | RESERVED_OF_PAGED if paged else RESERVED_PARAMETERS
        yield from _clashes("parameter", named, reserved, argument_name)


def class_names_are_distinct(document: Document) -> Iterator[Breach]:
    """Schemas, clients, errors and enums of server variables stay distinct as classes."""
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
    # The engine makes classes of schemas alone, and of a title where there is one; the other names are classes already.
    schemas = [place for place in walk(document, "schema") if place.role == "schemas"]
    named += [(str(place.fields.get("title") or place.name), place.pointer) for place in schemas]
    seen: dict[str, str] = {}
    for name, pointer in named:
        python = class_name(name) if pointer.startswith("/components/schemas/") else name
        reserved = RESERVED_CLIENTS if pointer.startswith(("/info/", "/servers/")) else RESERVED_CLASSES
        if not snake_case(name):
            yield Breach(pointer, f"name {name!r} leaves nothing for a class; rename it")
        elif python in reserved or python in seen:
            other = f"#{seen[python]}" if python in seen else "the runtime"
            yield Breach(pointer, f"name {name!r} gives the class {python!r}, as {other} does; rename it")
        seen.setdefault(python, pointer)


def module_names_are_distinct(document: Document) -> Iterator[Breach]:
    """Schemas of different classes stay distinct as modules, too."""
    seen: dict[str, tuple[str, str]] = {}
    for place in walk(document, "schema"):
        if place.role == "schemas" and ("enum" in place.fields or properties(document, place)):
            name = class_name(str(place.fields.get("title") or place.name))
            other, pointer = seen.setdefault(snake_case(name), (name, place.pointer))
            if other != name:
                yield Breach(
                    place.pointer,
                    f"class {name!r} gives the module {snake_case(name)!r}, as #{pointer} does; rename it",
                )


def names_of_files_are_short(document: Document) -> Iterator[Breach]:
    """What gives a file its name is no longer than systems allow."""
    named = [(operation.tag, operation.place.at("tags", 0)) for operation in operations(document)]
    named += [(place.name, place.pointer) for place in walk(document, "server variable")]
    for place in walk(document, "schema"):
        if place.role == "schemas":
            named.append((str(place.fields.get("title") or place.name), place.pointer))
    sdk = mapping(mapping(document.raw.get("info")).get("x-sdk"))
    named += [(str(sdk[key]), f"/info/x-sdk/{key}") for key in ("package", "distribution") if key in sdk]
    for name, pointer in named:
        if len(name) > LONGEST_NAME:
            message = f"name {name[:20]!r}... has {len(name)} characters and names a file; shorten it to {LONGEST_NAME}"
            yield Breach(pointer, message)


def enum_members_are_distinct(document: Document) -> Iterator[Breach]:
    """Values of an enum stay distinct as its members, whose names may be given."""
    for schema in walk(document, "schema"):
        if "x-enum-varnames" in schema.fields:
            continue
        values = [value for value in sequence(schema.fields.get("enum")) if isinstance(value, str)]
        named = ((value, schema.at("enum", index)) for index, value in enumerate(values))
        for breach in _clashes("value", named, frozenset(), python_name):
            yield Breach(breach.pointer, breach.message.rpartition(";")[0] + "; add x-enum-varnames")


def _clashes(
    kind: str,
    named: Iterable[tuple[str, str]],
    reserved: frozenset[str],
    make: Callable[[str], str],
    within: str = "",
) -> Iterator[Breach]:
    """A breach for each name that is empty, reserved or another one's in Python; `within` keeps those below it."""
    seen: dict[str, str] = {}
    for name, pointer in named:
        snake, python = snake_case(name), make(name)
        if not snake or not python.isidentifier():
            message = "leaves no name in Python"
        elif name.startswith("_"):
            message = "starts with '_', which is for generated members"
        elif {snake, python, python_name(name)} & reserved:
            message = "is the name of a generated member"
        elif python in seen:
            message = f"is {python!r} in Python, as {seen[python]!r} is"
        else:
            seen[python] = name
            continue
        place = pointer if pointer.startswith(within) else within.rstrip("/")
        yield Breach(place, f"{kind} {name!r} {message}; rename it")
