"""JSON texts: strict reading, cutting into items, JSON pointers and excerpts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import NoReturn, TypeAlias, Union, cast

from msgspec import Raw
from msgspec.json import Decoder

JSON: TypeAlias = Union[bool, int, float, str, Sequence["JSON"], Mapping[str, "JSON"], None]  # noqa: UP007

_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    dict: "object",
    list: "array",
}
_JSON_TYPES = {"application/json", "text/json"}
_SHOWN = 200
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Our own bound, because Python's recursion limit differs between versions.
DEEPEST_VALUE = 200
DEEPEST_OBJECT = 250
"""Levels of an open value, and of the whole object around it."""
_decode = Decoder().decode
_cut_array = Decoder(list[Raw]).decode
_cut_object = Decoder(dict[str, Raw]).decode
_BLANKS = re.compile(r"[ \t\n\r]*+")
_SCANNER = json.JSONDecoder()
_write = json.JSONEncoder(ensure_ascii=False).encode


class Malformed(ValueError):  # noqa: N818  # describes a value; callers convert it to an SdkError
    """A value that is not what was expected, with its place."""

    def __init__(self, message: str, place: str = "", *, item: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.item = item
        """The JSON text of the list item that contains it, if any."""

    def inside(self, key: str | int) -> Malformed:
        """The same error, one level further out."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        self.place = f"/{step}{self.place}"
        return self

    def __str__(self) -> str:
        return f"{printable(self.place) or 'the whole'}: {self.message}"


def loads(content: bytes, *, strict: bool = False, halves: bool = False) -> JSON:
    """The value of the one JSON text in `content` (RFC 8259), in UTF-8; one byte order mark before it is skipped.

    With `strict`, no object may have a key twice; without it, the last one counts. With `halves`, texts may contain
    escaped halves of surrogate pairs, for `refuse_halves` to find in a part of the value.

    Raises:
        Malformed: anything else, NaN and infinite numbers included.
    """
    if not strict:
        # What msgspec accepts, it reads like Python, at four times the speed; what it refuses is read below.
        try:  # `suppress` takes as long as a quarter of a small text
            return cast("JSON", _decode(content))
        except (ValueError, RecursionError):
            pass
    try:
        text = without_mark(content).decode("utf-8")
        value: JSON = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_refuse_repeated if strict else None,
        )
        if not halves and may_hold_halves(content):
            refuse_halves(value)
    except RecursionError:
        raise Malformed("is nested too deeply") from None
    except UnicodeError:
        raise Malformed(f"is not UTF-8 throughout: {excerpt(content)}") from None
    except Malformed:
        raise
    except ValueError as error:
        reason = (
            f"{error.msg.lower().removesuffix(' at')} at byte {_byte(content, error)}"
            if isinstance(error, json.JSONDecodeError)
            else "a number too long"
        )
        raise Malformed(f"is not JSON ({reason}): {excerpt(content)}") from None
    return value


def require_json(content_type: str, content: bytes) -> None:
    """Raise Malformed if a Content-Type is not JSON; an empty one may be JSON."""
    if essence(content_type) and not is_json(content_type):
        raise Malformed(f"content type {essence(content_type)!r:.80} is not JSON: {excerpt(content)}")


def is_json(content_type: str) -> bool:
    """Whether a Content-Type is JSON."""
    return essence(content_type) in _JSON_TYPES or essence(content_type).endswith("+json")


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def without_mark(content: bytes) -> bytes:
    """The JSON text without the byte order mark that may precede it (RFC 8259, 8.1); a second one stays."""
    return content.removeprefix(_BYTE_ORDER_MARK)


def may_hold_halves(content: bytes) -> bool:
    """Whether the JSON text escapes a half of a surrogate pair; whole pairs do so too."""
    return b"\\u" in content and b"\\ud" in content.lower()


def refuse_halves(value: JSON, place: str = "") -> None:
    """Raise Malformed if a text in `value` contains half of a surrogate pair: it could not be written again."""
    try:
        _write(value).encode("utf-8")
    except UnicodeError:
        raise Malformed("a text in it contains half of a surrogate pair", place) from None


def excerpt(content: bytes) -> str:
    """At most 200 bytes of `content`, escaped, for an error message."""
    shown = ascii(content[:_SHOWN])
    return f"{shown} and {len(content) - _SHOWN} more bytes" if len(content) > _SHOWN else shown


