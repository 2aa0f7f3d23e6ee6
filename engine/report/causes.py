"""Why a layer moves or not, and why two neurons are equal or not: the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.report.probes import Pair


class Reason(str, Enum):
    """Why dW = (inputs)ᵀ·dZ of a layer is exactly 0, as sentences; `names` and the cause fill them in.

    For a hidden layer dZ = dA ⊙ f'(z), and dA = dZ·Wᵀ with dZ and W of the next layer.
    """

    NO_INPUT = "Everything it reads ({inputs}) is 0."
    NO_OUTGOING = "dZ{layer} is 0 because all outgoing weights W{next} are 0."
    NO_NEXT_DELTA = "dZ{layer} is 0 because dZ{next} of the next layer is 0."
    RETURN_APART = "dA{layer} = dZ{next}·W{next}ᵀ is 0: in every product one factor is."
    RETURN_TINY = "dA{layer} = dZ{next}·W{next}ᵀ is 0: every product is so small that it is rounded to 0."
    RETURN_CANCELS = "dA{layer} = dZ{next}·W{next}ᵀ is 0: what comes back from layer {next} cancels exactly."
    LEFT_OUT = "In this step dropout leaves out all that an error comes back to, so dZ{layer} is 0."
    OFF = (
        "Wherever an error comes back (to {reached} of {units} neurons), z is at most 0 (from {low} to {high}). "
        "ReLU is off there, f′(z) = 0, so dZ{layer} is 0."
    )
    FLAT = (
        "Wherever an error comes back (to {reached} of {units} neurons), the activation is so flat that "
        "dZ{layer} = dA{layer} ⊙ f′(z) is 0 (z from {low} to {high})."
    )
    NO_ERROR = "Every output equals its target, so dZ{layer} is 0."
    APART = "Neither factor is 0 throughout, but in every sample one of them is."
    TINY = "Neither factor is 0, but every product is so small that it is rounded to 0."
    CANCELS = "Neither factor is 0, but the samples cancel exactly."
    DECAY_BALANCES = "The gradient of the loss and weight decay cancel exactly."
    BIASES_CANCEL = "The bias gradient, the sum of dZ{layer} over the samples, cancels exactly, too."


class Motion(str, Enum):
    """Whether a layer moves in a step, as sentences like those of `Reason`."""

    ALL = "Yes."
    SOME = "Yes, {moving_neurons} of {units} neurons. All gradients of the others are exactly 0."
    ONLY_BIASES = "Only the biases: dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    BIASES_AND_MEMORY = (
        "The biases by their gradient, the weights only by what the optimizer remembers: "
        "now dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    )
    ONLY_DECAY = "Only by weight decay: the loss gives dW{layer} = {inputs}ᵀ·dZ{layer} = 0 exactly."
    COASTING = "Only by what the optimizer remembers: now dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    NONE = "Not in this step: dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    NOT_FINITE = "Its numbers are no longer finite."


@dataclass(frozen=True)
class LayerCause:
    """Whether layer number `layer` moves in this step, and if its weights do not, why.

    `weights_moving` and `biases_moving`: a gradient is not 0, weight decay included; so it is in `moving_neurons` of the
    `units`. `reasons` say why the gradient of the loss with respect to W is exactly 0; there are none if it is not.
    `reached` counts the neurons with dA other than 0 where f' makes dZ 0, and `z` are the lowest and highest z there.
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

    @property
    def moving(self) -> bool:
        """Return whether any gradient of this layer is not 0."""
        return self.weights_moving or self.biases_moving


class Quantity(str, Enum):
    """A link of the chain that keeps two neurons equal, in the order of the chain; values are to be filled in."""

    INPUTS = "inputs {inputs}"
    WEIGHTS = "incoming weights W{layer}"
    BIAS = "bias b{layer}"
    SUM = "weighted sums z"
    ACTIVATION = "activations a = f(z)"
    MASK = "dropout factors of this step"
    OUTGOING = "outgoing weights W{next}"
    ERROR = "errors dA, from dZ{next}·W{next}ᵀ"
    DELTA = "dZ = dA ⊙ f′(z)"
    GRADIENT = "incoming gradients dW{layer}"
    OUTGOING_GRADIENT = "outgoing gradients dW{next}"
    MEMORY = "optimizer memory, incoming"
    OUTGOING_MEMORY = "optimizer memory, outgoing"

    @property
    def follows(self) -> bool:
        """Return whether it is equal because all links before it are."""
        return self not in _GIVEN

    @property
    def of_samples(self) -> bool:
        """Return whether it has one number for each sample of the step."""
        return self in _OF_SAMPLES


_MEMORY = {Quantity.MEMORY, Quantity.OUTGOING_MEMORY}


_GIVEN = {Quantity.INPUTS, Quantity.WEIGHTS, Quantity.BIAS, Quantity.MASK, Quantity.OUTGOING, *_MEMORY}


_OF_SAMPLES = {Quantity.SUM, Quantity.ACTIVATION, Quantity.MASK, Quantity.ERROR, Quantity.DELTA}


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


class Verdict(str, Enum):
    """What becomes of two neurons. "Columns" include the biases."""

    STAY = "So the update moves both alike, in this step and in every later one: they stay equal."
    ROUNDING = "Equal now. But plain matrix products can round them differently, and that can grow."
    DROPOUT = "Equal now. But dropout will leave out one without the other: they part, unless their gradients are 0 then."
    PARTING = (
        "Equal columns, but this update moves them differently: they part, unless the difference is below the last "
        "digit of a weight."
    )
    LATER = (
        "Equal columns, and this update moves them alike. But their outgoing weights differ or part now: the columns "
        "part as soon as that makes their gradients differ."
    )
    DIFFER = "Two different neurons, from the first ≠ on. Training keeps different neurons different."
    NOT_FINITE = "Their numbers are no longer finite: nothing follows from them."


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
    def first_difference(self) -> Link | None:
        """Return the first link of the chain that differs; None if they are equal throughout."""
        return next((link for link in self.links if not link.equal), None)


def names(layer: int) -> dict[str, str]:
    """Return what the sentences call layer `layer`, the next one and what it reads."""
    return {"layer": f"{layer}", "next": f"{layer + 1}", "inputs": "X" if layer == 1 else f"A{layer - 1}"}
