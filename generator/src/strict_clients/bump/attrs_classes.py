"""Extends griffe for attrs: adds the `__init__` that the decorator writes."""

from collections.abc import Iterator
from typing import Any

from griffe import Attribute, Class, Expr, ExprCall, Extension, Function, Module, Parameter, ParameterKind, Parameters

_DECORATORS = frozenset(f"attrs.{name}" for name in ("frozen", "define", "mutable"))
_FIELD = "attrs.field"
Argument = str | Expr | None


class AttrsExtension(Extension):
    """Adds its `__init__` to every attrs class of a package; classes that write their own keep it."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Called by griffe when a package is loaded."""
        for class_ in _classes(pkg):
            if _decorator(class_) is not None and "__init__" not in class_.members:
                class_.set_member("__init__", _init(class_))


def _classes(owner: Module | Class) -> Iterator[Class]:
    for member in owner.members.values():
        if isinstance(member, Class):
            yield member
        if isinstance(member, Module | Class):
            yield from _classes(member)


def _decorator(class_: Class) -> Expr | None:
    for decorator in class_.decorators:
        if isinstance(decorator.value, Expr) and decorator.value.canonical_path in _DECORATORS:
            return decorator.value
    return None


def _init(class_: Class) -> Function:
    parameters: dict[str, Parameter] = {}
    for owner in (*reversed(class_.mro()), class_):
        decorator = _decorator(owner)
        if decorator is not None:
            kw_only = _arguments(decorator).get("kw_only") == "True"
            for attribute in owner.members.values():
                if isinstance(attribute, Attribute):
                    parameters |= {one.name: one for one in _parameters(attribute, kw_only=kw_only)}
    ordered = sorted(parameters.values(), key=lambda one: one.kind is ParameterKind.keyword_only)
    self = Parameter("self", kind=ParameterKind.positional_or_keyword)
    return Function("__init__", parent=class_, parameters=Parameters(self, *ordered), returns="None")


def _parameters(attribute: Attribute, *, kw_only: bool) -> Iterator[Parameter]:
    """The parameter of one field, or none: class variables and properties are not fields."""
    is_class_variable = "class-attribute" in attribute.labels and "instance-attribute" not in attribute.labels
    if attribute.annotation is None or "property" in attribute.labels or is_class_variable:
        return
    value = attribute.value
    options: dict[str, Argument] = {}
    default: Argument = value
    if isinstance(value, ExprCall) and value.canonical_path == _FIELD:
        options = _arguments(value)
        default = ExprCall(options["factory"], []) if "factory" in options else options.get("default")  # type: ignore[arg-type]
    if options.get("init") == "False":
        return
    alias = str(options["alias"]).strip("'\"") if "alias" in options else attribute.name.lstrip("_")
    keyword = kw_only or options.get("kw_only") == "True"
    kind = ParameterKind.keyword_only if keyword else ParameterKind.positional_or_keyword
    yield Parameter(alias, annotation=attribute.annotation, kind=kind, default=default)


def _arguments(expression: Expr) -> dict[str, Argument]:
    if not isinstance(expression, ExprCall):
        return {}
    return {getattr(one, "name", ""): getattr(one, "value", one) for one in expression.arguments}
