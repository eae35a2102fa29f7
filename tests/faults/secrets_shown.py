"""All that an error and a log can show, in which no secret may be."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OURS = str(Path(__file__).parent)


def shown(error: BaseException) -> str:
    """Texts, attributes, causes, pickle, copies, and the traceback with locals, but for the frames of these tests."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in trace.format() if OURS not in frame]
    parts = [repr(pickle.dumps(error)), *frames]
    for one in (*_chain(error), copy.copy(error), copy.deepcopy(error)):
        parts += [str(one), repr(one), repr(one.args), repr(getattr(one, "__dict__", {}))]
    return "".join(parts)


def logged(records: Iterable[logging.LogRecord]) -> str:
    """The texts, arguments and tracebacks of these records."""
    form = logging.Formatter()
    return "".join(f"{form.format(record)}{record.args!r}{record.__dict__!r}" for record in records)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
