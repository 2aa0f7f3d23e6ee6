"""Facts of every experiment that the file format can say, over random ones: no combination is a special case.

The strategies are built from the registries, so a new kind of activation, optimizer or data takes part by itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.model.activations import AnyActivation
from engine.model.initializers import BiasInitializer, WeightInitializer
from engine.model.losses import AnyLoss
from engine.model.optimizers import AnyOptimizer
from engine.report.snapshot import LaneSnapshot
from engine.session.lab import Lab
from engine.training.trainer import Trainer
from tests.builders import Document, advance, by_kind, constant, experiment, layer, same_bits, trainer_of

pytestmark = pytest.mark.untraced

Documents = st.SearchStrategy[Document]

STEPS = 12
EVERY_STATE, FEW_KEYFRAMES = 2**20, 1
"""Budgets of a history: the second one keeps four states, the least there is."""


def random(examples: int) -> settings:
    """Return how often a fact is tried; the examples are the same every time."""
    return settings(derandomize=True, database=None, max_examples=examples)


# Strategies: parts of experiments as they stand in a file


def choice(union: Any, parameters: dict[str, dict[str, Any]], without: tuple[str, ...] = ()) -> Documents:
    """Return any kind of a registry but those named, each parameter given or left out."""
    kinds = [kind for kind in by_kind(union) if kind not in without]
    return st.one_of(
        [st.fixed_dictionaries({"kind": st.just(kind)}, optional=parameters.get(kind, {})) for kind in kinds]
    )


SEEDS = st.integers(0, 2**32 - 1)
STREAMS = st.sampled_from(["pcg64", "mt19937"])
SHARES = st.floats(0, 0.999)
RATES = st.floats(1e-6, 2.0) | st.sampled_from([1e-300, 30.0, 1e30, 1e100])
"""Of learning: usual ones, one that changes nothing and some that diverge."""

LESS_THAN_3 = st.floats(-3, 3)
SCALES = {"scale": st.sampled_from([None, "1/fan_in", "2/fan_in", "2/(fan_in+fan_out)"])}
DRAWN = {
    "constant": {"value": LESS_THAN_3, **SCALES},
    "constant-noise": {"value": LESS_THAN_3, "std": st.floats(0, 1), **SCALES},
    "uniform": {"low": LESS_THAN_3, "high": LESS_THAN_3, **SCALES},
    "normal": {"mean": LESS_THAN_3, "std": st.floats(0, 30), **SCALES},
    "orthogonal": {"gain": st.floats(0.01, 3)},
    "lsuv": {"gain": st.floats(0.01, 3)},
    "he-normal": {"gain": st.floats(0.01, 3)},
    "truncated-normal": {"mean": LESS_THAN_3, "std": st.floats(0, 30), **SCALES},
    "variance-scaling": {
        "scale": st.floats(0.01, 3),
        "mode": st.sampled_from(["fan_in", "fan_out", "fan_avg"]),
        "distribution": st.sampled_from(["truncated-normal", "normal", "uniform"]),
    },
    "identity": {"gain": LESS_THAN_3},
    "sparse": {"share": st.floats(0, 1), "std": st.floats(0, 30)},
}
WEIGHTS = choice(WeightInitializer, DRAWN, without=("file", "values"))
BIASES = choice(BiasInitializer, DRAWN, without=("file", "values"))
SHAPES = {"leaky-relu": {"slope": st.floats(0, 0.99)}, "elu": {"alpha": st.floats(0.01, 5)}}
ANY_ACTIVATION = choice(AnyActivation, SHAPES)
REDUCTIONS = {"reduction": st.sampled_from(["sum", "mean", "mean-all"])}
WEIGHTED = {"class_weights": st.sampled_from([None, "balanced", "listed"])}
LOSS_FIELDS: dict[str, dict[str, Any]] = {
    "squared-error": REDUCTIONS,
    "absolute-error": REDUCTIONS,
    "huber": {**REDUCTIONS, "delta": st.floats(0.01, 10)},
    "binary-cross-entropy": {"computed_from": st.sampled_from(["logits", "outputs"]), **WEIGHTED},
    "cross-entropy": WEIGHTED,
    "logits-binary-cross-entropy": WEIGHTED,
    "logits-cross-entropy": WEIGHTED,
}
LOSSES = choice(AnyLoss, LOSS_FIELDS)
SGD = {"learning_rate": RATES, "momentum": st.floats(0.01, 0.999), "nesterov": st.booleans()}
SETTINGS = {
    "sgd": SGD,
    "rmsprop": {"learning_rate": RATES, "decay": SHARES, "epsilon": st.floats(1e-12, 1)},
    "adam": {"learning_rate": RATES, "beta1": SHARES, "beta2": SHARES, "epsilon": st.floats(1e-12, 1)},
}
ANY_OPTIMIZER = choice(AnyOptimizer, SETTINGS)
OPTIMIZERS = ANY_OPTIMIZER.filter(lambda it: not it.get("nesterov") or "momentum" in it)
TWO_CLASSES = ("circles", "moons", "xor")
MANY_CLASSES = ("gaussians", "spirals")


@st.composite
def synthetic(draw: st.DrawFn, classes: int) -> Document:
    """Return few points of a plane, of two classes (one target) or of more (one target each)."""
    kind = draw(st.sampled_from(TWO_CLASSES + MANY_CLASSES if classes == 2 else MANY_CLASSES))
    data = {"kind": kind, "train": draw(st.integers(2, 12)), "test": draw(st.integers(0, 4))}
    if kind in MANY_CLASSES:
        data["classes"] = classes
    return data | {"noise": draw(st.floats(0, 2)), "seed": draw(SEEDS), "stream": draw(STREAMS)}


@st.composite
def tables(draw: st.DrawFn, outputs: int, loss: str) -> Document:
    """Return a few written samples whose targets the loss can have."""
    samples, inputs = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    values = st.floats(-300, 300) | st.sampled_from([1e-310, 1e200])
    shares = st.floats(0, 1) | st.sampled_from([0.0, 1.0])
    x = [[draw(values) for _ in range(inputs)] for _ in range(samples)]
    y = [
        [draw(values if loss == "squared-error" else shares) for _ in range(outputs)] for _ in range(samples)
    ]
    if loss == "cross-entropy":
        y = [[(value + 0.125) / (sum(row) + 0.125 * outputs) for value in row] for row in y]
    return {"kind": "table", "x": x, "y": y}


@st.composite
def data_for(draw: st.DrawFn, loss: str) -> tuple[Document, int, int]:
    """Return data that fit a loss, the number of training samples and of targets."""
    if draw(st.booleans()):
        outputs = draw(st.integers(1, 3))
        data = draw(tables(outputs, loss))
        return data, len(data["x"]), outputs
    classes = draw(st.integers(3, 4) if loss == "cross-entropy" else st.integers(2, 4))
    data = draw(synthetic(classes))
    return data, data["train"], 1 if classes == 2 else classes


@st.composite
def layers(
    draw: st.DrawFn, units: int, activation: Documents, dropout: bool, hidden: bool = True
) -> Document:
    """Return a layer; biases are zeros, none or drawn."""
    fields = {"units": units, "activation": draw(activation), "weights": draw(WEIGHTS)}
    if draw(st.booleans()):
        fields["biases"] = draw(st.none() | BIASES)
    if dropout and draw(st.booleans()):
        fields["dropout"] = draw(st.floats(0, 0.9))
    if hidden and draw(st.integers(0, 3)) == 0:
        fields["normalize"] = draw(st.sampled_from(["batch", "layer"]))
    return fields


@st.composite
def documents(draw: st.DrawFn, *, dropout: bool = True, **fixed: Any) -> Document:
    """Return a valid experiment as it stands in a file; `fixed` fields are as given."""
    loss = draw(LOSSES)
    data, samples, outputs = draw(data_for(loss["kind"]))
    if loss.get("class_weights") == "listed":
        weights = st.lists(st.floats(1e-6, 1e6), min_size=max(2, outputs), max_size=max(2, outputs))
        loss["class_weights"] = draw(weights)
    hidden = [
        draw(layers(draw(st.integers(1, 9)), ANY_ACTIVATION, dropout)) for _ in range(draw(st.integers(0, 3)))
    ]
    for before, one in pairwise(hidden):
        if draw(st.integers(0, 3)) == 0:
            one |= {"residual": True, "units": before["units"]}
    output = draw(layers(outputs, ANY_ACTIVATION, False, hidden=False))
    size = draw(st.just("full") | st.integers(1, samples))
    if 1 in (samples, size):  # a single sample has no variance
        for one in hidden:
            one.pop("normalize", None)
    return {
        "name": "random",
        "data": data,
        "network": {"layers": [*hidden, output]},
        "loss": loss,
        "optimizer": draw(OPTIMIZERS),
        "batch": {"size": size, "shuffle": draw(st.booleans())},
        "weight_decay": draw(st.just(0.0) | st.floats(0, 0.5)),
        "seed": draw(SEEDS),
        "stream": draw(STREAMS),
        "draw": draw(st.sampled_from(["fan_in_first", "fan_out_first"])),
        "dtype": draw(st.sampled_from(["float64", "float32"])),
        "arithmetic": draw(st.sampled_from(["exact", "blas"])),
        **fixed,
    }


def read(document: Document) -> Experiment:
    """Return the checked experiment that a document describes."""
    return parse_experiment(msgspec.json.encode(document))


EXPERIMENTS = documents().map(read)
DIVERGING = experiment(
    layer(3, "identity", constant(0.5)),
    layer(1, "identity", constant(0.5)),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 100.0},
)
"""Update number 5 makes its weights infinite."""


# What holds for every valid experiment


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays are equal bit for bit; which of its many NaNs the processor gives says nothing."""
    return same_bits(np.where(np.isnan(one), np.nan, one), np.where(np.isnan(other), np.nan, other))


