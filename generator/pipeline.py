"""The whole way from a document to a package: load, upgrade, check, model, render, write."""

from pathlib import Path

from generator.check import check
from generator.load import load
from generator.model import build_model
from generator.render import Files, render
from generator.upgrade import upgrade
from generator.write import add_lock, compare, replace

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def generate(document: Path, output: Path, *, templates: Path = TEMPLATES) -> None:
    """Build the package of `document` from scratch and put it in place of `output`.

    The old package is touched last, so a failure leaves it as it was.

    Raises:
        GenerationRefused: the document is wrong, or uses what is not supported.
        GenerationFailed: a template is wrong, or `output` is not a generated package.
    """
    replace(output, build(document, templates=templates))


def build(path: Path, *, templates: Path = TEMPLATES) -> Files:
    """All files of the package of a document, in memory."""
    document = upgrade(load(path))
    check(document)
    package = build_model(document)
    return add_lock(render(package, templates=templates), package)


def find_drift(document: Path, output: Path) -> list[str]:
    """What differs between `output` and what would be generated now, a line each."""
    return compare(output, build(document))
