"""Why a layer moves or not, and why two neurons are equal or not: the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.report.probes import Pair


class Reason(Enum):
    """Why dW = (inputs)ᵀ·dZ of a layer is exactly 0.

    For a hidden layer dZ = dA ⊙ f'(z), and dA = dZ·Wᵀ with dZ and W of the next layer. In a normalized layer dU =
    dA ⊙ f'(u), and dZ is what the normalization passes on of it.
    """

    NO_INPUT = "no-input"
    NO_OUTGOING = "no-outgoing"
    NO_NEXT_DELTA = "no-next-delta"
    RETURN_APART = "return-apart"
    RETURN_TINY = "return-tiny"
    RETURN_CANCELS = "return-cancels"
    LEFT_OUT = "left-out"
    OFF = "off"
    FLAT = "flat"
    TINY_DELTA = "tiny-delta"
    ALWAYS_ONE = "always-one"
    SAME_ERRORS = "same-errors"
    NO_ERROR = "no-error"
    NORMALIZED = "normalized"
    RESIDUAL_CANCELS = "residual-cancels"
    NOTHING_BESIDE = "nothing-beside"
    APART = "apart"
    TINY = "tiny"
    CANCELS = "cancels"
    DECAY_BALANCES = "decay-balances"
    BIASES_CANCEL = "biases-cancel"


class Motion(Enum):
    """Whether a layer moves in a step, and by what."""

    ALL = "all"
    SOME = "some"
    SOME_TOO_SMALL = "some-too-small"
    ONLY_BIASES = "only-biases"
    BIASES_AND_MEMORY = "biases-and-memory"
    ONLY_DECAY = "only-decay"
    DECAY_AND_MEMORY = "decay-and-memory"
    COASTING = "coasting"
    TOO_SMALL = "too-small"
    NONE = "none"
    FROZEN = "frozen"
    NOT_FINITE = "not-finite"

    @property
    def moves(self) -> bool:
        """Return whether a number of the layer changes."""
        return self not in {Motion.TOO_SMALL, Motion.NONE, Motion.FROZEN, Motion.NOT_FINITE}


@dataclass(frozen=True)
class LayerCause:
    """Whether layer number `layer` moves in this step, and if its weights do not, why.

    `weights_moving` and `biases_moving`: a gradient is not 0, weight decay included; scales and shifts of a layer that
    `is_normalized` count with the biases. The update of this step changes the column or bias of `moving_neurons` of the
    `units`. `reasons` say why the gradient of the loss with respect to W is exactly 0; there are none if it is not.
    `reached` counts the neurons with dA other than 0 where f' makes dZ 0, and `z` are the lowest and highest z there,
    in a normalized layer u.
    """

    layer: int
    units: int
    is_output: bool
    motion: Motion
    weights_moving: bool
    biases_moving: bool
    moving_neurons: int
    reasons: tuple[Reason, ...]
    reached: int
    z: tuple[float, float] | None
    is_normalized: bool = False

    @property
    def moving(self) -> bool:
        """Return whether any gradient of this layer is not 0."""
        return self.weights_moving or self.biases_moving


class Quantity(Enum):
    """A link of the chain that keeps two neurons equal, in the order of the chain."""

    INPUTS = "inputs"
    WEIGHTS = "weights"
    BIAS = "bias"
    SUM = "sum"
    NORM = "norm"
    NORMALIZED_SUM = "normalized-sum"
    ACTIVATION = "activation"
    PASSED_ON = "passed-on"
    MASK = "mask"
    OUTGOING = "outgoing"
    RETURNED = "returned"
    ERROR = "error"
    DELTA = "delta"
    SUM_DELTA = "sum-delta"
    GRADIENT = "gradient"
    NORM_GRADIENT = "norm-gradient"
    OUTGOING_GRADIENT = "outgoing-gradient"
    MEMORY = "memory"
    OUTGOING_MEMORY = "outgoing-memory"

    @property
    def follows(self) -> bool:
        """Return whether it is equal because all links before it are."""
        return self not in _GIVENS

    @property
    def of_samples(self) -> bool:
        """Return whether it has one number for each sample of the step."""
        return self in _QUANTITIES_OF_SAMPLES


_MEMORY = {Quantity.MEMORY, Quantity.OUTGOING_MEMORY}


_GIVENS = {
    *(Quantity.INPUTS, Quantity.WEIGHTS, Quantity.BIAS, Quantity.NORM, Quantity.MASK, Quantity.OUTGOING),
    *(Quantity.PASSED_ON, Quantity.RETURNED, *_MEMORY),
}


_QUANTITIES_OF_SAMPLES = {
    *(Quantity.SUM, Quantity.NORMALIZED_SUM, Quantity.ACTIVATION, Quantity.MASK),
    *(Quantity.PASSED_ON, Quantity.RETURNED),
    *(Quantity.ERROR, Quantity.DELTA, Quantity.SUM_DELTA),
}


@dataclass(frozen=True)
class Link:
    """One quantity of two neurons: `count` numbers each, equal bit for bit or not.

    If not, `first` and `second` hold their numbers at `place`, where `difference`, the largest one, is: the position in
    the incoming column (the bias after the weights) or outgoing row, or the number of the training sample. If they are
    equal, the first few numbers.
    """

    quantity: Quantity
    count: int
    equal: bool
    place: int
    first: tuple[float, ...]
    second: tuple[float, ...]
    difference: float


class Verdict(Enum):
    """What becomes of two neurons. "Columns" include the biases, and the scales and shifts of normalized layers."""

    STAY = "stay"
    PROVED = "proved"
    ROUNDING = "rounding"
    DROPOUT = "dropout"
    PARTING = "parting"
    LATER = "later"
    DIFFER = "differ"
    NOT_FINITE = "not-finite"


@dataclass(frozen=True)
class PairExplanation:
    """Two neurons of a hidden layer: the chain from their weights to their update, and what becomes of them.

    `moving`: the gradient of the incoming weights or bias of one of them is not 0.
    """

    neurons: Pair
    units: int
    fan_in: int
    links: tuple[Link, ...]
    verdict: Verdict
    moving: bool

    @property
    def is_normalized(self) -> bool:
        """Return whether their layer is normalized."""
        return any(link.quantity is Quantity.NORM for link in self.links)


def names(layer: int, *, is_normalized: bool) -> dict[str, str]:
    """Return what the sentences call layer `layer`, the next one, what it reads, and what its activation gets."""
    inputs, sums = "X" if layer == 1 else f"A{layer - 1}", "u" if is_normalized else "z"
    return {"layer": f"{layer}", "next": f"{layer + 1}", "inputs": inputs, "sum": sums, "Sum": sums.upper()}
