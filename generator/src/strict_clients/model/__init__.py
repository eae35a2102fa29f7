"""Builds from a checked document the model that the templates render."""

from collections.abc import Mapping
from typing import Any

from strict_clients import __version__
from strict_clients.check.operations import described_headers
from strict_clients.engine import VERSION as ENGINE_VERSION
from strict_clients.engine import untrusted
from strict_clients.examine import Examined
from strict_clients.model.classes import build_enums, build_models
from strict_clients.model.errors import build_errors
from strict_clients.model.operations import build_resources
from strict_clients.model.package import ErrorBodyModel, PackageModel, PublicationModel
from strict_clients.model.schemes import build_schemes, is_anonymous
from strict_clients.model.server import build_server
from strict_clients.model.text import describe
from strict_clients.model.types import Types
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
        schemes=tuple(build_schemes(document)),
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
        anonymous=is_anonymous(document),
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
