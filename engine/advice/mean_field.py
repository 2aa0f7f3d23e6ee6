"""What becomes of signals and gradients in wide layers with independent weights: mean-field theory.

A layer with weights of variance σw²/fan_in and biases of variance σb² makes from z of mean square q

    V(q) = σw²·E[f(√q·u)²] + σb²,   u ~ N(0, 1)

and a gradient that passes it backwards is multiplied by χ = σw²·E[f'(√q·u)²], in the mean square. Between layers of equal
width the start is critical where χ = 1 (Poole et al. 2016; Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017).
"""

from __future__ import annotations

from math import exp, inf, log, pi, sqrt

import numpy as np

from engine.health.slopes import Slopes
from engine.model.activations import Activation

FAR = 12.0
"""Beyond so many deviations nothing is left of a normal density."""

NODES = 120
"""The points of Gauss's rule on each side of 0, where f may have a kink."""

SMALLEST, LARGEST = 1e-12, 1e12
"""Between these a mean square of z is looked for."""

HALVINGS = 60

NARROWEST, WIDEST = 0.05, 50.0
"""Between these a critical σw is looked for."""

EXACT = 1e-9
"""χ is 1 if it differs by less."""


class MeanField:
    """An activation between wide layers."""

    def __init__(self, activation: Activation) -> None:
        """Take an activation that mixes no units."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        positive = (nodes + 1.0) * (FAR / 2.0)
        density = weights * (FAR / 2.0) * np.exp(-(positive**2) / 2.0) / sqrt(2.0 * pi)
        self._points = np.concatenate([-positive, positive])[:, np.newaxis]
        self._weights = np.concatenate([density, density])
        self._slopes = Slopes(activation, self._points)

    def sizes(self, q: float) -> tuple[float, float]:
        """Return E[f(√q·u)²] and E[f'(√q·u)²]."""
        slopes = self._slopes.of(sqrt(q) * self._points)[:, 0]
        values = self._slopes.values[:, 0]
        with np.errstate(all="ignore"):  # an exponential may be infinite
            return float(self._weights @ values**2), float(self._weights @ slopes**2)

    def next_size(self, q: float, weights: float, biases: float) -> float:
        """Return V(q), where `weights` is σw² and `biases` is σb²."""
        return weights * self.sizes(q)[0] + biases

    def settled(self, weights: float, biases: float, start: float = 1.0) -> float:
        """Return the mean square of z that many layers end at from `start`; the ends of the range stand for 0 and ∞."""
        q, grows = start, self.next_size(start, weights, biases) > start * (1.0 + EXACT)
        if not grows and self.next_size(start, weights, biases) >= start * (1.0 - EXACT):
            return start
        factor = 4.0 if grows else 0.25
        while (self.next_size(q * factor, weights, biases) > q * factor) == grows:
            q *= factor
            if not SMALLEST < q < LARGEST:
                return q
        return self._between(min(q, q * factor), max(q, q * factor), weights, biases)

    def _between(self, low: float, high: float, weights: float, biases: float) -> float:
        """Return where V(q) = q, which is above q at `low` and below it at `high`."""
        for _ in range(HALVINGS):
            middle = sqrt(low * high)
            if self.next_size(middle, weights, biases) > middle:
                low = middle
            else:
                high = middle
        return sqrt(low * high)

    def chi(self, weights: float, biases: float) -> float:
        """Return χ after many layers."""
        return weights * self.sizes(self.settled(weights, biases))[1]

    def critical(self, biases: float) -> float | None:
        """Return the σw with which χ = 1, None where no one does it; `biases` is σb²."""
        low, high = log(NARROWEST), log(WIDEST)
        if self.chi(exp(2 * low), biases) > 1.0 or self.chi(exp(2 * high), biases) < 1.0:
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            if self.chi(exp(2 * middle), biases) < 1.0:
                low = middle
            else:
                high = middle
        return exp((low + high) / 2.0)


def depth_scale(chi: float) -> float:
    """Return over how many layers a gradient grows or shrinks by the factor e; infinite where χ is 1."""
    if chi <= 0.0:
        return 0.0
    return inf if abs(chi - 1.0) < EXACT else 1.0 / abs(log(chi))
