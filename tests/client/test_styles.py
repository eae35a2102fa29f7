"""How objects, and values as JSON, are written into a request's path, query, headers and cookies."""

from __future__ import annotations

from typing import Any

import pytest
from face_audit import InvalidArgumentError
from face_audit._runtime.operation import Call, Operation, Parameter
from face_audit._runtime.values import compounds, scalars

OPEN = compounds.MapOf(scalars.ANY)


def call(value: Any, **fields: Any) -> Call:
    """A call with one parameter, an open map unless the fields say something else."""
    parameter = Parameter(**({"name": "o", "wire": "o&", "location": "query", "type": OPEN} | fields))
    path = "/x/{o&}" if parameter.location == "path" else "/x"
    operation = Operation(name="x", method="GET", path=path, success=frozenset({200}), parameters=(parameter,))
    return operation.call({"o": value})


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"style": "pairs"}, "/x?a%26=1&b=x%2Cy"),
        ({"style": "deepObject"}, "/x?o%26%5Ba%26%5D=1&o%26%5Bb%5D=x%2Cy"),
        ({"separator": ","}, "/x?o%26=a%26,1,b,x%2Cy"),
        ({"separator": "%7C"}, "/x?o%26=a%26%7C1%7Cb%7Cx%2Cy"),
        ({"style": "json"}, "/x?o%26=%7B%22a%26%22%3A1%2C%22b%22%3A%22x%2Cy%22%2C%22c%22%3Anull%7D"),
        ({"location": "path"}, "/x/a%26,1,b,x%2Cy"),
        ({"location": "path", "style": "pairs"}, "/x/a%26=1,b=x%2Cy"),
    ],
)
def test_object_is_written_in_its_style(fields: dict[str, Any], target: str) -> None:
    """Names and values are encoded, what holds them together is not; null is left out."""
    assert call({"a&": 1, "b": "x,y", "c": None}, **fields).target == target


@pytest.mark.parametrize(
    ("fields", "header"),
    [({}, "a,1,b,true"), ({"style": "pairs"}, "a=1,b=true"), ({"style": "json"}, '{"a":1,"b":true}')],
)
def test_object_is_written_into_a_header(fields: dict[str, Any], header: str) -> None:
    """A header holds the texts as they are."""
    assert call({"a": 1, "b": True}, location="header", **fields).headers == {"o&": header}
    assert call({"a": 1, "b": True}, location="cookie").headers == {"cookie": "o&=a,1,b,true"}


@pytest.mark.parametrize("text", ["é", "\ud800"])
def test_json_in_a_header_is_ascii(text: str) -> None:
    """JSON can say every character in ASCII; no style has to refuse it."""
    assert call([text], location="header", style="json", type=scalars.ANY).headers["o&"].isascii()


@pytest.mark.parametrize(
    ("value", "fields", "said"),
    [
        ({"a": {"b": 1}}, {"style": "deepObject"}, "o/a: expected a plain value, got object"),
        ({"a/b": [1]}, {"style": "pairs"}, "o/a~1b: expected a plain value, got array"),
        ([None], {"type": compounds.ListOf(scalars.ANY)}, "o: expected a plain value, got null"),
        ({"a": "b|c"}, {"separator": "%7C"}, r"o: an element holds '\|', which separates the elements"),
        (["b c"], {"separator": "%20", "type": compounds.ListOf(scalars.STRING)}, "o: an element holds ' '"),
        ({"a": "b,c"}, {"location": "header", "style": "pairs"}, "o: an element holds a comma"),
        ({"a": "b\n"}, {"location": "header"}, "o: cannot be sent in a header"),
        ({}, {"location": "path"}, "o: '' would change the path"),
        ({"a": float("nan")}, {"style": "json"}, "o: is not JSON"),
        ({"a": "\ud800"}, {"style": "json"}, "o: contains half of a surrogate pair"),
        ({"\ud800": 1}, {"style": "pairs"}, "o: contains half of a surrogate pair"),
    ],
)
def test_what_no_style_can_carry_is_refused(value: Any, fields: dict[str, Any], said: str) -> None:
    """What would arrive as something else is refused before anything is sent."""
    with pytest.raises(InvalidArgumentError, match=said):
        call(value, **fields)
