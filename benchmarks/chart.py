"""The chart of a run: CPU time of each peer, measure by measure."""

from __future__ import annotations

from xml.etree import ElementTree

import pygal
from pygal.style import CleanStyle

from .measures import PEERS
from .results import ASYNC_LARGE, DECODE, FIRST_PAGE, SYNC_LARGE, SYNC_SMALL, Results, async_small

_MEASURES = (DECODE, SYNC_SMALL, SYNC_LARGE, async_small(16), async_small(64), ASYNC_LARGE, FIRST_PAGE)
_LEAST = 0.005
"""Milliseconds, where the bars begin."""
_NAMES = {
    "ours": "face-audit",
    "structs": "floor: raw socket or aiohttp, msgspec Structs",
    "orjson": "floor: orjson.loads",
    "stock": "openapi-python-client's output",
    "azure": "azure-ai-vision-face",
}


def draw(results: Results) -> str:
    """An SVG without scripts."""
    chart = pygal.HorizontalBar(
        logarithmic=True,
        style=CleanStyle(font_family="sans-serif", label_font_size=12, title_font_size=16, legend_font_size=12),
        title="CPU milliseconds of the client, medians (logarithmic; less is better)",
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        truncate_legend=-1,
        truncate_label=-1,
        zero=_LEAST,
        y_labels=[0.01, 0.1, 1, 10, 100],
        range=(_LEAST, max(_cpu(results, measure, peer) or 0 for measure in _MEASURES for peer in PEERS)),
        width=900,
        height=760,
        js=[],
    )
    chart.uuid = "benchmarks"  # instead of a random one
    upwards = _MEASURES[::-1]
    chart.x_labels = upwards
    for peer in PEERS:
        chart.add(_NAMES[peer], [_cpu(results, measure, peer) for measure in upwards])
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for script in parent.findall("script"):
            parent.remove(script)
    return ElementTree.tostring(tree, encoding="unicode") + "\n"


def _cpu(results: Results, measure: str, peer: str) -> float | None:
    timing = results.timings[measure].get(peer)
    return None if timing is None else round(timing.cpu.middle * 1000, 3)
