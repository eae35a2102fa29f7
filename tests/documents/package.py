"""A generated package as its callers see it: its clients, its methods, and what they give back."""

from __future__ import annotations

import base64
import datetime
import enum
import importlib
import inspect
import pkgutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from .expected import SECRET
from .values import EXTRA


@dataclass(frozen=True)
class Method:
    """A method of a client, and the operation that it calls."""

    resource: str
    name: str
    operation: Any
    arguments: Mapping[str, str]
    """The annotations of its arguments, by their names."""


class Package:
    """An imported package."""

    def __init__(self, name: str) -> None:
        """Import it with every module that it has, but those that run a command."""
        self.name = name
        self.root: ModuleType = importlib.import_module(name)
        for module in pkgutil.walk_packages(self.root.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        self.models = self._module("models")
        self.model: type = self._module("_runtime.values.models").Model
        self.error: type[Exception] = self._error()
        self.file_part: Any = self._module("_runtime.requests.bodies").FilePart

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.name}.{name}")

    def _error(self) -> type[Exception]:
        """The base of its errors."""
        lowest = self.root.InvalidArgumentError
        ours = [one for one in lowest.__mro__ if one.__module__.startswith(self.name)]
        return ours[-1]  # type: ignore[no-any-return]

    @cached_property
    def methods(self) -> dict[tuple[str, str], Method]:
        """The methods by HTTP method and path."""
        return {(one.operation.method, one.operation.path): one for one in self.all_methods()}

    def resources(self) -> Iterator[tuple[str, type]]:
        """The groups of the sync client: their names, and the classes that have their methods."""
        for resource, value in vars(self._client_class("sync")).items():
            getter = value.fget if isinstance(value, property) else None
            if isinstance(getter, FunctionType):
                yield resource, getter.__globals__[str(getter.__annotations__["return"])]

    def ways(self, kind: type) -> tuple[type, type]:
        """A group of the sync client, and the same of the async one."""
        module = importlib.import_module(f"{kind.__module__.removesuffix('.sync')}.aio")
        return kind, getattr(module, f"Async{kind.__name__}")

    def all_methods(self) -> Iterator[Method]:
        """The methods that call an operation; a paged one has several."""
        for resource, kind in self.resources():
            operations = importlib.import_module(kind.__module__.removesuffix(".sync") + ".operations")
            for name, function in vars(kind).items():
                called = [getattr(operations, one, None) for one in getattr(function, "__code__", _NONE).co_names]
                for operation in (one for one in called if type(one).__name__ == "Operation"):
                    parameters = inspect.signature(function).parameters.values()
                    yield Method(resource, name, operation, {one.name: str(one.annotation) for one in parameters})

    def _client_class(self, way: str) -> Any:
        module = self._module(f"client.{way}")
        (name,) = module.__all__
        return getattr(module, name)

    def client(self, url: str, *, asynchronous: bool) -> Any:
        """A client of a service at this URL, with the made-up secret for each credential."""
        kind = self._client_class("aio" if asynchronous else "sync")
        parameters = inspect.signature(kind).parameters.values()
        secrets: dict[str, Any] = {}
        for one in parameters:
            if "CredentialSource" in str(one.annotation):
                secrets[one.name] = SECRET
            elif "BasicSource" in str(one.annotation):
                secrets[one.name] = (one.name, SECRET)
        return kind(endpoint=url, trust_env=False, retry=self.root.RetryPolicy(max_attempts=1), **secrets)

    def fields_of(self, kind: Any) -> tuple[Any, ...]:
        """What a model says of its fields."""
        fields: tuple[Any, ...] = kind._fields
        return fields

    def shown(self, value: Any) -> Any:
        """What was answered, by the attributes of models, as JSON."""
        if isinstance(value, self.model):
            return self._shown_model(value)
        if isinstance(value, tuple | list):
            return [self.shown(one) for one in value]
        if isinstance(value, Mapping):
            return {key: self.shown(one) for key, one in value.items()}
        return _shown_scalar(value)

    def _shown_model(self, model: Any) -> dict[str, Any]:
        raw, made = model.to_dict(), dict[str, Any]()
        for field in self.fields_of(type(model)):
            found = getattr(model, field.name)
            # Of open values, only the JSON tells null from nothing.
            is_null = field.null or (type(field.type).__name__ == "_Anything" and field.wire in raw)
            if found is not self.root.UNSET and (found is not None or is_null):
                made[field.wire] = self.shown(found)
        return made | dict(self.shown(model.additional_properties))

    def untyped(self, value: Any) -> Iterator[str]:
        """The fields in a value that its models do not know, without those that no schema names."""
        if isinstance(value, self.model):
            model: Any = value
            more = model.additional_properties
            yield from (f"{type(model).__name__}.{name}" for name in more if not name.startswith(EXTRA))
            for field in self.fields_of(type(model)):
                yield from self.untyped(getattr(model, field.name))
        elif isinstance(value, tuple | Mapping):
            for one in value.values() if isinstance(value, Mapping) else value:
                yield from self.untyped(one)


_NONE = (lambda: None).__code__


def _shown_scalar(value: Any) -> Any:
    match value:
        case enum.Enum():
            return value.value
        case datetime.date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
