"""Why a layer moves or not, and why two neurons are equal or not, read from the tape of one step.

Everything here is read from the arrays that `Trainer.compute_gradient` left behind; nothing is computed twice and
nothing is changed. Equal means bit for bit, except that -0.0 equals 0.0; zero means exactly 0. Layers count from 1, and
neurons, samples and other places in an array from 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.report.causes import LayerCause, Link, Motion, PairExplanation, Quantity, Reason, Verdict
from engine.report.probes import Pair
from engine.training.trainer import Trainer

FEW = 3
"""Of numbers that are equal, so many stand for all."""


def layer_causes(trainer: Trainer) -> tuple[LayerCause, ...]:
    """Return whether and why each layer moves, the output layer last; call after `compute_gradient`."""
    return tuple(_cause(trainer, number) for number in range(1, len(trainer.layout.blocks) + 1))


def _cause(trainer: Trainer, number: int) -> LayerCause:
    block, gradient = trainer.layout.blocks[number - 1], trainer.step.layers[number - 1].gradient
    moved = (gradient != 0).any(axis=0)
    motion = _motion(trainer, number, moved)
    still = motion not in {Motion.ALL, Motion.SOME, Motion.NOT_FINITE}
    reasons = tuple(_reasons(trainer, number)) if still else ()
    reached, z = _where_flat(trainer, number) if {Reason.OFF, Reason.FLAT} & {*reasons} else (0, None)
    return LayerCause(
        layer=number,
        units=block.fan_out,
        is_output=number == len(trainer.layout.blocks),
        motion=motion,
        weights_moving=bool(gradient[: block.fan_in].any()),
        biases_moving=bool(gradient[block.fan_in :].any()),
        moving_neurons=int(np.count_nonzero(moved)),
        reasons=reasons,
        reached=reached,
        z=z,
    )


def _motion(trainer: Trainer, number: int, moved: npt.NDArray[np.bool_]) -> Motion:
    """Return whether a layer moves; `moved` says which of its neurons (fan_out,) have a gradient."""
    arrays = trainer.step.layers[number - 1]
    if not (np.isfinite(arrays.gradient).all() and np.isfinite(arrays.parameters).all()):
        return Motion.NOT_FINITE
    if not arrays.weight_gradient.any():
        remembered = _remembered(trainer, number)
        if arrays.gradient.any():
            moves_on = remembered[: len(arrays.weights)].any()
            return Motion.BIASES_AND_MEMORY if moves_on else Motion.ONLY_BIASES
        return Motion.COASTING if remembered.any() else Motion.NONE
    product_is_zero = not (arrays.inputs.any() and arrays.delta.any())
    if product_is_zero and trainer.experiment.weight_decay > 0:
        return Motion.ONLY_DECAY
    return Motion.ALL if moved.all() else Motion.SOME


def _remembered(trainer: Trainer, number: int) -> Floats:
    """Return what moves the parameters (rows, fan_out) of a layer on while their gradients are 0."""
    arrays = trainer.step.layers[number - 1]
    has_memory = trainer.experiment.optimizer.has_memory
    return arrays.memory[0] if has_memory else np.zeros_like(arrays.parameters)


def _reasons(trainer: Trainer, number: int) -> Iterator[Reason]:
    """Yield why the gradient of the loss with respect to W of a layer is 0: every factor that is, or what else."""
    arrays = trainer.step.layers[number - 1]
    inputs, delta = arrays.inputs, arrays.delta
    if not inputs.any():
        yield Reason.NO_INPUT
    if not delta.any():
        yield from _why_no_delta(trainer, number)
        return
    if inputs.any():
        decays = trainer.experiment.weight_decay > 0 and arrays.weights.any()
        products = (Reason.APART, Reason.TINY, Reason.CANCELS)
        yield Reason.DECAY_BALANCES if decays else _why_zero(inputs.T, delta, products)
    if arrays.bias_gradient is not None and not arrays.bias_gradient.any():
        yield Reason.BIASES_CANCEL


def _why_no_delta(trainer: Trainer, number: int) -> Iterator[Reason]:
    """Yield why dZ of a layer is 0 in every sample."""
    error = trainer.step.layers[number - 1].error  # cross-entropies have none at the output
    if error is not None and error.any():
        activation = trainer.experiment.network.layers[number - 1].activation
        yield Reason.OFF if activation.is_rectifier else Reason.FLAT
    elif number == len(trainer.layout.blocks):
        yield Reason.NO_ERROR
    else:
        yield from _why_no_error(trainer, number)


def _why_no_error(trainer: Trainer, number: int) -> Iterator[Reason]:
    """Yield why dA = dZm·Wmᵀ of a hidden layer is 0 in every sample."""
    following = trainer.step.layers[number]
    outgoing, delta = following.weights.T, following.delta
    if trainer.experiment.network.layers[number - 1].dropout and (delta @ outgoing).any():
        yield Reason.LEFT_OUT
        return
    if not outgoing.any():
        yield Reason.NO_OUTGOING
    if not delta.any():
        yield Reason.NO_NEXT_DELTA
    if outgoing.any() and delta.any():
        yield _why_zero(delta, outgoing, (Reason.RETURN_APART, Reason.RETURN_TINY, Reason.RETURN_CANCELS))


def _why_zero(left: Floats, right: Floats, reasons: tuple[Reason, Reason, Reason]) -> Reason:
    """Return why left (rows, terms) · right (terms, columns) is 0: factors apart, products tiny, terms that cancel."""
    largest = np.abs(left).max(axis=0) * np.abs(right).max(axis=1)  # of each term, so one that really occurs
    apart, tiny, cancels = reasons
    if largest.any():
        return cancels
    return tiny if (left.any(axis=0) & right.any(axis=1)).any() else apart


def _where_flat(trainer: Trainer, number: int) -> tuple[int, tuple[float, float]]:
    """Return how many neurons have dA other than 0, and the lowest and highest z where it is."""
    arrays = trainer.step.layers[number - 1]
    assert arrays.error is not None, "something comes back"
    reached = arrays.error != 0
    z = arrays.z[reached]
    return int(np.count_nonzero(reached.any(axis=0))), (float(z.min()), float(z.max()))


def pair_of_group(labels: tuple[int, ...], group: int) -> tuple[int, int] | None:
    """Return the first two neurons of a group, for `explain_pair`; None if it has only one. `labels` say who is where."""
    members = [neuron for neuron, label in enumerate(labels) if label == group]
    return (members[0], members[1]) if len(members) > 1 else None


def explain_pair(trainer: Trainer, pair: Pair) -> PairExplanation:
    """Return the chain of two neurons of a hidden layer; call after `compute_gradient`."""
    layer, first, second = pair.layer, pair.first.neuron, pair.second.neuron
    block = trainer.layout.blocks[layer - 1]
    links = tuple(
        _link(trainer, quantity, values[:, first], values[:, second])
        for quantity, values in _quantities(trainer, layer)
    )
    arrays = trainer.step.layers[layer - 1]
    gradients, columns = arrays.gradient[:, [first, second]], arrays.parameters[:, [first, second]]
    finite = bool(np.isfinite(gradients).all() and np.isfinite(columns).all())
    return PairExplanation(
        neurons=pair,
        units=block.fan_out,
        fan_in=block.fan_in,
        links=links,
        verdict=_verdict(trainer, layer, links) if finite else Verdict.NOT_FINITE,
        moving=bool(gradients.any()),
    )


def _quantities(trainer: Trainer, layer: int) -> Iterator[tuple[Quantity, Floats]]:
    """Yield the quantities of a hidden layer in the order of the chain, as (numbers, units)."""
    arrays, following = trainer.step.layers[layer - 1 : layer + 1]
    yield Quantity.INPUTS, np.broadcast_to(arrays.inputs[0][:, np.newaxis], arrays.weights.shape)
    yield Quantity.WEIGHTS, arrays.weights
    if arrays.biases is not None:
        yield Quantity.BIAS, arrays.biases[np.newaxis]
    yield Quantity.SUM, arrays.z
    yield Quantity.ACTIVATION, arrays.a
    if arrays.mask is not None:
        yield Quantity.MASK, arrays.mask
    yield Quantity.OUTGOING, following.weights.T
    assert arrays.error is not None, "a hidden layer has one"
    yield Quantity.ERROR, arrays.error
    yield Quantity.DELTA, arrays.delta
    yield Quantity.GRADIENT, arrays.gradient
    yield Quantity.OUTGOING_GRADIENT, following.weight_gradient.T
    if arrays.memory:
        rows = len(following.weights)
        yield Quantity.MEMORY, np.concatenate(arrays.memory)
        yield Quantity.OUTGOING_MEMORY, np.concatenate([state[:rows].T for state in following.memory])


def _link(trainer: Trainer, quantity: Quantity, first: Floats, second: Floats) -> Link:
    # -0.0 and 0.0 are equal numbers with different bits
    if (first + 0.0).tobytes() == (second + 0.0).tobytes():
        few = tuple(map(float, first[:FEW]))
        return Link(quantity, len(first), True, 0, few, few, 0.0)
    with np.errstate(invalid="ignore"):
        differences = np.abs(first - second)
    place = int(differences.argmax())  # a NaN, if there is one
    return Link(
        quantity=quantity,
        count=len(first),
        equal=False,
        place=_sample(trainer, place) if quantity.of_samples else place,
        first=(float(first[place]),),
        second=(float(second[place]),),
        difference=float(differences[place]),
    )


def _sample(trainer: Trainer, row: int) -> int:
    """Return which training sample stands in a row of this step's arrays."""
    batch = trainer.step.batch
    return row if batch is None else int(batch[row])


def _verdict(trainer: Trainer, layer: int, links: tuple[Link, ...]) -> Verdict:
    different = {link.quantity for link in links if not link.equal}
    if different & {Quantity.WEIGHTS, Quantity.BIAS}:
        return Verdict.DIFFER
    if different & {Quantity.GRADIENT, Quantity.MEMORY}:
        return Verdict.PARTING
    if different & {Quantity.OUTGOING, Quantity.OUTGOING_GRADIENT, Quantity.OUTGOING_MEMORY}:
        return Verdict.LATER
    if trainer.experiment.network.layers[layer - 1].dropout:
        return Verdict.DROPOUT
    return Verdict.STAY if trainer.experiment.arithmetic == "exact" else Verdict.ROUNDING
