"""Answers that could be taken for the answers to other requests: unasked ones, those of other threads and tasks."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import RetryPolicy

from .servers import Answer, Received, Service, answer, entries, entry
from .wires import EMPTY, Wire, ok

if TYPE_CHECKING:
    from .conftest import Client, Driver
    from .wires import Line


def settle(client: Client) -> None:
    """Let the event loop, if there is one, see what has arrived."""
    if client._runner is not None:
        client._runner.run(asyncio.sleep(0.01))


def page_of(*ids: str) -> bytes:
    """The body of a page with these entries."""
    return answer(entries(*ids)).body


UNASKED = ok(b"[]")


def test_unasked_answer_in_the_same_segment_is_not_taken(driver: Driver) -> None:
    """What came after an answer is not an answer to the next request."""
    with Wire(
        lambda line: line.answer(ok(b"[]", "X: 1") + UNASKED), lambda line: line.answer(ok(page_of("7")))
    ) as wire:
        client = driver.client(wire.url)
        client.page()
        page = client.page()

    assert [one.id for one in page.items] == ["7"]
    assert (len(page.attempts), wire.accepted) == (1, 2)


@pytest.mark.parametrize("cut", [1, 8, 20, len(UNASKED) - 1])
def test_beginning_of_an_unasked_answer_is_not_completed(driver: Driver, cut: int) -> None:
    """Where only a part of an unasked answer was there, what follows it does not complete it."""

    def cross(line: Line) -> None:
        line.receive()
        line.send(EMPTY + UNASKED[:cut])
        line.receive()
        line.send(UNASKED[cut:] + ok(page_of("6")))

    with Wire(cross, lambda line: line.answer(ok(page_of("7")))) as wire:
        client = driver.client(wire.url)
        client.page()
        page = client.page()

    assert [one.id for one in page.items] == ["7"]
    assert (len(page.attempts), wire.accepted) == (1, 2)


def test_unasked_answer_on_an_idle_connection_is_not_taken(driver: Driver) -> None:
    """A connection on which something arrived that nobody asked for is not used again."""
    told, sent = threading.Event(), threading.Event()

    def babble(line: Line) -> None:
        line.receive()
        line.send(EMPTY)
        told.wait(5)
        line.send(UNASKED)
        sent.set()
        line.hold()

    with Wire(babble, lambda line: line.answer(ok(page_of("7")))) as wire:
        client = driver.client(wire.url)
        client.page()
        told.set()
        sent.wait(5)
        settle(client)
        page = client.page()

    assert [one.id for one in page.items] == ["7"]
    assert len(page.attempts) == 1


def test_unasked_empty_page_ends_no_listing(driver: Driver) -> None:
    """An unasked `[]` would be the end of a listing: entries would be lost without a word."""
    first = ok(page_of("9", "8"))
    with Wire(
        lambda line: line.answer(first + UNASKED),
        lambda line: line.answer(ok(page_of("7")) + UNASKED),
        lambda line: line.answer(EMPTY),
    ) as wire:
        found = driver.client(wire.url).list()

    assert [one.id for one in found] == ["9", "8", "7"]


class Mirror(Service):
    """Answers every request with one entry of the session that it asks for."""

    def respond(self, request: Received) -> Answer:
        """The entry, some requests failing before their turn."""
        session = request.target.split("/")[-2]
        self.requests.append(request)
        number = len(self.requests)
        if number % 7 == 0:
            return Answer(lost="closed")
        if number % 11 == 0:
            return Answer(body=b"[1, 2, 3]", cut_after=4)
        return Answer(body=json.dumps([entry(1) | {"sessionId": session}]).encode())


def test_every_thread_and_task_gets_its_own_answer(driver: Driver) -> None:
    """64 calls at once over shared connections, some of which break: each gets the entry of its own session."""
    sessions = [str(uuid.UUID(int=number)) for number in range(64)]
    found: dict[str, Any] = {}

    with Mirror() as service:
        client = driver.client(service.url, retry=RetryPolicy(max_attempts=50, random=lambda: 0.0))

        def ask(session: str) -> None:
            found[session] = client.made.audit_entries.list_page(session).items[0].session_id

        async def ask_async(session: str) -> None:
            page = await client.made.audit_entries.list_page(session)
            found[session] = page.items[0].session_id

        async def ask_all() -> None:
            await asyncio.gather(*(ask_async(session) for session in sessions))

        if client._runner is None:
            threads = [threading.Thread(target=ask, args=(session,)) for session in sessions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        else:
            client._runner.run(ask_all())

    assert found == {session: session for session in sessions}
