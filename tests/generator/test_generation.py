"""From a document to a package: what stops generation, what stays untouched, and that the bytes are always the same."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import strict_clients
from strict_clients.__main__ import main
from strict_clients.breaches import GenerationRefused
from strict_clients.engine import Identifier, parse
from strict_clients.examine import examine
from strict_clients.load import Document, load
from strict_clients.model import PackageModel, build_model
from strict_clients.model.code import literal
from strict_clients.model.example import example
from strict_clients.pipeline import build, generate
from strict_clients.render import MARK, GenerationFailed, render
from strict_clients.runtime import TEMPLATES

ROOT = Path(__file__).parent.parent.parent
FACE = ROOT / "openapi" / "face-audit.yaml"
GOLDEN = ROOT / "tests" / "golden" / "golden.yaml"
UNSUPPORTED = sorted((ROOT / "tests" / "golden" / "unsupported").glob("*.yaml"))


def run(document: Path, output: Path, *options: str) -> int:
    """Call the command."""
    return main(["generate", "--document", str(document), "--output", str(output), *options])


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden package, which no test changes."""
    output = tmp_path_factory.mktemp("golden") / "package"
    generate(GOLDEN, output)
    return output


@pytest.fixture
def package(generated: Path, tmp_path: Path) -> Path:
    """A golden package of the test's own."""
    return Path(shutil.copytree(generated, tmp_path / "package"))


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Templates of the test's own."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


@pytest.mark.parametrize("document", UNSUPPORTED, ids=lambda path: path.stem)
def test_unsupported_construct_is_refused_by_pointer_and_old_output_stays(
    document: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not supported is named by its JSON pointer, the command exits with 1, and nothing is written."""
    pointer = document.read_text(encoding="utf-8").splitlines()[0].removeprefix("# refused at: ")
    before = contents(package)

    code = run(document, package)

    assert code == 1
    assert any(line.startswith(f"{pointer}: ") for line in capsys.readouterr().err.splitlines())
    assert contents(package) == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.yaml", None, "missing.yaml"),
        ("broken.yaml", "openapi: [", "line"),
        ("list.yaml", "- 1\n", "not a mapping"),
    ],
)
def test_unreadable_document_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str
) -> None:
    """A document that cannot be read is refused with its name and what is wrong."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")

    code = run(tmp_path / name, tmp_path / "output")

    assert code == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


def test_folder_that_is_no_package_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped output folder is not replaced."""
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")

    code = run(GOLDEN, tmp_path)

    assert code == 1
    assert "not the folder of a generated package" in capsys.readouterr().err
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize(
    "sums",
    [
        "",
        "0" * 64 + "  src/golden_api/__init__.py\n",
        f"# {MARK}\n",
        f"# {MARK}\n{0:064}  src/a/__init__.py\n",
    ],
    ids=["empty", "unmarked", "without-files", "of-another-package"],
)
def test_folder_without_sums_of_this_package_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sums: str
) -> None:
    """A file called `generation.lock` does not make a folder ours: it has to list a package of the same name."""
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    (folder / "generation.lock").write_text(sums, encoding="utf-8")
    before = contents(tmp_path)

    code = run(GOLDEN, folder)

    assert code == 1
    assert f"{folder}: is not the folder of a generated package" in capsys.readouterr().err
    assert contents(tmp_path) == before


@pytest.mark.parametrize("linked", ["output", "generation.lock"])
def test_link_in_the_place_of_a_package_is_left_alone(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], linked: str
) -> None:
    """Neither a link to a package nor a folder whose sums are a link is replaced."""
    output = tmp_path / "output"
    if linked == "output":
        output.symlink_to(package)
    else:
        output.mkdir()
        (output / linked).symlink_to(package / linked)
    before = contents(package)

    code = run(GOLDEN, output)

    assert code == 1
    assert f"{output}: is not the folder of a generated package" in capsys.readouterr().err
    assert contents(package) == before
    assert output.is_symlink() == (linked == "output")


def test_lock_that_is_a_link_is_not_written_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written, neither where the link leads nor to the output folder."""
    shutil.copy(GOLDEN, tmp_path)
    target = tmp_path / "precious.txt"
    target.write_text("years of work", encoding="utf-8")
    (tmp_path / "golden.lock").symlink_to(target)

    code = run(tmp_path / "golden.yaml", tmp_path / "output")

    assert code == 1
    assert f"{tmp_path / 'golden.lock'}: is a link or not a regular file" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "years of work"
    assert not (tmp_path / "output").exists()


