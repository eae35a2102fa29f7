"""What happens to a sample, and what it has to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from .stage import Stage, respond

WAIT = "Rate limit is exceeded. {} 1 seconds."


@dataclass(frozen=True)
class Scenario:
    """A scenario, with a short list unless it says otherwise."""

    name: str
    prepare: Callable[[Stage], None] = lambda stage: None
    count: int = 7
    printed: int | None = None
    """How many items are printed; all of them without it."""
    said: tuple[str, ...] | None = None
    """What is on the standard error; None for a run without an error."""
    requests: int | None = None
    at_least: float = 0
    """The seconds that it takes."""
    key: str = ""
    """In place of the right one."""
    argument: str = ""
    """In place of the name of the collection."""
    often: bool = False
    """Whether `nox -s tests` runs it for both documents."""
    package: bool = True
    """Whether the package does the same; it repeats what may succeed, which has tests of its own."""


def _script(*responses: Any, all_others: bool = False) -> Callable[[Stage], None]:
    """These responses to the first requests, or the only one to all."""

    def prepare(stage: Stage) -> None:
        stage.scripted.update(enumerate(responses, start=0 if all_others else 1))

    return prepare


def _told(stage: Stage) -> None:
    phrase = stage.document["x-wait-hints"]["phrases"][0]
    body = {"error": {"code": "TooMany", "message": WAIT.format(phrase)}}
    stage.scripted[1] = respond(429, body)


def _date(stage: Stage) -> None:
    stage.scripted[1] = respond(429, {}, retry_after=formatdate(time.time() + 2, usegmt=True))


def _fail(**failure: Any) -> Callable[[Stage], None]:
    return lambda stage: stage.emulator.fail(**failure)


def _repeat(stage: Stage) -> None:
    stage.emulator.fail(fault="repeat", times=9, after=1)


def _redirect(status: int) -> Callable[[Stage], None]:
    return _script(lambda elsewhere: respond(status, "", location=f"{elsewhere}/final"))


SCENARIOS = (
    Scenario("2,500 items", count=2500, often=True),
    Scenario("no item", count=0, printed=0, often=True),
    Scenario("429 with seconds", _script(respond(429, {}, retry_after="1")), at_least=0.9, often=True),
    Scenario("429 with a date", _date, at_least=0.9),
    Scenario("429 with a text", _told, at_least=0.9),
    Scenario("429 without a wait", _script(respond(429, "Slow down")), package=False, at_least=0.9),
    Scenario(
        "429 six times",
        _script(respond(429, {"error": {"code": "TooMany", "message": "no"}}, retry_after="0"), all_others=True),
        printed=0,
        said=("429", "TooMany", "no"),
        requests=6,
        package=False,
    ),
    Scenario("429 for days", _script(respond(429, {}, retry_after="1748518")), printed=0, said=("429",), requests=1),
    Scenario("wrong key", key="wrong", printed=0, said=("401", "REQUEST"), requests=1, often=True),
    Scenario(
        "unknown collection", argument="x-1", printed=0, said=("404", "NotFound", "REQUEST"), requests=1, often=True
    ),
    Scenario(
        "403 with a wait",
        _script(respond(403, {"error": {"statusCode": 403, "message": "Out of quota for 2 days."}}, retry_after="9")),
        printed=0,
        said=("403", "Out of quota"),
        requests=1,
    ),
    Scenario("redirect 302", _redirect(302), printed=0, said=("302",), requests=1, often=True),
    Scenario("redirect 307", _redirect(307), printed=0, said=("307",), requests=1),
    Scenario("repeated page", _repeat, said=("again",), count=1100, package=False, often=True),
    Scenario("second page fails", _fail(status=404, after=1), said=("404",), count=1100),
    Scenario("503 with HTML", _fail(fault="server-error"), printed=0, said=("503",), requests=1, package=False),
    Scenario("200 with HTML", _fail(fault="html", times=9), printed=0, said=()),
    Scenario("200 without a body", _fail(fault="empty", times=9), printed=0, said=()),
    Scenario("200 with an object", _script(respond(200, {"a": 1}), all_others=True), printed=0, said=()),
    Scenario("200 with null", _script(respond(200, "null"), all_others=True), printed=0, said=()),
    Scenario("200 with items without ids", _script(respond(200, [{"a": 1}])), printed=0, said=("id",)),
    Scenario("body that is cut", _fail(fault="cut", times=9), printed=0, said=(), package=False),
    Scenario("connection reset", _fail(fault="reset", times=9), printed=0, said=(), package=False),
    Scenario("error that is a text", _script(respond(400, {"error": "no"})), printed=0, said=("400",)),
    Scenario("error that is a list", _script(respond(400, [1])), printed=0, said=("400",)),
    Scenario(
        "error with numbers", _script(respond(400, {"error": {"code": 7, "message": 8}})), printed=0, said=("400",)
    ),
)
