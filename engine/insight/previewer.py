"""Makes the preview of an experiment: its data are loaded and its first weights drawn, nothing is trained."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan, default_limit
from engine.experiments.variants import LaneSpec, lane_specs, load_datasets
from engine.report.preview import Preview, Start
from engine.training.first_state import starting_parameters

MOST_STARTS, MOST_POINTS, MOST_IMAGES, MOST_ROWS = 4, 240, 4, 24
MOST_WEIGHTS = 12
"""Inputs and neurons that are shown of a layer whose inputs are no pixels."""


def preview_of(experiment: Experiment) -> Preview:
    """Return the preview of an experiment; raise as `load_datasets` does, and where weights are not finite."""
    specs = lane_specs(experiment)[:MOST_STARTS]
    datasets = load_datasets(specs, MemoryPlan(default_limit()))
    data = datasets[0]
    classes = _classes(data.y_train)
    flat = data.inputs == 2
    return Preview(
        starts=tuple(map(_start, specs, datasets)),
        points=data.x_train[:MOST_POINTS] if flat else None,
        classes=tuple(classes[:MOST_POINTS].tolist()) if flat else (),
        images=_images(data, classes, data.image_shape) if data.image_shape else None,
        table=None if flat or data.image_shape else (data.x_train[:MOST_ROWS], data.y_train[:MOST_ROWS]),
    )


def _start(spec: LaneSpec, data: Dataset) -> Start:
    layout = spec.experiment.layout(data.inputs)
    weights = layout.blocks[0].weights(starting_parameters(spec.experiment, layout, data))
    rows = None if data.image_shape else MOST_WEIGHTS
    return Start(spec.name, weights[:rows, :MOST_WEIGHTS].astype(np.float64))


def _classes(targets: Floats) -> npt.NDArray[np.intp]:
    """Return the class of each sample; for a single output, whether its target is above the middle."""
    if targets.shape[1] > 1:
        return targets.argmax(axis=1)
    column = targets[:, 0]
    return (column > (column.min() + column.max()) / 2).astype(np.intp)


def _images(data: Dataset, classes: npt.NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    """Return a picture (height, width) of each of the first classes, from 0 to 1."""
    places = [int(np.argmax(classes == number)) for number in range(min(MOST_IMAGES, int(classes.max()) + 1))]
    pixels = data.x_train[places]
    least, most = float(pixels.min()), float(pixels.max())
    return ((pixels - least) / ((most - least) or 1.0)).reshape(-1, *shape)
