"""Reports how a document was read after its package was made: what was chosen, passed over and left out."""

from collections.abc import Iterable, Iterator

from strict_clients.breaches import GenerationRefused
from strict_clients.examine import Examined
from strict_clients.normalize import Note

LONGEST_LIST = 50
"""Reasons of a refusal that are printed one by one; further ones are counted by their advice."""


def summary(examined: Examined) -> str:
    """One line for each kind of note, with its count and its first place, and one for each operation left out."""
    lines = [f"left out: {one}: {one.reason}" for one in examined.left_out]
    lines += _counted("chosen", examined.notes.chosen)
    lines += _counted("passed over", examined.notes.passed_over)
    return "".join(f"{line}\n" for line in lines)


def _counted(what: str, notes: Iterable[Note]) -> Iterator[str]:
    by_kind: dict[str, list[Note]] = {}
    for note in notes:
        by_kind.setdefault(note.kind, []).append(note)
    for kind, found in by_kind.items():
        more = f" ({len(found)} times)" if found[1:] else ""
        yield f"{what}: {kind}{more}, as at {found[0].place}"


def whole_report(examined: Examined) -> str:
    """Every note and every operation left out, in Markdown."""
    parts = {
        "Left out": [f"{one}: {one.reason}" for one in examined.left_out],
        "Chosen": [str(note.place) for note in examined.notes.chosen],
        "Passed over": [str(note.place) for note in examined.notes.passed_over],
    }
    found = (f"## {title}\n\n" + "".join(f"- `{line}`\n" for line in lines) for title, lines in parts.items() if lines)
    return "# What was made of the document\n\n" + ("\n".join(found) or "It is read as it is written.\n")


def shortened(error: Exception) -> str:
    """The text of an error; of a refusal with many reasons, the first ones, and how many others say the same."""
    if not isinstance(error, GenerationRefused) or len(error.breaches) <= LONGEST_LIST:
        return str(error)
    shown, others = error.breaches[:LONGEST_LIST], error.breaches[LONGEST_LIST:]
    counts: dict[str, int] = {}
    for breach in others:
        advice = breach.message.rpartition("; ")[2]
        counts[advice] = counts.get(advice, 0) + 1
    summed = (f"and {count} more: {advice}" for advice, count in counts.items())
    return "\n".join([*map(str, shown), *summed])
