"""What a package is made from: a document, overlays over it, and the part of it that is wanted."""

import os
from pathlib import Path

from attrs import field, frozen

from strict_clients.load import Document, load
from strict_clients.overlay import overlaid
from strict_clients.select import Selection, selected

Facts = dict[str, dict[str, str]]
"""The sum or the version of each thing, by its kind and its name."""


@frozen
class Changes:
    """What is changed in a document before a package is made from it: overlays in turn, then a selection."""

    overlays: tuple[Path, ...] = field(default=(), converter=tuple[Path, ...])
    selection: Selection = field(factory=Selection)
    package: str | None = None
    """What the package is called, in place of what the document says."""
    partial: bool = False
    """Whether operations whose meaning would be lost are left out; else the document is refused."""

    def options(self) -> list[str]:
        """The same as options of the command."""
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
    """A document as it is after the changes, and the facts about all that it was made from."""

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
