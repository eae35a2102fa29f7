"""What breaks for callers: their code, type-checked against the old package and against the new one."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import frozen

from strict_clients.bump.surface import Surface

_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.*?)(?:  \[(?P<code>[a-z-]+)\])?$")
_CACHE = Path(".mypy_cache", "bump")
"""Caches for what the packages import; one for each package, because both are checked at the same time."""
_FATAL = 2
"""mypy's exit code if it stopped early."""


class CallersUnchecked(Exception):  # noqa: N818  # an outcome, as GenerationRefused is
    """The type checker stopped, so nothing is known about these callers."""


@frozen(kw_only=True, order=True)
class CallerError:
    """One line of a caller's code that the new package breaks."""

    file: str
    """Below the folder that was given."""
    line: int
    message: str
    code: str


def broken(folder: Path, *, old: Path, new: Path) -> tuple[CallerError, ...]:
    """The errors that the new package causes in the code of the folder.

    `old` and `new` are the folders that hold each package's modules. Errors that were there before do not count.

    Raises:
        CallersUnchecked: the type checker stopped.
    """
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(_errors, (folder, folder), (old, new), (_CACHE / "old", _CACHE / "new"))
    # Counted by line and kind, because the text of an old error may change with the package.
    known = Counter((error.file, error.line, error.code) for error in before)
    found: list[CallerError] = []
    for error in after:
        place = (error.file, error.line, error.code)
        if known[place]:
            known[place] -= 1
        else:
            found.append(error)
    return tuple(sorted(found))


def uses_internals(source: str, package: str, surface: Surface) -> bool:
    """Whether code uses what is not public, and so is not an example of callers' code: an import or an attribute."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr) and ast.unparse(node.value) != "self":
            return True
        if isinstance(node, ast.ImportFrom) and not node.level:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    own = [name for name in names if name == package or name.startswith(f"{package}.")]
    return not all(name in surface or any(public.startswith(f"{name}.") for public in surface) for name in own)


def _errors(folder: Path, package: Path, cache: Path) -> list[CallerError]:
    options = ("--config-file=", "--check-untyped-defs", "--ignore-missing-imports", "--no-error-summary")
    bases = ("--explicit-package-bases", "--namespace-packages", "--cache-dir", str(cache.resolve()))
    ran = subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", "mypy", *options, *bases, "."],
        cwd=folder,
        env=os.environ | {"MYPYPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode >= _FATAL:
        said = (ran.stdout or ran.stderr).strip().splitlines()
        raise CallersUnchecked(f"{folder}: mypy stopped ({said[-1] if said else ran.returncode}); fix that file first")
    matches = filter(None, map(_LINE.fullmatch, ran.stdout.splitlines()))
    return [
        CallerError(file=one["file"], line=int(one["line"]), message=one["message"], code=one["code"] or "")
        for one in matches
        if not one["file"].startswith(("..", "/"))
    ]
