"""The types of a document's values: each reads JSON and writes it back, or says what is wrong."""

from __future__ import annotations

import datetime
import enum
import json
from typing import Any
from uuid import UUID

import pytest
from face_audit import UNSET, AuditEntry, ConfigurationError
from face_audit._runtime.calls.settings import Given, SecurityScheme, ServerVariable, Service, build_settings
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values import compounds, scalars
from face_audit._runtime.values.strict_json import Malformed


class Size(enum.IntEnum):
    """An enum of integers."""

    SMALL = 1


LIMITED = scalars.Limited(inner=scalars.NUMBER, exclusive_minimum=0, exclusive_maximum=1)
FEW = scalars.Limited(inner=compounds.ListOf(scalars.INTEGER), min_length=1, max_length=2, pattern="x")
DAY, MOMENT = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC)
ID = UUID("ebfc2ee4-197c-45ee-8c49-2eb08da57fc3")


def text(pattern: str, expression: str | None = None) -> scalars.Limited:
    """Text that matches a pattern."""
    return scalars.Limited(inner=scalars.STRING, pattern=pattern, expression=expression)


@pytest.mark.parametrize(
    ("kind", "wire", "python"),
    [
        (scalars.NUMBER, 1.5, 1.5),
        (scalars.NUMBER, 2, 2),
        (scalars.BOOLEAN, True, True),
        (scalars.ANY, {"a": [1, {}]}, {"a": [1, {}]}),
        (scalars.DATE, "2024-02-29", DAY),
        (scalars.IDENTIFIER, str(ID), ID),
        (scalars.DATE_TIME, "2024-02-29T00:00:00+00:00", MOMENT),
        (compounds.EnumOf(Size, scalars.INTEGER), 1, Size.SMALL),
        (compounds.EnumOf(Size, scalars.INTEGER), 2, 2),
        (compounds.KnownEnumOf(Size, scalars.INTEGER), 1, Size.SMALL),
        (compounds.ListOf(scalars.DATE), ["2024-02-29"], (DAY,)),
        (compounds.MapOf(scalars.DATE), {"a": "2024-02-29"}, {"a": DAY}),
        (compounds.Nullable(scalars.DATE), None, None),
        (compounds.Nullable(scalars.DATE), "2024-02-29", DAY),
        (LIMITED, 0.5, 0.5),
        (FEW, [1, 2], (1, 2)),
        (scalars.Limited(inner=scalars.BOOLEAN), True, True),
        (scalars.Limited(inner=scalars.ANY, minimum=2), True, True),
        (scalars.Limited(inner=scalars.NUMBER, multiple_of=1e-9), 1e300, 1e300),
        (scalars.Limited(inner=scalars.ANY, unique=True), [[], {}, "", None, False, 0], [[], {}, "", None, False, 0]),
        (scalars.Limited(inner=scalars.STRING, unique=True), "aa", "aa"),
        (scalars.Limited(inner=compounds.Nullable(scalars.STRING), min_length=1), None, None),
        (text("^a$", r"^a\Z"), "a", "a"),
        (text("a[$]b"), "a$b", "a$b"),
        (text("a", ""), "b", "b"),
    ],
)
def test_value_is_read_and_written_back(kind: scalars.Type, wire: Any, python: Any) -> None:
    """Each type's JSON has one value in Python, which is written as the same JSON."""
    assert kind.decode(wire) == python
    assert kind.encode(python) == wire


@pytest.mark.parametrize(
    ("wire", "moment"),
    [
        ("2023-10-20T23:09:59.4533078+00:00", "2023-10-20T23:09:59.453308+00:00"),
        ("2023-10-20T23:09:59.9999999Z", "2023-10-20T23:10:00+00:00"),
        ("2023-10-20t23:09:59z", "2023-10-20T23:09:59+00:00"),
        ("2023-10-20 23:09:59.5z", "2023-10-20T23:09:59.500000+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2016-12-31T23:59:60.25z", "2017-01-01T00:00:00.250000+00:00"),
        ("2016-12-31T15:59:60-08:00", "2016-12-31T16:00:00-08:00"),
        ("2023-10-20T23:09:59", "2023-10-20T23:09:59+00:00"),
        ("2023-10-20T23:09", "2023-10-20T23:09:00+00:00"),
    ],
)
def test_moment_is_read_in_every_spelling_of_rfc_3339(wire: str, moment: str) -> None:
    """Lower case, seven digits and leap seconds are read; digits beyond microseconds are cut off, not rounded."""
    assert scalars.DATE_TIME.decode(wire).isoformat() == moment


