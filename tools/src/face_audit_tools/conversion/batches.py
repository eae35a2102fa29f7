"""Turns entries into Arrow record batches: the fields of the models, and beside them the evidence itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

import face_audit
from face_audit import AuditEntry, DecodeError
from face_audit.provenance import API_VERSION, DOCUMENT_SHA256

from ..reading import Entry
from ..version import VERSION
from .columns import Kind, columns_of

_MOST_ROWS = 5_000
_MOST_BYTES = 16 << 20
"""Of the raw entries of a batch."""


class Batches:
    """Collects entries, and gives them back in batches of one Arrow schema."""

    def __init__(self, pyarrow: Any) -> None:
        """The schema follows from the models, so that a field of theirs is a column of it."""
        self._pa = pyarrow
        self._columns = columns_of(AuditEntry)
        kinds: dict[Kind, Any] = {
            "string": pyarrow.string(),
            "json": pyarrow.string(),
            "int64": pyarrow.int64(),
            "double": pyarrow.float64(),
            "bool": pyarrow.bool_(),
            "timestamp": pyarrow.timestamp("us", tz="UTC"),
        }
        evidence = (
            ("evidence.session_id", kinds["string"]),
            ("evidence.position", kinds["int64"]),
            ("evidence.line", kinds["int64"]),
            ("evidence.problem", kinds["string"]),
            ("evidence.raw", pyarrow.binary()),
        )
        about = {
            "face_audit.tool": f"face-audit-tools {VERSION}, face-audit {face_audit.__version__}",
            "face_audit.api_version": API_VERSION,
            "face_audit.document_sha256": DOCUMENT_SHA256,
        }
        self.schema: Any = pyarrow.schema(
            [*evidence, *((one.name, kinds[one.kind]) for one in self._columns.fields)], metadata=about
        )
        """Of every batch."""
        self.entries: int = 0
        """That were added."""
        self.malformed: int = 0
        """Of these, those that the SDK does not read, as a whole or in a view."""
        self.unfit: Counter[str] = Counter()
        """By column, values that are beyond its type, and null in it."""
        self._rows, self._bytes = list[list[Any]](), 0

    def add(self, session_id: str, entry: Entry) -> bool:
        """Take one entry; gives whether it is time to take a batch."""
        errors = list[DecodeError]()
        try:
            values, errors = self._columns.read(entry.read())
        except DecodeError as error:
            values, errors = [None] * len(self._columns.fields), [error]
        problem = "; ".join(str(error) for error in errors) or None
        self._rows.append([session_id, entry.number, entry.line, problem, entry.raw, *values])
        self.entries += 1
        self.malformed += problem is not None
        self._bytes += len(entry.raw)
        return len(self._rows) >= _MOST_ROWS or self._bytes >= _MOST_BYTES

    def take(self) -> Any:
        """A record batch of the entries since the last one."""
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(self.schema)
        arrays = [self._array(field, values) for field, values in zip(self.schema, columns, strict=True)]
        self._rows, self._bytes = [], 0
        return self._pa.record_batch(arrays, schema=self.schema)

    def _array(self, field: Any, values: tuple[Any, ...]) -> Any:
        try:
            return self._pa.array(values, field.type)
        except (ValueError, OverflowError):
            return self._pa.array([self._fitting(field, value) for value in values], field.type)

    def _fitting(self, field: Any, value: Any) -> Any:
        try:
            self._pa.scalar(value, field.type)
        except (ValueError, OverflowError):  # an integer beyond 64 bits, half a character
            self.unfit[field.name] += 1
            return None
        return value
