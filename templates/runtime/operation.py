"""An operation of the document as a value, and one call of it: what to send and how to read the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast
from urllib.parse import quote, unquote

from .errors import APIStatusError, InvalidArgumentError
from .values.scalars import Type, scalar_text
from .values.strict_json import JSON, Malformed
from .wire import fits_header

if TYPE_CHECKING:
    from .requests.bodies import Content

OnInvalid: TypeAlias = Literal["raise", "keep"]
"""Whether a malformed item of a list makes its page fail, or is kept."""

_NONE: Mapping[Any, Any] = MappingProxyType({})
_IN_PAIRS = ("pairs", "deepObject")
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})  # RFC 9110, 9.2.2


class Parameter(NamedTuple):
    """One parameter of an operation."""

    name: str
    """In Python."""
    wire: str
    """In the request."""
    location: Literal["path", "query", "header", "cookie"]
    type: Type
    required: bool = False
    separator: str | None = None
    """The text between the elements of an array or object; None repeats the parameter."""
    style: Literal["", "pairs", "deepObject", "json"] = ""
    """How an object is written: names and values alternating, `name=value`, `wire[name]=value`, or JSON."""


class ErrorRule(NamedTuple):
    """Which error answers become which class."""

    error: type[APIStatusError]
    summary: str
    """What happened and what to do, for the error message."""
    when: tuple[tuple[str, tuple[JSON, ...]], ...] = ()
    """JSON pointers into the body with the values that choose this class."""
    has_wait: bool = False
    """Whether a wait hint chooses this class."""
    body: Content | None = None
    """How the answer is read for the attribute `body`, if the class has it."""

    def applies(self, found: Mapping[str, JSON], *, has_wait: bool) -> bool:
        """Whether an answer with these values at the pointers of `when` belongs to this class."""
        if not self.when and not self.has_wait:
            return True
        return (self.has_wait and has_wait) or any(found.get(pointer) in values for pointer, values in self.when)


class Pagination(NamedTuple):
    """How the pages of a list follow each other."""

    style: Literal["item", "token"]
    cursor: str
    """Python name of the parameter that says where a page starts."""
    limit: str | None
    """Python name of the parameter that bounds a page."""
    default_limit: int | None
    """The limit of a page if the caller gives none."""
    items: str
    """JSON pointer of the array in the body."""
    cursor_at: str
    """JSON pointer of the next cursor: in an item (style item) or in the body (style token)."""
    same: tuple[tuple[str, str], ...] = ()
    """JSON pointers in an item, each with the parameter that it must equal."""


class Operation(NamedTuple):
    """One operation of the document."""

    name: str
    """Its operationId."""
    method: str
    path: str
    """Its path template below the server's prefix."""
    success: frozenset[int | str]
    """Statuses that carry the result; `2XX` means all that are not listed."""
    empty: frozenset[int | str] = frozenset()
    """Statuses that carry no result."""
    result: Type | None = None
    """Of a paged operation: the type of its items."""
    answers: Mapping[int | str, Content] = _NONE
    """By status, bodies that are not read like `result`."""
    accept: str = "application/json"
    parameters: tuple[Parameter, ...] = ()
    body: Content | None = None
    body_required: bool = False
    security: tuple[tuple[str, ...], ...] = ((),)
    """Alternatives; each names the credentials that are needed together."""
    errors: Mapping[str, tuple[ErrorRule, ...]] = _NONE
    """By status, by its first digit and `XX`, or by `default`."""
    pagination: Pagination | None = None
    origin: str = ""
    """Scheme and host of its own server; empty if it uses the document's."""
    prefix: str | None = None
    """The path of its own server, or None if it uses the document's."""

    def call(
        self, arguments: Mapping[str, Any], body: Any = None, *, on_invalid: OnInvalid = "raise", fresh: bool = False
    ) -> Call:
        """The request for these arguments (by Python name; None is not sent).

        Raises:
            InvalidArgumentError: an argument breaks the document's limits.
        """
        if on_invalid not in ("raise", "keep"):
            raise InvalidArgumentError(f'on_invalid: is {on_invalid!r:.80}; give "raise" or "keep"')
        path, query, headers = self.path, list[str](), dict[str, str]()
        for parameter in self.parameters:
            texts = self._encode(parameter, arguments.get(parameter.name))
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.wire}}}", ",".join(texts))
            elif not texts:
                continue
            elif parameter.location == "query":
                query += _query(parameter, texts)
            elif parameter.location == "header":
                headers[parameter.wire.lower()] = ",".join(texts)
            else:
                cookie = f"{parameter.wire}={','.join(texts)}"
                headers["cookie"] = f"{headers['cookie']}; {cookie}" if "cookie" in headers else cookie
        media_type, content = ("", None) if body is None and not self.body_required else self._content(body)
        return Call(
            operation=self,
            arguments=dict(arguments),
            target=path + ("?" + "&".join(query) if query else ""),
            headers=headers,
            content=content,
            media_type=media_type,
            on_invalid=on_invalid,
            fresh=fresh,
        )

    def begin(self, arguments: Mapping[str, Any], *, on_invalid: OnInvalid = "raise", fresh: bool = False) -> Call:
        """The call for a page of a list; an empty cursor is not sent.

        Raises:
            InvalidArgumentError: an argument breaks the document's limits.
        """
        cursor = cast("Pagination", self.pagination).cursor
        sent = {**arguments, cursor: None} if arguments.get(cursor) == "" else arguments
        return self.call(sent, on_invalid=on_invalid, fresh=fresh)._replace(arguments=dict(arguments))

    def named(self, status: int) -> int | str | None:
        """The document's key for this success, its status or its range; None if it is not a success."""
        known = self.success | self.empty
        return next((one for one in (status, f"{status // 100}XX") if one in known), None)

    @property
    def idempotent(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method in _IDEMPOTENT

    def _encode(self, parameter: Parameter, value: Any) -> list[str]:
        """The texts of an argument's elements, as they are sent."""
        if value is None:
            if parameter.required:
                raise InvalidArgumentError(f"{parameter.name}: is missing; it is needed for {self.name}")
            return []
        try:
            encoded = parameter.type.encode(value)
            if parameter.style or isinstance(encoded, dict):
                texts = list(_write(parameter, parameter.type.strip(encoded)))
            else:
                texts = [scalar_text(one) for one in (encoded if isinstance(encoded, list) else [encoded])]
        except Malformed as error:
            raise InvalidArgumentError(f"{parameter.name}{error.place}: {error.message}") from error
        except (TypeError, ValueError) as error:  # in values that the document leaves open
            raise InvalidArgumentError(f"{parameter.name}: is not JSON ({error}); give what JSON can hold") from error
        if parameter.location == "header":
            _check_header(parameter, texts)
        else:
            if parameter.location == "path":
                _check_segment(parameter, texts)
            texts = [quote(text, safe="") for text in texts]
        if parameter.separator is not None and any(parameter.separator in text for text in texts):
            mark = unquote(parameter.separator)
            raise InvalidArgumentError(f"{parameter.name}: an element holds {mark!r}, which separates the elements")
        if parameter.style in _IN_PAIRS:
            return ["=".join(pair) for pair in zip(texts[::2], texts[1::2], strict=True)]
        return texts

    def _content(self, body: Any) -> tuple[str, bytes]:
        if body is None:
            raise InvalidArgumentError(f"body: is missing; it is needed for {self.name}")
        if self.body is None:
            raise InvalidArgumentError(f"body: {self.name} takes none; leave it out")
        try:
            return self.body.encode(body)
        except Malformed as error:
            raise InvalidArgumentError(f"body{error.place}: {error.message}") from error
        except InvalidArgumentError as error:  # of a value in the body
            raise InvalidArgumentError(f"body: {error}") from error
        except (TypeError, ValueError) as error:  # in values that the document leaves open
            raise InvalidArgumentError(f"body: is not JSON ({error}); give what JSON can hold") from error


class Call(NamedTuple):
    """One call of an operation: checked, and ready to be sent to an origin."""

    operation: Operation
    arguments: Mapping[str, Any]
    """By Python name, as the caller gave them."""
    target: str
    """Path and query below the server's prefix, encoded."""
    headers: Mapping[str, str]
    """By their lower-case names."""
    content: bytes | None
    """The body, as it is sent."""
    media_type: str = ""
    """Its Content-Type."""
    on_invalid: OnInvalid = "raise"
    """Whether a malformed item of a list makes its page fail, or becomes a `MalformedItem`."""
    fresh: bool = False
    """Whether it needs a connection that was not used before."""

    def replace_argument(self, name: str, value: Any) -> Call:
        """The same call for a page of a list, with another value of one argument.

        Raises:
            InvalidArgumentError: it breaks the document's limits.
        """
        return self.operation.begin({**self.arguments, name: value}, on_invalid=self.on_invalid, fresh=self.fresh)


def _write(parameter: Parameter, value: Any) -> Iterator[str]:
    """The texts of an object, names and values alternating, or the JSON text of what is sent as JSON."""
    if parameter.style == "json":
        # A header can carry only ASCII.
        ascii_only = parameter.location == "header"
        yield scalar_text(json.dumps(value, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":")))
        return
    for name, one in value.items():
        if one is None:
            continue
        key = scalar_text(name)
        yield f"{parameter.wire}[{key}]" if parameter.style == "deepObject" else key
        try:
            yield scalar_text(one)
        except Malformed as error:
            raise error.inside(name) from None


