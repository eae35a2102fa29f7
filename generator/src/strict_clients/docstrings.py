"""The layout of docstrings: filled to the line width, as a person would write them."""

import re
import textwrap
from collections.abc import Iterable

from attrs import evolve, frozen

from strict_clients.engine import safe_for_docstring

WIDTH = 120
"""Columns of a line of the generated code."""
_QUOTES = '"""'
_STEP = 4
# They mark the beginning of a text of the document and its line ends; its own unprintable characters become blanks.
_BEGIN, _BREAK = "\x1e", "\x1f"
_SECTIONS = {"Args:", "Attributes:", "Raises:"}
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)]) +(?=\S)")
_FENCE = ("```", "~~~")
_ALONE = re.compile(r"#{1,6} |\||> ?|(?:[-*_=] ?){3,}$")
_END = re.compile(r"[.!?] +(?=[\"'`(]*[A-Z])")
_ABBREVIATIONS = ("e.g", "i.e", "etc", "vs", "cf", "approx", "No", "St")


def inline(value: str) -> str:
    """A text of the document for a docstring that `lay_out` formats: nothing in it ends the string."""
    lines = re.sub(r"\r\n?", "\n", value).expandtabs(_STEP).split("\n")
    printable = ("".join(one if one.isprintable() else " " for one in line).rstrip() for line in lines)
    return _BEGIN + _BREAK.join(safe_for_docstring(line) for line in "\n".join(printable).strip("\n").split("\n"))


def lay_out(text: str) -> str:
    """A whole docstring with its quotes, indented like the first line of the text.

    Paragraphs and list items are filled to the line width. Text that is indented after a blank line or between fences
    stays as it is. The entries of a section (`name: text`) have further lines indented one step more. A first paragraph
    that needs several lines is split after its first sentence.
    """
    depth = len(text) - len(text.lstrip(" "))
    margin = " " * depth
    blocks = _with_summary(_Reader(depth).read(text), depth)
    lines = [line for block in blocks for line in block.lines()]
    first = lines[0][depth:] if lines else ""
    if len(lines) <= 1 and len(f"{margin}{_QUOTES}{_closed(first)}") <= WIDTH:
        return f"{margin}{_QUOTES}{_closed(first)}"
    return "\n".join([f"{margin}{_QUOTES}{first}", *lines[1:], f"{margin}{_QUOTES}"])


def _closed(text: str) -> str:
    # A quote right before the closing ones would count as one of them, unless a backslash escapes it.
    before = text[:-1]
    is_open = text.endswith('"') and (len(before) - len(before.rstrip("\\"))) % 2 == 0
    return f'{before}\\"{_QUOTES}' if is_open else f"{text}{_QUOTES}"


