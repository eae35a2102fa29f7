"""A sample of `nox -s hostile`: spoiled documents are refused by their place, or their texts remain texts."""

from __future__ import annotations

import builtins
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from strict_clients.engine import environment
from strict_clients.render import _FILTERS, _jinja
from strict_clients.runtime import TEMPLATES
from strict_clients.select import Selection

from .extras import SIZES, overlays, references, selections, sized, yaml_texts
from .places import HOST, PAYLOADS, PLACES
from .trial import LARGEST, Trials, all_trials, changes, peak
from .watch import ROOT, watching

LARGE = ("10,000", "1,000", "2,000")
"""Documents that take seconds are left to the full run."""


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    """Where documents are judged."""
    made = Trials(tmp_path_factory.mktemp("hostile"))
    yield made
    made.close()


def test_there_are_places_and_payloads_enough() -> None:
    """More than 44 places with more than 14 texts each."""
    assert len(PLACES) >= 44
    assert len(PAYLOADS) >= 14


@pytest.mark.uncovered
@pytest.mark.parametrize(("place", "payload"), list(all_trials())[::21], ids=lambda part: part.replace(" ", "-"))
def test_spoiled_document_is_refused_or_remains_text(trials: Trials, place: str, payload: str) -> None:
    """No text becomes code, a file name, or a way to the outside, wherever it is placed."""
    assert trials.run(place, payload, PAYLOADS[payload]).faults == ()


@pytest.mark.uncovered
@pytest.mark.parametrize(
    ("name", "written", "changed"), [pytest.param(*one, id=ascii(one[0])) for one in references()][::9]
)
def test_reference_that_leads_out_is_refused_or_taken_out(
    trials: Trials, name: str, written: str, changed: list[str]
) -> None:
    """No reference is followed into a file or a network; those in examples and foreign extensions are taken out."""
    assert trials.judge(name, written, changed).faults == ()


@pytest.mark.parametrize(("name", "written"), [pytest.param(*one, id=one[0]) for one in yaml_texts()])
def test_yaml_that_is_more_than_json_runs_nothing(trials: Trials, name: str, written: str) -> None:
    """No tag makes an object, no alias a bomb."""
    assert trials.judge(name, written, [""], suffix="yaml").faults == ()


@pytest.mark.parametrize(("name", "overlay", "changed"), [pytest.param(*one, id=one[0]) for one in overlays()][::4])
def test_overlay_is_refused_or_remains_text(
    trials: Trials, name: str, overlay: dict[str, Any], changed: list[str]
) -> None:
    """What it writes into a document is held as what is there."""
    assert trials.judge(name, json.dumps(HOST), changed, overlay=overlay).faults == ()


@pytest.mark.parametrize(("name", "selection"), [pytest.param(*one, id=one[0]) for one in selections()][::7])
def test_pattern_of_a_selection_selects_or_is_refused(trials: Trials, name: str, selection: Selection) -> None:
    """For any content."""
    assert trials.judge(name, json.dumps(HOST), [""], selection=selection).faults == ()


@pytest.mark.uncovered
@pytest.mark.parametrize("name", [name for name in SIZES if not name.startswith(LARGE)])
def test_document_without_bounds_takes_bounded_time(trials: Trials, name: str) -> None:
    """Structures that double, loop or backtrack are refused or not followed."""
    raw = sized(name)

    assert trials.judge(name, json.dumps(raw), changes(HOST, raw)).faults == ()
    assert peak() < LARGEST


@pytest.mark.uncovered
def test_session_judges_a_document_of_each_group() -> None:
    """The session runs to its table, and finds no fault."""
    command = [sys.executable, "-m", "tests.hostile", "--quick"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"| all | {len(PAYLOADS) + 5} | " in ran.stdout


@pytest.mark.parametrize("payload", ["triple quotes", "expression of a template"])
def test_text_that_is_not_escaped_is_seen(trials: Trials, monkeypatch: pytest.MonkeyPatch, payload: str) -> None:
    """A trial that cannot fail proves nothing: with a filter that escapes nothing, it fails."""
    monkeypatch.setitem(_FILTERS, "text", _unescaped)
    monkeypatch.setattr("strict_clients.render._jinja", _jinja.__wrapped__)  # compiled templates keep their filters

    verdict = trials.run("description of the API", payload, PAYLOADS[payload])

    assert verdict.faults != ()


def _unescaped(value: Any, *_: Any) -> Markup:
    text = value if isinstance(value, str) else value.get_untrusted_value()
    return Markup(environment(TEMPLATES).from_string(f'"""{text}"""').render() if "cycler" in text else text)


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (lambda: Path("/etc/passwd").read_bytes(), "open '/etc/passwd'"),
        (lambda: socket.create_connection(("127.0.0.1", 9)), "socket.connect"),
        (lambda: subprocess.run(["true"], check=True), "subprocess.Popen"),
        (lambda: exec("SPOILED = 1"), "exec of '<string>'"),
        (lambda: builtins.__dict__.__setitem__("SPOILED", 1), "was run as code"),
        (lambda: Path("/nowhere").mkdir(), "os.mkdir"),
    ],
)
def test_side_effects_are_seen(do: Callable[[], object], said: str, tmp_path: Path) -> None:
    """The hook reports what a generator must not do."""
    with watching(tmp_path) as seen, suppress(OSError):
        do()

    assert any(said in one for one in seen)