def test_option_is_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An abbreviation is refused: it would mean another option once a new one begins with the same letters."""
    with pytest.raises(SystemExit):
        main(["generate", "--docum", str(GOLDEN), "--output", str(tmp_path / "output")])

    assert "--docum" in capsys.readouterr().err


def test_empty_and_older_folders_are_replaced(package: Path, tmp_path: Path) -> None:
    """An empty folder is filled; of an older package nothing stays, and no temporary folder is left beside it."""
    (tmp_path / "empty").mkdir()
    (package / "src" / "stale.py").write_text("", encoding="utf-8")
    fresh = contents(package).keys() - {"src/stale.py"}

    codes = [run(GOLDEN, tmp_path / "empty"), run(GOLDEN, package)]

    assert codes == [0, 0]
    assert contents(package).keys() == contents(tmp_path / "empty").keys() == fresh
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "package"}


def test_check_finds_each_difference(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One changed byte, a missing file and an added file are each named; byte-code caches do not count."""
    assert main(["check", "--document", str(GOLDEN), "--output", str(package)]) == 0
    changed, missing, added = package / "README.md", package / "pyproject.toml", package / "src" / "new.py"
    changed.write_bytes(changed.read_bytes() + b"\n")
    missing.unlink()
    added.write_text("", encoding="utf-8")
    (package / "src" / "__pycache__").mkdir()
    (package / "src" / "__pycache__" / "new.pyc").write_bytes(b"")

    code = main(["check", "--document", str(GOLDEN), "--output", str(package)])

    assert code == 1
    said = capsys.readouterr().err
    assert f"{changed}: differs from its source; make the change there" in said
    assert f"{missing}: is missing" in said
    assert f"{added}: was not generated" in said
    assert "__pycache__" not in said


@pytest.mark.parametrize("document", [FACE, GOLDEN], ids=lambda path: path.stem)
def test_same_bytes_under_every_hash_seed_and_from_json(document: Path, tmp_path: Path) -> None:
    """Neither the hash seed, nor YAML or JSON, nor what lies in a parent folder changes a byte."""
    as_json = tmp_path / "document.json"
    as_json.write_text(json.dumps(YAML(typ="safe").load(document.read_text(encoding="utf-8"))), encoding="utf-8")
    (tmp_path / "ruff.toml").write_text('line-length = 40\n[format]\nquote-style = "single"\n', encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nindent-width = 2\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("*\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".nox").mkdir()
    as_yaml = shutil.copy(document, tmp_path)
    expected = {path: text.encode() for path, text in build(document).items()}

    for seed, source in (("0", as_yaml), ("1", as_json)):
        output = tmp_path / f"output-{seed}"
        command = [sys.executable, "-m", "strict_clients", "generate"]
        command += ["--document", str(source), "--output", str(output)]
        environment = os.environ | {"PYTHONHASHSEED": seed, "TMPDIR": str(tmp_path / ".nox")}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)

        assert contents(output) == expected


def test_sums_name_their_sources_and_every_file(generated: Path) -> None:
    """A reader can recompute the document's digest and every file's from the file of sums."""
    raw = YAML(typ="safe").load(GOLDEN.read_text(encoding="utf-8"))
    canonical = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()

    lines = (generated / "generation.lock").read_text(encoding="utf-8").splitlines()

    head, sums = [line for line in lines if line[0] == "#"], [line for line in lines if line[0] != "#"]
    assert f"# document (SHA-256 of its canonical JSON): {digest}" in head
    assert "# engine: openapi-python-client 0.29.1" in head
    assert "# generator: 0.1.0" in head
    assert {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in sums} == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in contents(generated).items()
        if path != "generation.lock"
    }
    provenance = (generated / "src" / "golden_api" / "provenance.py").read_text(encoding="utf-8")
    assert digest in provenance


