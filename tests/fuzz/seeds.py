"""The inputs that fuzzing starts from: the examples of the document and of the tests, unchanged."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

from face_audit import API_VERSION

SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
RAW, DRAWN = b"\x00", b"\x01"
"""The first byte of an input: the rest is used unchanged, or structured values are drawn from it."""

# The example of the API's reference page, and the other spelling of its field table.
EXAMPLE: dict[str, Any] = {
    "id": "1",
    "sessionId": SESSION,
    "requestId": "3f08db40-687e-414b-8931-0c0eb509a763",
    "dateReceived": "2023-10-20T23:09:59.4533078+00:00",
    "request": {
        "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
        "method": "POST",
        "contentLength": 360030,
        "contentType": "multipart/form-data",
        "userAgent": "VisionSDK",
    },
    "response": {
        "body": {
            "livenessDecision": "spoofface",
            "target": {
                "faceRectangle": {"top": 782, "left": 260, "width": 858, "height": 984},
                "fileName": "video.webp",
                "timeOffsetWithinFile": 0,
                "imageType": "Color",
            },
            "modelVersionUsed": "2022-10-15-preview.04",
        },
        "statusCode": 200,
        "latencyInMS": 2037,
    },
    "digest": "1CC98BA83EAF1D0FF7F566FAEFCCCC787819FFA01251E2D9299143F7AD6651DB",
}
TABLE: dict[str, Any] = {
    "id": 7,
    "receivedDateTime": "2023-10-20T23:09:59Z",
    "clientRequestId": "c",
    "request": {"url": "/"},
    "result": {"contentType": "x"},
    "response": {"statusCode": "200", "latencyInMilliseconds": "5", "body": None},
}
CHECKPOINT = {
    "version": 1,
    "operation": "AuditEntries_list",
    "endpoint": "http://localhost",
    "prefix": f"/face/v{API_VERSION}",
    "arguments": {"session_id": SESSION},
    "cursor": "1234",
    "descending": True,
    "skip": 0,
    "finished": False,
}

_PAGES = (
    "[]", "null", "{}", "[null]", '["abc"]', "[[]]", "[NaN]", "[1e999]", "[-0.0, 1E5]",
    '["\\ud83d\\ude00"]', '["\\ud800"]', "[] []", "\ufeff[]", '{"id": "1", "\\u0069d": "2"}',
    "[" * 300 + "]" * 300, "9" * 4301,
    json.dumps([EXAMPLE]), json.dumps([TABLE]), json.dumps([EXAMPLE, TABLE]),
)  # fmt: skip
_ERRORS = (
    '{"error": {"code": "429", "message": "Rate limit is exceeded. Try again in 26 seconds."}}',
    '{"error": {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 2.12 days."}}',
    '{"statusCode": 403, "message": "Quota will be replenished in 07:01:20."}',
    '{"error": {"code": "BadArgument", "message": "Top parameter is invalid."}}',
    '{"code": 17, "message": null}',
    "<html>Bad Gateway</html>",
)
_WAITS = (
    "0", "1748518", " 1.5\t", "1_0", "nan", "-5", "Mon, 01 Apr 2024 12:00:30 GMT", "Monday, 01-Apr-24 12:00:30 GMT",
    "Mon Apr  1 12:00:30 2024", "Fri, 31 Dec 9999 23:59:59 -2359", "Try again in 26 seconds.",
    "try AGAIN in 1.5 minutes",
    "Quota will be replenished in 2.12 days.", "replenished in 2.04:12:23.", "Try again in 999999999999 days",
)  # fmt: skip


def _bodies() -> list[bytes]:
    one, two = gzip.compress(json.dumps([EXAMPLE]).encode(), mtime=0), gzip.compress(b"", mtime=0)
    stranger = bytearray(one)
    stranger[-5] ^= 1
    return [b"", one, one + two, two, one[:-3], bytes(stranger), one + b"\0\0", gzip.compress(one, mtime=0), b"plain"]


_TALKS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"HTTP/1.0 200 OK\r\n\r\n[]",
    b"HTTP/1.1 204\r\nConnection: close\r\n\r\n", b"SSH-2.0-OpenSSH\r\n",
    b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\tc\r\nContent-Length: 0, 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\n[\r\n01 \r\n]\r\n0\r\nA: b\r\n\r\n",
)  # fmt: skip


def seeds_of(name: str) -> list[bytes]:
    """The seeds of a target: its examples raw, and noise to draw from."""
    noise = random.Random(name)
    changes = ({}, {"cursor": None}, {"skip": 5}, {"finished": True}, {"cursor": "x" * 65}, {"version": True})
    raw = {
        "success": [text.encode() for text in _PAGES],
        "failure": [text.encode() for text in _ERRORS],
        "waits": [text.encode() for text in _WAITS],
        "body": _bodies(),
        "talk": [*_TALKS],
        "checkpoint": [json.dumps(CHECKPOINT | change).encode() for change in changes],
    }
    return [RAW + one for one in raw[name]] + [DRAWN + noise.randbytes(size) for size in (0, 16, 64, 256, 1024)]
