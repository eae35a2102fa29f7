"""Server URLs with variables in the path, or for scheme and host together."""

from __future__ import annotations

from enum import StrEnum

import pytest
from face_audit import ConfigurationError
from face_audit._runtime.calls.settings import Given, ServerVariable, Service, Settings, build_settings
from face_audit._runtime.responses.status_errors import ErrorBody


class Version(StrEnum):
    """The versions of an API."""

    V1 = "v1"
    V2 = "v2"


def settings(host: str | None, *variables: ServerVariable, endpoint: str | None = None, **given: str) -> Settings:
    """The settings of a client of `{host}/api/{version}`, told the variables `given`."""
    service = Service(
        host=host,
        prefix="/api" + "".join(f"/{{{one.name}}}" for one in variables),
        environment="SERVICE_ENDPOINT",
        variables=variables,
        schemes=(),
        errors=ErrorBody(),
        user_agent="x",
        logger="x",
    )
    return build_settings(
        service,
        given=Given(credentials={}, variables=given, endpoint=endpoint, proxy=None),
        timeouts=None,
        retry=None,
        strict_json=False,
        on_event=None,
    )


def in_path(default: str | None, values: type[StrEnum] | None = None) -> ServerVariable:
    """A variable of the path."""
    return ServerVariable(
        name="Version", parameter="version", default=default, environment="VERSION", values=values, in_path=True
    )


def test_variable_of_the_path_stands_beside_an_endpoint() -> None:
    """It is not a part of the host, so that one may be another."""
    made = settings("https://a.example", in_path("v1", Version), endpoint="https://b.example", Version="v2")

    assert (made.endpoint.url, made.prefix) == ("https://b.example", "/api/v2")
    assert settings("https://a.example", in_path("v1")).prefix == "/api/v1"


def test_variable_of_the_path_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not given; without a default it has to be said."""
    with pytest.raises(ConfigurationError, match="^version: is missing; give version=, or set VERSION$"):
        settings("https://a.example", in_path(None))
    monkeypatch.setenv("VERSION", "v7")

    assert settings("https://a.example", in_path(None)).prefix == "/api/v7"


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a?b", "a#b", "a b", "é", "a\n", "%2e"])
def test_variable_of_the_path_is_part_of_one_segment(value: str) -> None:
    """It cannot change the rest of the path."""
    with pytest.raises(ConfigurationError, match="^Version: is not part of a path; give letters"):
        settings("https://a.example", in_path("v1"), Version=value)


def test_unknown_value_in_the_path_has_no_way_around_it() -> None:
    """Only for hosts there is the endpoint."""
    with pytest.raises(ConfigurationError, match="^version: is not one of Version; check the spelling$"):
        settings("https://a.example", in_path("v1", Version), Version="v3")


def test_endpoint_without_a_default_has_to_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By argument or environment."""
    with pytest.raises(ConfigurationError, match="^endpoint: is missing; give endpoint=, or set SERVICE_ENDPOINT$"):
        settings(None)
    monkeypatch.setenv("SERVICE_ENDPOINT", "https://c.example")

    assert settings(None).endpoint.url == "https://c.example"
