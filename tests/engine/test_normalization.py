"""Layers that are normalized: over the samples of a step, with running averages to measure by, or over their neurons."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.advice.gains import Look
from engine.advice.theory import Theory, theory_of
from engine.compile.compiler import compile_measurement
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan
from engine.output.result import as_document
from engine.report.equality import PredictionReason
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of
from engine.tape.instructions import Phase
from engine.training.edits import CopyNeuron
from engine.training.trainer import Trainer
from tests.builders import (
    NO_BIASES,
    advance,
    constant,
    document,
    experiment,
    layer,
    refused,
    run_variant,
    same_bits,
    table,
    trainer_of,
)

pytestmark = pytest.mark.untraced

KINDS = ("batch", "layer")
ADAM = {"kind": "adam", "learning_rate": 0.02}


def normalized(kind: str, width: int = 6, **fields: Any) -> Experiment:
    """Return a network of two normalized hidden layers of different activations."""
    hidden = layer(width, "tanh", normalize=kind), layer(4, "relu", normalize=kind)
    return experiment(*hidden, layer(1), **{"optimizer": ADAM, **fields})


def arrays(trainer: Trainer, layer_number: int) -> dict[str, Floats]:
    """Return copies of what a normalized layer has besides W and b."""
    norm = trainer.layout.norms[layer_number - 1]
    assert norm is not None
    return {name: row.copy() for name, row in norm.named(trainer.theta).items()}


# What a step computes


def plain_forward(trainer: Trainer, x: Floats, *, training: bool) -> list[Floats]:
    """Return u of every hidden layer as PyTorch's documentation writes BatchNorm1d and LayerNorm."""
    found: list[Floats] = []
    for index, one in enumerate(trainer.experiment.network.layers[:-1]):
        block = trainer.layout.blocks[index]
        z = x @ block.weights(trainer.theta) + block.biases(trainer.theta)
        of = arrays(trainer, index + 1)
        if one.normalize == "layer":
            mean, variance = z.mean(1, keepdims=True), z.var(1, keepdims=True)
        elif training:
            mean, variance = z.mean(0), z.var(0)
        else:
            mean, variance = of["running_mean"], of["running_var"]
        found.append((z - mean) / np.sqrt(variance + 1e-5) * of["scale"] + of["shift"])
        x = np.tanh(found[-1]) if index == 0 else np.maximum(found[-1], 0)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", ["full", 7])
def test_activations_get_what_the_textbook_says(kind: str, batch: Any) -> None:
    trainer = trainer_of(normalized(kind, batch={"size": batch}))
    advance(trainer, 20)
    trainer.compute_gradient()
    for ours, theirs in zip(
        trainer.step.layers, plain_forward(trainer, trainer.step.inputs, training=True), strict=False
    ):
        np.testing.assert_allclose(ours.u, theirs, rtol=1e-10, atol=1e-12)


