"""`face-audit completion`: the script for completion in a shell."""

from __future__ import annotations

from typing import cast

import click
from click.shell_completion import ShellComplete, get_completion_class


@click.command(
    "completion",
    epilog="""\b
Examples:
  eval "$(face-audit completion bash)"
  face-audit completion fish > ~/.config/fish/completions/face-audit.fish""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options and regions in SHELL."""
    kind = cast("type[ShellComplete]", get_completion_class(shell))
    click.echo(kind(ctx.find_root().command, {}, "face-audit", "_FACE_AUDIT_COMPLETE").source())
