"""The training loop: what watches it sees the right steps, and what does not watch costs nothing."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import LaneSpec, lane_specs
from engine.output.result import VariantResult, run_variants
from engine.training.loop import NEVER, Calls, train
from engine.training.trainer import Trainer
from engine.training.watchers import DivergenceWatch, Points, ProgressReports
from tests.builders import MOONS, experiment, layer, same_bits, trainer_of

SMALL = experiment(layer(4, "tanh"), layer(1))
EXPLODING = [layer(6, "leaky-relu"), layer(1, "identity")]


class Diary:
    """A watcher that writes down when it looked."""

    def __init__(self, every: int, last: int = NEVER) -> None:
        self.next_look = 0
        self.steps: list[int] = []
        self._every, self._last = every, last

    def look(self, step: int) -> bool:
        self.steps.append(step)
        self.next_look = step + self._every
        return step < self._last


def test_every_call_of_an_update_is_called_in_order() -> None:
    done: list[str] = []
    assert train(Calls([lambda: done.append("a"), lambda: done.append("b")]), 5, 7) == 7
    assert done == ["a", "b", "a", "b"]


def test_watchers_look_before_the_update_of_their_step_and_after_the_last_one() -> None:
    updates: list[None] = []
    seen: list[int] = []
    diary = Diary(3)
    look = diary.look

    def look_and_count(step: int) -> bool:
        seen.append(len(updates))
        return look(step)

    diary.look = look_and_count  # type: ignore[method-assign]
    assert train(Calls([lambda: updates.append(None)]), 0, 9, [diary, Diary(2)]) == 9
    assert diary.steps == seen == [0, 3, 6, 9]


def test_a_watcher_ends_training_and_the_next_ones_do_not_look_any_more() -> None:
    before, ending, behind = Diary(1), Diary(2, last=4), Diary(4)
    assert train(Calls([]), 0, 100, [before, ending, behind]) == 4
    assert before.steps == [0, 1, 2, 3, 4]
    assert behind.steps == [0]


def test_no_update_begins_after_the_deadline() -> None:
    assert train(Calls([pytest.fail]), 3, 9, deadline=perf_counter()) == 3
    assert train(Calls([]), 3, 9, deadline=math.inf) == 9


def test_no_update_is_done_where_there_is_none_to_do() -> None:
    assert train(Calls([pytest.fail]), 3, 3) == 3


def test_numbers_may_become_infinite_in_training() -> None:
    small = np.zeros(1)
    train(Calls([lambda: np.divide(1.0, small)]), 0, 1)


def test_points_of_the_curve_are_at_steps_0_k_2k() -> None:
    trainer = trainer_of(SMALL)
    losses = Points(lambda: trainer.loss, 4, 12, after_update=True)
    computed = Points(trainer.measurement_of_last_step, 4, 12, after_update=True)
    measured = Points(trainer.measure_training, 4, 12)
    alone = trainer_of(SMALL)
    expected: list[float] = []
    train(Calls([alone.advance, lambda: expected.append(alone.loss)]), 0, 12)
    train(Calls([trainer.advance]), 0, 12, [losses, computed, measured])
    assert losses.steps == computed.steps == measured.steps == [0, 4, 8]
    assert losses.values == expected[::4]
    assert computed.values == measured.values, "an update on all samples has measured them itself"


def test_a_divergence_is_found_without_disturbing_the_run() -> None:
    chosen = experiment(
        *EXPLODING, loss={"kind": "squared-error"}, optimizer={"kind": "sgd", "learning_rate": 1e4}
    )
    trainer, alone = trainer_of(chosen), trainer_of(chosen)
    watch = DivergenceWatch(trainer)
    train(Calls([trainer.advance]), 0, 600, [watch])
    train(Calls([alone.advance]), 0, 600)
    assert watch.found is not None
    assert trainer.step_number == 600
    assert same_bits(trainer.theta, alone.theta)


def test_progress_is_reported_now_and_then() -> None:
    said: list[tuple[int, int]] = []
    train(Calls([]), 0, 600, [ProgressReports(lambda *what: said.append(what), 600)])
    assert said == [(256, 600), (512, 600)]


# Results of several variants


def without_seconds(results: list[VariantResult]) -> list[dict[str, Any]]:
    return [{**result.report, "seconds": None} for result in results]


@pytest.mark.parametrize("target", ["columns", "circles", "zero-gradient"])
def test_variants_in_one_pass_have_the_results_of_each_alone(target: str) -> None:
    specs = lane_specs(open_target(target))
    together = run_variants(specs, 300, 7)
    alone = [result for spec in specs for result in run_variants([spec], 300, 7)]
    assert without_seconds(together) == without_seconds(alone)
    for one, other in zip(together, alone, strict=True):
        assert all(map(same_bits, one.weights, other.weights))


def test_a_variant_that_stops_at_its_divergence_leaves_the_others_alone() -> None:
    def spec(name: str, rate: float, **fields: Any) -> LaneSpec:
        chosen = experiment(
            *EXPLODING,
            loss={"kind": "squared-error"},
            optimizer={"kind": "sgd", "learning_rate": rate},
            **fields,
        )
        return LaneSpec(name, chosen)

    specs = [
        spec("stops", 1e4, on_divergence="stop"),
        spec("learns", 0.01, on_divergence="stop"),
        spec("goes on", 1e4),
        spec("short", 0.01, steps=100),
    ]
    results = run_variants(specs)
    assert [result.report["status"] for result in results] == ["diverged", "finished", "diverged", "finished"]
    planned = specs[1].experiment.steps
    assert results[0].report["steps"] < planned
    assert [result.report["steps"] for result in results[1:]] == [planned, planned, 100]


def test_a_run_without_a_curve_measures_nothing_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    measure = Trainer.measure_training

    def count(trainer: Trainer) -> object:
        measured.append(trainer.step_number)
        return measure(trainer)

    monkeypatch.setattr(Trainer, "measure_training", count)
    chosen: Experiment = SMALL
    [bare] = run_variants([LaneSpec("x", chosen)], 50, curve=False)
    assert set(measured) == {50}
    monkeypatch.undo()
    [full] = run_variants([LaneSpec("x", chosen)], 50)
    assert bare.report["curve"] == {name: [] for name in full.report["curve"]}
    assert bare.report["final"] == full.report["final"]
    assert all(map(same_bits, bare.weights, full.weights))


def test_where_measuring_takes_long_fewer_points_of_a_curve_are_measured_unless_each_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = LaneSpec("x", experiment(layer(3), layer(1), data=MOONS, batch={"size": 6}))
    [full] = run_variants([spec], 100)
    monkeypatch.setattr("engine.output.result.CURVE_WORK", 0)
    [some], [all_of_them] = run_variants([spec], 100), run_variants([spec], 100, every=1)
    curve, expected = some.report["curve"], full.report["curve"]
    assert (curve["step"], curve["loss"]) == (expected["step"], expected["loss"])
    assert all_of_them.report["curve"] == expected
    for name in ("mean_abs_error", "train_accuracy"):
        measured = {
            step: value for step, value in zip(curve["step"], curve[name], strict=True) if value is not None
        }
        assert measured == {step: expected[name][step] for step in range(0, 100, 5)}
