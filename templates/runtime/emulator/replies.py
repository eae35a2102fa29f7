"""The answers that an emulator makes up: those that a document has no example for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from attrs import evolve

from ..values.strict_json import JSON
from ..wire import HTTPResponse
from .document import Document
from .examples import Example
from .tree import put

JSON_TYPE = "application/json; charset=utf-8"


def reply(status: int, body: JSON, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """An answer with a JSON body."""
    return HTTPResponse(status=status, headers=headers or {}, content=json.dumps(body, ensure_ascii=False).encode())


def documented(example: Example) -> HTTPResponse:
    """The answer that an example shows."""
    headers = {"content-type": example.media_type} if example.media_type else {}
    return HTTPResponse(status=example.number(), headers=headers, content=example.content)


def plain(
    document: Document, status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    """An error in the shape that the document gives to errors (`x-error-body`)."""
    code = status.phrase.title().replace(" ", "").replace("-", "")
    return reply(status, put(put({}, document.code_at, code), document.message_at, message), headers)


def stamped(response: HTTPResponse, headers: Mapping[str, str]) -> HTTPResponse:
    """The answer with headers that every answer carries; its own go first."""
    return evolve(response, headers={"content-type": JSON_TYPE, **headers, **response.headers})
