"""Whole bumps of this package's document, from the release on, and the recorded reports of Redocly for them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from strict_clients.bump import removals
from strict_clients.bump.completed import complete
from strict_clients.bump.differ import Redocly
from strict_clients.bump.form import form
from strict_clients.load import Document, load

from .changes import HERE, rows

DOCUMENTS = HERE / "documents"
RELEASED = DOCUMENTS / "v1.1-preview.1.yaml"
PREVIEW = DOCUMENTS / "v1.2-preview.1.yaml"
GENERAL = DOCUMENTS / "v1.2.yaml"
RECORDED = HERE / "recorded.json"


@frozen
class Recordings:
    """Redocly's reports by the documents that they compare."""

    reports: dict[str, Any]

    @classmethod
    def kept(cls) -> Recordings:
        """Those that were recorded."""
        return cls(json.loads(RECORDED.read_text(encoding="utf-8")))

    def of(self, old: Document, new: Document) -> dict[str, Any]:
        """The report of two documents in the form in which they are compared."""
        report: dict[str, Any] = self.reports[key(removals.live(old), removals.live(new))]
        return report


def key(old: Any, new: Any) -> str:
    """What a report is recorded under."""
    return hashlib.sha256(json.dumps([old, new], sort_keys=True).encode()).hexdigest()[:16]


def pairs(folder: Path) -> Iterator[tuple[Document, Document]]:
    """The forms of all documents whose comparison is recorded; `folder` takes those that are made for it."""
    yield from (row.forms for row in rows())
    released = form(load(RELEASED))
    for path in (RELEASED, PREVIEW, GENERAL, described(folder), completed(folder)):
        yield released, form(load(path))


def described(folder: Path) -> Path:
    """The released document with another word in a description."""
    text = RELEASED.read_text(encoding="utf-8")
    path = folder / "described.yaml"
    path.write_text(text.replace("description: Width of the rectangle.", "description: How wide it is."), "utf-8")
    return path


def completed(folder: Path) -> Path:
    """The GA document with its removed operation as a stub."""
    old = load(RELEASED)
    path = folder / "completed.yaml"
    path.write_text(complete(GENERAL, old, removals.find(form(old), form(load(GENERAL)))), "utf-8")
    return path


def stand_in() -> Redocly:
    """Redocly as it answered when it was recorded: a program of its own that needs neither Node nor a registry."""
    return Redocly(program=HERE / "stand_in.py", command=(sys.executable,))
