"""Verifies that a wheel contains the package, describes it truly, and works where it is installed."""

import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from strict_clients.release.building import ReleaseFailed, run

SMOKE = Path(__file__).with_name("smoke.py")


def check_distributions(distributions: list[Path]) -> None:
    """Let distributions pass whose pages can be shown, and which hold what distributions should and nothing else.

    Raises: ReleaseFailed with what a tool says.
    """
    paths = [str(path) for path in distributions]
    wheels = [path for path in paths if path.endswith(".whl")]
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            texts = [name for name in archive.namelist() if "/licenses/" in name]
            (facts,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            if not texts and b"\nLicense-Expression: " in archive.read(facts):
                raise ReleaseFailed(f"{Path(wheel).name}: names a licence and lacks its text; see `license-text`")
    run([sys.executable, "-m", "twine", "check", "--strict", *paths])
    run([str(Path(sys.executable).with_name("pydistcheck")), *paths])
    run([sys.executable, "-m", "check_wheel_contents", *wheels])


def prove_tool(wheels: list[Path], tool: Path, scratch: Path) -> None:
    """Let the tool pass that works with what its lock pins, in a fresh environment.

    Raises: ReleaseFailed with what is wrong.
    """
    environment = scratch / "environment-of-the-tool"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    run([*pip, "--require-hashes", "--requirement", str(tool / "requirements.txt")])
    run([*pip, "--no-deps", *map(str, wheels)])
    run([*pip[:3], "check"])
    run([str(environment / "bin" / "face-audit"), "--version"])


def prove(distributions: list[Path], package: Path, scratch: Path, *, version: str, constraints: Path) -> None:
    """Accept distributions that contain the package, describe themselves truly, and work in a fresh environment.

    Raises: ReleaseFailed with what is wrong.
    """
    (wheel,) = (path for path in distributions if path.suffix == ".whl")
    faults = list(faults_of_the_wheel(wheel, package))
    if faults:
        raise ReleaseFailed("\n".join(faults))
    check_distributions(distributions)
    install_and_try(wheel, scratch, version=version, constraints=constraints)


def faults_of_the_wheel(wheel: Path, package: Path) -> Iterator[str]:
    """The files of a wheel that are not the package's, and a missing, different or invalid bill of materials."""
    source = package / "src"
    wanted = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    modules = {name: content for name, content in held.items() if ".dist-info/" not in name}
    for name in sorted(wanted.keys() | modules.keys()):
        if wanted.get(name) != modules.get(name):
            yield f"{wheel.name}: {name} is not the package's; see `sbom-files` and `packages` in its pyproject.toml"
    bills = [content for name, content in held.items() if "/sboms/" in name]
    if bills != [path.read_bytes() for path in package.glob("*.cdx.json")]:
        yield f"{wheel.name}: does not hold the package's bill of materials; see `sbom-files` in its pyproject.toml"
    for bill in bills:
        fault = JsonStrictValidator(SchemaVersion.V1_7).validate_str(bill.decode())
        if fault is not None:
            yield f"{wheel.name}: its bill of materials is not valid CycloneDX ({fault}); fix bill.py of the generator"


def install_and_try(wheel: Path, scratch: Path, *, version: str, constraints: Path) -> None:
    """Install the wheel and its requirements in an empty environment, and use it there."""
    environment = scratch / "environment"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    run([python, "-m", "pip", "install", "--quiet", "--constraint", str(constraints), str(wheel)])
    run([python, "-I", str(SMOKE), version], folder=scratch)
