"""Plays a plan with a package: `python -m ...player PACKAGE` reads the plan and prints a line for each call."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from .answers import JSON_TYPE, Documented
from .fitting import fit, fit_status
from .package import Method, Package
from .plan import Planner, operations
from .secrets import gives_tokens, secret, without_rivals
from .shown import make, show, show_error
from .values import Maker, Unmade

_NOT_COMPARED = {"host", "user-agent", "accept-encoding", "connection", "content-length"}
"""Headers that are not compared: those of HTTP itself, and the client's name and version."""
_BOUNDARY = re.compile(r"boundary=([0-9a-f]{32})")
_PART = re.compile(r'; name="([^"]*)"')
_KEY = "emulator-key"

Line = dict[str, Any]


class Player:
    """Makes the calls of a plan."""

    def __init__(self, package: Package, client: Mapping[str, Any]) -> None:
        """Play with clients made with these arguments."""
        self.package, self._client = package, client
        self._documented = Documented(package)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """End the event loop of the async clients."""
        self._runner.close()

    def play(self, call: Mapping[str, Any]) -> Line:
        """What one call sent, and its result."""
        requests: list[Any] = []
        method = self.package.methods.get(call["call"])

        def answer(request: Any) -> Any:
            requests.append(request)
            given = call["answers"][min(len(requests), len(call["answers"])) - 1]
            return self._response(given, method)

        outcome = self._outcome(call, answer)
        return {"requests": [_shown_request(one) for one in requests], **outcome}

    def _outcome(self, call: Mapping[str, Any], answer: Any) -> Line:
        try:
            given = {**call.get("client", self._client), **call["secrets"]}
            settings = {name: make(self.package, one) for name, one in given.items()}
            asynchronous = call.get("asynchronous", False)
            client = self.package.client(settings, answer, asynchronous=asynchronous)
            _, resource, name = call["call"].split(".")
            function = getattr(getattr(client, resource), name)
            arguments = {name: make(self.package, one) for name, one in call["arguments"].items()}
            positional = [arguments.pop(name) for name in call["positional"]]
            result = function(*positional, **arguments)
            return {"result": show(self._runner.run(_collected(result)) if asynchronous else _collect(result))}
        except Exception as error:  # noqa: BLE001  # any error that a caller may get
            return {"error": show_error(error, self.package.name)}

    def _response(self, answer: Mapping[str, Any], method: Method | None) -> Any:
        headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        status = answer["status"] if method is None else fit_status(answer, method.operation)
        answer = {**answer, "status": status}
        content = base64.b64decode(answer.get("base64", ""))
        if method is not None and answer.keys() & {"json", "page"}:
            content = json.dumps(fit(answer, method.operation, self._documented.json)).encode()
            headers.setdefault("content-type", JSON_TYPE)
        return self.package.module("_runtime.wire").HTTPResponse(status=status, headers=headers, content=content)

    def emulate(self) -> Iterator[Line]:
        """The result of each operation of this package with the emulator of its own document."""
        planner = Planner(self.package)
        schemes = without_rivals(self.package.service.schemes)
        client = planner.client(tokens=any(map(gives_tokens, schemes)))
        shown = client | {one.parameter: secret(one, _KEY) for one in schemes}
        settings = {name: make(self.package, one) for name, one in shown.items()}
        emulator = self.package.module("testing").Emulator(key=_KEY)
        for method in planner.methods():
            try:
                arguments = planner.arguments(method, Maker(sent=True, full=False))
            except Unmade:
                continue
            yield {"emulated": method.call, "error": self._emulate(emulator, method, settings, arguments)}

    def _emulate(self, emulator: Any, method: Method, settings: Mapping[str, Any], arguments: Mapping[str, Any]) -> Any:
        given = {name: make(self.package, one) for name, one in arguments.items()}
        collection = self._documented.operations[method.operation.method, method.operation.path].collection
        try:
            if collection:
                names = {one.wire: one.name for one in method.operation.parameters if one.location == "path"}
                emulator.add(given[names[collection]], count=2)
            client = self.package.client(settings, emulator.answer)
            _collect(getattr(getattr(client, method.resource), method.name)(**given))
        except Exception as error:  # noqa: BLE001  # any error that a caller may get
            return show_error(error, self.package.name)
        return None


def _collect(result: Any) -> Any:
    """The pages of a pager; any other result as it is."""
    return list(result.pages()) if hasattr(result, "pages") else result


async def _collected(result: Any) -> Any:
    return [page async for page in result.pages()] if hasattr(result, "pages") else await result


def _shown_request(request: Any) -> Line:
    """A request in the parts that a service reads."""
    target = urlsplit(str(request.url))
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_COMPARED}
    body, media_type = request.content, headers.pop("content-type", None)
    boundary = _BOUNDARY.search(media_type or "")
    if boundary is not None:
        body = body.replace(boundary[1].encode(), b"boundary")
        media_type = media_type.replace(boundary[1], "boundary")
    return {
        "verb": request.method,
        "origin": f"{target.scheme}://{target.netloc}",
        "path": target.path,
        "query": parse_qsl(target.query, keep_blank_values=True),
        "headers": headers,
        "media_type": media_type,
        "body": None if body is None else _shown_body(body, media_type or ""),
    }


def _shown_body(body: bytes, media_type: str) -> Any:
    if "json" in media_type:
        return json.loads(body)
    if "urlencoded" in media_type:
        return parse_qs(body.decode(), keep_blank_values=True)
    parts = [part.decode("latin-1").strip() for part in body.split(b"--boundary")[1:-1]]
    if parts:
        named = [(_PART.search(part), part) for part in parts]
        return [{name[1] if name else "": part} for name, part in named]
    return body.decode("latin-1")


def main(arguments: list[str]) -> None:
    """Play the plan of the standard input."""
    warnings.simplefilter("ignore")  # deprecated operations are called as well
    given = json.load(sys.stdin)
    player = Player(Package(arguments[0]), given["client"])
    known = [{"operations": operations(player.package)}]
    for line in chain(map(player.play, given["calls"]), player.emulate(), known):
        sys.stdout.write(json.dumps(line) + "\n")
    player.close()


if __name__ == "__main__":
    main(sys.argv[1:])
