"""Running an experiment to its end without a window, and what came of it as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from engine.conditions.terms import Condition
from engine.conditions.until import Held, Until
from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.ensemble.stack import MAX_BYTES_PER_PASS, Stack, can_share
from engine.experiments.changes import plain
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan, default_limit
from engine.experiments.variants import LaneSpec, load_datasets
from engine.health.health_check import HealthCheck
from engine.report.condition import Health
from engine.report.equality import LayerPrediction
from engine.symmetry.groups import layer_symmetry, mean_abs_cosine
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of
from engine.training.edits import Edit
from engine.training.loop import Update, Watcher, train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from engine.training.watchers import (
    DivergenceWatch,
    Edits,
    Points,
    ProgressReports,
    StopAtDivergence,
    StopWhenAsked,
)

MAX_POINTS = 2000

CURVE_WORK, FEWEST_POINTS = 2 * 10**10, 20
"""How much is measured over all samples for one curve, samples times parameters, unless it is asked for more: about two
seconds; and the fewest points at which it is measured all the same."""

BYTES_PER_POINT = 600
"""What a point of a curve takes until it is printed as JSON: measured were 480."""

Progress = Callable[[str, int, int], None]
ReasonText = Callable[[LayerPrediction], str]
"""Says why the columns of a layer are predicted as they are."""


@dataclass(frozen=True)
class Ends:
    """What ends runs before their last step: `condition` each by itself, and `asked()` all of them."""

    asked: Callable[[], bool] | None = None
    condition: Condition | None = None

    @property
    def are_asked(self) -> bool:
        """Return whether somebody has asked for the end."""
        return self.asked is not None and self.asked()


NO_ENDS = Ends()
"""Every run goes to its last step."""


@dataclass(frozen=True)
class VariantResult:
    """What one variant did: `report` as it stands in the JSON, and its final parameters by layer.

    `norms` are what normalized layers have besides, (fan_out,) by name; None for others.

    The JSON adds a sentence for the reasons of `predictions`, which were made before the first step, or at the last
    edit. `health` is that of the final parameters, over all training samples. `left_out` says which edits were not
    possible, so that it went on without them.
    """

    name: str
    report: dict[str, Any]
    predictions: tuple[LayerPrediction, ...]
    health: Health
    weights: list[Floats]
    biases: list[Floats | None]
    norms: list[dict[str, Floats] | None]
    left_out: tuple[InitscopeError, ...] = ()


def default_every(steps: int) -> int:
    """Return the smallest distance of curve points that keeps them under 2,001."""
    return max(1, -(-steps // MAX_POINTS))


def _default_measuring(trainer: Trainer, points: int) -> int:
    """Return at every how many points of a curve all samples are measured, which takes long for large networks."""
    dataset = trainer.dataset
    samples = 0 if trainer.measures_itself else dataset.samples
    samples += 0 if dataset.x_test is None else len(dataset.x_test)
    most = max(FEWEST_POINTS, CURVE_WORK // max(1, samples * trainer.layout.size))
    return max(1, -(-points // most))


def run_variants(
    specs: Sequence[LaneSpec],
    steps: int | None = None,
    every: int | None = None,
    progress: Progress | None = None,
    *,
    curve: bool = True,
    memory: int | None = None,
    ends: Ends = NO_ENDS,
    edits: Sequence[Sequence[Edit]] = (),
) -> list[VariantResult]:
    """Train lanes for `steps` updates each and return what came of them, in the same order.

    Lanes of one architecture train in one pass. By default each does the steps that its experiment says. Curves have
    points at steps 0, `every`, …: by default at every `default_every` steps, and all samples are then only measured at
    as many of them as take a few seconds. Without `curve` nothing is measured on the way, and costs nothing.
    `progress(names, done, steps)` is called now and then. A run whose numbers become infinite is a result.
    When `ends.are_asked` the lanes in training end where they are, and those that have not begun are left out.
    `edits` are those of each lane, with ascending steps. Raise InitscopeError where lanes would take more
    than `memory` bytes; `default_limit` if it is not given.
    """
    planned = [spec.experiment.steps if steps is None else steps for spec in specs]
    points = sum(-(-count // (every or default_every(count))) for count in planned) if curve else 0
    limit = default_limit() if memory is None else memory
    plan = MemoryPlan(limit, recorded=points * BYTES_PER_POINT, alone_above=MAX_BYTES_PER_PASS)
    found: dict[int, VariantResult] = {}
    waiting: list[_Course] = []
    for number, (spec, dataset) in enumerate(zip(specs, load_datasets(specs, plan), strict=True)):
        course = _Course(number, spec, dataset, planned[number], every, measured=curve)
        course.edit(edits[number] if edits else ())
        course.end_at(ends.condition)
        if course.shares_passes:
            waiting.append(course)
        else:  # at once, so that only one large network is in memory
            found |= _run([course], updates_of([course.trainer]), progress, ends)
            del course  # before the next one takes its memory
        if found and ends.are_asked:
            return [found[number] for number in sorted(found)]
    for together in _equally_long(waiting):
        for one in Stack([course.trainer for course in together]).passes:
            if not (found and ends.are_asked):
                found |= _run([together[index] for index in one.indices], one.updates, progress, ends)
    return [found[number] for number in sorted(found)]


def _equally_long(courses: list[_Course]) -> list[list[_Course]]:
    """Return the lanes in groups that do the same number of steps."""
    found: dict[int, list[_Course]] = {}
    for course in courses:
        found.setdefault(course.steps, []).append(course)
    return list(found.values())


def _run(
    courses: list[_Course],
    updates: Update,
    progress: Progress | None,
    ends: Ends,
) -> dict[int, VariantResult]:
    """Train lanes in one pass to their end, and return the results by number.

    Each has its share of the seconds.
    """
    steps = courses[0].steps
    watchers = [watcher for course in courses for watcher in course.watchers()]
    if progress:
        names = ", ".join(course.spec.name for course in courses)
        watchers.append(ProgressReports(partial(progress, names), steps))
    if ends.asked:
        watchers.append(StopWhenAsked(ends.asked))
    started = perf_counter()
    train(updates, 0, steps, watchers)
    for course in courses:
        course.look_at_the_end()
    seconds = (perf_counter() - started) / len(courses)
    return {course.number: course.result(seconds) for course in courses}


class _Course:
    """A lane on its way to a result: its trainer, and what is noted as it goes."""

    def __init__(
        self, number: int, spec: LaneSpec, dataset: Dataset, steps: int, asked: int | None, *, measured: bool
    ) -> None:
        every = asked or default_every(steps)
        self.number, self.spec, self.steps = number, spec, steps
        self.trainer = trainer = Trainer(spec.experiment, dataset)
        self._predictions = predict(trainer)
        self._divergence = DivergenceWatch(trainer)
        self._stop = StopAtDivergence(self._divergence, every)
        self._losses = Points(lambda: trainer.loss, every, steps, after_update=True)
        every *= 1 if asked else _default_measuring(trainer, -(-steps // every))
        self._training = (
            Points(trainer.measurement_of_last_step, every, steps, after_update=True)
            if trainer.measures_itself
            else Points(trainer.measure_training, every, steps)
        )
        self._test = Points(trainer.measure_test, every, steps)
        self._measured = measured
        self._stops = spec.experiment.on_divergence == "stop"
        self._until: Until | None = None
        self._condition: Condition | None = None
        self.edit(())

    def edit(self, edits: Sequence[Edit]) -> None:
        """Do edits on the way."""
        self._is_edited = bool(edits)
        self._edits = Edits(self.spec.name, self.trainer, edits, self._begin_anew)

    def end_at(self, condition: Condition | None) -> None:
        """End at the first state for which a condition holds."""
        self._condition = condition
        self._until = None if condition is None else Until(condition, self.trainer)

    def _begin_anew(self, step: int) -> None:
        """Predict from an edit on: it changes what becomes of the run."""
        self._divergence.look(step)
        state = np.empty_like(self.trainer.initial_state)
        self.trainer.save(state)
        self._predictions = predict(self.trainer)
        self.trainer.restore(state, step)

    @property
    def shares_passes(self) -> bool:
        """Return whether others can train in one pass with this lane: it is small and goes on to its last step."""
        goes_on = not (self._stops or self._is_edited or self._until)
        return goes_on and can_share(self.trainer)

    def watchers(self) -> list[Watcher]:
        """Return what watches this run; a run that stops has its last loss, but is not measured once more.

        What an update has computed is noted before a divergence is located, because that does some steps again.
        """
        is_after = self.trainer.measures_itself
        after = [self._losses, self._training] if is_after else [self._losses]
        before = [self._test] if is_after else [self._training, self._test]
        if not self._measured:
            after, before = [], []
        stop = [self._stop] if self._stops else []
        until = [self._until] if self._until else []
        return [*after, self._edits, self._divergence, *stop, *before, *until]

    def look_at_the_end(self) -> None:
        """Look whether the last weights are finite."""
        self._divergence.look(self.trainer.step_number)

    def result(self, seconds: float) -> VariantResult:
        """Return what came of the run; the trainer stands at its end."""
        theta, blocks, norms = self.trainer.theta, self.trainer.layout.blocks, self.trainer.layout.norms
        biases = [block.biases(theta) for block in blocks]
        health = HealthCheck(self.trainer, all_samples=True).look()
        return VariantResult(
            self.spec.name,
            self._report(seconds, health),
            self._predictions,
            health,
            [block.weights(theta).copy() for block in blocks],
            [None if b is None else b.copy() for b in biases],
            [norm and {name: row.copy() for name, row in norm.named(theta).items()} for norm in norms],
            tuple(self._edits.left_out),
        )

    def _report(self, seconds: float, health: Health) -> dict[str, Any]:
        trainer, divergence = self.trainer, self._divergence.found
        held = self._until.held if self._until else None
        end = "finished" if trainer.step_number == self.steps and held is None else "stopped"
        quotient = quotient_of(trainer)
        return {
            "name": self.spec.name,
            "status": "diverged" if divergence else end,
            "diverged": asdict(divergence) if divergence else None,
            "steps": trainer.step_number,
            **self._until_report(held),
            "seconds": round(seconds, 3),
            "curve": self._curve(),
            "final": final_report(trainer),
            "layers": _layer_reports(trainer, health),
            "alarms": [{"kind": alarm.kind.value, "layers": list(alarm.layers)} for alarm in health.alarms],
            "prediction": [_prediction_report(found) for found in self._predictions[:-1]],
            "output_prediction": _prediction_report(self._predictions[-1]),
            "quotient": {"layers": quotient.layers, "max_output_difference": quotient.max_output_difference},
        }

    def _until_report(self, held: Held | None) -> dict[str, Any]:
        """Return where the condition held that was to end the run, and by which of its terms; nothing without one."""
        if self._condition is None:
            return {}
        condition = {"condition": str(self._condition)}
        return {"until": condition | (asdict(held) if held else {"step": None, "terms": []})}

    def _curve(self) -> dict[str, list[Any]]:
        """Return the points; None stands for what makes no sense, or is not measured at a point."""
        steps = self._losses.steps
        training = dict(zip(self._training.steps, self._training.values, strict=True))
        test = dict(zip(self._test.steps, self._test.values, strict=True))
        at_training, at_test = [training.get(step) for step in steps], [test.get(step) for step in steps]
        return {
            "step": steps,
            "loss": self._losses.values,
            "mean_abs_error": [found.mean_abs_error if found else None for found in at_training],
            "train_accuracy": [found.accuracy if found else None for found in at_training],
            "test_accuracy": [found.accuracy if found else None for found in at_test],
        }


def final_report(trainer: Trainer) -> dict[str, float | None]:
    """Return what a network does on all samples at the trainer's present state."""
    training, test = trainer.measure_training(), trainer.measure_test()
    return {
        "loss": training.loss,
        "train_accuracy": training.accuracy,
        "test_accuracy": test.accuracy if test else None,
        "mean_abs_error": training.mean_abs_error,
    }


