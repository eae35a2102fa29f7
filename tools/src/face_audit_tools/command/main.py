"""The command and its subcommands, which are loaded when they are called."""

from __future__ import annotations

import errno
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click
from face_audit import FaceAuditError

from ..errors import ToolError
from ..settings import NAMES, read_settings, settings_path
from ..version import VERSION
from .options import source_of
from .stopping import stop_as_ctrl_c
from .streams import open_missing
from .words import in_words

_COMMANDS = {
    "list": "Show the audit entries of a session.",
    "export": "Export sessions to a folder of evidence.",
    "verify": "Find what was changed in a folder of evidence.",
    "digests": "Compare reported digests with recorded ones.",
    "report": "Write a page about a folder for a reviewer.",
    "delete": "Delete sessions, and leave tombstones.",
    "convert": "Convert a folder to Parquet, CSV or DuckDB.",
    "regions": "Show the regions and their hosts.",
    "emulate": "Serve an emulator with generated sessions.",
    "completion": "Print the completion script for a shell.",
}


class _Refused(click.ClickException):
    exit_code = 2


class _Interrupted(click.ClickException):
    exit_code = 130

    def show(self, file: Any = None) -> None:
        """Say so: it is not an error."""
        del file
        click.echo(self.message, err=True)


class _Commands(click.Group):
    """The subcommands. Their own errors are shown as one line that says what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of use."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = import_module(f"{__package__}.{cmd_name}").command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run one of them."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort) as error:
            raise _Interrupted("interrupted") from error
        except click.BadParameter as error:
            if error.ctx is not None and isinstance(error.param, click.Option) and error.param_hint is None:
                error.param_hint = source_of(error.ctx, str(error.param.name))
            raise
        except (ToolError, FaceAuditError) as error:
            raise _Refused(in_words(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader has closed the pipe, which is not an error
                raise
            where = error.filename or "the system"
            raise _Refused(f"{where}: {error.strerror}; fix that, and run the same command again") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""Settings come from flags, then from the environment, then from ~/.config/face-audit/config.toml.
The key is read from FACE_APIKEY, from the file of --key-file, or from a prompt.

\b
Example:
  face-audit emulate --write try --background
  export FACE_ENDPOINT=http://127.0.0.1:8765 FACE_APIKEY=emulator-key
  face-audit export try/sessions.txt --out evidence
  face-audit verify evidence""",
)
@click.version_option(VERSION, prog_name="face-audit")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of settings, instead of ~/.config/face-audit/config.toml.",
)
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Keep the audit entries of Face liveness sessions as evidence."""
    if config is not None and not config.exists():
        raise click.BadParameter(f"{config}: does not exist", param_hint="--config")
    ctx.obj = config or settings_path()
    name = str(ctx.invoked_subcommand)
    if any(one.name in NAMES for one in cast("click.Command", cli.get_command(ctx, name)).params):
        ctx.default_map = {name: read_settings(ctx.obj)}


def main() -> None:
    """Run the command and end the process."""
    open_missing()
    stop_as_ctrl_c()
    cli.main(prog_name="face-audit")