def test_every_file_says_that_it_is_generated(generated: Path) -> None:
    """Anyone who opens a generated file reads in its first lines that it must not be edited."""
    for path, content in contents(generated).items():
        assert "do not edit, regenerate" in "".join(content.decode().splitlines()[:5]), path


@pytest.fixture(scope="module")
def model() -> PackageModel:
    """The golden document, on its way."""
    return build_model(examine(load(GOLDEN)))


def spoil(templates: Path, broken: str) -> None:
    """Put something broken at the end of a template."""
    template = templates / "src" / "package" / "provenance.py.jinja"
    template.write_text(template.read_text(encoding="utf-8") + broken, encoding="utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        "{{ package.title }}",
        "{{ package.title | docstring }}",
        "{{ package.resources[0].operations[0].result_codec }}",
        "{{ package.document }}",
        "{{ package.server.environment and none }}",
        "{{ package.models | list }}",
        "{{ package.version }}",
        "{{ package.resources[0].operations[0].path }}",
        "{{ package.models[0].fields[0].wire }}",
        "{{ package.resources[0].operations[0].errors[0][1][0].summary }}",
        "{{ package.name ~ package.version }}",
        "{{ package.name if not package.name }}",
        "{{ true and package.resources[0].operations[0].deprecated }}",
        "{{ pakage }}",
        "{{ package.nmae }}",
        "{% for model in modles %}{% endfor %}",
        "{{ modles | length }}",
        "{% include 'mssing.jinja' %}",
        "{{ package.name | no_such_filter }}",
        "{% if %}",
    ],
)
def test_broken_template_stops_rendering(templates: Path, model: PackageModel, broken: str) -> None:
    """A forgotten escape, an undefined variable or a misspelled name is refused, and the template is named."""
    spoil(templates, broken)

    with pytest.raises(GenerationFailed, match=r"templates/src/package/provenance\.py\.jinja: .*; fix the template"):
        render(model, templates=templates)


def test_broken_template_stops_generation(templates: Path, tmp_path: Path) -> None:
    """Then nothing is written."""
    spoil(templates, "{{ pakage }}")

    with pytest.raises(GenerationFailed, match="fix the template"):
        generate(GOLDEN, tmp_path / "output", templates=templates)

    assert not (tmp_path / "output").exists()


def test_missing_template_stops_generation(templates: Path, tmp_path: Path) -> None:
    """Without one of our templates nothing is rendered: the engine's own is not taken in its place."""
    (templates / "src" / "package" / "client" / "sync.py.jinja").unlink()

    with pytest.raises(GenerationFailed, match="client"):
        generate(GOLDEN, tmp_path / "output", templates=templates)


@pytest.mark.parametrize("broken", ["x = (", "print(undefined_name)"])
def test_rendered_code_that_is_no_python_stops_generation(templates: Path, tmp_path: Path, broken: str) -> None:
    """What does not compile, or uses a name that nothing defines, is not written."""
    template = templates / "src" / "package" / "provenance.py.jinja"
    template.write_text(template.read_text(encoding="utf-8") + broken, encoding="utf-8")

    with pytest.raises(GenerationFailed, match="ruff check"):
        generate(GOLDEN, tmp_path / "output", templates=templates)


