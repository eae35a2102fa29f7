"""Builds from a checked document the model that the templates render."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator import __version__
from generator.engine import VERSION as ENGINE_VERSION
from generator.engine import python_name, untrusted
from generator.examine import Examined
from generator.model.classes import build_enums, build_models
from generator.model.errors import build_errors
from generator.model.operations import build_resources
from generator.model.package import (
    ErrorBodyModel,
    PackageModel,
    SchemeModel,
)
from generator.model.server import build_server
from generator.model.text import describe
from generator.model.types import Types
from generator.statuses import status_classes

__all__ = ["PackageModel", "build_model"]


def build_model(examined: Examined) -> PackageModel:
    """The package of a document from which a client can be generated."""
    document = examined.document
    types = Types(document=document, shown=examined.shown, parsed=examined.parsed)
    raw, sdk = document.raw, document.raw["info"]["x-sdk"]
    classes = status_classes(document)
    resources = build_resources(types, classes)
    return PackageModel(
        distribution=sdk["distribution"],
        name=sdk["package"],
        client=sdk["client"],
        error=sdk["error"],
        version=sdk["version"],
        license=sdk.get("license"),
        title=untrusted(raw["info"]["title"]),
        doc=describe(raw["info"], fallback=raw["info"]["title"]),
        api_version=untrusted(raw["info"]["version"]),
        document_digest=document.digest,
        engine_version=ENGINE_VERSION,
        generator_version=__version__,
        server=build_server(raw["servers"][0]),
        schemes=tuple(_schemes(types)),
        error_body=_error_body(raw),
        errors=tuple(build_errors(types, resources, classes)),
        models=tuple(build_models(types)),
        enums=tuple(build_enums(types)),
        resources=resources,
        left_out=tuple((str(one), one.reason) for one in examined.left_out),
        document=raw,
    )


def _schemes(types: Types) -> Iterator[SchemeModel]:
    for name, written in types.document.raw.get("components", {}).get("securitySchemes", {}).items():
        scheme = types.resolve(written)
        bearer = scheme["type"] != "apiKey"
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
