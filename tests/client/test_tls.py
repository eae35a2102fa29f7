"""TLS: certificates are always verified, a failure is final, and no session key is written."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from face_audit import CertificateError, ConfigurationError, ConnectError, RetryPolicy, Timeouts
from face_audit._runtime.http import route

from .authority import Authority
from .conftest import origin_of
from .wires import EMPTY, Wire, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Driver
    from .wires import Line

TWICE = RetryPolicy(max_attempts=2, random=lambda: 0.5)


def answering(line: Line) -> None:
    """Serve empty pages."""
    line.answer(EMPTY)


@pytest.fixture
def trusted(driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The same, trusted by SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def secure(wire: Wire) -> str:
    """Where it listens, with TLS."""
    return f"https://127.0.0.1:{wire.port}"


def test_trusted_authority_is_enough(driver: Driver, trusted: Authority) -> None:
    """SSL_CERT_FILE names who is trusted; the connection is kept."""
    with Wire(answering, tls=trusted.server("127.0.0.1")) as wire:
        client = driver.client(secure(wire))
        pages = [client.page(), client.page()]
        client.close()

    assert [page.items for page in pages] == [(), ()]
    assert wire.accepted == 1


def test_folder_of_certificates_is_enough(
    driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSL_CERT_DIR does the same with a folder as `openssl rehash` makes it."""
    shutil.copy(authority.file, tmp_path / f"{subject_hash(authority.file)}.0")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    with Wire(answering, tls=authority.server("127.0.0.1")) as wire:
        page = driver.client(secure(wire)).page()

    assert page.items == ()


def subject_hash(file: Path) -> str:
    """The name under which OpenSSL looks for this certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the command openssl")
    command = [openssl, "x509", "-noout", "-subject_hash", "-in", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("fault", ["wrong host", "expired", "not trusted", "self-signed"])
def test_certificate_that_cannot_be_verified_is_final(
    driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    """One handshake, no retry; the error names host and reason and what to check."""
    if fault in {"wrong host", "expired"}:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    names = ["other.example"] if fault == "wrong host" else ["127.0.0.1"]
    context = authority.server(*names, expired=fault == "expired")
    if fault == "self-signed":
        context = self_signed(tmp_path)

    with Wire(answering, tls=context) as wire:
        with pytest.raises(CertificateError) as caught:
            driver.client(secure(wire)).page()
        eventually(lambda: wire.open == 0)

    assert f"the certificate of '127.0.0.1:{wire.port}' could not be verified" in str(caught.value)
    assert "check SSL_CERT_FILE" in str(caught.value)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert len(caught.value.attempts) == 1
    assert wire.accepted == 1


def self_signed(folder: Path) -> ssl.SSLContext:
    """The context of a server that vouches for itself: an authority's own certificate."""
    made = trustme.CA()
    file = folder / "own.pem"
    made.cert_pem.write_to_path(str(file))
    made.private_key_pem.write_to_path(str(file), append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(file))
    return context


def test_variables_are_not_read_where_the_environment_is_not_trusted(driver: Driver, trusted: Authority) -> None:
    """With `trust_env=False` SSL_CERT_FILE makes nobody trusted."""
    with Wire(answering, tls=trusted.server("127.0.0.1")) as wire, pytest.raises(CertificateError):
        driver.client(secure(wire), trust_env=False).page()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_empty_variable_is_none(driver: Driver, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A variable that is set to nothing changes nothing."""
    for one in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(one, "")

    client = driver.client("https://service.test")

    assert origin_of(client.made)._route.tls is route.find_context(trust_env=False)


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_unreadable_file_is_refused_when_the_client_is_made(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """A wrong SSL_CERT_FILE is named at once, and not at the first call."""
    file = tmp_path / "wrong.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    with pytest.raises(ConfigurationError, match=r"client: SSL_CERT_FILE='.*wrong\.pem' cannot be used"):
        driver.client("https://service.test")


def test_session_keys_are_never_written(
    driver: Driver, trusted: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSLKEYLOGFILE would let anyone who reads that file read the key."""
    log = tmp_path / "session-keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    route._make_context.cache_clear()

    with Wire(answering, tls=trusted.server("127.0.0.1")) as wire:
        driver.client(secure(wire)).page()

    assert not log.exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(driver: Driver, trusted: Authority) -> None:
    """A server that speaks TLS 1.1 at best gets no request."""
    context = trusted.server("127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1

    with Wire(answering, tls=context) as wire, pytest.raises(ConnectError, match="TLS with 127"):
        driver.client(secure(wire), retry=TWICE).page()


@pytest.mark.parametrize("ending", ["reset", "close", "plain"])
def test_broken_handshake_is_tried_again(driver: Driver, trusted: Authority, ending: str) -> None:
    """A server that leaves within the handshake may come back."""
    context = trusted.server("127.0.0.1")

    def leave(line: Line) -> None:
        line.socket.recv(100)
        if ending == "reset":
            line.reset()
        elif ending == "plain":
            line.send(EMPTY)

    def shake(line: Line) -> None:
        line.socket = context.wrap_socket(line.socket, server_side=True)
        line.answer(EMPTY)
        line.socket.close()

    with Wire(leave, shake) as wire:
        page = driver.client(secure(wire)).page()

    assert len(page.attempts) == 2
    assert "TLS with 127.0.0.1" in page.attempts[0].reason
    assert wire.accepted == 2


def test_silent_handshake_ends_at_the_limit_of_connecting(driver: Driver, trusted: Authority) -> None:
    """A server that takes the connection and says nothing is not waited for longer than connecting may take."""
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(secure(wire), retry=TWICE, timeouts=Timeouts(connect=0.1))
        with pytest.raises(ConnectError, match="not in time|timed out") as caught:
            client.page()
        eventually(lambda: wire.open == 0)

    assert len(caught.value.attempts) == 2


def test_unasked_answer_over_tls_is_not_taken(driver: Driver, trusted: Authority) -> None:
    """What TLS holds back decoded is seen, too."""
    told = threading.Event()

    def babble(line: Line) -> None:
        line.receive()
        line.send(EMPTY + EMPTY)
        told.wait(5)

    with Wire(babble, answering, tls=trusted.server("127.0.0.1")) as wire:
        client = driver.client(secure(wire))
        pages = [client.page(), client.page()]
        told.set()

    assert [len(page.attempts) for page in pages] == [1, 1]
    assert wire.accepted == 2


def test_record_that_was_decoded_only_in_part_is_seen(driver: Driver, trusted: Authority) -> None:
    """Bytes that a record still holds make a connection unfit for the next request."""
    large = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 65400\r\n\r\n["
    large += b" " * 65398 + b"]"

    def babble(line: Line) -> None:
        line.receive()
        line.send(large + b"x" * 70_000)
        line.hold()

    with Wire(babble, answering, tls=trusted.server("127.0.0.1")) as wire:
        client = driver.client(secure(wire))
        client.page()
        page = client.page()

    assert page.raw == b"[]"
    assert wire.accepted == 2


def test_context_is_made_once() -> None:
    """Loading the certificates takes its time, so clients share the context."""
    contexts: list[Any] = [route.find_context(trust_env=False) for _ in range(2)]

    assert contexts[0] is contexts[1]
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert contexts[0].check_hostname
    assert contexts[0].minimum_version is ssl.TLSVersion.TLSv1_2
    assert contexts[0].keylog_filename is None
