"""Rules of servers, paths, parameters, bodies, answers and security: what of OpenAPI is supported."""

import re
from collections.abc import Iterator

from generator.breaches import Breach
from generator.check.operations import operations
from generator.check.places import Place, follow, mapping, sequence, walk
from generator.load import Document

_UNSUPPORTED = {
    "document": ("webhooks", "jsonSchemaDialect"),
    "components": ("callbacks", "links", "pathItems"),
    "path item": ("servers", "head", "options", "trace"),
    "operation": ("servers", "callbacks"),
    "response": ("links",),
    "parameter": ("content", "allowEmptyValue", "allowReserved"),
    "header": ("content",),
    "media type": ("encoding",),
}
_STYLES = {"query": "form", "path": "simple", "header": "simple"}


def fields_are_supported(document: Document) -> Iterator[Breach]:
    """Fields of OpenAPI without a meaning in the generated client are refused."""
    for place in walk(document, *_UNSUPPORTED):
        for name in _UNSUPPORTED[place.kind]:
            if name in place.fields:
                yield Breach(place.at(name), f"field {name!r} is not supported here; leave it out")


def server_is_supported(document: Document) -> Iterator[Breach]:
    """There is one server with an absolute URL, and its variables stand in the host."""
    servers = sequence(document.raw.get("servers"))
    if len(servers) != 1:
        yield Breach("/servers" if servers else "", f"{len(servers)} servers are not supported; name exactly one")
    for place in walk(document, "server"):
        url = str(place.fields["url"])
        parts = re.fullmatch(r"https?://([^/?#:@]+)(?::[0-9]+)?(?:/[^{}?#]*)?", url)
        if parts is None:
            yield Breach(
                place.at("url"),
                f"URL {url!r} is not supported; write scheme, host and path, with variables in the host",
            )
            continue
        used = set(re.findall(r"\{([^{}]*)\}", parts[1]))
        declared = mapping(place.fields.get("variables")).keys()
        for name in sorted(used - declared):
            yield Breach(place.at("url"), f"variable {name!r} is not declared; add it to variables")
        for name in sorted(declared - used):
            yield Breach(place.at("variables", name), f"variable {name!r} is not in the URL; remove it")


def paths_match_their_parameters(document: Document) -> Iterator[Breach]:
    """The braces of a path are its path parameters, each once."""
    for operation in operations(document):
        written = re.findall(r"\{([^{}]*)\}", operation.path)
        owner = operation.place.pointer.rpartition("/")[0]
        if re.search(r"[{}?#]", re.sub(r"\{[^{}]*\}", "", operation.path)) or len(set(written)) < len(written):
            yield Breach(owner, f"path {operation.path!r} is not supported; write each parameter once, as {{name}}")
            continue
        for name in sorted(set(written) - operation.names("path")):
            yield Breach(operation.place.pointer, f"path parameter {name!r} is not declared; add it to parameters")
        for name in sorted(operation.names("path") - set(written)):
            yield Breach(operation.place.pointer, f"path parameter {name!r} is not in the path; remove it")


def paths_are_distinct(document: Document) -> Iterator[Breach]:
    """No two paths differ by the names of their parameters only."""
    seen: dict[str, str] = {}
    for place in walk(document, "path item"):
        path = re.sub(r"\{[^{}]*\}", "{}", place.name)
        if path in seen:
            yield Breach(place.pointer, f"path matches what {seen[path]!r} matches; merge them")
        seen[path] = place.name


def parameters_are_plain(document: Document) -> Iterator[Breach]:
    """A parameter stands in path, query or header in the default style, and holds no object."""
    for place in walk(document, "parameter"):
        if "$ref" in place.fields:
            continue
        location = str(place.fields["in"])
        style = _STYLES.get(location)
        if style is None:
            yield Breach(place.at("in"), f"parameter in {location!r} is not supported; use path, query or header")
            continue
        if location == "header" and str(place.fields["name"]).lower() in {"accept", "content-type", "authorization"}:
            shown = place.fields["name"]
            yield Breach(place.at("name"), f"header {shown!r} is not for parameters; say it by content or security")
        if place.fields.get("style", style) != style:
            shown = place.fields["style"]
            yield Breach(place.at("style"), f"style {shown!r} is not supported in {location}; leave it out")
        if "explode" in place.fields and place.fields["explode"] is not (location == "query"):
            yield Breach(place.at("explode"), f"this explode is not supported in {location}; leave it out")
        yield from _parameter_type(document, place, location)


