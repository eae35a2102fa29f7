"""The pages of the site: those of the repository, with links that lead from page to page."""

from __future__ import annotations

import posixpath
import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OUTSIDE: Mapping[str, str] = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "changes/README.md": "fragments.md",
    "tools/README.md": "evidence-format.md",
    "docs/README.md": "index.md",
    "docs/api/README.md": "api.md",
}
"""Pages that are elsewhere in the repository, or have another name there, by their paths."""
_SAMPLES = "docs/api"
"""The files beside the page of the API, which the site serves as they are."""
_PIECES = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| \[[^\]]*\]\(([^)]+)\.md\) ", re.MULTILINE)


def copy_pages(root: Path, target: Path, *, repository: str | None) -> None:
    """Write every page of `docs/` and of `OUTSIDE` into `target`, with the pictures of `docs/`.

    A link whose text is the name of a page shows the title of that page. A link to a file that is not a page leads to
    `repository`, the address of the source code; without an address, only its text remains.
    """
    names = {f"docs/{path.name}": path.name for path in (root / "docs").glob("*.md")} | dict(OUTSIDE)
    for source, name in names.items():
        text = (root / source).read_text(encoding="utf-8")
        written = "".join(
            piece if piece.startswith("```") else _link(piece, source, names, root, repository)
            for piece in _PIECES.split(text)
        )
        (target / name).write_text(written, encoding="utf-8")
    for pattern in ("*.svg", "*.png"):
        for picture in (root / "docs").glob(pattern):
            shutil.copy(picture, target)


def _link(text: str, source: str, names: Mapping[str, str], root: Path, repository: str | None) -> str:
    def replace(found: re.Match[str]) -> str:
        picture, shown, written, anchor = found.groups(default="")
        if not written:
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), written))
        if path in names:
            # Without a text, a link shows the title of its page.
            return f"[{'' if shown == written else shown}]({names[path]}{anchor})"
        if path.startswith(f"{_SAMPLES}/") and (root / path).is_file():
            return f'<a href="_static/{path.removeprefix(_SAMPLES)[1:]}">{shown}</a>'
        if picture:
            return f"![{shown}]({posixpath.basename(path)})"
        if not (root / path).exists():
            return found[0]  # Sphinx reports it
        return f"[{shown}]({repository}/blob/main/{path}{anchor})" if repository else shown

    return _LINK.sub(replace, text)


def add_contents(index: str) -> str:
    """The index with a table of contents for each of its sections, which has the pages of the section's table."""
    first, *rest = _SECTION.split(index)
    return first + "".join(_with_contents(title, body) for title, body in zip(rest[::2], rest[1::2], strict=True))


def _with_contents(title: str, body: str) -> str:
    pages = "\n".join(_pages(body))
    return f"## {title}{body}\n```{{toctree}}\n:hidden:\n:maxdepth: 1\n:caption: {title}\n\n{pages}\n```\n\n"


def _pages(body: str) -> Iterator[str]:
    for found in _ROW.finditer(body):
        yield found[1]
