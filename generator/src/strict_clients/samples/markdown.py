"""Texts of a document in Markdown: paragraphs, lists and code remain, and nothing else is markup."""

import json
import re
from collections.abc import Iterator
from typing import Any

from strict_clients.engine import UntrustedString

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_MARKUP = re.compile(r"([^\w\s.,:;()/'\"-]|(?<!\w)-|-(?!\w)|(?<!\w)_|_(?!\w))")


def prose(value: UntrustedString | str) -> str:
    """Paragraphs and lists."""
    text = value.get_untrusted_value() if isinstance(value, UntrustedString) else value
    return "\n\n".join(filter(None, map(_block, re.split(r"\n\s*\n", text))))


def line(value: UntrustedString | str) -> str:
    """A text as one line, in which code remains."""
    text = value.get_untrusted_value() if isinstance(value, UntrustedString) else value
    return "".join(_pieces(" ".join(_printable(text).split())))


def code(text: str) -> str:
    """A text as code within a line."""
    plain = " ".join(_printable(text).split())
    marks = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    space = " " if "`" in plain else ""
    return f"{marks}{space}{plain}{space}{marks}" if plain else ""


def fence(text: str, language: str) -> str:
    """A block of code."""
    marks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}"


def example(value: Any) -> str:
    """A value of JSON as a block of code."""
    return fence(json.dumps(value, ensure_ascii=False, indent=2), "json")


def _block(text: str) -> str:
    lead, *items = re.split(r"^- ", text.strip("\n"), flags=re.MULTILINE)
    listed = [f"- {line(item)}" for item in items]
    return "\n".join(filter(None, [line(lead), *([""] if listed and lead.strip() else []), *listed]))


def _pieces(text: str) -> Iterator[str]:
    for at, piece in enumerate(_CODE.split(text)):
        # A number at the beginning is no item of a list.
        yield code(piece) if at % 2 else re.sub(r"^(\d+)([.)] )", r"\1\\\2", _MARKUP.sub(r"\\\1", piece))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
