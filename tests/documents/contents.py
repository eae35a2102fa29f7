"""Compares the body that arrived with the one that had to, by its media type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

from .differences import Difference, differences
from .styles import text_of

Kind: TypeAlias = Literal["json", "form", "multipart", "text", "bytes"]


@dataclass(frozen=True)
class Body:
    """The body that has to arrive."""

    media_type: str
    value: Any
    encoding: Mapping[str, Any]
    """What the document says of the parts of a form."""


@dataclass(frozen=True)
class Part:
    """One part of a form."""

    content: Any
    media_type: str
    has_file_name: bool


def essence(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def kind_of(media_type: str) -> Kind:
    """How values are written in a media type."""
    plain = essence(media_type)
    if plain.endswith(("/json", "+json")):
        return "json"
    if plain == "application/x-www-form-urlencoded":
        return "form"
    if plain == "multipart/form-data":
        return "multipart"
    return "text" if plain.startswith("text/") else "bytes"


def compare_bodies(body: Body | None, media_type: str, content: bytes) -> Iterator[Difference]:
    """What differs between the body that had to arrive and the one that did."""
    if body is None:
        if content:
            yield Difference("body", None, content)
    elif essence(media_type) != essence(body.media_type):
        yield Difference("content type", body.media_type, media_type)
    else:
        try:
            yield from _compare(body, media_type, content)
        except ValueError as error:
            yield Difference("body", body.value, f"{error}: {content!r}")


def _compare(body: Body, media_type: str, content: bytes) -> Iterator[Difference]:
    match kind_of(body.media_type):
        case "json":
            yield from differences("body", body.value, json.loads(content))
        case "form":
            came = parse_qsl(content.decode("ascii"), keep_blank_values=True, strict_parsing=bool(content))
            yield from differences("form", _by_name(_form_pairs(body.value)), _by_name(came))
        case "multipart":
            yield from _compare_forms(body, _read_parts(media_type, content))
        case "text":
            charset = _header(media_type).get_content_charset("utf-8")
            yield from differences("text", body.value, content.decode(charset))
        case _:
            yield from differences("bytes", body.value, content)


def _by_name(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    return {name: [value for other, value in pairs if other == name] for name, _ in pairs}


def _elements(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of a form: an array repeats its field."""
    found = [(name, one) for name, many in value.items() for one in (many if isinstance(many, list) else [many])]
    return [(name, one) for name, one in found if one is not None]


def _form_pairs(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, text_of(one)) for name, one in _elements(value)]


def _compare_forms(body: Body, came: list[tuple[str, Part]]) -> Iterator[Difference]:
    wanted = _by_name([(name, _part(one, body.encoding.get(name, {}))) for name, one in _elements(body.value)])
    found = _by_name(came)
    for name in dict.fromkeys([*wanted, *found]):
        ones, others = wanted.get(name, []), found.get(name, [])
        if len(ones) != len(others):
            yield Difference(f"part {name}", ones, others)
        else:
            for one, other in zip(ones, others, strict=True):
                yield from _compare_parts(name, one, other)


def _part(value: Any, encoding: Mapping[str, Any]) -> Part:
    written = str(encoding.get("contentType", ""))
    documented = "" if "*" in written or "," in written else written
    if isinstance(value, bytes):
        return Part(value, documented or "application/octet-stream", has_file_name=True)
    if isinstance(value, dict):
        return Part(value, documented or "application/json", has_file_name=False)
    return Part(text_of(value), documented or "text/plain", has_file_name=False)


def _compare_parts(name: str, wanted: Part, came: Part) -> Iterator[Difference]:
    content = came.content
    if isinstance(wanted.content, dict):
        content = json.loads(content)
    elif isinstance(wanted.content, str):
        content = content.decode("utf-8")
    yield from differences(f"part {name}", wanted.content, content)
    ours, theirs = (wanted.media_type, wanted.has_file_name), (essence(came.media_type), came.has_file_name)
    if ours != theirs:
        yield Difference(f"head of part {name}", ours, theirs)


def _read_parts(media_type: str, content: bytes) -> list[tuple[str, Part]]:
    """The parts of a form of several parts (RFC 7578)."""
    boundary = b"--" + str(_header(media_type).get_param("boundary")).encode()
    pieces = (b"\r\n" + content).split(b"\r\n" + boundary)
    if pieces[-1].strip() != b"--":
        raise ValueError("the form has no end")
    return [_read_part(piece.removeprefix(b"\r\n")) for piece in pieces[1:-1]]


def _read_part(piece: bytes) -> tuple[str, Part]:
    head, _, content = piece.partition(b"\r\n\r\n")
    fields = Message()
    for line in head.decode("utf-8").split("\r\n"):
        name, _, text = line.partition(":")
        fields[name] = text.strip()
    disposition = "content-disposition"
    name = str(fields.get_param("name", header=disposition)).replace("%22", '"')
    has_file_name = fields.get_param("filename", header=disposition) is not None
    return name, Part(content, str(fields.get("content-type", "text/plain")), has_file_name)


def _header(media_type: str) -> Message:
    message = Message()
    message["content-type"] = media_type
    return message
