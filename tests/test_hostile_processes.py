"""What the outside world does to a process: streams that are closed or full, signals, folders that cannot be written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import document, layer

ROOT = Path(__file__).resolve().parent.parent
MAIN = str(ROOT / "main.py")
OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
# Streams as a user's terminal has them: what cannot be written waits in them until Python ends.
OFFSCREEN.pop("PYTHONUNBUFFERED", None)
FULL = Path("/dev/full")
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])

AT_AN_IMPORT = f"""
import os, runpy, signal, sys

class Signal:
    def __init__(self, module, number):
        self.module, self.number = module, number

    def find_spec(self, name, path=None, target=None):
        if name == self.module:
            os.kill(os.getpid(), self.number)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(ROOT)!r})
sys.meta_path.insert(0, Signal(sys.argv[1], int(sys.argv[2])))
sys.argv[:3] = [{MAIN!r}]
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Gets a signal when a module is imported; its name and the number of the signal are the first arguments."""

WINDOW = f"""
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(ROOT)!r})
number = int(sys.argv[1])
sys.argv[1:2] = []
from PySide6.QtCore import QTimer
import gui.app.application as application
settle = application.settle_memory
def send():
    settle()
    QTimer.singleShot(0, lambda: os.kill(os.getpid(), number))
application.settle_memory = send
sys.argv[0] = {MAIN!r}
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Opens the window and gets a signal as soon as it is there."""

Done = subprocess.CompletedProcess[bytes]


def run(*command: object, shell: str = "", env: dict[str, str] = OFFSCREEN, cwd: Path = ROOT) -> Done:
    """Run a command to its end; `shell` are redirections of its streams, as a shell writes them."""
    line = ["sh", "-c", f'exec "$@" {shell}', "sh", *map(str, command)]
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, timeout=120, check=False)


def main(*arguments: object, **how: object) -> Done:
    return run(sys.executable, MAIN, *arguments, **how)  # type: ignore[arg-type]


# Streams

COMMANDS = [
    ["presets"],
    ["--version"],
    ["run", "--help"],
    ["run", "columns", "--steps", 3],
    ["run", "columns", "--steps", 3, "--json"],
    ["check", "columns", "--variant", "random"],
]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_closed_stdout_is_no_trouble(arguments: list[object]) -> None:
    done = main(*arguments, shell=">&-")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full is needed")
@pytest.mark.parametrize("arguments", [COMMANDS[0], *COMMANDS[3:]])
def test_a_full_stdout_is_one_sentence(arguments: list[object]) -> None:
    done = main(*arguments, shell=f">{FULL}")
    said = b"initscope: the output cannot be written (No space left on device)\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full is needed")
@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_traceback_is_left_when_both_streams_are_full(arguments: list[object]) -> None:
    assert main(*arguments, shell=f">{FULL} 2>{FULL}").returncode in {0, 2}


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full", ">&- 2>&-"])
@pytest.mark.parametrize("arguments", [["run", "circle"], ["run"], ["run", "columns", "--set", "steps=0"]])
def test_a_mistake_that_cannot_be_said_is_only_an_exit_code(arguments: list[object], shell: str) -> None:
    done = main(*arguments, shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1251"])
def test_a_terminal_of_another_encoding_gets_escapes_and_json_stays_json(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "mine.json"
    name = "Ж 网络 é"
    path.write_text(json.dumps(document(layer(2), layer(1), name=name, title=name)), encoding="utf-8")
    env = {**OFFSCREEN, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    text = main("run", path, "--steps", 1, env=env)
    assert (text.returncode, text.stderr) == (0, b"")
    assert "\\u7f51" in text.stdout.decode(encoding)
    result = main("run", path, "--steps", 1, "--json", env=env)
    assert json.loads(result.stdout)["variants"][0]["name"] == name
    wrong = main("run", f"{name}.json", env=env)
    assert (wrong.returncode, wrong.stderr.count(b"\n")) == (2, 1)


# Names

NAMES: dict[str, bytes] = {"long": b"x" * 5000, "not UTF-8": b"\xff\xfe.json", "nested": b"a/" * 2500}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["shot", "--out", "a.png"]])
def test_a_target_that_no_file_can_be_is_one_sentence(name: str, command: list[str]) -> None:
    line = [os.fsencode(sys.executable), os.fsencode(MAIN), *map(os.fsencode, command), NAMES[name]]
    done = subprocess.run(line, cwd=ROOT, env=OFFSCREEN, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("depth", [500, 990, 3000])
def test_a_deep_value_for_set_is_one_sentence(depth: int) -> None:
    done = main("run", "columns", "--set", "notes=" + "[" * depth + "]" * depth)
    assert done.returncode == 2
    assert b"notes: is nested too deep: at most 64 lists or objects may lie in each other" in done.stderr


def test_a_decimal_comma_for_set_gets_a_hint() -> None:
    done = main("run", "columns", "--set", "optimizer.learning_rate=0,1")
    assert b"numbers have a decimal point: 0.5, not 0,5" in done.stderr


def test_data_in_a_folder_whose_name_is_not_utf_8_is_one_sentence(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    (folder / "a.csv").write_text("1,2\n3,4\n")
    data = {"kind": "csv", "path": "a.csv"}
    (folder / "mine.json").write_text(json.dumps(document(layer(2), layer(1), data=data)))
    done = main("run", folder / "mine.json")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"data.path: the name of its folder is not UTF-8" in done.stderr


# Where results go

SHOT = [sys.executable, MAIN, "shot", "columns", "--out"]
LONG = ["run", "columns", "--steps", 10**9, "--every", 10**8]


def test_a_folder_for_results_that_cannot_be_made_is_said_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("I am no folder")
    done = main(*LONG, "--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert b"could not be made" in done.stderr


def test_a_result_that_cannot_be_written_is_said_before_training(tmp_path: Path) -> None:
    (tmp_path / "weights-random.svg").mkdir()
    done = main(*LONG, "--out", tmp_path)
    assert done.returncode == 2
    assert b"weights-random.svg: could not be written (Is a directory)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["weights-random.svg"]


def test_a_shot_that_cannot_be_written_is_said_before_training(tmp_path: Path) -> None:
    done = main("shot", "columns", "--steps", 10**9, "--out", tmp_path / "none" / "a.png")
    assert done.returncode == 2
    assert b"a.png: could not be written (No such file or directory)" in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="a limit for the size of files is needed, as Unix has")
def test_a_shot_on_a_full_disk_is_one_sentence_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    # a file that grows past the limit is refused as on a full disk, once the signal for it is ignored
    done = run("sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh", *SHOT, path)
    said = f"initscope: {path}: could not be written (File too large)\n"
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", said)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# Signals


@SIGNALS
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("gui.text.language", ["run", "columns"]),
        ("numpy", ["run", "columns"]),
        ("numpy.linalg", ["check", "columns"]),
        ("msgspec", ["presets"]),
        ("engine.output.export", ["run", "columns"]),
        ("engine.symmetry.quotient", ["run", "columns"]),
        ("PySide6.QtWidgets", ["shot", "columns", "--out", "a.png"]),
        ("gui.app.application", ["columns"]),
    ],
)
def test_a_signal_ends_the_program_in_the_middle_of_its_imports(
    module: str, arguments: list[str], number: signal.Signals, tmp_path: Path
) -> None:
    done = run(sys.executable, "-c", AT_AN_IMPORT, module, int(number), *arguments, cwd=tmp_path)
    word = {signal.SIGINT: b"interrupted", signal.SIGTERM: b"ended"}[number]
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"initscope: " + word + b"\n")
    assert not list(tmp_path.iterdir())


@SIGNALS
def test_a_signal_closes_the_window(number: signal.Signals, tmp_path: Path) -> None:
    env = {**OFFSCREEN, "XDG_CONFIG_HOME": str(tmp_path)}
    done = run(sys.executable, "-c", WINDOW, int(number), "columns", env=env)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.rglob("*nitscope*")), "the settings were saved as they are when the window is closed"


IN_A_SHOT = f"""
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(ROOT)!r})
number, place = int(sys.argv[1]), sys.argv[2]
sys.argv[1:3] = []
if place == "training":
    import engine.session.lab as lab
    train = lab.Lab.train
    def send(*arguments):
        train(*arguments)
        os.kill(os.getpid(), number)
    lab.Lab.train = send
