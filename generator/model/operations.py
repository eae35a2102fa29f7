"""The operations of a document, grouped by their tag into resources."""

from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from attrs import frozen

from generator.breaches import Breach, GenerationRefused
from generator.engine import (
    Endpoint,
    GeneratorData,
    ListProperty,
    ModelProperty,
    Property,
    python_name,
    snake_case,
    untrusted,
)
from generator.model.code import Import, Imports, TypeCode
from generator.model.names import free_class_name, taken_class_names
from generator.model.package import (
    BodyModel,
    ErrorRuleModel,
    OperationModel,
    PaginationModel,
    ParameterModel,
    RemovedModel,
    ResourceModel,
)
from generator.model.text import as_clause, describe
from generator.model.types import Types

METHODS = ("get", "put", "post", "delete", "patch")
# Builtins that the annotations of a resource use: a method of that name would hide them from type checkers.
_ANNOTATIONS = {"str", "int", "float", "bool", "tuple", "property"}
# What the methods of a resource use under these names.
_LOCALS = {"call", "result", "arguments", "listing", "warnings", "verified_page", "trust_short_page", "many"}


@frozen(kw_only=True)
class _Place:
    """One operation, as the document and as the engine have it."""

    path: str
    method: str
    raw: Mapping[str, Any]
    shared: list[Any]
    endpoint: Endpoint

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
    """One resource for each tag, in the document's order.

    Raises:
        GenerationRefused: the engine skipped an operation.
    """
    groups: dict[str, list[_Place]] = {}
    calls: dict[str, str] = {}
    for place in _places(types.document.raw, types.parsed):
        groups.setdefault(place.group, []).append(place)
        calls[place.raw["operationId"]] = place.call
    texts = {tag["name"]: tag.get("description", "") for tag in types.document.raw.get("tags", [])}
    resources: list[ResourceModel] = []
    taken = taken_class_names(types)
    for group, places in groups.items():
        operations = tuple(_operation(place, types, calls) for place in places)
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


def _places(raw: dict[str, Any], parsed: GeneratorData) -> Iterator[_Place]:
    endpoints: dict[tuple[str, str], list[Endpoint]] = {}
    for collection in parsed.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            endpoints.setdefault((endpoint.method, endpoint.name), []).append(endpoint)
    missing: list[Breach] = []
    for path, item in raw["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            found = endpoints.get((method, python_name(operation["operationId"])))
            if not found:
                escaped = path.replace("~", "~0").replace("/", "~1")
                missing.append(
                    Breach(f"/paths/{escaped}/{method}", "the engine skipped it; look for what it does not know")
                )
                continue
            yield _Place(path=path, method=method, raw=operation, shared=item.get("parameters", []), endpoint=found[0])
    if missing:
        raise GenerationRefused(missing)


def _operation(place: _Place, types: Types, calls: Mapping[str, str]) -> OperationModel:
    raw = place.raw
    replacement = calls.get(raw.get("x-replaced-by", ""))
    parameters = list(_parameters(place, types))
    by_wire = {parameter.wire: parameter.name for parameter in parameters}
    pagination = _pagination(place, types, by_wire)
    success = tuple(
        int(response.status_code.pattern) for response in place.endpoint.responses if _is_success(response, full=True)
    )
    empty = tuple(
        int(response.status_code.pattern) for response in place.endpoint.responses if _is_success(response, full=False)
    )
    return OperationModel(
        id=raw["operationId"],
        method_name=place.method_name,
        constant=snake_case(raw["operationId"]).upper(),
        http_method=place.method.upper(),
        path=place.path,
        doc=describe(raw, fallback=f"Call {raw['operationId']}."),
        deprecated=bool(raw.get("deprecated")),
        positional=tuple(parameter for parameter in parameters if parameter.location == "path"),
        keywords=_required_first(parameter for parameter in parameters if parameter.location != "path"),
        body=_body(place, types),
        success=success,
        empty=empty,
        result=_result(place, types, pagination),
        security=_security(raw, types.document.raw),
        errors=tuple(_errors(raw["responses"], types)),
        pagination=pagination,
        replacement=replacement,
        removed=_removed(place, replacement),
    )


def _removed(place: _Place, replacement: str | None) -> RemovedModel | None:
    if "x-removed" not in place.raw:
        return None
    last_version = untrusted(place.raw["x-removed"]["last-version"])
    return RemovedModel(call=place.call, last_version=last_version, replacement=replacement)


def _required_first(parameters: Iterator[ParameterModel]) -> tuple[ParameterModel, ...]:
    return tuple(sorted(parameters, key=lambda parameter: not parameter.required))


def _parameters(place: _Place, types: Types) -> Iterator[ParameterModel]:
    raws: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in [*place.raw.get("parameters", []), *place.shared]:
        resolved = types.resolve(parameter)
        raws.setdefault((resolved["in"], resolved["name"]), resolved)
    for location, prop in place.endpoint.iter_all_parameters():
        wire = prop.name.get_untrusted_value()
        raw = raws[str(location.value), wire]
        yield ParameterModel(
            name=_parameter_name(str(prop.python_name)),
            wire=wire,
            location=str(location.value),
            required=prop.required,
            type=types.translate(prop, raw["schema"]),
            doc=describe(raw, schema=types.resolve(raw["schema"])),
        )


def _parameter_name(name: str) -> str:
    return f"{name}_" if name in _LOCALS else name


def _body(place: _Place, types: Types) -> BodyModel | None:
    if not place.endpoint.bodies:
        return None
    raw = types.resolve(place.raw["requestBody"])
    media = next(iter(raw["content"].values()))
    return BodyModel(
        type=types.translate(place.endpoint.bodies[0].prop, media["schema"]),
        required=bool(raw.get("required", False)),
        doc=describe(raw, schema=types.resolve(media["schema"])),
    )


def _is_success(response: Any, *, full: bool) -> bool:
    pattern = response.status_code.pattern
    return pattern.startswith("2") and pattern.isdigit() and (response.source["attribute"] != "None") is full


def _result(place: _Place, types: Types, pagination: PaginationModel | None) -> TypeCode | None:
    full = [response for response in place.endpoint.responses if _is_success(response, full=True)]
    if not full:
        return None
    response = types.resolve(place.raw["responses"][full[0].status_code.pattern])
    prop, schema = full[0].prop, next(iter(response["content"].values()))["schema"]
    if pagination is None:
        return types.translate(prop, schema)
    for step in pagination.items.split("/")[1:]:
        prop, schema = _property(types, prop, step), types.resolve(schema)["properties"][step]
    assert isinstance(prop, ListProperty)  # noqa: S101  # the check follows the same pointer to an array
    return types.translate(prop.inner_property, types.resolve(schema)["items"])  # type: ignore[arg-type]


def _property(types: Types, prop: Property, name: str) -> Property:
    assert isinstance(prop, ModelProperty)  # noqa: S101  # the check follows the same pointer through objects
    model = next(one for one in types.parsed.models if one.class_info.name == prop.class_info.name)
    properties = [*(model.required_properties or []), *(model.optional_properties or [])]
    return next(one for one in properties if one.name == name)


def _pagination(place: _Place, types: Types, by_wire: Mapping[str, str]) -> PaginationModel | None:
    raw = place.raw.get("x-pagination")
    if raw is None:
        return None
    limit = raw.get("limit")
    schemas = {
        resolved["name"]: types.resolve(resolved["schema"])
        for resolved in map(types.resolve, [*place.raw.get("parameters", []), *place.shared])
    }
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
        codes += [operation.result] if operation.result else []
        codes += [operation.body.type] if operation.body else []
        for type_code in codes:
            yield from type_code.imports