def test_another_version_of_ruff_stops_generation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The layout is that of one version of ruff."""
    monkeypatch.setattr("strict_clients.render.RUFF_VERSION", "0.0.1")

    with pytest.raises(GenerationFailed, match=r"install 0\.0\.1"):
        generate(GOLDEN, tmp_path / "output")


def small(**changes: Any) -> dict[str, Any]:
    """A small document as the engine sees it, without the check before it."""
    operation: dict[str, Any] = {
        "operationId": "Things_get",
        "tags": ["Things"],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Things",
            "version": "1",
            "x-sdk": {
                "distribution": "things",
                "package": "things",
                "client": "ThingsClient",
                "error": "ThingsError",
                "version": "1.0.0",
            },
        },
        "servers": [{"url": "https://things.example"}],
        "paths": {"/thing": {"get": operation | changes}},
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"parameters": [{"name": "since", "in": "header", "schema": {"type": "string", "format": "date-time"}}]},
            "not allowed in header",
        ),
        ({"responses": {"200": {"description": "", "content": {"image/png": {"schema": {}}}}}}, "content_type"),
    ],
)
def test_what_the_engine_skips_or_warns_of_stops_generation(changes: dict[str, Any], said: str) -> None:
    """The engine drops an operation, or a part of one, with a warning; here that is a refusal."""
    with pytest.raises(GenerationRefused, match=said):
        parse(small(**changes))


def test_what_the_engine_would_skip_is_shown_to_it_in_another_way() -> None:
    """The engine takes no times in headers and no pictures as bodies."""
    parameter = {"name": "since", "in": "header", "schema": {"type": "string", "format": "date-time"}}
    raw = small(parameters=[parameter], responses={"200": {"description": "", "content": {"image/png": {}}}})

    (operation,) = build_model(examine(Document(raw=raw, digest=""))).resources[0].operations

    assert operation.keywords[0].type.annotation == "datetime.datetime"
    assert operation.result_annotation.as_unembedded_code() == "bytes"


def test_operation_that_the_engine_does_not_give_back_stops_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation of the document is counted against what the engine parsed."""
    parsed = parse({"openapi": "3.1.0", "info": {"title": "none", "version": "0"}, "paths": {}})
    monkeypatch.setattr("strict_clients.examine.parse", lambda *_: parsed)

    with pytest.raises(GenerationRefused, match="#/paths/~1thing/get: the engine skipped it"):
        examine(Document(raw=small(), digest=""))


@pytest.mark.parametrize("raw", [{"openapi": "3.1.0"}, {"swagger": "2.0"}])
def test_document_that_the_engine_cannot_read_stops_generation(raw: dict[str, Any]) -> None:
    """The engine's own refusal is ours."""
    with pytest.raises(GenerationRefused, match="the engine refuses it"):
        parse(raw)


@pytest.mark.parametrize("values", [["a", "A"], ["a b", "a-b"], ["", "-"], ["VALUE_1", "1"]])
def test_enum_values_that_get_one_name_keep_apart(values: list[str]) -> None:
    """The engine raises where two values of an enum get one name, or silently keeps one of them."""
    raw = small()
    raw["components"] = {"schemas": {"Kind": {"type": "string", "enum": values}}}

    (enum,) = build_model(examine(Document(raw=raw, digest=""))).enums

    assert [member.value for member in enum.members] == values
    assert len({member.name for member in enum.members}) == len(values)


def test_values_that_may_be_null_inside_others_and_a_free_server_variable(tmp_path: Path) -> None:
    """Null inside arrays and maps is None, and a server variable without an enum is any part of a host name."""
    raw = small()
    raw["servers"] = [{"url": "https://{tenant}.example", "variables": {"tenant": {"default": "main"}}}]
    nullable = {"type": ["string", "null"]}
    properties = {
        "words": {"type": "array", "items": nullable},
        "names": {"type": "object", "additionalProperties": nullable},
    }
    raw["components"] = {"schemas": {"Thing": {"type": "object", "properties": properties}}}
    raw["paths"]["/thing"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Thing"
    }
    (tmp_path / "things.json").write_text(json.dumps(raw), encoding="utf-8")
    generate(tmp_path / "things.json", tmp_path / "output")
    code = """
from things import Thing, ThingsClient
thing = Thing.from_dict({"words": ["a", None], "names": {"b": None}})
assert (thing.words, dict(thing.names)) == (("a", None), {"b": None})
assert Thing(words=[None], names={"b": None}).to_dict() == {"words": [None], "names": {"b": None}}
assert ThingsClient().endpoint == "https://main.example"
assert ThingsClient(tenant="other").endpoint == "https://other.example"
"""

    subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(tmp_path / "output" / "src")}, check=True
    )


