"""The folder of samples: what is in it, how it is written and compared, and how texts are written in each language."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from strict_clients.__main__ import main
from strict_clients.examine import examine
from strict_clients.model import PackageModel, build_model
from strict_clients.render import MARK, GenerationFailed
from strict_clients.runtime import TEMPLATES
from strict_clients.samples.facts import Call, calls
from strict_clients.samples.filters import FILTERS, comment
from strict_clients.samples.folder import make_folder
from strict_clients.samples.languages import LANGUAGES
from strict_clients.samples.markdown import code, fence, line, prose
from strict_clients.samples.render import render_samples
from strict_clients.source import UNCHANGED, read

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "openapi" / "face-audit.yaml"
GOLDEN = ROOT / "tests" / "golden" / "golden.yaml"
THINGS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "servers": [
        {
            "url": "https://{area}.things.example/{part}",
            "variables": {
                "area": {"default": "north", "enum": ["north", "south"], "description": "The area."},
                "part": {"default": "p1", "enum": ["p1"], "description": "The part."},
            },
        }
    ],
    "security": [{"basic": []}, {"token": []}],
    "components": {
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic"},
            "token": {"type": "http", "scheme": "bearer", "description": "A token."},
        }
    },
    "paths": {
        "/things/{number}/{id}": {
            "get": {
                "operationId": "Things_get",
                "parameters": [
                    {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
                    {"name": "kind", "in": "query", "required": True, "schema": {"type": "string", "enum": ["a&b"]}},
                ],
                "responses": {
                    "200": {
                        "description": "One.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object"},
                                "example": {"a": 1},
                            }
                        },
                    }
                },
            }
        }
    },
}


def model(document: Path) -> PackageModel:
    """The package of a document."""
    return build_model(examine(read(document, UNCHANGED).document, package=None, partial=False))


def things(folder: Path, change: str = "", value: Any = None) -> PackageModel:
    """The package of an invented API, with another value at the pointer."""
    raw = deepcopy(THINGS)
    if change:
        *holders, last = change.split("/")
        inner: Any = raw
        for key in holders:
            inner = inner[key.replace("~1", "/")]
        inner[last] = value
    (folder / "things.json").write_text(json.dumps(raw), encoding="utf-8")
    return model(folder / "things.json")


def only_call(package: PackageModel) -> Call:
    """The one operation with samples."""
    (call,) = calls(package)
    return call


def test_committed_folder_is_what_the_document_gives() -> None:
    """Nobody edits a sample, and none is out of date."""
    folder = ROOT / "docs" / "api"
    present = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.*")}

    assert present == make_folder(model(DOCUMENT))


def test_page_says_what_a_reader_needs() -> None:
    """Hosts with their names, parameters with limits, fields in each spelling, answers with what to do, nine tabs."""
    page = make_folder(model(DOCUMENT))["README.md"]

    assert page.count(".api.cognitive.microsoft.com`\n") == 32
    assert "- Jio India West: `jioindiawest.api.cognitive.microsoft.com`\n" in page
    assert "- `top` (in the query, optional, integer): " in page
    assert "Limits: at least 1; at most 1000;" in page
    assert "- `receivedDateTime`, `dateReceived` (datetime.datetime, may be missing): " in page
    assert re.findall(r"^#### (\d+)$", page, re.MULTILINE) == ["200", "400", "401", "403", "404", "415", "429"]
    assert "- `RateLimitedError`: too many calls in a short time; call again after `retry_after` seconds" in page
    assert page.count('<input type="radio"') == page.count('<div class="sample">') == len(LANGUAGES) == 9
    assert page.index("from face_audit import") < page.index("curl --silent")
    assert "No body is sent." in page


def test_derived_document_has_the_samples_and_is_valid_otherwise() -> None:
    """Without `x-codeSamples` and the mark, it is the document of the package."""
    package = model(DOCUMENT)
    derived = json.loads(make_folder(package)["openapi.json"])
    (operation,) = (item["get"] for item in derived["paths"].values())

    samples = operation.pop("x-codeSamples")
    assert derived.pop("x-generated") == MARK
    assert derived == package.document
    assert [one["label"] for one in samples] == [language.label for language in LANGUAGES]
    assert all(set(one) == {"lang", "label", "source"} for one in samples)


def test_golden_page_shows_bodies_enums_and_other_hosts() -> None:
    """Operations without samples are on the page too."""
    page = make_folder(model(GOLDEN))["README.md"]

    assert '### Body\n\nThe plant, without what the server adds. """ \\{body\\}' in page
    assert "`GET https://files.plants.example/v1/files/{name}`" in page
    assert "`PUT https://plants.example/v3/files/{name}`" in page
    assert "### Climate\n" in page
    assert "{{ jinja }}" not in re.sub(r"```.*?```|`[^`\n]+`", "", page, flags=re.DOTALL)


