"""Runs the planner and both players, each in a process of its own, because both packages have the same import name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from attrs import frozen

from strict_clients.bump.play.compare import Played, compare

_ROOT = Path(__file__).resolve().parents[3]
"""The folder from which this distribution is imported."""


class PlayFailed(Exception):  # noqa: N818  # an outcome, as GenerationRefused is
    """A package cannot be played, so nothing is known about the effect on its callers."""


@frozen
class Side:
    """One of two packages."""

    folder: Path
    """The folder that contains the package."""
    package: str


def play(old: Side, new: Side) -> Played:
    """Make the calls of the old package with both packages, and compare the results.

    Raises:
        PlayFailed: a package cannot be imported, or its process ended early.
    """
    with ThreadPoolExecutor(2) as pool:
        plan = extend(*pool.map(_plan, (old, new)))
        lines = list(pool.map(_play, (old, new), (plan, plan)))
    return compare(plan, *lines)


def extend(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The old plan with the error answers that only the new document describes: a service may already send them."""
    failing = {one["call"]: one for one in old["calls"] if one.get("fails")}
    known = {_key(one) for one in old["calls"]}
    more = (one for one in new["calls"] if one.get("fails") and one["call"] in failing and _key(one) not in known)
    added = [{**failing[one["call"]], "case": one["case"], "answers": one["answers"]} for one in more]
    return {**old, "calls": [*old["calls"], *added]}


def _key(call: Mapping[str, Any]) -> str:
    return json.dumps([call["call"], call["answers"]])


def _plan(side: Side) -> Any:
    return json.loads(_run("plan", side, ""))


def _play(side: Side, plan: dict[str, Any]) -> list[Any]:
    return [json.loads(line) for line in _run("player", side, json.dumps(plan)).splitlines()]


def _run(module: str, side: Side, given: str) -> str:
    # Nothing else of the environment, because clients read credentials and endpoints from it.
    paths = os.pathsep.join([str(side.folder.resolve()), str(_ROOT)])
    ran = subprocess.run(  # noqa: S603  # our own arguments
        [sys.executable, "-m", f"strict_clients.bump.play.{module}", side.package],
        cwd=side.folder,
        env={"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0"},
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        said = ran.stderr.strip().splitlines()
        why = said[-1] if said else f"its process ended with {ran.returncode}"
        raise PlayFailed(f"{side.folder}: {side.package} cannot be played ({why}); import it, and call what fails")
    return ran.stdout
