"""What is declared of callers' HTTP clients, and how clients are used over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .callers import DIFFERENCES, difference, result_of_use
from .catalogue import CATALOGUE
from .ours import CALLERS, KINDS

if TYPE_CHECKING:
    from .fault import Fault
    from .ours import HTTP, Kind

USES = [fault for fault in CATALOGUE if fault.place == "client"]


@pytest.mark.uncovered
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("http", CALLERS)
@pytest.mark.parametrize("fault", USES, ids=lambda fault: fault.name)
def test_use_over_a_callers_client_is_as_declared(fault: Fault, http: HTTP, kind: Kind) -> None:
    """What the catalogue asks for holds over a caller's HTTP client, but for what is declared."""
    declared = difference(fault, http, kind)

    found = result_of_use(fault, http, kind)

    assert found == ("" if declared is None else declared.stays)


def test_every_difference_is_of_one_fault() -> None:
    """A difference names a fault of the catalogue, and no two speak of the same cell."""
    names = {f"{fault.group}: {fault.name}" for fault in CATALOGUE}
    spoken = [(one.fault, http, kind) for one in DIFFERENCES for http in one.http for kind in one.kinds]

    assert {one.fault for one in DIFFERENCES} <= names
    assert len(spoken) == len(set(spoken))