def test_group_with_the_name_of_a_schema_gets_another_class(tmp_path: Path) -> None:
    """A schema keeps its name; the class of a tag of that name is told from it."""
    raw = small()
    raw["components"] = {"schemas": {"Things": {"type": "object", "properties": {"a": {"type": "string"}}}}}
    (tmp_path / "things.json").write_text(json.dumps(raw), encoding="utf-8")

    files = build(tmp_path / "things.json")

    assert "class ThingsOperations:" in files["src/things/resources/things/sync.py"]
    assert "class Things(Model):" in files["src/things/models/things.py"]


TENANT = [{"url": "https://{tenant}.example", "variables": {"tenant": {"default": "", "x-required": True}}}]
BODY = {"required": True, "content": {"application/json": {"schema": {"type": "integer"}}}}
TWO = [
    {"name": "a", "in": "query", "required": True, "schema": {"type": "string"}},
    {"name": "b", "in": "header", "required": True, "schema": {"type": "integer"}},
]


@pytest.mark.parametrize(
    ("servers", "operation", "lines"),
    [
        (None, {}, ["with ThingsClient() as client:", "    print(client.things.get())"]),
        (TENANT, {}, ['with ThingsClient(tenant="<tenant>") as client:', "    print(client.things.get())"]),
        ([{"url": "/v1"}], {}, ['with ThingsClient(endpoint="https://host") as client:', "    print("]),
        (None, {"parameters": TWO, "requestBody": BODY}, ["with ThingsClient(", '(..., a="<a>", b=...))']),
        (None, {"x-removed": {"last-version": "1"}}, []),
    ],
)
def test_documentation_of_a_client_shows_the_shortest_call(
    servers: Any, operation: dict[str, Any], lines: list[str]
) -> None:
    """What has to be given is in it and nothing else; where no operation is left, there is no example."""
    raw = small()
    raw["servers"] = servers or raw["servers"]
    raw["paths"]["/thing"]["get"] |= operation

    package = build_model(examine(Document(raw=raw, digest="")))

    shown = example(package, asynchronous=False)
    awaited = example(package, asynchronous=True)
    assert len(shown) == len(lines)
    for line, text in zip(shown, lines, strict=True):
        assert text in line.as_unembedded_code()
    assert [
        line.as_unembedded_code().replace("async with Async", "with ").replace("await ", "") for line in awaited
    ] == [line.as_unembedded_code() for line in shown]


def test_document_without_schemas_makes_a_package(tmp_path: Path) -> None:
    """An API of plain values has no models, and a package anyway."""
    (tmp_path / "things.json").write_text(json.dumps(small()), encoding="utf-8")

    files = build(tmp_path / "things.json")

    compile(files["src/things/models/__init__.py"], "models", "exec")
    assert "things.models" not in files["src/things/__init__.py"]
    assert "from .models" not in files["src/things/__init__.py"]


def test_lines_of_a_package_are_no_longer_than_the_width(generated: Path) -> None:
    """Neither a text of the document nor one of a template makes a line that is too long."""
    paths = [path for path in generated.rglob("*.py") if "_runtime" not in path.parts]

    long = [f"{path.name}: {line}" for path in paths for line in path.read_text("utf-8").split("\n") if len(line) > 120]

    assert long == []


