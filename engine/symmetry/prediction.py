"""How many distinct columns a layer will have, predicted from one state of a run on: however long it trains, and why.

Training keeps equal neurons equal, so the columns (each with its bias) after training are those of the start, some of
them parted. Take neurons of one hidden layer with equal columns: they compute the same. While their outgoing rows are
equal too, they receive equal gradients, and so do their rows; and while the optimizer remembers the same of both, it
moves both alike: nothing parts them. If the rows differ, the gradients may differ by the deltas of the next layer times
the difference of the rows; and because neurons that compute the same get the same gradient for their rows, this
difference does not go away. So one refinement of the starting columns by rows and memory is final: the coarsest
partition that training respects (an equitable partition, as colour refinement finds it). Of outputs, which have no
rows, the targets take that place. Columns that never move stay as they are, whatever their rows: `motion` knows which.
Dropout of the layer itself, and rounding where the arithmetic is plain BLAS, part all that moves.

What is proved. "Stay equal" is exact, bit for bit, as long as all numbers are finite, so the number of parts is the
largest number of columns that there can be. It is a bound: a difference can be too small for the last bit of a weight
or stand behind a ReLU neuron that no sample ever reaches, and columns that differ can become equal by rounding, by
weight decay, or by running into the same place. It is the exact number only where as few columns are sure to differ:
frozen ones stay different, and there is always one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.report.equality import LayerPrediction, PredictionReason
from engine.symmetry.groups import columns_and_rows, count, group_labels
from engine.symmetry.motion import Movement, movements
from engine.symmetry.signs import Bools
from engine.tape.products import is_exact_plainly
from engine.training.trainer import Trainer

Labels = tuple[int, ...]


@dataclass(frozen=True)
class _Neurons:
    """The neurons of one layer and labels of those that are alike: `start` by their columns, `rows` also by rows or
    targets, `given` by these and by what residual connections join them with, `remembered` instead by the optimizer's
    memory. `end` labels those that stay equal.

    `always_parts` is what parts all that moves, or None; `still` is the reason if nothing moves, `together` if equal
    neurons move.
    """

    start: Labels
    rows: Labels
    given: Labels
    remembered: Labels
    end: Labels
    movement: Movement
    always_parts: PredictionReason | None
    still: PredictionReason
    together: PredictionReason
    is_output: bool

    @property
    def moves(self) -> list[bool]:
        return (self.movement.first_update > 0).tolist()

    @property
    def parting(self) -> set[int]:
        """Return the labels of equal columns that may part."""
        return _splits(self.start, self.end)

    @property
    def least(self) -> int:
        """Return how many different columns there are at every step, at the least."""
        frozen = {label for label, at_rest in zip(self.start, self.movement.frozen, strict=True) if at_rest}
        return max(1, len(frozen))


def predict(trainer: Trainer) -> tuple[LayerPrediction, ...]:
    """Return what becomes of each layer in training from the trainer's present state on, the output layer last."""
    step = trainer.step_number
    return tuple(
        _prediction(index + 1, step, _neurons(trainer, index, movement))
        for index, movement in enumerate(movements(trainer))
    )


def rounds_unequally(trainer: Trainer) -> bool:
    """Return whether plain BLAS, if the experiment wants it, treats equal neurons of this network differently."""
    step = trainer.step
    return trainer.experiment.arithmetic == "blas" and any(
        not is_exact_plainly(product) for product in step.kernels
    )


def _neurons(trainer: Trainer, index: int, movement: Movement) -> _Neurons:
    """Label the neurons of layer `index` (from 0): their columns, and these refined by what parts them."""
    experiment, arrays = trainer.experiment, trainer.step.layers[index]
    layout, step = trainer.layout, trainer.step
    is_output = index == len(trainer.layout.blocks) - 1
    always_parts = PredictionReason.ROUNDING if rounds_unequally(trainer) else None
    chain = layout.chain(index)
    if any(experiment.network.layers[one].dropout for one in chain if one >= 0):
        always_parts = PredictionReason.DROPOUT
    is_frozen = experiment.network.layers[index].rate == 0
    decays = (experiment.weight_decay > 0 or experiment.l1 > 0) and not is_frozen
    columns, moves = layout.columns(index, step.theta).T, movement.first_update[:, np.newaxis] > 0
    start = group_labels(columns)
    rows, outgoing_memory = _targets(trainer) if is_output else _rows(trainer, index)
    given = np.concatenate([rows, *_beside(trainer, index)], axis=1)
    if always_parts:
        given = np.arange(1.0, len(columns) + 1)[:, np.newaxis]
    memory = [layout.columns(index, state).T for state in step.memory]
    changes, in_motion = ~movement.frozen[:, np.newaxis], _of_classes_with(moves, start)
    all_memory = [np.where(in_motion | changes, part, 0) for part in [*memory, *outgoing_memory]]
    return _Neurons(
        start=start,
        rows=_labels([columns, np.where(in_motion, rows, 0)]),
        given=_labels([columns, np.where(in_motion, given, 0)]),
        remembered=_labels([columns, *all_memory]),
        end=_labels(
            [
                *(columns, moves, np.where(moves, given, 0)),
                *(np.where(changes, part, 0) for part in memory),
                *(np.where(moves, part, 0) for part in outgoing_memory),
            ]
        ),
        movement=movement,
        always_parts=always_parts,
        still=PredictionReason.DECAYS if decays and arrays.weights.any() else PredictionReason.STILL,
        together=_together(is_output=is_output, remembers=bool(memory), is_joined=len(chain) > 1),
        is_output=is_output,
    )


