"""The source of a package: a document, its overlays, and the selected part."""

import os
from pathlib import Path

from attrs import field, frozen

from strict_clients.load import Document, load
from strict_clients.overlay import overlaid
from strict_clients.select import Selection, selected

Facts = dict[str, dict[str, str]]
"""The hash or version of each source, by kind and name."""


@frozen
class Changes:
    """The changes to a document before a package is made from it: overlays in order, then a selection."""

    overlays: tuple[Path, ...] = field(default=(), converter=tuple[Path, ...])
    selection: Selection = field(factory=Selection)
    package: str | None = None
    """The name of the package, instead of the document's."""
    partial: bool = False
    """Whether operations whose meaning would be lost are left out; otherwise the document is refused."""

    def options(self) -> list[str]:
        """The changes as options of the command."""
        return [
            *(f"--overlay={path}" for path in self.overlays),
            *(f"--include={pattern}" for pattern in self.selection.include),
            *(f"--exclude={pattern}" for pattern in self.selection.exclude),
            *([f"--package={self.package}"] if self.package else []),
            *(["--partial"] if self.partial else []),
        ]


UNCHANGED = Changes()


@frozen
class Source:
    """A document after the changes, and the facts about its sources."""

    document: Document
    facts: Facts


def read(path: Path, changes: Changes = UNCHANGED) -> Source:
    """Load the document and the overlays, and apply the changes.

    Raises: GenerationRefused with what is wrong with the first of them that is wrong.
    """
    document = load(path)
    facts: Facts = {"document": {path.name: document.digest}}
    for overlay_path in changes.overlays:
        overlay = load(overlay_path)
        document = overlaid(document, overlay, path=overlay_path, over=path)
        name = Path(os.path.relpath(overlay_path, path.parent)).as_posix()
        facts.setdefault("overlay", {})[name] = overlay.digest
    document = selected(document, changes.selection, path=path)
    for kind, patterns in (("include", changes.selection.include), ("exclude", changes.selection.exclude)):
        for pattern in patterns:
            facts.setdefault("selection", {})[pattern] = kind
    return Source(document, facts)
