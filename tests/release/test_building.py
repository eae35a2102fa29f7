"""Two builds, and what proves them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from strict_clients.release.building import ReleaseFailed, build_twice, differing_parts, run
from strict_clients.release.proof import check_distributions, faults_of_the_wheel, prove

PACKAGE = Path(__file__).parent.parent.parent / "generated_client"
HOOK = """
import os
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        with open(os.path.join(self.root, "zone.py"), "w") as file:
            file.write(repr(os.environ["TZ"]))
        build_data["artifacts"].append("zone.py")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The sdist and the wheel of this repository's package, which no test changes."""
    return build_twice(PACKAGE, tmp_path_factory.mktemp("built"), epoch=1_790_000_000)


def wheel_of(built: list[Path]) -> Path:
    """The wheel among them."""
    (wheel,) = (path for path in built if path.suffix == ".whl")
    return wheel


def small_package(folder: Path, settings: str) -> Path:
    """A package of one module."""
    folder.mkdir()
    (folder / "small.py").touch()
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        f'[project]\nname = "small"\nversion = "1"\n{settings}\n',
        encoding="utf-8",
    )
    return folder


def test_both_builds_give_the_same_bytes_at_the_given_time(built: list[Path], tmp_path: Path) -> None:
    """Folder, time, umask, locale, zone and hash seed do not matter; the time that is given does."""
    later = build_twice(PACKAGE, tmp_path, epoch=1_790_086_400)

    assert [path.name for path in built] == [path.name for path in later]
    assert [path.suffix for path in built] == [".whl", ".gz"]
    assert [path.read_bytes() for path in built] != [path.read_bytes() for path in later]
    assert [differing_parts(one, other) for one, other in zip(built, later, strict=True)] == [[], []]


def test_build_that_depends_on_its_circumstances_is_refused(tmp_path: Path) -> None:
    """What differs between the two builds is named."""
    package = small_package(tmp_path / "package", "[tool.hatch.build.targets.sdist.hooks.custom]")
    (package / "hatch_build.py").write_text(HOOK, encoding="utf-8")

    with pytest.raises(ReleaseFailed, match=r"small-1\S+: two builds differ in \S*zone\.py; find what"):
        build_twice(package, tmp_path / "scratch", epoch=1_790_000_000)


def test_build_that_differs_in_its_times_alone_is_refused(tmp_path: Path) -> None:
    """Files of the same bytes in archives of other bytes are told apart."""
    package = small_package(tmp_path / "package", "[tool.hatch.build]\nreproducible = false")

    with pytest.raises(ReleaseFailed, match="two builds differ in what it says of its files"):
        build_twice(package, tmp_path / "scratch", epoch=1_790_000_000)


def test_command_that_fails_is_shown_with_what_it_said() -> None:
    """Nobody has to run it again to see why it failed."""
    with pytest.raises(ReleaseFailed, match=r"git no-such-command: failed; see its output\n.*not a git command"):
        run(["git", "no-such-command"])


def test_wheel_of_the_package_has_no_faults(built: list[Path]) -> None:
    """It holds the package's files and its valid bill of materials, and nothing else."""
    assert list(faults_of_the_wheel(wheel_of(built), PACKAGE)) == []


def test_wheel_without_a_licence_is_refused(built: list[Path], tmp_path: Path) -> None:
    """The name of a licence alone lets nobody read its terms."""
    wheel = tmp_path / wheel_of(built).name
    with zipfile.ZipFile(wheel_of(built)) as good, zipfile.ZipFile(wheel, "w") as bad:
        for name in good.namelist():
            if not name.endswith("LICENSE"):
                bad.writestr(name, good.read(name))

    with pytest.raises(ReleaseFailed, match=r"\.whl: names a licence and lacks its text"):
        check_distributions([wheel])


def break_bill(name: str, content: bytes) -> tuple[str, bytes]:
    """A bill that gives a component a version and a range of versions."""
    if not name.endswith(".cdx.json"):
        return name, content
    bill = json.loads(content)
    bill["components"][1]["version"] = "1"
    return name, json.dumps(bill).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, content: None if name.endswith("py.typed") else (name, content), ["face_audit/py.typed is not"]),
        (
            lambda name, content: (name.replace("/region.py", "/area.py"), content),
            ["face_audit/area.py is not the package's", "face_audit/region.py is not the package's"],
        ),
        (
            lambda name, content: None if "/sboms/" in name else (name, content),
            ["does not hold the package's bill of materials"],
        ),
        (break_bill, ["does not hold the package's bill", "its bill of materials is not valid CycloneDX"]),
    ],
    ids=["left-out", "renamed", "no-bill", "wrong-bill"],
)
def test_wheel_of_something_else_is_refused(
    built: list[Path],
    tmp_path: Path,
    change: Callable[[str, bytes], tuple[str, bytes] | None],
    said: list[str],
) -> None:
    """A file that is missing, added or changed is named, and so is a bill that is missing or wrong."""
    wheel = tmp_path / wheel_of(built).name
    with zipfile.ZipFile(wheel_of(built)) as good, zipfile.ZipFile(wheel, "w") as bad:
        for name in good.namelist():
            changed = change(name, good.read(name))
            if changed is not None:
                bad.writestr(*changed)

    faults = list(faults_of_the_wheel(wheel, PACKAGE))

    assert len(faults) == len(said)
    assert all(expected in fault for expected, fault in zip(said, faults, strict=True))
    with pytest.raises(ReleaseFailed, match=r"\.whl: "):
        prove([wheel], PACKAGE, tmp_path, version="0.1.0", constraints=tmp_path)
