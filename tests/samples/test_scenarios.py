"""Each sample of two documents, run against the emulator: it lists everything, or says why it does not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from strict_clients.examine import examine
from strict_clients.files import put
from strict_clients.model import PackageModel, build_model
from strict_clients.pipeline import generate
from strict_clients.render import MARK
from strict_clients.runtime import TEMPLATES
from strict_clients.samples.facts import Call, calls
from strict_clients.samples.render import render_samples
from strict_clients.source import UNCHANGED, read

from .scenarios import SCENARIOS, Scenario
from .stage import KEY, Stage, respond
from .tools import IN_EVERY_RUN, TOOLS, Command

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = {
    "ours": (ROOT / "openapi" / "face-audit.yaml", "audit_entries_list", "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"),
    "golden": (ROOT / "tests" / "golden" / "golden.yaml", "plants_list_readings", "north/{bed} #1%é?&"),
}
"""Each with the operation that is called, and the collection that is listed."""
LARGEST = {"audit_entries_list": 1000, "plants_list_readings": 50}
DEFAULTS = {"audit_entries_list": 1000, "plants_list_readings": 20}
ALL = os.environ.get("ALL_SAMPLES") == "1"


class Bench:
    """The samples of a document in a folder, each built once."""

    def __init__(self, document: Path, folder: Path, name: str, collection: str) -> None:
        """Generate the package of the document, and read what its samples show."""
        self.name, self.collection = name, collection
        examined = examine(read(document, UNCHANGED).document, package=None, partial=False)
        self.package: PackageModel = build_model(examined)
        self.folder = folder
        self.calls = {str(call.folder): call for call in calls(self.package)}
        self._document = document
        self._commands: dict[tuple[str, str], Command] = {}

    def command(self, name: str, file: str) -> Command:
        """What runs a sample of the operation."""
        if (name, file) not in self._commands:
            target = self.folder / name / file.partition(".")[2] / file.partition(".")[0]
            if file == "sdk.py" and not (self.folder / "package").exists():
                generate(self._document, self.folder / "package")
            put({file: render_samples(self.calls[name], TEMPLATES)[file]}, target)
            self._commands[name, file] = TOOLS[file].make(target)
        return self._commands[name, file]

    def size_of_page(self, file: str) -> int:
        """How many items the first page has: samples ask for the most, the package leaves it to the service."""
        return {"sdk.py": DEFAULTS}.get(file, LARGEST)[self.name]

    def run(self, name: str, file: str, stage: Stage, *arguments: str, key: str = KEY) -> Any:
        """Run a sample against the stage."""
        call: Call = self.calls[name]
        kept = {one: os.environ[one] for one in ("PATH", "HOME") if one in os.environ}
        secrets = {str(header.environment): key for header in call.headers}
        path = str(self.folder / "package" / "src")
        environment = kept | {str(call.endpoint): stage.url, "PYTHONPATH": path, "LANG": "C.UTF-8"} | secrets
        environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"  # without it, ICU has to be installed
        command = [*self.command(name, file), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module", params=DOCUMENTS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The samples of one of the documents."""
    document, name, collection = DOCUMENTS[request.param]
    return Bench(document, tmp_path_factory.mktemp(request.param), name, collection)


@pytest.fixture(params=TOOLS)
def file(request: pytest.FixtureRequest) -> str:
    """The file of a sample whose tools are installed."""
    name: str = request.param
    if not ALL and name not in IN_EVERY_RUN:
        pytest.skip(f"`nox -s samples` runs it, with {', '.join(sorted(set(TOOLS[name].needs.values())))}")
    if TOOLS[name].missing:
        pytest.skip(f"install {', '.join(TOOLS[name].missing)}")
    return name


def ids_in(printed: str) -> list[str]:
    """The ids of the items, each on a line: as JSON, or as the package shows it."""
    lines = printed.splitlines()
    if printed.startswith("{"):
        return [str(json.loads(line)["id"]) for line in lines]
    return [re.findall(r"\bid='([^']*)'", line)[0] for line in lines]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name.replace(" ", "-"))
def test_sample_lists_everything_or_says_why_not(bench: Bench, file: str, scenario: Scenario) -> None:
    """The items are printed in order, each once; an error has status, code and request id, and never the key."""
    if file == "sdk.py" and not scenario.package:
        pytest.skip("the package repeats the request, which its own tests cover")
    if not (ALL or scenario.often or bench.name == "audit_entries_list"):
        pytest.skip("`nox -s samples` runs it for this document too")
    stage = Stage(bench.package.document)
    count = scenario.count if ALL or bench.name == "audit_entries_list" else min(scenario.count, 60)
    stage.emulator.add(bench.collection, count=count)
    scenario.prepare(stage)

    started = time.monotonic()
    with stage.open():
        ran = bench.run(bench.name, file, stage, scenario.argument or bench.collection, key=scenario.key or KEY)

    assert (ran.returncode == 0) == (scenario.said is None), ran.stderr + ran.stdout[:500]
    assert time.monotonic() - started >= scenario.at_least
    ids = [str(number) for number in range(count, 0, -1)]
    printed = ids_in(ran.stdout)
    assert printed == ids[: len(printed)]
    if scenario.said is None:
        assert (len(printed), ran.stderr) == (count, "")
    else:
        assert len(printed) == (bench.size_of_page(file) if scenario.printed is None else scenario.printed)
    _check_error(scenario, stage, ran)


