"""Hostile documents: in no language does a text of a document become code, and on the page none becomes markup."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Name, String, Token

from strict_clients.breaches import GenerationRefused
from strict_clients.examine import examine
from strict_clients.files import Files, put
from strict_clients.model import PackageModel, build_model
from strict_clients.samples.folder import make_folder
from strict_clients.samples.languages import LANGUAGES
from strict_clients.source import UNCHANGED, read
from tests.hostile.places import GET, HOST, PAYLOADS, PLACES, Node, spoiled
from tests.hostile.trial import BENIGN

from .stage import KEY, Stage, respond
from .tools import IN_EVERY_RUN, TOOLS

ALL = os.environ.get("ALL_SAMPLES") == "1"
TAGS = 48
"""Of the page of the host, in which each tag is the page's own."""
MARKER = "SPOILED"
ATTACKS = {
    "shell": f"$(touch {MARKER})`touch {MARKER}`",
    "shell quotes": f"'; touch {MARKER}; echo '\"; touch {MARKER}; \"",
    "jq": f"\\(1)\") | halt_error | (\"' ; touch {MARKER}; '",
    "python": f"\" + str(open('{MARKER}', 'w')) + \"",
    "javascript": f"`${{require('fs').writeFileSync('{MARKER}', '')}}\"); process.exit(7); //",
    "php": f"?><?php touch('{MARKER}'); ?> {{$x}} ${{x}} '.touch('{MARKER}').'",
    "ruby": f'#{{`touch {MARKER}`}} " + `touch {MARKER}` + "',
    "java": "\\u0022; System.exit(7); //\\u000a System.exit(7); //",
    "html": "</div><script>x()</script><!-- <input",
    "markdown": "{include}`/etc/passwd` ```{include} /etc/passwd\n``` [x](y) ![x](y)",
    "c": '??/" @"; exit(7); // \\',
}
"""Texts that end a string, or that a language evaluates within one."""


def model(raw: Node, folder: Path) -> PackageModel:
    """The package of a document."""
    (folder / "document.json").write_text(json.dumps(raw), encoding="utf-8")
    return build_model(examine(read(folder / "document.json", UNCHANGED).document, package=None, partial=False))


def shape(files: Files) -> dict[str, list[str]]:
    """What each file consists of: its tokens, in which names, strings and comments have no text."""
    found = dict[str, list[str]]()
    for language in LANGUAGES:
        lexer = get_lexer_by_name(language.lexer)
        for path, text in files.items():
            if path.endswith(f"/{language.file}"):
                kinds = [_kind(kind, value) for kind, value in lexer.get_tokens(text) if value.strip()]
                # A string with escapes is several tokens, and a comment is several lines.
                found[path.rpartition("/")[2]] = [
                    kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before or kind == "name"
                ]
    return found


def _kind(kind: Any, value: str) -> str:
    for whole, name in ((Comment, "comment"), (String, "string"), (Name, "name")):
        if kind in whole and kind is not Comment.Preproc:
            return name
    return "error" if kind in Token.Error else value.strip()


class Harmless:
    """The shapes of harmless documents."""

    def __init__(self, folder: Path) -> None:
        """Begin with that of the host."""
        self._folder = folder
        self._host = make_folder(model(HOST, folder))
        self._by_place = dict[str, list[dict[str, list[str]]]]()

    def shapes(self, place: str) -> list[dict[str, list[str]]]:
        """The shape of the host, and that with the first harmless text that the place takes."""
        if place not in self._by_place:
            self._by_place[place] = [shape(self._host)]
            for text in BENIGN:
                with suppress(GenerationRefused):
                    self._by_place[place].append(shape(make_folder(model(spoiled(place, text), self._folder))))
                    break
        return self._by_place[place]


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Harmless:
    """What spoiled documents are compared with."""
    return Harmless(tmp_path_factory.mktemp("harmless"))


def trials() -> list[tuple[str, str]]:
    """Each place with each text; without ALL_SAMPLES, a part of them."""
    every = [(place, name) for place in PLACES for name in {**PAYLOADS, **ATTACKS}]
    return every if ALL else every[::101]


@pytest.mark.parametrize(("place", "name"), trials())
def test_text_of_a_document_adds_no_code(harmless: Harmless, tmp_path: Path, place: str, name: str) -> None:
    """A spoiled document is refused, or its samples consist of what those of a harmless one do."""
    try:
        files = make_folder(model(spoiled(place, {**PAYLOADS, **ATTACKS}[name]), tmp_path))
    except GenerationRefused:
        return

    assert shape(files) in harmless.shapes(place)
    page = re.sub(r"^(```+).*?^\1$|\\<|`[^`\n]+`", "", files["README.md"], flags=re.DOTALL | re.MULTILINE)
    assert page.count("<") == TAGS


def everywhere(text: str) -> Node:
    """The host with the text in each place of its samples that takes it."""
    raw = deepcopy(HOST)
    operation = raw["paths"][GET[1]]["get"]
    operation["summary"] = raw["info"]["title"] = text
    operation["parameters"][1]["name"] = operation["x-pagination"]["cursor"] = f"after{text}"
    operation["parameters"][2]["name"] = operation["x-pagination"]["limit"] = f"top{text}"
    operation["x-pagination"]["cursor-at"] = "/" + text.replace("~", "~0").replace("/", "~1")
    item = raw["components"]["schemas"]["Thing"]
    item["properties"][text] = {"type": "string"}
    raw["x-error-body"] |= {"code": [f"/{text}/x", "/code"], "message": [f"/{text}", "/message"]}
    raw["x-wait-hints"]["phrases"] = [text]
    return raw


@pytest.mark.parametrize("file", TOOLS)
def test_attacks_are_sent_as_texts(tmp_path: Path, file: str) -> None:
    """A sample of a hostile document runs: nothing is executed, and the service gets the texts as they are."""
    if file == "sdk.py" or not (ALL or file in IN_EVERY_RUN) or TOOLS[file].missing:
        pytest.skip("`nox -s samples` runs it, and tests/hostile those of packages")
    text = " ".join(ATTACKS.values())
    package = model(everywhere(text), tmp_path)
    put({file: make_folder(package)[f"things_list/{file}"]}, tmp_path / "sample")
    stage = Stage(package.document)
    refused = respond(429, {text: f"{text} 1 seconds"})
    stage.scripted = {1: refused, 2: respond(200, [{text: "é&1"}]), 3: respond(200, [])}
    command = TOOLS[file].make(tmp_path / "sample")

    with stage.open():
        kept = {"PATH": os.environ["PATH"], "HOST_ENDPOINT": stage.url, "HOST_KEY": KEY, "LANG": "C.UTF-8"}
        environment = kept | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        ran = subprocess.run(
            [*command, "owner"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    assert (ran.returncode, ran.stderr, json.loads(ran.stdout)) == (0, "", {text: "é&1"})
    assert not list(tmp_path.rglob(MARKER))
    assert [dict(_query(request.url)) for request in stage.received] == [
        {f"top{text}": "3"},
        {f"top{text}": "3"},
        {f"top{text}": "3", f"after{text}": "é&1"},
    ]


def _query(url: str) -> Iterator[tuple[str, str]]:
    for pair in urlsplit(url).query.split("&"):
        name, _, value = pair.partition("=")
        yield unquote_plus(name), unquote_plus(value)
