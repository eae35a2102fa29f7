"""Where the service is: the server of a document, and its variables."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from strict_clients.engine import class_name, python_name, untrusted
from strict_clients.model.package import EnumModel, MemberModel, ServerModel, VariableModel
from strict_clients.model.text import describe
from strict_clients.names import variable_member

_ENDPOINT = re.compile(r"\{([^{}]*)\}(/.*)?")


def build_server(raw: Mapping[str, Any]) -> ServerModel:
    """The server; if a variable or a relative URL leaves scheme and host open, callers give `endpoint`."""
    variables = dict(raw.get("variables", {}))
    origin: str | None
    whole = _ENDPOINT.fullmatch(raw["url"])
    if raw["url"].startswith("/"):
        origin, prefix, environment = None, raw["url"].rstrip("/"), raw.get("x-env")
    elif whole is None:
        scheme, _, rest = raw["url"].partition("://")
        host, _, path = rest.partition("/")
        origin, prefix, environment = f"{scheme}://{host}", f"/{path}".rstrip("/"), raw.get("x-env")
    else:
        endpoint = variables.pop(whole[1])
        origin = None if endpoint.get("x-required") else endpoint["default"] or None
        prefix, environment = (whole[2] or "").rstrip("/"), raw.get("x-env") or endpoint.get("x-env")
    return ServerModel(
        host=origin,
        prefix=prefix,
        environment=environment,
        variables=tuple(
            _variable(name, one, in_path=f"{{{name}}}" in prefix and f"{{{name}}}" not in (origin or ""))
            for name, one in variables.items()
        ),
    )


def split_url(url: str) -> tuple[str, str]:
    """Scheme and host, empty for a relative URL, and the path of a URL without variables."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "", parts.path.rstrip("/")


def _variable(name: str, raw: Mapping[str, Any], *, in_path: bool) -> VariableModel:
    enum = None
    if "enum" in raw:
        shown = raw.get("x-display-names", {})
        enum = EnumModel(
            name=raw.get("x-class") or class_name(name),
            module=python_name(name),
            base="StrEnum",
            doc=describe(raw, fallback=f"The values of {name}."),
            members=tuple(
                MemberModel(
                    name=variable_member(shown.get(value, value)), value=value, doc=untrusted(shown.get(value, value))
                )
                for value in raw["enum"]
            ),
        )
    return VariableModel(
        name=name,
        parameter=python_name(name),
        default=None if raw.get("x-required") else raw["default"],
        example=raw["default"],
        environment=raw.get("x-env"),
        in_path=in_path,
        enum=enum,
        doc=describe(raw, fallback=f"The part {name} of the {'path' if in_path else 'name of the host'}."),
    )
