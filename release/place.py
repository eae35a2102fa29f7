"""Where the things of a checkout stand."""

from pathlib import Path

from attrs import frozen

from bump import released


@frozen
class Checkout:
    """A working tree of this repository."""

    root: Path

    @property
    def document(self) -> Path:
        """The document, which also says the version of the package."""
        return self.root / released.DOCUMENT

    @property
    def lock(self) -> Path:
        """The lock of the document."""
        return self.document.with_suffix(".lock")

    @property
    def package(self) -> Path:
        """The generated package."""
        return self.root / released.PACKAGE

    @property
    def surface(self) -> Path:
        """The list of the package's public names."""
        return self.root / "bump" / "surface.txt"

    @property
    def changes(self) -> Path:
        """The folder of what is not released yet."""
        return self.root / "changes"

    @property
    def releases(self) -> Path:
        """The folder of the archive of the last release."""
        return self.root / released.FOLDER

    @property
    def constraints(self) -> Path:
        """The pins of what is installed beside the package to try it."""
        return self.root / "constraints.txt"

    @property
    def distributions(self) -> Path:
        """The folder that a release leaves its wheel and its sdist in."""
        return self.root / "dist"
