"""A scheme that is asked for tokens, in a document whose operations do not all take it."""

from __future__ import annotations

import asyncio
import uuid
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import pytest

ID = uuid.UUID("7d444840-9dc0-11d1-b245-5ffdce74fad2")


class Pass(NamedTuple):
    """A token."""

    token: str
    expires_on: int


class Giver:
    """Gives passes."""

    def __init__(self) -> None:
        """Has been asked for none yet."""
        self.asked: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> Pass:
        """A pass."""
        self.asked.extend(scopes)
        return Pass(f"pass-{len(self.asked)}", 1 << 40)


class AsyncGiver(Giver):
    """The same for asyncio."""

    async def get_token(self, *scopes: str, **named: Any) -> Any:
        """A pass."""
        return super().get_token(*scopes, **named)


class Gate:
    """Notes what is shown, and lets everyone pass."""

    def __init__(self) -> None:
        """Nobody has come yet."""
        self.shown: list[tuple[str | None, str | None]] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.shown.append((request.headers.get("authorization"), request.headers.get("x-api-key")))
        return httpx.Response(204) if request.method == "DELETE" else httpx.Response(200, json=[])


def visit(api: ModuleType, gate: Gate, given: Giver, **arguments: Any) -> None:
    """Delete a plant and list the others, with a client of the kind of the giver."""
    if not isinstance(given, AsyncGiver):
        with api.GoldenClient(pass_giver=given, http_client=httpx.Client(transport=gate.transport), **arguments) as one:
            one.plants.delete(ID)
            one.plants.list()
        return

    async def visit_async() -> None:
        http_client = httpx.AsyncClient(transport=gate.transport)
        async with api.AsyncGoldenClient(pass_giver=given, http_client=http_client, **arguments) as one:
            await one.plants.delete(ID)
            await one.plants.list()

    asyncio.run(visit_async())


@pytest.mark.parametrize("kind", [Giver, AsyncGiver])
@pytest.mark.parametrize(
    ("arguments", "scope"),
    [
        ({}, 'garden"{plants}/.all'),
        ({"endpoint": "https://north.plants.example"}, "garden/.some"),
        ({"endpoint": "https://other.example", "scope": "mine"}, "mine"),
    ],
)
def test_each_operation_has_what_it_takes(
    api: ModuleType, kind: type[Giver], arguments: dict[str, Any], scope: str
) -> None:
    """Where no pass does for all that a key does, a client has both, and sends one of them."""
    gate, given = Gate(), kind()

    visit(api, gate, given, key="garden-key", **arguments)

    assert gate.shown == [("Bearer pass-1", None), (None, "garden-key")]
    assert given.asked == [scope]


@pytest.mark.parametrize("kind", [Giver, AsyncGiver])
def test_call_without_what_it_takes_is_refused(api: ModuleType, kind: type[Giver]) -> None:
    """A pass alone is enough to make a client, and not for every operation."""
    gate = Gate()

    with pytest.raises(api.ConfigurationError, match="Plants_list: needs apiKey; give it to the client"):
        visit(api, gate, kind())

    assert gate.shown == [("Bearer pass-1", None)]


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        (
            "https://south.plants.example",
            'south.plants.example takes no tokens; the {south} takes no """passes"""; give',
        ),
        ("https://other.example", "the scope of tokens for this endpoint is not known; give scope="),
        ("http://127.0.0.1", "tokens are sent to https alone"),
    ],
)
def test_wrong_place_for_a_pass_is_refused(api: ModuleType, endpoint: str, said: str) -> None:
    """The text of the document says what to do, as it is written."""
    with pytest.raises(api.ConfigurationError) as caught:
        api.GoldenClient("key", pass_giver=Giver(), endpoint=endpoint)

    assert str(caught.value).startswith(f"pass_giver: {said}")
