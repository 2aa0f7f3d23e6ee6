"""How many distinct columns a hidden layer will have, predicted before training: however long it trains, and why.

Training keeps different columns different and equal neurons equal, so the columns (each with its bias) after training
are those of the start, some of them parted. Take neurons of one layer with equal columns: they compute the same. While
their outgoing rows are equal too, they receive equal gradients, and so do their rows: nothing parts them. If the rows
differ, the gradients differ by the deltas of the next layer times the difference of the rows; and because neurons that
compute the same get the same gradient for their rows, this difference does not go away. So one refinement of the
starting columns by the outgoing rows is final: the coarsest partition that training respects (an equitable partition,
as colour refinement finds it). Columns that no gradient ever reaches stay as they are, whatever their rows: `motion`
knows which. Dropout of the layer itself, and rounding where the arithmetic is plain BLAS, part all that moves.

Limits. "Stay equal" is exact, bit for bit. "Part" is a bound: a difference can be too small for the last bit of a
weight, or stand behind a ReLU neuron that no sample ever reaches. Differences of rows that cancel in exact arithmetic
count as differences; in a run, rounding parts such columns as a rule. Not foreseen: that weight decay lets columns
underflow to 0, or that a run diverges to columns of NaN.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from engine.report.equality import LayerPrediction, PredictionReason
from engine.symmetry.groups import count, group_labels
from engine.symmetry.motion import Updates, first_updates
from engine.tape.products import is_exact_plainly
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class _Neurons:
    """The neurons of one layer: labels of their equal columns at the start and at the end, and which update first moves
    each of them. `always_parts` is what parts all that moves, or None; `still` is the reason if nothing moves.
    """

    start: tuple[int, ...]
    end: tuple[int, ...]
    first_update: Updates
    always_parts: PredictionReason | None
    still: PredictionReason


def predict(trainer: Trainer) -> tuple[LayerPrediction, ...]:
    """Return what becomes of each hidden layer in training from the trainer's present weights on; for step 0."""
    rounding = PredictionReason.ROUNDING if _rounds_unequally(trainer) else None
    found: list[LayerPrediction] = []
    for index, updates in enumerate(first_updates(trainer)[:-1]):
        dropout = trainer.experiment.network.layers[index].dropout
        always_parts = PredictionReason.DROPOUT if dropout else rounding
        found.append(_prediction(index + 1, _neurons(trainer, index, updates, always_parts)))
    return tuple(found)


def _rounds_unequally(trainer: Trainer) -> bool:
    """Return whether plain BLAS, if the experiment wants it, treats equal neurons of this network differently."""
    step = trainer.step
    return trainer.experiment.arithmetic == "blas" and any(
        not is_exact_plainly(product) for product in step.kernels
    )


def _neurons(
    trainer: Trainer, index: int, first_update: Updates, always_parts: PredictionReason | None
) -> _Neurons:
    """Label the neurons of hidden layer `index` (from 0): their columns, and these refined by what parts them."""
    block, theta = trainer.layout.blocks[index], trainer.theta
    columns, outgoing = block.of(theta).T, trainer.layout.blocks[index + 1].weights(theta)
    moves = first_update[:, np.newaxis] > 0
    parting = np.arange(1, block.fan_out + 1)[:, np.newaxis] if always_parts else outgoing
    decays = trainer.experiment.weight_decay > 0 and bool(block.weights(theta).any())
    return _Neurons(
        start=group_labels(columns),
        end=group_labels(np.concatenate([columns, np.where(moves, parting, 0)], axis=1)),
        first_update=first_update,
        always_parts=always_parts,
        still=PredictionReason.DECAYS if decays else PredictionReason.STILL,
    )


def _prediction(layer: int, neurons: _Neurons) -> LayerPrediction:
    reasons = _reasons(neurons)
    earliest = min(_parting_updates(neurons)) if PredictionReason.ROWS in reasons else None
    return LayerPrediction(layer, count(neurons.start), count(neurons.end), reasons, earliest)


def _reasons(neurons: _Neurons) -> tuple[PredictionReason, ...]:
    if len(neurons.start) == 1:
        return (PredictionReason.ONE,)
    moves = bool(neurons.first_update.any())
    if count(neurons.start) == len(neurons.start):
        still = PredictionReason.DIFFERENT_AT_START, neurons.still
        return (PredictionReason.DIFFERENT,) if moves else still
    if not moves:
        return (neurons.still,)
    return (*_why_some_part(neurons), *_why_some_stay(neurons))


def _why_some_part(neurons: _Neurons) -> list[PredictionReason]:
    return [neurons.always_parts or PredictionReason.ROWS] if _parting_updates(neurons) else []


def _parting_updates(neurons: _Neurons) -> list[int]:
    """Return the first update of each neuron that moves and whose equal columns part."""
    pieces = Counter(start for start, _ in set(zip(neurons.start, neurons.end, strict=True)))
    return [
        int(update)
        for start, update in zip(neurons.start, neurons.first_update, strict=True)
        if pieces[start] > 1 and update
    ]


def _why_some_stay(neurons: _Neurons) -> list[PredictionReason]:
    sizes = Counter(neurons.end)
    moving = {
        bool(update) for end, update in zip(neurons.end, neurons.first_update, strict=True) if sizes[end] > 1
    }
    reasons = ((PredictionReason.EQUAL, True), (PredictionReason.SOME_STILL, False))
    return [reason for reason, moves in reasons if moves in moving]
