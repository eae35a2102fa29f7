"""The evidence tool's part of a release: its version, and its bill of materials.

`python -m strict_clients.release.tool` writes the bill anew, as `nox -s lock` does after it has written the lock.
"""

import json
import re
from pathlib import Path
from typing import Any

from strict_clients.release.place import Checkout

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_VERSION = re.compile(r'^VERSION = "([^"]+)"$', re.MULTILINE)


def main() -> None:
    """Write the bill of the working directory's tool."""
    write_bill(Checkout(Path.cwd()))


def write_tool_version(checkout: Checkout, version: str) -> None:
    """Give the tool the version of the release, and write its bill."""
    path = checkout.tool_version
    path.write_text(_VERSION.sub(f'VERSION = "{version}"', path.read_text(encoding="utf-8")), encoding="utf-8")
    write_bill(checkout)


def write_bill(checkout: Checkout) -> None:
    """Write what the lock of the tool pins as CycloneDX 1.7, without a time and without a random number."""
    (version,) = _VERSION.findall(checkout.tool_version.read_text(encoding="utf-8"))
    pins = _PIN.findall((checkout.tool / "requirements.txt").read_text(encoding="utf-8"))
    itself = _component("face-audit-tools", version, "application")
    needed = [_component(name, pinned, "library") for name, pinned in [("face-audit", version), *pins]]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": {"component": itself},
        "components": needed,
        "dependencies": [{"ref": itself["bom-ref"], "dependsOn": [one["bom-ref"] for one in needed]}],
    }
    (checkout.tool / "face-audit-tools.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")


def _component(name: str, version: str, kind: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name}@{version}"
    return {"type": kind, "bom-ref": address, "name": name, "version": version, "purl": address}


if __name__ == "__main__":
    main()
