"""What is equal in a network: distinct columns, groups and spread. Equal means bit for bit, unless a tolerance is given.

A column that holds a NaN equals no other column, because NaN equals no number, not even itself.

Neurons of one hidden layer with equal incoming column, equal bias and equal outgoing row form a group: they compute
equal activations, receive equal gradients, and no deterministic update parts them as long as the optimizer remembers
the same of them. What a neuron learns of its own in a normalized layer, its scale and shift, belongs to its column.
Where residual connections pass numbers on from neuron j of one layer to neuron j of the next, two of them are equal only
if they are in every layer of that chain.

Within a tolerance, neurons count as equal if no two of their numbers differ by more than that share of the largest of
these numbers. Each neuron is compared with the first one of a group: near equality, unlike equality, does not carry
over from neuron to neuron.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.core.arrays import Floats
from engine.model.layout import Layout
from engine.report.equality import LayerSymmetry

SAMPLE_SIZE = 24
"""About how many numbers of long rows are compared first; only where that fails they are compared as a whole."""


def group_labels(neurons: Floats) -> tuple[int, ...]:
    """Return one label per row of `neurons` (units, numbers): equal rows share it; 0, 1, … by first appearance."""
    if neurons.shape[1] > 2 * SAMPLE_SIZE and _all_differ(neurons[:, :: neurons.shape[1] // SAMPLE_SIZE]):
        return tuple(range(len(neurons)))
    return _labels(neurons)


def near_labels(parts: Sequence[Floats], tolerance: float) -> tuple[int, ...]:
    """Return one label per neuron: those share it that are equal within a relative tolerance in every part.

    `parts` are (units, numbers) each, and each is measured by its own size: incoming weights with bias, outgoing weights.
    """
    labels = np.full(len(parts[0]), -1)
    sizes = [np.abs(part).max(axis=1) for part in parts]
    found = 0
    while (left := np.flatnonzero(labels < 0)).size:
        alike = left
        for part, size in zip(parts, sizes, strict=True):
            limits = tolerance * np.maximum(size[alike], size[left[0]])
            limits[~np.isfinite(limits)] = 0.0
            for numbers in (part[:, :: max(1, part.shape[1] // SAMPLE_SIZE)], part):  # few tell most apart
                near = differences(numbers[alike], numbers[left[0]]).max(axis=1) <= limits
                near[0] = True  # a neuron is in its own group, even one that holds a NaN
                alike, limits = alike[near], limits[near]
        labels[alike] = found
        found += 1
    return tuple(labels.tolist())


def differences(one: Floats, other: Floats) -> Floats:
    """Return |one - other|, which is 0 for two equal infinities, too."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(one == other, 0.0, np.abs(one - other))


def _all_differ(neurons: Floats) -> bool:
    """Return True only if no two rows are equal; False says nothing. Equal rows have equal sums, bit for bit."""
    sums = np.ascontiguousarray(neurons.T).sum(axis=0)  # adds row after row, so all units alike
    return len(set(sums.tolist())) == len(neurons) and not np.isnan(sums).any()


def _labels(rows: Floats) -> tuple[int, ...]:
    seen: dict[bytes, int] = {}
    data = (rows + 0.0).tobytes()  # -0.0 and 0.0 are equal numbers with different bits
    size = len(data) // len(rows)
    keys = [data[start : start + size] for start in range(0, len(data), size)]
    for place in np.flatnonzero(np.isnan(rows).any(axis=1)).tolist():
        keys[place] += b"NaN %d" % place
    return tuple(seen.setdefault(key, len(seen)) for key in keys)


def count(labels: tuple[int, ...]) -> int:
    """Return how many different labels there are."""
    return max(labels) + 1


def count_distinct(neurons: Floats) -> int:
    """Return how many different rows `neurons` (units, numbers) has."""
    return count(group_labels(neurons))


def spread(weights: Floats) -> Floats:
    """Return the largest difference between any two columns of W (…, fan_in, fan_out), shape (…)."""
    high, low = weights.max(axis=-1), weights.min(axis=-1)
    return differences(high, low).max(axis=-1)


def mean_abs_cosine(weights: Floats) -> float | None:
    """Return the mean |cos| over all pairs of columns of W (fan_in, fan_out); None with fewer than two that are not 0.

    Each column is scaled first, so that its squares neither vanish nor overflow. None, too, where a weight is not finite.
    """
    if not np.isfinite(weights).all():
        return None
    largest = np.abs(weights).max(axis=0).astype(np.float64)
    columns = weights[:, largest > 0].astype(np.float64)
    count = columns.shape[1]
    if count < 2:
        return None
    _, exponents = np.frexp(largest[largest > 0])
    half = -exponents // 2
    for exponent in (
        half,
        -exponents - half,
    ):  # in two steps, because 1/x of the smallest numbers is infinite
        columns *= np.ldexp(1.0, exponent)
    columns /= np.linalg.norm(columns, axis=0)
    cosines = np.abs(columns.T @ columns)
    pairs = count * (count - 1) / 2
    return float(min(1.0, np.triu(cosines, k=1).sum() / pairs))


def layer_symmetry(layout: Layout, theta: Floats, tolerance: float = 0.0) -> tuple[LayerSymmetry, ...]:
    """Return what is equal in each layer of the parameters `theta` (parameters,), the output layer last."""
    found: list[LayerSymmetry] = []
    for index, block in enumerate(layout.blocks):
        labels = _labels_within(_columns(layout, index, theta), tolerance)
        columns = count(labels)
        if columns < block.fan_out and index < len(layout.blocks) - 1:
            labels = _labels_within(columns_and_rows(layout, layout.chain(index), theta), tolerance)
        found.append(
            LayerSymmetry(
                units=block.fan_out,
                columns=columns,
                labels=labels,
                spread=float(spread(block.weights(theta))),
            )
        )
    return tuple(found)


def _columns(layout: Layout, index: int, theta: Floats) -> list[Floats]:
    """Return the parts of the columns of layer `index` (from 0), (units, numbers) each."""
    block, norm = layout.blocks[index], layout.norms[index]
    return [block.of(theta).T, *([] if norm is None else [norm.learnt(theta).T])]


def columns_and_rows(layout: Layout, chain: Iterable[int], theta: Floats) -> list[Floats]:
    """Return the columns and outgoing rows of hidden layers of one width, (units, numbers) each.

    Layer -1 are the inputs of the network, no two of which are the same.
    """
    parts: list[Floats] = []
    for index in chain:
        own = _columns(layout, index, theta) if index >= 0 else [np.eye(layout.blocks[0].fan_in)]
        parts += [*own, layout.blocks[index + 1].weights(theta)]
    return parts


def _labels_within(parts: Sequence[Floats], tolerance: float) -> tuple[int, ...]:
    if tolerance:
        return near_labels(parts, tolerance)
    return group_labels(np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0])
