"""What a request holds, checked against its operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from attrs import frozen

from ..values.strict_json import JSON
from ..wire import HTTPRequest
from .document import Operation, Parameter
from .validation import Resolve, breaches, from_text, is_list


@frozen(kw_only=True)
class Received:
    """A request in its parts: what its path, query and headers say, and its content."""

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    content: bytes

    def texts(self, parameter: Parameter) -> list[str]:
        """The texts given for a parameter; none where it is left out."""
        if parameter.place == "path":
            return [self.path[parameter.name]]
        if parameter.place == "query":
            return self.query.get(parameter.name, [])
        header = self.headers.get(parameter.name.lower())
        return [] if header is None else [header]

    def query_text(self, name: str) -> str | None:
        """The text of one query parameter, or None where it is left out."""
        return next(iter(self.query.get(name, ())), None)


def receive(request: HTTPRequest, path: Mapping[str, str]) -> Received:
    """The parts of a request; `path` holds its path parameters."""
    query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
    return Received(path=path, query=query, headers=request.headers, content=request.content or b"")


def faulty_parameters(received: Received, operation: Operation, resolve: Resolve) -> Iterator[tuple[Parameter, str]]:
    """Every parameter that breaks its schema, with what is wrong."""
    for parameter in operation.parameters:
        texts = received.texts(parameter)
        breach = next(_breaches(texts, parameter, resolve), None)
        if breach is not None:
            yield parameter, breach


def _breaches(texts: list[str], parameter: Parameter, resolve: Resolve) -> Iterator[str]:
    schema = resolve(parameter.schema)
    if not texts:
        yield from ["is missing"] * parameter.required
    elif is_list(schema):
        separator = parameter.separator
        parts = separator.join(texts).split(separator) if separator else texts
        value: JSON = [from_text(part, resolve(schema.get("items"))) for part in parts]
        yield from breaches(value, schema, resolve)
    elif len(texts) > 1:
        yield "is given more than once"
    else:
        yield from breaches(from_text(texts[0], schema), schema, resolve)


def body_breach(received: Received, operation: Operation, resolve: Resolve) -> str | None:
    """What is wrong with the content of a request, or None."""
    if operation.body is None:
        return None
    if not received.content:
        return "is missing" if operation.body_required else None
    try:
        value: JSON = json.loads(received.content)
    except (ValueError, RecursionError):
        return "is not JSON"
    return next(breaches(value, operation.body, resolve), None)
