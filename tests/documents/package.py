"""A generated package as its callers see it: its clients, its methods, and the arguments that they take."""

from __future__ import annotations

import ast
import base64
import datetime
import enum
import importlib
import inspect
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .expected import SECRET
from .values import EXTRA


class NoFit(Exception):  # noqa: N818  # no error: another type is tried
    """A value is none of a type."""


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
        """Import it, every module of it that holds operations or models included."""
        self.root: ModuleType = importlib.import_module(name)
        self.models: ModuleType = importlib.import_module(f"{name}.models")
        models = importlib.import_module(f"{name}._runtime.values.models")
        self.model: type = models.Model
        self.unset: Any = models.UNSET
        self.file_part: Any = importlib.import_module(f"{name}._runtime.requests.bodies").FilePart
        self.methods = self._find_methods(name)

    def _find_methods(self, name: str) -> dict[tuple[str, str], Method]:
        found: dict[tuple[str, str], Method] = {}
        folder = importlib.import_module(f"{name}.client.sync")
        (client,) = [getattr(folder, one) for one in folder.__all__]
        for resource, value in vars(client).items():
            if not isinstance(value, property) or value.fget is None:
                continue
            module = value.fget.__globals__[str(value.fget.__annotations__["return"])].__module__
            operations = importlib.import_module(module.replace(".sync", ".operations"))
            kind = getattr(importlib.import_module(module), str(value.fget.__annotations__["return"]))
            for method, function in vars(kind).items():
                if not inspect.isfunction(function):
                    continue
                for constant in function.__code__.co_names:
                    operation = getattr(operations, constant, None)
                    if type(operation).__name__ == "Operation":
                        arguments = {
                            one.name: str(one.annotation) for one in inspect.signature(function).parameters.values()
                        }
                        found[operation.method, operation.path] = Method(resource, method, operation, arguments)
        return found

    def client(self, url: str, *, asynchronous: bool) -> Any:
        """A client of a service at this URL, with a made-up secret for each credential."""
        module = importlib.import_module(f"{self.root.__name__}.client.{'aio' if asynchronous else 'sync'}")
        (kind,) = [getattr(module, one) for one in module.__all__]
        parameters = inspect.signature(kind).parameters.values()
        secrets = {one.name: f"{SECRET}-{one.name}" for one in parameters if "CredentialSource" in str(one.annotation)}
        return kind(endpoint=url, trust_env=False, retry=self.root.RetryPolicy(max_attempts=1), **secrets)

    def build(self, annotation: str, value: Any, *, by_hand: bool) -> Any:
        """An argument for a value: models are made field by field, or by `from_dict`."""
        return self._build(ast.parse(annotation, mode="eval").body, value, by_hand=by_hand)

    def _build(self, node: ast.expr, value: Any, *, by_hand: bool) -> Any:
        alternatives = sorted(_alternatives(node), key=lambda one: self._order(one, value))
        failed: list[str] = []
        for one in alternatives:
            try:
                return self._build_one(one, value, by_hand=by_hand)
            except (NoFit, ValueError) as error:
                failed.append(str(error))
            except Exception as error:
                if not type(error).__module__.startswith(self.root.__name__):
                    raise
                failed.append(str(error))
        raise NoFit(f"{ast.unparse(node)} takes no {value!r:.200}: {'; '.join(failed)}")

    def _order(self, node: ast.expr, value: Any) -> tuple[int, int]:
        """Special types go before texts, and among classes the one that leaves the fewest fields over."""
        name = ast.unparse(node)
        kind = getattr(self.models, name, None)
        if name in {"str", "int", "float"}:
            return 2, ["int", "float", "str"].index(name)
        if isinstance(kind, type) and issubclass(kind, self.model) and isinstance(value, dict):
            try:
                made: Any = kind.from_dict(value)  # type: ignore[attr-defined]
            except Exception:  # noqa: BLE001  # it is tried last
                return 1, 1000
            return 1, len(made.additional_properties)
        return (3, 0) if name == "JSON" else (0, 0)

    def _build_one(self, node: ast.expr, value: Any, *, by_hand: bool) -> Any:  # noqa: PLR0911, C901, PLR0912
        name = ast.unparse(node)
        if isinstance(node, ast.Subscript):
            return self._build_many(node, value, by_hand=by_hand)
        match name:
            case "None":
                return _fit(value, isinstance(value, type(None)))
            case "JSON":
                return _fit(value, not isinstance(value, bytes))
            case "str":
                return _fit(value, isinstance(value, str))
            case "bool":
                return _fit(value, isinstance(value, bool))
            case "int":
                return _fit(value, isinstance(value, int) and not isinstance(value, bool))
            case "float":
                return _fit(value, isinstance(value, int | float) and not isinstance(value, bool))
            case "UUID":
                return uuid.UUID(_fit(value, isinstance(value, str)))
            case "datetime.datetime":
                return datetime.datetime.fromisoformat(_fit(value, isinstance(value, str) and len(value) > 10))
            case "datetime.date":
                return datetime.date.fromisoformat(_fit(value, isinstance(value, str)))
            case "bytes":
                return value if isinstance(value, bytes) else _bytes(_fit(value, isinstance(value, str)))
            case "FilePart":
                return self.file_part(_fit(value, isinstance(value, bytes)), name='a "b".png')
            case "Unset":
                raise NoFit("nothing is given")
            case _:
                return self._build_named(getattr(self.models, name), value, by_hand=by_hand)

    def _build_many(self, node: ast.Subscript, value: Any, *, by_hand: bool) -> Any:
        outer, inner = ast.unparse(node.value), node.slice
        if outer in {"Sequence", "tuple"}:
            one = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
            return tuple(self._build(one, each, by_hand=by_hand) for each in _fit(value, isinstance(value, list)))
        if outer == "Mapping" and isinstance(inner, ast.Tuple):
            items = _fit(value, isinstance(value, dict)).items()
            return {key: self._build(inner.elts[1], each, by_hand=by_hand) for key, each in items}
        raise NotImplementedError(ast.unparse(node))

    def _build_named(self, kind: Any, value: Any, *, by_hand: bool) -> Any:
        if issubclass(kind, enum.Enum):
            return kind(value)
        _fit(value, isinstance(value, dict))
        if not by_hand and not _has_bytes(value):
            return kind.from_dict(value)
        left, given = dict(value), dict[str, Any]()
        for name, annotation in kind.__annotations__.items():
            wire = fields_of(kind).get(name)
            if wire is not None and wire.wire in left:
                given[name] = self.build(str(annotation), left.pop(wire.wire), by_hand=by_hand)
        try:
            return kind(**given, additional_properties=left)
        except TypeError as error:
            raise NoFit(str(error)) from error

    def shown(self, value: Any) -> Any:
        """What was answered, by the attributes of models, as JSON."""
        if isinstance(value, self.model):
            raw: Any = value.to_dict()  # type: ignore[attr-defined]
            made: dict[str, Any] = {}
            for name, field in fields_of(type(value)).items():
                found = getattr(value, name)
                # Of open values, only the JSON tells null from nothing.
                is_null = field.null or (type(field.type).__name__ == "_Anything" and field.wire in raw)
                if found is not self.unset and (found is not None or is_null):
                    made[field.wire] = self.shown(found)
            return made | dict(self.shown(getattr(value, "additional_properties")))
        if isinstance(value, enum.Enum):
            return value.value
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, uuid.UUID):
            return str(value)
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if isinstance(value, tuple | list):
            return [self.shown(one) for one in value]
        return {key: self.shown(one) for key, one in value.items()} if isinstance(value, Mapping) else value

    def untyped(self, value: Any) -> set[str]:
        """The fields of all models in a value that the models do not know, without those that no schema names."""
        found: set[str] = set()
        if isinstance(value, self.model):
            more: Mapping[str, Any] = getattr(value, "additional_properties")
            found |= {f"{type(value).__name__}.{name}" for name in more if not name.startswith(EXTRA)}
            for name in fields_of(type(value)):
                found |= self.untyped(getattr(value, name))
        elif isinstance(value, tuple):
            for one in value:
                found |= self.untyped(one)
        elif isinstance(value, Mapping):
            for one in value.values():
                found |= self.untyped(one)
        return found


def fields_of(kind: Any) -> dict[str, Any]:
    """What a model says of its fields, by their names."""
    return {one.name: one for one in kind._fields}


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _fit(value: Any, fits: bool) -> Any:  # noqa: FBT001
    if not fits:
        raise NoFit(f"no {value!r:.80}")
    return value


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _has_bytes(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_bytes, value.values()))
    return any(map(_has_bytes, value)) if isinstance(value, list) else isinstance(value, bytes)
