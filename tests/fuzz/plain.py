"""Runs a target on random bytes, without atheris."""

from __future__ import annotations

import random
import time
import traceback
from typing import TYPE_CHECKING

from .result import FINDINGS, Result
from .seeds import DRAWN, seeds_of
from .targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator


def run(name: str, runs: int, seed: int) -> Result:
    """Run the target on its seeds, on damaged seeds, and on noise to draw from, until `runs` or a finding."""
    began, count = time.monotonic(), 0
    for data in _inputs(name, runs, random.Random(seed)):
        count += 1
        try:
            TARGETS[name](data)
        except Exception:  # noqa: BLE001  # whatever escapes a target is a finding
            traceback.print_exc()
            FINDINGS.mkdir(exist_ok=True)
            saved = FINDINGS / f"{name}-plain-{count}"
            saved.write_bytes(data)
            return Result(name, count, time.monotonic() - began, findings=(saved.name,))
    return Result(name, count, time.monotonic() - began)


def _inputs(name: str, runs: int, chance: random.Random) -> Iterator[bytes]:
    seeds = seeds_of(name)
    yield from seeds
    for _ in range(runs - len(seeds)):
        if chance.random() < 0.5:
            yield DRAWN + chance.randbytes(chance.randrange(300))
        else:
            damaged = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            yield bytes(damaged)
