"""Typed columns that follow from the models, and the evidence itself beside them, byte for byte."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs
import duckdb
import face_audit
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from face_audit_tools import DamagedError, InputError, convert, export_session, open_evidence
from face_audit_tools.command import cli
from face_audit_tools.conversion import batches, columns
from face_audit_tools.reading import Entry

from .shelf import FIRST, MALFORMED, SECOND, Shelf, answer, entries, entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

TARGETS = ("parquet", "csv", "duckdb")
HUGE = 2**63
ODD: list[bytes] = [
    entry(9, digest="\u00e9\U0001f600 ,\"'\n", clientRequestId="=1+1"),
    entry(8, request={"contentLength": HUGE, "url": "/x", "later": True}, unknown={"a": [1, None]}),
    entry(7, receivedDateTime="2024-04-01T23:30:00.9999999-02:30"),
    entry(6, response={"body": {"livenessDecision": "spoofface", "target": 7}, "statusCode": "200"}),
    entry(5, response={"body": {"livenessDecision": "later", "target": {"faceRectangle": {"top": -HUGE - 1}}}}),
    entry(4, response={"body": {"error": {"code": "BadArgument", "message": "No."}}, "statusCode": 400}),
    b'{"id":"3"}',
    MALFORMED,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export of three sessions, one of them odd."""
    folder = tmp_path / "evidence"
    shelf = Shelf({FIRST: entries(7), SECOND: [b'{\r\n "id": 9\n}', *entries(5)], "odd": ODD})
    with shelf.client() as client:
        for session in shelf.sessions:
            assert export_session(client, session, folder, top=3).outcome in ("complete", "partial")
    return folder


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a converted file, each format by its own reader."""
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path).to_pylist()
    if path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.execute("SELECT * FROM entries")
            names = [one[0] for one in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    schema = batches.Batches(pa).schema
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=schema, strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    ).to_pylist()


def models_below(model: type[Any], prefix: str = "") -> dict[str, type[Any]]:
    """By the names that lead to it, each model of the SDK within this one, found by what its fields say they are."""
    found = {prefix: model}
    for name in (*(one.name for one in attrs.fields(model)), "liveness_result", "error"):
        member = vars(model).get(name)
        field = next((str(one.type) for one in attrs.fields(model) if one.name == name), None)
        hint = member.fget.__annotations__["return"] if isinstance(member, property) else field
        kind = getattr(face_audit, str(hint).partition(" ")[0], None)
        if kind is not None and attrs.has(kind):
            found |= models_below(kind, f"{prefix}{name}.")
    return found


def test_columns_are_the_fields_of_the_models() -> None:
    """Every field of every model is a column or is itself a model, and there are no others but the evidence."""
    names = set(batches.Batches(pa).schema.names)
    models = models_below(face_audit.AuditEntry)
    expected = {f"{prefix}{one.name}" for prefix, model in models.items() for one in attrs.fields(model)}

    assert {name for name in names if not name.startswith("evidence.")} == expected - {one[:-1] for one in models}
    assert len(models) == 8


def test_types_are_those_of_the_fields() -> None:
    """A text is a text, a moment is UTC with microseconds, an integer has 64 bits."""
    schema = batches.Batches(pa).schema
    types = {
        "id": pa.string(),
        "received_date_time": pa.timestamp("us", tz="UTC"),
        "request.content_length": pa.int64(),
        "response.status_code": pa.int64(),
        "response.body": pa.string(),
        "response.liveness_result.liveness_decision": pa.string(),
        "response.liveness_result.target.face_rectangle.width": pa.int64(),
        "evidence.raw": pa.binary(),
        "evidence.position": pa.int64(),
    }

    assert {name: schema.field(name).type for name in types} == types
    assert schema.metadata[b"face_audit.api_version"] == face_audit.API_VERSION.encode()


@attrs.frozen
class Made:
    """What the document does not have today and may have tomorrow."""

    share: float | None
    is_live: bool
    either: int | str
    texts: list[str]


def test_fields_of_other_types_have_their_columns() -> None:
    """Numbers and booleans as such; what has no one type is JSON."""
    found = columns.columns_of(Made)

    assert [(one.name, one.kind) for one in found.fields] == [
        ("share", "double"),
        ("is_live", "bool"),
        ("either", "json"),
        ("texts", "json"),
    ]
    assert found.read(Made(None, True, 1, ["a"])) == ([None, True, "1", '["a"]'], [])


@pytest.mark.parametrize("to", TARGETS)
def test_raw_column_is_the_evidence(folder: Path, tmp_path: Path, to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, in the order of the chain, with its session, position and line; over many batches."""
    monkeypatch.setattr(batches, "_MOST_ROWS", 3)
    heard, place = list[str](), tmp_path / "odd [a]* 'name'"
    place.mkdir()

    made = convert(folder, to=to, out=place / f"out.{to}", on_session=heard.append)

    expected = [
        (session, one.number, one.line, one.raw)
        for session in sorted((FIRST, SECOND, "odd"))
        for one in open_evidence(folder, session).entries()
    ]
    names = ("session_id", "position", "line", "raw")
    assert [tuple(row[f"evidence.{name}"] for name in names) for row in read(made.out)] == expected
    assert (made.entries, made.sessions, len(heard)) == (len(expected), 3, 3) == (21, 3, 3)
    assert [one.name for one in place.iterdir()] == [made.out.name]


