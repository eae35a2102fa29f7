"""Patterns: what each means in Python, which ones the generator refuses, and how long those that it takes may run."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from strict_clients.patterns import Unsupported, backtracking, to_python

# Node 20.20 gave these answers to `new RegExp(pattern, "u").test(text)`, without the flag for those of Annex B.
ANSWERS: list[tuple[str, list[str], list[str]]] = [
    # Patterns of the documents in shared/documents.
    ("^[a-z0-9-_]+$", ["a-_9"], ["", "A", "a\n"]),
    ("^[0-9A-Za-z._~-]+$", ["a.~-"], ["a/", "a\n"]),
    ("^password$", ["password"], ["password\n", "xpassword"]),
    (r"^([01]\d|2[0-3]):?([0-5]\d)$", ["09:30", "2359"], ["24:00", "09:60", "٠٩:٣٠"]),
    ("^helloworld.*", ["helloworld", "helloworld!\n"], ["hello world", "\nhelloworld"]),
    ("^/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$", ["/a-", "ab"], ["a", "//a"]),
    ("^[0-9a-fA-F]{64}$", ["aF" * 32], ["a" * 63, "a" * 65]),
    ("^AC[0-9a-fA-F]{32}$", ["AC" + "0f" * 16], ["AC", "ac" + "0f" * 16]),
    # Places.
    ("a$", ["a", "ba"], ["a\n"]),
    ("a$|^b", ["ca", "bc"], ["ac", "cb"]),
    (r"a\b", ["a", "a-", "aé"], ["ab", "a_"]),
    (r"\Ba", ["ba"], ["a", "éa"]),
    (r"^\B$", [""], ["a", " "]),
    ("(?=ab)a.$", ["ab"], ["ac"]),
    ("^(?!a).", ["b"], ["a", ""]),
    ("(?<=[$])1", ["$1"], ["1"]),
    ("^a(?<!b)$", ["a"], ["b"]),
    # Sets.
    (".", ["a", "\x85", "😀"], ["", "\n", "\r", "\u2028", "\u2029"]),
    (r"^\s$", [" ", "\ufeff", "\xa0", "\u2028", "\u3000", "\v"], ["", "\x1c", "\x85", "\u200b"]),
    (r"^\S$", ["a", "\x1c", "😀"], ["\ufeff", "\xa0"]),
    (r"^\d\D$", ["1a", "1٣"], ["11", "٣a"]),
    (r"^\w\W$", ["_é", "a-"], ["é-", "ab"]),
    ("^[$^]$", ["$", "^"], ["", "a"]),
    ("^[^]$", ["\n", "😀"], ["", "ab"]),
    (r"^[^\d\s]$", ["a"], ["1", " "]),
    (r"^[\b]$", ["\b"], ["b"]),
    ("^[[a&&~~||-]$", ["[", "&", "-", "~", "|"], ["c", "]"]),
    (r"^[\]\-\\]$", ["]", "-", "\\"], ["/"]),
    ("^[+--]$", ["+", ",", "-"], ["."]),
    ("^[a-]$", ["a", "-"], ["b"]),
    # Characters.
    (r"^\/\.$", ["/."], ["/a"]),
    (r"^\x41\u0042\u{43}\u{1F600}$", ["ABC😀"], ["ABC"]),
    (r"^\ud83d\ude00$", ["😀"], ["\ud83d"]),
    (r"^[\uD83D\uDE00-\u{1F602}]$", ["😁"], ["😃", "\ud83d"]),
    (r"^\ud83d$", ["\ud83d"], ["😀"]),
    (r"^\cJ\cj\0\t\n\v\f\r$", ["\n\n\0\t\n\v\f\r"], ["J"]),
    ("^é😀{2}$", ["é😀😀"], ["é😀"]),
    ("^ #$", [" #"], ["#"]),
    # Repeats and groups.
    ("^a{2}b{1,}c{0,1}d{2,3}?$", ["aabbcdd", "aabddd"], ["abdd", "aabd"]),
    ("^(?:a|b)*?(?<c_1>c)+$", ["abc", "cc"], ["ab"]),
    ("^(|a)b$", ["b", "ab"], ["aab"]),
    ("(a+)+$", ["ba"], ["ab"]),
    ("(x|.*y){0,3}z{2,5}", ["zz", "xzzz"], ["z"]),
    # Annex B.
    (r"^\_\@\-$", ["_@-"], ["a"]),
    (r"^[\w-.]$", ["a", "-", "."], ["/"]),
    (r"^[+-\d]$", ["+", "-", "1"], [","]),
    ("^{a}]$", ["{a}]"], ["a"]),
]

REFUSED = [
    ("[]$]", "matches no character"),
    (r"[^\s\S]", "matches no character"),
    (r"(?u)^\w+$", r"no group '\(\?u'"),
    ("(?i)a", "no group"),
    ("(?i:a)", "no group"),
    ("(?>a)", "no group"),
    ("(?P<a>b)", "no group"),
    ("(?#a)", "no group"),
    ("(?<1>a)", "no group"),
    ("(?<a>b)(?<a>c)", "two groups have the name 'a'"),
    (r"(a)\1", "refers back"),
    (r"(?<a>b)\k<a>", "refers back"),
    (r"\1(a)", "refers back"),
    (r"\01", "refers back"),
    (r"\p{L}", "Unicode properties"),
    (r"[\P{L}]", "Unicode properties"),
    (r"a\Z", r"no escape '\\Z'"),
    (r"\Aa", r"no escape '\\A'"),
    (r"\c1", r"no escape '\\c'"),
    (r"\u12", r"no escape '\\u'"),
    (r"\xg", r"no escape '\\x'"),
    (r"[\B]", r"no escape '\\B'"),
    ("a\\", "no escape"),
    (r"\u{110000}", "beyond the last character"),
    ("a++", r"no repeat '\+'"),
    ("a{2}{3}", r"no repeat '\{3\}'"),
    ("a{,3}", r"no repeat '\{,3\}'"),
    ("*", "no repeat"),
    ("^*", "repeats a condition"),
    ("(?=a)*", "repeats a condition"),
    ("a{2,1}", "bounds in the wrong order"),
    ("xa{99999999999}$", "too large a number"),
    ("(a*)*", "can be empty"),
    (r"(?:|\b){999999999}", "can be empty"),
    ("[b-a]", "range in the wrong order"),
    ("[a", "class is not closed"),
    ("(a", "parenthesis is not closed"),
    ("a)", "closing parenthesis has no opening one"),
    ("(?<=a|bc)d", "fixed-width"),
    ("(" * 5000 + "a" + ")" * 5000, "nested too deeply"),
    # Time.
    ("^(a+)+$", "exponential"),
    ("^(a|a)*$", "exponential"),
    (r"^(\w+\s?)*$", "exponential"),
    ("^(x(a?|b?)y)*$", "exponential"),
    ("^(?=(a|[ab])*$)", "exponential"),
    ("^(?:a{1,70}){1,70}$", "exponential"),
    ("^a*a*a*$", "too long"),
    ("xa+a+a+$", "too long"),
    (r"x[^@\s]+@[^@\s]+\.[^@\s]+$", "too long"),
    ("^(.*,){11}P", "too long"),
    ("^" + "a?" * 30 + "a" * 30 + "$", "too long"),
    ("^(?:.{1,5}){1,8}$", "too long"),
    ("a" * 1001, "too large"),
    ("^" + "(" * 30 + "a+" + "){1,9}" * 30 + "$", "exponential"),
    ("(^|^)" * 40 + "a*a*$", "too long"),
    ("^" + "([a-z]{20}[a-y]*){3}" * 12 + "$", "too large|too long"),
]

SAFE = [
    "^[a-z]+(-[a-z]+)*$",
    r"^\d{4}-\d{2}$",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "^#(?:[0-9a-fA-F]{3}){1,2}$",
    (
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
        r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
        r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$"
    ),
    r"^\+[1-9]\d{1,14}$",
    r"^(?:(?:25[0-5]|2[0-4]\d|[01]?\d\d?)\.){3}(?:25[0-5]|2[0-4]\d|[01]?\d\d?)$",
    (
        r"^(-?(?:[1-9][0-9]*)?[0-9]{4})-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12][0-9])T(2[0-3]|[01][0-9]):([0-5][0-9])"
        r":([0-5][0-9])(\.[0-9]+)?(Z|[+-](?:2[0-3]|[01][0-9]):[0-5][0-9])?$"
    ),
    r"^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$",
    r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^\w\s]).{8,}$",
    "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    "^[ab]*[bc]?[ab]*$",
    r".*\S.*",
    "a+b+$",
]
SECONDS = 10.0
"""Much more than any of these searches takes, and much less than one of exponential or cubic time."""


def _found(expression: str, text: str) -> bool:
    began = time.perf_counter()
    found = re.compile(expression, re.ASCII).search(text)
    assert time.perf_counter() - began < SECONDS, (expression, text)
    return found is not None


def _translated(pattern: str) -> str | Unsupported:
    try:
        return to_python(pattern)
    except Unsupported as refused:
        return refused


@pytest.mark.parametrize(("pattern", "matching", "others"), ANSWERS)
def test_pattern_gives_the_answers_of_ecmascript(pattern: str, matching: list[str], others: list[str]) -> None:
    """The expression finds a match in the same texts as an engine of ECMAScript."""
    expression = to_python(pattern)

    assert [text for text in matching if not _found(expression, text)] == []
    assert [text for text in others if _found(expression, text)] == []


@pytest.mark.parametrize(("pattern", "reason"), REFUSED)
def test_pattern_without_an_equal_and_fast_expression_is_refused(pattern: str, reason: str) -> None:
    """A pattern that is invalid, that Python cannot express, or that could take too long is refused with the reason."""
    with pytest.raises(Unsupported, match=reason):
        to_python(pattern)


@pytest.mark.parametrize("pattern", SAFE)
def test_common_safe_pattern_matches_in_bounded_time(pattern: str) -> None:
    """Patterns that services use are accepted, and no long text holds them up."""
    expression = to_python(pattern)

    for unit in ("a", "1", "1.", ".", "@.", "-", "a-", "A", "aA1!", "1M", " ", "0.", "ab"):
        for length in (30, 2000):
            _found(expression, (unit * length)[:length] + "!\n")
            _found(expression, "P1@-+" + (unit * length)[:length] + "\n")


def test_analysis_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the analysis itself is bounded; beyond it, the pattern is refused."""
    monkeypatch.setattr(backtracking, "_WORK", 2)

    with pytest.raises(Unsupported, match="too large"):
        to_python("^(a+b)+$")