def _prediction_report(found: LayerPrediction) -> dict[str, Any]:
    return {
        "layer": found.layer,
        "columns_at_start": found.columns_at_start,
        "columns": found.columns,
        "exact": found.is_exact,
    }


def _layer_reports(trainer: Trainer, health: Health) -> list[dict[str, Any]]:
    """Return what `run --json` says of each layer at the trainer's present state, whose health was looked at."""
    with np.errstate(all="ignore"):  # infinite numbers are results
        symmetry = layer_symmetry(trainer.layout, trainer.theta)
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
            zip(trainer.layout.blocks, symmetry, health.layers, strict=True), start=1
        )
    ]


def as_document(
    experiment: Experiment, results: list[VariantResult], reason_text: ReasonText, *, weights: bool
) -> dict[str, Any]:
    """Return the whole result as strict JSON data: NaN and infinities become the strings nan, inf and -inf."""
    variants: list[dict[str, Any]] = []
    for result in results:
        report = dict(result.report)
        *hidden, output = [
            _prediction_report(found) | {"reason": reason_text(found)} for found in result.predictions
        ]
        report |= {"prediction": hidden, "output_prediction": output}
        if weights:
            report["weights"] = [matrix.tolist() for matrix in result.weights]
            report["biases"] = [None if b is None else b.tolist() for b in result.biases]
            if any(result.norms):
                report["norms"] = [
                    norm and {name: row.tolist() for name, row in norm.items()} for norm in result.norms
                ]
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
