"""Plays in this process: the planner and both players as they run in processes of their own."""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from strict_clients.bump.play import plan, player
from strict_clients.bump.play.compare import Played, compare
from strict_clients.bump.play.run import Side, extend
from strict_clients.files import put
from strict_clients.pipeline import build

from .changes import HERE

PACKAGE = "played_api"
"""No other test imports a package of this name."""


def read(path: Path = HERE / "documents" / "base.yaml") -> Any:
    """A document, under the name of the package that is played."""
    raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    raw["info"]["x-sdk"]["package"] = PACKAGE
    return raw


def render(raw: Any, folder: Path) -> Side:
    """The package of a document."""
    folder.mkdir()
    (folder / "document.json").write_text(json.dumps(raw), encoding="utf-8")
    put(build(folder / "document.json"), folder / "package")
    return Side(folder / "package" / "src", raw["info"]["x-sdk"]["package"])


def play_here(old: Side, new: Side) -> Played:
    """What a play of two packages finds."""
    made = extend(plan_here(old), plan_here(new))
    return compare(made, *([json.loads(line) for line in play_lines(side, made)] for side in (old, new)))


def plan_here(side: Side) -> Any:
    """The plan of a package."""
    return json.loads(_said(side, plan.main))


def play_lines(side: Side, made: Any) -> list[str]:
    """What a player prints."""
    given, sys.stdin = sys.stdin, io.StringIO(json.dumps(made))
    try:
        return _said(side, player.main).splitlines()
    finally:
        sys.stdin = given


def _said(side: Side, main: Callable[[list[str]], None]) -> str:
    said = io.StringIO()
    with imported(side), redirect_stdout(said):
        main([side.package])
    return said.getvalue()


@contextmanager
def imported(side: Side) -> Iterator[None]:
    """Import from the folder of a package, and forget it afterwards."""
    sys.path.insert(0, str(side.folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(side.folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == side.package]:
            del sys.modules[name]
