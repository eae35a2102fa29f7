"""The README's way from the install to a verified export, command by command; and the blocks of the tool's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import face_audit
import face_audit_tools
import pytest
from face_audit_tools.command import cli
from face_audit_tools.settings import NAMES

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OWN = (ROOT / "tools" / "README.md").read_text(encoding="utf-8")
COMMANDS = next(
    code
    for language, code in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    if "face-audit emulate" in code
).splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folders that are installed, without what was built in them."""
    for name in ("generated_client", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "dist", "build"))
    return tmp_path


@pytest.fixture
def port() -> int:
    """One that is free."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def told(**changes: str) -> dict[str, str]:
    """An environment in which pip asks no index: what it would install is what the tests have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACE_", "PIP_", "PYTHON"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"} | changes


@pytest.fixture
def shell(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """A shell in the checkout."""
    libraries = os.pathsep.join([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    with subprocess.Popen(
        ["bash", "--norc"],
        cwd=checkout,
        env=told(PYTHONPATH=libraries),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.write("kill %1; wait\n")
        process.stdin.close()


def do(shell: subprocess.Popen[str], command: str) -> tuple[int, str]:
    """The exit code of a command, and what it has printed."""
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{command}\necho; echo done $?\n")
    shell.stdin.flush()
    printed = ""
    for line in shell.stdout:
        if line.startswith("done "):
            return int(line.split()[1]), printed
        printed += line
    return -1, printed


def test_five_commands_lead_to_a_verified_export(shell: subprocess.Popen[str], checkout: Path, port: int) -> None:
    """Each as it stands in the README, but for the port, which may be taken here."""
    install, emulate, export_settings, export, verify = COMMANDS

    code, said = do(shell, install)
    assert code == 0, said
    assert (checkout / ".venv" / "bin" / "face-audit").exists()
    do(shell, emulate.replace("emulate", f"emulate --port {port}"))
    do(shell, "until [ -s try/sessions.txt ]; do sleep 0.1; done")
    do(shell, export_settings.replace("8765", str(port)))
    code, said = do(shell, export)
    assert code == 0, said
    code, said = do(shell, verify)
    assert code == 0, said
    assert "20 sessions, " in said
    assert "everything is as it was exported" in said
    code, said = do(shell, "face-audit digests evidence --expected try/digests.csv")
    assert code == 0, said
    recompute = next(code for language, code in BLOCK.findall(OWN) if "recompute" in code)
    subprocess.run([sys.executable, "-c", recompute], cwd=checkout, check=True)
    assert len(list((checkout / "evidence").glob("*.manifest.json"))) == 20


def test_port_of_the_readme_is_that_of_the_emulator() -> None:
    """Whoever does not name one gets the one that the README has."""
    (default,) = {option.default for option in cli.get_command(None, "emulate").params if option.name == "port"}  # type: ignore[arg-type,union-attr]

    assert f"http://127.0.0.1:{default}" in COMMANDS[2]


def test_library_block_runs() -> None:
    """As it stands."""
    (code,) = [code for language, code in BLOCK.findall(OWN) if "export_session" in code]
    path = os.pathsep.join(str(Path(one.__path__[0]).parent) for one in (face_audit, face_audit_tools))

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=told(PYTHONPATH=path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


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


def test_every_block_is_of_a_tested_language() -> None:
    """A block that no test runs would be a claim that nobody checks."""
    assert {language for language, _ in BLOCK.findall(OWN)} == {"python"}
