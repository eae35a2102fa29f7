"""Faults that a status or a header tells of: passing ones, final ones, waits, redirects."""

from __future__ import annotations

import json

from .fault import ASKED_WAITS, ATTEMPTS, Fault, asked, final, passing
from .script import End, Script, head, reply

LIMITED = b'{"error": {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds."}}'
LIMITED_FLAT = b'{"statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds."}'
QUOTA = b'{"error": {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 2 days."}}'
TWO_DAYS = 2 * 86400.0
# The waits that are not counted, and at most as many attempts as ever.
UNCOUNTED = (ASKED_WAITS + 1, ASKED_WAITS + ATTEMPTS)


def _says(status: int, body: bytes = b"", *lines: str) -> Script:
    return lambda scene: [reply(body, status, *lines)]


def _error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": "Said by the service."}}).encode()


def _cut(status: int, *lines: str) -> Script:
    return lambda scene: [head(status, *lines, "Content-Length: 400"), b'{"error": ', End.CLOSED]


def _class(status: int) -> str:
    return "ServerError" if status >= 500 else "UnexpectedStatusError"


PASSING: tuple[Fault, ...] = (
    *(
        passing(f"status {status}", "passing statuses", _says(status), _class(status), rf"status {status}\b")
        for status in (408, 500, 502, 503, 504, *range(520, 527))
    ),
    passing("status 503 with HTML", "passing statuses", _says(503, b"<html>Busy</html>"), "ServerError", "html"),
    passing("status 503 with a cut body", "passing statuses", _cut(503), "ServerError", r"status 503\b"),
    passing(
        "status 503 with a brotli body",
        "passing statuses",
        _says(503, b"\x0b\x02", "Content-Encoding: br"),
        "ServerError",
        r"status 503\b",
    ),
    passing("status 429 without a hint", "passing statuses", _says(429), "RateLimitedError", r"status 429\b"),
)

FINAL: tuple[Fault, ...] = (
    final("status 400", "final statuses", _says(400, _error("BadArgument")), "BadArgumentError", "Said by"),
    final("status 401", "final statuses", _says(401, _error("401")), "AuthenticationError", "Said by"),
    final("status 401 with Retry-After", "final statuses", _says(401, b"", "Retry-After: 1"), "AuthenticationError"),
    final("status 401 with a cut body", "final statuses", _cut(401), "AuthenticationError", r"status 401\b"),
    final(
        "status 401 with a brotli body",
        "final statuses",
        _says(401, b"\x0b\x02", "Content-Encoding: br"),
        "AuthenticationError",
        r"status 401\b",
    ),
    final("status 403 out of quota", "final statuses", _says(403, QUOTA), "QuotaExceededError", hint=TWO_DAYS),
    final(
        "status 403 out of quota, with Retry-After",
        "final statuses",
        _says(403, QUOTA, "Retry-After: 1"),
        "QuotaExceededError",
        hint=TWO_DAYS,
    ),
    final("status 403, another", "final statuses", _says(403, _error("403")), "PermissionDeniedError", "Said by"),
    final("status 404", "final statuses", _says(404, _error("SessionNotFound")), "SessionNotFoundError", "Said by"),
    final("status 404 with Retry-After", "final statuses", _says(404, b"", "Retry-After: 1"), "SessionNotFoundError"),
    final("status 415", "final statuses", _says(415, _error("X")), "UnsupportedMediaTypeError", "Said by"),
    *(
        final(f"status {status}", "final statuses", _says(status, b"[]"), _class(status), rf"status {status}\b")
        for status in (201, 202, 206, 299, 402, 409, 410, 418, 451, 501, 505, 599, 600, 999)
    ),
    final(
        "status 204",
        "final statuses",
        lambda scene: [head(204)],
        "UnexpectedStatusError",
        r"status 204\b",
    ),
)

