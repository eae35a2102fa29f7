"""One spoiled document: generated or refused, and whether anything of it became more than text."""

from __future__ import annotations

import ast
import json
import re
import resource
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from strict_clients import render
from strict_clients.breaches import GenerationRefused
from strict_clients.engine import environment
from strict_clients.examine import examine
from strict_clients.pipeline import generate
from strict_clients.select import Selection
from strict_clients.source import Changes, read

from .places import HOST, PAYLOADS, PLACES, Node, spoiled
from .watch import ROOT, TEMPORARY, watching

BENIGN = ("benign", "Benign", "BenignError", "/benign", "benign/plain", "1.0.0", "BENIGN", "299")
"""What is instead of a payload to see what the package should look like; the first that is let pass."""
LONGEST = 30.0
"""Seconds of a processor for one document, ruff included."""
LARGEST = 1024
"""MB of memory that the generator may have taken when all are done."""


EVERYTHING = Selection()
UNRUNNABLE = "("
"""A pattern that is left to the service, so that its schema has no limit."""


@frozen(kw_only=True)
class Verdict:
    """What came of one document."""

    name: str
    rendered: bool
    faults: tuple[str, ...]
    seconds: float


class Trials:
    """Runs trials in a folder; what is the same for all of them is done once."""

    def __init__(self, folder: Path) -> None:
        """Start the process that imports what is rendered."""
        self._folder = folder
        self._shapes: dict[str, Counter[str]] = {}
        command = [sys.executable, "-B", "-m", "tests.hostile.importer"]
        self._importer = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        whole = folder / "whole"
        (folder / "whole.json").write_text(json.dumps(HOST), encoding="utf-8")
        generate(folder / "whole.json", whole)
        faults = self._visit(whole / "src", "host_api")
        assert faults == [], faults

    def close(self) -> None:
        """End the importing process."""
        assert self._importer.stdin is not None
        self._importer.stdin.close()
        self._importer.wait()

    def run(self, place: str, payload: str, text: str) -> Verdict:
        """Judge the host with one place spoiled."""
        raw = spoiled(place, text)
        return self.judge(f"{place}: {payload}", json.dumps(raw), changes(HOST, raw), place=place)

    def judge(  # what is judged, and how
        self,
        name: str,
        written: str,
        changed: list[str],
        *,
        suffix: str = "json",
        place: str = "",
        overlay: dict[str, Any] | None = None,
        selection: Selection = EVERYTHING,
    ) -> Verdict:
        """Judge a document as it is written; `changed` are the pointers that a refusal may name."""
        folder = self._folder / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        document, output = folder / f"host.{suffix}", folder / "package"
        document.write_text(written, encoding="utf-8")
        changes = Changes(selection=selection)
        if overlay is not None:
            changes = Changes(overlays=[folder / "host.overlay.json"], selection=selection)
            (folder / "host.overlay.json").write_text(json.dumps(overlay), encoding="utf-8")
        began = _seconds()
        refused: GenerationRefused | None = None
        faults: list[str] = []
        with quick(), watching(folder, TEMPORARY) as seen:
            try:
                generate(document, output, changes=changes)
            except GenerationRefused as error:
                refused = error
            except Exception as error:  # noqa: BLE001  # any error is the finding
                faults.append(f"{type(error).__name__}: {error!s:.300}")
        seconds = _seconds() - began
        faults += [*seen, *_strays(folder), *([f"took {seconds:.0f} s"] if seconds > LONGEST else [])]
        if refused is not None:
            faults += _unnamed(refused, changed)
        elif not faults:
            faults += self._look_at(output, document, changes, place)
        return Verdict(name=name, rendered=refused is None, faults=tuple(faults), seconds=seconds)

    def _look_at(self, output: Path, document: Path, changes: Changes, place: str) -> Iterator[str]:
        texts = {path: path.read_text(encoding="utf-8") for path in output.rglob("*") if path.is_file()}
        try:
            found = Counter(shape(text) for path, text in texts.items() if path.suffix == ".py")
        except (SyntaxError, ValueError) as error:
            yield f"does not compile: {error!s:.200}"
            return
        differences: list[int] = []
        for expected in (self._expected(place), *([self._expected(place, UNRUNNABLE)] if "pattern" in place else [])):
            difference = found.copy()
            difference.subtract(expected)
            differences.append(sum(map(abs, difference.values())))
        if place and all(differences):
            yield f"{min(differences)} files have another structure"
        raw = examine(read(document, changes).document).document.raw
        sdk = raw["info"]["x-sdk"]
        project = tomllib.loads(texts[output / "pyproject.toml"])["project"]
        if (project["name"], project["version"]) != (sdk["distribution"], sdk["version"]):
            yield "pyproject.toml says something else"
        (kept,) = [json.loads(text) for path, text in texts.items() if path.name == "document.json"]
        if kept.pop("x-generated") is None or kept != raw:
            yield "the document in the package is another one"
        references = re.findall(r'"\$ref": ("[^"]*")', json.dumps(kept))
        if not all(re.fullmatch(r'"#/components/\w+/[\w.-]+"', reference) for reference in references):
            yield "a reference leads out of the document in the package"
        lock = texts[output / "generation.lock"].splitlines()
        if not all(line.startswith("# ") or line[64:66] == "  " for line in lock):
            yield "the lock has a line that is none"
        yield from self._visit(output / "src", sdk["package"])

    def _expected(self, place: str, *texts: str) -> Counter[str]:
        """The structure of the package with a harmless text at the place, or of the host where none is let pass."""
        key = " ".join((place, *texts))
        if key not in self._shapes:
            for raw in [*(spoiled(place, text) for text in (texts or BENIGN) if place), HOST]:
                folder = self._folder / "benign"
                shutil.rmtree(folder, ignore_errors=True)
                (self._folder / "benign.json").write_text(json.dumps(raw), encoding="utf-8")
                try:
                    with quick():
                        generate(self._folder / "benign.json", folder)
                except GenerationRefused:
                    continue
                written = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
                self._shapes[key] = Counter(map(shape, written))
                break
        return self._shapes[key]

    def _visit(self, source: Path, package: str) -> list[str]:
        assert self._importer.stdin is not None
        assert self._importer.stdout is not None
        self._importer.stdin.write(json.dumps([str(source), package]) + "\n")
        self._importer.stdin.flush()
        faults: list[str] = json.loads(self._importer.stdout.readline())
        return faults


