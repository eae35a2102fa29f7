"""Finds the small changes of a module, each of which a test should notice."""

from __future__ import annotations

import ast
import re
from collections import Counter
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
_OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any", "find": "rfind", "partition": "rpartition"}
_NORMALISERS = {"strip", "lower", "casefold", "lstrip"}
_REMOVABLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete, ast.Raise, ast.Break, ast.Continue)
# Types, and code that runs before any test.
_UNTOUCHED = {"annotation", "returns", "decorator_list", "type_params", "bases", "format_spec"}
_PROSE = re.compile(r"(?:[A-Za-z.,;:]+ ){2}[A-Za-z]")

Place: TypeAlias = tuple[Any, str, int | None]
"""A node, its field, and where in the field's list."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of a module."""

    module: str
    where: str
    """The function or method around it; empty for code that runs at import."""
    change: str
    """The code before and after; unique within `where`."""
    lines: range
    """The lines of the statement, or of the head of a compound statement."""
    tree: ast.Module
    place: Place
    new: ast.AST

    @property
    def name(self) -> str:
        """The same in every run, whatever changes elsewhere in the module."""
        return f"{self.module}.{self.where or '(import)'}: {self.change}"

    def compile(self) -> CodeType:
        """The module's code with this change."""
        node, field, index = self.place
        old = getattr(node, field)
        setattr(node, field, self.new if index is None else [*old[:index], self.new, *old[index + 1 :]])
        try:
            return compile(ast.fix_missing_locations(self.tree), f"{self.module}.py", "exec", dont_inherit=True)
        finally:
            setattr(node, field, old)


def find_mutants(module: str, source: str) -> Iterator[Mutant]:
    """All changes of the module, in its order."""
    tree = ast.parse(source)
    seen = Counter[tuple[str, str]]()
    for where, lines, place, new in _walk(tree, "", "", range(0)):
        node, field, index = place
        old = getattr(node, field) if index is None else getattr(node, field)[index]
        if isinstance(new, (ast.expr, ast.stmt)):
            ast.copy_location(new, old)
        change = _describe(node, old, new)
        seen[where, change] += 1
        if seen[where, change] > 1:
            change += f" (no. {seen[where, change]})"
        yield Mutant(module=module, where=where, change=change, lines=lines, tree=tree, place=place, new=new)


def _walk(node: ast.AST, scope: str, where: str, lines: range) -> Iterator[tuple[str, range, Place, ast.AST]]:
    """Every place to change: the function around it, the lines of the statement, the place, its new node."""
    for field, value in ast.iter_fields(node):
        if field in _UNTOUCHED:
            continue
        many = isinstance(value, list)
        is_body = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and field == "body"
        around = where or (scope[:-1] if is_body else "")
        for index, child in enumerate(value if many else [value]):
            if not isinstance(child, ast.AST) or _is_for_readers(node, field, index, child):
                continue
            near = _lines(child) or lines
            for new in _changes(child, field, in_function=around != ""):
                yield around, near, (node, field, index if many else None), new
            named = isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            yield from _walk(child, f"{scope}{child.name}." if named else scope, around, near)


def _is_for_readers(node: ast.AST, field: str, index: int, child: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"TypeVar", "cast"}:
        return field == "args" and index == 0
    match child:
        case ast.Expr(ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.If(ast.Name("TYPE_CHECKING")):
            return True
        case ast.Constant(str(text)):
            return _PROSE.search(_spoken(node) if isinstance(node, ast.JoinedStr) else text) is not None
    return False


def _spoken(node: ast.JoinedStr) -> str:
    return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)


def _changes(child: ast.AST, field: str, *, in_function: bool) -> Iterator[ast.AST]:
    """The nodes that may replace the child."""
    for other in _OPERATORS.get(type(child), ()):
        yield other()
    if isinstance(child, ast.expr):
        if field in {"test", "ifs"} and not isinstance(child, (ast.Compare, ast.UnaryOp)):
            yield ast.UnaryOp(ast.Not(), child)
        yield from _other_expressions(child)
    elif in_function and isinstance(child, ast.Return) and not _is_none(child.value):
        yield ast.Return(ast.Constant(None))
    elif in_function and isinstance(child, _REMOVABLE) and not (isinstance(child, ast.AnnAssign) and not child.value):
        yield ast.Pass()


def _other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value):
            yield from map(ast.Constant, _other_values(value))
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.BoolOp(_, [_, _]):
            yield from node.values
        case ast.BoolOp():
            yield from _with_one_less(node, "values")
        case ast.FormattedValue():
            for part, nothing in (("conversion", -1), ("format_spec", None)):
                if getattr(node, part) != nothing:
                    yield _with(node, **{part: nothing})
        case ast.Slice():
            yield from (_with(node, **{end: None}) for end in ("lower", "upper") if getattr(node, end) is not None)
        case ast.Call():
            yield from _other_calls(node)
            yield from _with_one_less(node, "keywords")


def _other_values(value: object) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value - 1)
        case str():
            yield f"XX{value}"
        case bytes():
            yield b"XX" + value


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    match node.func:
        case ast.Name(name) if name in _OPPOSITES:
            yield _with(node, func=_with(node.func, id=_OPPOSITES[name]))
        case ast.Attribute(_, name) if name in _OPPOSITES:
            yield _with(node, func=_with(node.func, attr=_OPPOSITES[name]))
        case ast.Attribute(value, name) if name in _NORMALISERS:
            yield value


def _with(node: ast.expr, **fields: Any) -> Any:
    made = copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _with_one_less(node: ast.expr, field: str) -> Iterator[ast.expr]:
    parts = getattr(node, field)
    return (_with(node, **{field: [*parts[:place], *parts[place + 1 :]]}) for place in range(len(parts)))


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _lines(node: ast.AST) -> range | None:
    """The lines of a statement, of the head alone where it holds others."""
    if not isinstance(node, ast.stmt):
        return None
    body = getattr(node, "body", None)
    return range(node.lineno, body[0].lineno if body else (node.end_lineno or node.lineno) + 1)


def _describe(node: ast.AST, old: ast.AST, new: ast.AST) -> str:
    """The code before and after, on one line."""
    if isinstance(old, (ast.cmpop, ast.operator, ast.boolop)):
        return f"{_text(node)}: {type(old).__name__} -> {type(new).__name__}"
    if isinstance(old, (ast.Constant, ast.FormattedValue, ast.Slice)):
        return f"{_text(node)}: {_text(old)} -> {_text(new)}"
    return f"{_text(old)} -> {_text(new)}"


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.FormattedValue):
        node = ast.JoinedStr([node])
    if isinstance(node, ast.Slice):
        node = ast.Subscript(ast.Name("", ast.Load()), node, ast.Load())
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:100]}..."
