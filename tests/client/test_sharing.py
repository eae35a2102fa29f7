"""One pager is for one task: a second one is told so, and the first is not harmed."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from typing import Any

import httpx
import pytest
from face_audit import AsyncFaceAuditClient, ConfigurationError, FaceAuditClient
from face_audit._runtime.http.client import HandlerTransport
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

from .conftest import KEY, Driver
from .properties import Listed
from .servers import SESSION, entries

TEXT = "pager: is used by two tasks at once; make one pager for each"


def page(*ids: str) -> HTTPResponse:
    """A page of entries with these ids."""
    content = json.dumps(entries(*ids)).encode()
    return HTTPResponse(status=200, headers={"content-type": "application/json"}, content=content)


class Waiting(httpx.AsyncBaseTransport):
    """Answers with pages once it is told to."""

    def __init__(self, pages: list[list[str]]) -> None:
        """Hold the ids of each page."""
        self.asked, self.answered = asyncio.Event(), asyncio.Event()
        self._pages = pages

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The next page."""
        self.asked.set()
        await self.answered.wait()
        return httpx.Response(200, json=entries(*self._pages.pop(0)))


@pytest.mark.parametrize("first", ["items", "pages"])
@pytest.mark.parametrize("second", ["items", "pages"])
def test_second_use_during_a_fetch_is_refused(driver: Driver, first: str, second: str) -> None:
    """Anyone who advances a pager while another does so gets an error; the other goes on as if nothing had been."""
    refused: list[str] = []

    def interfere(request: HTTPRequest) -> HTTPResponse:
        other = walk.pager if second == "items" else walk.pager.pages()
        with pytest.raises(ConfigurationError) as caught:
            next(other) if hasattr(other, "__next__") else other.__anext__().send(None)
        refused.append(str(caught.value))
        return [page("2", "1"), page()][len(refused) - 1]

    walk = driver.client("http://localhost", transport=HandlerTransport(interfere)).walk()

    found: list[Any] = walk.take() if first == "items" else [one for page in walk.pages() for one in page.items]

    assert [one.id for one in found] == ["2", "1"]
    assert refused == [TEXT, TEXT]


def test_two_threads_share_no_pager() -> None:
    """The second thread is refused at once, however long the first one waits for its answer."""
    asked, answered = threading.Event(), threading.Event()

    def wait(request: HTTPRequest) -> HTTPResponse:
        asked.set()
        answered.wait(5)
        return page("1")

    with FaceAuditClient(
        KEY, endpoint="http://localhost", http_client=httpx.Client(transport=HandlerTransport(wait))
    ) as client:
        pager = client.audit_entries.list(SESSION, trust_short_page=True)
        found: list[Any] = []
        first = threading.Thread(target=lambda: found.extend(pager))
        first.start()
        asked.wait(5)
        with pytest.raises(ConfigurationError, match=TEXT):
            next(pager)
        answered.set()
        first.join(5)

    assert [one.id for one in found] == ["1"]


def test_threads_that_ask_again_get_every_entry_once() -> None:
    """However threads interleave, no entry comes twice or never, and reading the checkpoint disturbs nobody."""
    switching = sys.getswitchinterval()
    listed = Listed(range(300, 0, -1), caps=[7])
    found: list[int] = []

    def take() -> None:
        while True:
            try:
                found.append(int(next(pager).id))
            except ConfigurationError:
                pager.checkpoint  # noqa: B018  # settles what was handed over
            except StopIteration:
                return

    with Driver(None).client(**listed.options()).made as client:
        pager = client.audit_entries.list(SESSION)
        threads = [threading.Thread(target=take) for _ in range(3)]
        sys.setswitchinterval(1e-6)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        sys.setswitchinterval(switching)

    assert sorted(found) == list(range(1, 301))
    assert pager.checkpoint["finished"] is True


def test_two_tasks_share_no_pager() -> None:
    """The same for tasks; a task that is cancelled leaves the pager to the next one."""

    async def run() -> tuple[list[str], list[str]]:
        waiting = Waiting([["1"], []])
        async with AsyncFaceAuditClient(
            KEY, endpoint="http://localhost", http_client=httpx.AsyncClient(transport=waiting)
        ) as client:
            pager = client.audit_entries.list(SESSION)
            cancelled = asyncio.create_task(anext(pager))
            await asyncio.wait_for(waiting.asked.wait(), 5)
            cancelled.cancel()
            await asyncio.wait([cancelled])
            tasks = [asyncio.create_task(anext(pager)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting.answered.set()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            rest = [one.id async for one in pager]
        return [getattr(one, "id", str(one)) for one in done], rest

    assert asyncio.run(run()) == (["1", TEXT, TEXT], [])
