"""From the engine's property and the raw schema beside it to a type in Python."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from attrs import Factory, evolve, field, frozen

from generator.check.places import sequence
from generator.engine import EnumProperty, GeneratorData, class_name, normalized
from generator.load import Document
from generator.model.code import Import, TypeCode, literal
from generator.model.graph import Graph
from generator.model.outline import METHODS
from generator.model.structure import component, resolve, schemas

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
_ANY = TypeCode("JSON", "scalars.ANY", frozenset({Import("._runtime.values.strict_json", "JSON")}))
_PLAIN = {
    "integer": TypeCode("int", "scalars.INTEGER"),
    "number": TypeCode("float", "scalars.NUMBER"),
    "boolean": TypeCode("bool", "scalars.BOOLEAN"),
}
_FORMATS = {
    "date-time": TypeCode("datetime.datetime", "scalars.DATE_TIME", frozenset({Import("datetime")})),
    "date": TypeCode("datetime.date", "scalars.DATE", frozenset({Import("datetime")})),
    "uuid": TypeCode("UUID", "scalars.IDENTIFIER", frozenset({Import("uuid", "UUID")})),
    "byte": TypeCode("bytes", "scalars.BASE64"),
    "binary": TypeCode("FilePart | bytes", "bodies.FILE", frozenset({Import("._runtime.requests.bodies", "FilePart")})),
}
"""Of texts."""
_READ_AS = {
    "string": TypeCode("str", "scalars.TEXT_OR_INTEGER"),
    "integer": TypeCode("int", "scalars.INTEGER_OR_TEXT"),
}
_MAPPING = Import("collections.abc", "Mapping")
_SEQUENCE = Import("collections.abc", "Sequence")


@frozen
class Named:
    """A class that the engine named: where it stands, and the bare type of its values where it is an enum."""

    name: str
    module: str
    value_type: type | None = None


def _find_named(types: "Types") -> dict[str, Named]:
    found: dict[str, Named] = {}
    by_class = {class_name(schema.get("title") or name): name for name, schema in schemas(types.document).items()}
    for one in [*types.parsed.models, *types.parsed.enums]:
        name, module = normalized(one.class_info.name), normalized(one.class_info.module_name)
        value_type = one.value_type if isinstance(one, EnumProperty) else None
        found[by_class[name]] = Named(name, module, value_type)
    return found


@frozen
class Types:
    """Translates the types of one document."""

    document: Document
    parsed: GeneratorData
    owner: str = ""
    """The component whose module the types are for; empty for the operations."""
    graph: Graph = field(default=Factory(lambda self: Graph(self.document), takes_self=True))
    named: dict[str, Named] = field(default=Factory(_find_named, takes_self=True))
    """The classes by the component that each is made of."""

    @cached_property
    def sent(self) -> frozenset[str]:
        """The components that request bodies lead to."""
        return self.graph.reached(one.get("requestBody") for one in self._operations())

    @cached_property
    def answered(self) -> frozenset[str]:
        """The components that answers lead to."""
        return self.graph.reached(one["responses"] for one in self._operations())

    def _operations(self) -> Iterator[dict[str, Any]]:
        for item in self.document.raw["paths"].values():
            yield from (item[method] for method in METHODS if method in item)

    def resolve(self, schema: Any) -> dict[str, Any]:
        """The schema itself, or the one that its `$ref` names."""
        return resolve(self.document, schema)

    def translate(self, schema: Any) -> TypeCode:
        """The Python type of a schema."""
        raw = self.resolve(schema)
        return _limit(self._read_as(raw) or self._unlimited(component(self.document, schema), raw), raw)

    def _read_as(self, raw: dict[str, Any]) -> TypeCode | None:
        found = _READ_AS.get(raw.get("x-read-as", ""))
        return found and evolve(found, nullable="null" in raw["type"])

    def _unlimited(self, name: str | None, raw: dict[str, Any]) -> TypeCode:
        written = raw.get("type")
        if isinstance(written, list):
            (kind,) = [one for one in sequence(written) if one != "null"]
            return evolve(self._unlimited(name, {**raw, "type": kind}), nullable="null" in written)
        if name is not None and name in self.named:
            return self._class(name, raw)
        ways = {"oneOf": self._union, "anyOf": self._union, "allOf": self._alone, "const": _const}
        for keyword in ways.keys() & raw.keys():
            return ways[keyword](raw)
        kinds = {"array": self._list, "object": self._map, "string": _text}
        return kinds[written](raw) if written in kinds else _PLAIN.get(str(written), _ANY)

    def _class(self, name: str, raw: dict[str, Any]) -> TypeCode:
        if self.named[name].value_type:
            return _enum(self.named[name])
        if "discriminator" not in raw or not (heirs := self.graph.heirs(name)):
            return self._model(name)
        return self._tagged(raw["discriminator"], heirs, base=name)

    def _model(self, name: str) -> TypeCode:
        named = self.named[name]
        imported = frozenset({Import(f".models.{named.module}", named.name)})
        if not self.graph.leads_back(self.owner, name):
            return TypeCode(named.name, f"compounds.ModelOf({named.name})", imported)
        codec = f"compounds.Later(__package__, {literal(named.module)}, {literal(named.name)})"
        return TypeCode(named.name, codec, later=imported if name != self.owner else frozenset())

    def _tagged(self, raw: dict[str, Any], members: Iterable[str], base: str = "") -> TypeCode:
        """One of several classes, told by the value of a property; `base` is what an unknown value is read as."""
        models = {name: self._model(name) for name in (*members, *([base] if base else []))}
        tags = {tag: self._target(target) for tag, target in raw.get("mapping", {}).items()}
        tags |= {name: name for name in models if name != base and name not in tags.values()}
        told = ", ".join(f"{literal(tag)}: {models[name].codec}" for tag, name in tags.items())
        other = f", {models[base].codec}" if base else ""
        return _join(models.values(), f"compounds.Tagged({literal(raw['propertyName'])}, {{{told}}}{other})")

    def _target(self, written: str) -> str:
        """The component that a discriminator names, by reference or by its name."""
        reference = written if written.startswith("#") else f"#/components/schemas/{written}"
        return component(self.document, {"$ref": reference}) or ""

    def _union(self, raw: dict[str, Any]) -> TypeCode:
        members: list[Any] = raw["oneOf" if "oneOf" in raw else "anyOf"]
        full = [one for one in members if self.resolve(one).get("type") != "null"]
        if "discriminator" in raw:
            names = [component(self.document, one) or "" for one in full]
            made = self._tagged(raw["discriminator"], names)
        else:
            types = [self.translate(one) for one in full]
            codecs = ", ".join(one.codec for one in types)
            known = ", ".join(one.known or one.codec for one in types)
            several = len(types) > 1
            made = _join(types, f"compounds.OneOf(({codecs},))" if several else codecs)
            made = evolve(made, known=f"compounds.OneOf(({known},))" if several else known)
        return evolve(made, nullable=made.nullable or len(full) < len(members))

    def _alone(self, raw: dict[str, Any]) -> TypeCode:
        """A schema that only wraps another one; or one of objects without properties."""
        return self.translate(raw["allOf"][0]) if len(raw["allOf"]) == 1 else self._map(raw)

    def _list(self, raw: dict[str, Any]) -> TypeCode:
        inner = _whole(self.translate(raw.get("items")))
        return evolve(
            inner,
            annotation=f"tuple[{inner.annotation}, ...]",
            codec=f"compounds.ListOf({inner.codec})",
            imports=inner.imports | {_SEQUENCE},
            argument=f"Sequence[{inner.as_argument}]",
            known=f"compounds.ListOf({inner.known or inner.codec})",
        )

    def _map(self, raw: dict[str, Any]) -> TypeCode:
        values = raw.get("additionalProperties")
        inner = _whole(self.translate(values)) if values and isinstance(values, dict) else _ANY
        return evolve(
            inner,
            annotation=f"Mapping[str, {inner.annotation}]",
            codec=f"compounds.MapOf({inner.codec})",
            imports=inner.imports | {_MAPPING},
            argument="",
            known="",
        )


def _text(raw: dict[str, Any]) -> TypeCode:
    if raw.get("contentEncoding") == "base64":
        return _FORMATS["byte"]
    kind = "binary" if "contentMediaType" in raw else raw.get("format", "")
    return _FORMATS.get(kind, TypeCode("str", "scalars.STRING"))


def _const(raw: dict[str, Any]) -> TypeCode:
    value = literal(raw["const"])
    return TypeCode(type(raw["const"]).__name__, f"compounds.Const({value})", default=value)


def _join(types: Iterable[TypeCode], codec: str) -> TypeCode:
    """One of several types; an open value takes in all of them."""
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


def _enum(named: Named) -> TypeCode:
    base = "str" if named.value_type is str else "int"
    codec = "scalars.STRING" if base == "str" else "scalars.INTEGER"
    return TypeCode(
        f"{named.name} | {base}",
        f"compounds.EnumOf({named.name}, {codec})",
        frozenset({Import(f".models.{named.module}", named.name)}),
        argument=f"{named.name} | {base}",
        known=f"compounds.KnownEnumOf({named.name}, {codec})",
    )


def _whole(inner: TypeCode) -> TypeCode:
    """A type inside another: null has to be part of it there."""
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
    limits = [f"{name}={literal(raw[key])}" for key, name in _LIMITS.items() if key in raw]
    if not limits:
        return type_code
    wrap = f"compounds.Limited(inner={{}}, {', '.join(limits)})"
    known = type_code.known or type_code.codec
    # `replace` and not `format`: a pattern may hold braces.
    return evolve(type_code, codec=wrap.replace("{}", type_code.codec, 1), known=wrap.replace("{}", known, 1))