def trained(trainer: Trainer, steps: int) -> tuple[list[np.ndarray], list[float]]:
    """Return the states before each of so many steps and after the last, and the losses of the steps."""
    states, losses = [], []
    for _ in range(steps + 1):
        states.append(np.empty_like(trainer.initial_state))
        trainer.save(states[-1])
        advance(trainer, 1)
        losses.append(trainer.loss)
    return states, losses


def visited(lab: Lab, step: int) -> tuple[np.ndarray, LaneSnapshot]:
    """Return the whole state at which a look at a past step arrives, and what is shown of it."""
    lab.move(step)
    lane = lab.snapshot().lanes[0]
    state = np.empty_like(lab.lanes[0].trainer.initial_state)
    lab.lanes[0].visit(step).save(state)
    return state, lane


@random(80)
@given(documents(variants=[{"name": "as it is"}, {"name": "longer", "set": {"steps": 5000}}]))
def test_an_experiment_reads_back_from_its_file_as_the_same(document: Document) -> None:
    chosen = read(document)
    assert parse_experiment(encode_experiment(chosen)) == chosen


@random(60)
@given(EXPERIMENTS)
def test_a_step_never_raises_and_never_warns(chosen: Experiment) -> None:
    lab = Lab(chosen)
    lab.train(STEPS)
    assert lab.snapshot().step == lab.lanes[0].history.length == STEPS
    trainer = lab.lanes[0].trainer
    assert trainer.measure_training().mean_abs_error >= 0 or not np.isfinite(trainer.theta).all()
    assert (trainer.measure_test() is None) == (trainer.dataset.x_test is None)