def _parameter_type(document: Document, place: Place, location: str) -> Iterator[Breach]:
    schema = follow(document, place.child("schema", "schema"))
    types = schema.fields.get("type")
    if types == "object" or {"properties", "allOf"} & schema.fields.keys():
        yield Breach(place.at("schema"), "parameter that is an object is not supported; split it into parameters")
    elif types == "array" and location != "query":
        yield Breach(place.at("schema"), f"array in {location} is not supported; use a string or a query parameter")
    elif types == "array":
        inner = follow(document, schema.child("schema", "items")).fields
        if inner.get("type") in {"array", "object"} or "allOf" in inner:
            yield Breach(
                place.at("schema"), "array of arrays or objects is not supported in a parameter; use plain items"
            )
    elif types is None and "schema" in place.fields:
        yield Breach(place.at("schema"), "parameter has no type; give it one")
    elif isinstance(types, list):
        yield Breach(place.at("schema"), "parameter of several types is not supported; name one")


def parameters_are_distinct(document: Document) -> Iterator[Breach]:
    """No list of parameters declares one twice."""
    for owner in walk(document, "path item", "operation"):
        seen: set[tuple[str, str]] = set()
        for index, node in enumerate(sequence(owner.fields.get("parameters"))):
            fields = follow(document, Place("parameter", "", node)).fields
            key = (str(fields["name"]), str(fields["in"]))
            if key in seen:
                yield Breach(owner.at("parameters", index), f"parameter {key[0]!r} is declared twice; remove one")
            seen.add(key)


def content_is_json(document: Document) -> Iterator[Breach]:
    """A body has one content type, and it is JSON with a schema."""
    for place in walk(document, "request body", "response"):
        content = mapping(place.fields.get("content"))
        if len(content) > 1:
            yield Breach(place.at("content"), "several content types are not supported; keep one, application/json")
        for name, media_type in content.items():
            if not re.fullmatch(r"application/([\w.-]+\+)?json", name):
                yield Breach(place.at("content", name), f"content type {name!r} is not supported; use application/json")
            elif "schema" not in media_type:
                yield Breach(place.at("content", name), "body has no schema; add one ({} for anything)")


def successes_agree(document: Document) -> Iterator[Breach]:
    """An operation has a success, and all successes with a body have the same one."""
    for operation in operations(document):
        successes = {status: place for status, place in operation.responses.items() if status.startswith("2")}
        if "2XX" in successes:
            yield Breach(
                operation.place.at("responses", "2XX"), "range of successes is not supported; name the statuses"
            )
        if not successes:
            yield Breach(operation.place.at("responses"), "operation has no success response; add a 2xx")
        answer = operation.answer()
        for status, place in successes.items():
            for media_type in mapping(place.fields.get("content")).values():
                if answer is not None and media_type.get("schema") != answer.node:
                    pointer = operation.place.at("responses", status)
                    yield Breach(pointer, "success has another schema than the first success; give both the same")


def security_schemes_are_supported(document: Document) -> Iterator[Breach]:
    """A secret travels in a header: an API key or a bearer token."""
    for place in walk(document, "security scheme"):
        kind = place.fields.get("type")
        shown = f"{kind} {place.fields.get('in') or place.fields.get('scheme') or ''}".strip()
        if shown.lower() not in {"apikey header", "http bearer"}:
            yield Breach(
                place.pointer, f"security scheme {shown!r} is not supported; use apiKey in header or http bearer"
            )


def security_is_declared(document: Document) -> Iterator[Breach]:
    """A security requirement names schemes that are declared."""
    declared = {place.name for place in walk(document, "security scheme")}
    for place in walk(document, "document", "operation"):
        for index, requirement in enumerate(sequence(place.fields.get("security"))):
            for name in requirement:
                if name not in declared:
                    pointer = place.at("security", index, name)
                    yield Breach(
                        pointer, f"security scheme {name!r} is not declared; add it to components/securitySchemes"
                    )
