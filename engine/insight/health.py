"""Signs of a layer that cannot learn: saturated and dead neurons, gradients and updates that are too small or too large.

`layer_health` looks at all training samples. `HealthCheck` is for the live screen: of large data it looks at evenly
chosen samples and says how many. `alarms` picks out what is unusual, about hidden layers where it is about neurons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.compile.compiler import compile_step, over_all_samples
from engine.compile.step import Step
from engine.core.arrays import Floats
from engine.core.norms import norm
from engine.model.activations import Activation
from engine.model.layout import Layout
from engine.report.condition import Alarm, AlarmKind, Health, LayerHealth
from engine.report.curve import Curve
from engine.symmetry.similarity import evenly, layer_similarity
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

SATURATED_BELOW = 1e-3
"""A sigmoid or tanh counts as saturated where its derivative is smaller than this."""

MANY_SATURATED = 0.5
"""Alarm from this share of saturated outputs on: for the typical (sample, neuron) pair, less than a thousandth of a
gradient gets through."""

MANY_DEAD = 0.25
"""Alarm from this share of dead neurons on: one or two dead neurons of ten are ordinary under He's initialization."""

VANISHING = 1e-4
"""Alarm below this ratio to a later layer's gradient: what moves one layer in a step takes the other 10,000 steps, as
long as a whole run. Sigmoid layers lose a factor of 4 or more each (Glorot and Bengio 2010), so a few are no alarm."""

EXPLODING = 1e4
"""Alarm above this ratio to the output layer's gradient: no learning rate serves both. Raw pixels alone make 255."""

LARGE_UPDATE = 0.1
"""Alarm above this ‖ΔW‖/‖W‖: ten such steps replace the weights. About 1e-3 is usual (Bottou's rule of thumb)."""

SMALL_UPDATE = 1e-6
"""Alarm below this ‖ΔW‖/‖W‖: a million such steps move the weights by their own size, at the most."""

LARGE_INPUT = 10.0
"""Alarm above this |input|: inputs of mean 0 and variance 1, as LeCun et al. (1998) advise, hardly ever reach it."""

MOST_WORK = 2**24
"""Multiplications of one look: about two milliseconds (measured on 784-100-10: 200 samples 1.8 ms, 4,000 60 ms)."""

UNIT_WORK = 64
"""What the functions of one neuron cost for one sample, in multiplications of a product."""


FEWEST_SAMPLES = 64
"""So many samples are looked at even where a network is so wide that they cost more."""


class HealthCheck:
    """Looks at the states of one trainer, again and again, on training samples that are chosen once."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        dataset, layout = trainer.dataset, trainer.layout
        per_sample = layout.size + UNIT_WORK * sum(layout.widths[1:])
        chosen = evenly(dataset.samples, max(FEWEST_SAMPLES, MOST_WORK // per_sample))
        self.samples = len(chosen)
        self._inputs = _input_range(trainer)
        self._step: Step | None = None
        if self.samples < dataset.samples:
            experiment = over_all_samples(trainer.experiment)
            x, y = dataset.x_train[chosen], dataset.y_train[chosen]
            self._step = compile_step(experiment, layout, x, y)

    def look(self, spreads: Sequence[Curve]) -> Health:
        """Return the health of the trainer's present state, and leave it there.

        `spreads` are the curves of the spread of the hidden layers.
        """
        trainer = self._trainer
        with np.errstate(all="ignore"):  # infinite numbers are results
            ratios = update_ratios(trainer.layout, trainer.theta, self._after_update())
            step = self._gradient()
            layers = _health(trainer, step, self._inputs)
            similarity = tuple(
                layer_similarity(arrays.weights, arrays.a, spread)
                for arrays, spread in zip(step.layers, spreads, strict=False)
            )
        found = alarms(layers, ratios, pixels=trainer.dataset.image_shape is not None)
        return Health(
            trainer.step_number, self.samples, trainer.dataset.samples, layers, ratios, similarity, found
        )

    def _gradient(self) -> Step:
        if self._step is None:
            return self._trainer.gradient_over_all_samples()
        self._step.run(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, theta=self._trainer.theta)
        return self._step

    def _after_update(self) -> Floats:
        """Return the parameters after the next update: it is done, with its batch and optimizer, and taken back."""
        trainer = self._trainer
        trainer.compute_gradient()
        state = np.empty_like(trainer.initial_state)
        trainer.save(state)
        trainer.step.run(Phase.UPDATE)
        after = trainer.theta.copy()
        trainer.restore(state, trainer.step_number)
        return after


def layer_health(trainer: Trainer) -> tuple[LayerHealth, ...]:
    """Return the health of every layer of the trainer's present state, over all training samples."""
    return _health(trainer, trainer.gradient_over_all_samples(), _input_range(trainer))


