"""What a change asks for, and why."""

from attrs import frozen

from strict_clients.bump.rating import Rating


@frozen
class Judgement:
    """The rating of one change of a document."""

    rating: Rating
    why: str
    instead: str = ""
    """What callers write instead, where it breaks them."""
    settled: bool = False
    """Whether it stands against a differ that rates it higher, because it knows what the package makes of it."""
    told_elsewhere: bool = False
    """Whether another difference says what comes of it, so that this one is no line of the report."""


def nothing(why: str) -> Judgement:
    """A change that asks for no release."""
    return Judgement(Rating.NOTHING, why, settled=True)


def elsewhere(why: str) -> Judgement:
    """A change whose meaning another difference tells."""
    return Judgement(Rating.PATCH, why, settled=True, told_elsewhere=True)


def patch(why: str, *, settled: bool = False) -> Judgement:
    """A change that no caller's code sees."""
    return Judgement(Rating.PATCH, why, settled=settled)


def minor(why: str, *, settled: bool = False) -> Judgement:
    """A change that adds, and breaks nobody."""
    return Judgement(Rating.MINOR, why, settled=settled)


def major(why: str, instead: str) -> Judgement:
    """A change that breaks callers."""
    return Judgement(Rating.MAJOR, why, instead)
