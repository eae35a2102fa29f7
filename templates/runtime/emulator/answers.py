"""The response to one request: as the document says, or failed as a test asks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus

from attrs import define, evolve, frozen

from ..values.strict_json import JSON, Malformed, essence, loads
from ..wire import HTTPRequest, HTTPResponse
from .document import Document, Example, Operation, Pagination, Parameter
from .listings import Listing, list_items, make_page
from .schemas import Resolve, breaches, elements, find, from_text, put, types
from .server import CutBodyError

FAULTS = ("reset", "cut", "html", "empty", "not-json", "server-error", "repeat")

_PAGE = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Something went wrong</h1></body></html>"
_HTML = {"content-type": "text/html; charset=utf-8"}


@frozen(kw_only=True)
class Received:
    """A request for an operation, in its parts."""

    operation: Operation
    path: Mapping[str, str]
    """The values of the path parameters."""
    query: Mapping[str, list[str]]
    request: HTTPRequest

    def texts(self, place: str, name: str) -> list[str]:
        """The texts given for a parameter; empty if it is missing."""
        if place == "path":
            return [self.path[name]]
        if place == "query":
            return self.query.get(name, [])
        header = self.request.headers.get(name.lower())
        return [] if header is None else [header]


@frozen(kw_only=True)
class Service:
    """How an API answers; `find_listing` returns what a collection lists, or None if there is no such collection."""

    document: Document
    key: str
    find_listing: Callable[[Operation, str], Listing | None]

    def answer(self, received: Received) -> HTTPResponse:
        """The response to one request."""
        return (
            self._check_key(received)
            or self._check_media_type(received)
            or self._check_values(received)
            or self._succeed(received)
        )

    def refuse(
        self, status: HTTPStatus, message: str, *, example: Example | None = None, allow: str | None = None
    ) -> HTTPResponse:
        """The error of `example`, or one of our own in the document's error format (`x-error-body`)."""
        if example is not None:
            return _show(example, status)
        code = status.phrase.title().replace(" ", "").replace("-", "")
        body = put(put({}, self.document.code_at, code), self.document.message_at, message)
        return _reply(status, body, {} if allow is None else {"allow": allow})

    def _check_key(self, received: Received) -> HTTPResponse | None:
        security = received.operation.security
        if not security or any(all(self._has_key(scheme, received) for scheme in way) for way in security):
            return None
        example = received.operation.example(case="unauthorized") or received.operation.error(HTTPStatus.UNAUTHORIZED)
        return self.refuse(HTTPStatus.UNAUTHORIZED, "The key is missing or wrong.", example=example)

    def _has_key(self, scheme: str, received: Received) -> bool:
        place, name = self.document.schemes.get(scheme, ("header", ""))
        header = received.request.headers.get(name, "")
        match place:
            case "query":
                return self.key in received.query.get(name, [])
            case "cookie":
                cookies = received.request.headers.get("cookie", "").split(";")
                return f"{name}={self.key}" in map(str.strip, cookies)
            case "basic":
                # The key is the password, or user name and password with a colon between them.
                written = _decode_login(header.removeprefix("Basic "))
                return self.key in {written, written.partition(":")[2]}
            case _:
                return header == (f"Bearer {self.key}" if place == "bearer" else self.key)

    def _check_media_type(self, received: Received) -> HTTPResponse | None:
        example = received.operation.example(case="unsupported-media-type")
        given = essence(received.request.headers.get("content-type", "application/json"))
        return None if example is None or given == "application/json" else _show(example)

    def _check_values(self, received: Received) -> HTTPResponse | None:
        for parameter in received.operation.parameters:
            breach = next(_breaches_of_parameter(received, parameter, self.document.resolve), None)
            if breach is not None:
                return self._refuse_value(received, parameter.name, breach, in_path=parameter.place == "path")
        breach = next(_breaches_of_body(received, self.document.resolve), None)
        return None if breach is None else self._refuse_value(received, "body", breach)

    def _succeed(self, received: Received) -> HTTPResponse:
        operation, listing = received.operation, None
        if operation.collection:
            listing = self.find_listing(operation, received.path.get(operation.collection, ""))
            if listing is None:
                example = operation.example(case="unknown-collection") or operation.error(HTTPStatus.NOT_FOUND)
                return self.refuse(HTTPStatus.NOT_FOUND, "It does not exist or is expired.", example=example)
        pagination = operation.pagination
        if pagination is None:
            return _show(operation.success)
        listing = listing or list_items(operation, ascending=operation.ascending)
        cursor = next(iter(received.texts("query", pagination.cursor)), None)
        body = make_page(operation, pagination, listing, cursor, _find_limit(received, pagination))
        if body is None:
            return self._refuse_value(received, pagination.cursor, "is not a cursor of this list")
        return _reply(operation.success.number(), body, {})

    def _refuse_value(self, received: Received, name: str, breach: str, *, in_path: bool = False) -> HTTPResponse:
        operation = received.operation
        example = (
            operation.example(invalid=name)
            or (operation.example(case="unknown-collection") if in_path else None)
            or operation.error(HTTPStatus.BAD_REQUEST)
        )
        return self.refuse(HTTPStatus.BAD_REQUEST, f"{name} {breach}.", example=example)


