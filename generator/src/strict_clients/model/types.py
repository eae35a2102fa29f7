"""Combines the engine's result with the document to make a Python type."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from attrs import Factory, evolve, field, frozen

from strict_clients.check.places import mapping
from strict_clients.engine import (
    AnyProperty,
    BooleanProperty,
    ConstProperty,
    DateProperty,
    DateTimeProperty,
    FileProperty,
    FloatProperty,
    GeneratorData,
    IntProperty,
    ListProperty,
    LiteralEnumProperty,
    ModelProperty,
    NoneProperty,
    Property,
    StringProperty,
    UnionProperty,
    UuidProperty,
    endpoints,
    normalized,
    pointer_of,
)
from strict_clients.load import Document
from strict_clients.model.code import Import, TypeCode, literal
from strict_clients.model.graph import Graph, component_of, fields_of
from strict_clients.normalize.schemas import EXPRESSION
from strict_clients.shown import Shown
from strict_clients.structure import component, resolve

_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
    "multipleOf": "multiple_of",
    "uniqueItems": "unique",
    "pattern": "pattern",
    EXPRESSION: "expression",
}
_ANY = TypeCode("JSON", "scalars.ANY", frozenset({Import("._runtime.values.strict_json", "JSON")}))
_PLAIN: dict[type[Any], TypeCode] = {
    AnyProperty: _ANY,
    BooleanProperty: TypeCode("bool", "scalars.BOOLEAN"),
    IntProperty: TypeCode("int", "scalars.INTEGER"),
    FloatProperty: TypeCode("float", "scalars.NUMBER"),
    DateTimeProperty: TypeCode("datetime.datetime", "scalars.DATE_TIME", frozenset({Import("datetime")})),
    DateProperty: TypeCode("datetime.date", "scalars.DATE", frozenset({Import("datetime")})),
    UuidProperty: TypeCode("UUID", "scalars.IDENTIFIER", frozenset({Import("uuid", "UUID")})),
    FileProperty: TypeCode(
        "FilePart | bytes", "bodies.FILE", frozenset({Import("._runtime.requests.bodies", "FilePart")})
    ),
}
_READ_AS = {
    "string": TypeCode("str", "scalars.TEXT_OR_INTEGER"),
    "integer": TypeCode("int", "scalars.INTEGER_OR_TEXT"),
}
_MAPPING = Import("collections.abc", "Mapping")
_SEQUENCE = Import("collections.abc", "Sequence")
_OPEN = TypeCode("Mapping[str, JSON]", "", _ANY.imports | {_MAPPING})


@frozen
class Types:
    """Translates the types of one document: the engine's result, combined with the document."""

    document: Document
    shown: Shown
    parsed: GeneratorData
    owner: str = ""
    """The class in whose module the types are used; empty for the operations."""
    classes: Mapping[str, ModelProperty] = field(
        default=Factory(lambda self: {str(one.class_info.name): one for one in self.parsed.models}, takes_self=True)
    )
    """The models, including maps, by the engine's name, because its references contain incomplete copies."""
    graph: Graph = field(default=Factory(lambda self: Graph(self.document, self.classes), takes_self=True))

    @cached_property
    def twins(self) -> dict[str, Property]:
        """By pointer, the members of unions that the engine got in a separate class."""
        shown = self.classes.get(self.shown.twins)
        return {pointer_of(one): one for one in fields_of(shown)} if shown else {}

    @cached_property
    def sent(self) -> frozenset[str]:
        """The classes that request bodies and parameters lead to."""
        found = [body.prop for one in endpoints(self.parsed) for body in one.bodies]
        found += [parameter for one in endpoints(self.parsed) for _, parameter in one.iter_all_parameters()]
        return self.graph.reached(found)

    @cached_property
    def answered(self) -> frozenset[str]:
        """The classes that answers lead to."""
        return self.graph.reached(response.prop for one in endpoints(self.parsed) for response in one.responses)

    def resolve(self, schema: Any) -> dict[str, Any]:
        """The schema itself, or the one that its `$ref` names."""
        return resolve(self.document, schema)

    def raw(self, parsed: Property) -> dict[str, Any]:
        """The document's object from which this was parsed."""
        return mapping(self.document.at(pointer_of(parsed)))

    def translate(self, parsed: Property, *, read_as: str = "") -> TypeCode:
        """The Python type for the engine's result; `read_as` is the type into which all values are converted."""
        raw = self.raw(parsed)
        made = _READ_AS.get(read_as or raw.get("x-read-as", "")) or self._unlimited(parsed, raw)
        if pointer_of(parsed) in self.shown.nullable:
            made = evolve(made, nullable=True)
        return _limit(made, raw)

    def _unlimited(self, parsed: Property, raw: dict[str, Any]) -> TypeCode:
        match parsed:
            case ModelProperty():
                model = self.classes[str(parsed.class_info.name)]
                return self._class(model, raw) if fields_of(model) else self._map(model)
            case LiteralEnumProperty():
                return _enum(parsed)
            case UnionProperty():
                return self._union(parsed, raw)
            case ListProperty():
                return self._list(parsed)
            case ConstProperty():
                return _const(raw["const"])
            case _:
                return _text(raw) if type(parsed) is StringProperty else _PLAIN[type(parsed)]

    def _class(self, model: ModelProperty, raw: dict[str, Any]) -> TypeCode:
        subclasses = self.graph.subclasses(model)
        return self._tagged(raw["discriminator"], subclasses, base=model) if subclasses else self._model(model)

    def _model(self, model: ModelProperty) -> TypeCode:
        name, module = normalized(model.class_info.name), normalized(model.class_info.module_name)
        imported = frozenset({Import(f".models.{module}", name)})
        if not self.graph.leads_back(self.owner, str(model.class_info.name)):
            return TypeCode(name, f"compounds.ModelOf({name})", imported)
        codec = f"compounds.Later(__package__, {literal(module)}, {literal(name)})"
        return TypeCode(name, codec, later=imported if model.class_info.name != self.owner else frozenset())

    def _tagged(
        self, raw: dict[str, Any], members: Sequence[ModelProperty], base: ModelProperty | None = None
    ) -> TypeCode:
        """One of several classes, selected by the value of a property.

        An unknown value is read as `base`; without a base, its object is kept unchanged, like unknown enum values.
        """
        models = {component_of(one): self._model(one) for one in (*members, *([base] if base else []))}
        tags = {tag: self._target(target) for tag, target in raw.get("mapping", {}).items()}
        chosen = [component_of(one) for one in members]
        tags |= {name: name for name in chosen if name not in tags.values()}
        told = ", ".join(f"{literal(tag)}: {models[name].codec}" for tag, name in tags.items())
        other = f", {models[component_of(base)].codec}" if base else ""
        made = _join(models.values(), f"compounds.Tagged({literal(raw['propertyName'])}, {{{told}}}{other})")
        return made if base else _join([made, _OPEN], made.codec)

    def _target(self, written: str) -> str:
        """The component that a discriminator names, by reference or by its name."""
        reference = written if written.startswith("#") else f"#/components/schemas/{written}"
        return component(self.document, {"$ref": reference}) or ""

    def _union(self, union: UnionProperty, raw: dict[str, Any]) -> TypeCode:
        twins = (one for at, one in self.twins.items() if at.rsplit("/", 2)[0] == pointer_of(union))
        members = [*cast("list[Property]", union.inner_properties), *twins]
        full = [one for one in members if not isinstance(one, NoneProperty)]
        has_null = len(full) < len(members)
        if "discriminator" in raw:
            made = self._tagged(raw["discriminator"], [one for one in full if isinstance(one, ModelProperty)])
        else:
            types = list[TypeCode]()
            for inner in self._told_within(raw):
                names = {component(self.document, one) for one in (*inner.get("oneOf", ()), *inner.get("anyOf", ()))}
                models = [one for one in full if isinstance(one, ModelProperty) and component_of(one) in names]
                types.append(self._tagged(inner["discriminator"], models))
                full = [one for one in full if one not in models]
            types += [self.translate(one) for one in full]
            codecs = ", ".join(one.codec for one in types)
            known = ", ".join(one.known or one.codec for one in types)
            several = len(types) > 1
            made = _join(types, f"compounds.OneOf(({codecs},))" if several else codecs)
            made = evolve(made, known=f"compounds.OneOf(({known},))" if several else known)
        return evolve(made, nullable=made.nullable or has_null)

    def _told_within(self, raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The unions with a discriminator inside a union: the engine knows only their members."""
        for one in (part for keyword in ("oneOf", "anyOf", "allOf") for part in raw.get(keyword, ())):
            inner = self.resolve(one)
            if "discriminator" in inner and inner.keys() & {"oneOf", "anyOf"}:
                yield inner
            else:
                yield from self._told_within(inner)

    def _list(self, parsed: ListProperty) -> TypeCode:
        inner = _whole(self.translate(cast("Property", parsed.inner_property)))
        return evolve(
            inner,
            annotation=f"tuple[{inner.annotation}, ...]",
            codec=f"compounds.ListOf({inner.codec})",
            imports=inner.imports | {_SEQUENCE},
            argument=f"Sequence[{inner.as_argument}]",
            known=f"compounds.ListOf({inner.known or inner.codec})",
        )

    def _map(self, model: ModelProperty) -> TypeCode:
        values = model.additional_properties
        inner = _whole(self.translate(values)) if values and pointer_of(values) else _ANY
        return evolve(
            inner,
            annotation=f"Mapping[str, {inner.annotation}]",
            codec=f"compounds.MapOf({inner.codec})",
            imports=inner.imports | {_MAPPING},
            argument="",
            known="",
        )


def _text(raw: dict[str, Any]) -> TypeCode:
    """The type of a text, including base64, which the engine does not know."""
    is_base64 = raw.get("contentEncoding") == "base64" or raw.get("format") == "byte"
    return TypeCode("bytes", "scalars.BASE64") if is_base64 else TypeCode("str", "scalars.STRING")


def _const(value: Any) -> TypeCode:
    return TypeCode(type(value).__name__, f"compounds.Const({literal(value)})", default=literal(value))


def _join(types: Iterable[TypeCode], codec: str) -> TypeCode:
    """One of several types; an open value includes all others."""
    joined = list(types)
    if any(one.annotation == _ANY.annotation for one in joined):
        return _ANY
    return TypeCode(
        " | ".join(dict.fromkeys(one.annotation for one in joined)),
        codec,
        frozenset[Import]().union(*(one.imports for one in joined)),
        argument=" | ".join(dict.fromkeys(one.as_argument for one in joined)),
        nullable=any(one.nullable for one in joined),
        later=frozenset[Import]().union(*(one.later for one in joined)),
    )


def _enum(parsed: LiteralEnumProperty) -> TypeCode:
    name, module = normalized(parsed.class_info.name), normalized(parsed.class_info.module_name)
    base = "str" if parsed.value_type is str else "int"
    codec = "scalars.STRING" if base == "str" else "scalars.INTEGER"
    return TypeCode(
        f"{name} | {base}",
        f"compounds.EnumOf({name}, {codec})",
        frozenset({Import(f".models.{module}", name)}),
        argument=f"{name} | {base}",
        known=f"compounds.KnownEnumOf({name}, {codec})",
    )


def _whole(inner: TypeCode) -> TypeCode:
    """A type inside another one, which has to include null."""
    if not inner.nullable or inner.annotation == "JSON":
        return inner
    return evolve(
        inner,
        annotation=f"{inner.annotation} | None",
        argument=f"{inner.as_argument} | None",
        codec=f"compounds.Nullable({inner.codec})",
        known=f"compounds.Nullable({inner.known or inner.codec})",
        nullable=False,
    )


def _limit(type_code: TypeCode, raw: dict[str, Any]) -> TypeCode:
    left = {"pattern", EXPRESSION} if raw.get(EXPRESSION) == "" else set[str]()
    held = [key for key in _LIMITS if raw.get(key, False) is not False and key not in left]
    limits = [f"{_LIMITS[key]}={literal(raw[key])}" for key in held]
    if not limits:
        return type_code
    wrap = f"scalars.Limited(inner={{}}, {', '.join(limits)})"
    known = type_code.known or type_code.codec
    # `replace` and not `format`: a pattern may hold braces.
    return evolve(type_code, codec=wrap.replace("{}", type_code.codec, 1), known=wrap.replace("{}", known, 1))
