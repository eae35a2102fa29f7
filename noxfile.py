"""The commands of this repository; `nox --list` shows them."""

import shutil
from pathlib import Path

import nox

nox.options.sessions = ["check", "lint", "types", "tests"]
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "venv"

DOCUMENT = "openapi/face-audit.yaml"
OUTPUT = "generated_client"
TOOLS = "tools"
PROJECT = nox.project.load_toml("pyproject.toml")
TYPED = ("generator", "noxfile.py", "examples", f"{OUTPUT}/src", f"{TOOLS}/src")


def install(session: nox.Session, *groups: str) -> None:
    """Install the tools of these groups, and what they need, at their pinned versions."""
    packages = [package for group in groups for package in nox.project.dependency_groups(PROJECT, group)]
    session.install("--quiet", "--constraint", "constraints.txt", *packages)


def install_wheel(session: nox.Session, *projects: str) -> None:
    """Build the wheels of the generated package and of these, so that what is tested is what is shipped."""
    folder = Path(session.create_tmp()) / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    session.install("--quiet", "--constraint", "constraints.txt", "build", "hatchling")
    for project in (OUTPUT, *projects):
        session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), project, silent=True)
    wheels = [str(wheel) for wheel in folder.glob("*.whl")]
    session.install("--quiet", "--constraint", "constraints.txt", *wheels)
    session.install("--quiet", "--force-reinstall", "--no-deps", *wheels)


@nox.session
def demo(session: nox.Session) -> None:
    """Regenerate, start the emulator, page through a session with both clients, print a table."""
    install(session, "generate")
    session.run("python", "-m", "generator", "--document", DOCUMENT, "--output", OUTPUT)
    install_wheel(session)
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session
def regenerate(session: nox.Session) -> None:
    """Write the package anew from the document and the templates."""
    install(session, "generate")
    session.run("python", "-m", "generator", "--document", DOCUMENT, "--output", OUTPUT)


@nox.session
def check(session: nox.Session) -> None:
    """Regenerate in memory under two hash seeds and compare every byte of the package."""
    install(session, "generate")
    for seed in ("0", "1"):
        arguments = ("--document", DOCUMENT, "--output", OUTPUT, "--check")
        session.run("python", "-m", "generator", *arguments, env={"PYTHONHASHSEED": seed})


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout of everything written by hand, the runtime in the templates included."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Both strict type checkers, and that every public symbol of the wheel is typed."""
    install(session, "generate", "types", "tests")
    install_wheel(session, TOOLS)
    session.run("mypy", *TYPED)
    # Said outright, because it would take a .venv of this folder for the session's environment.
    python = ("--pythonpath", str(Path(session.bin) / "python"))
    session.run("basedpyright", *python, "--warnings")
    # From an empty folder, so that the installed wheel is found and nothing of this one.
    with session.chdir(session.create_tmp()):
        for package in ("face_audit", "face_audit_tools"):
            session.run("basedpyright", *python, "--verifytypes", package, "--ignoreexternal")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on the built wheel; every line and branch of the generator and of the package has to run."""
    run_tests(session)


@nox.session(python=["3.11", "3.12", "3.13"])
def tests_all(session: nox.Session) -> None:
    """The same under every supported Python that this machine has."""
    run_tests(session)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the runtime in small ways and see that tests fail; without arguments, write docs/mutation.md."""
    install(session, "mutation")
    install_wheel(session)
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Show every fault to our clients and to two others, and write docs/fault-table.md; takes a quarter of an hour."""
    install(session, "generate", "tests", "peers")
    install_wheel(session)
    session.run("python", "-m", "tests.faults.peers", env={"PYTHONPATH": generate_stock(session)})


@nox.session
def bench(session: nox.Session) -> None:
    """Our clients beside two others and the floors; writes docs/benchmarks.md; `-- --quick` takes under a minute."""
    install(session, "generate", "bench", "peers")
    install_wheel(session)
    session.run("python", "-m", "benchmarks", *session.posargs, env={"PYTHONPATH": generate_stock(session)})


@nox.session
def report_shots(session: nox.Session) -> None:
    """Look at a page of `face-audit report` in Debian's chromium, and write the pictures in docs/."""
    install(session, "shots")
    install_wheel(session, TOOLS)
    session.run("python", "-m", "tests.shots", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Ten million inputs for the readers of everything that comes from outside; `-- --runs N` for another number."""
    install(session, "fuzz")
    install_wheel(session)
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Both clients for minutes against a service with faults; `-- --quick` for less than one."""
    install_wheel(session)
    session.run("python", "-m", "tests.soak", *session.posargs)


def generate_stock(session: nox.Session) -> str:
    """Let the engine alone make `stock_client` of the same document; gives the folder that it stands in."""
    folder = Path(session.create_tmp()).resolve() / "stock"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    settings = ("--meta", "none", "--output-path", str(folder / "stock_client"))
    session.run("openapi-python-client", "generate", "--path", DOCUMENT, *settings, silent=True)
    return str(folder)


def run_tests(session: nox.Session) -> None:
    """Install the wheel and the tools, run pytest under coverage."""
    install(session, "generate", "types", "tests")
    install_wheel(session, TOOLS)
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if not session.posargs:
        session.run("coverage", "report")
