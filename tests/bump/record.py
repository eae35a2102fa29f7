"""Records what Redocly says of every pair of documents that the tests compare: `python -m tests.bump.record`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import evolve

from strict_clients.bump import removals
from strict_clients.bump.differ import Redocly
from strict_clients.load import Document

from .cases import HERE, RECORDED, key, pairs


def fresh(compared: Iterable[tuple[Document, Document]]) -> dict[str, Any]:
    """Redocly's reports of all these documents, by their keys."""
    live = {key(*sides): sides for sides in ((removals.live(old), removals.live(new)) for old, new in compared)}
    differ = Redocly()
    with TemporaryDirectory() as name:
        folders = {one: Path(name) / one for one in live}
        for one, sides in live.items():
            folders[one].mkdir()
            for side, document in zip(("old", "new"), sides, strict=True):
                (folders[one] / f"{side}.json").write_text(json.dumps(document), encoding="utf-8")
        listed = Path(name) / "folders.json"
        listed.write_text(json.dumps(list(map(str, folders.values()))), encoding="utf-8")
        many = evolve(differ, program=HERE / "many.mjs")
        many.run((str(differ.program.parents[1] / "lib" / "index.js"), str(listed), *differ.arguments), Path(name))
        return {one: json.loads((folder / "report.json").read_text("utf-8")) for one, folder in folders.items()}


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
