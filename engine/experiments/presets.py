"""The experiments that ship with the program, one JSON file each in `resources/presets`, and in `resources/clinic` those
that do not learn.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.experiments.changes import build_experiment
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import read_code, read_experiment
from engine.formats.short_code import is_code

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
FOLDER, CLINIC = RESOURCES / "presets", RESOURCES / "clinic"


def preset_names() -> list[str]:
    """Return the names of the shipped experiments, in the order in which they teach."""
    order = ["circles", "columns", "zero-gradient", "mnist-per-sample", "mnist-two-layer"]
    names = {path.stem for path in FOLDER.glob("*.json")}
    return [name for name in order if name in names] + sorted(names.difference(order))


def clinic_names() -> list[str]:
    """Return the names of the shipped experiments that do not learn."""
    return sorted(path.stem for path in CLINIC.glob("*.json"))


def _shipped(target: str) -> Path | None:
    """Return the file of a shipped experiment, None where it is none."""
    if target in preset_names():
        return FOLDER / f"{target}.json"
    return CLINIC / f"{target}.json" if target in clinic_names() else None


def new_experiment() -> Experiment:
    """Return a small experiment to begin with: a 2-4-1 network that learns to tell two circles apart."""
    return build_experiment(
        {
            "name": "new experiment",
            "data": {"kind": "circles", "train": 300},
            "network": {
                "layers": [
                    {"units": 4, "activation": "tanh", "weights": "xavier"},
                    {"units": 1, "activation": "sigmoid", "weights": "xavier"},
                ]
            },
            "loss": "binary-cross-entropy",
            "optimizer": {"kind": "adam", "learning_rate": 0.03},
            "steps": 2000,
        }
    )


def is_file_name(target: str) -> bool:
    """Return whether TARGET of the command line is meant as a file's path."""
    return _shipped(target) is None and not is_code(target)


def open_target(target: str, changes: list[tuple[str, Any]] | None = None) -> Experiment:
    """Return the experiment that TARGET of the command line means: a preset's name, a file's path or a short code."""
    if is_code(target):
        return read_code(target, changes)
    path = path_of(target)
    is_plain = not changes and path == _shipped(target)
    return _as_shipped(path) if is_plain else read_experiment(path, changes)


@cache
def _as_shipped(path: Path) -> Experiment:
    """Return a shipped experiment; menu and start page both ask for all of them."""
    return read_experiment(path)


def path_of(target: str) -> Path:
    """Return the file that TARGET of the command line means; raise FileError where there is none."""
    shipped = _shipped(target)
    if shipped is not None:
        return shipped
    path = Path(target)
    try:
        there = path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise FileError(target, Problem.UNREADABLE, reason=error.strerror or str(error)) from error
    if not there:
        raise FileError(target, Problem.NO_FILE_NOR_PRESET, presets=preset_names())
    return path
