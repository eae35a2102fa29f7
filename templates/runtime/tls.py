"""The TLS context of all clients: certificates are always verified, and no switch turns that off."""

from __future__ import annotations

import errno
import functools
import os
import ssl

from .errors import ConfigurationError


def find_context(*, trust_env: bool) -> ssl.SSLContext:
    """The context to connect with: `SSL_CERT_FILE` and `SSL_CERT_DIR`, if trusted and set, name who is trusted.

    Raises:
        ConfigurationError: what they name cannot be read.
    """
    file = (os.environ.get("SSL_CERT_FILE") or None) if trust_env else None
    folder = (os.environ.get("SSL_CERT_DIR") or None) if trust_env else None
    return _make_context(file, folder)


@functools.cache  # loading the certificates takes 20 ms
def _make_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    # Not `create_default_context`: it would write the keys of every connection to the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if file is None and folder is None:
        import certifi  # noqa: PLC0415  # only where it is needed

        file = certifi.where()
    try:
        if folder is not None and not os.path.isdir(folder):  # noqa: PTH112  # OpenSSL would pass it over
            raise NotADirectoryError(errno.ENOTDIR, "no such folder", folder)
        context.load_verify_locations(file, folder)
    except OSError as error:  # an SSLError is one, too
        named = " and ".join(f"{name}={value!r}" for name, value in _named(file, folder) if value is not None)
        raise ConfigurationError(f"client: {named} cannot be used ({error}); give a file of PEM certificates") from None
    return context


def _named(file: str | None, folder: str | None) -> tuple[tuple[str, str | None], ...]:
    return ("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)
