"""The page for a reviewer: what it counts, what it says first, what it leaves out, and that anyone can read it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from face_audit_tools import InputError, Thresholds, export_session, read_expected, verify, write_report
from face_audit_tools.command import cli
from face_audit_tools.reading import Entry
from face_audit_tools.report import page as page_module
from face_audit_tools.report.contents import distributions, over_time, quantile
from face_audit_tools.report.page import MOST_LISTED, Contents, lay_out
from face_audit_tools.report.patterns import found_in, patterns
from face_audit_tools.report.tally import OTHERS, SessionTally, Tally, count
from face_audit_tools.report.timeline import Timeline
from face_audit_tools.result import Result, read_summary, write_summary

from .markup import Page, contrast, faults, palettes, text_of
from .sample import export_sample
from .shelf import FIRST, MALFORMED, SECOND, Shelf, answer, entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result as Run

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 1009*1013 }}&lt;\u202e"
FACE = ("cheek-31337.webp", "chin-31338", "nose-31339", "31340", "brow-31341")
STYLE = Path(page_module.__file__).with_name("page.css").read_text(encoding="utf-8")


def export(folder: Path, sessions: dict[str, list[bytes]], **told: Any) -> None:
    """Export these."""
    shelf = Shelf(sessions)
    with shelf.client() as client:
        for session in sessions:
            export_session(client, session, folder, **told)


def attempt(number: int, second: float, decision: str | None = "realface", **changes: Any) -> bytes:
    """An entry that was received this many seconds after noon."""
    moment = datetime(2024, 4, 1, 12, tzinfo=UTC) + timedelta(seconds=second)
    body = None if decision is None else {"livenessDecision": decision, "modelVersionUsed": "m1"}
    response = {"body": body, "statusCode": 200 if decision else 408, "latencyInMilliseconds": 100 * number}
    request = {"userAgent": "one", "contentType": f"multipart/form-data; boundary={number}"}
    plain = {"receivedDateTime": moment.isoformat(), "response": response, "request": request}
    return entry(number, **(plain | changes))


def made(folder: Path, **told: Any) -> Page:
    """The page of a folder."""
    html = folder.with_name("report.html")
    write_report(folder, html=html, force=True, **told)
    return Page(html.read_text(encoding="utf-8"))


def cards(page: Page) -> dict[str, str]:
    """The figures at the top."""
    inside = [one for one in page.all("dl") if one.attrs["class"] == "cards"]
    groups = [[text_of(part) for part in div.children if part.name in ("dt", "dd")] for div in inside[0].query("div")]
    return {name: f"{value} | {below}" for name, value, below in groups}


def table(page: Page, chart: str) -> dict[str, list[str]]:
    """The table beside a chart."""
    figure = page.one("figure", aria_labelledby=f"t-{chart}")
    rows = [[text_of(cell) for cell in row.children if cell.name in ("th", "td")] for row in figure.query("tbody tr")]
    return {row[0]: row[1:] for row in rows}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of sixty sessions, and the digests that devices recorded beside it."""
    folder = tmp_path_factory.mktemp("sample") / "evidence"
    export_sample(folder, sessions=60)
    return folder


@pytest.fixture(scope="module")
def sampled(sample: Path) -> Page:
    """The page of that."""
    return made(sample, expected=sample.with_name("digests.csv"))


