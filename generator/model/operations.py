"""The operations of a document, grouped by their tag into resources."""

import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from attrs import evolve, frozen

from generator.check.names import argument_name, constant_name
from generator.engine import Endpoint, endpoints, pointer_of, python_name, snake_case, untrusted
from generator.model.bodies import build_answers, build_body
from generator.model.calls import (
    ErrorRuleModel,
    OperationModel,
    PaginationModel,
    ParameterModel,
    RemovedModel,
    ResourceModel,
)
from generator.model.code import Import, Imports, TypeCode
from generator.model.names import free_class_name, taken_class_names
from generator.model.shown import OperationPlace, operation_places
from generator.model.text import as_clause, describe, split
from generator.model.types import Types

# Builtins that the annotations of a resource use: a method of that name would hide them from type checkers.
_ANNOTATIONS = {"str", "int", "float", "bool", "tuple", "property"}
_PLACES = ("path", "query", "header", "cookie")


@frozen(kw_only=True)
class _Operation:
    """One operation, as the document and as the engine have it."""

    place: OperationPlace
    endpoint: Endpoint

    @property
    def raw(self) -> Mapping[str, Any]:
        """The operation itself."""
        return self.place.raw

    @property
    def group(self) -> str:
        """Its one tag."""
        return str(self.raw["tags"][0])

    @property
    def method_name(self) -> str:
        """Its operationId without the tag before it, in snake_case."""
        name = snake_case(self.raw["operationId"].removeprefix(f"{self.group}_"))
        return f"{name}_" if iskeyword(name) or name in _ANNOTATIONS else name

    @property
    def call(self) -> str:
        """How callers write it: `client.plants.list`."""
        return f"client.{python_name(self.group)}.{self.method_name}"


def build_resources(types: Types) -> tuple[ResourceModel, ...]:
    """One resource for each tag, in the document's order."""
    groups: dict[str, list[_Operation]] = {}
    calls: dict[str, str] = {}
    parsed = {pointer_of(endpoint): endpoint for endpoint in endpoints(types.parsed)}
    for place in operation_places(types.document):
        operation = _Operation(place=place, endpoint=parsed[place.pointer])
        groups.setdefault(operation.group, []).append(operation)
        calls[place.raw["operationId"]] = operation.call
    texts = {tag["name"]: tag.get("description", "") for tag in types.document.raw.get("tags", [])}
    resources: list[ResourceModel] = []
    taken = taken_class_names(types)
    for group, members in groups.items():
        operations = tuple(_operation(one, types, calls) for one in members)
        resources.append(
            ResourceModel(
                name=python_name(group),
                class_name=free_class_name(group, taken),
                doc=untrusted(texts.get(group) or f"The operations of {group}."),
                operations=operations,
                imports=Imports(names=frozenset(_imports(operations))),
            )
        )
    return tuple(resources)


def _operation(operation: _Operation, types: Types, calls: Mapping[str, str]) -> OperationModel:
    place, raw = operation.place, operation.raw
    replacement = calls.get(raw.get("x-replaced-by", ""))
    parameters = list(_parameters(operation, types))
    by_wire = {parameter.wire: parameter.name for parameter in parameters}
    summary, details = split(describe(raw, fallback=f"Call {raw['operationId']}."))
    return OperationModel(
        id=raw["operationId"],
        method_name=operation.method_name,
        constant=constant_name(raw["operationId"]),
        http_method=place.method.upper(),
        path=place.path,
        summary=summary,
        details=details,
        deprecated=bool(raw.get("deprecated")),
        positional=tuple(parameter for parameter in parameters if parameter.location == "path"),
        keywords=_required_first(parameter for parameter in parameters if parameter.location != "path"),
        body=build_body(operation.endpoint, raw.get("requestBody"), types),
        answers=build_answers(operation.endpoint, raw, types),
        security=_security(raw, types.document.raw),
        errors=tuple(_errors(raw["responses"], types)),
        pagination=_pagination(place, types, by_wire),
        replacement=replacement,
        removed=_removed(operation, replacement),
    )


