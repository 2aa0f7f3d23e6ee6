"""What can ever move in a network, found before training: a run with three kinds of numbers instead of numbers.

Every number of a step (parameter, activation, slope, delta, gradient) is 0 at every step, or the same at every step, or
may change. What it is at the start is computed: one real forward and backward pass over all training samples. What may
change follows from three rules: a product changes if one factor does and the other is not always 0; a sum changes if
one of its terms does; a parameter changes if its gradient is not always 0. Steps of this kind are repeated until
nothing new moves, which takes a few steps more than there are layers (abstract interpretation, Cousot and Cousot 1977).

"Never moves" is exact: zeros that meet zeros, ReLU neurons that no sample reaches while their inputs rest, sigmoids that
are flat to the last bit, full-batch gradients that cancel to 0 bit for bit while everything rests. "May move" is a
bound: where inputs move, some sample may reach a ReLU neuron, even if in this run none ever does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.model.activations import Activation
from engine.tape.writer import TapeWriter
from engine.training.trainer import Trainer

Bools: TypeAlias = npt.NDArray[np.bool_]
Updates: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Numbers:
    """What is known of many numbers: which may ever be other than 0, and which may change."""

    live: Bools
    changes: Bools

    @classmethod
    def starting(cls, nonzero: Bools, changes: Bools) -> _Numbers:
        """Return numbers of which is known which are not 0 at the start, and which may change."""
        return cls(nonzero | changes, changes)

    def times(self, other: _Numbers) -> Bools:
        """Return which products, element by element, may change."""
        return (self.changes & other.live) | (self.live & other.changes)

    def rows(self, count: int) -> _Numbers:
        """Return the first `count` rows."""
        return _Numbers(self.live[:count], self.changes[:count])

    def as_column(self) -> _Numbers:
        """Return them as (numbers, 1)."""
        return _Numbers(self.live[:, np.newaxis], self.changes[:, np.newaxis])


@dataclass(frozen=True)
class _Start:
    """Which numbers of one layer are other than 0 at the start, for at least one training sample.

    `inputs` (rows,): what feeds the layer, the bias's 1 included. `parameters` and `gradients` of the loss alone
    (rows, fan_out); `slopes`, `errors` (gradients with respect to a) and `deltas` (to z), all (fan_out,).
    """

    inputs: Bools
    parameters: Bools
    gradients: Bools
    slopes: Bools
    errors: Bools
    deltas: Bools


def first_updates(trainer: Trainer) -> list[Updates]:
    """Return, for the neurons (fan_out,) of each layer, which update is the first that a gradient can reach them in.

    Updates count from 1; 0 is a neuron whose column and bias no gradient of the loss ever changes, however long it
    trains from the trainer's present weights on. The optimizer must not have gathered momentum: this is for step 0.
    """
    motion = _Motion(trainer)
    number = 1
    while motion.update(number):
        number += 1
    return motion.first_updates


class _Motion:
    """A network in training, with the three kinds of numbers. Layers count from 0."""

    def __init__(self, trainer: Trainer) -> None:
        self._layers = trainer.experiment.network.layers
        self._decays = trainer.experiment.weight_decay > 0
        self._blocks = trainer.layout.blocks
        self._starts = _starts(trainer)
        self._changing = [np.zeros_like(start.parameters) for start in self._starts]
        self.first_updates = [np.zeros(block.fan_out, np.int64) for block in self._blocks]

    def update(self, number: int) -> bool:
        """Do update `number` (from 1); return whether a parameter may change that did not before."""
        parameters = [
            _Numbers.starting(start.parameters, changing)
            for start, changing in zip(self._starts, self._changing, strict=True)
        ]
        inputs, sums = self._forward(parameters)
        deltas = self._backward(parameters, sums)
        before = self._changing
        self._changing = [
            self._moved(layer, number, inputs[layer].as_column().times(deltas[layer]))
            for layer in range(len(self._blocks))
        ]
        return any((now & ~then).any() for now, then in zip(self._changing, before, strict=True))

    def _forward(self, parameters: list[_Numbers]) -> tuple[list[_Numbers], list[Bools]]:
        """Return what feeds each layer (rows,), and which z (fan_out,) may change."""
        inputs: list[_Numbers] = []
        sums: list[Bools] = []
        feed = np.zeros(self._blocks[0].fan_in, np.bool_)
        for layer, (start, block) in enumerate(zip(self._starts, self._blocks, strict=True)):
            changes = np.zeros(block.rows, np.bool_)  # the 1 that feeds the biases never does
            changes[: block.fan_in] = feed
            if layer and self._layers[layer - 1].dropout:
                changes[: block.fan_in] |= start.inputs[: block.fan_in]  # every step leaves out others
            inputs.append(_Numbers.starting(start.inputs, changes))
            feed = np.logical_or.reduce(inputs[layer].as_column().times(parameters[layer]), axis=0)
            sums.append(feed)
        return inputs, sums

    def _backward(self, parameters: list[_Numbers], sums: list[Bools]) -> list[_Numbers]:
        """Return the deltas (fan_out,) of each layer; `sums` says which z may change."""
        changes = sums[-1]
        if self._layers[-1].activation.mixes_units:
            changes = np.full_like(changes, changes.any())  # every output depends on every z
        found = [_Numbers.starting(self._starts[-1].deltas, changes)]
        for layer in range(len(self._blocks) - 2, -1, -1):
            start, following = self._starts[layer], self._blocks[layer + 1].fan_in
            changes = np.logical_or.reduce(parameters[layer + 1].rows(following).times(found[0]), axis=1)
            if self._layers[layer].dropout:
                changes |= start.errors
            errors = _Numbers.starting(start.errors, changes)
            slopes = _Numbers.starting(start.slopes, sums[layer])
            found.insert(0, _Numbers.starting(start.deltas, errors.times(slopes)))
        return found

    def _moved(self, layer: int, number: int, gradient_changes: Bools) -> Bools:
        """Return which parameters (rows, fan_out) change, and note the neurons that a gradient has reached."""
        start = self._starts[layer]
        moved = start.gradients | gradient_changes
        reached = self.first_updates[layer]
        reached[(reached == 0) & moved.any(axis=0)] = number
        if self._decays:
            weights = slice(self._blocks[layer].fan_in)
            moved[weights] |= start.parameters[weights]
        return moved


def _starts(trainer: Trainer) -> list[_Start]:
    """Return what the first forward and backward pass over all training samples says of each layer."""
    step = trainer.gradient_over_all_samples()
    pull = np.zeros_like(step.theta) if step.decay_factors is None else step.decay_factors * step.theta
    gradients = step.gradient != pull
    every_step_alike = trainer.experiment.batch.size == "full" and not trainer.step.dropouts
    found: list[_Start] = []
    for index, (arrays, block) in enumerate(zip(step.layers, trainer.layout.blocks, strict=True)):
        inputs, deltas = arrays.feed != 0, arrays.delta != 0
        slopes = errors = np.ones(block.fan_out, np.bool_)  # the deltas of the output are there without them
        if index < len(trainer.layout.blocks) - 1 and arrays.error is not None:
            activation = trainer.experiment.network.layers[index].activation
            slopes = (_slopes(activation, arrays.z) != 0).any(axis=0)
            errors = (arrays.error != 0).any(axis=0)
        found.append(
            _Start(
                inputs=inputs.any(axis=0),
                parameters=arrays.parameters != 0,
                gradients=block.of(gradients) if every_step_alike else _meet(inputs, deltas),
                slopes=slopes,
                errors=errors,
                deltas=deltas.any(axis=0),
            )
        )
    return found


def _meet(inputs: Bools, deltas: Bools) -> Bools:
    """Return which inputs (samples, rows) and deltas (samples, fan_out) meet in a sample, as (rows, fan_out)."""
    return inputs.astype(np.float32).T @ deltas.astype(np.float32) > 0


def _slopes(activation: Activation, z: Floats) -> Floats:
    """Return f'(z) as the program computes it, (samples, units): what becomes of gradients that are all 1."""
    writer = TapeWriter(z.dtype)
    for name in ("z", "a", "da", "dz"):
        writer.arrays[name] = np.array(z)
    writer.arrays["da"][...] = 1.0
    activation.write_forward(writer, "z", "a")
    activation.write_backward(writer, "z", "a", "da", "dz")
    with np.errstate(all="ignore"):
        for instruction in writer.instructions:
            instruction.call()
    return writer.arrays["dz"]
