"""An independent reader of the document tries the emulator."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from face_audit.testing import Emulator, load_document

from .servers import PREFIX, SESSION

ROOT = Path(__file__).parent.parent.parent


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """Whatever schemathesis makes of the document, the emulator answers it as the document says."""
    emulator = Emulator()
    emulator.add(SESSION, count=25)
    operations = [one for item in load_document()["paths"].values() for one in item.values() if "responses" in one]
    removed = [one["operationId"] for one in operations if "x-removed" in one]
    command = shutil.which("st", path=sysconfig.get_path("scripts"))
    assert command is not None

    with emulator.serve() as url:
        ran = subprocess.run(
            [
                *(command, "--config-file", str(ROOT / "tests" / "schemathesis.toml")),
                *("run", str(ROOT / "openapi" / "face-audit.yaml")),
                *("--url", f"{url}{PREFIX}", "--seed", "1", "--max-examples", "100"),
                *(word for name in removed for word in ("--exclude-operation-id", name)),
                *("--header", "Ocp-Apim-Subscription-Key: emulator-key"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ran.returncode == 0, ran.stdout
    assert re.findall(r"Tested: +(\d+)", ran.stdout) == [str(len(operations) - len(removed))]
