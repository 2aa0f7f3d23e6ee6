"""What the first forward and backward pass over all training samples says of each layer, for `motion`.

Where every step uses all samples and leaves nothing out, that pass is the step itself, and its zeros are those of the
run, bit for bit. Batches and dropout use other matrix products, which may round differently: there a number counts as 0
only if it is 0 however the sums are rounded, and a ReLU neuron as off only if its z is below 0 by more than rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.compile.step import LayerArrays, Step
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.kinds.loss import SAMPLE_WEIGHTS
from engine.model.activations import Activation, Identity
from engine.symmetry.signs import Bools, Signs, any_along
from engine.tape.writer import TapeWriter
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class FirstPass:
    """What is other than 0 in one layer at the start, for at least one training sample, and of which sign.

    `inputs` (rows,) is what feeds the layer, the bias's 1 included, and `parameters` are W and b (rows, fan_out), with
    scales and shifts as two more rows where the layer is normalized. In the first update `gradients` of the loss alone
    and `memory`, what the optimizer moves on by without a gradient, both of the same shape, may move them. `sums` are z,
    `slopes` f'(u), `errors` dA and `deltas` dZ, all (fan_out,). `norm` is None where the layer is not normalized: u is z.
    """

    inputs: Signs
    parameters: Signs
    gradients: Bools
    memory: Bools
    sums: Signs
    slopes: Bools
    errors: Bools
    deltas: Bools
    norm: NormPass | None


@dataclass(frozen=True)
class NormPass:
    """What is other than 0 of `normalized` (N), of `u` and of its gradient `deltas` (dU), all (fan_out,)."""

    normalized: Signs
    u: Signs
    deltas: Bools


@dataclass(frozen=True)
class _Samples:
    """The same by sample, all (samples, units) but `gradients`; the slopes and errors of the output layer say nothing."""

    inputs: Signs
    sums: Signs
    slopes: Bools
    errors: Bools
    deltas: Bools
    gradients: Bools
    norm: NormPass | None


def first_pass(trainer: Trainer) -> list[FirstPass]:
    """Return what the pass says of every layer of the trainer's present state, the output layer last."""
    step = trainer.gradient_over_all_samples()
    with np.errstate(all="ignore"):
        samples = _as_rounded(trainer, step) if trainer.is_random else _as_in_the_run(trainer, step)
    layout, has_memory = trainer.layout, trainer.experiment.optimizer.has_memory
    memory = trainer.step.memory[0] if has_memory else np.zeros_like(trainer.theta)
    return [
        FirstPass(
            inputs=layer.inputs.any(axis=0),
            parameters=Signs.of(layout.columns(index, step.theta)),
            gradients=layer.gradients,
            memory=layout.columns(index, memory) != 0,
            sums=layer.sums.any(axis=0),
            slopes=any_along(layer.slopes, 0),
            errors=any_along(layer.errors, 0),
            deltas=any_along(layer.deltas, 0),
            norm=layer.norm and _over_samples(layer.norm),
        )
        for index, layer in enumerate(samples)
    ]


def _over_samples(norm: NormPass) -> NormPass:
    return NormPass(norm.normalized.any(axis=0), norm.u.any(axis=0), any_along(norm.deltas, 0))


def slopes_at(activation: Activation, z: Floats) -> Floats:
    """Return f'(z) as the program computes it, (samples, units): what becomes of gradients that are all 1."""
    writer = _writer(z)
    writer.arrays["da"] = np.ones_like(z)
    activation.write_forward(writer, "z", "a")
    activation.write_backward(writer, "z", "a", "da", "dz")
    return _result(writer, "dz")


def _outputs_at(activation: Activation, z: Floats) -> Floats:
    writer = _writer(z)
    activation.write_forward(writer, "z", "a")
    return _result(writer, "a")


def _output_deltas_at(experiment: Experiment, z: Floats, targets: Floats) -> Floats:
    writer = _writer(z, targets)
    writer.arrays["y"] = targets.astype(z.dtype)
    _weigh(writer, experiment, targets)
    activation = experiment.network.layers[-1].activation
    activation.write_forward(writer, "z", "a")
    experiment.loss.write_backward(writer, activation, "z", "a", "y", "dz")
    return _result(writer, "dz")


