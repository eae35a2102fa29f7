"""The places of `host.yaml` that are spoiled, and what they are spoiled with."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

from strict_clients.load import load

Node: TypeAlias = dict[str, Any]
Spoil: TypeAlias = Callable[[Node, str], None]

HOST: Node = load(Path(__file__).parent / "host.yaml").raw
CODE = "__import__('builtins').__dict__.__setitem__('SPOILED', 1)"
"""What runs where a text becomes code: it leaves a mark that is looked for."""

PAYLOADS = {
    "single quote": f"a' + {CODE} + '",
    "double quote": f'a" + {CODE} + "',
    "triple quotes": f'a"""\n{CODE}\nb = """c',
    "triple single quotes": f"a'''\n{CODE}\nb = '''c",
    "backslash at the end": "a\\",
    "backslashes": 'a\\" \\\\" \\N{BULLET} \\x41 \\u0041 \\777 \\',
    "line feed": f"a\n{CODE}\n#",
    "carriage return": f"a\r\n{CODE}\r#",
    "other line ends": f"a\u2028{CODE}\u2029{CODE}\x85{CODE}\x0c{CODE}\x1e#",
    "control characters": "a\x00\x07\x1b[2J\x7f\u202eb\ufeff",
    "fields of a format": f"{{0}} {{self}} {{{CODE}}} {{a!r:>{{b}}}} %s %(a)s",
    "expression of a template": "{{ cycler.__init__.__globals__.__builtins__.__setitem__('SPOILED', 1) }} {{ 7 * 7 }}",
    "statement of a template": "{% set x = 1 %}{% raw %}{# gone #}{% include '/etc/passwd' %}",
    "path": "../../../../../../../../tmp/SPOILED",
    "300 characters": "a" * 300,
}


def _set(*keys: str | int) -> Spoil:
    """Put the text instead of what is there."""

    def spoil(raw: Node, text: str) -> None:
        holder: Any = raw
        for key in keys[:-1]:
            holder = holder[key]
        assert keys[-1] in holder or isinstance(holder, list)
        holder[keys[-1]] = text

    return spoil


def _rename(*keys: str | int) -> Spoil:
    """Put what is there under the text."""

    def spoil(raw: Node, text: str) -> None:
        holder: Any = raw
        for key in keys[:-1]:
            holder = holder[key]
        items = [(text if key == keys[-1] else key, value) for key, value in holder.items()]
        assert keys[-1] in holder
        holder.clear()
        holder.update(items)

    return spoil


def _both(*spoils: Spoil) -> Spoil:
    def spoil(raw: Node, text: str) -> None:
        for one in spoils:
            one(raw, text)

    return spoil


def _add(key: str, *keys: str | int) -> Spoil:
    """Add the text under a key that is not there."""

    def spoil(raw: Node, text: str) -> None:
        holder: Any = raw
        for one in keys:
            holder = holder[one]
        assert key not in holder
        holder[key] = text

    return spoil


def _in_path(raw: Node, text: str) -> None:
    raw["paths"] = {f"{path}/{text}" if path == "/things" else path: item for path, item in raw["paths"].items()}


def _path_parameter(raw: Node, text: str) -> None:
    item = raw["paths"].pop("/owners/{owner}/things")
    item["get"]["parameters"][0]["name"] = text
    item["get"]["x-pagination"]["same"] = {"/owner": text}
    item["get"]["x-emulator"]["collection"] = text
    raw["paths"][f"/owners/{{{text}}}/things"] = item


def _server_variable(raw: Node, text: str) -> None:
    server = raw["servers"][0]
    server["url"] = server["url"].replace("{area}", f"{{{text}}}")
    server["variables"][text] = server["variables"].pop("area")


def _tag(raw: Node, text: str) -> None:
    raw["tags"][0]["name"] = text
    for operation in (raw["paths"]["/owners/{owner}/things"]["get"], raw["paths"]["/things"]["post"]):
        operation["tags"] = [text]


def _scheme(raw: Node, text: str) -> None:
    raw["components"]["securitySchemes"][text] = raw["components"]["securitySchemes"].pop("apiKey")
    raw["security"] = [{text: []}]


def _schema(raw: Node, text: str) -> None:
    raw["components"]["schemas"][text] = raw["components"]["schemas"].pop("Sort")
    raw["components"]["schemas"]["Thing"]["properties"]["sort"]["$ref"] = f"#/components/schemas/{text}"


def _cursor(raw: Node, text: str) -> None:
    operation = raw["paths"]["/owners/{owner}/things"]["get"]
    operation["parameters"][1]["name"] = operation["x-pagination"]["cursor"] = text


GET = ("paths", "/owners/{owner}/things", "get")
POST = ("paths", "/things", "post")
VARIABLE = ("servers", 0, "variables", "area")
ERROR = ("components", "responses", "Refused", "x-error", 0)
SCHEMAS = ("components", "schemas")
PROPERTIES = (*SCHEMAS, "Thing", "properties")
SCHEME = ("components", "securitySchemes", "apiKey")
TOKENS = ("components", "securitySchemes", "login", "x-token-credential")

PLACES: dict[str, Spoil] = {
    "version of OpenAPI": _set("openapi"),
    "title of the API": _set("info", "title"),
    "summary of the API": _set("info", "summary"),
    "version of the API": _set("info", "version"),
    "description of the API": _set("info", "description"),
    **{f"x-sdk/{key}": _set("info", "x-sdk", key) for key in HOST["info"]["x-sdk"]},
    "URL of the server": _set("servers", 0, "url"),
    "description of the server": _set("servers", 0, "description"),
    "environment of the server": _set("servers", 0, "x-env"),
    "name of a server variable": _server_variable,
    "value of a server variable": _both(
        _set(*VARIABLE, "default"), _set(*VARIABLE, "enum", 0), _rename(*VARIABLE, "x-display-names", "north")
    ),
    "class of a server variable": _set(*VARIABLE, "x-class"),
    "display name": _set(*VARIABLE, "x-display-names", "north"),
    "description of a server variable": _set(*VARIABLE, "description"),
    "default of a variable of the path": _set("servers", 0, "variables", "release", "default"),
    "tag": _tag,
    "description of a tag": _set("tags", 0, "description"),
    "code in an error": _set("x-error-body", "code", 0),
    "header of a code": _set("x-error-body", "code-headers", 0),
    "header of a wait": _set("x-wait-hints", "headers", 0, "name"),
    "phrase of a wait": _set("x-wait-hints", "phrases", 0),
    "path": _in_path,
    "operationId": _set(*GET, "operationId"),
    "summary of an operation": _set(*GET, "summary"),
    "description of an operation": _set(*GET, "description"),
    "cursor-at of x-pagination": _set(*GET, "x-pagination", "cursor-at"),
    "parameter of x-pagination": _set(*GET, "x-pagination", "same", "/owner"),
    "collection of the emulator": _set(*GET, "x-emulator", "collection"),
    "name of a parameter in the path": _path_parameter,
    "name of a parameter in the query": _cursor,
    "name of a header": _set(*GET, "parameters", 3, "name"),
    "name of a cookie": _set(*GET, "parameters", 4, "name"),
    "location of a parameter": _set(*GET, "parameters", 3, "in"),
    "style of a parameter": _add("style", *GET, "parameters", 1),
    "description of a parameter": _set(*GET, "parameters", 0, "description"),
    "default of a parameter": _set(*GET, "parameters", 1, "schema", "default"),
    "pattern of a parameter": _set(*GET, "parameters", 1, "schema", "pattern"),
    "description of a body": _set(*POST, "requestBody", "description"),
    "content type of a body": _rename(*POST, "requestBody", "content", "multipart/form-data"),
    "content type of a part": _set(
        *POST, "requestBody", "content", "multipart/form-data", "encoding", "file", "contentType"
    ),
    "status": _rename(*POST, "responses", "201"),
    "description of an answer": _set(*POST, "responses", "201", "description"),
    "content type of an answer": _rename(*POST, "responses", "201", "content", "text/plain"),
    "name of an example": _rename(*GET, "responses", "200", "content", "application/json", "examples", "one"),
    "value of an example": _set(
        *GET, "responses", "200", "content", "application/json", "examples", "one", "value", 0, "id"
    ),
    "class of an error": _set(*ERROR, "class"),
    "summary of an error": _set(*ERROR, "summary"),
    "pointer of an error": _rename(*ERROR, "when", "/code"),
    "value of an error": _set(*ERROR, "when", "/code", 0),
    "wait of an error": _set(*ERROR, "wait-attribute"),
    "name of a scheme": _scheme,
    "header of a scheme": _set(*SCHEME, "name"),
    "argument of a scheme": _set(*SCHEME, "x-parameter"),
    "environment of a scheme": _set(*SCHEME, "x-env"),
    "description of a scheme": _set(*SCHEME, "description"),
    "host of tokens": _rename(*TOKENS, "scopes", "*.example.com"),
    "scope of tokens": _set(*TOKENS, "scopes", "*.example.com"),
    "advice of a host without tokens": _set(*TOKENS, "refused", "old.example.com"),
    "name of a schema": _schema,
    "title of a schema": _set(*SCHEMAS, "Thing", "title"),
    "description of a schema": _set(*SCHEMAS, "Thing", "description"),
    "name of a property": _rename(*PROPERTIES, "secret"),
    "description of a property": _set(*PROPERTIES, "id", "description"),
    "default of a property": _set(*PROPERTIES, "owner", "default"),
    "example of a property": _set(*PROPERTIES, "secret", "examples", 0),
    "format of a property": _set(*PROPERTIES, "seen", "format"),
    "type of a property": _set(*PROPERTIES, "id", "type"),
    "reference": _set(*PROPERTIES, "sort", "$ref"),
    "spelling of a property": _set(*PROPERTIES, "sighted", "x-spelling-of"),
    "constant": _set(*PROPERTIES, "fixed", "const"),
    "name of a view": _set(*PROPERTIES, "open", "x-views", 0, "name"),
    "mark of a view": _set(*PROPERTIES, "open", "x-views", 0, "when-has"),
    "value of an enum": _set(*SCHEMAS, "Sort", "enum", 0),
    "value of an enum without names": _set(*PROPERTIES, "color", "enum", 0),
    "member of an enum": _set(*SCHEMAS, "Sort", "x-enum-varnames", 0),
    "member of x-ms-enum": _set(*SCHEMAS, "Color", "x-ms-enum", "values", 0, "name"),
    "name of x-ms-enum": _set(*PROPERTIES, "color", "x-ms-enum", "name"),
    "property of a discriminator": _set(*SCHEMAS, "Shape", "discriminator", "propertyName"),
    "value of a discriminator": _rename(*SCHEMAS, "Shape", "discriminator", "mapping", "ball"),
    "target of a discriminator": _set(*SCHEMAS, "Shape", "discriminator", "mapping", "ball"),
    "name of a field of a form": _rename(*SCHEMAS, "Form", "properties", "caption"),
    "comment": _add("$comment", *SCHEMAS, "Problem"),
    "unknown extension": _add("x-anything", "info"),
}
"""What a text is put at, by the name of the place."""


def spoiled(place: str, text: str) -> Node:
    """The host with one place spoiled."""
    raw = deepcopy(HOST)
    PLACES[place](raw, text)
    return raw
