"""`face-audit emulate`: the service on this machine, with generated sessions."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, cast

import click

from ..errors import InputError
from ..generated import KEY, GeneratedEmulator, Session, generate
from ..output import check_output, replacing
from .options import FOLDER, Number
from .screen import many, note
from .stopping import on_stop

_MOST = 100_000
"""The largest number of entries of a session: all are in memory while it is requested."""


def _read_counts(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int]:
    """The smallest and the largest number of entries."""
    found = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", value)
    smallest, largest = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not smallest <= largest <= _MOST:
        raise click.BadParameter(f"{value!r:.40} is not a number or a range such as 1-2500, up to {_MOST:,}")
    return smallest, largest


@click.command(
    "emulate",
    epilog="""The same seed gives the same sessions and entries, so that an export can continue after a restart.

\b
Example:
  face-audit emulate --sessions 20 --entries 1-2500 --faults 0.02 --limit 50 --write try --background""",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="The port; 0 takes a free one."
)
@click.option("--sessions", type=click.IntRange(min=1), default=20, show_default=True, help="The number of sessions.")
@click.option("--entries", callback=_read_counts, default="1-2500", show_default=True, help="Entries of each session.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number gives other sessions.")
@click.option("--faults", type=Number(0, 1), default=0.0, help="The share of requests that fail.")
@click.option("--limit", type=Number(0, min_open=True), help="Calls a second; more are answered with 429.")
@click.option("--oldest-first", is_flag=True, help="List the oldest entry first; the API lists the newest first.")
@click.option("--write", metavar="FOLDER", type=FOLDER, help="Write sessions.txt and digests.csv to this folder.")
@click.option("--force", is_flag=True, help="With --write, overwrite existing files.")
@click.option("--background", is_flag=True, help="Return when the server is ready; it continues in another process.")
@click.pass_context
def command(
    context: click.Context,
    port: int,
    sessions: int,
    entries: tuple[int, int],
    seed: int,
    faults: float,
    limit: float | None,
    oldest_first: bool,
    write: Path | None,
    force: bool,
    background: bool,
) -> None:
    """Serve an emulator of the API on 127.0.0.1 until stopped, to try everything without a subscription."""
    if background:
        context.exit(_start({**context.params, "background": False, "entries": f"{entries[0]}-{entries[1]}"}))
    made = generate(sessions=sessions, smallest=entries[0], largest=entries[1], seed=seed)
    emulator = GeneratedEmulator(made, faults=faults, limit=limit, ascending=True if oldest_first else None, seed=seed)
    stopped = threading.Event()
    # Handle Ctrl-C even if a shell has started it with Ctrl-C ignored, as it does with background commands.
    with on_stop(stopped.set, always=[signal.SIGINT]), _serving(emulator, port) as url:
        if write is not None:
            _write(write, made, force=force)
        count = many(sum(one.count for one in made), "entry", "entries")
        note(f"to use it: export FACE_ENDPOINT={url} FACE_APIKEY={KEY}")
        # Last, when everything is ready: `--background` waits for this line.
        click.echo(f"{many(len(made), 'session')} of {count} at {url}")
        stopped.wait()


def _start(options: Mapping[str, object]) -> int:
    """Run the command with these options in another process; the exit code, when it is ready or has failed."""
    given = [
        f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
        for name, value in options.items()
        if value is not None and value is not False
    ]
    # In a new session, so that it does not end with the terminal or on Ctrl-C.
    child = subprocess.Popen(  # noqa: S603  # this command itself
        [sys.executable, "-P", "-m", "face_audit_tools", "emulate", *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with cast("IO[str]", child.stdout) as out, cast("IO[str]", child.stderr) as notes:
        ready = out.readline()
        if not ready:
            click.echo(notes.read(), err=True, nl=False)
            return child.wait()
        note(notes.readline().rstrip())
    note(f"to stop it: kill {child.pid}")
    click.echo(ready, nl=False)
    return 0


@contextmanager
def _serving(emulator: GeneratedEmulator, port: int) -> Generator[str]:
    serving = emulator.serve(port)
    try:
        url = serving.__enter__()
    except OSError as error:
        raise InputError(f"port {port}: cannot be listened on ({error.strerror}); give another one, or 0") from error
    try:
        yield url
    finally:
        serving.__exit__(None, None, None)


def _write(folder: Path, sessions: list[Session], *, force: bool) -> None:
    """Write both files, after checking that both may be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be created ({error.strerror}); give another folder") from error
    written = {
        "digests.csv": chain(["session_id,entry_id,digest\n"], *map(_digests, sessions)),
        "sessions.txt": (f"{one.session_id}\n" for one in sessions),
    }
    for name in written:
        check_output(folder / name, force=force)
    for name, lines in written.items():
        with replacing(folder / name, force=force) as new, new.open("w", encoding="utf-8") as file:
            file.writelines(lines)


def _digests(session: Session) -> Iterator[str]:
    return (f"{session.session_id},{entry['id']},{entry['digest']}\n" for entry in session.entries())
