"""Many lists that are read concurrently: the checked arguments, and the results of each."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, cast
from uuid import UUID

from attrs import frozen

from ..errors import InvalidArgumentError, SdkError
from ..responses.pages import Page
from ..values.strict_json import JSON
from .pager import check_verify

if TYPE_CHECKING:
    from ..operation import Call, OnInvalid, Operation

__all__ = ["Listed"]

ItemT = TypeVar("ItemT")


class Listed(NamedTuple, Generic[ItemT]):
    """One result of one of many lists: its next page, or the error that ended it."""

    of: str
    """Which list, as the caller named it; a UUID as text if the parameter is text."""
    outcome: Page[ItemT] | SdkError
    checkpoint: Mapping[str, JSON]
    """Where this list can be resumed; `checkpoint["finished"]` says whether the list has ended."""


@frozen(kw_only=True, eq=False, repr=False)
class Many:
    """The lists of one operation for many values of one of its parameters, checked and ready to be listed."""

    parameter: str
    calls: tuple[Call, ...]
    """The calls for the first pages."""
    concurrency: int
    rate: float | None
    settings: Mapping[str, Any]
    """The keyword arguments of each pager."""

    def of(self, call: Call) -> str:
        """The list that a call is for."""
        return cast("str", call.arguments[self.parameter])


def many(  # noqa: PLR0913  # one keyword for each setting
    operation: Operation,
    parameter: str,
    values: Iterable[str | UUID],
    arguments: Mapping[str, Any],
    *,
    concurrency: int,
    rate: float | None,
    trust_short_page: bool,
    verify: Literal["end", "stable"] | None,
    on_invalid: OnInvalid,
) -> Many:
    """The lists of `operation` for these values of `parameter`.

    Raises:
        InvalidArgumentError: a value or another argument breaks its limits; nothing was sent.
    """
    if isinstance(values, (str, bytes)):
        raise InvalidArgumentError(f"{parameter}: is a single text; give a list")
    if type(concurrency) is not int or concurrency < 1:
        raise InvalidArgumentError(f"concurrency: is {concurrency!r:.80}; give the number of lists to read at once")
    if rate is not None and not (type(rate) in (int, float) and 0 < rate < inf):
        raise InvalidArgumentError(f"rate: is {rate!r:.80}; give calls per second, or None")
    check_verify(verify, trust_short_page=trust_short_page)

    def call(value: str | UUID) -> Call:
        if isinstance(value, UUID):
            with suppress(InvalidArgumentError):  # of a parameter that is not text
                return operation.call({**arguments, parameter: str(value)}, on_invalid=on_invalid)
        return operation.call({**arguments, parameter: value}, on_invalid=on_invalid)

    calls = tuple(map(call, values))
    return Many(
        parameter=parameter,
        calls=calls,
        concurrency=min(concurrency, len(calls)) or 1,
        rate=rate,
        settings={"trust_short_page": trust_short_page, "verify": verify},
    )


class Pace:
    """Spaces calls evenly; threads may share it."""

    def __init__(self, rate: float | None) -> None:
        self._lock = threading.Lock()
        self._apart = 0.0 if rate is None else 1 / rate
        self._next = -inf

    def wait(self, now: float) -> float:
        """Seconds that the next call has to wait."""
        with self._lock:
            at = max(now, self._next)
            self._next = at + self._apart
        return at - now
