"""The pages of the reference: public names from their docstrings, commands from their help."""

from __future__ import annotations

import inspect
import io
import re
from contextlib import redirect_stdout, suppress
from importlib import import_module
from typing import TYPE_CHECKING, get_type_hints

import click
import face_audit
import face_audit.errors
import face_audit.models
from attrs import frozen
from face_audit_tools.command import cli

from strict_clients.__main__ import main as strict_clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_WIDTH = 78


@frozen
class Reference:
    """A page about public names."""

    title: str
    about: str
    names: tuple[str, ...]
    """Each with its module."""


def _of(module: str, *, without: Iterable[str] = ()) -> tuple[str, ...]:
    listed = import_module(module).__all__
    return tuple(f"{module}.{name}" for name in sorted(listed) if name not in without and not name.startswith("__"))


_ELSEWHERE = {*face_audit.errors.__all__, *face_audit.models.__all__}


def _resources(client: type) -> Iterator[str]:
    """The classes of the client's groups of operations, with their modules."""
    for value in vars(client).values():
        if isinstance(value, property):
            resource = get_type_hints(value.fget)["return"]
            yield f"{resource.__module__}.{resource.__qualname__}"


PAGES = {
    "reference-client.md": Reference(
        "Clients and values",
        "the clients and their methods, pagers, settings and values",
        (
            "face_audit.FaceAuditClient",
            *_resources(face_audit.FaceAuditClient),
            "face_audit.AsyncFaceAuditClient",
            *_resources(face_audit.AsyncFaceAuditClient),
            *_of("face_audit", without=_ELSEWHERE | {"FaceAuditClient", "AsyncFaceAuditClient"}),
        ),
    ),
    "reference-models.md": Reference(
        "Models", "what the service returns", tuple(f"face_audit.{name}" for name in face_audit.models.__all__)
    ),
    "reference-errors.md": Reference(
        "Exceptions",
        "every exception with its attributes",
        tuple(f"face_audit.{name}" for name in face_audit.errors.__all__),
    ),
    "reference-testing.md": Reference("Emulator", "the emulator for tests", _of("face_audit.testing")),
    "reference-tools.md": Reference(
        "Evidence library", "the library of the command `face-audit`", _of("face_audit_tools")
    ),
}
"""By the name of the page."""


def write_reference(target: Path) -> str:
    """Write the pages into `target`; gives the section of the index that lists them."""
    rows = list[str]()
    for name, page in PAGES.items():
        (target / name).write_text(_describe(page), encoding="utf-8")
        rows.append(f"| [{page.title}]({name}) | {page.about} |")
    for command, about, helps in (
        ("face-audit", "every command and option of the evidence tool", _helps_of_click("face-audit", cli)),
        (
            "strict-clients",
            "every command and option of the generator",
            _helps_of_argparse(strict_clients, "strict-clients"),
        ),
    ):
        name = f"command-{command}.md"
        written = "".join(f"## {title}\n\n```text\n{text.strip()}\n```\n\n" for title, text in helps)
        (target / name).write_text(f"# The command {command}\n\n{written}", encoding="utf-8")
        rows.append(f"| [The command {command}]({name}) | {about} |")
    return "\n".join(["## Reference", "", "| page | what it covers |", "|---|---|", *rows, "", ""])


def _describe(page: Reference) -> str:
    directives = "".join(map(_directive, page.names))
    return f"# {page.title}\n\n```{{eval-rst}}\n{directives}```\n"


def write_types(target: Path, surface: str) -> None:
    """Append the aliases that signatures name, which the list of public names has with `*` for their module."""
    aliases = re.findall(r"^face_audit\.\*\.([A-Z]\w*[a-z]\w*|JSON): (.+)$", surface, re.MULTILINE)
    types = "".join(f".. py:type:: {name}\n   :canonical: {value}\n\n" for name, value in aliases)
    with (target / "reference-client.md").open("a", encoding="utf-8") as page:
        page.write(f"\n## Types in signatures\n\n```{{eval-rst}}\n{types}```\n")


def _directive(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    value = getattr(import_module(module), attribute)
    if inspect.isclass(value) and issubclass(value, BaseException):
        return f".. autoexception:: {name}\n   :show-inheritance:\n\n"
    kind = "class" if inspect.isclass(value) else "function" if inspect.isroutine(value) else "data"
    return f".. auto{kind}:: {name}\n\n"


def _helps_of_click(name: str, command: click.Command) -> Iterator[tuple[str, str]]:
    """The help of a command of click and of those below it, with their names."""
    settings = {**command.context_settings, "max_content_width": _WIDTH, "terminal_width": _WIDTH}
    context = click.Context(command, info_name=name, **settings)
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for listed in command.list_commands(context):
            inner = command.get_command(context, listed)
            if inner is not None and not inner.hidden:
                yield from _helps_of_click(f"{name} {listed}", inner)


def _helps_of_argparse(main: Callable[[list[str]], object], name: str, *below: str) -> Iterator[tuple[str, str]]:
    """The same for a command of argparse; it is called, because its parsers are inside of its function."""
    printed = io.StringIO()
    with redirect_stdout(printed), suppress(SystemExit):
        main([*below, "--help"])
    yield " ".join([name, *below]), printed.getvalue()
    for inner in re.findall(r"^    (\w+) ", printed.getvalue().partition("\noptions:")[0], re.MULTILINE):
        yield from _helps_of_argparse(main, name, *below, inner)
