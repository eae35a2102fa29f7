"""The differences between two sets of public names, each with its rating."""

from collections.abc import Iterator

from attrs import frozen

from strict_clients.bump.annotations import widens
from strict_clients.bump.rating import Rating
from strict_clients.bump.surface import Argument, Entry, Surface


@frozen(kw_only=True)
class NameChange:
    """One public name that was added, removed or changed."""

    name: str
    was: str
    now: str
    rating: Rating
    why: str


def compare(old: Surface, new: Surface, *, made_by_callers: frozenset[str] = frozenset()) -> tuple[NameChange, ...]:
    """Every change, the most severe first.

    A field of a class that only callers construct may accept more than before: only those who wrote it read it.
    """
    changes: list[NameChange] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        reasons = list(_reasons(before, after, is_read=name.split(".")[-2] not in made_by_callers))
        rating = max((rating for rating, _ in reasons), default=Rating.NOTHING)
        if reasons:
            was, now = ("" if one is None else one.line(name) for one in (before, after))
            why = "; ".join(why for found, why in reasons if found is rating)
            changes.append(NameChange(name=name, was=was, now=now, rating=rating, why=why))
    return tuple(sorted(changes, key=lambda one: (-one.rating, one.name)))


def _reasons(old: Entry | None, new: Entry | None, *, is_read: bool) -> Iterator[tuple[Rating, str]]:
    if old is None:
        yield Rating.MINOR, "is new"
    elif new is None:
        yield Rating.MAJOR, "is gone"
    elif old.kind != new.kind:
        yield Rating.MAJOR, f"is a {new.kind}, and was a {old.kind}"
    elif old == new:
        return
    elif new.kind == "function":
        yield from _signature(old, new)
    elif new.kind == "class":
        gone = set(filter(None, old.text.split(", "))) - set(new.text.split(", "))
        yield (Rating.MAJOR, f"is no longer {', '.join(sorted(gone))}") if gone else (Rating.MINOR, "has more bases")
    elif new.kind == "value" and widens(new.text, old.text):
        yield Rating.MINOR, "gives fewer types"
    elif new.kind == "value" and not is_read and widens(old.text, new.text):
        yield Rating.MINOR, "takes more types"
    else:
        yield Rating.MAJOR, f"is {new.text}, and was {old.text}"


def _signature(old: Entry, new: Entry) -> Iterator[tuple[Rating, str]]:
    if old.is_async != new.is_async:
        yield Rating.MAJOR, "has to be awaited" if new.is_async else "is no longer awaited"
    if old.text != new.text:
        fewer = widens(new.text, old.text)
        yield Rating.MINOR if fewer else Rating.MAJOR, f"gives {new.text}, and gave {old.text}"
    before, after = ({one.name: one for one in side.arguments} for side in (old, new))
    if _positions(old) != _positions(new)[: len(_positions(old))]:
        yield Rating.MAJOR, "takes its arguments in another order"
    for name in dict.fromkeys([*before, *after]):
        yield from _argument(name, before.get(name), after.get(name))


def _positions(entry: Entry) -> list[str]:
    return [one.name for one in entry.arguments if one.kind != "keyword-only"]


def _argument(name: str, old: Argument | None, new: Argument | None) -> Iterator[tuple[Rating, str]]:
    if new is None:
        yield Rating.MAJOR, f"does not take {name}"
    elif old is None:
        needed = new.default is None and not new.kind.startswith("variadic")
        yield (Rating.MAJOR, f"needs {name}") if needed else (Rating.MINOR, f"takes {name}")
    else:
        if old.kind != new.kind:
            wider = old.kind != "positional or keyword" and new.kind == "positional or keyword"
            yield Rating.MINOR if wider else Rating.MAJOR, f"takes {name} as {new.kind}"
        if old.annotation != new.annotation:
            wider = widens(old.annotation, new.annotation)
            yield (
                Rating.MINOR if wider else Rating.MAJOR,
                f"takes {new.annotation} as {name}, and took {old.annotation}",
            )
        if old.default != new.default and new.default is None:
            yield Rating.MAJOR, f"needs {name}"
        elif old.default != new.default:
            # None and UNSET both mean that nothing was given.
            wider = old.default is None or {old.default, new.default} == {"None", "UNSET"}
            yield Rating.MINOR if wider else Rating.MAJOR, f"takes {new.default} for {name} where it is left out"
