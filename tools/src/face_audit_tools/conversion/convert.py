"""Converts an export into one file of typed columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from ..errors import DamagedError
from ..evidence import Evidence, open_evidence
from ..folder import Files, session_ids
from ..optional import load
from ..output import check_output, replacing
from ..verifying import verify
from .batches import Batches
from .targets import Sink, Target, open_target

OnSession: TypeAlias = Callable[[str], object]
"""Is told each session once it was looked at."""


@frozen(kw_only=True)
class Conversion:
    """What was converted."""

    out: Path
    sessions: int
    entries: int
    """Rows of the file."""
    malformed: int
    """Of these, entries that are not what the API's document says: null where they could not be read, raw all the
    same, and `evidence.problem` says why."""
    unfit: Mapping[str, int]
    """By column, values beyond its type, such as integers of more than 64 bits: null, but kept in raw."""
    unfinished: tuple[str, ...]
    """Sessions whose export is not finished, and so their rows."""
    problems: tuple[DamagedError, ...]
    """Where entries begin that are not in the file, because they are not as the service sent them; none unless
    `unverified` was asked for."""


def convert(  # noqa: PLR0913  # one keyword for each thing that can be asked for
    folder: str | Path,
    *,
    to: Target,
    out: str | Path,
    force: bool = False,
    unverified: bool = False,
    on_session: OnSession | None = None,
) -> Conversion:
    """Write all entries of an export to one file: a row for each, with a typed column for each field of the models.

    Fields within fields have dotted names (`request.url`), the same in every format, because CSV knows no others. Times
    are UTC with microseconds. `evidence.raw` holds the entry byte for byte; next to it are the session it was exported
    for, its position in the chain and the line of its file, both from 1.

    Args:
        folder: of the export.
        to: the format. In DuckDB, the table is called `entries`.
        out: the file; it is there as a whole or not at all.
        force: whether it may replace a file.
        unverified: whether to go on where `verify` would find something, and leave out of each session what is
            after its first damage; otherwise nothing is written then.
        on_session: is told each session once its entries are written.

    Raises:
        DamagedError: something is not as it was exported.
        InputError: there is no such folder, what writes the format is not installed, or the file cannot be written.
    """
    folder, out = Path(folder), Path(out)
    batches = Batches(load("pyarrow", extra="duckdb" if to == "duckdb" else "parquet"))
    check_output(out, folder, force=force)
    if not unverified:
        for problem in verify(folder).problems:
            raise problem
    problems, unfinished, ids = list[DamagedError](), list[str](), _kept(folder)
    with replacing(out, folder, force=force) as new, open_target(to, new, batches.schema) as sink:
        for session_id in ids:
            try:
                evidence = open_evidence(folder, session_id)
                if evidence.outcome == "unfinished":
                    unfinished.append(session_id)
                _add(evidence, batches, sink)
            except DamagedError as error:
                if not unverified:
                    raise
                problems.append(error)
            if on_session is not None:
                on_session(session_id)
        sink(batches.take())
    return Conversion(
        out=out,
        sessions=len(ids),
        entries=batches.entries,
        malformed=batches.malformed,
        unfit=dict(batches.unfit),
        unfinished=tuple(unfinished),
        problems=tuple(problems),
    )


def _kept(folder: Path) -> list[str]:
    """The sessions that were not deleted."""
    return [one for one in session_ids(folder) if not Files(folder, one).are_deleted]


def _add(evidence: Evidence, batches: Batches, sink: Sink) -> None:
    for entry in evidence.entries():
        if batches.add(evidence.session_id, entry):
            sink(batches.take())
