"""What is written about a session beside its entries: the record of what its files hold, checkpoint and manifest.

A record is a list of segments: the first listing of a session, then one for each time that it was asked again. One that
is finished never changes, so a later manifest contains each earlier one: its listing and its first segments.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import face_audit
import msgspec
from face_audit.provenance import DOCUMENT_SHA256

from .sealed import Sealed, read_sealed, seal
from .version import VERSION

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Direction: TypeAlias = Literal["ascending", "descending"]
Finished: TypeAlias = Literal["complete", "partial", "expired"]

LIFE = timedelta(hours=48)
"""How long the service keeps a session, from its creation."""


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
    """That were not here before."""
    received: str
    request_id: str | None
    """The service's id of the request that brought it."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in the file of refused answers."""

    bytes: Count
    """Of the file."""
    count: Count
    """Of its lines: answers and entries that were refused."""
    passed_over: Count
    """Of these, entries of pages whose other entries are here."""
    sha256: str


class Segment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one listing has added to a session. Counts and sizes are those of the session after it."""

    asked: str
    """When the service was asked for the first page of it: what was there by then is here."""
    chain_bytes: Count
    count: Count
    """Of entries."""
    direction: Direction | None
    """Of its ids; None where two entries or more with ids of digits do not show it."""
    entries_bytes: Count
    final: bool
    """Whether the session is not asked for again, because the person who exported it said so."""
    finished: str | None
    """None in a checkpoint."""
    first_id: str | None
    """Of its first entry, None where it added none."""
    format: Literal[1, 2]
    """1 where version 0.1.0 wrote it, which did not look for gaps."""
    gaps: list[tuple[str, str]] | None
    """Ids of digits that are not here, first and last of each gap, of the whole session; None where there are more than
    a thousand gaps, or nobody looked for them."""
    gone: bool
    """Whether the service did not have the session any more (404) when it was asked again."""
    head: str
    """Of the chain, after its last entry."""
    joins: str | None
    """The id of an earlier segment's entry that the service listed next to these: nothing is missing in between."""
    last_id: str | None
    outcome: Literal["complete", "partial", "expired", "unfinished"]
    """`partial`: ids of digits skip, or an entry was refused. `expired`: before the end of its entries, the service
    said that it does not have the session (404)."""
    pager: dict[str, Any]
    """Where the listing goes on."""
    pages: list[PageRecord]
    previous: str | None
    """The seal of the manifest that this one continues."""
    quarantine: Quarantined | None
    """Of the whole session."""
    runs: list[Run]


