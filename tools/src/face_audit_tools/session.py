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

from .errors import DamagedError, FolderError, ToolError
from .folder import Files
from .record import Checkpoint, Listing, Manifest, now, this_run
from .result import Outcome, Result
from .sealed import read_sealed
from .writer import OnPage, Writer, begin, drop, drop_checkpoint

_INTERRUPTED = "interrupted; export it again to go on"
_EXPIRED = "the service no longer has the session, and had more entries of it; what came before that is kept"


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
        self._known: Checkpoint | Manifest | None = None
        self._writer: Writer | None = None
        self._count_before = 0
        self.session_id: str = session_id
        self.is_open: bool = True
        """Whether there is still something to be done."""
        self.result: Result = self._make("failed", error=_INTERRUPTED)
        """What became of it; until its end, that it was interrupted."""

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Whatever ends the work on the session becomes its result, and the pages that it has got are kept."""
        try:
            yield
        except SessionNotFoundError as error:
            if self._writer is not None and self._writer.record.count:
                self.finish(self._writer, "expired")
            else:
                self._end("expired", str(error))
        except (AuthenticationError, PermissionDeniedError, QuotaExceededError) as error:
            self._end("refused", str(error))
        except (FaceAuditError, ToolError) as error:
            self._end("failed", str(error))
        except BaseException:
            self._end("failed", _INTERRUPTED)
            raise
        finally:
            self._leave()

    def look(self) -> None:
        """See what is there of the session from earlier exports; one that is finished is at its end with that.

        Raises:
            DamagedError: what was written before is not as it was written.
            FolderError: it is that of another endpoint.
        """
        files = self._files
        if files.manifest.exists():
            self._take_over(read_sealed(files.manifest, Manifest))
        elif files.checkpoint.exists():
            record = read_sealed(files.checkpoint, Checkpoint)
            if record.listing != self._listing(record.listing.started):
                where = f"{record.listing.endpoint}{record.listing.path_prefix}"
                raise FolderError(f"{files.checkpoint}: was begun at {where}; export to another folder")
            self._known, self._count_before = record, record.count
            self.result = self._make("failed", error=_INTERRUPTED)

    def open(self) -> Writer:
        """The session's files, to go on from its checkpoint or to begin.

        Raises:
            DamagedError: there is less in them than the checkpoint says.
            FolderError: there are files that no checkpoint speaks of.
        """
        record = self._known if isinstance(self._known, Checkpoint) else self._begin()
        self._writer = Writer(self._files, record, this_run(now()), on_page=self._on_page)
        return self._writer

    def refuse(self, error: str) -> None:
        """Do not ask for it, because another session was refused."""
        self._end("refused", f"not asked for, because another session was refused: {error}")

    def finish(self, writer: Writer, outcome: Outcome = "complete") -> None:
        """Write the manifest of a session that has come to its end."""
        manifest = writer.finish("complete" if outcome == "complete" else "expired")
        self._known = manifest
        self._end(outcome, None if outcome == "complete" else _EXPIRED)

    def _begin(self) -> Checkpoint:
        pager = self._client.audit_entries.list(self.session_id).checkpoint
        return begin(self._files, self._listing(now()), pager)

    def _take_over(self, manifest: Manifest) -> None:
        for path, size in ((self._files.entries, manifest.entries_bytes), (self._files.chain, manifest.chain_bytes)):
            if not path.exists() or path.stat().st_size != size:
                raise DamagedError(path, None, "has another size than its manifest says; verify the folder")
        drop_checkpoint(self._files)
        self._known, self._count_before = manifest, manifest.count
        self._end(manifest.outcome, None if manifest.outcome == "complete" else _EXPIRED)

    def _leave(self) -> None:
        """Close the files; of a session that is not finished, with a checkpoint, or without a trace of nothing."""
        if (writer := self._writer) is None:
            return
        try:
            if not writer.finished and writer.record.count:
                writer.save()
        finally:
            writer.close()
        if not writer.finished and not writer.record.count:
            drop(self._files)

    def _listing(self, started: str) -> Listing:
        return Listing(
            api_version=API_VERSION,
            endpoint=self._client.endpoint,
            path_prefix=self._client.path_prefix,
            session_id=self.session_id,
            started=started,
        )

    def _end(self, outcome: Outcome, error: str | None) -> None:
        self.is_open = False
        self.result = self._make(outcome, error=error)

    def _make(self, outcome: Outcome, *, error: str | None) -> Result:
        if self._writer is not None and not self._writer.finished:
            self._known = self._writer.record
        record = self._known
        count = 0 if record is None else record.count
        return Result(
            session_id=self.session_id,
            outcome=outcome,
            count=count,
            added=count - self._count_before,
            head=record.head if isinstance(record, Manifest) else None,
            error=error,
        )
