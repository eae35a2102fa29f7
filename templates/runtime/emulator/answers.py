"""The answer to a request that no failure was told for."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from attrs import frozen

from ..wire import HTTPResponse
from .document import Document, Operation, Pagination
from .paging import Listing, listing_of_example, page
from .replies import documented, plain, reply
from .requests import Received, body_breach, faulty_parameters
from .tree import elements, find


@frozen(kw_only=True)
class Conduct:
    """How an API answers; `held` finds what a collection lists, or None where it is not held any more."""

    document: Document
    key: str
    held: Callable[[Operation, str], Listing | None]

    def answer(self, operation: Operation, received: Received) -> HTTPResponse:
        """The answer to one request."""
        return (
            self._refused_key(operation, received)
            or self._refused_media_type(operation, received)
            or self._refused_values(operation, received)
            or self._found(operation, received)
        )

    def _refused_key(self, operation: Operation, received: Received) -> HTTPResponse | None:
        if not operation.security or any(
            all(self._holds(scheme, received) for scheme in way) for way in operation.security
        ):
            return None
        return self._case(operation, "unauthorized", HTTPStatus.UNAUTHORIZED, "The key is missing or wrong.")

    def _holds(self, scheme: str, received: Received) -> bool:
        name = self.document.schemes.get(scheme, "")
        return received.headers.get(name) == (f"Bearer {self.key}" if name == "authorization" else self.key)

    def _refused_media_type(self, operation: Operation, received: Received) -> HTTPResponse | None:
        stated = received.headers.get("content-type", "application/json")
        example = operation.example(case="unsupported-media-type")
        if example is None or stated.partition(";")[0].strip().lower() == "application/json":
            return None
        return documented(example)

    def _refused_values(self, operation: Operation, received: Received) -> HTTPResponse | None:
        for parameter, breach in faulty_parameters(received, operation, self.document.resolve):
            return self._invalid(operation, parameter.name, breach, in_path=parameter.place == "path")
        fault = body_breach(received, operation, self.document.resolve)
        return None if fault is None else self._invalid(operation, "body", fault)

    def _found(self, operation: Operation, received: Received) -> HTTPResponse:
        listing = None
        if operation.collection:
            listing = self.held(operation, received.path.get(operation.collection, ""))
            if listing is None:
                message = "It does not exist or is expired."
                return self._case(operation, "unknown-collection", HTTPStatus.NOT_FOUND, message)
        pagination = operation.pagination
        if pagination is None:
            return documented(operation.success)
        cursor = received.query_text(pagination.cursor)
        limit = _limit(operation, pagination, received.query_text(pagination.limit))
        body = page(operation, pagination, listing or listing_of_example(operation, pagination), cursor, limit)
        if body is None:
            return self._invalid(operation, pagination.cursor, "is no place in this list")
        return reply(operation.success.number(), body)

    def _invalid(self, operation: Operation, name: str, breach: str, *, in_path: bool = False) -> HTTPResponse:
        example = operation.example(invalid=name)
        if example is None and in_path:
            example = operation.example(case="unknown-collection")
        if example is None:
            example = next((one for one in operation.errors if one.status == "400"), None)
        if example is None:
            return plain(self.document, HTTPStatus.BAD_REQUEST, f"{name} {breach}.")
        return documented(example)

    def _case(self, operation: Operation, case: str, status: HTTPStatus, message: str) -> HTTPResponse:
        example = operation.example(case=case)
        return plain(self.document, status, message) if example is None else documented(example)


def _limit(operation: Operation, pagination: Pagination, asked: str | None) -> int:
    """The most items of a page: as asked, as the schema says, or as many as the example holds."""
    if asked and asked.isdecimal() and pagination.limit:
        return int(asked)
    for schema in (one.schema for one in operation.parameters if one.name == pagination.limit):
        for stated in (schema.get("default"), schema.get("maximum")):
            if isinstance(stated, int):
                return stated
    return max(1, len(elements(find(operation.success_value, pagination.items))))