def output_errors(experiment: Experiment, a: Floats, targets: Floats) -> Floats:
    """Return dA of outputs a (samples, outputs), or a - y where the loss takes z in their place; not scaled then."""
    if experiment.loss.simplifies_with(experiment.output_layer.activation):
        return a - targets
    writer = _writer(a, targets)
    writer.arrays |= {"a": np.array(a), "y": targets.astype(a.dtype)}
    _weigh(writer, experiment, targets)
    experiment.loss.write_backward(writer, Identity(), "z", "a", "y", "dz")
    return _result(writer, "dz")


def _writer(z: Floats, targets: Floats | None = None) -> TapeWriter:
    writer = TapeWriter(z.dtype, targets)
    for name in ("z", "a", "dz"):
        writer.arrays[name] = np.array(z)
    return writer


def _weigh(writer: TapeWriter, experiment: Experiment, targets: Floats) -> None:
    """Let samples count as much as they do in the loss."""
    weights = experiment.loss.sample_weights(targets)
    if weights is not None:
        writer.arrays[SAMPLE_WEIGHTS] = weights.astype(writer.dtype)


def _result(writer: TapeWriter, name: str) -> Floats:
    with np.errstate(all="ignore"):
        for instruction in writer.instructions:
            instruction.call()
    return writer.arrays[name]


def _as_in_the_run(trainer: Trainer, step: Step) -> list[_Samples]:
    """Read what is 0 from a step that training repeats bit for bit while nothing moves."""
    found: list[_Samples] = []
    for number, arrays in enumerate(step.layers, start=1):
        slopes = errors = np.ones(arrays.z.shape, np.bool_)  # the deltas of the output are there without them
        if number < len(step.layers) and arrays.error is not None:
            activation = trainer.experiment.network.layers[number - 1].activation
            slopes, errors = _live_slopes(activation, [arrays.u]), arrays.error != 0
        gradients = _own_gradients(step, number, arrays)
        norm = None
        if arrays.normalized is not None:
            norm = NormPass(Signs.of(arrays.normalized), Signs.of(arrays.u), arrays.u_delta != 0)
        parts = Signs.of(arrays.feed), Signs.of(arrays.z), slopes, errors, arrays.delta != 0
        found.append(_Samples(*parts, gradients, norm))
    return found


def _own_gradients(step: Step, number: int, arrays: LayerArrays) -> Bools:
    """Return where the gradient of the loss is not 0; where weight decay is added to it, where it may be another."""
    gradient = step.layout.columns(number - 1, step.gradient)
    if step.pull is None:
        return gradient != 0
    pull = step.layout.columns(number - 1, step.pull)
    terms = _meet(arrays.feed != 0, arrays.delta != 0)
    of_norm = np.zeros(
        (len(pull) - len(terms), pull.shape[1]), np.bool_
    )  # nothing pulls at scales and shifts
    return np.where(pull == 0, gradient != 0, np.concatenate([terms, of_norm]))


def _as_rounded(trainer: Trainer, step: Step) -> list[_Samples]:
    """Find what may be other than 0 if every sum may be rounded in another way."""
    layers = trainer.experiment.network.layers
    forward = _forward(trainer, step)
    deltas = _live_output_deltas(trainer, *forward[-1].sums)
    found: list[_Samples] = []
    for index in range(len(layers) - 1, -1, -1):
        errors, passed = np.ones(deltas.shape, np.bool_), forward[index]
        if index < len(layers) - 1:
            errors = _meet(deltas.T, step.layers[index + 1].weights.T != 0)
            if layers[index + 1].residual:
                errors = errors | found[0].errors
            through = _anywhere_along(errors, 1) if layers[index].activation.mixes_units else errors
            deltas = through & passed.slopes
        norm, of_norm = None, np.zeros((0, deltas.shape[1]), np.bool_)
        if passed.norm is not None:
            norm = replace(passed.norm, deltas=deltas)
            of_norm = np.stack([any_along(deltas & norm.normalized.live, 0), any_along(deltas, 0)])
            deltas = _anywhere_along(deltas & (passed.scales != 0), passed.norm_axis)
        z, doubt = passed.sums
        found.insert(
            0,
            _Samples(
                inputs=passed.feed,
                sums=Signs.of(z - doubt, z + doubt),
                slopes=passed.slopes,
                errors=errors,
                deltas=deltas,
                gradients=np.concatenate([_meet(passed.feed.live, deltas), of_norm]),
                norm=norm,
            ),
        )
    return found


