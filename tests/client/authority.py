"""Certificates for servers on loopback, of an authority that tests may trust."""

from __future__ import annotations

import datetime
import ssl
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """An authority and contexts of servers that it vouches for."""

    def __init__(self, folder: Path) -> None:
        """Write its certificate to `file`, and to a folder as OpenSSL looks it up."""
        self._made = trustme.CA()
        self.file = folder / "authority.pem"
        self._made.cert_pem.write_to_path(str(self.file))

    @property
    def pem(self) -> str:
        """Its certificate."""
        return self._made.cert_pem.bytes().decode("ascii")

    def trusting(self) -> ssl.SSLContext:
        """The context of a client that trusts nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._made.configure_trust(context)
        return context

    def certify(self, context: ssl.SSLContext, name: str) -> None:
        """Give a context of a client a certificate for this name."""
        self._made.issue_cert(name).configure_cert(context)

    def demand(self, server: ssl.SSLContext) -> None:
        """Let the context of a server demand such a certificate."""
        self._made.configure_trust(server)
        server.verify_mode = ssl.CERT_REQUIRED

    def server(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """The context of a server of these names."""
        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        issued = self._made.issue_cert(*names, not_after=past) if expired else self._made.issue_cert(*names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(context)
        return context
