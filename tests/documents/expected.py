"""Works out by the rules of OpenAPI what a call has to send, and compares it with what arrived."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, quote, unquote

from .document import Node, Operation
from .values import is_file

Kind: TypeAlias = Literal["json", "form", "multipart", "text", "bytes"]
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    content: bytes


@dataclass(frozen=True)
class Body:
    """The body that has to arrive."""

    media_type: str
    value: Any
    encoding: Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What has to arrive."""

    operation: Operation
    values: Mapping[tuple[str, str], Any]
    """Of the parameters, by place and name."""
    body: Body | None


@dataclass(frozen=True)
class Difference:
    """Something that is not as it has to be."""

    of: str
    expected: Any
    came: Any


def kind_of(media_type: str) -> Kind:
    """How values are written in a media type."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence.endswith(("/json", "+json")):
        return "json"
    if essence == "application/x-www-form-urlencoded":
        return "form"
    if essence == "multipart/form-data":
        return "multipart"
    return "text" if essence.startswith("text/") else "bytes"


def compare(expected: Expected, received: Received) -> Iterator[Difference]:
    """Everything that differs between what had to arrive and what did."""
    operation = expected.operation
    if received.method != operation.method.upper():
        yield Difference("method", operation.method.upper(), received.method)
    path, _, query = received.target.partition("?")
    yield from _texts("path", operation.prefix + _path(expected), _canonical(path))
    pairs = sorted((one for one in query.split("&") if one), key=lambda one: _canonical(one.partition("=")[0]))
    wanted = sorted(_query(expected), key=lambda one: one.partition("=")[0])
    yield from _texts("query", "&".join(wanted), "&".join(map(_canonical, pairs)))
    yield from _headers(expected, received)
    yield from _cookies(expected, received)
    yield from _credentials(operation, received)
    yield from _body(expected.body, received)


def _path(expected: Expected) -> str:
    path = _canonical(expected.operation.path.replace("{", "\0").replace("}", "\1")).replace("%00", "{").replace("%01", "}")
    for parameter in expected.operation.parameters:
        if parameter["in"] == "path":
            name = parameter["name"]
            written = _simple(parameter, expected.values["path", name], encode=True)
            path = path.replace("{" + quote(name, safe="") + "}", written)
    return path


def _query(expected: Expected) -> Iterator[str]:
    for parameter in expected.operation.parameters:
        key = (parameter["in"], parameter["name"])
        if key[0] == "query" and expected.values.get(key) is not None:
            yield from _query_pairs(parameter, expected.values[key])


def _query_pairs(parameter: Node, value: Any) -> Iterator[str]:
    name, style = _quoted(parameter["name"]), parameter.get("style", "form")
    explode = parameter.get("explode", style == "form")
    if "content" in parameter:
        yield f"{name}={_quoted(json.dumps(value, ensure_ascii=False))}"
    elif isinstance(value, dict) and style == "deepObject":
        yield from (f"{name}%5B{_quoted(key)}%5D={_quoted(_text(one))}" for key, one in value.items())
    elif isinstance(value, dict) and explode:
        yield from (f"{_quoted(key)}={_quoted(_text(one))}" for key, one in value.items())
    elif isinstance(value, list) and explode:
        yield from (f"{name}={_quoted(_text(one))}" for one in value)
    elif isinstance(value, dict | list):
        flat = value if isinstance(value, list) else [part for pair in value.items() for part in pair]
        yield f"{name}={_SEPARATORS[style].join(_quoted(_text(one)) for one in flat)}"
    else:
        yield f"{name}={_quoted(_text(value))}"


def _simple(parameter: Node, value: Any, *, encode: bool) -> str:
    """A value in the styles simple, label and matrix, as they are in paths and headers."""
    write = _quoted if encode else str
    style, explode = parameter.get("style", "simple"), parameter.get("explode", False)
    name = str(parameter["name"])
    if isinstance(value, dict):
        pairs = [(write(key), write(_text(one))) for key, one in value.items()]
        parts = [f"{key}={one}" for key, one in pairs] if explode else [text for pair in pairs for text in pair]
    else:
        parts = [write(_text(one)) for one in (value if isinstance(value, list) else [value])]
    match style:
        case "label":
            return "." + ("." if explode else ",").join(parts)
        case "matrix" if explode and not isinstance(value, dict):
            return "".join(f";{name}={one}" for one in parts)
        case "matrix":
            return "".join(f";{one}" for one in parts) if explode else f";{name}={','.join(parts)}"
        case _:
            return ",".join(parts)


def _headers(expected: Expected, received: Received) -> Iterator[Difference]:
    for parameter in expected.operation.parameters:
        name = parameter["name"]
        if parameter["in"] == "header":
            value = expected.values.get(("header", name))
            wanted = None if value is None else _simple(parameter, value, encode=False)
            came = received.headers.get(name.lower())
            if wanted != came and not (wanted is not None and came is not None and _same(wanted, came)):
                is_credential = value is None and name.lower() in _credential_headers(expected.operation)
                if not is_credential:
                    yield Difference(f"header {name}", wanted, came)


def _cookies(expected: Expected, received: Received) -> Iterator[Difference]:
    came = dict[str, str]()
    for one in received.headers.get("cookie", "").split(";"):
        name, found, text = one.strip().partition("=")
        if found:
            came[unquote(name)] = unquote(text)
    wanted = {
        name: ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        for (place, name), value in expected.values.items()
        if place == "cookie" and value is not None
    }
    if wanted != came:
        yield Difference("cookies", wanted, came)


def _credential_headers(operation: Operation) -> set[str]:
    schemes = operation.document.schemes.values()
    return {str(one.get("name", "Authorization")).lower() for one in schemes if one.get("in", "header") == "header"}


SECRET = "s3cret"
"""Begins every credential that clients are given."""


def _credentials(operation: Operation, received: Received) -> Iterator[Difference]:
    """One of the alternatives has to be there, where all of its credentials are ones that a header carries."""
    alternatives = [[operation.document.schemes.get(name, {}) for name in one] for one in operation.security]
    named = {str(one["name"]) for one in operation.parameters if one["in"] == "header"}
    sent = [name for name, text in received.headers.items() if SECRET in text]
    if not alternatives or [] in alternatives:
        extra = [name for name in sent if name not in named] if not alternatives else []
        if extra:
            yield Difference("credentials", [], extra)
        return
    able = [one for one in alternatives if all(_is_in_header(scheme) for scheme in one)]
    wanted = [{_header_of(scheme) for scheme in one} for one in able]
    if wanted and not any(one <= set(sent) for one in wanted):
        yield Difference("credentials", [sorted(one) for one in wanted], sent)


def _is_in_header(scheme: Node) -> bool:
    if scheme.get("type") == "http":
        return str(scheme.get("scheme")).lower() == "bearer"
    return scheme.get("type") in {"oauth2", "openIdConnect"} or scheme.get("in") == "header"


def _header_of(scheme: Node) -> str:
    return str(scheme["name"]).lower() if scheme.get("type") == "apiKey" else "authorization"


def _body(body: Body | None, received: Received) -> Iterator[Difference]:
    if body is None:
        if received.content:
            yield Difference("body", None, received.content)
        return
    media_type = received.headers.get("content-type", "")
    if media_type.partition(";")[0].strip().lower() != body.media_type.partition(";")[0].strip().lower():
        yield Difference("content type", body.media_type, media_type)
        return
    try:
        yield from _content(body, media_type, received.content)
    except ValueError as error:
        yield Difference("body", body.value, f"{error}: {received.content!r}")


def _content(body: Body, media_type: str, content: bytes) -> Iterator[Difference]:
    match kind_of(body.media_type):
        case "json":
            yield from differences("body", body.value, json.loads(content))
        case "form":
            came = sorted(parse_qsl(content.decode("ascii"), keep_blank_values=True, strict_parsing=bool(content)), key=_first)
            wanted = sorted(_form_pairs(body.value), key=_first)
            yield from differences("form", [list(one) for one in wanted], [[name, _read(text)] for name, text in came] if False else [list(one) for one in came])
        case "multipart":
            yield from _multipart(body, _parts(media_type, content))
        case "text":
            message = Message()
            message["content-type"] = media_type
            yield from differences("text", body.value, content.decode(message.get_content_charset("utf-8")))
        case _:
            yield from differences("bytes", body.value, content)


def _first(pair: Sequence[Any]) -> str:
    return str(pair[0])


def _read(text: str) -> Any:
    return text


def _form_pairs(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, one in value.items():
        for element in one if isinstance(one, list) else [one]:
            if element is not None:
                yield name, _text(element)


def _multipart(body: Body, came: list[tuple[str, Any]]) -> Iterator[Difference]:
    wanted = [
        (name, _part(element, body.encoding.get(name, {})))
        for name, one in body.value.items()
        for element in (one if isinstance(one, list) else [one])
        if element is not None
    ]
    for name in dict.fromkeys([*(name for name, _ in wanted), *(name for name, _ in came)]):
        of_name = [part for other, part in wanted if other == name]
        found = [part for other, part in came if other == name]
        if len(of_name) != len(found):
            yield Difference(f"part {name}", of_name, found)
        for one, other in zip(of_name, found, strict=False):
            yield from _compare_parts(name, one, other)


@dataclass(frozen=True)
class Part:
    """One part of a form."""

    content: Any
    media_type: str
    has_file_name: bool


def _part(value: Any, encoding: Mapping[str, Any]) -> Part:
    written = str(encoding.get("contentType", ""))
    documented = "" if "*" in written or "," in written else written
    if isinstance(value, bytes):
        return Part(value, documented or "application/octet-stream", has_file_name=True)
    if isinstance(value, dict):
        return Part(value, documented or "application/json", has_file_name=False)
    return Part(_text(value), documented or "text/plain", has_file_name=False)


def _compare_parts(name: str, wanted: Part, came: Part) -> Iterator[Difference]:
    content = came.content
    if isinstance(wanted.content, dict):
        content = json.loads(content)
    elif isinstance(wanted.content, str):
        content = content.decode("utf-8")
    yield from differences(f"part {name}", wanted.content, content)
    if (came.media_type or "text/plain").partition(";")[0] != wanted.media_type or came.has_file_name is not wanted.has_file_name:
        yield Difference(f"head of part {name}", (wanted.media_type, wanted.has_file_name), (came.media_type, came.has_file_name))


def _parts(media_type: str, content: bytes) -> list[tuple[str, Part]]:
    """The parts of a form of several parts (RFC 7578)."""
    message = Message()
    message["content-type"] = media_type
    boundary = b"--" + str(message.get_param("boundary")).encode()
    found: list[tuple[str, Part]] = []
    pieces = (b"\r\n" + content).split(b"\r\n" + boundary)
    if pieces[-1].strip() != b"--":
        raise ValueError("the form has no end")
    for piece in pieces[1:-1]:
        head, _, inner = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = Message()
        for line in head.decode("utf-8").split("\r\n"):
            name, _, text = line.partition(":")
            fields[name.lower()] = text.strip()
        disposition = "content-disposition"
        name = str(fields.get_param("name", header=disposition)).replace("%22", '"')
        is_file = fields.get_param("filename", header=disposition) is not None
        found.append((name, Part(inner, str(fields.get("content-type", "")), is_file)))
    return found


def differences(of: str, wanted: Any, came: Any, at: str = "") -> Iterator[Difference]:
    """The places in which two values differ; moments are equal however they are written."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        for key in dict.fromkeys([*wanted, *came]):
            if key not in wanted or key not in came:
                yield Difference(f"{of}{at}/{key}", wanted.get(key, "(nothing)"), came.get(key, "(nothing)"))
            else:
                yield from differences(of, wanted[key], came[key], f"{at}/{key}")
    elif isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        for index, (one, other) in enumerate(zip(wanted, came, strict=True)):
            yield from differences(of, one, other, f"{at}/{index}")
    elif not _same(wanted, came):
        yield Difference(of + at, wanted, came)


