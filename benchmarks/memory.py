"""What a worker and the entries that it keeps take in memory."""

from __future__ import annotations

import gc
import resource
import sys
import tracemalloc
from types import ModuleType


def peak() -> int:
    """The most that this process has held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def kept(peer: ModuleType, content: bytes) -> int:
    """Bytes that one entry of a page keeps, of the page and all that was made of it."""
    peer.decode(bytes(content))  # so that what is made once is not counted
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    entry = peer.decode(content + b" ")[len(content) % 100]  # bytes of its own
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del entry
    return after - before


def retained(peer: ModuleType, content: bytes, *, read: bool) -> float:
    """Bytes of an entry of a page that is kept; `content`, which was there before, is not counted.

    With `read`, some of each entry's fields were read, down to the status of its response.
    """
    for entry in peer.decode(content):  # so that what is made once is not counted
        peer.facts(entry)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    entries = peer.decode(content)
    if read:
        for entry in entries:
            peer.facts(entry)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / len(entries)
