"""What leaves the training thread: copied, locked, complete. A view needs nothing else to show a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import nan
from typing import Any

from engine.core.arrays import Floats
from engine.core.norms import root_mean_square
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.model.layout import Layout
from engine.report.answers import Insight
from engine.report.condition import Divergence
from engine.report.curve import Curve, Mark, NoisyCurve, Score, ScoreCurves
from engine.report.equality import LayerSymmetry


class Activity(str, Enum):
    """What the training thread is doing."""

    IDLE = "idle"
    PLAYING = "playing"
    SEEKING = "seeking"


@dataclass(frozen=True)
class LayerSnapshot:
    """One layer at one step: W and its gradient (fan_in, fan_out), b and its gradient (fan_out,) or None.

    `learnt` and `learnt_gradient` (2, fan_out) are the scales and shifts of a normalized layer, else None.
    `gradient_columns` counts distinct columns of the gradient together with the bias gradient, and with that of scale and
    shift.
    """

    weights: Floats
    gradient: Floats
    biases: Floats | None
    bias_gradient: Floats | None
    symmetry: LayerSymmetry
    gradient_columns: int
    learnt: Floats | None = None
    learnt_gradient: Floats | None = None

    @property
    def moving(self) -> bool:
        """Return whether any weight of this layer has a gradient other than 0."""
        return bool(self.gradient.any())

    @property
    def gradient_size(self) -> float:
        """Return the root mean square of the gradient of W."""
        return root_mean_square(self.gradient)


@dataclass(frozen=True)
class LaneSnapshot:
    """One variant at one step. `loss` belongs to the shown weights, before their update.

    `divergence` says where the run left the finite numbers, if it has done so up to its newest step.
    `theta` and `gradient` are all parameters and their gradient as flat vectors; the layers are views of them; `change`
    is what the last update did to the parameters, None where nobody asks for it. `image_shape` is (height, width) where
    the inputs are the pixels of an image, row by row. `order` says for each layer which neuron of the network stands at
    each place, None where all stand in their own.

    `has_classes` says that targets stand for classes, so that there is an accuracy. `mean_loss` is the mean loss of the
    last `smoothing` steps, the shown one included: about 500 samples, at most an epoch. `baseline` is the smallest loss
    of a step that outputs which ignore the inputs can have. `score` is what was measured last over all samples, at its
    own step, and `score_curves` are all such points; None where nobody asks, and where the loss of a step tells all: it
    uses all samples, and targets are no classes. `marks` are what is known so far of what happened, ascending in their
    steps; `has_all_marks` says that nothing more is looked for. `dataset` holds the samples of the run, which nobody
    writes.
    """

    name: str
    experiment: Experiment
    image_shape: tuple[int, int] | None
    loss: float
    layout: Layout
    theta: Floats
    gradient: Floats
    change: Floats | None
    layers: tuple[LayerSnapshot, ...]
    loss_curve: NoisyCurve
    spread_curves: tuple[Curve, ...]
    divergence: Divergence | None
    insight: Insight
    order: tuple[tuple[int, ...], ...] | None = None
    baseline: float | None = None
    mean_loss: float = nan
    smoothing: int = 1
    has_classes: bool = False
    score: Score | None = None
    score_curves: ScoreCurves | None = None
    dataset: Dataset | None = None
    marks: tuple[Mark, ...] = ()
    has_all_marks: bool = True

    @property
    def hidden_layers(self) -> tuple[LayerSnapshot, ...]:
        """Return the layers whose neurons can form groups: all but the output layer."""
        return self.layers[:-1]


@dataclass(frozen=True)
class Snapshot:
    """All lanes at the same step of `experiment`. `opening` counts the experiments that were opened.

    `last_step` is the newest step that was reached, `goal` where seeking goes.

    `generation` counts how often networks or data have changed since the opening. `edited` are the names of the lanes
    that no experiment file can say, because they were edited. `held` are the numbers of the lanes that have met a
    condition at this step, with the terms of it that hold, after training was to stop there. `log` is what was done since
    the opening; views do not look into it.
    `is_hasty` says that nothing was explained, because a value is dragged.
    """

    opening: int
    experiment: Experiment
    step: int
    last_step: int
    activity: Activity
    goal: int | None
    lanes: tuple[LaneSnapshot, ...]
    generation: int = 0
    edited: tuple[str, ...] = ()
    held: tuple[tuple[int, tuple[str, ...]], ...] = ()
    log: Any = None
    is_hasty: bool = False

    @property
    def is_passing(self) -> bool:
        """Return whether another one follows at once: it plays, is on its way, or a value is dragged."""
        return self.activity is Activity.PLAYING or self.goal is not None or self.is_hasty
