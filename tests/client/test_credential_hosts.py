"""Which credential goes to which host: keys everywhere, tokens where the document or the caller names a scope."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import AsyncFaceAuditClient, AttemptTimeoutError, ConfigurationError, Timeouts

from .conftest import KEY
from .servers import SESSION, Service, answer
from .tokens import SCOPE, SyncCredential, credential

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Client, Driver

CLOUDS = ["com", "us", "cn"]
REGIONAL = [
    "https://norwayeast.api.cognitive.microsoft.com",
    "https://usgovvirginia.api.cognitive.microsoft.us",
    "https://chinaeast2.api.cognitive.azure.cn",
]


class Holder:
    """Holds a key that may change, as azure-core's AzureKeyCredential does."""

    def __init__(self, key: Any) -> None:
        """Hold this one."""
        self._key = key

    @property
    def key(self) -> Any:
        """The key."""
        return self._key

    def update(self, key: str) -> None:
        """Hold another one."""
        self._key = key


def recorded(driver: Driver, endpoint: str, **arguments: Any) -> tuple[Client, list[httpx.Request]]:
    """A client whose requests are answered in this process, and what it sends."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    http_client = driver.http_client(httpx.MockTransport(handle))
    return driver.client(endpoint, http_client=http_client, **arguments), seen


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    "spelling", ["https://name.{}", "https://NAME.{}./", "https://a.b.{}:443", "https://name.{}:8443"]
)
def test_custom_subdomain_takes_tokens_of_its_cloud(driver: Driver, cloud: str, spelling: str) -> None:
    """The scope follows from the host, however it is spelled."""
    given = credential(driver)
    endpoint = spelling.format(f"cognitiveservices.azure.{cloud}")
    client, seen = recorded(driver, endpoint, key=None, credential=given)

    client.page()

    assert given.asked == [((f"https://cognitiveservices.azure.{cloud}/.default",), {})]
    assert [request.headers["authorization"] for request in seen] == ["Bearer token-1"]


@pytest.mark.parametrize("endpoint", [*REGIONAL, *(f"https://name.cognitiveservices.azure.{one}" for one in CLOUDS)])
def test_key_is_for_every_host(driver: Driver, endpoint: str) -> None:
    """Regional hosts and custom subdomains of every cloud take a key."""
    client, seen = recorded(driver, endpoint)

    client.page()

    assert [request.headers["ocp-apim-subscription-key"] for request in seen] == [KEY]
    assert f"https://{seen[0].url.host}" == endpoint


@pytest.mark.parametrize("scope", [None, SCOPE])
@pytest.mark.parametrize(("endpoint", "cloud"), [*zip(REGIONAL, CLOUDS, strict=True)])
def test_regional_host_takes_no_tokens(driver: Driver, endpoint: str, cloud: str, scope: str | None) -> None:
    """The message says what to do instead; no scope changes it."""
    wanted = rf"^credential: \*\.api\..* takes no tokens; give endpoint='https://NAME.cognitiveservices.azure.{cloud}'"

    with pytest.raises(ConfigurationError, match=wanted):
        driver.client(endpoint, key=None, credential=credential(driver), scope=scope)


def test_region_takes_no_tokens(driver: Driver) -> None:
    """A region is the name of a regional host."""
    with pytest.raises(ConfigurationError, match="takes no tokens; give endpoint="):
        driver.client(region="norwayeast", key=None, credential=credential(driver))


@pytest.mark.parametrize(
    "endpoint",
    ["https://gateway.example/team", "https://cognitiveservices.azure.com", "https://xcognitiveservices.azure.com"],
)
def test_unknown_host_needs_a_scope(driver: Driver, endpoint: str) -> None:
    """A token for another host could be used there by anyone who owns it."""
    with pytest.raises(ConfigurationError, match="^credential: the scope of tokens for this endpoint is not known"):
        driver.client(endpoint, key=None, credential=credential(driver))


@pytest.mark.parametrize("endpoint", ["https://gateway.example/team", "https://name.cognitiveservices.azure.com"])
def test_scope_of_the_caller_is_asked_for(driver: Driver, endpoint: str) -> None:
    """It is needed where the document knows none, and goes before the document's."""
    given = credential(driver)
    client, seen = recorded(driver, endpoint, key=None, credential=given, scope=SCOPE)

    client.page()

    assert given.asked == [((SCOPE,), {})]
    assert str(seen[0].url).startswith(f"{endpoint}/face/")


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "http://localhost:1"])
def test_token_is_not_sent_in_the_clear(driver: Driver, endpoint: str) -> None:
    """Not even on this machine, where another program may listen."""
    with pytest.raises(ConfigurationError, match="^credential: tokens are sent to https alone"):
        driver.client(endpoint, key=None, credential=credential(driver), scope=SCOPE)


@pytest.mark.parametrize("scope", ["", "a b", "a\n", 7, ["a"]])
def test_scope_that_is_none_is_refused(driver: Driver, scope: Any) -> None:
    """The message does not repeat it: it may be a key in the wrong place."""
    with pytest.raises(ConfigurationError, match="^scope: is not a scope; give one text without blanks$"):
        driver.client("https://gateway.example", key=None, credential=credential(driver), scope=scope)


def test_scope_beside_a_key_is_refused(driver: Driver) -> None:
    """It would be ignored."""
    with pytest.raises(ConfigurationError, match="^scope: is for tokens, and no credential gives any; leave it out"):
        driver.client("https://gateway.example", scope=SCOPE)


