"""The gate and the budget of a client against a model of them, without I/O."""

from __future__ import annotations

from concurrent.futures import Future

from face_audit._runtime.calls.retry import Budget, Gate
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

CALLS = st.sampled_from(["a", "b", "c", "d"])
WAITS = st.integers(0, 20).map(float)
SIZE = 3


class Brakes(RuleBasedStateMachine):
    """Calls ask, are asked to wait, end, and spend retries, in any order."""

    def __init__(self) -> None:
        """Begin with an open gate and a full budget."""
        super().__init__()
        self.gate, self.budget = Gate(), Budget(SIZE)
        self.now, self.left = 0.0, SIZE
        self.until: float | None = None
        self.probe: str | None = None
        self.probed_for: float | None = None
        self.followers: list[Future[None]] = []

    @rule(call=CALLS)
    def ask(self, call: str) -> None:
        """No call passes before the wait is over, then one goes first, and the others wait for its end."""
        said = self.gate.ask(call, self.now)

        if self.until is None:
            assert said is None
        elif self.now < self.until:
            assert said == self.until - self.now
        elif self.probe in {None, call}:
            assert said is None
            if self.probe is None:
                self.probe, self.probed_for = call, self.until
        else:
            assert isinstance(said, Future)
            assert not said.done()
            self.followers.append(said)

    @rule(seconds=WAITS)
    def is_asked_to_wait(self, seconds: float) -> None:
        """The longest wait counts."""
        self.gate.close(self.now + seconds)
        self.until = max(self.now + seconds, self.until or 0.0)

    @rule(call=CALLS, answered=st.booleans())
    def end(self, call: str, *, answered: bool) -> None:
        """Only the end of the call that went first lets the others go, and opens only what it was sent for."""
        self.gate.leave(call, answered=answered)

        if self.probe == call:
            self.probe = None
            if answered and self.until == self.probed_for:
                self.until = None
            assert all(follower.done() for follower in self.followers)
            self.followers.clear()

    @rule(seconds=WAITS)
    def time_passes(self, seconds: float) -> None:
        """Time only goes on."""
        self.now += seconds

    @rule()
    def retry(self) -> None:
        """A retry is made as long as one is left."""
        assert self.budget.take() is (self.left > 0)
        self.left = max(0, self.left - 1)

    @rule()
    def succeed(self) -> None:
        """A success gives one back, up to the size."""
        self.budget.give_back()
        self.left = min(SIZE, self.left + 1)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        """Who waits for another call's end waits for one that is under way."""
        assert self.probe is not None or not self.followers


TestBrakes = Brakes.TestCase
TestBrakes.settings = settings(derandomize=True, deadline=None, max_examples=150, stateful_step_count=40)
