"""The pager: iterate a listing's items or pages, stop anywhere, resume from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SdkError
from ..operation import Call
from ..pagination.pager import Paging, advance, refuse_second
from ..responses.pages import Listing, Page

if TYPE_CHECKING:
    from .client import SyncClient
    from .prefetch import Prefetch

__all__ = ["Pager"]

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")


class Pager(Paging[ItemT], Iterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    def __init__(
        self,
        client: SyncClient,
        call: Call,
        *,
        prefetch: bool = False,
        send: Callable[[Call], Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(client, call, **settings)
        self._prefetch: Prefetch | None = None
        if prefetch:
            from .prefetch import Prefetch  # noqa: PLC0415  # only if requested

            self._prefetch = Prefetch(client, trust_short_page=self._trust_short_page)
        self._send = send or (client._send if self._prefetch is None else self._prefetch.send)

    def __iter__(self) -> Pager[ItemT]:
        return self

    def __next__(self) -> ItemT:
        if not self._turn.acquire(blocking=False):
            raise refuse_second()
        try:
            hand = self._hand
            at = hand.next
            if at < hand.count:
                hand.next = at + 1
                return hand.items[at]
            taken = self._run(self._next_item())
        finally:
            self._turn.release()
        if taken is None:
            raise StopIteration
        return taken[0]

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing is repeated."""
        return iter(self._take_page, None)  # not a generator, which would look finished after an error

    def close(self) -> None:
        """Abandon the page that is being prefetched, if any. The pager stays usable.

        Does not wait for a request in progress: its thread ends with the answer, and sends nothing more.
        """
        if self._prefetch is not None:
            self._prefetch.close()

    def _take_page(self) -> Page[ItemT] | None:
        if not self._turn.acquire(blocking=False):
            raise refuse_second()
        try:
            return self._run(self._next_page())
        finally:
            self._turn.release()

    def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        try:
            step = advance(steps, None)
            while isinstance(step, Call):
                step = advance(steps, self._send(step))
        except BaseException as error:
            self.close()
            if isinstance(error, SdkError):
                self._complete(error)
            raise
        return step[0]
