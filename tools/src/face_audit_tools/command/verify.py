"""`face-audit verify`: what was changed in a folder of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import click

from ..folder import describe_writers, find_writers, session_ids
from ..verifying import Verification, verify
from .counting import counting
from .options import FOLDER, check_store
from .screen import Form, find_form, form_option, many, note, show_line, write_json

Fact: TypeAlias = tuple[dict[str, Any], str]
_PROBLEM = "problem"


@click.command(
    "verify",
    epilog="""Exit codes: 0 all that is there is as it was exported; 1 something is not, an export is unfinished,
entries may be missing because ids skip or one was refused, or no session has any evidence; 2 there is nothing to
verify.
Sessions that are not complete are counted beside it.

As JSON, each line is an object with the sentence as "text". Its "fact" is problem, unfinished, expired, partial,
quarantine, gone, deleted, total, incomplete, writable or no-store.

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

    Anyone who can rewrite all files of a session can rewrite its manifest and the summary, too. Copies of the manifests
    that are kept where nobody can write show that; without --manifest-store it goes unnoticed.
    """
    check_store(manifest_store, folder)
    with counting("verifying", len(session_ids(folder))) as count:
        found = verify(folder, manifest_store=manifest_store, on_session=count)
    _show(list(_facts(found, folder, manifest_store)), find_form(form))
    ctx.exit(0 if found.passed else 1)


def _facts(found: Verification, folder: Path, store: Path | None) -> Iterator[Fact]:
    """What there is to say, each as values and as a sentence."""
    for one in found.problems:
        values = {"file": str(one.file), "line": one.line, "what": one.what, "remedy": one.remedy}
        yield {"fact": _PROBLEM, **values}, str(one)
    for session_id in found.unfinished:
        yield {"fact": "unfinished", "session_id": session_id}, f"{session_id}: unfinished; export it again"
    for session_id in found.expired:
        what = "expired while it was exported; what came before that is here"
        yield {"fact": "expired", "session_id": session_id}, f"{session_id}: {what}"
    yield from _findings(found)
    yield _total(found)
    incomplete = {outcome: count for outcome, count in found.incomplete.items() if outcome != "deleted"}
    if incomplete:
        those = ", ".join(f"{count:,} {outcome}" for outcome, count in incomplete.items())
        what = f"not complete: {those}; export these sessions again"
        yield {"fact": "incomplete", "sessions": incomplete}, what
    if writers := find_writers(folder):
        yield {"fact": "writable", "folder": str(folder), "by": writers}, describe_writers(folder, writers)
    if store is None:
        what = "a session that was rewritten together with its manifest and the summary is not seen"
        yield {"fact": "no-store"}, f"no --manifest-store: {what}"


def _findings(found: Verification) -> Iterator[Fact]:
    """What there is to say of sessions that are as they were exported."""
    for session_id, what in found.partial.items():
        yield {"fact": "partial", "session_id": session_id, "what": what}, f"{session_id}: {what}"
    for session_id, count in found.quarantined.items():
        what = f"{many(count, 'refused answer or entry', 'refused answers or entries')} in quarantine"
        yield {"fact": "quarantine", "session_id": session_id, "count": count}, f"{session_id}: {what}"
    for session_id in found.gone:
        what = "the service did not have it any more when it was asked again; what it had before is here"
        yield {"fact": "gone", "session_id": session_id}, f"{session_id}: {what}"
    for session_id, what in found.deleted.items():
        yield {"fact": "deleted", "session_id": session_id, "what": what}, f"{session_id}: {what}"


def _total(found: Verification) -> Fact:
    problems = len(found.problems)
    counts = f"{many(found.sessions, 'session')}, {many(found.entries, 'entry', 'entries')}"
    state = "everything is as it was exported" if found.sessions else "there is no evidence here"
    if found.partial:
        state = (
            f"what is here is as it was exported, but of {many(len(found.partial), 'session')} entries may be missing"
        )
    values = {"passed": found.passed, "sessions": found.sessions, "entries": found.entries, "problems": problems}
    return {"fact": "total", **values}, f"{counts}: {many(problems, 'problem') if problems else state}"


def _show(facts: list[Fact], form: Form) -> None:
    if form == "json":
        write_json({**values, "text": text} for values, text in facts)
    for values, text in facts:
        if values["fact"] != _PROBLEM:
            note(text)
        elif form == "table":
            show_line(text, "red")