@pytest.mark.parametrize("to", TARGETS)
def test_typed_columns_hold_what_the_sdk_reads(folder: Path, tmp_path: Path, to: Any) -> None:
    """Texts, numbers, moments in UTC, views, and JSON for the rest."""
    rows = {row["id"]: row for row in read(convert(folder, to=to, out=tmp_path / f"out.{to}").out)[-8:]}

    assert rows["9"]["digest"] == "\u00e9\U0001f600 ,\"'\n"
    assert rows["9"]["client_request_id"] == "=1+1"
    assert rows["9"]["response.latency_in_milliseconds"] == 9
    assert rows["9"]["received_date_time"].astimezone(UTC) == datetime(2024, 4, 1, 12, 0, 0, 123457, tzinfo=UTC)
    assert rows["7"]["received_date_time"].astimezone(UTC) == datetime(2024, 4, 2, 2, 0, 1, tzinfo=UTC)
    assert json.loads(rows["8"]["additional_properties"]) == {"unknown": {"a": [1, None]}}
    assert json.loads(rows["8"]["request.additional_properties"]) == {"later": True}
    assert rows["9"]["additional_properties"] is None
    assert json.loads(rows["5"]["response.body"])["livenessDecision"] == "later"
    assert rows["5"]["response.liveness_result.liveness_decision"] == "later"
    assert rows["4"]["response.error.error.code"] == "BadArgument"
    assert rows["3"]["response.status_code"] is None


@pytest.mark.parametrize("to", TARGETS)
def test_what_does_not_fit_is_null_and_said(folder: Path, tmp_path: Path, to: Any) -> None:
    """Integers beyond 64 bits, malformed entries and views: null in their columns, counted, and raw anyway."""
    made = convert(folder, to=to, out=tmp_path / f"out.{to}")
    rows = {json.loads(row["evidence.raw"])["id"]: row for row in read(made.out)[-8:]}

    assert (made.malformed, made.problems, made.unfinished) == (2, (), ())
    assert made.unfit == {
        "request.content_length": 1,
        "response.liveness_result.target.face_rectangle.top": 1,
    }
    assert rows[8]["request.content_length"] is None
    assert rows[8]["request.url"] == "/x"
    assert "statusCode" in rows[1]["evidence.problem"]
    assert {value for name, value in rows[1].items() if not name.startswith("evidence.")} == {None}
    assert "target" in rows[6]["evidence.problem"]
    assert rows[6]["response.status_code"] == 200
    assert rows[6]["response.liveness_result.liveness_decision"] is None
    assert rows[9]["evidence.problem"] is None


