"""What the property tests share: settings that find the same every time, JSON of any kind, a service in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from face_audit._runtime.http.client import HandlerTransport
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from .servers import SESSION

FIXED = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=120,
    # Drivers only make clients, so that one may serve every example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Use it as a decorator, or `settings(FIXED, max_examples=...)`."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | FLOATS | TEXT
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)

ErrorT = TypeVar("ErrorT", bound=Exception)
Handler = Callable[[HTTPRequest], HTTPResponse]


def refusal(kind: type[ErrorT], make: Callable[..., Any], *arguments: Any, **keywords: Any) -> ErrorT | None:
    """The error of this kind that a call raises, or None where it raises none."""
    try:
        make(*arguments, **keywords)
    except kind as error:
        return error
    return None


def page_of(items: Sequence[Any], request_id: str = "r") -> HTTPResponse:
    """A page of these items."""
    headers = {"content-type": "application/json", "apim-request-id": request_id}
    return HTTPResponse(status=200, headers=headers, content=json.dumps(items).encode())


class Listed:
    """A session in memory that shares no code with the package; `caps` bounds its pages, one after the other."""

    def __init__(self, ids: Sequence[str | int], *, caps: Sequence[int] = (1000,)) -> None:
        """Hold entries with these ids, in this order."""
        self.entries: list[dict[str, Any]] = [{"id": one, "sessionId": SESSION, "digest": str(one)} for one in ids]
        self.caps = list(caps)
        self.requests: list[str | None] = []
        """The cursor of each request."""

    @property
    def ids(self) -> list[str]:
        """Of the entries, as text."""
        return [str(one["id"]) for one in self.entries]

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The entries after the cursor, as many as asked for or fewer."""
        asked = parse_qs(urlsplit(request.url).query)
        start, top = asked.get("start", [None])[0], int(asked.get("top", ["1000"])[0])
        self.requests.append(start)
        cap = self.caps[len(self.requests) % len(self.caps)]
        begin = 0 if start is None else self.following(start)
        return page_of(self.entries[begin : begin + min(top, cap)], f"r{len(self.requests)}")

    def following(self, start: str) -> int:
        """Where the entries after this id begin."""
        return self.ids.index(start) + 1

    def options(self) -> dict[str, Any]:
        """The arguments of a driver's client that talks to it."""
        return talking_to(self.answer)


def talking_to(handler: Handler) -> dict[str, Any]:
    """The arguments of a driver's client whose requests are answered by `handler`."""
    return {"endpoint": "http://localhost", "transport": HandlerTransport(handler)}


@st.composite
def listings(draw: st.DrawFn, *, longest: int = 12) -> Listed:
    """A session of any order and kind of ids, with pages of any sizes."""
    kind = draw(st.sampled_from(["numbers", "digits", "zeros", "texts"]))
    ids: list[Any]
    if kind == "texts":
        ids = draw(st.lists(st.text("ab/é %?&+\U0001f600", min_size=1, max_size=5), unique=True, max_size=longest))
    else:
        numbers = sorted(draw(st.sets(st.integers(0, 10**18), max_size=longest)), reverse=draw(st.booleans()))
        widths = {"numbers": None, "digits": 0, "zeros": 20}
        width = widths[kind]
        ids = [number if width is None else str(number).zfill(width) for number in numbers]
    return Listed(ids, caps=draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
