"""The answers that a document shows, each with when it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from attrs import frozen

from ..values.strict_json import JSON
from .samples import sample
from .tree import members, text
from .validation import Resolve


@frozen(kw_only=True)
class Example:
    """One documented answer, and when it is given (`x-emulator-when`)."""

    status: str
    name: str
    media_type: str
    content: bytes
    invalid: str
    case: str

    def number(self, asked: int | None = None) -> int:
        """The status as a number: `asked` where a range of statuses is documented."""
        if self.status.isdecimal():
            return int(self.status)
        return asked or int(self.status[0] + "00" if self.status[0].isdecimal() else "500")

    def has_status(self, status: int) -> bool:
        """Whether the example is documented for `status`: by its number, its range or the default."""
        return self.status in {str(status), f"{status // 100}XX"} or (
            self.status == "default" and status >= HTTPStatus.BAD_REQUEST
        )


NO_CONTENT = Example(status="204", name="", media_type="", content=b"", invalid="", case="")
"""What is answered where the document names no success."""


def read_examples(responses: Mapping[str, JSON], resolve: Resolve) -> Iterator[tuple[Example, JSON]]:
    """Every documented answer with its value; JSON without an example is made from its schema."""
    for status, response in responses.items():
        media_type, content = _first_content(resolve(response))
        is_json = "json" in media_type
        named = {name: resolve(one) for name, one in members(content.get("examples")).items()}
        if "example" in content:
            named[""] = {"value": content["example"]}
        elif is_json and not named and "schema" in content:
            named[""] = {"value": sample(members(content["schema"]), resolve)}
        for name, stated in (named or {"": {}}).items():
            when, value = members(stated.get("x-emulator-when")), stated.get("value")
            written = json.dumps(value, ensure_ascii=False) if is_json else text(value)
            yield (
                Example(
                    status=status.lower().replace("x", "X"),
                    name=name,
                    media_type="" if is_json else media_type,
                    content=written.encode() if "value" in stated else b"",
                    invalid=text(when.get("invalid")),
                    case=text(when.get("case")),
                ),
                value,
            )


def _first_content(response: Mapping[str, JSON]) -> tuple[str, Mapping[str, JSON]]:
    contents = members(response.get("content"))
    name = next((name for name in contents if "json" in name), next(iter(contents), ""))
    return name, members(contents.get(name))
