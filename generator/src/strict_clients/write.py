"""Writes a rendered package into its folder, completely or not at all, and compares a folder with a package."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from strict_clients.files import Files, put
from strict_clients.model import PackageModel
from strict_clients.render import MARK, RUFF_VERSION, GenerationFailed

SUMS = "generation.lock"
"""The file that names the sources and the SHA-256 of every other file; `sha256sum --check` reads it."""

_ROOT = re.compile(r"src/[^/]+/__init__\.py")


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def add_sums(files: Files, package: PackageModel) -> Files:
    """The files with their sums."""
    facts = {
        "api version": ascii(package.api_version.get_untrusted_value()),
        "document (SHA-256 of its canonical JSON)": package.document_digest,
        "engine": f"openapi-python-client {package.engine_version}",
        "generator": package.generator_version,
        "layout": f"ruff {RUFF_VERSION}",
    }
    head = [f"# {MARK}", *(f"# {name}: {value}" for name, value in facts.items())]
    sums = [f"{sha256(text)}  {path}" for path, text in sorted(files.items())]
    return files | {SUMS: "\n".join([*head, *sums]) + "\n"}


def replace(target: Path, files: Files, *, is_ours: Callable[[Path, Files], bool] | None = None) -> None:
    """Make `target` contain exactly these files; a failure leaves it as it was.

    `is_ours` says whether a folder may be replaced: without it, only that of an older package of the same name.

    Raises:
        GenerationFailed: `target` contains something else.
    """
    is_ours = is_ours or _may_be_replaced
    if target.is_symlink() or (target.exists() and not (target.is_dir() and is_ours(target, files))):
        raise GenerationFailed(f"{target}: is not the folder of a generated package; name another, or empty it")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as name:
        fresh, old = Path(name, "new"), Path(name, "old")
        put(files, fresh)
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:  # pragma: no cover  # two renames in one folder: only another process can come between
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _may_be_replaced(target: Path, files: Files) -> bool:
    """Whether the folder is empty, or its sums are those of a package with the import name of this one."""
    if not any(target.iterdir()):
        return True
    sums = target / SUMS
    text = sums.read_text(encoding="utf-8", errors="replace") if sums.is_file() and not sums.is_symlink() else ""
    root = next(path for path in files if _ROOT.fullmatch(path))
    return f"# {MARK}" in text.splitlines() and root in sums_in(text)


def compare(target: Path, files: Files, recorded: Mapping[str, str]) -> list[str]:
    """The differences between the folder and these files, one line each; byte-code caches do not count.

    `recorded` has the hashes of the files when they were written, as far as known.
    """
    present = {
        path.relative_to(target).as_posix()
        for path in target.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    differences = [f"{target / path}: is missing; regenerate it" for path in sorted(files.keys() - present)]
    differences += [f"{target / path}: was not generated; remove it" for path in sorted(present - files.keys())]
    for path in sorted(present & files.keys()):
        content = (target / path).read_bytes()
        if content != files[path].encode():
            differences.append(f"{target / path}: {_difference(content, recorded.get(path))}")
    return differences


def _difference(content: bytes, recorded: str | None) -> str:
    if recorded is None:
        return "differs from its source; make the change there, and regenerate it"
    if recorded == hashlib.sha256(content).hexdigest():
        return "is out of date; regenerate it"
    return "was edited by hand; make the change at its source, and regenerate it"


def sums_in(text: str) -> dict[str, str]:
    """The sum of each file by its path, from the text of a file of sums."""
    return {line[66:]: line[:64] for line in text.splitlines() if not line.startswith("#")}
