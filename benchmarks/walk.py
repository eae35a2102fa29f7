"""Counts the files of the package that one call enters: `python -m benchmarks.walk` prints them.

It is the second `list()` of a default client, up to its first entry: what is loaded or opened once is not counted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import face_audit
from face_audit import FaceAuditClient

from .pages import KEY, session
from .processes import Server

PACKAGE = Path(face_audit.__file__).parent


def walk(url: str) -> list[str]:
    """The files of the package that a second `list()` enters, in order of first entry; the emulator's aside."""
    entered = dict[str, None]()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered[frame.f_code.co_filename] = None

    with FaceAuditClient(KEY, endpoint=url) as client:
        next(client.audit_entries.list(session(10)))
        sys.setprofile(note)
        try:
            next(client.audit_entries.list(session(10)))
        finally:
            sys.setprofile(None)
    paths = [Path(name).relative_to(PACKAGE) for name in entered if Path(name).is_relative_to(PACKAGE)]
    return [path.as_posix() for path in paths if "emulator" not in path.parts]


if __name__ == "__main__":
    with Server() as served:
        files = walk(served)
    print(*files, f"{len(files)} files", sep="\n")
