"""The pages of this repository: each code block runs as readers run it, pasted as a whole, and links have targets."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import face_audit.errors
import pytest
from face_audit.testing import Emulator
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from strict_clients.check.shapes import SHAPES
from strict_clients.source import Changes
from strict_clients.source import read as read_source

from .pages import PAGES

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
NOX = "nox==2026.10.20"
KEY, SESSION = "emulator-key", "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"


def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


WRITTEN = sorted(
    {"README.md", "CONTRIBUTING.md", "changes/README.md", "generated_client/README.md", "tools/README.md"}
    | ({f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - {f"docs/{name}" for name in PAGES})
)
"""Every page that no nox session writes."""
BLOCKS = [(page, language, code) for page in WRITTEN for language, code in BLOCK.findall(read(page))]


def blocks(language: str) -> list[Any]:
    """The blocks in a language, as parameters of a test."""
    found = [(page, code) for page, written, code in BLOCKS if written == language]
    return [pytest.param(code, id=f"{page}-{number}") for number, (page, code) in enumerate(found)]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The settings of a reader: the key and the endpoint of a service with one session."""
    emulator = Emulator(key=KEY)
    emulator.add(SESSION, count=3)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACE_")}
    with emulator.serve() as url:
        yield kept | {"FACE_APIKEY": KEY, "FACE_ENDPOINT": url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def placed(code: str) -> str:
    """A block with what its placeholders mean."""
    return code.replace('"<key>", region=Region.AUSTRALIA_EAST', "").replace("<session_id>", SESSION)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_block_that_is_pasted_runs(code: str, environment: dict[str, str], tmp_path: Path) -> None:
    """A block runs in an interactive interpreter, and as a file; pytest runs the tests in it."""
    code = placed(code)
    if "def test_" in code:
        (tmp_path / "test_block.py").write_text(code, encoding="utf-8")
        command, pasted = [sys.executable, "-m", "pytest", "-p", "pytest_httpx", str(tmp_path)], ""
    else:
        # With `-i`, the standard input is read as a prompt reads it: a blank line ends a compound statement.
        command, pasted = [sys.executable, "-q", "-i", "-W", "error"], f"{code}\nprint('at', 'the', 'end')\n"

    ran = subprocess.run(command, cwd=ROOT, env=environment, input=pasted, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^(Traceback|Exception ignored|\w*Error)\b", ran.stderr, re.MULTILINE) is None, ran.stderr
    assert not pasted or ran.stdout.endswith("at the end\n")


def find_extensions(value: object) -> Iterator[tuple[str, object]]:
    """Each extension in a piece of a document, with its value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key in SHAPES:
            yield str(key), inner
        yield from find_extensions(inner)


def test_yaml_blocks_show_every_extension_in_its_shape() -> None:
    """The generator accepts the value of each extension in the examples."""
    shown = [one for _, language, code in BLOCKS if language == "yaml" for one in find_extensions(YAML().load(code))]

    assert {name for name, _ in shown} == set(SHAPES)
    assert all(f"`{name}`" in read("docs/extensions.md").partition("\n## ")[0] for name in SHAPES)
    for name, value in shown:
        Draft202012Validator(SHAPES[name].schema).validate(value)


def test_blocks_of_overlay_and_clients_work_on_the_vendor_s_document(tmp_path: Path) -> None:
    """The overlay gives the document names and tags; the list is that of the tests."""
    vendor = ROOT / "tests" / "vendor"
    (overlay,) = (code for page, _, code in BLOCKS if page == "docs/openapi.md" and "overlay: 1.0.0" in code)
    (listed,) = (code for _, language, code in BLOCKS if language == "toml")
    (tmp_path / "overlay.yaml").write_text(overlay.replace("extends: parcels", "x-extends: parcels"), encoding="utf-8")

    raw = read_source(vendor / "parcels.yaml", Changes(overlays=[tmp_path / "overlay.yaml"])).document.raw

    assert raw["info"]["x-sdk"]["client"] == "ParcelsClient"
    operations = [one for item in raw["paths"].values() for one in item.values() if "operationId" in one]
    assert [one["operationId"] for one in operations if one["tags"] == ["Parcels"]] == [
        *("Parcels_list", "createParcel", "getParcel")
    ]
    assert (vendor / "clients.toml").read_text(encoding="utf-8").endswith(listed)


def test_block_of_the_lock_finds_no_changed_file() -> None:
    """The command for readers who have the package alone passes on the committed package."""
    (code,) = (code for page, language, code in BLOCKS if (page, language) == ("docs/provenance.md", "sh"))

    ran = subprocess.run(["bash", "--norc"], cwd=ROOT, input=code, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def pasted(page: str, folder: Path) -> str:
    """What the shell blocks of a page print, pasted one after the other."""
    code = "\n".join(code for of, language, code in BLOCKS if (of, language) == (page, "sh"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path}
    command = ["bash", "--norc", "-e"]
    ran = subprocess.run(command, cwd=folder, env=environment, input=code, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_command_of_the_page_on_documents_generates_what_it_can(tmp_path: Path) -> None:
    """The report and the package's README name what is left out."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "build").mkdir()

    printed = pasted("docs/openapi.md", tmp_path)

    left_out = "GET /parcels/{parcelId}/live"
    assert f"left out: {left_out}: #/paths" in printed
    assert left_out in (tmp_path / "build" / "parcels.md").read_text(encoding="utf-8")
    assert "live" in (tmp_path / "build" / "parcels" / "README.md").read_text(encoding="utf-8")


def test_steps_for_the_document_of_a_vendor_give_a_client_that_pages(tmp_path: Path) -> None:
    """As a maintainer pastes them."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "build").mkdir()

    printed = pasted("docs/vendor-documents.md", tmp_path)

    assert "## Left out" in printed
    assert len(re.findall(r"<bound method Parcels\.(list|get|list_page) ", printed)) == 3


def test_page_on_any_document_leads_from_an_empty_folder_to_a_verdict(tmp_path: Path) -> None:
    """In ten lines, without anything of this repository."""
    (code,) = (code for page, language, code in BLOCKS if (page, language) == ("docs/any-document.md", "sh"))
    commands = [line for line in code.splitlines() if line.startswith(("strict-clients", "sed"))]

    printed = pasted("docs/any-document.md", tmp_path)

    assert "\n0.1.0 -> 1.0.0: major\n" in printed
    assert "  major: Boat.length is gone\n" in printed
    assert printed.endswith("exit code 30\n")
    assert len(commands) <= 10


def test_commands_of_nox_name_sessions_and_the_pinned_version() -> None:
    """The README's blocks end in `-s demo` and `-s tests`, which `.ci/run` reads, and every named session exists."""
    found = [code for page, language, code in BLOCKS if (page, language) == ("README.md", "sh") and "nox" in code]

    assert [shlex.split(code)[-2:] for code in found] == [["-s", "demo"], ["-s", "tests"]]
    assert all(NOX in text for text in (*found, read("pyproject.toml"), read("CONTRIBUTING.md"), read(".ci/run")))
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    named = {name for page in WRITTEN for name in re.findall(r"nox -s (\w+)", read(page))}
    assert {name for name in named if not re.search(rf"^[*-] {name}\b", listed, re.MULTILINE)} == set()


def test_every_shell_block_has_its_test() -> None:
    """The shell blocks of other pages would be claims that nobody checks.

    `tests/tools/test_readme.py` pastes those for beginners, `tests/test_bump_walk.py` those of CONTRIBUTING.
    """
    pages = {page for page, language, _ in BLOCKS if language == "sh"}

    assert pages == {
        "README.md",
        "CONTRIBUTING.md",
        "docs/any-document.md",
        "docs/getting-started.md",
        "docs/openapi.md",
        "docs/provenance.md",
        "docs/vendor-documents.md",
    }
    assert {language for _, language, _ in BLOCKS} == {"sh", "python", "yaml", "toml"}


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN)
def test_link_leads_to_a_file_and_a_heading(page: str) -> None:
    """A link within the repository has a target."""
    for target, anchor in LINK.findall(read(page)):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(os.path.relpath(path, ROOT)), f"{target}#{anchor}"


def test_index_names_every_page_of_docs() -> None:
    """Guides and measured pages are all found from the index."""
    named = {target for target, _ in LINK.findall(read("docs/README.md"))}

    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} <= named


def test_errors_guide_has_every_public_error() -> None:
    """Its table says when each one is raised."""
    raised = [name for name in face_audit.errors.__all__ if name.endswith("Error")]
    bases = {"APIStatusError", "FaceAuditError", "TransportError"}

    rows = "".join(line for line in read("docs/errors.md").splitlines() if line.startswith("| `"))
    assert len(raised) > 20
    assert {name for name in raised if f"`{name}`" not in rows} == bases


@pytest.mark.parametrize(("page", "most"), [("README.md", 150), ("CONTRIBUTING.md", 200)])
def test_first_page_is_short(page: str, most: int) -> None:
    """The two first pages keep to their number of lines; the guides have the rest."""
    assert len(read(page).splitlines()) <= most


def test_demo_lists_every_entry_with_both_clients() -> None:
    """The demo pages through its session with both clients and prints a table."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("2500 entries") == 2
    assert "both clients listed the same entries" in ran.stdout
