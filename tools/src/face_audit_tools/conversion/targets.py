"""Writes record batches to a file: Parquet, CSV or DuckDB."""

from __future__ import annotations

import glob
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from ..errors import InputError
from ..optional import load

_SETTINGS = {
    "memory_limit": "128MB",
    # Nothing that it would have to fetch.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

Target: TypeAlias = Literal["parquet", "csv", "duckdb"]


class Sink(Protocol):
    """Where batches go."""

    def __call__(self, batch: Any, /) -> object:
        """Write one batch."""
        ...


@contextmanager
def open_target(to: Target, path: Path, schema: Any) -> Generator[Sink]:
    """A file of record batches; whole once it is closed.

    Raises:
        InputError: what writes it is not installed, or cannot write it.
    """
    with _OPEN[to](path, schema) as sink:
        yield sink


@contextmanager
def _parquet(path: Path, schema: Any) -> Generator[Sink]:
    parquet = load("pyarrow.parquet", extra="parquet")
    # Raw entries differ all, so a dictionary of them would only be given up.
    repeated = [field.name for field in schema if field.name != "evidence.raw"]
    with parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeated) as writer:
        yield writer.write_batch


@contextmanager
def _csv(path: Path, schema: Any) -> Generator[Sink]:
    csv = load("pyarrow.csv", extra="parquet")
    with csv.CSVWriter(path, schema) as writer:
        yield writer.write_batch


@contextmanager
def _duckdb(path: Path, schema: Any) -> Generator[Sink]:
    duckdb = load("duckdb", extra="duckdb")
    # Staged, because DuckDB holds much of what comes in pieces, and little of what it reads from a file.
    staged = path.with_name("staged.parquet")
    with _parquet(staged, schema) as sink:
        yield sink
    try:
        with closing(duckdb.connect(path, config=_SETTINGS)) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would draw one of its own
            connection.read_parquet(glob.escape(str(staged))).create("entries")
    except duckdb.Error as error:
        raise InputError(f"DuckDB: cannot write its file ({error!s:.200}); write somewhere else") from error


_OPEN = {"parquet": _parquet, "csv": _csv, "duckdb": _duckdb}
