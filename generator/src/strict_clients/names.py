"""The Python names of the parts of a document, each unique in its scope.

A name that is reserved or taken gets a suffix. A name that is spelled in the document as in Python is kept, even if
another one precedes it.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Any, TypeVar

from strict_clients.engine import member_name, python_name, snake_case
from strict_clients.runtime import BASE_ERROR, public_names

RESERVED_PROPERTIES = frozenset({"to_dict", "from_dict", "decode", "additional_properties", "cls", "d"})
RESERVED_PARAMETERS = frozenset(
    {
        *("cls", "client", "body", "checkpoint", "fresh_connection", "trust_short_page", "options", "timeout"),
        *("on_invalid", "verify", "prefetch"),
        *("call", "result", "arguments", "listing", "warnings", "check_fresh", "single_page", "many"),
    }
)
"""Names of other arguments of methods, and names that methods use."""
RESERVED_OF_PAGED = frozenset({"concurrency", "rate"})
"""The additional ones of an operation with pages."""
RESERVED_GROUPS = frozenset(
    {"cls", "close", "aclose", "with_options", "endpoint", "path_prefix", "http_client", "opens_connections"}
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
    *("BasicSource", "CredentialSource", "TokenCredential", "Given", "SecurityScheme", "ServerVariable"),
    *("AsyncBasicSource", "AsyncCredentialSource", "AsyncTokenCredential", "KeyHolder", "TokenHosts"),
    *("ErrorBody", "EventHook", "SERVICE", "Service", "WaitHeader", "WaitHints"),
}
"""What the modules of the clients use."""
REQUIREMENTS = frozenset(
    {"attrs", "certifi", "h11", "httpcore", "httpx", "msgspec", "anyio", "idna", "typing-extensions"}
)
"""The direct and indirect requirements of a package."""
_Key = TypeVar("_Key")
LONGEST_NAME = 100
"""The maximum length of a name that becomes a file name."""
# Builtins in the annotations of a resource: a method of that name would hide them from type checkers.
_ANNOTATIONS = {"str", "int", "float", "bool", "tuple", "property"}
_MODULES = {"attrs", "bodies", "compounds", "scalars"}


def hides(package: str) -> bool:
    """Whether a package of this name could not be imported, or would hide a module that it needs."""
    needed = {*REQUIREMENTS, "attr", "typing_extensions"}
    return iskeyword(package) or package in needed or package in sys.stdlib_module_names


def distinct(
    wanted: Mapping[_Key, str], *, reserved: Iterable[str] = (), exact: Iterable[_Key] = ()
) -> dict[_Key, str]:
    """The wanted names, with a suffix for those that are reserved or taken; those in `exact` have priority."""
    taken: set[str] = set()
    found: dict[_Key, str] = {}
    for key in dict.fromkeys([*exact, *wanted]):
        stem = f"{wanted[key]}_" if wanted[key] in reserved else wanted[key]
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem.rstrip('_')}_{number}", number + 1
        taken.add(name)
        found[key] = name
    return {key: found[key] for key in wanted}


def field_names(wires: Sequence[str]) -> dict[str, str]:
    """The names of properties as fields, by their names in JSON."""
    return _python_names(wires, python_name, RESERVED_PROPERTIES | _MODULES)


def group_names(tags: Sequence[str]) -> dict[str, str]:
    """The names of tags as attributes of the client."""
    return _python_names(tags, python_name, RESERVED_GROUPS)


def _python_names(written: Sequence[str], make: Callable[[str], str], reserved: Iterable[str]) -> dict[str, str]:
    wanted = {one: make(one)[:LONGEST_NAME] for one in written}
    return distinct(wanted, reserved=reserved, exact=[one for one in wanted if wanted[one] == one])


def argument_names(parameters: Iterable[Mapping[str, Any]], *, paged: bool) -> dict[tuple[str, str], str]:
    """The names of an operation's parameters as arguments, by place and name; path parameters have priority."""
    wanted = {(one["in"], one["name"]): python_name(one["name"]) for one in parameters}
    exact = [key for key in wanted if key[0] == "path"]
    repeated = {key for key in wanted if any(wanted[key] == wanted[other] for other in exact if other != key)}
    wanted = {key: f"{name}_{key[0]}" if key in repeated - {*exact} else name for key, name in wanted.items()}
    return distinct(
        wanted, reserved=RESERVED_PARAMETERS | (RESERVED_OF_PAGED if paged else frozenset[str]()), exact=exact
    )


def method_name(operation_id: str, tag: str) -> str:
    """The name of the operation's method: `Plants_list` and `plants/list` under the tag `Plants` are `list`."""
    name = snake_case(operation_id.removeprefix(f"{tag}_")) or snake_case(operation_id)
    prefix = f"{snake_case(tag)}_"
    if "/" in operation_id and name.startswith(prefix):
        name = name.removeprefix(prefix)
    if not name.isidentifier() or name.startswith("_"):
        name = python_name(name)
    return f"{name}_" if iskeyword(name) or name in _ANNOTATIONS else name


def method_names(operations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of a group's operations as methods, by operationId; a paged one has several methods."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for operation in operations:
        stem = name = method_name(operation["operationId"], operation["tags"][0])
        endings, number = ("", "_page", "_many") if "x-pagination" in operation else ("",), 2
        while taken & {f"{name}{ending}" for ending in endings}:
            name, number = f"{stem.rstrip('_')}_{number}", number + 1
        taken |= {f"{name}{ending}" for ending in endings}
        found[operation["operationId"]] = name
    return found


def constant_name(operation_id: str) -> str:
    """The name of the operation's constant in the module of its resource."""
    name = snake_case(operation_id).upper()
    name = name if name.isidentifier() else python_name(operation_id).upper()
    return f"{name}_" if name in RESERVED_CLASSES else name


def member_names(values: Sequence[str | int], given: Sequence[str | None] = ()) -> dict[str | int, str]:
    """The names of an enum's members by their values; `given` are the names from the document."""
    names = given if len(given) == len(values) else [None] * len(values)
    wanted = {value: member_name(value, names[index], index) for index, value in enumerate(values)}
    plain = {value: name if name.isidentifier() else f"VALUE_{n}" for n, (value, name) in enumerate(wanted.items())}
    return distinct(plain, exact=[value for value in plain if plain[value] == value])


def variable_member(shown: str) -> str:
    """The name of the enum member for a server variable's value, from its display name; empty if nothing is left."""
    return re.sub(r"[^0-9A-Z]+", "_", shown.upper(), flags=re.ASCII).strip("_")
