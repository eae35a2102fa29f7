"""What is served and decoded: pages of entries in the shape that was recorded, and what is in each entry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

Facts: TypeAlias = tuple[str, str, int, int, str]
"""Of an entry: id, digest, time received in microseconds since 1970, status, liveness decision."""

KEY = "0123456789abcdef0123456789abcdef"
MOST = 1000
"""Entries of a page."""
_SESSION = "ebfc2ee4-197c-45ee-8c49-"
_ENTRY: dict[str, Any] = {
    "id": 1,
    "sessionId": _SESSION + 12 * "0",
    "requestId": "3f08db40-687e-414b-8931-0c0eb509a763",
    "clientRequestId": "9ad5c5b4-5a3d-4f0e-8ad5-6d1f0b7f6a2e",
    "receivedDateTime": "2024-04-20T23:09:59.4533078+00:00",
    "request": {
        "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
        "method": "POST",
        "contentLength": 360030,
        "contentType": "multipart/form-data; boundary=--------------------------087499987152446464473896",
        "userAgent": "VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin Darwin 22.6.0)",
    },
    "response": {
        "body": {
            "livenessDecision": "realface",
            "target": {
                "faceRectangle": {"top": 782, "left": 260, "width": 858, "height": 984},
                "fileName": "video.webp",
                "timeOffsetWithinFile": 0,
                "imageType": "Color",
            },
            "modelVersionUsed": "2022-10-15-preview.04",
        },
        "statusCode": 200,
        "latencyInMilliseconds": 2037,
    },
    "digest": "1CC98BA83EAF1D0FF7F566FAEFCCCC787819FFA01251E2D9299143F7AD6651DB",
}
_SECOND = datetime(2024, 4, 20, 23, 9, 59, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def session(count: int, *, milliseconds: int = 0, unknown: bool = False) -> str:
    """The id of a session that says how many entries it has, how long its pages take, and whether fields are unknown.

    It is as long as a real one, and so are the entries that hold it.
    """
    return f"{_SESSION}{unknown:01d}{milliseconds:03d}{count:08d}"


def read_session(name: str) -> tuple[int, int, bool]:
    """Entries, milliseconds, and whether unknown fields are added."""
    said = name.removeprefix(_SESSION)
    return int(said[4:]), int(said[1:4]), said[0] == "1"


def numbers(name: str, *, start: int | None = None, top: int = MOST) -> range:
    """The ids of a page, newest first."""
    first = read_session(name)[0] if start is None else start - 1
    return range(first, max(first - top, 0), -1)


def body(name: str, *, start: int | None = None, top: int = MOST) -> bytes:
    """The bytes of a page."""
    unknown = read_session(name)[2]
    return json.dumps(
        [_entry(name, number, unknown=unknown) for number in numbers(name, start=start, top=top)]
    ).encode()


def facts(ids: Iterable[int]) -> list[Facts]:
    """What any client has to find in these entries."""
    return [
        (
            str(number),
            f"{number:064X}",
            microseconds(_SECOND + timedelta(microseconds=_ticks(number) // 10)),
            _status(number),
            _decision(number),
        )
        for number in ids
    ]


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _entry(name: str, number: int, *, unknown: bool) -> dict[str, Any]:
    more = {"seenSince": {"version": 2, "ratios": [0.25, number]}} if unknown else {}
    return {
        **_ENTRY,
        "id": number,
        "sessionId": name,
        "requestId": f"3f08db40-687e-414b-8931-{number:012d}",
        "receivedDateTime": f"{_SECOND:%Y-%m-%dT%H:%M:%S}.{_ticks(number):07d}+00:00",
        "request": _ENTRY["request"] | more,
        "response": _ENTRY["response"]
        | {
            "body": _ENTRY["response"]["body"] | {"livenessDecision": _decision(number)},
            "statusCode": _status(number),
            "latencyInMilliseconds": 1000 + number % 2000,
        }
        | more,
        "digest": f"{number:064X}",
        **more,
    }


def _ticks(number: int) -> int:
    """The fraction of the second, in its seven digits."""
    return number * 7919 % 10**7


def _status(number: int) -> int:
    return 200 if number % 10 else 400


def _decision(number: int) -> str:
    return "realface" if number % 7 else "spoofface"
