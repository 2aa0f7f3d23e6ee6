"""What holds for every experiment holds for each kind: exact symmetry, stacked runs, right gradients and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.ensemble.stack import Stack
from engine.experiments.experiment import Experiment
from engine.insight.explanation import layer_causes
from engine.kinds.schedules import AnySchedule
from engine.model.activations import AnyActivation
from engine.model.optimizers import AnyOptimizer
from engine.report.causes import Motion
from engine.report.equality import PredictionReason
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.training.gradient_check import check_gradients
from tests.builders import advance, by_kind, constant, experiment, layer, run_variant, same_bits, trainer_of

pytestmark = pytest.mark.untraced

WIDTHS = (2, 5, 7, 13, 33, 130)
SMALL = {"kind": "sgd", "learning_rate": 0.05}


def of_activation(
    kind: str, width: int = 5, weights: dict[str, Any] | None = None, **fields: Any
) -> Experiment:
    """Return a network of two hidden layers of an activation, by default with equal neurons."""
    start = weights or constant(0.1)
    return experiment(
        layer(width, kind, start),
        layer(width, kind, start),
        layer(1, weights=start),
        optimizer=SMALL,
        **fields,
    )


def of_loss(kind: str, width: int = 5, weights: dict[str, Any] | None = None, **fields: Any) -> Experiment:
    """Return a network of two hidden layers with a loss, on an output activation that it is not made for."""
    start = weights or constant(0.1)
    layers = layer(width, "tanh", start), layer(width, "silu", start), layer(1, OUTPUTS[kind], start)
    return experiment(*layers, optimizer=SMALL, loss={"kind": kind}, **fields)


OUTPUTS = {
    "squared-error": "hard-tanh",
    "absolute-error": "identity",
    "huber": "identity",
    "hinge": "tanh",
    "binary-cross-entropy": "softplus",
    "logits-binary-cross-entropy": "identity",
}


def of_weighted_loss(
    name: str, width: int = 5, weights: dict[str, Any] | None = None, **fields: Any
) -> Experiment:
    """Return a network whose loss has class weights, on the output activation that it is made for, or on logits."""
    start, weighted = weights or constant(0.1), WEIGHTED[name]
    layers = layer(width, "tanh", start), layer(width, "silu", start), layer(1, weighted[0], start)
    loss = {"kind": name.removeprefix("weighted "), "class_weights": weighted[1]}
    return experiment(*layers, optimizer=SMALL, loss=loss, **fields)


WEIGHTED: dict[str, tuple[str, Any]] = {
    "weighted binary-cross-entropy": ("sigmoid", [0.3, 2.0]),
    "weighted logits-binary-cross-entropy": ("identity", "balanced"),
}


def of_training(
    name: str, width: int = 5, weights: dict[str, Any] | None = None, **fields: Any
) -> Experiment:
    """Return a network that is trained in another way."""
    start = weights or constant(0.1)
    layers = layer(width, "tanh", start, rate=0.5), layer(width, "relu", start), layer(1, weights=start)
    return experiment(*layers, **{"optimizer": SMALL, **TRAINING[name], **fields})


TRAINING: dict[str, dict[str, Any]] = {
    **{kind: {"optimizer": {"kind": kind}} for kind in ("adagrad", "adamw", "nadam")},
    **{
        f"schedule {kind}": {"optimizer": {"kind": "sgd", "learning_rate": 0.1, "schedule": {"kind": kind}}}
        for kind in by_kind(AnySchedule)
    },
    "scheduled adam": {"optimizer": {"kind": "adam", "schedule": {"kind": "warmup", "steps": 7}}},
    "clipped norm": {"clip": {"kind": "norm", "limit": 0.01}},
    "clipped values": {"clip": {"kind": "value", "limit": 0.001}},
    "l1": {"l1": 0.01, "weight_decay": 0.01},
    "decay beside the gradient": {"optimizer": {"kind": "adamw"}, "weight_decay": 0.1},
}


def of_normalization(
    name: str, width: int = 5, weights: dict[str, Any] | None = None, **fields: Any
) -> Experiment:
    """Return a network whose layers are normalized or residual, trained with all that can stand beside it."""
    start = weights or constant(0.1)
    kind = {} if name == "residual" else {"normalize": name.removeprefix("normalized over ")}
    second = {"residual": True} if name == "residual" else kind
    layers = layer(width, "tanh", start, rate=0.5, **kind), layer(width, "silu", start, **second)
    training = {"optimizer": {"kind": "adamw"}, "weight_decay": 0.1, "l1": 0.01, **TRAINING["clipped norm"]}
    return experiment(*layers, layer(1, weights=start), **{**training, **fields})


NORMALIZED = ("normalized over batch", "normalized over layer", "residual")
CASES: dict[str, Any] = {
    **dict.fromkeys(TRAINING, of_training),
    **dict.fromkeys(by_kind(AnyActivation), of_activation),
    **dict.fromkeys(OUTPUTS, of_loss),
    **dict.fromkeys(WEIGHTED, of_weighted_loss),
    **dict.fromkeys(NORMALIZED, of_normalization),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Any:
    """Return what makes experiments of one kind, of a width and with weights."""
    make, name = CASES[request.param], request.param

    def made(width: int = 5, weights: dict[str, Any] | None = None, **fields: Any) -> Experiment:
        return make(name, width, weights, **fields)

    return made


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equal_neurons_stay_equal_bit_for_bit(case: Any, dtype: str) -> None:
    for width in WIDTHS:
        data = {"kind": "circles", "train": 7 + width, "noise": 0.1, "seed": 2}
        trainer = trainer_of(case(width, dtype=dtype, data=data))
        advance(trainer, 30)
        assert (trainer.theta != trainer.initial_state[: trainer.layout.size]).any()
        assert [one.groups for one in layer_symmetry(trainer.layout, trainer.theta)[:-1]] == [1, 1]


@pytest.mark.slow
def test_equal_neurons_stay_equal_bit_for_bit_at_every_width(case: Any) -> None:
    for width in range(2, 131):
        trainer = trainer_of(
            case(width, data={"kind": "circles", "train": 7 + width, "noise": 0.1, "seed": 2})
        )
        advance(trainer, 10)
        found = layer_symmetry(trainer.layout, trainer.theta)[:-1]
        assert [one.groups for one in found] == [1, 1], width


def test_the_prediction_comes_true(case: Any) -> None:
    trainer = trainer_of(case())
    predicted = [one.columns for one in predict(trainer)]
    advance(trainer, 50)
    found = [one.columns for one in layer_symmetry(trainer.layout, trainer.theta)]
    assert predicted == found == [1, 1, 1]


def test_stacked_runs_are_those_alone(case: Any) -> None:
    runs = [case(4, {"kind": "normal", "std": 0.4}, seed=seed) for seed in range(4)]
    together, alone = [trainer_of(run) for run in runs], [trainer_of(run) for run in runs]
    Stack(together).train(20)
    for one, other in zip(together, alone, strict=True):
        advance(other, 20)
        assert same_bits(one.theta, other.theta)


def test_the_gradients_are_the_slopes(case: Any) -> None:
    chosen = case(4, {"kind": "normal", "std": 0.4}, batch={"size": 8})
    for found in check_gradients(chosen, chosen.data.load(), 3):
        assert found.parted == 0
        assert found.compared > 0
        assert np.isfinite(found.largest_gradient)


def test_a_step_can_be_repeated_from_any_earlier_one(case: Any) -> None:
    """What the step number decides, such as the learning rate, is the same after going back."""
    trainer = trainer_of(case(4, {"kind": "normal", "std": 0.4}))
    advance(trainer, 6)
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    advance(trainer, 7)
    expected = trainer.theta.copy()
    trainer.restore(state, 6)
    advance(trainer, 7)
    assert same_bits(trainer.theta, expected)


def test_a_layer_of_rate_0_never_moves_and_this_is_predicted() -> None:
    start = {"kind": "normal", "std": 0.4}
    frozen = layer(5, "tanh", constant(0.3), rate=0.0)
    for optimizer in by_kind(AnyOptimizer):
        chosen = experiment(
            frozen, layer(4, "tanh", start), layer(1), optimizer={"kind": optimizer}, weight_decay=0.1
        )
        trainer = trainer_of(chosen)
        [first, *_] = predict(trainer)
        assert (first.columns, first.reasons) == (1, (PredictionReason.STILL,))
        before = trainer.theta.copy()
        advance(trainer, 20)
        moved = [bool((block.of(trainer.theta) != block.of(before)).any()) for block in trainer.layout.blocks]
        assert moved == [False, True, True]
        trainer.compute_gradient()
        assert layer_causes(trainer)[0].motion is Motion.FROZEN


def test_large_networks_are_updated_in_chunks_by_every_optimizer() -> None:
    for optimizer in by_kind(AnyOptimizer):
        chosen = experiment(
            layer(130, "tanh", rate=0.5),
            layer(100, "tanh"),
            layer(1),
            optimizer={"kind": optimizer, "schedule": {"kind": "cosine"}},
            weight_decay=0.01,
            l1=0.001,
        )
        chunked = trainer_of(chosen)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("engine.compile.chunks.CHUNK_SIZE", 10**9)
            whole = trainer_of(chosen)
        for trainer in (chunked, whole):
            advance(trainer, 3)
        assert same_bits(chunked.theta, whole.theta)


@pytest.mark.slow
def test_a_network_of_a_hundred_layers_of_256_runs() -> None:
    hidden = [layer(256, "relu", {"kind": "he-normal"})] * 99
    found = run_variant("deep", experiment(*hidden, layer(1), optimizer={"kind": "sgd"}), 2, 1).report
    assert found["status"] == "finished"
    assert [one["units"] for one in found["layers"]] == [*[256] * 99, 1]
    assert np.isfinite(found["curve"]["loss"]).all()
