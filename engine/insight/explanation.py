"""Why a layer moves or not, and why two neurons are equal or not, read from the tape of one step.

Everything here is read from the arrays that `Trainer.compute_gradient` left behind, and from the parameters after the
update, which is done and taken back: only it knows what becomes of a gradient too small for the last digit of a weight.
Equal means bit for bit, except that -0.0 equals 0.0 and a NaN equals nothing; zero means exactly 0. Layers count from
1, and neurons, samples and other places in an array from 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.core.arrays import Floats
from engine.report.causes import LayerCause, Link, Motion, PairExplanation, Quantity, Reason, Verdict
from engine.report.probes import Pair
from engine.symmetry.first_pass import output_errors, slopes_at
from engine.symmetry.groups import columns_and_rows, differences
from engine.symmetry.prediction import rounds_unequally
from engine.symmetry.signs import Bools, any_along
from engine.training.trainer import Trainer

SHOWN_NUMBERS = 3
"""How many of the equal numbers are given as examples of all of them."""

_REASONS_OF_SLOPES = {Reason.OFF, Reason.FLAT, Reason.TINY_DELTA}
"""Reasons that are given together with the range of z in which they hold."""

_PARTING_QUANTITIES = {
    *(Quantity.OUTGOING, Quantity.GRADIENT, Quantity.NORM_GRADIENT, Quantity.OUTGOING_GRADIENT),
    *(Quantity.MEMORY, Quantity.OUTGOING_MEMORY, Quantity.PASSED_ON, Quantity.RETURNED),
}
"""Quantities that, where they differ, part equal columns sooner or later, unless nothing moves these columns."""


def layer_causes(trainer: Trainer) -> tuple[LayerCause, ...]:
    """Return whether and why each layer moves, the output layer last; call after `compute_gradient`."""
    after = trainer.parameters_after_update()
    return tuple(
        _cause(
            trainer,
            index + 1,
            trainer.layout.columns(index, after) != trainer.layout.columns(index, trainer.theta),
        )
        for index in range(len(trainer.layout.blocks))
    )


def _cause(trainer: Trainer, number: int, changed: Bools) -> LayerCause:
    """Return the cause of a layer; `changed` says which numbers of its columns (numbers, fan_out) this update changes."""
    block, gradient = trainer.layout.blocks[number - 1], _gradient(trainer, number)
    motion = _motion(trainer, number, changed)
    loss_moves_weights = gradient[: block.fan_in].any() and not _factor_is_zero(trainer, number)
    explained = motion is not Motion.NOT_FINITE and not loss_moves_weights
    reasons = tuple(_reasons(trainer, number)) if explained else ()
    reached, z = _where_flat(trainer, number) if _REASONS_OF_SLOPES & {*reasons} else (0, None)
    return LayerCause(
        layer=number,
        units=block.fan_out,
        is_output=number == len(trainer.layout.blocks),
        motion=motion,
        weights_moving=bool(gradient[: block.fan_in].any()),
        biases_moving=bool(gradient[block.fan_in :].any()),
        moving_neurons=int(np.count_nonzero(any_along(changed, 0))),
        reasons=reasons,
        reached=reached,
        z=z,
        is_normalized=trainer.layout.norms[number - 1] is not None,
    )


def _gradient(trainer: Trainer, number: int) -> Floats:
    """Return the gradients of the columns of a layer, (numbers, fan_out)."""
    return trainer.layout.columns(number - 1, trainer.step.gradient)


def _motion(trainer: Trainer, number: int, changed: Bools) -> Motion:
    """Return whether this update moves a layer, and by what."""
    arrays, slopes = trainer.step.layers[number - 1], _gradient(trainer, number)
    columns = trainer.layout.columns(number - 1, trainer.theta)
    if not (np.isfinite(slopes).all() and np.isfinite(columns).all()):
        return Motion.NOT_FINITE
    if trainer.experiment.network.layers[number - 1].rate == 0:
        return Motion.FROZEN
    gradient, remembered = slopes != 0, _remembered(trainer, number) != 0
    pushed = gradient | remembered
    if not changed.any():
        return Motion.TOO_SMALL if pushed.any() else Motion.NONE
    fan_in = len(arrays.weights)
    if not gradient[:fan_in].any() or _factor_is_zero(trainer, number):
        return _motion_without_loss(changed, gradient, remembered, fan_in)
    others = ~any_along(changed, 0)
    if not others.any():
        return Motion.ALL
    return Motion.SOME_TOO_SMALL if pushed[:, others].any() else Motion.SOME


def _motion_without_loss(changed: Bools, gradient: Bools, remembered: Bools, fan_in: int) -> Motion:
    """Return what moves a layer whose weights the loss does not move; the flags are (rows, fan_out), the bias last."""
    if gradient[:fan_in].any() and changed[:fan_in].any():
        return Motion.DECAY_AND_MEMORY if remembered[:fan_in].any() else Motion.ONLY_DECAY
    if not (changed & gradient)[fan_in:].any():
        return Motion.COASTING
    return Motion.BIASES_AND_MEMORY if changed[:fan_in].any() else Motion.ONLY_BIASES


def _factor_is_zero(trainer: Trainer, number: int) -> bool:
    """Return whether a factor of dW, which is the gradient of the loss without weight decay, is 0 throughout."""
    arrays = trainer.step.layers[number - 1]
    return not (arrays.inputs.any() and arrays.delta.any())


def _remembered(trainer: Trainer, number: int) -> Floats:
    """Return what moves the columns (numbers, fan_out) of a layer on while their gradients are 0."""
    has_memory = trainer.experiment.optimizer.has_memory
    memory = trainer.step.memory[0] if has_memory else np.zeros_like(trainer.theta)
    return trainer.layout.columns(number - 1, memory)


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
        products = (Reason.APART, Reason.TINY, Reason.CANCELS)
        yield Reason.DECAY_BALANCES if _decays(trainer, number) else _why_zero(inputs.T, delta, products)
    if arrays.bias_gradient is not None and not arrays.bias_gradient.any():
        yield Reason.BIASES_CANCEL


def _decays(trainer: Trainer, number: int) -> bool:
    """Return whether weight decay pulls at a weight of a layer."""
    pull, block = trainer.step.pull, trainer.layout.blocks[number - 1]
    return pull is not None and bool(block.weights(pull).any())


def _why_no_delta(trainer: Trainer, number: int) -> Iterator[Reason]:
    """Yield why dZ of a layer is 0 in every sample."""
    activation = trainer.experiment.network.layers[number - 1].activation
    reached, arrays = _reached(trainer, number), trainer.step.layers[number - 1]
    if arrays.u_delta.any():
        yield Reason.NORMALIZED
    elif activation.mixes_units and reached.shape[1] == 1:
        yield Reason.ALWAYS_ONE
    elif not reached.any():
        if number == len(trainer.layout.blocks):
            yield Reason.NO_ERROR
        else:
            yield from _why_no_error(trainer, number)
    elif activation.mixes_units:
        errors = _output_errors(trainer) if arrays.error is None else arrays.error
        yield _why_no_delta_of_shares(arrays.f, errors)
    elif activation.is_rectifier:
        yield Reason.OFF
    else:
        yield Reason.TINY_DELTA if (slopes_at(activation, arrays.u) != 0)[reached].any() else Reason.FLAT


def _why_no_delta_of_shares(shares: Floats, errors: Floats) -> Reason:
    """Return why dZ of a softmax is 0 in every sample although its outputs, `shares` (samples, units), have `errors`."""
    if (np.count_nonzero(shares, axis=1) == 1).all():
        return Reason.FLAT
    there = shares != 0
    highest = np.where(there, errors, -np.inf).max(axis=1)
    return (
        Reason.SAME_ERRORS
        if (np.where(there, errors, np.inf).min(axis=1) == highest).all()
        else Reason.TINY_DELTA
    )


def _reached(trainer: Trainer, number: int) -> Bools:
    """Return where (samples, fan_out) an error comes back to a layer; to the output: where the loss wants another."""
    error = trainer.step.layers[number - 1].error
    return (_output_errors(trainer) if error is None else error) != 0


def _output_errors(trainer: Trainer) -> Floats:
    step = trainer.step
    return output_errors(trainer.experiment, step.outputs, step.targets)


def _why_no_error(trainer: Trainer, number: int) -> Iterator[Reason]:
    """Yield why dA = dZm·Wmᵀ of a hidden layer is 0 in every sample."""
    following = trainer.step.layers[number]
    outgoing, delta = following.weights.T, following.delta
    passed = following.error if trainer.layout.residuals[number] else None
    back = delta @ outgoing if passed is None else delta @ outgoing + passed
    if trainer.experiment.network.layers[number - 1].dropout and back.any():
        yield Reason.LEFT_OUT
        return
    if not outgoing.any():
        yield Reason.NO_OUTGOING
    if not delta.any():
        yield Reason.NO_NEXT_DELTA
    if passed is not None and passed.any():
        yield Reason.RESIDUAL_CANCELS
        return
    if outgoing.any() and delta.any():
        yield _why_zero(delta, outgoing, (Reason.RETURN_APART, Reason.RETURN_TINY, Reason.RETURN_CANCELS))
    if passed is not None:
        yield Reason.NOTHING_BESIDE


def _why_zero(left: Floats, right: Floats, reasons: tuple[Reason, Reason, Reason]) -> Reason:
    """Return why left (rows, terms) · right (terms, columns) is 0: factors apart, products tiny, terms that cancel."""
    largest = np.abs(left).max(axis=0) * np.abs(right).max(axis=1)  # of each term, so one that really occurs
    apart, tiny, cancels = reasons
    if largest.any():
        return cancels
    return tiny if (left.any(axis=0) & right.any(axis=1)).any() else apart


def _where_flat(trainer: Trainer, number: int) -> tuple[int, tuple[float, float]]:
    """Return how many neurons an error comes back to, and the lowest and highest u (z as a rule) where it does."""
    reached = _reached(trainer, number)
    u = trainer.step.layers[number - 1].u[reached]
    return int(np.count_nonzero(any_along(reached, 0))), (float(u.min()), float(u.max()))


def pair_of_group(labels: tuple[int, ...], group: int) -> tuple[int, int] | None:
    """Return the first two neurons of a group, for `explain_pair`; None if it has only one. `labels` say who is where."""
    members = [neuron for neuron, label in enumerate(labels) if label == group]
    return (members[0], members[1]) if len(members) > 1 else None


def explain_pair(trainer: Trainer, pair: Pair, *, is_proved: bool = False) -> PairExplanation:
    """Return the chain of two neurons of a hidden layer; call after `compute_gradient`.

    `is_proved`: the number of distinct columns of the layer was proved to stay as it is, so equal ones stay equal.
    """
    layer, first, second = pair.layer, pair.first.neuron, pair.second.neuron
    block = trainer.layout.blocks[layer - 1]
    links = tuple(
        _link(trainer, quantity, values[:, first], values[:, second])
        for quantity, values in _quantities(trainer, layer)
    )
    layout, both = trainer.layout, [first, second]
    gradients, columns = (
        layout.columns(layer - 1, flat)[:, both] for flat in (trainer.step.gradient, trainer.theta)
    )
    after = layout.columns(layer - 1, trainer.parameters_after_update())
    part_now = bool((after[:, first] != after[:, second]).any())
    verdict = _verdict(trainer, layer, links, part_now=part_now)
    if verdict in {Verdict.STAY, Verdict.ROUNDING} and not _alike_in_chain(trainer, pair):
        verdict = Verdict.LATER
    if is_proved and verdict in {Verdict.LATER, Verdict.DROPOUT, Verdict.ROUNDING}:
        verdict = Verdict.PROVED
    finite = bool(np.isfinite(gradients).all() and np.isfinite(columns).all())
    return PairExplanation(
        neurons=pair,
        units=block.fan_out,
        fan_in=block.fan_in,
        links=links,
        verdict=verdict if finite else Verdict.NOT_FINITE,
        moving=bool(gradients.any()),
    )


def _alike_in_chain(trainer: Trainer, pair: Pair) -> bool:
    """Return whether two neurons have the same in every layer that residual connections join theirs with."""
    layout, step = trainer.layout, trainer.step
    chain = layout.chain(pair.layer - 1)
    both = [pair.first.neuron, pair.second.neuron]
    parts = (part for flat in (step.theta, *step.memory) for part in columns_and_rows(layout, chain, flat))
    return len(chain) == 1 or all((part[both[0]] == part[both[1]]).all() for part in parts)


def _quantities(trainer: Trainer, layer: int) -> Iterator[tuple[Quantity, Floats]]:
    """Yield the quantities of a hidden layer in the order of the chain, as (numbers, units)."""
    arrays, following = trainer.step.layers[layer - 1 : layer + 1]
    yield Quantity.INPUTS, np.broadcast_to(arrays.inputs[0][:, np.newaxis], arrays.weights.shape)
    yield Quantity.WEIGHTS, arrays.weights
    if arrays.biases is not None:
        yield Quantity.BIAS, arrays.biases[np.newaxis]
    yield Quantity.SUM, arrays.z
    norm = trainer.layout.norms[layer - 1]
    if norm is not None:
        yield Quantity.NORM, norm.learnt(trainer.theta)
        yield Quantity.NORMALIZED_SUM, arrays.u
    yield Quantity.ACTIVATION, arrays.f
    if trainer.layout.residuals[layer - 1]:
        yield Quantity.PASSED_ON, arrays.inputs
    if arrays.mask is not None:
        yield Quantity.MASK, arrays.mask
    yield Quantity.OUTGOING, following.weights.T
    assert arrays.error is not None, "a hidden layer has one"
    if trainer.layout.residuals[layer] and following.error is not None:
        yield Quantity.RETURNED, following.error
    yield Quantity.ERROR, arrays.error
    yield Quantity.DELTA, arrays.u_delta
    if norm is not None:
        yield Quantity.SUM_DELTA, arrays.delta
    yield Quantity.GRADIENT, arrays.gradient
    if norm is not None:
        yield Quantity.NORM_GRADIENT, norm.learnt(trainer.step.gradient)
    yield Quantity.OUTGOING_GRADIENT, following.weight_gradient.T
    if arrays.memory:
        rows = len(following.weights)
        of_columns = [trainer.layout.columns(layer - 1, state) for state in trainer.step.memory]
        yield Quantity.MEMORY, np.concatenate(of_columns)
        yield Quantity.OUTGOING_MEMORY, np.concatenate([state[:rows].T for state in following.memory])


def _link(trainer: Trainer, quantity: Quantity, first: Floats, second: Floats) -> Link:
    if (first == second).all():
        few = tuple(map(float, first[:SHOWN_NUMBERS]))
        return Link(quantity, len(first), True, 0, few, few, 0.0)
    apart = differences(first, second)
    place = int(apart.argmax())  # a NaN, if there is one
    return Link(
        quantity=quantity,
        count=len(first),
        equal=False,
        place=_sample(trainer, place) if quantity.of_samples else place,
        first=(float(first[place]),),
        second=(float(second[place]),),
        difference=float(apart[place]),
    )


def _sample(trainer: Trainer, row: int) -> int:
    """Return which training sample stands in a row of this step's arrays."""
    batch = trainer.step.batch
    return row if batch is None else int(batch[row])


def _verdict(trainer: Trainer, layer: int, links: tuple[Link, ...], *, part_now: bool) -> Verdict:
    """Return what becomes of two neurons with finite numbers; `part_now`: after this update their columns differ."""
    different = {link.quantity for link in links if not link.equal}
    if different & {Quantity.WEIGHTS, Quantity.BIAS, Quantity.NORM}:
        return Verdict.DIFFER
    if part_now:
        return Verdict.PARTING
    if different & _PARTING_QUANTITIES:
        return Verdict.LATER
    chain = trainer.layout.chain(layer - 1)
    if any(trainer.experiment.network.layers[one].dropout for one in chain if one >= 0):
        return Verdict.DROPOUT
    return Verdict.ROUNDING if rounds_unequally(trainer) else Verdict.STAY