else:
    import engine.output.export as export
    save = export.save_file
    def send(path, write):
        def write_and_send(temporary):
            done = write(temporary)
            os.kill(os.getpid(), number)
            return done
        save(path, write_and_send)
    export.save_file = send
sys.argv[0] = {MAIN!r}
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Makes a shot and gets a signal where it trains, or where it has written the picture but not yet put it in place."""


@SIGNALS
@pytest.mark.parametrize("place", ["training", "writing"])
def test_a_signal_ends_a_shot_and_leaves_no_file(place: str, number: signal.Signals, tmp_path: Path) -> None:
    done = run(
        *(sys.executable, "-c", IN_A_SHOT, int(number), place),
        *("shot", "columns", "--steps", 3, "--out", tmp_path / "a.png"),
    )
    word = {signal.SIGINT: b"interrupted", signal.SIGTERM: b"ended"}[number]
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"initscope: " + word + b"\n")
    assert not list(tmp_path.iterdir())


IN_A_CHECK = f"""
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(ROOT)!r})
number = int(sys.argv[1])
sys.argv[1:2] = []
from engine.training.trainer import Trainer
compute_gradient = Trainer.compute_gradient
def send(trainer):
    os.kill(os.getpid(), number)
    return compute_gradient(trainer)
Trainer.compute_gradient = send
sys.argv[0] = {MAIN!r}
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Checks gradients and gets a signal where it computes one."""


@SIGNALS
def test_a_signal_ends_a_check(number: signal.Signals) -> None:
    done = run(sys.executable, "-c", IN_A_CHECK, int(number), "check", "columns")
    word = {signal.SIGINT: b"interrupted", signal.SIGTERM: b"ended"}[number]
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"initscope: " + word + b"\n")


TWICE = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from gui.shell.signals import Request, end_at_signals
signal.signal(signal.SIGINT, signal.default_int_handler)
end_at_signals()
with Request() as request:
    asked = [request.is_made()]
    os.kill(os.getpid(), int(sys.argv[1]))
    print(asked, request.is_made(), request.exit_code, flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
print("never")
"""
"""Gets a signal twice while it trains."""


@SIGNALS
def test_the_second_signal_ends_a_run_at_once(number: signal.Signals) -> None:
    done = run(sys.executable, "-c", TWICE, int(number))
    assert done.returncode == 128 + number
    assert done.stdout == f"[False] True {128 + number}\n".encode()
    assert done.stderr.count(b"initscope: ") == 2


@SIGNALS
def test_a_signal_before_training_ends_a_run_at_once(number: signal.Signals) -> None:
    done = run(sys.executable, "-c", TWICE.replace("[request.is_made()]", "[]"), int(number))
    assert (done.returncode, done.stdout) == (128 + number, b"")
