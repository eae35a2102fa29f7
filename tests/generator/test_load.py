"""YAML and JSON are read as plain JSON values, and whatever is not is refused with its line."""

import os
from pathlib import Path

import pytest

from strict_clients.breaches import GenerationRefused
from strict_clients.load import DEEPEST_NESTING, Document, load


def written(folder: Path, content: str | bytes, name: str = "api.yaml") -> Path:
    """A file of that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    """What loading the file is refused with, without the folder."""
    with pytest.raises(GenerationRefused) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_yaml_and_json_of_one_content_have_one_digest(tmp_path: Path) -> None:
    """The digest is that of the content, not of the way it is written."""
    yaml = load(written(tmp_path, "a: [1, -2.5, 1e3, true, FALSE, null, ~, '07', ö]\nb:\n  'c/d': {}\n"))
    json = load(written(tmp_path, '{"a":[1,-2.5,1000.0,true,false,null,null,"07","\\u00f6"],"b":{"c/d":{}}}', "a.json"))

    assert yaml == json
    assert yaml.raw == {"a": [1, -2.5, 1000.0, True, False, None, None, "07", "ö"], "b": {"c/d": {}}}
    assert (
        load(written(tmp_path, "a: 1\n")).digest == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )


def test_digest_follows_the_order_of_keys(tmp_path: Path) -> None:
    """The order of keys is content: it decides the order of what is generated."""
    assert load(written(tmp_path, "{a: 1, b: 2}")).digest != load(written(tmp_path, "{b: 2, a: 1}")).digest


YAML_REFUSALS = {
    "status code": (
        "paths:\n  /a:\n    get:\n      responses:\n        200: {}\n",
        "#/paths/~1a/get/responses: api.yaml, line 5: key 200 is not a text; quote it",
    ),
    "list as key": ("[a]: 1\n", "#: api.yaml, line 1: key [...] is not a text; quote it"),
    "anchored key": ("&a a: 1\n", "#: api.yaml, line 1: key a is not a text; quote it"),
    "duplicate key": ("a: 1\na: 2\n", "#: api.yaml, line 2: key 'a' appears twice in one mapping; remove one"),
    "anchor": (
        "a~b: &x {c: 1}\nd: *x\n",
        (
            "#/a~0b: api.yaml, line 1: anchor 'x' is not supported; write the value out\n"
            "#/d: api.yaml, line 1: anchor 'x' is not supported; write the value out"
        ),
    ),
    "unknown alias": ("a: *x\n", "#: api.yaml, line 1: found undefined alias 'x'; correct the YAML"),
    "merge": ("a: <<\n", "#/a: api.yaml, line 1: << is read differently by other tools (merge); quote it"),
    "date": (
        "a: 2024-01-01\n",
        "#/a: api.yaml, line 1: 2024-01-01 is read differently by other tools (timestamp); quote it",
    ),
    "octal": (
        "a: [0, 012]\n",
        "#/a/1: api.yaml, line 1: 012 is not a JSON number; quote it, or write it as JSON would",
    ),
    "infinity": ("a: .inf\n", "#/a: api.yaml, line 1: .inf is not a JSON number; quote it, or write it as JSON would"),
    "too large": (
        "a: 1e999\n",
        "#/a: api.yaml, line 1: 1e999 is not a JSON number; quote it, or write it as JSON would",
    ),
    "custom tag": (
        "a: !!python/name:os x\n",
        "#/a: api.yaml, line 1: tag 'tag:yaml.org,2002:python/name:os' is not supported; remove it",
    ),
    "mapping tag": (
        "a: !!set {b: null}\n",
        "#/a: api.yaml, line 1: tag 'tag:yaml.org,2002:set' is not supported; remove it",
    ),
    "list tag": (
        "a: !odd [b]\n",
        "#/a: api.yaml, line 1: tag '!odd' is not supported; remove it",
    ),
    "wrong null": (
        "a: !!null b\n",
        "#/a: api.yaml, line 1: tag 'tag:yaml.org,2002:null' is not supported; remove it",
    ),
    "wrong boolean": (
        "a: !!bool b\n",
        "#/a: api.yaml, line 1: tag 'tag:yaml.org,2002:bool' is not supported; remove it",
    ),
    "syntax": ("a: [1\nb: 2\n", "#: api.yaml, line 2: expected ',' or ']', but got ':'; correct the YAML"),
    "two documents": ("a: 1\n---\nb: 2\n", "#: api.yaml, line 2: but found another document; correct the YAML"),
    "control character": (
        "a: '\x01'\n",
        "#: api.yaml: unacceptable character #x0001: special characters are not allowed; correct the YAML",
    ),
    "nesting": ("[" * 1_200, "#: api.yaml: the document is nested too deeply; flatten it"),
    "empty": ("", "#: api.yaml: the document is not a mapping; start it with 'openapi: 3.1.0'"),
    "list": ("- 1\n", "#: api.yaml: the document is not a mapping; start it with 'openapi: 3.1.0'"),
    "surrogate": (
        'a: "\\ud800"\n',
        "#: api.yaml: a text contains half of a surrogate pair; remove it",
    ),
}


@pytest.mark.parametrize("case", YAML_REFUSALS)
def test_yaml_that_is_not_plain_json_is_refused(tmp_path: Path, case: str) -> None:
    """What two readers could take for two things is refused, with the line and the remedy."""
    content, expected = YAML_REFUSALS[case]

    assert refusal(written(tmp_path, content)) == expected


def test_all_faults_of_a_yaml_file_are_told_at_once(tmp_path: Path) -> None:
    """One run names every line that needs a change."""
    text = refusal(written(tmp_path, "a: 2024-01-01\n1: b\nc: !odd d\n"))

    assert [line.partition(": ")[2].partition(":")[0] for line in text.splitlines()] == [
        "api.yaml, line 1",
        "api.yaml, line 2",
        "api.yaml, line 3",
    ]


@pytest.mark.parametrize("name", ["api.yaml", "api.json"])
def test_nesting_beyond_the_limit_is_refused(tmp_path: Path, name: str) -> None:
    """What loads is shallow enough for every rule after it, whatever Python's limit of recursion."""
    assert load(written(tmp_path, '{"a": ' + "[" * (DEEPEST_NESTING - 1) + "]" * (DEEPEST_NESTING - 1) + "}", name))

    text = refusal(written(tmp_path, '{"a": ' + "[" * DEEPEST_NESTING + "]" * DEEPEST_NESTING + "}", name))

    assert text == f"#: {name}: the document is nested too deeply; flatten it"


