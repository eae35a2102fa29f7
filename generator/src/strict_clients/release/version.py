"""Writes the next version into the document without changing any other byte."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def write_version(document: Path, version: str) -> None:
    """Replace the version at /info/x-sdk/version."""
    text = document.read_text(encoding="utf-8")
    parser: Any = YAML(typ="safe", pure=True)
    node = parser.compose(text)
    for key in ("info", "x-sdk", "version"):
        node = next(value for name, value in node.value if name.value == key)
    start, end = node.start_mark.index, node.end_mark.index
    written = text[start:end].replace(node.value, version)
    document.write_text(text[:start] + written + text[end:], encoding="utf-8", newline="\n")
