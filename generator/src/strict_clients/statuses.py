"""The error classes of the statuses that a document describes without `x-error`."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from strict_clients.check.operations import operations
from strict_clients.check.places import sequence, walk
from strict_clients.engine import class_name
from strict_clients.load import Document
from strict_clients.names import RESERVED_CLIENTS
from strict_clients.structure import schemas

DEFAULT, DEFAULT_OF_SERVER = "default", "default 5XX"
"""Two classes for `default`, so that callers who catch `ServerError` get every 5xx, and no other status."""
_PHRASES = {str(int(one)): one.phrase for one in HTTPStatus} | {
    # Python's names of these differ between versions, and that of 418 is not a word.
    "413": "Content Too Large",
    "414": "URI Too Long",
    "416": "Range Not Satisfiable",
    "418": "Teapot",
    "422": "Unprocessable Entity",
    "4XX": "Client Error",
    "5XX": "Server Error",
    DEFAULT: "Error",
    DEFAULT_OF_SERVER: "Server Error",
}
_NAMES = {
    "501": "NotImplementedStatusError",  # Python has a NotImplementedError
    "4XX": "ClientStatusError",
    "5XX": "ServerStatusError",
    DEFAULT: "DefaultStatusError",
    DEFAULT_OF_SERVER: "DefaultServerError",
}


def phrase(status: str) -> str:
    """The name of a status, or of a key for several, in a sentence."""
    return _PHRASES.get(status, f"Status {status}").lower()


def find_plain_errors(responses: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """For each status or range of an operation without `x-error`, the status or range of its class.

    An `x-error` of a range or of `default` holds for the statuses in it too. `default` is every error without another
    response; 2xx and 3xx are not errors.
    """
    ruled = {status for status, response in responses.items() if "x-error" in response}
    named = [status for status in responses if status[0] in "45"]
    found = {status: status for status in named if not ruled & {status, f"{status[0]}XX", DEFAULT}}
    if DEFAULT in responses and DEFAULT not in ruled:
        left = {"4XX": DEFAULT, "5XX": DEFAULT_OF_SERVER}
        found |= {status: key for status, key in left.items() if status not in responses}
    return found


def wanted_name(status: str) -> str:
    """The wanted name for the class of a status, a range or `default`."""
    words = _PHRASES.get(status, f"Status {status}").removesuffix(" Error")
    return _NAMES.get(status) or "".join(re.findall(r"\w+", words)) + "Error"


def status_classes(document: Document) -> dict[str, str]:
    """The unique names of the classes of all operations."""
    responses = (one.responses for one in operations(document))
    plain = [find_plain_errors({status: place.fields for status, place in found.items()}) for found in responses]
    keys = {key for found in plain for key in found.values()}
    taken, names = _taken(document), dict[str, str]()
    for key in sorted(keys | ({DEFAULT} if DEFAULT_OF_SERVER in keys else set())):
        name = wanted_name(key)
        while name in taken:
            name = f"{name.removesuffix('Error')}StatusError"
        names[key] = name
    return names


def ruled_classes(document: Document) -> dict[str, tuple[tuple[str, ...], dict[str, Any]]]:
    """The classes of `x-error` in the document's order, with their statuses and definitions."""
    found: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {}
    for operation in operations(document):
        for status, response in operation.responses.items():
            for rule in sequence(response.fields.get("x-error")):
                statuses, said = found.get(rule["class"], ((), rule))
                found[rule["class"]] = (tuple(dict.fromkeys([*statuses, status])), said)
    return found


def base_of(*statuses: str) -> str:
    """The base of a class that is raised for these statuses: callers who catch `ServerError` get every 5xx."""
    return "ServerError" if all(status[0] == "5" for status in statuses) else "APIStatusError"


def _taken(document: Document) -> set[str]:
    sdk = document.raw["info"]["x-sdk"]
    rules = (rule for place in walk(document, "response") for rule in sequence(place.fields.get("x-error")))
    return {
        *RESERVED_CLIENTS,
        *(str(sdk.get(key)) for key in ("client", "error")),
        *(str(class_name(str(schema.get("title", name)))) for name, schema in schemas(document).items()),
        *(place.fields.get("x-class") or class_name(place.name) for place in walk(document, "server variable")),
        *(rule["class"] for rule in rules),
    }
