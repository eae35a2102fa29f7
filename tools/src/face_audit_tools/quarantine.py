"""Keeps what was refused beside the evidence: answers that cannot be read, and entries that belong elsewhere.

One line of JSON for each, in a file of its own for each session, of which the session's record has the size and hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import Annotated

import msgspec
from attrs import frozen

from .errors import DamagedError
from .folder import Files
from .opening import open_file
from .record import Manifest, Quarantined, Record, now
from .sealed import canonical

LIMIT = 1 << 20
"""Bytes of such a file, at most; of what comes later, only the size and the hash are kept."""
_MOST_NAMED = 1000
"""Lines of such a file that hold a hash alone; what comes after them is only counted."""
FOREIGN = "belongs to another session"
_REASON = 300
"""Characters of a reason that are kept."""


@frozen(kw_only=True)
class Refused:
    """An answer, or one entry of it, that was refused."""

    content: bytes
    """Without the credentials that it may have repeated."""
    reason: str
    after: str | None
    """The id that was asked from; None for the beginning."""
    request_id: str | None
    is_entry: bool
    """Whether this is an entry of a page of which others were kept."""


def add_refused(
    files: Files, known: Quarantined | None, found: list[Refused], *, limit: int
) -> tuple[bytes, Quarantined]:
    """The lines to be added to the file, and what it holds then; what it holds already is not added again."""
    written = _read(files, known)
    lines = map(json.loads, written.splitlines())
    seen = {(line["sha256"], None if line["kind"] == "entry" else line["after"]) for line in lines}
    count, passed_over = (known.count, known.passed_over) if known is not None else (0, 0)
    added = b""
    for one in found:
        key = (hashlib.sha256(one.content).hexdigest(), None if one.is_entry else one.after)
        if key in seen:
            continue
        seen.add(key)
        count, passed_over = count + 1, passed_over + one.is_entry
        line = _line(one, key[0], whole=True)
        if len(written) + len(added) + len(line) > limit:
            line = _line(one, key[0], whole=False) if count <= _MOST_NAMED else b""
        added += line
    after = written + added
    digest = hashlib.sha256(after).hexdigest()
    return added, Quarantined(bytes=len(after), count=count, passed_over=passed_over, sha256=digest)


def check_quarantine(files: Files, record: Record) -> None:
    """Make sure that what was refused is there as it was written.

    Raises:
        DamagedError: it is not.
    """
    known = record.last.quarantine
    if known is None:
        if isinstance(record, Manifest) and os.path.lexists(files.quarantine):
            raise DamagedError(files.quarantine, None, "was added")
        return
    written = _read(files, known)
    if hashlib.sha256(written).hexdigest() != known.sha256:
        raise DamagedError(files.quarantine, None, "is not what was written")
    if isinstance(record, Manifest) and os.lstat(files.quarantine).st_size != known.bytes:
        raise DamagedError(files.quarantine, None, "was added to")


def _read(files: Files, known: Quarantined | None) -> bytes:
    if known is None:
        return b""
    with open_file(files.quarantine) as file:
        return file.read(known.bytes)


def _line(one: Refused, digest: str, *, whole: bool) -> bytes:
    made = {
        "after": one.after,
        "kind": "entry" if one.is_entry else "answer",
        "length": len(one.content),
        "reason": one.reason[:_REASON],
        "received": now(),
        "request_id": one.request_id,
        "sha256": digest,
    }
    if whole:
        try:
            made["text"] = one.content.decode("utf-8")
        except UnicodeDecodeError:
            made["base64"] = base64.b64encode(one.content).decode("ascii")
    return canonical(made) + b"\n"


class _Tied(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1)] | int
    sessionId: str | int | None = None  # noqa: N815  # the service's spelling


@frozen(kw_only=True)
class Cut:
    """The entries of a page that was refused."""

    texts: list[bytes]
    ids: list[str | None]
    complaints: list[str | None]
    """What is wrong with each, None where nothing is."""


def cut_page(content: bytes, session_id: str) -> Cut | None:
    """The entries of a page that was refused; None where it is not a page."""
    try:
        content.decode("utf-8")
        plain = content.removeprefix(b"\xef\xbb\xbf")
        texts = [bytes(one) for one in msgspec.json.decode(plain, type=list[msgspec.Raw])]
    except (ValueError, RecursionError):
        return None
    examined = [_examine(text, session_id) for text in texts]
    return Cut(texts=texts, ids=[one for one, _ in examined], complaints=[one for _, one in examined])


def _examine(text: bytes, session_id: str) -> tuple[str | None, str | None]:
    """The id of an entry, and what is wrong with it."""
    try:
        tied = msgspec.json.decode(text, type=_Tied)
    except (ValueError, RecursionError):
        return None, "has no id, or no session, that can be read"
    found = str(tied.id)
    if tied.sessionId is not None and str(tied.sessionId).casefold() != session_id.casefold():
        return found, FOREIGN
    if b"[redacted]" in text:
        return found, "repeats the key, which is not kept"
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        return found, f"holds a value that cannot be read ({error!s:.100})"
    return found, None
