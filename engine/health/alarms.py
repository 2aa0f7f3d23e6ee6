"""What can keep a network from learning, picked out of what was measured of it.

An alarm is judged by what it does to learning, not by a figure alone: inputs are only called unscaled where something
follows from it, a step is only large where it makes the loss larger, and where weights are only just being made from 0,
nothing is said of the layers that wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from engine.report.condition import Alarm, AlarmKind, Health, LayerHealth, OutputHealth
from engine.report.equality import LayerLikeness

MANY_SHARE, MOST_SHARE = 0.5, 0.9
"""Alarm from this share of saturated outputs or dead neurons of a layer on, and from the larger one on in a network that
has learnt something: of 16 neurons under He's initialization 6 may die while the loss falls to a thousandth, and what
has learnt well saturates."""

MANY_STUCK = 0.25
"""Alarm from this share of samples on whose output is flat on a wrong side."""

VANISHING_RATIO = 1e-3
"""Alarm below this ratio of dZ to that of a later layer. Five sigmoid layers lose 4⁵ = 1,024 at the least (Glorot and
Bengio 2010), and such a network does not get off chance; those that are known to learn keep more than a hundredth."""

EXPLODING_RATIO = 1e3
"""Alarm above this ratio of dZ to that of the output layer: no learning rate serves both."""

FADING_SHARE = 1e-3
"""Alarm where outputs vary less than this share of what came in: the rest of the network sees a constant."""

GROWTH = 100.0
"""Alarm where outputs are this many times larger than the inputs of the network, and than 1."""

LARGE_STEP = 0.1
"""A step is looked at above this ‖ΔW‖/‖W‖: ten such steps replace the weights. About 1e-3 is usual (Bottou's rule of
thumb)."""

RISE = 1.5
"""A large step is an alarm where it makes the loss of its own batch this many times larger."""

SMALL_STEP = 1e-6
"""Alarm below this ‖ΔW‖/‖W‖: a million such steps move the weights by their own size, at the most."""

CREATION_RATIO = 0.01
"""Weights that grow and change by this share of their size in a step are only just being made, as those that start
at 0."""

LEARNT_SHARE, SOLVED_SHARE, FINISHED_SHARE = 0.9, 0.2, 1e-9
"""With a loss below the first share of that of chance the network has learnt something, and need not move on. Below the
second one neurons may well act alike: at the end of a network all tell the same two classes apart. Below the third one
nothing is left to learn."""

HIGH_ENTROPY, HIGH_ERROR = 4.0, 100.0
"""Alarm where a cross-entropy or a squared error is this many times that of chance. He's initialization starts narrow
networks with cross-entropies of up to 3 times chance and squared errors of up to 30; they get over it in a few steps."""

LARGE_INPUT, SMALL_INPUT = 10.0, 0.01
"""Inputs of mean 0 and variance 1, as LeCun et al. (1998) advise, hardly ever reach the one and are not all below the
other."""

ONE_SIGN = 0.9
"""Weights are called of one sign from this share on: training turns some of those that started so."""

FEWEST_WEIGHTS = 20
"""Of 20 weights 18 have one sign by chance in one of 2,500 layers; of fewer weights that is nothing unusual."""

MANY_AT_ZERO = 0.01
"""Alarm from this share of samples on whose output is wrong whatever the weights."""

LARGE_ERROR = 30.0
"""Targets are called unscaled where outputs are this many times their own size, or 1, away from them."""

CONSTANT_SHARE = 0.01
"""Outputs are called constant where they vary less than this share of the targets."""

NO_SIGNAL = 0.01
"""What enters the output layer carries no signal where it varies less than this share of its size."""

ONE_NEURON, NEARLY_ONE = 1.1, 1.5
"""A layer that acts like fewer neurons acts like one; where random columns point in many directions, that is said up to
the second number."""

ONE_OF_MANY = 50.0
"""Random columns that point in this many directions make that second number the limit; fewer ones a smaller one."""

DECAY_RATIO = 10.0
"""Weight decay rules where it pulls this many times as hard as the loss. At a minimum of both they pull alike, however
little it matters."""

DECAYING = 1e-4
"""Weight decay is looked at above this ‖ΔW‖/‖W‖: in a thousand such steps it takes a tenth of the weights."""

ONE_DIRECTION = 0.1
"""Columns are alike where their number of directions is above 1 by less than this share of what it is for random ones;
in few dimensions, where random columns come near each other by chance, by less still."""

_Found = Iterator[tuple[AlarmKind, int, float]]


def alarms_of(health: Health) -> tuple[Alarm, ...]:
    """Return what can keep a network from learning, the most important first.

    Where numbers are no longer finite, nothing else is said. A loss that is infinite is a number that is too large.
    """
    broken = [number for number, layer in enumerate(health.layers, start=1) if not layer.is_finite]
    if broken:
        return (Alarm(AlarmKind.NOT_FINITE, tuple(broken), (0.0,) * len(broken)),)
    figures: dict[AlarmKind, dict[int, float]] = {kind: {} for kind in AlarmKind}
    for look in _LOOKS:
        for kind, layer, figure in look(health):
            figures[kind][layer] = figure
    _blame_inputs(figures, health)
    _blame_signs(figures, health)
    return tuple(Alarm(kind, tuple(found), tuple(found.values())) for kind, found in figures.items() if found)


def _targets(health: Health) -> _Found:
    """Targets that outputs cannot reach, or hardly, and a loss that is made for others."""
    output, last = health.output, len(health.layers)
    if output.mismatch is not None:
        yield AlarmKind.LOSS_MISMATCH, last, 0.0
    if output.unreachable > 0 and output.mismatch is None:
        yield AlarmKind.OUTPUT_RANGE, last, output.unreachable
    elif output.error > LARGE_ERROR * max(1.0, output.size) or _are_still_far(output):
        yield AlarmKind.TARGETS_NOT_SCALED, last, output.error


def _are_still_far(output: OutputHealth) -> bool:
    """Return whether outputs are on their way to targets that are too large, and no better than a constant yet."""
    largest = max(map(abs, output.targets))
    learns = output.chance is None or _has_learnt(output)
    return LARGE_ERROR < output.error <= largest and not learns


def _outputs(health: Health) -> _Found:
    """Outputs that do not depend on the input, that are stuck, or that are worse than a constant would be."""
    output, last = health.output, len(health.layers)
    if _is_constant(health):
        yield AlarmKind.OUTPUT_CONSTANT, last, 0.0
    if output.wrong_at_zero >= MANY_AT_ZERO:
        yield AlarmKind.FIXED_AT_ZERO, last, output.wrong_at_zero
    if output.stuck >= MANY_STUCK:
        yield AlarmKind.OUTPUT_SATURATED, last, output.stuck
    most = HIGH_ENTROPY if output.classifies else HIGH_ERROR
    if output.chance is not None and not output.loss <= most * max(output.chance, output.undecided):
        yield AlarmKind.HIGH_LOSS, last, output.loss / output.chance


def _is_constant(health: Health) -> bool:
    output = health.output
    if output.target_variation == 0:
        return False  # a constant is right
    if output.is_fixed or health.inputs.variation == 0:
        return True
    if output.variation > CONSTANT_SHARE * output.target_variation:
        return False
    size, variation = _before_output(health)
    if variation <= NO_SIGNAL * size:
        return not _is_being_made(health, 1, max(1, len(health.layers) - 1))
    return health.layers[-1].gradient_per_weight == 0


def _before_output(health: Health) -> tuple[float, float]:
    """Return size and variation of what enters the output layer."""
    if len(health.layers) == 1:
        return health.inputs.size, health.inputs.variation
    return health.layers[-2].size, health.layers[-2].variation


def _is_being_made(health: Health, first: int, last: int | None = None) -> bool:
    """Return whether the weights of one of the layers `first` to `last` grow, and change a lot for their size."""
    update, chosen = health.update, slice(first - 1, last)
    return any(
        gradient > 0 if ratio is None else grows and ratio >= CREATION_RATIO
        for ratio, gradient, grows in zip(
            update.ratios[chosen], update.gradients[chosen], update.grows[chosen], strict=True
        )
    )


def _has_learnt(output: OutputHealth, share: float = LEARNT_SHARE) -> bool:
    """Return whether the loss is below a share of what outputs that ignore the inputs can reach, or 0 where that is 0."""
    return output.loss == 0 or (output.chance is not None and output.loss < share * output.chance)


def _neurons(health: Health) -> _Found:
    """Neurons that are equal or nearly so, off or saturated."""
    hidden, share = health.layers[:-1], MOST_SHARE if _has_learnt(health.output) else MANY_SHARE
    is_solved = _has_learnt(health.output, SOLVED_SHARE)
    for number, layer in enumerate(hidden, start=1):
        if layer.saturated is not None and layer.saturated >= share:
            yield AlarmKind.SATURATED, number, layer.saturated
        if layer.dead is not None and layer.dead >= share:
            yield AlarmKind.DEAD, number, float(round(layer.dead * layer.units))
    for number, (layer, groups, likeness) in enumerate(
        zip(hidden, health.groups, health.likeness, strict=True), start=1
    ):
        if groups <= layer.units / 2:
            yield AlarmKind.SYMMETRY, number, float(groups)
        elif likeness.acts_like is not None and _are_alike(likeness) and not is_solved:
            yield AlarmKind.NEAR_SYMMETRY, number, likeness.acts_like


def _are_alike(likeness: LayerLikeness) -> bool:
    """Return whether outputs follow each other and columns point the same way, where random ones would not."""
    if likeness.acts_like is None or likeness.directions is None:
        return False
    random = likeness.random_directions
    limit = ONE_DIRECTION * (random - 1.0) ** 2 / random
    most = min(NEARLY_ONE, max(ONE_NEURON, 1.0 + (NEARLY_ONE - 1.0) * random / ONE_OF_MANY))
    return likeness.acts_like < most and likeness.directions - 1.0 < limit


def _forward(health: Health) -> _Found:
    """Outputs of hidden layers beside those of layers before them."""
    inputs = health.inputs
    strongest, largest = min(1.0, inputs.variation), GROWTH * max(1.0, inputs.size)
    if _has_learnt(health.output, SOLVED_SHARE):
        largest = inf
    for number, layer in enumerate(health.layers[:-1], start=1):
        if layer.size > largest:
            yield AlarmKind.GROWING, number, layer.size
    for number, layer in enumerate(health.layers[:-1], start=1):
        if _says_why_it_is_still(layer) or _is_being_made(health, 1, number):
            return  # later layers only pass this on
        if layer.variation < FADING_SHARE * strongest:
            yield AlarmKind.FADING, number, layer.variation
        strongest = max(strongest, layer.variation)


def _says_why_it_is_still(layer: LayerHealth) -> bool:
    """Return whether another alarm tells why outputs do not vary: they are saturated or off, or all weights are 0."""
    return (
        (layer.saturated or 0.0) >= MANY_SHARE
        or layer.dead == 1.0
        or layer.unstarted == 1.0
        or layer.z_deviation == 0.0
    )


def _backward(health: Health) -> _Found:
    """The gradient of W, and dZ of hidden layers beside that of layers after them, from which it comes."""
    layers = health.layers
    for number, layer in enumerate(layers, start=1):
        if layer.gradient_per_weight == 0:
            if not _waits(health, number) and not _has_learnt(health.output, FINISHED_SHARE):
                yield AlarmKind.ZERO_GRADIENT, number, 0.0
            continue
        later, last = max((other.delta for other in layers[number:]), default=0.0), layers[-1].delta
        if layer.delta < VANISHING_RATIO * later and not _is_being_made(health, number + 1):
            yield AlarmKind.VANISHING, number, layer.delta / later
        elif last > 0 and layer.delta > EXPLODING_RATIO * last:
            yield AlarmKind.EXPLODING, number, layer.delta / last


def _waits(health: Health, number: int) -> bool:
    """Return whether a later layer, whose weights are all 0, will have moved after the next update."""
    update = health.update
    return any(
        ratio is None and layer.gradient_per_weight > 0
        for ratio, layer in zip(update.ratios[number:], health.layers[number:], strict=True)
    )


def _decay(health: Health) -> _Found:
    """Weights that weight decay takes although nothing has been learnt."""
    if health.output.chance is None or _has_learnt(health.output):
        return
    for number, layer in enumerate(health.layers, start=1):
        if layer.dead == 1.0 or _waits(health, number) or _is_being_made(health, number + 1):
            continue
        ratio = health.update.ratios[number - 1]
        if layer.pull > DECAY_RATIO * layer.push and ratio is not None and ratio > DECAYING:
            yield AlarmKind.WEIGHT_DECAY, number, layer.pull / layer.push if layer.push else inf


def _steps(health: Health) -> _Found:
    """Updates that overshoot, and updates that lead nowhere."""
    update, output = health.update, health.output
    rises = not update.loss_after <= RISE * update.loss
    learns = output.chance is None or _has_learnt(output)
    for number, (ratio, layer) in enumerate(zip(update.ratios, health.layers, strict=True), start=1):
        if layer.gradient_per_weight == 0 or layer.is_frozen:
            continue
        if rises and (ratio is None or ratio > LARGE_STEP):
            yield AlarmKind.LARGE_STEP, number, inf if ratio is None else ratio
        if ratio is None:
            continue
        if not learns and _usual_ratio(ratio, update.gradients[number - 1], layer) < SMALL_STEP:
            yield AlarmKind.SMALL_STEP, number, ratio


def _usual_ratio(ratio: float, gradient: float, layer: LayerHealth) -> float:
    """Return ‖ΔW‖/‖W‖ of an update with the gradient of all samples: that of one batch may be 0 by chance."""
    if gradient == 0:
        return inf
    return ratio * max(1.0, layer.gradient_norm / gradient)


def _scales_of_inputs(health: Health) -> _Found:
    """Inputs so small that the first layer hardly notices them."""
    largest = max(map(abs, health.layers[0].inputs))
    are_noticed = health.layers[0].variation >= SMALL_INPUT or _has_learnt(health.output)
    if 0 < largest < SMALL_INPUT and not are_noticed:
        yield AlarmKind.INPUTS_TOO_SMALL, 1, largest


_LOOKS = (_targets, _outputs, _neurons, _forward, _backward, _decay, _steps, _scales_of_inputs)


def _blame_inputs(figures: dict[AlarmKind, dict[int, float]], health: Health) -> None:
    """Call large inputs unscaled where something follows from it in the first layer."""
    first = health.layers[0]
    largest = max(map(abs, first.inputs))
    if largest <= LARGE_INPUT:
        return
    follows = (
        AlarmKind.SATURATED,
        AlarmKind.DEAD,
        AlarmKind.ZERO_GRADIENT,
        AlarmKind.GROWING,
        AlarmKind.LARGE_STEP,
    )
    loud = max(abs(first.z_mean), first.z_deviation) > LARGE_INPUT and figures[AlarmKind.HIGH_LOSS]
    if loud or any(1 in figures[kind] for kind in follows):
        figures[AlarmKind.INPUTS_NOT_SCALED][1] = largest


def _blame_signs(figures: dict[AlarmKind, dict[int, float]], health: Health) -> None:
    """Name weights of one sign where something follows from it: with inputs of one sign hardly anything cancels.

    Equal neurons have an alarm of their own, which is the cause.
    """
    in_hidden = (AlarmKind.SATURATED, AlarmKind.DEAD, AlarmKind.NEAR_SYMMETRY, AlarmKind.GROWING)
    in_output = (AlarmKind.OUTPUT_SATURATED, AlarmKind.OUTPUT_CONSTANT, AlarmKind.HIGH_LOSS)
    for number, layer in enumerate(health.layers, start=1):
        sign = layer.one_sign * _sign_of(layer.inputs)
        follows = in_hidden if number < len(health.layers) else in_output
        if (
            abs(layer.one_sign) >= ONE_SIGN
            and layer.weight_count >= FEWEST_WEIGHTS
            and sign * layer.z_mean > 0
            and number not in figures[AlarmKind.SYMMETRY]
            and any(number in figures[kind] for kind in follows)
        ):
            figures[AlarmKind.WEIGHTS_OF_ONE_SIGN][number] = abs(layer.one_sign)


def _sign_of(ends: tuple[float, float]) -> int:
    """Return the sign that all numbers between two ends have, apart from zeros; 0 where they differ in sign."""
    low, high = ends
    return int(high > 0) - int(low < 0) if low * high >= 0 else 0
