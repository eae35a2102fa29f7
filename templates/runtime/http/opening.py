"""Opens the channel of a new client: our httpx client, or the caller's after a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigurationError
from ..requests.credentials import unseen
from .client import (
    AsyncDefaultClient,
    AsyncHTTPTransport,
    Channel,
    Colour,
    DefaultClient,
    HTTPTransport,
    library_of,
)

if TYPE_CHECKING:
    import ssl

    from ..calls.service import Given
    from ..calls.settings import Settings


@unseen
def open_channel(  # noqa: PLR0913  # one keyword for each argument of a client
    colour: Colour,
    settings: Settings,
    *,
    given: Given,
    http_client: object,
    ssl_context: ssl.SSLContext | None,
    trust_env: bool,
    transport: object,
) -> Channel:
    """The channel of a new client.

    Raises:
        ConfigurationError: an argument cannot be used.
    """
    if transport is not None:
        raise ConfigurationError(
            f"transport: was replaced by http_client; write http_client=httpx.{colour}(transport=...)"
        )
    seconds = settings.timeouts.connect
    if http_client is not None:
        for name, value in (("proxy", given.proxy), ("ssl_context", ssl_context)):
            if value is not None:
                raise ConfigurationError(f"{name}: cannot be combined with http_client; set it there")
        _check(http_client, colour)
        return Channel(http_client, owned=False)
    made: tuple[Any, Any] = (DefaultClient, HTTPTransport)
    if colour == "AsyncClient":
        made = (AsyncDefaultClient, AsyncHTTPTransport)
    make_client, make_transport = made
    # Each transport sends to one origin, and so no credential goes to any other.
    first, *others = [
        make_transport(url, connect_timeout=seconds, proxy=given.proxy, ssl_context=ssl_context, trust_env=trust_env)
        for url in (settings.endpoint.url, *settings.origins)
    ]
    return Channel(make_client(first, dict(zip(settings.origins, others, strict=True))), owned=True)


def _check(given: Any, colour: Colour) -> None:
    """Refuse what cannot send for a client; the text shows only types, because a value may hold a secret."""
    shape = cast("type[Any]", given if issubclass(type(given), type) else type(given))
    library, kind = library_of(shape), f"{shape.__module__.partition('.')[0]}.{shape.__name__}"
    wanted = f"an {'httpx' if library is None else library.__name__}.{colour}"
    if shape is given:
        raise ConfigurationError(f"http_client: is the class {kind}; give {wanted}()")
    if library is not None and isinstance(given, (library.BaseTransport, library.AsyncBaseTransport)):
        raise ConfigurationError(f"http_client: is a transport ({kind}); give {wanted}(transport=...)")
    if library is None or not isinstance(given, getattr(library, colour)):
        raise ConfigurationError(f"http_client: is of type {kind}; give {wanted}")
    if cast("Any", given).is_closed:
        raise ConfigurationError("http_client: is closed; give an open one")
