"""The command line as a person or a script uses it: `python main.py …` in a process of its own."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from engine.experiments.experiment_file import parse_experiment
from engine.experiments.presets import open_target, preset_names
from tests.builders import constant, document, layer, table

ROOT = Path(__file__).resolve().parent.parent
MAIN = str(ROOT / "main.py")
CASES = ROOT / "tests" / "golden" / "cases"
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
NO_DISPLAY = {name: value for name, value in os.environ.items() if name not in DISPLAY}
GUI_ROOMS = {path.parent.name for path in (ROOT / "gui").glob("*/__init__.py")} - {"text"}
GUI_PACKAGES = ("PySide6", "shiboken6", "pyqtgraph", *(f"gui.{room}" for room in sorted(GUI_ROOMS)))
"""All that a window is made of; the sentences in gui.text are said by the command line, too."""

WITHOUT_PACKAGES = f"""
import runpy, sys

class Missing:
    names = set(sys.argv[1].split(","))

    def find_spec(self, name, path=None, target=None):
        if any(f"{{name}}.".startswith(f"{{missing}}.") for missing in self.names):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, {str(ROOT)!r})
sys.argv[:2] = [{MAIN!r}]
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Runs main.py as on a machine where some packages are not installed; their names are the first argument."""

Done = subprocess.CompletedProcess[str]


def main(*arguments: object, env: dict[str, str] = NO_DISPLAY, missing: tuple[str, ...] = ()) -> Done:
    """Run main.py to its end, without a display."""
    program = ["-c", WITHOUT_PACKAGES, ",".join(missing)] if missing else [MAIN]
    command = [sys.executable, *program, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


def output(*arguments: object, **how: Any) -> str:
    """Return what a command prints; it succeeds and has nothing to complain about."""
    done = main(*arguments, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def complaint(*arguments: object, **how: Any) -> str:
    """Return the one line on stderr with which a command is refused: exit code 2, no output, no traceback."""
    done = main(*arguments, **how)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("\n")
    (line,) = done.stderr.splitlines()
    return line


def strict(text: str) -> Any:
    """Return what strict JSON says: no NaN and no Infinity."""

    def refuse(literal: str) -> NoReturn:
        pytest.fail(f"{literal} is not JSON")

    return json.loads(text, parse_constant=refuse)


def result(*arguments: object, **how: Any) -> Any:
    """Return the JSON of `run … --json`."""
    return strict(output("run", *arguments, "--json", **how))


def experiment_file(folder: Path, text: str | bytes | dict[str, Any]) -> Path:
    path = folder / "mine.json"
    if isinstance(text, dict):
        text = json.dumps(text)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


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
    assert output("--version") == f"Initscope {version[1]}\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["shot", "--help"], ["presets", "--help"]]
)
def test_help_is_printed_without_a_display(arguments: list[str]) -> None:
    assert output(*arguments).startswith("usage: main.py")


# The result

REPORT = {"name", "status", "steps", "seconds", "curve", "final", "layers", "alarms"}
CURVE = ["step", "loss", "mean_abs_error", "train_accuracy", "test_accuracy"]
FINAL = {"loss", "train_accuracy", "test_accuracy", "mean_abs_error"}
LAYER = {
    *("layer", "units", "columns", "groups", "spread", "mean_abs_cosine"),
    *("gradient_norm", "saturated", "dead"),
}


@pytest.fixture(scope="module")
def columns() -> Any:
    """Return the result of 100 steps of `columns` with a point of the curve every 10 steps."""
    return result("columns", "--steps", 100, "--every", 10)


def test_a_result_has_the_fields_of_the_contract(columns: Any) -> None:
    assert set(columns) == {"format", "version", "experiment", "variants"}
    assert (columns["format"], columns["version"]) == ("initscope-result", 1)
    assert [variant["name"] for variant in columns["variants"]] == ["zeros", "constant-2", "random"]
    for variant in columns["variants"]:
        assert set(variant) >= REPORT
        assert list(variant["curve"]) == CURVE
        assert set(variant["final"]) == FINAL
        assert [set(reported) for reported in variant["layers"]] == [LAYER, LAYER]
        assert (variant["status"], variant["steps"]) == ("finished", 100)


def test_a_result_holds_the_full_experiment(columns: Any) -> None:
    assert parse_experiment(json.dumps(columns["experiment"])) == open_target("columns")


def test_the_curve_has_a_point_every_k_steps_from_0_on(columns: Any) -> None:
    for variant in columns["variants"]:
        assert variant["curve"]["step"] == list(range(0, 100, 10))
        assert {len(series) for series in variant["curve"].values()} == {10}


@pytest.mark.parametrize(("steps", "points", "every"), [(2000, 2000, 1), (2001, 1001, 2), (5000, 1667, 3)])
def test_the_curve_has_fewer_than_2001_points_by_default(steps: int, points: int, every: int) -> None:
    curve = result("columns", "--variant", "zeros", "--steps", steps)["variants"][0]["curve"]
    assert curve["step"] == list(range(0, steps, every))
    assert len(curve["loss"]) == points


def test_an_entry_of_the_curve_is_measured_before_the_update_of_its_step(columns: Any) -> None:
    after_40 = result("columns", "--steps", 40)
    for variant, shorter in zip(columns["variants"], after_40["variants"], strict=True):
        curve, final = variant["curve"], shorter["final"]
        assert curve["step"][4] == 40
        for name in ("loss", "mean_abs_error"):
            assert curve[name][4] == final[name]
    assert columns["variants"][0]["curve"]["mean_abs_error"][0] == 1.25


def test_layers_say_what_is_equal(columns: Any) -> None:
    zeros, constant_2, random = ([layer["columns"] for layer in v["layers"]] for v in columns["variants"])
    assert (zeros, constant_2, random) == ([1, 1], [1, 1], [4, 1])
    hidden = columns["variants"][1]["layers"][0]
    assert (hidden["layer"], hidden["units"], hidden["groups"], hidden["spread"]) == (1, 4, 1, 0.0)
    assert hidden["mean_abs_cosine"] == pytest.approx(1.0)
    assert hidden["gradient_norm"] > 0
    assert columns["variants"][2]["layers"][0]["spread"] > 0.5


def test_alarms_are_those_of_the_last_weights_over_all_samples(columns: Any) -> None:
    zeros, constant_2, random = ({a["kind"]: a["layers"] for a in v["alarms"]} for v in columns["variants"])
    assert zeros["symmetry"] == constant_2["symmetry"] == [1]
    assert zeros["output-range"] == random["output-range"] == [2]
    assert "symmetry" not in random
    digits = result("mnist-per-sample", "--variant", "rand", "--variant", "xavier", "--steps", 100)[
        "variants"
    ]
    assert digits[0]["alarms"] == [{"kind": "near-symmetry", "layers": [1, 2]}]
    assert digits[1]["alarms"] == []


def test_numbers_that_make_no_sense_are_null(columns: Any) -> None:
    variant = columns["variants"][0]
    assert variant["final"]["train_accuracy"] is variant["final"]["test_accuracy"] is None
    assert set(variant["curve"]["train_accuracy"] + variant["curve"]["test_accuracy"]) == {None}
    assert variant["layers"][0]["dead"] is None
    circles = result("circles", "--variant", "he", "--steps", 10)["variants"][0]
    assert 0 < circles["final"]["test_accuracy"] < 1
    assert circles["layers"][0]["saturated"] is None
    assert 0 <= circles["layers"][0]["dead"] <= 1


def without_seconds(found: Any) -> Any:
    for variant in found["variants"]:
        assert variant.pop("seconds") >= 0
    return found


def test_the_same_command_gives_the_same_result() -> None:
    one, two = (result("circles", "--steps", 200, "--weights") for _ in range(2))
    assert without_seconds(one) == without_seconds(two)


def test_the_experiment_of_a_result_repeats_it(tmp_path: Path) -> None:
    changes = ("--set", "optimizer.learning_rate=0.5", "--set", "seed=8", "--steps", 50)
    first = result("circles", *changes, "--weights")
    path = experiment_file(tmp_path, first["experiment"])
    assert without_seconds(result(path, "--steps", 50, "--weights")) == without_seconds(first)


def test_infinity_is_a_text() -> None:
    large = result("circles", "--variant", "large", "--steps", 1)["variants"][0]
    assert large["curve"]["loss"] == ["inf"]
    assert large["status"] == "finished"


def test_no_steps_are_a_result_too() -> None:
    he = result("circles", "--variant", "he", "--steps", 0)["variants"][0]
    assert he["curve"]["step"] == []
    assert he["final"]["loss"] == pytest.approx(0.8830537463419761, abs=1e-12)


GROWING = document(
    layer(3, "identity", constant(0.5)),
    layer(1, "identity", constant(0.5)),
    data=table([[1, 2], [3, 1]], [[1], [2]]),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 1.0},
)
"""Its weights grow until they are infinite, in seven steps."""


@pytest.mark.parametrize(
    ("steps", "status"), [(5, "finished"), (6, "finished"), (7, "diverged"), (30, "diverged")]
)
def test_a_run_whose_numbers_explode_is_a_result_and_no_error(
    tmp_path: Path, steps: int, status: str
) -> None:
    path = experiment_file(tmp_path, GROWING)
    found = result(path, "--steps", steps, "--weights")["variants"][0]
    assert found["status"] == status
    assert len(found["curve"]["loss"]) == steps
    if status == "diverged":
        assert found["final"]["loss"] in {"nan", "inf"}
        assert {value for (value,) in found["weights"][1]} <= {"nan", "inf", "-inf"}
        assert found["diverged"]["step"] == 6


# Options of run


def test_weights_have_a_row_per_input_and_a_column_per_neuron() -> None:
    found = result("circles", "--variant", "he", "--steps", 3, "--weights")["variants"][0]
    assert [np.shape(matrix) for matrix in found["weights"]] == [(2, 10), (10, 5), (5, 1)]
    assert [np.shape(biases) for biases in found["biases"]] == [(10,), (5,), (1,)]
    without = result("columns", "--variant", "zeros", "--steps", 3, "--weights")["variants"][0]
    assert [np.shape(matrix) for matrix in without["weights"]] == [(3, 4), (4, 1)]
    assert without["biases"] == [None, None]
    assert len({tuple(column) for column in np.transpose(without["weights"][0])}) == 1


def test_weights_are_left_out_unless_they_are_wanted(columns: Any) -> None:
    assert not {"weights", "biases"} & set(columns["variants"][0])


def test_variants_can_be_chosen() -> None:
    found = result("circles", "--variant", "he", "--variant", "zeros", "--steps", 1)
    assert [variant["name"] for variant in found["variants"]] == ["zeros", "he"]


def test_an_experiment_without_variants_is_one_variant_with_its_name(tmp_path: Path) -> None:
    path = experiment_file(tmp_path, document(layer(2), layer(1), name="alone"))
    assert [variant["name"] for variant in result(path, "--steps", 1)["variants"]] == ["alone"]


def test_steps_are_those_of_the_experiment_unless_they_are_given(tmp_path: Path) -> None:
    path = experiment_file(tmp_path, document(layer(2), layer(1), steps=17))
    assert result(path)["variants"][0]["steps"] == 17
    assert result(path, "--set", "steps=5")["variants"][0]["steps"] == 5


def test_set_changes_the_base_experiment_and_variants_change_it_further() -> None:
    found = result("columns", "--steps", 1, "--set", "network.layers.*.weights.high=3", "--set", "seed=9")
    weights = [layer["weights"] for layer in found["experiment"]["network"]["layers"]]
    assert [(w["kind"], w["high"]) for w in weights] == [("uniform", 3.0), ("uniform", 3.0)]
    assert found["experiment"]["seed"] == 9
    zeros, _, random = found["variants"]
    assert zeros["curve"]["mean_abs_error"] == [1.25]
    assert random["layers"][0]["spread"] > 0


def test_without_json_people_read_a_summary() -> None:
    printed = output("run", "circles", "--variant", "zeros", "--steps", 10)
    assert printed.splitlines()[0] == "zeros: finished after 10 steps, loss 0.693147"
    assert "accuracy 50.0% on training samples, 50.0% on test samples" in printed
    assert "layer 1: 10 neurons, 1 distinct column, spread 0" in printed
    assert "layer 3: 1 neuron, 1 distinct column, spread 0" in printed
    assert "alarm: Layers 1, 2, 3, step 10: the gradient of W is exactly 0." in printed
    assert "No alarm at step 10. Looked at: " in output("run", "circles", "--variant", "he", "--steps", 10)


@pytest.mark.parametrize(("steps", "loss"), [(6, "inf"), (30, "nan")])
def test_a_summary_knows_infinite_losses(tmp_path: Path, steps: int, loss: str) -> None:
    printed = output("run", experiment_file(tmp_path, GROWING), "--steps", steps)
    assert printed.splitlines()[0].endswith(f"loss {loss}")


# Files of run --out


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return the folder that `--out` made, and the result on stdout."""
    folder = tmp_path_factory.mktemp("out") / "new" / "folder"
    return folder, result("circles", "--steps", 30, "--every", 10, "--weights", "--out", folder)


