"""One session on its way into its files; what the exports of both clients have in common."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from attrs import evolve
from face_audit import (
    API_VERSION,
    AsyncFaceAuditClient,
    AuthenticationError,
    FaceAuditClient,
    FaceAuditError,
    PermissionDeniedError,
    QuotaExceededError,
    SessionNotFoundError,
)
from msgspec.structs import replace

from .asking import Asking, Question, Steps, Ways, Work
from .chain import id_of
from .errors import DamagedError, FolderError, ToolError
from .evidence import Evidence
from .folder import SUMMARY, Files
from .gaps import Runs, as_number
from .known import Known
from .opening import find_size
from .record import Checkpoint, Listing, Manifest, Record, is_over, now, seals_of, this_run
from .result import Outcome, Result, SessionSummary
from .shortfall import describe
from .tombstone import read_tombstone
from .verifying import find_evidence, is_of, read_all, read_through
from .writer import OnPage, Writer, begin, drop_checkpoint, go_on

_UNFINISHED = "its export is not finished; export it again to continue"
_EXPIRED = "it expired or was deleted, or the key belongs to another resource"
_GROWS = "it has new entries each time that it is asked for; export it again"
_ROUNDS = 3
"""How often a session is asked for again in one run because it has grown."""


class Session:
    """One session of an export."""

    def __init__(
        self,
        client: FaceAuditClient | AsyncFaceAuditClient,
        session_id: str,
        folder: Path,
        ways: Ways,
        *,
        on_page: OnPage | None = None,
    ) -> None:
        """Nothing is sent or written yet.

        Raises:
            InvalidArgumentError: this can be no session's id, or no size of pages.
        """
        client.audit_entries.list(
            session_id, top=ways.top, on_invalid=ways.on_invalid
        )  # refuses what is none; not kept, for there may be very many sessions
        self._client, self._files, self._ways, self._on_page = client, Files(folder, session_id), ways, on_page
        self._row: SessionSummary | None = None
        self._evidence: Evidence | None = None
        self._known: Checkpoint | Manifest | None = None
        self._writer: Writer | None = None
        self._has_grown = False
        """Whether the service has shown entries that are not here yet."""
        self._before = 0
        """Entries that were there before this run."""
        self.session_id: str = session_id
        self.is_open: bool = True
        """Whether there is still something to be done."""
        self.result: Result = self._make("unfinished", error=_UNFINISHED)
        """Its outcome; "unfinished" until its end."""

    @property
    def is_refresh(self) -> bool:
        """Whether the session was listed to its end before: others are more urgent."""
        return self._evidence is not None and self._evidence.outcome in ("complete", "partial")

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Whatever ends the work on the session becomes its result, and the pages that it has got are kept."""
        try:
            yield
        except SessionNotFoundError as error:
            self._expire(str(error))
        except (AuthenticationError, PermissionDeniedError, QuotaExceededError) as error:
            self._end("refused", str(error))
        except (FaceAuditError, ToolError) as error:
            self._end("failed", str(error))
        except BaseException:
            self._interrupt()
            raise
        finally:
            if self._writer is not None:
                self._writer.close()

    def look(self, row: SessionSummary | None) -> None:
        """See what is there of the session from earlier exports; one that nothing can change is at its end with that.

        Args:
            row: what the folder's summary says of it.

        Raises:
            DamagedError: what was written before is gone, or is not as it was written.
            FolderError: it is that of another endpoint.
        """
        self._row = row
        if self._files.are_deleted:
            self._bury()
            return
        if row is not None and row.outcome == "deleted":
            what = f"is missing; {SUMMARY} says that the session was deleted"
            raise DamagedError(self._files.tombstone, None, what, "delete the session again")
        self.result = self._make("unfinished", error=_UNFINISHED)
        if not self._files.have_record and (row is None or row.head is None):
            return
        evidence = find_evidence(self._files.folder, self.session_id, row)
        record, listing = evidence.record, evidence.record.listing
        is_listed = evidence.outcome in ("complete", "partial")
        if is_listed:
            self._take_over(evidence)
        if is_listed and (record.last.final or is_over(record, datetime.now(UTC))):
            self._end(*_outcome_of(record))
        elif _in_one_spelling(listing) != self._listing(listing.started):
            where = f"{listing.endpoint}{listing.path_prefix}"
            raise FolderError(f"{evidence.file}: was begun at {where}; export to another folder")
        self._evidence, self._before = evidence, record.count
        if self.is_open:
            outcome, error = _outcome_of(record) if is_listed else ("unfinished", _UNFINISHED)
            self.result = self._make(outcome, error=error)

    def steps(self) -> Steps:
        """What to ask and to do, until the session is at its end.

        Raises:
            FaceAuditError: the service did not answer.
            ToolError: what is there was changed, or the service contradicts itself.
        """
        grown = True
        for _ in range(_ROUNDS):
            grown = self._has_grown = yield from self._round()
            if not grown:
                break
        outcome, error = _outcome_of(cast("Manifest", self._known))
        self._end(outcome, error or (_GROWS if grown else None))

    def refuse(self, error: str) -> None:
        """Do not ask for it, because another session was refused."""
        self._end("refused", f"not asked for, because another session was refused: {error}")

    def _round(self) -> Generator[Question, Any, bool]:
        """List the session once, to its end or to what is known; gives whether it has grown meanwhile."""
        evidence, runs, others = self._evidence, Runs(), set[str]()
        check: Callable[[], object] | None = None
        if evidence is not None and _has_to_be_read(evidence.record):
            yield Work(partial(self._check, runs, others))
        elif evidence is not None:
            runs, check = Runs.of(evidence.record) or runs, partial(self._check, Runs(), set[str]())
            self._known = evidence.record
        record = begin(self._files, self._listing(now())) if self._known is None else go_on(self._known)
        writer = Writer(self._files, record, this_run(now()), runs, limit=self._ways.limit)
        self._writer = writer
        known = Known(self._files, record, runs, others)
        asking = Asking(self.session_id, writer, known, self._ways, check=check, on_page=self._on_page)
        yield from asking.run()
        final = self._ways.final and not asking.grown
        yield Work(partial(writer.finish, "complete", joins=asking.joins, final=final))
        writer.close()
        self._known = cast("Manifest", writer.kept)
        self._evidence = Evidence(files=self._files, record=self._known)
        return asking.grown

    def _check(self, runs: Runs, others: set[str]) -> None:
        """Verify what is there before anything is written after it, and learn the ids; that takes its time.

        Raises:
            DamagedError: it is not as it was written.
        """
        evidence, self._known = cast("Evidence", self._evidence), None
        for entry in read_through(evidence, self._row, runs):
            found = id_of(entry.raw)
            if found is not None and as_number(found) is None:
                others.add(found)
        self._known = evidence.record

    def _bury(self) -> None:
        """Leave a session that was deleted on purpose as it is."""
        found = read_tombstone(self._files)
        self._end("deleted", found.told)
        self.result = evolve(self.result, count=0, head=found.head)

    def _take_over(self, evidence: Evidence) -> None:
        """Make sure of what is listed to its end: by its sizes alone, unless the summary does not know it as it is."""
        files, record, row = self._files, evidence.record, self._row
        for path, size in ((files.entries, record.entries_bytes), (files.chain, record.chain_bytes)):
            if find_size(path) != size:
                raise DamagedError(path, None, "has another size than its manifest says")
        if row is None or not (row.head is None or is_of(evidence, row)):
            read_all(evidence, row)
        drop_checkpoint(files)
        self._known = record

    def _expire(self, error: str) -> None:
        """Seal what is there; later exports ask for the session again, and go on with it should it be there."""
        writer = cast("Writer", self._writer)  # nothing is asked before
        last = writer.earlier[-1] if writer.earlier else None
        is_as_it_was = last is not None and last.outcome != "expired" and writer.record.count == last.count
        if last is not None and is_as_it_was and not self._has_grown:
            if not last.gone:
                self._known = writer.finish("complete", gone=True)
            self._end(*_outcome_of(cast("Manifest", self._known)))
            return
        if writer.segment.pages or isinstance(self._known, Checkpoint) or self._has_grown:
            writer.finish("expired")
        kept = "; what came before that is kept" if self._make("expired", error=None).count else ""
        self._end("expired", f"{error}; {_EXPIRED}{kept}")

    def _interrupt(self) -> None:
        """Keep what has come; what was listed to its end before is as it was, if nothing has come."""
        kept = None if self._writer is None else self._writer.kept
        if self.is_refresh and not isinstance(kept, Checkpoint):
            self._end(*_outcome_of(cast("Evidence", self._evidence).record))
        else:
            self._end("unfinished", _UNFINISHED)

    def _listing(self, started: str) -> Listing:
        return Listing(
            api_version=API_VERSION,
            endpoint=self._client.endpoint,
            path_prefix=self._client.path_prefix,
            session_id=self.session_id,
            started=started,
        )

    def _end(self, outcome: Outcome, error: str | None) -> None:
        try:
            if self._writer is not None:
                self._writer.save()
        finally:  # the last checkpoint holds where none can be written
            self.is_open = False
            self.result = self._make(outcome, error=error)

    def _make(self, outcome: Outcome, *, error: str | None) -> Result:
        written = None if self._writer is None else self._writer.kept
        record = written or self._known
        known = record or self._row
        return Result(
            session_id=self.session_id,
            outcome=outcome,
            count=0 if known is None else known.count,
            added=0 if written is None else written.count - self._before,
            head=None if known is None else known.head,
            error=error,
            asked=None if record is None else record.asked,
            gone=record is not None and record.last.gone,
            manifest=_manifest_of(record, self._row),
        )


def _outcome_of(record: Record) -> tuple[Outcome, str | None]:
    """The outcome of a session that was listed to its end, and why it is not complete."""
    missing = describe(record.last)
    return ("complete", None) if missing is None else ("partial", missing)


def _manifest_of(record: Record | None, row: SessionSummary | None) -> str | None:
    """The seal of the last manifest that is known."""
    if record is None:
        return None if row is None else row.manifest
    return next(iter(reversed(seals_of(record))), None)


def _has_to_be_read(record: Record) -> bool:
    """Whether only the entries themselves say which ids are here, or something is behind those that are."""
    runs = Runs.of(record)
    if not isinstance(record, Manifest) or runs is None or runs.gaps != []:
        return True
    return record.direction is None or runs.count != record.count  # others than ids of digits may be in between


def _in_one_spelling(listing: Listing) -> Listing:
    """The same listing with its endpoint as clients write it: version 0.1 kept the scheme's own port."""
    port = {"https": ":443", "http": ":80"}.get(listing.endpoint.partition(":")[0], "")
    return replace(listing, endpoint=listing.endpoint.removesuffix(port))
