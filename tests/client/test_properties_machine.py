"""A pager beside a service that grows, shrinks its pages, repeats itself, goes in circles and fails, in any order."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import FaceAuditError, PaginationError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .conftest import Driver, Walk
from .properties import FIXED, Listed, page_of, refusal, talking_to

if TYPE_CHECKING:
    from face_audit._runtime.wire import HTTPRequest, HTTPResponse

pytestmark = pytest.mark.uncovered


class Paging(RuleBasedStateMachine):
    """Never twice, never endless; an error, or exactly what the listing held."""

    runner: asyncio.Runner | None = None

    @initialize(count=st.integers(0, 6), descending=st.booleans(), verify=st.sampled_from([None, None, "stable"]))
    def begin(self, count: int, descending: bool, verify: str | None) -> None:
        """A session of some entries in one of both orders."""
        self.driver = Driver(self.runner)
        self.descending, self.verify = descending, verify
        self.next = count
        numbers = range(count, 0, -1) if descending else range(1, count + 1)
        self.listed = Listed(list(numbers))
        self.fault, self.faults = "none", 0
        self.pages: list[HTTPResponse] = [page_of([])]
        self.delivered: list[int] = []
        self.finished = self.troubled = self.grown = False
        self.walk = self.opened(None)

    def opened(self, checkpoint: dict[str, Any] | None) -> Walk:
        """A pager of a new client."""
        self.driver.close()
        client = self.driver.client(**talking_to(self.answer))
        return client.walk(top=4, checkpoint=checkpoint, verify=self.verify)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """A page, or what the fault makes of it."""
        honest = self.listed.answer(request)
        if self.fault == "none" or self.faults == 0:
            self.pages.append(honest)
            return honest
        self.faults -= 1
        self.troubled = True
        if self.fault == "fail":
            raise httpx.UnsupportedProtocol("lost")
        if self.fault == "repeat":
            return self.pages[-1]
        if self.fault == "cycle":
            return self.pages[-2] if len(self.pages) > 2 else self.pages[-1]
        return page_of(self.listed.entries[:2])  # the cursor is ignored

    @rule(cap=st.integers(1, 5))
    def cap_pages(self, cap: int) -> None:
        """Pages become smaller or larger."""
        self.listed.caps = [cap]

    @rule(count=st.integers(1, 2))
    def grow(self, count: int) -> None:
        """New entries are before the first or after the last, as the order says."""
        for _ in range(count):
            self.next += 1
            made = {"id": self.next, "digest": "FF"}
            self.listed.entries.insert(0 if self.descending else len(self.listed.entries), made)
        self.grown = True

    @rule(fault=st.sampled_from(["fail", "repeat", "cycle", "ignore"]), times=st.integers(1, 5))
    def fall_ill(self, fault: str, times: int) -> None:
        """The next answers are wrong."""
        self.fault, self.faults = fault, times

    @rule()
    def heal(self) -> None:
        """The next answers are right."""
        self.fault, self.faults = "none", 0

    @precondition(lambda self: not self.finished)
    @rule(count=st.integers(1, 4))
    def take(self, count: int) -> None:
        """The next entries, each within a bounded number of requests."""
        for _ in range(count):
            sent, taken = len(self.listed.requests), list[Any]()
            error = refusal(FaceAuditError, lambda taken=taken: taken.extend(self.walk.take(1)))
            # A page and its repetition, or a whole second pass.
            assert len(self.listed.requests) - sent <= (2 if self.verify is None else 4 + 2 * self.next)
            if error is not None:
                assert error.checkpoint == self.walk.checkpoint
                return
            if not taken:
                self.finish()
                return
            self.delivered += [int(one.id) for one in taken]

    @rule()
    def crash(self) -> None:
        """The process ends; a new client goes on from the checkpoint."""
        self.walk = self.opened(json.loads(json.dumps(self.walk.checkpoint)))

    def finish(self) -> None:
        """What was delivered is what the listing holds, but for entries that were added before its first."""
        self.finished = True
        held = [int(one) for one in self.listed.ids]
        if self.delivered:
            begin = held.index(self.delivered[0]) if self.descending and self.grown else 0
            assert self.delivered == held[begin:]
        elif not self.troubled and not self.grown:
            assert held == []

    @invariant()
    def never_twice(self) -> None:
        """No entry was delivered twice, and all were in the listing."""
        if hasattr(self, "delivered"):
            assert len(set(self.delivered)) == len(self.delivered)
            assert set(self.delivered) <= {int(one) for one in self.listed.ids}

    def teardown(self) -> None:
        """Once the service is well again the pager ends, or says in an error that it cannot."""
        if not hasattr(self, "walk"):
            return
        self.heal()
        with suppress(PaginationError):
            self.delivered += [int(one.id) for one in self.walk.take()]
            if not self.finished:
                self.finish()
        self.never_twice()
        self.driver.close()


class BlockingPaging(Paging):
    """The sync pager."""


class AwaitingPaging(Paging):
    """The async pager."""

    def __init__(self) -> None:
        """Open an event loop."""
        super().__init__()
        self.runner = asyncio.Runner()

    def teardown(self) -> None:
        """Close it."""
        super().teardown()
        assert self.runner is not None
        self.runner.close()


TestBlockingPaging = BlockingPaging.TestCase
TestAwaitingPaging = AwaitingPaging.TestCase
TestBlockingPaging.settings = settings(FIXED, max_examples=200, stateful_step_count=25)
TestAwaitingPaging.settings = settings(FIXED, max_examples=100, stateful_step_count=25)
