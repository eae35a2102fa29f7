"""An emulator of an API, in process or as a server on loopback."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from attrs import evolve

from ..values.strict_json import JSON
from ..wire import HTTPRequest, HTTPResponse
from .answers import Failure, Received, Service, find_errors
from .document import Operation, read
from .listings import Listing, list_items
from .schemas import breaches, from_text
from .server import CutBodyError, serve

if TYPE_CHECKING:
    from ..http.client import AsyncDefaultClient, DefaultClient, HandlerTransport


class Emulator:
    """An API made from its OpenAPI document: it checks requests and answers them as the document says."""

    def __init__(
        self,
        document: Mapping[str, JSON],
        *,
        key: str = "emulator-key",
        ascending: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Emulate the API of `document`; callers must send `key`.

        `ascending` lists the smallest id first; None keeps the document's order. `clock` returns seconds.

        Raises:
            ValueError: the key is empty, or the document reads its key from anything but a header.
        """
        if not key:
            raise ValueError("key: is empty; give the text that callers must send")
        self._document = read(document)
        self._service = Service(document=self._document, key=key, find_listing=self._find_listing)
        self._ascending = ascending
        self._clock = clock
        self._lock = RLock()
        self._failures: list[Failure] = []
        self._listings: dict[str, dict[tuple[str, str], Listing]] = {}
        self._previous: dict[str, HTTPResponse] = {}
        self._requests: list[HTTPRequest] = []

    @property
    def requests(self) -> Sequence[HTTPRequest]:
        """The requests received so far, oldest first; headers that carry secrets have an empty value."""
        with self._lock:
            return list(self._requests)

    def add(
        self,
        collection: str | uuid.UUID,
        *,
        count: int | None = None,
        items: Sequence[Mapping[str, JSON]] | None = None,
        lifetime: float | None = None,
    ) -> None:
        """Add a collection of `count` copies of the document's example, or of `items`; it replaces one of that name.

        It expires after `lifetime` seconds; None takes the document's lifetime. Items whose ids are numbers are listed
        in the order of their ids, others as given.

        Raises:
            ValueError: both or none of `count` and `items` are given, an item has no id, a number is negative, or no
                operation can list a collection of that name.
        """
        collection = str(collection)
        if (count is None) == (items is None):
            raise ValueError(f"collection {collection!r}: needs either a count or items; give one of them")
        for name, number in (("count", count), ("lifetime", lifetime)):
            if number is not None and not number >= 0:
                raise ValueError(f"collection {collection!r}: {name} {number!r} is below 0; give 0 or more")
        listings: dict[tuple[str, str], Listing] = {}
        for operation in self._operations_of(collection):
            seconds = operation.lifetime if lifetime is None else lifetime
            listings[operation.method, operation.path] = list_items(
                operation,
                ascending=operation.ascending if self._ascending is None else self._ascending,
                items=items,
                copies=None if count is None else (collection, count),
                deadline=None if seconds is None else self._clock() + seconds,
            )
        with self._lock:
            self._listings[collection] = listings

    def expire(self, collection: str | uuid.UUID) -> None:
        """Remove a collection, as if its lifetime had passed.

        Raises:
            ValueError: there is none of that name.
        """
        with self._lock:
            if self._listings.pop(str(collection), None) is None:
                raise ValueError(f"collection {str(collection)!r}: is not held; add it first")

    def fail(
        self,
        *,
        status: int | None = None,
        example: str | None = None,
        fault: str | None = None,
        times: int = 1,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Make `times` requests fail after the next `after` requests succeeded; several calls take effect in order.

        The requests get the documented error of that `status`, the one named `example` if it has several, or a
        `fault` of `FAULTS`. `headers` are added to the response.

        Raises:
            ValueError: the document has no such error, there is no such fault, or a number is too small.
        """
        examples = find_errors(self._document, status=status, example=example, fault=fault)
        if times < 1:
            raise ValueError(f"times {times!r}: is below 1; give the number of requests that fail")
        if after < 0:
            raise ValueError(f"after {after!r}: is below 0; give the number of requests that succeed first")
        with self._lock:
            added = {name.lower(): value for name, value in (headers or {}).items()}
            self._failures.append(
                Failure(status=status, fault=fault, examples=examples, headers=added, times=times, after=after)
            )

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The response to one request.

        Raises:
            ConnectionResetError: the fault "reset" was asked for.
            EOFError: the fault "cut" was asked for.
        """
        with self._lock:
            self._requests.append(self._without_secrets(request))
            headers = {"content-type": "application/json; charset=utf-8"}
            if self._document.request_id_header:
                stamp = str(uuid.uuid5(uuid.NAMESPACE_URL, f"request/{len(self._requests)}"))
                headers[self._document.request_id_header] = stamp
            try:
                return _add(headers, self._route(request))
            except CutBodyError as cut:
                raise CutBodyError(_add(headers, cut.response)) from None

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """A server on 127.0.0.1 while the context lasts, which receives its base URL; port 0 takes a free one."""
        return serve(self.answer, port)

    def http_client(self) -> DefaultClient:
        """An httpx client for `http_client=` of the sync client; it calls this emulator without a socket."""
        from ..http.client import DefaultClient

        return DefaultClient(self.transport())

    def async_http_client(self) -> AsyncDefaultClient:
        """An httpx client for `http_client=` of the async client; it calls this emulator without a socket."""
        from ..http.client import AsyncDefaultClient

        return AsyncDefaultClient(self.transport())

    def transport(self) -> HandlerTransport:
        """A transport for your own httpx clients, sync and async."""
        # Imported here, because a served emulator needs no HTTP client.
        from ..http.client import HandlerTransport

        return HandlerTransport(self.answer)

    def _operations_of(self, collection: str) -> list[Operation]:
        operations = [operation for operation in self._document.operations if operation.collection]
        if not operations:
            raise ValueError(f"collection {collection!r}: no operation lists collections; add x-emulator to one")
        refused = [self._breach_of_name(operation, collection) for operation in operations]
        if all(refused):
            raise ValueError(f"collection {collection!r}: {refused[0]}; no request can name it")
        return [operation for operation, breach in zip(operations, refused, strict=True) if not breach]

    def _breach_of_name(self, operation: Operation, collection: str) -> str | None:
        """Why no request for the operation can name the collection, or None."""
        place, resolve = ("path", operation.collection), self._document.resolve
        schemas = [one.schema for one in operation.parameters if (one.place, one.name) == place]
        return next((breach for one in schemas for breach in breaches(from_text(collection, one), one, resolve)), None)

    def _without_secrets(self, request: HTTPRequest) -> HTTPRequest:
        places = [*self._document.schemes.values()]
        secret = {*(name for _, name in places), "authorization", "proxy-authorization", "cookie"}
        headers = {name: "" if name in secret else value for name, value in request.headers.items()}
        url = request.url
        for name in [quote(name, safe="") for place, name in places if place == "query"]:
            url = re.sub(rf"(?<=[?&]){re.escape(name)}=[^&]*", f"{name}=", url)
        return evolve(request, headers=headers, url=url)

    def _route(self, request: HTTPRequest) -> HTTPResponse:
        target = urlsplit(request.url)
        path, query = target.path, parse_qs(target.query, keep_blank_values=True)
        found = self._document.at(path)
        if not found:
            return self._service.refuse(HTTPStatus.NOT_FOUND, f"There is nothing at {path}.")
        if request.method not in found:
            allowed = ", ".join(sorted(found))
            message = f"{request.method} is not allowed here, only {allowed}."
            return self._service.refuse(HTTPStatus.METHOD_NOT_ALLOWED, message, allow=allowed)
        operation, values = found[request.method]
        succeed = partial(
            self._service.answer, Received(operation=operation, path=values, query=query, request=request)
        )
        failure = next(iter(self._failures), None)
        if failure is not None and not failure.after:
            failure.times -= 1
            if not failure.times:
                del self._failures[0]
            return failure.answer(operation, good=succeed, previous=self._previous.get(path))
        response = succeed()
        if response.status < HTTPStatus.BAD_REQUEST:
            self._previous[path] = response
            if failure is not None:
                failure.after -= 1
        return response

    def _find_listing(self, operation: Operation, collection: str) -> Listing | None:
        listing = self._listings.get(collection, {}).get((operation.method, operation.path))
        return None if listing is None or listing.is_over(self._clock()) else listing


def _add(headers: Mapping[str, str], response: HTTPResponse) -> HTTPResponse:
    """The response with these headers as well; its own take precedence."""
    return evolve(response, headers={**headers, **response.headers})
