"""Draws the charts: SVG without scripts, styles or anything from elsewhere; the page's own style colours them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from xml.etree import ElementTree

from attrs import frozen

from ..optional import load

_WIDTH, _BAR, _HEIGHT = 360, 23, 230
"""Units of the drawing: at 360 CSS pixels a text of 12 units is 11 pixels high, in wide windows more."""
_TEXT = 12
_TICKS = 4
_KEPT = {"g", "path", "rect", "text", "title"}


@frozen(kw_only=True)
class Series:
    """One value for each label."""

    name: str
    values: Sequence[int]
    colour: str = "one"
    """The class that the page's style colours."""


@frozen(kw_only=True)
class Chart:
    """Numbers to be drawn, and to be told beside the drawing."""

    key: str
    """Its id in the page."""
    title: str
    of: str
    """What the labels are, as the head of a column."""
    summary: str
    """What there is to see, in a sentence."""
    labels: Sequence[str]
    series: Sequence[Series]

    @property
    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """The numbers, label by label."""
        return list(zip(self.labels, zip(*(one.values for one in self.series), strict=True), strict=True))


def draw_bars(chart: Chart) -> str:
    """Lying bars of one series, the first label above."""
    pygal: Any = load("pygal", extra="report")
    upwards, values = list(chart.labels)[::-1], list(chart.series[0].values)[::-1]
    drawing = pygal.HorizontalBar(
        **_settings(max(values), height=_BAR * len(values) + 24),
        print_values=True,
        print_values_position="top",
        show_y_labels=True,
        show_x_labels=False,
        show_y_guides=False,
        show_x_guides=False,
        margin_right=44,
    )
    drawing.x_labels = upwards
    drawing.add(chart.series[0].name, values)
    return _finish(drawing, chart)


def draw_columns(chart: Chart) -> str:
    """Standing bars, the series one on top of the other."""
    pygal: Any = load("pygal", extra="report")
    highest = max(sum(values) for _, values in chart.rows)
    drawing = pygal.StackedBar(
        **_settings(highest, height=_HEIGHT),
        x_labels_major=[chart.labels[0], chart.labels[len(chart.labels) // 2]],
        show_minor_x_labels=False,
    )
    drawing.x_labels = chart.labels
    for one in chart.series:
        drawing.add(one.name, one.values)
    return _finish(drawing, chart)


def _settings(highest: int, *, height: int) -> dict[str, Any]:
    style: Any = load("pygal.style", extra="report")
    step = _step(highest)
    top = -(-max(highest, 1) // step) * step
    return {
        "css": [],
        "js": [],
        "height": height,
        "margin": 6,
        "range": (0, top),
        "show_legend": False,
        "spacing": 4,
        "style": style.Style(label_font_size=_TEXT, major_label_font_size=_TEXT, value_font_size=_TEXT),
        "truncate_label": -1,
        "value_formatter": "{:,.0f}".format,
        "width": _WIDTH,
        "y_labels": list(range(0, top + 1, step)),
    }


def _step(highest: int) -> int:
    """Between two lines of the scale: 1, 2 or 5, and zeros."""
    step, factors = 1, (2.0, 2.5, 2.0)
    number = 0
    while step * _TICKS < highest:
        step = int(step * factors[number % 3])
        number += 1
    return step


def _finish(drawing: Any, chart: Chart) -> str:
    """The SVG with nothing but its shapes and texts; the meaning of a bar is shown when a pointer rests on it."""
    drawing.uuid = chart.key  # in place of a random one
    tree = cast("ElementTree.Element", drawing.render_tree())
    tree.set("role", "img")
    tree.set("aria-label", f"{chart.title}. {chart.summary}")
    tree.set("focusable", "false")
    for number, one in enumerate(chart.series):
        for drawn in tree.iterfind(f".//g[@class='series serie-{number} color-{number}']"):
            drawn.set("class", one.colour)
            for bar in drawn.iterfind("./g/g"):
                _tell(bar, one.name if len(chart.series) > 1 else "")
    for parent in list(tree.iter()):
        for child in list(parent):
            # Comments have a function in place of a name.
            if child.tag not in _KEPT or "tooltip-overlay" in child.get("class", "") or child.get("width") == "0.0":
                parent.remove(child)
    return ElementTree.tostring(tree, encoding="unicode")


def _tell(bar: ElementTree.Element, series: str) -> None:
    """Put the meaning of a bar where a pointer that rests on it finds it."""
    told = {child.get("class"): child.text for child in bar.findall("desc")}
    rect = cast("ElementTree.Element", bar.find("rect"))
    text = f"{told['x_label']}: {told['value']} {series}".rstrip()
    ElementTree.SubElement(rect, "title").text = text
