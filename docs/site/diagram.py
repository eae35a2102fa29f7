"""Draws docs/house.svg, which rooms import which: `python -m docs.site.diagram`, which `nox -s regenerate` runs."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from .imports import layers, read_imports, reduce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent.parent
PICTURE = "docs/house.svg"
_WIDTH, _ROW, _TOP = 960, 92, 64
_BOX, _MARGIN = 46, 14
_CHARACTER = 7.3
"""Pixels of a character of the labels, at most."""
_SWEEPS = 4
_COLOURS = {"tools": "#dbe7f6", "generated": "#fdebc8", "runtime": "#dcefdc"}
_LEGEND = (
    ("tools", "a distribution of its own"),
    ("generated", "generated from the document"),
    ("runtime", "copied from templates/runtime"),
)
_STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #1b1b1b } .small { font-size: 11px; fill: #444 } "
    "rect { stroke: #777; rx: 5px } path { fill: none; stroke: #777; marker-end: url(#arrow) }"
)

_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">
<title id="title">Which part of the distributions imports which</title>
<style>{style}</style>
<defs>
<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<polygon points="0,0 8,4 0,8" fill="#777"/>
</marker>
</defs>"""


def main() -> None:
    """Write the picture."""
    (ROOT / PICTURE).write_text(draw(ROOT), encoding="utf-8")


def draw(root: Path) -> str:
    """The rooms in rows, with a line to each room that one imports, unless another line leads there already."""
    imports, others = read_imports(root)
    rows = layers(imports)
    ways = _ways(reduce(imports), rows)
    _sort(rows, ways)
    places = dict(_places(rows, others))
    height = _TOP + len(rows) * _ROW
    body = [*_lines(ways, places), *_boxes(places, others), *_legend()]
    sheet = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff" style="stroke: none"/>'
    return "\n".join([_HEAD.format(width=_WIDTH, height=height, style=_STYLE), sheet, *body, "</svg>\n"])


def _kind(room: str) -> str:
    if room.startswith("_runtime"):
        return "runtime"
    return "tools" if room in {"face_audit_tools", "strict_clients"} else "generated"


def _ways(imports: Mapping[str, set[str]], rows: list[list[str]]) -> list[list[str]]:
    """Each import as the stops on its way; on the rows between, a stop of its own keeps it clear of boxes."""
    row_of = {room: number for number, row in enumerate(rows) for room in row}
    ways = list[list[str]]()
    for room, targets in imports.items():
        for target in sorted(targets):
            between = range(row_of[room] + 1, row_of[target])
            stops = {number: f"{room}>{target}>{number}" for number in between}
            for number, stop in stops.items():
                rows[number].append(stop)
            ways.append([room, *stops.values(), target])
    return ways


def _sort(rows: list[list[str]], ways: list[list[str]]) -> None:
    """Order the stops of each row by the mean place of what they are joined with in the row above, then below."""
    above, below = dict[str, list[str]](), dict[str, list[str]]()
    for way in ways:
        for one, next_one in pairwise(way):
            above.setdefault(next_one, []).append(one)
            below.setdefault(one, []).append(next_one)
    for joined in (above, below) * _SWEEPS:
        place = {stop: (number + 0.5) / len(row) for row in rows for number, stop in enumerate(row)}
        for row in rows if joined is above else reversed(rows):
            near = {stop: [place[one] for one in joined.get(stop, [stop])] for stop in row}
            row.sort(key=lambda stop, near=near: sum(near[stop]) / len(near[stop]))  # type: ignore[misc]
            place |= {stop: (number + 0.5) / len(row) for number, stop in enumerate(row)}


def _places(rows: list[list[str]], others: Mapping[str, set[str]]) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """The middle, the top and the width of each stop; those of a row are spread evenly."""
    for number, row in enumerate(rows):
        widths = [0.0 if ">" in stop else _width(stop, others) for stop in row]
        gap = (_WIDTH - sum(widths)) / (len(row) + 1)
        left = gap
        for stop, width in zip(row, widths, strict=True):
            yield stop, (left + width / 2, _TOP + number * _ROW, width)
            left += width + gap


def _width(room: str, others: Mapping[str, set[str]]) -> float:
    return max(len(_label(room)), 0.84 * len(_needs(room, others))) * _CHARACTER + 2 * _MARGIN


def _label(room: str) -> str:
    return room.removeprefix("_runtime/")


def _needs(room: str, others: Mapping[str, set[str]]) -> str:
    """The packages of others that a room imports; attrs is everywhere, and the generator has a page of its own."""
    return "" if room == "strict_clients" else ", ".join(sorted(others.get(room, set()) - {"attrs"}))


def _boxes(places: Mapping[str, tuple[float, float, float]], others: Mapping[str, set[str]]) -> Iterator[str]:
    for room, (middle, top, width) in places.items():
        if not width:
            continue
        needs = _needs(room, others)
        yield (
            f'<rect x="{middle - width / 2:.0f}" y="{top}" width="{width:.0f}" height="{_BOX}" '
            f'fill="{_COLOURS[_kind(room)]}"/>'
        )
        baseline = top + (20 if needs else 28)
        yield f'<text x="{middle:.0f}" y="{baseline}" text-anchor="middle">{escape(_label(room))}</text>'
        if needs:
            yield f'<text class="small" x="{middle:.0f}" y="{top + 37}" text-anchor="middle">{escape(needs)}</text>'


def _lines(ways: list[list[str]], places: Mapping[str, tuple[float, float, float]]) -> Iterator[str]:
    for way in ways:
        middle, top, _ = places[way[0]]
        drawn = f"M{middle:.0f},{top + _BOX}"
        for stop in way[1:]:
            start, (middle, end, _) = middle, places[stop]
            bend = (_ROW - _BOX) / 2
            drawn += f" C{start:.0f},{end - bend:.0f} {middle:.0f},{end - bend:.0f} {middle:.0f},{end}"
            drawn += f" V{end + _BOX}" if stop != way[-1] else ""
        yield f'<path d="{drawn}"/>'


def _legend() -> Iterator[str]:
    for number, (kind, text) in enumerate(_LEGEND):
        left = 24 + number * 250
        yield f'<rect x="{left}" y="18" width="18" height="18" fill="{_COLOURS[kind]}"/>'
        yield f'<text x="{left + 26}" y="32">{escape(text)}</text>'


if __name__ == "__main__":
    main()
