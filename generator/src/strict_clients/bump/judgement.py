"""The rating of a change, and the reason."""

from attrs import frozen

from strict_clients.bump.rating import Rating


@frozen
class Judgement:
    """The rating of one change of a document."""

    rating: Rating
    why: str
    instead: str = ""
    """What callers write instead, if it breaks them."""
    settled: bool = False
    """Whether it overrides a differ that rates the change higher, because it knows the effect on the package."""
    told_elsewhere: bool = False
    """Whether another difference reports its effect, so that the report omits this one."""


def nothing(why: str) -> Judgement:
    """A change that asks for no release."""
    return Judgement(Rating.NOTHING, why, settled=True)


def elsewhere(why: str) -> Judgement:
    """A change whose effect another difference reports."""
    return Judgement(Rating.PATCH, why, settled=True, told_elsewhere=True)


def patch(why: str, *, settled: bool = False) -> Judgement:
    """A change that does not affect callers' code."""
    return Judgement(Rating.PATCH, why, settled=settled)


def minor(why: str, *, settled: bool = False) -> Judgement:
    """A change that adds, and breaks nobody."""
    return Judgement(Rating.MINOR, why, settled=settled)


def major(why: str, instead: str) -> Judgement:
    """A change that breaks callers."""
    return Judgement(Rating.MAJOR, why, instead)
