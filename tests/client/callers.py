"""Calls any method of either client, of a server whose answers a test decides."""

from __future__ import annotations

import inspect
import re
import typing
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from face_audit import Listed, Page

from .conftest import Walk
from .documented import PACKAGE, Case

if TYPE_CHECKING:
    import asyncio

    from ..documents.package import Method


class Caller:
    """A client of either kind."""

    def __init__(self, url: str, runner: asyncio.Runner | None) -> None:
        """Make a client of this server; without `runner`, the sync one."""
        self.made = PACKAGE.client(url, asynchronous=runner is not None)
        self._runner = runner

    def call(self, case: Case, method: Method, arguments: Mapping[str, Any]) -> Any:
        """What a method gives back, of a list all that it yields; one that is deprecated warns, and no other does."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = self.method(method.resource, method.name)(**_fitting(method, arguments))
            if hasattr(result, "__aiter__") or hasattr(result, "__next__"):
                result = Walk(result, self._runner).take()
            result = self.resolve(result)
        assert bool(caught) == bool(case.operation.fields.get("deprecated"))
        return result

    def items(self, case: Case, form: str, arguments: Mapping[str, Any]) -> list[Any]:
        """The items that a pager, one page, or the pages of many lists give."""
        result = self.call(case, case.methods[form], arguments)
        if form == "many":
            return [item for one in result for item in _page_of(one).items]
        return list(result.items) if isinstance(result, Page) else list(result)

    def walk(self, method: Method, arguments: Mapping[str, Any]) -> Walk:
        """A pager that is at its beginning."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Walk(self.method(method.resource, method.name)(**arguments), self._runner)

    def method(self, resource: str, name: str) -> Any:
        """A method as it is."""
        return getattr(getattr(self.made, resource), name)

    def resolve(self, result: Any) -> Any:
        """The result itself, or what it is once it is awaited."""
        return self._runner.run(_awaited(result)) if self._runner and inspect.isawaitable(result) else result

    def has_type(self, method: Method, value: Any) -> bool:
        """Whether a result, or an item of a list, is of a type that the method names."""
        function = self.method(method.resource, method.name).__func__
        named = [one.__annotations__["return"] for one in (typing.get_overloads(function) or [function])]
        kinds = {type(value).__name__, "JSON", "None" if value is None else "", "float" if type(value) is int else ""}
        kinds |= {"Mapping"} if isinstance(value, Mapping) else set()
        return bool(kinds & set(re.findall(r"\w+", " ".join(named))))


def _page_of(listed: Listed[Any]) -> Page[Any]:
    if not isinstance(listed.outcome, Page):
        raise listed.outcome
    return listed.outcome


async def _awaited(result: Any) -> Any:
    return await result


def _fitting(method: Method, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same for this method of the operation: that for many lists takes a list of what the others take one of."""
    taken = [name for name in method.arguments if name != "self"]
    if "concurrency" not in taken:
        return dict(arguments)
    values = [value for name, value in arguments.items() if name not in taken]
    return {taken[0]: values} | {name: value for name, value in arguments.items() if name in taken}
