"""Credentials of azure-core and azure-identity, as they are, against a service and a tenant on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

import azure.identity.aio
import pytest
from azure.core.credentials import AccessToken, AccessTokenInfo, AzureKeyCredential, AzureNamedKeyCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import AsyncioRequestsTransport, RequestsTransport
from azure.identity import ChainedTokenCredential, ClientSecretCredential, CredentialUnavailableError
from face_audit import ConfigurationError

from ..client.authority import Authority
from ..client.servers import Answer, Received, Service, answer
from ..client.tokens import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..client.conftest import Client, Driver

NEVER = 1 << 32
TENANT = "11111111-2222-3333-4444-555555555555"


class Static:
    """A credential that is known already."""

    def __init__(self, token: str, error: Exception | None = None) -> None:
        """Give this token, or this error."""
        self._token, self._error = token, error

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """The token."""
        if self._error is not None:
            raise self._error
        return AccessToken(f"{self._token} of {len(scopes)}".replace(" ", "-"), NEVER)


class StaticInfo(Static):
    """The same with the newer method."""

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        """The token."""
        return AccessTokenInfo(self.get_token(*scopes).token, NEVER, refresh_on=NEVER - 1)

    def close(self) -> None:
        """Nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End."""


class AsyncStatic(Static):
    """The same for asyncio."""

    async def get_token(self, *scopes: str, **named: Any) -> Any:
        """The token."""
        return super().get_token(*scopes, **named)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""


@pytest.fixture
def made(driver: Driver, secure: Service, authority: Authority) -> Callable[[Any], Client]:
    """Makes clients of that service, which trust it."""

    def make(given: Any) -> Client:
        arguments = {"key": None, "credential": given, "scope": SCOPE, "ssl_context": authority.trusting()}
        return driver.client(secure.url, **arguments)

    return make


def sent(service: Service) -> list[str]:
    """The credentials of its requests."""
    return [one.headers["authorization"] for one in service.requests]


@pytest.mark.parametrize("kind", [Static, StaticInfo])
def test_static_token_is_sent(driver: Driver, secure: Service, made: Callable[[Any], Client], kind: Any) -> None:
    """A class of one method that gives azure-core's tokens is a credential."""
    made(kind("known") if driver.runner is None else AsyncStatic("known")).page()

    assert sent(secure) == ["Bearer known-of-1"]


def test_chained_credential_gives_the_token_of_the_first_that_can(
    driver: Driver, secure: Service, made: Callable[[Any], Client]
) -> None:
    """What azure-identity decides is its own business."""
    missing = CredentialUnavailableError("nobody is logged in")
    if driver.runner is None:
        chain: Any = ChainedTokenCredential(Static("first", missing), StaticInfo("second"))
    else:
        chain = azure.identity.aio.ChainedTokenCredential(AsyncStatic("first", missing), AsyncStatic("second"))

    made(chain).page()

    assert sent(secure) == ["Bearer second-of-1"]


def test_error_of_the_chain_comes_out_as_itself(driver: Driver, secure: Service, made: Callable[[Any], Client]) -> None:
    """Its text says which credentials were tried."""
    missing = CredentialUnavailableError("nobody is logged in")
    if driver.runner is None:
        chain: Any = ChainedTokenCredential(Static("first", missing))
    else:
        chain = azure.identity.aio.ChainedTokenCredential(AsyncStatic("first", missing))

    with pytest.raises(ClientAuthenticationError, match="nobody is logged in"):
        made(chain).page()

    assert secure.requests == []


class Identity(Service):
    """The token endpoint of a tenant, as MSAL asks it; its tokens are numbered."""

    def respond(self, request: Received) -> Answer:
        """The configuration of the tenant, or a token."""
        self.requests.append(request)
        if request.target.endswith("openid-configuration"):
            base = f"{self.url}/{TENANT}"
            return answer(
                {
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "issuer": f"{base}/v2.0",
                }
            )
        if self.queue:
            return self.queue.popleft()
        number = sum(one.target.endswith("/token") for one in self.requests)
        return answer({"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{number}"})


