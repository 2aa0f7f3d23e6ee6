"""Every kind answers for itself: its range, what it gives at 0, whether it saturates, how people call it."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.registry import kind_of
from engine.health.slopes import FAR_Z, FLAT_SLOPE
from engine.model.activations import Activation, AnyActivation
from engine.model.optimizers import AnyOptimizer, Optimizer
from engine.tape.writer import TapeWriter
from tests.builders import advance, by_kind, experiment, layer, trainer_of

ACTIVATIONS = [kind() for kind in by_kind(AnyActivation).values()]
ONE_UNIT = [activation for activation in ACTIVATIONS if not activation.mixes_units]
Z = np.linspace(-FAR_Z, FAR_Z, 4001)[:, np.newaxis]


def run(activation: Activation, z: Floats) -> tuple[Floats, Floats]:
    """Return f(z) and f'(z) (samples, units) as training computes them."""
    writer = TapeWriter(z.dtype)
    for name in ("z", "a", "da", "dz"):
        writer.arrays[name] = np.ones_like(z)
    writer.arrays["z"][...] = z
    activation.write_forward(writer, "z", "a")
    activation.write_backward(writer, "z", "a", "da", "dz")
    with np.errstate(all="ignore"):
        for instruction in writer.instructions:
            instruction.call()
    return writer.arrays["a"], writer.arrays["dz"]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=kind_of)
def test_outputs_lie_in_the_range_that_an_activation_says(activation: Activation) -> None:
    a, _ = run(activation, np.hstack([Z, -Z, 0 * Z]))
    low, high = activation.outputs
    assert low <= a.min()
    assert a.max() <= high
    if np.isinf(high):
        assert a.max() > 30, "no smaller end is true"


@pytest.mark.parametrize("activation", ONE_UNIT, ids=kind_of)
def test_the_value_at_zero_is_what_is_computed_there(activation: Activation) -> None:
    a, _ = run(activation, np.zeros((1, 1)))
    assert a == pytest.approx(activation.value_at_zero, abs=1e-15)


@pytest.mark.parametrize("activation", ONE_UNIT, ids=kind_of)
def test_an_activation_that_saturates_is_flat_on_both_sides(activation: Activation) -> None:
    _, slope = run(activation, Z)
    assert activation.saturates == bool((abs(slope[[0, -1]]) < FLAT_SLOPE).all())


@pytest.mark.parametrize("activation", ONE_UNIT, ids=kind_of)
def test_a_rectifier_is_off_at_every_z_that_is_not_above_0(activation: Activation) -> None:
    a, slope = run(activation, Z)
    off = Z <= 0
    assert activation.is_rectifier == (not a[off].any() and not slope[off].any())


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=kind_of)
def test_units_are_mixed_where_one_z_changes_the_outputs_of_others(activation: Activation) -> None:
    before, _ = run(activation, np.array([[0.1, 0.2, 0.3]]))
    after, _ = run(activation, np.array([[0.1, 0.2, 0.9]]))
    assert activation.mixes_units == bool((before != after)[0, :2].any())


OPTIMIZERS: list[Optimizer] = [kind() for kind in by_kind(AnyOptimizer).values()]
OPTIMIZERS += [by_kind(AnyOptimizer)["sgd"](momentum=0.9)]  # type: ignore[call-arg]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_an_optimizer_with_memory_moves_weights_on_whose_gradient_is_zero(optimizer: Optimizer) -> None:
    trainer = trainer_of(experiment(layer(2, "tanh"), layer(1), optimizer=msgspec.to_builtins(optimizer)))
    advance(trainer, 5)
    trainer.layout.blocks[1].weights(trainer.theta)[...] = 0.0
    before = trainer.layout.blocks[0].of(trainer.theta).copy()
    advance(trainer, 1)
    moved = (trainer.layout.blocks[0].of(trainer.theta) != before).any()
    assert optimizer.has_memory == bool(moved)
