"""Signals that stop the command, within this process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from face_audit_tools.command.stopping import on_stop, stop_as_ctrl_c

STOPPING = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Signals do again what they did."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, *STOPPING)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def send(number: signal.Signals) -> None:
    """Send a signal to this process, whose handler runs before this returns."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", STOPPING)
def test_signal_is_ctrl_c_once(number: signal.Signals) -> None:
    """Those that follow do nothing, also of the other kind."""
    stop_as_ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        send(number)
    for one in STOPPING:
        send(one)


def test_signal_that_is_ignored_stays_so() -> None:
    """As `nohup` has it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    stop_as_ctrl_c()

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert callable(signal.getsignal(signal.SIGTERM))


@pytest.mark.parametrize("number", [signal.SIGINT, *STOPPING])
def test_signal_does_what_it_is_told_to(number: signal.Signals) -> None:
    """As long as the context lasts, and as often as it is received."""
    stop_as_ctrl_c()
    heard = list[int]()

    with on_stop(lambda: heard.append(number)):
        send(number)
        send(number)

    assert heard == [number] * 2
    with pytest.raises(KeyboardInterrupt):
        send(number)


def test_ctrl_c_that_is_ignored_is_heard_on_request() -> None:
    """By what runs until it is stopped."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heard = list[int]()

    with on_stop(lambda: heard.append(1)):
        send(signal.SIGINT)
    with on_stop(lambda: heard.append(2), always=[signal.SIGINT]):
        send(signal.SIGINT)

    assert heard == [2]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
