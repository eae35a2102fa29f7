"""The credentials of a client: sent in their headers, and shown nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, NoReturn, ParamSpec, TypeVar, cast

from attrs import evolve

from ..errors import ConfigurationError, SdkError
from ..wire import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..operation import Call, Operation

# Longer than any key or token seen; a header beyond it would be refused by servers anyway.
_LONGEST = 16_384
_SENDABLE = re.compile("[!-~]*")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII | re.IGNORECASE)
# It matches from each quotation mark on, whatever follows: so a body that ends early takes no longer.
_JSON_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_SHORTEST_HIDDEN = 8
# Calls that began before a rotation may still be under way.
_MOST_HIDDEN = 8

ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")


class Secret:
    """A credential, given as text or as a function that is asked before every attempt (rotation)."""

    __slots__ = ("_ask", "_name", "_sent")

    def __init__(self, source: str | Callable[[], str] | None, *, name: str) -> None:
        """Hold `source`; `name` is the argument's name, for error messages.

        Raises:
            ConfigurationError: the text cannot be sent as a header.
        """
        self._name = name
        self._sent: tuple[str, ...] = ()
        if callable(source):
            self._ask = source
            return
        complaint = _complaint(source)
        if complaint is not None:
            del source  # a traceback with locals would show it
            raise ConfigurationError(f"{name}: {complaint}")
        self._ask = lambda: cast("str", source)

    def reveal(self) -> str:
        """The credential, checked, for the header of one attempt."""
        value = self._ask()
        complaint = _complaint(value)
        if complaint is not None:
            del value  # a traceback with locals would show it
            raise ConfigurationError(f"{self._name}: {complaint}")
        # What is shorter is a placeholder, and hiding it would only garble texts.
        if value not in self._sent and len(value) >= _SHORTEST_HIDDEN:
            self._sent = (value, *self._sent[: _MOST_HIDDEN - 1])
        return value

    def hide(self, text: str) -> str:
        """The text without the credentials that were sent recently; services may echo them."""
        for value in self._sent:
            text = text.replace(value, "[redacted]")
        return text

    def hide_in(self, content: bytes) -> bytes:
        """The same for bytes, in which the texts of JSON may hold a credential with some characters escaped."""
        for value in self._sent:
            content = content.replace(value.encode("ascii"), b"[redacted]")
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
        raise TypeError(f"{self._name}: a credential is not pickled or copied; give it to the new client again")


class Credential(NamedTuple):
    """One credential of a client: its header, what precedes it there, and the secret itself."""

    header: str
    """In lower case."""
    prefix: str
    secret: Secret


def choose_credentials(operation: Operation, given: Mapping[str, Credential]) -> list[Credential]:
    """The credentials to send: the first alternative of the operation that was given completely.

    Raises:
        ConfigurationError: none was.
    """
    for alternative in operation.security:
        if given.keys() >= {*alternative}:
            return [given[name] for name in alternative]
    wanted = " or ".join(" with ".join(alternative) for alternative in operation.security)
    raise ConfigurationError(f"{operation.name}: needs {wanted}; give it to the client")


def build_headers(call: Call, given: Mapping[str, Credential], user_agent: str) -> dict[str, str]:
    """The headers of one attempt, by their lower-case names; credentials are asked for here and nowhere else.

    Raises:
        ConfigurationError: a credential that the operation needs was not given.
    """
    chosen = choose_credentials(call.operation, given)
    media_type = {} if call.content is None else {"content-type": call.media_type}
    return {
        **call.headers,
        "accept": call.operation.accept,
        "accept-encoding": "gzip",
        "user-agent": user_agent,
        **media_type,
        # Never under a local name: where the second one fails, a traceback with locals would show the first.
        **{credential.header: credential.prefix + credential.secret.reveal() for credential in chosen},
    }


def hide_in_answer(answer: HTTPResponse, credentials: Iterable[Credential], *, keep_content: bool) -> HTTPResponse:
    """The answer without credentials that the service has echoed."""
    for _, _, secret in credentials:
        shown = "".join(answer.headers.values())
        if secret.hide(shown) != shown:
            answer = evolve(answer, headers={name: secret.hide(value) for name, value in answer.headers.items()})
        if not keep_content:
            answer = evolve(answer, content=secret.hide_in(answer.content))
    return answer


def hide_in_error(error: SdkError, credentials: Iterable[Credential]) -> None:
    """Replace credentials that the service has echoed, in all that the error shows."""
    for _, _, secret in credentials:
        error.args = tuple(secret.hide(part) if isinstance(part, str) else part for part in error.args)
        for name, value in vars(error).items():
            if isinstance(value, str):
                setattr(error, name, secret.hide(value))
            elif isinstance(value, bytes):
                setattr(error, name, secret.hide_in(value))
        shown = f"{error.__cause__} {vars(error.__cause__) if error.__cause__ is not None else ''}"
        if secret.hide(shown) != shown:
            error.__cause__ = error.__context__ = None


def unseen(read: Callable[ParametersT, ResultT]) -> Callable[ParametersT, ResultT]:
    """The same function, whose errors come without the frames that hold its arguments."""

    @wraps(read)
    def read_unseen(*arguments: ParametersT.args, **keywords: ParametersT.kwargs) -> ResultT:
        try:
            return read(*arguments, **keywords)
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames hold the same
            error.__cause__ = error.__context__ = None
            failure = error.with_traceback(None)
        del arguments, keywords
        raise failure

    return read_unseen


def _complaint(value: object) -> str | None:
    # It never holds the value.
    if not isinstance(value, str):
        return f"is of the type {type(value).__name__}; give str"
    if not value:
        return "is empty; give the key of your account"
    if len(value) > _LONGEST:
        return f"has {len(value)} characters; at most {_LONGEST} can be sent"
    if _URL.match(value):
        return "is a URL; give it as endpoint="
    if not _SENDABLE.fullmatch(value):
        return "holds a character that no key has; look for blanks and line ends around it"
    return None
