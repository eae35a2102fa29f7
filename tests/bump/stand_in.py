"""Answers as Redocly CLI did when it was recorded: `stand_in.py diff OLD NEW ... --output FILE`."""

import hashlib
import json
import sys
from pathlib import Path

if __name__ == "__main__":
    _, old, new = sys.argv[1:4]
    compared = [json.loads(Path(side).read_text(encoding="utf-8")) for side in (old, new)]
    key = hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()[:16]
    recorded = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))
    if key not in recorded:
        sys.exit(f"{key}: was not recorded; run nox -s tests_bump -- --record")
    Path(sys.argv[sys.argv.index("--output") + 1]).write_text(json.dumps(recorded[key]), encoding="utf-8")