def _seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak() -> int:
    """The most memory that this process has taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def quick() -> Iterator[None]:
    """Without what no document changes: the runtime is left out, and templates are compiled once."""
    kept = render._runtime, render.environment
    render._runtime = lambda *_: {}
    render.environment = _environment
    try:
        yield
    finally:
        render._runtime, render.environment = kept


@cache
def _environment(templates: Path) -> Any:
    return environment(templates)


def changes(before: Any, after: Any, pointer: str = "") -> list[str]:
    """The JSON pointers at which two values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[str] = []
        for key in {**before, **after}:
            below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            same = key in before and key in after
            found += changes(before[key], after[key], below) if same else [below]
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for index, (old, new) in pairs for one in changes(old, new, f"{pointer}/{index}")]
    return [] if before == after else [pointer]


def _unnamed(refused: GenerationRefused, changed: list[str]) -> Iterator[str]:
    """A fault where no reason names a place that was changed, or one does not say what to do."""
    if not any(_are_related(one, breach.pointer) for one in changed for breach in refused.breaches):
        yield f"refused without naming the place: {refused!s:.300}"
    if not all(";" in breach.message for breach in refused.breaches):
        yield f"refused without saying what to do: {refused!s:.300}"


def _are_related(changed: str, named: str) -> bool:
    """Whether one pointer leads to the other; the whole document is not a place, unless all of it was changed."""
    longer, shorter = f"{max(changed, named, key=len)}/", f"{min(changed, named, key=len)}/"
    return changed == "" or (named != "" and longer.startswith(shorter))


def _strays(folder: Path) -> Iterator[str]:
    """Files outside the output."""
    for path in folder.iterdir():
        if path.name != "package" and not path.name.startswith("host."):
            yield f"left {path.name!r} beside the package"
    for path in (Path("/tmp/SPOILED"), Path.cwd() / "SPOILED"):
        if path.exists():
            yield f"wrote {path}"


def shape(text: str) -> str:
    """The structure of Python code: its nodes without names and values; imports in one order."""
    compile(text, "generated", "exec")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for name in ("id", "attr", "arg", "name", "asname", "module"):
            if isinstance(getattr(node, name, None), str):
                setattr(node, name, "n")
        if isinstance(node, ast.Constant) and node.value is not None:
            node.value = "" if isinstance(node.value, str) else 0
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and any(isinstance(one, ast.Import | ast.ImportFrom) for one in body):
            imports = sorted((one for one in body if isinstance(one, ast.Import | ast.ImportFrom)), key=ast.dump)
            node.body = [*imports, *(one for one in body if not isinstance(one, ast.Import | ast.ImportFrom))]  # type: ignore[attr-defined]
    return ast.dump(tree)


def all_trials() -> Iterator[tuple[str, str]]:
    """Every place with every payload, by name."""
    yield from ((place, payload) for place in PLACES for payload in PAYLOADS)


__all__ = ["Node", "Trials", "Verdict", "all_trials", "changes", "shape"]