@dataclass(frozen=True)
class _Passed:
    """What is known of a layer however sums are rounded: what feeds it, and where f'(u) may not be 0.

    `sums` are z and by how much rounding may move it. A normalized layer has `scales`, and `norm_axis` is that along
    which one number can move all others; of its `norm` the deltas are not known yet.
    """

    feed: Signs
    sums: tuple[Floats, Floats]
    slopes: Bools
    norm: NormPass | None
    scales: Floats
    norm_axis: int


def _forward(trainer: Trainer, step: Step) -> list[_Passed]:
    found: list[_Passed] = []
    feed = Signs.of(step.layers[0].feed)
    feed_doubt = np.zeros_like(step.layers[0].feed)
    for index, (layer, arrays) in enumerate(zip(trainer.experiment.network.layers, step.layers, strict=True)):
        sums = u, doubt = arrays.z, _doubt(arrays, feed_doubt)
        own = Signs(feed.positive[:, : arrays.feed.shape[1]], feed.negative[:, : arrays.feed.shape[1]])
        place, kind = step.layout.norms[index], layer.normalization
        scales, norm, axis = np.ones(u.shape[1]), None, 0
        if place is not None and kind is not None:
            (scales, shifts), axis = place.learnt(step.theta), 0 if kind.crosses_samples else 1
            live = _anywhere_along((u != 0) | (doubt != 0), axis)
            u, doubt = _normalized(live & (scales != 0), shifts)
            norm = NormPass(Signs(live, live), Signs.of(u - doubt, u + doubt), live)
        possible = [u, u - doubt, u + doubt] if doubt.any() else [u]
        slopes = _live_slopes(layer.activation, possible) | np.isinf(doubt)
        found.append(_Passed(own, sums, slopes, norm, scales, axis))
        outputs = [_outputs_at(layer.activation, one) for one in possible]
        if layer.activation.mixes_units:
            outputs = _possible_shares(outputs[0], doubt)
        unknown, ends = np.isinf(doubt), layer.activation.outputs
        if layer.residual:
            base, moved = arrays.inputs, feed_doubt[:, : arrays.inputs.shape[1]]
            sides = [base, base - moved, base + moved] if moved.any() else [base]
            outputs = [one + side for one in outputs for side in sides]
            unknown, ends = unknown | np.isinf(moved), (-np.inf, np.inf)
        feed, feed_doubt = _with_ones(outputs, unknown, ends)
    return found


def _normalized(live: Bools, shifts: Floats) -> tuple[Floats, Floats]:
    """Return u of a normalized layer and its doubt: where N is not 0 it may be anything, with other samples beside it."""
    return np.broadcast_to(shifts, live.shape), np.where(live, np.inf, 0.0).astype(shifts.dtype)


def _anywhere_along(flags: Bools, axis: int) -> Bools:
    """Return flags of the same shape, set where one along an axis is."""
    return np.broadcast_to(np.expand_dims(any_along(flags, axis), axis), flags.shape)


def _live_slopes(activation: Activation, possible: list[Floats]) -> Bools:
    """Return where (samples, units) a gradient may come through at one of some z; units that share 1 let any through."""
    if activation.mixes_units:
        return np.full(possible[0].shape, possible[0].shape[1] > 1)
    return _nonzero([slopes_at(activation, one) for one in possible])


