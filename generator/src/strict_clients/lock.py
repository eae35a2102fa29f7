"""The sources of a package with their hashes, so that a check can report what has changed.

A document has a lock if a file with its name and the suffix `.lock` is next to it. The lock does not depend on the
folder of the package.
"""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

from strict_clients.engine import vanilla_templates
from strict_clients.files import Files
from strict_clients.render import MARK, GenerationFailed
from strict_clients.runtime import TEMPLATES
from strict_clients.source import Facts
from strict_clients.write import sha256

REPLACED = {
    "README.md.jinja": ("README.md.jinja",),
    "api_init.py.jinja": ("src/package/resources/__init__.py.jinja",),
    "client.py.jinja": ("src/package/client/",),
    "endpoint_init.py.jinja": ("src/package/resources/resource/__init__.py.jinja",),
    "endpoint_macros.py.jinja": ("src/package/resources/resource/",),
    "endpoint_module.py.jinja": ("src/package/resources/resource/",),
    "errors.py.jinja": ("src/package/errors.py.jinja",),
    "int_enum.py.jinja": ("src/package/enum.py.jinja",),
    "model.py.jinja": ("src/package/models/model.py.jinja", "runtime/values/models.py"),
    "models_init.py.jinja": ("src/package/models/__init__.py.jinja", "src/package/lazy.jinja"),
    "package_init.py.jinja": ("src/package/__init__.py.jinja", "src/package/lazy.jinja"),
    "property_templates/": ("runtime/values/scalars.py",),
    "pyproject.toml.jinja": ("pyproject.toml.jinja",),
    "str_enum.py.jinja": ("src/package/enum.py.jinja",),
    "types.py.jinja": ("runtime/values/scalars.py",),
}
"""Our file or folder that replaces a template of the engine, or a folder of them."""
_TOOLS = (
    *("attrs", "jinja2", "jsonschema", "jsonschema_rs", "openapi-python-client", "openapi-spec-validator"),
    *("packaging", "python-jsonpath", "regex", "ruamel.yaml", "ruff"),
)
"""The requirements of this distribution."""
_HEAD = f"""# {MARK}
# What the package was made from, and its files; SHA-256, but for the versions of the tools.
"""
_SOURCES = {
    "document": "the document",
    "overlay": "the overlay",
    "selection": "this pattern of the selection",
    "left-out": "this operation that is left out",
    "template": "the template",
    "runtime": "the module of the runtime",
    "generator": "the module of the generator",
}
_HERE = Path(__file__).resolve().parent
_BESIDE = frozenset({"bump", "command", "release", "samples", "templates"})
"""Folders that do not affect a package."""


def lock_of(document: Path) -> Path | None:
    """The lock of the document, if it has one."""
    lock = document.with_suffix(".lock")
    return lock if lock.is_file() else None


def refuse_link(lock: Path) -> None:
    """Accept a lock that is a regular file or does not exist yet.

    Raises: GenerationFailed if writing it would change the target of a link, or wait for a reader.
    """
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        raise GenerationFailed(f"{lock}: is a link or not a regular file; replace it with a file")


def describe(source: Facts, files: Files, *, templates: Path) -> Facts:
    """The hashes of the source of these files, of everything else that they were made from, and of the files."""
    return source | {
        "tool": {tool: version(tool) for tool in _TOOLS},
        **sources(templates),
        "engine-template": {template: sha256(text) for template, text in vanilla_templates().items()},
        "package": {path: sha256(text) for path, text in sorted(files.items())},
    }


def sources(templates: Path = TEMPLATES) -> Facts:
    """The SHA-256 of all files of the generator, its templates and its runtime, by kind and path."""
    return {
        "template": _sums(templates, "*.jinja", "templates"),
        "runtime": _sums(templates / "runtime", "*.py", "templates/runtime"),
        "generator": _sums(_HERE, "*.py", "generator"),
    }


def _sums(folder: Path, pattern: str, prefix: str) -> dict[str, str]:
    found = ((path.relative_to(folder), path) for path in folder.rglob(pattern))
    paths = {f"{prefix}/{inner.as_posix()}": path for inner, path in found if inner.parts[0] not in _BESIDE}
    return {name: sha256(path.read_text(encoding="utf-8")) for name, path in sorted(paths.items())}


def written(facts: Facts) -> str:
    """The text of the lock."""
    return _HEAD + "".join(
        f"\n[{kind}]\n" + "".join(f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in values.items())
        for kind, values in facts.items()
    )


def read(lock: Path) -> Facts:
    """What the package was made from when the lock was written.

    Raises: GenerationFailed if it was changed after it was written, such as by a merge.
    """
    text = lock.read_text(encoding="utf-8")
    try:
        facts: Facts = tomllib.loads(text)
        if written(facts) == text:
            return facts
    except (ValueError, AttributeError):
        pass
    raise GenerationFailed(f"{lock}: is empty, or was edited by hand or by a merge; regenerate the package")


def moves(then: Facts, now: Facts) -> list[str]:
    """The sources of the package that have changed, one line each."""
    return [
        _move(kind, name, then.get(kind, {}).get(name), now.get(kind, {}).get(name))
        for kind in dict.fromkeys([*now, *then])
        for name in sorted(then.get(kind, {}).keys() | now.get(kind, {}).keys())
        if kind != "package" and then.get(kind, {}).get(name) != now.get(kind, {}).get(name)
    ]


def _move(kind: str, name: str, was: str | None, is_: str | None) -> str:
    how = "is new" if was is None else "is gone" if is_ is None else "has changed"
    if kind == "tool":
        return f"{name}: the package was made by version {was}, this is {is_}; regenerate it and read what changes"
    if kind == "engine-template":
        return f"{name}: this template of the engine {how}; look again at {replacement(name)}"
    return f"{name}: {_SOURCES[kind]} {how} since the package was made; regenerate it"


def replacement(name: str) -> str:
    """Our templates that replace a template of the engine."""
    ours = next((ours for theirs, ours in REPLACED.items() if name.startswith(theirs)), ())
    return " and ".join(f"templates/{path}" for path in ours) or "whether ours lack what it does"
