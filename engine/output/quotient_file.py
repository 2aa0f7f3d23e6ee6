"""The equivalent small network as files: an experiment that is ready to run, and its weights beside it."""

from __future__ import annotations

import io
import os
from itertools import chain, count
from pathlib import Path

import numpy as np

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_experiment
from engine.output.export import write_file
from engine.report.equality import Quotient
from engine.symmetry.quotient import small_experiment


def write_quotient(
    path: Path, experiment: Experiment, quotient: Quotient, title: str, notes: str
) -> list[Path]:
    """Write the experiment file `path` and, as NAME-weights.npz beside it, its weights; return both paths.

    Nobody was asked whether the second may be replaced: where it is there already, another name is taken.

    `experiment` is that of the large network, `title` and `notes` are for the small one. The weights come first: an
    experiment that is there can be run.
    """
    if any(norm is not None for norm in quotient.norms):
        raise FileError(path, Problem.QUOTIENT_NORMALIZED)
    arrays = {f"W{number}": weights for number, weights in enumerate(quotient.weights, start=1)}
    arrays |= {f"b{n}": bias for n, bias in enumerate(quotient.biases, start=1) if bias is not None}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise FileError(path, Problem.QUOTIENT_DIVERGED)
    data = io.BytesIO()
    np.savez_compressed(data, allow_pickle=False, **arrays)
    weights = _free_name(path)
    write_file(weights, data.getvalue())
    write_file(path, encode_experiment(small_experiment(experiment, quotient, weights.name, title, notes)))
    return [path, weights]


def _free_name(path: Path) -> Path:
    """Return the first of NAME-weights.npz, NAME-weights-2.npz, … that no file has."""
    first = path.with_name(f"{path.stem}-weights.npz")
    others = (path.with_name(f"{path.stem}-weights-{number}.npz") for number in count(2))
    return next(name for name in chain([first], others) if not os.path.lexists(name))
