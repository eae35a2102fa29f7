"""The copy of a document that the engine reads.

Every schema and operation in it has its JSON pointer as its description, which the engine keeps: so its result can be
combined with the document at the same place. What the engine drops is left out, and what it would
misread is written differently; docs/openapi.md lists both.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, cast

from attrs import field, frozen

from strict_clients.check.places import METHODS, mapping, sequence
from strict_clients.engine import class_name
from strict_clients.load import Document
from strict_clients.media import choose, kind
from strict_clients.names import argument_names
from strict_clients.pointers import escape
from strict_clients.structure import component, locate, properties, required, schemas

_KNOWN_MEDIA_TYPES = {
    "json": "application/json",
    "multipart": "multipart/form-data",
    "form": "application/x-www-form-urlencoded",
    "text": "application/octet-stream",
    "bytes": "application/octet-stream",
    "any": "application/octet-stream",
}
_KEPT = ("type", "format", "const")


@frozen
class OperationPlace:
    """One operation of a document, and what applies to it from its path."""

    pointer: str
    path: str
    method: str
    raw: Mapping[str, Any]
    parameters: Mapping[str, Mapping[str, Any]]
    """Its parameters and those of its path, by the pointer where each is written, with references followed."""

    @property
    def names(self) -> Mapping[tuple[str, str], str]:
        """The names of its parameters as arguments, by place and name."""
        return argument_names(self.parameters.values(), paged="x-pagination" in self.raw)


def operation_places(document: Document) -> Iterator[OperationPlace]:
    """The operations of all paths, in the document's order."""
    for path, item in document.raw["paths"].items():
        at = f"/paths/{escape(path)}"
        for method in METHODS:
            if method in item:
                parameters = _gather_parameters(document, (f"{at}/{method}", item[method]), (at, item))
                yield OperationPlace(f"{at}/{method}", path, method, item[method], parameters)


