"""One place at which two documents differ."""

from typing import Any

from attrs import frozen

from strict_clients.check.places import Place


@frozen(kw_only=True)
class Change:
    """The old and the new value at one place: an object (`key` is empty), a field, or an item of a field."""

    kind: str
    """The kind of the object, in the words of OpenAPI: `parameter`, `schema`, `server variable`."""
    key: str
    """The field, with `/` before a field inside it; empty if the object itself was added or removed."""
    old: Place | None
    new: Place | None
    was: Any = None
    now: Any = None
    item: str = ""
    """Which item of the field, if that is a set or a mapping."""

    @property
    def place(self) -> Place:
        """The object: the new one if it still exists, or the old one."""
        place = self.new or self.old
        assert place is not None  # noqa: S101  # a change has a side
        return place

    @property
    def added(self) -> bool:
        """Whether it is new."""
        return self.old is None if not self.key else self.was is None and self.now is not None

    @property
    def removed(self) -> bool:
        """Whether it was removed."""
        return self.new is None if not self.key else self.now is None and self.was is not None

    @property
    def is_whole(self) -> bool:
        """Whether the object as a whole changed: it was added, removed or moved."""
        return self.key in {"", "key", "path", "method", "x-removed"}

    @property
    def pointers(self) -> tuple[str, ...]:
        """The old and the new place as JSON pointers: of the field, not of its items."""
        keys = () if self.is_whole else self.key.split("/")
        places = [place.at(*keys) for place in (self.old, self.new) if place is not None]
        # A differ that follows references reports the place that they lead to.
        targets = [str(one).removeprefix("#") for one in (self.was, self.now) if self.key == "$ref" and one]
        return tuple(dict.fromkeys([*targets, *places]))
