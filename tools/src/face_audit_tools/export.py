"""Exports sessions: one with the sync client, many side by side with the async one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define
from face_audit import AsyncFaceAuditClient, FaceAuditClient, Page

from .confirming import confirm, needs_confirmation
from .errors import InputError
from .folder import locked
from .pace import Pace
from .result import Result, read_summary, write_summary
from .session import Session
from .writer import OnPage, Writer

OnResult: TypeAlias = Callable[[Result], object]
"""Is told what became of a session."""


def export_session(  # noqa: PLR0913  # one keyword for each thing that it can be told
    client: FaceAuditClient,
    session_id: str,
    folder: str | Path,
    *,
    top: int | None = None,
    confirmed: bool = True,
    on_page: OnPage | None = None,
) -> Result:
    """Export the audit entries of one session to a folder, or go on where an export of it stopped.

    Args:
        client: whom to ask.
        session_id: the session.
        folder: is made where there is none, for its owner alone.
        top: entries of a page, at most; the service takes 1000 without it.
        confirmed: whether the first page of a run and the end of a session are asked for twice, the second time over a
            connection that was not used before. This takes two small requests more: between other pages, the order of
            the ids shows what is missing, and there it does not. Set it to False for a client with an `http_client`.
        on_page: is told the record of the session behind each page that was written.

    Returns:
        What became of it. Errors of the service are no exceptions here: they are in `error`.

    Raises:
        InvalidArgumentError: the id or `top` breaks the limits of the API; nothing was sent.
        FolderError: another export writes to the folder, or nobody can.
        DamagedError: the folder's summary was changed, or is missing.
        OSError: the files could not be written; the last checkpoint holds.
        TypeError: the client is no `FaceAuditClient`.
    """
    _need(client, FaceAuditClient)
    folder = Path(folder)
    session = Session(client, session_id, folder, top=top, on_page=on_page)
    with _summing_up(folder, [session]):
        if session.is_open:
            with session.at_work():
                session.check()
                writer = session.open()
                pager = client.audit_entries.list(
                    session_id, top=top, checkpoint=writer.record.pager, on_invalid="keep", prefetch=True
                )
                for page in pager.pages():
                    if confirmed and needs_confirmation(writer, page):
                        last = writer.record.last_id
                        again = client.audit_entries.list_page(
                            session_id, start=last, top=1, fresh_connection=True, on_invalid="keep"
                        )
                        confirm(writer, page, again)
                    writer.add(page, pager.checkpoint)
                session.finish(writer)
    return session.result


async def export_sessions(  # noqa: PLR0913  # one keyword for each thing that it can be told
    client: AsyncFaceAuditClient,
    session_ids: Iterable[str],
    folder: str | Path,
    *,
    concurrency: int = 8,
    rate: float | None = None,
    top: int | None = None,
    confirmed: bool = True,
    on_page: OnPage | None = None,
    on_result: OnResult | None = None,
) -> list[Result]:
    """Export many sessions side by side, begun in the order given, and write the summary of the folder.

    Args:
        client: whom to ask.
        session_ids: the sessions; those that expire first should come first.
        folder: is made where there is none, for its owner alone.
        concurrency: how many sessions are exported at once; two pages of each are held, at most.
        rate: pages that are asked for per second, of all sessions together; retries come on top. None for as many as
            come about.
        top: entries of a page, at most; the service takes 1000 without it.
        confirmed: as for `export_session`.
        on_page: is told the record of a session behind each page that was written.
        on_result: is told what became of each session; where the export is interrupted, unfinished ones come last.

    Returns:
        What became of each, in the order given. Once the key was refused, the sessions behind are not asked for.

    Raises:
        InvalidArgumentError: an id or `top` breaks the limits of the API; nothing was sent.
        FolderError: another export writes to the folder, or nobody can.
        DamagedError: the folder's summary was changed, or is missing.
        InputError: a number is out of its range.
        OSError: the files could not be written; the last checkpoints hold.
        asyncio.CancelledError: it was cancelled; what had arrived was kept, and the summary written.
        TypeError: the client is no `AsyncFaceAuditClient`.
    """
    _need(client, AsyncFaceAuditClient)
    folder = Path(folder)
    if concurrency < 1 or (rate is not None and not rate > 0):
        raise InputError("concurrency, rate: must be above 0; give how many sessions at once, and calls per second")
    sessions = [Session(client, one, folder, top=top, on_page=on_page) for one in dict.fromkeys(session_ids)]
    with _summing_up(folder, sessions):
        crew = _Crew(
            client=client,
            left=iter(sessions),
            pace=Pace(rate),
            top=top,
            confirmed=confirmed,
            on_result=on_result,
        )
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(concurrency, len(sessions))):
                    group.create_task(crew.work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            crew.tell_rest()
    return [session.result for session in sessions]


@contextmanager
def _summing_up(folder: Path, sessions: Sequence[Session]) -> Generator[None]:
    """Look at each session, and write the summary before anything is written of one, and at the end, whatever it is."""
    with locked(folder):
        summary = read_summary(folder)
        for session in sessions:
            with session.at_work():
                session.look(summary.sessions.get(session.session_id))
        summary = write_summary(folder, summary, [session.result for session in sessions])
        try:
            yield
        finally:
            write_summary(folder, summary, [session.result for session in sessions])


def _need(client: object, kind: type) -> None:
    if not isinstance(client, kind):
        raise TypeError(f"client: is of the type {type(client).__name__}; give {kind.__name__}")


@define(kw_only=True)
class _Crew:
    """Tasks that export one session after the other."""

    client: AsyncFaceAuditClient
    left: Iterator[Session]
    pace: Pace
    top: int | None
    confirmed: bool
    on_result: OnResult | None
    refused: str | None = None

    async def work(self) -> None:
        """Export sessions until none is left."""
        for session in self.left:
            try:
                if session.is_open and self.refused is not None:
                    session.refuse(self.refused)
                elif session.is_open:
                    await self._export(session)
            finally:
                self._tell(session)

    def tell_rest(self) -> None:
        """Tell of the sessions that were not begun, because something has ended the work."""
        for session in self.left:
            self._tell(session)

    def _tell(self, session: Session) -> None:
        if self.on_result is not None:
            self.on_result(session.result)

    async def _export(self, session: Session) -> None:
        with session.at_work():
            await asyncio.to_thread(session.check)
            writer = session.open()
            pager = self.client.audit_entries.list(
                session.session_id,
                top=self.top,
                checkpoint=writer.record.pager,
                on_invalid="keep",
                prefetch=self.pace.is_open,
            )
            pages = pager.pages()
            while not pager.checkpoint["finished"]:
                await self.pace.wait()
                page = await anext(pages)
                if self.confirmed and needs_confirmation(writer, page):
                    confirm(writer, page, await self._ask_again(writer))
                writer.add(page, pager.checkpoint)
            session.finish(writer)
        if session.result.outcome == "refused":
            self.refused = session.result.error

    async def _ask_again(self, writer: Writer) -> Page[Any]:
        """The first entry of the page that was asked for last."""
        await self.pace.wait()
        record = writer.record
        return await self.client.audit_entries.list_page(
            record.listing.session_id, start=record.last_id, top=1, fresh_connection=True, on_invalid="keep"
        )
