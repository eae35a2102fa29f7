"""Whether two documents make the same package: then no caller's code can break, whatever else differs."""

from collections.abc import Mapping

from strict_clients.files import Files
from strict_clients.load import Document

_PROVENANCE = ("generation.lock", ".cdx.json", "/provenance.py", "/testing/document.json")
_VERSIONED = ("README.md", "pyproject.toml", "/__init__.py")
"""Files that contain the versions of the API and of the package."""


def same_package(old: Files, new: Files, before: Document, after: Document) -> bool:
    """Whether the packages of both documents differ only in provenance and in the document that they contain."""
    sides = [{path: text for path, text in files.items() if not path.endswith(_PROVENANCE)} for files in (old, new)]
    versions = dict(zip(_versions(before), _versions(after), strict=True))
    return {path: _renewed(path, text, versions) for path, text in sides[0].items()} == sides[1]


def _versions(document: Document) -> tuple[str, str]:
    info = document.raw["info"]
    return str(info["version"]), str(info["x-sdk"]["version"])


def _renewed(path: str, text: str, versions: Mapping[str, str]) -> str:
    """The text with the new versions; if an old version also has another meaning, the texts then differ."""
    for was, now in versions.items() if path.endswith(_VERSIONED) else ():
        text = text.replace(was, now)
    return text
