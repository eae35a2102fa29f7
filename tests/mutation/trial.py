"""Runs the tests on changed modules, each change in its own forked process, so that no process starts from scratch."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias

import coverage
import hypothesis.strategies  # noqa: F401  # loaded once for all forks
import pytest
from attrs import evolve, frozen

if TYPE_CHECKING:
    from .changes import Mutant

Work: TypeAlias = Callable[[pytest.Session], None]

KILLED, ENDLESS, SURVIVED, BROKEN = "killed", "endless", "survived", "broken"
# Tests that are slow, concern other modules, depend on the machine's clock, or run in processes of their own, where no
# change is seen; and tests that draw examples by the thousand, so that no verdict depends on luck.
LEFT_OUT = ("emulator", "emulator_command", "schemathesis", "overloads", "types")
LEFT_OUT += ("network", "transport", "default_transport", "forks", "proxies", "resolver", "tls")
LEFT_OUT += ("interrupts", "properties_decoding", "properties_machine", "properties_paging", "properties_values")
_ARGUMENTS = ("-q", "--tb=no", "--capture=no", "--hypothesis-seed=0", "-p", "no:schemathesis")
# One client is enough to see a change of what both run.
_WRITTEN_TWICE = ("sync.", "aio.")
_ASYNC = re.compile(r"[\[-]async[\]-]")
_TOLD = "told.json"
PATIENCE = 4.0
_MEMORY = 8 * 1024**3


@frozen
class Measures:
    """What the tests do without a change."""

    seconds: dict[str, float]
    """By test."""
    touched: dict[str, dict[str, list[str]]]
    """The tests that reach each line, by module."""
    early: dict[str, list[int]]
    """The lines that ran before the tests, by module."""

    def choose(self, mutant: Mutant, killers: Counter[str]) -> list[str]:
        """The tests that may notice a change: first those that noticed most of the earlier ones, then the fastest."""
        touched = self.touched[mutant.module]
        # Code that runs at import may have an effect anywhere.
        early = not mutant.where or not {*mutant.lines}.isdisjoint(self.early[mutant.module])
        lines = touched if early else [str(line) for line in mutant.lines]
        near = {test for line in lines for test in touched.get(line, ())}
        wanted = {*self.seconds} if early else near
        if not mutant.module.startswith(_WRITTEN_TWICE):
            wanted = {test for test in wanted if not _ASYNC.search(test)}
        return sorted(wanted, key=lambda test: (-killers[test], test not in near, self.seconds[test]))

    def ran_early(self, module: str, code: CodeType) -> bool:
        """Whether a function was called before the tests: what it made then would not see a change in place."""
        body = {line for *_, line in code.co_lines()} - {code.co_firstlineno}
        return not body.isdisjoint(self.early[module])


@frozen
class Trial:
    """The tests, and the package that they run on."""

    package: str
    """The package of the modules."""
    folder: Path
    scratch: Path
    """A folder for the results of forked processes."""
    tests: tuple[str, ...] = ("tests/client",)
    """Folders or files of tests."""

    @property
    def _noticed(self) -> Path:
        """The file with the name of the last test that failed."""
        return self.scratch / "noticed.txt"

    def run(self, mutants: list[Mutant]) -> dict[str, str]:
        """The verdict on each mutant, by its name.

        Raises:
            RuntimeError: a test fails without a change.
        """
        told = self.scratch / _TOLD
        self._require(_fork(lambda: self._run_pytest(self._measure(told))))
        measures = Measures(**json.loads(told.read_text("utf-8")))
        self._require(_fork(partial(self._try_at_import, None, measures, Counter())))
        cores = len(os.sched_getaffinity(0))
        workers = [evolve(self, scratch=self.scratch / str(first)) for first in range(cores)]
        children = [
            _start(partial(worker._try_part, mutants[first::cores], measures)) for first, worker in enumerate(workers)
        ]
        for code in [*map(_end, children)]:
            self._require(code)
        parts = [json.loads((worker.scratch / _TOLD).read_text("utf-8")) for worker in workers]
        return {name: verdict for part in parts for name, verdict in part.items()}

    def _try_part(self, mutants: list[Mutant], measures: Measures) -> int:
        """Write the verdicts on these mutants, one after the other."""
        self.scratch.mkdir()
        told = self.scratch / _TOLD
        self._require(_fork(lambda: self._run_pytest(self._try_in_place(mutants, measures, told))))
        verdicts: dict[str, str] = json.loads(told.read_text("utf-8"))
        killers = Counter[str]()
        for mutant in mutants:
            if mutant.name not in verdicts:
                verdicts[mutant.name] = self._judge(partial(self._try_at_import, mutant, measures, killers), killers)
        told.write_text(json.dumps(verdicts), "utf-8")
        return 0

    def _judge(self, run: Callable[[], int], killers: Counter[str]) -> str:
        self._noticed.unlink(missing_ok=True)
        code = _fork(run)
        if code in {-signal.SIGPROF, -signal.SIGALRM}:
            return ENDLESS
        if self._noticed.exists():
            killers[self._noticed.read_text("utf-8")] += 1
        elif code == 1:  # an error that no test raised: it says nothing about the change
            return BROKEN
        return SURVIVED if code == 0 else KILLED

    def _measure(self, told: Path) -> Work:
        watch = coverage.Coverage(data_file=None, config_file=False, include=[f"{self.folder}/**/*.py"])
        watch.start()
        seconds: dict[str, float] = {}

        def work(session: pytest.Session) -> None:
            readers = importlib.import_module(f"{self.package}.responses.model_reader")._SHAPES
            for at, (item, following) in enumerate(_pairs(session.items)):
                # Names may hold addresses and times that differ between processes, so the place identifies the test.
                watch.switch_context(f"{at} {item.nodeid}")
                # Otherwise only the first test would reach the code that makes them.
                readers.clear()
                began = time.monotonic()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                seconds[f"{at} {item.nodeid}"] = time.monotonic() - began
            watch.stop()
            found = watch.get_data()
            names = {file: file.relative_to(self.folder).with_suffix("") for file in self.folder.rglob("*.py")}
            lines = {".".join(name.parts): found.contexts_by_lineno(str(file)) for file, name in names.items()}
            touched = {name: {line: [*filter(None, by[line])] for line in by} for name, by in lines.items()}
            early = {name: [line for line in by if "" in by[line]] for name, by in lines.items()}
            told.write_text(json.dumps({"seconds": seconds, "touched": touched, "early": early}), "utf-8")

        return work

    def _try_in_place(self, mutants: list[Mutant], measures: Measures, told: Path) -> Work:
        def work(session: pytest.Session) -> None:
            gc.freeze()
            self._require(_fork(lambda: self._run_tests(session, [*measures.seconds], measures)))
            verdicts: dict[str, str] = {}
            killers = Counter[str]()
            for mutant in mutants:
                function = self._find_function(mutant)
                code = function and _find_code(mutant.compile(), function.__code__)
                if function is None or code is None or measures.ran_early(mutant.module, function.__code__):
                    continue
                tests = measures.choose(mutant, killers)
                run = partial(self._run_changed, function, code, session, tests, measures)
                verdicts[mutant.name] = self._judge(run, killers)
            told.write_text(json.dumps(verdicts), "utf-8")

        return work

    def _find_function(self, mutant: Mutant) -> FunctionType | None:
        found: Any = importlib.import_module(f"{self.package}.{mutant.module}")
        for name in mutant.where.split(".") if mutant.where else ():
            found = vars(found)[name]
        found = found.fget if isinstance(found, property) else found
        return found if isinstance(found, FunctionType) else None

    def _try_at_import(self, mutant: Mutant | None, measures: Measures, killers: Counter[str]) -> int:
        if mutant is not None:
            code, changed = mutant.compile(), f"{self.package}.{mutant.module}"
            get_code = SourceFileLoader.get_code
            SourceFileLoader.get_code = lambda self, name: code if name == changed else get_code(self, name)
        tests = [*measures.seconds] if mutant is None else measures.choose(mutant, killers)
        return self._run_pytest(lambda session: os._exit(self._run_tests(session, tests, measures)))

    def _run_changed(
        self, function: FunctionType, code: CodeType, session: pytest.Session, tests: list[str], measures: Measures
    ) -> int:
        # In place: every reference to the function sees the change, and no wrapper's frame holds its arguments.
        function.__code__ = code
        return self._run_tests(session, tests, measures)

    def _run_tests(self, session: pytest.Session, tests: list[str], measures: Measures) -> int:
        """The exit code of these tests, which end with the first failure."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        items = [session.items[int(test.partition(" ")[0])] for test in tests]
        for test, (item, following) in zip(tests, _pairs(items), strict=True):
            limit = PATIENCE + 10 * measures.seconds[test]
            signal.setitimer(signal.ITIMER_PROF, limit)
            # The machine may be busy, so processor time is limited first; but a test may also wait for ever.
            signal.setitimer(signal.ITIMER_REAL, 10 * limit)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                self._noticed.write_text(test, "utf-8")
                return 1
        return 0

    def _run_pytest(self, work: Work) -> int:
        ignored = [f"--ignore=tests/client/test_{name}.py" for name in LEFT_OUT]
        return int(pytest.main([*self.tests, *_ARGUMENTS, *ignored], plugins=[_InsteadOfTests(work)]))

    def _require(self, code: int) -> None:
        if code != 0:
            named = self._noticed.read_text("utf-8") if self._noticed.exists() else "a test"
            raise RuntimeError(f"{named}: fails without a change; run `nox -s tests`")


class _InsteadOfTests:
    """Takes pytest's place once the tests are collected."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._work(session)
        return True


def _pairs(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items, None][1:], strict=True)


def _find_code(code: CodeType, old: CodeType) -> CodeType | None:
    """The changed code of a function, or None where it cannot take the old one's place."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if (inner.co_qualname, inner.co_firstlineno) == (old.co_qualname, old.co_firstlineno):
                return inner if inner.co_freevars == old.co_freevars else None
            if (found := _find_code(inner, old)) is not None:
                return found
    return None


def _fork(work: Callable[[], int]) -> int:
    """The exit code of `work` in a process of its own, negative for a signal."""
    return _end(_start(work))


def _start(work: Callable[[], int]) -> int:
    """The id of a process that does `work`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            code = work()
        finally:
            os._exit(code)
    return child


def _end(child: int) -> int:
    """The exit code of a process once it has ended, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