def test_figures_are_those_of_the_entries(folder: Path) -> None:
    """Attempts, decisions, statuses, latencies, retries and outcomes, counted by hand."""
    first = [attempt(3, 30), attempt(2, 20, "spoofface"), attempt(1, 10, None)]
    second = [attempt(2, 7200, "later"), MALFORMED]
    export(folder, {FIRST: first, SECOND: second, "gone": []})
    shelf = Shelf({})
    with shelf.client() as client:
        export_session(client, "expired", folder)

    page = made(folder)

    assert cards(page) == {
        "Sessions": "4 | not complete: 1",
        "Attempts": "5 | malformed: 1",
        "Sessions with a pattern": "0 | of 6 patterns",
        "Digests that differ": "\u2013 | not compared",
        "Latency, median": "200 ms | 95 % within 300 ms; 99 % within 300 ms",
        "Requests sent again": "0 | by the export, for pages",
    }
    assert table(page, "attempts") == {"0": ["2"], "1": ["0"], "2": ["1"], "3": ["1"]}
    assert table(page, "outcomes") == {"complete": ["3"], "expired": ["1"]}
    assert table(page, "statuses") == {"200": ["3"], "408": ["1"]}
    assert table(page, "latencies") == {"100 ms to 250 ms": ["3"], "250 ms to 500 ms": ["1"]}
    assert table(page, "retries") == {"0": ["4"]}
    slots = table(page, "over-time")
    assert next(iter(slots)) == "2024-04-01 12:00"
    assert list(slots)[-1] == "2024-04-01 14:00"
    assert slots["2024-04-01 12:00"] == ["1", "1", "0", "1"]
    assert "2024-04-01 12:00:10 UTC to 2024-04-01 14:00:00 UTC" in page.text
    assert "Verified, but not complete" in page.text
    assert "status 404" in page.text


def test_entry_without_anything_but_an_id_is_an_attempt(folder: Path) -> None:
    """Whatever is missing is counted under nothing."""
    bare = [b'{"id":3,"request":{},"response":{}}', b'{"id":2}', b'{"id":1,"response":{"statusCode":200}}']
    export(folder, {FIRST: bare})

    page = made(folder)

    assert cards(page)["Attempts"] == "3 | malformed: 0"
    assert cards(page)["Latency, median"].startswith("\u2013 |")
    assert table(page, "statuses") == {"200": ["1"]}
    assert faults(page) == []


def test_retries_are_counted(folder: Path) -> None:
    """Requests that the export had to send again, by session."""
    shelf = Shelf({FIRST: [attempt(1, 0)]})
    shelf.told += [answer(503), answer(503)]
    with shelf.client() as client:
        export_session(client, FIRST, folder)

    page = made(folder)

    assert table(page, "retries") == {"2": ["1"]}
    assert cards(page)["Requests sent again"].startswith("2 |")


def test_patterns_are_found_from_their_thresholds_on() -> None:
    """Each at its threshold, and none below it."""
    limits = Thresholds(attempts=4, spoofs=2, apart=1.0)

    def found(*raw: bytes) -> dict[str, int]:
        session = SessionTally(session_id="s")
        tally = Tally(limits)
        for number, one in enumerate(raw, 1):
            tally.add(session, _entry(number, one))
        session.end()
        return {one.name: one.count for one in found_in(session, patterns(limits))}

    spoofs = [attempt(number, 10 * number, "spoofface") for number in (2, 1)]
    agent = attempt(1, 0, request={"userAgent": "other", "contentType": "Multipart/Form-Data"})
    kind = attempt(1, 0, request={"userAgent": "one", "contentType": "application/json"})
    assert found(*(attempt(number, 10 * number) for number in (3, 2, 1))) == {}
    assert found(*(attempt(number, 10 * number) for number in (4, 3, 2, 1))) == {"many attempts": 4}
    assert found(spoofs[0], attempt(1, 10)) == {}
    assert found(*spoofs) == {"many spoof decisions": 2}
    assert found(attempt(2, 1.0), attempt(1, 0)) == {}
    assert found(attempt(2, 0.99), attempt(1, 0)) == found(attempt(1, 0), attempt(2, 0.99)) == {"quick repeats": 1}
    assert found(attempt(2, 10), attempt(1, 0, digest=f"{2:064x}")) == {"repeated digest": 1}
    assert found(attempt(2, 10), attempt(1, 0, digest=None)) == {}
    assert found(attempt(2, 10), agent) == {"changed user agent": 2}
    assert found(attempt(2, 10), kind) == {"changed content type": 2}


def _entry(number: int, raw: bytes) -> Entry:
    return Entry(number=number, line=number, raw=raw)