def _decode_login(written: str) -> str:
    try:
        return base64.b64decode(written, validate=True).decode()
    except ValueError:
        return ""


def _breaches_of_parameter(received: Received, parameter: Parameter, resolve: Resolve) -> Iterator[str]:
    texts, schema = received.texts(parameter.place, parameter.name), resolve(parameter.schema)
    if not texts:
        yield from ["is missing"] * parameter.required
    elif "array" in types(schema):
        separator = parameter.separator
        parts = separator.join(texts).split(separator) if separator else texts
        yield from breaches([from_text(part, resolve(schema.get("items"))) for part in parts], schema, resolve)
    elif len(texts) > 1:
        yield "is given more than once"
    else:
        yield from breaches(from_text(texts[0], schema), schema, resolve)


def _breaches_of_body(received: Received, resolve: Resolve) -> Iterator[str]:
    operation = received.operation
    if operation.body is None:
        return
    if not received.request.content:
        yield from ["is missing"] * operation.body_required
        return
    try:
        value = loads(received.request.content)
    except Malformed:
        yield "is not JSON"
    else:
        yield from breaches(value, operation.body, resolve)


def _find_limit(received: Received, pagination: Pagination) -> int:
    """The most items of a page: as asked, as the schema says, or as many as the example holds."""
    asked = next(iter(received.texts("query", pagination.limit)), "")
    if asked.isdecimal() and pagination.limit:
        return int(asked)
    for schema in (one.schema for one in received.operation.parameters if one.name == pagination.limit):
        for stated in (schema.get("default"), schema.get("maximum")):
            if isinstance(stated, int):
                return stated
    return max(1, len(elements(find(received.operation.success.value, pagination.items))))


def _reply(status: int, body: JSON, headers: Mapping[str, str]) -> HTTPResponse:
    return HTTPResponse(status=status, headers=headers, content=json.dumps(body, ensure_ascii=False).encode())


def _show(example: Example, asked: int | None = None) -> HTTPResponse:
    headers = {"content-type": example.media_type} if example.media_type else {}
    return HTTPResponse(status=example.number(asked), headers=headers, content=example.content)


@define(kw_only=True)
class Failure:
    """A failed response, sent `times` times once `after` requests have succeeded."""

    status: int | None
    fault: str | None
    examples: tuple[Example, ...]
    """The documented errors that it may show."""
    headers: Mapping[str, str]
    """By their lower-case names."""
    times: int
    after: int

    def answer(
        self, operation: Operation, *, good: Callable[[], HTTPResponse], previous: HTTPResponse | None
    ) -> HTTPResponse:
        """The failed response to a request of `operation`.

        Raises:
            ConnectionResetError: the connection is lost before the response.
            CutBodyError: the connection is lost within the body.
        """
        if self.fault is not None:
            response = _break(self.fault, good, previous)
        else:
            example = next((one for one in self.examples if one in operation.errors), self.examples[0])
            response = HTTPResponse(status=example.number(self.status), headers={}, content=example.content)
        return evolve(response, headers={**response.headers, **self.headers})


def _break(fault: str, good: Callable[[], HTTPResponse], previous: HTTPResponse | None) -> HTTPResponse:
    match fault:
        case "reset":
            raise ConnectionResetError("the emulator dropped the connection, as requested")
        case "cut":
            raise CutBodyError(evolve(good(), status=200))
        case "html":
            return HTTPResponse(status=200, headers=_HTML, content=_PAGE)
        case "empty":
            return HTTPResponse(status=200, headers={}, content=b"")
        case "not-json":
            content = good().content
            return HTTPResponse(status=200, headers={}, content=content[: len(content) // 2] or b"{")
        case "server-error":
            return HTTPResponse(status=503, headers=_HTML, content=_PAGE)
        case _:
            return previous or good()


def find_errors(
    document: Document, *, status: int | None, example: str | None, fault: str | None
) -> tuple[Example, ...]:
    """The documented errors that match the arguments; none for a fault.

    Raises:
        ValueError: the arguments describe nothing, or something that the document does not have.
    """
    if fault is not None:
        if status is not None or example is not None:
            raise ValueError(f"fault {fault!r}: comes with a status or an example; give one of them")
        if fault not in FAULTS:
            raise ValueError(f"fault {fault!r}: is unknown; use one of {', '.join(FAULTS)}")
        return ()
    if status is None and example is None:
        raise ValueError("failure: is not described; give a status, an example or a fault")
    documented = [one for operation in document.operations for one in operation.errors]
    found = [one for one in documented if example in {None, one.name} and (status is None or one.has_status(status))]
    if not found:
        known = ", ".join(sorted({f"{one.status} {one.name}".rstrip() for one in documented}))
        raise ValueError(f"status {status}, example {example!r}: is not documented; use one of {known}")
    return tuple(found)
