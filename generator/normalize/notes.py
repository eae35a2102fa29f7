"""What was done to a document so that a client can be made of it: what was chosen, and what was passed over."""

from attrs import field, frozen

from generator.breaches import Breach


@frozen
class Note:
    """One place where the document was read in a way that it does not spell out."""

    kind: str
    """A few words under which notes are counted, such as `name derived`."""
    place: Breach
    """Where, and what was done."""


@frozen
class Notes:
    """The notes on one document; `origins` has the pointer of each of its objects as it was written."""

    origins: dict[int, str]
    chosen: list[Note] = field(factory=list[Note])
    """Where one of several readings was taken: the meaning is kept."""
    passed_over: list[Note] = field(factory=list[Note])
    """What means nothing to a client."""
    nodes: tuple[object, ...] = field(default=(), repr=False)
    """These objects: while they are kept, no other one has the id of one that was taken out."""

    def choose(self, kind: str, node: object, message: str, *keys: str) -> None:
        """Note a choice at this object of the document, or at what it has under the keys."""
        self.chosen.append(Note(kind, Breach(self._pointer(node, keys), message)))

    def pass_over(self, kind: str, node: object, message: str, *keys: str) -> None:
        """Note that something at this object is passed over."""
        self.passed_over.append(Note(kind, Breach(self._pointer(node, keys), message)))

    def _pointer(self, node: object, keys: tuple[str, ...]) -> str:
        escaped = (key.replace("~", "~0").replace("/", "~1") for key in keys)
        return "/".join((self.origins.get(id(node), ""), *escaped))
