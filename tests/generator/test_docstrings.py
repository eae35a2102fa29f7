"""The layout of docstrings."""

from __future__ import annotations

import ast
import textwrap
from itertools import pairwise

import pytest

from strict_clients.docstrings import WIDTH, inline, lay_out

LONG = "word " * 40
SENTENCES = "The first sentence (e.g. this one) has a `Name. In` it. Then " + LONG + "end."


def laid_out(text: str, depth: int = 4) -> str:
    """The docstring of a text of the document, without the depth that it is at."""
    shown = lay_out(" " * depth + inline(text))
    assert all(len(line) <= WIDTH for line in shown.split("\n"))
    assert all(not line or line.startswith(" " * depth) for line in shown.split("\n"))
    return textwrap.dedent(shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The id.", '"""The id."""'),
        ("no full stop", '"""no full stop"""'),
        ("one entry\nfor each\nrequest", '"""one entry for each request"""'),
        ("windows\r\nand\rold\r\nbreaks", '"""windows and old breaks"""'),
        ("first\n\n\n\nsecond\n\n", '"""first\n\nsecond\n"""'),
        ("a\x00b\x1e\x1fc\u2028d", '"""a b c d"""'),
        ("- one\n- two\n  goes on", '"""- one\n- two goes on\n"""'),
        ("Items:\n* one\n  1. deep\n\n     more of it\n\nAfter.", None),
        ("Code:\n\n    x = 1\n        y = 2\n\nAfter.", '"""Code:\n\n    x = 1\n        y = 2\n\nAfter.\n"""'),
        ("```\nx   =  1\n\n- y\n```\nAfter\nit.", '"""```\nx   =  1\n\n- y\n```\nAfter it.\n"""'),
        ("# Head\n| a |\n|---|\ntext\nmore", '"""# Head\n| a |\n|---|\ntext more\n"""'),
        ("", '""""""'),
    ],
)
def test_short_text_keeps_its_structure_and_loses_its_breaks(text: str, expected: str | None) -> None:
    """Paragraphs are joined; lists, code, tables and blank lines stay; the quotes close where there is room."""
    shown = laid_out(text)

    if expected is None:
        expected = '"""Items:\n* one\n  1. deep\n\n     more of it\n\nAfter.\n"""'
    assert shown == expected


def test_long_paragraph_is_filled_to_the_width() -> None:
    """No line could take the first word of the next one."""
    lines = laid_out(LONG).split("\n")

    assert lines[0].startswith('"""word')
    assert lines[-1] == '"""'
    for line, following in pairwise(lines[:-1]):
        assert len(f"    {line} {following.split()[0]}") > WIDTH


def test_first_sentence_of_a_long_paragraph_has_its_own_line() -> None:
    """Neither an abbreviation nor a full stop inside backticks or parentheses ends it."""
    lines = laid_out(SENTENCES).split("\n")

    assert lines[0] == '"""The first sentence (e.g. this one) has a `Name. In` it.'
    assert lines[1] == ""
    assert lines[2].startswith("Then word")


@pytest.mark.parametrize("text", [LONG + "one. Then " + LONG, f"`One. {LONG}", LONG, "- " + LONG, "x" * 300])
def test_text_without_a_short_first_sentence_is_not_split(text: str) -> None:
    """A sentence that fills several lines stays with what follows it, and no word is broken."""
    shown = lay_out("    " + inline(text))

    assert "\n\n" not in shown
    assert shown.split('"""')[1].split() == text.split()


def test_long_item_and_long_code_are_broken_below_their_text() -> None:
    """A list's lines are below the text of their item; what is too wide is broken even where it is code."""
    assert laid_out(f"Items:\n- {LONG}").split("\n")[2].startswith("  word")
    assert laid_out(f"Code:\n\n    {LONG}").split("\n")[3].startswith("        word")


@pytest.mark.parametrize(
    "text",
    [
        *(
            '"',
            '""',
            '"""',
            'ends "quoted"',
            'ends """',
            "ends \\",
            "ends \\\\",
            'ends \\"',
            'ends \\""',
            '"""',
            '\\"""',
        ),
        *('" begins', '"""begins', "\\N{BULLET} \\x", "\\", f'{LONG}"', f"{LONG}\\", f'{LONG}\n"""\n\\'),
    ],
)
def test_text_is_read_back_to_the_character(text: str) -> None:
    """Whatever quotes and backslashes a text has, Python reads one string, which says the same words."""
    source = lay_out("    " + inline(text))

    assert ast.literal_eval(source.strip()).split() == text.split()


def test_template_and_texts_of_the_document_are_laid_out_together() -> None:
    """Entries have their further lines one step deeper, in all texts, and no blank line between them."""
    block = f"""        {inline("List it.")}

        {inline("")}
        GET `{inline("/a")}`

        Args:
            one: {inline("A thing." + chr(10) + "More of it")}.
                Without it: nothing.
            two: {inline("- a" + chr(10) + "- b")}

            three: {inline("First." + chr(10) * 2 + "Second.")}
                Third.

        Returns:
            One page: its
            items.

        Example:

            with x:
                pass
"""

    shown = lay_out(block)

    assert shown == textwrap.indent(
        '''"""List it.

GET `/a`

Args:
    one: A thing. More of it. Without it: nothing.
    two:
        - a
        - b
    three: First.

        Second. Third.

Returns:
    One page: its items.

Example:

    with x:
        pass
"""''',
        " " * 8,
        lambda line: bool(line.strip()),
    )
