"""Works out by the rules of OpenAPI what a call has to send, and compares it with what arrived."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .contents import Body, compare_bodies
from .differences import Difference, same
from .document import Node, Operation
from .styles import canonical, in_cookie, in_header, in_path, query_pairs

SECRET = "s3cret"
"""Every credential that clients are given; of a pair, the password."""


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    content: bytes


@dataclass(frozen=True)
class Expected:
    """What has to arrive."""

    operation: Operation
    values: Mapping[tuple[str, str], Any]
    """Of the parameters that are given, by place and name."""
    body: Body | None

    def given(self, place: str) -> Iterator[tuple[Node, Any]]:
        """The parameters in a place that are given, each with its value."""
        for parameter in self.operation.parameters:
            value = self.values.get((parameter["in"], parameter["name"]))
            if parameter["in"] == place and value is not None:
                yield parameter, value


def compare(expected: Expected, received: Received) -> Iterator[Difference]:
    """Everything that differs between what had to arrive and what did."""
    method = expected.operation.method.upper()
    if received.method != method:
        yield Difference("method", method, received.method)
    path, _, query = received.target.partition("?")
    yield from _compare_urls("path", _path(expected), canonical(path))
    wanted = sorted((pair for one in expected.given("query") for pair in query_pairs(*one)), key=_name_of)
    came = sorted((canonical(pair) for pair in query.split("&") if pair), key=_name_of)
    yield from _compare_urls("query", "&".join(wanted), "&".join(came))
    yield from _compare_headers(expected, received)
    yield from _compare_cookies(expected, received)
    yield from _compare_credentials(expected.operation, received)
    yield from compare_bodies(expected.body, received.headers.get("content-type", ""), received.content)


def _name_of(pair: str) -> str:
    return pair.partition("=")[0]


def _path(expected: Expected) -> str:
    values = {parameter["name"]: in_path(parameter, value) for parameter, value in expected.given("path")}
    pieces = re.split(r"\{([^{}]*)\}", expected.operation.path)
    written = [values[piece] if index % 2 else canonical(piece) for index, piece in enumerate(pieces)]
    return expected.operation.prefix + "".join(written)


def _compare_urls(of: str, wanted: str, came: str) -> Iterator[Difference]:
    if wanted != came:
        ones, others = re.split("([/&=,])", wanted), re.split("([/&=,])", came)
        pairs = zip(ones, others, strict=False)
        if len(ones) != len(others) or not all(same(unquote(one), unquote(other)) for one, other in pairs):
            yield Difference(of, wanted, came)


def _compare_headers(expected: Expected, received: Received) -> Iterator[Difference]:
    given = {parameter["name"]: in_header(parameter, value) for parameter, value in expected.given("header")}
    credentials = {_header_of(one) for one in expected.operation.document.schemes.values() if _is_in_header(one)}
    for parameter in expected.operation.parameters:
        name = parameter["name"]
        if parameter["in"] != "header" or (name not in given and name.lower() in credentials):
            continue
        wanted, came = given.get(name), received.headers.get(name.lower())
        if not same(wanted, came):
            yield Difference(f"header {name}", wanted, came)


def _compare_cookies(expected: Expected, received: Received) -> Iterator[Difference]:
    pairs = [one.strip().partition("=") for one in received.headers.get("cookie", "").split(";")]
    came = {unquote(name): unquote(text) for name, found, text in pairs if found}
    wanted = {parameter["name"]: in_cookie(value) for parameter, value in expected.given("cookie")}
    if wanted != came:
        yield Difference("cookies", wanted, came)


def _compare_credentials(operation: Operation, received: Received) -> Iterator[Difference]:
    """One of the alternatives has to arrive whole, of those that consist of headers; none where none is asked for."""
    alternatives = [[operation.document.schemes.get(name, {}) for name in one] for one in operation.security]
    sent = {name for name, text in received.headers.items() if SECRET in _shown(text)}
    in_headers = [{_header_of(one) for one in schemes} for schemes in alternatives if all(map(_is_in_header, schemes))]
    if not alternatives and sent:
        yield Difference("credentials", [], sorted(sent))
    elif in_headers and not any(one <= sent for one in in_headers):
        yield Difference("credentials", [sorted(one) for one in in_headers], sorted(sent))


def _shown(text: str) -> str:
    """The text of a header, with what `Basic` encodes written out (RFC 7617)."""
    return base64.b64decode(text.removeprefix("Basic ")).decode() if text.startswith("Basic ") else text


def _is_in_header(scheme: Node) -> bool:
    if scheme.get("type") == "http":
        return str(scheme.get("scheme")).lower() in {"bearer", "basic"}
    return scheme.get("type") in {"oauth2", "openIdConnect"} or scheme.get("in") == "header"


def _header_of(scheme: Node) -> str:
    return str(scheme["name"]).lower() if scheme.get("type") == "apiKey" else "authorization"