def _check_error(scenario: Scenario, stage: Stage, ran: Any) -> None:
    if scenario.said is not None:
        # The emulator gives each request an id of its number.
        request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"request/{len(stage.emulator.requests)}"))
        assert ran.stderr.strip()
        for text in scenario.said:
            assert (request_id if text == "REQUEST" else text) in ran.stderr
    assert scenario.requests in {None, len(stage.received)}
    assert stage.leaked == []
    assert KEY not in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


ITEMS = [
    {"id": 9, "text": "é \u2028 \U0001f600 \" \\ ' \n", "none": None, "empty": {}, "list": [], "deep": {"a": [1, {}]}},
    {"id": 8, "number": 0.5, "true": True, "time": "2023-10-20T23:09:59.4533078+00:00", "a/b": "</script>"},
]


def test_items_are_printed_as_they_came(bench: Bench, file: str) -> None:
    """No field is left out, and no value is another one."""
    if file == "sdk.py":
        pytest.skip("the package shows what it read, which its own tests cover")
    stage = Stage(bench.package.document)
    stage.scripted = {1: respond(200, ITEMS), 2: respond(200, [])}

    with stage.open():
        ran = bench.run(bench.name, file, stage, bench.collection)

    assert ran.stderr == ""
    assert [json.loads(line) for line in ran.stdout.rstrip("\n").split("\n")] == ITEMS
    assert stage.received[1].url.endswith(f"{bench.calls[bench.name].paging.cursor}=8")


@pytest.mark.parametrize("argument", ["../x", "a/b", "a?b=1#c", "a b+c", "%2e", "é", "'\"$(x)`", "a\\b"])
def test_argument_cannot_change_the_path(bench: Bench, file: str, argument: str) -> None:
    """Whatever a caller gives is one segment of the path."""
    if file == "sdk.py" or not (ALL or bench.name == "audit_entries_list"):
        pytest.skip("the package refuses it, which its own tests cover, and `nox -s samples` runs both documents")
    stage = Stage(bench.package.document)

    with stage.open():
        bench.run(bench.name, file, stage, argument)

    before, after = (part.text for part in bench.calls[bench.name].path if part.text)
    for request in stage.received:
        path = urlsplit(request.url).path
        assert path.startswith(before)
        assert path.endswith(after)
        assert unquote(path.removeprefix(before).removesuffix(after)) == argument
        assert "/" not in path.removeprefix(before).removesuffix(after)
    assert stage.received


def test_list_with_tokens_is_read_to_its_end(bench: Bench, file: str) -> None:
    """A page names the next one, and the last page names none; a token that comes again is refused."""
    if "seed_orders_list" not in bench.calls:
        pytest.skip("the document has no list with tokens")
    orders = [_order(number) for number in range(5)]
    stage = Stage(bench.package.document)
    pages = [{"items": orders[:2], "nextToken": "a&b=c"}, {"items": [], "nextToken": "2"}, {"items": orders[2:]}]
    stage.scripted = dict(enumerate((respond(200, page) for page in pages), start=1))
    again = Stage(bench.package.document)
    again.scripted = {0: respond(200, pages[0])}

    with stage.open(), again.open():
        ran = bench.run("seed_orders_list", file, stage)
        refused = bench.run("seed_orders_list", file, again)

    assert (ran.stderr, len(ran.stdout.splitlines())) == ("", 5)
    queries = [parse_qs(urlsplit(request.url).query).get("pageToken") for request in stage.received]
    assert queries == [None, ["a&b=c"], ["2"]]
    assert (refused.returncode, len(refused.stdout.splitlines())) == (1, 2)
    assert "again" in refused.stderr or file == "sdk.py"


def _order(number: int) -> dict[str, Any]:
    customer = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
    return {"id": number, "customer": customer, "urgency": 1, "deliverOn": None, "lines": []}


def test_call_without_pages_prints_the_answer(bench: Bench, file: str) -> None:
    """One answer, on one line; what is no JSON is an error."""
    if "count_plants" not in bench.calls:
        pytest.skip("the document has no such operation")
    stage, broken = Stage(bench.package.document), Stage(bench.package.document)
    stage.scripted = {0: respond(200, {"fern": 1})}
    broken.scripted = {0: respond(200, "<html>")}

    with stage.open(), broken.open():
        ran = bench.run("count_plants", file, stage)
        failed = bench.run("count_plants", file, broken)

    assert ran.stdout.replace(" ", "").replace("'", '"') == '{"fern":1}\n'
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr


def test_every_line_is_short_and_every_sample_is_marked(bench: Bench) -> None:
    """A sample of ours fits into 100 columns, and says that it is generated."""
    for file, text in render_samples(bench.calls[bench.name], TEMPLATES).items():
        assert MARK in text.splitlines()[0] + text.splitlines()[1], file
        assert max(map(len, text.splitlines())) < 100, (file, max(text.splitlines(), key=len))
