"""What an emulator reads from an OpenAPI document: operations, their parameters and their examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from attrs import frozen

from ..values.strict_json import JSON
from .schemas import Resolve, Schema, elements, find, members, sample, text, types

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen(kw_only=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    required: bool
    separator: str
    """Separates the elements of a list; empty if the parameter is repeated instead."""
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
class Example:
    """One documented response, and when it is sent (`x-emulator-when`)."""

    status: str
    name: str = ""
    media_type: str = ""
    content: bytes = b""
    value: JSON = None
    invalid: str = ""
    case: str = ""

    def number(self, asked: int | None = None) -> int:
        """The status as a number: `asked` if a range of statuses is documented."""
        if self.status.isdecimal():
            return int(self.status)
        return asked or int(self.status[0] + "00" if self.status[0].isdecimal() else "500")

    def has_status(self, status: int) -> bool:
        """Whether the example is documented for `status`: by its number, its range or the default."""
        return self.status in {str(status), f"{status // 100}XX"} or (
            self.status == "default" and status >= HTTPStatus.BAD_REQUEST
        )


@frozen(kw_only=True)
class Operation:
    """One operation: its path template and method, its parameters and its responses."""

    method: str
    path: str
    prefixes: tuple[str, ...]
    """The paths of its own servers; empty if it is called where the document says."""
    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]
    security: tuple[tuple[str, ...], ...]
    body: Schema | None
    body_required: bool
    success: Example
    errors: tuple[Example, ...]
    pagination: Pagination | None
    collection: str
    lifetime: float | None
    ascending: bool

    def example(self, *, invalid: str = "", case: str = "") -> Example | None:
        """The documented error for one case, or None if there is none."""
        return next((one for one in self.errors if (one.invalid, one.case) == (invalid, case)), None)

    def error(self, status: int) -> Example | None:
        """The documented error of a status: by its number, its range or the default; None if there is none."""
        found = [one for one in self.errors if one.has_status(status)]
        return min(found, key=lambda one: (not one.status.isdecimal(), one.status == "default"), default=None)


@frozen(kw_only=True)
class Document:
    """The parts of a document that an emulator needs."""

    prefixes: tuple[str, ...]
    operations: tuple[Operation, ...]
    schemes: Mapping[str, tuple[str, str]]
    """By security scheme, where its key is ("header", "query", "cookie", "bearer" or "basic") and under which name."""
    request_id_header: str
    code_at: str
    message_at: str
    resolve: Resolve

    def at(self, path: str) -> dict[str, tuple[Operation, Mapping[str, str]]]:
        """By method, the operations of a path with the values of their path parameters."""
        found: dict[str, tuple[Operation, Mapping[str, str]]] = {}
        for operation in self.operations:
            for prefix in operation.prefixes or self.prefixes:
                inner = path.removeprefix(prefix) if path.startswith(prefix) else ""
                match = operation.pattern.fullmatch(inner)
                if match is not None:
                    names = re.findall(r"\{([^}]*)\}", operation.path)
                    values = dict(zip(names, map(unquote, match.groups()), strict=True))
                    found.setdefault(operation.method, (operation, values))
        return found


def read(raw: Mapping[str, JSON]) -> Document:
    """The parts of an OpenAPI document that an emulator needs."""

    def resolve(value: JSON) -> Mapping[str, JSON]:
        found = members(value)
        while "$ref" in found:
            siblings = {name: one for name, one in found.items() if name != "$ref"}
            found = {**members(find(raw, text(found["$ref"]))), **siblings}
        return found

    operations = [
        _operation(path, method, item, raw, resolve)
        for path, item in ((path, resolve(item)) for path, item in members(raw.get("paths")).items())
        for method in _METHODS
        if method in item and "x-removed" not in members(item[method])
    ]
    schemes = members(find(raw, "/components/securitySchemes"))
    return Document(
        prefixes=tuple(dict.fromkeys(map(_prefix, elements(raw.get("servers"))))) or ("",),
        # A path without parameters precedes a template that also matches (OpenAPI 3.1, "Path Templating Matching").
        operations=tuple(sorted(operations, key=lambda operation: operation.path.count("{"))),
        schemes={name: _place_of_key(resolve(scheme)) for name, scheme in schemes.items()},
        request_id_header=text(find(raw, "/x-error-body/request-id-headers/0")).lower(),
        code_at=text(find(raw, "/x-error-body/code/0")) or "/error/code",
        message_at=text(find(raw, "/x-error-body/message/0")) or "/error/message",
        resolve=resolve,
    )


def _prefix(server: JSON) -> str:
    values = members(find(server, "/variables"))
    url = re.sub(r"\{([^}]*)\}", lambda name: str(find(values.get(name[1]), "/default")), text(find(server, "/url")))
    return urlsplit(url).path.rstrip("/")


def _place_of_key(scheme: Mapping[str, JSON]) -> tuple[str, str]:
    if scheme.get("type") != "apiKey":
        return "basic" if text(scheme.get("scheme")).lower() == "basic" else "bearer", "authorization"
    place, name = text(scheme.get("in")), text(scheme.get("name"))
    return place, name.lower() if place == "header" else name


def _operation(
    path: str, method: str, item: Mapping[str, JSON], raw: Mapping[str, JSON], resolve: Resolve
) -> Operation:
    stated = members(item[method])
    written = [resolve(one) for owner in (item, stated) for one in elements(owner.get("parameters"))]
    parameters = [_parameter(one) for one in written if _is_checked(one, resolve)]
    examples = list(_examples(members(stated.get("responses")), resolve))
    body, settings = resolve(stated.get("requestBody")), members(stated.get("x-emulator"))
    media_type, content = _preferred_content(body)
    has_schema = "json" in media_type and "schema" in content
    lifetime = settings.get("lifetime-seconds")
    return Operation(
        method=method.upper(),
        path=path,
        prefixes=tuple(map(_prefix, elements(stated.get("servers")))),
        pattern=re.compile(re.sub(r"\\\{[^}]*\}", "([^/]*)", re.escape(path))),
        parameters=tuple({(one.name, one.place): one for one in parameters}.values()),
        security=tuple(tuple(members(way)) for way in elements(stated.get("security", raw.get("security")))),
        body=resolve(content["schema"]) if has_schema else None,
        body_required=body.get("required") is True,
        success=next((example for example in examples if example.status[0] == "2"), Example(status="204")),
        errors=tuple(example for example in examples if example.status[0] in "45d"),
        pagination=_pagination(members(stated.get("x-pagination"))),
        collection=text(settings.get("collection")),
        lifetime=float(lifetime) if isinstance(lifetime, int | float) else None,
        ascending=settings.get("order") == "ascending",
    )


def _is_checked(stated: Mapping[str, JSON], resolve: Resolve) -> bool:
    """Whether a parameter is checked: not a cookie, which may be a browser's, nor an object in one of its styles."""
    is_object = stated.get("style") == "deepObject" or "object" in types(resolve(stated.get("schema")))
    return not (stated.get("in") == "cookie" or is_object or "x-content" in stated)


