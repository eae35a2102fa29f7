"""What an emulator reads from an OpenAPI document: operations, their parameters and their examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from attrs import frozen

from ..values.strict_json import JSON
from .examples import NO_CONTENT, Example, read_examples
from .tree import drop, elements, find, members, text
from .validation import Resolve, Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen(kw_only=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    required: bool
    separator: str
    """What stands between the elements of a list; empty where the parameter is repeated."""
    schema: Schema


@frozen(kw_only=True)
class Pagination:
    """How an operation is paged (`x-pagination`)."""

    by_token: bool
    cursor: str
    limit: str
    items: str
    cursor_at: str
    same: Mapping[str, JSON]


@frozen(kw_only=True)
class Operation:
    """One operation: a path template, a method, and what is asked and answered there."""

    method: str
    path: str
    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]
    security: tuple[tuple[str, ...], ...]
    body: Schema | None
    body_required: bool
    success: Example
    success_value: JSON
    errors: tuple[Example, ...]
    pagination: Pagination | None
    collection: str
    lifetime: float | None
    ascending: bool

    def example(self, *, invalid: str = "", case: str = "") -> Example | None:
        """The error that is answered in one case, or None where the document has none."""
        return next((one for one in self.errors if (one.invalid, one.case) == (invalid, case)), None)


@frozen(kw_only=True)
class Document:
    """The whole document, read."""

    prefixes: tuple[str, ...]
    operations: tuple[Operation, ...]
    schemes: Mapping[str, str]
    request_id_header: str
    code_at: str
    message_at: str
    resolve: Resolve

    def at(self, path: str) -> dict[str, tuple[Operation, Mapping[str, str]]]:
        """By method, the operations of a path with the values of their path parameters."""
        found: dict[str, tuple[Operation, Mapping[str, str]]] = {}
        for prefix in self.prefixes:
            inner = path.removeprefix(prefix) if path.startswith(prefix) else ""
            for operation in self.operations:
                match = operation.pattern.fullmatch(inner)
                if match is not None:
                    names = re.findall(r"\{([^}]*)\}", operation.path)
                    values = dict(zip(names, map(unquote, match.groups()), strict=True))
                    found.setdefault(operation.method, (operation, values))
        return found


def read(raw: Mapping[str, JSON]) -> Document:
    """The parts of an OpenAPI document that an emulator needs.

    Raises:
        ValueError: a security scheme reads its key from anything but a header.
    """

    def resolve(value: JSON) -> Mapping[str, JSON]:
        while "$ref" in members(value):
            beside = drop(value, "/$ref")
            value = {**members(find(raw, text(members(value)["$ref"]))), **members(beside)}
        return members(value)

    operations = [
        _operation(path, method, item, raw, resolve)
        for path, item in ((path, resolve(item)) for path, item in members(raw.get("paths")).items())
        for method in METHODS
        if method in item and "x-removed" not in members(item[method])
    ]
    return Document(
        prefixes=tuple(dict.fromkeys(map(_prefix, elements(raw.get("servers"))))) or ("",),
        # A path without parameters goes before one that also fits (OpenAPI 3.1, "Path Templating Matching").
        operations=tuple(sorted(operations, key=lambda operation: operation.path.count("{"))),
        schemes={
            name: _header(name, resolve(scheme))
            for name, scheme in members(find(raw, "/components/securitySchemes")).items()
        },
        request_id_header=text(find(raw, "/x-error-body/request-id-headers/0")).lower(),
        code_at=text(find(raw, "/x-error-body/code/0")) or "/error/code",
        message_at=text(find(raw, "/x-error-body/message/0")) or "/error/message",
        resolve=resolve,
    )


def _prefix(server: JSON) -> str:
    def default(match: re.Match[str]) -> str:
        return str(find(server, f"/variables/{match[1]}/default"))

    return urlsplit(re.sub(r"\{([^}]*)\}", default, text(find(server, "/url")))).path.rstrip("/")


def _header(name: str, scheme: Mapping[str, JSON]) -> str:
    if scheme.get("type") != "apiKey":
        return "authorization"
    if scheme.get("in") != "header":
        raise ValueError(
            f"security scheme {name!r}: is in {scheme.get('in')!r}; an emulator knows keys in headers only"
        )
    return text(scheme.get("name")).lower()


def _operation(
    path: str, method: str, item: Mapping[str, JSON], raw: Mapping[str, JSON], resolve: Resolve
) -> Operation:
    stated = members(item[method])
    parameters = [_parameter(resolve(one)) for owner in (item, stated) for one in elements(owner.get("parameters"))]
    examples = list(read_examples(members(stated.get("responses")), resolve))
    success = next((example for example in examples if example[0].status[0] == "2"), (NO_CONTENT, None))
    body, settings = resolve(stated.get("requestBody")), members(stated.get("x-emulator"))
    lifetime, schema = settings.get("lifetime-seconds"), _json_content(body).get("schema")
    return Operation(
        method=method.upper(),
        path=path,
        pattern=re.compile("".join(_pattern(part) for part in re.split(r"(\{[^}]*\})", path))),
        # Cookies are no business of an API's client, so they are not looked at.
        parameters=tuple({(one.name, one.place): one for one in parameters if one.place != "cookie"}.values()),
        security=tuple(tuple(members(way)) for way in elements(stated.get("security", raw.get("security")))),
        body=None if schema is None else resolve(schema),
        body_required=body.get("required") is True,
        success=success[0],
        success_value=success[1],
        errors=tuple(example for example, _ in examples if example.status[0] in "45d"),
        pagination=_pagination(members(stated.get("x-pagination"))),
        collection=text(settings.get("collection")),
        lifetime=float(lifetime) if isinstance(lifetime, int | float) else None,
        ascending=settings.get("order") == "ascending",
    )


def _pattern(part: str) -> str:
    return "([^/]*)" if part.startswith("{") else re.escape(part)


def _parameter(stated: Mapping[str, JSON]) -> Parameter:
    return Parameter(
        name=text(stated.get("name")),
        place=text(stated.get("in")),
        required=stated.get("required") is True,
        separator=_separator(stated),
        schema=members(stated.get("schema")),
    )


def _separator(stated: Mapping[str, JSON]) -> str:
    # A list in a query repeats its parameter, in other places it is one text with commas (OpenAPI 3.1, "style").
    if stated.get("in") == "query" and stated.get("explode") is not False:
        return ""
    return {"spaceDelimited": " ", "pipeDelimited": "|"}.get(text(stated.get("style")), ",")


def _pagination(stated: Mapping[str, JSON]) -> Pagination | None:
    if not stated:
        return None
    return Pagination(
        by_token=stated.get("style") == "token",
        cursor=text(stated.get("cursor")),
        limit=text(stated.get("limit")),
        items=text(stated.get("items")),
        cursor_at=text(stated.get("cursor-at")),
        same=members(stated.get("same")),
    )


def _json_content(stated: Mapping[str, JSON]) -> Mapping[str, JSON]:
    contents = [members(one) for name, one in members(stated.get("content")).items() if "json" in name]
    return contents[0] if contents else {}
