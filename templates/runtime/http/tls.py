"""The TLS contexts of clients: certificates are always verified, and no switch turns that off."""

from __future__ import annotations

import errno
import functools
import os
import ssl

from ..errors import ConfigurationError


def find_context(*, trust_env: bool) -> ssl.SSLContext:
    """The default context. With `trust_env`, `SSL_CERT_FILE` and `SSL_CERT_DIR` name the trusted authorities.

    Raises:
        ConfigurationError: the file or the folder cannot be read.
    """
    file = (os.environ.get("SSL_CERT_FILE") or None) if trust_env else None
    folder = (os.environ.get("SSL_CERT_DIR") or None) if trust_env else None
    return _make_context(file, folder)


def check_context(given: object) -> None:
    """Refuse a caller's context that does not verify certificates.

    Raises:
        ConfigurationError: it does not, or is not a context of a client.
    """
    if not isinstance(given, ssl.SSLContext):
        raise ConfigurationError(f"ssl_context: is of type {type(given).__name__}; give an ssl.SSLContext")
    if given.verify_mode != ssl.CERT_REQUIRED or not given.check_hostname:
        raise ConfigurationError(
            "ssl_context: does not verify certificates and host names; use verify_mode=CERT_REQUIRED and check_hostname"
        )


def require_http1(secured: ssl.SSLSocket | ssl.SSLObject) -> None:
    """Refuse a connection on which another protocol than HTTP/1.1 was chosen.

    Raises:
        SSLError: a caller's context offered that protocol.
    """
    if secured.selected_alpn_protocol() not in {None, "http/1.1"}:
        raise ssl.SSLError(
            errno.EPROTO, "ssl_context offers other protocols than http/1.1; use set_alpn_protocols(['http/1.1'])"
        )


@functools.cache  # loading the certificates takes 20 ms
def _make_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    # Not `create_default_context`: it writes the keys of every connection to the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if file is None and folder is None:
        import certifi  # noqa: PLC0415  # only for https

        file = certifi.where()
    try:
        if folder is not None and not os.path.isdir(folder):  # noqa: PTH112  # OpenSSL ignores it
            raise NotADirectoryError(errno.ENOTDIR, "no such folder", folder)
        context.load_verify_locations(file, folder)
    except OSError as error:  # an SSLError is one, too
        named = " and ".join(f"{name}={value!r}" for name, value in _named(file, folder) if value is not None)
        raise ConfigurationError(f"client: {named} cannot be used ({error}); give a file of PEM certificates") from None
    return context


def _named(file: str | None, folder: str | None) -> tuple[tuple[str, str | None], ...]:
    return ("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)
