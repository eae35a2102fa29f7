"""What is written about a session beside its entries: the record of what its files hold, checkpoint and manifest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias

import face_audit
import msgspec
from face_audit.provenance import DOCUMENT_SHA256

from .sealed import Sealed
from .version import VERSION

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Direction: TypeAlias = Literal["ascending", "descending"]


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was asked for; the chain over the entries begins with it."""

    api_version: str
    endpoint: str
    """Scheme and host."""
    path_prefix: str
    session_id: str
    started: str
    """When the export began; times are RFC 3339, UTC."""


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of the exporter that brought some of the pages."""

    document_sha256: str
    """Of the document that the SDK was generated from."""
    sdk: str
    started: str
    tool: str


class PageRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One page as it was received, the empty one at the end included; in the order of the entries."""

    attempts: Count
    """Requests that it took, the successful one included."""
    entries: Count
    received: str
    request_id: str | None
    """The service's id of the request that brought it."""


class Record(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the two files of a session hold: entries, and the chain over them."""

    chain_bytes: Count
    count: Count
    """Of entries."""
    entries_bytes: Count
    first_id: str | None
    format: Literal[1] = 1
    head: str
    """Of the chain, behind the last entry."""
    last_id: str | None
    listing: Listing
    pager: dict[str, Any]
    """The checkpoint of the SDK's pager: where the listing goes on."""
    pages: list[PageRecord]
    runs: list[Run]


class Checkpoint(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of a session that is not finished."""


class Manifest(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of a session that is finished."""

    direction: Direction | None
    """Of the ids; None where two entries or more with ids of digits do not show it."""
    finished: str
    outcome: Literal["complete", "expired"]
    """`expired`: before the end of its entries, the service said that it does not have the session (404)."""


def checkpoint_of(record: Record) -> Checkpoint:
    """What to go on from, where a session is not complete."""
    return Checkpoint(**{name: getattr(record, name) for name in Checkpoint.__struct_fields__})


def now() -> str:
    """The time, as it is written down."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def this_run(started: str) -> Run:
    """What is exporting."""
    return Run(
        document_sha256=DOCUMENT_SHA256,
        sdk=f"face-audit {face_audit.__version__}",
        started=started,
        tool=f"face-audit-tools {VERSION}",
    )


def direction_of(first_id: str | None, last_id: str | None) -> Direction | None:
    """Whether ids rise or fall, by the first and the last."""
    first, last = number_of(first_id), number_of(last_id)
    if first is None or last is None or first == last:
        return None
    return "ascending" if first < last else "descending"


def number_of(found_id: str | None) -> tuple[int, str] | None:
    """An id of digits as what compares like its number, or None where it is no such id."""
    if found_id is None or not (found_id.isascii() and found_id.isdigit()):
        return None
    plain = found_id.lstrip("0")  # int() would refuse thousands of digits
    return len(plain), plain
