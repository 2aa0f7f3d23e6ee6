"""What was asked of a lane, answered."""

from __future__ import annotations

from dataclasses import dataclass

from engine.report.causes import LayerCause, PairExplanation
from engine.report.condition import Health
from engine.report.curve import Curve
from engine.report.equality import LayerPrediction, LayerSimilarity, LayerSymmetry, Quotient
from engine.report.plane import Maps, Predictions, SpaceMaps
from engine.report.probes import NeuronPlace


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
