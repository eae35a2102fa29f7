"""An API played from its OpenAPI document, in the process or as a server on loopback."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import evolve

from ..values.strict_json import JSON
from ..wire import HTTPRequest, HTTPResponse
from .answers import Conduct
from .document import Operation, read
from .failures import CutBodyError, Plan, make_failure
from .paging import Listing, listing_of
from .replies import plain, stamped
from .requests import receive
from .server import serve
from .validation import breaches, from_text

if TYPE_CHECKING:
    from ..http.client import AsyncDefaultClient, DefaultClient, HandlerTransport


class Emulator:
    """A stand-in for an API: it checks requests and answers them as the document says."""

    def __init__(
        self,
        document: Mapping[str, JSON],
        *,
        key: str = "emulator-key",
        ascending: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Play `document` for callers who hold `key`.

        `ascending` lists the smallest id first; None leaves the order to the document. `clock` counts seconds.

        Raises:
            ValueError: the key is empty, or the document reads its key from anything but a header.
        """
        if not key:
            raise ValueError("key: is empty; give the text that callers must send")
        self._document = read(document)
        self._conduct = Conduct(document=self._document, key=key, held=self._held)
        self._ascending = ascending
        self._clock = clock
        self._lock = RLock()
        self._plan = Plan()
        self._listings: dict[str, dict[tuple[str, str], Listing]] = {}
        self._previous: dict[str, HTTPResponse] = {}
        self._requests: list[HTTPRequest] = []

    @property
    def requests(self) -> Sequence[HTTPRequest]:
        """What was received so far, oldest first; headers that carry secrets keep their name and lose their value."""
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
        """Hold a collection, in place of one of that name: `count` copies of the document's example, or `items`.

        It expires after `lifetime` seconds; None takes the document's own lifetime. Items whose ids are numbers are
        listed in the order of these, others as given.

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
            listings[operation.method, operation.path] = listing_of(
                operation,
                collection,
                count=count,
                items=items,
                ascending=operation.ascending if self._ascending is None else self._ascending,
                deadline=None if seconds is None else self._clock() + seconds,
            )
        with self._lock:
            self._listings[collection] = listings

    def expire(self, collection: str | uuid.UUID) -> None:
        """Drop a collection, as if its lifetime were over.

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
        """Let the next `times` requests fail, once `after` requests were answered well; what is told first comes first.

        They get the documented error of that `status`, the one under the name `example` where it has several, or a
        `fault` of `FAULTS`. `headers` are added to that answer.

        Raises:
            ValueError: the document has no such error, there is no such fault, or a number is too small.
        """
        failure = make_failure(self._document, status=status, example=example, fault=fault, headers=headers or {})
        with self._lock:
            self._plan.add(failure, times=times, after=after)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The answer to one request.

        Raises:
            ConnectionResetError: a test told the connection to be lost before the answer.
            EOFError: a test told the body to be cut short.
        """
        with self._lock:
            self._requests.append(self._without_secrets(request))
            headers: dict[str, str] = {}
            if self._document.request_id_header:
                stamp = str(uuid.uuid5(uuid.NAMESPACE_URL, f"request/{len(self._requests)}"))
                headers[self._document.request_id_header] = stamp
            try:
                return stamped(self._routed(request), headers)
            except CutBodyError as cut:
                raise CutBodyError(stamped(cut.response, headers)) from None

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """A server on 127.0.0.1 for as long as the context lasts, which gets its base URL; port 0 takes a free one."""
        return serve(self.answer, port)

    def http_client(self) -> DefaultClient:
        """An httpx client that asks this emulator, for `http_client=` of the sync client: no socket, no server."""
        from ..http.client import DefaultClient

        return DefaultClient(self.transport())

    def async_http_client(self) -> AsyncDefaultClient:
        """The same for the async client."""
        from ..http.client import AsyncDefaultClient

        return AsyncDefaultClient(self.transport())

    def transport(self) -> HandlerTransport:
        """A transport for httpx clients of your own, sync and async."""
        # Here, so that a served emulator does without an HTTP client.
        from ..http.client import HandlerTransport

        return HandlerTransport(self.answer)

    def _operations_of(self, collection: str) -> list[Operation]:
        operations = [operation for operation in self._document.operations if operation.collection]
        if not operations:
            raise ValueError(f"collection {collection!r}: no operation lists collections; add x-emulator to one")
        for operation in operations:
            for parameter in operation.parameters:
                if (parameter.place, parameter.name) == ("path", operation.collection):
                    value, resolve = from_text(collection, parameter.schema), self._document.resolve
                    breach = next(breaches(value, parameter.schema, resolve), None)
                    if breach is not None:
                        raise ValueError(f"collection {collection!r}: {breach}; no request can name it")
        return operations

    def _without_secrets(self, request: HTTPRequest) -> HTTPRequest:
        secret = {*self._document.schemes.values(), "authorization", "proxy-authorization", "cookie"}
        return evolve(
            request, headers={name: "" if name in secret else value for name, value in request.headers.items()}
        )

    def _routed(self, request: HTTPRequest) -> HTTPResponse:
        path = urlsplit(request.url).path
        found = self._document.at(path)
        if not found:
            return plain(self._document, HTTPStatus.NOT_FOUND, f"There is nothing at {path}.")
        if request.method not in found:
            allowed = ", ".join(sorted(found))
            message = f"{request.method} is not allowed here, only {allowed}."
            return plain(self._document, HTTPStatus.METHOD_NOT_ALLOWED, message, {"allow": allowed})
        operation, values = found[request.method]
        good = partial(self._conduct.answer, operation, receive(request, values))
        failure = self._plan.take()
        if failure is not None:
            return failure.answer(operation, good=good, previous=self._previous.get(path))
        answer = good()
        if answer.status < HTTPStatus.BAD_REQUEST:
            self._plan.count_good()
            self._previous[path] = answer
        return answer

    def _held(self, operation: Operation, collection: str) -> Listing | None:
        listing = self._listings.get(collection, {}).get((operation.method, operation.path))
        return None if listing is None or listing.is_over(self._clock()) else listing
