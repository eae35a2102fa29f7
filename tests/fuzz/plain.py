"""Replaces atheris in the tests: the part of its interface that `one` uses, and of libFuzzer's command line.

The session and the tests share everything but this module: which inputs are tried after the empty one and the seeds
(random ones here, in atheris those that reach new code), the instrumentation, and libFuzzer's limits on an input.
"""

from __future__ import annotations

import hashlib
import random
import sys
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from .seeds import DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

FOUND = 77
"""The exit code of a run with a finding, as libFuzzer has it."""
_task: list[tuple[Sequence[str], Callable[[bytes], None]]] = []


def instrument_imports(**_: object) -> AbstractContextManager[None]:
    """Change nothing."""
    return nullcontext()


def Setup(arguments: Sequence[str], target: Callable[[bytes], None]) -> None:  # noqa: N802  # named by atheris
    """Remember what to run."""
    _task[:] = [(arguments[1:], target)]


def Fuzz() -> None:  # noqa: N802
    """Run the target on a file, or on the inputs of a corpus and on random ones; ends the process."""
    ((arguments, target),) = _task
    options = dict(option[1:].split("=", 1) for option in arguments if option.startswith("-"))
    (path,) = (Path(argument) for argument in arguments if not argument.startswith("-"))
    corpus = sorted(path.iterdir()) if path.is_dir() else []
    inputs = _inputs([one.read_bytes() for one in corpus], options) if path.is_dir() else iter([path.read_bytes()])
    count = 0
    for count, data in enumerate(inputs, 1):
        try:
            target(data)
        except Exception:  # noqa: BLE001  # an error of any kind is a finding
            traceback.print_exc()
            found = Path(f"{options.get('artifact_prefix', '')}crash-{hashlib.sha1(data).hexdigest()}")
            found.write_bytes(data)
            _report(count, len(corpus))
            sys.exit(FOUND)
    _report(count, len(corpus))
    sys.exit()


def _inputs(seeds: list[bytes], options: dict[str, str]) -> Iterator[bytes]:
    """The empty input first, as libFuzzer does, then the seeds, then damaged seeds and random bytes to draw from."""
    chance, longest = random.Random(int(options["seed"])), int(options["max_len"])
    yield b""
    yield from (seed[:longest] for seed in seeds)
    for _ in range(int(options["runs"]) - 1 - len(seeds)):
        if chance.random() < 0.5:
            yield DRAWN + chance.randbytes(chance.randrange(300))
        else:
            damaged = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            yield bytes(damaged[:longest])


def _report(count: int, corpus: int) -> None:
    """What libFuzzer prints at the end; nothing is instrumented here, so there are no edges and no features."""
    print(f"#{count}\tDONE   cov: 0 ft: 0 corp: {corpus}/0b", file=sys.stderr)
    print(f"stat::number_of_executed_units: {count}", file=sys.stderr)
