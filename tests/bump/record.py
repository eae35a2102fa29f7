"""Records what Redocly says of every pair of documents that the tests compare: `python -m tests.bump.record`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bump import removals
from bump.differ import Redocly
from generator.load import Document

from .cases import RECORDED, key, pairs


def fresh(compared: Iterable[tuple[Document, Document]]) -> dict[str, Any]:
    """Redocly's reports of all these documents, by their keys."""
    live = {key(*sides): sides for sides in ((removals.live(old), removals.live(new)) for old, new in compared)}
    differ = Redocly()
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(live, pool.map(lambda sides: differ.report(*sides), live.values()), strict=True))


def main() -> int:
    """Write all of them into recorded.json, one a line."""
    with TemporaryDirectory() as name:
        reports = fresh(pairs(Path(name)))
    lines = [
        f"{json.dumps(name)}: {json.dumps(report, ensure_ascii=False)}" for name, report in sorted(reports.items())
    ]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
