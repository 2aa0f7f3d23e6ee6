"""The command line as a person or a script uses it: `python main.py …` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.experiments.presets import preset_names
from engine.native.driver import SWITCH, load_driver
from tests.command_line import (
    GUI_PACKAGES,
    MAIN,
    NO_DISPLAY,
    ROOT,
    complaint,
    experiment_file,
    output,
    result,
    strict,
)

# What is there


def test_presets_lists_every_experiment_with_its_variants() -> None:
    printed = output("presets")
    assert [line.partition(":")[0] for line in printed.splitlines()[::2]] == preset_names()
    assert "zeros, constant-2, random" in printed
    assert "zeros, large, xavier, he" in printed


def test_version_is_that_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    assert version is not None
    first, second = output("--version").splitlines()
    assert first == f"Initscope {version[1]}"
    assert second.startswith("Training: by ")


def test_version_says_how_steps_are_computed() -> None:
    said = output("--version", env={**os.environ, SWITCH: "off"})
    assert said.endswith(
        "Training: by calls from Python, without the compiled driver (same numbers, but slower)\n"
    )
    if load_driver() is not None:
        assert output("--version").endswith("Training: by the compiled driver\n")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["shot", "--help"], ["presets", "--help"]]
)
def test_help_is_printed_without_a_display(arguments: list[str]) -> None:
    assert output(*arguments).startswith("usage: main.py")


# Mistakes

WRONG: dict[str, tuple[list[str], str]] = {
    "no target": (["run"], "TARGET"),
    "unknown target": (
        ["run", "circle"],
        "circle: is neither a file nor a shipped experiment (circles, columns",
    ),
    "unknown target for the window": (["circle"], "circle: is neither a file nor a shipped experiment"),
    "unknown target for a shot": (["shot", "circle", "--out", "a.png"], "circle: is neither a file"),
    "a target of two lines": (["run", "two\nlines"], "is neither a file nor a shipped experiment"),
    "a folder": (["run", "tests"], "tests: cannot be read"),
    "unknown variant": (
        ["run", "columns", "--variant", "ones"],
        "no variant ones; there are: zeros, constant-2",
    ),
    "unknown option": (["run", "columns", "--fast"], "--fast"),
    "an option that would colour the terminal": (["run", "columns", "\x1b[31m"], "\\x1b[31m"),
    "a number without an end": (["run", "columns", "--steps", "9" * 5000], "999 … 999"),
    "an empty target": (["run", ""], "TARGET: must not be empty"),
    "an empty target for the window": ([""], "TARGET: must not be empty"),
    "an empty folder for results": (["run", "columns", "--out", ""], "--out: must not be empty"),
    "two targets": (["run", "columns", "circles"], "circles"),
    "unknown option for the window": (["--fast"], "--fast"),
    "negative steps": (["run", "columns", "--steps", "-1"], "--steps"),
    "steps in words": (["run", "columns", "--steps", "many"], "from 0 to 1,000,000,000, got many"),
    "too many steps": (["run", "columns", "--steps", "1000000001"], "from 0 to 1,000,000,000"),
    "steps of thousands of digits": (["run", "columns", "--steps", "9" * 5000], "--steps"),
    "every 0 steps": (["run", "columns", "--every", "0"], "must be a whole number above 0, got 0"),
    "set without a value": (
        ["run", "columns", "--set", "seed"],
        "must look like optimizer.learning_rate=0.1",
    ),
    "set without a path": (["run", "columns", "--set", "=1"], "must look like optimizer.learning_rate=0.1"),
    "set to what is not JSON": (
        ["run", "columns", "--set", "dtype=float 32"],
        "dtype: the value must be JSON",
    ),
    "set to a wrong value": (
        ["run", "columns", "--set", "optimizer.learning_rate=-1"],
        "optimizer.learning_rate: must be a number above 0, got -1",
    ),
    "set what is not there": (["run", "columns", "--set", "optimiser.kind=1"], "optimiser: is not there"),
    "set an unknown field": (
        ["run", "columns", "--set", "epochs=1"],
        "epochs: is not a field that belongs here",
    ),
    "set a position that is not there": (
        ["run", "columns", "--set", "network.layers.2.units=1"],
        "network.layers.2: must be a list position from 0 to 1",
    ),
    "a network that does not fit the data": (
        ["run", "columns", "--set", "network.layers.1.units=2"],
        "network.layers.1.units: must be 1, one for each target of a sample, got 2",
    ),
    "weights that are infinite": (
        [
            "run",
            "circles",
            "--variant",
            "he",
            "--set",
            'network.layers.0.weights={"kind": "normal", "std": 1e308}',
        ],
        "network.layers.0.weights: must give finite numbers",
    ),
    "a shot without a file": (["shot", "columns"], "--out"),
    "a shot of a wrong size": (
        ["shot", "columns", "--size", "big", "--out", "a.png"],
        "must look like 1600x1000",
    ),
    "a shot of another kind": (["shot", "columns", "--out", "a.bmp"], "a.bmp: must end in .png"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_one_line_on_stderr_and_exit_code_2(mistake: str) -> None:
    arguments, sentence = WRONG[mistake]
    assert sentence in complaint(*arguments)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "is not valid JSON"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"[]", "must be a JSON object"),
        (b'{"name": "x", "version": 99}', "version: 99 was written by a newer program"),
        (b'{"name": "x"}', "data: is missing"),
    ],
)
def test_a_file_that_is_no_experiment_is_named(tmp_path: Path, text: bytes, sentence: str) -> None:
    path = experiment_file(tmp_path, text)
    assert f"{path}: {sentence}" in complaint("run", path)


@pytest.mark.parametrize(
    ("arguments", "package"),
    [
        (["run", "columns", "--steps", "1"], "msgspec"),
        (["run", "columns", "--steps", "1"], "numpy"),
        (["presets"], "msgspec"),
        (["columns"], "PySide6"),
        (["columns"], "pyqtgraph"),
        (["shot", "columns", "--out", "a.png"], "PySide6"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    arguments: list[str], package: str
) -> None:
    offscreen = {**NO_DISPLAY, "QT_QPA_PLATFORM": "offscreen"}
    line = complaint(*arguments, missing=(package,), env=offscreen)
    assert f"the package {package} is missing; install what Initscope needs with: python3 -m venv" in line


# Without a window


def test_run_needs_neither_qt_nor_the_window_nor_a_display() -> None:
    assert result("columns", "--steps", 5, missing=GUI_PACKAGES)["variants"][0]["steps"] == 5
    assert "columns" in output("presets", missing=GUI_PACKAGES)
    assert output("--version", missing=(*GUI_PACKAGES, "numpy", "msgspec")).startswith("Initscope")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_the_window_names_run_and_shot() -> None:
    line = complaint("columns")
    assert "there is no display" in line
    assert "main.py run TARGET" in line
    assert "main.py shot TARGET" in line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize("arguments", [[], ["circles"]])
def test_a_display_that_cannot_be_reached_is_one_sentence(arguments: list[str]) -> None:
    assert complaint(*arguments, env={**NO_DISPLAY, "DISPLAY": ":4242"})


# A terminal


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Return the two ends of a terminal: where it is read, and what a program writes to."""
    pty = pytest.importorskip("pty")
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