def update_ratios(layout: Layout, before: Floats, after: Floats) -> tuple[float | None, ...]:
    """Return ‖ΔW‖/‖W‖ of every layer between two states' parameters (parameters,); None where W was 0."""
    sizes = [norm(block.weights(before)) for block in layout.blocks]
    change = after - before
    return tuple(
        norm(block.weights(change)) / size if size else None
        for block, size in zip(layout.blocks, sizes, strict=True)
    )


def alarms(
    layers: Sequence[LayerHealth], updates: Sequence[float | None], *, pixels: bool
) -> tuple[Alarm, ...]:
    """Return what is unusual, the most important first; `pixels` says that the inputs are those of an image.

    Where numbers are no longer finite, nothing else is said; where a gradient is 0 or vanishes, its update is not
    called small as well.
    """
    found: dict[AlarmKind, dict[int, float]] = {kind: {} for kind in AlarmKind}
    for number, layer in enumerate(layers, start=1):
        if not layer.is_finite:
            found[AlarmKind.NOT_FINITE][number] = 0.0
    if not found[AlarmKind.NOT_FINITE]:
        _look_at_inputs(found, layers[0], pixels=pixels)
        _look_at_gradients(found, [layer.gradient_per_weight for layer in layers])
        _look_at_neurons(found, layers[:-1])
        _look_at_updates(found, updates)
    return tuple(
        Alarm(kind, tuple(figures), tuple(figures.values())) for kind, figures in found.items() if figures
    )


_Found = dict[AlarmKind, dict[int, float]]


def _look_at_inputs(found: _Found, first: LayerHealth, *, pixels: bool) -> None:
    largest = max(map(abs, first.inputs))
    if largest > LARGE_INPUT:
        found[AlarmKind.RAW_PIXELS if pixels else AlarmKind.LARGE_INPUTS][1] = largest


def _look_at_gradients(found: _Found, sizes: Sequence[float]) -> None:
    """Compare each layer's gradient with those of later layers, from which it came."""
    for number, size in enumerate(sizes, start=1):
        later, last = max(sizes[number:], default=0.0), sizes[-1]
        if size == 0:
            found[AlarmKind.ZERO_GRADIENT][number] = 0.0
        elif size < VANISHING * later:
            found[AlarmKind.VANISHING][number] = size / later
        elif last > 0 and size > EXPLODING * last:
            found[AlarmKind.EXPLODING][number] = size / last


def _look_at_neurons(found: _Found, hidden: Iterable[LayerHealth]) -> None:
    for number, layer in enumerate(hidden, start=1):
        if layer.saturated is not None and layer.saturated >= MANY_SATURATED:
            found[AlarmKind.SATURATED][number] = layer.saturated
        if layer.dead is not None and layer.dead >= MANY_DEAD:
            found[AlarmKind.DEAD][number] = float(round(layer.dead * layer.units))


def _look_at_updates(found: _Found, updates: Sequence[float | None]) -> None:
    for number, ratio in enumerate(updates, start=1):
        if ratio is None:
            continue
        said = number in found[AlarmKind.ZERO_GRADIENT] or number in found[AlarmKind.VANISHING]
        if ratio > LARGE_UPDATE:
            found[AlarmKind.LARGE_UPDATE][number] = ratio
        elif ratio < SMALL_UPDATE and not said:
            found[AlarmKind.SMALL_UPDATE][number] = ratio


def _health(trainer: Trainer, step: Step, inputs: tuple[float, float]) -> tuple[LayerHealth, ...]:
    """Read the health of every layer from a step whose gradient is computed; `inputs` is the range of the data."""
    found: list[LayerHealth] = []
    for layer, arrays, block in zip(
        trainer.experiment.network.layers, step.layers, trainer.layout.blocks, strict=True
    ):
        z, a, activation = arrays.z, arrays.a, layer.activation
        dead, unstarted = _silent(z, arrays.parameters) if activation.is_rectifier else (None, None)
        size = norm(arrays.weight_gradient)
        found.append(
            LayerHealth(
                units=block.fan_out,
                gradient_norm=size,
                gradient_per_weight=size / (block.fan_in * block.fan_out) ** 0.5,
                saturated=_saturated(a, activation),
                dead=dead,
                unstarted=unstarted,
                z_mean=float(z.mean(dtype=np.float64)),
                z_deviation=float(z.std(dtype=np.float64))
                if np.ptp(z)
                else 0.0,  # of equal z rounding is left
                inputs=inputs,
            )
        )
        inputs = _range(a)
    return tuple(found)


def _silent(z: Floats, incoming: Floats) -> tuple[float, float]:
    """Return the share of ReLU neurons that are dead, and of those whose weights and bias are all 0."""
    started = (incoming != 0).any(axis=0)
    return float(((z <= 0).all(axis=0) & started).mean()), float(1.0 - started.mean())


def _input_range(trainer: Trainer) -> tuple[float, float]:
    return _range(trainer.dataset.x_train)


def _range(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _saturated(a: Floats, activation: Activation) -> float | None:
    if not activation.saturates:
        return None
    return float((activation.slope_of_output(a) < SATURATED_BELOW).mean())