@pytest.mark.parametrize(
    ("raw", "column"),
    [
        (b'{"id":1,"digest":"\\ud800"}', "digest"),
        (b'{"id":1,"response":{"latencyInMilliseconds":1e15}}', None),
        (b'{"id":1,"receivedDateTime":"0001-01-01T00:00:00+14:00"}', None),
        (b'{"id":1,"receivedDateTime":"9999-12-31T23:59:59-14:00"}', None),
        (b'{"id":1,"x":"\\ud800"}', None),
        (b'{"id":1,"request":{"contentLength":-9223372036854775808}}', None),
        (b'{"id":1,"request":{"contentLength":-9223372036854775809}}', "request.content_length"),
    ],
)
def test_edges_of_types(raw: bytes, column: str | None) -> None:
    """Half a character is not a text; the last integer and the first and last moments are."""
    made = batches.Batches(pa)
    made.add("s", Entry(number=1, line=1, raw=raw))

    (row,) = made.take().to_pylist() if column else [{"id": "1", "evidence.raw": raw, "n": made.take().num_rows}]

    assert dict(made.unfit) == ({} if column is None else {column: 1})
    assert (made.malformed, row["evidence.raw"], row["id"]) == (0, raw, "1")


@pytest.mark.parametrize("raw", [b"{", b'{"id":1,"x":' + b"9" * 5000 + b"}", b"[" * 100_000])
def test_entry_that_is_no_json_is_malformed(raw: bytes) -> None:
    """The SDK's reader is not the only one that may refuse it."""
    made = batches.Batches(pa)
    made.add("s", Entry(number=1, line=1, raw=raw))

    assert made.malformed == 1
    assert made.take().to_pylist()[0]["evidence.raw"] == raw


def test_batches_are_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large entries make small batches; nothing is held twice."""
    monkeypatch.setattr(batches, "_MOST_BYTES", 100)
    made = batches.Batches(pa)

    assert not made.add("s", Entry(number=1, line=1, raw=b'{"id":1}'))
    assert made.add("s", Entry(number=2, line=2, raw=b'{"id":2,"x":"%b"}' % (b"x" * 100)))
    assert (made.take().num_rows, made.take().num_rows) == (2, 0)


def damage(folder: Path, session: str) -> None:
    """Change a byte of the third entry of a session."""
    path = folder / f"{session}.entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b"a", b"b", 1), *lines[3:]]))


def test_damaged_folder_is_not_converted(folder: Path, tmp_path: Path) -> None:
    """Nothing is written unless that is asked for; then, what is before the first damage of each session."""
    damage(folder, FIRST)
    out = tmp_path / "out.parquet"

    with pytest.raises(DamagedError, match=FIRST):
        convert(folder, to="parquet", out=out)
    assert not out.exists()

    made = convert(folder, to="parquet", out=out, unverified=True)
    assert [row["evidence.position"] for row in read(out) if row["evidence.session_id"] == FIRST] == [1, 2]
    assert made.entries == 21 - 5
    assert [one.line for one in made.problems] == [3]


def test_damage_on_the_way_leaves_the_old_file(folder: Path, tmp_path: Path) -> None:
    """What is converted is verified as it is read, too; and a file is replaced as a whole or not at all."""
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")

    with pytest.raises(DamagedError):
        convert(folder, to="csv", out=out, force=True, on_session=lambda one: damage(folder, FIRST))

    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["evidence", "out.csv"]


def test_unfinished_session_is_said(shelf: Shelf, tmp_path: Path) -> None:
    """Its entries up to the last checkpoint are there."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    with shelf.client() as client:
        export_session(client, FIRST, tmp_path / "evidence", top=3, confirmed=False)

    made = convert(tmp_path / "evidence", to="csv", out=tmp_path / "out.csv")

    assert (made.entries, made.unfinished) == (6, (FIRST,))


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    """A file only by force, a folder never, nor anything among the evidence."""
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")
    (tmp_path / "made").mkdir()

    def refused(path: Path, *, force: bool, match: str) -> None:
        with pytest.raises(InputError, match=match):
            convert(folder, to="csv", out=path, force=force)

    refused(out, force=False, match="exists; write somewhere else")
    refused(tmp_path / "made", force=True, match="exists")
    refused(folder / "out.csv", force=True, match="lies in the folder of the evidence")
    refused(tmp_path / "nowhere" / "out.csv", force=True, match="its folder does not exist")
    assert out.read_bytes() == b"old"
    assert convert(folder, to="csv", out=out, force=True).entries == 21


