"""The faults, as data: the table of docs/fault-table.md lists them in this order."""

from __future__ import annotations

from .contents import CONTENTS, GZIP
from .fault import Fault, elsewhere, of_client
from .on_the_wire import BODIES, CONNECTIONS, KEPT, TIME
from .statuses import FINAL, PASSING, REDIRECTS, WAITS

WHERE = "'?localhost"

NAMES: tuple[Fault, ...] = (
    elsewhere("host not found", "names", place="name", trick="missing", error="ConnectError", text=WHERE, passes=True),
    elsewhere(
        "resolver out of order", "names", place="name", trick="again", error="ConnectError", text=WHERE, passes=True
    ),
    elsewhere(
        "resolver that hangs",
        "names",
        place="name",
        trick="hangs",
        error="ConnectError",
        text=r"check .*endpoint",
        passes=True,
        brief=True,
    ),
)


def _refused(name: str, trick: str, text: str) -> Fault:
    return elsewhere(
        name,
        "TLS",
        place="certificate",
        trick=trick,
        error="CertificateError",
        text=f"(?i)localhost.*({text})",
        passes=False,
    )


TLS: tuple[Fault, ...] = (
    _refused("certificate of another host", "other host", "mismatch|match"),
    _refused("certificate expired", "expired", "expired"),
    _refused("certificate not valid yet", "early", "not yet valid"),
    _refused("certificate of its own", "own", "self.signed"),
    _refused("certificate of an unknown authority", "stranger", "unable to get local issuer|self.signed"),
    elsewhere(
        "closed within the handshake",
        "TLS",
        place="connection",
        trick="slam",
        error="ConnectError",
        text=WHERE,
        passes=True,
    ),
    elsewhere(
        "HTTP on the port of HTTPS",
        "TLS",
        place="connection",
        trick="plain",
        error="ConnectError",
        text=WHERE,
        passes=True,
    ),
    elsewhere(
        "silence within the handshake",
        "TLS",
        place="connection",
        trick="silent",
        error="ConnectError",
        text=WHERE,
        passes=True,
        brief=True,
    ),
)

CLIENT: tuple[Fault, ...] = (
    of_client("used after closing", "ClientClosedError", "was closed; make a new client"),
    of_client("all connections in use", "PoolExhaustedError", "in use"),
    of_client("used in two event loops", "WrongEventLoopError", "event loop"),
    of_client("cancelled", None),
    of_client("forked with a warm client", None),
    of_client("clock set back by an hour", None),
    of_client("closed during a call", "ClientClosedError", "was closed"),
    of_client("256 calls at once", None),
    of_client("a key in the answer, and every log on", None),
)

CATALOGUE: tuple[Fault, ...] = (
    *CONNECTIONS,
    *BODIES,
    *TIME,
    *PASSING,
    *FINAL,
    *WAITS,
    *CONTENTS,
    *REDIRECTS,
    *GZIP,
    *KEPT,
    *NAMES,
    *TLS,
    *CLIENT,
)
