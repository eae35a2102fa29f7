"""Writes record batches to a file: Parquet, CSV or DuckDB."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from ..optional import load

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
        InputError: what writes it is not installed.
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
    pyarrow, duckdb = load("pyarrow", extra="duckdb"), load("duckdb", extra="duckdb")
    # Nothing that it would have to fetch.
    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with closing(duckdb.connect(path, config=settings)) as connection:

        def run(statement: str, table: Any) -> None:
            connection.register("batch", table)
            connection.execute(statement)
            connection.unregister("batch")

        run("CREATE TABLE entries AS SELECT * FROM batch", schema.empty_table())
        yield lambda batch: run("INSERT INTO entries SELECT * FROM batch", pyarrow.Table.from_batches([batch]))


_OPEN = {"parquet": _parquet, "csv": _csv, "duckdb": _duckdb}
