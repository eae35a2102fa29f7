"""The example that a client's documentation shows: its first operation, called in the shortest way."""

from collections.abc import Iterator

from strict_clients.engine import PythonCode
from strict_clients.model.calls import OperationModel, ParameterModel, ResourceModel
from strict_clients.model.package import PackageModel


def example(package: PackageModel, *, asynchronous: bool, imported: bool = False) -> tuple[PythonCode, ...]:
    """The lines of the example, after the import of its names if `imported`; empty if there is no operation.

    It prefers a paged list.
    """
    found = [(one, operation) for one in package.resources for operation in one.live]
    if not found:
        return ()
    resource, operation = min(found, key=lambda pair: pair[1].pagination is None)
    name = f"{'Async' if asynchronous else ''}{package.client}"
    imports = (f"from {package.name} import {', '.join(sorted([name, *_enums(package)]))}", "") if imported else ()
    start = f"{'async ' if asynchronous else ''}with {name}({', '.join(_settings(package))}) as client:"
    return tuple(map(PythonCode, (*imports, start, *_use(resource, operation, asynchronous=asynchronous))))


def _enums(package: PackageModel) -> Iterator[str]:
    """The names of the enums whose members the settings show."""
    for variable in package.server.variables:
        if variable.default is None and variable.enum:
            yield str(variable.enum.name)


def _settings(package: PackageModel) -> Iterator[str]:
    for scheme in package.schemes[:1]:
        yield '("<user>", "<password>")' if scheme.basic else f'"<{scheme.parameter}>"'
    for variable in package.server.variables:
        if variable.default is None:
            shown = (
                f"{variable.enum.name}.{variable.enum.members[0].name}"
                if variable.enum
                else f'"<{variable.parameter}>"'
            )
            yield f"{variable.parameter}={shown}"
    if package.server.host is None:
        yield 'endpoint="https://host"'


def _use(resource: ResourceModel, operation: OperationModel, *, asynchronous: bool) -> Iterator[str]:
    call = f"client.{resource.name}.{operation.method_name}({', '.join(_arguments(operation))})"
    wait = "await " if asynchronous else ""
    if operation.pagination:
        yield f"    {'async ' if asynchronous else ''}for item in {call}:"
        yield "        print(item)"
    else:
        yield f"    print({wait}{call})"


def _arguments(operation: OperationModel) -> Iterator[str]:
    yield from map(_value, operation.positional)
    if operation.body and operation.body.required:
        yield "..."
    for parameter in operation.keywords:
        if parameter.required:
            yield f"{parameter.name}={_value(parameter)}"


def _value(parameter: ParameterModel) -> str:
    return f'"<{parameter.name}>"' if parameter.type.as_argument.startswith("str") else "..."
