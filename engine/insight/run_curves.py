"""Curves over the recorded steps of a run, which grow with it: loss, spread, size of the gradients."""

from __future__ import annotations

from math import ceil, log2

import numpy as np

from engine.core.arrays import Floats
from engine.core.norms import root_mean_square
from engine.insight.replayer import Replayer
from engine.recording.samples import Samples
from engine.report.curve import Curve, NoisyCurve
from engine.symmetry.groups import spread

SPREAD_NUMBERS = 2**21
"""Numbers of recorded states that the spread curve reads at once."""

SMALL_STATE = 2**14
"""The spread curve reads every state of up to this many numbers, of larger ones every second, fourth, …"""

GRADIENTS_PER_FRAME = 4
"""Points by which the gradient curves grow in one frame: those of a long run come little by little."""

MOST_GRADIENTS = 256
"""Maximum number of points of a gradient curve: each is a backward pass."""


class RunCurves:
    """The curves of one run. The gradient curves and losses of a long run move the replayer."""

    def __init__(self, replayer: Replayer) -> None:
        self._replayer = replayer
        self._blocks = replayer.trainer.layout.blocks
        self._state_size = replayer.trainer.state_size
        self.begin_again()

    def begin_again(self) -> None:
        """Forget all points: the run starts anew."""
        self._spreads = Samples(len(self._blocks) - 1)
        self._gradients = Samples(len(self._blocks))

    def extend(self) -> None:
        """Bring the curve of the spread to the end of the run."""
        history = self._replayer.past.history
        every = 2 ** max(0, round(log2(self._state_size / SMALL_STATE)))
        self._spreads.extend(history.length, max(history.stride, every), self._spreads_of)

    def extend_gradients(self) -> None:
        """Bring the gradient curves a few points nearer to the end of the run."""
        history, known = self._replayer.past.history, self._gradients
        length = history.length
        apart = max(
            history.stride, 2 ** ceil(log2(length / MOST_GRADIENTS)) if length > MOST_GRADIENTS else 1
        )
        next_end = known.points * known.every + GRADIENTS_PER_FRAME * max(apart, known.every)
        known.extend(min(length, next_end), apart, self._gradients_of)

    @property
    def has_all_gradients(self) -> bool:
        """Return whether the gradient curves reach the end of the run."""
        return self._gradients.points * self._gradients.every >= self._replayer.past.history.length

    def loss(self) -> NoisyCurve:
        """Return the loss of every step."""
        return self._replayer.past.history.loss_curve()

    def losses_before(self, step: int, steps: int) -> Floats:
        """Return the losses of up to `steps` recorded steps before a step; some may have to be computed again."""
        return self._replayer.losses(max(0, step - steps), step)

    def spreads(self) -> tuple[Curve, ...]:
        """Return the spread of each hidden layer."""
        return self._spreads.curves()

    def gradients(self) -> tuple[Curve, ...]:
        """Return the root mean square of the gradient of each W."""
        return self._gradients.curves()

    def _gradients_of(self, first: int, count: int, every: int) -> Floats:
        """Return the root mean square (count, layers) of the gradients of W at the steps first, first + every, …"""
        found = np.empty((count, len(self._blocks)))
        for row in range(count):
            gradient = self._replayer.visit(first + row * every).compute_gradient()
            found[row] = [root_mean_square(block.weights(gradient)) for block in self._blocks]
        return found

    def _spreads_of(self, first: int, count: int, every: int) -> Floats:
        """Return the spread (count, hidden layers) of the recorded states first, first + every, …

        It is NaN for one neuron, which has no other column to differ from.
        """
        found = np.empty((count, len(self._blocks) - 1))
        portion = max(1, SPREAD_NUMBERS // self._state_size)
        for start in range(0, count, portion):
            many = min(portion, count - start)
            states = self._replayer.past.history.states(first + start * every, many, every)
            for column, block in enumerate(self._blocks[:-1]):
                spreads = spread(block.weights(states)) if block.fan_out > 1 else np.nan
                found[start : start + many, column] = spreads
        return found
