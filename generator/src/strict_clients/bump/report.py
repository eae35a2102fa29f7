"""The verdict as a report: Markdown for people, JSON for machines, a few lines for the terminal."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import asdict

from strict_clients.bump.alike import Alike, gather
from strict_clients.bump.documents import Difference
from strict_clients.bump.findings import Breakage
from strict_clients.bump.likeness import GUESS
from strict_clients.bump.names_changed import NameChange
from strict_clients.bump.notes import Note, fragment, notes
from strict_clients.bump.play.compare import Played
from strict_clients.bump.rating import Rating
from strict_clients.bump.verdict import Verdict

_LONGEST = 100
"""Characters of a value in a table; the JSON has the whole value."""


def write(verdict: Verdict, folder: Path, *, document: Path) -> None:
    """Write `report.md`, `report.json`, `migration.md`, the draft for the changelog and a completed document."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("+bump.*.md"), *folder.glob("completed.*")):
        if old.resolve() != document.resolve():
            old.unlink()
    kind, text = fragment(verdict)
    files = {
        "report.md": markdown(verdict),
        "report.json": json.dumps(as_json(verdict), ensure_ascii=False, indent=1) + "\n",
        "migration.md": migration(verdict),
        f"+bump.{kind}.md": text,
    }
    if verdict.completed:
        files[f"completed{document.suffix}"] = verdict.completed
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")


def summary(verdict: Verdict) -> str:
    """A few lines: the verdict, the rating of each part, and everything above a patch."""
    stop = " (stopped: operations were removed)" if verdict.stopped_by else ""
    lines = [f"{verdict.released} -> {verdict.next_version}: {verdict.rating.word}{stop}"]
    lines += [f"  {part}: {rating.word}" for part, rating in verdict.ratings.items()]
    more = [one for one in verdict.differences if one.rating > Rating.PATCH]
    groups = gather(more, name=lambda one: one.name, text=lambda one: one.why, key=lambda one: one.rating)
    lines += [f"  {members[0].rating.word}: {line.sentence}" for line, members in groups]
    lines += [f"  {one.rating.word}: {one.name} {one.why}" for one in verdict.own_names if one.rating > Rating.PATCH]
    lines += [f"  {one.rating.word}: {one.title}" for one in verdict.played.own if one.rating > Rating.PATCH]
    lines += [f"  breaks {one.file}:{one.line}: {one.message}" for one in verdict.callers[:10]]
    return "\n".join([*lines, *_advice(verdict)])


def stops(verdict: Verdict) -> str:
    """Why the verdict is a stop, a line for each removed operation."""
    lines = [
        f"{one.pointer}: {one.call} ({one.operation}) is removed, last in version {one.last_version} of the API; "
        f"{_replaced(one.replacement, one.replacement_call, guessed=one.guessed)}"
        for one in verdict.stopped_by
    ]
    return "\n".join([*lines, "name replacements in x-replaced-by, or continue with --accept-removal"])


