"""Plans the calls that a caller of a package may make: `python -m ...plan PACKAGE` prints them as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from .answers import Documented, makers, successes, within
from .failures import failures
from .package import Method, Package
from .plain import is_array, is_object
from .secrets import gives_tokens, secret
from .shown import make, show
from .values import Maker, Unmade

Call = dict[str, Any]


class Planner:
    """Plans the calls of a package."""

    def __init__(self, package: Package) -> None:
        """Read its document."""
        self.package = package
        self.documented = Documented(package)

    def methods(self) -> list[Method]:
        """The methods that are played, without those for many lists, which only use many pagers."""
        return [one for one in self.package.methods.values() if one.kind != "many"]

    def client(self, *, tokens: bool = False) -> dict[str, Any]:
        """How a caller makes a client, apart from credentials; with tokens, at an endpoint that may take them."""
        service = self.package.service
        given = {} if service.host and not tokens else {"endpoint": "https://play.example"}
        if tokens:
            given["scope"] = "play"
        for one in service.variables:
            if one.default is None and (one.in_path or not tokens):
                given[one.parameter] = show(next(iter(one.values))) if one.values else "play"
        return given

    def choices(self, calls: list[Call]) -> Iterator[Call]:
        """The first call with each value of each server variable."""
        for one in self.package.service.variables:
            for member in one.values or ():
                client = self.client() | {one.parameter: show(member)}
                yield from ({**call, "case": f"{one.parameter}={member}", "client": client} for call in calls[:1])

    def calls(self, method: Method) -> Iterator[Call]:
        """All calls of a method.

        Raises:
            Unmade: no value can be generated for a required argument.
        """
        ways = [self._known(way) for way in method.operation.security]
        least = self.arguments(method, Maker(sent=True, full=False))
        succeeded = list(successes(self.documented, method, least))
        if not succeeded:
            raise Unmade("no answer is made for its schema")
        first = next((answers for name, answers in succeeded if "everything" in name), succeeded[0][1])
        common = {"call": method.call, **ways[0], "positional": _positional(method.operation)}
        for name, maker in makers(sent=True):
            given = self.arguments(method, maker)
            answers = within(first, given.get(getattr(method.operation.pagination, "limit", None) or ""))
            yield {**common, "case": f"arguments: {name}", "arguments": given, "answers": answers}
        yield {**common, "case": "the async client", "arguments": least, "answers": first, "asynchronous": True}
        for way in ways[1:]:
            yield {**common, "case": f"with {', '.join(way['secrets'])}", **way, "arguments": least, "answers": first}
        for name, answers in succeeded:
            yield {**common, "case": name, "arguments": least, "answers": answers}
        if method.kind != "page":
            for name, answer in failures(self.package, self.documented, method):
                yield {**common, "case": name, "arguments": least, "answers": [answer], "fails": True}

    def _known(self, way: Any) -> Call:
        """How a caller is known in one way to authenticate; without one, by the first scheme, which has to be given."""
        schemes = [one for one in self.package.service.schemes if one.name in way] or self.package.service.schemes[:1]
        known: Call = {"secrets": {one.parameter: secret(one, f"secret-{one.parameter}") for one in schemes}}
        return known | ({"client": self.client(tokens=True)} if any(map(gives_tokens, schemes)) else {})

    def arguments(self, method: Method, maker: Maker) -> dict[str, Any]:
        """The arguments of one call.

        Raises:
            Unmade: no value can be generated for a required argument.
        """
        operation, made = method.operation, dict[str, Any]()
        for one in operation.parameters:
            if one.required or (maker.full and not _is_cursor(method, one.name)):
                # A path parameter cannot be empty.
                full = maker if one.location != "path" else Maker(sent=True, full=True, choice=maker.choice)
                try:
                    made[one.name] = self._sendable(operation, one, full)
                except Unmade:
                    if one.required:
                        raise
        if operation.body is not None and (operation.body_required or maker.full):
            made["body"] = _body(operation.body, maker)
        return made

    def _sendable(self, operation: Any, parameter: Any, maker: Maker) -> Any:
        """An argument that the package accepts: an object is reduced to plain values if its style needs that."""
        shown = maker.make(parameter.type, parameter.name)
        flat = {name: one for name, one in shown.items() if _is_plain(one)} if is_object(shown) else shown
        alone = operation._replace(parameters=(parameter,), body_required=False)
        for one in (shown, flat):
            try:
                alone.call({parameter.name: make(self.package, one)})
            except ValueError as error:
                refused = error
            else:
                return one
        raise Unmade(f"{parameter.name}: {refused}")


def _positional(operation: Any) -> list[str]:
    """The positional arguments."""
    in_path = [one.name for one in operation.parameters if one.location == "path"]
    return [*in_path, *(["body"] if operation.body_required else [])]


def _is_plain(shown: Any) -> bool:
    return not (is_array(shown) or is_object(shown)) or "member" in shown or "value" in shown


def _body(content: Any, maker: Maker) -> Any:
    kind = type(content).__name__
    if kind == "TextContent":
        return "some text"
    if kind in {"BytesContent", "AnyContent"}:
        return {"$": "bytes", "value": "AAE="}
    return maker.make(content.type, "body")


def _is_cursor(method: Method, name: str) -> bool:
    return method.kind == "pager" and name == method.operation.pagination.cursor


def plan(package: Package) -> dict[str, Any]:
    """The calls of all methods, and the reasons why others have none."""
    planner = Planner(package)
    calls: list[Call] = []
    unplayed: dict[str, str] = {}
    for method in planner.methods():
        try:
            calls += [*planner.calls(method)]
        except Unmade as error:
            unplayed[method.call] = str(error)
    calls += [*planner.choices(calls)]
    return {"client": planner.client(), "calls": calls, "unplayed": unplayed, "operations": operations(package)}


def operations(package: Package) -> dict[str, list[str]]:
    """The verb and the path of each call."""
    return {call: [one.operation.method, one.operation.path] for call, one in package.methods.items()}


def main(arguments: list[str]) -> None:
    """Print the plan of a package."""
    json.dump(plan(Package(arguments[0])), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
