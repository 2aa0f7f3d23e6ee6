"""Neurons put together by group, for display only: a network with its hidden neurons in another order is the same one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from engine.core.arrays import Floats
from engine.model.layout import Layout
from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot, LayerSnapshot


def gathered(lane: LaneSnapshot) -> LaneSnapshot:
    """Return a lane whose hidden neurons stand group by group, the largest group first; `order` tells who is who."""
    order = tuple(by_group(layer.symmetry.labels) for layer in lane.hidden_layers)
    order += (tuple(range(lane.layers[-1].symmetry.units)),)
    places = parameter_places(lane.layout, order)
    theta, gradient = _taken(lane.theta, places), _taken(lane.gradient, places)
    change = None if lane.change is None else _taken(lane.change, places)
    layers = tuple(_gathered_layer(lane, index, mine, (theta, gradient)) for index, mine in enumerate(order))
    return replace(lane, theta=theta, gradient=gradient, change=change, layers=layers, order=order)


def shown_place(lane: LaneSnapshot, ref: NeuronRef) -> NeuronRef:
    """Return at which place of its layer a neuron of the network is shown."""
    if lane.order is None or not ref.layer:
        return ref
    return NeuronRef(ref.layer, lane.order[ref.layer - 1].index(ref.neuron))


def neuron_at(lane: LaneSnapshot | None, place: NeuronRef) -> NeuronRef:
    """Return which neuron of the network is shown at a place of a layer."""
    if lane is None or lane.order is None or not place.layer:
        return place
    return NeuronRef(place.layer, lane.order[place.layer - 1][place.neuron])


def by_group(labels: tuple[int, ...]) -> tuple[int, ...]:
    """Return the neurons group by group, larger groups first, in each the neurons in their order."""
    sizes = Counter(labels)
    return tuple(sorted(range(len(labels)), key=lambda unit: (-sizes[labels[unit]], labels[unit], unit)))


def parameter_places(
    layout: Layout, order: tuple[tuple[int, ...], ...]
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return for each parameter of the reordered network where it stands in the original (parameters,)."""
    places = np.arange(layout.size)
    moved = places.copy()
    above: tuple[int, ...] = tuple(range(layout.blocks[0].fan_in))
    for norm, mine in zip(layout.norms, order, strict=True):
        before, after = (list(norm.named(flat).values()) if norm else [] for flat in (places, moved))
        for one, other in zip(before, after, strict=True):
            other[...] = one[list(mine)]
    for block, mine in zip(layout.blocks, order, strict=True):
        rows = [*above, *range(block.fan_in, block.rows)]  # the bias stays last
        block.of(moved)[...] = block.of(places)[np.ix_(rows, mine)]
        above = mine
    return moved


def _taken(flat: Floats, places: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    taken = flat[places]
    taken.flags.writeable = False
    return taken


def _gathered_layer(
    lane: LaneSnapshot, index: int, order: tuple[int, ...], flat: tuple[Floats, Floats]
) -> LayerSnapshot:
    layer, block, norm = lane.layers[index], lane.layout.blocks[index], lane.layout.norms[index]
    theta, gradient = flat
    labels = tuple(layer.symmetry.labels[unit] for unit in order)
    return replace(
        layer,
        weights=block.weights(theta),
        gradient=block.weights(gradient),
        biases=block.biases(theta),
        bias_gradient=block.biases(gradient),
        learnt=norm and norm.learnt(theta),
        learnt_gradient=norm and norm.learnt(gradient),
        symmetry=replace(layer.symmetry, labels=labels),
    )