def start(*arguments: object, stderr: int) -> subprocess.Popen[str]:
    # a child inherits what its parent ignores, and a parent in the background ignores the interruption
    main = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    main += f"runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    command = [sys.executable, "-c", main, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env=NO_DISPLAY, stdout=subprocess.PIPE, stderr=stderr, text=True
    )


def test_a_long_run_shows_its_progress_on_a_terminal_and_clears_it(terminal: tuple[int, int]) -> None:
    reader, writer = terminal
    with start("run", "columns", "--variant", "random", "--steps", 2000, "--json", stderr=writer) as process:
        printed, _ = process.communicate(timeout=60)
    shown = os.read(reader, 10_000).decode()
    assert process.returncode == 0
    assert strict(printed)["variants"][0]["steps"] == 2000
    assert re.search(r"random: .*1,024 of 2,000", shown)
    assert shown.endswith("\r\033[K")


LONG_RUN = ("run", "columns", "--steps", 10**9, "--every", 10**4)
SIGNALS = pytest.mark.parametrize(
    ("number", "word"), [(signal.SIGINT, b"interrupted"), (signal.SIGTERM, b"ended")]
)


def stopped(*arguments: object, number: int, terminal: tuple[int, int]) -> tuple[int, str, bytes]:
    """Send a signal to a command that shows its progress; return its exit code, its output, and what was on stderr."""
    reader, writer = terminal
    with start(*arguments, stderr=writer) as process:
        shown = os.read(reader, 100)  # waits until it has begun
        process.send_signal(number)
        printed, _ = process.communicate(timeout=60)
    shown += os.read(reader, 100_000)
    assert b"Traceback" not in shown
    return process.returncode, printed, shown