def _query(parameter: Parameter, texts: list[str]) -> list[str]:
    if parameter.style in _IN_PAIRS:
        return texts
    values = texts if parameter.separator is None else [parameter.separator.join(texts)]
    return [f"{quote(parameter.wire, safe='')}={value}" for value in values]


def _check_segment(parameter: Parameter, texts: list[str]) -> None:
    for text in texts or [""]:
        # A segment of dots would lead to another path after normalization (RFC 3986, 5.2.4), percent-encoded or not.
        if text in {"", ".", ".."}:
            raise InvalidArgumentError(f"{parameter.name}: {text!r} would change the path; give the plain value")
        # Printable text needs no check of each character.
        if not text.isprintable() and any(one < " " or one == "\x7f" for one in text):
            raise InvalidArgumentError(f"{parameter.name}: holds a control character; give the plain value")


def _check_header(parameter: Parameter, texts: list[str]) -> None:
    # Messages do not show the value: some APIs take tokens in their own headers.
    for text in texts:
        if not fits_header(text):
            raise InvalidArgumentError(
                f"{parameter.name}: cannot be sent in a header; use printable ASCII without blanks around it"
            )
        if len(texts) > 1 and "," in text:
            raise InvalidArgumentError(f"{parameter.name}: an element holds a comma, which separates the elements")