JSON_REFUSALS = {
    "syntax": ('{\n"a": }', "#: api.json, line 2: expecting value; correct the JSON"),
    "duplicate key": ('{"a": {"b": 1, "b": 2}}', "#: api.json: key 'b' appears twice in one object; remove one"),
    "not a number": ('{"a": NaN}', "#: api.json: NaN is not a JSON number; write a finite one"),
    "infinity": ('{"a": -Infinity}', "#: api.json: -Infinity is not a JSON number; write a finite one"),
    "too large": ('{"a": 1e999}', "#: api.json: 1e999 is not a JSON number; write a finite one"),
    "nesting": ("[" * 1_000_000, "#: api.json: the document is nested too deeply; flatten it"),
    "text": ('"a"', "#: api.json: the document is not a mapping; start it with 'openapi: 3.1.0'"),
}


@pytest.mark.parametrize("case", JSON_REFUSALS)
def test_json_that_is_ambiguous_is_refused(tmp_path: Path, case: str) -> None:
    """Python's reader is laxer than JSON: what it would let pass is refused."""
    content, expected = JSON_REFUSALS[case]

    assert refusal(written(tmp_path, content, "api.json")) == expected


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is a refusal with a remedy, not a traceback."""
    assert refusal(tmp_path / "api.yaml") == (
        "#: api.yaml: the file cannot be read (No such file or directory); check its name and its permissions"
    )


def test_document_that_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    """Reading a FIFO would wait for a writer; a folder is not a document either."""
    os.mkfifo(tmp_path / "api.yaml")
    (tmp_path / "api.json").mkdir()

    assert refusal(tmp_path / "api.yaml") == "#: api.yaml: is not a regular file; name a file"
    assert refusal(tmp_path / "api.json") == "#: api.json: is not a regular file; name a file"


def test_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    """The line of the first wrong byte is named."""
    path = written(tmp_path, b"a: 1\nb: \xe9\n")

    assert refusal(path) == "#: api.yaml, line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"


def test_other_suffix_is_refused(tmp_path: Path) -> None:
    """The suffix says how a file is written; nothing is guessed."""
    path = written(tmp_path, "a: 1", "api.txt")

    assert refusal(path) == "#: api.txt: the suffix '.txt' is not .yaml, .yml or .json; rename the file"


def test_too_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is not even parsed."""
    monkeypatch.setattr("strict_clients.load.LARGEST_FILE", 3)

    assert refusal(written(tmp_path, "a: 1")) == "#: api.yaml: the file is larger than 3 bytes; split the document"


def test_pointer_leads_through_mappings_and_lists() -> None:
    """Tokens are unescaped as RFC 6901 says, and lists count from 0."""
    document = Document(raw={"a/b": [{"c~d": 1}]}, digest="")

    assert document.at("/a~1b/0/c~0d") == 1
    assert document.at("") == document.raw


@pytest.mark.parametrize("pointer", ["/b", "/a/1", "/a/x", "/a/0/c"])
def test_pointer_that_leads_nowhere_is_a_lookup_error(pointer: str) -> None:
    """A pointer never leads beyond the document."""
    document = Document(raw={"a": ["text"]}, digest="")

    with pytest.raises(LookupError):
        document.at(pointer)
