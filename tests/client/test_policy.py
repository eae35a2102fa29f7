"""The retry policy alone: whether a failed attempt is sent again, after how long, and why not."""

from __future__ import annotations

from typing import Any

import pytest
from face_audit import ConfigurationError, RetryPolicy, Timeouts
from face_audit._runtime.calls.retry import Budget, Decision, Outcome, Tries

POLICY = RetryPolicy(random=lambda: 1.0)


def decide(tries: Tries | None = None, *, hint: float | None = None, **settings: Any) -> Decision:
    """What follows an attempt that may be repeated."""
    policy = RetryPolicy(random=lambda: 1.0, **settings)
    return policy.decide(tries or Tries(), Outcome(may_repeat=True, hint=hint))


def test_defaults_are_those_that_are_promised() -> None:
    """At most 5 attempts, 0.5 s doubled up to 20 s, hints up to 120 s, 10 asked waits; 5, 30 and 180 s of time."""
    policy, timeouts = RetryPolicy(), Timeouts()

    assert (policy.max_attempts, policy.first_wait, policy.longest_wait) == (5, 0.5, 20)
    assert (policy.longest_hint, policy.max_asked_waits, policy.budget) == (120, 10, 100)
    assert (timeouts.connect, timeouts.attempt, timeouts.call) == (5, 30, 180)


@pytest.mark.parametrize(
    ("setting", "smallest", "refused"),
    [
        ("max_attempts", 1, 0),
        ("max_asked_waits", 0, -1),
        ("first_wait", 0, -0.5),
        ("longest_wait", 0, -0.5),
        ("longest_hint", 0, -0.5),
        ("budget", 0, -1),
    ],
)
def test_settings_of_retries_end_at_nought(setting: str, smallest: float, refused: float) -> None:
    """No setting is negative, and at least one attempt is made."""
    assert getattr(RetryPolicy(**{setting: smallest}), setting) == smallest
    with pytest.raises(ConfigurationError, match=setting):
        RetryPolicy(**{setting: refused})


@pytest.mark.parametrize("setting", ["connect", "attempt", "call"])
def test_timeouts_lie_between_nought_and_eleven_days(setting: str) -> None:
    """Any time above zero, up to a million seconds."""
    for accepted in (0.001, 1_000_000):
        assert getattr(Timeouts(**{setting: accepted}), setting) == accepted
    for refused in (0, -1, 1_000_000.5, float("nan"), float("inf")):
        with pytest.raises(ConfigurationError, match=setting):
            Timeouts(**{setting: refused})


def test_no_setting_shows_the_source_of_random_numbers() -> None:
    """What a policy shows are its numbers."""
    assert "random" not in repr(RetryPolicy())


@pytest.mark.parametrize(
    ("counted", "wait"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 16.0), (6, 20.0), (5000, 20.0)]
)
def test_own_wait_doubles_with_every_attempt_up_to_its_limit(counted: int, wait: float) -> None:
    """U(0, min(20 s, 0.5 s * 2^n)): the highest number drawn gives the bound."""
    decision = decide(Tries(counted=counted), max_attempts=9999)

    assert decision == Decision(tries=Tries(counted=counted + 1), wait=wait, own=True, stop=None)


def test_own_wait_is_drawn_from_the_whole_range() -> None:
    """Full jitter: half of the highest number gives half of the bound."""
    policy = RetryPolicy(random=lambda: 0.5)

    assert policy.decide(Tries(), Outcome(may_repeat=True)).wait == 0.25


def test_asked_wait_is_kept_and_counts_as_no_attempt() -> None:
    """What the service asked for is not an attempt of the five, and is not paid from the client's budget."""
    decision = decide(Tries(counted=2, asked=3), hint=7)

    assert decision == Decision(tries=Tries(counted=2, asked=4), wait=7, own=False, stop=None)


@pytest.mark.parametrize(
    ("asked", "tries"), [(8, Tries(asked=9)), (9, Tries(asked=10)), (10, Tries(counted=1, asked=10))]
)
def test_asked_wait_after_the_tenth_counts_as_an_attempt(asked: int, tries: Tries) -> None:
    """A service that asks for waits without end gets its answer: an eleventh wait is one attempt of the five."""
    decision = decide(Tries(asked=asked), hint=7)

    assert decision.tries == tries
    assert decision.wait == 7


