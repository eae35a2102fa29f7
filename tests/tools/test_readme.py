"""The shell blocks of the page for beginners, each pasted as a whole; and what the tool's own page says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from face_audit_tools.command import cli
from face_audit_tools.settings import NAMES

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OWN = (ROOT / "tools" / "README.md").read_text(encoding="utf-8")
INSTALL, EVIDENCE = (
    code
    for language, code in BLOCK.findall((ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8"))
    if language == "sh"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folders that are installed, without what was built in them."""
    for name in ("generated_client", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "dist", "build"))
    return tmp_path


def paste(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a shell in this folder does when it is given a text at once; pip installs without an index."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACE_", "PIP_", "PYTHON"))}
    offline = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # What the packages need comes after what the block installs, so that it cannot be taken for that.
    libraries = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (folder / "after").mkdir()
    (folder / "after" / "sitecustomize.py").write_text(f"import sys\nsys.path += {libraries!r}\n", encoding="utf-8")
    return subprocess.run(
        ["bash", "--norc"],
        cwd=folder,
        env=kept | offline | {"PATH": path, "PYTHONPATH": str(folder / "after"), "HOME": str(folder)},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_install_block_is_the_beginning_of_the_evidence_block() -> None:
    """What the other test pastes installs the package with the same words, as the README does."""
    assert EVIDENCE.startswith(f"{INSTALL.rstrip()} ./tools\n")
    assert INSTALL in (ROOT / "README.md").read_text(encoding="utf-8")


def test_evidence_block_that_is_pasted_leads_to_a_verified_export(checkout: Path) -> None:
    """Five commands are pasted at once; only the port is another one, because it may be taken here."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    block = EVIDENCE.replace("--write try", f"--write try --port {port}").replace("8765", str(port))
    digests = "face-audit digests evidence --expected try/digests.csv"

    ran = paste(f"set -e\n{block}{digests}\n", checkout)
    subprocess.run(["bash", "-c", ran.stderr.partition("to stop it: ")[2].partition("\n")[0]], check=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(EVIDENCE.splitlines()) == 5
    assert "20 sessions, " in ran.stdout + ran.stderr
    assert "everything is as it was exported" in ran.stdout + ran.stderr
    assert (checkout / ".venv" / "bin" / "face-audit").exists()
    assert len(list((checkout / "evidence").glob("*.manifest.json"))) == 20
    recompute = next(code for _, code in BLOCK.findall(OWN) if "recompute" in code)
    subprocess.run([sys.executable, "-c", recompute], cwd=checkout, check=True)


def test_port_of_the_page_is_that_of_the_emulator() -> None:
    """A reader who names no port gets the one on the page."""
    (default,) = {option.default for option in cli.get_command(None, "emulate").params if option.name == "port"}  # type: ignore[arg-type,union-attr]

    assert f"http://127.0.0.1:{default}" in EVIDENCE


def test_third_party_notices_a_change(tmp_path: Path, exported: Path) -> None:
    """The block that recomputes an export passes, and fails once a byte was changed."""
    code = next(code for language, code in BLOCK.findall(OWN) if "recompute" in code)
    shutil.copytree(exported, tmp_path / "there" / "evidence")
    run = [sys.executable, "-c", code]

    assert subprocess.run(run, cwd=tmp_path / "there", check=False).returncode == 0
    for path in (tmp_path / "there" / "evidence").glob("*.entries.jsonl"):
        path.write_bytes(path.read_bytes().replace(b"realface", b"spoofface", 1))
    assert subprocess.run(run, cwd=tmp_path / "there", check=False, stderr=subprocess.DEVNULL).returncode == 1


def test_commands_and_settings_are_all_there() -> None:
    """The tables of the tool's README name every command and every setting."""
    for name in cli.list_commands(None):  # type: ignore[arg-type]
        assert f"| `face-audit {name}" in OWN
    for name in NAMES:
        assert f"| `{name}` |" in OWN
