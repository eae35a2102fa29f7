"""What a document says about the distribution itself: licence, authors, addresses, keywords and classifiers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from strict_clients.breaches import GenerationRefused
from strict_clients.pipeline import build

ROOT = Path(__file__).parent.parent.parent
TEXT = 'A licence.\n\n  "Quoted" \\ and indented; {{ not }} a template.\n'
PUBLISHED = {
    "license-text": TEXT,
    "authors": [{"name": 'Ada "A" Example', "email": "ada@example.com"}, {"name": "Bo \\ é"}],
    "urls": {"Repository": "https://example.com/a", 'The "docs"': "https://example.com/b?c=d#e"},
    "keywords": ["one", "]\nlicense = 'x'"],
    "classifiers": ["Topic :: Security"],
}


def described(folder: Path, **sdk: Any) -> Path:
    """The invented API, with these keys in its `x-sdk`."""
    raw = YAML(typ="safe").load((ROOT / "tests" / "golden" / "golden.yaml").read_text(encoding="utf-8"))
    raw["info"]["x-sdk"].update(sdk)
    path = folder / "document.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(raw, file)
    return path


def test_distribution_says_what_the_document_says(tmp_path: Path) -> None:
    """Whatever the texts contain, they stay texts of the project's settings."""
    files = build(described(tmp_path, **PUBLISHED))

    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert files["LICENSE"] == TEXT
    assert project["authors"] == PUBLISHED["authors"]
    assert project["urls"] == PUBLISHED["urls"]
    assert project["keywords"] == ["one", "] license = 'x'"]
    assert project["classifiers"][0] == "Topic :: Security"
    assert "LICENSE" in files["generation.lock"]


@pytest.mark.parametrize("sdk", [{}, {"authors": [], "urls": {}, "keywords": [], "classifiers": []}])
def test_what_is_not_said_is_left_out(tmp_path: Path, sdk: dict[str, Any]) -> None:
    """A package that nobody publishes has no authors and no addresses, and no file for a licence without a text."""
    files = build(described(tmp_path, **sdk))

    assert {"authors", "urls", "keywords"} & tomllib.loads(files["pyproject.toml"])["project"].keys() == set()
    assert "LICENSE" not in files


@pytest.mark.parametrize(
    ("sdk", "place"),
    [
        ({"urls": {"Repository": "http://example.com"}}, "/info/x-sdk/urls/Repository"),
        ({"authors": [{"email": "ada@example.com"}]}, "/info/x-sdk/authors/0"),
        ({"classifiers": ["Security"]}, "/info/x-sdk/classifiers/0"),
    ],
)
def test_wrong_value_is_refused_at_its_place(tmp_path: Path, sdk: dict[str, Any], place: str) -> None:
    """An address is https, an author has a name, and a classifier is one."""
    with pytest.raises(GenerationRefused, match=f"#{place}"):
        build(described(tmp_path, **sdk))


def test_example_of_the_package_s_page_imports_what_it_uses(tmp_path: Path) -> None:
    """A reader can paste it: it names the client and the enum of a variable that has no default."""
    page = build(ROOT / "openapi" / "face-audit.yaml")["README.md"]
    (code,) = (block.partition("```")[0] for block in page.split("```python\n")[1:])

    assert code.startswith("from face_audit import FaceAuditClient, Region\n\nwith FaceAuditClient(")
    compile(code, "README.md", "exec")


def test_every_distribution_has_the_licence_of_the_repository() -> None:
    """Three distributions, one text."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    for folder in ("generated_client", "generator", "tools"):
        assert (ROOT / folder / "LICENSE").read_text(encoding="utf-8") == text
