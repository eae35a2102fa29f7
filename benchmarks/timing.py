"""Samples of CPU and wall time, taken in turn, and their summary."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import TypeAlias, TypeVar

Sample: TypeAlias = tuple[float, float]
"""Seconds of CPU and of wall time, for one call."""
PeerT = TypeVar("PeerT")
_LEAST = 2
"""Samples, however long they take."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The middle of many values, and the quartiles around it."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least two values."""
        low, middle, high = quantiles(values, n=4, method="inclusive")
        return cls(low=low, middle=middle, high=high)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The summary of one peer's samples, in seconds."""

    cpu: Spread
    wall: Spread
    samples: int

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Timing:
        """Of at least two samples."""
        cpu, wall = zip(*samples, strict=True)
        return cls(cpu=Spread.of(cpu), wall=Spread.of(wall), samples=len(samples))


def sample(run: Callable[[], object], *, seconds: float, batch: int = 1) -> list[Sample]:
    """Run for about this many seconds; a sample is the mean of `batch` runs, and the last result is freed outside."""
    taken, until = list[Sample](), time.perf_counter() + seconds
    while len(taken) < _LEAST or time.perf_counter() < until:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(batch):
            result = run()
        taken.append(((time.process_time() - cpu) / batch, (time.perf_counter() - wall) / batch))
        del result
    return taken


async def sample_async(run: Callable[[], Awaitable[object]], *, seconds: float, calls: int) -> list[Sample]:
    """The same for asyncio, where one run makes this many calls."""
    taken, until = list[Sample](), time.perf_counter() + seconds
    while len(taken) < _LEAST or time.perf_counter() < until:
        cpu, wall = time.process_time(), time.perf_counter()
        await run()
        taken.append(((time.process_time() - cpu) / calls, (time.perf_counter() - wall) / calls))
    return taken


def interleave(ask: Mapping[str, Callable[[], Iterable[Sample]]], *, rounds: int) -> dict[str, Timing]:
    """Let each have its turn in every round, each round beginning with another one; a first round warms up."""
    taken: dict[str, list[Sample]] = {name: [] for name in ask}
    names = list(ask)
    for turn in range(rounds + 1):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            samples = ask[name]()
            if turn:
                taken[name] += [(cpu, wall) for cpu, wall in samples]
    return {name: Timing.of(samples) for name, samples in taken.items()}
