"""A plugin of pytest for the tests of the last release: their private names, as today's, and what is known to fail."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

HERE = Path(__file__).parent
EXPECTED = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))["failure"]
NOTE = HERE.parent.parent / "docs" / "migration.md"
RUNTIME, RESOURCE = "face_audit._runtime", "face_audit.resources.audit_entries"
MOVED = {
    "ahead": ("sync.prefetch",),
    "answer": ("responses.pages", "responses.status_errors"),
    "body": ("http.body",),
    "decoding": ("values.strict_json",),
    "emulator.command": ("emulator.server",),
    "endpoint": ("requests.endpoint",),
    "events": ("calls.telemetry",),
    "exchange": ("calls.attempts", "calls.retry", "requests.credentials"),
    "gate": ("calls.retry",),
    "items": ("responses.pages",),
    "listing": ("pagination.position",),
    "many": ("pagination.many",),
    "messages": ("wire",),
    "model": ("values.models",),
    "network": ("http.connections",),
    "policy": ("calls.retry",),
    "proxies": ("http.route",),
    "resolve": ("http.sockets",),
    "rules": ("pagination.position",),
    "schema": ("values.scalars", "values.compounds"),
    "secret": ("requests.credentials",),
    "service": ("calls.settings", "requests.credentials"),
    "stability": ("pagination.stability",),
    "streams": (),
    "tail": ("pagination.pager",),
    "tls": ("http.route",),
    "transport": ("http.client",),
    "waiting": ("http.async_sockets",),
    "waits": ("responses.status_errors",),
    "watch": (),
}
"""Where the names of each module of the last release are now."""
RENAMED = {
    "exchange": "make_attempts",
    "handler_transport": "HandlerTransport",
    "parse_origin": "parse_endpoint",
}

_UNPATCHED: dict[tuple[ModuleType, str], Any] = {}


class Gone:
    """A private name that is no more: files that import it are collected, and tests that use it fail."""

    def __call__(self, *_: object, **__: object) -> Gone:
        """Take anything, since parameters of tests are made while their file is read."""
        return self

    def __getattr__(self, name: str) -> Gone:
        """Have every public name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class Moved(ModuleType):
    """A module of the last release, whose names are those of today's modules, to read and to patch."""

    def _owner(self, name: str) -> Any:
        modules = [import_module(f"{RUNTIME}.{new}") for new in MOVED[self.__name__.removeprefix(f"{RUNTIME}.")]]
        return next((module for module in modules if hasattr(module, name)), None)

    def __getattr__(self, name: str) -> Any:
        """The name of today, or one that is gone."""
        if name.startswith("__"):
            raise AttributeError(name)
        name = RENAMED.get(name, name)
        found = getattr(self._owner(name), name, Gone())
        return _in_lower_case(found) if name in {"HTTPRequest", "HTTPResponse"} else found

    def __setattr__(self, name: str, value: Any) -> None:
        """Patch the name where it is now."""
        owner = None if name.startswith("__") else self._owner(name)
        if owner is None:
            super().__setattr__(name, value)
        else:
            _UNPATCHED.setdefault((owner, name), getattr(owner, name))
            setattr(owner, name, value)

    def __delattr__(self, name: str) -> None:
        """End the patch: pytest deletes what it set on a module that looks its names up."""
        owner = self._owner(name)
        if owner is None:
            super().__delattr__(name)
        else:
            setattr(owner, name, _UNPATCHED.pop((owner, name)))


def _in_lower_case(kind: Callable[..., Any]) -> Callable[..., Any]:
    """The class with headers in any case, which the runtime now expects in lower case."""

    def make(*, headers: Mapping[str, str], **fields: Any) -> Any:
        return kind(headers={name.lower(): value for name, value in headers.items()}, **fields)

    return make


def _evolve(made: Any, **changes: Any) -> Any:
    """A changed copy; the settings and operations of today are named tuples."""
    return made._replace(**changes) if isinstance(made, tuple) else _EVOLVE(made, **changes)  # type: ignore[attr-defined]


_EVOLVE, attrs.evolve = attrs.evolve, _evolve
for moved in MOVED:
    sys.modules[f"{RUNTIME}.{moved}"] = module = Moved(f"{RUNTIME}.{moved}")
    parent, _, last = module.__name__.rpartition(".")
    setattr(import_module(parent), last, module)
for old, new, name in [
    (f"{RUNTIME}.operation", f"{RUNTIME}.responses.status_errors", "ErrorBody"),
    (RESOURCE, f"{RESOURCE}.operations", "AUDIT_ENTRIES_LIST"),
]:
    setattr(import_module(old), name, getattr(import_module(new), name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the failures that are listed, all of them: one that passes is an error."""
    headings = re.findall(r"^## (.*)$", NOTE.read_text(encoding="utf-8"), re.MULTILINE)
    unknown = [failure["heading"] for failure in EXPECTED if failure.get("heading", headings[0]) not in headings]
    if unknown:
        raise pytest.UsageError(f"expected.toml: docs/migration.md has no headings {unknown}")
    reasons = {test: failure["reason"] for failure in EXPECTED for test in failure["tests"]}
    met = set[str]()
    for item in items:
        whole = item.nodeid.partition("/client/")[2]
        for test in {whole, whole.partition("[")[0]} & reasons.keys():
            met.add(test)
            item.add_marker(pytest.mark.xfail(reason=reasons[test], strict=True))
    files = {item.path.name for item in items}
    missing = [test for test in reasons.keys() - met if test.partition("::")[0] in files]
    if missing:
        raise pytest.UsageError(f"expected.toml: there are no tests {missing}")
