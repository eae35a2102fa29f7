"""Asks for a session, without I/O: what to ask next, what an answer proves, and what is written of it.

Ids that only rise or only fall show a page that was answered before. What they do not show is asked for twice: the
beginning, the end, and where ids of digits skip; the second time over a connection that was not used before, on which
no answer to an earlier question can arrive. A session of one page takes three requests: the page; its first entry
again; and what follows its last entry but one, which has to be its last entry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

from attrs import frozen
from face_audit import DecodeError, PaginationError, SessionNotFoundError

from .errors import UnsureError
from .found import Found, Refusal, found_in, missing_between, salvaged, whole
from .gaps import as_number
from .known import Known
from .quarantine import LIMIT, Refused
from .record import direction_of
from .writer import OnPage, Writer

_AGAIN = "export the session again"
_TRIES = 3
"""How often a page is asked for whose repetition differs."""
_MOST_GAPS = 3
"""Gaps of a run that are asked for again; where ids skip more often, they skip for a reason of the service."""
_LONGEST_START = 64
"""Characters of an id that can be asked from."""
_DEFAULT_TOP = 1000
"""Entries of a page where nobody asks for fewer."""


class NextPage(NamedTuple):
    """Ask for the next page of a listing; reply with it."""

    listing: int
    """Another number is another listing."""
    start: str | None
    prefetch: bool


class OnePage(NamedTuple):
    """Ask for one page over a connection that was not used before, where that is possible; reply with it."""

    start: str | None
    top: int | None


class Work(NamedTuple):
    """Do something that takes its time and sends nothing."""

    do: Callable[[], object]


Question: TypeAlias = NextPage | OnePage | Work
Steps: TypeAlias = Generator[Question, Any, None]


@frozen(kw_only=True)
class Ways:
    """How sessions are asked for."""

    top: int | None = None
    confirmed: bool = True
    final: bool = False
    on_invalid: Literal["keep", "raise"] = "keep"
    limit: int = LIMIT
    """Bytes of the file of refused answers of a session."""


class Asking:
    """One listing of a session, from its beginning or from where it stopped, to its end or to what is known."""

    def __init__(  # noqa: PLR0913  # one for each thing that it needs
        self,
        session_id: str,
        writer: Writer,
        known: Known,
        ways: Ways,
        *,
        check: Callable[[], object] | None,
        on_page: OnPage | None,
    ) -> None:
        """Nothing is asked yet; `check` verifies what is there, before something is written after it."""
        self.joins: str | None = None
        """The id of an entry that was known before, next to which the new ones are listed."""
        self.grown: bool = False
        """Whether there were new entries by the end."""
        self._session_id, self._writer, self._known, self._ways = session_id, writer, known, ways
        self._check: Callable[[], object] | None = check
        self._on_page = on_page
        self._first, self._listing, self._gaps = True, 0, 0
        self._begin: str | None = None
        """The first id that was listed, where the listing began in this run."""
        self._end_is_known = False
        self._others = set[str]()
        """The ids of this listing that are not of digits: no order shows that one comes again."""

    @property
    def _cursor(self) -> str | None:
        found: str | None = self._writer.segment.pager["cursor"]
        return found or (self._known.start if self._first else None)

    @property
    def _limit(self) -> int:
        """Entries of a page, at most."""
        return self._ways.top or _DEFAULT_TOP

    def run(self) -> Steps:
        """Yields what to ask and to do, is sent what came, and the errors of the SDK that ended it.

        Raises:
            FaceAuditError: the service did not answer, or twice with what cannot be taken.
            UnsureError: it answers the same question differently, or does not list what is here.
        """
        while not self._writer.segment.pager["finished"]:
            is_beginning = self._first and self._cursor is None
            found = yield from self._page()
            yield from self._refuse(*found.refused)
            raw, ids, joined = yield from self._take(found)
            yield from self._add(raw, ids, found, ended=joined or found.is_end)
            if (
                is_beginning
                and not joined
                and not found.is_end
                and (end := (yield from self._find_end(found))) is not None
            ):
                yield from self._add([], [], end, ended=True)
        if self._known.is_unmet(self.joins):
            raise UnsureError(f"{self._session_id}: the service lists none of the entries that are here; {_AGAIN}")
        if self._ways.final and self._ways.confirmed and self._known.start is None and not self.grown:
            top = yield from self._ask_one(None, 1)
            self.grown = bool(top.ids) and top.ids[0] not in (self._begin, self._writer.segment.first_id)

    def _page(self) -> Generator[Question, Any, Found]:
        """The next page, once it is sure."""
        doubt: str | None = None
        for _ in range(_TRIES):
            found = yield from self._ask()
            self._require_order(found)
            try:
                found, doubt = yield from self._confirm(found)
            except SessionNotFoundError:  # nobody can confirm it any more, and it may be all that there is left
                yield from self._keep(found)
                raise
            except (DecodeError, PaginationError) as error:  # such as a new entry that is wrong: the page has it, too
                doubt = str(error)
            if doubt is None:
                self._begin = found.ids[0] if found.ids and self._first and self._cursor is None else self._begin
                self._first = False
                return found
            self._listing += 1
        raise UnsureError(f"{self._session_id}: {doubt}; {_AGAIN}")

    def _ask(self) -> Generator[Question, Any, Found]:
        start, top = self._cursor, self._ways.top
        is_refresh = self._first and start is None and self._known.is_some
        try:
            # What is known may be all that there is: one request, on which no other answer can arrive.
            question = OnePage(None, top) if is_refresh else NextPage(self._listing, start, prefetch=not self._first)
            return found_in((yield question))
        except (DecodeError, PaginationError) as error:
            self._listing += 1
            refused = error
        try:
            return found_in((yield OnePage(start, top)))
        except SessionNotFoundError:  # what was refused is all that came
            found = self._salvaged(refused)
            yield from self._refuse(whole(refused, after=start)) if found is None else self._keep(found)
            raise
        except (DecodeError, PaginationError) as error:
            found = self._salvaged(error)
            if found is None:
                yield from self._refuse(whole(error, after=start))
                raise
            return found

    def _salvaged(self, error: Refusal) -> Found | None:
        """What is right of a page that was refused; None if nothing is, or nobody asked for it."""
        return salvaged(error, self._session_id, after=self._cursor) if self._ways.on_invalid == "keep" else None

    def _keep(self, found: Found) -> Generator[Work, Any, None]:
        """Write the last page of a session that is gone, which nobody can ask for again."""
        yield from self._refuse(*found.refused)
        raw, ids, _ = yield from self._take(found)
        yield from self._add(raw, ids, found, ended=False)

    def _ask_one(self, start: str | None, top: int | None) -> Generator[OnePage, Any, Found]:
        """One page; where it is refused, asked for once more."""
        try:
            return found_in((yield OnePage(start, top)))
        except (DecodeError, PaginationError):
            return found_in((yield OnePage(start, top)))

    def _confirm(self, found: Found) -> Generator[OnePage, Any, tuple[Found, str | None]]:
        """The page, or a better one in its place; and what speaks against it, if something does."""
        if not self._ways.confirmed or found.refused:
            return found, None
        if found.is_end:
            return found, (yield from self._confirm_end())
        found, is_sure = yield from self._look_into_gap(found)
        if is_sure or not self._first:
            return found, None
        return found, (yield from self._confirm_beginning(found))

    def _confirm_end(self) -> Generator[OnePage, Any, str | None]:
        if self._end_is_known:
            return None
        again = yield from self._ask_one(self._cursor, 1)
        return None if again.is_end else self._differ(None, again.ids[0])

    def _look_into_gap(self, found: Found) -> Generator[OnePage, Any, tuple[Found, bool]]:
        """The page, asked for again where its ids skip; and whether that shows that it is the one asked for."""
        cursor = self._cursor
        missing = missing_between(cursor, found.ids)
        if not missing:
            follows = cursor is not None and as_number(cursor) is not None and as_number(found.ids[0]) is not None
            return found, follows
        if self._gaps == _MOST_GAPS:
            return found, False
        self._gaps += 1
        again = yield from self._ask_one(cursor, self._ways.top)
        begins_no_later = cursor is not None or found.ids[0] in again.ids
        if again.ids and begins_no_later and missing_between(cursor, again.ids) < missing:
            self._require_order(again)
            self._listing += 1
            return again, True
        return found, list(again.ids[:1]) == list(found.ids[:1])

    def _confirm_beginning(self, found: Found) -> Generator[OnePage, Any, str | None]:
        """Compare the first entry of the first page of a run with that of the same question, asked again."""
        cursor, is_alone = self._cursor, len(found.ids) == 1
        if self._known.is_some and cursor is None:
            return None  # what is listed joins what is here
        again = yield from self._ask_one(cursor, 2 if is_alone else 1)
        one, other = found.ids[0], again.ids[0] if again.ids else None
        if one == other:
            self._end_is_known = is_alone and len(again.ids) == 1 and cursor is None
            return None
        if cursor is None and other is not None and _falls(found, other):
            self.grown = direction_of(other, one) == "descending"
            return None
        return self._differ(one, other)

    def _find_end(self, found: Found) -> Generator[OnePage, Any, Found | None]:
        """The end after the first page, if its last entry alone follows the one before it."""
        if not self._ways.confirmed or self._known.is_some or found.refused:
            return None
        if not 1 < len(found.ids) < self._limit or len(found.ids[-2] or "") > _LONGEST_START:
            self._listing += 1  # goes on with prefetching
            return None
        again = yield from self._ask_one(found.ids[-2], 2)
        if list(again.ids) == [found.ids[-1]]:
            return again
        self._listing += 1
        return None

    def _take(self, found: Found) -> Generator[Work, Any, tuple[Sequence[bytes], Sequence[str | None], bool]]:
        """What of a page is new, and whether it joins what is known."""
        self._require_others(found)
        new = [at for at, one in enumerate(found.ids) if not self._known.has(one)]
        if len(new) < len(found.ids) and self.joins is None:
            at = next(at for at in range(len(found.ids)) if self._known.has(found.ids[at]))
            self.joins = found.ids[at]
            complaint = self._known.complaint(self.joins, found.raw[at])
            if complaint is not None:
                refused = Refused(
                    content=found.raw[at],
                    reason=complaint,
                    after=self._cursor,
                    request_id=found.request_id,
                    is_entry=False,
                )
                yield from self._refuse(refused)
                raise UnsureError(f"{self._session_id}: {complaint}; {_AGAIN}")
        if len(new) < len(found.ids) and self._known.start is not None:
            one = next(one for one in found.ids if self._known.has(one))
            raise UnsureError(f"{self._session_id}: behind its newest entry the service lists {one!r:.80}; {_AGAIN}")
        is_whole = len(found.ids) < self._limit and self._known.are_all(found.ids)
        joined = self.joins is not None and (self._known.ends_listing or is_whole)
        return [found.raw[at] for at in new], [found.ids[at] for at in new], joined

    def _add(
        self, raw: Sequence[bytes], ids: Sequence[str | None], found: Found, *, ended: bool
    ) -> Generator[Work, Any, None]:
        if raw:
            yield from self._check_once()
        pager = {"cursor": found.cursor or self._cursor, "finished": ended}
        yield Work(partial(self._writer.add, raw, ids, found.record(len(raw)), pager))
        if self._on_page is not None:
            self._on_page(self._writer.record)

    def _refuse(self, *refused: Refused) -> Generator[Work, Any, None]:
        if refused:
            yield from self._check_once()
            yield Work(partial(self._writer.refuse, list(refused)))

    def _check_once(self) -> Generator[Work, Any, None]:
        """Verify what is there before something is written after it; of a long session, that takes seconds."""
        if self._check is not None:
            yield Work(self._check)
            self._check = None

    def _require_order(self, found: Found) -> None:
        """Make sure that a page goes on in the direction of those before it, which a new listing does not know."""
        segment = self._writer.segment
        before, cursor = direction_of(segment.first_id, segment.last_id), segment.pager["cursor"]
        if before is None or cursor is None or not found.ids:
            return
        if direction_of(cursor, found.ids[0]) not in (before, None):
            text = f"after the entry {cursor!r:.80} the service lists {found.ids[0]!r:.80}, against the order before"
            raise UnsureError(f"{self._session_id}: {text}; {_AGAIN}")

    def _require_others(self, found: Found) -> None:
        """Make sure that no id comes again of which no order shows that it does."""
        others = [one for one in found.ids if one is not None and as_number(one) is None]
        again = next((one for one in others if one in self._others or self._known.is_of_this_listing(one)), None)
        if again is not None:
            raise UnsureError(f"{self._session_id}: the service lists the entry {again!r:.80} a second time; {_AGAIN}")
        self._others.update(others)

    def _differ(self, one: str | None, other: str | None) -> str:
        cursor = self._cursor
        where = "at the beginning" if cursor is None else f"after the entry {cursor!r:.80}"
        return f"{where} the service has {_named(one)}, and, asked again, {_named(other)}"


def _falls(found: Found, other: str) -> bool:
    """Whether a page that begins elsewhere than its repetition does is one of a list that grows at its beginning."""
    first, last = found.ids[0], found.ids[-1]
    return direction_of(first, last) == "descending" or (first == last and direction_of(other, first) == "descending")


def _named(found: str | None) -> str:
    return "nothing" if found is None else f"the entry {found!r:.80}"


def advance(steps: Steps, reply: object) -> Question | None:
    """The next question, once this is the reply to the one before, or the error that it ended with; None at the end."""
    try:
        return steps.throw(reply) if isinstance(reply, Exception) else steps.send(reply)
    except StopIteration:
        return None