def test_readable_pattern_stays_readable() -> None:
    """Only what means something else in Python is written in another way."""
    assert to_python("^[a-z]{2,}-(x|y)?$") == r"^[a-z]{2,}-(?:x|y)?\Z"
    assert to_python(r"[^ab]\.") == r"[^ab]\."


_PIECES = st.sampled_from(
    [
        *"abc.^$-[](){}|*+?1",
        "[ab]",
        "[^a]",
        r"\w",
        r"\s",
        r"\b",
        "(a|b)",
        "(?=",
        "(?:",
        "{1,3}",
        "{2}",
        "{0,99}",
        "(a+)+",
    ]
)
_TEXTS = st.tuples(*(st.text("abc1- !\n", max_size=4) for _ in range(4)))


@settings(max_examples=300, deadline=None)
@example("^(a+)+$", ("", "a", "", "!"))
@example(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", ("a@", ".", "", "\n"))
@given(st.lists(_PIECES, max_size=12).map("".join), _TEXTS)
def test_accepted_pattern_compiles_and_ends_and_refused_one_has_a_reason(pattern: str, parts: tuple[str, ...]) -> None:
    """Whatever is accepted compiles without a warning and matches in bounded time."""
    expression = _translated(pattern)
    if isinstance(expression, Unsupported):
        assert str(expression)
        return

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        re.compile(expression, re.ASCII)
    start, first, second, end = parts
    for length in (30, 2000):
        _found(expression, start + (first * length)[: length // 2] + (second * length)[: length // 2] + end)
