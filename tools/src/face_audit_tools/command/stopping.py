"""Signals that stop the command, as Ctrl-C does."""

from __future__ import annotations

import signal
from types import FrameType


def stop_signals() -> list[signal.Signals]:
    """SIGTERM, SIGHUP, and SIGBREAK of Windows, as far as the system has them; none that is ignored, as by `nohup`."""
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    return [one for one in known if signal.getsignal(one) is not signal.SIG_IGN]


def stop_as_ctrl_c() -> None:
    """Let each of these signals do what Ctrl-C does, once: when a terminal is closed, several may come."""
    signals = stop_signals()

    def stop(_: int, frame: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler):
            handler(signal.SIGINT, frame)
        else:  # a shell starts what it runs in the background with Ctrl-C ignored
            raise KeyboardInterrupt

    for one in signals:
        signal.signal(one, stop)
