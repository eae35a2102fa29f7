"""Converts values to the content of requests, and the content of answers to values, by media type."""

from __future__ import annotations

import json
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from attrs import field, frozen

from ..values.scalars import STRING, Type, scalar_text
from ..values.strict_json import Malformed, essence, excerpt, is_json, loads, require_json

if TYPE_CHECKING:
    from ..values.strict_json import JSON
    from ..wire import HTTPResponse

__all__ = ["FilePart"]


@frozen
class FilePart:
    """A file for a multipart form; its repr does not show the content."""

    content: bytes = field(repr=False)
    name: str = "file"
    """The name that is sent to the service."""
    media_type: str | None = None
    """Such as "image/png"; the default is the document's media type, or application/octet-stream."""


class _File(Type):
    def decode(self, value: JSON) -> Any:  # noqa: ARG002  # no value is one
        raise Malformed("is a file, which JSON cannot contain")

    def encode(self, value: Any) -> JSON:
        """The file itself, for the parts of a form."""
        if isinstance(value, (bytes, bytearray)):
            return cast("JSON", FilePart(bytes(value)))
        if not isinstance(value, FilePart):
            raise Malformed(f"expected a FilePart or bytes, got {type(value).__name__}")
        return cast("JSON", value)


FILE = _File()

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+[ -~]*", re.ASCII)


class Content(ABC):
    """One format for bodies; `media_type` is the document's, with its parameters."""

    media_type: str

    @abstractmethod
    def encode(self, value: Any) -> tuple[str, bytes]:
        """The Content-Type and the content of a request; raises Malformed if `value` has the wrong type."""

    def decode(self, response: HTTPResponse, *, strict: bool) -> Any:
        """The value of an answer; raises Malformed if its media type or its content is wrong."""
        raise NotImplementedError  # the generator never uses formats for answers that can only be sent

    def _require(self, response: HTTPResponse) -> str:
        """The answer's Content-Type; the document's if the answer has none, or an empty one."""
        given = response.headers.get("content-type", "").strip() or self.media_type
        came, wanted = essence(given), essence(self.media_type)
        kind, _, rest = wanted.partition("/")
        ranges = {"*/*", f"{came.partition('/')[0]}/*"}
        if came != wanted and f"{kind}/{rest}" not in ranges:
            raise Malformed(f"content type {came!r:.80} is not {wanted}: {excerpt(response.content)}")
        return given


@frozen(eq=False, repr=False)
class JSONContent(Content):
    """A JSON text."""

    media_type: str
    type: Type

    def encode(self, value: Any) -> tuple[str, bytes]:
        """The JSON text of a value, without read-only fields."""
        encoded = self.type.strip(self.type.encode(value))
        text = json.dumps(encoded, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return self.media_type, text.encode()

    def decode(self, response: HTTPResponse, *, strict: bool) -> Any:
        """The value of a JSON text."""
        require_json(response.headers.get("content-type", ""), response.content)
        return self.type.decode(loads(response.content, strict=strict))


@frozen(eq=False, repr=False)
class TextContent(Content):
    """Text."""

    media_type: str

    def encode(self, value: Any) -> tuple[str, bytes]:
        """The text in UTF-8, regardless of the document, and the matching Content-Type."""
        return f"{essence(self.media_type)}; charset=utf-8", scalar_text(STRING.encode(value)).encode()

    def decode(self, response: HTTPResponse, *, strict: bool) -> str:  # noqa: ARG002  # JSON alone needs it
        """The text, in the encoding that the answer names; without one it is UTF-8."""
        named = _CHARSET.search(self._require(response))
        try:
            return response.content.decode(named[1] if named else "utf-8")
        except (UnicodeDecodeError, LookupError) as error:
            raise Malformed(f"is not text ({error}): {excerpt(response.content)}") from None


@frozen(eq=False, repr=False)
class BytesContent(Content):
    """Bytes that are not interpreted."""

    media_type: str

    def encode(self, value: Any) -> tuple[str, bytes]:
        """The bytes as they are."""
        if not isinstance(value, (bytes, bytearray)):
            raise Malformed(f"expected bytes, got {type(value).__name__}")
        return self.media_type, bytes(value)

    def decode(self, response: HTTPResponse, *, strict: bool) -> bytes:  # noqa: ARG002  # JSON alone needs it
        """The bytes as received."""
        self._require(response)
        return response.content


@frozen(eq=False, repr=False)
class AnyContent(BytesContent):
    """Any content: JSON, text or bytes, depending on its Content-Type."""

    def decode(self, response: HTTPResponse, *, strict: bool) -> Any:
        """The value of a JSON text, the text, or the bytes as received."""
        came = response.headers.get("content-type", "")
        if is_json(came):
            return loads(response.content, strict=strict)
        if essence(came).startswith("text/"):
            return TextContent(self.media_type).decode(response, strict=strict)
        return super().decode(response, strict=strict)


@frozen(eq=False, repr=False)
class FormContent(Content):
    """The fields of an object as a form (application/x-www-form-urlencoded)."""

    media_type: str
    type: Type

    def encode(self, value: Any) -> tuple[str, bytes]:
        """The form; an array repeats its field."""
        pairs = [(name, _text_of(one)) for name, one in _fields(self.type, value)]
        return self.media_type, urlencode(pairs).encode("ascii")


@frozen(eq=False, repr=False)
class MultipartContent(Content):
    """The fields of an object as parts (multipart/form-data, RFC 7578)."""

    media_type: str
    type: Type
    part_types: Mapping[str, str] = field(factory=dict[str, str])
    """By name, the media types that the document gives to parts."""

    def encode(self, value: Any) -> tuple[str, bytes]:
        """The parts, each once for every element of an array; objects are JSON."""
        boundary = os.urandom(16).hex()
        lines: list[bytes] = []
        for name, one in _fields(self.type, value):
            lines += [b"--" + boundary.encode(), *self._part(name, one)]
        lines += [b"--" + boundary.encode() + b"--", b""]
        return f"{self.media_type}; boundary={boundary}", b"\r\n".join(lines)

    def _part(self, name: str, value: JSON | FilePart) -> Iterator[bytes]:
        documented = self.part_types.get(name, "").partition(",")[0].strip()
        documented = "" if "*" in documented else documented
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(value, FilePart):
            head += f'; filename="{_quoted(value.name)}"'
            media_type, content = value.media_type or documented or "application/octet-stream", value.content
            if not _MEDIA_TYPE.fullmatch(media_type):
                raise Malformed(f"{media_type!r:.80} is not a media type; give one such as 'image/png'", f"/{name}")
        else:
            structured = isinstance(value, (dict, list)) or "json" in documented
            media_type = documented or ("application/json" if structured else "")
            content = _text_of(value, structured=structured).encode()
        yield head.encode()
        if media_type:
            yield f"Content-Type: {media_type}".encode()
        yield b""
        yield content


def _fields(kind: Type, value: Any) -> Iterator[tuple[str, JSON | FilePart]]:
    for name, one in cast("Mapping[str, JSON]", kind.strip(kind.encode(value))).items():
        yield from ((name, element) for element in (cast("list[JSON]", one) if isinstance(one, list) else (one,)))


def _text_of(value: JSON | FilePart, *, structured: bool = False) -> str:
    if structured or isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "" if value is None else scalar_text(cast("JSON", value))


def _quoted(text: str) -> str:
    # As browsers write it (HTML, "multipart/form-data encoding algorithm").
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
