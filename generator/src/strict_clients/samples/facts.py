"""What the samples of an operation show: facts of the model, as values without a language."""

import re
from collections.abc import Iterable, Iterator

from attrs import field, frozen

from strict_clients.engine import Identifier, PythonCode
from strict_clients.model import PackageModel
from strict_clients.model.calls import OperationModel, ParameterModel, ResourceModel
from strict_clients.model.code import code, literal
from strict_clients.model.package import SchemeModel
from strict_clients.pointers import keys

Keys = tuple[str, ...]
"""The names that lead to a value in JSON."""
_PLAIN = re.compile(r"[A-Za-z0-9-]+")
_ARGUMENTS = {"str": "{}", "str | UUID": "{}", "UUID": "UUID({})", "int": "int({})"}
"""How the text of an argument of a command becomes one of a method, by the method's type."""


@frozen(kw_only=True)
class Part:
    """A part of a path: a text, or the argument of the command with this number."""

    text: str = ""
    number: int = 0


@frozen(kw_only=True)
class Header:
    """A header with a secret, and the environment variable that has it."""

    name: str
    prefix: str
    environment: Identifier = field(converter=Identifier)


@frozen(kw_only=True)
class Paging:
    """How the next page is asked for."""

    by_token: bool
    cursor: str
    items: Keys
    cursor_at: Keys


@frozen(kw_only=True)
class SDK:
    """The same call with the package."""

    package: PackageModel
    settings: tuple[tuple[Identifier, Identifier], ...]
    """The client's arguments, each with its environment variable, as far as the client does not read it by itself."""
    call: PythonCode
    takes_uuid: bool


@frozen(kw_only=True)
class Call:
    """An operation that reads, and what each sample does with it."""

    id: str
    folder: Identifier
    summary: str
    endpoint: Identifier
    """The environment variable for scheme and host."""
    host: str
    """An example of scheme and host."""
    path: tuple[Part, ...]
    arguments: tuple[Identifier, ...]
    """What the command is given."""
    headers: tuple[Header, ...]
    query: tuple[tuple[str, str], ...]
    """What each request asks for."""
    paging: Paging | None
    code: tuple[Keys, ...]
    message: tuple[Keys, ...]
    request_id: str
    """The header with the id of a request."""
    phrases: tuple[str, ...]
    """What comes before a number of seconds in a message."""
    sdk: SDK


def calls(package: PackageModel) -> Iterator[Call]:
    """Every operation that answers JSON to a GET without anything but texts and numbers in its path and query."""
    for resource in package.resources:
        for operation in resource.live:
            schemes = _schemes(package, operation)
            if schemes is not None and _is_shown(operation):
                yield _call(package, resource, operation, schemes)


def _is_shown(operation: OperationModel) -> bool:
    fitting = all(one.type.as_argument in _ARGUMENTS for one in operation.positional)
    query = all(one.location == "query" and _text(one.example) for one in operation.keywords if one.required)
    answers = operation.http_method == "GET" and operation.answers.result is not None
    return answers and fitting and query and not operation.origin


def _schemes(package: PackageModel, operation: OperationModel) -> tuple[SchemeModel, ...] | None:
    """Those of the first alternative whose secrets are all headers, none of which has to be computed."""
    by_name = {scheme.name: scheme for scheme in package.schemes}
    ways = [tuple(by_name[name] for name in names) for names in operation.security]
    return next((way for way in ways if all(one.place == "header" and not one.basic for one in way)), None)


