"""What the first forward and backward pass over all training samples says of each layer, for `motion`.

Where every step uses all samples and leaves nothing out, that pass is the step itself, and its zeros are those of the
run, bit for bit. Batches and dropout use other matrix products, which may round differently: there a number counts as 0
only if it is 0 however the sums are rounded, and a ReLU neuron as off only if its z is below 0 by more than rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.compile.step import LayerArrays, Step
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.model.activations import Activation, Identity
from engine.symmetry.signs import Bools, Signs, any_along
from engine.tape.writer import TapeWriter
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class FirstPass:
    """What is other than 0 in one layer at the start, for at least one training sample, and of which sign.

    `inputs` (rows,) is what feeds the layer, the bias's 1 included, and `parameters` (rows, fan_out) are W and b. In the
    first update `gradients` of the loss alone and `memory`, what the optimizer moves on by without a gradient, both
    (rows, fan_out), may move them. `sums` are z, `slopes` f'(z), `errors` dA and `deltas` dZ, all (fan_out,).
    """

    inputs: Signs
    parameters: Signs
    gradients: Bools
    memory: Bools
    sums: Signs
    slopes: Bools
    errors: Bools
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


def first_pass(trainer: Trainer) -> list[FirstPass]:
    """Return what the pass says of every layer of the trainer's present state, the output layer last."""
    step = trainer.gradient_over_all_samples()
    with np.errstate(all="ignore"):
        samples = _as_rounded(trainer, step) if trainer.is_random else _as_in_the_run(trainer, step)
    has_memory = trainer.experiment.optimizer.has_memory
    return [
        FirstPass(
            inputs=layer.inputs.any(axis=0),
            parameters=Signs.of(arrays.parameters),
            gradients=layer.gradients,
            memory=live.memory[0] != 0 if has_memory else np.zeros(arrays.parameters.shape, np.bool_),
            sums=layer.sums.any(axis=0),
            slopes=any_along(layer.slopes, 0),
            errors=any_along(layer.errors, 0),
            deltas=any_along(layer.deltas, 0),
        )
        for layer, arrays, live in zip(samples, step.layers, trainer.step.layers, strict=True)
    ]


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
    experiment.loss.write_backward(writer, Identity(), "z", "a", "y", "dz")
    return _result(writer, "dz")


def _writer(z: Floats, targets: Floats | None = None) -> TapeWriter:
    writer = TapeWriter(z.dtype, targets)
    for name in ("z", "a", "dz"):
        writer.arrays[name] = np.array(z)
    return writer


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
            slopes, errors = _live_slopes(activation, [arrays.z]), arrays.error != 0
        gradients = _own_gradients(step, number, arrays)
        found.append(
            _Samples(Signs.of(arrays.feed), Signs.of(arrays.z), slopes, errors, arrays.delta != 0, gradients)
        )
    return found


def _own_gradients(step: Step, number: int, arrays: LayerArrays) -> Bools:
    """Return where the gradient of the loss is not 0; where weight decay is added to it, where it may be another."""
    if step.pull is None:
        return arrays.gradient != 0
    pull = step.layout.blocks[number - 1].of(step.pull)
    return np.where(pull == 0, arrays.gradient != 0, _meet(arrays.feed != 0, arrays.delta != 0))


def _as_rounded(trainer: Trainer, step: Step) -> list[_Samples]:
    """Find what may be other than 0 if every sum may be rounded in another way."""
    layers = trainer.experiment.network.layers
    feeds, sums, slopes = _forward(trainer, step)
    deltas = _live_output_deltas(trainer, *sums[-1])
    found: list[_Samples] = []
    for index in range(len(layers) - 1, -1, -1):
        errors = np.ones(deltas.shape, np.bool_)
        if index < len(layers) - 1:
            errors = _meet(deltas.T, step.layers[index + 1].weights.T != 0)
            if layers[index].activation.mixes_units:
                errors = np.broadcast_to(any_along(errors, 1)[:, np.newaxis], errors.shape)
            deltas = errors & slopes[index]
        z, doubt = sums[index]
        found.insert(
            0,
            _Samples(
                inputs=feeds[index],
                sums=Signs.of(z - doubt, z + doubt),
                slopes=slopes[index],
                errors=errors,
                deltas=deltas,
                gradients=_meet(feeds[index].live, deltas),
            ),
        )
    return found


def _forward(trainer: Trainer, step: Step) -> tuple[list[Signs], list[tuple[Floats, Floats]], list[Bools]]:
    """Return of each layer what feeds it, z and by how much rounding may move z, and where f'(z) may not be 0."""
    feeds: list[Signs] = []
    sums: list[tuple[Floats, Floats]] = []
    slopes: list[Bools] = []
    feed = Signs.of(step.layers[0].feed)
    feed_doubt = np.zeros_like(step.layers[0].feed)
    for layer, arrays in zip(trainer.experiment.network.layers, step.layers, strict=True):
        z, doubt = arrays.z, _doubt(arrays, feed_doubt)
        feeds.append(
            Signs(feed.positive[:, : arrays.feed.shape[1]], feed.negative[:, : arrays.feed.shape[1]])
        )
        sums.append((z, doubt))
        possible = [z, z - doubt, z + doubt] if doubt.any() else [z]
        slopes.append(_live_slopes(layer.activation, possible))
        outputs = [_outputs_at(layer.activation, one) for one in possible]
        if layer.activation.mixes_units:
            outputs = _possible_shares(outputs[0], doubt)
        feed, feed_doubt = _with_ones(outputs)
    return feeds, sums, slopes


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
    return doubt + feed_doubt[:, : feed.shape[1]] @ parameters if feed_doubt.any() else doubt


def _terms(feed: Floats, parameters: Floats) -> Floats:
    """Return how many terms of feed (samples, rows) · parameters (rows, fan_out) are not 0, (samples, fan_out or 1)."""
    there = parameters != 0
    used = any_along(there, 1)
    if there[used].all():  # as in most networks: no weight is 0, and all biases are or none
        return np.count_nonzero(feed[:, used], axis=1)[:, np.newaxis]
    return (feed != 0).astype(np.float32) @ there.astype(np.float32)


def _with_ones(outputs: list[Floats]) -> tuple[Signs, Floats]:
    """Return the signs and the doubt of what feeds the next layer, with a column for the 1 of its biases."""
    ones = np.ones((len(outputs[0]), 1), outputs[0].dtype)
    signs = Signs.of(*(np.concatenate([one, ones], axis=1) for one in outputs))
    doubt = np.ptp(np.stack(outputs), axis=0)
    return signs, np.concatenate([doubt, np.zeros_like(ones)], axis=1)


def _live_output_deltas(trainer: Trainer, z: Floats, doubt: Floats) -> Bools:
    experiment, targets = trainer.experiment, trainer.dataset.y_train
    activation = experiment.network.layers[-1].activation
    live = _nonzero([_output_deltas_at(experiment, one, targets) for one in (z, z - doubt, z + doubt)])
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
