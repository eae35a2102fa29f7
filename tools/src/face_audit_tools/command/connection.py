"""The options of every command that talks to the service, and their results."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource
from face_audit import Region

from ..errors import InputError
from ..login import find_login
from ..settings import read_key
from .options import FILE, source_of
from .screen import note

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_STRENGTH = {
    ParameterSource.COMMANDLINE: 3,
    ParameterSource.ENVIRONMENT: 2,
    ParameterSource.DEFAULT_MAP: 1,
}

_ORIGIN = re.compile(r"https?://[^/?#@\s]+/?")


def connection_options(command: CommandT) -> CommandT:
    """Add the options of the connection; `client_arguments` gives the result."""
    for option in (
        click.option(
            "--scope",
            envvar="FACE_AUDIT_SCOPE",
            help="With --auth entra: the scope of tokens, if the endpoint is a gateway.",
        ),
        click.option(
            "--auth",
            type=click.Choice(["key", "entra"]),
            envvar="FACE_AUDIT_AUTH",
            default="key",
            show_default=True,
            help="A key, or Microsoft Entra ID tokens: from the environment, a managed identity or a login.",
        ),
        click.option(
            "--key-file",
            type=FILE,
            envvar="FACE_AUDIT_KEY_FILE",
            help="A file with the key. Without it: FACE_APIKEY, or a prompt.",
        ),
        click.option(
            "--endpoint",
            envvar="FACE_ENDPOINT",
            show_envvar=True,
            help="Scheme and host of the service, instead of a region.",
        ),
        click.option(
            "--region",
            envvar="FACE_REGION",
            show_envvar=True,
            help="The region of the Face resource, such as norwayeast.",
            type=click.Choice([one.value for one in Region]),
            metavar="REGION",
        ),
    ):
        command = option(command)
    return command


def client_arguments(ctx: click.Context, *, asynchronous: bool = False) -> dict[str, Any]:
    """The arguments of a client of this kind: key or credential, region or endpoint.

    Raises:
        InputError: one is missing, two contradict each other, or the endpoint has more than a host.
    """
    region, endpoint = choose(ctx, "region", "endpoint")
    if endpoint is not None and not _ORIGIN.fullmatch(endpoint):
        where = source_of(ctx, "endpoint")  # what is there is not repeated: it may hold a password
        raise InputError(f"{where}: is more than scheme and host; write it as https://host")
    if region is None and endpoint is None:
        raise InputError("region: is missing; give --region or --endpoint, or set FACE_REGION or FACE_ENDPOINT")
    place = {"region": region, "endpoint": endpoint}
    if ctx.params["auth"] == "entra":
        if _is_flag(ctx, "key_file"):
            raise InputError("key-file: cannot be combined with --auth entra; leave one of them out")
        return place | {"credential": find_login(asynchronous=asynchronous), "scope": ctx.params["scope"]}
    if _is_flag(ctx, "scope"):
        raise InputError("scope: needs --auth entra; leave it out, or give both")
    key = _find_key(ctx)
    return place | {"key": lambda: key}


def refuse_key(ids: Iterable[str], told: Mapping[str, Any]) -> None:
    """Make sure that no session id is the key, as after mixing up two files; the message does not show it.

    `told` are the arguments of a client.

    Raises:
        InputError: one is.
    """
    if "key" in told and told["key"]() in ids:
        raise InputError("sessions: one of the ids is the key; give ids of sessions, and the key with --key-file")


def choose(ctx: click.Context, *names: str) -> tuple[Any, ...]:
    """The values of mutually exclusive options: that from the source with the highest priority, None for the others.

    Raises:
        InputError: two came from the same source.
    """
    given = {name: ctx.params[name] for name in names if ctx.params[name] is not None}
    strength = {name: _STRENGTH[cast("ParameterSource", ctx.get_parameter_source(name))] for name in given}
    strongest = [name for name in given if strength[name] == max(strength.values())]
    if len(strongest) > 1:
        raise InputError(f"{' and '.join(strongest)}: come from the same source; leave one out")
    return tuple(given[name] if name in strongest else None for name in names)


def _is_flag(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _find_key(ctx: click.Context) -> str:
    """The key: from the file or the environment, by priority, or from the user at the terminal.

    Raises:
        InputError: there is none, and no terminal for a prompt.
    """
    named: Path | None = ctx.params["key_file"]
    if not _is_flag(ctx, "key_file") and (key := os.environ.get("FACE_APIKEY")):
        return key
    if named is not None:
        return _read_key(named)
    if not sys.stdin.isatty():
        raise InputError("key: is missing; set FACE_APIKEY, or give a file with it as --key-file")
    key = click.prompt("Key of the Face resource", hide_input=True, err=True)
    return str(key)


def _read_key(path: Path) -> str:
    key = read_key(path)
    if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
        note(f"{path}: every user of this machine can read the key; run: chmod 600 {shlex.quote(str(path))}")
    return key
