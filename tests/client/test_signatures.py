"""Both clients have the same methods with the same parameters and the same words."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
import pydoc
from typing import Any

import face_audit
import face_audit.models
import pytest
from face_audit import AsyncFaceAuditClient, AsyncPager, FaceAuditClient, FaceAuditError, Pager

from .documented import PACKAGE

RESOURCES = dict(PACKAGE.resources())
PAIRS = [(FaceAuditClient, AsyncFaceAuditClient), (Pager, AsyncPager), *map(PACKAGE.ways, RESOURCES.values())]
RENAMED = {"close": "aclose"}


def methods(owner: type[Any]) -> dict[str, Any]:
    """The public methods of a class."""
    return {name: value for name, value in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")}


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    """Name, kind and default of each parameter."""
    return [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(("blocking", "awaiting"), PAIRS)
def test_sync_and_async_have_the_same_methods_and_parameters(blocking: type[Any], awaiting: type[Any]) -> None:
    """Anyone who knows one client knows the other: they differ by `await` and nothing else."""
    one, other = methods(blocking), methods(awaiting)

    assert {RENAMED.get(name, name) for name in one} == set(other)
    for name, method in one.items():
        assert parameters(method) == parameters(other[RENAMED.get(name, name)])


def test_sync_and_async_clients_are_made_alike() -> None:
    """Their constructors take the same arguments, and all but the key by name."""
    made = parameters(FaceAuditClient)

    assert made == parameters(AsyncFaceAuditClient)
    assert [name for name, kind, _ in made if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD] == ["key"]


@pytest.mark.parametrize("client", [FaceAuditClient, AsyncFaceAuditClient])
def test_help_of_a_client_shows_what_callers_use_and_nothing_else(client: type[Any]) -> None:
    """Its public members are those of the documentation, which has an example and names the package's own errors."""
    shown = pydoc.plain(pydoc.render_doc(client))
    members = {name for name in dir(client) if not name.startswith("_")}

    assert members == {
        *(*RESOURCES, "endpoint", "path_prefix", "http_client", "opens_connections", "with_options"),
        "close" if client is FaceAuditClient else "aclose",
    }
    assert "client.audit_entries.list(" in shown
    assert "SdkError" not in shown


def test_base_of_all_errors_has_its_public_name() -> None:
    """In `help`, in tracebacks and in pickles it is what callers import, and nothing shows the runtime's own name."""
    shown = pydoc.plain(pydoc.render_doc(FaceAuditError))
    copied = pickle.loads(pickle.dumps(FaceAuditError("lost")))

    assert repr(FaceAuditError) == "<class 'face_audit.errors.FaceAuditError'>"
    assert "SdkError" not in shown
    assert (type(copied), str(copied)) == (FaceAuditError, "lost")


@pytest.mark.parametrize("package", [face_audit, face_audit.models])
def test_every_public_name_can_be_imported(package: Any) -> None:
    """What `__all__` lists is there, has a docstring where it is a class, and nothing else is."""
    for name in package.__all__:
        value = getattr(package, name)
        assert not inspect.isclass(value) or value.__doc__

    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.nothing


def test_every_module_has_the_names_that_it_lists() -> None:
    """`from module import *` fails on a name in `__all__` that the module does not have."""
    modules = [
        importlib.import_module(one.name)
        for one in pkgutil.walk_packages(face_audit.__path__, "face_audit.")
        if not one.name.endswith("__main__")
    ]

    listed = [(module, name) for module in modules for name in getattr(module, "__all__", ())]

    assert "Pager" in {name for _, name in listed}
    assert [f"{module.__name__}.{name}" for module, name in listed if not hasattr(module, name)] == []


def test_every_error_has_one_base() -> None:
    """One `except FaceAuditError` catches whatever the package raises on purpose."""
    errors = [getattr(face_audit, name) for name in face_audit.__all__ if name.endswith("Error")]

    assert FaceAuditError in errors
    assert all(issubclass(error, FaceAuditError) for error in errors)
