"""Finds what a JSONPath (RFC 9535) selects in a document, within limits of work and time."""

from collections.abc import Iterator
from time import monotonic
from typing import Any, cast

from jsonpath import JSONPathEnvironment, JSONPathError
from jsonpath.function_extensions import Match
from jsonpath.token import TOKEN_FILTER, TOKEN_LBRACKET, TOKEN_RBRACKET, TOKEN_ROOT

from strict_clients.check.places import sequence
from strict_clients.load import DEEPEST_NESTING

MOST_STEPS = 5_000_000
"""Values that all queries of one document may visit: 10 to 25 seconds."""
LONGEST_SEARCH = 2.0
"""Seconds for all regular expressions of these queries."""
LONGEST_QUERY = 1_000
"""Characters of a query."""

Location = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


class QueryRefused(Exception):  # noqa: N818  # as GenerationRefused
    """The query is not a JSONPath, or not a supported one."""


class Exhausted(Exception):  # noqa: N818  # the limits are
    """The queries of a document exceed the limit of steps or seconds."""


class Targets:
    """A copy of a document's values for queries. Its dicts and lists count how often they are read."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._steps = MOST_STEPS
        self._seconds = LONGEST_SEARCH
        self._language = JSONPathEnvironment(strict=True)
        self._language.function_extensions |= {"match": _Regex(self, "fullmatch"), "search": _Regex(self, "search")}
        self.root: Any = self.copy(raw)

    def copy(self, value: Any) -> Any:
        """A deep copy that counts how often it is read."""
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return Object(self, {key: self.copy(one) for key, one in fields.items()})
        return Array(self, [self.copy(one) for one in sequence(value)]) if isinstance(value, list) else value

    def plain(self) -> dict[str, Any]:
        """The present document, cut off one level below the deepest allowed one."""
        return cast("dict[str, Any]", _plain(self.root, DEEPEST_NESTING + 1))

    def find(self, query: str) -> list[Location]:
        """The locations of the values that the query selects, each once.

        Raises: QueryRefused and Exhausted.
        """
        if len(query) > LONGEST_QUERY:
            raise QueryRefused(f"is longer than {LONGEST_QUERY} characters; shorten it")
        try:
            compiled = self._language.compile(query)
            if _asks_for_root_deep_inside(self._language.lexer.tokenize(query)):
                raise QueryRefused("names the root ($) in a filter within a filter, which is not supported; avoid it")
            return list(dict.fromkeys(match.parts for match in compiled.finditer(self.root)))
        except RecursionError as error:
            raise QueryRefused("is nested too deeply; simplify it") from error
        except JSONPathError as error:
            raise QueryRefused(f"{error.message}; write it as RFC 9535 says") from error

    def take(self, steps: int) -> None:
        """Count steps.

        Raises: Exhausted.
        """
        self._steps -= steps
        if self._steps < 0:
            raise Exhausted(f"takes more than {MOST_STEPS} steps, the last ones here; name fewer places")

    def search(self, pattern: Any, method: str, text: str) -> bool:
        """Whether the compiled pattern matches. Patterns may take exponential time.

        Raises: Exhausted.
        """
        started = monotonic()
        try:
            return getattr(pattern, method)(text, timeout=max(self._seconds, 0.001)) is not None
        except TimeoutError as error:
            raise Exhausted("takes too long to search by its regular expressions; simplify this one") from error
        finally:
            self._seconds -= monotonic() - started


class Object(dict[str, Any]):
    """An object of the copy; reading all its items counts as that many steps."""

    def __init__(self, targets: Targets, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self._targets = targets

    def items(self) -> Any:
        """The keys and values."""
        self._targets.take(len(self))
        return super().items()


class Array(list[Any]):
    """An array of the copy; reading all its items counts as that many steps."""

    def __init__(self, targets: Targets, items: list[Any]) -> None:
        super().__init__(items)
        self._targets = targets

    def __iter__(self) -> Iterator[Any]:
        self._targets.take(len(self))
        return super().__iter__()


class _Regex(Match):
    """The functions `match` and `search`, which the library would run without a limit."""

    def __init__(self, targets: Targets, method: str) -> None:
        super().__init__()
        self._targets = targets
        self._method = method

    def __call__(self, value: object, pattern: object) -> bool:
        """Whether the value is a text that the pattern matches."""
        compiled: Any = self.check_cache(pattern) if isinstance(pattern, str) else None
        return compiled is not None and isinstance(value, str) and self._targets.search(compiled, self._method, value)


def _plain(value: Any, levels: int) -> Any:
    if isinstance(value, Object):
        return {key: _plain(value[key], levels - 1) for key in value} if levels else {}
    if isinstance(value, Array):
        return [_plain(value[index], levels - 1) for index in range(len(value))] if levels else []
    return value


def _asks_for_root_deep_inside(tokens: Any) -> bool:
    """Whether `$` is in a filter within a filter, where python-jsonpath 2.2.2 uses the wrong root."""
    filters: list[bool] = []
    for token in tokens:
        if token.kind == TOKEN_LBRACKET:
            filters.append(False)
        elif token.kind == TOKEN_RBRACKET:
            filters.pop()
        elif token.kind == TOKEN_FILTER:
            filters[-1] = True
        elif token.kind == TOKEN_ROOT and filters.count(True) > 1:
            return True
    return False
