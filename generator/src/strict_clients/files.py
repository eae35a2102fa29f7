"""The files of a package in memory, and writing them into a folder."""

from collections.abc import Mapping
from pathlib import Path

Files = dict[str, str]
"""The text of each file by its path below the output folder, with `/`."""


def put(files: Mapping[str, str], folder: Path) -> None:
    """Write the files below the folder, the same bytes on every system."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
