"""One session on its way into its files; what the exports of both clients have in common."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

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

from .errors import DamagedError, FolderError, ToolError
from .evidence import Evidence
from .folder import Files
from .opening import find_size
from .record import Checkpoint, Listing, Manifest, checkpoint_of, now, this_run
from .result import Outcome, Result, SessionSummary
from .verifying import find_evidence, is_of, read_through
from .writer import OnPage, Writer, begin, drop_checkpoint

_UNFINISHED = "its export has not come to its end; export it again to go on"
_EXPIRED = "it expired or was deleted, or the key belongs to another resource"


class Session:
    """One session of an export."""

    def __init__(
        self,
        client: FaceAuditClient | AsyncFaceAuditClient,
        session_id: str,
        folder: Path,
        *,
        top: int | None = None,
        on_page: OnPage | None = None,
    ) -> None:
        """Nothing is sent or written yet.

        Raises:
            InvalidArgumentError: this can be no session's id, or no size of pages.
        """
        client.audit_entries.list(
            session_id, top=top
        )  # refuses what is none; not kept, for there may be very many sessions
        self._client, self._files, self._on_page = client, Files(folder, session_id), on_page
        self._row: SessionSummary | None = None
        self._evidence: Evidence | None = None
        self._known: Checkpoint | Manifest | None = None
        self._writer: Writer | None = None
        self.session_id: str = session_id
        self.is_open: bool = True
        """Whether there is still something to be done."""
        self.result: Result = self._make("unfinished", error=_UNFINISHED)
        """What became of it; until its end, that it has none."""

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
            self._end("unfinished", _UNFINISHED)
            raise
        finally:
            if self._writer is not None:
                self._writer.close()

    def look(self, row: SessionSummary | None) -> None:
        """See what is there of the session from earlier exports; one that is complete is at its end with that.

        Args:
            row: what the folder's summary says of it.

        Raises:
            DamagedError: what was written before is gone, or is not as it was written.
            FolderError: it is that of another endpoint.
        """
        self._row = row
        self.result = self._make("unfinished", error=_UNFINISHED)
        if not self._files.have_record and (row is None or row.head is None):
            return
        evidence = find_evidence(self._files.folder, self.session_id, row)
        listing = evidence.record.listing
        if evidence.outcome == "complete":
            self._take_over(evidence)
        elif _in_one_spelling(listing) != self._listing(listing.started):
            where = f"{listing.endpoint}{listing.path_prefix}"
            raise FolderError(f"{evidence.file}: was begun at {where}; export to another folder")
        self._evidence = evidence

    def check(self) -> None:
        """Verify what is there before anything is written behind it; of a long session, that takes seconds.

        Raises:
            DamagedError: it is not as it was written.
        """
        if self._evidence is not None:
            read_through(self._evidence, self._row)
            self._known = self._evidence.record

    def open(self) -> Writer:
        """The session's files, to begin them, or to go on with what is there.

        Raises:
            FolderError: there are files that no checkpoint speaks of.
        """
        record = self._begin() if self._known is None else checkpoint_of(self._known)
        self._writer = Writer(self._files, record, this_run(now()), on_page=self._on_page)
        return self._writer

    def refuse(self, error: str) -> None:
        """Do not ask for it, because another session was refused."""
        self._end("refused", f"not asked for, because another session was refused: {error}")

    def finish(self, writer: Writer) -> None:
        """Write the manifest of a session that has come to its end."""
        writer.finish("complete")
        self._end("complete", None)

    def _begin(self) -> Checkpoint:
        pager = self._client.audit_entries.list(self.session_id).checkpoint
        return begin(self._files, self._listing(now()), pager)

    def _take_over(self, evidence: Evidence) -> None:
        """Pass over what is complete: by its sizes alone, unless the summary does not know it as it is."""
        files, record, row = self._files, evidence.record, self._row
        for path, size in ((files.entries, record.entries_bytes), (files.chain, record.chain_bytes)):
            if find_size(path) != size:
                raise DamagedError(path, None, "has another size than its manifest says")
        if row is None or not (row.head is None or is_of(evidence, row)):
            read_through(evidence, row)
        drop_checkpoint(files)
        self._known = record
        self._end("complete", None)

    def _expire(self, error: str) -> None:
        """Seal what is there; the next export asks for the session again, and goes on with it should it be there."""
        writer = self._writer
        if writer is not None and (writer.pages or isinstance(self._known, Checkpoint)):
            writer.finish("expired")
        kept = "; what came before that is kept" if self._make("expired", error=None).count else ""
        self._end("expired", f"{error}; {_EXPIRED}{kept}")

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
        record = written or self._known or self._row
        return Result(
            session_id=self.session_id,
            outcome=outcome,
            count=0 if record is None else record.count,
            added=0 if written is None else written.count - (0 if self._known is None else self._known.count),
            head=None if record is None else record.head,
            error=error,
        )


def _in_one_spelling(listing: Listing) -> Listing:
    """The same listing with its endpoint as clients write it: version 0.1 kept the scheme's own port."""
    port = {"https": ":443", "http": ":80"}.get(listing.endpoint.partition(":")[0], "")
    return replace(listing, endpoint=listing.endpoint.removesuffix(port))
