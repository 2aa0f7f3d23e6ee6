"""What can ever move in a network, found before training: a run with kinds of numbers instead of numbers.

Every number of a step (parameter, activation, slope, delta, gradient) is the same at every step or may change, and may
be above 0, below 0, both, or neither. What it is at the start is computed: one real forward and backward pass over all
training samples. What may change follows from a few rules: a product changes if one factor does and the other is not
always 0; a sum changes if one of its terms does, and is above 0 only if a term may be; a parameter changes if its
gradient is not always 0, or if the optimizer remembers a movement. Steps of this kind are repeated until nothing new
moves, which takes a few steps more than there are layers (abstract interpretation, Cousot and Cousot 1977).

"Never moves" is exact as long as all numbers are finite: zeros that meet zeros, ReLU neurons that no sample can reach
because no term of their z can be above 0, a softmax over one output, sigmoids that are flat to the last bit, full-batch
gradients that cancel to 0 bit for bit while everything rests. "May move" is a bound: where inputs move, some sample may
reach a ReLU neuron, even if in this run none ever does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.symmetry.first_pass import FirstPass, first_pass
from engine.symmetry.signs import Bools, Numbers, Signs, any_along, stacked
from engine.training.trainer import Trainer

Updates: TypeAlias = npt.NDArray[np.int64]

DECAY_LIMIT = 0.999
"""Weight decay keeps the signs of weights while rate times λ stays below this: 1 can be passed by rounding."""


@dataclass(frozen=True)
class Movement:
    """When the neurons (fan_out,) of a layer can first move, however long it trains.

    `first_update` is the number of the first update, counted from 1 at the present state, in which a gradient or what
    the optimizer remembers can change the column or bias; it is 0 where nothing but weight decay ever does. `frozen`
    neurons do not even decay.
    """

    first_update: Updates
    frozen: Bools


def movements(trainer: Trainer) -> list[Movement]:
    """Return what can move in each layer in training from the trainer's present state on, the output layer last."""
    motion = _Motion(trainer)
    number = 1
    while motion.update(number):
        number += 1
    return motion.found()


@dataclass(frozen=True)
class _Sums:
    """z of a layer, what its normalization makes of it, and u, which the activation gets, all (fan_out,).

    `learnt` (2, fan_out) are the scales and shifts. Without a normalization z is all three.
    """

    z: Numbers
    normalized: Numbers
    u: Numbers
    learnt: Numbers


@dataclass(frozen=True)
class _Deltas:
    """dZ of a layer (fan_out,), and which gradients of its scales and shifts change (2, fan_out), if it has any."""

    of_z: Numbers
    of_learnt: Bools


