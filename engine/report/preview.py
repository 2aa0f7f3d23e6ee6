"""What an experiment looks like before it begins: some samples, and the first layer of every start."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.arrays import Floats


@dataclass(frozen=True)
class Start:
    """The weights (inputs, neurons) that the first layer of a lane starts from; some of them, where there are many."""

    name: str
    weights: Floats


@dataclass(frozen=True)
class Preview:
    """Some samples and all starts of an experiment.

    `points` (samples, 2) are there for data with two inputs, with `classes` (samples,) that are 0, 1 …; `images` (k,
    height, width) are there for pictures, whose pixels are the inputs of the weights, too. Of other data `table` has the
    inputs (samples, n) and the targets (samples, outputs).
    """

    starts: tuple[Start, ...]
    points: Floats | None
    classes: tuple[int, ...]
    images: Floats | None
    table: tuple[Floats, Floats] | None = None
