"""Names for the classes of resources, which the document does not name."""

from strict_clients.engine import class_name
from strict_clients.model.graph import fields_of
from strict_clients.model.types import Types
from strict_clients.names import RESERVED_CLIENTS


def taken_class_names(types: Types) -> set[str]:
    """The names of all classes of a package except those of its resources."""
    raw, sdk = types.document.raw, types.document.raw["info"]["x-sdk"]
    parsed = [*(one for one in types.parsed.models if fields_of(one)), *types.parsed.enums]
    variables = raw["servers"][0].get("variables", {}).items()
    return {
        *RESERVED_CLIENTS,
        *(sdk["client"], f"Async{sdk['client']}", sdk["error"]),
        *(str(one.class_info.name) for one in parsed),
        *(variable.get("x-class") or class_name(name) for name, variable in variables),
    }


def free_class_name(group: str, taken: set[str]) -> str:
    """A name for the class of a group, also unused with the prefix `Async`; both are added to `taken`.

    A group often has the name of a schema: then `Pet` stays the model, and the class is `PetOperations`.
    """
    name = class_name(group)
    while {name, f"Async{name}"} & taken:
        name += "Operations"
    taken |= {name, f"Async{name}"}
    return name