def test_page_names_the_patterns_and_their_thresholds(folder: Path) -> None:
    """With how many sessions show each, and which."""
    export(folder, {FIRST: [attempt(number, 10 * number, "spoofface") for number in (3, 2, 1)], SECOND: []})

    text = made(folder, thresholds=Thresholds(attempts=3, spoofs=4, apart=2.5)).text

    assert "many attempts 1 3 attempts or more in one session" in text
    assert "many spoof decisions 0 4 decisions or more for spoofface" in text
    assert "less than 2.5 s from the one listed before it" in text
    assert f"{FIRST} complete many attempts (3)" in text


@pytest.mark.parametrize(
    ("entries", "decision", "others"),
    [
        ({"livenessDecision": "spoofface", "target": 7}, "spoofface", 0),
        ({"livenessDecision": 5}, "another value", 0),
        ({"livenessDecision": ["realface"], "modelVersionUsed": 5}, "another value", 0),
        ({"livenessDecision": "no decision"}, "another value", 0),
        ({"livenessDecision": None}, "no decision", 0),
        ("text", "no decision", 0),
    ],
)
def test_decision_is_counted_whatever_stands_beside_it(entries: Any, decision: str, others: int) -> None:
    """Only that and the version of the model are looked at: a spoiled rest hides no spoof."""
    tally = Tally(Thresholds())
    tally.add(SessionTally(session_id="s"), _entry(1, entry(1, response={"body": entries})))

    assert tally.decisions == {decision: 1}
    assert tally.models.total() == others


def test_digests_that_differ_are_listed(sample: Path, sampled: Page) -> None:
    """Both of them, and how many match or are missing on a side."""
    recorded = read_expected(sample.with_name("digests.csv"))
    spoiled = [one for one in recorded if one.digest.endswith("0BADC0DE")]

    assert cards(sampled)["Digests that differ"].startswith("2 |")
    assert all(one.digest in sampled.source for one in spoiled)
    assert "2 do not" in sampled.text


def spoil(folder: Path) -> None:
    """Change a byte of one session, and lose the manifest of another."""
    entries = sorted(folder.glob("*.entries.jsonl"))
    path = max(entries, key=lambda one: one.stat().st_size)
    path.write_bytes(path.read_bytes().replace(b"realface", b"spoofface", 1))
    lost = next(one for one in entries if one != path)
    Path(str(lost).replace(".entries.jsonl", ".manifest.json")).unlink()


def test_evidence_that_does_not_verify_is_said_first(tmp_path: Path) -> None:
    """In the title, in the first heading after it, with file and line; what was good is counted anyway."""
    folder = tmp_path / "evidence"
    export_sample(folder, sessions=12)
    whole = cards(made(folder))
    spoil(folder)

    page = made(folder, expected=folder.with_name("digests.csv"))

    first = page.one("main").query("h2")[0]
    assert text_of(page.all("title")[0]).startswith("NOT VERIFIED")
    assert text_of(first) == "This evidence does not verify"
    assert page.all("section")[0].attrs["class"] == "verdict bad"
    assert all(one.file.name in page.text and one.what in page.text for one in verify(folder).problems)
    assert "damaged" in table(page, "outcomes")
    assert "so its digests were not compared" in page.text
    assert cards(page)["Sessions"].startswith("12 |")
    assert int(cards(page)["Attempts"].split()[0]) < int(whole["Attempts"].split()[0])
    assert str(tmp_path) not in page.source
    assert faults(page) == []


def test_summary_that_was_changed_is_a_problem_and_no_end(folder: Path) -> None:
    """Outcomes are then those of the evidence alone."""
    export(folder, {FIRST: [attempt(1, 0)]})
    (folder / "summary.json").write_text("{}", encoding="utf-8")

    page = made(folder)

    assert "summary.json" in page.text
    assert table(page, "outcomes") == {"complete": ["1"]}