def test_running_averages_take_a_tenth_of_every_step_and_estimate_the_variance_without_bias() -> None:
    trainer = trainer_of(normalized("batch", batch={"size": 8}))
    advance(trainer, 3)
    before = arrays(trainer, 1)
    trainer.compute_gradient()
    assert same_bits(arrays(trainer, 1)["running_var"], before["running_var"]), (
        "looking at a step moves nothing"
    )
    z = trainer.step.layers[0].z.copy()
    advance(trainer, 1)
    after = arrays(trainer, 1)
    np.testing.assert_allclose(
        after["running_mean"], 0.9 * before["running_mean"] + 0.1 * z.mean(0), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(
        after["running_var"], 0.9 * before["running_var"] + 0.1 * z.var(0, ddof=1), rtol=1e-12
    )


def test_running_averages_have_no_gradient_and_nothing_decays_or_clips_them() -> None:
    """They differ from run to run by nothing but what the samples give: penalties of any size leave them alone."""
    fields = {"weight_decay": 0.3, "l1": 0.1, "clip": {"kind": "norm", "limit": 0.01}, "batch": {"size": 9}}
    frozen = [layer(5, "tanh", normalize="batch", rate=0.0), layer(1, rate=0.0)]
    plain, penalized = (trainer_of(experiment(*frozen, **more)) for more in ({"batch": {"size": 9}}, fields))
    for trainer in (plain, penalized):
        advance(trainer, 30)
    assert same_bits(plain.theta, penalized.theta)
    assert (arrays(plain, 1)["running_mean"] != 0).all()
    norm = penalized.layout.norms[0]
    assert norm is not None
    running = norm.running(penalized.compute_gradient())
    assert running is not None
    assert not running.any()


def test_what_became_infinite_leaves_nothing_behind_when_the_run_goes_back() -> None:
    fields = {"clip": {"kind": "norm", "limit": 1.0}, "weight_decay": 0.1, "optimizer": ADAM}
    chosen = experiment(layer(5, "relu", normalize="batch"), layer(1), **fields)
    trainer, fresh = trainer_of(chosen), trainer_of(chosen)
    trainer.theta[...] = np.inf
    advance(trainer, 3)
    trainer.restore(trainer.initial_state, 0)
    for one in (trainer, fresh):
        advance(one, 5)
    assert np.isfinite(fresh.theta).all()
    assert same_bits(trainer.theta, fresh.theta)


# What is measured


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", ["full", 7])
def test_measurements_use_running_averages(kind: str, batch: Any) -> None:
    trainer = trainer_of(normalized(kind, batch={"size": batch}))
    advance(trainer, 20)
    measured = trainer.measure_training()
    step = trainer.measured_step
    u = plain_forward(trainer, trainer.dataset.x_train, training=False)[-1]
    last = trainer.layout.blocks[-1]
    z = np.maximum(u, 0) @ last.weights(trainer.theta) + last.biases(trainer.theta)
    np.testing.assert_allclose(step.outputs, 1 / (1 + np.exp(-z)), rtol=1e-9)
    assert measured.loss == float(step.loss)
    np.testing.assert_allclose(trainer.outputs_for_training_samples(), step.outputs)


def test_a_sample_is_measured_alike_whatever_stands_beside_it() -> None:
    trainer = trainer_of(normalized("batch"))
    advance(trainer, 30)
    x, y = trainer.dataset.x_train, trainer.dataset.y_train
    alone = compile_measurement(trainer.experiment, trainer.layout, x[:1], y[:1])
    alone.run(Phase.FORWARD, theta=trainer.theta)
    np.testing.assert_allclose(alone.outputs, trainer.outputs_for_training_samples()[:1], rtol=1e-12)


def test_a_curve_measures_a_full_batch_with_running_averages_too() -> None:
    result = run_variant("one", normalized("batch"), 20, 5)
    trainer = trainer_of(normalized("batch"))
    for step, accuracy in zip(
        result.report["curve"]["step"], result.report["curve"]["train_accuracy"], strict=True
    ):
        advance(trainer, step - trainer.step_number)
        assert accuracy == trainer.measure_training().accuracy


def test_results_name_scales_shifts_and_running_averages() -> None:
    chosen = experiment(layer(3, "tanh", normalize="batch"), layer(2, normalize="layer"), layer(1))
    result = run_variant("one", chosen, 10, 5)
    told = as_document(chosen, [result], lambda _found: "", weights=True)["variants"][0]
    first, second, output = told["norms"]
    assert {name: len(row) for name, row in first.items()} == {
        "scale": 3,
        "shift": 3,
        "running_mean": 3,
        "running_var": 3,
    }
    assert set(second) == {"scale", "shift"}
    assert output is None
    plain = run_variant("one", experiment(layer(3), layer(1)), 1, 1)
    assert "norms" not in as_document(chosen, [plain], lambda _found: "", weights=True)["variants"][0]


# What is refused


def test_outputs_are_not_normalized_and_one_sample_has_no_variance() -> None:
    with refused(
        "network.layers.1.normalize: must be null, outputs are not normalized; allowed on hidden layers"
    ):
        experiment(layer(3), layer(1, normalize="layer"))
    one_sample = "network.layers.0.normalize: must not be batch where a step uses one sample: a single one …"
    with refused(one_sample):
        experiment(layer(3, normalize="batch"), layer(1), batch={"size": 1})
    experiment(layer(3, normalize="layer"), layer(1), batch={"size": 1})
    alone = experiment(layer(3, normalize="batch"), layer(1), data=table([[1, 2]], [[1]]))
    with refused(one_sample):
        trainer_of(alone)


def test_a_file_without_the_field_is_the_network_without_normalization() -> None:
    given, left_out = (document(layer(3, **fields), layer(1)) for fields in ({"normalize": None}, {}))
    assert experiment(*given["network"]["layers"]) == experiment(*left_out["network"]["layers"])


# Equal neurons


WIDTHS = range(2, 131)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_neurons_stay_equal_at_every_width(kind: str) -> None:
    """Two kinds of neurons, so that layers are not the same throughout: every second one is a copy of the first."""
    for width in WIDTHS:
        dtype = "float32" if width % 3 == 0 else "float64"
        data = {"kind": "circles", "train": 9 + width % 40, "noise": 0.1, "seed": 2}
        hidden = layer(width, "tanh", normalize=kind), layer(max(2, 131 - width), "sigmoid", normalize=kind)
        chosen = experiment(*hidden, layer(1), data=data, dtype=dtype, optimizer=ADAM)
        trainer = trainer_of(chosen)
        blocks = trainer.layout.blocks
        for block, following in pairwise(blocks):
            whole, outgoing = block.of(trainer.initial_state), following.weights(trainer.initial_state)
            whole[:, ::2], outgoing[::2] = whole[:, :1].copy(), outgoing[:1].copy()
        trainer.restore(trainer.initial_state, 0)
        advance(trainer, 4)
        for index in (0, 1):
            for flat in (trainer.theta, trainer.compute_gradient()):
                columns = trainer.layout.columns(index, flat)
                assert columns.any()
                assert (columns[:, ::2] == columns[:, :1]).all(), width


def test_scales_tell_neurons_apart_whose_columns_are_equal() -> None:
    trainer = trainer_of(
        experiment(layer(4, weights=constant(0.3), normalize="batch"), layer(1, weights=constant(1)))
    )
    norm = trainer.layout.norms[0]
    assert norm is not None
    norm.learnt(trainer.theta)[0, 1] = 2.0
    hidden = layer_symmetry(trainer.layout, trainer.theta)[0]
    assert (hidden.columns, hidden.labels) == (2, (0, 1, 0, 0))


def test_a_copied_neuron_has_the_scale_the_shift_and_the_averages_of_the_other() -> None:
    trainer = trainer_of(normalized("batch"))
    advance(trainer, 10)
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    trainer.restore(CopyNeuron(layer=1, source=0, target=3).apply(state, trainer.layout, 10), 10)
    advance(trainer, 25)
    for row in arrays(trainer, 1).values():
        assert row[0] == row[3]
        assert len(set(row.tolist())) > 2
    assert layer_symmetry(trainer.layout, trainer.theta)[0].labels[:4] == (0, 1, 2, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", ["full", 8])
def test_a_zero_start_stays_where_it_is(kind: str, batch: Any) -> None:
    """Z is 0, so N is, so ReLU gives 0: no gradient ever reaches a weight, and this is predicted."""
    zero = constant(0.0)
    layers = (
        layer(5, "relu", zero, normalize=kind),
        layer(3, "relu", zero, normalize=kind),
        layer(1, weights=zero),
    )
    trainer = trainer_of(experiment(*layers, batch={"size": batch}))
    for found in predict(trainer)[:-1]:
        assert (found.columns, found.is_exact, found.reasons) == (1, True, (PredictionReason.STILL,))
    before = trainer.theta.copy()
    advance(trainer, 20)
    for index in (0, 1):
        columns = trainer.layout.columns(index, trainer.theta)
        assert same_bits(columns, trainer.layout.columns(index, before))


# The equivalent small network


def copies(kind: str, sources: list[int]) -> Trainer:
    """Return a trained network whose hidden neurons are copies of some of them."""
    trainer = trainer_of(experiment(layer(len(sources), "tanh", normalize=kind), layer(1), optimizer=ADAM))
    block = trainer.layout.blocks[0]
    whole = block.of(trainer.initial_state)
    whole[...] = whole[:, sources]
    outgoing = trainer.layout.blocks[1].weights(trainer.initial_state)
    outgoing[...] = outgoing[sources]
    trainer.restore(trainer.initial_state, 0)
    advance(trainer, 40)
    return trainer


def test_equal_neurons_of_a_normalized_layer_can_be_joined() -> None:
    for kind, sources in (("batch", [0, 0, 2, 2, 2]), ("layer", [0, 0, 2, 2])):
        small = quotient_of(copies(kind, sources))
        assert small.layers == [2, 2, 1]
        assert small.max_output_difference < 1e-12


def test_neurons_of_a_layer_normalization_stay_where_the_mean_would_be_another() -> None:
    small = quotient_of(copies("layer", [0, 0, 2, 2, 2]))
    assert (small.layers, small.max_output_difference) == ([2, 5, 1], 0.0)


# Memory


def test_normalized_layers_are_counted_in_the_memory_of_a_run() -> None:
    """A limit between the two estimates lets the plain network through."""
    hidden = {"units": 2000, "activation": {"kind": "tanh"}}
    plain, batch = (experiment({**hidden, **fields}, layer(1)) for fields in ({}, {"normalize": "batch"}))
    dataset = plain.data.load()
    limits = [limit for limit in range(10**5, 10**8, 10**5) if _fits(limit, plain, dataset)]
    least = limits[0]
    assert not _fits(least, batch, dataset)
    step = trainer_of(batch).step
    extra = sum(step.tape.arrays[name].nbytes for name in ("N1", "U1", "dU1", "dN1", "N1_products"))
    assert not _fits(least + extra // 2, batch, dataset)
    assert _fits(4 * (least + extra), batch, dataset)


def _fits(limit: int, chosen: Experiment, dataset: Any) -> bool:
    try:
        MemoryPlan(limit).check([(chosen, dataset)])
    except Exception:
        return False
    return True


# Without biases


@pytest.mark.parametrize("kind", KINDS)
def test_a_normalized_layer_without_biases_learns_scales_and_shifts(kind: str) -> None:
    trainer = trainer_of(experiment(layer(5, "tanh", normalize=kind, **NO_BIASES), layer(1), optimizer=ADAM))
    advance(trainer, 50)
    of = arrays(trainer, 1)
    assert (of["scale"] != 1).all()
    assert (of["shift"] != 0).all()


# Changed on the way


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_a_normalized_network_change_while_its_tape_stays(kind: str) -> None:
    slow, quick = (
        normalized(kind, optimizer={"kind": "sgd", "learning_rate": rate}, weight_decay=rate / 10)
        for rate in (0.01, 0.3)
    )
    trainer, fresh = trainer_of(slow), trainer_of(quick)
    numbers = trainer.numbers_for(quick)
    assert numbers is not None
    trainer.begin(quick, numbers)
    for one in (trainer, fresh):
        advance(one, 10)
    assert same_bits(trainer.theta, fresh.theta)
    assert trainer.measure_training() == fresh.measure_training()
    other = {"batch": "layer", "layer": "batch"}[kind]
    assert trainer.numbers_for(normalized(other)) is None


# Advice


def test_the_advisor_measures_what_activations_get_and_says_that_theory_is_silent() -> None:
    """Weights of any size give the same signal behind a normalization."""
    found = []
    for std in (0.3, 3.0):
        start = {"kind": "normal", "std": std}
        chosen = experiment(
            layer(40, "tanh", start, normalize="batch"), layer(30, "tanh", start, normalize="layer"), layer(1)
        )
        look = Look(chosen, chosen.data.load())
        assert theory_of(look.at_start(chosen, 0), look.input_square) == Theory(is_beyond=True)
        found.append(look.gains(chosen, [0]).forward[1])
    assert found == [pytest.approx(1.0, abs=0.1)] * 2
