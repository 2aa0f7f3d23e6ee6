"""What is measured of every layer of a step whose gradient is computed, and of its outputs beside the targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.compile.step import LayerArrays, Step
from engine.core.arrays import Bools, Floats
from engine.core.norms import deviation, norm, root_mean_square
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment, Layer
from engine.health.slopes import FLAT_SLOPE, Slopes, turns_off
from engine.kinds.shares import sum_to_one
from engine.model.activations import Activation
from engine.report.condition import InputHealth, LayerHealth, OutputHealth

WRONG_SIDE = 0.5
"""An output is on a wrong side where it is further from its target than this share of what it can give."""

NEAR_SHARE = 0.01
"""A target is another than an output if they differ by more than this share of the variation of the targets."""


class Measures:
    """Reads a step on some samples, again and again; the step belongs to `experiment` and has targets (samples, outputs).

    `dataset` has all training samples: the ends of their inputs are those of the first layer, and all their targets are
    compared with what the output can give. `inputs` says what those of the step are like.
    """

    def __init__(self, experiment: Experiment, step: Step, dataset: Dataset, targets: Floats) -> None:
        self._experiment, self._step, self._targets = experiment, step, targets
        self._layers = experiment.network.layers
        self._ends_of_inputs = _ends(dataset.x_train)
        x = step.inputs
        self.inputs = InputHealth(root_mean_square(x), _variation(x), dataset.image_shape is not None)
        self._slopes = [
            None if layer.activation.mixes_units else Slopes(layer.activation, arrays.u)
            for layer, arrays in zip(self._layers, step.layers, strict=True)
        ]
        loss = experiment.loss
        activation = self._layers[-1].activation
        chance = loss.baseline(targets, activation)
        self._chance = chance if chance > 0 else None
        self._undecided = 0.0
        if loss.classifies:
            even = 1.0 / targets.shape[1] if loss.needs_distributions else 0.5
            self._undecided = loss.baseline(np.full((1, targets.shape[1]), even), activation)
        self._mismatch = loss.mismatch(activation, dataset.y_train)
        self._target_variation = _variation(targets)
        self._possible = activation.nearest(targets)
        self._ends_of_targets = _ends(dataset.y_train)
        self._unreachable = float((~activation.can_give(dataset.y_train)).mean())
        self._sums = _other_sums(dataset.y_train) if activation.mixes_units else None
        self._at_zero = output_at_zero(experiment.network.layers)
        self._wrong_at_zero = 0.0
        if self._at_zero is not None:
            zeros = ~dataset.x_train.any(axis=1)
            far = np.abs(dataset.y_train - self._at_zero).max(axis=1) > NEAR_SHARE * self._target_variation
            self._wrong_at_zero = float((zeros & far).mean())

    def layers(self) -> tuple[LayerHealth, ...]:
        """Return the health of every layer."""
        return tuple(self._read_layers())

    def _read_layers(self) -> Iterator[LayerHealth]:
        inputs = self._ends_of_inputs
        for layer, arrays, flat in zip(self._layers, self._step.layers, self._flat(), strict=True):
            z, a = arrays.u, arrays.a  # what the activation gets says how it is
            size = norm(arrays.weight_gradient)
            pull, push = self._pull_and_push(arrays)
            dead, unstarted = _off(layer, arrays, flat)
            yield LayerHealth(
                units=a.shape[1],
                gradient_norm=size,
                gradient_per_weight=size / arrays.weights.size**0.5,
                pull=pull,
                push=push,
                delta=root_mean_square(arrays.delta),
                saturated=_saturated(layer, flat),
                dead=dead,
                unstarted=unstarted,
                z_mean=float(z.mean(dtype=np.float64)),
                z_deviation=float(deviation(z)) if np.ptp(z) else 0.0,  # of equal z rounding is left
                size=root_mean_square(a),
                variation=_variation(a),
                inputs=inputs,
                one_sign=_one_sign(arrays.weights),
                weight_count=arrays.weights.size,
                is_frozen=layer.rate == 0,
            )
            inputs = _ends(a)

    def off_neurons(self) -> tuple[tuple[int, ...], ...]:
        """Return the neurons of every layer, from 0, that are off for every sample, their weights and bias not all 0."""
        layers = zip(self._layers, self._step.layers, self._flat(), strict=True)
        return tuple(
            ()
            if flat is None or layer.residual or not turns_off(layer.activation)
            else tuple(np.flatnonzero(flat.all(axis=0) & _has_started(arrays)).tolist())
            for layer, arrays, flat in layers
        )

    def _pull_and_push(self, arrays: LayerArrays) -> tuple[float, float]:
        """Return the root mean squares of weight decay and of the gradient of the loss alone, over W of a layer."""
        decay, lasso = self._experiment.weight_decay, self._experiment.l1
        if not decay and not lasso:
            return 0.0, root_mean_square(arrays.weight_gradient)
        pull = decay * arrays.weights + lasso * np.sign(arrays.weights)
        added = lasso * np.sign(arrays.weights) if self._step.decays_apart else pull
        return root_mean_square(pull), root_mean_square(arrays.weight_gradient - added)

    def _flat(self) -> list[Bools | None]:
        """Return for each layer which outputs (samples, units) are flat; None for one that mixes its units."""
        return [
            None if slopes is None else np.abs(slopes.of(arrays.u)) < FLAT_SLOPE
            for slopes, arrays in zip(self._slopes, self._step.layers, strict=True)
        ]

    def output(self) -> OutputHealth:
        """Return what the network gives, beside its targets."""
        activation, y = self._layers[-1].activation, self._targets
        a = self._step.outputs
        low, high = activation.outputs
        return OutputHealth(
            loss=float(self._step.loss),
            chance=self._chance,
            classifies=self._experiment.loss.classifies,
            undecided=self._undecided,
            mismatch=self._mismatch,
            error=root_mean_square(a - y),
            size=root_mean_square(a),
            variation=_variation(a),
            target_variation=self._target_variation,
            targets=self._ends_of_targets,
            possible=(low, high),
            unreachable=self._unreachable,
            sums=self._sums,
            stuck=self._stuck(activation, a),
            is_fixed=activation.mixes_units and a.shape[1] == 1,
            at_zero=self._at_zero,
            wrong_at_zero=self._wrong_at_zero,
        )

    def _stuck(self, activation: Activation, a: Floats) -> float:
        """Return the share of samples with an output that is flat although it is far from what it should be."""
        low, high = activation.outputs
        width = high - low if np.isfinite(high - low) else 2 * self._target_variation
        far = np.abs(a - self._possible) > WRONG_SIDE * width
        slopes = self._slopes[-1]
        if slopes is None:
            flat = (a - low < FLAT_SLOPE * width) | (high - a < FLAT_SLOPE * width)
        else:
            flat = np.abs(slopes.of(self._step.layers[-1].z)) < FLAT_SLOPE
        return float((flat & far).any(axis=1).mean())


def output_at_zero(layers: Sequence[Layer]) -> float | None:
    """Return what a network gives for inputs that are all 0 if that is the same whatever its weights are, else None.

    Without a bias 0 stays 0 through every hidden activation with f(0) = 0. Units that share 1 have equal shares there.
    """
    if any(layer.biases is not None or layer.normalize for layer in layers):
        return None
    *hidden, output = [
        1.0 / layer.units if layer.activation.mixes_units else layer.activation.value_at_zero
        for layer in layers
    ]
    return None if any(hidden) else output


def _saturated(layer: Layer, flat: Bools | None) -> float | None:
    """Return the share of outputs that are flat; None where that blocks no gradient, or means something else."""
    blocks = layer.activation.saturates and not layer.residual
    return float(flat.mean()) if flat is not None and blocks else None


def _off(layer: Layer, arrays: LayerArrays, flat: Bools | None) -> tuple[float | None, float | None]:
    """Return the share of units that are off for every sample, and of those whose weights and bias are all 0.

    None for activations that cannot be off and residual layers, which pass on what they get all the same; the second one
    for activations that are not flat at 0.
    """
    if flat is None or layer.residual or not turns_off(layer.activation):
        return None, None
    started = _has_started(arrays)
    dead = float((flat.all(axis=0) & started).mean())
    return dead, float(1.0 - started.mean()) if layer.activation.is_rectifier else None


def _has_started(arrays: LayerArrays) -> Bools:
    """Return which units have weights, or a bias, other than 0, or get something from their normalization."""
    started = (arrays.parameters != 0).any(axis=0)
    return started if arrays.normalized is None else started | (arrays.u != 0).any(axis=0)


def _variation(values: Floats) -> float:
    """Return the root mean square over units of their standard deviation over the samples (samples, units)."""
    return root_mean_square(deviation(values, axis=0)) if np.ptp(values, axis=0).any() else 0.0


def _one_sign(weights: Floats) -> float:
    positive, negative = float((weights > 0).mean()), float((weights < 0).mean())
    return positive if positive >= negative else -negative


def _other_sums(y: Floats) -> tuple[float, float] | None:
    """Return (lowest, highest) sum of the targets of a sample (samples, outputs), None where all sum to 1."""
    return None if sum_to_one(y).all() else _ends(y.sum(axis=1))


def _ends(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())
