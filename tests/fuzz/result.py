"""What came of fuzzing one target."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

FINDINGS = Path(__file__).parent / "findings"
"""Where inputs are saved that break a promise."""


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
    """Inputs kept because each showed something new."""
    findings: tuple[str, ...] = ()
    """Names of the files below `findings/`."""
