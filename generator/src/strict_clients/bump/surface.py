"""The public names of a package, with their signatures, types, defaults and values: what callers can write."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen
from griffe import Alias, Attribute, Class, Expr, ExprName, Function, Module, Object, load, load_extensions

from strict_clients.bump.attrs_classes import AttrsExtension

_PROTOCOLS = frozenset(
    f"__{name}__"
    for name in (
        *("init", "call", "len", "bool", "contains", "getitem", "iter", "next", "enter", "exit"),
        *("aiter", "anext", "aenter", "aexit"),
    )
)
_CONSTANTS = {"'": "str", '"': "str", "(": "tuple", "[": "list", "{": "dict"}


@frozen(kw_only=True)
class Argument:
    """One parameter of a function."""

    name: str
    kind: str
    """In griffe's words: `positional or keyword`, `keyword-only`."""
    annotation: str
    default: str | None

    @property
    def text(self) -> str:
        """The argument as written in a signature."""
        star = {"variadic positional": "*", "variadic keyword": "**"}.get(self.kind, "")
        typed = f"{star}{self.name}: {self.annotation}" if self.annotation else star + self.name
        if self.default is None or star:
            return typed
        return f"{typed} = {self.default}" if self.annotation else f"{typed}={self.default}"


@frozen(kw_only=True)
class Entry:
    """One public name: a class by its bases, a function by its signature, anything else by its type or value."""

    kind: str
    """`class`, `function`, `value` (with a type), `member` (of an enum, with its value) or `name` (an alias)."""
    text: str
    """What follows the name: bases, type, value or the other name; for a function, its return type."""
    arguments: tuple[Argument, ...] = ()
    is_async: bool = False

    def line(self, name: str) -> str:
        """The entry as a line of the snapshot."""
        if self.kind == "function":
            return f"{name}({', '.join(self._parts())}) -> {self.text or 'Any'}{' (async)' if self.is_async else ''}"
        return name + {"class": f"({self.text})", "value": f": {self.text}"}.get(self.kind, f" = {self.text}")

    def _parts(self) -> Iterator[str]:
        starred = False
        for argument in self.arguments:
            if argument.kind == "keyword-only" and not starred:
                yield "*"
            starred |= argument.kind in {"keyword-only", "variadic positional"}
            yield argument.text


Surface = Mapping[str, Entry]
"""By dotted name; the names of overloads end in a number."""


def read_surface(folder: Path, package: str) -> Surface:
    """The public names of the package in the folder, read without importing it: its `__all__`s and what they use."""
    return dict(sorted(_Collector(load_package(folder, package)).collect(), key=lambda one: one[0]))


def load_package(folder: Path, package: str) -> Module:
    """The package as read by griffe, with the `__init__`s of attrs."""
    root = load(package, search_paths=[folder], allow_inspection=False, extensions=load_extensions(AttrsExtension()))
    assert isinstance(root, Module)  # noqa: S101  # a package is a module
    return root


def snapshot(surface: Surface) -> str:
    """The surface as text, a line for each name."""
    return "".join(f"{entry.line(name)}\n" for name, entry in surface.items())


def signature(surface: Surface, call: str) -> str:
    """The line of the sync method that callers write as `client.group.method`; empty if there is none."""
    _, group, method = call.split(".")
    owners = {entry.text for name, entry in surface.items() if name.endswith(f".{group}") and ".Async" not in name}
    for name, entry in surface.items():
        owner, _, found = name.rpartition(".")
        if found.partition("#")[0] == method and owner.rpartition(".")[2] in owners:
            return evolve(entry, arguments=entry.arguments[1:]).line(call)
    return ""


