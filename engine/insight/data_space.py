"""The plane of two inputs as a network sees it: its outputs, where its decision changes, each neuron, predictions.

A grid of points covers the training and test samples; one forward pass over it gives every map. Maps are (rows,
columns), row 0 on top, where the second input is largest, so that they are pictures as they stand.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from engine.compile.compiler import compile_measurement
from engine.compile.step import Step
from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.kinds.classes import hits
from engine.model.layout import Layout
from engine.report.plane import Maps, Plane, Predictions, SpaceMaps
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

INPUTS = 2
SURE_LOGIT = 4.0
"""The logit of a probability of 98 %, at which colours end."""
MARGIN = 0.1
"""Room around the samples, as a share of the side of the plane."""
MAX_RATIO_OF_SIDES = 4.0
"""Both inputs are drawn to the same scale, unless one extends more than this many times as far as the other."""
MOST_ROWS, FEWEST_ROWS = 36, 12
"""Maximum and minimum number of rows (and of columns) of the grid."""
PRODUCTS = 2_000_000
"""About the maximum number of multiplications for a map, which is made for every frame."""


class DataSpace:
    """Looks at networks of one experiment on data with two inputs; compiled once, for weights of any step."""

    def __init__(self, trainer: Trainer) -> None:
        """Compile a forward pass over the plane and one over the samples to predict. Nothing of `trainer` is changed."""
        experiment, dataset, layout = trainer.experiment, trainer.dataset, trainer.layout
        assert dataset.inputs == INPUTS, "there is a plane only for two inputs"
        self.plane = plane_of(experiment, dataset)
        self._loss, self._threshold = experiment.loss, trainer.threshold
        self._is_told_by_z = experiment.loss.simplifies_with(experiment.output_layer.activation)
        self._rows = _grid_rows(layout)
        inputs = self.plane.grid(self._rows)
        self._grid = _Forward(experiment, layout, inputs, np.zeros((len(inputs), dataset.outputs)))
        if dataset.x_test is not None and dataset.y_test is not None:
            x, self._targets = dataset.x_test, dataset.y_test
        else:
            x, self._targets = dataset.x_train, dataset.y_train
        self._samples = _Forward(experiment, layout, x, self._targets)

    def maps(self, theta: Floats) -> SpaceMaps:
        """Return the outputs and the boundary of the network with the parameters `theta` (parameters,)."""
        self._grid.run(theta)
        return SpaceMaps(self.plane, self._as_maps(self._grid.outputs), self._boundary())

    def neuron_maps(self, theta: Floats, layer: int) -> Maps:
        """Return what each unit of a layer gives on (units, rows, columns); layer 0 are the inputs themselves."""
        self._grid.run(theta)
        return self._as_maps(self._grid.units(layer))

    def predictions(self, theta: Floats) -> Predictions | None:
        """Return how the samples are classified; None where classes make no sense."""
        if not self._loss.classifies:
            return None
        self._samples.run(theta)
        outputs = self._samples.outputs
        return Predictions(
            counts=tuple(
                np.bincount(
                    _classes(outputs, self._threshold), minlength=len(self.plane.class_names)
                ).tolist()
            ),
            accuracy=float(hits(outputs, self._targets, self._threshold).mean()),
            undefined=int(np.isnan(outputs).any(axis=1).sum()),
        )

    def _as_maps(self, units: Floats) -> Maps:
        with np.errstate(all="ignore"):  # what is too large for float32 is infinite there
            maps = units.T.reshape(units.shape[1], self._rows, self._rows).astype(np.float32)
        maps.flags.writeable = False
        return maps

    def _boundary(self) -> Floats:
        """Return the boundary; it is found in z, which is as straight as the network, where probabilities saturate."""
        if self._loss.classifies:
            told = self._grid.sums if self._is_told_by_z else self._grid.outputs - self._threshold
            z = told.T.reshape(-1, self._rows, self._rows)
            above = [z[0]] if len(z) == 1 else [_lead(z, index) for index in range(len(z))]
        else:
            above = [self._grid.outputs[:, 0].reshape(self._rows, self._rows) - self.plane.middle]
        lines = np.concatenate([zero_lines(values) for values in above])
        plane, cells = self.plane, self._rows
        lines[..., 0] = plane.left + (lines[..., 0] + 0.5) * ((plane.right - plane.left) / cells)
        lines[..., 1] = plane.top - (lines[..., 1] + 0.5) * ((plane.top - plane.bottom) / cells)
        lines.flags.writeable = False
        return lines


class _Forward:
    """The forward pass of an experiment over some samples."""

    def __init__(self, experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> None:
        self._step: Step = compile_measurement(experiment, layout, inputs, targets)

    def run(self, theta: Floats) -> None:
        self._step.run(Phase.FORWARD, theta=theta)

    @property
    def outputs(self) -> Floats:
        """Return the live outputs (samples, outputs)."""
        return self._step.outputs

    @property
    def sums(self) -> Floats:
        """Return the live z of the output layer (samples, outputs)."""
        return self._step.layers[-1].z

    def units(self, layer: int) -> Floats:
        """Return the live activations (samples, units) of a layer, of layer 0 the inputs."""
        return self._step.layers[layer - 1].a if layer else self._step.inputs


def plane_of(experiment: Experiment, dataset: Dataset) -> Plane:
    """Return the plane around the training and test samples of data with two inputs."""
    samples = [x for x in (dataset.x_train, dataset.x_test) if x is not None]
    together = np.concatenate(samples)
    low, high = together.min(axis=0), together.max(axis=0)
    sides = np.where(high > low, high - low, max(float((high - low).max()), 1.0) / MAX_RATIO_OF_SIDES)
    if sides.max() <= MAX_RATIO_OF_SIDES * sides.min():
        sides[:] = sides.max()
    (left, bottom), (right, top) = (
        ((low + high) / 2 + direction * (0.5 + MARGIN) * sides).tolist() for direction in (-1, 1)
    )
    middle, reach = _judged_from(experiment, dataset)
    if experiment.loss.classifies:
        targets, names = dataset.y_train, _class_names(dataset)
    else:
        targets, names = dataset.y_train[:, :1], ()
    classes = _classes(targets, 0.5 if experiment.loss.classifies else middle)
    has_test_samples = dataset.y_test is not None
    return Plane(left, right, bottom, top, dataset.x_train, classes, names, middle, reach, has_test_samples)


def _judged_from(experiment: Experiment, dataset: Dataset) -> tuple[float, float]:
    if experiment.loss.classifies:
        threshold = experiment.loss.threshold(experiment.output_layer.activation, dataset.y_train)
        return threshold, threshold or SURE_LOGIT
    low, high = float(dataset.y_train[:, 0].min()), float(dataset.y_train[:, 0].max())
    return (low + high) / 2, (high - low) / 2 or 1.0


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.class_names or tuple(map(str, range(max(dataset.outputs, 2))))


def _classes(outputs: Floats, middle: float = 0.5) -> npt.NDArray[np.intp]:
    """Return the class (samples,) that outputs (samples, outputs) stand for, as the losses count their hits."""
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > middle).astype(np.intp)
    return outputs.argmax(axis=1)


def _grid_rows(layout: Layout) -> int:
    """Return how many rows the grid has: fewer for networks that take long."""
    return int(np.clip(sqrt(PRODUCTS / layout.size), FEWEST_ROWS, MOST_ROWS))


def _lead(z: Floats, index: int) -> Floats:
    """Return by how much one of the maps z (classes, rows, columns) is above the highest of the others."""
    return z[index] - np.delete(z, index, axis=0).max(axis=0)


_TOP, _RIGHT, _BOTTOM, _LEFT, _NONE = range(5)
_LINES: dict[int, list[tuple[int, int]]] = {
    0b0001: [(_TOP, _LEFT)],
    0b0010: [(_TOP, _RIGHT)],
    0b0011: [(_LEFT, _RIGHT)],
    0b0100: [(_BOTTOM, _RIGHT)],
    0b0101: [(_TOP, _LEFT), (_BOTTOM, _RIGHT)],
    0b0110: [(_TOP, _BOTTOM)],
    0b0111: [(_LEFT, _BOTTOM)],
}
"""Which sides of a square the line crosses, by the corners above 0: top left 1, top right 2, bottom right 4, bottom
left 8. The other half of the cases, all corners the other way round, has the same lines."""


def _crossed_sides() -> npt.NDArray[np.intp]:
    """Return the two lines (16 cases, 2, 2 sides) of each case."""
    table = np.full((16, 2, 2), _NONE, np.intp)
    for case, lines in _LINES.items():
        table[case, : len(lines)] = lines
        table[15 - case, : len(lines)] = lines
    return table


_CROSSED = _crossed_sides()
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
"""Column and row of the corners of a square, clockwise from the top left: side k goes from corner k to the next."""
_NEXT_CORNERS = np.array([1, 2, 3, 0])
_SIDES = (_CORNERS[_NEXT_CORNERS] - _CORNERS).astype(np.float64)


def zero_lines(values: Floats) -> Floats:
    """Return the lines (lines, 2 ends, column and row) that part what is above 0 in values (rows, columns) from the rest.

    Marching squares (Lorensen and Cline 1987, in two dimensions): a line crosses the side of a square of four
    neighbours where the straight line between their two values is 0. Values that are not finite have no lines.
    contourpy 1.3 draws the same lines, but for 36 x 36 values takes 0.25 ms a frame where this takes 0.08, and draws
    around values that are infinite only if they are masked first.
    """
    above = (values > 0).astype(np.uint8)
    cases = above[:-1, :-1] | above[:-1, 1:] << 1 | above[1:, 1:] << 2 | above[1:, :-1] << 3
    rows, columns = np.nonzero((cases > 0) & (cases < 15))
    if not len(rows):
        return np.empty((0, 2, 2))
    places = np.stack([columns, rows], axis=1)[:, np.newaxis] + _CORNERS
    corners = values[places[..., 1], places[..., 0]]
    crossings = np.full((len(rows), 5, 2), np.nan)  # of four sides, and of none
    with np.errstate(all="ignore"):  # sides that are not crossed
        shares = corners / (corners - corners[:, _NEXT_CORNERS])
        crossings[:, :4] = places + shares[..., np.newaxis] * _SIDES
    sides = _CROSSED[cases[rows, columns]]
    lines = crossings[np.arange(len(rows))[:, np.newaxis, np.newaxis], sides].reshape(-1, 2, 2)
    return lines[np.isfinite(lines).all(axis=(1, 2))]
