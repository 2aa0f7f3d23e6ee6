"""Running an experiment to its end without a window, and what came of it as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from engine.core.arrays import Floats
from engine.experiments.changes import plain
from engine.experiments.experiment import Experiment
from engine.insight.health import layer_health
from engine.report.condition import Divergence
from engine.symmetry.groups import layer_symmetry, mean_abs_cosine
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of
from engine.training.divergence import has_diverged, locate_divergence
from engine.training.trainer import Trainer

MAX_POINTS = 2000
REPORT_EVERY = 256
"""Steps between two reports of progress."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class VariantResult:
    """What one variant did: `report` as it stands in the JSON, and its final parameters by layer."""

    name: str
    report: dict[str, Any]
    weights: list[Floats]
    biases: list[Floats | None]


def default_every(steps: int) -> int:
    """Return the smallest distance of curve points that keeps them under 2,001."""
    return max(1, -(-steps // MAX_POINTS))


def run_variant(
    name: str, experiment: Experiment, steps: int, every: int, progress: Progress | None = None
) -> VariantResult:
    """Train one experiment for so many steps, measuring every `every` steps from step 0 on.

    `progress(name, done, steps)` is called now and then. A run whose numbers become infinite is a result.
    """
    trainer = Trainer(experiment, experiment.data.load())
    curve: dict[str, list[float | None]] = {
        "step": [],
        "loss": [],
        "mean_abs_error": [],
        "train_accuracy": [],
        "test_accuracy": [],
    }

    def report(done: int) -> None:
        if progress:
            progress(name, done, steps)

    prediction = [asdict(found) for found in predict(trainer)]
    watch = _Watch(trainer)
    started = perf_counter()
    for step in range(0, steps, every):
        _measure_into(curve, trainer, step)
        watch.train(1, report)
        curve["loss"].append(trainer.loss)
        watch.train(min(every, steps - step) - 1, report)
        if watch.divergence and experiment.on_divergence == "stop":
            break
    watch.look()
    seconds = perf_counter() - started
    train, test = trainer.measure_training(), trainer.measure_test()
    theta, quotient = trainer.theta, quotient_of(trainer)
    document = {
        "name": name,
        "status": "diverged" if watch.divergence else "finished",
        "diverged": asdict(watch.divergence) if watch.divergence else None,
        "steps": trainer.step_number,
        "seconds": round(seconds, 3),
        "curve": curve,
        "final": {
            "loss": train.loss,
            "train_accuracy": train.accuracy,
            "test_accuracy": test.accuracy if test else None,
            "mean_abs_error": train.mean_abs_error,
        },
        "layers": layer_reports(trainer),
        "prediction": prediction,
        "quotient": {"layers": quotient.layers, "max_output_difference": quotient.max_output_difference},
    }
    blocks = trainer.layout.blocks
    biases = [block.biases(theta) for block in blocks]
    return VariantResult(
        name,
        document,
        [block.weights(theta).copy() for block in blocks],
        [None if b is None else b.copy() for b in biases],
    )


class _Watch:
    """Trains, and looks now and then whether the numbers are still finite."""

    def __init__(self, trainer: Trainer) -> None:
        self.divergence: Divergence | None = None
        self._trainer = trainer
        self._safe_step = 0
        self._safe_state = trainer.initial_state.copy()

    def train(self, steps: int, report: Callable[[int], None]) -> None:
        trainer = self._trainer
        with np.errstate(all="ignore"):
            for _ in range(steps):
                trainer.advance()
                if trainer.step_number % REPORT_EVERY == 0:
                    report(trainer.step_number)
                    self.look()

    def look(self) -> None:
        """Find where the run diverged, if it did since the last look; the run itself goes on where it was."""
        trainer = self._trainer
        if self.divergence is not None:
            return
        if not has_diverged(trainer.theta):
            trainer.save(self._safe_state)
            self._safe_step = trainer.step_number
            return
        present, number = np.empty_like(self._safe_state), trainer.step_number
        trainer.save(present)
        self.divergence = locate_divergence(trainer, self._safe_state, self._safe_step)
        trainer.restore(present, number)


def _measure_into(curve: dict[str, list[float | None]], trainer: Trainer, step: int) -> None:
    train = trainer.measure_training()
    test = trainer.measure_test()
    curve["step"].append(step)
    curve["mean_abs_error"].append(train.mean_abs_error)
    curve["train_accuracy"].append(train.accuracy)
    curve["test_accuracy"].append(test.accuracy if test else None)


def layer_reports(trainer: Trainer) -> list[dict[str, Any]]:
    """Return what `run --json` says of each layer at the trainer's present state."""
    with np.errstate(all="ignore"):  # infinite numbers are results
        symmetry = layer_symmetry(trainer.layout, trainer.theta)
        health = layer_health(trainer)
    return [
        {
            "layer": number,
            "units": equal.units,
            "columns": equal.columns,
            "groups": equal.groups,
            "spread": equal.spread,
            "mean_abs_cosine": mean_abs_cosine(block.weights(trainer.theta)),
            "gradient_norm": sound.gradient_norm,
            "saturated": sound.saturated,
            "dead": sound.dead,
        }
        for number, (block, equal, sound) in enumerate(
            zip(trainer.layout.blocks, symmetry, health, strict=True), start=1
        )
    ]


def as_document(experiment: Experiment, results: list[VariantResult], *, weights: bool) -> dict[str, Any]:
    """Return the whole result as strict JSON data: NaN and infinities become the strings nan, inf and -inf."""
    variants: list[dict[str, Any]] = []
    for result in results:
        report = dict(result.report)
        if weights:
            report["weights"] = [matrix.tolist() for matrix in result.weights]
            report["biases"] = [None if b is None else b.tolist() for b in result.biases]
        variants.append(report)
    document = {
        "format": "initscope-result",
        "version": 1,
        "experiment": plain(experiment),
        "variants": variants,
    }
    return strict_json(document)


def strict_json(value: Any) -> Any:
    """Return plain data with the numbers that JSON does not know as strings."""
    if isinstance(value, dict):
        return {key: strict_json(item) for key, item in value.items()}  # type: ignore[misc]
    if isinstance(value, list):
        return [strict_json(item) for item in value]  # type: ignore[misc]
    if isinstance(value, float) and not np.isfinite(value):
        return str(float(value))
    return value
