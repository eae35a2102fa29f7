"""Bodies: gzip of every kind, cut, damaged or made to fill the memory, and broken bodies of error statuses."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AuthenticationError,
    BodyRefusedError,
    DecodeError,
    FaceAuditError,
    IncompleteBodyError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    SessionNotFoundError,
)
from face_audit._runtime.http import body
from face_audit._runtime.http.body import Body
from hypothesis import given, settings
from hypothesis import strategies as st

from .servers import EXAMPLE, Answer, Service, answer, entries, entry
from .wires import Wire, ok

if TYPE_CHECKING:
    from .conftest import Driver

JSON = {"Content-Type": "application/json"}
PAGE = json.dumps([entry(3), entry(2)]).encode()
ZIPPED = gzip.compress(PAGE, mtime=0)
EMPTY_MEMBER = gzip.compress(b"", mtime=0)
ONCE = RetryPolicy(max_attempts=1)
MEBIBYTE = 1024 * 1024


def zipped(content: bytes, encoding: str = "gzip", **changes: Any) -> Answer:
    """An answer with this body, said to be compressed."""
    return Answer(headers=JSON | {"Content-Encoding": encoding}, body=content, **changes)


def members(content: bytes, count: int) -> bytes:
    """The content in this many gzip members."""
    size = -(-len(content) // count)
    return b"".join(gzip.compress(content[start : start + size]) for start in range(0, len(content), size))


def bomb(size: int) -> bytes:
    """A gzip member of blanks, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b" " * MEBIBYTE) for _ in range(size // MEBIBYTE)]
    return b"".join([*parts, packer.flush()])


def outcome(content: bytes, splits: list[int], encoding: str = "gzip") -> bytes | str:
    """What comes of a body that arrives in these pieces."""
    made = Body()
    made.begin(200, {"content-encoding": encoding})
    edges = [0, *sorted(min(split, len(content)) for split in splits), len(content)]
    try:
        for start, end in pairwise(edges):
            made.add(content[start:end])
        made.end()
    except (BodyRefusedError, IncompleteBodyError) as error:
        return type(error).__name__
    return made.whole().content


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ZIPPED, "gzip"),
        (ZIPPED, "x-gzip"),
        (ZIPPED, "GZIP"),
        (ZIPPED, " X-Gzip "),
        (members(PAGE, 2), "gzip"),
        (members(PAGE, 50), "gzip"),
        (EMPTY_MEMBER + ZIPPED + EMPTY_MEMBER, "gzip"),
        (gzip.compress(PAGE, 0), "gzip"),
        (PAGE, "identity"),
    ],
)
def test_body_is_decoded_whole(driver: Driver, service: Service, content: bytes, encoding: str) -> None:
    """All members of gzip are decoded, under both of its names."""
    service.will(zipped(content, encoding))

    page = driver.client(service.url).page()

    assert page.raw == PAGE
    assert [one.id for one in page.items] == ["3", "2"]


@pytest.mark.parametrize("text", [PAGE, b"", b"[]"])
def test_chunked_gzip_is_decoded(driver: Driver, service: Service, text: bytes) -> None:
    """Pieces of any size are put together."""
    content = gzip.compress(text)
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in content) + b"0\r\n\r\n"
    service.will(Answer(headers=JSON | {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}, body=pieces))
    client = driver.client(service.url)

    if text:
        assert client.page().raw == text
    else:
        with pytest.raises(DecodeError):
            client.page()


