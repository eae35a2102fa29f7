"""Builds from a checked document the model that the templates render."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from strict_clients import __version__
from strict_clients.check.operations import described_headers
from strict_clients.engine import VERSION as ENGINE_VERSION
from strict_clients.engine import python_name, untrusted
from strict_clients.examine import Examined
from strict_clients.model.classes import build_enums, build_models
from strict_clients.model.errors import build_errors
from strict_clients.model.operations import build_resources
from strict_clients.model.package import (
    ErrorBodyModel,
    PackageModel,
    PublicationModel,
    SchemeModel,
)
from strict_clients.model.server import build_server
from strict_clients.model.text import describe
from strict_clients.model.types import Types
from strict_clients.shown import operation_places
from strict_clients.statuses import status_classes

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
        publication=PublicationModel(
            license_text=sdk.get("license-text"),
            authors=sdk.get("authors", []),
            urls=sdk.get("urls", {}),
            keywords=sdk.get("keywords", []),
            classifiers=tuple(sdk.get("classifiers", [])),
        ),
        title=untrusted(raw["info"]["title"]),
        doc=describe(raw["info"], fallback=raw["info"]["title"]),
        api_version=untrusted(raw["info"]["version"]),
        document_digest=document.digest,
        engine_version=ENGINE_VERSION,
        generator_version=__version__,
        server=build_server(raw["servers"][0]),
        schemes=tuple(_schemes(types)),
        error_body=_error_body(raw, tuple(described_headers(document))),
        call_id_header=raw.get("x-client-request-id", ""),
        errors=tuple(build_errors(types, resources, classes)),
        models=tuple(build_models(types)),
        enums=tuple(build_enums(types)),
        resources=resources,
        left_out=tuple((str(one), one.reason) for one in examined.left_out),
        document=raw,
        other_servers=tuple(
            (one["url"], untrusted(one.get("description", ""))) for one in raw.get("x-other-servers", ())
        ),
        anonymous=_is_anonymous(raw, [place.raw for place in operation_places(document)]),
    )


def _is_anonymous(raw: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an operation names `{}` among its alternatives, or none needs a credential."""
    needs = [operation.get("security", raw.get("security", [])) for operation in operations]
    return bool(raw.get("components", {}).get("securitySchemes")) and (
        any({} in one for one in needs) or not any(needs)
    )


def _schemes(types: Types) -> Iterator[SchemeModel]:
    raw = types.document.raw
    declared: dict[str, Any] = raw.get("components", {}).get("securitySchemes", {})
    # The one that the document names first is the first argument.
    wanted = dict.fromkeys([*(name for one in raw.get("security", ()) for name in one), *declared])
    for name, written in ((name, declared[name]) for name in wanted):
        scheme = types.resolve(written)
        is_key, is_basic = scheme["type"] == "apiKey", str(scheme.get("scheme")).lower() == "basic"
        yield SchemeModel(
            name=name,
            parameter=scheme.get("x-parameter") or python_name(name),
            place=scheme["in"] if is_key else "header",
            wire=scheme["name"] if is_key else "Authorization",
            prefix="" if is_key else "Basic " if is_basic else "Bearer ",
            environment=scheme.get("x-env"),
            doc=describe(scheme, fallback=f"The credential of {name}."),
        )


def _error_body(raw: Mapping[str, Any], described: tuple[str, ...]) -> ErrorBodyModel:
    body, waits = raw.get("x-error-body", {}), raw.get("x-wait-hints", {})
    return ErrorBodyModel(
        code=tuple(body.get("code", ())),
        message=tuple(body.get("message", ())),
        code_headers=tuple(body.get("code-headers", ())),
        request_id_headers=tuple(body.get("request-id-headers", ())),
        wait_headers=tuple((header["name"], header["unit"]) for header in waits.get("headers", ())),
        wait_phrases=tuple(waits.get("phrases", ())),
        described=described,
    )
