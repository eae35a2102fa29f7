"""Filters of the templates: each makes a text of the document safe in its place in one language."""

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from attrs import frozen
from markupsafe import Markup

from strict_clients.render import safe, safe_code

_WIDTH = 99
_LATIN_1 = bytes(range(256)).decode("latin-1")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@frozen(kw_only=True)
class _Strings:
    """How a language writes a string in double quotes."""

    escaped: str = '"\\'
    """What has a backslash before it."""
    beyond: Callable[[int], str]
    """How a character is written that cannot be printed, by its number."""

    def __call__(self, value: str) -> Markup:
        """The literal."""
        return safe('"' + "".join(map(self._character, value)) + '"')

    def _character(self, one: str) -> str:
        if one in self.escaped:
            return f"\\{one}"
        return one if one.isprintable() else self.beyond(ord(one))


def _units(number: int) -> str:
    """The halves of UTF-16, as Java and JavaScript count characters."""
    written = chr(number).encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{written[at : at + 4]}" for at in range(0, len(written), 4))


def _java_units(number: int) -> str:
    # Java reads \u000a before it finds out where a string ends.
    return f"\\{number:03o}" if chr(number) in _LATIN_1 else _units(number)


def _octal_bytes(number: int) -> str:
    # C has no \u for control characters.
    return "".join(f"\\{byte:03o}" for byte in chr(number).encode("utf-8", "replace"))


def _python_number(number: int) -> str:
    return f"\\U{number:08x}"


def _braces(number: int) -> str:
    return f"\\u{{{number:x}}}"


_STRINGS: Mapping[str, _Strings] = {
    "csharp": _Strings(beyond=_units),
    "java": _Strings(beyond=_java_units),
    "js": _Strings(beyond=_units),
    "objc": _Strings(escaped='"\\?', beyond=_octal_bytes),  # ?? begins a trigraph
    "php": _Strings(escaped='"\\$', beyond=_braces),
    "python": _Strings(beyond=_python_number),
    "ruby": _Strings(escaped='"\\#', beyond=_braces),
}


def _shell(value: str) -> Markup:
    """A word of a shell, always between quotes; it has no character 0."""
    return safe("'" + value.replace("\0", "").replace("'", "'\\''") + "'")


def _jq(value: str) -> Markup:
    """A string of a jq program between single quotes of a shell."""
    return safe(json.dumps(value).replace("'", "\\u0027"))


def _jq_keys(names: Iterable[str]) -> Markup:
    """The path to a value in jq; nothing comes out where there is none."""
    return safe("".join(f".{name}?" if _PLAIN_KEY.fullmatch(name) else f".[{_jq(name)}]?" for name in names) or ".")


def _js_keys(names: Iterable[str]) -> Markup:
    """The path to a value in JavaScript, undefined where there is none."""
    return safe("".join(f"?.{name}" if _PLAIN_KEY.fullmatch(name) else f"?.[{_STRINGS['js'](name)}]" for name in names))


def _list(names: Iterable[str], language: str, mark: str = "") -> Markup:
    """The names as strings with commas between them."""
    return safe(", ".join(f"{mark}{_STRINGS[language](name)}" for name in names))


def _arguments(names: Iterable[str], language: str) -> Markup:
    """The names as further arguments of a function."""
    return safe("".join(f", {_STRINGS[language](name)}" for name in names))


def _percent(value: str) -> Markup:
    """The name of a parameter as written in a URL: letters, digits and `%-._~` only."""
    return safe(quote(value.encode("utf-8", "replace"), safe=""))


def _form(pairs: Iterable[tuple[str, str]]) -> str:
    """A query."""
    return "&".join(f"{_percent(name)}={_percent(value)}" for name, value in pairs)


def _further(name: str) -> str:
    """What comes before the value of one more parameter of a URL that has a query."""
    return f"&{_percent(name)}="


def _number(value: int, more: int = 0) -> Markup:
    """A number, counted from another one."""
    return safe(str(value + more))


def _plain(value: str) -> Markup:
    """The name of a header that has letters, digits and `-` only."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", value):
        raise TypeError(f"{value!r} is not a plain header name")
    return safe(value)


def _wait(phrases: Iterable[str]) -> str:
    """A regular expression, the same in each language, for the seconds after one of these texts."""
    escaped = [re.sub(r"([\\/.^$|?*+()\[\]{}])", r"\\\1", phrase) for phrase in phrases]
    return f"(?:{'|'.join(escaped)}) ([0-9]+) second"


def comment(lines: Iterable[str], mark: str) -> Markup:
    """Lines of comments. A backslash may continue a line or be an escape, and `?>` is the end of PHP."""
    printable = ("".join(one if one.isprintable() else " " for one in line) for line in lines)
    texts = (line.replace("\\", "/").replace("?>", "? >") for line in printable)
    width = _WIDTH - len(mark) - 1
    filled = (line for text in texts for line in textwrap.wrap(text, width, break_on_hyphens=False))
    return safe("\n".join(f"{mark} {line}" for line in filled))


FILTERS: dict[str, Callable[..., Any]] = {
    **_STRINGS,
    "arguments": _arguments,
    "code": safe_code,
    "form": _form,
    "further": _further,
    "jq": _jq,
    "jq_keys": _jq_keys,
    "js_keys": _js_keys,
    "list": _list,
    "number": _number,
    "percent": _percent,
    "plain": _plain,
    "shell": _shell,
    "wait": _wait,
}
"""By their names in templates; `form`, `further` and `wait` make texts that pass another one."""
