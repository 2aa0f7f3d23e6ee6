"""Are the gradients right? Each of a step is compared with a central difference of the loss, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.tape.instructions import Phase
from engine.training.loop import train, training_conditions
from engine.training.trainer import Trainer
from engine.training.updates import updates_of

STEP = 1e-5
"""How far a weight of up to 1 in size is moved to each side for a central difference."""
OTHER_STEPS = (0.1, 1.0, 10.0, 100.0, 1000.0)
"""Multiples of STEP that are tried where a gradient and its difference quotient part: with a large loss, rounding hides
what a small step changes."""
RELATIVE_TOLERANCE, NEGLIGIBLE_SHARE = 1e-4, 1e-8
"""A gradient and its difference quotient agree up to the first share of the larger of the two, or up to the second of the
largest gradient of the layer."""
ROUNDING_ERROR = 16 * np.finfo(np.float64).eps
"""The assumed relative error of a loss."""
MAX_UNCERTAINTY = 0.01
"""The largest uncertainty of a difference quotient, as a share of it, that still tells something of the gradient."""


@dataclass(frozen=True)
class LayerCheck:
    """What the check found in one layer.

    `compared` gradients were compared, and `parted` of them differ from their difference quotients. `skipped` ones cannot
    be compared: an activation has its kink between the two losses, a loss is not finite, or it is so large that its
    rounding hides the gradient. `largest_difference` is at `worst`, (row, column) of the layer's W with the biases as
    last row, and behind it scales and shifts of a normalized layer; it is between `gradient` and `difference_quotient`.
    `largest_gradient` is the largest of all without its sign.
    """

    layer: int
    compared: int
    parted: int
    skipped: int
    largest_difference: float
    worst: tuple[int, int]
    gradient: float
    difference_quotient: float
    largest_gradient: float


def check_gradients(
    experiment: Experiment, dataset: Dataset, step: int, progress: Callable[[int, int], None] | None = None
) -> list[LayerCheck]:
    """Return the comparison of every gradient of step `step`, in float64, one entry per layer.

    Both losses of a central difference use the same batch and the same dropout as the gradient. Weight decay counts as
    part of the gradient of the weights. `progress(done, parameters)` is called now and then. Raise ExperimentError where
    the experiment does not fit the data.
    """
    exact = msgspec.structs.replace(experiment, dtype="float64", loss=experiment.loss.unrounded)
    trainer = Trainer(exact, dataset)
    train(updates_of([trainer]), 0, step)
    if exact.clip is not None:
        trainer = _unclipped(trainer)
    gradient = trainer.compute_gradient().copy()
    with training_conditions():
        return [
            _Comparison(trainer, number, gradient, progress).result()
            for number in range(1, len(trainer.layout.blocks) + 1)
        ]


def _unclipped(trainer: Trainer) -> Trainer:
    """Return a trainer at the same state whose gradient is the slope of the loss, however large it is."""
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    whole = Trainer(msgspec.structs.replace(trainer.experiment, clip=None), trainer.dataset)
    whole.restore(state, trainer.step_number)
    return whole


@dataclass(frozen=True)
class _Quotient:
    """A central difference `value` over a distance `h` to each side, and how far its rounding may have put it off."""

    value: float
    rounding: float


@dataclass(frozen=True)
class _Side:
    """What the network does with one parameter moved; `above_kinks` says which z are above a kink."""

    loss: float
    outputs: Floats
    above_kinks: npt.NDArray[np.bool_]


class _Comparison:
    """The gradients of one layer and their difference quotients."""

    def __init__(
        self,
        trainer: Trainer,
        number: int,
        gradient: Floats,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._trainer, self._number = trainer, number
        pull = trainer.step.pull
        self._pull = np.zeros_like(gradient) if pull is None else pull
        self._progress = progress
        self._gradient = trainer.layout.columns(number - 1, gradient)
        self._places = trainer.layout.columns(number - 1, np.arange(trainer.layout.size))
        self._largest = float(np.abs(self._gradient).max(initial=0.0))

    def result(self) -> LayerCheck:
        """Compare all gradients of the layer."""
        shape = self._gradient.shape
        quotients, parted = np.full(shape, np.nan), np.zeros(shape, bool)
        for place in np.ndindex(shape):
            index, ours = int(self._places[place]), float(self._gradient[place])
            if np.isfinite(ours):
                quotients[place], parted[place] = self._compared(index, ours)
            if self._progress and index % 64 == 0:
                self._progress(index, self._trainer.layout.size)
        compared = np.isfinite(quotients)
        difference = np.where(compared, np.abs(self._gradient - quotients), 0.0)
        among = np.where(parted, difference, -1.0) if parted.any() else difference
        row, column = (int(place) for place in np.unravel_index(int(among.argmax()), shape))
        return LayerCheck(
            layer=self._number,
            compared=int(compared.sum()),
            parted=int(parted.sum()),
            skipped=int((~compared).sum()),
            largest_difference=float(difference.max(initial=0.0)),
            worst=(row, column),
            gradient=float(self._gradient[row, column]),
            difference_quotient=float(quotients[row, column]),
            largest_gradient=self._largest,
        )

    def _compared(self, index: int, ours: float) -> tuple[float, bool]:
        """Return the difference quotient of a parameter, NaN if none tells anything, and whether it parts from `ours`."""
        first = self._quotient(index, 1.0)
        if first is not None and self._is_close(ours, first.value):
            return first.value, False
        found = [self._quotient(index, times) for times in OTHER_STEPS]
        pairs = [(one, other) for one, other in pairwise(found) if one is not None and other is not None]
        if not pairs:
            return np.nan, False
        uncertain = [2 * abs(one.value - other.value) + one.rounding for one, other in pairs]
        best = int(np.argmin(uncertain))
        theirs, error = pairs[best][0].value, uncertain[best]
        if not error <= max(MAX_UNCERTAINTY * max(abs(ours), abs(theirs)), NEGLIGIBLE_SHARE * self._largest):
            return np.nan, False
        return theirs, not (self._is_close(ours, theirs) or abs(ours - theirs) <= error)

    def _is_close(self, ours: float, theirs: float) -> bool:
        allowed = max(RELATIVE_TOLERANCE * max(abs(ours), abs(theirs)), NEGLIGIBLE_SHARE * self._largest)
        return abs(ours - theirs) <= allowed

    def _quotient(self, index: int, times: float) -> _Quotient | None:
        """Return (loss(θ + h) - loss(θ - h)) / 2h for a parameter.

        None where a loss is not finite, or where an activation has its kink between the two.
        """
        theta = self._trainer.theta
        value = float(theta[index])
        h = times * STEP * max(1.0, abs(value))
        above, below = self._side(index, value + h), self._side(index, value - h)
        theta[index] = value
        rise, rounded = above.loss - below.loss, max(abs(above.loss), abs(below.loss))
        if not (np.isfinite(rise) and (rise == 0 or np.array_equal(above.above_kinks, below.above_kinks))):
            return None
        known = self._trainer.experiment.loss.rise(below.outputs, above.outputs, self._trainer.step.targets)
        if known is not None:
            rise, rounded = known
        return _Quotient(rise / (2 * h) + float(self._pull[index]), ROUNDING_ERROR * rounded / (2 * h))

    def _side(self, index: int, value: float) -> _Side:
        self._trainer.theta[index] = value
        step = self._trainer.step
        step.run(Phase.FORWARD, Phase.LOSS)
        layers = zip(step.layers, self._trainer.experiment.network.layers, strict=True)
        sides = [self._trainer.experiment.loss.sides(step.outputs, step.targets)]
        sides += [arrays.u.ravel() > kink for arrays, layer in layers for kink in layer.activation.kinks]
        above_kinks = np.concatenate(sides)
        return _Side(self._trainer.loss, step.outputs.copy(), above_kinks)
