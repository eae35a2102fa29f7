"""Rules of servers, paths, parameters, bodies, answers and security: what of OpenAPI is supported."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from strict_clients.breaches import Breach
from strict_clients.check.operations import operations
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.load import Document

_UNSUPPORTED = {
    "parameter": ("content",),
    "header": ("content",),
}
_STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple",),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The first is that of the specification."""
OWN_HEADERS = {"accept", "content-type", "authorization", "cookie"}
"""Headers that have their own place in a document, or that the client makes of it."""
FRAMING = {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade"}
"""Headers that say how a message is sent (RFC 9110, 7.6.1; RFC 9112, 6): no caller can set them."""
_URL = re.compile(
    r"(https?://([A-Za-z0-9.-]|\{[^{}]*\})+(:([0-9]+|\{[^{}]*\}))?|\{[^{}]*\}|(?=/))(/([\w.~!$&'()*+,;=:@%/-]|\{[^{}]*\})*)?",
    re.ASCII,
)
_PATH = re.compile(r"[\w.~!$&'()*+,;=:@%/-]*", re.ASCII)  # RFC 3986, 3.3
_NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")  # what the engine takes
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110, 5.6.2


def fields_are_supported(document: Document) -> Iterator[Breach]:
    """OpenAPI fields that the generated client does not support are refused."""
    for place in walk(document, *_UNSUPPORTED):
        for name in _UNSUPPORTED[place.kind]:
            if name in place.fields:
                yield Breach(place.at(name), f"field {name!r} is not supported here; leave it out")


def server_is_supported(document: Document) -> Iterator[Breach]:
    """The variables of a server are in its host or its path, or one is the whole of scheme and host.

    Servers of operations use https unless they are loopback, because no caller has chosen them.
    """
    for place in walk(document, "server"):
        url, variables = str(place.fields["url"]), mapping(place.fields.get("variables"))
        if _URL.fullmatch(url) is None:
            yield Breach(
                place.at("url"),
                f"URL {url!r} is not supported; write scheme, host and path, or a variable for scheme and host",
            )
            continue
        if place.owner and place.owner.kind == "operation" and _is_in_the_clear(url):
            yield Breach(place.at("url"), f"{url!r} would send credentials in the clear; write https")
        used = re.findall(r"\{([^{}]*)\}", url)
        for name in sorted(set(used) - variables.keys()):
            yield Breach(place.at("url"), f"variable {name!r} is not declared; add it to variables")
        for name in [name for name in used if not re.fullmatch(r"[\w.-]+", name)]:
            yield Breach(place.at("url"), f"variable {name!r:.80} is not a plain name; use letters, digits, _, . and -")
        if url.startswith("{") and used[0] in variables:
            yield from _endpoint(place.child("server variable", "variables", used[0]), url)


def _is_in_the_clear(url: str) -> bool:
    return url.startswith("http://") and urlsplit(url).hostname not in {"localhost", "127.0.0.1"}


def _endpoint(place: Place, url: str) -> Iterator[Breach]:
    default = str(place.fields["default"])
    if url.count(f"{{{place.name}}}") > 1:
        yield Breach(place.pointer, f"variable {place.name!r} is scheme and host, and used elsewhere; use two")
    if default and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/?", default):
        yield Breach(place.at("default"), f"{default!r} is not a scheme and host; write both, or leave it empty")
    for key in ("enum", "x-class"):
        if key in place.fields:
            yield Breach(place.at(key), f"{key!r} has no meaning for scheme and host; leave it out")


def paths_match_their_parameters(document: Document) -> Iterator[Breach]:
    """The braces of a path are its path parameters, each once."""
    for operation in operations(document):
        written = re.findall(r"\{([^{}]*)\}", operation.path)
        owner = operation.place.pointer.rpartition("/")[0]
        if not _PATH.fullmatch(re.sub(r"\{[^{}]*\}", "", operation.path)) or len(set(written)) < len(written):
            yield Breach(owner, f"path {operation.path!r} is not supported; write each parameter once, as {{name}}")
            continue
        for name in written:
            if not _NAME.fullmatch(name):
                yield Breach(owner, f"path parameter {name!r} is not a plain name; write letters, digits, - and _")
        for name in sorted(set(written) - operation.names("path")):
            yield Breach(operation.place.pointer, f"path parameter {name!r} is not declared; add it to parameters")
        for name in sorted(operation.names("path") - set(written)):
            yield Breach(operation.place.pointer, f"path parameter {name!r} is not in the path; remove it")


def paths_are_distinct(document: Document) -> Iterator[Breach]:
    """No two paths differ only in the names of their parameters."""
    seen: dict[str, str] = {}
    for place in walk(document, "path item"):
        path = re.sub(r"\{[^{}]*\}", "{}", place.name)
        if path in seen:
            yield Breach(place.pointer, f"path matches what {seen[path]!r} matches; merge them")
        seen[path] = place.name


def parameters_are_plain(document: Document) -> Iterator[Breach]:
    """A parameter is a value, an array or an object of values, in a style that the client can write, or JSON."""
    for place in walk(document, "parameter"):
        if "$ref" in place.fields:
            continue
        location = str(place.fields["in"])
        if location == "header" and str(place.fields["name"]).lower() in OWN_HEADERS:
            shown = place.fields["name"]
            yield Breach(place.at("name"), f"header {shown!r} cannot be a parameter; use content types or security")
        yield from _sendable(place)
        if "x-content" in place.fields:
            continue
        style = place.fields.get("style", _STYLES[location][0])
        if style not in _STYLES[location]:
            yield Breach(place.at("style"), f"style {style!r} is not supported in {location}; leave it out")
        found = kinds(document, place.child("schema", "schema"))
        if style == "deepObject" and found != {"object"}:
            yield Breach(place.at("style"), "style 'deepObject' is only for objects; leave it out")
        repeated = found & {"array", "object"} if place.fields.get("explode", style == "form") else set[str]()
        for kind in sorted(repeated) if _may_not_repeat(location, style) else ():
            yield Breach(place.pointer, f"{kind} in {location} cannot be repeated; add explode: false")
        yield from _parameter_type(document, place, found)


def security_schemes_are_sendable(document: Document) -> Iterator[Breach]:
    """The header or cookie of a key has a name that a request can carry."""
    for place in walk(document, "security scheme"):
        if place.fields.get("type") == "apiKey":
            yield from _sendable(place)


def _sendable(place: Place) -> Iterator[Breach]:
    location, name = str(place.fields["in"]), str(place.fields["name"])
    if location == "header" and name.lower() in FRAMING:
        yield Breach(place.at("name"), f"header {name!r} is set by the connection, never by callers; leave it out")
    if location in {"header", "cookie"} and not _TOKEN.fullmatch(name):
        yield Breach(place.at("name"), f"{name!r} cannot be the name of a {location}; rename it")


def _may_not_repeat(location: str, style: str) -> bool:
    return location == "cookie" or style in {"spaceDelimited", "pipeDelimited"}


def _parameter_type(document: Document, place: Place, found: set[str]) -> Iterator[Breach]:
    if "schema" not in place.fields:
        return
    if found & {"array", "object"} and len(found) > 1:
        kind = min(found & {"array", "object"})
        yield Breach(place.at("schema"), f"parameter of an {kind} or something else is not supported; name one type")
    elif "array" in found:
        items = follow(document, place.child("schema", "schema")).child("schema", "items")
        if kinds(document, items) & {"array", "object", "anything"}:
            message = "array of arrays, objects or anything is not supported in a parameter; use plain items"
            yield Breach(place.at("schema"), message)
    elif "anything" in found:
        yield Breach(place.at("schema"), "parameter has no type; give it one")


def kinds(document: Document, place: Place) -> set[str]:
    """The types that a value of the schema may have, without null; "anything" if it does not say."""
    schema = follow(document, place)
    members = [one for key in ("oneOf", "anyOf", "allOf") for one in sequence(schema.fields.get(key))]
    if members:
        return set[str]().union(*(kinds(document, Place("schema", "", one)) for one in members))
    if "const" in schema.fields:
        return {"string"}
    written = schema.fields.get("type")
    types = {str(one) for one in sequence(written) or [written] if one is not None}
    if "properties" in schema.fields:
        return {"object"}
    return types - {"null"} if types else {"anything"}


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
