"""The classes of a document's schemas: models and enums."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from strict_clients.engine import ModelProperty, Property, normalized, pointer_of
from strict_clients.model.code import Import, Imports
from strict_clients.model.graph import component_of, fields_of
from strict_clients.model.package import EnumModel, FieldModel, MemberModel, ModelModel, ViewModel
from strict_clients.model.text import describe
from strict_clients.model.types import Types
from strict_clients.names import field_names, member_names
from strict_clients.shown import shown_names
from strict_clients.structure import component, properties

_COMMON = {Import("._runtime.values.strict_json", "JSON"), Import("collections.abc", "Mapping")}
"""The imports that the template of a model always has."""


def build_models(types: Types) -> Iterator[ModelModel]:
    """A model for each schema with properties, by name."""
    models = [model for name, model in types.classes.items() if fields_of(model) and name != types.shown.twins]
    for model in sorted(models, key=lambda one: str(one.class_info.name)):
        yield _model(model, evolve(types, owner=str(model.class_info.name)))


def _model(model: ModelProperty, types: Types) -> ModelModel:
    schema = types.raw(model)
    raws = {wire: one for wire, (_, one) in properties(types.document, schema).items()}
    spellings: dict[str, list[str]] = {}
    for wire, raw in raws.items():
        if "x-spelling-of" in raw:
            spellings.setdefault(raw["x-spelling-of"], []).append(wire)
    wires = {shown: wire for wire, shown in shown_names(raws).items()}
    names = field_names([*raws])
    fields: list[FieldModel] = []
    for parsed in fields_of(model):
        wire = wires[parsed.name.get_untrusted_value()]
        if "x-spelling-of" not in raws[wire]:
            other = tuple(spellings.get(wire, ()))
            fields.append(_field(parsed, raws[wire], types, name=names[wire], wire=wire, other_names=other))
    views = tuple(view for field in fields for view in _views(field, raws[field.wire], types))
    imports = {one for field in fields for one in field.type.imports}
    later = {one for field in fields for one in field.type.later}
    return ModelModel(
        name=normalized(model.class_info.name),
        module=normalized(model.class_info.module_name),
        doc=describe(schema, fallback=str(model.class_info.name)),
        fields=tuple(fields),
        views=views,
        imports=Imports(names=frozenset(imports - _COMMON)),
        later=Imports(names=frozenset(later)),
        has_unset=any(field.unset for field in fields),
    )


def _field(parsed: Property, site: Mapping[str, Any], types: Types, **called: Any) -> FieldModel:
    raw = {**types.resolve(site), **site}
    return FieldModel(
        **called,
        type=types.translate(parsed),
        required=parsed.required,
        # A caller cannot omit a read-only field, and an answer cannot omit a write-only one.
        read_only=bool(raw.get("readOnly")) and types.owner in types.sent,
        write_only=bool(raw.get("writeOnly")) and types.owner in types.answered,
        sensitive=bool(site.get("x-sensitive")),
        doc=describe(site, schema=raw),
    )


def _views(field: FieldModel, raw: Mapping[str, Any], types: Types) -> Iterator[ViewModel]:
    for view in raw.get("x-views", []):
        wanted = component(types.document, view["schema"])
        info = next(one.class_info for one in types.classes.values() if component_of(one) == wanted)
        name, module = normalized(info.name), normalized(info.module_name)
        yield ViewModel(name=view["name"], of=field.name, model=name, module=module, when_has=view["when-has"])


def build_enums(types: Types) -> Iterator[EnumModel]:
    """An enum for each schema that lists its values, by name."""
    for enum in sorted(types.parsed.enums, key=lambda one: str(one.class_info.name)):
        schema = types.document.at(pointer_of(enum))
        # The engine's values have lost their order, so the raw ones are used.
        values = [value for value in schema["enum"] if value is not None]
        members = member_names(values, schema.get("x-enum-varnames", ()))
        yield EnumModel(
            name=normalized(enum.class_info.name),
            module=normalized(enum.class_info.module_name),
            base="StrEnum" if enum.value_type is str else "IntEnum",
            doc=describe(schema, fallback=str(enum.class_info.name)),
            members=tuple(MemberModel(name=name, value=value) for value, name in members.items()),
        )