def test_disk_that_is_full_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the writer meets is told with the file's name."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"out\.csv: cannot be written \(No space left on device\)"):
        convert(folder, to="csv", out=tmp_path / "out.csv")

    assert [one.name for one in tmp_path.iterdir()] == ["evidence"]


def test_what_duckdb_refuses_is_told(folder: Path, tmp_path: Path) -> None:
    """It takes a part of some names for a question to itself; nothing is left then."""
    place = tmp_path / "what?"
    place.mkdir()

    with pytest.raises(InputError, match="DuckDB: cannot write its file"):
        convert(folder, to="duckdb", out=place / "out.duckdb")

    assert list(place.iterdir()) == []


def test_file_that_appears_on_the_way_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    """Looked at before the work, and again after it."""
    out = tmp_path / "out.csv"

    with pytest.raises(InputError, match="exists"):
        convert(folder, to="csv", out=out, on_session=lambda _: out.write_bytes(b"other"))

    assert out.read_bytes() == b"other"


@pytest.mark.parametrize(
    ("to", "module", "extra"),
    [
        ("parquet", "pyarrow", "parquet"),
        ("csv", "pyarrow", "parquet"),
        ("duckdb", "pyarrow", "duckdb"),
        ("duckdb", "duckdb", "duckdb"),
    ],
)
def test_missing_extra_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: Any, module: str, extra: str
) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(
        InputError, match=rf"{module}: is not installed; run: pip install 'face-audit-tools\[{extra}\]'"
    ):
        convert(folder, to=to, out=tmp_path / "out")

    assert [one.name for one in tmp_path.iterdir()] == ["evidence"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command beside the folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return lambda *arguments: CliRunner().invoke(cli, ["convert", *arguments])


def test_command_says_what_it_did(run: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
    """How many entries, what was malformed and what did not fit; beside the folder, under its name."""
    result = run("evidence", "--to", "parquet")

    assert result.exit_code == 0, result.output
    assert "21 entries of 3 sessions" in result.stderr
    assert "2 entries are malformed" in result.stderr
    assert "request.content_length: 1 value is beyond its type" in result.stderr
    assert len(read(tmp_path / "evidence.parquet")) == 21
    assert run("evidence", "--to", "parquet").exit_code == 2
    assert run("evidence", "--to", "parquet", "--force").exit_code == 0


def test_command_refuses_what_is_damaged(run: Callable[..., Result], folder: Path) -> None:
    """2 and nothing; with --unverified 1, and what was left out."""
    damage(folder, FIRST)
    (folder / f"{SECOND}.manifest.json").unlink()

    refused = run("evidence", "--to", "csv", "--out", "a.csv")
    made = run("evidence", "--to", "csv", "--out", "a.csv", "--unverified")

    assert (refused.exit_code, made.exit_code) == (2, 1)
    assert f"{SECOND}.manifest.json: is missing" in refused.stderr
    assert made.stderr.count("left out from here on") == 2


def test_command_says_what_is_unfinished(run: Callable[..., Result], shelf: Shelf, tmp_path: Path) -> None:
    """And what to do: such a folder is converted as far as it has got."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    with shelf.client() as client:
        export_session(client, FIRST, tmp_path / "evidence", top=3, confirmed=False)

    result = run("evidence", "--to", "csv")

    assert result.exit_code == 0
    assert "1 session is not complete, and in the file as far as exported; export again" in result.stderr
