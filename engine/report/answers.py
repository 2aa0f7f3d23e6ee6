"""What was asked of a lane, answered."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.arrays import AnyArray
from engine.report.causes import LayerCause, PairExplanation
from engine.report.condition import Health
from engine.report.curve import Curve
from engine.report.equality import LayerPrediction, LayerSimilarity, LayerSymmetry, Quotient
from engine.report.plane import Maps, Predictions, SpaceMaps
from engine.report.probes import NeuronPlace


@dataclass(frozen=True)
class DoneOperation:
    """An operation of a step, done: its formula, and the value that it gave its target, locked.

    `phase` is "forward", "loss", "backward" or "update"; `layer` counts from 1, and 0 is the network as a whole. `reads`
    are the names of the arrays on the right side of the formula.
    """

    phase: str
    layer: int
    formula: str
    target: str
    reads: tuple[str, ...]
    value: AnyArray


@dataclass(frozen=True)
class Walk:
    """A step, operation by operation.

    `given` are the arrays that operations read as they were before the step, by name: samples, parameters, and what the
    optimizer remembers. `numbers` are those in the formulas, by their symbols, and `functions` are written out over z.
    """

    given: dict[str, AnyArray]
    numbers: dict[str, float]
    functions: dict[str, str]
    operations: tuple[DoneOperation, ...]


@dataclass(frozen=True)
class Why:
    """Why neurons of a lane are equal and whether they stay so: for all layers, the output layer last, and two neurons.

    `symmetries` compare bit for bit, as predictions do.
    """

    symmetries: tuple[LayerSymmetry, ...]
    causes: tuple[LayerCause, ...]
    prediction: tuple[LayerPrediction, ...]
    pair: PairExplanation | None


@dataclass(frozen=True)
class NeuronMap:
    """What one neuron gives over the plane of the data: values (rows, columns)."""

    place: NeuronPlace
    values: Maps


@dataclass(frozen=True)
class Insight:
    """What was asked of a lane, answered; None and () where it was not asked or makes no sense.

    `health` is what was looked at last, and knows at which step that was. `similarity` is about the hidden layers.
    """

    why: Why | None = None
    health: Health | None = None
    similarity: tuple[LayerSimilarity, ...] | None = None
    small: Quotient | None = None
    gradient_curves: tuple[Curve, ...] = ()
    space: SpaceMaps | None = None
    predictions: Predictions | None = None
    neuron_map: NeuronMap | None = None
    walk: Walk | None = None
