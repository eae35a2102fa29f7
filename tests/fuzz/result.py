"""The result of fuzzing one target."""

from __future__ import annotations

import re

from attrs import frozen

from tests.pages import ROOT

FINDINGS = ROOT / "build" / "fuzz"
"""Holds the inputs that broke a promise."""


@frozen
class Result:
    """The figures of one target."""

    target: str
    runs: int
    seconds: float
    edges: int | None = None
    """Of the instrumented code, that ran."""
    features: int | None = None
    """Edges with how often they ran, as libFuzzer counts them."""
    corpus: int | None = None
    """Inputs kept because each reached something new."""
    findings: tuple[str, ...] = ()
    """Files below `FINDINGS`, or what was wrong with the run itself."""


def read_figures(said: str) -> tuple[int, int, int, int]:
    """Runs, edges, features and corpus from the last lines that libFuzzer printed; zeros where it printed none."""
    executed = re.search(r"number_of_executed_units: (\d+)", said)
    status = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said) or [(0, 0, 0)]
    edges, features, corpus = (int(number) for number in status[-1])
    return int(executed[1]) if executed else 0, edges, features, corpus