def _removed(operation: _Operation, replacement: str | None) -> RemovedModel | None:
    if "x-removed" not in operation.raw:
        return None
    last_version = untrusted(operation.raw["x-removed"]["last-version"])
    return RemovedModel(call=operation.call, last_version=last_version, replacement=replacement)


def _required_first(parameters: Iterator[ParameterModel]) -> tuple[ParameterModel, ...]:
    return tuple(sorted(parameters, key=lambda parameter: not parameter.required))


def _parameters(operation: _Operation, types: Types) -> Iterator[ParameterModel]:
    """Those of the path in its order, then those of the query, of headers and cookies in the document's."""
    place = operation.place
    in_path = re.findall(r"\{([^{}]*)\}", place.path)
    cursor = place.raw.get("x-pagination", {}).get("cursor")
    parsed = {one.name.get_untrusted_value(): one for _, one in operation.endpoint.iter_all_parameters()}
    by_place = sorted(place.parameters.values(), key=lambda one: _PLACES.index(one["in"]))
    for raw in sorted(by_place, key=lambda one: in_path.index(one["name"]) if one["in"] == "path" else len(in_path)):
        schema, name = types.resolve(raw["schema"]) | raw["schema"], argument_name(raw["name"])
        is_cursor = (raw["in"], raw["name"]) == ("query", cursor)
        type_code = types.translate(parsed[name], read_as="integer" if is_cursor and schema["type"] == "integer" else "")
        yield ParameterModel(
            name=name,
            wire=raw["name"],
            location=raw["in"],
            required=bool(raw.get("required")),
            separator=_separator(raw),
            type=_uuid_as_well(type_code) if raw["in"] == "path" else type_code,
            doc=describe(raw, schema=schema, fallback=f"The {raw['in']} parameter {raw['name']}."),
        )


def _uuid_as_well(type_code: TypeCode) -> TypeCode:
    """The type of an id in a path: callers often hold one as a UUID, which every parameter of texts takes."""
    if type_code.as_argument != "str":
        return type_code
    return evolve(type_code, argument="str | UUID", imports=type_code.imports | {Import("uuid", "UUID")})


def _separator(raw: Mapping[str, Any]) -> str | None:
    """What stands between the elements of an array in a query; None where the parameter is repeated."""
    style = raw.get("style", "form")
    if raw["in"] != "query" or raw.get("explode", style == "form"):
        return None
    return {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}[style]


def _pagination(place: OperationPlace, types: Types, by_wire: Mapping[str, str]) -> PaginationModel | None:
    raw = place.raw.get("x-pagination")
    if raw is None:
        return None
    limit = raw.get("limit")
    schemas = {one["name"]: types.resolve(one["schema"]) for one in place.parameters.values()}
    return PaginationModel(
        style=raw["style"],
        cursor=by_wire[raw["cursor"]],
        limit=None if limit is None else by_wire[limit],
        default_limit=None if limit is None else schemas[limit].get("default"),
        items=raw["items"],
        cursor_at=raw["cursor-at"],
        same=tuple((pointer, by_wire[parameter]) for pointer, parameter in raw.get("same", {}).items()),
    )


def _security(raw: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    requirements = raw.get("security", document.get("security", []))
    return tuple(tuple(requirement) for requirement in requirements) or ((),)


def _errors(responses: Mapping[str, Any], types: Types) -> Iterator[tuple[str, tuple[ErrorRuleModel, ...]]]:
    for status, response in responses.items():
        rules = types.resolve(response).get("x-error", [])
        if rules:
            yield (status, tuple(_rule(rule) for rule in rules))


def _rule(raw: Mapping[str, Any]) -> ErrorRuleModel:
    return ErrorRuleModel(
        error=raw["class"],
        summary=as_clause(raw["summary"]),
        when=tuple((pointer, tuple(values)) for pointer, values in raw.get("when", {}).items()),
        has_wait=bool(raw.get("has-wait")),
    )


def _imports(operations: tuple[OperationModel, ...]) -> Iterator[Import]:
    for operation in operations:
        codes = [parameter.type for parameter in operation.parameters]
        codes += operation.answers.types
        codes += [operation.body.type] if operation.body else []
        for type_code in codes:
            yield from type_code.imports