@pytest.mark.parametrize(
    "wire",
    [
        "2023-10-20T23:09:61Z",
        "2023-10-20T23:60:59Z",
        "2023-10-20T23:09:600Z",
        "2023-10-20T23:09:60zz",
        "9999-12-31T23:59:60Z",
        "2023-10-20T23:09:59+24:00",
        "2023-10-20",
        "２023-10-20T23:09:59Z",
        "2023-10-20T23:09:59Z\n",
        "z",
    ],
)
def test_moment_that_is_none_is_refused_without_showing_it(wire: str) -> None:
    """What is not a moment is named by its length alone: it may hold personal data."""
    with pytest.raises(Malformed) as caught:
        scalars.DATE_TIME.decode(wire)

    assert caught.value.message == f"expected a date-time (RFC 3339), got a string of {len(wire)} characters"


@pytest.mark.parametrize(
    ("wire", "number"), [(2037.0, 2037), (-0.0, 0), (1e3, 1000), (2.0**53 - 1, 2**53 - 1), (-1.0, -1)]
)
def test_integer_may_be_written_as_an_integral_number(wire: float, number: int) -> None:
    """JSON has one kind of number: 2037.0 is an integer, in Python too."""
    read = scalars.INTEGER.decode(wire)

    assert (type(read), read) == (int, number)
    assert scalars.INTEGER_OR_TEXT.decode(wire) == number
    assert compounds.EnumOf(Size, scalars.INTEGER).decode(1.0) is Size.SMALL


@pytest.mark.parametrize("wire", [0.5, 2.0**53 + 2, 1e300, -1e300])
def test_number_that_may_stand_for_another_integer_is_refused(wire: float) -> None:
    """Beyond 2 to the 53rd a float no longer says which integer was written."""
    with pytest.raises(Malformed, match="expected integer, got number"):
        scalars.INTEGER.decode(wire)


def test_integral_number_is_not_sent_as_an_integer() -> None:
    """What is sent is exact: a float is none of the document's integers."""
    with pytest.raises(Malformed, match="expected integer, got number"):
        scalars.INTEGER.encode(5.0)


def test_integral_number_is_given_back_as_it_came() -> None:
    """The link to what came is not touched by how it is read."""
    raw = {"id": "1", "response": {"latencyInMS": 2037.0, "statusCode": 200.0}, "dateReceived": "2016-12-31t23:59:60z"}

    entry = AuditEntry.from_dict(raw)

    assert entry.response is not None
    assert (entry.response.latency_in_milliseconds, entry.response.status_code) == (2037, 200)
    assert json.dumps(entry.to_dict()) == json.dumps(raw)


