"""Looks at the states of one trainer: how its layers are, and what of it can keep the network from learning.

For the live screen, of large data some samples are looked at, and it is said how many. They are drawn, because rows may
alternate: every second sample of two classes can be of one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.compile.compiler import compile_step, over_all_samples
from engine.compile.step import Step
from engine.health.alarms import alarms_of
from engine.health.measures import Measures
from engine.health.update_trial import try_update
from engine.report.condition import Health, LayerHealth
from engine.report.curve import Curve
from engine.report.equality import LayerSimilarity
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.similarity import layer_likeness, layer_similarity
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

MOST_WORK = 2**24
"""Multiplications of one look: about two milliseconds (measured on 784-100-10: 200 samples 1.8 ms, 4,000 60 ms)."""

UNIT_WORK = 64
"""Cost of the functions of one neuron for one sample: they take as long as this many multiplications of a product."""

FEWEST_SAMPLES = 64
"""Minimum number of samples that are looked at, even where a network is so wide that they cost more."""


class HealthCheck:
    """Looks at the states of one trainer, again and again, on training samples that are chosen once."""

    def __init__(self, trainer: Trainer, *, all_samples: bool = False) -> None:
        """Choose the samples: all of them, or few enough that a look takes only a part of a frame."""
        self._trainer = trainer
        dataset, layout = trainer.dataset, trainer.layout
        per_sample = layout.size + UNIT_WORK * sum(layout.widths[1:])
        most = dataset.samples if all_samples else max(FEWEST_SAMPLES, MOST_WORK // per_sample)
        self.samples = min(dataset.samples, most)
        x, y = dataset.x_train, dataset.y_train
        self._own_step: Step | None = None
        if self.samples < dataset.samples:
            chosen = np.sort(np.random.default_rng(0).choice(dataset.samples, self.samples, replace=False))
            x, y = x[chosen], y[chosen]
            self._own_step = compile_step(over_all_samples(trainer.experiment), layout, x, y)
        step = self._own_step or trainer.gradient_over_all_samples()
        with np.errstate(all="ignore"):  # of numbers above 1e154 the squares are infinite
            self._measures = Measures(trainer.experiment, step, dataset, y)

    def look(self) -> Health:
        """Return the health of the trainer's present state, and leave it there."""
        trainer = self._trainer
        with np.errstate(all="ignore"):  # infinite numbers are results
            step = self._gradient()
            layers, output = self._measures.layers(), self._measures.output()
            likeness = tuple(layer_likeness(arrays.weights, arrays.a) for arrays in step.layers[:-1])
            groups = tuple(found.groups for found in layer_symmetry(trainer.layout, trainer.theta)[:-1])
            trainer.compute_gradient()
            update = try_update(trainer)
        found = Health(
            step=trainer.step_number,
            samples=self.samples,
            all_samples=trainer.dataset.samples,
            inputs=self._measures.inputs,
            layers=layers,
            output=output,
            update=update,
            groups=groups,
            likeness=likeness,
        )
        return replace(found, alarms=alarms_of(found))

    def similarity(self, spreads: Sequence[Curve]) -> tuple[LayerSimilarity, ...]:
        """Return how alike the neurons of each hidden layer are; `spreads` are the curves of their spreads."""
        with np.errstate(all="ignore"):
            step = self._gradient()
            return tuple(
                layer_similarity(arrays.weights, arrays.a, spread)
                for arrays, spread in zip(step.layers, spreads, strict=False)
            )

    def layers(self) -> tuple[LayerHealth, ...]:
        """Return the health of every layer at the trainer's present state."""
        with np.errstate(all="ignore"):
            self._gradient()
            return self._measures.layers()

    def off_neurons(self) -> tuple[tuple[int, ...], ...]:
        """Return the neurons of every layer, from 0, that are off for all samples at the trainer's present state."""
        with np.errstate(all="ignore"):
            self._gradient()
            return self._measures.off_neurons()

    def _gradient(self) -> Step:
        if self._own_step is None:
            return self._trainer.gradient_over_all_samples()
        self._own_step.run(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, theta=self._trainer.theta)
        return self._own_step
