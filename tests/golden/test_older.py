"""A document in OpenAPI 3.0 whose server is for callers to name."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from strict_clients.pipeline import generate


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package of the older document, imported."""
    output = tmp_path_factory.mktemp("older") / "package"
    generate(Path(__file__).parent / "older.yaml", output)
    sys.path.insert(0, str(output / "src"))
    return importlib.import_module("older_api")


def test_plant_of_the_older_document_is_created(older: ModuleType, server: Any) -> None:
    """`nullable` is null, `exclusiveMinimum: true` is a limit, `x-ms-enum` names the enum and its members."""
    with older.OlderClient(token=server.token, endpoint=server.url) as client:
        plant = client.plants.create_plant(
            older.Plant(name="Ferdinand", kind=older.PlantSort.THREE_QUOTES, nickname=None, type_=None, weather="wet")
        )
        with pytest.raises(older.InvalidArgumentError, match="give more than 0"):
            client.plants.create_plant(older.Plant(name="a", kind="fern", nickname=None, height_in_centimetres=0))

    (sent,) = server.requests
    assert json.loads(sent.content) == {
        "name": "Ferdinand",
        "kind": '"""',
        "nickname": None,
        "type": None,
        "weather": "wet",
    }
    assert sent.headers["authorization"] == f"Bearer {server.token}"
    assert sent.segments == ("v2", "plants")
    assert plant.kind is older.PlantSort.THREE_QUOTES
    assert plant.label is older.UNSET


def test_orders_of_the_older_document_are_read(older: ModuleType, server: Any) -> None:
    """Null is None in an answer, and a parameter that may be null may be left out."""
    with older.OlderClient(key=server.key, endpoint=server.url, api_version=older.ApiVersion.V2) as client:
        page = client.seed_orders.list_seed_orders(page_size=1)
        with pytest.raises(older.InvalidArgumentError, match="page_size: 0 is out of range"):
            client.seed_orders.list_seed_orders(page_size=0)

    assert page.items[0].deliver_on is None
    assert older.SeedOrder.from_dict({"id": 1, "deliverOn": "2024-02-29"}).deliver_on == date(2024, 2, 29)


def test_server_is_for_the_caller_to_name(older: ModuleType, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a default the endpoint is asked for; the variable of the path is one of its values."""
    with pytest.raises(older.ConfigurationError, match="endpoint: is missing; give endpoint=, or set OLDER_GARDEN"):
        older.OlderClient(key="k")
    with pytest.raises(older.ConfigurationError, match="api_version: is not one of ApiVersion; check the spelling$"):
        older.OlderClient(key="k", endpoint=server.url, api_version="v3")
    monkeypatch.setenv("OLDER_GARDEN", server.url)
    client = older.OlderClient(key="k", api_version="v1")

    assert (client.endpoint, client.path_prefix) == (server.url, "/v1")


def test_older_package_passes_strict_type_checker(older: ModuleType) -> None:
    """As the other one does."""
    source = Path(str(older.__file__)).parents[1]

    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "older_api"],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
