"""Calls every operation of a document by both clients of its package, and lists what is not right."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .arguments import NoFit
from .calls import Call, prepare
from .differences import Difference, differences
from .document import Document, Operation, read
from .expected import Received, compare
from .package import Method, Package
from .server import Answer, Server

VARIANTS = 8
"""Calls of an operation by each client, with other values."""


@dataclass(frozen=True)
class Mismatch:
    """What is not right with one operation."""

    operation: str
    call: str
    """Which client made it, and of which values."""
    of: str
    expected: str
    came: str


def call_all(
    document: Document, package: Package, *, variants: int = VARIANTS
) -> tuple[dict[str, int], list[Mismatch]]:
    """Call every operation that the package has; gives the number of calls by operation, and what is not right."""
    counts: dict[str, int] = {}
    mismatches: list[Mismatch] = []
    with Server() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated operations are called as well
        drivers: list[Driver] = [SyncDriver(package, server), AsyncDriver(package, server)]
        for operation in document.operations():
            method = package.methods.get((operation.method.upper(), operation.path))
            if method is not None:
                made = list(_call_one(drivers, operation, method, variants))
                counts[str(operation)] = variants * len(drivers)
                mismatches += made
        for driver in drivers:
            driver.close()
    return counts, mismatches


def _call_one(drivers: list[Driver], operation: Operation, method: Method, variants: int) -> Iterator[Mismatch]:
    for variant in range(variants):
        for index, driver in enumerate(drivers):
            # Both ways to make models meet both clients.
            by_hand = (variant // 2 + index) % 2 == 0
            shown = f"{driver.name}, variant {variant}, models {'by hand' if by_hand else 'by from_dict'}"
            try:
                found = driver.run(prepare(driver.package, operation, method, variant=variant, by_hand=by_hand))
            except NoFit as error:
                found = [Difference("arguments", "a method that takes them", str(error))]
            for one in found:
                yield Mismatch(str(operation), shown, one.of, f"{one.expected!r:.600}", f"{one.came!r:.600}")


def compare_results(package: Package, method: str, answered: Any, result: Any) -> Iterator[Difference]:
    """What differs between what was answered and what the client gave back."""
    if method == "HEAD":  # no body arrives
        if result not in (None, "", b""):
            yield Difference("decoded", None, result)
        return
    if isinstance(answered, bytes) or isinstance(result, bytes):
        yield from differences("decoded", answered, result)
        return
    yield from differences("decoded", answered, package.shown(result))
    if isinstance(result, package.model):
        model: Any = result
        yield from differences("to_dict", answered, model.to_dict())
    untyped = sorted(set(package.untyped(result)))
    if untyped:
        yield Difference("fields without a type", [], untyped)


class Driver(ABC):
    """Makes calls by one of the clients."""

    name: str

    def __init__(self, package: Package, server: Server) -> None:
        """Make a client of this server."""
        self.package, self.server = package, server

    @abstractmethod
    def send(self, resource: str, method: str, arguments: Mapping[str, Any]) -> Any:
        """Call a method of the client."""

    @abstractmethod
    def close(self) -> None:
        """Close the client."""

    def run(self, call: Call) -> list[Difference]:
        """Make a call, and compare what arrived, and what was decoded."""
        requests, answered = list[Received](), list[Any]()

        def respond(received: Received) -> Answer:
            answer, value = call.answer(received)
            requests.append(received)
            answered.append(value)
            return answer

        self.server.respond = respond
        result, failed = None, list[Difference]()
        try:
            result = self.send(call.method.resource, call.method.name, call.arguments)
        except Exception as error:  # noqa: BLE001  # any error is wrong here
            failed = [Difference("call", "no error", f"{type(error).__name__}: {error}")]
        if len(requests) != 1:
            return failed or [Difference("requests", 1, len(requests))]
        sent = [*failed, *compare(call.expected, requests[0])]
        return sent if failed else [*sent, *compare_results(self.package, requests[0].method, answered[0], result)]


class SyncDriver(Driver):
    """Makes calls by the sync client."""

    name = "sync"

    def __init__(self, package: Package, server: Server) -> None:
        """Make a client of this server."""
        super().__init__(package, server)
        self._client = package.client(server.url, asynchronous=False)

    def send(self, resource: str, method: str, arguments: Mapping[str, Any]) -> Any:
        """Call a method of the client."""
        return getattr(getattr(self._client, resource), method)(**arguments)

    def close(self) -> None:
        """Close the client."""
        self._client.close()


class AsyncDriver(Driver):
    """Makes calls by the async client."""

    name = "async"

    def __init__(self, package: Package, server: Server) -> None:
        """Make a client of this server."""
        super().__init__(package, server)
        self._runner = asyncio.Runner()
        self._client = package.client(server.url, asynchronous=True)

    def send(self, resource: str, method: str, arguments: Mapping[str, Any]) -> Any:
        """Call a method of the client."""
        return self._runner.run(_awaited(getattr(getattr(self._client, resource), method), arguments))

    def close(self) -> None:
        """Close the client."""
        self._runner.run(_awaited(self._client.aclose, {}))
        self._runner.close()


async def _awaited(method: Any, arguments: Mapping[str, Any]) -> Any:
    result = method(**arguments)
    return await result if inspect.isawaitable(result) else result


def main(path: str, source: str, name: str, variants: str) -> None:
    """Print as JSON what came of calling all operations of a document."""
    sys.path.insert(0, source)
    counts, mismatches = call_all(read(Path(path)), Package(name), variants=int(variants))
    print(json.dumps({"counts": counts, "mismatches": [asdict(one) for one in mismatches]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
