"""Tokens of Microsoft Entra ID for the commands: azure-identity's own classes, with a managed identity on loopback."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from face_audit_tools.command import cli

from ..client.authority import Authority
from ..client.servers import SESSION, Answer, Received, Service, answer

CANARY = "canary-token-0123456789abcdef"
NEVER = 1 << 32


class Identity(Service):
    """The managed identity of an app, as azure-identity asks it."""

    def respond(self, request: Received) -> Answer:
        """A token, or what is queued."""
        self.requests.append(request)
        if self.queue:
            return self.queue.popleft()
        return answer({"access_token": CANARY, "expires_on": str(NEVER), "resource": "r", "token_type": "Bearer"})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of certificates that the commands trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch, authority: Authority, tmp_path: Path) -> Iterator[Identity]:
    """A managed identity, which is all that azure-identity may look for."""
    for name in ("APIKEY", "REGION", "ENDPOINT", "AUDIT_KEY_FILE", "AUDIT_AUTH", "AUDIT_SCOPE"):
        monkeypatch.delenv(f"FACE_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    with Identity() as running:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{running.url}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header")
        yield running


@pytest.fixture
def secure(authority: Authority) -> Iterator[Service]:
    """A service of three entries, with TLS."""
    with Service(3, tls=authority.server("127.0.0.1")) as running:
        yield running


def run(*arguments: str, **told: Any) -> Any:
    """The result of the command."""
    return CliRunner().invoke(cli, [*arguments], **told)


def listed(service: Service, *more: str, **told: Any) -> Any:
    """The same of `list` with tokens of a gateway."""
    return run(
        "list", SESSION, "--endpoint", service.url, "--auth", "entra", "--scope", "api://x/.default", *more, **told
    )


def sent(service: Service) -> set[str | None]:
    """What the requests were sent with."""
    return {one.headers.get("authorization") for one in service.requests}


def test_list_is_sent_with_a_token(secure: Service, identity: Identity) -> None:
    """It is asked for the scope that is given; a key of the environment stays where it is."""
    result = listed(secure, env={"FACE_APIKEY": "some-key"})

    assert result.exit_code == 0, result.output
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["3", "2", "1"]
    assert sent(secure) == {f"Bearer {CANARY}"}
    assert not any("ocp-apim-subscription-key" in one.headers for one in secure.requests)
    (asked,) = identity.requests
    assert parse_qs(urlsplit(asked.target).query)["resource"] == ["api://x"]


def test_export_asks_once_and_keeps_no_token(secure: Service, identity: Identity, tmp_path: Path) -> None:
    """Its sessions share the token, and no file of the folder holds it."""
    out = tmp_path / "evidence"
    config = tmp_path / "config.toml"
    config.write_text(f'auth = "entra"\nscope = "api://x/.default"\nendpoint = "{secure.url}"\n', encoding="utf-8")

    result = run("--config", str(config), "export", SESSION, "--out", str(out))

    assert result.exit_code == 0, result.output
    assert sent(secure) == {f"Bearer {CANARY}"}
    assert len(identity.requests) == 1
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 2
    assert not any(CANARY.encode() in path.read_bytes() for path in files)
    assert CANARY not in result.output


def test_token_is_not_shown_where_the_service_echoes_it(secure: Service) -> None:
    """Nor in what a verbose error says."""
    secure.will(*[answer({"error": {"code": "401", "message": f"no {CANARY}"}}, 401)] * 2)

    result = listed(secure)

    assert result.exit_code == 2
    assert "the service refused the key or token" in result.stderr
    assert CANARY not in result.output


def test_nobody_who_is_logged_in_is_an_error_of_one_line(secure: Service, identity: Identity, tmp_path: Path) -> None:
    """It says what azure-identity tried; an export tells it of each session."""
    refused = Answer(status=400, headers={"Content-Type": "text/plain"}, body=b"no identity")
    identity.will(*[refused] * 9)

    result = listed(secure)
    exported = run(
        *("export", SESSION, "--endpoint", secure.url, "--auth", "entra", "--scope", "x", "--out", str(tmp_path / "e"))
    )

    assert result.exit_code == 2
    assert result.stderr.startswith("Error: login: no token was given (")
    assert result.stderr.endswith("); log in, or give a key\n")
    assert result.stderr.count("\n") == 1
    assert exported.exit_code == 1
    assert "no token was given" in exported.output
    assert secure.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--auth", "entra", "--key-file", "key"],
            "key-file: cannot be combined with --auth entra; leave one of them out",
        ),
        (["--scope", "x"], "scope: needs --auth entra; leave it out, or give both"),
        (["--auth", "entra"], "--auth entra: the scope of tokens for this endpoint is not known; give --scope"),
    ],
)
def test_options_that_contradict_each_other_are_refused(secure: Service, arguments: list[str], said: str) -> None:
    """Nothing that was typed is ignored."""
    result = run("list", SESSION, "--endpoint", secure.url, *arguments, env={"FACE_APIKEY": "some-key"})

    assert (result.exit_code, result.stderr) == (2, f"Error: {said}\n")


def test_region_takes_no_tokens() -> None:
    """The error says which option to give in its place."""
    result = run("list", SESSION, "--region", "norwayeast", "--auth", "entra")

    assert result.exit_code == 2
    assert "takes no tokens; give --endpoint 'https://NAME.cognitiveservices.azure.com'" in result.stderr


def test_missing_library_names_the_extra(secure: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """azure-identity is not among what the tool needs."""
    monkeypatch.setitem(sys.modules, "azure.identity", None)

    result = listed(secure)

    assert result.exit_code == 2
    assert "azure.identity: is not installed; run: pip install 'face-audit-tools[entra]'" in result.stderr
