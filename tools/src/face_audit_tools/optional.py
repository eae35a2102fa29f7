"""Loads what only an extra of this distribution installs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import InputError


def load(module: str, *, extra: str) -> Any:
    """A module that an extra brings.

    Raises:
        InputError: the extra is not installed; its text holds the command that does it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name or module}: is not installed; run: pip install 'face-audit-tools[{extra}]'"
        ) from error
