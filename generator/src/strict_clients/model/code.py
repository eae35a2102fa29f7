"""Pieces of Python code for the templates, made only of checked identifiers and literals."""

from typing import Any, cast

from attrs import field, frozen

from strict_clients.engine import PythonCode, UntrustedString


@frozen(order=True)
class Import:
    """One imported name."""

    module: str
    """`datetime` for a plain import, else absolute, or relative to the package (`.models.pet`)."""
    name: str = ""


@frozen
class TypeCode:
    """The Python code for one type of the document."""

    annotation: str
    """For answers and for the fields of models."""
    codec: str
    """The expression for the runtime's `scalars` and `compounds` modules."""
    imports: frozenset[Import] = frozenset()
    argument: str = ""
    """For arguments, if it differs."""
    nullable: bool = False
    known: str = ""
    """The codec for arguments, if it differs."""
    default: str = ""
    """The one value that it has, if there is only one."""
    later: frozenset[Import] = frozenset()
    """Imports that only its annotation needs: modules of classes that lead back to this one."""

    @property
    def as_argument(self) -> str:
        """The annotation for arguments."""
        return self.argument or self.annotation


def literal(value: Any) -> str:
    """A Python literal in ASCII, for any value."""
    if isinstance(value, UntrustedString):
        return ascii(value.get_untrusted_value())
    if value is None or isinstance(value, bool | int | float | str | tuple | list | dict):
        return ascii(cast("object", value))
    raise TypeError(f"no literal for {type(value).__name__}")


def code(text: str) -> PythonCode:
    """Mark text that was made of checked pieces as code."""
    return PythonCode(text)


@frozen(kw_only=True)
class Imports:
    """The imports of one generated file."""

    names: frozenset[Import] = field(factory=frozenset)

    def lines(self, prefix: str, *, folder: str = "") -> tuple[PythonCode, ...]:
        """The import statements of a file in `folder`; `prefix` leads from there to the package."""
        lines: list[str] = []
        for one in sorted(self.names):
            module = one.module
            if folder and module.startswith(f".{folder}."):
                module = module.removeprefix(f".{folder}")
            elif module.startswith("."):
                module = prefix + module.removeprefix(".")
            lines.append(f"from {module} import {one.name}" if one.name else f"import {module}")
        return tuple(code(line) for line in lines)
