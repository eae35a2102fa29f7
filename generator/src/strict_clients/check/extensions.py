"""Rules for vendor extensions: correct spelling, place and shape, and consistent with the rest of the document."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from keyword import iskeyword

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from strict_clients.breaches import Breach
from strict_clients.check.endpoints import FRAMING, OWN_HEADERS
from strict_clients.check.operations import properties
from strict_clients.check.places import Place, mapping, sequence, walk
from strict_clients.check.shapes import SHAPES
from strict_clients.check.specification import violations
from strict_clients.engine import python_name
from strict_clients.load import Document
from strict_clients.names import REQUIREMENTS, hides, variable_member

RESERVED_ARGUMENTS = frozenset(
    {
        *("self", "endpoint", "transport", "timeout", "timeouts", "retry", "options", "given", "settings"),
        *("http_client", "proxy", "ssl_context", "ssl", "trust_env", "strict_json", "on_event"),
        *("default_headers", "user_agent", "client_request_id", "on_request"),
    }
)
LONGEST_KEY = 40
"""The number of characters of an unknown extension that are compared with the known ones."""
_SENT_ANYWAY = {"accept-encoding", "expect", "user-agent"}
"""Headers of the client for which a document may have parameters, but which must not carry ids."""
RESERVED_MODULES = frozenset({"client", "errors", "models", "provenance", "resources", "testing"})


def sdk_is_named(document: Document) -> Iterator[Breach]:
    """The package does not hide another one, and its licence is an SPDX expression."""
    sdk = mapping(mapping(document.raw["info"]).get("x-sdk"))
    if hides(str(sdk.get("package"))):
        shown = f"{sdk['package']!r} is a keyword of Python, a standard module or a requirement of the package"
        yield Breach("/info/x-sdk/package", f"{shown}; choose another name")
    if re.sub("[-._]+", "-", str(sdk.get("distribution"))) in REQUIREMENTS:
        shown = f"{sdk['distribution']!r} is a requirement of the package"
        yield Breach("/info/x-sdk/distribution", f"{shown}; choose another name")
    if "license" in sdk:
        try:
            canonicalize_license_expression(str(sdk["license"]))
        except InvalidLicenseExpression:
            yield Breach("/info/x-sdk/license", f"{sdk['license']!r:.80} is not in SPDX; write one, such as 'MIT'")


def extensions_are_spelled(document: Document) -> Iterator[Breach]:
    """No extension looks like a misspelling of one that has a meaning in this place; all others are left alone."""
    for place in walk(document):
        for key in place.fields:
            meant = meant_by(place, key)
            if meant:
                yield Breach(place.at(key), f"unknown extension {key!r}; did you mean {meant!r}?")


def meant_by(place: Place, key: str) -> str:
    """The extension that a key looks like a misspelling of, among those that have a meaning in this place."""
    if not key.startswith("x-") or key in SHAPES:
        return ""
    here = [name for name, shape in SHAPES.items() if kind_of(place) in shape.kinds]
    return next(iter(get_close_matches(key[:LONGEST_KEY], here, n=1, cutoff=0.8)), "")


def extensions_are_placed(document: Document) -> Iterator[Breach]:
    """Extensions are used only where they have a meaning."""
    for place in walk(document):
        for key in place.fields:
            kinds = SHAPES[key].kinds if key in SHAPES else frozenset({kind_of(place)})
            if kind_of(place) not in kinds:
                shown = " or ".join(sorted(kinds))
                yield Breach(place.at(key), f"{key} has no meaning here ({kind_of(place)}); use it on: {shown}")


def kind_of(place: Place) -> str:
    """The kind of object in the words of the extensions' table."""
    if place.kind == "schema" and place.role == "properties":
        return "property"
    if place.kind == "schema" and place.role == "schemas":
        return "named schema"
    content = place.owner if place.kind == "example" else None
    if content is not None and content.owner is not None and content.owner.kind == "response":
        return "example of a response"
    return place.kind


def extensions_have_their_shape(document: Document) -> Iterator[Breach]:
    """The value of an extension has the keys and types that its table gives."""
    for place in walk(document):
        for key in place.fields:
            if key in SHAPES:
                advice = f"see {key} in docs/extensions.md"
                yield from violations(place.at(key), place.fields[key], SHAPES[key].schema, advice)


def environment_variables_are_distinct(document: Document) -> Iterator[Breach]:
    """One environment variable fills one thing."""
    seen: set[str] = set()
    for place in walk(document, "server", "server variable", "security scheme"):
        name = place.fields.get("x-env")
        if name in seen:
            yield Breach(place.at("x-env"), f"environment variable {name!r} is used twice; rename one")
        seen |= {str(name)} if name else set()