def test_damage_that_comes_up_later_is_said(folder: Path) -> None:
    """A file that changes after the verification is found when it is read."""
    export(folder, {FIRST: [attempt(1, 0)], SECOND: [attempt(1, 0)]})
    html, recorded = folder.with_name("report.html"), folder.with_name("recorded.csv")
    recorded.write_text("session_id,entry_id,digest\n", encoding="utf-8")

    def change(session: str) -> None:
        (folder / f"{SECOND}.entries.jsonl").write_bytes(b"{}\n")

    made = write_report(folder, html=html, on_session=change, expected=recorded)

    assert made.verification.passed
    assert not made.passed
    assert [one.file.name for one in made.problems] == [f"{SECOND}.entries.jsonl"]
    assert "This evidence does not verify" in html.read_text(encoding="utf-8")


def test_unfinished_session_has_the_outcome_of_its_last_export(shelf: Shelf, folder: Path) -> None:
    """Failed or refused; without a summary, unfinished, and not verified."""
    shelf.before = lambda: shelf.told.append(answer(401)) if shelf.requests[-1][1] == "5" else None
    with shelf.client() as client:
        export_session(client, FIRST, folder, top=3, confirmed=False)
    page = made(folder)
    assert table(page, "outcomes") == {"refused": ["1"]}
    assert "Verified, but not complete" in page.text

    (folder / "summary.json").unlink()
    page = made(folder)
    assert table(page, "outcomes") == {"unfinished": ["1"]}
    assert "is missing, and there are files of sessions" in page.text


def test_store_of_manifests_is_compared_and_said(folder: Path, tmp_path: Path) -> None:
    """And the page says where it was not."""
    export(folder, {FIRST: [attempt(1, 0)]})
    store = tmp_path / "store"
    store.mkdir()
    (store / f"{FIRST}.manifest.json").write_bytes((folder / f"{FIRST}.manifest.json").read_bytes())

    assert "were compared with their copies" in made(folder, manifest_store=store).text
    assert "were not compared with copies" in made(folder).text


def hostile(folder: Path) -> Path:
    """An export in which every text that comes from outside is an attack; gives the digests that were recorded."""
    body = {"livenessDecision": EVIL, "modelVersionUsed": EVIL, "target": {"fileName": EVIL, "imageType": EVIL}}
    texts = dict.fromkeys(("sessionId", "requestId", "clientRequestId", "digest", EVIL), EVIL)
    request = dict.fromkeys(("url", "method", "contentType", "userAgent", EVIL), EVIL)
    response = {"body": body, "statusCode": 200, "latencyInMilliseconds": 5, EVIL: EVIL}
    texts["sessionId"] = FIRST
    evil = entry(1, request=request, response=response, **texts)
    message = entry(2, response={"body": {"error": {"code": EVIL, "message": EVIL}}, "statusCode": 400})
    shelf = Shelf({FIRST: [message, evil]})
    with shelf.client() as client:
        export_session(client, FIRST, folder)
        shelf.told.append(answer(400, EVIL))
        export_session(client, SECOND, folder)
    told = Result(session_id="third", outcome="failed", count=0, added=0, error=EVIL)
    write_summary(folder, read_summary(folder), [told])
    recorded = folder.with_name("recorded.csv")
    quoted = EVIL.replace('"', '""')
    recorded.write_text(f'session_id,entry_id,digest\n{FIRST},1,"{quoted}"\n{FIRST},2,"{quoted}"\n', encoding="utf-8")
    return recorded


def test_nothing_from_outside_becomes_markup(tmp_path: Path) -> None:
    """Attacks in every field, in the folder's name, in errors and in recorded digests are texts."""
    folder = tmp_path / "<script>alert(2)<&\u202e"
    recorded = hostile(folder)

    page = made(folder, expected=recorded)

    assert page.all("script", "img", "iframe", "object", "link", "base", "form") == []
    assert {name for one in page.nodes for name in one.attrs if name.startswith("on")} == set()
    assert {name for one in page.nodes if one.name != "meta" for name in one.attrs} <= ALLOWED
    assert "<script>alert(1)</script>" in page.text
    assert str(1009 * 1013) not in page.source
    assert "\u202e" not in page.source
    assert table(page, "outcomes") == {"failed": ["2"], "complete": ["1"]}
    assert faults(page) == []


