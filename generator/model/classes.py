"""The classes of a document's schemas: models and enums."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from generator.breaches import Breach, GenerationRefused
from generator.check.names import field_name
from generator.engine import EnumProperty, ModelProperty, normalized
from generator.model.code import Import, Imports
from generator.model.package import EnumModel, FieldModel, MemberModel, ModelModel, ViewModel
from generator.model.structure import component, properties, required, schemas
from generator.model.text import describe
from generator.model.types import Types


def build_models(types: Types) -> Iterator[ModelModel]:
    """A model for each schema with properties, by name."""
    components = {named.name: name for name, named in types.named.items()}
    for model in sorted(types.parsed.models, key=lambda one: str(one.class_info.name)):
        name = components[normalized(model.class_info.name)]
        yield _model(model, schemas(types.document)[name], evolve(types, owner=name))


def _model(model: ModelProperty, schema: Mapping[str, Any], types: Types) -> ModelModel:
    raws = properties(types.document, schema)
    spellings: dict[str, list[str]] = {}
    for wire, raw in raws.items():
        if "x-spelling-of" in raw:
            spellings.setdefault(raw["x-spelling-of"], []).append(wire)
    fields: list[FieldModel] = []
    needed = required(types.document, schema)
    for wire in [*(name for name in raws if name in needed), *(name for name in raws if name not in needed)]:
        if "x-spelling-of" in raws[wire]:
            continue
        raw = types.resolve(raws[wire]) | raws[wire]
        fields.append(
            FieldModel(
                name=field_name(wire),
                wire=wire,
                type=types.translate(raws[wire]),
                required=wire in needed,
                # Of what is only answered, a caller has nothing to leave out; of what is only sent, an answer has not.
                read_only=bool(raw.get("readOnly")) and types.owner in types.sent,
                write_only=bool(raw.get("writeOnly")) and types.owner in types.answered,
                sensitive=bool(raws[wire].get("x-sensitive")),
                other_names=tuple(spellings.get(wire, ())),
                doc=describe(raws[wire], schema=raw),
            )
        )
    views = tuple(view for field in fields for view in _views(field, raws[field.wire], types))
    imports = {one for field in fields for one in field.type.imports}
    later = {one for field in fields for one in field.type.later}
    return ModelModel(
        name=normalized(model.class_info.name),
        module=normalized(model.class_info.module_name),
        doc=describe(schema, fallback=str(model.class_info.name)),
        fields=tuple(fields),
        views=views,
        imports=Imports(
            names=frozenset(
                imports - {Import("._runtime.values.strict_json", "JSON"), Import("collections.abc", "Mapping")}
            )
        ),
        later=Imports(names=frozenset(later)),
        has_unset=any(field.unset for field in fields),
    )


def _views(field: FieldModel, raw: Mapping[str, Any], types: Types) -> Iterator[ViewModel]:
    for view in raw.get("x-views", []):
        named = types.named[component(types.document, view["schema"]) or ""]
        yield ViewModel(
            name=view["name"], of=field.name, model=named.name, module=named.module, when_has=view["when-has"]
        )


def build_enums(types: Types) -> Iterator[EnumModel]:
    """An enum for each schema that lists its values, by name.

    Raises:
        GenerationRefused: two values get one name.
    """
    components = {named.name: name for name, named in types.named.items()}
    for enum in sorted(types.parsed.enums, key=lambda one: str(one.class_info.name)):
        assert isinstance(enum, EnumProperty)  # noqa: S101  # literal enums are switched off in the engine
        name = components[normalized(enum.class_info.name)]
        schema = schemas(types.document)[name]
        # The engine's values have lost what it escapes; the raw ones are exact.
        values = [value for value in schema["enum"] if value is not None]
        if len(values) != len(enum.values):
            raise GenerationRefused(
                [Breach(f"/components/schemas/{name}/enum", "two values get one name; add x-enum-varnames")]
            )
        yield EnumModel(
            name=normalized(enum.class_info.name),
            module=normalized(enum.class_info.module_name),
            base="StrEnum" if enum.value_type is str else "IntEnum",
            doc=describe(schema, fallback=str(enum.class_info.name)),
            members=tuple(MemberModel(name=key, value=value) for key, value in zip(enum.values, values, strict=True)),
        )
