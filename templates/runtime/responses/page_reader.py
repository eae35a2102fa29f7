"""Reads a page straight from its bytes into models, by msgspec; what it does not take is read the lenient way.

The lenient way, `loads` and `Model.decode`, is the reference: on every page that both take they give the same.
"""

from __future__ import annotations

import dataclasses
import datetime
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat
from operator import attrgetter
from typing import Annotated, Any, TypeAlias, TypedDict, cast

import msgspec
from attrs import frozen

from ..operation import Call, Operation, Pagination
from ..values import compounds, scalars
from ..values.models import Field, Model, collect, fields_of, is_quick
from ..values.strict_json import JSON, loads, without_mark
from .pages import Listing, Page

Getter: TypeAlias = Callable[[Any], Any]
Setter: TypeAlias = Callable[[Any, Any], None]

_TYPES: dict[scalars.Type, Any] = {
    scalars.STRING: str,
    scalars.TEXT_OR_INTEGER: str | int,
    scalars.INTEGER: int,
    scalars.INTEGER_OR_TEXT: int,
    scalars.NUMBER: int | float,
    scalars.BOOLEAN: bool,
    scalars.ANY: Any,
    scalars.DATE_TIME: Annotated[datetime.datetime, msgspec.Meta(tz=True)],
}
_IDS = (scalars.STRING, scalars.TEXT_OR_INTEGER)
_LOCK = threading.Lock()
# By the identity of an operation, which lives as long as its package; to compare operations would take longer.
_READERS: dict[int, tuple[Operation, Reader | None]] = {}
# Which classes have to be whole: msgspec looks at a class once, and reads it that way from then on.
_WHOLE: dict[type[Model], bool] = {}


def read_page(call: Call, content: bytes, request_id: str | None) -> Listing[Any] | None:
    """The page in `content`, or None where the lenient way has to look at it."""
    known = _READERS.get(id(call.operation))
    if known is None:
        known = (call.operation, _make_reader(call.operation))
        _READERS[id(call.operation)] = known
    reader = known[1]
    return None if reader is None else reader.read(call, content, request_id)


@frozen
class Source:
    """The bytes of a page that msgspec has read, and what of them each of its objects came from."""

    content: bytes
    """The body of the page, as it came."""
    places: dict[type[Model], tuple[Field, ...]]
    open: dict[tuple[type[Model], str], Getter]
    """By model and field, what finds the value of that field in the text of an item."""
    texts: list[bytes]
    """Of the items, once they are asked for."""

    def __getitem__(self, at: int) -> JSON:
        return loads(self.text(at))

    def text(self, at: int) -> bytes:
        """The JSON text of an item, as it stands in the body."""
        texts = self.texts
        if not texts:
            content = without_mark(self.content)
            texts = [bytes(raw) for raw in msgspec.json.decode(content, type=list[msgspec.Raw])]
            self.texts[:] = texts  # at once: another thread may do the same
        return texts[at]

    def find(self, model: type[Model], at: int) -> dict[str, JSON]:
        """The JSON object of the one object of this class in the item at `at`; a new one at every call."""
        found = cast("dict[str, JSON]", self[at])
        for field in self.places[model]:
            found = cast("dict[str, JSON]", collect(field, found))
        return found

    def find_open(self, model: type[Model], at: int, field: Field) -> JSON:
        """The value of a field that was left for later, of the same object; a new one at every call."""
        try:
            return cast("JSON", self.open[model, field.name](self.text(at)))
        except ValueError:  # a number that is too large, for one; the reference says what is wrong
            return self.find(model, at).get(field.wire)


class Reader:
    """Reads pages of one model."""

    def __init__(self, model: type[Model], pagination: Pagination) -> None:
        items: Any = list[_prepare(model, whole=False)]  # type: ignore[misc]
        self._decoder: Any = msgspec.json.Decoder(items)
        self._places = dict(_places(model))
        self._open = {
            (one, field.name): _finder((*(above.wire for above in place), field.wire))
            for one, place in self._places.items()
            for field in fields_of(one)
            if _is_late(field)
        }
        by_wire = {field.wire: field for field in fields_of(model)}
        cursor = by_wire[pagination.cursor_at[1:]]
        member = cast("Any", model).__dict__[cursor.name]
        self._get_id, self._set_id = cast("Getter", member.__get__), cast("Setter", member.__set__)
        self._is_text = cursor.type is scalars.STRING
        self._same: list[tuple[Getter, str]] = [
            (attrgetter(by_wire[at[1:]].name), argument) for at, argument in pagination.same
        ]
        self._nested: list[Getter] = [
            attrgetter(".".join(field.name for field in place)) for place in self._places.values() if place
        ]
        self._set_source = cast("Setter", cast("Any", Model).__dict__["_raw"].__set__)

    def read(self, call: Call, content: bytes, request_id: str | None) -> Listing[Any] | None:
        """The page, or None where the lenient way has to look at it."""
        try:
            text = without_mark(content)
            # Of what msgspec passes over it checks the escapes, but not the bytes.
            if not text.isascii():
                text.decode("utf-8")
            items: list[Any] = self._decoder.decode(text)
            source = Source(content, self._places, self._open, [])
            links = list(zip(repeat(source), range(len(items))))
            deque(map(self._set_source, items, links), 0)
            for nested in self._nested:
                self._link(nested, items, links)
        except (ValueError, RecursionError, TypeError, AttributeError):
            return None
        ids = tuple(map(str, map(self._get_id, items)))
        if not self._is_text:
            deque(map(self._set_id, items, ids), 0)
        if "" in ids or not all(_are_of(call, get, argument, items) for get, argument in self._same):
            return None
        page: Page[Any] = Page(items=tuple(items), raw=content, request_id=request_id)
        return Listing(page=page, values=source, ids=ids)

    def _link(self, get: Getter, items: list[Any], links: list[tuple[Source, int]]) -> None:
        try:
            deque(map(self._set_source, map(get, items), links), 0)
        except TypeError:  # one of them is missing
            for one, link in zip(map(get, items), links, strict=True):
                if one is not None:
                    self._set_source(one, link)