ALLOWED = {
    *("aria-hidden", "aria-label", "aria-labelledby", "class", "datetime", "focusable", "height", "href", "id", "lang"),
    *("open", "role", "rx", "ry", "scope", "tabindex", "text-anchor", "transform", "viewbox", "viewBox", "width"),
    *("x", "y", "d", "xmlns"),
}


def test_page_needs_nothing_and_forbids_all(sampled: Page) -> None:
    """Its own style is the only thing that it lets in, by its hash; every link leads to the page itself."""
    policy = sampled.one("meta", http_equiv="Content-Security-Policy").attrs["content"]
    style = sampled.source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style
    assert all(one.attrs["href"].startswith("#") for one in sampled.nodes if "href" in one.attrs)
    assert not any({"src", "srcset", "style", "xlink:href"} & one.attrs.keys() for one in sampled.nodes)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", sampled.source))
    assert {one for one in addresses if "face.example.com" not in one} == {"http://www.w3.org/2000/svg"}


def test_page_holds_no_face_data(folder: Path) -> None:
    """Of a body the decision and the version; no rectangle, no file name, no comparison, nothing unknown."""
    file_name, image, offset, number, verified = FACE
    rectangle = dict.fromkeys(("top", "left", "width", "height"), int(number))
    target = {"faceRectangle": rectangle, "fileName": file_name, "imageType": image, offset: offset}
    body = {"livenessDecision": "realface", "target": target, "verifyResult": {verified: verified}, "more": image}
    export(folder, {FIRST: [entry(1, response={"body": body}, unknown=verified)]})

    source = made(folder).source

    assert [one for one in FACE if one in source] == []
    assert "realface" in source


def test_page_is_readable_by_anyone(sampled: Page) -> None:
    """Names, headings, tables, references and the keyboard; each chart has a text and a table."""
    assert faults(sampled) == []
    assert len(sampled.all("svg")) == 6
    assert len(sampled.all("table")) > 8