def _call(
    package: PackageModel, resource: ResourceModel, operation: OperationModel, schemes: tuple[SchemeModel, ...]
) -> Call:
    body, server = package.error_body, package.server
    endpoint = _variable(package, server.environment, "endpoint")
    return Call(
        id=operation.id,
        folder=Identifier(operation.constant.lower()),
        summary=operation.summary.get_untrusted_value(),
        endpoint=endpoint,
        host=_filled(package, server.host or "https://host"),
        path=tuple(_parts(package, operation)),
        arguments=tuple(Identifier(one.name.rstrip("_").upper()) for one in operation.positional),
        headers=tuple(
            Header(name=one.wire, prefix=one.prefix, environment=_variable(package, one.environment, one.parameter))
            for one in schemes
        ),
        query=tuple(_query(operation)),
        paging=_paging(operation),
        code=tuple(map(_keys, body.code)),
        message=tuple(map(_keys, body.message)),
        request_id=next((one for one in body.request_id_headers if _PLAIN.fullmatch(one)), "X-Request-Id"),
        phrases=tuple(one for one in body.wait_phrases if one.isprintable()),
        sdk=SDK(
            package=package,
            settings=tuple(_settings(package, endpoint, schemes)),
            call=code(f"client.{resource.name}.{operation.method_name}({', '.join(_arguments(operation))})"),
            takes_uuid=any(one.type.as_argument == "UUID" for one in operation.positional),
        ),
    )


def _variable(package: PackageModel, stated: str | None, argument: str) -> Identifier:
    """The environment variable for an argument of the client, by a name that every shell takes."""
    return Identifier(stated or re.sub("[^A-Z0-9_]", "", f"{package.name}_{argument.rstrip('_')}".upper()))


def _settings(
    package: PackageModel, endpoint: Identifier, schemes: Iterable[SchemeModel]
) -> Iterator[tuple[Identifier, Identifier]]:
    for scheme in schemes:
        variable = _variable(package, scheme.environment, scheme.parameter)
        if variable != scheme.environment:
            yield scheme.parameter, variable
    if endpoint != package.server.environment:
        yield Identifier("endpoint"), endpoint


def _filled(package: PackageModel, text: str) -> str:
    """A part of the server's URL with a value for each variable."""
    for variable in package.server.variables:
        text = text.replace(f"{{{variable.name}}}", variable.example)
    return text


def _parts(package: PackageModel, operation: OperationModel) -> Iterator[Part]:
    prefix = package.server.prefix if operation.prefix is None else operation.prefix
    numbers = {one.wire: number for number, one in enumerate(operation.positional, start=1)}
    for at, text in enumerate(re.split(r"\{([^{}]*)\}", operation.path)):
        if at % 2:
            yield Part(number=numbers[text])
        elif text or not at:
            yield Part(text=text if at else _filled(package, prefix) + text)


def _query(operation: OperationModel) -> Iterator[tuple[str, str]]:
    """Parameters that have to be given, and the largest page."""
    limit = operation.pagination.limit if operation.pagination else None
    for one in operation.keywords:
        if one.name == limit:
            most = one.schema.get("maximum", one.schema.get("default"))
            if most is not None:
                yield one.wire, str(most)
        elif one.required:
            yield one.wire, _text(one.example)


def _text(value: object) -> str:
    """A value of a query as it is sent; empty for what is not a text or a number."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _paging(operation: OperationModel) -> Paging | None:
    paging = operation.pagination
    if paging is None:
        return None
    return Paging(
        by_token=paging.style == "token",
        cursor=next(one.wire for one in operation.keywords if one.name == paging.cursor),
        items=_keys(paging.items),
        cursor_at=_keys(paging.cursor_at),
    )


def _keys(pointer: str) -> Keys:
    return tuple(keys(pointer))


def _arguments(operation: OperationModel) -> Iterator[str]:
    for number, one in enumerate(operation.positional, start=1):
        yield _ARGUMENTS[one.type.as_argument].format(f"sys.argv[{number}]")
    for one in _given(operation):
        yield f"{one.name}={literal(one.example)}"


def _given(operation: OperationModel) -> Iterator[ParameterModel]:
    limit = operation.pagination.limit if operation.pagination else None
    return (one for one in operation.keywords if one.required and one.name != limit)
