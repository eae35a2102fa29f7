"""The command: `python -m strict_clients.release [VERSION] [--dry-run]`."""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from strict_clients.breaches import GenerationRefused
from strict_clients.bump.released import NoRelease
from strict_clients.release.building import ReleaseFailed, build_twice
from strict_clients.release.place import Checkout
from strict_clients.release.proof import check_distributions, prove, prove_tool
from strict_clients.release.refusals import refusals, stated_version
from strict_clients.release.steps import copied, keep, prepare, put_into
from strict_clients.render import GenerationFailed


def main(arguments: Sequence[str] | None = None, *, root: Path | None = None) -> int:
    """Release, or rehearse it with `--dry-run`; 0 is done, 1 is refused, and then nothing was changed."""
    parser = argparse.ArgumentParser(
        prog="python -m strict_clients.release", description="Make a release of the package."
    )
    parser.add_argument(
        "version", nargs="?", help="the version to release; a dry run without it builds the present one"
    )
    parser.add_argument("--dry-run", action="store_true", help="do everything in a copy, and change nothing")
    output = "with --dry-run: a folder for what was built; may be repeated"
    parser.add_argument("--output", type=Path, action="append", default=[], help=output)
    given = parser.parse_args(arguments)
    if given.version is None and not given.dry_run:
        parser.error("VERSION: is missing; give the version to release, which `nox -s bump` determines")
    checkout = Checkout(root or Path.cwd())
    try:
        faults = list(refusals(checkout, given.version))
        if not faults:
            _release(checkout, given.version or stated_version(checkout), given)
    except (GenerationRefused, GenerationFailed, NoRelease, ReleaseFailed) as error:
        faults = [str(error)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _release(checkout: Checkout, version: str, given: argparse.Namespace) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with tempfile.TemporaryDirectory() as name, copied(checkout, Path(name) / "tree") as copy:
        prepare(copy, version, today.date())
        distributions = _built(copy, Path(name), version=version, epoch=int(today.timestamp()))
        for path in distributions:
            print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
        if given.dry_run:
            for folder in given.output:
                put_into(folder, distributions)
            print(f"{version}: two builds gave these bytes, and the wheels work; nothing was changed")
            return
        keep(checkout, copy, version, distributions)
    print(
        f"{version}: is committed, and its files are in dist/; two commands are left\n"
        f"git tag --annotate v{version} --message 'face-audit {version}' && git push --follow-tags\n"
        f"twine upload {' '.join(f'dist/{path.name}' for path in distributions)}"
    )


def _built(copy: Checkout, scratch: Path, *, version: str, epoch: int) -> list[Path]:
    """The distributions of the package, the tool and the generator, after they were built twice and proved."""
    package, tool, generator = (
        build_twice(project, scratch / project.name, epoch=epoch, beside=beside)
        for project, beside in ((copy.package, ()), (copy.tool, ()), (copy.generator, (copy.templates,)))
    )
    prove(package, copy.package, scratch, version=version, constraints=copy.constraints)
    check_distributions([*tool, *generator])
    wheels = [path for path in (*package, *tool) if path.suffix == ".whl"]
    prove_tool(wheels, copy.tool, scratch)
    return [*package, *tool, *generator]


if __name__ == "__main__":
    sys.exit(main())
