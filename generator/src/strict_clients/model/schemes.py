"""How callers are known to the service: the security schemes of a document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from strict_clients.engine import python_name
from strict_clients.load import Document
from strict_clients.model.package import SchemeModel, TokenHostsModel
from strict_clients.model.text import describe
from strict_clients.shown import operation_places
from strict_clients.structure import resolve


def build_schemes(document: Document) -> Iterator[SchemeModel]:
    """The security schemes; the one that the document names first is the first argument of the clients."""
    raw, needs = document.raw, _needs(document)
    declared: dict[str, Any] = raw.get("components", {}).get("securitySchemes", {})
    for name in dict.fromkeys([*(name for one in raw.get("security", ()) for name in one), *declared]):
        scheme = resolve(document, declared[name])
        is_key, is_basic = scheme["type"] == "apiKey", str(scheme.get("scheme")).lower() == "basic"
        tokens = scheme.get("x-token-credential")
        yield SchemeModel(
            name=name,
            parameter=scheme.get("x-parameter") or python_name(name),
            place=scheme["in"] if is_key else "header",
            wire=scheme["name"] if is_key else "Authorization",
            prefix="" if is_key else "Basic " if is_basic else "Bearer ",
            environment=scheme.get("x-env"),
            doc=describe(scheme, fallback=f"The credential of {name}."),
            tokens=None if tokens is None else _hosts(tokens),
            instead_of=() if tokens is None else tuple(one for one in declared if _does_for(name, one, needs)),
        )


def is_anonymous(document: Document) -> bool:
    """Whether an operation names `{}` among its alternatives, or none needs a credential."""
    needs = _needs(document)
    return bool(document.raw.get("components", {}).get("securitySchemes")) and (
        any({} in one for one in needs) or not any(needs)
    )


def _needs(document: Document) -> Sequence[Sequence[Mapping[str, Any]]]:
    """What each operation needs, as alternatives."""
    shared = document.raw.get("security", [])
    return [place.raw.get("security", shared) for place in operation_places(document)]


def _hosts(raw: Mapping[str, Any]) -> TokenHostsModel:
    return TokenHostsModel(scopes=tuple(raw["scopes"].items()), refused=tuple(raw.get("refused", {}).items()))


def _does_for(name: str, other: str, needs: Sequence[Sequence[Mapping[str, Any]]]) -> bool:
    """Whether a scheme is enough wherever another one is taken."""
    taken = [ways for ways in needs if any(other in way for way in ways)]
    return name != other and bool(taken) and all(any([*way] == [name] for way in ways) for ways in taken)
