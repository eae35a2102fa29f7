"""Adapts answers of the old document to a service that follows this package's document.

What the new document requires in addition is added: without it, no service that follows the document would answer.
What it moves or drops is left as it was, so that the package shows the effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .plain import is_array, is_object
from .values import Maker, Unmade


def fit(answer: Mapping[str, Any], operation: Any, json: Any) -> Any:
    """The JSON body of an answer; `json` are the package's functions for JSON pointers."""
    status = answer["status"]
    if status >= 300:  # noqa: PLR2004  # not a success (RFC 9110, 15)
        names = (str(status), f"{status // 100}XX", "default")
        rules: Any = next((operation.errors[name] for name in names if name in operation.errors), ())
        return _fitted(next((rule.body.type for rule in rules if hasattr(rule.body, "type")), None), answer["json"])
    if "page" in answer:
        return _fit_page(answer["page"], operation, json)
    content = operation.answers.get(operation.named(status))
    type_ = operation.result if content is None else getattr(content, "type", None)
    return answer["json"] if operation.pagination else _fitted(type_, answer["json"])


def fit_status(answer: Mapping[str, Any], operation: Any) -> int:
    """The status of an answer; a success that the document does not name gets the documented one for its body."""
    status: int = answer["status"]
    named = operation.success if answer.keys() & {"json", "page", "base64"} else operation.empty
    known = sorted(one for one in named if isinstance(one, int))
    if status >= 300 or operation.named(status) is not None or not known:  # noqa: PLR2004  # as above
        return status
    return int(known[0])


def _fit_page(page: Mapping[str, Any], operation: Any, json: Any) -> Any:
    pagination = operation.pagination
    items = [_fitted(operation.result, item) for item in page["items"]] if pagination else page["items"]
    body = json.put(page["envelope"], page["items_at"], items)
    token = page.get("token")
    if "token_at" in page:
        body = json.put(body, page["token_at"], token) if token else json.drop(body, page["token_at"])
    if pagination is None:
        return _fitted(operation.result, body)
    if json.find(body, pagination.items) is None:
        body = json.put(body, pagination.items, items)
    if token and pagination.style == "token" and json.find(body, pagination.cursor_at) is None:
        body = json.put(body, pagination.cursor_at, token)
    return body


def _fitted(kind: Any, value: Any) -> Any:
    if kind is None or _is_taken(kind, value):
        return value
    return _complete(kind, value)


def _is_taken(kind: Any, value: Any) -> bool:
    try:
        kind.decode(value)
    except ValueError:
        return False
    return True


def _complete(kind: Any, value: Any) -> Any:  # noqa: PLR0911  # one for each type
    """The value, completed with everything that its type requires."""
    name = type(kind).__name__
    if (hasattr(kind, "found") or name == "ModelOf") and is_object(value):
        return _complete_model(getattr(kind, "found", kind).model, value)
    if name in {"Nullable", "Limited"}:
        return _fitted(kind.inner, value) if value is not None else None
    if name == "ListOf" and is_array(value):
        return [_fitted(kind.inner, one) for one in value]
    if name == "MapOf" and is_object(value):
        return {key: _fitted(kind.inner, one) for key, one in value.items()}
    if name == "Tagged" and is_object(value):
        found = kind.types.get(value.get(kind.property))
        return value if found is None else _fitted(found, value)
    if name == "OneOf":
        tried = (_fitted(one, value) for one in kind.types)
        return next((one for one in tried if _is_taken(kind, one)), value)
    return value


def _complete_model(model: Any, value: Mapping[str, Any]) -> Any:
    made = dict(value)
    for field in model._fields:
        names = [name for name in (field.wire, *field.other_names) if name in made]
        for name in names:
            made[name] = _fitted(field.type, made[name])
        if field.required and not field.write_only and not names:
            with suppress(Unmade):
                made[field.wire] = Maker(sent=False, full=False).make(field.type, f"required/{field.wire}")
    return made