@frozen(kw_only=True)
class _Block:
    """Lines that are laid out together: a paragraph, an item, an entry, or a line that stays as it is."""

    text: str
    first: int
    """The indentation of its first line."""
    rest: int
    """The indentation of its other lines."""
    lead: int = 0
    """Columns that are taken before its first line."""
    fixed: bool = False

    def lines(self) -> list[str]:
        """The block as lines."""
        whole = " " * self.first + self.text
        if not self.text or (self.fixed and len(whole) <= WIDTH):
            return [whole.rstrip()]
        # Only at blanks: a break inside a word could separate a backslash from the character that it escapes.
        wrapped = textwrap.wrap(
            self.text,
            WIDTH,
            initial_indent=" " * (self.first + self.lead),
            subsequent_indent=" " * self.rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [wrapped[0][self.lead :], *wrapped[1:]]


def _with_summary(blocks: list[_Block], depth: int) -> Iterable[_Block]:
    """The same, with the prefix of its first line, and its first sentence on a separate line if it needs several."""
    if not blocks:
        return []
    head = evolve(blocks[0], lead=len(_QUOTES))
    summary = "" if head.fixed or len(head.lines()) == 1 else _first_sentence(head.text)
    short = evolve(head, text=summary)
    if not summary or len(short.lines()) > 1:
        return [head, *blocks[1:]]
    rest = _Block(text=head.text[len(summary) :].strip(), first=depth, rest=depth)
    return [short, _Block(text="", first=0, rest=0), rest, *blocks[1:]]


def _first_sentence(text: str) -> str:
    for end in _END.finditer(text):
        sentence = text[: end.start() + 1]
        is_whole = sentence.count("`") % 2 == 0 and sentence.count("(") == sentence.count(")")
        if is_whole and sentence[:-1].split(" ")[-1].lstrip("(") not in _ABBREVIATIONS:
            return sentence
    return ""


class _Reader:
    """Reads a text into blocks, line by line."""

    def __init__(self, depth: int) -> None:
        self._base = depth
        self._blocks: list[_Block] = []
        self._open = False
        """Whether the next line may continue the last block."""
        self._section = self._fence = ""
        self._item = 0
        """The indentation of the last list item's text; 0 outside of lists."""

    def read(self, text: str) -> list[_Block]:
        """The blocks of the text, with no blank one around them."""
        for line in text.split("\n"):
            own, *texts = line.split(_BEGIN)
            lines = [own]
            for one in texts:
                first, *rest = one.split(_BREAK)
                # A list or code begins on a new line.
                if _is_special(first) and (not own.strip() or own.endswith(": ")):
                    lines.append(first)
                else:
                    lines[-1] += first
                lines += rest
            base = self._read_own(lines[0], has_text=len(lines) > 1)
            for one in lines[1:]:
                self._read_text(one, base)
        self._drop_blank()
        return self._blocks

    def _read_own(self, line: str, *, has_text: bool) -> int:
        """Take a line of the template; return the indentation of a text that continues after it."""
        text, depth = line.strip(), len(line) - len(line.lstrip(" "))
        self._item, self._fence = 0, ""
        if not text:
            if not has_text:
                self._end()
            return depth
        if depth <= self._base:
            self._section = text if text in _SECTIONS else ""
        if self._section and depth == self._base + _STEP:
            self._drop_blank()
            self._add(text, depth, depth + _STEP)
            return depth + _STEP
        if self._open and self._blocks[-1].rest == depth:
            self._continue(text)
        else:
            is_code = depth > self._base and not self._section and self._follows_blank
            self._add(text, depth, depth, fixed=is_code)
        return depth

    def _read_text(self, line: str, base: int) -> None:
        """Take a line of a text of the document."""
        text, indent = line.strip(), len(line) - len(line.lstrip(" "))
        item = _ITEM.match(text)
        depth = base + indent
        if self._fence or text.startswith(_FENCE):
            self._add(text, depth, depth + _STEP, fixed=True)
            self._fence = "" if text.startswith(self._fence or "\n") else self._fence or text[:3]
        elif not text:
            self._end()
        elif item and (indent < _STEP or self._item):
            self._item = depth + len(item[0])
            self._add(text, depth, self._item)
        elif indent >= _STEP and not self._item and self._follows_blank:
            self._add(text, depth, depth + _STEP, fixed=True)
        elif _ALONE.match(text):
            self._add(text, base, base + 2)
            self._open = False
        elif self._open:
            self._continue(text)
        else:
            self._item = self._item if depth >= self._item else 0
            self._add(text, self._item or base, self._item or base)

    @property
    def _follows_blank(self) -> bool:
        return bool(self._blocks) and (not self._blocks[-1].text or self._blocks[-1].fixed)

    def _drop_blank(self) -> None:
        if self._blocks and not self._blocks[-1].text:
            self._blocks.pop()

    def _end(self) -> None:
        if self._blocks and self._blocks[-1].text:
            self._add("", 0, 0)
        self._open = False

    def _continue(self, text: str) -> None:
        self._blocks[-1] = evolve(self._blocks[-1], text=f"{self._blocks[-1].text} {' '.join(text.split())}")

    def _add(self, text: str, first: int, rest: int, *, fixed: bool = False) -> None:
        self._blocks.append(_Block(text=text if fixed else " ".join(text.split()), first=first, rest=rest, fixed=fixed))
        self._open = bool(text) and not fixed


def _is_special(line: str) -> bool:
    return bool(_ITEM.match(line) or _ALONE.match(line)) or line.startswith((*_FENCE, " " * _STEP))