def test_out_writes_result_curve_weights_and_figures_and_nothing_else(written: tuple[Path, Any]) -> None:
    names = {path.name for path in written[0].iterdir()}
    figures = {f"weights-{name}.svg" for name in ("zeros", "large", "xavier", "he")}
    assert names == {"result.json", "curve.csv", "weights.npz", "loss.svg"} | figures


def test_the_written_result_is_the_printed_one(written: tuple[Path, Any]) -> None:
    folder, printed = written
    assert strict((folder / "result.json").read_text(encoding="utf-8")) == printed


def test_the_written_curve_has_a_line_per_variant_and_point(written: tuple[Path, Any]) -> None:
    folder, printed = written
    with (folder / "curve.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["variant", *CURVE]
    expected = [
        [variant["name"], *map(str, point)]
        for variant in printed["variants"]
        for point in zip(*variant["curve"].values(), strict=True)
    ]
    assert lines == expected


def test_the_written_weights_are_the_printed_ones_bit_for_bit(written: tuple[Path, Any]) -> None:
    folder, printed = written
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        assert len(arrays.files) == 4 * 6
        for variant in printed["variants"]:
            for number in (1, 2, 3):
                matrix, biases = (arrays[f"{variant['name']}.{letter}{number}"] for letter in "Wb")
                np.testing.assert_array_equal(matrix, variant["weights"][number - 1])
                np.testing.assert_array_equal(biases, variant["biases"][number - 1])


def test_the_written_figures_are_svg(written: tuple[Path, Any]) -> None:
    for path in written[0].glob("*.svg"):
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        drawings = {"loss.svg": ("polyline", 4)}  # one line for each variant, one picture for each matrix
        kind, number = drawings.get(path.name, ("image", 3))
        assert len(list(root.iter(f"{{http://www.w3.org/2000/svg}}{kind}"))) == number


def test_run_says_at_which_step_a_run_diverged_and_how_far_it_went_on() -> None:
    lines = output("run", CASES / "04-target-not-scaled.json", "--variant", "as-posted").splitlines()
    assert lines[0] == "as-posted: diverged at step 6 (Z2 = A1·W2 + b2), trained to step 1,200, loss nan"


def test_out_writes_over_an_older_result(tmp_path: Path) -> None:
    for steps in (1, 2):
        output("run", "columns", "--steps", steps, "--out", tmp_path)
    assert strict((tmp_path / "result.json").read_text(encoding="utf-8"))["variants"][0]["steps"] == 2


def test_a_diverged_run_can_be_written(tmp_path: Path) -> None:
    path = experiment_file(tmp_path, GROWING)
    output("run", path, "--steps", 30, "--out", tmp_path / "out")
    assert '"nan"' in (tmp_path / "out" / "result.json").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("I am no folder")
    folder = tmp_path / "file" / "out"
    line = complaint("run", "columns", "--steps", 1, "--json", "--out", folder)
    assert f"{folder}: could not be made" in line


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "result.json").mkdir()
    line = complaint("run", "columns", "--steps", 1, "--json", "--out", tmp_path)
    assert f"{tmp_path / 'result.json'}: could not be written" in line
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


# Mistakes

WRONG: dict[str, tuple[list[str], str]] = {
    "no target": (["run"], "TARGET"),
    "unknown target": (
        ["run", "circle"],
        "circle: is neither a file nor a shipped experiment (columns, circles",
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
        ["run", "columns", "--set", "dtype=float32"],
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
    "a loss that does not fit the data": (
        ["run", "columns", "--set", 'loss={"kind": "binary-cross-entropy"}'],
        "loss.kind: binary-cross-entropy needs targets from 0 to 1, the data has 0 to 3",
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
        (b"\xff\xfe", "is not valid JSON"),
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


def test_an_interrupted_run_ends_without_a_traceback(terminal: tuple[int, int]) -> None:
    reader, writer = terminal
    with start("run", "columns", "--steps", 10**9, "--every", 10**8, stderr=writer) as process:
        shown = os.read(reader, 100)  # waits until the run has begun
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    shown += os.read(reader, 10_000)
    assert (process.returncode, printed) == (130, "")
    assert b"Traceback" not in shown
    assert b"interrupted" in shown


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