def _together(*, is_output: bool, remembers: bool, is_joined: bool) -> PredictionReason:
    """Return why equal neurons move alike; `is_joined`: residual connections join them with those of other layers."""
    if is_joined:
        return PredictionReason.EQUAL_IN_CHAIN
    if is_output:
        return PredictionReason.EQUAL_TARGETS_AND_MEMORY if remembers else PredictionReason.EQUAL_TARGETS
    return PredictionReason.EQUAL_MEMORY if remembers else PredictionReason.EQUAL


def _rows(trainer: Trainer, index: int) -> tuple[Floats, list[Floats]]:
    """Return the outgoing rows of hidden layer `index`, and what the optimizer remembers of them."""
    following = trainer.step.layers[index + 1]
    return following.weights, [state[: len(following.weights)] for state in following.memory]


def _beside(trainer: Trainer, index: int) -> list[Floats]:
    """Return what equal neurons of a layer have in common in other layers of its chain, (units, numbers) each."""
    layout, step = trainer.layout, trainer.step
    others = [one for one in layout.chain(index) if one != index]
    return [part for flat in (step.theta, *step.memory) for part in columns_and_rows(layout, others, flat)]


def _targets(trainer: Trainer) -> tuple[Floats, list[Floats]]:
    """Return the targets of each output, as the run rounds them."""
    return trainer.dataset.y_train.T.astype(trainer.experiment.float_type), []


def _of_classes_with(moves: Bools, labels: Labels) -> Bools:
    """Return which neurons (units, 1) have the same label as one that moves."""
    moving = {label for label, one in zip(labels, moves[:, 0].tolist(), strict=True) if one}
    return np.array([[label in moving] for label in labels])


def _labels(parts: Sequence[AnyArray]) -> Labels:
    return group_labels(np.concatenate(parts, axis=1))


_BY_ROWS = {PredictionReason.ROWS, PredictionReason.RESIDUAL}
"""Reasons that part columns not before they move."""


def _prediction(layer: int, step: int, neurons: _Neurons) -> LayerPrediction:
    reasons = tuple(_reasons(neurons))
    return LayerPrediction(
        layer=layer,
        step=step,
        columns_at_start=count(neurons.start),
        columns=count(neurons.end),
        is_exact=count(neurons.end) == neurons.least,
        reasons=reasons,
        earliest_step=step + _first_parting(neurons, reasons) if _BY_ROWS & {*reasons} else None,
    )


def _reasons(neurons: _Neurons) -> Iterator[PredictionReason]:
    if len(neurons.start) == 1:
        yield PredictionReason.ONE
        return
    if count(neurons.start) == len(neurons.start):
        if any(neurons.moves):
            yield PredictionReason.DIFFERENT
            return
        yield PredictionReason.DIFFERENT_AT_START
    if not any(neurons.moves):
        yield neurons.still
    yield from _why_some_part(neurons)
    if any(neurons.moves):
        yield from _why_some_stay(neurons)


def _why_some_part(neurons: _Neurons) -> Iterator[PredictionReason]:
    parted, by_rows = _splits(neurons.start, neurons.given), _splits(neurons.start, neurons.rows)
    if neurons.always_parts and neurons.parting & parted:
        yield neurons.always_parts
    elif neurons.parting & by_rows:
        yield PredictionReason.TARGETS if neurons.is_output else PredictionReason.ROWS
    if not neurons.always_parts and neurons.parting & (parted - by_rows):
        yield PredictionReason.RESIDUAL
    if neurons.parting & _splits(neurons.start, neurons.remembered):
        yield PredictionReason.MEMORY


def _splits(labels: Labels, finer: Labels) -> set[int]:
    """Return which of the labels are shared by neurons that finer ones tell apart."""
    pieces = Counter(label for label, _ in set(zip(labels, finer, strict=True)))
    return {label for label, number in pieces.items() if number > 1}


def _first_parting(neurons: _Neurons, reasons: tuple[PredictionReason, ...]) -> int:
    """Return the first update that can part equal columns, counted from 1."""
    if PredictionReason.MEMORY in reasons:
        return 1
    parting = neurons.parting
    updates = zip(neurons.start, neurons.movement.first_update.tolist(), strict=True)
    return min(update for start, update in updates if start in parting and update)


def _why_some_stay(neurons: _Neurons) -> Iterator[PredictionReason]:
    sizes = Counter(neurons.end)
    moving = {moves for end, moves in zip(neurons.end, neurons.moves, strict=True) if sizes[end] > 1}
    if True in moving:
        yield neurons.together
    if False in moving:
        yield PredictionReason.SOME_STILL