@pytest.mark.parametrize(
    ("kind", "wire", "reason"),
    [
        (scalars.NUMBER, True, "expected number, got boolean"),
        (scalars.BOOLEAN, 1, "expected boolean, got integer"),
        (scalars.DATE, "2024-02-30", "expected a date"),
        (scalars.IDENTIFIER, "abc", "expected a UUID"),
        (scalars.IDENTIFIER, 5, "expected a UUID (RFC 9562), got integer"),
        (compounds.EnumOf(Size, scalars.INTEGER), "1", "expected integer, got string"),
        (compounds.ListOf(scalars.DATE), {}, "expected array, got object"),
        (compounds.ListOf(scalars.DATE), ["x"], "/0: expected a date"),
        (compounds.MapOf(scalars.DATE), [], "expected object, got array"),
        (compounds.MapOf(scalars.DATE), {"a/b~": "x"}, "/a~1b~0: expected a date"),
        (scalars.INTEGER, DAY, "expected integer, got date"),
    ],
)
def test_json_of_another_type_is_refused(kind: scalars.Type, wire: Any, reason: str) -> None:
    """What is not of the type is named with its place."""
    with pytest.raises(Malformed) as caught:
        kind.decode(wire)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "python", "reason"),
    [
        (scalars.NUMBER, float("nan"), "nan is not a JSON number"),
        (scalars.NUMBER, float("-inf"), "-inf is not a JSON number"),
        (scalars.DATE, MOMENT, "expected date, got datetime"),
        (scalars.DATE, "2024-02-29", "expected date, got str"),
        (scalars.IDENTIFIER, str(ID), "expected UUID, got str"),
        (scalars.DATE_TIME, DAY, "expected an aware datetime"),
        (compounds.KnownEnumOf(Size, scalars.INTEGER), 2, "2 is not one of 1"),
        (compounds.ListOf(scalars.DATE), DAY, "expected a sequence, got date"),
        (compounds.ListOf(scalars.DATE), [DAY, 5], "/1: expected date"),
        (compounds.MapOf(scalars.DATE), [], "expected a mapping, got list"),
        (LIMITED, 0, "0 is out of range; give more than 0"),
        (LIMITED, 1, "1 is out of range; give less than 1"),
        (
            scalars.Limited(inner=scalars.NUMBER, multiple_of=0.01),
            1.005,
            "1.005 is not a multiple of 0.01; give one that is",
        ),
        (
            scalars.Limited(inner=scalars.ANY, unique=True),
            [1, True, 1.0],
            "items 0 and 2 are equal; give each once",
        ),
        (
            scalars.Limited(inner=scalars.ANY, unique=True),
            [{"a": [], "b": 0}, {"b": 0, "a": []}],
            "items 0 and 1 are",
        ),
        (FEW, [], "has 0 items; give at least 1"),
        (FEW, [1, 2, 3], "has 3 items; give at most 2"),
        (text("^a$", r"^a\Z"), "a\n", "a string of 2 characters does not match '^a$'"),
        (text("a[$]b"), "ab", "does not match"),
    ],
)
def test_value_that_is_not_of_the_type_is_not_written(kind: scalars.Type, python: Any, reason: str) -> None:
    """What the document does not allow is refused before it is sent."""
    with pytest.raises(Malformed) as caught:
        kind.encode(python)

    assert reason in str(caught.value)


def test_step_holds_for_a_number_that_python_does_not_write_out() -> None:
    """Integers of any length are compared as they are."""
    even, tenth = (scalars.Limited(inner=scalars.NUMBER, multiple_of=step) for step in (2, 0.1))

    assert tenth.encode(10**4999) == even.encode(10**4999)
    with pytest.raises(Malformed, match="a number of thousands of digits is not a multiple of 2"):
        even.encode(10**4999 + 1)


def test_unset_is_false_and_says_what_it_is() -> None:
    """The mark of a field that was not given reads as false."""
    assert not UNSET
    assert UNSET.value == "not given"


@pytest.mark.parametrize("label", ["free", "evil.com/"])
def test_variable_of_a_host_without_known_names_is_any_label(label: str) -> None:
    """A server variable without an enum takes any label of a host name, with a default from the document."""
    service = Service(
        host="https://{name}.example.com",
        prefix="",
        environment=None,
        variables=(ServerVariable(name="name", parameter="name", default=label),),
        schemes=(),
        errors=ErrorBody(),
        user_agent="x",
        logger="x",
    )

    def make() -> str:
        return build_settings(
            service,
            given=Given(credentials={}, variables={}, endpoint=None, proxy=None),
            timeouts=None,
            retry=None,
            strict_json=False,
            on_event=None,
        ).endpoint.url

    if label == "free":
        assert make() == "https://free.example.com"
    else:
        with pytest.raises(ConfigurationError, match="^name: is not a label of a host name; give letters"):
            make()


def test_credential_without_a_variable_names_its_argument_only() -> None:
    """Where no variable of the environment can fill a credential, none is named."""
    scheme = SecurityScheme(name="bearer", parameter="token", header="Authorization", prefix="Bearer ")
    service = Service(
        host="https://a.b",
        prefix="",
        environment=None,
        variables=(),
        schemes=(scheme,),
        errors=ErrorBody(),
        user_agent="",
        logger="",
    )

    with pytest.raises(ConfigurationError, match="token: is missing; give token=$"):
        build_settings(
            service,
            given=Given(credentials={"bearer": None}, variables={}, endpoint=None, proxy=None),
            timeouts=None,
            retry=None,
            strict_json=False,
            on_event=None,
        )
