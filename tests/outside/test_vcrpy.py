"""vcrpy records and replays the default clients: version 9, and version 8, which replaces another method."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
from face_audit import ConnectError, RetryPolicy

from ..client.conftest import KEY
from ..client.servers import PATH, SESSION, Answer, Service, answer, entries
from .conftest import CANARY, secret, trace

if TYPE_CHECKING:
    from ..client.conftest import Clock, Driver
    from .conftest import Early

HEADER = "Ocp-Apim-Subscription-Key"
OLDER = Path(sys.prefix) / "vcrpy-8"
"""Where `nox -s tests` installs version 8: an environment holds one version of a package."""


@pytest.fixture(params=["8", "9"])
def recorder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A recorder of that version, which keeps its cassettes in `tmp_path` and the key out of them."""
    if request.param == "8":
        if not OLDER.is_dir():
            pytest.fail(f"{OLDER} is missing; use `nox -s tests`, or install the pin of `vcrpy-8` there with --target")
        monkeypatch.syspath_prepend(OLDER)
    for name in [name for name in sys.modules if name.partition(".")[0] == "vcr"]:
        monkeypatch.delitem(sys.modules, name)
    vcr = importlib.import_module("vcr")
    assert vcr.__version__.partition(".")[0] == request.param
    assert Path(vcr.__file__).is_relative_to(OLDER) is (request.param == "8")
    return vcr.VCR(cassette_library_dir=str(tmp_path), filter_headers=[HEADER])


def version_of(recorder: Any) -> str:
    """The first number of the recorder's version."""
    return importlib.import_module(type(recorder).__module__.partition(".")[0]).__version__.partition(".")[0]


def test_versions_replace_different_methods(recorder: Any) -> None:
    """Version 8 replaces a method of httpcore's pools, version 9 one of httpx's transports: both ways are tested."""
    methods = {"8": (httpcore.ConnectionPool, "handle_request"), "9": (httpx.HTTPTransport, "handle_request")}
    before = {version: getattr(*place) for version, place in methods.items()}

    with recorder.use_cassette("none.yaml"):
        found = [version for version, place in methods.items() if getattr(*place) is not before[version]]

    assert found == [version_of(recorder)]


def test_recorded_listing_is_replayed_without_a_server(driver: Driver, recorder: Any, tmp_path: Path) -> None:
    """What was recorded is replayed with `record_mode="none"` though nobody listens, and the key is not in it."""
    with Service(5, longest_page=2) as service, recorder.use_cassette("list.yaml") as cassette:
        recorded = driver.client(service.url, key=secret).list()
        sent = len(service.requests)
    assert service.requests[0].headers[HEADER.lower()] == CANARY

    with recorder.use_cassette("list.yaml", record_mode="none") as replaying:
        replayed = driver.client(service.url).list()

    assert [one.id for one in recorded] == ["5", "4", "3", "2", "1"]
    assert replayed == recorded
    assert len(cassette) == replaying.play_count == sent
    text = (tmp_path / "list.yaml").read_text(encoding="utf-8")
    assert SESSION in text
    assert CANARY not in text
    assert HEADER.lower() not in text.lower()


def test_cassette_answers_in_place_of_the_service(
    early: Early, service: Service, driver: Driver, recorder: Any
) -> None:
    """A client that was made or used before the cassette is played gets its answers from it, and sends nothing."""
    service.will(entries("7"))
    with recorder.use_cassette("page.yaml"):
        driver.client(service.url).page()
    service.requests.clear()

    with recorder.use_cassette("page.yaml", record_mode="none"):
        page = early.client().page()

    assert [one.id for one in page.items] == ["7"]
    assert service.requests == []


def test_client_is_recorded(early: Early, service: Service, recorder: Any) -> None:
    """A client that was made or used before the recording is recorded, and its calls reach the service."""
    service.will(entries("7"))

    with recorder.use_cassette("page.yaml") as cassette:
        page = early.client().page()

    assert [one.id for one in page.items] == ["7"]
    assert [request.uri for request in cassette.requests] == [service.url + PATH]
    assert service.requests[0].headers[HEADER.lower()] == KEY


def test_ended_cassette_leaves_the_client_to_the_service(early: Early, service: Service, recorder: Any) -> None:
    """A client that was recorded reaches the service after that, and is not recorded any more."""
    with recorder.use_cassette("page.yaml") as cassette:
        client = early.client()
        client.page()
    service.will(entries("8"))

    page = client.page()

    assert [one.id for one in page.items] == ["8"]
    assert len(cassette) == 1
    assert len(service.requests) == 2


def test_request_that_was_not_recorded_is_named_and_not_retried(
    early: Early, service: Service, clock: Clock, recorder: Any
) -> None:
    """What vcrpy says about such a request comes out as itself, after one attempt."""
    errors = importlib.import_module("vcr.errors")
    with (
        recorder.use_cassette("none.yaml", record_mode="none"),
        pytest.raises(errors.CannotOverwriteExistingCassetteException, match=PATH) as caught,
    ):
        early.client().page()

    assert type(caught.value) is errors.CannotOverwriteExistingCassetteException
    assert clock.waits == []
    assert service.requests == []


def test_error_of_vcrpy_shows_no_key(driver: Driver, recorder: Any) -> None:
    """Neither its text nor its traceback with locals holds the key."""
    errors = importlib.import_module("vcr.errors")
    with (
        recorder.use_cassette("none.yaml", record_mode="none"),
        pytest.raises(errors.CannotOverwriteExistingCassetteException) as caught,
    ):
        driver.client("https://service.invalid", key=secret).page()

    assert CANARY not in trace(caught.value)


def test_failures_and_gzip_are_replayed(driver: Driver, recorder: Any) -> None:
    """Attempts that failed are recorded and retried again in the replay; a compressed body stays compressed."""
    packed = gzip.compress(json.dumps(entries("7")).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with Service() as service, recorder.use_cassette("page.yaml", allow_playback_repeats=False):
        service.will(Answer(status=503), answer({}, 429, Retry_After="3"), Answer(headers=headers, body=packed))
        recorded = driver.client(service.url).page()

    with recorder.use_cassette("page.yaml", record_mode="none"):
        replayed = driver.client(service.url).page()

    assert [attempt.status for attempt in replayed.attempts] == [503, 429, 200]
    assert replayed.items == recorded.items
    assert [one.id for one in replayed.items] == ["7"]


def test_server_that_is_gone_is_not_recorded(driver: Driver, recorder: Any) -> None:
    """A failed connection while recording is the error that it is without a recorder."""
    with recorder.use_cassette("none.yaml") as cassette, pytest.raises(ConnectError, match="127.0.0.1:1"):
        driver.client("http://127.0.0.1:1", retry=RetryPolicy(max_attempts=2)).page()

    assert len(cassette) == 0
