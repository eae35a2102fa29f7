"""What options take, and where their values come from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..errors import InputError


class Name(click.Path):
    """The name of a file or a folder; an empty text, such as from an unset variable, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as a path."""
        if value == "":
            self.fail("is empty; give a name", param, ctx)
        return super().convert(value, param, ctx)


class Number(click.FloatRange):
    """A number within a range; `nan` and `inf` are refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value!r:.40} is not a number; give one such as 0.5", param, ctx)
        return found


FILE = Name(dir_okay=False, path_type=Path)
FOLDER = Name(file_okay=False, path_type=Path)


def check_store(store: Path | None, folder: Path) -> None:
    """Make sure that copies of manifests, if any, are not kept in the evidence itself.

    Raises:
        InputError: the folder does not exist, or is that of the evidence.
    """
    if store is None:
        return
    if not store.is_dir():
        raise InputError(f"{store}: does not exist; give the folder that the manifests were copied to")
    if store.resolve() == folder.resolve():
        raise InputError(f"{store}: is the evidence itself; give a folder with copies that are kept elsewhere")


def source_of(ctx: click.Context, name: str) -> str:
    """The source of an option's value: its flag, an environment variable, or the file of settings."""
    option = next(one for one in ctx.command.params if one.name == name)
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.DEFAULT_MAP:
        return f"{name} in {ctx.obj}"
    return str(option.envvar) if source is ParameterSource.ENVIRONMENT else option.opts[0]
