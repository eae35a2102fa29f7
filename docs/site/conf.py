"""The settings of Sphinx for the documentation site."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import face_audit
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.util.inspect import TypeAliasForwardRef

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "face-audit"
author = "the authors of face-audit"
copyright = author  # noqa: A001  # Sphinx's name
version = release = face_audit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.intersphinx"]
html_theme = "furo"
html_title = f"face-audit {version}"
html_copy_source = html_show_sourcelink = html_show_copyright = False
# In docstrings and in text, as in Markdown.
default_role = "code"
smartquotes = False
myst_heading_anchors = 4

nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(.*\.)?(Item|Model)T"),  # type variables
    # Types of values that callers receive and pass on, and never name.
    ("py:class", r"(face_audit\._runtime\..*|httpx\._.*|httpx2\..*|msgspec\.Meta)"),
    ("py:class", r"(HandlerTransport|(Async)?DefaultClient|SdkError|face_audit_tools\.folder\.Files)"),
    ("py:(attr|class)", r"(.*\._Unset\.UNSET|collections\.abc\.Callable\[\[\])"),
]
intersphinx_mapping = {
    "python": ("https://docs.python.org/3", f"{os.environ['SITE_INVENTORIES']}/python.inv"),
    "httpx": ("https://www.python-httpx.org", f"{os.environ['SITE_INVENTORIES']}/httpx.inv"),
}

autodoc_default_options = {
    "members": True,
    # Members of these classes of others are described by their own documentation.
    "inherited-members": "Enum, Exception, HTTPTransport, AsyncHTTPTransport, object, str, tuple",
    # Rules of the runtime, which pass its own types.
    "exclude-members": "wait_before_retry, judge",
}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("CredentialSource", "EventHook", "JSON", "Repeat")} | {
    "SdkError": "face_audit.FaceAuditError",
    "timedelta": "datetime.timedelta",
}
autoclass_content = "both"
python_use_unqualified_type_names = True
maximum_signature_line_length = 88

_NOT_MADE_BY_CALLERS = re.compile(r"\.(Async)?(AuditEntries|Pager)$")
_CODE = re.compile(r"(``?[^`]+``?)")


# Sphinx 9.0 shows the representation of an alias that is part of a union.
TypeAliasForwardRef.__repr__ = lambda self: self.name  # type: ignore[method-assign]


class _Docstring(GoogleDocstring):
    """Takes the first line of `Returns:` for prose, in which napoleon would find a type before a colon."""

    def _consume_returns_section(self, preprocess_types: bool = False) -> list[tuple[str, str, list[str]]]:
        return [("", "", self._dedent(self._consume_to_next_section()))]


def _read_docstring(app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Turn a docstring with sections such as `Args:` into reStructuredText; what is no code in it means nothing."""
    pieces = _CODE.split("\n".join(lines))
    pieces[::2] = (re.sub(r"([*|\\]|(?<=\w)_(?=\W|$))", r"\\\1", piece) for piece in pieces[::2])
    # As a method: napoleon would take the text before the first colon of a property's docstring for its type.
    lines[:] = _Docstring("".join(pieces), what="method", name=name, obj=value).lines()


def _shorten_signature(
    app: Sphinx, what: str, name: str, value: object, options: object, signature: str | None, returned: str | None
) -> tuple[str, None] | None:
    """Leave out the arguments of a class that only methods of clients make."""
    return ("", None) if what == "class" and _NOT_MADE_BY_CALLERS.search(name) else None


def setup(app: Sphinx) -> None:
    """Register the two hooks."""
    app.connect("autodoc-process-docstring", _read_docstring)
    app.connect("autodoc-process-signature", _shorten_signature)
