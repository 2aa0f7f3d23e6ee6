"""The arrays of a step; `name` is what its instructions call them.

These are the names, with n samples as rows and layer 2 as the example:

* `X` (n, inputs) and `Y` (n, outputs) are the inputs and targets of the network.
* `Z2` and `A2` (n, fan_out) are the weighted sums and the outputs of the layer; `dZ2` and `dA2` are the gradients of the
  loss with respect to them.
* `H1` (n, rows) holds the inputs of the layer, with a last column of ones if the layer has biases.
* `P2` (rows, fan_out) holds the weights, with the biases as last row; `G2` (rows, fan_out) is the gradient of `P2`.
  `W2` (fan_in, fan_out) and `b2` (fan_out,) are its parts, `dW2` and `db2` those of `G2`.
* `theta`, `gradient` and `state_0`, `state_1` … (parameters,) are the flat vectors of all layers.
* `batch` (n,) holds the numbers of the samples of a mini-batch, which the step takes from `X_all` and `Y_all`.
* `L` is the loss, `V` (n, 1) how much each sample counts in it, if they do not count alike; `V_all` is that of all.
* `mask2` (n, fan_out) holds 0 or 1/(1 - dropout) for every output of the layer (inverted dropout; Srivastava, Hinton,
  Krizhevsky, Sutskever and Salakhutdinov 2014).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.kinds.loss import SAMPLE_WEIGHTS
from engine.kinds.normalizations import Normalization, NormNames
from engine.kinds.optimizer import DECAY, LAYER_RATES
from engine.tape.writer import TapeArray

LASSO = "lasso_factors"
"""The array (parameters,) of λ1 for each weight and 0 for each bias, where there is l1."""
ALL_SAMPLE_WEIGHTS = f"{SAMPLE_WEIGHTS}_all"
"""The array (samples, 1) that those of a mini-batch are taken from."""
FACTORS = (DECAY, LASSO, LAYER_RATES, SAMPLE_WEIGHTS, ALL_SAMPLE_WEIGHTS)
"""The arrays that hold numbers of the experiment, where it has them."""


@dataclass(frozen=True)
class DropoutOnTape:
    """A dropout `mask` (n, fan_out), which has to be drawn before the step with this `share` of zeros.

    `kept` (n, fan_out) are the outputs of the layer times the mask.
    """

    mask: TapeArray
    kept: TapeArray
    share: float


@dataclass(frozen=True)
class ErrorOnTape:
    """The gradient of the loss with respect to the outputs of a layer, `of_outputs` (n, fan_out).

    `of_feed` (n, rows of the next layer) is the same array, with a last column for the ones if the next layer has biases.
    """

    of_outputs: TapeArray
    of_feed: TapeArray


@dataclass(frozen=True)
class NormOnTape:
    """What a layer has besides that is normalized in the way of `kind`, which calls its arrays by `names`.

    `normalized` (N), `u`, which the activation gets, and `delta` (dU) are (n, fan_out).
    """

    kind: Normalization
    names: NormNames
    normalized: TapeArray
    u: TapeArray
    delta: TapeArray


@dataclass(frozen=True)
class LayerOnTape:
    """The arrays of one layer on its tape, of n samples.

    `feed` (n, rows) is what `parameters` (rows, fan_out) are multiplied with; `next_feed` is the feed of the next layer.
    `z`, `a` and `delta` (dZ) are (n, fan_out), `gradient` is (rows, fan_out). `norm` is None for a layer that is not
    normalized, `dropout` for a layer without, and `error` (dA) for the output layer. `own` (F) is what the activation of
    a residual layer gives and `own_error` (dF) its gradient, both (n, fan_out); None where that is `a` itself.
    """

    feed: TapeArray
    parameters: TapeArray
    gradient: TapeArray
    z: TapeArray
    norm: NormOnTape | None
    a: TapeArray
    dropout: DropoutOnTape | None
    next_feed: TapeArray
    error: ErrorOnTape | None
    delta: TapeArray
    own: TapeArray | None
    own_error: TapeArray | None

    @property
    def f(self) -> TapeArray:
        """Return what the activation gives: a, or that without the inputs of a residual layer."""
        return self.a if self.own is None else self.own

    @property
    def u(self) -> TapeArray:
        """Return what the activation gets: z, or what the normalization has made of it."""
        return self.z if self.norm is None else self.norm.u

    @property
    def u_delta(self) -> TapeArray:
        """Return the gradient of the loss with respect to that."""
        return self.delta if self.norm is None else self.norm.delta


@dataclass(frozen=True)
class BatchSource:
    """What a mini-batch is taken from: `inputs` (samples, rows) and `targets` (samples, outputs) of all samples.

    `chosen` (n,) are the numbers of the samples of the batch.
    """

    inputs: TapeArray
    targets: TapeArray
    chosen: TapeArray


@dataclass(frozen=True)
class SamplesOnTape:
    """The n samples of a step: `inputs` (n, inputs) and `targets` (n, outputs).

    `feed` (n, rows) is `inputs` as the first layer gets them. `source` is None where the step uses all samples.
    """

    inputs: TapeArray
    targets: TapeArray
    feed: TapeArray
    source: BatchSource | None


@dataclass(frozen=True)
class StepArrays:
    """The arrays of a step on its tape.

    `theta`, `gradient`, `update`, the `states` of the optimizer and `decay` are flat vectors (parameters,). `decay`
    is λ for each weight and 0 for each bias, or None without weight decay; `lasso` is the same of l1, `rates` are the
    factors of layers on the learning rate. `counts` (n, 1) is how much each sample counts in the loss, taken from
    `all_counts` (samples, 1) where the step is on batches; None where all samples count alike. `averages` is the part of
    `gradient` that belongs to running averages, or None without them. `update_number` and `loss` are 0-d.
    """

    samples: SamplesOnTape
    layers: tuple[LayerOnTape, ...]
    theta: TapeArray
    gradient: TapeArray
    update: TapeArray
    states: tuple[TapeArray, ...]
    decay: TapeArray | None
    lasso: TapeArray | None
    rates: TapeArray | None
    counts: TapeArray | None
    all_counts: TapeArray | None
    averages: TapeArray | None
    update_number: TapeArray
    loss: TapeArray

    @property
    def sample_count(self) -> int:
        """Return n."""
        return len(self.samples.targets.array)