def printable(text: str) -> str:
    """The text with unprintable characters escaped: a line end from the service must not forge a line of a log."""
    return text if text.isprintable() else "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def kind(value: object) -> str:
    """The JSON name of the value's type."""
    return _KINDS.get(type(value), type(value).__name__)


def copy_json(value: JSON, *, deepest: int = DEEPEST_VALUE) -> JSON:
    """A copy that shares no object or array with `value`.

    Raises:
        Malformed: it has more than `deepest` levels.
    """
    if not isinstance(value, (dict, list)):
        return value
    if deepest == 0:
        raise Malformed("is nested too deeply")
    if isinstance(value, dict):
        return {key: copy_json(inner, deepest=deepest - 1) for key, inner in cast("dict[str, JSON]", value).items()}
    return [copy_json(inner, deepest=deepest - 1) for inner in cast("list[JSON]", value)]


def point(value: JSON, pointer: str) -> JSON:
    """The value at a JSON pointer (RFC 6901), or None if there is none."""
    for key in keys_of(pointer):
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, JSON]", value).get(key)
    return value


@cache
def keys_of(pointer: str) -> tuple[str, ...]:
    """The keys in a JSON pointer (RFC 6901, 4)."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def cut_items(body: bytes, pointer: str) -> list[bytes]:
    """The texts of the items of the array at a JSON pointer (RFC 6901), as they are in `body`.

    Raises:
        Malformed: the body is not a JSON text, or has no array there.
    """
    text = without_mark(body)
    try:
        if not text.isascii():
            text.decode("utf-8")  # msgspec does not check what it only cuts out
        return list(map(bytes, _cut_array(_find_text(text, pointer) or b"")))
    except (ValueError, RecursionError):
        return _cut_leniently(body, pointer)


def find_value(body: bytes, pointer: str) -> JSON:
    """The value at a JSON pointer into `body`, which `cut_items` accepted, or None if there is none."""
    try:
        found = _find_text(without_mark(body), pointer)
    except (ValueError, RecursionError):
        return point(loads(body, halves=True), pointer)
    return None if found is None else loads(bytes(found))


def _find_text(text: bytes, pointer: str) -> bytes | Raw | None:
    found: bytes | Raw | None = text
    for key in keys_of(pointer):
        found = None if found is None else _cut_object(found).get(key)
    return found


def _cut_leniently(body: bytes, pointer: str) -> list[bytes]:
    """The same for what msgspec refuses: halves of surrogate pairs pass, so that an error can name their item."""
    listed = point(loads(body, halves=True), pointer)
    if not isinstance(listed, list):
        raise Malformed(f"expected array, got {kind(listed)}: {excerpt(body)}", pointer)
    text = without_mark(body).decode("utf-8")
    start = _after_blanks(text, 0)
    for key in keys_of(pointer):
        # If a key is repeated, the last one counts, as in `loads`.
        start = dict(_members(text, start))[key]
    return [text[begin:end].encode("utf-8") for begin, end in _elements(text, start)]


def _elements(text: str, start: int) -> Iterator[tuple[int, int]]:
    """The start and end of each element of the array at `start`."""
    place = _after_blanks(text, start + 1)
    while text[place] != "]":
        end = _end(text, place)
        yield place, end
        place = _next(text, end)


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The keys of the object at `start`, each with the start of its value."""
    place = _after_blanks(text, start + 1)
    while text[place] != "}":
        key, end = _SCANNER.raw_decode(text, place)
        place = _after_blanks(text, _after_blanks(text, end) + 1)
        yield key, place
        place = _next(text, _end(text, place))


def _end(text: str, start: int) -> int:
    return _SCANNER.raw_decode(text, start)[1]


def _next(text: str, end: int) -> int:
    """Where the next value, member or closing bracket begins after a value that ends at `end`."""
    place = _after_blanks(text, end)
    return _after_blanks(text, place + 1) if text[place] == "," else place


def _after_blanks(text: str, start: int) -> int:
    return cast("re.Match[str]", _BLANKS.match(text, start)).end()


def _byte(content: bytes, error: json.JSONDecodeError) -> int:
    # The parser counts characters from the byte order mark on.
    return len(content) - len(error.doc[error.pos :].encode("utf-8"))


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"contains {name}, which JSON does not have")


def _refuse_repeated(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed(f"contains the key {key!a:.80} twice")
        found[key] = value
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise Malformed(f"contains the number {text:.40}, which is too large")
    return number