def client_arguments_are_distinct(document: Document) -> Iterator[Breach]:
    """Secrets and server variables stay distinct as arguments of the client."""
    seen: dict[str, str] = {}
    tokens = {"scope" for place in walk(document, "security scheme") if "x-token-credential" in place.fields}
    for place in walk(document, "server variable", "security scheme"):
        if place.owner is not None and place.owner.fields.get("url", "").startswith(f"{{{place.name}}}"):
            continue  # it is the argument `endpoint`
        own = place.fields.get("x-parameter")
        argument = str(own) if own else python_name(place.name)
        pointer = place.at("x-parameter") if own else place.pointer
        modules = RESERVED_MODULES if place.kind == "server variable" else frozenset[str]()
        if argument in RESERVED_ARGUMENTS | modules | tokens or iskeyword(argument):
            yield Breach(pointer, f"argument {argument!r} is reserved; rename it")
        elif argument in seen:
            yield Breach(pointer, f"argument {argument!r} is also that of {seen[argument]!r}; rename one")
        seen.setdefault(argument, place.name)


def client_request_ids_have_their_header(document: Document) -> Iterator[Breach]:
    """The header for the caller's ids is not that of a parameter or credential, and not one that every request has."""
    name = str(document.raw.get("x-client-request-id", ""))
    others = [place.fields for place in walk(document, "parameter", "security scheme")]
    taken = {str(one.get("name")).lower() for one in others if one.get("in") == "header"}
    if name.lower() in taken | OWN_HEADERS | FRAMING | _SENT_ANYWAY:
        yield Breach("/x-client-request-id", f"header {name!r} carries something else; name another one")


def display_names_cover_the_enum(document: Document) -> Iterator[Breach]:
    """An enum class of a server variable has an enum, and each value of it makes a member by its display name."""
    for place in walk(document, "server variable"):
        values = sequence(place.fields.get("enum"))
        if "x-class" in place.fields and not values:
            yield Breach(place.at("x-class"), "variable has no enum to make a class of; add the enum")
        names = mapping(place.fields.get("x-display-names"))
        for value in sorted(set(values) - names.keys()) if names else ():
            yield Breach(place.at("x-display-names"), f"value {value!r} has no display name; add one")
        for value in [one for one in names if one not in values]:
            yield Breach(place.at("x-display-names", value), f"{value!r} is not a value of the enum; remove it")
        members: dict[str, str] = {}
        for index, value in enumerate(values):
            member = variable_member(names.get(value, value))
            pointer = place.at("x-display-names", value) if value in names else place.at("enum", index)
            if not member.isidentifier():
                shown = names.get(value, value)
                yield Breach(pointer, f"{shown!r} cannot name a member; give it a display name of letters and digits")
            elif member in members:
                yield Breach(pointer, f"member {member!r} is also that of {members[member]!r}; rename one")
            members.setdefault(member, value)


def varnames_fit_their_enum(document: Document) -> Iterator[Breach]:
    """The names of an enum's members are as many as its values, and may be members."""
    for place in walk(document, "schema"):
        if "x-enum-varnames" not in place.fields:
            continue
        names, values = place.fields["x-enum-varnames"], sequence(place.fields.get("enum"))
        if len(names) != len(values):
            yield Breach(place.at("x-enum-varnames"), f"{len(names)} names for {len(values)} values; name each value")
        for index, name in enumerate(names):
            if iskeyword(name) or name in {"mro", "name", "value"}:
                yield Breach(place.at("x-enum-varnames", index), f"name {name!r} is reserved; write it in capitals")


def spellings_name_a_property(document: Document) -> Iterator[Breach]:
    """Another spelling names a property of the same schema that is not itself another spelling."""
    for place in walk(document, "schema"):
        siblings = mapping(place.fields.get("properties"))
        for name, node in siblings.items():
            canonical = mapping(node).get("x-spelling-of")
            if canonical is None:
                continue
            pointer = place.at("properties", name, "x-spelling-of")
            if canonical not in siblings:
                yield Breach(pointer, f"{canonical!r} is not a property of this schema; name one of them")
            elif "x-spelling-of" in mapping(siblings[canonical]):
                yield Breach(pointer, f"{canonical!r} is itself another spelling; name the property that it spells")


def read_as_resolves_types(document: Document) -> Iterator[Breach]:
    """`x-read-as` chooses among several types."""
    for place in walk(document, "schema"):
        if "x-read-as" in place.fields and place.fields["x-read-as"] not in sequence(place.fields.get("type")):
            shown = place.fields["x-read-as"]
            yield Breach(
                place.at("x-read-as"), f"{shown!r} is not among several types; list it in type, or leave it out"
            )


def views_open_an_open_value(document: Document) -> Iterator[Breach]:
    """A typed view is on a value without a type, and is recognized by a property of its schema."""
    for place in walk(document, "schema"):
        for index, view in enumerate(sequence(place.fields.get("x-views"))):
            if {"type", "$ref", "allOf"} & place.fields.keys():
                yield Breach(place.at("x-views", index), "the value has a type already; remove the view or the type")
            schema = Place("schema", "", view["schema"])
            if view["when-has"] not in properties(document, schema):
                pointer = place.at("x-views", index, "when-has")
                yield Breach(pointer, f"{view['when-has']!r} is not a property of the view's schema; name one of them")
