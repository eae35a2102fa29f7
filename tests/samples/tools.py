"""How each sample is built and run, and what has to be installed for that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
JACKSON = Path("/usr/share/java")
Command = Sequence[str | Path]


@dataclass(frozen=True)
class Tool:
    """What runs a sample."""

    needs: Mapping[str, str]
    """Programs and files, each with the package of Debian or PyPI that has it."""
    version: Command
    make: Callable[[Path], Command]
    """Builds the sample in this folder, if it has to be; gives the command that runs it."""

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed."""
        return sorted({package for name, package in self.needs.items() if not _is_there(name)})


def _is_there(name: str) -> bool:
    if name.startswith("/"):
        return Path(name).exists()
    return find_spec(name) is not None if name == "dotnetcore2" else shutil.which(name) is not None


def build(*command: str | Path, folder: Path) -> None:
    """Run a compiler.

    Raises:
        AssertionError: it refuses the sample, or warns of something in it.
    """
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, ""), ran.stdout + ran.stderr


def _java(folder: Path) -> Command:
    jars = [JACKSON / f"jackson-{part}.jar" for part in ("core", "databind", "annotations")]
    path = os.pathsep.join(map(str, [*jars, "."]))
    build("javac", "-Xlint:all", "-Werror", "-cp", path, "Sample.java", folder=folder)
    # What a short program spends most time with is the compilation of itself.
    return "java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", path.removesuffix(".") + str(folder), "Sample"


def _csharp(folder: Path) -> Command:
    spec = find_spec("dotnetcore2")
    assert spec is not None
    assert spec.origin is not None
    host = Path(spec.origin).parent / "bin"
    (libraries,) = (host / "shared" / "Microsoft.NETCore.App").iterdir()
    names = [*sorted(libraries.glob("System*.dll")), libraries / "netstandard.dll", libraries / "mscorlib.dll"]
    used = [f"-r:{one}" for one in names if "WindowsRuntime" not in one.name]
    flags = (
        "-noconfig",
        "-nostdlib",
        "-langversion:latest",
        "-warnaserror",
        "-nowarn:1702",
        "-main:Entry",
        "-out:sample.dll",
    )
    build("mcs", *flags, *used, "Sample.cs", HERE / "shim" / "Entry.cs", folder=folder)
    shutil.copy(HERE / "shim" / "sample.runtimeconfig.json", folder)
    return host / "dotnet", folder / "sample.dll"


def _objc(folder: Path) -> Command:
    def output(*command: str) -> list[str]:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    (library,) = output("gcc", "-print-file-name=libobjc.so")
    flags = output("gnustep-config", "--objc-flags")
    shim = HERE / "shim"
    headers = ("-I", shim, "-I", Path(library).parent / "include", "-include", shim / "foundation.h")
    libraries = ("-L", Path(library).parent, *output("gnustep-config", "--base-libs"), "-lBlocksRuntime")
    settings = (*flags, "-fblocks", "-fobjc-runtime=gcc", "-w")
    build("clang", *settings, *headers, "sample.m", shim / "foundation.m", "-o", "sample", *libraries, folder=folder)
    return (folder / "sample",)


TOOLS: Mapping[str, Tool] = {
    "sdk.py": Tool({}, (sys.executable, "--version"), lambda folder: (sys.executable, folder / "sdk.py")),
    "sample.sh": Tool(
        {"sh": "dash", "curl": "curl", "jq": "jq"}, ("curl", "--version"), lambda folder: ("sh", folder / "sample.sh")
    ),
    "sample.py": Tool({}, (sys.executable, "--version"), lambda folder: (sys.executable, "-I", folder / "sample.py")),
    "sample.mjs": Tool({"node": "nodejs"}, ("node", "--version"), lambda folder: ("node", folder / "sample.mjs")),
    "Sample.java": Tool(
        {
            "javac": "default-jdk-headless",
            "java": "default-jdk-headless",
            str(JACKSON / "jackson-databind.jar"): "libjackson2-databind-java",
        },
        ("java", "--version"),
        _java,
    ),
    "Sample.cs": Tool({"mcs": "mono-mcs", "dotnetcore2": "dotnetcore2"}, ("mcs", "--version"), _csharp),
    "sample.m": Tool(
        {
            "clang": "clang",
            "gcc": "gobjc",
            "gnustep-config": "libgnustep-base-dev",
            "/usr/include/Block.h": "libblocksruntime-dev",
        },
        ("clang", "--version"),
        _objc,
    ),
    "sample.php": Tool(
        {"php": "php-cli", "/usr/share/doc/php-curl": "php-curl"},
        ("php", "--version"),
        lambda folder: ("php", folder / "sample.php"),
    ),
    "sample.rb": Tool({"ruby": "ruby"}, ("ruby", "--version"), lambda folder: ("ruby", "-w", folder / "sample.rb")),
}
"""By the name of the sample's file."""
PYPI = {"dotnetcore2"}
"""Packages that do not come from Debian."""
IN_EVERY_RUN = ("sdk.py", "sample.sh", "sample.py", "sample.mjs")
"""What `nox -s tests` runs; the others take seconds each."""