def _parameter(stated: Mapping[str, JSON]) -> Parameter:
    # A list in a query repeats its parameter; elsewhere it is one text with commas (OpenAPI 3.1, "style").
    repeated = stated.get("in") == "query" and stated.get("explode") is not False
    separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(text(stated.get("style")), ",")
    return Parameter(
        name=text(stated.get("name")),
        place=text(stated.get("in")),
        required=stated.get("required") is True,
        separator="" if repeated else separator,
        schema=members(stated.get("schema")),
    )


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


def _examples(responses: Mapping[str, JSON], resolve: Resolve) -> Iterator[Example]:
    """Every documented response; JSON without an example is made from its schema."""
    for status, response in responses.items():
        media_type, content = _preferred_content(resolve(response))
        is_json = "json" in media_type
        named = {name: resolve(one) for name, one in members(content.get("examples")).items()}
        if "example" in content:
            named[""] = {"value": content["example"]}
        elif is_json and not named and "schema" in content:
            named[""] = {"value": sample(members(content["schema"]), resolve)}
        for name, stated in (named or {"": {}}).items():
            when, value = members(stated.get("x-emulator-when")), stated.get("value")
            written = json.dumps(value, ensure_ascii=False) if is_json else text(value)
            yield Example(
                status=status.lower().replace("x", "X"),
                name=name,
                media_type="" if is_json else media_type,
                content=written.encode() if "value" in stated else b"",
                value=value,
                invalid=text(when.get("invalid")),
                case=text(when.get("case")),
            )


def _preferred_content(stated: Mapping[str, JSON]) -> tuple[str, Mapping[str, JSON]]:
    """The media type and the content of a body or response: the first JSON one, or else the first."""
    contents = members(stated.get("content"))
    name = next((name for name in contents if "json" in name), next(iter(contents), ""))
    return name, members(contents.get(name))