def _are_of(call: Call, get: Getter, argument: str, items: list[Any]) -> bool:
    asked = call.arguments[argument]
    return asked is None or {str(found).casefold() for found in set(map(get, items)) - {None}} <= {
        str(asked).casefold()
    }


def _make_reader(operation: Operation) -> Reader | None:
    pagination, result = cast("Pagination", operation.pagination), operation.result
    if not isinstance(result, compounds.ModelOf):
        return None
    model = result.model
    wires = {f"/{field.wire}": field for field in fields_of(model)}
    pointers = (pagination.cursor_at, *(at for at, _ in pagination.same))
    plain = pagination.style == "item" and pagination.items == "" and all(at in wires for at in pointers)
    # `_quick` says what the generator decided; an id that may be missing or is no text at all is for the lenient way.
    if not (is_quick(model) and plain):
        return None
    cursor = wires[pagination.cursor_at]
    if not cursor.required or cursor.type not in _IDS:
        return None
    wanted = [(one, bool(place and place[-1].other_names)) for one, place in _places(model)]
    with _LOCK:
        alike = all(_WHOLE.setdefault(one, whole) is whole for one, whole in wanted)
        return Reader(model, pagination) if alike else None


def _places(model: type[Model], above: tuple[Field, ...] = ()) -> Iterator[tuple[type[Model], tuple[Field, ...]]]:
    yield model, above
    for field in fields_of(model):
        if isinstance(field.type, compounds.ModelOf):
            yield from _places(field.type.model, (*above, field))


def _prepare(model: type[Model], *, whole: bool) -> type[Model]:
    """The same class, which msgspec can now read; with `whole`, only where none of its fields is missing.

    msgspec knows no other names of fields than their own. So each slot also gets its name in JSON, and while msgspec
    looks at the class, it has the annotations and the table of a dataclass of these names, which msgspec prefers.
    """
    made, fields = cast("Any", model), list[tuple[str, Any] | tuple[str, Any, Any]]()
    for field in fields_of(model):
        if _is_late(field) and not whole:
            continue
        kind = _type_of(field)
        # A field of several spellings may stand under another one, and what is there may be merged with that.
        if whole or field.required or field.other_names:
            fields.append((field.wire, kind))
        else:
            fields.append((field.wire, kind | None, dataclasses.field(default=None)))
        setattr(made, field.wire, made.__dict__[field.name])
    # With a docstring, for dataclasses would else work out a signature to write one, which takes milliseconds.
    said = {"__doc__": "The fields by their names in JSON."}
    table = cast("Any", dataclasses.make_dataclass("Table", fields, namespace=said, init=False, repr=False, eq=False))
    kept = made.__annotations__
    made.__annotations__, made.__dataclass_fields__ = table.__annotations__, table.__dataclass_fields__
    try:
        msgspec.json.Decoder(made)  # keeps what it has found
    finally:
        made.__annotations__ = kept
        del made.__dataclass_fields__
    return model


def _is_late(field: Field) -> bool:
    """Whether it is read when it is asked for: what the document leaves open may be large, and has no type to check."""
    return field.type is scalars.ANY and not (field.required or field.other_names)


def _finder(path: tuple[str, ...]) -> Getter:
    """What finds the value at `path` in the text of an item, or None where there is none."""
    kind: Any = Any
    for wire in reversed(path):
        kind = cast("Any", TypedDict)("Around", {wire: kind}, total=False)
    decode = msgspec.json.Decoder(kind).decode

    def find(text: bytes) -> Any:
        found: Any = decode(text)
        for wire in path:
            found = found.get(wire)
        return found

    return find


def _type_of(field: Field) -> Any:
    if isinstance(field.type, compounds.ModelOf):
        return _prepare(field.type.model, whole=bool(field.other_names))
    return _TYPES[field.type]
