"""The bodies of an operation: the one that it sends, and those that its successes answer."""

from collections.abc import Mapping
from typing import Any

from generator.media import choose, kind
from generator.model.calls import AnswerModel, AnswersModel, BodyModel
from generator.model.code import TypeCode, literal
from generator.model.structure import properties
from generator.model.text import describe
from generator.model.types import Types

_BYTES = TypeCode("bytes", "")
_TEXT = TypeCode("str", "")


def build_body(written: Any, types: Types) -> BodyModel | None:
    """The body that an operation sends; of several content types, the one that clients can do best."""
    if written is None:
        return None
    raw = types.resolve(written)
    name = choose(raw["content"], sent=True)
    assert name is not None  # noqa: S101  # the check lets no other body pass
    media = raw["content"][name]
    schema = media.get("schema", {})
    type_code, content = _content(name, schema, types, media.get("encoding"))
    return BodyModel(
        type=type_code,
        content=content,
        required=bool(raw.get("required", False)),
        doc=describe(raw, schema=types.resolve(schema), fallback="What is sent."),
    )


def build_answers(raw: Mapping[str, Any], types: Types) -> AnswersModel:
    """What the successes of an operation carry, by status."""
    found = {int(status): types.resolve(one) for status, one in raw["responses"].items() if status.startswith("2")}
    full = {status: response["content"] for status, response in sorted(found.items()) if response.get("content")}
    chosen = {status: (choose(content, sent=False) or "", content) for status, content in full.items()}
    answers = {status: _answer(name, content[name], types) for status, (name, content) in chosen.items()}
    media_types = dict.fromkeys(name.partition(";")[0].strip() for name, _ in chosen.values())
    plain = [status for status in answers if kind(chosen[status][0]) == "json"]
    first = answers[plain[0]] if plain else None
    result = first.type if first else None
    if result is not None and "x-pagination" in raw:
        name, content = chosen[plain[0]]
        result = _item(content[name]["schema"], raw["x-pagination"]["items"], types)
    return AnswersModel(
        result=result,
        success=tuple(full),
        empty=tuple(sorted(found.keys() - full.keys())),
        others=tuple((status, answer) for status, answer in answers.items() if answer != first),
        accept=", ".join(media_types) or "application/json",
    )


def _answer(name: str, media: Mapping[str, Any], types: Types) -> AnswerModel:
    type_code, content = _content(name, media.get("schema", {}), types)
    return AnswerModel(type=type_code, content=content)


def _content(name: str, schema: Any, types: Types, encoding: Mapping[str, Any] | None = None) -> tuple[TypeCode, str]:
    """The type of a body, and the expression for the runtime's `bodies` module."""
    how, shown = kind(name), literal(name)
    if how == "text":
        return _TEXT, f"bodies.TextContent({shown})"
    if how == "bytes":
        return _BYTES, f"bodies.BytesContent({shown})"
    type_code = types.translate(schema)
    if how == "json":
        codec = f"compounds.Nullable({type_code.codec})" if type_code.nullable else type_code.codec
        return type_code, f"bodies.JSONContent({shown}, {codec})"
    parts = {wire: one["contentType"] for wire, one in (encoding or {}).items() if "contentType" in one}
    maker = "MultipartContent" if how == "multipart" else "FormContent"
    return type_code, f"bodies.{maker}({shown}, {type_code.codec}{f', {literal(parts)}' if parts else ''})"


def _item(schema: Any, pointer: str, types: Types) -> TypeCode:
    """The type of an item of the array at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        schema = properties(types.document, types.resolve(schema))[key]
    return types.translate(types.resolve(schema)["items"])
