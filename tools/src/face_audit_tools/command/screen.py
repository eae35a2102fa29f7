"""What is on the screen: tables for people, JSON lines for programs, notes beside both."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal, TypeAlias

import click
from rich.console import Console
from rich.text import Text

from .streams import as_far_as_read

Form: TypeAlias = Literal["table", "json"]
Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

form_option: Decorator = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    help="A table or JSON lines; without it, a table in a terminal and JSON lines elsewhere.",
)


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the caller: rich would end the process with an exit code of its own."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def find_form(given: Form | None) -> Form:
    """How results are written to the standard output."""
    return given or ("table" if sys.stdout.isatty() else "json")


def can_animate(screen: Console) -> bool:
    """Whether lines of a screen may be written anew: on a terminal, and not where FORCE_COLOR makes a pipe one."""
    return screen.is_interactive and screen.file.isatty()


def console(*, stderr: bool = False) -> Console:
    """The screen: as wide and as colourful as the terminal; NO_COLOR is respected."""
    return _Screen(stderr=stderr, highlight=False, emoji=False, markup=False)


def note(text: str) -> None:
    """Write a sentence beside the results, to the standard error, if anybody still reads it."""
    with suppress(OSError):
        click.echo(_tame(text), err=True)


def show_line(text: str, style: str = "") -> None:
    """Write a result that is a sentence; the terminal breaks it, so that what is copied of it is whole."""
    with as_far_as_read():
        console().print(cell(text, style), soft_wrap=True)


def write_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write each row as a line of JSON."""
    with as_far_as_read():
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))


def cell(value: object, style: str = "") -> Text:
    """What came from outside as text: nothing in it is taken for markup or for a control sequence."""
    return Text("-" if value is None else _tame(str(value)), style=style)


def many(number: int, one: str, several: str | None = None) -> str:
    """A number of things: `1 entry`, `2 entries`; the second name is needed where it is not the first with an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _tame(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)
