"""The operations of a document, grouped by their tag into resources."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from strict_clients.check.endpoints import kinds
from strict_clients.check.places import Place
from strict_clients.engine import Endpoint, endpoints, pointer_of, untrusted
from strict_clients.media import kind
from strict_clients.model.bodies import build_answers, build_body, build_error_body
from strict_clients.model.calls import (
    ErrorRuleModel,
    OperationModel,
    PaginationModel,
    ParameterModel,
    RemovedModel,
    ResourceModel,
    ResponseModel,
)
from strict_clients.model.code import Import, Imports, TypeCode
from strict_clients.model.names import free_class_name, taken_class_names
from strict_clients.model.server import split_url
from strict_clients.model.text import as_clause, describe, in_short, split
from strict_clients.model.types import Types
from strict_clients.names import constant_name, group_names, method_names
from strict_clients.shown import OperationPlace, operation_places, shown_names
from strict_clients.statuses import find_plain_errors, phrase

_PLACES = ("path", "query", "header", "cookie")


@frozen(kw_only=True)
class _Operation:
    """One operation, as the document and as the engine have it."""

    place: OperationPlace
    endpoint: Endpoint
    call: str
    """How callers write it: `client.plants.list`."""

    @property
    def raw(self) -> Mapping[str, Any]:
        """The operation itself."""
        return self.place.raw

    @property
    def method_name(self) -> str:
        """The last word of its call."""
        return self.call.rpartition(".")[2]


def build_resources(types: Types, classes: Mapping[str, str]) -> tuple[ResourceModel, ...]:
    """One resource for each tag, in the document's order; `classes` are those of statuses without `x-error`."""
    by_tag: dict[str, list[OperationPlace]] = {}
    for place in operation_places(types.document):
        by_tag.setdefault(str(place.raw["tags"][0]), []).append(place)
    parsed = {pointer_of(endpoint): endpoint for endpoint in endpoints(types.parsed)}
    names = group_names([*by_tag])
    groups: dict[str, list[_Operation]] = {}
    for tag, places in by_tag.items():
        methods = method_names(place.raw for place in places)
        calls = [f"client.{names[tag]}.{methods[place.raw['operationId']]}" for place in places]
        groups[tag] = [
            _Operation(place=place, endpoint=parsed[place.pointer], call=call)
            for place, call in zip(places, calls, strict=True)
        ]
    calls_by_id = {one.raw["operationId"]: one.call for members in groups.values() for one in members}
    texts = {tag["name"]: tag.get("description", "") for tag in types.document.raw.get("tags", [])}
    resources: list[ResourceModel] = []
    taken = taken_class_names(types) | {*classes.values()}
    for tag, members in groups.items():
        operations = tuple(_operation(one, types, calls_by_id, classes) for one in members)
        resources.append(
            ResourceModel(
                name=names[tag],
                class_name=free_class_name(tag, taken),
                doc=untrusted(texts.get(tag) or f"The operations of {tag}."),
                operations=operations,
                imports=Imports(names=frozenset(_imports(operations))),
            )
        )
    return tuple(resources)


def _operation(
    operation: _Operation, types: Types, calls: Mapping[str, str], classes: Mapping[str, str]
) -> OperationModel:
    place, raw = operation.place, operation.raw
    replacement = calls.get(raw.get("x-replaced-by", ""))
    parameters = list(_parameters(operation, types))
    origin, prefix = split_url(raw["servers"][0]["url"]) if "servers" in raw else ("", None)
    # Cursor and limit are query parameters; a parameter elsewhere may have the same name.
    by_wire = {one.wire: one.name for one in sorted(parameters, key=lambda one: one.location == "query")}
    summary, details = split(describe(raw, fallback=f"Call {raw['operationId']}."))
    return OperationModel(
        id=raw["operationId"],
        method_name=operation.method_name,
        constant=constant_name(raw["operationId"]),
        http_method=place.method.upper(),
        path=place.path,
        origin=origin,
        prefix=prefix,
        summary=summary,
        details=details,
        deprecated=bool(raw.get("deprecated")),
        positional=tuple(parameter for parameter in parameters if parameter.location == "path"),
        keywords=_required_first(parameter for parameter in parameters if parameter.location != "path"),
        body=build_body(operation.endpoint, raw.get("requestBody"), types),
        answers=build_answers(operation.endpoint, raw, types),
        security=_security(raw, types.document.raw),
        errors=tuple(_errors(operation, types, classes)),
        responses=tuple(_responses(raw, types)),
        pagination=_pagination(place, types, by_wire),
        replacement=replacement,
        removed=_removed(operation, replacement),
    )


def _removed(operation: _Operation, replacement: str | None) -> RemovedModel | None:
    if "x-removed" not in operation.raw:
        return None
    said = operation.raw["x-removed"]
    return RemovedModel(
        call=operation.call,
        last_version=untrusted(said["last-version"]),
        replacement=replacement,
        guessed=bool(said.get("guessed")),
    )