def _replaced(replacement: str | None, call: str | None, *, guessed: bool) -> str:
    if replacement is None:
        return "no replacement was named or found"
    return f"replaced by {call} ({replacement}{f', {GUESS}' if guessed else ''})"


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The whole verdict as JSON values; ratings by their names."""
    found = asdict(verdict, value_serializer=lambda _, __, value: value.word if isinstance(value, Rating) else value)
    head = {"released": verdict.released, "next": verdict.next_version, "rating": verdict.rating.word}
    parts = {part: rating.word for part, rating in verdict.ratings.items()}
    told = [asdict(note) for note in notes(verdict)]
    return {**head, "ratings": parts, "stopped": bool(verdict.stopped_by), **found, "notes": told}


def markdown(verdict: Verdict) -> str:
    """The report for people."""
    return "\n".join(_report(verdict)) + "\n"


def migration(verdict: Verdict) -> str:
    """Only the migration notes, for callers."""
    head = f"# From {verdict.released} to {verdict.next_version}"
    return "\n".join([head, "", *_notes(notes(verdict), level="##")]) + "\n"


def _report(verdict: Verdict) -> Iterator[str]:
    yield f"# {verdict.released} to {verdict.next_version}: {verdict.rating.word}"
    yield ""
    yield f"The API is version {verdict.new_api}, and was {verdict.old_api}."
    yield from _advice(verdict)
    yield from ("", "| part | asks for |", "|---|---|")
    yield from (f"| {part} | {rating.word} |" for part, rating in verdict.ratings.items())
    if verdict.removals:
        yield from ("", "## Removed operations", "")
        yield from ("| call | operation | last in version | replaced by |", "|---|---|---|---|")
        for one in verdict.removals:
            said = f"`{one.replacement_call}`{f' ({GUESS})' if one.guessed else ''}" if one.replacement else "nothing"
            yield f"| `{one.call}` | {one.operation} | {_cell(one.last_version)} | {said} |"
        stop = "**Stop**: name replacements in `x-replaced-by`, and accept the removals with `--accept-removal`."
        yield from ("", stop if verdict.stopped_by else "Each stays as a stub.")
    yield from ("", "## Document", "", *_documents(verdict))
    yield from ("", "## Public names", "", *_names(verdict.names))
    yield from ("", "## Generator and runtime", "", *_own(verdict))
    yield from ("", "## Broken according to griffe", "")
    groups = gather(verdict.breakages, name=_broken, text=lambda one: f"{_broken(one)}: {_how(one)}", key=_how)
    yield from [f"- {line.sentence}" for line, _ in groups] or ["Nothing."]
    yield from ("", "## Broken callers", "")
    yield from [f"- `{one.file}:{one.line}`: {_cell(one.message)}" for one in verdict.callers] or ["Nobody."]
    yield from ("", "## Played calls", "", *_played(verdict.played))
    yield from ("", "## Migration notes", "", *_notes(notes(verdict), level="###"))


def _advice(verdict: Verdict) -> Iterator[str]:
    if verdict.rating > Rating.NOTHING:
        kept = "`strict-clients release archive` then keeps what the next bump compares with"
        yield f"Release it as {verdict.next_version}; {kept}."
    if verdict.completed:
        yield "The document was completed with its removed operations; generate from the copy beside the report."
    if verdict.same_package:
        yield "Both documents make the same package, byte for byte, so they ask for a patch at most."
    if verdict.unreadable:
        yield f"The generator refuses the document of the release now: {verdict.unreadable}"


def _documents(verdict: Verdict) -> Iterator[str]:
    told = {removal.pointer for removal in verdict.removals}
    differences = [one for one in verdict.differences if one.rating < Rating.MAJOR or not told & set(one.pointers)]
    rows = [
        _row(line, members)
        for line, members in gather(
            differences, name=lambda one: one.name, text=lambda one: one.why, key=lambda one: one.rating
        )
    ]
    if any(one.redocly is not None and one.redocly > one.rating for one in differences):
        yield "Where Redocly rates a line higher, our rule knows that the package breaks nothing; the line says why."
        yield ""
    if rows:
        yield "| rating | where | was | is | why | our rules | Redocly |"
        yield "|---|---|---|---|---|---|---|"
    yield from rows or ["No difference."]


def _row(line: Alike, members: list[Difference]) -> str:
    one = members[0]
    places = dict.fromkeys(f"`{each.pointers[-1] or '/'}`" for each in members)
    values = (_value(one.was), _value(one.now)) if len(members) == 1 else ("", "")
    views = (
        max(known).word if (known := [view for view in side if view is not None]) else ""
        for side in ([each.ours for each in members], [each.redocly for each in members])
    )
    return f"| {' | '.join([one.rating.word, '<br>'.join(places), *values, _cell(line.sentence), *views])} |"


def _names(changes: Iterable[NameChange]) -> Iterator[str]:
    """Names with the same reason share a row: a parameter may belong to many methods, sync and async."""
    groups: dict[tuple[Rating, str], list[NameChange]] = {}
    for one in changes:
        groups.setdefault((one.rating, one.why), []).append(one)
    if groups:
        yield "| rating | name | why |"
        yield "|---|---|---|"
    for (rating, why), found in groups.items():
        yield f"| {rating.word} | {'<br>'.join(f'`{one.name}`' for one in found)} | {_cell(why)} |"
    if not groups:
        yield "No difference."


def _broken(breakage: Breakage) -> str:
    """The broken object, and its parameter if that is what breaks."""
    return f"{breakage.name} {breakage.why.rpartition(': ')[0]}".strip()


def _how(breakage: Breakage) -> str:
    return breakage.why.rpartition(": ")[2]


def _own(verdict: Verdict) -> Iterator[str]:
    if not verdict.files and not verdict.own_names:
        yield "The document of the release becomes the package of the release, byte by byte."
        return
    yield "The document of the release becomes another package now."
    yield ""
    yield from (f"- `{one.path}` ({one.what})" for one in verdict.files)
    yield ""
    yield from _names(verdict.own_names)
    yield ""
    yield f"Changed sources: {', '.join(f'`{name}`' for name in verdict.sources) or 'none'}."


def _played(played: Played) -> Iterator[str]:
    yield f"{played.calls} calls of {played.operations} operations were made with both packages."
    yield from (f"- not played: `{call}`, {why}" for call, why in played.unplayed.items())
    if played.own:
        yield from ("", "| rating | what | with | was | is |", "|---|---|---|---|---|")
    for one in played.own:
        values = f"{_value(one.was)} | {_value(one.now)}"
        yield f"| {one.rating.word} | {_cell(one.title)} | {_cell(one.case)} | {values} |"
    if len(played.own) < len(played.findings):
        yield from ("", "Seen in play as well:", "")
    yield from (
        f"- {one.rating.word}: {_cell(one.title)} (above: {_cell(one.named)})" for one in played.findings if one.named
    )


def _notes(found: Iterable[Note], *, level: str) -> Iterator[str]:
    for note in found:
        yield from (f"{level} {note.title}", "", f"- was: {note.was}", f"- is: {note.now}")
        yield from (f"- write instead: {note.instead}", "")
        if note.moves:
            yield from ("| field | is now |", "|---|---|")
            yield from (f"| `{one.was}` | {f'`{one.now}`' if one.now else 'nowhere'} |" for one in note.moves)
            yield ""
    if not list(found):
        yield "Nothing breaks."


def _value(value: Any) -> str:
    text = "" if value is None else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"`{_cell(text).replace('`', chr(39))}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
