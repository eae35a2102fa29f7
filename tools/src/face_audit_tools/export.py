"""Exports sessions: one with the sync client, many side by side with the async one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import define, frozen
from face_audit import AsyncFaceAuditClient, DecodeError, FaceAuditClient, PaginationError, SessionNotFoundError

from .asking import NextPage, OnePage, Ways, Work, advance
from .errors import InputError
from .folder import locked
from .pace import Pace
from .quarantine import LIMIT
from .result import Result, read_summary, write_summary
from .session import Session
from .writer import OnPage

OnResult: TypeAlias = Callable[[Result], object]
"""Receives the result of a session."""

_MOST_THREADS = 32


def export_session(  # noqa: PLR0913  # one keyword for each thing that it can be told
    client: FaceAuditClient,
    session_id: str,
    folder: str | Path,
    *,
    top: int | None = None,
    confirmed: bool = True,
    final: bool = False,
    on_invalid: Literal["keep", "raise"] = "keep",
    quarantine_limit: int = LIMIT,
    on_page: OnPage | None = None,
) -> Result:
    """Export the audit entries of one session to a folder, or go on where an export of it stopped.

    Args:
        client: whom to ask.
        session_id: the session.
        folder: is made where there is none, for its owner alone.
        top: entries of a page, at most; the service takes 1000 without it.
        confirmed: whether what the order of ids does not show is asked for twice, the second time over a connection
            that was not used before: the beginning and the end of a session, and where ids of digits skip. Set it to
            False for a client with an `http_client`.
        final: whether this is the last export of the session: it is listed to its end, and later exports do not ask
            for it again. Without it, they do until 48 hours after the first one, and add what is new.
        on_invalid: what to do with a page in which some entries are wrong: "keep" writes all others, "raise" refuses
            it. What is refused is kept beside the evidence in either case.
        quarantine_limit: bytes of what is refused of a session that are kept; of the rest, size and hash are.
        on_page: receives the record of the session after each page that was written.

    Returns:
        The result. Errors of the service are not exceptions here: they are in `error`.

    Raises:
        InvalidArgumentError: the id or `top` breaks the limits of the API; nothing was sent.
        FolderError: another export writes to the folder, or nobody can.
        DamagedError: the folder's summary was changed, or is missing.
        OSError: the files could not be written; the last checkpoint holds.
        TypeError: the client is not a `FaceAuditClient`.
    """
    _need(client, FaceAuditClient)
    folder = Path(folder)
    ways = Ways(top=top, confirmed=confirmed, final=final, on_invalid=on_invalid, limit=quarantine_limit)
    session = Session(client, session_id, folder, ways, on_page=on_page)
    with _summing_up(folder, [session]):
        if session.is_open:
            with session.at_work():
                _drive(client, session, ways)
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
    final: bool = False,
    on_invalid: Literal["keep", "raise"] = "keep",
    quarantine_limit: int = LIMIT,
    on_page: OnPage | None = None,
    on_result: OnResult | None = None,
) -> list[Result]:
    """Export many sessions side by side, and write the summary of the folder.

    They are begun in the order given; those that were listed to their end before come last.

    Args:
        client: whom to ask.
        session_ids: the sessions; those that expire first should come first.
        folder: is made where there is none, for its owner alone.
        concurrency: how many sessions are exported at once; two pages of each are held, at most.
        rate: pages that are asked for per second, of all sessions together; retries come on top. None for as many as
            come about.
        top: entries of a page, at most; the service takes 1000 without it.
        confirmed: as for `export_session`, as the next three.
        final: see there.
        on_invalid: see there.
        quarantine_limit: see there.
        on_page: receives the record of a session after each page that was written.
        on_result: receives the result of each session; where the export is interrupted, unfinished ones come last.

    Returns:
        The outcome of each session, in the order given. Once the key was refused, the sessions after are not asked for.

    Raises:
        InvalidArgumentError: an id or `top` breaks the limits of the API; nothing was sent.
        FolderError: another export writes to the folder, or nobody can.
        DamagedError: the folder's summary was changed, or is missing.
        InputError: a number is out of its range.
        OSError: the files could not be written; the last checkpoints hold.
        asyncio.CancelledError: it was cancelled; what had arrived was kept, and the summary written.
        TypeError: the client is not an `AsyncFaceAuditClient`.
    """
    _need(client, AsyncFaceAuditClient)
    folder = Path(folder)
    if concurrency < 1 or (rate is not None and not rate > 0):
        raise InputError("concurrency, rate: must be above 0; give how many sessions at once, and calls per second")
    ways = Ways(top=top, confirmed=confirmed, final=final, on_invalid=on_invalid, limit=quarantine_limit)
    sessions = [Session(client, one, folder, ways, on_page=on_page) for one in dict.fromkeys(session_ids)]
    with _summing_up(folder, sessions), ThreadPoolExecutor(min(concurrency, _MOST_THREADS)) as threads:
        crew = _Crew(
            client=client,
            left=iter(sorted(sessions, key=lambda one: one.is_open and one.is_refresh)),
            pace=Pace(rate),
            ways=ways,
            on_result=on_result,
            threads=threads,
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
    """Look at each session, and write the summary before anything is written of one, and always at the end."""
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


def _drive(client: FaceAuditClient, session: Session, ways: Ways) -> None:
    """Ask what a session wants to know, until it is at its end."""
    entries: Any = client.audit_entries  # which overload of its methods is meant depends on `ways`
    steps, place = session.steps(), _Place()
    question = advance(steps, None)
    try:
        while question is not None:
            reply: object = None
            try:
                if isinstance(question, Work):
                    question.do()
                elif isinstance(question, OnePage):
                    reply = entries.list_page(session.session_id, **_for_page(client, question, ways))
                else:
                    if question.listing != place.listing:
                        place.close()
                        pager = entries.list(session.session_id, **_for_listing(question, ways))
                        place = _Place(question.listing, pager, pager.pages())
                    reply = next(place.pages)
            except (DecodeError, PaginationError, SessionNotFoundError) as error:
                reply = error
            question = advance(steps, reply)
    finally:
        place.close()


@frozen
class _Place:
    """A pager, and the number of its listing."""

    listing: int = -1
    pager: Any = None
    pages: Any = None

    def close(self) -> None:
        """Give up the page that is being prefetched."""
        if self.pager is not None:
            self.pager.close()

    async def aclose(self) -> None:
        """The same for asyncio."""
        if self.pager is not None:
            await self.pager.aclose()


def _for_page(client: FaceAuditClient | AsyncFaceAuditClient, question: OnePage, ways: Ways) -> dict[str, Any]:
    return {
        "start": question.start,
        "top": question.top,
        "on_invalid": ways.on_invalid,
        "fresh_connection": ways.confirmed or client.opens_connections,
    }


def _for_listing(question: NextPage, ways: Ways) -> dict[str, Any]:
    return {
        "start": question.start,
        "top": ways.top,
        "on_invalid": ways.on_invalid,
        "prefetch": question.prefetch,
    }


@define(kw_only=True)
class _Crew:
    """Tasks that export one session after the other."""

    client: AsyncFaceAuditClient
    left: Iterator[Session]
    pace: Pace
    ways: Ways
    on_result: OnResult | None
    threads: Executor
    """Where files are written: what several sessions have to wait for on the disk, they wait for together."""
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
            await self._drive(session)
        if session.result.outcome == "refused":
            self.refused = session.result.error

    async def _drive(self, session: Session) -> None:
        entries: Any = self.client.audit_entries
        steps, place = session.steps(), _Place()
        question = advance(steps, None)
        try:
            while question is not None:
                reply: object = None
                try:
                    if isinstance(question, Work):
                        await self._in_thread(question)
                    elif isinstance(question, OnePage):
                        await self.pace.wait()
                        told = _for_page(self.client, question, self.ways)
                        reply = await entries.list_page(session.session_id, **told)
                    else:
                        if question.listing != place.listing:
                            await place.aclose()
                            told = _for_listing(question, self.ways)
                            told["prefetch"] = question.prefetch and self.pace.is_open
                            pager = entries.list(session.session_id, **told)
                            place = _Place(question.listing, pager, pager.pages())
                        await self.pace.wait()
                        reply = await anext(place.pages)
                except (DecodeError, PaginationError, SessionNotFoundError) as error:
                    reply = error
                question = advance(steps, reply)
        finally:
            await place.aclose()

    async def _in_thread(self, work: Work) -> None:
        """Do it in a thread; where this is cancelled, only once it is done, for files are closed then."""
        doing = asyncio.get_running_loop().run_in_executor(self.threads, work.do)
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise
