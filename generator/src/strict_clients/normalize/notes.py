"""Notes on how a document was read: what was chosen, and what was passed over."""

from collections.abc import Mapping

from attrs import field, frozen

from strict_clients.breaches import Breach
from strict_clients.check.places import Place
from strict_clients.pointers import escape


@frozen
class Note:
    """One place that was read in a way that the document does not state."""

    kind: str
    """A few words by which notes are counted, such as `name derived`."""
    place: Breach
    """Where, and what was done."""


@frozen
class Notes:
    """The notes on one document; `origins` maps the identity of each object to the place where it was written."""

    origins: Mapping[int, Place]
    chosen: list[Note] = field(factory=list[Note])
    """Places where one of several readings was chosen; the meaning is kept."""
    passed_over: list[Note] = field(factory=list[Note])
    """Things that have no meaning for a client."""

    def choose(self, kind: str, node: object, message: str, *keys: str) -> None:
        """Note a choice at this object of the document, or below it at the keys."""
        self.chosen.append(Note(kind, Breach(self._pointer(node, keys), message)))

    def pass_over(self, kind: str, node: object, message: str, *keys: str) -> None:
        """Note that something at this object is passed over."""
        self.passed_over.append(Note(kind, Breach(self._pointer(node, keys), message)))

    def _pointer(self, node: object, keys: tuple[str, ...]) -> str:
        written = self.origins.get(id(node))
        return "/".join(("" if written is None else written.pointer, *map(escape, keys)))
