"""Writes the page of an export."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from ..digests import Comparison, compare_digests, read_expected
from ..errors import DamagedError
from ..optional import load
from ..output import check_output, replacing
from ..verifying import Verification, verify
from .collect import OnSession, collect
from .page import Contents, lay_out
from .patterns import found_in, patterns
from .tally import Thresholds

_NONE = "No recorded digests were given (--expected)."
_WHOLE = "The evidence does not verify, so its digests were not compared with the recorded ones."


@frozen(kw_only=True)
class Report:
    """What the page says, in short."""

    html: Path
    verification: Verification
    problems: tuple[DamagedError, ...]
    """Those that verifying has found, and any found later."""
    sessions: int
    attempts: int
    suspicious: int
    """Sessions that show a pattern."""
    comparison: Comparison | None
    """With recorded digests, where there were any and the evidence is whole."""

    @property
    def passed(self) -> bool:
        """Whether everything is as it was exported, and no digest differs."""
        return (
            self.verification.passed
            and not self.problems
            and (self.comparison is None or not self.comparison.mismatched)
        )


def write_report(  # noqa: PLR0913  # one keyword for each thing that can be asked for
    folder: str | Path,
    *,
    html: str | Path,
    expected: str | Path | None = None,
    manifest_store: str | Path | None = None,
    thresholds: Thresholds | None = None,
    force: bool = False,
    on_session: OnSession | None = None,
) -> Report:
    """Verify an export, and write a page for its reviewers: one HTML file that loads and runs nothing.

    It holds no face data: of the body of an answer, the decision and the version of the model. Where the evidence does
    not verify, the page says so first, and counts of each session what is before its first damage.

    Args:
        folder: of the export.
        html: the file; it is there as a whole or not at all.
        expected: a CSV file of recorded digests, as `read_expected` takes it.
        manifest_store: as for `verify`.
        thresholds: of the patterns; those of `Thresholds()` without it.
        force: whether it may replace a file.
        on_session: is told each session once it was counted.

    Raises:
        InputError: there is no such export, a list cannot be read, the page cannot be written, or what draws it is not
            installed.
    """
    folder, html = Path(folder), Path(html)
    for module in ("jinja2", "pygal"):
        load(module, extra="report")
    check_output(html, folder, force=force)
    limits = thresholds or Thresholds()
    recorded = None if expected is None else read_expected(expected)
    verification = verify(folder, manifest_store=manifest_store)
    tally, later = collect(folder, limits, on_session or (lambda _: None), verification.deleted)
    comparison = None
    try:
        comparison = None if recorded is None else compare_digests(folder, recorded)
    except DamagedError as error:
        later.append(error)
    found = {str(one): one for one in (*later, *verification.problems)}
    contents = Contents(
        folder=folder,
        tally=tally,
        entries=verification.entries,
        problems=sorted(found.values(), key=str),
        against_store=manifest_store is not None,
        comparison=comparison,
        not_compared=_WHOLE if recorded else _NONE,
    )
    with replacing(html, folder, force=force) as new:
        new.write_text(lay_out(contents), encoding="utf-8", newline="\n")
    return Report(
        html=html,
        verification=verification,
        problems=tuple(contents.problems),
        sessions=len(tally.sessions),
        attempts=sum(one.attempts for one in tally.sessions),
        suspicious=sum(bool(found_in(one, patterns(limits))) for one in tally.sessions),
        comparison=comparison,
    )
