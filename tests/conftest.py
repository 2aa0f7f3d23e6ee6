"""What concerns the whole suite: on how many processors it runs, and how much of the program it runs."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import settings
from xdist.workermanage import WorkerController

from gui.app import garbage

LEAST = {"engine": 95, "gui": 85}
"""Percent of lines and branches that the suite must run."""

MOST_WORKERS = 4
"""Each worker has a window and the data of MNIST in memory, so a large machine gets no more of them."""

MEASURED_MIXTURES = 4
"""Of a test with many mixtures of parameters, so many count for the coverage."""

FEW_TESTS = 6
"""A file with no more tests than that has long ones, as walks and random actions in the window are."""

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")  # how long an example takes on a busy machine is no fact about the product

FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()
COVERAGE = pytest.StashKey[Coverage]()
RESULT = pytest.StashKey[str]()
IS_MEASURED = pytest.StashKey[bool]()
HAS_DRIVER = pytest.StashKey[bool]()


def is_whole_suite(config: pytest.Config) -> bool:
    """Return whether the plain test command is run, here and not in a worker of it.

    A part of the suite covers only a part of the program.
    """
    if hasattr(config, "workerinput"):
        return False
    chosen = config.option.keyword or config.option.collectonly or config.option.deselect
    marked = config.option.markexpr != "not slow and not benchmark and not clinic"
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen and not marked


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite on several processors; a part of it is done sooner than they are started."""
    if is_whole_suite(config) and config.option.numprocesses is None:
        config.option.numprocesses, config.option.maxprocesses = "auto", MOST_WORKERS
        config.option.dist = "loadfile"  # tests of one file share what they have trained
        config.option.loadscopereorder = False  # files begin in the order of `pytest_collection_modifyitems`


def pytest_configure(config: pytest.Config) -> None:
    garbage.take_over()  # what a window has left is not to be freed by the training thread of the next test
    folder = getattr(config, "workerinput", {}).get("coverage")
    if is_whole_suite(config):
        config.stash[FOLDER] = tempfile.TemporaryDirectory()
        folder = None if config.option.numprocesses else config.stash[FOLDER].name
    if folder:
        config.stash[COVERAGE] = measured_into(folder, config)
        config.stash[COVERAGE].start()
        from engine.native.driver import load_driver  # noqa: PLC0415 (what is imported earlier is not measured)

        config.stash[HAS_DRIVER] = load_driver() is not None


def pytest_configure_node(node: WorkerController) -> None:
    """Tell a worker where it leaves what it has measured."""
    if FOLDER in node.config.stash:
        node.workerinput["coverage"] = node.config.stash[FOLDER].name


def measured_into(folder: str, config: pytest.Config) -> Coverage:
    return Coverage(
        str(Path(folder) / "run"), data_suffix=True, config_file=str(config.rootpath / "pyproject.toml")
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if COVERAGE in config.stash:
        config.stash[COVERAGE].stop()
        config.stash[COVERAGE].save()
    if FOLDER in config.stash and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        judge(session, config.stash[FOLDER].name)


def judge(session: pytest.Session, folder: str) -> None:
    """Note how much was covered; the suite fails where that is too little."""
    coverage = measured_into(folder, session.config)
    coverage.combine()
    percent = {package: covered(coverage, package) for package in LEAST}
    lines = [f"{package}: {percent[package]:.1f} % (at least {LEAST[package]} %)" for package in LEAST]
    if any(percent[package] < LEAST[package] for package in LEAST):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        lines.append(missing(coverage))
    session.config.stash[RESULT] = "\n".join(lines)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        config.stash[FOLDER].cleanup()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    begin_with_what_takes_long(items)
    if COVERAGE in config.stash:
        choose_what_is_measured(items)


def begin_with_what_takes_long(items: list[pytest.Item]) -> None:
    """Begin with files of few tests, which are long ones, and go on with those of many.

    At the end only files are left that take seconds: one processor would wait for a long one.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (tests[item.path] > FEW_TESTS, -tests[item.path], item.path))


def choose_what_is_measured(items: list[pytest.Item]) -> None:
    """Measure not those tests that train for long, and of each only some of its mixtures.

    Measuring makes a test half as slow again, and other tests run the same lines.
    """
    seen = Counter[tuple[Path, str]]()
    for item in items:
        if item.get_closest_marker("untraced") or trains_by_calls(item):
            continue
        test = item.path, item.nodeid.partition("[")[0]
        seen[test] += 1
        item.stash[IS_MEASURED] = seen[test] <= MEASURED_MIXTURES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Pause the measurement for tests that are not measured."""
    coverage = item.config.stash.get(COVERAGE, None)
    if coverage is None or item.stash.get(IS_MEASURED, False):
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


def trains_by_calls(item: pytest.Item) -> bool:
    """Return whether a test is the second of two that differ in the way of training only."""
    call = getattr(item, "callspec", None)
    way = call and call.params.get("way_of_training")
    return way == "calls" and item.config.stash[HAS_DRIVER]


def pytest_runtest_teardown() -> None:
    garbage.collect()


def covered(coverage: Coverage, package: str) -> float:
    return coverage.report(include=[f"{package}/*"], file=io.StringIO())


def missing(coverage: Coverage) -> str:
    text = io.StringIO()
    coverage.report(file=text, show_missing=True, skip_covered=True, sort="cover")
    return text.getvalue()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if result := terminalreporter.config.stash.get(RESULT, ""):
        terminalreporter.section("coverage of lines and branches")
        terminalreporter.write_line(result)
