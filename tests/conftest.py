"""What concerns the whole suite: how much of the program it runs, and tools that work beside it."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator

import pytest
from coverage import Coverage

from tests import tools

LEAST = {"engine": 95, "gui": 85}
"""Percent of lines and branches that the suite must run."""

COVERAGE = pytest.StashKey[Coverage]()
RESULT = pytest.StashKey[str]()


def is_whole_suite(config: pytest.Config) -> bool:
    """Return whether the plain test command is run; a part of the suite covers a part of the program."""
    chosen = config.option.keyword or config.option.collectonly or config.option.deselect
    marked = config.option.markexpr != "not slow and not benchmark"
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen and not marked


def pytest_configure(config: pytest.Config) -> None:
    if is_whole_suite(config):
        config.stash[COVERAGE] = Coverage(data_file=None, config_file=str(config.rootpath / "pyproject.toml"))
        config.stash[COVERAGE].start()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    coverage = session.config.stash.get(COVERAGE, None)
    if coverage is None:
        return
    coverage.stop()
    percent = {package: covered(coverage, package) for package in LEAST}
    lines = [f"{package}: {percent[package]:.1f} % (at least {LEAST[package]} %)" for package in LEAST]
    if any(percent[package] < LEAST[package] for package in LEAST):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        lines.append(missing(coverage))
    session.config.stash[RESULT] = "\n".join(lines)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Pause the measurement for tests that train for long: it makes them slow, and other tests run the same lines."""
    coverage = item.config.stash.get(COVERAGE, None)
    if coverage is None or item.get_closest_marker("untraced") is None:
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


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


@pytest.fixture(scope="session", autouse=True)
def checks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start the checks of test_architecture.py at once, so that they work while other tests wait for windows."""
    if any(item.path.name == "test_architecture.py" for item in request.session.items):
        tools.start()
    yield
    tools.stop()
