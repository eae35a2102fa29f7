"""Builds from a checked document the model that the templates render."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator import __version__
from generator.breaches import Breach, GenerationRefused
from generator.engine import VERSION as ENGINE_VERSION
from generator.engine import EnumProperty, ModelProperty, class_name, parse, python_name, untrusted
from generator.load import Document
from generator.model.code import Import, Imports
from generator.model.operations import METHODS, build_resources
from generator.model.package import (
    EnumModel,
    ErrorBodyModel,
    ErrorModel,
    FieldModel,
    MemberModel,
    ModelModel,
    PackageModel,
    SchemeModel,
    ServerModel,
    VariableModel,
    ViewModel,
)
from generator.model.quick import mark_slow
from generator.model.text import describe
from generator.model.types import Types

__all__ = ["PackageModel", "build_model"]


def build_model(document: Document) -> PackageModel:
    """The package of a document that passed the check.

    Raises:
        GenerationRefused: the engine skips or warns of a part of it.
    """
    types = Types(document=document, parsed=parse(document.raw))
    raw, sdk = document.raw, document.raw["info"]["x-sdk"]
    return PackageModel(
        distribution=sdk["distribution"],
        name=sdk["package"],
        client=sdk["client"],
        error=sdk["error"],
        version=sdk["version"],
        title=untrusted(raw["info"]["title"]),
        doc=describe(raw["info"], fallback=raw["info"]["title"]),
        api_version=untrusted(raw["info"]["version"]),
        document_digest=document.digest,
        engine_version=ENGINE_VERSION,
        generator_version=__version__,
        server=_server(raw["servers"][0]),
        schemes=tuple(_schemes(raw)),
        error_body=_error_body(raw),
        errors=tuple(_errors(types)),
        models=mark_slow(tuple(_models(types))),
        enums=tuple(_enums(types)),
        resources=build_resources(types),
        document=raw,
    )


def _server(raw: Mapping[str, Any]) -> ServerModel:
    scheme, _, rest = raw["url"].partition("://")
    host, _, path = rest.partition("/")
    return ServerModel(
        host=f"{scheme}://{host}",
        prefix=f"/{path}".rstrip("/"),
        environment=raw.get("x-env"),
        variables=tuple(_variable(name, variable) for name, variable in raw.get("variables", {}).items()),
    )


def _variable(name: str, raw: Mapping[str, Any]) -> VariableModel:
    enum = None
    if "enum" in raw:
        shown = raw.get("x-display-names", {})
        enum = EnumModel(
            name=raw.get("x-class") or class_name(name),
            module=python_name(name),
            base="StrEnum",
            doc=describe(raw, fallback=f"The values of {name}."),
            members=tuple(
                MemberModel(name=_member(shown.get(value, value)), value=value, doc=untrusted(shown.get(value, value)))
                for value in raw["enum"]
            ),
        )
    return VariableModel(
        name=name,
        parameter=python_name(name),
        default=None if raw.get("x-required") else raw["default"],
        environment=raw.get("x-env"),
        enum=enum,
        doc=describe(raw, fallback=f"The part {name} of the host's name."),
    )


def _member(display_name: str) -> str:
    return re.sub(r"[^0-9A-Z]+", "_", display_name.upper(), flags=re.ASCII).strip("_")


def _schemes(raw: Mapping[str, Any]) -> Iterator[SchemeModel]:
    for name, scheme in raw.get("components", {}).get("securitySchemes", {}).items():
        bearer = scheme["type"] == "http"
        yield SchemeModel(
            name=name,
            parameter=scheme.get("x-parameter") or python_name(name),
            header="Authorization" if bearer else scheme["name"],
            prefix="Bearer " if bearer else "",
            environment=scheme.get("x-env"),
            doc=describe(scheme, fallback=f"The credential of {name}."),
        )


def _error_body(raw: Mapping[str, Any]) -> ErrorBodyModel:
    body, waits = raw.get("x-error-body", {}), raw.get("x-wait-hints", {})
    return ErrorBodyModel(
        code=tuple(body.get("code", ())),
        message=tuple(body.get("message", ())),
        code_headers=tuple(body.get("code-headers", ())),
        request_id_headers=tuple(body.get("request-id-headers", ())),
        wait_headers=tuple((header["name"], header["unit"]) for header in waits.get("headers", ())),
        wait_phrases=tuple(waits.get("phrases", ())),
    )


def _errors(types: Types) -> Iterator[ErrorModel]:
    seen: set[str] = set()
    for item in types.document.raw["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            for status, response in operation["responses"].items():
                for rule in types.resolve(response).get("x-error", []):
                    if rule["class"] not in seen:
                        seen.add(rule["class"])
                        yield _error(status, rule)


def _error(status: str, rule: Mapping[str, Any]) -> ErrorModel:
    summary = rule["summary"].strip().rstrip(".")
    return ErrorModel(
        name=rule["class"],
        doc=untrusted(f"{status}: {summary}."),
        wait_attribute=rule.get("wait-attribute"),
        wait_type=rule.get("wait-type"),
    )


def _models(types: Types) -> Iterator[ModelModel]:
    schemas = types.document.raw.get("components", {}).get("schemas", {})
    by_class = {class_name(schema.get("title") or name): schema for name, schema in schemas.items()}
    for model in sorted(types.parsed.models, key=lambda one: str(one.class_info.name)):
        if not types.is_map(model):
            yield _model(model, by_class[str(model.class_info.name)], types)


def _model(model: ModelProperty, schema: Mapping[str, Any], types: Types) -> ModelModel:
    raws = _properties(schema, types)
    spellings: dict[str, list[str]] = {}
    for wire, raw in raws.items():
        if "x-spelling-of" in raw:
            spellings.setdefault(raw["x-spelling-of"], []).append(wire)
    fields: list[FieldModel] = []
    for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
        wire = prop.name.get_untrusted_value()
        if "x-spelling-of" in raws[wire]:
            continue
        fields.append(
            FieldModel(
                name=_field_name(str(prop.python_name)),
                wire=wire,
                type=types.translate(prop, raws[wire]),
                required=prop.required,
                sensitive=bool(raws[wire].get("x-sensitive")),
                other_names=tuple(spellings.get(wire, ())),
                doc=describe(raws[wire], schema=types.resolve(raws[wire])),
            )
        )
    views = tuple(view for field in fields for view in _views(field, raws[field.wire], types))
    imports = {one for field in fields for one in field.type.imports}
    return ModelModel(
        name=str(model.class_info.name),
        module=str(model.class_info.module_name),
        doc=describe(schema, fallback=str(model.class_info.name)),
        fields=tuple(fields),
        views=views,
        imports=Imports(
            names=frozenset(imports - {Import("._runtime.messages", "JSON"), Import("collections.abc", "Mapping")})
        ),
        has_unset=any(field.unset for field in fields),
        slow=None,
    )


def _field_name(name: str) -> str:
    # The generated file uses these modules under their own names.
    return f"{name}_" if name in {"attrs", "schema"} else name


def _properties(schema: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """The raw properties by wire name, those of `allOf` included; later ones win, as in the engine."""
    found: dict[str, Any] = {}
    for part in schema.get("allOf", []):
        found |= _properties(types.resolve(part), types)
    return found | dict(schema.get("properties", {}))


def _views(field: FieldModel, raw: Mapping[str, Any], types: Types) -> Iterator[ViewModel]:
    for view in raw.get("x-views", []):
        name = view["schema"]["$ref"].rpartition("/")[2]
        title = types.resolve(view["schema"]).get("title")
        yield ViewModel(name=view["name"], field=field.name, model=class_name(title or name), when_has=view["when-has"])


def _enums(types: Types) -> Iterator[EnumModel]:
    schemas = types.document.raw.get("components", {}).get("schemas", {})
    by_class = {class_name(schema.get("title") or name): (name, schema) for name, schema in schemas.items()}
    for enum in sorted(types.parsed.enums, key=lambda one: str(one.class_info.name)):
        assert isinstance(enum, EnumProperty)  # noqa: S101  # literal enums are switched off in the engine
        name, schema = by_class[str(enum.class_info.name)]
        # The engine's values have lost what it escapes; the raw ones are exact.
        values = [value for value in schema["enum"] if value is not None]
        if len(values) != len(enum.values):
            raise GenerationRefused(
                [Breach(f"/components/schemas/{name}/enum", "two values get one name; add x-enum-varnames")]
            )
        yield EnumModel(
            name=str(enum.class_info.name),
            module=str(enum.class_info.module_name),
            base="StrEnum" if enum.value_type is str else "IntEnum",
            doc=describe(schema, fallback=str(enum.class_info.name)),
            members=tuple(MemberModel(name=key, value=value) for key, value in zip(enum.values, values, strict=True)),
        )
