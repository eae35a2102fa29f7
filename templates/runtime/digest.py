"""Compares digests: what a service reported with what the caller recorded."""

from __future__ import annotations

import hmac
import re

_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)


def digests_match(reported: str | None, recorded: str | None) -> bool:
    """Whether both are the same hexadecimal digest, in upper or lower case; takes the same time wherever they differ.

    What is no digest equals nothing, not even itself: None, an empty text, blanks, an odd count of digits, anything but
    the ASCII digits 0 to 9 and the letters A to F.
    """
    if not isinstance(reported, str) or not isinstance(recorded, str):
        return False
    if not _HEXADECIMAL.fullmatch(reported) or not _HEXADECIMAL.fullmatch(recorded):
        return False
    return hmac.compare_digest(reported.lower(), recorded.lower())
