"""What a process does beside computing, by audit hook: files, sockets, other programs, code that is run."""

from __future__ import annotations

import builtins
import os
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Where code and templates are read from: the interpreter's own folders, its packages, and this repository.
READ = tuple(
    {
        *(os.path.realpath(path) for path in (*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, ROOT)),
        *(str(path) for path in (*sysconfig.get_paths().values(), sys.prefix, ROOT)),
    }
)
PATHS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "shutil.rmtree", "os.chmod"}
REMOVING = {"os.remove", "os.rmdir"}
PROGRAMS = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.spawn", "os.system", "os.fork"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_state: dict[str, Any] = {"folders": None, "seen": [], "others": frozenset()}


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    folders = _state["folders"]
    if folders is None or threading.get_ident() in _state["others"]:
        return
    try:
        found = _judge(event, arguments, folders)
    except Exception as error:  # noqa: BLE001  # an error inside a hook would be taken for one of what is watched
        found = f"{event}: {error!r}"
    if found:
        _state["seen"].append(found)


sys.addaudithook(_look)


@contextmanager
def watching(*folders: Path) -> Iterator[list[str]]:
    """What is done within the context and must not be; only these folders may be written.

    Threads that ran before it are not watched: what they do is nothing of it.
    """
    _state["seen"] = []
    _state["others"] = {one.ident for one in threading.enumerate()} - {threading.get_ident()}
    _state["folders"] = tuple(os.path.realpath(folder) for folder in folders)
    try:
        yield _state["seen"]
    finally:
        _state["folders"] = None
        if builtins.__dict__.pop("SPOILED", None) is not None:
            _state["seen"].append("a text of the document was run as code")


def _judge(event: str, arguments: tuple[Any, ...], folders: tuple[str, ...]) -> str | None:
    if event.startswith("socket."):
        return f"{event} {arguments[1:]!r:.200}"
    if event in PROGRAMS:
        program = os.path.basename(str(arguments[0] or arguments[1][0]))  # noqa: PTH119
        return None if program == "ruff" else f"{event} {arguments!r:.200}"
    if event == "open":
        return _judge_open(arguments, folders)
    if event in PATHS:
        paths = [str(one) for one in arguments if isinstance(one, str | os.PathLike)]
        if event in REMOVING and arguments[1] >= 0:  # rmtree names what it removes below a folder that it has open
            paths = [os.path.join(os.path.realpath(f"/proc/self/fd/{arguments[1]}"), *paths)]  # noqa: PTH118
        bad = [path for path in paths if not _is_below(path, folders)]
        return f"{event} {bad!r:.200}" if bad else None
    if event == "exec":
        name = str(getattr(arguments[0], "co_filename", ""))
        known = name.startswith("<") or _is_below(name, (*READ, *folders))
        return None if known and name not in {"<string>", "<stdin>"} else f"exec of {name!r:.200}"
    return None


def _judge_open(arguments: tuple[Any, ...], folders: tuple[str, ...]) -> str | None:
    path, mode, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike) or os.fsdecode(path) == os.devnull:
        return None
    writes = isinstance(mode, str) and set(mode) & set("wax+")
    writes = writes or (mode is None and isinstance(flags, int) and flags & WRITING)
    allowed = folders if writes else (*READ, *folders)
    name = os.fsdecode(path)
    return None if _is_below(name, allowed) else f"open {name!r:.200} ({mode or flags})"


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    real = os.path.realpath(path)
    return any(real == folder or real.startswith(folder + os.sep) for folder in folders)


TEMPORARY = Path(tempfile.gettempdir())
