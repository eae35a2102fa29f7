"""The credentials of a client: sent in headers, queries or cookies, and shown nowhere else."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn, ParamSpec, TypeAlias, TypeVar, cast
from urllib.parse import quote

from attrs import evolve

from ..errors import ConfigurationError, SdkError
from ..wire import HTTPRequest, HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..operation import Call, Operation

# Longer than any known key or token; servers would refuse a longer header anyway.
_LONGEST = 16_384
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII | re.IGNORECASE)
# It matches from each quotation mark on, whatever follows, so that a truncated body takes no longer.
_JSON_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_SHORTEST_HIDDEN = 8
# Calls that began before a rotation may still be in progress.
_MOST_HIDDEN = 8

Way: TypeAlias = Literal["header", "query", "cookie", "basic"]
"""How a credential is sent: `basic` is a user name and a password in a header (RFC 7617)."""
_SENDABLE = (re.compile("[!-~]*"), "contains a character that no key has; look for blanks and line ends around it")
_CHARACTERS: Mapping[Way, tuple[re.Pattern[str], str]] = {
    "header": _SENDABLE,
    "query": _SENDABLE,
    "cookie": (  # RFC 6265, 4.1.1
        re.compile(r"[!#-+\--:<-\[\]-~]*"),
        "contains a character that cannot be sent in a cookie; give the value as the service sets it",
    ),
    "basic": (  # RFC 7617, 2
        re.compile(r"[^:\x00-\x1f\x7f\ud800-\udfff]*:[^\x00-\x1f\x7f\ud800-\udfff]*"),
        "has no colon, or contains a character that cannot be sent; give a tuple of user name and password",
    ),
}

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")
ErrorT = TypeVar("ErrorT", bound=BaseException)


class Secret:
    """A credential, or a function or an object that is asked for it before every attempt (rotation)."""

    __slots__ = ("_ask", "_name", "_sent", "_way")
    is_asked = False
    """Whether an attempt has to ask for it before it is revealed."""

    def __init__(self, source: object, *, name: str, way: Way = "header") -> None:
        """Hold `source`; `name` is the argument's name, for error messages.

        Raises:
            ConfigurationError: the credential cannot be sent in this way.
        """
        self._name = name
        self._way: Way = way
        self._sent: tuple[str, ...] = ()
        self._ask: Callable[[], Any]
        if callable(source):
            self._ask = source
            return
        self._ask = (lambda: cast("Any", source).key) if hasattr(source, "key") else lambda: source
        complaint = _complaint(self._ask(), way)
        if complaint is not None:
            del source  # a traceback with locals would show it
            raise ConfigurationError(f"{name}: {complaint}")

    def renew(self, challenge: str) -> bool:  # noqa: ARG002  # of tokens
        """Whether another one may be accepted where this one was refused."""
        return False

    def reveal(self) -> str:
        """The credential as one attempt sends it, checked."""
        value = self._ask()
        complaint = _complaint(value, self._way)
        if complaint is not None:
            del value  # a traceback with locals would show it
            raise ConfigurationError(f"{self._name}: {complaint}")
        if self._way == "basic":
            user, password = _login(value)
            self._remember(password or user)
            return self._remember(base64.b64encode(f"{user}:{password}".encode()).decode("ascii"))
        text = self._remember(cast("str", value))
        return self._remember(quote(text, safe="")) if self._way == "query" else text

    def _remember(self, value: str) -> str:
        # A shorter text is a placeholder, and hiding it would only garble messages.
        if value not in self._sent and len(value) >= _SHORTEST_HIDDEN:
            self._sent = (value, *self._sent[: _MOST_HIDDEN - 1])
        return value

    def hide(self, text: str) -> str:
        """The text without recently sent credentials, which services may echo."""
        for value in self._sent:
            text = text.replace(value, "[redacted]")
        return text

    def hide_in(self, content: bytes) -> bytes:
        """The same for bytes, where a JSON text may contain a credential with some characters escaped."""
        for value in self._sent:
            content = content.replace(value.encode(), b"[redacted]")
        return _JSON_TEXT.sub(self._hide_escaped, content) if self._sent and b"\\" in content else content

    def _hide_escaped(self, found: re.Match[bytes]) -> bytes:
        written = found[0]
        try:
            text = json.loads(written) if b"\\" in written else ""
        except ValueError:
            return written
        hidden = self.hide(text)
        return written if hidden == text else json.dumps(hidden).encode()

    def __repr__(self) -> str:
        return f"Secret({self._name})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self._name}: a credential cannot be pickled or copied; give it to the new client again")


class Credential(NamedTuple):
    """One credential of a client: where it goes, what precedes it there, and the secret itself."""

    name: str
    """The name of its header (in lower case), query parameter or cookie."""
    prefix: str
    secret: Secret
    place: Literal["header", "query", "cookie"] = "header"


def choose_credentials(operation: Operation, given: Mapping[str, Credential]) -> list[Credential]:
    """The credentials to send: the operation's first alternative that was given completely.

    Raises:
        ConfigurationError: no alternative was.
    """
    for alternative in operation.security:
        if given.keys() >= {*alternative}:
            return [given[name] for name in alternative]
    wanted = " or ".join(" with ".join(alternative) for alternative in operation.security)
    raise ConfigurationError(f"{operation.name}: needs {wanted}; give it to the client")


def build_request(
    call: Call,
    shown: HTTPRequest,
    chosen: Sequence[Credential],
    headers: Mapping[str, Credential],
    own: Mapping[str, str],
) -> HTTPRequest:
    """The request of one attempt; only this function reads the credentials.

    `shown` is the same request without headers and content; `headers` are the caller's, and `own` are more of the
    client's.

    Raises:
        ConfigurationError: a credential cannot be sent.
    """
    media_type = {} if call.content is None else {"content-type": call.media_type}
    # Not in local variables: if the second one fails, a traceback with locals would show the first.
    return HTTPRequest(
        method=shown.method,
        url=shown.url,
        headers={
            **{one.name: one.secret.reveal() for one in headers.values()},
            **call.headers,
            "accept": call.operation.accept,
            "accept-encoding": "gzip",
            **own,
            **media_type,
            **{one.name: one.prefix + one.secret.reveal() for one in chosen if one.place == "header"},
            **_cookies(call, chosen),
        },
        content=call.content,
        fresh=call.fresh,
        secret_query="&".join(
            [f"{quote(one.name, safe='')}={one.secret.reveal()}" for one in chosen if one.place == "query"]
        ),
    )


def _cookies(call: Call, chosen: Iterable[Credential]) -> dict[str, str]:
    keys = [one for one in chosen if one.place == "cookie"]
    own = [call.headers["cookie"]] if "cookie" in call.headers else []
    return {"cookie": "; ".join([*own, *[f"{one.name}={one.secret.reveal()}" for one in keys]])} if keys else {}


def hide_in_answer(answer: HTTPResponse, credentials: Iterable[Credential], *, keep_content: bool) -> HTTPResponse:
    """The answer without credentials that the service echoed."""
    for secret in [one.secret for one in credentials]:
        shown = "".join(answer.headers.values())
        if secret.hide(shown) != shown:
            answer = evolve(answer, headers={name: secret.hide(value) for name, value in answer.headers.items()})
        if not keep_content:
            answer = evolve(answer, content=secret.hide_in(answer.content))
    return answer


def hide_in_error(error: SdkError, credentials: Iterable[Credential]) -> None:
    """Replace credentials that the service echoed, in everything that the error shows."""
    for secret in [one.secret for one in credentials]:
        error.args = tuple(secret.hide(part) if isinstance(part, str) else part for part in error.args)
        for name, value in vars(error).items():
            if isinstance(value, str):
                setattr(error, name, secret.hide(value))
            elif isinstance(value, bytes):
                setattr(error, name, secret.hide_in(value))
        shown = f"{error.__cause__} {vars(error.__cause__) if error.__cause__ is not None else ''}"
        if secret.hide(shown) != shown:
            error.__cause__ = error.__context__ = None


def related_errors(error: BaseException, handled: BaseException | None = None) -> list[BaseException]:
    """The error, its causes and contexts, and what groups among them hold, but for what was `handled` before it."""
    found, seen = [error], {id(error), id(handled), id(None)}
    for one in found:
        inner = cast("Sequence[BaseException]", one.exceptions if isinstance(one, BaseExceptionGroup) else ())
        for other in (one.__cause__, one.__context__, *inner):
            if id(other) not in seen:
                seen.add(id(other))
                found.append(cast("BaseException", other))
    return found


def without_frames(error: ErrorT, handled: BaseException | None = None) -> ErrorT:
    """The same error without any frames: they hold what was asked for, such as a token."""
    for one in related_errors(error, handled):
        one.__traceback__ = None
    return error


def unseen(read: Callable[ParametersT, ResultT]) -> Callable[ParametersT, ResultT]:
    """The same function, with errors that omit the frames with its arguments."""

    @wraps(read)
    def read_unseen(*arguments: ParametersT.args, **keywords: ParametersT.kwargs) -> ResultT:
        try:
            return read(*arguments, **keywords)
        except Exception as error:  # noqa: BLE001  # the frames of any error hold the arguments
            error.__cause__ = error.__context__ = None
            failure = error.with_traceback(None)
        del arguments, keywords
        raise failure

    return read_unseen


def _login(value: object) -> tuple[str, str]:
    """User name and password."""
    if isinstance(value, str):
        user, _, password = value.partition(":")
        return user, password
    return cast("tuple[str, str]", value)


def _complaint(value: object, way: Way) -> str | None:
    # The text never contains the value.
    if way == "basic" and isinstance(value, tuple):
        return _complaint_of_pair(cast("tuple[object, ...]", value))
    if not isinstance(value, str):
        wanted = "a tuple of user name and password" if way == "basic" else "str"
        return f"is of the type {type(value).__name__}; give {wanted}"
    if not value:
        return "is empty; give the key of your account"
    if len(value) > _LONGEST:
        return f"has {len(value)} characters; at most {_LONGEST} can be sent"
    if _URL.match(value):
        return "is a URL; give it as endpoint="
    return _CHARACTERS[way][1] if not _CHARACTERS[way][0].fullmatch(value) else None


def _complaint_of_pair(pair: tuple[object, ...]) -> str | None:
    if [type(one) for one in pair] != [str, str]:
        return "is not a pair of texts; give a tuple of user name and password"
    user, password = cast("tuple[str, str]", pair)
    if ":" in user:
        return "has a colon in the user name; give a user name without one"
    return _complaint(f"{user}:{password}" if user or password else "", "basic")
