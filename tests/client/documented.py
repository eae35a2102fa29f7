"""The operations of the installed package, as its own document has them, and the methods that call each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from face_audit.testing import load_document

from ..documents.calls import Call, prepare
from ..documents.document import Document, Node, Operation
from ..documents.package import Method, Package
from ..documents.schemas import Recipe, flatten

PACKAGE = Package("face_audit")
_FORMS = {"checkpoint": "pager", "fresh_connection": "page", "concurrency": "many"}
"""What a method of a paged operation is, by an argument that only it has."""


def plain(node: Any) -> Any:
    """The same part of a document without what OpenAPI cannot say of a field: one spelling, and one type.

    `test_spelling.py` has the rules for the others.
    """
    if isinstance(node, list):
        return [plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {name: plain(one) for name, one in node.items()}
    if "x-read-as" in found:
        found["type"] = found["x-read-as"]
    if isinstance(node.get("properties"), dict):
        others = [name for name, one in node["properties"].items() if isinstance(one, dict) and "x-spelling-of" in one]
        found["properties"] = {name: one for name, one in found["properties"].items() if name not in others}
    return found


DOCUMENT = Document(plain(load_document()))


@dataclass(frozen=True)
class Case:
    """One operation, and its methods by what they are: `plain`, or `pager`, `page` and perhaps `many`."""

    operation: Operation
    methods: dict[str, Method]

    @property
    def paging(self) -> Node | None:
        """How it is paged."""
        return cast("Node | None", self.operation.fields.get("x-pagination"))

    @property
    def collection(self) -> str | None:
        """The path parameter that names what the emulator has to hold."""
        return cast("str | None", self.operation.fields.get("x-emulator", {}).get("collection"))

    @property
    def in_path(self) -> list[str]:
        """The Python names of its path parameters."""
        return [one.name for one in self.single.operation.parameters if one.location == "path"]

    @property
    def variants(self) -> int:
        """How many made-up calls it takes to see every success, with all arguments and without."""
        return 2 + max(2, len(self.operation.successes))

    @property
    def single(self) -> Method:
        """The method that sends one request."""
        return self.methods["page" if self.paging else "plain"]

    def prepare(self, variant: int, *, by_hand: bool = False) -> Call:
        """One call with made-up values; every second variant has no more than is required."""
        return prepare(PACKAGE, self.operation, self.single, variant=variant, by_hand=by_hand)

    def argument(self, name: str) -> str:
        """The Python name of a query parameter."""
        parameters = self.single.operation.parameters
        return next(one.name for one in parameters if (one.location, one.wire) == ("query", name))

    @property
    def limit(self) -> Node | None:
        """The parameter that says how many items a page has."""
        name = (self.paging or {}).get("limit")
        return next((one for one in self.operation.parameters if one["name"] == name), None)

    @property
    def page_size(self) -> int:
        """The number of items of small pages: two, if the document allows it."""
        recipe = Recipe(self.operation.document, "", "query", "sent", sparse=False)
        return max(2, flatten(recipe, (self.limit or {}).get("schema")).get("minimum", 2))


def _form(method: Method) -> str:
    if method.operation.pagination is None:
        return "plain"
    return next(form for argument, form in _FORMS.items() if argument in method.arguments)


def cases() -> Iterator[Case]:
    """Every operation that the API has."""
    by_place: dict[tuple[str, str], dict[str, Method]] = {}
    for method in PACKAGE.all_methods():
        place = (method.operation.method, method.operation.path)
        by_place.setdefault(place, {})[_form(method)] = method
    for operation in DOCUMENT.operations():
        if "x-removed" not in operation.fields:
            yield Case(operation, by_place[operation.method.upper(), operation.path])


OPERATIONS = list(cases())


def name_of(value: Any) -> str | None:
    """How a test that is repeated for an operation names it."""
    return str(value.operation.fields["operationId"]) if isinstance(value, Case) else None


def as_answered(value: Any) -> Any:
    """What came, exactly, of which a client made this."""
    if isinstance(value, PACKAGE.model):
        return cast("Any", value).to_dict()
    if isinstance(value, list | tuple):
        return [as_answered(one) for one in value]
    return value if isinstance(value, bytes) else PACKAGE.shown(value)


@dataclass(frozen=True)
class View:
    """A typed view of an open property (`x-views`)."""

    model: Any
    name: str
    property: str
    when_has: str
    schema: Node
    """Of the model."""
    of: Node
    """The schema of what it shows."""


def views() -> Iterator[View]:
    """Those of all models."""
    models = [getattr(PACKAGE.models, name) for name in vars(PACKAGE.models)["__all__"]]
    for schema in _schemas(DOCUMENT.raw):
        for wire, one in schema["properties"].items():
            for view in one.get("x-views", ()):
                for model in models:
                    names = {field.wire for field in getattr(model, "_fields", ())}
                    if names >= set(schema["properties"]) and view["name"] in vars(model):
                        yield View(model, view["name"], wire, view["when-has"], schema, view["schema"])


def _schemas(node: Any) -> Iterator[Node]:
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _schemas(one)
