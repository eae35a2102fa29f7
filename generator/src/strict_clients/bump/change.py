"""One place at which two documents differ."""

from typing import Any

from attrs import frozen

from strict_clients.check.places import Place


@frozen(kw_only=True)
class Change:
    """What was and is at one place: of an object (`key` is empty), of a field, or of an item of a field."""

    kind: str
    """The kind of the object, in the words of OpenAPI: `parameter`, `schema`, `server variable`."""
    key: str
    """The field, with `/` before a field inside it; empty where the object itself came or went."""
    old: Place | None
    new: Place | None
    was: Any = None
    now: Any = None
    item: str = ""
    """Which item of the field, where it is a set or a mapping."""

    @property
    def place(self) -> Place:
        """The object, as it is now if it is still there."""
        place = self.new or self.old
        assert place is not None  # noqa: S101  # a change has a side
        return place

    @property
    def added(self) -> bool:
        """Whether it is there now and was not."""
        return self.old is None if not self.key else self.was is None and self.now is not None

    @property
    def removed(self) -> bool:
        """Whether it was there and is not now."""
        return self.new is None if not self.key else self.now is None and self.was is not None

    @property
    def is_whole(self) -> bool:
        """Whether the object as a whole is meant: that it came or went, or where it stands."""
        return self.key in {"", "key", "path", "method", "x-removed"}

    @property
    def pointers(self) -> tuple[str, ...]:
        """Where it was and where it is, as JSON pointers: of the field, not of the items inside it."""
        keys = () if self.is_whole else self.key.split("/")
        places = [place.at(*keys) for place in (self.old, self.new) if place is not None]
        # A differ that follows a reference speaks of what it leads to.
        targets = [str(one).removeprefix("#") for one in (self.was, self.now) if self.key == "$ref" and one]
        return tuple(dict.fromkeys([*targets, *places]))