class _Motion:
    """A network in training, with kinds of numbers. Layers count from 0.

    `_moving` says which parameters of each layer (as `FirstPass` has them) a gradient or the optimizer's memory may have
    moved so far, `_changing` also those that weight decay has.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._layers = trainer.experiment.network.layers
        self._blocks = trainer.layout.blocks
        self._starts = first_pass(trainer)
        self._is_batched = trainer.experiment.batch.size != "full"
        rate, decay = trainer.experiment.optimizer.low_rank_rate, trainer.experiment.weight_decay
        largest = max(1.0, *(layer.rate for layer in self._layers))
        self._decays = decay > 0 or trainer.experiment.l1 > 0
        self._decay_keeps_signs = (
            rate is not None and rate * largest * decay < DECAY_LIMIT and trainer.experiment.l1 == 0
        )
        self._moving = [np.zeros_like(start.memory) for start in self._starts]
        self._changing = [np.zeros_like(start.memory) for start in self._starts]
        self._first_updates = [np.zeros(block.fan_out, np.int64) for block in self._blocks]

    def found(self) -> list[Movement]:
        """Return what has moved so far."""
        return [
            Movement(first, ~any_along(changing, 0))
            for first, changing in zip(self._first_updates, self._changing, strict=True)
        ]

    def update(self, number: int) -> bool:
        """Do update `number` (from 1); return whether a parameter may change that did not before."""
        parameters = [self._parameters(layer) for layer in range(len(self._blocks))]
        inputs, sums = self._forward(parameters)
        deltas = self._backward(parameters, sums)
        before = [*self._changing, *self._moving]
        for layer in range(len(self._blocks)):
            changes = inputs[layer].as_column().times(deltas[layer].of_z).changes
            self._move(layer, number, np.concatenate([changes, deltas[layer].of_learnt]))
        now = [*self._changing, *self._moving]
        return any(bool((one & ~other).any()) for one, other in zip(now, before, strict=True))

    def _parameters(self, layer: int) -> Numbers:
        signs, changing = self._starts[layer].parameters, self._changing[layer]
        of_any_sign = self._moving[layer] if self._decay_keeps_signs else changing
        return Numbers(Signs(signs.positive | of_any_sign, signs.negative | of_any_sign), changing)

    def _forward(self, parameters: list[Numbers]) -> tuple[list[Numbers], list[_Sums]]:
        """Return what feeds each layer (rows,), and its sums."""
        inputs: list[Numbers] = []
        sums: list[_Sums] = []
        outputs = self._inputs_of_network()
        for layer, (start, block) in enumerate(zip(self._starts, self._blocks, strict=True)):
            inputs.append(self._feed(layer, start, outputs, block.rows))
            terms = inputs[layer].as_column().times(parameters[layer].rows(block.rows))
            sums.append(self._normalized(layer, _sum(start.sums, terms), parameters[layer]))
            outputs = self._outputs(layer, sums[layer].u)
            if self._layers[layer].residual:
                outputs = _added(
                    self._activation_signs(layer, sums[layer].u), outputs, inputs[layer].rows(block.fan_in)
                )
        return inputs, sums

    def _normalized(self, layer: int, z: Numbers, parameters: Numbers) -> _Sums:
        """Return what becomes of z (fan_out,) of a layer before the activation."""
        norm, kind = self._starts[layer].norm, self._layers[layer].normalization
        if norm is None or kind is None:
            return _Sums(z, z, z, parameters)
        changes = np.full_like(z.changes, z.changes.any()) if kind.crosses_units else z.changes
        if (
            kind.crosses_samples and self._is_batched
        ):  # with other samples beside it, a sample becomes another
            changes = changes | norm.normalized.live
        signs = Signs(norm.normalized.positive | changes, norm.normalized.negative | changes)
        normalized, learnt = Numbers(signs, changes), parameters.behind(self._blocks[layer].rows)
        terms = stacked([learnt.row(0).times(normalized), learnt.row(1)])
        return _Sums(z, normalized, _sum(norm.u, terms), learnt)

    def _inputs_of_network(self) -> Numbers:
        nothing = np.zeros(self._blocks[0].fan_in, np.bool_)
        return Numbers(Signs(nothing, nothing), nothing)

    def _feed(self, layer: int, start: FirstPass, outputs: Numbers, rows: int) -> Numbers:
        """Return what feeds a layer (rows,): the `outputs` of the layer before, and the constant 1 of the biases."""
        added = rows - len(outputs.changes)
        positive, negative, changes = (
            np.pad(flags, (0, added))
            for flags in (outputs.signs.positive, outputs.signs.negative, outputs.changes)
        )
        signs = Signs(start.inputs.positive | positive, start.inputs.negative | negative)
        if layer and self._layers[layer - 1].dropout:  # every step leaves out others
            changes |= signs.live & (np.arange(rows) < len(outputs.changes))
        return Numbers(signs, changes)

    def _outputs(self, layer: int, z: Numbers) -> Numbers:
        """Return what a layer feeds the next one, as far as it changes."""
        activation = self._layers[layer].activation
        low, high = activation.outputs
        may_be_anything = np.full_like(z.changes, not activation.keeps_sign)
        positive = (z.signs.positive | may_be_anything) & (high > 0)
        negative = (z.signs.negative | may_be_anything) & (low < 0)
        changes = self._changes_of_shares(z) if activation.mixes_units else z.changes
        changes = changes & (positive | negative)
        return Numbers(Signs(positive & changes, negative & changes), changes)

    def _activation_signs(self, layer: int, u: Numbers) -> Signs:
        """Return which signs an activation may give (fan_out,), at the start or later."""
        (low, high), free = (
            self._layers[layer].activation.outputs,
            not self._layers[layer].activation.keeps_sign,
        )
        return Signs((u.signs.positive | free) & (high > 0), (u.signs.negative | free) & (low < 0))

    def _backward(self, parameters: list[Numbers], sums: list[_Sums]) -> list[_Deltas]:
        """Return the deltas of each layer."""
        of_output = Numbers.of_any_sign(self._starts[-1].deltas, self._output_changes(sums[-1].z))
        found = [_Deltas(of_output, np.zeros((0, len(of_output.changes)), np.bool_))]
        passed = of_output.changes
        for layer in range(len(self._blocks) - 2, -1, -1):
            start, following = self._starts[layer], self._blocks[layer + 1].fan_in
            terms = parameters[layer + 1].rows(following).times(found[0].of_z)
            changes = any_along(terms.changes, 1)
            if self._layers[layer + 1].residual:
                changes = changes | passed
            if self._layers[layer].dropout:
                changes |= start.errors
            errors, passed = Numbers.of_any_sign(start.errors, changes), changes
            if self._layers[layer].activation.mixes_units:
                errors = errors.spread()
            of_u = errors.times(self._slopes(layer, sums[layer].u)).changes
            found.insert(0, self._deltas(layer, of_u, sums[layer]))
        return found

    def _deltas(self, layer: int, changes_of_u: Bools, sums: _Sums) -> _Deltas:
        """Return the deltas of a hidden layer; `changes_of_u` (fan_out,) says which dU change."""
        start, kind = self._starts[layer], self._layers[layer].normalization
        if start.norm is None or kind is None:
            none = np.zeros((0, len(changes_of_u)), np.bool_)
            return _Deltas(Numbers.of_any_sign(start.deltas, changes_of_u), none)
        of_u = Numbers.of_any_sign(start.norm.deltas, changes_of_u)
        scaled = of_u.times(sums.learnt.row(0))
        changes = scaled.changes | (scaled.signs.live & (sums.normalized.changes | sums.z.changes))
        if kind.crosses_units:
            changes = np.full_like(changes, changes.any())
        of_learnt = np.stack([of_u.times(sums.normalized).changes, of_u.changes])
        return _Deltas(Numbers.of_any_sign(start.deltas, changes), of_learnt)

    def _output_changes(self, z: Numbers) -> Bools:
        activation = self._layers[-1].activation
        if activation.mixes_units:
            return self._changes_of_shares(z)
        return z.changes & z.signs.positive if activation.is_rectifier else z.changes

    @staticmethod
    def _changes_of_shares(z: Numbers) -> Bools:
        """Every share depends on every z, but the share of one unit is always 1."""
        return np.full_like(z.changes, len(z.changes) > 1 and bool(z.changes.any()))

    def _slopes(self, layer: int, z: Numbers) -> Numbers:
        activation = self._layers[layer].activation
        changes = z.changes & z.signs.positive if activation.is_rectifier else z.changes
        if activation.mixes_units:
            changes = self._changes_of_shares(z)
        return Numbers.of_any_sign(self._starts[layer].slopes, changes)

    def _move(self, layer: int, number: int, gradient_changes: Bools) -> None:
        """Note which parameters update `number` may change."""
        if self._layers[layer].rate == 0:
            return  # frozen
        start = self._starts[layer]
        self._moving[layer] = self._moving[layer] | start.gradients | gradient_changes | start.memory
        first = self._first_updates[layer]
        first[(first == 0) & any_along(self._moving[layer], 0)] = number
        changing = self._moving[layer].copy()
        if self._decays:
            weights = slice(self._blocks[layer].fan_in)
            changing[weights] |= start.parameters.live[weights]
        self._changing[layer] = changing


def _added(own: Signs, outputs: Numbers, inputs: Numbers) -> Numbers:
    """Return what a residual layer feeds the next one, as far as it changes.

    `own` are the signs that its activation may give, `outputs` what of that changes, `inputs` what is added to it.
    """
    changes = outputs.changes | inputs.changes
    positive, negative = own.positive | inputs.signs.positive, own.negative | inputs.signs.negative
    return Numbers(Signs(positive & changes, negative & changes), changes)


def _sum(start: Signs, terms: Numbers) -> Numbers:
    """Return sums over the rows of `terms`; where none changes, they keep the signs of the start."""
    changes = any_along(terms.changes, 0)
    possible = terms.signs.any(axis=0)
    positive, negative = (
        start.positive | (changes & possible.positive),
        start.negative | (changes & possible.negative),
    )
    return Numbers(Signs(positive, negative), changes)
