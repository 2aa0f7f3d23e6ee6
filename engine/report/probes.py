"""What is asked of a step beyond weights, gradients and groups."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class NeuronRef:
    """A neuron of a network: its layer, counted from 1, and its place in it, counted from 0. Layer 0 are the inputs."""

    layer: int
    neuron: int

    @property
    def number(self) -> int:
        """Return the number that people see, which counts from 1."""
        return self.neuron + 1


@dataclass(frozen=True)
class Pair:
    """Two neurons of one hidden layer. A neuron twice stands for it and another one of its group."""

    first: NeuronRef
    second: NeuronRef

    @property
    def layer(self) -> int:
        """Return the layer of both, counted from 1."""
        return self.first.layer


def pair_in(layer: int, first: int, second: int) -> Pair:
    """Return two neurons, counted from 0, of a layer, counted from 1."""
    return Pair(NeuronRef(layer, first), NeuronRef(layer, second))


@dataclass(frozen=True)
class NeuronPlace:
    """A neuron, or an input, of lane number `lane`, counted from 0."""

    lane: int
    ref: NeuronRef


@dataclass(frozen=True)
class Probes:
    """What is to be worked out beyond weights, gradients and groups.

    `tolerance` is the relative difference up to which neurons count as equal, 0 is bit for bit. `causes`, `health` (with
    similarity) and `small` are about lane number `lane`; `change` (what the last update did), `gradients` and `space`
    about all lanes. `alarms` are the numbers of the lanes whose health is looked at besides. Without a `pair`, two
    neurons of the first group are explained. `scores` are loss and accuracy over all samples, of all lanes: they come at
    once or, where that takes long, some frames later. `marks` are what happened in all lanes, found little by little;
    `at_rest` says that nothing trains meanwhile. `walk` is the step operation by operation, of all lanes. `unseen` are
    the numbers of lanes of which nothing else is asked. `is_hasty` says that nothing is explained, to be quick.
    """

    tolerance: float = 0.0
    change: bool = False
    lane: int = 0
    causes: bool = False
    pair: Pair | None = None
    health: bool = False
    alarms: tuple[int, ...] = ()
    small: bool = False
    gradients: bool = False
    space: bool = False
    neuron: NeuronPlace | None = None
    scores: bool = False
    marks: bool = False
    at_rest: bool = False
    walk: bool = False
    unseen: tuple[int, ...] = ()
    is_hasty: bool = False

    def while_dragged(self) -> Probes:
        """Return what is asked while a value is dragged: what is seen, without the reasons for it."""
        return replace(self, causes=False, health=False, small=False, marks=False, is_hasty=True)

    def of_lane(self, number: int) -> Probes:
        """Return what is asked of one lane."""
        return UNSEEN if number in self.unseen else self


NO_PROBES = Probes()
"""Weights, gradients and groups only."""
UNSEEN = Probes(lane=-1)
"""What is asked of a lane that nobody sees."""