@SIGNALS
def test_a_stopped_run_prints_what_there_is(
    terminal: tuple[int, int], number: signal.Signals, word: bytes
) -> None:
    code, printed, shown = stopped(*LONG_RUN, "--variant", "zeros", number=number, terminal=terminal)
    assert code == 128 + number
    assert word in shown
    assert re.match(r"zeros: stopped after [\d,]+ steps, loss 3\b", printed)
    assert "layer 1: 4 neurons, 1 distinct column" in printed


def test_advice_that_is_stopped_says_so(terminal: tuple[int, int]) -> None:
    advise = ("advise", "circles", "--seconds", 600)
    code, printed, _ = stopped(*advise, number=signal.SIGINT, terminal=terminal)
    assert code == 130
    assert "zeros: which start?" in printed
    assert "It was stopped" in printed


@SIGNALS
def test_the_files_of_a_stopped_run_are_whole_and_say_so(
    terminal: tuple[int, int], number: signal.Signals, word: bytes, tmp_path: Path
) -> None:
    code, printed, shown = stopped(*LONG_RUN, "--json", "--out", tmp_path, number=number, terminal=terminal)
    assert code == 128 + number
    assert word in shown
    document = strict(printed)
    assert document == strict((tmp_path / "result.json").read_text())
    for variant in document["variants"]:
        assert variant["status"] == "stopped"
        assert 0 < variant["steps"] < 10**9
        assert variant["curve"]["step"] == list(range(0, variant["steps"], 10**4))
        assert {len(series) for series in variant["curve"].values()} == {len(variant["curve"]["step"])}
        assert (tmp_path / f"weights-{variant['name']}.svg").exists()
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"
    with np.load(tmp_path / "weights.npz") as weights:
        assert "zeros.W1" in weights


def test_lanes_that_have_not_begun_are_left_out_of_a_stopped_run(terminal: tuple[int, int]) -> None:
    """A lane that ends where it diverges trains alone, one after the other."""
    change = ("--set", 'on_divergence="stop"')
    _, printed, _ = stopped(*LONG_RUN, "--json", *change, number=signal.SIGINT, terminal=terminal)
    assert [variant["name"] for variant in strict(printed)["variants"]] == ["zeros"]


@pytest.mark.parametrize(
    "arguments",
    [["presets"], ["run", "circles", "--steps", "50", "--json", "--weights"]],
    ids=["short", "long"],
)
def test_a_reader_that_has_gone_is_no_error(arguments: list[str]) -> None:
    with start(*arguments, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


WITHOUT_A_LIBRARY = """
import sys

class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "PySide6.QtGui":
            raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

sys.meta_path.insert(0, Broken())
from main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("arguments", [["columns"], ["shot", "columns", "--out", "x.png"]])
def test_a_missing_system_library_is_one_sentence_that_says_what_to_install(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_LIBRARY, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "libEGL.so.1 is missing" in line
    assert "apt install" in line
