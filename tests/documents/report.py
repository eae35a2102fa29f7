"""Writes down what came of the documents of a folder: the figures, and everything that was not right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.figures import table

from .calling import Mismatch
from .cost import Cost
from .generating import Generated, Stock

_LONGEST = 200
_MOST_SHOWN = 3
"""Differences of one operation."""


@dataclass(frozen=True)
class Outcome:
    """What came of one document."""

    generated: Generated
    stock: Stock
    cost: Cost
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    """By operation, how often it was called."""
    mismatches: Sequence[Mismatch] = ()
    failure: str = ""
    """Why its package could not be called."""

    @property
    def wrong(self) -> set[str]:
        """The operations that are not right."""
        return {one.operation for one in self.mismatches}

    @property
    def right(self) -> int:
        """How many operations are right."""
        return len(self.calls) - len(self.wrong)

    @property
    def is_called(self) -> bool:
        """Whether every operation that was generated was called."""
        return not self.failure and len(self.calls) == self.generated.made


@dataclass(frozen=True)
class Report:
    """What came of all documents."""

    outcomes: Sequence[Outcome]
    types: Mapping[str, Counter[str]] | None
    """By type checker, the number of errors in each package; None where they were not checked."""
    large: Cost
    large_document: str
    """What the document of `large` is."""

    @property
    def is_right(self) -> bool:
        """Whether nothing failed of what was generated."""
        are_called = all(one.is_called and not one.wrong for one in self.outcomes if not one.generated.failure)
        return are_called and self.large.done and not any(sum(one.values()) for one in (self.types or {}).values())

    def sections(self) -> Iterator[str]:
        """The parts of the page."""
        yield "## All documents"
        yield table(["", "measured"], self._figures())
        yield "## Each document"
        yield table(
            [
                *("document", "operations", "generated", "whole", "called and right", "notes", "passed over"),
                *("CPU seconds", "stock engine: operations", "stock engine: warnings"),
            ],
            map(_row, self.outcomes),
        )
        yield from _section("Left out", ["document", "what", "why"], _left_out(self.outcomes))
        kinds = list(_kinds(self.outcomes))
        yield from _section("Notes and what was passed over", ["kind", "places", "documents", ""], kinds)
        yield from _section("Not right", ["document", "what", "where", "expected", "came"], _not_right(self))

    def _figures(self) -> Iterator[Sequence[Any]]:
        generated = [one.generated for one in self.outcomes]
        packages = [one for one in generated if not one.failure]
        yield "documents", len(generated)
        yield "of these, generated whole", sum(not one.reasons for one in generated)
        yield "of these, generated with `--partial`", len(packages)
        yield "operations", sum(one.operations for one in generated)
        yield "operations that are generated", sum(one.made for one in generated)
        yield "operations that the engine alone generates", sum(one.stock.made for one in self.outcomes)
        yield "packages", len(packages)
        yield (
            "packages of which every module imports",
            sum(not one.failure for one in self.outcomes if not one.generated.failure),
        )
        for checker, errors in (self.types or {}).items():
            yield f"packages that pass {checker}, strict", sum(not errors[one.package] for one in packages)
        called, right = sum(len(one.calls) for one in self.outcomes), sum(one.right for one in self.outcomes)
        yield "calls", sum(sum(one.calls.values()) for one in self.outcomes)
        yield "operations called", called
        yield "operations of which every call is right", f"{right:,} ({right / max(called, 1):.1%})"
        yield f"{self.large_document}: CPU seconds", self.large.seconds
        yield f"{self.large_document}: MB of memory", round(self.large.megabytes)


def _row(one: Outcome) -> Sequence[Any]:
    generated = one.generated
    is_whole = "yes" if not generated.reasons else "no" if generated.failure else "with `--partial`"
    seconds = one.cost.seconds if one.cost.done else ""
    notes, passed_over = sum(generated.chosen.values()), sum(generated.passed_over.values())
    called = f"{one.right} of {len(one.calls)}"
    figures = (generated.operations, generated.made, is_whole, called, notes, passed_over, seconds)
    return (f"`{generated.name}`", *figures, one.stock.made, one.stock.warnings)


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    found = [[_cell(cell) for cell in row] for row in rows]
    yield f"## {title}"
    yield table(heads, found) if found else "Nothing."


def _left_out(outcomes: Iterable[Outcome]) -> Iterator[Sequence[str]]:
    for one in outcomes:
        name = f"`{one.generated.name}`"
        if one.generated.failure:
            yield name, "the whole document", one.generated.failure
        for operation, reasons in one.generated.left_out:
            yield name, f"`{operation}`", "; ".join(reasons)


def _kinds(outcomes: Sequence[Outcome]) -> Iterator[Sequence[Any]]:
    for what in ("chosen", "passed_over"):
        by_document: list[Counter[str]] = [getattr(one.generated, what) for one in outcomes]
        for kind, count in sum(by_document, Counter[str]()).most_common():
            is_chosen = "the meaning is kept" if what == "chosen" else "passed over"
            yield kind, count, sum(kind in one for one in by_document), is_chosen


def _not_right(report: Report) -> Iterator[Sequence[str]]:
    for one in report.outcomes:
        name = f"`{one.generated.name}`"
        if one.failure:
            yield name, "the package", "import", "", one.failure
        for checker, errors in (report.types or {}).items():
            if errors[one.generated.package]:
                yield name, "the package", checker, "no error", f"{errors[one.generated.package]} errors"
        for operation in sorted(one.wrong):
            found = {mismatch.of: mismatch for mismatch in one.mismatches if mismatch.operation == operation}
            for mismatch in [*found.values()][:_MOST_SHOWN]:
                yield name, f"`{operation}`", mismatch.of, f"`{mismatch.expected}`", f"`{mismatch.came}`"


def _cell(value: Any) -> Any:
    """What can be in a table: one line, without bars."""
    if not isinstance(value, str):
        return value
    text = " ".join(value.replace("|", "\\|").split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip('`')}...{'`' if text.startswith('`') else ''}"