def test_operation_that_needs_more_than_texts_has_no_sample() -> None:
    """Methods with bodies, secrets in a query, arrays in a path, other hosts, and answers that are not JSON."""
    assert [call.id for call in calls(model(GOLDEN))] == [
        *("Plants_list", "Plants_get", "countPlants", "Plants_listReadings", "SeedOrders_list"),
        *("Gate_passOpen", "Garden_listVisits", "Huts_getFirst", "Shed_find"),
    ]


def test_facts_without_names_of_variables_are_made_up(tmp_path: Path) -> None:
    """The first way without a computed secret is taken; required parameters have the value that the document knows."""
    call = only_call(things(tmp_path))

    assert (call.endpoint, call.host, call.path[0].text) == (
        "THINGS_ENDPOINT",
        "https://north.things.example",
        "/p1/things/",
    )
    assert [(one.name, one.prefix, one.environment) for one in call.headers] == [
        ("Authorization", "Bearer ", "THINGS_TOKEN")
    ]
    assert (call.arguments, call.query, call.paging) == (("NUMBER", "ID"), (("kind", "a&b"),), None)
    sample = render_samples(call, TEMPLATES)
    assert 'ThingsClient(token=os.environ["THINGS_TOKEN"], endpoint=os.environ["THINGS_ENDPOINT"])' in sample["sdk.py"]
    assert "client.default.things_get(int(sys.argv[1]), UUID(sys.argv[2]), kind='a&b')" in sample["sdk.py"]
    assert "--data 'kind=a%26b'" in sample["sample.sh"]
    assert "printf '%s%s\\n' 'Authorization: Bearer ' \"$THINGS_TOKEN\"" in sample["sample.sh"]


def test_page_without_a_largest_size_has_the_service_s(tmp_path: Path) -> None:
    """Where the document names no maximum, the size of a page is left to the service."""
    text = DOCUMENT.read_text(encoding="utf-8")
    limits = "minimum: 1\n            maximum: 1000\n            default: 1000\n"
    assert limits in text
    (tmp_path / "open.yaml").write_text(text.replace(limits, "minimum: 1\n"), encoding="utf-8")

    assert only_call(model(tmp_path / "open.yaml")).query == ()


def test_operation_without_security_has_no_header(tmp_path: Path) -> None:
    """A sample of an open operation asks for no secret."""
    call = only_call(things(tmp_path, "security", []))

    assert call.headers == ()
    assert "and then" not in render_samples(call, TEMPLATES)["sample.py"]


@pytest.mark.parametrize("secret", [{"basic": []}, {"basic": [], "token": []}])
def test_operation_whose_secret_is_computed_has_no_sample(tmp_path: Path, secret: dict[str, Any]) -> None:
    """Nothing is shown that would not work."""
    package = things(tmp_path, "security", [secret])

    assert list(calls(package)) == []
    assert "Code samples" not in make_folder(package)["README.md"]


def test_broken_template_is_named(tmp_path: Path) -> None:
    """What a template prints has passed a filter for the language."""
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "sdk.py.jinja").write_text("«call.summary»", encoding="utf-8")

    with pytest.raises(
        GenerationFailed, match=r"templates/samples/sdk\.py\.jinja: a template prints a bare str.*; correct it"
    ):
        render_samples(only_call(model(DOCUMENT)), tmp_path)


ODD = "a\"b'c\\d$e#{f}\n\x00\x85\u2028\U0001f600\U000e0001é"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("python", r'"a\"b' + "'" + r'c\\d$e#{f}\U0000000a\U00000000\U00000085\U00002028😀\U000e0001é"'),
        ("js", r'"a\"b' + "'" + r'c\\d$e#{f}\u000a\u0000\u0085\u2028😀\udb40\udc01é"'),
        ("java", r'"a\"b' + "'" + r'c\\d$e#{f}\012\000\205\u2028😀\udb40\udc01é"'),
        ("csharp", r'"a\"b' + "'" + r'c\\d$e#{f}\u000a\u0000\u0085\u2028😀\udb40\udc01é"'),
        ("php", r'"a\"b' + "'" + r'c\\d\$e#{f}\u{a}\u{0}\u{85}\u{2028}😀\u{e0001}é"'),
        ("ruby", r'"a\"b' + "'" + r'c\\d$e\#{f}\u{a}\u{0}\u{85}\u{2028}😀\u{e0001}é"'),
        ("objc", r'"a\"b' + "'" + r'c\\d$e#{f}\012\000\302\205\342\200\250😀\363\240\200\201é"'),
    ],
)
def test_string_of_a_language_has_no_end_inside(language: str, expected: str) -> None:
    """Quotes, escapes and what a language evaluates in strings are escaped; unprintable characters are numbers."""
    assert FILTERS[language](ODD) == expected


