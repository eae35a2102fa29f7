"""The bodies of an operation: that of its request, and those of its answers."""

from collections.abc import Mapping
from typing import Any, cast

from strict_clients.engine import (
    Endpoint,
    FileProperty,
    ListProperty,
    ModelProperty,
    Property,
    shown_content_type,
)
from strict_clients.media import kind
from strict_clients.model.calls import AnswerModel, AnswersModel, BodyModel
from strict_clients.model.code import Import, TypeCode, literal
from strict_clients.model.graph import fields_of
from strict_clients.model.text import describe
from strict_clients.model.types import Types
from strict_clients.pointers import keys
from strict_clients.shown import shown_names
from strict_clients.structure import properties

_BYTES = TypeCode("bytes", "")
_TEXT = TypeCode("str", "")
_EITHER = TypeCode("JSON | bytes", "", frozenset({Import("._runtime.values.strict_json", "JSON")}))


def build_body(endpoint: Endpoint, written: Any, types: Types) -> BodyModel | None:
    """The body that an operation sends."""
    if not endpoint.bodies:
        return None
    (body,) = endpoint.bodies  # the engine gets one content type
    raw = types.resolve(written)
    name = body.content_type.get_untrusted_value()
    media = raw["content"][name]
    type_code, content = _content(name, body.prop, types, media.get("encoding"))
    return BodyModel(
        type=type_code,
        content=content,
        required=bool(raw.get("required", False)),
        doc=describe(raw, schema=types.resolve(media.get("schema")), fallback="What is sent."),
    )


def build_answers(endpoint: Endpoint, raw: Mapping[str, Any], types: Types) -> AnswersModel:
    """The bodies of an operation's successes, by status."""
    statuses = {one.status_code.pattern: one for one in endpoint.responses}
    found = {int(name) if name.isdigit() else name: one for name, one in statuses.items() if name.startswith("2")}
    media_types = {status: shown_content_type(one) for status, one in found.items()}
    full = {status: name for status, name in media_types.items() if name is not None}
    answers = {status: _answer(name, found[status].prop, types) for status, name in full.items()}
    plain = [status for status, answer in answers.items() if answer.content.startswith("bodies.JSONContent")]
    first = answers[plain[0]] if plain else None
    result = first.type if first else None
    if result is not None and "x-pagination" in raw:
        result = _item(found[plain[0]].prop, raw["x-pagination"]["items"], types)
    accepted = dict.fromkeys(name.partition(";")[0].strip() for name in full.values())
    return AnswersModel(
        result=result,
        success=tuple(full),
        empty=tuple(sorted(found.keys() - full.keys(), key=str)),
        others=tuple((status, answer) for status, answer in answers.items() if answer != first),
        # Without a body, any type is accepted: a service may refuse a request for a certain one.
        accept=", ".join(accepted) or ("*/*" if endpoint.method == "head" else "application/json"),
    )


def build_error_body(endpoint: Endpoint, status: str, types: Types) -> AnswerModel | None:
    """The body of an operation's error, by its status, its range or `default`."""
    response = next(one for one in endpoint.responses if one.status_code.pattern == status)
    name = shown_content_type(response)
    return None if name is None else _answer(name, response.prop, types)


def _answer(name: str, parsed: Property, types: Types) -> AnswerModel:
    type_code, content = _content(name, parsed, types)
    return AnswerModel(type=type_code, content=content)


def _content(
    name: str, parsed: Property, types: Types, encoding: Mapping[str, Any] | None = None
) -> tuple[TypeCode, str]:
    """The type of a body, and the expression for the runtime's `bodies` module."""
    how, shown = kind(name), literal(name)
    if how == "bytes" or isinstance(parsed, FileProperty):
        return _BYTES, f"bodies.BytesContent({shown})"
    if how == "text":
        return _TEXT, f"bodies.TextContent({shown})"
    if how == "any":
        return _EITHER, f"bodies.AnyContent({shown})"
    type_code = types.translate(parsed)
    if how == "json":
        codec = f"compounds.Nullable({type_code.codec})" if type_code.nullable else type_code.codec
        return type_code, f"bodies.JSONContent({shown}, {codec})"
    parts = {wire: one["contentType"] for wire, one in (encoding or {}).items() if "contentType" in one}
    maker = "MultipartContent" if how == "multipart" else "FormContent"
    return type_code, f"bodies.{maker}({shown}, {type_code.codec}{f', {literal(parts)}' if parts else ''})"


def _item(parsed: Property, pointer: str, types: Types) -> TypeCode:
    """The type of an item of the array at a JSON pointer."""
    for wire in keys(pointer):
        assert isinstance(parsed, ModelProperty)  # noqa: S101  # the checks accept no other pointer
        names = shown_names(properties(types.document, types.raw(parsed)))
        fields = fields_of(types.classes[str(parsed.class_info.name)])
        parsed = next(one for one in fields if one.name.get_untrusted_value() == names[wire])
    assert isinstance(parsed, ListProperty)  # noqa: S101  # the same
    return types.translate(cast("Property", parsed.inner_property))