def _gather_parameters(document: Document, *owners: tuple[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The parameters of an operation before those of its path; an operation's parameter hides the path's."""
    found: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
    for pointer, owner in owners:
        for index, written in enumerate(sequence(owner.get("parameters"))):
            at, raw = locate(document, written, f"{pointer}/parameters/{index}")
            found.setdefault((raw["in"], raw["name"]), (at, raw))
    return dict(found.values())


@frozen
class Shown:
    """What the engine gets of a document, and what we handle instead of it."""

    document: Document
    nullable: set[str] = field(factory=set[str], init=False)
    """The pointers of nullable schemas, for which the engine would make separate classes."""
    media_types: dict[str, str] = field(factory=dict[str, str], init=False)
    """For each media type, the one that the engine reads in the same way."""
    twins: str = field(init=False)
    """The name of the class whose properties are members of unions that the engine would drop.

    They differ from another member in their limits only.
    """
    _twins: dict[str, dict[str, Any]] = field(factory=dict[str, dict[str, Any]], init=False)
    _maps: dict[str, dict[str, Any]] = field(factory=dict[str, dict[str, Any]], init=False)
    _names: Iterator[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        taken = {_title(name, schema) for name, schema in schemas(self.document).items()}
        free = (name for number in count() if (name := f"Shown{number}") not in taken)
        object.__setattr__(self, "_names", free)
        object.__setattr__(self, "twins", next(free))

    def raw(self) -> dict[str, Any]:
        """The document to show."""
        components = {name: self._class(name, schema) for name, schema in schemas(self.document).items()}
        paths: dict[str, dict[str, Any]] = {}
        for place in operation_places(self.document):
            # The engine gets every path under a different name, independent of its parameters.
            numbered = shown_names(place.parameters)
            in_path = [numbered[at] for at, one in place.parameters.items() if one["in"] == "path"]
            shown = "".join(f"/{{{name}}}" for name in in_path)
            paths[f"/{len(paths)}{shown}"] = {place.method: self._operation(place)}
        if self._twins:
            components[self.twins] = {"type": "object", "title": self.twins, "properties": self._twins}
        info = self.document.raw["info"]
        return {
            "openapi": "3.1.0",
            "info": {"title": info["title"], "version": info["version"]},
            "paths": paths,
            "components": {"schemas": components | self._maps},
        }

    def _class(self, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        shown = self._schema(schema, f"/components/schemas/{escape(name)}", is_inline=False)
        return shown | {"title": _title(name, schema)}

    def _schema(self, node: Any, pointer: str, *, is_inline: bool = True) -> dict[str, Any]:
        schema = mapping(node)
        if "$ref" in schema:
            return {"$ref": f"#/components/schemas/{component(self.document, schema)}"}
        fields = properties(self.document, schema, pointer)
        if len(schema.get("allOf", ())) == 1 and (is_inline or not fields):  # it only wraps another one
            return self._schema(schema["allOf"][0], f"{pointer}/allOf/0")
        shown: dict[str, Any] = {key: schema[key] for key in _KEPT if key in schema} | {"description": pointer}
        self._take_null(schema, shown, pointer)
        if "allOf" in schema:
            shown["type"] = "object"
        if fields:
            names = shown_names(fields)
            shown["properties"] = {names[wire]: self._schema(one, at) for wire, (at, one) in fields.items()}
            shown["required"] = sorted(names[wire] for wire in required(self.document, schema))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                members = enumerate(schema[keyword])
                shown[keyword] = [self._schema(one, f"{pointer}/{keyword}/{index}") for index, one in members]
                self._keep_twins(shown[keyword])
        if "items" in schema:
            shown["items"] = self._schema(schema["items"], f"{pointer}/items")
        if "contentMediaType" in schema and "contentEncoding" not in schema:
            shown["format"] = "binary"
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and not fields:
            shown["additionalProperties"] = self._schema(values, f"{pointer}/additionalProperties")
        return self._apart(shown) if is_inline and shown.get("type") == "object" else shown

    def _take_null(self, schema: Mapping[str, Any], shown: dict[str, Any], pointer: str) -> None:
        kinds, values = sequence(schema.get("type")), schema.get("enum")
        if "null" in kinds:
            self.nullable.add(pointer)
            left = [kind for kind in kinds if kind != "null"]
            shown["type"] = left[0] if len(left) == 1 else left
        if values is not None:
            shown["enum"] = [value for value in values if value is not None]

    def _keep_twins(self, members: list[dict[str, Any]]) -> None:
        seen: list[Any] = []
        for one in members:
            bare = _without_pointers(one)
            if "$ref" not in one and bare in seen:
                self._twins[f"twin{len(self._twins)}"] = one
            seen.append(bare)

    def _apart(self, shown: dict[str, Any]) -> dict[str, Any]:
        """A reference to an inline map, for which the engine would make a class whose name may be taken."""
        name = next(self._names)
        self._maps[name] = shown | {"title": name}
        return {"$ref": f"#/components/schemas/{name}"}

    def _operation(self, place: OperationPlace) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "operationId": place.raw["operationId"],
            "tags": place.raw["tags"],
            "description": place.pointer,
            "parameters": [self._parameter(place, at, name) for at, name in shown_names(place.parameters).items()],
            "responses": {},
        }
        for status, written in place.raw["responses"].items():
            if not status.startswith("x-"):
                at, response = locate(self.document, written, f"{place.pointer}/responses/{escape(status)}")
                content = self._content(response, at, sent=False)
                shown["responses"][status] = {"description": at} | ({"content": content} if content else {})
        if "requestBody" in place.raw:
            at, body = locate(self.document, place.raw["requestBody"], f"{place.pointer}/requestBody")
            content = self._content(body, at, sent=True)
            shown["requestBody"] = {"required": bool(body.get("required")), "content": content}
        return shown

    def _parameter(self, place: OperationPlace, pointer: str, name: str) -> dict[str, Any]:
        # The engine does not support lists and times in headers.
        raw = place.parameters[pointer]
        return {
            "name": name,
            "in": "path" if raw["in"] == "path" else "query",
            "required": bool(raw.get("required")),
            "schema": self._schema(raw["schema"], f"{pointer}/schema"),
        }

    def _content(self, raw: Mapping[str, Any], pointer: str, *, sent: bool) -> dict[str, Any]:
        """The content type that a client sends or requests; the engine would take the first that it knows."""
        content = mapping(raw.get("content"))
        name = choose(content, sent=sent)
        if name is None:
            return {}
        self.media_types[name] = _KNOWN_MEDIA_TYPES[str(kind(name))]
        schema = mapping(content[name]).get("schema", {})
        return {name: {"schema": self._schema(schema, f"{pointer}/content/{escape(name)}/schema")}}


def shown_names(keys: Iterable[str]) -> dict[str, str]:
    """The names under which the engine gets these properties or parameters: it would drop or rename clashing ones."""
    return {key: f"n{number}" for number, key in enumerate(keys)}


def _title(name: str, schema: Mapping[str, Any]) -> str:
    return class_name(str(schema.get("title", name)))


def _without_pointers(shown: Any) -> Any:
    if isinstance(shown, list):
        return [_without_pointers(one) for one in sequence(cast("Any", shown))]
    if isinstance(shown, dict):
        return {key: _without_pointers(one) for key, one in mapping(cast("Any", shown)).items() if key != "description"}
    return shown
