"""What is worked out about a step when somebody looks: causes, health, the small network, the data space.

Each costs time, so the window says what it shows (`Probes`), and the training thread works out just that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import ceil, log2

import numpy as np

from engine.core.arrays import Floats
from engine.core.norms import root_mean_square
from engine.insight.data_space import DataSpace
from engine.insight.explanation import explain_pair, layer_causes, pair_of_group
from engine.insight.health import HealthCheck
from engine.recording.samples import Samples
from engine.report.answers import Insight, NeuronMap, Why
from engine.report.curve import Curve
from engine.report.equality import LayerPrediction, LayerSymmetry
from engine.report.probes import NeuronPlace, Pair, Probes, pair_in
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of
from engine.training.trainer import Trainer

AT_ONCE = 4
"""Points of the gradient curves that are worked out for one frame: of a long run they come little by little."""

MOST_POINTS = 256
"""A gradient curve has up to so many points: each is a backward pass."""


class Observer:
    """Looks at one lane through a trainer that somebody has brought to the step that is shown."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._prediction: tuple[LayerPrediction, ...] = ()
        self._gradients = Samples(len(trainer.layout.blocks))

    def begin_again(self) -> None:
        """Forget the curves and the prediction: the run starts anew."""
        self._prediction = ()
        self._gradients = Samples(len(self._trainer.layout.blocks))

    @cached_property
    def _check(self) -> HealthCheck:
        return HealthCheck(self._trainer)

    @cached_property
    def _space(self) -> DataSpace | None:
        return DataSpace(self._trainer) if self._trainer.dataset.inputs == 2 else None

    def predict(self, start: Floats, step: int) -> None:
        """Predict once what becomes of a run from its state `start` at a step on; moves the trainer there."""
        if not self._prediction:
            self._trainer.restore(start, step)
            self._prediction = predict(self._trainer)

    def extend_gradient_curves(self, length: int, stride: int, visit: Callable[[int], None]) -> None:
        """Bring the curves nearer to a run of so many steps, keyframes of which are `stride` apart.

        `visit(step)` takes the trainer to a step; it is left at one of them.
        """
        samples, trainer = self._gradients, self._trainer
        apart = max(stride, 2 ** ceil(log2(length / MOST_POINTS)) if length > MOST_POINTS else 1)

        def sizes(first: int, count: int, every: int) -> Floats:
            found = np.empty((count, len(trainer.layout.blocks)))
            for row in range(count):
                visit(first + row * every)
                gradient = trainer.compute_gradient()
                found[row] = [root_mean_square(block.weights(gradient)) for block in trainer.layout.blocks]
            return found

        reached = samples.points * samples.every
        samples.extend(min(length, reached + AT_ONCE * max(apart, samples.every)), apart, sizes)

    def has_all_gradients(self, length: int) -> bool:
        """Return whether the gradient curves reach the end of a run of so many steps."""
        return self._gradients.points * self._gradients.every >= length

    def look(
        self, wanted: Probes, lane: int, symmetries: tuple[LayerSymmetry, ...], spreads: tuple[Curve, ...]
    ) -> Insight:
        """Return what is wanted of lane number `lane`.

        The trainer is at the shown step, its gradient computed, and stays there.
        """
        mine = wanted.lane == lane
        space = self._space if wanted.space or wanted.neuron else None
        theta = self._trainer.theta
        return Insight(
            why=self._why(wanted, symmetries) if mine and wanted.causes else None,
            gradient_curves=self._gradients.curves() if wanted.gradients else (),
            space=space.maps(theta) if space and wanted.space else None,
            predictions=space.predictions(theta) if space and wanted.space else None,
            neuron_map=self._neuron_map(wanted.neuron, lane),
            small=quotient_of(self._trainer) if mine and wanted.small else None,
            health=self._check.look(spreads) if mine and wanted.health else None,
        )

    def _why(self, wanted: Probes, symmetries: tuple[LayerSymmetry, ...]) -> Why:
        pair = self._pair(wanted.pair, symmetries)
        causes = layer_causes(self._trainer)
        explained = explain_pair(self._trainer, pair) if pair else None
        return Why(causes, self._prediction, explained)

    def _pair(self, wanted: Pair | None, symmetries: tuple[LayerSymmetry, ...]) -> Pair | None:
        """Return the wanted pair if this lane has it, or two of the first group, or any two."""
        hidden = symmetries[:-1]
        if wanted and 1 <= wanted.layer <= len(hidden):
            labels = hidden[wanted.layer - 1].labels
            if max(wanted.first.neuron, wanted.second.neuron) < len(labels) > 1:
                first = wanted.first.neuron
                same = wanted.first == wanted.second
                return pair_in(wanted.layer, first, _partner(first, labels)) if same else wanted
        for layer, symmetry in enumerate(hidden, start=1):
            if pair := pair_of_group(symmetry.labels, 0):
                return pair_in(layer, *pair)
        return next(
            (pair_in(layer, 0, 1) for layer, found in enumerate(hidden, start=1) if found.units > 1), None
        )

    def _neuron_map(self, place: NeuronPlace | None, lane: int) -> NeuronMap | None:
        if place is None or place.lane != lane or self._space is None:
            return None
        return NeuronMap(
            place, self._space.neuron_maps(self._trainer.theta, place.ref.layer)[place.ref.neuron]
        )


def _partner(neuron: int, labels: tuple[int, ...]) -> int:
    """Return another neuron of the same group, or the next one where there is none."""
    others = (other for other, label in enumerate(labels) if label == labels[neuron] and other != neuron)
    return next(others, (neuron + 1) % len(labels))
