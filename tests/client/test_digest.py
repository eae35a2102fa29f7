"""Digests: equal where both are digests and the same one, and never otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from face_audit import digests_match

DIGEST = "1CC98BA83EAF1D0FF7F566FAEFCCCC787819FFA01251E2D9299143F7AD6651DB"


@pytest.mark.parametrize("other", [DIGEST, DIGEST.lower(), DIGEST.swapcase(), DIGEST[:32] + DIGEST[32:].lower()])
def test_same_digest_matches_in_any_case(other: str) -> None:
    """Hexadecimal digits mean the same in upper and lower case."""
    assert digests_match(DIGEST, other)
    assert digests_match(other, DIGEST)


@pytest.mark.parametrize("other", [DIGEST[:-1] + "C", "2" + DIGEST[1:], DIGEST[:-2], DIGEST + "00", "00", DIGEST[:62]])
def test_other_digest_does_not_match(other: str) -> None:
    """One digit more, less or changed is another digest."""
    assert not digests_match(DIGEST, other)
    assert not digests_match(other, DIGEST)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "",
        " ",
        f" {DIGEST}",
        f"{DIGEST}\n",
        DIGEST[:-1],
        "A",
        f"0x{DIGEST}",
        f"{DIGEST[:-2]}GG",
        f"{DIGEST[:-2]}\uff21\uff22",
        f"{DIGEST[:-2]}\u0661\u0662",
        f"sha256:{DIGEST}",
        DIGEST[:-2] + "é0",
        "\0\0",
        DIGEST.encode(),
        int(DIGEST, 16),
        True,
    ],
)
def test_what_is_no_digest_equals_nothing(odd: Any) -> None:
    """A missing or odd digest proves nothing, so it does not even equal itself."""
    assert not digests_match(odd, odd)
    assert not digests_match(odd, DIGEST)
    assert not digests_match(DIGEST, odd)
