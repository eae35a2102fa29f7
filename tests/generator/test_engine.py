"""What openapi-python-client parses of our documents, so that another version of it shows what it reads otherwise.

After an upgrade, `python -m tests.generator.test_engine` writes tests/generator/parsed/ again; read what changes in it.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client.parser import openapi

from strict_clients.breaches import GenerationRefused
from strict_clients.engine import GeneratorData, ListProperty, UnionProperty, endpoints, parse, pointer_of
from strict_clients.examine import examine
from strict_clients.load import load
from strict_clients.shown import Shown

ROOT = Path(__file__).parents[2]
PARSED = Path(__file__).parent / "parsed"
DOCUMENTS = {
    # As it was released once: the document of today changes with the API.
    "face-audit": ROOT / "tests" / "bump" / "documents" / "v1.1-preview.1.yaml",
    "golden": ROOT / "tests" / "golden" / "golden.yaml",
    "older": ROOT / "tests" / "golden" / "older.yaml",
}


def described(parsed: Any) -> list[Any]:
    """A property: its name, class, place, whether it is required, and what it holds."""
    inner: list[Any] = []
    if isinstance(parsed, ListProperty):
        inner = [described(parsed.inner_property)]
    elif isinstance(parsed, UnionProperty):
        inner = [described(one) for one in parsed.inner_properties]
    name = str(parsed.class_info.name) if hasattr(parsed, "class_info") else parsed.name.get_untrusted_value()
    return [name, type(parsed).__name__, pointer_of(parsed), parsed.required, *inner]


def dumped(data: GeneratorData) -> dict[str, Any]:
    """Everything that the model takes from the engine."""
    return {
        "models": {
            str(one.class_info.name): [
                str(one.class_info.module_name),
                pointer_of(one),
                [described(field) for field in [*(one.required_properties or ()), *(one.optional_properties or ())]],
                described(one.additional_properties) if one.additional_properties else None,
            ]
            for one in data.models
        },
        "enums": {
            str(one.class_info.name): [str(one.class_info.module_name), pointer_of(one), one.value_type.__name__]
            for one in data.enums
        },
        "operations": {
            pointer_of(one): {
                "parameters": [[str(place.value), described(field)] for place, field in one.iter_all_parameters()],
                "bodies": [[body.content_type.get_untrusted_value(), described(body.prop)] for body in one.bodies],
                "responses": [[answer.status_code.pattern, described(answer.prop)] for answer in one.responses],
            }
            for one in endpoints(data)
        },
    }


def parsed(document: Path) -> dict[str, Any]:
    """What the engine makes of a document."""
    return dumped(examine(load(document)).parsed)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_engine_parses_what_it_parsed_when_this_was_written(name: str) -> None:
    """Neither its Python API nor what it makes of a document is stable."""
    assert parsed(DOCUMENTS[name]) == json.loads((PARSED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shallow_copies_of_operations_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take the place of the engine's deep ones, which make it quadratic."""
    shown = Shown(examine(load(DOCUMENTS[name])).document)
    raw = shown.raw()
    shallow = dumped(parse(deepcopy(raw), shown.media_types))
    monkeypatch.setattr("strict_clients.engine._copy_endpoint", deepcopy)

    assert dumped(parse(raw, shown.media_types)) == shallow
    assert openapi.deepcopy is deepcopy


@pytest.mark.parametrize("kind", ["string", ["string", "integer"]])
def test_two_union_members_that_differ_in_limits_are_both_parsed(kind: Any) -> None:
    """The engine keeps one of the members with equal types."""
    members = [{"type": kind, "maxLength": 2}, {"type": kind, "minLength": 9}]
    document = load(DOCUMENTS["golden"])
    document.raw["components"]["schemas"]["Short"] = {"type": "object", "properties": {"a": {"anyOf": members}}}

    found = examine(document)

    (twins,) = [one for one in found.parsed.models if str(one.class_info.name) == found.shown.twins]
    place = "/components/schemas/Short/properties/a/anyOf/1"
    assert place in [pointer_of(one) for one in twins.optional_properties or ()]


@pytest.mark.parametrize("error", [ValueError, TypeError])
def test_error_of_the_engine_is_a_refusal(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """It raises some of its errors as they are, and gives others back; either way nothing is generated."""

    def fails(*_: object, **__: object) -> None:
        raise error("no such thing")

    monkeypatch.setattr(GeneratorData, "from_dict", fails)

    with pytest.raises(GenerationRefused, match=r"^#: the engine cannot read the document \(no such thing\); change"):
        examine(load(DOCUMENTS["older"]), partial=True)


if __name__ == "__main__":
    for stem, path in DOCUMENTS.items():
        text = json.dumps(parsed(path), indent=1, ensure_ascii=False)
        (PARSED / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