@random(40)
@given(EXPERIMENTS)
def test_two_trainings_of_one_experiment_are_bit_equal(chosen: Experiment) -> None:
    one, other = trained(trainer_of(chosen), STEPS), trained(trainer_of(chosen), STEPS)
    assert same(np.array(one[0]), np.array(other[0]))
    assert same(np.array(one[1]), np.array(other[1]))


@pytest.mark.parametrize("budget", [EVERY_STATE, FEW_KEYFRAMES], ids=["every-state", "few-keyframes"])
@random(35)
@example(DIVERGING, [5, 6, 4])
@given(EXPERIMENTS, st.lists(st.integers(0, STEPS), min_size=1, max_size=6))
def test_a_look_at_any_recorded_step_finds_what_was_there(
    budget: int, chosen: Experiment, steps: list[int]
) -> None:
    states, losses = trained(trainer_of(chosen), STEPS)
    lab = Lab(chosen, budget=budget)
    lab.train(STEPS)
    assert (lab.lanes[0].history.stride == 1) == (budget == EVERY_STATE)
    for step in steps:
        state, shown = visited(lab, step)
        assert same(state, states[step])
        assert same(shown.theta, states[step][: len(shown.theta)])
        assert same(np.array(shown.loss), np.array(losses[step]))


@pytest.mark.parametrize("budget", [EVERY_STATE, FEW_KEYFRAMES], ids=["every-state", "few-keyframes"])
@random(20)
@given(EXPERIMENTS, st.integers(0, STEPS - 1))
def test_going_on_from_a_past_step_repeats_the_same_future(
    budget: int, chosen: Experiment, step: int
) -> None:
    states, losses = trained(trainer_of(chosen), STEPS + 5)
    lab = Lab(chosen, budget=budget)
    lab.train(STEPS)
    past, _ = visited(lab, step)
    again = trainer_of(chosen)
    again.restore(past, step)
    repeated, losses_again = trained(again, STEPS - step)
    assert same(np.array(repeated), np.array(states[step : STEPS + 1]))
    assert same(np.array(losses_again), np.array(losses[step : STEPS + 1]))
    lab.train(5)
    assert same(visited(lab, STEPS + 5)[0], states[STEPS + 5])
    assert same(lab.lanes[0].history.losses, np.array(losses[: STEPS + 5]))


# Equal neurons

TWIN_STEPS = 25


@st.composite
def twins(draw: st.DrawFn) -> tuple[Trainer, list[list[int]]]:
    """Return an experiment at a start where some neurons are copies, and of which neuron each of a layer is one."""
    document = draw(documents(dropout=False, arithmetic="exact"))
    for one in document["network"]["layers"]:
        one.pop("residual", None)  # copies would add different inputs to their outputs
    trainer = trainer_of(read(document))
    state = trainer.initial_state.copy()
    originals = []
    for block, following in pairwise(trainer.layout.blocks):
        drawn = draw(st.lists(st.integers(0, 8), min_size=block.fan_out, max_size=block.fan_out))
        first = [drawn.index(label) for label in drawn]
        block.of(state)[...] = block.of(state)[:, first]
        following.weights(state)[...] = following.weights(state)[first]
        originals.append(first)
    trainer.restore(state, 0)
    return trainer, originals


@random(60)
@given(twins())
def test_neurons_that_start_equal_stay_equal_bit_for_bit(start: tuple[Trainer, list[list[int]]]) -> None:
    trainer, originals = start
    for _ in range(TWIN_STEPS):
        advance(trainer, 1)
        for (block, following), first in zip(pairwise(trainer.layout.blocks), originals, strict=True):
            incoming, outgoing = block.of(trainer.theta), following.weights(trainer.theta)
            assert same(incoming, incoming[:, first])
            assert same(outgoing, outgoing[first])