class Record(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the files of a session hold: entries, and the chain over them."""

    format: Literal[2] = 2
    listing: Listing
    segments: Annotated[list[Segment], msgspec.Meta(min_length=1)]

    @property
    def last(self) -> Segment:
        """The last segment: its counts are those of the session."""
        return self.segments[-1]

    @property
    def count(self) -> int:
        """Of entries."""
        return self.last.count

    @property
    def entries_bytes(self) -> int:
        """Of the file of entries."""
        return self.last.entries_bytes

    @property
    def chain_bytes(self) -> int:
        """Of the file of the chain."""
        return self.last.chain_bytes

    @property
    def head(self) -> str:
        """Of the chain, after the last entry."""
        return self.last.head

    @property
    def pager(self) -> dict[str, Any]:
        """Where the listing goes on."""
        return self.last.pager

    @property
    def pages(self) -> list[PageRecord]:
        """Of all segments."""
        return [page for one in self.segments for page in one.pages]

    @property
    def runs(self) -> list[Run]:
        """Of all segments."""
        return [run for one in self.segments for run in one.runs]

    @property
    def first_id(self) -> str | None:
        """Of the first entry in the file."""
        return next((one.first_id for one in self.segments if one.first_id is not None), None)

    @property
    def last_id(self) -> str | None:
        """Of the last entry in the file."""
        return next((one.last_id for one in reversed(self.segments) if one.last_id is not None), None)

    @property
    def asked(self) -> str:
        """As of when the entries are here: when the last listing began that has ended."""
        ended = [one for one in self.segments if one.finished is not None and not one.gone]
        return (ended or self.segments)[-1].asked


class Checkpoint(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of a session whose last segment is not finished."""


class Manifest(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of a session whose last segment is finished."""

    @property
    def outcome(self) -> Finished:
        """How far it got."""
        return "expired" if self.last.outcome == "unfinished" else self.last.outcome

    @property
    def finished(self) -> str:
        """When."""
        return self.last.finished or ""

    @property
    def direction(self) -> Direction | None:
        """Of the ids of the last segment that has any."""
        return next((one.direction for one in reversed(self.segments) if one.first_id is not None), None)


class _First(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of format 1, which version 0.1.0 wrote: one listing."""

    chain_bytes: Count
    count: Count
    entries_bytes: Count
    first_id: str | None
    format: Literal[1] = 1
    head: str
    last_id: str | None
    listing: Listing
    pager: dict[str, Any]
    pages: list[PageRecord]
    runs: list[Run]


class _FirstManifest(_First, frozen=True, kw_only=True, forbid_unknown_fields=True):
    direction: Direction | None
    finished: str
    outcome: Literal["complete", "expired"]


def read_manifest(path: Path) -> Manifest:
    """A manifest of either format.

    Raises:
        DamagedError: it was changed, is of another kind or cannot be read.
    """
    found: Sealed = read_sealed(path, Manifest, _FirstManifest)
    return found if isinstance(found, Manifest) else _upgraded(found, Manifest)


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint of either format; raises as `read_manifest`."""
    found: Sealed = read_sealed(path, Checkpoint, _First)
    return found if isinstance(found, Checkpoint) else _upgraded(found, Checkpoint)


def seals_of(record: Record) -> list[str]:
    """The seals of all manifests that this record continues, oldest first, and its own where it is one."""
    earlier = [one.previous or "" for one in record.segments[1:]]
    return [*earlier, record.seal] if isinstance(record, Manifest) else earlier


def prefix_seal(record: Record, count: int) -> str:
    """The seal of a manifest of this many segments, the first ones."""
    segments = record.segments[:count]
    if count == 1 and segments[0].format == 1:
        shared = {name: getattr(segments[0], name) for name in _SHARED}
        return seal(_FirstManifest(listing=record.listing, **shared)).seal
    return seal(Manifest(listing=record.listing, segments=segments)).seal


def is_over(record: Record, present: datetime) -> bool:
    """Whether the service cannot have the session any more: it was created before it was first asked for."""
    return present >= datetime.fromisoformat(record.listing.started) + LIFE


def open_segment(record: Record | None, *, asked: str, head: str) -> Segment:
    """A segment that has added nothing yet to what a record holds."""
    last = None if record is None else record.last
    return Segment(
        asked=asked,
        chain_bytes=0 if last is None else last.chain_bytes,
        count=0 if last is None else last.count,
        direction=None,
        entries_bytes=0 if last is None else last.entries_bytes,
        final=False,
        finished=None,
        first_id=None,
        format=2,
        gaps=[] if last is None else last.gaps,
        gone=False,
        head=head,
        joins=None,
        last_id=None,
        outcome="unfinished",
        pager={"cursor": None, "finished": False},
        pages=[],
        previous=None if record is None else record.seal,
        quarantine=None if last is None else last.quarantine,
        runs=[],
    )


def _upgraded(found: Any, kind: Any) -> Any:
    """A record of format 1 as one of a single segment; it keeps its seal."""
    known = {name: getattr(found, name) for name in _SHARED if hasattr(found, name)}
    segment = msgspec.structs.replace(
        open_segment(None, asked=found.listing.started, head=found.head), format=1, gaps=None, **known
    )
    return kind(listing=found.listing, segments=[segment], seal=found.seal)


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
    """An id of digits as what compares like its number, or None if it is not such an id."""
    if found_id is None or not (found_id.isascii() and found_id.isdigit()):
        return None
    plain = found_id.lstrip("0")  # int() would refuse thousands of digits
    return len(plain), plain


_SHARED = tuple(
    name for name in _FirstManifest.__struct_fields__ if name in Segment.__struct_fields__ and name != "format"
)
"""What a record of format 1 has in common with a segment."""
