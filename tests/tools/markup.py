"""Reads a page as a browser does, and looks at it as someone who cannot see it would."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from justhtml import JustHTML

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_COLOUR = re.compile(r"--([a-z-]+): #([0-9a-f]{6});")


class Page:
    """A page that is HTML without an error; raises where it is not."""

    def __init__(self, source: str) -> None:
        """Read it."""
        self.source = source
        self.nodes = list(_walk(JustHTML(source, sanitize=False, strict=True).root))

    def all(self, *names: str, **attributes: str) -> list[Any]:
        """The elements of these names with these attributes, in the order of the page."""
        return [
            one
            for one in self.nodes
            if (not names or one.name in names)
            and all(one.attrs.get(name.replace("_", "-")) == value for name, value in attributes.items())
        ]

    def one(self, *names: str, **attributes: str) -> Any:
        """The only one."""
        (found,) = self.all(*names, **attributes)
        return found

    @property
    def text(self) -> str:
        """What is read out, blanks folded."""
        return text_of(self.one("body"))


def _walk(node: Any) -> Iterator[Any]:
    for child in node.children or ():
        if not str(child.name).startswith(("#", "!")):
            yield child
            yield from _walk(child)


def text_of(node: Any) -> str:
    """The text of an element, blanks folded."""
    return " ".join(node.to_text(separator=" ", strip=False).split())


def faults(page: Page) -> list[str]:
    """What would keep someone from reading the page with a screen reader or with the keyboard alone."""
    return [*_landmarks(page), *_names(page), *_headings(page), *_tables(page), *_references(page), *_keyboard(page)]


def _landmarks(page: Page) -> Iterator[str]:
    if not page.one("html").attrs.get("lang"):
        yield "no language"
    for landmark in ("main", "header", "footer", "nav", "h1"):
        if len(page.all(landmark)) != 1:
            yield f"not one {landmark}"
    places = [one for one in page.all() if one.name in ("nav", "section") or one.attrs.get("role") == "region"]
    named = [one.attrs.get("aria-label") or _told(page, one.attrs.get("aria-labelledby")) for one in places]
    yield from (f"{name!r} twice" for name, times in Counter(named).items() if times > 1)


def _told(page: Page, key: str | None) -> str | None:
    return next((text_of(one) for one in page.nodes if key is not None and one.attrs.get("id") == key), None)


def _names(page: Page) -> Iterator[str]:
    for one in page.all("svg"):
        if one.attrs.get("role") != "img" or not one.attrs.get("aria-label"):
            yield "a drawing without a text"
        if not any(node.name == "table" for node in _walk(_up(one, "figure"))):
            yield f"no table beside {one.attrs['aria-label']}"
    for one in page.all("nav", "section", "figure", "details"):
        named = one.attrs.get("aria-label") or one.attrs.get("aria-labelledby")
        if not named and not any(child.name == "summary" for child in one.children):
            yield f"{one.name} without a name"
    for one in page.all("a", "summary", "th"):
        if not text_of(one):
            yield f"empty {one.name}"


def _headings(page: Page) -> Iterator[str]:
    before = 0
    for one in page.all(*_HEADINGS):
        level = int(one.name[1])
        if level > before + 1:
            yield f"{one.name} {text_of(one)!r} leaves a level out"
        before = level


def _tables(page: Page) -> Iterator[str]:
    for table in page.all("table"):
        inside = list(_walk(table))
        heads = [one for one in inside if one.name == "th" and one.attrs.get("scope") == "col"]
        for row in (one for one in inside if one.name == "tr" and one.parent.name == "tbody"):
            cells = [one for one in row.children if one.name in ("td", "th")]
            if len(cells) != len(heads):
                yield f"{len(cells)} cells below {len(heads)} heads"
            if cells[0].name != "th" or cells[0].attrs.get("scope") != "row":
                yield "a row without a head"
        if any(one.name == "th" and "scope" not in one.attrs for one in inside):
            yield "a head of nothing"


def _references(page: Page) -> Iterator[str]:
    ids = [one.attrs["id"] for one in page.nodes if "id" in one.attrs]
    if len(ids) != len(set(ids)):
        yield "an id twice"
    for one in page.nodes:
        for name in ("aria-labelledby", "aria-describedby"):
            if name in one.attrs and one.attrs[name] not in ids:
                yield f"{name} {one.attrs[name]}"
        if one.name == "a" and one.attrs.get("href", "")[1:] not in ids:
            yield f"a link to {one.attrs.get('href')}"


def _keyboard(page: Page) -> Iterator[str]:
    first = next(one for one in page.nodes if one.name in ("a", "summary", "button") or "tabindex" in one.attrs)
    if first.name != "a" or first.attrs["href"] != "#main":
        yield "the first stop is not the way past the header"
    for one in page.nodes:
        if "tabindex" in one.attrs and one.attrs["tabindex"] not in ("0", "-1"):
            yield "an order of its own"
        if one.attrs.get("tabindex") == "0" and not (one.attrs.get("role") and one.attrs.get("aria-label")):
            yield "a stop without a name"
    for table in page.all("table"):
        if "scroll" not in _up(table, "div").attrs["class"].split() or "tabindex" not in _up(table, "div").attrs:
            yield "a wide table that the keyboard does not scroll"


def _up(node: Any, name: str) -> Any:
    while node.name != name:
        node = node.parent
    return node


def palettes(style: str) -> dict[str, dict[str, str]]:
    """The colours by name, in light and in dark."""
    light, dark = style.split("prefers-color-scheme: dark")
    found = dict(_COLOUR.findall(light))
    return {"light": found, "dark": found | dict(_COLOUR.findall(dark))}


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances (WCAG 2.2, 1.4.3)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
