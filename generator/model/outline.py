"""The outline of a document that the engine is shown: the classes, members of enums and operations that it names.

What their types are is read from the document itself; so the engine never meets what it would skip or misread.
"""

from collections.abc import Mapping
from typing import Any

from generator.load import Document
from generator.model.structure import properties, resolve, schemas

METHODS = ("get", "put", "post", "delete", "patch")


def outline(document: Document) -> dict[str, Any]:
    """An OpenAPI document of the same names, and of nothing else."""
    classes = {name: _class(document, schema) for name, schema in schemas(document).items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": document.raw["info"]["title"], "version": document.raw["info"]["version"]},
        # The engine looks into the braces of paths, whose parameters it is not shown.
        "paths": {
            f"/{number}": {method: _operation(item[method]) for method in METHODS if method in item}
            for number, item in enumerate(document.raw["paths"].values())
        },
        "components": {"schemas": {name: bare for name, bare in classes.items() if bare}},
    }


def gather_parameters(
    document: Document, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The parameters of an operation, its own before those of its path; an own one hides that of its path."""
    written = [*operation.get("parameters", []), *item.get("parameters", [])]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in (resolve(document, one) for one in written):
        found.setdefault((parameter["in"], parameter["name"]), parameter)
    return list(found.values())


def _class(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The bare schema of what becomes a class, or nothing."""
    # The engine would take a title for a reference, and only what stands behind its last slash.
    title = {"title": schema["title"].replace("/", "")} if "title" in schema else {}
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        names = {"x-enum-varnames": schema["x-enum-varnames"]} if "x-enum-varnames" in schema else {}
        return {**title, **names, "type": "string" if isinstance(values[0], str) else "integer", "enum": values}
    return {**title, "type": "object"} if properties(document, schema) else {}


def _operation(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"operationId": raw["operationId"], "tags": raw["tags"], "responses": {"200": {"description": ""}}}
