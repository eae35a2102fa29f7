"""A pager that requests pages ahead: what is under way when it is closed, or fails, is given up at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import DecodeError, FaceAuditClient

from .conftest import KEY
from .servers import SESSION, Service, entries

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client(service: Service) -> Iterator[FaceAuditClient]:
    """A client of the service."""
    with FaceAuditClient(key=KEY, endpoint=service.url) as made:
        yield made


def under_way(pager: Any) -> Any:
    """The request that was sent ahead."""
    return pager._prefetch._next


def test_closed_pager_has_nothing_under_way(client: FaceAuditClient, service: Service) -> None:
    """Anyone who closes it does not want the next page any more."""
    service.will(entries("5", "4"), entries("3"))
    pager = client.audit_entries.list(SESSION, prefetch=True)
    next(pager)
    ahead = under_way(pager)

    pager.close()

    assert ahead.stop.is_set()
    assert under_way(pager) is None


def test_failed_pager_has_nothing_under_way(client: FaceAuditClient, service: Service) -> None:
    """After an error nobody may come back for the page after it."""
    service.will(entries("5", "4", digest=7), entries("3"))
    pager = client.audit_entries.list(SESSION, prefetch=True)

    with pytest.raises(DecodeError):
        next(pager)

    assert under_way(pager) is None
