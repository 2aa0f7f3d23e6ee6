"""Where a run starts: the initial parameters of an experiment, with what the data contribute to them."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from engine.compile.compiler import compile_step, over_all_samples
from engine.compile.step import Step
from engine.core.arrays import Floats
from engine.core.cancellation import checkpoint
from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.randomness import Purpose, Rng, Source, stream
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment, Layer
from engine.model.initializers import Array, Initializer
from engine.model.layout import Block, Layout
from engine.tape.instructions import Phase

LSUV_SAMPLES = 512
"""The most training samples on which an LSUV layer is scaled."""
LSUV_TOLERANCE = 0.01
"""How far from 1 the variance of z may stay."""
LSUV_ROUNDS = 10
"""The most times that the weights of a layer are scaled."""
ROUNDING_SHARE = 1e-6
"""A deviation of z that is smaller than this share of the largest z is taken for rounding, also in float32."""


def has_given_start(layer: Layer) -> bool:
    """Return whether a layer starts from values for its present shape only, which are written down or in a file."""
    return layer.weights.is_given or (layer.biases is not None and layer.biases.is_given)


def starting_parameters(experiment: Experiment, layout: Layout, dataset: Dataset) -> Floats:
    """Return the flat vector (parameters,) that training on `dataset` starts from, in the dtype of the run.

    Raise ExperimentError where the weights of a layer are not finite in this dtype.
    """
    theta = initial_parameters(experiment, layout)
    if any(layer.weights.needs_data for layer in experiment.network.layers):
        _give_unit_variance(experiment, layout, dataset, theta)
    return theta


def _give_unit_variance(experiment: Experiment, layout: Layout, dataset: Dataset, theta: Floats) -> None:
    """Scale W of each LSUV layer, the first one first, until its z has variance 1 on a batch of training samples.

    This is layer-sequential unit variance (Mishkin and Matas 2016); `theta` (parameters,) is changed in place.
    """
    inputs, targets = dataset.x_train[:LSUV_SAMPLES], dataset.y_train[:LSUV_SAMPLES]
    step = compile_step(over_all_samples(experiment), layout, inputs, targets)
    for number, (layer, block) in enumerate(
        zip(experiment.network.layers, layout.blocks, strict=True), start=1
    ):
        if layer.weights.needs_data:
            _scale_layer(step, number, block, theta)
            if not np.isfinite(block.weights(theta)).all():
                path = f"network.layers.{number - 1}.weights"
                raise ExperimentError(path, Problem.INITIAL_NOT_FINITE, dtype=experiment.dtype)


def _scale_layer(step: Step, number: int, block: Block, theta: Floats) -> None:
    """Scale W of layer `number` in `theta` (parameters,) until its z has variance 1.

    Stop where scaling brings the variance no nearer to 1: where the inputs of the layer are 0, its z are its biases.
    """
    weights = block.weights(theta)
    before, error = weights.copy(), np.inf
    for _ in range(LSUV_ROUNDS):
        step.run(Phase.FORWARD, theta=theta)
        z = step.layers[number - 1].z
        with np.errstate(all="ignore"):
            variance, rounding = float(z.var()), ROUNDING_SHARE * float(np.abs(z).max())
        if not np.isfinite(variance) or sqrt(variance) <= rounding:
            return
        if abs(variance - 1) >= error:
            weights[...] = before
            return
        error = abs(variance - 1)
        if error < LSUV_TOLERANCE:
            return
        before[...] = weights
        weights /= sqrt(variance)


def initial_parameters(experiment: Experiment, layout: Layout) -> Floats:
    """Return the flat vector (parameters,) that the initializers of `experiment` draw, in its dtype.

    Raise ExperimentError where an initializer gives numbers that this dtype cannot hold.
    """
    flat = np.zeros(layout.size)
    legacy = np.random.RandomState(experiment.seed) if experiment.stream == "mt19937" else None
    transposed = experiment.draw == "fan_out_first"

    def rng(purpose: Purpose, layer: int) -> Rng:
        return legacy or stream(experiment.seed, purpose, layer)

    with np.errstate(all="ignore"):  # numbers too large become infinite, and are found out
        for number, (layer, block) in enumerate(
            zip(experiment.network.layers, layout.blocks, strict=True), start=1
        ):
            checkpoint()
            shape = (block.fan_in, block.fan_out)
            weights = Source(rng(Purpose.WEIGHTS, number), shape, transposed)
            path = f"network.layers.{number - 1}"
            block.weights(flat)[...] = _sampled(
                layer.weights, shape, weights, f"{path}.weights", experiment.float_type
            )
            biases = block.biases(flat)
            if layer.biases is not None and biases is not None:
                source = Source(rng(Purpose.BIASES, number), (block.fan_out,))
                biases[...] = _sampled(layer.biases, shape, source, f"{path}.biases", experiment.float_type)
        _begin_norms(layout, flat)
        return flat.astype(experiment.float_type)


def _begin_norms(layout: Layout, flat: Floats) -> None:
    """Let scales and running variances start from 1; shifts and running means start from the 0 that is there."""
    for norm in layout.norms:
        if norm is not None:
            norm.learnt(flat)[0] = 1.0
            running = norm.running(flat)
            if running is not None:
                running[1] = 1.0


def _sampled(
    initializer: Initializer, shape: tuple[int, int], source: Source, path: str, dtype: np.dtype[Any]
) -> Array:
    values = initializer.sample(*shape, source)
    if not np.isfinite(values.astype(dtype)).all():
        raise ExperimentError(path, Problem.INITIAL_NOT_FINITE, dtype=dtype.name)
    return values
