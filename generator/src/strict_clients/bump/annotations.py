"""Compares type annotations: accepting more types, or returning fewer, breaks no caller."""

import ast


def widens(was: str, now: str) -> bool:
    """Whether every value of the old type is one of the new."""
    return now in {"Any", ""} or _members(was) <= _members(now)


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
