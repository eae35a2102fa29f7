"""Runs the tests and the README's examples of the last release on the package that is installed.

Needs the Git history: the tests are those of the commit that added the release's archive.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PARTS = ("README.md", "openapi", "tests/client", "tests/schemathesis.toml")


def git(*arguments: str) -> bytes:
    """What a command of Git prints."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def unpack(release: str, folder: Path) -> None:
    """Write the tests of the last release, with the fixtures of today's, and the test of its README."""
    (archive,) = (ROOT / "releases").glob("*.tar.gz")
    if archive.name != f"{release}.tar.gz":
        sys.exit(f"expected.toml: is about {release}, not {archive.name}; begin the list and docs/migration.md anew")
    added = ("log", "--no-renames", "--diff-filter=A", "-1", "--format=%H", "--", f"releases/{archive.name}")
    commit = git(*added).decode().strip()
    if not commit:
        sys.exit(f"{archive.name}: no commit here added it; fetch the whole history with git fetch --unshallow")
    sys.stdout.write(f"the tests of {release}, from commit {commit[:7]}\n")
    sys.stdout.flush()
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit, *PARTS))) as packed:
        packed.extractall(folder, filter="data")
    shutil.copy(ROOT / "tests" / "client" / "conftest.py", folder / "tests" / "client")
    shutil.copy(HERE / "readme.py", folder / "tests" / "client" / "test_readme_of_release.py")


def main() -> int:
    """Run them; 0 if they fail as `expected.toml` says and not otherwise."""
    known = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
    options = ("--quiet", "--strict-markers", "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "moved")
    with tempfile.TemporaryDirectory() as name:
        unpack(known["release"], Path(name))
        ignored = [f"--ignore=tests/client/{file}" for file in known["not_run"]]
        path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-m", "pytest", *options, *ignored, *(sys.argv[1:] or ["tests/client"])]
        return subprocess.run(command, cwd=name, env=os.environ | {"PYTHONPATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
