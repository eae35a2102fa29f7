"""The session `nox -s fuzz` with random inputs instead of atheris."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .fuzz import plain
from .fuzz.__main__ import SHARES
from .fuzz.result import read_figures
from .fuzz.seeds import DRAWN, RAW
from .fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent


def test_random_inputs_break_no_promise_of_a_reader() -> None:
    """All targets keep their promises on the empty input, on their seeds and on some thousand random inputs."""
    command = [sys.executable, "-m", "tests.fuzz", "--plain", "--runs", "5000"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(" 0 findings") == len(TARGETS)


def test_every_target_has_a_share_of_the_runs() -> None:
    """No target is left out of the session, and the shares add up to all runs."""
    assert SHARES.keys() == TARGETS.keys()
    assert sum(SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize("data", [b"", RAW, DRAWN], ids=["empty", "raw", "drawn"])
@pytest.mark.parametrize("target", TARGETS)
def test_target_takes_an_input_without_content(target: str, data: bytes) -> None:
    """The first input of libFuzzer is empty, and it shortens inputs as it likes."""
    TARGETS[target](data)


def test_finding_is_saved_and_ends_the_run(tmp_path: Path) -> None:
    """The replacement of atheris ends as libFuzzer does: with exit code 77, and the input in a file."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(b"bad")
    seen = list[bytes]()

    def target(data: bytes) -> None:
        seen.append(data)
        if data == b"bad":
            raise RuntimeError

    plain.Setup(["", "-runs=9", "-seed=1", "-max_len=9", f"-artifact_prefix={tmp_path}/x-", str(corpus)], target)
    with pytest.raises(SystemExit) as ended:
        plain.Fuzz()

    assert ended.value.code == 77
    assert seen == [b"", b"bad"]
    assert [path.read_bytes() for path in tmp_path.glob("x-crash-*")] == [b"bad"]


def test_figures_are_read_from_the_last_lines_of_libfuzzer() -> None:
    """As atheris 3.0.0 printed them."""
    said = """
#746	NEW    cov: 87 ft: 190 corp: 20/80b lim: 6 exec/s: 0 rss: 50Mb L: 6/6 MS: 2 ShuffleBytes-CMP- DE: "\\001\\000"-
#800	DONE   cov: 89 ft: 194 corp: 21/84b lim: 6 exec/s: 0 rss: 50Mb
Done 800 runs in 0 second(s)
stat::number_of_executed_units: 800
stat::average_exec_per_sec:     0
"""

    figures = read_figures(said)

    assert figures == (800, 89, 194, 21)
