"""Clients and pagers are not copied or pickled: a copy would share connections, or hand over entries twice."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from .servers import SESSION, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Driver

WAYS = [copy.copy, copy.deepcopy, *((lambda thing, to=protocol: pickle.dumps(thing, to)) for protocol in range(6))]


@pytest.mark.parametrize("duplicate", WAYS)
@pytest.mark.parametrize("used", [False, True])
def test_client_is_not_copied(driver: Driver, service: Service, duplicate: Callable[[Any], Any], used: bool) -> None:
    """One clear error says what to do, before the first call and after it; the client goes on."""
    client = driver.client(service.url)
    if used:
        client.page()

    with pytest.raises(TypeError) as caught:
        duplicate(client.made)

    name = driver.kind.__name__
    assert (
        str(caught.value) == f"{name}: a client cannot be copied or pickled; make another one with the same arguments"
    )
    assert client.page().items == ()


@pytest.mark.parametrize("duplicate", WAYS)
@pytest.mark.parametrize("begun", [False, True])
def test_pager_is_not_copied(driver: Driver, duplicate: Callable[[Any], Any], begun: bool) -> None:
    """The error names the checkpoint, which is plain JSON; the pager goes on where it was."""
    with Service(3) as service:
        walk = driver.client(service.url).walk(top=2)
        first = walk.take(1) if begun else []

        with pytest.raises(TypeError) as caught:
            duplicate(walk.pager)

        rest = walk.take()

    name = type(walk.pager).__name__
    assert str(caught.value) == f"{name}: a pager cannot be copied or pickled; give its checkpoint to a new one"
    assert [one.id for one in [*first, *rest]] == ["3", "2", "1"]


@pytest.mark.parametrize("duplicate", WAYS[1:])
def test_what_holds_a_client_is_not_copied_with_it(
    driver: Driver, service: Service, duplicate: Callable[[Any], Any]
) -> None:
    """As an object of a caller's own, or a group of operations: the error is the client's."""
    client = driver.client(service.url).made

    for holder in ([client], {"client": client}, client.audit_entries):
        with pytest.raises(TypeError, match="a client cannot be copied or pickled"):
            duplicate(holder)


@pytest.mark.parametrize("duplicate", WAYS[1:])
def test_results_of_many_lists_are_not_copied(
    driver: Driver, service: Service, duplicate: Callable[[Any], Any]
) -> None:
    """They are a generator, which Python itself refuses."""
    results = driver.client(service.url).made.audit_entries.list_many([SESSION])

    with pytest.raises(TypeError, match="generator"):
        duplicate(results)
