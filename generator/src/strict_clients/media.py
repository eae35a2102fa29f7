"""Media types: what a client can make of each, and which of several it takes."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["json", "multipart", "form", "text", "bytes", "any"]

_SHAPE = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(?: *; *[\w-]+=(?:[\w.+-]+|\"[\w .+-]*\"))*", re.ASCII)
_JSON = re.compile(r"(application/([\w.-]+\+)?|text/)json", re.ASCII)
_ORDER: tuple[Kind, ...] = ("json", "multipart", "form", "text", "bytes", "any")


def kind(media_type: str) -> Kind | None:
    """What a client can make of it, or None: a stream of events, and what is no media type."""
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
    """The one of these that a client sends or asks for, or None where it can do none.

    JSON goes first, then forms, text, bytes, and what may be any of them. A range of media types cannot be sent, a form
    not be read.
    """
    left: tuple[Kind, ...] = ("multipart", "form") if not sent else ()
    found = [(kind(one), one) for one in media_types]
    able = [(_ORDER.index(how), one) for how, one in found if how and how not in left and not (sent and "*" in one)]
    return min(able, key=lambda pair: pair[0])[1] if able else None
