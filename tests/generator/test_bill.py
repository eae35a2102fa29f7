"""The bill of materials of a package: valid CycloneDX, and true."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from strict_clients.bill import bill_of_materials
from strict_clients.examine import examine
from strict_clients.load import load
from strict_clients.model import build_model
from strict_clients.pipeline import build

ROOT = Path(__file__).parent.parent.parent
FACE = ROOT / "openapi" / "face-audit.yaml"
GOLDEN = ROOT / "tests" / "golden" / "golden.yaml"


def range_of(component: dict[str, Any]) -> SpecifierSet:
    """What pip would write for the range of a component."""
    text = component["versionRange"].removeprefix("vers:pypi/")
    limits = [] if text == "*" else [limit if limit[0] in "<>!" else f"=={limit}" for limit in text.split("|")]
    return SpecifierSet(",".join(limits))


@pytest.mark.parametrize("document", [FACE, GOLDEN], ids=lambda path: path.stem)
def test_bill_is_valid_and_true(document: Path) -> None:
    """The bill follows its schema, and names what the package needs, in which versions, and what made it."""
    files = build(document)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    facts = load(document)

    text = files[f"{project['name']}.cdx.json"]

    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(text) is None
    bill = json.loads(text)
    described, *needed = bill["components"]
    assert {one["name"]: range_of(one) for one in needed} == {
        one.name: one.specifier for one in map(Requirement, project["dependencies"])
    }
    assert {one["isExternal"] for one in needed} == {True}
    assert described["hashes"] == [{"alg": "SHA-256", "content": facts.digest}]
    assert described["version"] == facts.raw["info"]["version"]
    itself = bill["metadata"]["component"]
    assert (itself["name"], itself["version"]) == (project["name"], project["version"])
    assert bill["dependencies"] == [
        {"ref": itself["bom-ref"], "dependsOn": [one["bom-ref"] for one in bill["components"]]}
    ]
    tools = {tool["name"]: tool["version"] for tool in bill["metadata"]["tools"]["components"]}
    assert tools == {"generator": "0.1.0", "openapi-python-client": "0.29.1", "ruff": "0.17.6"}


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("attrs", "vers:pypi/*"),
        ("attrs<26,>=9.5,!=10", "vers:pypi/>=9.5|!=10|<26"),
        ("attrs==26.1.0", "vers:pypi/26.1.0"),
    ],
)
def test_range_is_written_in_order_of_its_versions(requirement: str, said: str) -> None:
    """The syntax of ranges has its versions in ascending order, and no sign for a single one."""
    package = build_model(examine(load(FACE)))

    bill = json.loads(bill_of_materials(package, mark="", requirements=[requirement], layout="1"))

    assert bill["components"][1]["versionRange"] == said


def test_wrong_bill_is_refused_by_the_validator() -> None:
    """The validation of these tests can fail."""
    bill = json.loads(build(FACE)["face-audit.cdx.json"])
    bill["components"][1]["version"] = "1"

    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(bill)) is not None
