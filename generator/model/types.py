"""From the engine's property and the raw schema beside it to a type in Python."""

from typing import Any, cast

from attrs import evolve, frozen

from generator.engine import (
    AnyProperty,
    BooleanProperty,
    DateProperty,
    DateTimeProperty,
    EnumProperty,
    FloatProperty,
    GeneratorData,
    IntProperty,
    ListProperty,
    ModelProperty,
    NoneProperty,
    Property,
    StringProperty,
    UnionProperty,
    UuidProperty,
)
from generator.load import Document
from generator.model.code import Import, TypeCode, literal

_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
}
_ANY = TypeCode("JSON", "schema.ANY", frozenset({Import("._runtime.messages", "JSON")}))
_PLAIN: dict[type, TypeCode] = {
    StringProperty: TypeCode("str", "schema.STRING"),
    IntProperty: TypeCode("int", "schema.INTEGER"),
    FloatProperty: TypeCode("float", "schema.NUMBER"),
    BooleanProperty: TypeCode("bool", "schema.BOOLEAN"),
    AnyProperty: _ANY,
    NoneProperty: TypeCode("None", "schema.ANY", nullable=True),
    DateTimeProperty: TypeCode("datetime.datetime", "schema.DATE_TIME", frozenset({Import("datetime")})),
    DateProperty: TypeCode("datetime.date", "schema.DATE", frozenset({Import("datetime")})),
    UuidProperty: TypeCode("UUID", "schema.IDENTIFIER", frozenset({Import("uuid", "UUID")})),
}
_READ_AS = {
    "string": TypeCode("str", "schema.TEXT_OR_INTEGER"),
    "integer": TypeCode("int", "schema.INTEGER_OR_TEXT"),
}
_MAPPING = Import("collections.abc", "Mapping")
_SEQUENCE = Import("collections.abc", "Sequence")


@frozen
class Types:
    """Translates the types of one document."""

    document: Document
    parsed: GeneratorData

    def resolve(self, schema: Any) -> dict[str, Any]:
        """The schema itself, or the one that its `$ref` names."""
        found = cast("dict[str, Any]", schema) if isinstance(schema, dict) else {}
        return self.resolve(self.document.at(found["$ref"].removeprefix("#"))) if "$ref" in found else found

    def translate(self, prop: Property, schema: Any) -> TypeCode:
        """The Python type of an engine's property whose raw schema is `schema`."""
        raw = self.resolve(schema)
        return _limit(self._read_as(raw) or self._unlimited(prop, raw), raw)

    def is_map(self, model: ModelProperty) -> bool:
        """Whether an object has no named properties: it becomes a mapping, not a class."""
        return not (model.required_properties or model.optional_properties)

    def _read_as(self, raw: dict[str, Any]) -> TypeCode | None:
        found = _READ_AS.get(raw.get("x-read-as", ""))
        return found and evolve(found, nullable="null" in raw["type"])

    def _unlimited(self, prop: Property, raw: dict[str, Any]) -> TypeCode:
        if isinstance(prop, UnionProperty):
            return self._nullable(prop, raw)
        if isinstance(prop, ListProperty):
            return self._list(prop, raw)
        if isinstance(prop, ModelProperty):
            return self._model(prop, raw)
        if isinstance(prop, EnumProperty):
            return _enum(prop)
        return _PLAIN[type(prop)]

    def _nullable(self, prop: UnionProperty, raw: dict[str, Any]) -> TypeCode:
        # The check lets only unions with null pass.
        (inner,) = [one for one in prop.inner_properties if not isinstance(one, NoneProperty)]
        return evolve(self._unlimited(inner, raw), nullable=True)  # type: ignore[arg-type]

    def _list(self, prop: ListProperty, raw: dict[str, Any]) -> TypeCode:
        inner = _whole(self.translate(prop.inner_property, raw.get("items")))  # type: ignore[arg-type]
        return TypeCode(
            f"tuple[{inner.annotation}, ...]",
            f"schema.ListOf({inner.codec})",
            inner.imports | {_SEQUENCE},
            argument=f"Sequence[{inner.as_argument}]",
            known=f"schema.ListOf({inner.known or inner.codec})",
        )

    def _model(self, prop: ModelProperty, raw: dict[str, Any]) -> TypeCode:
        model = next(one for one in self.parsed.models if one.class_info.name == prop.class_info.name)
        if not self.is_map(model):
            name = str(model.class_info.name)
            imported = Import(f".models.{model.class_info.module_name}", name)
            return TypeCode(name, f"schema.ModelOf({name})", frozenset({imported}))
        values = raw.get("additionalProperties")
        inner = _ANY
        if model.additional_properties is not None and isinstance(values, dict) and values:
            inner = _whole(self.translate(model.additional_properties, values))
        return TypeCode(f"Mapping[str, {inner.annotation}]", f"schema.MapOf({inner.codec})", inner.imports | {_MAPPING})


def _enum(prop: EnumProperty) -> TypeCode:
    name, base = str(prop.class_info.name), "str" if prop.value_type is str else "int"
    codec = "schema.STRING" if base == "str" else "schema.INTEGER"
    return TypeCode(
        f"{name} | {base}",
        f"schema.EnumOf({name}, {codec})",
        frozenset({Import(f".models.{prop.class_info.module_name}", name)}),
        argument=f"{name} | {base}",
        known=f"schema.KnownEnumOf({name}, {codec})",
    )


def _whole(inner: TypeCode) -> TypeCode:
    """A type inside another: null has to be part of it there."""
    if not inner.nullable or inner.annotation == "JSON":
        return inner
    return evolve(
        inner,
        annotation=f"{inner.annotation} | None",
        argument=f"{inner.as_argument} | None",
        codec=f"schema.Nullable({inner.codec})",
        known=f"schema.Nullable({inner.known or inner.codec})",
        nullable=False,
    )


def _limit(type_code: TypeCode, raw: dict[str, Any]) -> TypeCode:
    limits = [f"{name}={literal(raw[key])}" for key, name in _LIMITS.items() if key in raw]
    if not limits:
        return type_code
    wrap = f"schema.Limited(inner={{}}, {', '.join(limits)})"
    known = type_code.known or type_code.codec
    # `replace` and not `format`: a pattern may hold braces.
    return evolve(type_code, codec=wrap.replace("{}", type_code.codec, 1), known=wrap.replace("{}", known, 1))