def test_looking_for_faults_finds_them() -> None:
    """The check is not blind."""
    spoiled = """<!DOCTYPE html><html><head><title>t</title></head><body>
<h1>1</h1><h3 id="a">3</h3><h3 id="a">3</h3><a href="#no">x</a><a href="#a"></a><section></section><section></section>
<p tabindex="3">p</p><p tabindex="0">p</p><figure aria-label="f"><svg></svg></figure>
<div class="x"><table><thead><tr><th scope="col">a</th><th>b</th></tr></thead>
<tbody><tr><td>1</td></tr></tbody></table></div></body></html>"""

    found = " / ".join(faults(Page(spoiled.replace("<svg>", '<svg aria-label="s">'))))

    for part in (
        *(
            "no language",
            "not one main",
            "None twice",
            "a drawing without a text",
            "no table beside s",
            "section without a name",
        ),
        *("empty a", "leaves a level out", "a row without a head"),
        *("a head of nothing", "an id twice", "a link to #no", "the first stop", "an order of its own"),
        *("a stop without a name", "does not scroll"),
    ):
        assert part in found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_told_apart(scheme: str) -> None:
    """Texts by 4.5 to 1, bars and frames by 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11), in both schemes."""
    colours = palettes(STYLE)[scheme]

    for text in ("text", "muted", "accent", "good", "warn", "bad"):
        for ground in ("page", "card"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for tone in ("good", "warn", "bad"):
        assert contrast(colours[tone], colours[f"{tone}-back"]) >= 4.5, tone
        assert contrast(colours["muted"], colours[f"{tone}-back"]) >= 4.5, tone
        assert contrast(colours["accent"], colours[f"{tone}-back"]) >= 4.5, tone
    assert contrast(colours["on-strong"], colours["bad-strong"]) >= 4.5
    for bar in ("bar", "real", "spoof", "uncertain", "another", "none", "focus"):
        assert contrast(colours[bar], colours["card"]) >= 3, bar
    assert contrast("000000", "ffffff") == pytest.approx(21)


def test_empty_export_has_a_page(folder: Path) -> None:
    """Without an entry there is nothing to draw, and that is said."""
    export(folder, {"gone": []})

    page = made(folder)

    assert faults(page) == []
    assert len(page.all("svg")) == 3
    assert "There are none" in page.text
    assert "Attempts received" not in page.text


def test_page_of_many_sessions_is_bounded(tmp_path: Path) -> None:
    """Of ten thousand sessions, all flagged and failed, it lists the first ones, and says so."""
    folder = tmp_path / "evidence"
    export(folder, {FIRST: []})
    tally = Tally(Thresholds())
    for number in range(10_000):
        session = SessionTally(session_id=f"s{number:06}", outcome="failed", error="x" * 5_000, attempts=50, quick=9)
        session.decisions["spoofface"] = 50
        session.first = session.last = datetime(2024, 4, 1, tzinfo=UTC)
        tally.sessions.append(session)
    contents = Contents(
        folder=folder,
        tally=tally,
        entries=0,
        problems=(),
        against_store=False,
        comparison=None,
        not_compared="",
    )

    page = Page(lay_out(contents))

    assert len(page.source.encode()) < 2_500_000
    assert f"{MOST_LISTED:,} of 10,000 are shown" in page.text
    assert "500 of 10,000 are shown" in page.text
    assert "25 of 10,000 are shown" in page.text
    assert len(page.all("details", **{"class": "group"})) == MOST_LISTED // 100 + 1
    assert faults(page) == []


def test_timeline_takes_the_width_that_fits() -> None:
    """Minutes for a quarter of an hour, hours for a day; the empty slots between are there."""
    line = Timeline()
    begin = datetime(2024, 4, 1, 12, tzinfo=UTC)
    assert line.slots() == (timedelta(minutes=1), [])
    for minutes in (0, 3, 15):
        line.add(begin + timedelta(minutes=minutes), "a")

    width, slots = line.slots()
    assert (width, len(slots)) == (timedelta(minutes=1), 16)
    assert [slots[at].counts["a"] for at in (0, 1, 3, 15)] == [1, 0, 1, 1]

    line.add(begin + timedelta(hours=20), "b")
    width, slots = line.slots()
    assert (width, slots[0].start) == (timedelta(hours=1), begin)
    assert (slots[0].counts, slots[-1].counts) == (Counter(a=3), Counter(b=1))


def test_timeline_is_bounded_whatever_the_times() -> None:
    """From the first to the last moment of the calendar, in any offset, in any number."""
    line = Timeline()
    line.add(datetime.fromisoformat("0001-01-01T00:00:00+14:00"), "a")
    line.add(datetime.fromisoformat("9999-12-31T23:59:59-14:00"), "a")
    for number in range(5_000):
        line.add(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number), "a")

    width, slots = line.slots()

    assert len(slots) <= 24
    assert sum(one.counts["a"] for one in slots) == 5_002
    assert slots[0].start.year == 1
    assert width >= timedelta(days=365)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "1 minute"), (7_000, "5 minutes"), (86_400 * 20, "1 day"), (86_400 * 100, "7 days"), (10**10, "25 years")],
)
def test_width_of_a_column_is_told(seconds: int, told: str) -> None:
    """In the largest unit that gives a whole number."""
    tally = Tally(Thresholds())
    for moment in (0, seconds):
        tally.timeline.add(datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=moment), "realface")

    assert f"Each column is {told} of attempts" in over_time(tally).summary


def test_names_are_bounded() -> None:
    """Of values that come from outside, a hundred are told apart."""
    names = Counter[str]()
    for number in range(1_000):
        count(names, str(number))
    tally = Tally(Thresholds())
    tally.add(SessionTally(session_id="s"), _entry(1, entry(1, response={"statusCode": 10**30})))

    assert (len(names), names[OTHERS]) == (101, 900)
    assert tally.statuses == {OTHERS: 1}


