"""The equivalent small network: one neuron for each distinct column, with the sum of the outgoing rows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.arrays import Floats
from engine.core.errors import FileError
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import read_experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.output.quotient_file import write_quotient
from engine.output.result import as_document
from engine.report.equality import Quotient
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of, small_experiment
from engine.training.trainer import Trainer
from gui.findings.why_words import prediction_reason_text
from gui.text.words import small_network_title_and_notes
from tests.any_experiment import small_experiments, with_copies
from tests.builders import (
    NO_BIASES,
    advance,
    constant,
    experiment,
    layer,
    refused,
    run_variant,
    same_bits,
    table,
    trainer_of,
)

HALF = constant(0.5)


def constants(activation: str = "tanh", **fields: Any) -> Experiment:
    """Return 2-10-5-1, every weight 0.5."""
    layers = layer(10, activation, HALF), layer(5, activation, HALF), layer(1, weights=HALF)
    return experiment(*layers, **fields)


def trained(chosen: Experiment, steps: int = 500) -> Trainer:
    trainer = trainer_of(chosen)
    advance(trainer, steps)
    return trainer


def sigmoid_outputs(quotient: Quotient, x: Floats) -> Floats:
    """Return the outputs of a tanh network with a sigmoid output, in plain NumPy."""
    for weights, bias in zip(quotient.weights[:-1], quotient.biases[:-1], strict=True):
        x = np.tanh(x @ weights + (0.0 if bias is None else bias))
    bias = quotient.biases[-1]
    return 1 / (1 + np.exp(-(x @ quotient.weights[-1] + (0.0 if bias is None else bias))))


def test_ten_and_five_equal_neurons_are_one_and_one() -> None:
    trainer = trained(constants())
    quotient = quotient_of(trainer)
    assert quotient.layers == [2, 1, 1, 1]
    assert [weights.shape for weights in quotient.weights] == [(2, 1), (1, 1), (1, 1)]
    assert quotient.max_output_difference < 1e-15
    large = trainer.gradient_over_all_samples().outputs
    np.testing.assert_allclose(sigmoid_outputs(quotient, trainer.dataset.x_train), large, rtol=0, atol=1e-14)


def test_outgoing_rows_are_summed_and_columns_are_kept() -> None:
    trainer = trainer_of(experiment(layer(4, "tanh"), layer(1), data=table([[1, 2]], [[1]])))
    first, last = trainer.layout.blocks
    first.weights(trainer.theta)[...] = [[1, 2, 1, 1], [3, 4, 3, 3]]
    last.weights(trainer.theta)[...] = [[10], [20], [30], [40]]
    quotient = quotient_of(trainer)
    np.testing.assert_array_equal(quotient.weights[0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(quotient.weights[1], [[80], [20]])
    assert quotient.layers == [2, 2, 1]


def test_another_bias_is_another_neuron() -> None:
    trainer = trainer_of(experiment(layer(3, weights=HALF), layer(1)))
    biases = trainer.layout.blocks[0].biases(trainer.theta)
    assert biases is not None
    biases[...] = [1, 2, 1]
    quotient = quotient_of(trainer)
    assert quotient.layers == [2, 2, 1]
    assert quotient.biases[0] is not None
    np.testing.assert_array_equal(quotient.biases[0], [1, 2])


def test_neurons_that_become_equal_when_rows_are_summed_are_one_as_well() -> None:
    """W2 has the columns (1, 2) and (2, 1); both are 3 to a single neuron."""
    trainer = trainer_of(experiment(layer(2, "tanh", HALF), layer(2, "tanh"), layer(1)))
    trainer.layout.blocks[1].weights(trainer.theta)[...] = [[1, 2], [2, 1]]
    quotient = quotient_of(trainer)
    assert quotient.layers == [2, 1, 1, 1]
    np.testing.assert_array_equal(quotient.weights[1], [[3]])
    assert quotient.max_output_difference < 1e-15


def test_a_network_of_distinct_columns_is_its_own_quotient() -> None:
    trainer = trained(experiment(layer(6), layer(1)), 20)
    quotient = quotient_of(trainer)
    assert (quotient.layers, quotient.max_output_difference) == ([2, 6, 1], 0.0)
    for block, weights in zip(trainer.layout.blocks, quotient.weights, strict=True):
        assert same_bits(np.ascontiguousarray(block.weights(trainer.theta)), np.ascontiguousarray(weights))


def test_a_difference_is_a_measured_one() -> None:
    """Float32 sums are less exact than float64 sums, and the number shows it."""
    difference = quotient_of(trained(constants(dtype="float32"))).max_output_difference
    assert 0 < difference < 1e-6


def test_output_neurons_are_never_merged() -> None:
    data = table([[1, 2], [2, 1]], [[1, 1], [0, 0]])
    trainer = trained(experiment(layer(3, weights=HALF), layer(2, weights=HALF), data=data), 5)
    assert layer_symmetry(trainer.layout, trainer.theta)[-1].columns == 1
    assert quotient_of(trainer).layers == [2, 1, 2]


def test_without_biases_columns_are_weights_alone() -> None:
    chosen = experiment(layer(4, weights=HALF, **NO_BIASES), layer(1, weights=HALF, **NO_BIASES))
    quotient = quotient_of(trained(chosen))
    assert quotient.layers == [2, 1, 1]
    assert quotient.biases == (None, None)
    assert quotient.max_output_difference < 1e-14


def test_with_dropout_the_small_network_measures_the_same() -> None:
    chosen = constants()
    second = with_changes(chosen, [("network.layers.1.dropout", 0.5)])
    quotient = quotient_of(trained(second))
    assert quotient.layers == [2, 1, 5, 1]
    assert quotient.max_output_difference < 1e-14


@settings(max_examples=80, derandomize=True)
@given(chosen=small_experiments(), copies=st.integers(0, 1000))
def test_outputs_are_the_same_and_widths_are_the_distinct_columns(chosen: Experiment, copies: int) -> None:
    trainer = trainer_of(chosen)
    with_copies(trainer, copies)
    advance(trainer, 30)
    if not np.isfinite(trainer.theta).all():
        return
    quotient = quotient_of(trainer)
    scale = max(1.0, float(np.abs(trainer.gradient_over_all_samples().outputs).max()))
    assert quotient.max_output_difference <= 1e-12 * scale
    found = [layer.columns for layer in layer_symmetry(trainer.layout, trainer.theta)]
    layers = chosen.network.layers
    if any(one.activation.mixes_units or one.residual or one.normalize == "layer" for one in layers[:-1]):
        return  # neurons that share 1 or a mean are not always merged, nor are those that pass their inputs on
    assert quotient.layers[1] == (found[0] if len(found) > 1 else trainer.layout.widths[1])
    assert all(few <= many for few, many in zip(quotient.layers[1:-1], found, strict=False))
    assert [w.shape for w in quotient.weights] == list(pairwise(quotient.layers))


# Files


def test_a_written_quotient_is_an_experiment_that_starts_where_the_large_one_stopped(tmp_path: Path) -> None:
    trainer = trained(constants(batch={"size": 7}))
    quotient = quotient_of(trainer)
    paths = write_quotient(tmp_path / "small.json", trainer.experiment, quotient, "Title", "Notes")
    assert paths == [tmp_path / "small.json", tmp_path / "small-weights.npz"]
    assert {path.name for path in tmp_path.iterdir()} == {"small.json", "small-weights.npz"}
    small = trainer_of(read_experiment(paths[0]))
    assert small.layout.widths == (2, 1, 1, 1)
    assert small.measure_training().loss == pytest.approx(trainer.measure_training().loss, abs=1e-14)
    for block, weights in zip(small.layout.blocks, quotient.weights, strict=True):
        np.testing.assert_array_equal(block.weights(small.theta), weights)
    advance(small, 10)
    assert small.measure_training().loss != trainer.measure_training().loss


def test_the_files_can_be_moved_together(tmp_path: Path) -> None:
    trainer = trained(constants(), 10)
    (tmp_path / "one").mkdir()
    write_quotient(
        tmp_path / "one" / "small.json", trainer.experiment, quotient_of(trainer), "Title", "Notes"
    )
    (tmp_path / "one").rename(tmp_path / "other")
    small = trainer_of(read_experiment(tmp_path / "other" / "small.json"))
    assert small.layout.widths == (2, 1, 1, 1)


def test_the_small_experiment_keeps_everything_else() -> None:
    chosen = constants(weight_decay=0.01, seed=4, optimizer={"kind": "adam"})
    quotient = quotient_of(trained(chosen, 3))
    title, notes = small_network_title_and_notes(chosen, quotient)
    small = small_experiment(chosen, quotient, "weights.npz", title, notes)
    assert (small.weight_decay, small.seed, small.optimizer) == (0.01, 4, chosen.optimizer)
    assert (small.data, small.loss, small.batch) == (chosen.data, chosen.loss, chosen.batch)
    assert small.title == "test: the equivalent 2-1-1-1 network"
    assert small.notes.startswith("One neuron for each distinct column of the trained network")
    assert [layer.activation for layer in small.network.layers] == [
        layer.activation for layer in chosen.network.layers
    ]


EXPLOSION = experiment(
    layer(3, "identity", HALF),
    layer(1, "identity", HALF),
    data=table([[1, 2], [3, 1]], [[1], [2]]),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 1.0},
)


def test_a_network_that_diverged_cannot_be_written(tmp_path: Path) -> None:
    trainer = trained(EXPLOSION, 30)
    with refused("…diverged…", FileError):
        write_quotient(tmp_path / "small.json", trainer.experiment, quotient_of(trainer), "Title", "Notes")
    assert not list(tmp_path.iterdir())


def test_columns_of_nan_are_not_joined() -> None:
    """All columns are NaN after the run: none is equal to another, so nothing is left out."""
    trainer = trained(EXPLOSION, 30)
    small = quotient_of(trainer)
    assert np.isnan(trainer.theta).any()
    assert small.layers == list(trainer.layout.widths)
    assert np.isnan(small.max_output_difference)


# The result of a run


def test_a_result_says_what_was_predicted_and_what_is_left_of_the_network() -> None:
    result = run_variant("constants", constants(), 500, 100)
    (found,) = as_document(constants(), [result], prediction_reason_text, weights=False)["variants"]
    assert [
        (layer["layer"], layer["columns_at_start"], layer["columns"]) for layer in found["prediction"]
    ] == [
        (1, 1, 1),
        (2, 1, 1),
    ]
    assert all(layer["reason"].endswith(".") for layer in found["prediction"])
    assert found["quotient"]["layers"] == [2, 1, 1, 1]
    assert 0 <= found["quotient"]["max_output_difference"] < 1e-14


def test_the_prediction_is_that_of_the_first_step_and_the_quotient_that_of_the_last() -> None:
    chosen = experiment(layer(4, "tanh", HALF), layer(1))
    report = run_variant("constant W1", chosen, 3, 1).report
    assert [(p["columns_at_start"], p["columns"]) for p in report["prediction"]] == [(1, 4)]
    assert report["quotient"] == {"layers": [2, 4, 1], "max_output_difference": 0.0}
    unmoved = run_variant("constant W1", chosen, 0, 1).report
    assert unmoved["prediction"] == report["prediction"]
    assert unmoved["quotient"]["layers"] == [2, 1, 1]


def test_a_run_that_diverged_is_strict_json_too() -> None:
    result = run_variant("exploding", EXPLOSION, 30, 1)
    (found,) = as_document(EXPLOSION, [result], prediction_reason_text, weights=False)["variants"]
    assert found["quotient"]["max_output_difference"] == "nan"
    assert found["prediction"][0]["columns"] == 1


def test_the_presets_own_as_many_neurons_as_they_have_columns() -> None:
    for spec in lane_specs(open_target("columns")):
        trainer = Trainer(spec.experiment, spec.experiment.data.load())
        (found, _) = predict(trainer)
        advance(trainer, 1000)
        assert quotient_of(trainer).layers == [3, found.columns, 1]
