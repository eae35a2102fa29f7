"""Media types: how a client reads each, and which of several it chooses."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["json", "multipart", "form", "text", "bytes", "any"]

_SHAPE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(?: *; *[\w-]+=(?:[\w.+-]+|\"[\w .+-]*\"))*", re.ASCII)
_JSON = re.compile(r"(application/([\w.-]+\+)?|text/)json", re.ASCII)
_ORDER: tuple[Kind, ...] = ("json", "multipart", "form", "text", "bytes", "any")


def kind(media_type: str) -> Kind | None:
    """How a client reads it, or None for event streams and invalid media types."""
    essence = media_type.partition(";")[0].strip().lower()
    if not _SHAPE.fullmatch(media_type) or essence == "text/event-stream":
        return None
    if _JSON.fullmatch(essence):
        return "json"
    if essence == "application/x-www-form-urlencoded":
        return "form"
    if essence.startswith("multipart/"):
        return "multipart" if essence == "multipart/form-data" else None
    if essence in {"*/*", "application/*"}:
        return "any"
    return "text" if essence.startswith("text/") else "bytes"


def choose(media_types: Iterable[str], *, sent: bool) -> str | None:
    """The one of these that a client sends or requests, or None if it supports none.

    JSON is preferred, then forms, text, bytes, and ranges of media types. A range cannot be sent, and a form cannot be
    read.
    """
    left: tuple[Kind, ...] = ("multipart", "form") if not sent else ()
    found = [(kind(one), one) for one in media_types]
    able = [(_ORDER.index(how), one) for how, one in found if how and how not in left and not (sent and "*" in one)]
    return min(able, key=lambda pair: pair[0])[1] if able else None
