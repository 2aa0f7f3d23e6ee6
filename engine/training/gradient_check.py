"""Are the gradients right? Each of a step is compared with a central difference of the loss, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.model.layout import Block
from engine.tape.instructions import Phase
from engine.training.loop import train, training_conditions
from engine.training.trainer import Trainer

STEP = 1e-5
"""How far a weight of up to 1 in size is moved to each side for a central difference."""
RELATIVE, ABSOLUTE = 1e-4, 1e-8
"""A gradient and its difference quotient part where they differ by more than RELATIVE times the larger of the two, plus
ABSOLUTE times the largest gradient of all."""


@dataclass(frozen=True)
class LayerCheck:
    """What the check found in one layer.

    `compared` gradients were compared, and `parted` of them differ from their difference quotients. `skipped` ones cannot
    be compared: an activation has its kink between the two losses, or a loss is not finite. `largest_difference` is at
    `worst`, (row, column) of the layer's W with the biases as last row, between `gradient` and `difference_quotient`.
    """

    layer: int
    compared: int
    parted: int
    skipped: int
    largest_difference: float
    worst: tuple[int, int]
    gradient: float
    difference_quotient: float


def check_gradients(
    experiment: Experiment, dataset: Dataset, step: int, progress: Callable[[int, int], None] | None = None
) -> list[LayerCheck]:
    """Return the comparison of every gradient of step `step`, in float64, one entry per layer.

    Both losses of a central difference use the same batch and the same dropout as the gradient. Weight decay counts as
    part of the gradient of the weights. `progress(done, parameters)` is called now and then. Raise ExperimentError where
    the experiment does not fit the data.
    """
    trainer = Trainer(msgspec.structs.replace(experiment, dtype="float64"), dataset)
    train((trainer.advance,), 0, step)
    gradient = trainer.compute_gradient().copy()
    with training_conditions():
        quotients = _difference_quotients(trainer, progress)
    decay = trainer.step.decay_factors
    if decay is not None:
        quotients += decay * trainer.theta
    largest = float(np.abs(gradient).max(initial=0.0))
    return [
        _compare(number, block, gradient, quotients, ABSOLUTE * largest)
        for number, block in enumerate(trainer.layout.blocks, start=1)
    ]


def _difference_quotients(trainer: Trainer, progress: Callable[[int, int], None] | None) -> Floats:
    """Return (loss(θ + h) - loss(θ - h)) / 2h for every parameter; NaN where an activation has a kink between the two."""
    theta = trainer.theta
    quotients = np.empty_like(theta)
    for index in range(len(theta)):
        value = theta[index]
        h = STEP * max(1.0, abs(float(value)))
        above, positive_above = _loss_at(trainer, index, value + h)
        below, positive_below = _loss_at(trainer, index, value - h)
        theta[index] = value
        comparable = above == below or np.array_equal(positive_above, positive_below)
        quotients[index] = (above - below) / (2 * h) if comparable else np.nan
        if progress and index % 64 == 0:
            progress(index, len(theta))
    return quotients


def _loss_at(trainer: Trainer, index: int, value: float) -> tuple[float, npt.NDArray[np.bool_]]:
    """Return the loss with one parameter changed, and which z of piecewise activations are positive."""
    trainer.theta[index] = value
    trainer.step.run(Phase.FORWARD, Phase.LOSS)
    kinked = [
        arrays.z.ravel() > 0
        for arrays, layer in zip(trainer.step.layers, trainer.experiment.network.layers, strict=True)
        if layer.activation.has_kink
    ]
    return trainer.loss, np.concatenate(kinked) if kinked else np.empty(0, bool)


def _compare(number: int, block: Block, gradient: Floats, quotients: Floats, absolute: float) -> LayerCheck:
    ours, theirs = block.of(gradient), block.of(quotients)
    comparable = np.isfinite(theirs) & np.isfinite(ours)
    difference = np.where(comparable, np.abs(ours - theirs), 0.0)
    allowed = absolute + RELATIVE * np.maximum(np.abs(ours), np.abs(theirs))
    parted = comparable & (difference > np.maximum(allowed, 1e-9))
    row, column = (int(place) for place in np.unravel_index(int(difference.argmax()), difference.shape))
    return LayerCheck(
        layer=number,
        compared=int(comparable.sum()),
        parted=int(parted.sum()),
        skipped=int((~comparable).sum()),
        largest_difference=float(difference.max(initial=0.0)),
        worst=(row, column),
        gradient=float(ours[row, column]),
        difference_quotient=float(theirs[row, column]),
    )