def _possible_shares(shares: Floats, doubt: Floats) -> list[Floats]:
    """Return shares (samples, units), the least and the most that they can be if z may differ by its doubt."""
    if shares.shape[1] == 1:
        return [shares]
    rounding = 2 * shares.shape[1] * np.finfo(shares.dtype).eps
    factors = np.exp(2.0 * doubt.max(axis=1, keepdims=True)) * (1.0 + rounding)
    smallest = np.finfo(shares.dtype).smallest_subnormal
    return [shares, shares / factors, np.fmax(shares * factors, np.where(doubt.any(), smallest, 0.0))]


def _doubt(arrays: LayerArrays, feed_doubt: Floats) -> Floats:
    """Return by how much z (samples, fan_out) may differ between ways of summing; 0 where there is one term at most."""
    feed, parameters = np.abs(arrays.feed), np.abs(arrays.parameters)
    roundings = 2 * len(parameters) * np.finfo(arrays.z.dtype).eps
    doubt = np.where(_terms(feed, parameters) > 1, roundings * (feed @ parameters), 0.0).astype(feed.dtype)
    if not feed_doubt.any():
        return doubt
    feed_doubt = feed_doubt[:, : feed.shape[1]]
    unknown = np.isinf(feed_doubt)
    doubt += np.where(unknown, 0.0, feed_doubt) @ parameters
    return np.where(_meet(unknown.T, parameters != 0), np.inf, doubt).astype(feed.dtype)


def _terms(feed: Floats, parameters: Floats) -> Floats:
    """Return how many terms of feed (samples, rows) · parameters (rows, fan_out) are not 0, (samples, fan_out or 1)."""
    there = parameters != 0
    used = any_along(there, 1)
    if there[used].all():  # as in most networks: no weight is 0, and all biases are or none
        return np.count_nonzero(feed[:, used], axis=1)[:, np.newaxis]
    return (feed != 0).astype(np.float32) @ there.astype(np.float32)


def _with_ones(outputs: list[Floats], unknown: Bools, ends: tuple[float, float]) -> tuple[Signs, Floats]:
    """Return the signs and the doubt of what feeds the next layer, with a column for the 1 of its biases.

    Outputs that are `unknown` (samples, units) may be anything between `ends`.
    """
    ones = np.ones((len(outputs[0]), 1), outputs[0].dtype)
    signs = Signs.of(*(np.concatenate([one, ones], axis=1) for one in outputs))
    doubt = np.where(unknown, np.inf, np.ptp(np.stack(outputs), axis=0))
    if unknown.any():
        anything = np.pad(unknown, ((0, 0), (0, 1)))
        signs = Signs(
            signs.positive | (anything & (ends[1] > 0)), signs.negative | (anything & (ends[0] < 0))
        )
    return signs, np.concatenate([doubt, np.zeros_like(ones)], axis=1)


def _live_output_deltas(trainer: Trainer, z: Floats, doubt: Floats) -> Bools:
    experiment, targets = trainer.experiment, trainer.dataset.y_train
    activation = experiment.network.layers[-1].activation
    live = _nonzero([_output_deltas_at(experiment, one, targets) for one in (z, z - doubt, z + doubt)])
    live |= np.isinf(doubt)
    if not activation.mixes_units:
        return live
    if z.shape[1] == 1:
        return np.zeros(z.shape, np.bool_)  # a share of one is always 1
    doubtful = any_along(doubt != 0, 1)
    if not experiment.loss.simplifies_with(
        activation
    ):  # dZ is what rounding leaves where all errors are equal
        shares = _outputs_at(activation, z)
        missed = any_along(output_errors(experiment, shares, targets.astype(shares.dtype)) != 0, 1)
        doubtful |= missed & (np.count_nonzero(shares, axis=1) > 1)
    return live | doubtful[:, np.newaxis]


def _nonzero(arrays: list[Floats]) -> Bools:
    return np.logical_or.reduce([array != 0 for array in arrays])


def _meet(left: Bools, right: Bools) -> Bools:
    """Return which columns of `left` (terms, rows) and `right` (terms, columns) meet in a term, as (rows, columns)."""
    return left.astype(np.float32).T @ right.astype(np.float32) > 0
