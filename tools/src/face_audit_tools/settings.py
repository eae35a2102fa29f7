"""Settings: flags first, then the environment, then the file below ~/.config."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InputError

NAMES = ("auth", "concurrency", "endpoint", "key_file", "rate", "region", "scope", "tier", "top")
"""What the file may hold, under the names of the flags."""


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The place of the file, if there is one."""
    folder = environment.get("XDG_CONFIG_HOME")
    return (Path(folder) if folder else Path.home() / ".config") / "face-audit" / "config.toml"


def read_settings(path: Path) -> dict[str, Any]:
    """What the file holds, by name; nothing where there is none. A `key_file` is looked for beside it.

    Raises:
        InputError: it cannot be read, or holds something else than settings.
    """
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); fix or remove it") from error
    except ValueError as error:  # its text may be that of a key
        raise InputError(f'{path}: is not TOML in UTF-8; write lines such as tier = "S0"') from error
    if "key" in found:
        raise InputError(f"{path}: holds a key; keep that in a file of its own, and name it with key_file")
    for name, value in found.items():
        if name not in NAMES:
            raise InputError(f"{path}: does not know {name!r:.80}; it may hold {', '.join(NAMES)}")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InputError(f'{path}: {name} is neither a text nor a number; write such as tier = "S0"')
    if "key_file" in found:
        found["key_file"] = str(path.parent / Path(str(found["key_file"])).expanduser())
    return found


def read_key(path: Path) -> str:
    """The key in a file, without blanks around it.

    Raises:
        InputError: there is none; what the file holds is not told.
    """
    try:
        key = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a file that holds the key") from error
    except UnicodeDecodeError:
        key = ""
    if not key or not key.isprintable() or " " in key:
        raise InputError(f"{path}: holds no key; write the key into it and nothing else")
    return key