def _same(wanted: Any, came: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(came, bool):
        return wanted is came
    if isinstance(wanted, str) and isinstance(came, str) and _DATE_TIME.fullmatch(wanted) and _DATE_TIME.fullmatch(came):
        return _moment(wanted) == _moment(came)
    return type(wanted) is type(came) and bool(wanted == came) or _are_numbers(wanted, came) and bool(wanted == came)


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(one, int | float) for one in values)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _texts(of: str, wanted: str, came: str) -> Iterator[Difference]:
    if wanted != came:
        ones, others = re.split("([/&=,])", wanted), re.split("([/&=,])", came)
        if len(ones) != len(others) or not all(
            _same(unquote(one), unquote(other)) for one, other in zip(ones, others, strict=True)
        ):
            yield Difference(of, wanted, came)


def _canonical(text: str) -> str:
    """The same URL part, with everything encoded that has to be and nothing else, but for what separates."""
    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", text)
    return "".join(
        quote(unquote(one, errors="surrogateescape"), safe="", errors="surrogateescape") if index % 2 else quote(one, safe="/=,;")
        for index, one in enumerate(pieces)
    )


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _text(value: Any) -> str:
    """A value as it is written where everything is text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)


__all__ = ["SECRET", "Body", "Difference", "Expected", "Kind", "Received", "compare", "differences", "is_file", "kind_of"]
