"""`face-audit verify`: what was changed in a folder of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..folder import session_ids
from ..verifying import Verification, verify
from .counting import counting
from .options import FOLDER, check_store
from .screen import Form, console, find_form, form_option, many, note, write_json


@click.command(
    "verify",
    epilog="""Exit codes: 0 all that is there is as it was exported; 1 something is not, or an export is unfinished;
2 there is nothing to verify. Sessions that are not complete are counted beside it.

\b
Example:
  face-audit verify evidence --manifest-store /mnt/write-once/manifests""",
)
@click.argument("folder", type=FOLDER)
@click.option("--manifest-store", type=FOLDER, help="A folder with copies of the manifests, kept elsewhere.")
@form_option
@click.pass_context
def command(ctx: click.Context, folder: Path, manifest_store: Path | None, form: Form | None) -> None:
    """Find every change, deletion, insertion, swap and truncation in FOLDER; nothing is sent.

    An export may be at work in FOLDER, or may have been killed in it; what it has not finished is named.

    Whoever can rewrite all files of a session can rewrite its manifest and the summary, too. Copies of the manifests
    that are kept where nobody can write show that; without --manifest-store it goes unnoticed.
    """
    check_store(manifest_store, folder)
    with counting("verifying", len(session_ids(folder))) as count:
        found = verify(folder, manifest_store=manifest_store, on_session=count)
    _show(found, find_form(form))
    if manifest_store is None:
        note("no --manifest-store: a session that was rewritten together with its manifest and the summary is not seen")
    ctx.exit(0 if found.passed else 1)


def _show(found: Verification, form: Form) -> None:
    problems: list[dict[str, Any]] = [
        {"file": str(one.file), "line": one.line, "what": one.what, "remedy": one.remedy} for one in found.problems
    ]
    if form == "json":
        write_json(problems)
    else:
        for problem in found.problems:
            console().print(str(problem), style="red", soft_wrap=True)
    for session_id in found.unfinished:
        note(f"{session_id}: unfinished; export it again")
    for session_id in found.expired:
        note(f"{session_id}: expired while it was exported; what came before that is here")
    counts = f"{many(found.sessions, 'session')}, {many(found.entries, 'entry', 'entries')}"
    if found.problems:
        note(f"{counts}: {many(len(found.problems), 'problem')}")
    elif found.sessions:
        note(f"{counts}: everything is as it was exported")
    else:
        note(f"{counts}: there is no evidence here")
    if found.incomplete:
        those = ", ".join(f"{count:,} {outcome}" for outcome, count in found.incomplete.items())
        note(f"not complete: {those}; export these sessions again")