def test_each_public_name_is_listed_once(generated: Path) -> None:
    """One list serves `__all__`, loading on first use and type checkers."""
    for module in ("__init__.py", "models/__init__.py", "errors.py"):
        text = (generated / "src" / "golden_api" / module).read_text(encoding="utf-8")
        names = re.findall(r'^ *(?:__all__ \+= \[)?"(\w+)"[,\]]', text, flags=re.MULTILINE)
        assert len(names) > 10
        assert len(set(names)) == len(names)
        assert not re.search(r"import .*\bPlant\b", text)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_each_method_names_its_request(generated: Path, *, asynchronous: bool) -> None:
    """Who reads a resource sees what is sent where."""
    folder = generated / "src" / "golden_api" / "resources" / "plants"

    text = (folder / ("aio.py" if asynchronous else "sync.py")).read_text(encoding="utf-8")

    assert text.count("        GET /beds/{class}/readings\n") == 3
    assert "        DELETE /plants/{id}\n" in text


def test_group_with_the_name_of_a_folder_that_ruff_leaves_out_is_laid_out(tmp_path: Path) -> None:
    """Every file of the output has the layout, below `venv` and `dist` as well."""
    found = []
    for tag in ("venv", "boat"):
        schemas = {"Thing": {"type": "object", "properties": {"a": {"type": "string"}}}}
        raw = small(tags=[tag]) | {"components": {"schemas": schemas}}
        (tmp_path / "things.json").write_text(json.dumps(raw), encoding="utf-8")
        files = build(tmp_path / "things.json")
        found.append([files[f"src/things/resources/{tag}/{name}.py"] for name in ("operations", "sync", "aio")])

    left_out, other = found
    assert [text.replace("venv", "boat").replace("Venv", "Boat") for text in left_out] == other


def test_literal_of_an_unknown_type_is_refused() -> None:
    """Only plain values become literals of the generated code."""
    with pytest.raises(TypeError, match="no literal for object"):
        literal(object())


def test_generator_and_templates_know_no_api() -> None:
    """No word of the one API is in the generator or in the templates."""
    words = re.compile(
        r"(?<!inter)(?<!sur)face|liveness|(?<!no-)audit|azure|cognitive|ocp-apim|spoof|\bsessions?\b", re.IGNORECASE
    )

    modules = Path(strict_clients.__file__).parent
    for folder in (modules, TEMPLATES):
        for path in folder.rglob("*"):
            # The steps of a release are those of this repository.
            if "release" not in path.relative_to(folder).parts and path.suffix in {".py", ".jinja"}:
                found = words.search(path.read_text(encoding="utf-8")) or words.search(path.name)
                assert found is None, f"{path}: {found}"


def test_two_documents_in_one_process_do_not_meet() -> None:
    """One document's package does not depend on what was rendered before it."""
    alone = build(FACE)

    build(GOLDEN)

    assert build(FACE) == alone


@pytest.mark.parametrize("name", ["", "a b", "class", "1a", "a\n", "a.b", "None"])
def test_name_that_is_none_stops_generation(name: str) -> None:
    """What is in code without an escape is a name, whatever made it, and not a keyword."""
    with pytest.raises(GenerationRefused, match="cannot become a name in Python"):
        Identifier(name)


def test_name_has_the_form_that_python_gives_it() -> None:
    """Python takes a ligature for its letters (PEP 3131)."""
    assert Identifier("\ufb01x") == "fix"


@pytest.mark.parametrize("module", ["sync", "aio"])
def test_every_method_of_a_deprecated_operation_warns(tmp_path: Path, module: str) -> None:
    """A pager, a single page and many lists are ways to call the same operation."""
    name = "operationId: Plants_listReadings\n"
    document = tmp_path / "document.yaml"
    document.write_text(GOLDEN.read_text(encoding="utf-8").replace(name, f"{name}      deprecated: true\n"), "utf-8")

    generate(document, tmp_path / "package")

    source = (tmp_path / "package/src/golden_api/resources/plants" / f"{module}.py").read_text(encoding="utf-8")
    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    warning = {one.name for one in functions if "warnings.warn(" in ast.unparse(one)}
    assert warning == {"count_plants", "list_readings", "list_readings_page", "list_readings_many"}