@pytest.fixture
def identity(authority: Authority) -> Iterator[Identity]:
    """A tenant on loopback."""
    with Identity(tls=authority.server("127.0.0.1")) as running:
        yield running


def login(driver: Driver, identity: Identity, authority: Authority) -> Any:
    """azure-identity's own login with a client secret, at that tenant."""
    kind: Any = ClientSecretCredential if driver.runner is None else azure.identity.aio.ClientSecretCredential
    transport = RequestsTransport if driver.runner is None else AsyncioRequestsTransport
    return kind(
        TENANT,
        "client",
        "client-secret",
        authority=identity.url,
        disable_instance_discovery=True,
        transport=transport(connection_verify=str(authority.file)),
    )


def test_login_with_a_client_secret_is_asked_for_the_scope_of_the_endpoint(
    driver: Driver, secure: Service, made: Callable[[Any], Client], identity: Identity, authority: Authority
) -> None:
    """One token serves several calls; where the service refuses it, MSAL's own cache may give it once more."""
    client = made(login(driver, identity, authority))

    client.page()
    client.page()
    secure.will(answer({"error": {"code": "401", "message": "no"}}, 401), [])
    page = client.page()

    asked = [parse_qs(one.body.decode()) for one in identity.requests if one.target.endswith("/token")]
    assert [one["scope"] for one in asked] == [[SCOPE]]
    assert sent(secure) == ["Bearer token-1"] * 4
    assert [one.status for one in page.attempts] == [401, 200]


def test_challenge_with_claims_reaches_the_tenant(
    driver: Driver, secure: Service, made: Callable[[Any], Client], identity: Identity, authority: Authority
) -> None:
    """With claims, MSAL asks for a new token whatever its cache holds."""
    client = made(login(driver, identity, authority))
    challenge = (
        'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0="'
    )
    secure.will(answer({"error": {"code": "401", "message": "no"}}, 401, WWW_Authenticate=challenge), [])

    client.page()

    asked = [parse_qs(one.body.decode()) for one in identity.requests if one.target.endswith("/token")]
    assert sent(secure) == ["Bearer token-1", "Bearer token-2"]
    assert json.loads(asked[1]["claims"][0])["access_token"]["nbf"] == {"value": "1"}


def test_refused_login_is_an_error_of_azure_core(
    driver: Driver, secure: Service, made: Callable[[Any], Client], identity: Identity, authority: Authority
) -> None:
    """The caller sees what the tenant says."""
    identity.will(answer({"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"}, 401))

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        made(login(driver, identity, authority)).page()

    assert secure.requests == []


def test_updated_key_is_sent_from_the_next_attempt_on(driver: Driver, service: Service) -> None:
    """azure-core's AzureKeyCredential is read before every attempt."""
    key = AzureKeyCredential("first-key")
    client = driver.client(service.url, key=key)

    client.page()
    key.update("second-key")
    client.page()

    assert [one.headers["ocp-apim-subscription-key"] for one in service.requests] == ["first-key", "second-key"]


def test_credential_of_another_kind_is_refused(driver: Driver) -> None:
    """Each message names what is wanted."""
    key, named = AzureKeyCredential("some-key"), AzureNamedKeyCredential("name", "some-key")
    own, other = Static("sync"), AsyncStatic("async")
    own, other = (own, other) if driver.runner is None else (other, own)
    endpoint = "https://name.cognitiveservices.azure.com"

    for arguments, said in [
        ({"credential": key}, "credential: is of the type AzureKeyCredential, which gives no tokens; give it as key="),
        ({"key": own}, "key: gives tokens; give it as credential="),
        ({"key": named}, "key: is of the type AzureNamedKeyCredential; give str"),
        ({"credential": other}, f"credential: {type(other).__name__} is "),
    ]:
        with pytest.raises(ConfigurationError) as caught:
            driver.client(endpoint, **{"key": None, **arguments})
        assert str(caught.value).startswith(said)