class _Collector:
    def __init__(self, root: Module) -> None:
        self._root = root
        self._names: dict[str, str] = {}
        """The public name of each object, by where it is written."""
        self._waiting: list[tuple[str, Object]] = []
        self._internal: list[tuple[str, Function]] = []
        """Methods with an argument that no public name provides: only the package calls them."""

    def collect(self) -> Iterator[tuple[str, Entry]]:
        for module in _public_modules(self._root):
            exports = [*map(str, module.exports or ()), *(["__version__"] if "__version__" in module.members else [])]
            for name in exports:
                found, full = _target(module[name]), f"{module.path}.{name}"
                if self._names.setdefault(found.path, full) == full:
                    self._waiting.append((full, found))
                else:
                    yield full, Entry(kind="name", text=self._names[found.path])
        while self._waiting or self._is_one_known_now():
            yield from self._entries(*self._waiting.pop())

    def _is_one_known_now(self) -> bool:
        known = [one for one in self._internal if not self._is_internal(one[1])]
        self._internal = [one for one in self._internal if one not in known]
        self._waiting += known
        return bool(known)

    def _entries(self, name: str, found: Object) -> Iterator[tuple[str, Entry]]:
        if isinstance(found, Class):
            yield name, Entry(kind="class", text=", ".join(self._bases(found)))
            for key, member in sorted(found.all_members.items()):
                if not key.startswith("_") or key in _PROTOCOLS:
                    yield from self._member(f"{name}.{key}", _target(member), found)
        else:
            yield from self._member(name, found, None)

    def _bases(self, found: Class) -> Iterator[str]:
        """The public bases; inherited members are listed with the class."""
        for base in found.bases:
            path = base.canonical_path if isinstance(base, Expr) else str(base)
            target = _find(found, path)
            if target is None:
                yield str(base)
            elif target.path in self._names:
                yield self._names[target.path].rpartition(".")[2]

    def _member(self, name: str, found: Object, owner: Class | None) -> Iterator[tuple[str, Entry]]:
        if isinstance(found, Attribute):
            yield name, self._attribute(found, owner)
        elif isinstance(found, Class):
            self._names.setdefault(found.path, name)
            yield from self._entries(name, found)
        elif isinstance(found, Function) and owner is not None and self._is_internal(found):
            self._internal.append((name, found))
        elif isinstance(found, Function):
            overloads = found.overloads or [found]
            for number, one in enumerate(overloads, 1):
                yield name if len(overloads) == 1 else f"{name}#{number}", self._function(one)

    def _is_internal(self, found: Function) -> bool:
        """Whether an argument is of a class that no public name leads to."""
        types = [target for one in found.parameters for target in self._types(one.annotation, found)]
        return any(isinstance(one, Class) and one.path not in self._names and not _is_protocol(one) for one in types)

    def _function(self, found: Function) -> Entry:
        self._follow(found.returns, found)
        arguments: list[Argument] = []
        for one in found.parameters:
            self._follow(one.annotation, found)
            kind = one.kind.value if one.kind else ""
            default = None if one.default is None else str(one.default)
            arguments.append(Argument(name=one.name, kind=kind, annotation=_text(one.annotation), default=default))
        is_async = "async" in found.labels
        return Entry(kind="function", text=_text(found.returns), arguments=tuple(arguments), is_async=is_async)

    def _attribute(self, found: Attribute, owner: Class | None) -> Entry:
        annotation = found.annotation or _annotation_of_argument(found, owner)
        self._follow(annotation, found)
        value = _text(found.value)
        if owner is not None and any(str(base).endswith("Enum") for base in owner.bases):
            return Entry(kind="member", text=value)
        if "TypeAlias" in _text(annotation):
            self._follow(found.value, found)
            return Entry(kind="value", text=value)
        return Entry(kind="value", text=_text(annotation) or _CONSTANTS.get(value[:1], value))

    def _follow(self, expression: str | Expr | None, at: Object) -> None:
        """Take in the classes and aliases that a public signature leads to.

        If no `__all__` lists them, they are listed by name without a module, because the module is private.
        """
        for found in self._types(expression, at):
            if found.path not in self._names and not _text(getattr(found, "value", "")).startswith("TypeVar"):
                self._names[found.path] = name = f"{self._root.path}.*.{found.name}"
                self._waiting.append((name, found))

    def _types(self, expression: str | Expr | None, at: Object) -> Iterator[Object]:
        for part in expression.iterate(flat=True) if isinstance(expression, Expr) else ():
            found = _find(at, part.canonical_path) if isinstance(part, ExprName) else None
            if isinstance(found, Class | Attribute):
                yield found


def _is_protocol(found: Class) -> bool:
    """Whether callers can give an object of their own class."""
    return "Protocol" in map(str, found.bases)


def _find(at: Object, path: str) -> Object | None:
    """The object of the package at a path, or None for objects elsewhere."""
    if not path.startswith(f"{at.package.path}."):
        return None
    return _target(at.modules_collection[path])


def _annotation_of_argument(found: Attribute, owner: Class | None) -> str | Expr | None:
    """The type of `self.code = code`, from the argument of `__init__`."""
    init = None if owner is None else owner.all_members.get("__init__")
    target = None if init is None else _target(init)
    arguments = target.parameters if isinstance(target, Function) else ()
    return next((one.annotation for one in arguments if one.name == _text(found.value)), None)


def _public_modules(module: Module) -> Iterator[Module]:
    if module.exports is not None:
        yield module
    for member in module.members.values():
        if isinstance(member, Module) and not member.name.startswith("_"):
            yield from _public_modules(member)


def _target(found: Object | Alias) -> Object:
    target = found.final_target if isinstance(found, Alias) else found
    assert isinstance(target, Object)  # noqa: S101  # the final target is not an alias
    return target


def _text(expression: object) -> str:
    return "" if expression is None else str(expression)
