"""The measured pages of `docs/`: which sources each one measured, and which pages are out of date.

`nox -s check` runs `python -m tests.pages`. It needs the standard library alone, and no history of git.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
# As it is generated: a change of the document, the generator or a template counts as soon as it changes the package.
_PACKAGE = "generated_client/src/face_audit"
_DIGITS = 12


@dataclass(frozen=True)
class Page:
    """A page that a session writes."""

    session: str
    """The name of the nox session."""
    sources: tuple[str, ...]
    """Files, and folders with everything in them; together all that the session measures and measures with."""


PAGES: Mapping[str, Page] = {
    "benchmarks.md": Page("bench", (_PACKAGE, "benchmarks", "tests/loopback.py")),
    "documents.md": Page("documents", ("generator", "templates", "tests/documents")),
    "evidence.md": Page(
        "evidence",
        (
            *(_PACKAGE, "tools/src", "tests/evidence"),
            *("tests/loopback.py", "tests/tools/tampering.py", "tests/tools/terminal.py"),
        ),
    ),
    "fault-table.md": Page("faults", (_PACKAGE, "tests/faults")),
    "fuzzing.md": Page("fuzz", (_PACKAGE, "tests/fuzz", "tests/client/reference.py")),
    # Without the runtime, which is left out of what is generated from hostile documents.
    "hostile.md": Page(
        "hostile",
        (
            *("generator", "templates/src", "templates/README.md.jinja", "templates/pyproject.toml.jinja"),
            "tests/hostile",
        ),
    ),
    "mutation.md": Page("mutation", (_PACKAGE, "tests/client", "tests/documents", "tests/mutation")),
    "report.md": Page(
        "report_shots", (_PACKAGE, "tools/src", "tests/shots", "tests/tools/sample.py", "tests/tools/shelf.py")
    ),
    "samples.md": Page(
        "samples",
        (_PACKAGE, "generator", "templates", "tests/samples", "tests/hostile", "openapi/face-audit.yaml"),
    ),
    "soak.md": Page("soak", (_PACKAGE, "tests/soak", "tests/loopback.py")),
}
"""By the name of the file in `docs/`."""


def sums_of(page: str, root: Path = ROOT) -> dict[str, str]:
    """The sum of each source of a page, as the sources are now."""
    return {source: _sum(root / source) for source in PAGES[page].sources}


def write_sums(sums: Mapping[str, str]) -> str:
    """The sums as they are written into a page's table of origin."""
    return ", ".join(f"`{source}` {digits}" for source, digits in sums.items())


def read_sums(text: str) -> dict[str, str]:
    """The sums in the text of a page; none where it was written without them."""
    return dict(re.findall(rf"`([^`]+)` ([0-9a-f]{{{_DIGITS}}})\b", _cell(text, "sources")))


def find_outdated(root: Path = ROOT) -> list[str]:
    """A line for each page whose sources are not those that it measured."""
    sum_once = cache(_sum)
    lines = list[str]()
    for name, page in PAGES.items():
        path = root / "docs" / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        then, now = read_sums(text), {source: sum_once(root / source) for source in page.sources}
        if then != now:
            date = _cell(text, "date") or "no date"
            lines.append(f"docs/{name} ({date}): {_explain(then, now)}; run `nox -s {page.session}`")
    return lines


def _explain(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    if not then:
        return "has no sum of its sources"
    changed = [source for source in {**now, **then} if then.get(source) != now.get(source)]
    return f"has other sources since: {', '.join(changed)}"


def _cell(text: str, head: str) -> str:
    """The cell beside `head` in the table of origin, which is the last one with such a row."""
    found = re.findall(rf"^\| {head} \| (.*) \|$", text, re.MULTILINE)
    return str(found[-1]) if found else ""


def _sum(source: Path) -> str:
    """The start of a SHA-256 over the names and the bytes of a file, or of all files in a folder."""
    total = hashlib.sha256()
    for name, path in sorted(_files(source)):
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()[:_DIGITS]


def _files(source: Path) -> Iterator[tuple[str, Path]]:
    """Each file with its name inside of `source`, without what Python, editors and systems leave there."""
    for path in [source] if source.is_file() else source.rglob("*"):
        inside = path.relative_to(source.parent)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            yield inside.as_posix(), path


def main() -> None:
    """Print the pages that are out of date; they do not make a check fail."""
    lines = find_outdated()
    print(f"{len(lines)} of {len(PAGES)} measured pages are out of date" + (":" if lines else ""), *lines, sep="\n")


if __name__ == "__main__":
    main()
