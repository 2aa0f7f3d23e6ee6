"""Nearly equal: how alike the neurons of a layer are when no two of them are equal bit for bit.

Three meters, each beside what it has to be compared with. Columns: their mean |cos|, beside the one of random columns.
Outputs: how neurons correlate over the data, which also finds w and -w under tanh, and multiples under ReLU. The whole
matrix: its effective rank, beside the largest possible one.
"""

from __future__ import annotations

from math import exp, lgamma, log, pi
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.report.curve import Curve
from engine.report.equality import VISIBLE_SPREAD, LayerLikeness, LayerSimilarity
from engine.symmetry.groups import mean_abs_cosine
from engine.symmetry.groups import spread as columns_spread

Places: TypeAlias = npt.NDArray[np.intp]

MOST_WORK = 2**23
"""Multiplications for the cosines of one layer: about a millisecond. Of wider layers some neurons are left out."""

ROUNDING_EPSILONS = 1000
"""A neuron varies if its outputs differ by more than this many roundings of the largest; less is noise of arithmetic."""


def layer_likeness(weights: Floats, outputs: Floats) -> LayerLikeness:
    """Return as how many neurons those of a layer act: `weights` (fan_in, units), `outputs` (samples, units)."""
    fan_in, units = weights.shape
    chosen = _compared(weights, outputs)
    return LayerLikeness(
        units=units,
        acts_like=acts_like(outputs[:, chosen]),
        directions=number_of_directions(weights[:, chosen]),
        random_directions=random_directions(fan_in, len(chosen)),
    )


def layer_similarity(weights: Floats, outputs: Floats, spread: Curve) -> LayerSimilarity:
    """Return how alike the neurons of a layer are.

    `weights` (fan_in, units), `outputs` (samples, units), `spread` is the curve of the layer's spread.
    """
    fan_in, units = weights.shape
    widest = float(columns_spread(weights))
    chosen = _compared(weights, outputs)
    weights, outputs = weights[:, chosen], outputs[:, chosen]
    correlation, constant = mean_abs_correlation(outputs)
    return LayerSimilarity(
        units=units,
        neurons=len(chosen),
        mean_abs_cosine=mean_abs_cosine(weights),
        random_cosine=random_cosine(fan_in),
        correlation=correlation,
        constant=constant,
        effective_rank=effective_rank(weights),
        largest_rank=min(fan_in, len(chosen)),
        spread=widest,
        parted_at=first_above(spread, VISIBLE_SPREAD),
    )


def _compared(weights: Floats, outputs: Floats) -> Places:
    """Return the places of the neurons that are compared: all of them, or some of a wide layer."""
    return evenly(weights.shape[1], max(2, int((MOST_WORK / max(len(weights), len(outputs))) ** 0.5)))


def evenly(count: int, most: int) -> Places:
    """Return all places 0 … count - 1 or, where that is more, `most` of them at equal distances, the first among them."""
    return np.arange(min(count, most)) * count // min(count, most)


def random_cosine(size: int) -> float:
    """Return E|cos| of two independent random directions with `size` numbers: Γ(n/2) / (√π·Γ((n + 1)/2)).

    cos has the density (1 - c²)^((n - 3)/2) on [-1, 1], up to its constant (Cai, Fan and Jiang 2013, Distributions of
    angles in random packing on spheres). It is 2/π for n = 2, 1/2 for n = 3, and about √(2/(π·n)) for many.
    """
    return exp(lgamma(size / 2) - lgamma((size + 1) / 2) - log(pi) / 2)


def mean_abs_correlation(outputs: Floats) -> tuple[float | None, int]:
    """Return the mean |Pearson correlation| of all pairs of neurons in `outputs` (samples, units), and how many neurons
    never vary, which are left out.

    None with fewer than two neurons that vary, or where an output is not finite.
    """
    centred, constant = _centred(outputs)
    # a correlation is the cosine of what is left of the outputs without their means
    return None if centred is None else mean_abs_cosine(centred), constant


def _centred(outputs: Floats) -> tuple[Floats | None, int]:
    """Return the outputs (samples, neurons) that vary, without their means, and how many neurons never vary."""
    if not np.isfinite(outputs).all():
        return None, 0
    noise = ROUNDING_EPSILONS * np.finfo(outputs.dtype).eps
    varies = np.ptp(outputs, axis=0) > noise * np.abs(outputs).max(axis=0)
    centred = outputs[:, varies].astype(np.float64)
    centred /= np.abs(centred).max(axis=0)  # squares of tiny outputs must not vanish
    centred -= centred.mean(axis=0)
    return centred, outputs.shape[1] - centred.shape[1]


def acts_like(outputs: Floats) -> float | None:
    """Return as how many neurons those with `outputs` (samples, units) act that vary: u²/Σr², over all pairs of them.

    r are the correlations of the outputs, of a neuron with itself 1. This is the participation ratio (Σλ)²/Σλ² of the
    eigenvalues λ of the correlation matrix (Bell and Dean 1970; of neurons Gao and others 2017): 1 where all outputs are
    multiples of one, up to a constant, and u where none follows another. None with fewer than two that vary.
    """
    centred, _ = _centred(outputs)
    return None if centred is None else number_of_directions(centred)


def number_of_directions(columns: Floats) -> float | None:
    """Return in how many directions columns (numbers, units) point: the participation ratio u²/Σcos² of their cosines.

    Columns of zeros have no direction and are left out. None with fewer than two others, or where one is not finite.
    """
    sizes = np.abs(columns).max(axis=0)
    if not np.isfinite(sizes).all():
        return None
    scaled = (
        columns[:, sizes > 0].astype(np.float64) / sizes[sizes > 0]
    )  # squares must neither vanish nor overflow
    count = scaled.shape[1]
    if count < 2:
        return None
    unit = scaled / np.linalg.norm(scaled, axis=0)
    return count**2 / float(np.square(unit.T @ unit).sum())


def random_directions(size: int, units: int) -> float:
    """Return approximately in how many directions `units` random columns of `size` numbers point: E cos² is 1/size."""
    return units / (1.0 + (units - 1) / size)


def effective_rank(weights: Floats) -> float | None:
    """Return the exponential of the entropy of W's normalised singular values (Roy and Vetterli 2007).

    1 for columns that are all multiples of one, n for n orthogonal ones of equal length, 0 for a matrix of zeros; None
    where a weight is not finite. `weights` is (fan_in, units).
    """
    if not np.isfinite(weights).all():
        return None
    largest = float(np.abs(weights).max())
    if largest == 0:
        return 0.0
    singular = _singular_values(weights.astype(np.float64) / largest)
    shares = singular[singular > 0] / singular.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def first_above(curve: Curve, threshold: float) -> int | None:
    """Return the first step of a curve with a value above a threshold, None if there is none so far.

    The curve knows every `curve.every`-th step only: the true first step may lie up to that many steps before.
    """
    above = np.flatnonzero(curve.high > threshold)
    return int(above[0]) * curve.every if above.size else None


def _singular_values(weights: Floats) -> Floats:
    """Return the singular values of W as the roots of the eigenvalues of its smaller Gram matrix.

    Four times faster than `svd` at 784 x 100. Values below 1e-8 of the largest are lost in rounding, which moves an
    effective rank by less than a millionth of the number of neurons.
    """
    smaller = weights.T if weights.shape[0] > weights.shape[1] else weights
    return np.sqrt(np.maximum(np.linalg.eigvalsh(smaller @ smaller.T), 0.0))
