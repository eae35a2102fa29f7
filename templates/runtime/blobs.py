"""Bytes: as text in JSON, and as files in the parts of a form."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from .decoding import Malformed, kind
from .schema import STRING, Type

if TYPE_CHECKING:
    from .messages import JSON


@frozen
class FilePart:
    """A file for a form of several parts; its repr does not show what it holds."""

    content: bytes = field(repr=False)
    name: str = "file"
    """The name that the service is told."""
    media_type: str | None = None
    """Such as "image/png"; without it, what the document says, or any bytes."""


class _Base64(Type):
    def decode(self, value: JSON) -> bytes:
        try:
            return base64.b64decode(cast("str", STRING.decode(value)), validate=True)
        except ValueError as error:
            if isinstance(error, Malformed):
                raise
            raise Malformed(f"expected base64 (RFC 4648, 4), got {kind(value)}") from None

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, (bytes, bytearray)):
            raise Malformed(f"expected bytes, got {type(value).__name__}")
        return base64.b64encode(value).decode("ascii")


class _File(Type):
    def decode(self, value: JSON) -> Any:  # noqa: ARG002  # no value is one
        raise Malformed("is a file, which JSON cannot hold")

    def encode(self, value: Any) -> JSON:
        """The file itself, for the parts of a form."""
        if isinstance(value, (bytes, bytearray)):
            return cast("JSON", FilePart(bytes(value)))
        if not isinstance(value, FilePart):
            raise Malformed(f"expected a FilePart or bytes, got {type(value).__name__}")
        return cast("JSON", value)


BASE64 = _Base64()
FILE = _File()
