"""What is wrong with a document, and the refusal to generate from it."""

from collections.abc import Iterable

from attrs import field, frozen

LONGEST_LINE = 1000
"""The maximum length of a breach in a message."""


@frozen
class Breach:
    """One thing that is wrong: the JSON pointer of its place, and a message with the remedy."""

    pointer: str
    message: str

    def __str__(self) -> str:
        text = f"#{self.pointer}: {self.message}"
        if len(text) > LONGEST_LINE:
            text = f"{text[:LONGEST_LINE]}..."
        # One breach is one line, even if a name in the document contains a line break.
        return text if text.isprintable() else "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _all(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    return tuple(breaches)


@frozen
class GenerationRefused(Exception):  # noqa: N818 - a refusal is the outcome of a check, not a fault of the generator
    """Nothing is generated: the document breaks the rules at every place of `breaches`."""

    breaches: tuple[Breach, ...] = field(converter=_all)

    def __str__(self) -> str:
        return "\n".join(str(breach) for breach in self.breaches)