_JUNK = {
    "a word": "soon",
    "nothing": "",
    "a negative number": "-5",
    "nan": "nan",
    "inf": "inf",
    "10^20": "1" + "0" * 20,
    "1_0": "1_0",
    "0x10": "0x10",
    "Arabic digits": "\u0663",
    "a date without a month": "Mon, 99 Foo 2024 12:00:00 GMT",
    "a date of the year 9999999": "Mon, 01 Apr 9999999 12:00:00 GMT",
}


def _junk(value: str) -> Script:
    raw = value.encode()
    lines = b"Retry-After: " + raw + b"\r\nretry-after-ms: " + raw + b"\r\nContent-Length: 0\r\n\r\n"
    return lambda scene: [b"HTTP/1.1 429 Said\r\n" + lines]


WAITS: tuple[Fault, ...] = (
    asked("429 with Retry-After in seconds", _says(429, b"", "Retry-After: 3"), 3.0, requests=UNCOUNTED),
    asked("429 with Retry-After of zero", _says(429, b"", "Retry-After: 0"), 0.0, requests=(5, 5)),
    asked(
        "429 with Retry-After as a date",
        _says(429, b"", "Retry-After: Mon, 01 Apr 2024 12:01:00 GMT"),
        60.0,
        requests=(6, 6),  # gone by once it was waited for, and then a wait of zero
    ),
    asked("429 with retry-after-ms", _says(429, b"", "retry-after-ms: 1400"), 1.4, requests=UNCOUNTED),
    asked("429 with x-ms-retry-after-ms", _says(429, b"", "x-ms-retry-after-ms: 1400"), 1.4, requests=UNCOUNTED),
    asked("429 with a hint in its text only", _says(429, LIMITED), 26.0, requests=(7, 7)),
    asked("429 with a hint in its flat text only", _says(429, LIMITED_FLAT), 26.0, requests=(7, 7)),
    asked(
        "429 with several hints",
        _says(429, LIMITED, "Retry-After: 3", "retry-after-ms: 40000"),
        40.0,
        requests=(5, 5),
    ),
    asked("429 with a hint and a cut body", _cut(429, "Retry-After: 3"), 3.0, requests=UNCOUNTED),
    asked("503 with Retry-After", _says(503, b"", "Retry-After: 3"), 3.0, requests=UNCOUNTED, error="ServerError"),
    asked("429 with a hint that soon passes the deadline", _says(429, b"", "Retry-After: 100"), 100.0, requests=(2, 2)),
    final(
        "429 with a hint above the cap", "waits", _says(429, b"", "Retry-After: 121"), "RateLimitedError", hint=121.0
    ),
    final(
        "429 with a hint of 20 days",
        "waits",
        _says(429, b"", "Retry-After: 1748518"),
        "RateLimitedError",
        hint=1748518.0,
    ),
    *(
        passing(f"429 with {name} as hint", "waits", _junk(value), "RateLimitedError", r"status 429\b")
        for name, value in _JUNK.items()
    ),
)


def _redirect(status: int, *lines: str) -> Script:
    return lambda scene: [
        reply(b"", status, *(line.format(host=scene.host, other=scene.elsewhere) for line in lines), kind=None)
    ]


_TARGETS = {
    "the same host": ("Location: /final", "redirect to"),
    "another host": ("Location: http://{other}/final", "'localhost'"),
    "another host, without a scheme": ("Location: //{other}/final", "'localhost'"),
    "another host after an @": ("Location: http://{host}@{other}/final", "'localhost'"),
    "nowhere": ("X: 1", "redirect without a target"),
    "no address": ("Location: http://[/final", "redirect to"),
}

REDIRECTS: tuple[Fault, ...] = tuple(
    final(f"status {status} to {target}", "redirects", _redirect(status, line), "RedirectRefusedError", text)
    for number, (target, (line, text)) in enumerate(_TARGETS.items())
    for status in ((301, 302, 303, 307, 308) if target == "another host" else ((301, 302, 307, 308)[number % 4],))
)
