"""Completes the names of the package, the server and the security of a document."""

import re
from typing import Any

from strict_clients.check.places import METHODS, mapping, sequence, walk
from strict_clients.engine import class_name, snake_case
from strict_clients.load import Document
from strict_clients.names import hides
from strict_clients.normalize.notes import Notes

_LONGEST_PACKAGE = 40
_OF_EVERY_PACKAGE = (
    *("version", "license", "license-text", "authors", "urls", "keywords", "classifiers", "before-1-0"),
)
_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.-]+(:[0-9]+)?/?)?")
_SCHEMES = {"apikey header", "apikey query", "apikey cookie", "http basic", "http bearer", "oauth2", "openidconnect"}


def name_package(document: Document, notes: Notes, package: str | None) -> None:
    """Name package, distribution, client and base error after the title, or after `package`, unless `x-sdk` does."""
    info = mapping(document.raw.get("info"))
    written = mapping(info.get("x-sdk"))
    words = re.findall(r"[A-Za-z0-9]+", package or str(written.get("package") or info.get("title", "")))
    name = snake_case(" ".join(words)) or "client"
    name = (name if name[0].isalpha() else f"api_{name}")[:_LONGEST_PACKAGE].rstrip("_")
    name = package or (f"{name}_api" if hides(name) else name)
    title = class_name(name)
    derived = {
        "distribution": name.replace("_", "-"),
        "package": name,
        "client": f"{title}Client",
        "error": f"{title}Error",
        "version": "0.1.0",
    }
    if derived.keys() - written.keys() or package:
        own = written if package is None else {key: written[key] for key in _OF_EVERY_PACKAGE if key in written}
        info["x-sdk"] = derived | own
        notes.choose("name of the package", info, f"the package is called {info['x-sdk']['package']!r}")


def place_service(document: Document, notes: Notes) -> None:
    """Keep the first server; if it has no host, callers name the endpoint. The same for each operation."""
    _move_servers_up(document)
    _place_operations(document, notes)
    servers = sequence(document.raw.get("servers"))
    first: Any = mapping(servers[0]) if servers else {}
    url = str(first.get("url", "/"))
    for other in servers[1:]:
        notes.choose("other server", other, f"the client calls {url!r}; for this one, callers name the endpoint")
    variables = mapping(first.get("variables"))
    for name in [name for name in variables if f"{{{name}}}" not in url]:
        notes.pass_over(
            "variable that its server does not use", first, f"{name!r:.80} is not in the URL", "variables", name
        )
        del variables[name]
    for name, variable in [*variables.items()]:
        values, default = sequence(variable.get("enum")), str(variable.get("default", ""))
        if len(values) > len(set(map(str, values))):
            notes.pass_over("repeated value of an enum", variable, "the enum lists a value twice", "enum")
            variable["enum"] = list(dict.fromkeys(values))
        if url.startswith(f"{{{name}}}://"):
            scheme = "https" if "https" in (values or [default]) else default
            url = url.replace(f"{{{name}}}", scheme, 1)
            notes.choose("scheme of the server", first, f"the scheme is {scheme!r}", "variables", name)
            del variables[name]
        elif url.startswith(f"{{{name}}}") and not values and not _ORIGIN.fullmatch(default):
            message = f"{default!r} is not a scheme and host; callers name the endpoint"
            notes.choose("endpoint", variable, message, "default")
            variable |= {"default": "", "x-required": True}
    url = _rooted(url)
    if not servers or url != first.get("url"):
        first = {**first, "url": url}
    document.raw["servers"] = [first]
    document.raw.pop("x-other-servers", None)
    if servers[1:]:
        document.raw["x-other-servers"] = servers[1:]


def _move_servers_up(document: Document) -> None:
    """Move the server that all paths share to the document, or the first one if the document has none."""
    items = [place.fields for place in walk(document, "path item")]
    named = [mapping(one).get("url") for item in items for one in sequence(item.get("servers"))]
    own = [mapping(one).get("url") for one in sequence(document.raw.get("servers"))]
    if len(set(named)) == 1 and (own == named[:1] or (len(named) == len(items) and not own)):
        for item in items:
            document.raw["servers"] = item.pop("servers", document.raw.get("servers"))
    elif not own and items and all(item.get("servers") for item in items):
        document.raw["servers"] = sequence(items[0]["servers"])[:1]


def _place_operations(document: Document, notes: Notes) -> None:
    """Keep one server, without variables, on each operation with a server other than the document's."""
    own = [mapping(one).get("url") for one in sequence(document.raw.get("servers"))[:1]] or ["/"]
    for item in [*walk(document, "path item")]:
        of_path = _first_server(item.fields, notes)
        for method in METHODS:
            operation = mapping(item.fields.get(method))
            first = _first_server(operation, notes) or of_path
            if first and first["url"] not in own:
                operation["servers"] = [_without_variables(first, notes)]


def _first_server(fields: dict[str, Any], notes: Notes) -> dict[str, Any]:
    servers = sequence(fields.pop("servers", None))
    for other in servers[1:]:
        message = f"the client calls {servers[0]['url']!r}; for this one, callers name the endpoint"
        notes.choose("other server", other, message)
    return mapping(servers[0]) if servers else {}


def _without_variables(server: dict[str, Any], notes: Notes) -> dict[str, Any]:
    for name, variable in mapping(server.pop("variables", None)).items():
        default = str(mapping(variable).get("default", ""))
        notes.choose("variable of a server", server, f"{name!r} is {default!r} here", "variables", name)
        server["url"] = server["url"].replace(f"{{{name}}}", default)
    server["url"] = _rooted(server["url"])
    return server


def _rooted(url: str) -> str:
    """The URL, with a slash before a relative one."""
    return url if re.match(r"https?://|/|\{", url) else f"/{url}"


def leave_security_to_callers(document: Document, notes: Notes) -> None:
    """Remove security that our clients cannot send: callers add it through their own HTTP client."""
    known: set[str] = set()
    declared = {place.name for place in walk(document, "security scheme")}
    for place in [*walk(document, "security scheme")]:
        fields = place.fields
        shown = f"{fields.get('type')} {fields.get('in') or fields.get('scheme') or ''}".strip()
        if "$ref" in fields or shown.lower() in _SCHEMES:
            known.add(place.name)
            continue
        message = f"{shown} is left to callers; give an http_client that adds it"
        notes.choose("security left to callers", fields, message)
        del document.raw["components"]["securitySchemes"][place.name]
    for place in [*walk(document, "document", "operation")]:
        requirements = sequence(place.fields.get("security"))
        left = [{name: one[name] for name in one if name in known} for one in map(mapping, requirements)]
        for name in sorted({name for one in requirements for name in mapping(one)} - known - declared):
            notes.choose("security left to callers", place.node, f"no scheme {name!r} is declared", "security")
        if left != requirements:
            place.fields["security"] = list({tuple(one): one for one in left}.values())
