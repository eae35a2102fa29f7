"""The diagram of the design page: drawn from imports, and current."""

from __future__ import annotations

from graphlib import CycleError
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.site.diagram import PICTURE, ROOT, draw
from docs.site.imports import layers, read_imports, reduce


def write(root: Path, path: str, text: str) -> None:
    """Write a module."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_picture_is_current() -> None:
    """A part that imports another one since then is missing; `nox -s regenerate` draws the picture anew."""
    assert (ROOT / PICTURE).read_text(encoding="utf-8") == draw(ROOT)


def test_picture_names_every_room_and_leads_lines_to_what_it_imports() -> None:
    """It is a picture that browsers can read, with a box for each room."""
    imports, _ = read_imports(ROOT)
    picture = ElementTree.fromstring(draw(ROOT))

    shown = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    lines = len(list(picture.iter("{http://www.w3.org/2000/svg}path")))
    assert {room.removeprefix("_runtime/") for room in imports} <= set(shown)
    assert lines == sum(map(len, reduce(imports).values()))
    assert imports["strict_clients"] == set()


def test_imports_at_run_time_count(tmp_path: Path) -> None:
    """Relative and absolute names count, but not what checkers read, what a function loads, or a version."""
    package = "generated_client/src/face_audit"
    write(tmp_path, f"{package}/__init__.py", "if TYPE_CHECKING:\n    from .client import Client\n")
    write(
        tmp_path,
        f"{package}/client/__init__.py",
        "from .._runtime.sync.pager import Pager\nfrom .. import __version__\n",
    )
    write(
        tmp_path,
        f"{package}/_runtime/sync/pager.py",
        "import json\nimport httpx\nfrom ..wire import Wire\nif TYPE_CHECKING:\n    from ..aio import x\n"
        "def late():\n    from ..later import y\n",
    )
    write(tmp_path, f"{package}/_runtime/wire.py", "")
    write(tmp_path, "tools/src/face_audit_tools/writer/a.py", "from face_audit import Pager\nfrom ..b import c\n")

    rooms, others = read_imports(tmp_path)

    assert rooms == {
        "_runtime/sync": {"_runtime/wire"},
        "_runtime/wire": set(),
        "client": {"_runtime/sync"},
        "face_audit": {"client"},
        "face_audit_tools": {"face_audit"},
    }
    assert others == {"_runtime/sync": {"httpx"}}


def test_rows_lead_from_importers_to_what_is_imported() -> None:
    """A room is below everything that imports it, and a line that another one implies is not drawn."""
    imports = {"a": {"b", "c"}, "b": {"c"}, "c": set[str](), "d": set[str]()}

    assert layers(imports) == [["a", "d"], ["b"], ["c"]]
    assert reduce(imports) == {"a": {"b"}, "b": {"c"}, "c": set(), "d": set()}
    with pytest.raises(CycleError):
        layers(imports | {"c": {"a"}})
