"""Decides which models msgspec can read straight from a page's bytes."""

import re
from collections.abc import Mapping
from keyword import iskeyword

from attrs import evolve

from generator.check.names import RESERVED_PROPERTIES
from generator.engine import PythonCode
from generator.model.package import FieldModel, ModelModel

_PLAIN = frozenset(
    f"scalars.{name}"
    for name in ("STRING", "INTEGER", "INTEGER_OR_TEXT", "TEXT_OR_INTEGER", "NUMBER", "BOOLEAN", "ANY", "DATE_TIME")
)
_DEEPEST = 20
_MODEL = re.compile(r"compounds\.ModelOf\((\w+)\)", re.ASCII)


def mark_slow(models: tuple[ModelModel, ...]) -> tuple[ModelModel, ...]:
    """The models, each with the reason why msgspec cannot read it, if there is one."""
    by_name = {str(model.name): model for model in models}
    return tuple(evolve(model, slow=_reason(model, by_name)) for model in models)


def _reason(model: ModelModel, models: Mapping[str, ModelModel]) -> PythonCode | None:
    found = _walk(model, models, above=(), seen=set())
    return None if found is None else PythonCode(found)


def _walk(model: ModelModel, models: Mapping[str, ModelModel], *, above: tuple[str, ...], seen: set[str]) -> str | None:
    """The first thing that msgspec cannot do, in the model or below it; notes every class on the way."""
    if model.name in above or len(above) == _DEEPEST:
        return "it holds itself" if model.name in above else "it is nested too deeply"
    if model.name in seen:
        return "it holds one class at two places"
    seen.add(model.name)
    names = {field.name for field in model.fields} | {view.name for view in model.views} | RESERVED_PROPERTIES
    for field in model.fields:
        if not field.wire.isidentifier() or iskeyword(field.wire) or field.wire.startswith("_"):
            return f"the field {field.name} has a name in JSON that Python cannot have"
        if field.wire != field.name and field.wire in names:
            return f"the field {field.name} has the name of something else in JSON"
        below = _MODEL.fullmatch(field.type.codec)
        if below:
            found = _walk(models[below[1]], models, above=(*above, model.name), seen=seen)
        else:
            found = _oddity(field, nested=bool(above))
        if found is not None:
            return found
    return None


def _oddity(field: FieldModel, *, nested: bool) -> str | None:
    if field.write_only:
        return f"the field {field.name} is never answered"
    if field.type.nullable:
        return f"the field {field.name} may be null"
    if field.type.codec not in _PLAIN:
        return f"the field {field.name} is of a type that needs a look at each value"
    if field.type.codec == "scalars.TEXT_OR_INTEGER" and (nested or not field.required):
        return f"the field {field.name} may be a number and is text"
    return None
