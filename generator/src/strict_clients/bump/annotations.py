"""Compares type annotations: accepting more types, or returning fewer, breaks no caller."""

import ast

_READ_ONLY = {"AsyncIterable", "AsyncIterator", "Collection", "Iterable", "Iterator", "Sequence", "frozenset"}
"""What only gives its items, so that one of more types takes the place of one of fewer."""


def widens(was: str, now: str) -> bool:
    """Whether every value of the old type is one of the new."""
    if now in {"Any", ""}:
        return True
    members = _members(now)
    return all(any(_holds(member, one) for member in members) for one in _members(was))


def _holds(new: str, old: str) -> bool:
    """Whether the member of a union holds every value of another one."""
    new_kind, _, new_items = new.partition("[")
    old_kind, _, old_items = old.partition("[")
    if new == old or new_kind != old_kind or new_kind not in _READ_ONLY:
        return new == old
    return widens(old_items[:-1], new_items[:-1])


def _members(annotation: str) -> set[str]:
    """The members of a union, or the values of a literal."""
    try:
        node = ast.parse(annotation, mode="eval").body
    except SyntaxError:
        return {annotation}
    return set(_united(node))


def _united(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_united(node.left), *_united(node.right)]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [f"Literal[{ast.unparse(value)}]" for value in values]
    return [ast.unparse(node)]
