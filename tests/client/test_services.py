"""Services of other documents: several variables in a host, several security schemes, servers of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import ConfigurationError
from face_audit._runtime.calls.attempts import find_base
from face_audit._runtime.calls.service import Given, ServerVariable, Service
from face_audit._runtime.calls.settings import build_settings
from face_audit._runtime.operation import Operation
from face_audit._runtime.requests.schemes import SecurityScheme
from face_audit._runtime.responses.status_errors import ErrorBody

if TYPE_CHECKING:
    from face_audit._runtime.calls.settings import Settings

SERVICE = Service(
    host="https://{tenant}.{zone}.example",
    prefix="/api",
    environment=None,
    variables=tuple(ServerVariable(name=name, parameter=name, default=name) for name in ("tenant", "zone")),
    schemes=(),
    errors=ErrorBody(),
    user_agent="x",
    logger="x",
)
FILES = "https://files.example"


def scheme(parameter: str, environment: str | None = None) -> SecurityScheme:
    """A key in a header, which may be given by an environment variable."""
    return SecurityScheme(name=parameter, parameter=parameter, header=f"X-{parameter}", environment=environment)


def settings(service: Service, *, endpoint: str | None = None, **variables: str) -> Settings:
    """The settings of a client that was given an endpoint, and variables of the host, but no credentials."""
    given = Given(
        credentials={one.name: None for one in service.schemes}, variables=variables, endpoint=endpoint, proxy=None
    )
    return build_settings(service, given=given, timeouts=None, retry=None, strict_json=False, on_event=None)


def test_every_variable_that_contradicts_an_endpoint_is_named() -> None:
    """The caller can see which arguments to leave out."""
    with pytest.raises(ConfigurationError, match="^endpoint: cannot be combined with tenant and zone; give one of"):
        settings(SERVICE, endpoint="https://a.example", tenant="t", zone="z")


def test_endpoint_that_no_environment_variable_can_name_has_to_be_given() -> None:
    """The message names the one way to give it."""
    with pytest.raises(ConfigurationError, match="^endpoint: is missing; give endpoint=$"):
        settings(SERVICE._replace(host=None, variables=()))


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ((None, None), "^key: is missing; give key= or token=$"),
        ((None, "TOKEN"), "^key: is missing; give key= or token=, or set TOKEN$"),
        (("KEY", "TOKEN"), "^key: is missing; give key= or token=, or set KEY or TOKEN$"),
    ],
)
def test_missing_credentials_are_named_with_each_way_to_give_one(
    monkeypatch: pytest.MonkeyPatch, environment: tuple[Any, Any], said: str
) -> None:
    """The arguments of all security schemes, the first one's first, and the environment variables if there are any."""
    for name in ("KEY", "TOKEN"):
        monkeypatch.delenv(name, raising=False)
    schemes = tuple(map(scheme, ("key", "token"), environment))

    with pytest.raises(ConfigurationError, match=said):
        settings(SERVICE._replace(schemes=schemes))


@pytest.mark.parametrize(
    ("given", "environment", "base"),
    [
        ({}, None, f"{FILES}/v9"),
        ({"zone": "z"}, None, f"{FILES}/v9"),
        ({"endpoint": "https://a.example"}, None, "https://a.example/v9"),
        ({}, "https://b.example", "https://b.example/v9"),
    ],
)
def test_server_of_an_operation_gives_way_to_an_endpoint(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], environment: str | None, base: str
) -> None:
    """Whether by argument or environment, a named endpoint receives all calls; a variable of the host names none."""
    monkeypatch.delenv("ENDPOINT", raising=False)
    if environment is not None:
        monkeypatch.setenv("ENDPOINT", environment)
    operation = Operation(name="x", method="GET", path="/x", success=frozenset({200}), origin=FILES, prefix="/v9")

    made = settings(SERVICE._replace(environment="ENDPOINT", origins=(FILES,)), **given)

    assert find_base(made, operation) == base