def _required_first(parameters: Iterator[ParameterModel]) -> tuple[ParameterModel, ...]:
    return tuple(sorted(parameters, key=lambda parameter: not parameter.required))


def _parameters(operation: _Operation, types: Types) -> Iterator[ParameterModel]:
    """Those of the path in its order, then those of the query, of headers and cookies in the document's."""
    place = operation.place
    in_path = re.findall(r"\{([^{}]*)\}", place.path)
    cursor = place.raw.get("x-pagination", {}).get("cursor")
    parsed = {one.name.get_untrusted_value(): one for _, one in operation.endpoint.iter_all_parameters()}
    numbered = shown_names(place.parameters)
    by_place = sorted(place.parameters.items(), key=lambda pair: _PLACES.index(pair[1]["in"]))
    for at, raw in sorted(by_place, key=lambda pair: in_path.index(pair[1]["name"]) if pair[1]["in"] == "path" else 99):
        schema, name = types.resolve(raw["schema"]) | raw["schema"], place.names[raw["in"], raw["name"]]
        is_cursor = (raw["in"], raw["name"]) == ("query", cursor)
        read_as = "integer" if is_cursor and schema["type"] == "integer" else ""
        type_code = types.translate(parsed[numbered[at]], read_as=read_as)
        yield ParameterModel(
            name=name,
            wire=raw["name"],
            location=raw["in"],
            required=bool(raw.get("required")),
            separator=_separator(raw),
            style=_style(raw, kinds(types.document, Place("schema", "", raw["schema"]))),
            type=_uuid_as_well(type_code) if raw["in"] == "path" else type_code,
            schema=schema,
            example=_example(raw, schema),
            doc=describe(raw, schema=schema, fallback=f"The {raw['in']} parameter {raw['name']}."),
        )


def _example(raw: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A value of a parameter: the example, or else the default, or else the first that is listed."""
    named = [one["value"] for one in raw.get("examples", {}).values() if "value" in one]
    given = [holder[key] for holder, key in ((raw, "example"), (schema, "default")) if key in holder]
    return next(iter([*given, *named, *schema.get("examples", ()), *schema.get("enum", ())]), None)


def _uuid_as_well(type_code: TypeCode) -> TypeCode:
    """The type of an id in a path: callers often hold one as a UUID, which every parameter of texts takes."""
    if type_code.as_argument != "str":
        return type_code
    return evolve(type_code, argument="str | UUID", imports=type_code.imports | {Import("uuid", "UUID")})


def _separator(raw: Mapping[str, Any]) -> str | None:
    """The separator of an array's elements in a query; None if the parameter is repeated."""
    style = raw.get("style", "form")
    if raw["in"] != "query" or raw.get("explode", style == "form") or style == "deepObject" or "x-content" in raw:
        return None
    return {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}[style]


def _style(raw: Mapping[str, Any], held: set[str]) -> str:
    if "x-content" in raw:
        return "json"
    if raw.get("style") == "deepObject":
        return "deepObject"
    return "pairs" if "object" in held and raw.get("explode", raw["in"] == "query") else ""


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
    # The alternative without credentials comes last: it is used only if no other fits.
    return tuple(sorted((tuple(requirement) for requirement in requirements), key=lambda one: not one)) or ((),)


def _responses(raw: Mapping[str, Any], types: Types) -> Iterator[ResponseModel]:
    written = raw["responses"].items()
    for status, response in ((status, types.resolve(one)) for status, one in written if not status.startswith("x-")):
        contents = [one for name, one in response.get("content", {}).items() if kind(name) == "json"]
        named = [types.resolve(one) for content in contents for one in content.get("examples", {}).values()]
        single = [content["example"] for content in contents if "example" in content]
        headers = response.get("headers", {}).items()
        yield ResponseModel(
            status=status,
            doc=describe(response, fallback=phrase(status)),
            headers=tuple((name, describe(types.resolve(one))) for name, one in headers),
            examples=(*single, *(one["value"] for one in named if "value" in one)),
        )


def _errors(
    operation: _Operation, types: Types, classes: Mapping[str, str]
) -> Iterator[tuple[str, tuple[ErrorRuleModel, ...]]]:
    written = operation.raw["responses"].items()
    responses = {status: types.resolve(one) for status, one in written if not status.startswith("x-")}
    for status, response in responses.items():
        if "x-error" in response:
            yield (status, tuple(_rule(rule) for rule in response["x-error"]))
    for status, key in find_plain_errors(responses).items():
        where = key.partition(" ")[0]
        summary = in_short(responses[where].get("description", "")) or phrase(where)
        body = build_error_body(operation.endpoint, where, types)
        yield (status, (ErrorRuleModel(error=classes[key], summary=as_clause(summary), body=body),))


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
        codes += [rule.body.type for rule in operation.raised if rule.body]
        for type_code in codes:
            yield from type_code.imports
