"""Properties of reading: exactly what JSON says, or an error of one kind, and nothing of what came is lost."""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import AuditEntry, DecodeError, MalformedItem
from face_audit._runtime.values.strict_json import Malformed, cut_items, excerpt, loads, point, printable
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED, JSON, SCALARS, TEXT, page_of, refusal, talking_to
from .servers import SESSION

if TYPE_CHECKING:
    from .conftest import Driver

pytestmark = pytest.mark.uncovered

BLANKS = st.text(" \t\r\n", max_size=2)
FIELDS = {
    **dict.fromkeys(("id", "sessionId", "requestId", "clientRequestId", "digest", "new"), SCALARS),
    "dateReceived": SCALARS | st.datetimes().map(lambda moment: moment.isoformat() + "z"),
    "request": JSON | st.fixed_dictionaries({}, optional={"url": TEXT, "contentLength": SCALARS, "method": TEXT}),
    "response": JSON
    | st.fixed_dictionaries({}, optional={"body": JSON, "statusCode": SCALARS, "latencyInMS": SCALARS}),
}
ENTRIES = st.fixed_dictionaries({}, optional=FIELDS)


@st.composite
def written(draw: st.DrawFn, value: st.SearchStrategy[Any] = JSON) -> tuple[Any, str]:
    """A value and one of its texts."""
    plain = draw(value)
    comma, colon = (f"{draw(BLANKS)}{sign}{draw(BLANKS)}" for sign in ",:")
    text = json.dumps(plain, ensure_ascii=draw(st.booleans()), separators=(comma, colon))
    return plain, f"{draw(BLANKS)}{text}{draw(BLANKS)}"


@FIXED
@given(written(), st.booleans())
def test_valid_text_is_read_as_json_reads_it(pair: tuple[Any, str], strict: bool) -> None:
    """Whatever the blanks and escapes, the value is the one that was written."""
    value, text = pair

    found = loads(text.encode(), strict=strict)

    assert json.dumps(found) == json.dumps(value) == json.dumps(json.loads(text))


@settings(FIXED, max_examples=500)
@given(st.binary(max_size=40) | st.text('[]{}",:\\u0123ed.-+ \tnultrfasNI', max_size=25).map(str.encode), st.booleans())
def test_any_bytes_are_json_or_malformed(content: bytes, strict: bool) -> None:
    """Nothing but Malformed is raised, its text is short and printable, and what passes is JSON to Python too."""
    error = refusal(Malformed, loads, content, strict=strict)

    if error is None:
        assert json.dumps(loads(content)) == json.dumps(json.loads(content.decode("utf-8-sig")))
    else:
        assert str(error).isprintable()
        assert len(str(error)) < 1200


@FIXED
@given(written(), st.integers(0, 10**6), st.binary(max_size=2))
def test_cut_or_altered_text_is_json_or_malformed(pair: tuple[Any, str], at: int, instead: bytes) -> None:
    """The same for bodies that were damaged on their way."""
    content = pair[1].encode()
    place = at % (len(content) + 1)

    for damaged in (content[:place], content[:place] + instead + content[place + 1 :]):
        with suppress(Malformed):
            assert json.dumps(loads(damaged)) == json.dumps(json.loads(damaged.decode("utf-8-sig")))


@FIXED
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "é", "c"]), st.booleans(), SCALARS), max_size=4), st.integers(0, 3)
)
def test_strict_refuses_repeated_keys_and_nothing_else(pairs: list[tuple[str, bool, Any]], depth: int) -> None:
    """A key is the same key however it is escaped and however deep its object is."""
    keys = [f'"\\u{ord(key):04x}"' if escaped else f'"{key}"' for key, escaped, _ in pairs]
    body = ", ".join(f"{key}: {json.dumps(value)}" for key, (_, _, value) in zip(keys, pairs, strict=True))
    content = ('[{"z": ' * depth + f"{{{body}}}" + "}]" * depth).encode()
    repeated = len({key for key, _, _ in pairs}) < len(pairs)

    loads(content)
    if repeated:
        with pytest.raises(Malformed, match="contains the key '.*' twice"):
            loads(content, strict=True)
    else:
        assert json.dumps(loads(content, strict=True)) == json.dumps(loads(content))


@FIXED
@given(st.lists(written(), max_size=5), st.lists(TEXT, max_size=3), st.dictionaries(TEXT, JSON, max_size=3))
def test_items_are_cut_exactly(items: list[tuple[Any, str]], keys: list[str], beside: dict[str, Any]) -> None:
    """Wherever the array is, each item's text is the one that was written there, without the blanks around it."""
    text = f" [{','.join(item for _, item in items)}] "
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
    for key in reversed(keys):
        others = "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in beside.items())
        text = f"{{{others}{json.dumps(key)}: {text}}}"

    found = [one.decode() for one in cut_items(text.encode(), pointer)]

    assert found == [item.strip(" \t\r\n") for _, item in items]


@settings(FIXED, max_examples=400)
@given(ENTRIES)
def test_entry_comes_back_exactly_or_is_refused(raw: dict[str, Any]) -> None:
    """`to_dict()` gives back what came, to the digit, copies and pickles included; else there is a DecodeError."""
    kept = json.dumps(raw)

    error = refusal(DecodeError, AuditEntry.from_dict, raw)

    if error is not None:
        assert str(error).isprintable()
        return
    entry = AuditEntry.from_dict(raw)
    assert json.dumps(entry.to_dict()) == kept == json.dumps(raw)
    assert pickle.loads(pickle.dumps(entry)) == entry
    assert json.dumps(AuditEntry.from_dict(entry.to_dict()).to_dict()) == kept


@settings(FIXED, max_examples=150)
@given(st.lists(ENTRIES, max_size=6))
def test_kept_items_stand_where_they_stood(driver: Driver, raws: list[dict[str, Any]]) -> None:
    """With "keep" a page has an item for each that came, the good ones whole and the malformed ones as their text."""
    tied = [raw | {"id": str(10 - at), "sessionId": SESSION} for at, raw in enumerate(raws)]
    client = driver.client(**talking_to(lambda _: page_of(tied)))

    items = client.page(on_invalid="keep").items

    driver.close()
    assert len(items) == len(tied)
    for at, (item, raw) in enumerate(zip(items, tied, strict=True)):
        if isinstance(item, MalformedItem):
            assert item.raw == json.dumps(raw)
            assert item.place.startswith(f"/{at}")
            with pytest.raises(DecodeError):
                AuditEntry.from_dict(raw)
        else:
            assert json.dumps(item.to_dict()) == json.dumps(raw)


@FIXED
@given(st.lists(TEXT, max_size=4), SCALARS)
def test_place_of_a_malformed_value_leads_to_it(keys: list[str], value: Any) -> None:
    """A place is a JSON pointer (RFC 6901), whatever the keys hold."""
    error, whole = Malformed("is odd"), value
    for key in reversed(keys):
        error, whole = error.inside(key), {key: whole}

    assert point(whole, error.place) == value
    assert str(error).isprintable()


@FIXED
@given(st.text(max_size=30), st.binary(max_size=300))
def test_what_is_shown_is_printable(text: str, content: bytes) -> None:
    """Nothing that came can begin a line of somebody's log or move its cursor."""
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()
    assert excerpt(content).isascii()
    assert excerpt(content).isprintable()
    assert len(excerpt(content)) < 850
