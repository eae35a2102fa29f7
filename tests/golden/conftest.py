"""The golden package, its server, and how a test calls either client."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from strict_clients.pipeline import generate

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("golden_server", HERE / "server.py")
assert spec is not None
assert spec.loader is not None
server_module = importlib.util.module_from_spec(spec)
sys.modules["golden_server"] = server_module
spec.loader.exec_module(server_module)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the golden package's modules."""
    output = tmp_path_factory.mktemp("golden") / "package"
    generate(HERE / "golden.yaml", output)
    return output / "src"


@pytest.fixture(scope="session")
def api(source: Path) -> ModuleType:
    """The golden package, imported."""
    sys.path.insert(0, str(source))
    return importlib.import_module("golden_api")


@pytest.fixture
def server() -> Iterator[Any]:
    """The server of the golden API."""
    with server_module.GoldenServer() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest, api: ModuleType, server: Any) -> Callable[..., Any]:
    """Calls a function with a client of either kind, and gives back what it returns: a value, or a pager's items."""

    async def run_async(use: Callable[[Any], Any], options: dict[str, Any]) -> Any:
        async with api.AsyncGoldenClient(**options) as client:
            result = use(client)
            if hasattr(result, "__aiter__"):
                return [item async for item in result]
            return await result if inspect.isawaitable(result) else result

    def run_either(use: Callable[[Any], Any], **options: Any) -> Any:
        options = {"key": server.key, "endpoint": server.url, "retry": api.RetryPolicy(first_wait=0)} | options
        if request.param == "async":
            return asyncio.run(run_async(use, options))
        with api.GoldenClient(**options) as client:
            result = use(client)
            return list(result) if hasattr(result, "__next__") else result

    return run_either
