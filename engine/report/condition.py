"""How healthy the layers of a network are: the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.kinds.loss import Mismatch
from engine.report.equality import LayerLikeness


@dataclass(frozen=True)
class LayerHealth:
    """One layer at one state, over the samples looked at; None where a number makes no sense.

    An output is flat where |f'(z)| < 1e-3. `saturated`: share of (sample, neuron) pairs that are flat, for activations
    that are flat on both sides. `dead`: share of neurons that are flat for every sample although their weights and bias
    are not all 0, for activations that are flat below 0 only. `unstarted`: share of ReLU neurons whose weights and bias
    are all 0, so that z is exactly 0 for every sample. `z_mean` and `z_deviation` are those of what the activation gets,
    which is z unless the layer is normalized. `gradient_norm` and `gradient_per_weight` (root mean square) are
    those of W's gradient with weight decay; `pull` is the root mean square of weight decay, λW, and `push` that of the
    loss's gradient alone. `delta` is the root mean square of dZ. `size` is the root mean square of the
    outputs, `variation` that of their standard deviations over the samples. `inputs` is (lowest, highest) of all that
    enters the layer. `one_sign` is the share of the `weight_count` numbers of W that are above 0, or minus the share of
    those below 0 if they are more.
    """

    units: int
    gradient_norm: float
    gradient_per_weight: float
    pull: float
    push: float
    delta: float
    saturated: float | None
    dead: float | None
    unstarted: float | None
    z_mean: float
    z_deviation: float
    size: float
    variation: float
    inputs: tuple[float, float]
    one_sign: float
    weight_count: int
    is_frozen: bool = False

    @property
    def is_finite(self) -> bool:
        """Return whether all that was looked at is finite."""
        figures = (self.gradient_per_weight, self.delta, self.z_deviation, self.size, *self.inputs)
        return bool(np.isfinite(figures).all())


@dataclass(frozen=True)
class OutputHealth:
    """What a network gives beside what it should give, over the samples looked at.

    `loss` is beside `chance`, the smallest loss of outputs that ignore the inputs; None where that is 0.
    `undecided` is the loss of outputs that take every class for equally likely, 0 where they are no classes.
    `mismatch` says how the loss does not suit outputs or targets.
    `error` is the root mean square of a - y. `size`, `variation` and `target_variation` are as in `LayerHealth`.
    `targets` are (lowest, highest) of all samples, `possible` the ends of what the output activation can give,
    `unreachable` the share of all targets that it cannot give: those beyond them, and where outputs sum to 1 those of
    samples whose targets do not; `sums` are then the (lowest, highest) sums, else None. `stuck`: share of samples with
    an output that is flat on a wrong side. `is_fixed` says that the outputs are the same whatever the weights are:
    softmax over one unit.
    `at_zero` is the output for inputs that are all 0 if it is the same whatever the weights are, else None;
    `wrong_at_zero` the share of all samples that are such inputs and should give something else.
    """

    loss: float
    chance: float | None
    classifies: bool
    undecided: float
    error: float
    size: float
    variation: float
    target_variation: float
    targets: tuple[float, float]
    possible: tuple[float, float]
    unreachable: float
    sums: tuple[float, float] | None
    stuck: float
    is_fixed: bool
    at_zero: float | None
    wrong_at_zero: float
    mismatch: Mismatch | None = None


@dataclass(frozen=True)
class InputHealth:
    """The inputs of a network: `size` and `variation` as in `LayerHealth`; `are_pixels` says what they are."""

    size: float
    variation: float
    are_pixels: bool


@dataclass(frozen=True)
class NextUpdate:
    """What the next update does: ‖ΔW‖/‖W‖ of each layer, None where W is 0, and the loss of its batch before and after.

    `gradients` holds the norm of the gradient of each W for that batch, `grows` whether the update makes W larger.
    """

    ratios: tuple[float | None, ...]
    gradients: tuple[float, ...]
    grows: tuple[bool, ...]
    loss: float
    loss_after: float


class AlarmKind(str, Enum):
    """What can keep a network from learning, the most important first: causes before what follows from them."""

    NOT_FINITE = "not-finite"
    LOSS_MISMATCH = "loss-mismatch"
    OUTPUT_RANGE = "output-range"
    TARGETS_NOT_SCALED = "targets-not-scaled"
    INPUTS_NOT_SCALED = "inputs-not-scaled"
    INPUTS_TOO_SMALL = "inputs-too-small"
    WEIGHTS_OF_ONE_SIGN = "weights-of-one-sign"
    FIXED_AT_ZERO = "fixed-at-zero"
    WEIGHT_DECAY = "weight-decay"
    ZERO_GRADIENT = "zero-gradient"
    SYMMETRY = "symmetry"
    NEAR_SYMMETRY = "near-symmetry"
    DEAD = "dead"
    SATURATED = "saturated"
    OUTPUT_SATURATED = "output-saturated"
    OUTPUT_CONSTANT = "output-constant"
    HIGH_LOSS = "high-loss"
    LARGE_STEP = "large-step"
    FADING = "fading"
    GROWING = "growing"
    VANISHING = "vanishing"
    EXPLODING = "exploding"
    SMALL_STEP = "small-step"


@dataclass(frozen=True)
class Alarm:
    """Something that can keep a network from learning, in layers (numbers from 1), with one figure for each of them.

    What the figure is: NOT_FINITE, LOSS_MISMATCH, OUTPUT_CONSTANT, ZERO_GRADIENT: 0. OUTPUT_RANGE: share of targets that
    cannot be reached. TARGETS_NOT_SCALED: root mean square of a - y. INPUTS_*: largest |input|. SYMMETRY: groups.
    WEIGHTS_OF_ONE_SIGN: share of the weights. FIXED_AT_ZERO: `OutputHealth.wrong_at_zero`. WEIGHT_DECAY: `pull` over
    `push`. NEAR_SYMMETRY: `LayerLikeness.acts_like`. DEAD: number of neurons. SATURATED: share of outputs.
    OUTPUT_SATURATED: share of samples. HIGH_LOSS: the loss over that of chance. *_STEP: ‖ΔW‖/‖W‖, infinite where W is 0.
    FADING: `LayerHealth.variation`. GROWING: `LayerHealth.size`. VANISHING: dZ over the largest one of a later layer,
    EXPLODING: over the output layer's.
    """

    kind: AlarmKind
    layers: tuple[int, ...]
    figures: tuple[float, ...]


@dataclass(frozen=True)
class Health:
    """A network at one step, looked at on `samples` of `all_samples` training samples.

    `groups` and `likeness` are about the hidden layers.
    """

    step: int
    samples: int
    all_samples: int
    inputs: InputHealth
    layers: tuple[LayerHealth, ...]
    output: OutputHealth
    update: NextUpdate
    groups: tuple[int, ...]
    likeness: tuple[LayerLikeness, ...]
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True)
class Divergence:
    """Update number `step` made parameters infinite or NaN; `formula` in `layer` is the first result that was not
    finite (layer 0: an operation on all parameters).
    """

    step: int
    layer: int
    formula: str