@pytest.mark.parametrize(
    "damaged",
    [
        ZIPPED[:1],
        ZIPPED[:9],
        ZIPPED[: len(ZIPPED) // 2],
        ZIPPED[:-1],
        ZIPPED[:-8],
        members(PAGE, 2)[:-4],
        ZIPPED + ZIPPED[:12],
        ZIPPED[:-8] + bytes([ZIPPED[-8] ^ 1]) + ZIPPED[-7:],
        ZIPPED[:-1] + bytes([ZIPPED[-1] ^ 1]),
        ZIPPED[:40] + bytes([ZIPPED[40] ^ 255]) + ZIPPED[41:],
        ZIPPED + b"garbage",
        ZIPPED + b"\0",
        ZIPPED + b"\0" * 20,
        b"garbage" + ZIPPED,
        PAGE,
    ],
    ids=[
        *("one byte", "no header", "half", "no last byte", "no trailer", "second member", "begun member", "checksum"),
        *("length", "data", "garbage after", "zero after", "zeros after", "garbage before", "no gzip"),
    ],
)
def test_damaged_gzip_is_fetched_again(driver: Driver, service: Service, damaged: bytes) -> None:
    """What is cut or damaged is a passing failure, and never a shorter page."""
    service.will(zipped(damaged), zipped(ZIPPED))

    page = driver.client(service.url).page()

    assert [one.id for one in page.items] == ["3", "2"]
    assert [attempt.status for attempt in page.attempts] == [200, 200]
    assert "gzip data" in page.attempts[0].reason


def test_gzip_that_stays_damaged_is_an_error(driver: Driver, service: Service) -> None:
    """The error says what is wrong, and where."""
    service.will(*[zipped(ZIPPED[:-1])] * 5)

    with pytest.raises(IncompleteBodyError, match=rf"^GET .*: the gzip data breaks off after {len(ZIPPED) - 1} bytes"):
        driver.client(service.url).page()


def test_empty_body_that_is_said_to_be_gzip_is_empty(driver: Driver, service: Service) -> None:
    """Nothing at all is not gzip; the error is that of an empty body."""
    service.will(zipped(b""))

    with pytest.raises(DecodeError):
        driver.client(service.url).page()


@pytest.mark.parametrize("content", [[EXAMPLE] * 1000, [entry(number) for number in range(1000)]])
@pytest.mark.parametrize("level", [1, 9])
def test_honest_page_is_never_taken_for_a_bomb(content: list[Any], level: int) -> None:
    """A page of 1,000 entries passes, even where all of them are the same."""
    text = json.dumps(content, indent=2).encode()

    assert outcome(gzip.compress(text, level), []) == text
    assert outcome(gzip.compress(text, level), list(range(0, 5000, 7))) == text


def grown(driver: Driver, service: Service, reply: Answer) -> tuple[FaceAuditError, int]:
    """The error that this answer ends in, and the bytes by which memory grew at most."""
    service.will(reply)
    client = driver.client(service.url, retry=ONCE)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        with pytest.raises(FaceAuditError) as caught:
            client.page()
        return caught.value, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def large_bomb() -> bytes:
    """200 kB that decode to 200 MiB."""
    return bomb(200 * MEBIBYTE)


def test_bomb_is_refused(driver: Driver, service: Service, large_bomb: bytes) -> None:
    """200 kB that decode to 200 MiB are refused before they fill the memory."""
    assert len(large_bomb) < 210_000

    error, size = grown(driver, service, zipped(large_bomb))

    assert type(error) is BodyRefusedError
    assert f"body of more than {body.LARGEST} bytes" in str(error)
    assert size < 64 * MEBIBYTE


def test_bomb_in_a_bomb_is_refused(driver: Driver, service: Service) -> None:
    """Gzip in gzip is decoded once: what is inside is not JSON, and stays small."""
    inner = bomb(64 * MEBIBYTE)

    error, size = grown(driver, service, zipped(gzip.compress(inner, 9)))

    assert type(error) is DecodeError
    assert size < 4 * MEBIBYTE


def test_bomb_under_two_encodings_is_refused(driver: Driver, service: Service) -> None:
    """Nobody asked for two layers."""
    error, size = grown(driver, service, zipped(gzip.compress(bomb(8 * MEBIBYTE)), "gzip, gzip"))

    assert type(error) is BodyRefusedError
    assert size < 4 * MEBIBYTE


def test_small_bomb_is_refused_by_its_ratio(driver: Driver, service: Service) -> None:
    """What is large, and grew more than any honest page does, is refused."""
    error, size = grown(driver, service, zipped(bomb(8 * MEBIBYTE)))

    assert type(error) is BodyRefusedError
    assert "grows more than 200 times" in str(error)
    assert size < 64 * MEBIBYTE


@pytest.mark.parametrize("member", [EMPTY_MEMBER, gzip.compress(b" ", mtime=0)])
def test_many_tiny_members_are_refused(driver: Driver, service: Service, member: bytes) -> None:
    """Members that hold next to nothing cost time and memory, so they are counted."""
    error, size = grown(driver, service, zipped(member * 10_001))

    assert type(error) is BodyRefusedError
    assert "more than 10000 gzip members" in str(error)
    assert size < 8 * MEBIBYTE


def test_data_that_decodes_to_nothing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives counts as well as what comes of it: stored blocks without content decode to nothing."""
    monkeypatch.setattr(body, "LARGEST", 100_000)
    nothing = EMPTY_MEMBER[:10] + b"\0\0\0\xff\xff" * 30_000

    assert outcome(nothing, []) == "BodyRefusedError"
    assert outcome(nothing, [99_999]) == "BodyRefusedError"
    assert outcome(nothing[:100_000], []) == "IncompleteBodyError"


def test_body_may_be_as_large_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself passes, one byte more does not."""
    monkeypatch.setattr(body, "LARGEST", 200_000)
    noise = random.Random(1).randbytes(200_000)

    assert outcome(noise, [7, 150_000], "identity") == noise
    assert outcome(noise + b"x", [7, 150_000], "identity") == "BodyRefusedError"
    assert outcome(gzip.compress(noise[:190_000]), [5]) == noise[:190_000]


STREAMS = [
    ZIPPED,
    members(PAGE, 7),
    EMPTY_MEMBER + ZIPPED,
    ZIPPED[:-3],
    ZIPPED + b"x",
    ZIPPED + b"xyz",
    ZIPPED[:-8] + b"12345678",
    gzip.compress(b" " * 65536, mtime=0),
    gzip.compress(b" " * 65536 * 3, mtime=0),
    gzip.compress(b" " * 65537, mtime=0),
    gzip.compress(random.Random(2).randbytes(70_000), mtime=0),
    bomb(5 * MEBIBYTE),
    EMPTY_MEMBER * 30,
    b"",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 2000), max_size=12))
