"""`python main.py run`: the result it prints, its options and the files it writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from engine.experiments.experiment_file import parse_experiment
from engine.experiments.presets import open_target
from tests.builders import constant, document, layer, table
from tests.command_line import (
    CASES,
    complaint,
    experiment_file,
    output,
    result,
    strict,
)

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
    assert digits[0]["alarms"] == [
        {"kind": "weights-of-one-sign", "layers": [1]},
        {"kind": "near-symmetry", "layers": [1]},
    ]
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


def test_a_summary_says_which_numbers_of_columns_are_proved_and_which_are_bounds() -> None:
    printed = output("run", "columns", "--steps", 10)
    assert "layer 1: 4 neurons, 1 distinct column (predicted: 1), spread 0" in printed
    assert "layer 1: 4 neurons, 4 distinct columns (predicted: at most 4), spread" in printed


def test_the_json_has_predictions_of_hidden_layers_and_of_the_outputs() -> None:
    constant, _, random = result("columns", "--steps", 3)["variants"]
    assert [(one["layer"], one["columns"], one["exact"]) for one in constant["prediction"]] == [(1, 1, True)]
    assert [(one["columns"], one["exact"]) for one in random["prediction"]] == [(4, False)]
    assert (constant["output_prediction"]["layer"], constant["output_prediction"]["columns"]) == (2, 1)


def test_a_summary_says_100_percent_only_where_every_sample_is_right(tmp_path: Path) -> None:
    x = np.resize([1.0, -1.0], (2000, 1))
    y = (x > 0) * 1.0
    y[0] = 0.0
    path = experiment_file(tmp_path, document(layer(1, weights=constant(5.0)), data=table(x, y)))
    assert "accuracy over 99.9 % on training samples" in output("run", path, "--steps", 1)


def test_without_json_people_read_a_summary() -> None:
    printed = output("run", "circles", "--variant", "zeros", "--steps", 10)
    assert printed.splitlines()[0] == "zeros: finished after 10 steps, loss 0.693147"
    assert "accuracy 50.0 % on training samples, 50.0 % on test samples" in printed
    assert "layer 1: 10 neurons, 1 distinct column (predicted: 1), spread 0" in printed
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


def test_names_of_variants_are_no_formulas_for_a_spreadsheet_and_hide_nothing_in_a_terminal(
    tmp_path: Path,
) -> None:
    names = ["=HYPERLINK(1)", "+1", "-2", "@x", "usual", "hid\u202eden"]
    wanted = document(layer(2), layer(1), variants=[{"name": name, "set": {}} for name in names])
    path = experiment_file(tmp_path, wanted)
    printed = output("run", path, "--steps", 1, "--out", tmp_path / "out")
    assert "hid\\u202eden: finished" in printed
    with (tmp_path / "out" / "curve.csv").open(encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
    expected = ["'=HYPERLINK(1)", "'+1", "'-2", "'@x", "usual", "hid\u202eden"]
    assert [line[0] for line in lines] == expected


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


def test_names_that_beginners_use_need_no_quotes() -> None:
    changes = ("--set", "loss=mse", "--set", "network.layers.*.weights=Xavier_uniform")
    found = result("circles", "--variant", "he", "--steps", 0, *changes)["experiment"]
    assert found["loss"] == {"kind": "squared-error", "reduction": "mean"}
    assert {layer["weights"]["kind"] for layer in found["network"]["layers"]} == {"glorot-uniform"}


# Until a condition holds


def test_a_run_ends_at_the_exact_step_at_which_a_condition_holds() -> None:
    ended = result("circles", "--variant", "he", "--until", "loss < 0.69 or step 9000", "--every", 1)[
        "variants"
    ][0]
    losses, step = ended["curve"]["loss"], ended["steps"]
    assert ended["until"] == {
        "condition": "loss < 0.69 or step 9000",
        "step": step,
        "terms": ["loss < 0.69"],
    }
    assert (ended["status"], ended["final"]["loss"] < 0.69) == ("stopped", True)
    assert len(losses) == step
    assert min(losses) >= 0.69


def test_people_read_what_held_and_what_never_held() -> None:
    text = output("run", "columns", "--variant", "random", "--until", "step 20 and spread > 0.1")
    assert text.startswith("random: stopped after 20 steps, loss ")
    assert text.splitlines()[0].endswith(", because: step 20, spread > 0.1")
    text = output("run", "columns", "--variant", "zeros", "--steps", 50, "--until", "spread > 0.1")
    assert text.splitlines()[1] == "    it never held: spread > 0.1"


def test_a_condition_that_cannot_be_read_is_one_sentence_with_the_place() -> None:
    assert "goes wrong at character 8, 'x'" in complaint("run", "columns", "--until", "loss < x")


def test_every_variant_runs_from_many_seeds_each_as_alone() -> None:
    found = result("circles", "--steps", 50, "--seeds", 4)
    for variant in found["variants"]:
        assert [one["seed"] for one in variant["seeds"]] == [3, 4, 5, 6]
        assert variant["seeds"][0]["final"] == variant["final"]
        summary = variant["seeds_summary"]
        assert (summary["seeds"], summary["finished"]) == (4, 4)
        losses = [one["final"]["loss"] for one in variant["seeds"] if one["final"]["loss"] != "inf"]
        assert (summary["loss"]["lowest"], summary["loss"]["highest"]) == (min(losses), max(losses))
    alone = result("circles", "--steps", 50, "--variant", "he", "--set", "seed=5")["variants"][0]
    he = next(variant for variant in found["variants"] if variant["name"] == "he")
    assert he["seeds"][2] == {"seed": 5, "final": alone["final"], "status": "finished"}


def test_people_read_what_came_of_all_seeds() -> None:
    said = output("run", "circles", "--steps", "20", "--seeds", "3", "--variant", "he")
    assert "3 seeds: 3 finished, 0 diverged, 0 stopped" in said
    assert "loss of all seeds: " in said
