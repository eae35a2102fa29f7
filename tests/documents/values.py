"""Makes up values for the schemas of a document, by the rules of OpenAPI and JSON Schema alone."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any

from .document import Node
from .patterns import text_for
from .schemas import Above, Place, Recipe, TooDeep, is_file, is_marked, listed, ways

DEEPEST = 6
"""Levels of objects and arrays, below which nothing optional is made."""
MOST_TRIED = 12
"""Choices of members of unions that are tried for one value."""
EXTRA = "extra key "
"""Begins the keys that no schema names."""
_TEXTS: Mapping[Place, str] = {
    "json": 'tëxt "{n}", \\ &=+%20/\u2603',
    "form": "fórm {n} &=+%/;",
    "multipart": 'pärt "{n}"; \u2603',
    "path": "p/ä {n}%,;=&?#+",
    "query": "q {n}&=+%/ü?#:@",
    "header": 'h {n} "=;x',
    "cookie": "c {n}%2",
}
_LONGEST_INTEGER = 2**53 + 1
_STRUCTURES = {"properties": "object", "additionalProperties": "object", "items": "array"}


def make(recipe: Recipe, schema: Any, at: str = "") -> Any:
    """A value for a schema; `at` is where it is, as choices depend on it."""
    return _make(recipe, schema, at, ())


def _make(recipe: Recipe, schema: Any, at: str, above: Above) -> Any:
    failed = TooDeep(at)
    for flat, deeper in islice(ways(recipe, schema, at, above), MOST_TRIED):
        try:
            return _make_flat(recipe, flat, at, deeper)
        except TooDeep as error:
            failed = error
    raise failed


def _make_flat(recipe: Recipe, flat: Node, at: str, above: Above) -> Any:
    if at.count("/") > DEEPEST * 2:
        raise TooDeep(at)
    if "const" in flat:
        return flat["const"]
    kinds = _kinds(flat)
    may_be_null = "null" in kinds or flat.get("nullable") is True or None in (flat.get("enum") or ())
    kinds = [one for one in kinds if one != "null"]
    # Where everything is text, there is no null.
    if may_be_null and recipe.place == "json" and (recipe.sparse or not kinds) and recipe.choose(f"{at}?", 3):
        return None
    values = [one for one in flat.get("enum") or () if one is not None]
    if values:
        return values[recipe.choose(at, len(values))]
    if not kinds:
        return None if may_be_null else _anything(recipe, at)
    return _of_type(recipe, flat, at, above, kinds[recipe.choose(at, len(kinds))])


def _of_type(recipe: Recipe, flat: Node, at: str, above: Above, kind: str) -> Any:
    match kind:
        case "object":
            return _object(recipe, flat, at, above)
        case "array":
            return _array(recipe, flat, at, above)
        case "integer":
            return _integer(recipe, flat, at)
        case "number":
            return _number(recipe, flat, at)
        case "boolean":
            return recipe.choose(at, 2) == 0
        case _:
            return _text(recipe, flat, at)


def _kinds(flat: Node) -> list[Any]:
    if "type" in flat:
        return listed(flat["type"])
    for keyword, kind in _STRUCTURES.items():
        if keyword in flat:
            return [kind]
    if "pattern" in flat or "format" in flat or "minLength" in flat or "maxLength" in flat:
        return ["string"]
    if "minimum" in flat or "maximum" in flat:
        return ["number"]
    return ["string"] if "enum" in flat else []


def _anything(recipe: Recipe, at: str) -> Any:
    if recipe.place != "json":
        return _text(recipe, {}, at)
    any_of_them: list[Any] = [_text(recipe, {}, at), {"any": [1, None, {}]}, [True, 2.5], 7, None]
    return any_of_them[recipe.choose(at, len(any_of_them))]


def _object(recipe: Recipe, flat: Node, at: str, above: Above) -> dict[str, Any]:
    required: list[str] = flat.get("required") or []
    properties: Mapping[str, Any] = flat.get("properties") or {}
    made: dict[str, Any] = {}
    for name, schema in properties.items():
        if not _belongs(recipe, schema):
            continue
        needed = name in required
        if not needed and (recipe.sparse or at.count("/") >= DEEPEST):
            continue
        try:
            made[name] = _make(recipe, schema, f"{at}/{name}", above)
        except TooDeep:
            if needed:
                raise
    for name in [one for one in required if one not in properties]:
        made[name] = _anything(recipe, f"{at}/{name}")
    return made | _extra(recipe, flat, at, above, len(made))


def _extra(recipe: Recipe, flat: Node, at: str, above: Above, known: int) -> dict[str, Any]:
    """Fields that the schema does not name, where it says of what type they are."""
    more = flat.get("additionalProperties")
    least = int(flat.get("minProperties", 0)) - known
    is_map = "properties" not in flat and more is not False
    if not (isinstance(more, dict) or is_map) or (recipe.sparse and least < 1):
        return {}
    if recipe.place in {"form", "multipart"}:
        return {}
    schema = more if isinstance(more, dict) else {}
    made: dict[str, Any] = {}
    names = flat.get("propertyNames")
    for index in range(max(least, 1)):
        key = f"{EXTRA}{index}"
        if isinstance(names, dict):
            key = str(make(replace(recipe, place="path"), names, f"{at}/{index}"))
        try:
            made[key] = _make(recipe, schema, f"{at}/{key}", above)
        except TooDeep:
            if least > 0:
                raise
    return made


def _belongs(recipe: Recipe, schema: Any) -> bool:
    """Whether a property is one of what is sent, or of what is answered."""
    if recipe.with_foreign:
        return True
    foreign = "readOnly" if recipe.way == "sent" else "writeOnly"
    return not is_marked(recipe.document, schema, foreign)


def _array(recipe: Recipe, flat: Node, at: str, above: Above) -> list[Any]:
    least, most = int(flat.get("minItems", 0)), int(flat.get("maxItems", 10**6))
    wanted = least if recipe.sparse and recipe.place == "json" else min(max(2, least), most)
    if recipe.place == "path":
        wanted = max(wanted, 1)
    prefix: Sequence[Any] = flat.get("prefixItems") or ()
    items = flat.get("items", {})
    if items is False:
        wanted = len(prefix)
    made: list[Any] = []
    for index in range(wanted):
        try:
            one = _make(recipe, prefix[index] if index < len(prefix) else items, f"{at}/{index}", above)
        except TooDeep:
            if len(made) < least:
                raise
            break
        if not (flat.get("uniqueItems") and one in made):
            made.append(one)
    return made


def _integer(recipe: Recipe, flat: Node, at: str) -> int:
    if "minimum" not in flat and "maximum" not in flat and flat.get("format") == "int64" and not recipe.sparse:
        return _LONGEST_INTEGER + recipe.choose(at, 5)
    low, high = _bounds(flat, 1)
    step = int(flat.get("multipleOf", 1)) or 1  # of a fraction, each is one
    if low is None:
        low = 1 if high is None or high >= 1 else high - 10
    first = -(-int(low) // step) * step
    found = first + step * recipe.choose(at, 20)
    return first if high is not None and found > high else int(found)


def _number(recipe: Recipe, flat: Node, at: str) -> float | int:
    low, high = _bounds(flat, 0.125)
    if recipe.choose(f"{at}!", 3) == 0 and (low is None or high is None or high - low >= 1):
        return _integer(recipe, {key: flat[key] for key in flat if key != "format"}, at)
    if low is None:
        low = 0.25 if high is None or high >= 1 else high - 10
    found = low + 0.125 * recipe.choose(at, 40)
    return low if high is not None and found > high else found


def _bounds(flat: Node, step: float) -> tuple[float | None, float | None]:
    low, high = flat.get("minimum"), flat.get("maximum")
    above, below = flat.get("exclusiveMinimum"), flat.get("exclusiveMaximum")
    if above is True and low is not None:
        low += step
    elif isinstance(above, int | float) and not isinstance(above, bool):
        low = above + step
    if below is True and high is not None:
        high -= step
    elif isinstance(below, int | float) and not isinstance(below, bool):
        high = below - step
    return low, high


def _text(recipe: Recipe, flat: Node, at: str) -> Any:  # noqa: PLR0911
    number = recipe.choose(at, 10_000)
    if recipe.place == "multipart" and is_file(flat):
        return b"\x89PNG\r\n\x00--x\xff" + str(number).encode()
    if "pattern" in flat:
        return _patterned(recipe, flat, at)
    if flat.get("format") == "byte" or flat.get("contentEncoding") == "base64":
        return base64.b64encode(b"\xff\xfe" + str(number).encode()).decode()
    match flat.get("format"):
        case "date-time":
            return f"2024-05-0{number % 9 + 1}T10:11:{number % 60:02}.{number % 1000:03}Z"
        case "date":
            return f"2024-02-{number % 28 + 1:02}"
        case "uuid":
            return str(uuid.UUID(int=number + 2**100))
        case "email":
            return f"someone{number}@host.example"
        case "uri" | "url" | "uri-reference":
            return f"https://host.example/{number}?a=b&c=d"
        case "ipv4":
            return f"192.0.2.{number % 256}"
        case _:
            return _fit(_TEXTS[recipe.place].replace("{n}", str(number)), flat)


def _patterned(recipe: Recipe, flat: Node, at: str) -> str:
    counter = count()
    text = text_for(flat["pattern"], lambda below: recipe.choose(f"{at}~{next(counter)}", below))
    if recipe.place == "path" and text in {".", ".."}:  # no segment of a path (RFC 3986, 3.3)
        return _patterned(recipe, flat, f"{at}~")
    return text


def _fit(text: str, flat: Node) -> str:
    least, most = int(flat.get("minLength", 0)), int(flat.get("maxLength", 10**6))
    cut = text[:most]
    return (cut if cut == cut.strip() else "x" * most) + "x" * (least - len(cut))
