"""Fuzzes one target: `python -m tests.fuzz.one ENGINE TARGET [libFuzzer's arguments]`; a file is run once.

ENGINE is `atheris`, or `plain` where atheris is not installed.
"""

from __future__ import annotations

import sys
from importlib import import_module

ENGINES = {"atheris": "atheris", "plain": "tests.fuzz.plain"}


def main() -> None:
    """Fuzz until the runs are made, or until the first finding; ends the process."""
    program, engine_name, target, *options = sys.argv
    engine = import_module(ENGINES[engine_name])
    # The package imports some modules when they are first used, so fuzzing, too, belongs into the block.
    with engine.instrument_imports(include=["face_audit", "email._parseaddr"], enable_loader_override=False):
        from .targets import TARGETS  # noqa: PLC0415  # loaded for the first time here, so that it is instrumented

        engine.Setup([program, *options], TARGETS[target])
        engine.Fuzz()


if __name__ == "__main__":
    main()
