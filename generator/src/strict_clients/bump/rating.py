"""Which version a change requires, by semantic versioning."""

import re
from enum import IntEnum


class Rating(IntEnum):
    """The version that a change requires; the value is the command's exit code."""

    NOTHING = 0
    PATCH = 10
    MINOR = 20
    MAJOR = 30

    @classmethod
    def of(cls, word: str) -> "Rating":
        """The rating of that name, in lower case."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        """Its name in lower case."""
        return self.name.lower()


def next_version(released: str, rating: Rating, *, before_1_0: str = "major") -> str:
    """The version to release after `released`: plain semantic versioning, below 1.0.0 too.

    With `minor` for `before_1_0`, a break below 1.0.0 requires the next minor version.
    """
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", released)
    if numbers is None:
        raise ValueError(f"version {released!r}: is not three numbers; release a version such as 1.2.3")
    major, minor, patch = (int(number) for number in numbers.groups())
    if rating is Rating.MAJOR and (major or before_1_0 == "major"):
        return f"{major + 1}.0.0"
    if rating >= Rating.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + (rating is Rating.PATCH)}"
