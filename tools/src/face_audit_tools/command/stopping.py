"""Signals that stop the command, as Ctrl-C does."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


def stop_as_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt, once: when a terminal is closed, several may come."""
    signals = _heeded(*_NAMES)

    def stop(*_: object) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in signals:
        signal.signal(one, stop)


@contextmanager
def on_stop(act: Callable[[], object], *, always: Iterable[signal.Signals] = ()) -> Generator[None]:
    """Do something at Ctrl-C and these signals, in place of raising KeyboardInterrupt at any point.

    Signals that were ignored when the command started stay so, except those in `always`.
    """

    def stop(*_: object) -> None:
        act()

    before = {one: signal.signal(one, stop) for one in {*_heeded("SIGINT", *_NAMES), *always}}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _heeded(*names: str) -> list[signal.Signals]:
    """Those that the system has, and that are not ignored, as under `nohup` or in a shell's background process."""
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [one for one in known if signal.getsignal(one) is not signal.SIG_IGN]
