"""What is asked of a step beyond weights, gradients and groups."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Two neurons of a hidden layer: the layer counted from 1, the neurons from 0.

    A neuron twice stands for it and another one of its group.
    """

    layer: int
    first: int
    second: int


@dataclass(frozen=True)
class NeuronPlace:
    """A neuron, or an input (layer 0), of a lane; all but the layers counted from 0."""

    lane: int
    layer: int
    neuron: int


@dataclass(frozen=True)
class Wanted:
    """What is to be worked out beyond weights, gradients and groups.

    `tolerance` is the relative difference up to which neurons count as equal, 0 is bit for bit. `causes`, `health` and
    `small` are about lane number `lane`; `change` (what the last update did), `gradients` and `space` about all lanes.
    Without a `pair`, two neurons of the first group are explained.
    """

    tolerance: float = 0.0
    change: bool = False
    lane: int = 0
    causes: bool = False
    pair: Pair | None = None
    health: bool = False
    small: bool = False
    gradients: bool = False
    space: bool = False
    neuron: NeuronPlace | None = None


NOTHING_MORE = Wanted()
"""Weights, gradients and groups only."""