def test_key_and_credential_are_not_given_both(driver: Driver) -> None:
    """Nobody could tell which one is sent."""
    with pytest.raises(ConfigurationError, match="^credential: cannot be combined with key; leave one of them out"):
        driver.client("https://name.cognitiveservices.azure.com", credential=credential(driver))


def test_key_of_the_environment_is_not_read_beside_a_credential(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is given goes before the environment."""
    monkeypatch.setenv("FACE_APIKEY", "from-environment")
    endpoint = "https://name.cognitiveservices.azure.com"

    client, seen = recorded(driver, endpoint, key=None, credential=credential(driver))
    client.page()

    assert seen[0].headers["authorization"] == "Bearer token-1"
    assert "ocp-apim-subscription-key" not in seen[0].headers


def test_credential_in_the_place_of_a_key_is_refused(driver: Driver) -> None:
    """The message names the right argument."""
    with pytest.raises(ConfigurationError, match="^key: gives tokens; give it as credential=$"):
        driver.client("https://name.cognitiveservices.azure.com", key=credential(driver))


@pytest.mark.parametrize("given", [KEY, Holder(KEY), lambda: KEY])
def test_key_in_the_place_of_a_credential_is_refused(driver: Driver, given: Any) -> None:
    """The same the other way round; the key is not repeated."""
    with pytest.raises(ConfigurationError, match="^credential: is of .* gives no tokens; .*give it as key=$") as caught:
        driver.client("https://name.cognitiveservices.azure.com", key=None, credential=given)

    assert KEY not in str(caught.value)
    assert ("give an object with get_token; if the function gives a key" in str(caught.value)) == callable(given)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"key": Holder}, "^key: is the class Holder; give an object of it$"),
        (
            {"key": None, "credential": SyncCredential},
            "^credential: is the class SyncCredential; give an object of it$",
        ),
    ],
)
def test_class_in_the_place_of_its_object_is_refused(driver: Driver, given: Any, complaint: str) -> None:
    """It would fail at the first call, with an error of Python that names neither."""
    with pytest.raises(ConfigurationError, match=complaint):
        driver.client("https://name.cognitiveservices.azure.com", **given)


def test_holder_is_read_before_every_attempt(driver: Driver, service: Service) -> None:
    """A key that is updated is sent from the next attempt on."""
    holder = Holder("first-key")
    client = driver.client(service.url, key=holder)
    client.page()
    holder.update("second-key")
    client.page()

    assert [one.headers["ocp-apim-subscription-key"] for one in service.requests] == ["first-key", "second-key"]


@pytest.mark.parametrize("key", ["", "a\n", None, 7])
def test_holder_of_what_is_no_key_is_refused(driver: Driver, service: Service, key: Any) -> None:
    """It is refused when the client is made, and when it is read."""
    holder = Holder(key)
    with pytest.raises(ConfigurationError, match="^key: "):
        driver.client(service.url, key=holder)

    holder.update("some-key")
    client = driver.client(service.url, key=holder)
    holder.update(key)
    with pytest.raises(ConfigurationError, match="^key: "):
        client.page()
    assert service.requests == []


async def rotated() -> str:
    """A key from elsewhere."""
    return "async-key"


def hidden() -> Any:
    """The same, which does not look async."""
    return rotated()


class Vault:
    """The same as an object."""

    async def __call__(self) -> str:
        """The key."""
        return await rotated()


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("given", [rotated, functools.partial(rotated), Vault(), hidden])
def test_async_function_gives_a_key(driver: Driver, service: Service, given: Callable[[], Any]) -> None:
    """The async client awaits what a function gives, before every attempt; the sync client has nowhere to do so."""
    service.will(answer({}, 503))

    if driver.runner is None:
        with pytest.raises(ConfigurationError, match="^key: is (an async function|of the type coroutine)"):
            driver.client(service.url, key=given).page()
    else:
        driver.client(service.url, key=given).page()
        sent = [one.headers["ocp-apim-subscription-key"] for one in service.requests]
        assert sent == ["async-key"] * 2


@pytest.mark.parametrize("key", ["", "a\n", None, 7])
def test_async_function_that_gives_no_key_is_refused(service: Service, key: Any) -> None:
    """It is checked like a key that was given."""

    async def give() -> Any:
        return key

    async def use() -> None:
        async with AsyncFaceAuditClient(give, endpoint=service.url) as client:
            await client.audit_entries.list_page(SESSION)

    with pytest.raises(ConfigurationError, match="^key: "):
        asyncio.run(use())

    assert service.requests == []


@pytest.mark.parametrize("limit", ["the task", "the call"])
def test_function_is_cancelled_with_the_only_call_that_waits_for_it(service: Service, limit: str) -> None:
    """Nobody else has asked for this key, whatever ends the wait."""
    cancelled: list[bool] = []

    async def give() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return "never"

    async def use() -> BaseException:
        timeouts = Timeouts(call=60 if limit == "the task" else 0.05)
        async with AsyncFaceAuditClient(give, endpoint=service.url, timeouts=timeouts) as client:
            task = asyncio.create_task(client.audit_entries.list_page(SESSION))
            await asyncio.sleep(0.02)
            if limit == "the task":
                task.cancel()
            (error,) = await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(0)
            assert cancelled == [True]
            assert isinstance(error, BaseException)
            return error

    error = asyncio.run(use())

    assert isinstance(error, asyncio.CancelledError if limit == "the task" else AttemptTimeoutError)
