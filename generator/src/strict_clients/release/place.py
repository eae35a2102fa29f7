"""The paths in a checkout."""

from pathlib import Path

from attrs import frozen

from strict_clients.clients import Client, read_clients


@frozen
class Checkout:
    """A working tree of this repository."""

    root: Path

    @property
    def client(self) -> Client:
        """The package, as the list of clients has it."""
        return next(iter(read_clients(self.root / "openapi" / "clients.toml").values()))

    @property
    def document(self) -> Path:
        """The document, which also says the version of the package."""
        return self.root / "openapi" / "face-audit.yaml"

    @property
    def lock(self) -> Path:
        """The lock of the document."""
        return self.document.with_suffix(".lock")

    @property
    def package(self) -> Path:
        """The generated package."""
        return self.root / "generated_client"

    @property
    def modules(self) -> Path:
        """The folder of the package's modules."""
        return self.package / "src" / "face_audit"

    @property
    def tool(self) -> Path:
        """The evidence tool, a distribution of its own."""
        return self.root / "tools"

    @property
    def tool_version(self) -> Path:
        """The module with the version of the tool."""
        return self.tool / "src" / "face_audit_tools" / "version.py"

    @property
    def generator(self) -> Path:
        """The generator, a distribution of its own with a version of its own."""
        return self.root / "generator"

    @property
    def templates(self) -> Path:
        """What the generator renders; a part of its distribution."""
        return self.root / "templates"

    @property
    def surface(self) -> Path:
        """The list of the package's public names."""
        return self.document.with_suffix(".surface.txt")

    @property
    def changes(self) -> Path:
        """The folder of what is not released yet."""
        return self.root / "changes"

    @property
    def releases(self) -> Path:
        """The folder of the archive of the last release."""
        return self.root / "releases"

    @property
    def constraints(self) -> Path:
        """The pins of what is installed with the package to test it."""
        return self.root / "constraints.txt"

    @property
    def distributions(self) -> Path:
        """The folder that a release leaves its wheel and its sdist in."""
        return self.root / "dist"
