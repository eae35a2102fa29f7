"""A generated package in this process, as callers use it: clients, methods, classes and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from types import FunctionType
from typing import Any, NamedTuple

from .secrets import Login

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""The time of all plays; only waits advance it."""


class Method(NamedTuple):
    """A method of a client."""

    resource: str
    name: str
    kind: str
    """`plain`, or of a list `pager`, `page` or `many`."""
    operation: Any

    @property
    def call(self) -> str:
        """How callers write it: `client.plants.list`."""
        return f"client.{self.resource}.{self.name}"


class Package:
    """An imported package."""

    def __init__(self, name: str) -> None:
        """Import it."""
        self.name = name
        self.root = import_module(name)
        self.service: Any = self.module("client.service").SERVICE
        self._models = self.module("models")
        self._http = self.module("_runtime.http.client")
        self._classes: list[type] = [self._client_class("sync"), self._client_class("aio")]
        self.methods = {method.call: method for method in self._find_methods()}

    def module(self, name: str) -> Any:
        """A module of the package."""
        return import_module(f"{self.name}.{name}")

    def _client_class(self, colour: str) -> type:
        module = self.module(f"client.{colour}")
        found: type = getattr(module, module.__all__[0])
        return found

    def find_class(self, name: str) -> Any:
        """A public class by its name.

        Raises:
            AttributeError: there is none.
        """
        return getattr(self._models, name, None) or getattr(self.root, name)

    def _find_methods(self) -> Iterator[Method]:
        for resource, value in vars(self._classes[0]).items():
            getter = value.fget if isinstance(value, property) else None
            if isinstance(getter, FunctionType):
                kind: type = getter.__globals__[getter.__annotations__["return"]]
                functions = {name: one for name, one in vars(kind).items() if isinstance(one, FunctionType)}
                for name, function in functions.items():
                    operation = _operation_of(function)
                    if operation is not None:
                        yield Method(resource, name, _kind(name, operation, functions), operation)

    def client(self, arguments: Mapping[str, Any], answer: Callable[[Any], Any], *, asynchronous: bool = False) -> Any:
        """A client that never waits and gets its answers from `answer`; a failed attempt is sent once more."""
        transport = self._http.HandlerTransport(answer)
        http_client = (self._http.AsyncDefaultClient if asynchronous else self._http.DefaultClient)(transport)
        retry = self.root.RetryPolicy(max_attempts=2, max_asked_waits=0, random=lambda: 0.0)
        given = {
            name: one.of_kind(asynchronous=asynchronous) if isinstance(one, Login) else one
            for name, one in arguments.items()
        }
        made: Any = self._classes[asynchronous](**given, http_client=http_client, retry=retry, trust_env=False)
        made._settings = made._settings._replace(clock=self._clock())  # noqa: SLF001  # no public name sets the time
        return made

    def _clock(self) -> Any:
        passed = [0.0]

        def pause(_: object, seconds: float) -> None:
            passed[0] += seconds

        return self.module("_runtime.http.deadline").Clock(monotonic=lambda: passed[0], now=lambda: NOW, pause=pause)


def _operation_of(function: FunctionType) -> Any:
    """The operation that a method calls, or None."""
    called = (function.__globals__.get(name) for name in function.__code__.co_names)
    return next((one for one in called if type(one).__name__ == "Operation"), None)


def _kind(name: str, operation: Any, names: Mapping[str, Any]) -> str:
    if operation.pagination is None:
        return "plain"
    for kind in ("page", "many"):
        if name.removesuffix(f"_{kind}") in names.keys() - {name}:
            return kind
    return "pager"
