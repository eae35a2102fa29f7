"""Failures that a test tells an emulator to answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, evolve, field, frozen

from ..wire import HTTPResponse
from .document import Document, Operation
from .examples import Example

FAULTS = ("reset", "cut", "html", "empty", "not-json", "server-error", "repeat")

_PAGE = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Something went wrong</h1></body></html>"
_HTML = {"content-type": "text/html; charset=utf-8"}


class CutBodyError(EOFError):
    """The connection is lost within the body of `response`."""

    def __init__(self, response: HTTPResponse) -> None:
        """Keep the whole answer, so that a server can send the part that still arrives."""
        super().__init__("the emulator cut the body, as told")
        self.response = response


@frozen(kw_only=True)
class Failure:
    """What is answered in place of the good answer."""

    status: int | None
    candidates: tuple[Example, ...]
    fault: str | None
    headers: Mapping[str, str]

    def answer(
        self, operation: Operation, *, good: Callable[[], HTTPResponse], previous: HTTPResponse | None
    ) -> HTTPResponse:
        """The failed answer to a request of `operation`.

        Raises:
            ConnectionResetError: the connection is lost before the answer.
            CutBodyError: the connection is lost within the body.
        """
        if self.fault is not None:
            return self._with_headers(_broken(self.fault, good, previous))
        example = next((one for one in self.candidates if one in operation.errors), self.candidates[0])
        return self._with_headers(HTTPResponse(status=example.number(self.status), headers={}, content=example.content))

    def _with_headers(self, response: HTTPResponse) -> HTTPResponse:
        return evolve(response, headers={**response.headers, **self.headers})


def _broken(fault: str, good: Callable[[], HTTPResponse], previous: HTTPResponse | None) -> HTTPResponse:
    match fault:
        case "reset":
            raise ConnectionResetError("the emulator dropped the connection, as told")
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


def make_failure(
    document: Document, *, status: int | None, example: str | None, fault: str | None, headers: Mapping[str, str]
) -> Failure:
    """The failure that the arguments describe.

    Raises:
        ValueError: they describe none, or one that the document does not have.
    """
    if fault is not None:
        if status is not None or example is not None:
            raise ValueError(f"fault {fault!r}: comes with a status or an example; give one of them")
        if fault not in FAULTS:
            raise ValueError(f"fault {fault!r}: is unknown; use one of {', '.join(FAULTS)}")
        return Failure(status=None, candidates=(), fault=fault, headers=headers)
    if status is None and example is None:
        raise ValueError("failure: is not described; give a status, an example or a fault")
    documented = [one for operation in document.operations for one in operation.errors]
    candidates = [
        one
        for one in documented
        if (status is None or one.has_status(status)) and (example is None or one.name == example)
    ]
    if not candidates:
        known = ", ".join(sorted({f"{one.status} {one.name}".rstrip() for one in documented}))
        raise ValueError(f"status {status}, example {example!r}: is not documented; use one of {known}")
    return Failure(status=status, candidates=tuple(candidates), fault=None, headers=headers)


@define
class _Told:
    failure: Failure
    times: int
    after: int


@define
class Plan:
    """The failures still to come, in the order they were told."""

    _told: list[_Told] = field(factory=list["_Told"])

    def add(self, failure: Failure, *, times: int, after: int) -> None:
        """Let `failure` happen `times` times, once `after` good answers were given.

        Raises:
            ValueError: `times` is below 1 or `after` below 0.
        """
        if times < 1:
            raise ValueError(f"times {times!r}: is below 1; say how many requests fail")
        if after < 0:
            raise ValueError(f"after {after!r}: is below 0; say how many requests succeed before")
        self._told.append(_Told(failure, times, after))

    def take(self) -> Failure | None:
        """The failure of this request, or None where it is to be answered well."""
        if not self._told or self._told[0].after:
            return None
        told = self._told[0]
        told.times -= 1
        if not told.times:
            del self._told[0]
        return told.failure

    def count_good(self) -> None:
        """Note that one more request was answered well."""
        if self._told:
            self._told[0].after -= 1
