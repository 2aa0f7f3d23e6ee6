"""What is said of equal and nearly equal neurons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.core.arrays import Floats
from engine.model.layout import LayerForm, Layout, layout_of_layers


@dataclass(frozen=True)
class LayerSymmetry:
    """What is equal in one layer of weights.

    `labels` gives each neuron the number of its group, counted from 0 in the order of the neurons. `columns` counts
    distinct (incoming column, bias) pairs, with scale and shift where the layer is normalized. For the output layer,
    which has no outgoing rows, groups are these pairs.
    """

    units: int
    columns: int
    labels: tuple[int, ...]
    spread: float

    @property
    def groups(self) -> int:
        """Return the number of groups."""
        return max(self.labels) + 1


@dataclass(frozen=True)
class LayerLikeness:
    """As how many neurons those of one layer act; None where a number makes no sense.

    `acts_like` is the participation ratio of the correlations of their outputs over the samples, without those that never
    vary. `directions` is that of the cosines of the columns of W, `random_directions` about that of random directions.
    """

    units: int
    acts_like: float | None
    directions: float | None
    random_directions: float


VISIBLE_SPREAD = 0.5
"""Columns count as parted once their spread is above this: in a heatmap of weights around 1 nobody overlooks it."""


@dataclass(frozen=True)
class LayerSimilarity:
    """How alike the neurons of one layer are; None where a number makes no sense.

    `mean_abs_cosine` is that of the columns of W, `random_cosine` that of random directions with as many numbers.
    `correlation` is the mean |correlation| of the outputs of two neurons over the samples; `constant` neurons never
    vary there and are left out. `effective_rank` is at most `largest_rank`. All this is computed on `neurons` of the
    `units` of the layer. `spread` is that of all its columns now, and `parted_at` the first recorded step with a spread
    above `VISIBLE_SPREAD`.
    """

    units: int
    neurons: int
    mean_abs_cosine: float | None
    random_cosine: float
    correlation: float | None
    constant: int
    effective_rank: float | None
    largest_rank: int
    spread: float
    parted_at: int | None


class PredictionReason(Enum):
    """Why the columns of a layer stay equal or different in training, or part."""

    ONE = "one"
    """The layer has one neuron."""
    DIFFERENT = "different"
    """All columns differ at the start, and they move: nothing makes two of them stay equal."""
    DIFFERENT_AT_START = "different-at-start"
    """All columns differ at the start; STILL or DECAYS follows."""
    STILL = "still"
    """All gradients are exactly 0 at every step, and the optimizer remembers no movement."""
    DECAYS = "decays"
    """All gradients of the loss are exactly 0 at every step; only weight decay moves the weights."""
    SOME_STILL = "some-still"
    """The gradients of some equal columns are exactly 0 at every step."""
    EQUAL = "equal"
    """Neurons with equal columns, biases and outgoing rows move alike; the optimizer remembers nothing."""
    EQUAL_MEMORY = "equal-memory"
    """Neurons with equal columns, biases and outgoing rows, and equal memory of the optimizer, move alike."""
    ROWS = "rows"
    """Outgoing rows of equal columns differ."""
    RESIDUAL = "residual"
    """What residual connections join equal columns with, in other layers, differs."""
    EQUAL_IN_CHAIN = "equal-in-chain"
    """Neurons that are equal in all layers that residual connections join, memory included, move alike."""
    MEMORY = "memory"
    """What the optimizer remembers of equal columns, or of their outgoing rows, differs."""
    DROPOUT = "dropout"
    """Dropout in this layer leaves out different neurons."""
    ROUNDING = "rounding"
    """Plain matrix products round equal neurons differently."""
    EQUAL_TARGETS = "equal-targets"
    """Outputs with equal columns, biases and targets move alike; the optimizer remembers nothing."""
    EQUAL_TARGETS_AND_MEMORY = "equal-targets-and-memory"
    """Outputs with equal columns, biases and targets, and equal memory of the optimizer, move alike."""
    TARGETS = "targets"
    """Targets of outputs with equal columns differ: parting is what they are for."""


@dataclass(frozen=True)
class LayerPrediction:
    """What becomes of the distinct columns (each with its bias) of layer number `layer`, and why.

    It is made at step `step` and holds while nobody edits the run and its numbers are finite: `columns` is the number of
    distinct columns at every later step if `is_exact`, else the largest that there can be. `earliest_step` is the first
    step after which columns can have parted by their rows; None without that reason.
    """

    layer: int
    step: int
    columns_at_start: int
    columns: int
    is_exact: bool
    reasons: tuple[PredictionReason, ...]
    earliest_step: int | None


@dataclass(frozen=True)
class Quotient:
    """The small network: W (fan_in, fan_out) and b (fan_out,), or None, of each layer.

    `norms` are what normalized layers have besides, as rows (2 or 4, fan_out): scales, shifts, and running means and
    variances if there are any; None for the others. `residuals` says of each layer whether it adds its inputs to its
    outputs. `layers` are its widths, the inputs first. `max_output_difference` is the largest absolute difference between
    its outputs and those of the large network, over all training samples and outputs.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats | None, ...]
    norms: tuple[Floats | None, ...]
    residuals: tuple[bool, ...]
    max_output_difference: float

    @property
    def layers(self) -> list[int]:
        """Return the widths, inputs and outputs included: [2, 1, 1, 1]."""
        return [len(self.weights[0]), *(weights.shape[1] for weights in self.weights)]

    def parameters(self) -> tuple[Layout, Floats]:
        """Return the layout of the small network and its parameters as one flat vector (parameters,)."""
        layout = layout_of_layers(
            self.layers[0],
            (
                LayerForm(
                    units=len(matrix.T),
                    has_bias=bias is not None,
                    is_normalized=norm is not None,
                    keep_averages=norm is not None and len(norm) > 2,
                    is_residual=is_residual,
                )
                for matrix, bias, norm, is_residual in zip(
                    self.weights, self.biases, self.norms, self.residuals, strict=True
                )
            ),
        )
        theta = np.zeros(layout.size, self.weights[0].dtype)
        for block, matrix, bias in zip(layout.blocks, self.weights, self.biases, strict=True):
            block.weights(theta)[...] = matrix
            if bias is not None:
                block.of(theta)[-1] = bias
        for place, values in zip(layout.norms, self.norms, strict=True):
            if place is not None and values is not None:
                place.learnt(theta)[...] = values[:2]
                if (running := place.running(theta)) is not None:
                    running[...] = values[2:]
        return layout, theta
