"""The document of a vendor, with an overlay and a selection in files beside it, becomes a client that works."""

from __future__ import annotations

import asyncio
import importlib
import json
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from strict_clients.__main__ import main
from strict_clients.breaches import GenerationRefused
from strict_clients.load import load
from strict_clients.lock import moves, read
from strict_clients.overlay import overlaid
from strict_clients.pipeline import build
from strict_clients.select import Selection, selected
from strict_clients.source import Changes

HERE = Path(__file__).parent
DOCUMENT, OVERLAY = HERE / "parcels.yaml", HERE / "parcels.overlay.yaml"
PART = Selection(include=["/parcels**"], exclude=["/parcels/*/live"])


def parcel(number: int, **fields: Any) -> dict[str, Any]:
    """A parcel as the vendor sends it."""
    address = {"name": "Ada", "street": "Main Street 1", "city": "Oslo", "doorCode": None}
    return {"id": f"P{number}", "status": "in-transit", "recipient": address, "weightInGrams": 900} | fields


class Handler(BaseHTTPRequestHandler):
    """The vendor's API, as its document describes it."""

    requests: list[tuple[str, str, str | None]]

    def do_GET(self) -> None:
        """Answer with a page of parcels or with a parcel."""
        self.requests.append(("GET", self.path, self.headers["X-Northline-Key"]))
        event = {"at": "2026-05-01T10:00:00Z", "what": "scanned", "depot": {"code": "OSL"}}
        answers: dict[str, tuple[int, Any]] = {
            "/v3/parcels?pageSize=2": (200, {"parcels": [parcel(3), parcel(2)], "nextCursor": "two"}),
            "/v3/parcels?cursor=two&pageSize=2": (200, {"parcels": [parcel(1, status="lost")], "nextCursor": None}),
            "/v3/parcels/P3": (200, parcel(3, events=[event])),
            "/v3/parcels/P4": (429, {"code": "slow-down", "message": "Too many requests."}),
        }
        self.answer(*answers.get(self.path, (404, {"code": "unknown", "message": "There is no such parcel."})))

    def do_POST(self) -> None:
        """Book a parcel unless it is too heavy."""
        self.requests.append(("POST", self.path, self.headers["X-Northline-Key"]))
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["weightInGrams"] > 30_000:
            self.answer(422, {"code": "too-heavy", "message": "30 kg at most."})
        else:
            self.answer(201, parcel(5, status="booked") | body)

    def answer(self, status: int, body: Any) -> None:
        """Send the body as JSON."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Trace-Id", "trace-1")
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    """The address of the vendor's API, and what it was asked."""
    handler = type("Recording", (Handler,), {"requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", handler.requests
        running.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this folder in which the listed client was generated."""
    folder = tmp_path_factory.mktemp("vendor")
    for path in (DOCUMENT, OVERLAY, HERE / "clients.toml"):
        shutil.copy(path, folder)
    assert main(["generate", "--list", str(folder / "clients.toml")]) == 0
    return folder


@pytest.fixture(scope="module")
def api(folder: Path) -> ModuleType:
    """The client, imported."""
    sys.path.insert(0, str(folder / "build" / "parcels" / "src"))
    return importlib.import_module("northline_parcels")


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest, api: ModuleType, server: Any) -> Callable[..., Any]:
    """Calls a function with a client of either kind, and gives back a value, or a pager's items."""
    options = {"key": "secret", "endpoint": server[0], "retry": api.RetryPolicy(max_attempts=1)}

    async def run_async(use: Callable[[Any], Any]) -> Any:
        async with api.AsyncParcelsClient(**options) as client:
            result = use(client)
            return [one async for one in result] if hasattr(result, "__aiter__") else await result

    def run_either(use: Callable[[Any], Any]) -> Any:
        if request.param == "async":
            return asyncio.run(run_async(use))
        with api.ParcelsClient(**options) as client:
            result = use(client)
            return list(result) if hasattr(result, "__next__") else result

    return run_either


def test_pages_of_the_overlay_are_followed(api: ModuleType, run: Callable[..., Any], server: Any) -> None:
    """The names, the pagination and the argument of the key are those of the overlay."""
    parcels = run(lambda client: client.parcels.list(page_size=2))

    assert [one.id for one in parcels] == ["P3", "P2", "P1"]
    assert parcels[2].status is api.ParcelStatus.LOST
    assert server[1] == [
        ("GET", "/v3/parcels?pageSize=2", "secret"),
        ("GET", "/v3/parcels?cursor=two&pageSize=2", "secret"),
    ]


def test_parcel_is_booked_and_read(api: ModuleType, run: Callable[..., Any]) -> None:
    """The models are those of the vendor's document."""
    address = api.Address(name="Ada", street="Main Street 1", city="Oslo")
    new = api.NewParcel(recipient=address, weight_in_grams=900, deliver_before=date(2026, 5, 4))

    booked = run(lambda client: client.parcels.book(new))
    found = run(lambda client: client.parcels.get("P3"))

    assert (booked.id, booked.status, booked.deliver_before) == ("P5", api.ParcelStatus.BOOKED, date(2026, 5, 4))
    assert found.events[0].depot == api.Depot(code="OSL")


def test_errors_of_the_overlay_are_raised(api: ModuleType, run: Callable[..., Any]) -> None:
    """Classes, codes, request ids and waits come from the overlay; the vendor's document has none of them."""
    address = api.Address(name="Ada", street="Main Street 1", city="Oslo")

    with pytest.raises(api.ParcelNotFoundError) as missing:
        run(lambda client: client.parcels.get("P9"))
    with pytest.raises(api.TooHeavyError):
        run(lambda client: client.parcels.book(api.NewParcel(recipient=address, weight_in_grams=30_001)))
    with pytest.raises(api.ThrottledError) as throttled:
        run(lambda client: client.parcels.get("P4"))

    assert isinstance(missing.value, api.ParcelsError)
    assert (missing.value.code, missing.value.request_id) == ("unknown", "trace-1")
    assert throttled.value.retry_after == 0


def test_package_holds_the_selected_part_only(api: ModuleType, folder: Path) -> None:
    """What only the other operations reach is not there."""
    models = {path.stem for path in (folder / "build/parcels/src/northline_parcels/models").glob("[!_]*.py")}

    assert [name for name in ("Depot", "Position", "Tariff", "Rates") if hasattr(api, name)] == ["Depot"]
    assert models == {
        *("address", "depot", "new_parcel", "parcel", "parcel_event", "parcel_page", "parcel_status", "problem")
    }
    assert "staff" not in (folder / "build" / "parcels" / "README.md").read_text(encoding="utf-8")


def test_package_passes_strict_type_checker(folder: Path, tmp_path: Path) -> None:
    """As the package of this repository does."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", "northline_parcels"],
        cwd=folder / "build" / "parcels" / "src",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_vendor_s_document_alone_is_refused() -> None:
    """The overlay and the selection are both needed, so this test would notice if one were left out."""
    with pytest.raises(GenerationRefused, match="event-stream' is not supported"):
        build(DOCUMENT)
    with pytest.raises(GenerationRefused, match="event-stream' is not supported"):
        build(DOCUMENT, changes=Changes(overlays=[OVERLAY]))
    derived = build(DOCUMENT, changes=Changes(selection=PART))
    assert not {path for path in derived if path.startswith("src/northline_parcels/")}


def test_provenance_is_that_of_what_was_generated_from(api: ModuleType, folder: Path) -> None:
    """The package names the digest of the changed part; the lock has the sums of the files and the patterns."""
    document = load(DOCUMENT)
    changed = overlaid(document, load(OVERLAY), path=OVERLAY, over=DOCUMENT)
    part = selected(changed, PART, path=DOCUMENT)
    lock = tomllib.loads((folder / "build" / "parcels.lock").read_text(encoding="utf-8"))

    assert len({document.digest, changed.digest, part.digest}) == 3
    assert part.digest == importlib.import_module("northline_parcels.provenance").DOCUMENT_SHA256
    assert lock["document"] == {"parcels.yaml": document.digest}
    assert lock["overlay"] == {"parcels.overlay.yaml": load(OVERLAY).digest}
    assert lock["selection"] == {"/parcels**": "include", "/parcels/*/live": "exclude"}


def test_check_names_the_overlay_and_the_pattern_that_moved(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second build, under another hash seed, is made from the same changes."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    listing = tmp_path / "clients.toml"
    checked = ["check", "--list", str(listing)]
    assert main(checked) == 0
    for path, old, new in (
        (tmp_path / OVERLAY.name, "check its id", "check its number"),
        (listing, 'exclude = ["/parcels/*/live"]', 'exclude = ["operationId:stream*"]'),
    ):
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    code = main(checked)

    since = "since the package was made; regenerate it"
    assert code == 1
    assert [line for line in capsys.readouterr().err.splitlines() if since in line] == [
        f"parcels.overlay.yaml: the overlay has changed {since}",
        f"/parcels/*/live: this pattern of the selection is gone {since}",
        f"operationId:stream*: this pattern of the selection is new {since}",
    ]


def test_overlay_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    """A kind of thing that the package is not made from any more is compared, too."""
    lock = read(folder / "build" / "parcels.lock")
    now = {kind: values for kind, values in lock.items() if kind not in {"overlay", "selection"}}

    since = "since the package was made; regenerate it"
    assert moves(lock, now) == [
        f"parcels.overlay.yaml: the overlay is gone {since}",
        f"/parcels**: this pattern of the selection is gone {since}",
        f"/parcels/*/live: this pattern of the selection is gone {since}",
    ]
    assert moves(now, lock)[0] == f"parcels.overlay.yaml: the overlay is new {since}"


def test_options_of_the_command_do_the_same(folder: Path, tmp_path: Path) -> None:
    """The list is a shorter way to say `--overlay`, `--include` and `--exclude`."""
    output = tmp_path / "parcels"
    patterns = ["--include", "/parcels**", "--exclude", "/parcels/*/live"]

    code = main(
        ["generate", "--document", str(DOCUMENT), "--overlay", str(OVERLAY), *patterns, "--output", str(output)]
    )

    assert code == 0
    expected = folder / "build" / "parcels"
    assert {path.relative_to(output): path.read_bytes() for path in output.rglob("*") if path.is_file()} == {
        path.relative_to(expected): path.read_bytes()
        for path in expected.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wrong_overlay_stops_generation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The overlay is named with the place in it, and nothing is written."""
    overlay = tmp_path / "o.yaml"
    text = OVERLAY.read_text(encoding="utf-8").replace("'Sandbox'", "'sandbox'").replace("extends: ", "x-extends: ")
    overlay.write_text(text, encoding="utf-8")

    code = main(
        ["generate", "--document", str(DOCUMENT), "--overlay", str(overlay), "--output", str(tmp_path / "output")]
    )

    assert code == 1
    target = "$.servers[?@.description == 'sandbox']"
    assert f'#/actions/1/target: {overlay}: "{target}" matches nothing; correct it' in capsys.readouterr().err
    assert not (tmp_path / "output").exists()
