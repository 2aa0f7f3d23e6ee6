"""How healthy the layers of a network are: the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.report.equality import LayerSimilarity


@dataclass(frozen=True)
class LayerHealth:
    """One layer at one state, over the samples looked at; None where a number makes no sense.

    `saturated`: share of (sample, neuron) pairs with |f'(z)| < 1e-3, for sigmoid and tanh. `dead`: share of ReLU
    neurons whose z is at most 0 for every sample although their weights and bias are not all 0. `unstarted`: share of
    ReLU neurons whose weights and bias are all 0, so that z is exactly 0 for every sample. `gradient_norm` and
    `gradient_per_weight` (root mean square) are those of W's gradient with weight decay. `inputs` is (lowest, highest).
    """

    units: int
    gradient_norm: float
    gradient_per_weight: float
    saturated: float | None
    dead: float | None
    unstarted: float | None
    z_mean: float
    z_deviation: float
    inputs: tuple[float, float]

    @property
    def is_finite(self) -> bool:
        """Return whether all that was looked at is finite."""
        return bool(np.isfinite([self.gradient_per_weight, self.z_deviation, *self.inputs]).all())


class AlarmKind(str, Enum):
    """What is unusual, the most important first."""

    NOT_FINITE = "not finite"
    RAW_PIXELS = "raw pixels"
    LARGE_INPUTS = "large inputs"
    ZERO_GRADIENT = "zero gradient"
    VANISHING = "vanishing"
    EXPLODING = "exploding"
    SATURATED = "saturated"
    DEAD = "dead"
    LARGE_UPDATE = "large update"
    SMALL_UPDATE = "small update"


@dataclass(frozen=True)
class Alarm:
    """Something unusual in layers (numbers from 1), with one figure for each of them.

    The figure is the share of SATURATED outputs, the number of DEAD neurons, a VANISHING gradient over the largest of a
    later layer, an EXPLODING one over that of the output layer, ‖ΔW‖/‖W‖ of an update, the largest |input|; else 0.
    """

    kind: AlarmKind
    layers: tuple[int, ...]
    figures: tuple[float, ...]


@dataclass(frozen=True)
class Health:
    """A network at one step, looked at on `samples` of `all_samples` training samples.

    `updates` holds ‖ΔW‖/‖W‖ of the next update for each layer, None where W is 0; `similarity` is about hidden layers.
    """

    step: int
    samples: int
    all_samples: int
    layers: tuple[LayerHealth, ...]
    updates: tuple[float | None, ...]
    similarity: tuple[LayerSimilarity, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True)
class Divergence:
    """Update number `step` made parameters infinite or NaN; `formula` in `layer` is the first result that was not
    finite (layer 0: an operation on all parameters).
    """

    step: int
    layer: int
    formula: str