def test_words_of_a_shell_and_strings_of_jq_are_quoted() -> None:
    """A program of jq is between single quotes."""
    assert FILTERS["shell"]("a'b\0$c") == "'a'\\''b$c'"
    assert FILTERS["jq"]("a'\"\\(b)") == '"a\\u0027\\"\\\\(b)"'
    assert FILTERS["jq_keys"](("a", "b c")) == '.a?.["b c"]?'
    assert FILTERS["jq_keys"](()) == "."
    assert FILTERS["js_keys"](("a", "b c")) == '?.a?.["b c"]'


def test_name_of_a_header_with_other_characters_stops_rendering() -> None:
    """It would be where curl reads a format."""
    with pytest.raises(TypeError, match="is not a plain header name"):
        FILTERS["plain"]("a}%output{b")


def test_comment_stays_a_comment() -> None:
    """Escapes of Java, continued lines of C, and the end of PHP are taken out, and long lines are filled."""
    assert (
        comment(["a\\u000ab ?> c\n d \\", "x " * 60], "//")
        == "// a/u000ab ? > c  d /\n// " + ("x " * 48).strip() + "\n// " + ("x " * 12).strip()
    )


def test_markdown_keeps_paragraphs_lists_and_code_only() -> None:
    """Everything else that is markup is escaped."""
    text = "One *two* <b>\nthree `a*b`.\n\nA list:\n\n- {include}`/etc`\n- [x](y)\n\n1. no\n# no"

    assert prose(text) == (
        "One \\*two\\* \\<b\\> three `a*b`.\n\nA list:\n\n- \\{include\\}`/etc`\n- \\[x\\](y)\n\n1\\. no \\# no"
    )
    assert line("a_b _c_ - d-e\u2028f") == "a_b \\_c\\_ \\- d-e f"
    assert (code("a``b"), code(""), code("x")) == ("``` a``b ```", "", "`x`")
    assert fence("a\n````\n", "sh") == "`````sh\na\n````\n`````"


def test_command_writes_a_folder_and_replaces_only_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with something else in it stays as it is."""
    own, other = tmp_path / "own", tmp_path / "other"
    other.mkdir()
    (other / "README.md").write_text("Mine.\n", encoding="utf-8")
    command = ["samples", "--document", str(DOCUMENT), "--output"]

    codes = [main([*command, str(own)]), main([*command, str(own)]), main([*command, str(other)])]

    assert codes == [0, 0, 1]
    assert (own / "audit_entries_list" / "Sample.cs").is_file()
    assert [path.name for path in other.iterdir()] == ["README.md"]
    assert "is not the folder of a generated package" in capsys.readouterr().err


def test_generate_and_check_take_care_of_the_folder_in_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An edited sample is drift; a client without the key has no samples."""
    (tmp_path / "things.json").write_text(json.dumps(THINGS), encoding="utf-8")
    (tmp_path / "clients.toml").write_text(
        '[one]\ndocument = "things.json"\noutput = "one"\nsamples = "page"\n'
        '[two]\ndocument = "things.json"\noutput = "two"\nlock = "two.lock"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    listed = ["--list", "clients.toml"]

    assert main(["generate", *listed]) == 0
    assert main(["check", *listed, "one"]) == 0
    (tmp_path / "page" / "things_get" / "sample.sh").write_text("echo\n", encoding="utf-8")
    assert main(["check", *listed, "one"]) == 1
    assert main(["samples", *listed, "one"]) == 0
    assert main(["check", *listed, "one"]) == 0
    assert main(["samples", *listed, "two"]) == 1

    said = capsys.readouterr().err
    assert "page/things_get/sample.sh: differs from its source; make the change there, and regenerate it" in said
    assert "things.json: no folder for samples; add the key samples to the list of clients" in said


def test_templates_have_other_marks_than_those_of_packages() -> None:
    """What begins an expression there is code in JavaScript and C#."""
    for path in (TEMPLATES / "samples").glob("*.jinja"):
        assert "{{" not in path.read_text(encoding="utf-8"), path