def test_many_statuses_are_drawn_together() -> None:
    """The most frequent by themselves, all others as one."""
    tally = Tally(Thresholds())
    for status in [*range(400, 440), *range(400, 412)]:
        tally.add(SessionTally(session_id="s"), _entry(1, entry(1, response={"statusCode": status})))

    chart = next(one for one in distributions(tally) if one.key == "statuses")
    assert chart.rows[:2] == [("400", (2,)), ("401", (2,))]
    assert chart.rows[-1] == ("all others", (28,))


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [({}, 0.5, None), ({5: 1}, 0.99, 5), ({1: 50, 2: 49, 9: 1}, 0.5, 1), ({1: 50, 2: 49, 9: 1}, 0.99, 2)],
)
def test_quantile_is_a_value_that_was_counted(counts: dict[int, int], share: float, expected: int | None) -> None:
    """The smallest that so great a share does not exceed."""
    assert quantile(counts, share) == expected


@pytest.mark.parametrize("module", ["jinja2", "pygal"])
def test_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """With the command that installs it."""
    export(folder, {FIRST: []})
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(InputError, match=rf"{module}: is not installed; run: pip install 'face-audit-tools\[report\]'"):
        made(folder)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Run]:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return lambda *arguments: CliRunner().invoke(cli, ["report", *arguments])


def test_command_writes_the_page(run: Callable[..., Run]) -> None:
    """0, with what it counted; a second time only by force, and never among the evidence."""
    export(Path("evidence"), {FIRST: [attempt(2, 20), attempt(1, 0)]})

    written = run("evidence", "--html", "r.html", "--attempts", "2")

    assert written.exit_code == 0, written.output
    assert "1 session, 2 attempts, 1 session with a pattern" in written.stderr
    assert run("evidence", "--html", "r.html").exit_code == 2
    assert run("evidence", "--html", "evidence/r.html").exit_code == 2
    assert run("evidence", "--html", "r.html", "--force").exit_code == 0


def test_command_says_that_there_is_no_evidence(run: Callable[..., Run], shelf: Shelf) -> None:
    """A folder in which every session failed is not a success; the page is written anyway."""
    with shelf.client() as client:
        export_session(client, "gone", "evidence")

    result = run("evidence", "--html", "page.html")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[1:] == ["no session has any evidence; see face-audit verify evidence"]
    assert Path("page.html").exists()


def test_command_says_what_is_wrong(run: Callable[..., Run], shelf: Shelf) -> None:
    """1 where a digest differs, an export is unfinished or the evidence does not verify; the page is there."""
    folder = Path("evidence")
    export(folder, {SECOND: [attempt(1, 0)]})
    Path("d.csv").write_text(f"session_id,entry_id,digest\n{SECOND},1,00\n", encoding="utf-8")
    differs = run("evidence", "--html", "1.html", "--expected", "d.csv")

    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    with shelf.client() as client:
        export_session(client, FIRST, folder, top=3, confirmed=False)
    unfinished = run("evidence", "--html", "2.html")
    (folder / f"{FIRST}.entries.jsonl").write_bytes(b"")
    damaged = run("evidence", "--html", "3.html")

    assert (differs.exit_code, unfinished.exit_code, damaged.exit_code) == (1, 1, 1)
    assert "1 digest differs" in differs.stderr
    assert "1 session is unfinished" in unfinished.stderr
    assert "1 problem: the evidence does not verify" in damaged.stderr
    assert Path("3.html").exists()


def test_numbers_of_the_sample_are_on_its_page(sample: Path, sampled: Page) -> None:
    """Every session is listed once with as many attempts as its evidence has."""
    raw = {one.name.split(".")[0]: len(one.read_bytes().splitlines()) for one in sample.glob("*.entries.jsonl")}
    (group,) = [one for one in sampled.all("details") if "open" in one.attrs]
    rows = [[text_of(cell) for cell in row.children if cell.name in ("th", "td")] for row in group.query("tbody tr")]

    assert {row[0]: int(row[3]) for row in rows if row[0] in raw} == raw
    assert len(rows) == len(json.loads((sample / "summary.json").read_bytes())["sessions"])