@pytest.mark.parametrize(("attempts", "wait"), [(1, None), (2, 7)])
def test_policy_of_one_attempt_sends_nothing_again(attempts: int, wait: float | None) -> None:
    """With `max_attempts=1` nothing is ever sent twice, not even where the service asks for a wait; with 2 it is."""
    assert decide(hint=7, max_attempts=attempts).wait == wait


@pytest.mark.parametrize("hint", [None, 7.0, 121.0])
def test_final_outcome_ends_the_call_without_a_reason_of_the_policy(hint: float | None) -> None:
    """What may not be repeated is final whatever the service asks for: the error speaks for itself."""
    decision = POLICY.decide(Tries(), Outcome(may_repeat=False, hint=hint))

    assert decision.wait is None
    assert decision.stop is None
    assert decision.tries in {Tries(counted=1), Tries(asked=1)}


@pytest.mark.parametrize(
    ("tries", "hint", "setting"),
    [
        (Tries(), 120.5, "retry.longest_hint"),
        (Tries(counted=4), None, "retry.max_attempts"),
        (Tries(counted=4, asked=10), 7.0, "retry.max_attempts"),
        (Tries(counted=4, asked=10), 121.0, "retry.longest_hint"),
    ],
)
def test_end_of_a_call_names_the_setting_that_ended_it(tries: Tries, hint: float | None, setting: str) -> None:
    """An attempt that might succeed and is not made says which setting to raise; it still counts."""
    decision = decide(tries, hint=hint)

    assert decision.wait is None
    assert setting in (decision.stop or "")
    assert decision.tries != tries


def test_last_attempt_is_followed_by_an_asked_wait() -> None:
    """Asked waits go on while attempts are left, and at the longest hint itself."""
    decision = decide(Tries(counted=4, asked=2), hint=120)

    assert decision.wait == 120


def test_asked_wait_of_nought_counts_as_an_attempt() -> None:
    """A service that asks for no time at all is not asked ten times in a row for nothing."""
    assert decide(hint=0) == Decision(tries=Tries(counted=1), wait=0, own=True)


def test_success_gives_one_retry_back() -> None:
    """One for one, and never more than there were."""
    budget = Budget(5)
    for _ in range(5):
        assert budget.take()

    budget.give_back()

    assert [budget.take(), budget.take()] == [True, False]


@pytest.mark.parametrize("wrong", [True, False, "1", None, b"1", [1], float("nan")])
def test_setting_that_is_no_number_is_refused(wrong: Any) -> None:
    """Seconds are numbers and counts are whole ones; what came is named by its setting."""
    for setting in ("connect", "attempt", "call"):
        with pytest.raises(ConfigurationError, match=rf"^timeouts\.{setting}: is "):
            Timeouts(**{setting: wrong})
    for setting in ("first_wait", "longest_wait", "longest_hint", "max_attempts", "max_asked_waits", "budget"):
        with pytest.raises(ConfigurationError, match=rf"^retry\.{setting}: is "):
            RetryPolicy(**{setting: wrong})


@pytest.mark.parametrize("setting", ["first_wait", "longest_wait", "longest_hint"])
def test_waits_may_have_a_million_seconds(setting: str) -> None:
    """Nobody waits for longer, and beyond it a clock may overflow."""
    assert getattr(RetryPolicy(**{setting: 1_000_000}), setting) == 1_000_000
    for refused in (1_000_000.5, float("inf")):
        with pytest.raises(ConfigurationError, match=setting):
            RetryPolicy(**{setting: refused})


@pytest.mark.parametrize("setting", ["max_attempts", "max_asked_waits", "budget"])
def test_counts_are_whole(setting: str) -> None:
    """Half an attempt is none."""
    assert getattr(RetryPolicy(**{setting: 10**9}), setting) == 10**9
    with pytest.raises(
        ConfigurationError, match=f"{setting}: is 1.5; give a whole number, {1 if setting == 'max_attempts' else 0}"
    ):
        RetryPolicy(**{setting: 1.5})


def test_wrong_setting_is_shown_in_part() -> None:
    """80 characters of it."""
    shown = f"is '{'x' * 79}; give"

    for make in (lambda: Timeouts(call="x" * 5000), lambda: RetryPolicy(first_wait="x" * 5000)):
        with pytest.raises(ConfigurationError, match=shown):
            make()
    with pytest.raises(ConfigurationError, match=shown):
        RetryPolicy(budget="x" * 5000)  # type: ignore[arg-type]
