"""Fuzzes one target under atheris: `python -m tests.fuzz.one TARGET [libFuzzer's arguments]`; a file replays it."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["face_audit", "email._parseaddr"], enable_loader_override=False):
    from .targets import TARGETS


def main() -> None:
    """Fuzz until the runs are made; ends the process."""
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