def test_how_the_bytes_were_cut_changes_nothing(content: bytes, splits: list[int]) -> None:
    """Any split of the same bytes gives the same content, or the same error."""
    assert outcome(content, splits) == outcome(content, [])


@pytest.mark.parametrize("content", STREAMS[:10])
def test_bytes_one_by_one_change_nothing(content: bytes) -> None:
    """Not even where every byte comes alone."""
    assert outcome(content, list(range(len(content)))) == outcome(content, [])


def test_header_that_is_sent_twice_is_joined(driver: Driver) -> None:
    """Two headers of one name are one list (RFC 9110, 5.3), so twice gzip is two layers."""
    twice = ok(ZIPPED, "Content-Encoding: gzip", "content-encoding: gzip")

    with Wire(lambda line: line.answer(twice)) as wire, pytest.raises(BodyRefusedError, match="'gzip, gzip'"):
        driver.client(wire.url, retry=ONCE).page()


ERROR = json.dumps({"error": {"code": "SessionNotFound", "message": "Gone."}}).encode()


@pytest.mark.parametrize(
    ("reply", "kind", "sent"),
    [
        (Answer(status=401, headers=JSON | {"Content-Encoding": "br"}, body=ERROR), AuthenticationError, 1),
        (Answer(status=404, headers=JSON | {"Content-Encoding": "gzip"}, body=ERROR), SessionNotFoundError, 1),
        (Answer(status=404, headers=JSON, body=ERROR, cut_after=5), SessionNotFoundError, 1),
        (Answer(status=404, headers=JSON, body=b" " * (body.LARGEST + 1)), SessionNotFoundError, 1),
        (Answer(status=503, headers=JSON, body=ERROR, cut_after=5), ServerError, 2),
        (Answer(status=503, headers=JSON | {"Content-Encoding": "zstd"}, body=ERROR), ServerError, 2),
        (
            Answer(status=429, headers=JSON | {"Retry-After": "3"}, body=ERROR, cut_after=5),
            RateLimitedError,
            2,
        ),
    ],
    ids=["brotli", "bad gzip", "cut", "large", "cut 503", "zstd 503", "cut 429"],
)
def test_error_status_with_a_broken_body_keeps_its_class(
    driver: Driver, service: Service, reply: Answer, kind: type[Any], sent: int
) -> None:
    """The status says what happened, whatever happens to the body; a passing one is tried again."""
    service.will(*[reply] * sent)
    client = driver.client(service.url, retry=RetryPolicy(max_attempts=2, max_asked_waits=0, random=lambda: 0.5))

    with pytest.raises(FaceAuditError) as caught:
        client.page()

    assert type(caught.value) is kind
    assert [attempt.status for attempt in caught.value.attempts] == [reply.status] * sent
    assert len(service.requests) == sent


def test_passing_status_with_a_broken_body_is_tried_again(driver: Driver, service: Service) -> None:
    """The next attempt's page is handed over; the wait that the header asked for is kept."""
    reply = Answer(status=503, headers=JSON | {"Retry-After": "3"}, body=ERROR, cut_after=5)
    service.will(reply, entries("1"))

    page = driver.client(service.url).page()

    assert [attempt.wait for attempt in page.attempts] == [3, None]


def test_error_with_a_whole_gzip_body_is_read(driver: Driver, service: Service) -> None:
    """Errors may be compressed, too."""
    found = answer({"error": {"code": "SessionNotFound", "message": "Gone."}}, 404)
    service.will(Answer(status=404, headers=JSON | {"Content-Encoding": "gzip"}, body=gzip.compress(found.body)))

    with pytest.raises(SessionNotFoundError, match=r"SessionNotFound: Gone\."):
        driver.client(service.url).page()
