"""What a package was made from, each thing by its hash, so that a check says what has moved.

A document keeps a lock where a file of its name with the suffix `.lock` stands beside it. Where the package is rendered
to does not matter, so the lock is the same for every folder.
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
"""What of ours, a file or a folder, stands in the place of a template of the engine, or of a folder of them."""
_TOOLS = (
    *("attrs", "jinja2", "jsonschema", "jsonschema_rs", "openapi-python-client", "openapi-spec-validator"),
    *("packaging", "python-jsonpath", "regex", "ruamel.yaml", "ruff"),
)
"""All that this distribution requires."""
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
_BESIDE = frozenset({"bump", "command", "release", "templates"})
"""Folders that make nothing of a package."""


def lock_of(document: Path) -> Path | None:
    """The lock that the document keeps, if it keeps one."""
    lock = document.with_suffix(".lock")
    return lock if lock.is_file() else None


def refuse_link(lock: Path) -> None:
    """Let a lock pass that is a file of its own, or none yet.

    Raises: GenerationFailed where writing it would change what it links to, or wait for a reader.
    """
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        raise GenerationFailed(f"{lock}: is a link or not a regular file; replace it with a file")


def describe(source: Facts, files: Files, *, templates: Path) -> Facts:
    """The source of these files, everything else that they were made from, and they themselves."""
    return source | {
        "tool": {tool: version(tool) for tool in _TOOLS},
        **sources(templates),
        "engine-template": {template: sha256(text) for template, text in vanilla_templates().items()},
        "package": {path: sha256(text) for path, text in sorted(files.items())},
    }


def sources(templates: Path = TEMPLATES) -> Facts:
    """The SHA-256 of all files of the generator, its templates and its runtime, by kind and path."""
    modules = _sums(_HERE, "*.py", "generator")
    return {
        "template": _sums(templates, "*.jinja", "templates"),
        "runtime": _sums(templates / "runtime", "*.py", "templates/runtime"),
        "generator": {name: value for name, value in modules.items() if name.split("/")[1] not in _BESIDE},
    }


def _sums(folder: Path, pattern: str, prefix: str) -> dict[str, str]:
    paths = {f"{prefix}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob(pattern)}
    return {name: sha256(path.read_text(encoding="utf-8")) for name, path in sorted(paths.items())}


def written(facts: Facts) -> str:
    """The text of the lock."""
    return _HEAD + "".join(
        f"\n[{kind}]\n" + "".join(f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in values.items())
        for kind, values in facts.items()
    )


def read(lock: Path) -> Facts:
    """What the package was made from when the lock was written.

    Raises: GenerationFailed where it is not as it was written, as after a merge.
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
    """Which of the things that the package was made from are other ones now, a line each."""
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
    """What of ours stands in the place of a template of the engine."""
    ours = next((ours for theirs, ours in REPLACED.items() if name.startswith(theirs)), ())
    return " and ".join(f"templates/{path}" for path in ours) or "whether ours lack what it does"
