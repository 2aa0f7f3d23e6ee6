"""Marks say what happened in a run, at the exact step: one step before, it was not yet so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.health.health_check import HealthCheck
from engine.insight.marks import NEAR_BASE_RATE
from engine.report.curve import Mark, MarkKind
from engine.report.probes import Probes
from engine.session.lab import Lab
from engine.symmetry.groups import layer_symmetry
from engine.training.edits import AddNoise, CopyNeuron, Set
from tests.builders import experiment, layer
from tests.engine.acting import fork

LOOKING = Probes(marks=True, at_rest=True)
COLUMNS = {MarkKind.PARTED, MarkKind.JOINED, MarkKind.REGROUPED}


def marks(lab: Lab, lane: int = 0) -> tuple[Mark, ...]:
    """Look until there is nothing more to find, as a window at rest does."""
    for _ in range(10_000):
        found = lab.snapshot(probes=LOOKING).lanes[lane].marks
        if not lab.grows(LOOKING):
            return found
    raise AssertionError("looking for marks has no end")


def symmetries(lab: Lab, lane: int = 0) -> Iterator[tuple[int, list[tuple[int, tuple[int, ...]]]]]:
    for step in range(lab.last_step + 1):
        trainer = lab.lanes[lane].visit(step)
        yield (
            step,
            [(found.columns, found.labels) for found in layer_symmetry(trainer.layout, trainer.theta)[:-1]],
        )


@pytest.mark.parametrize("seed", range(4))
def test_every_step_at_which_columns_part_or_groups_change_has_a_mark_and_no_other_has(seed: int) -> None:
    """Plain products part equal columns by rounding after some steps."""
    chosen = experiment(
        layer(6, "tanh", weights={"kind": "constant", "value": 0.3}),
        layer(5, "tanh", weights={"kind": "constant", "value": 0.2}),
        layer(1),
        arithmetic="blas",
        seed=seed,
        steps=10**9,
    )
    lab = Lab(chosen)
    lab.train(60)
    found = {(mark.step, mark.layer): mark for mark in marks(lab) if mark.kind in COLUMNS}
    before = None
    for step, now in symmetries(lab):
        for number, layer_now in enumerate(now, start=1):
            changed = before is not None and before[number - 1] != layer_now
            assert ((step, number) in found) == changed
            if changed:
                mark = found[step, number]
                assert mark.kind is not MarkKind.PARTED or (mark.before, mark.now) == (
                    before[number - 1][0],
                    layer_now[0],
                )
        before = now


def test_a_touch_is_a_mark_and_so_is_what_follows_from_it() -> None:
    lab = Lab(open_target("columns"))
    lab.train(50)
    lab.move(17)
    fork(lab, 0, AddNoise(0.1, 3))
    lab.train(10)
    found = marks(lab, 3)
    assert [(mark.step, mark.kind) for mark in found if mark.kind is not MarkKind.BASE_RATE] == [
        (17, MarkKind.EDITED),
        (17, MarkKind.PARTED),
    ]
    assert (found[-1].layer, found[-1].before, found[-1].now) == (1, 1, 4)
    assert not [mark for mark in marks(lab, 0) if mark.kind in COLUMNS]


def test_columns_that_are_made_equal_join_and_settings_from_here_on_are_marks() -> None:
    lab = Lab(open_target("columns"))
    lab.train(30)
    lab.move(9)
    fork(lab, 2, CopyNeuron(1, 0, 3))
    fork(lab, 2, Set("optimizer.learning_rate", 0.5))
    [joined] = [mark for mark in marks(lab, 3) if mark.kind in COLUMNS]
    assert (joined.step, joined.kind, joined.before, joined.now) == (9, MarkKind.JOINED, 4, 3)
    [setting] = [mark for mark in marks(lab, 4) if mark.kind is MarkKind.SETTING]
    assert (setting.step, setting.edit.value) == (9, 0.5)


DYING = experiment(
    layer(12, "relu", weights={"kind": "normal", "mean": 0, "std": 1.0}),
    layer(1, "sigmoid"),
    optimizer={"kind": "sgd", "learning_rate": 4.0},
    steps=10**9,
)


def test_a_neuron_dies_where_it_is_off_for_all_samples_for_the_first_time() -> None:
    lab = Lab(DYING)
    lab.train(300)
    died = [mark for mark in marks(lab) if mark.kind is MarkKind.DIED]
    assert died, "this rate kills some"
    lane = lab.lanes[0]
    for mark in died:
        off = []
        for step in (mark.step - 1, mark.step):
            trainer = lane.visit(step)
            off.append(HealthCheck(trainer, all_samples=True).off_neurons()[mark.layer - 1])
            block = trainer.layout.blocks[0]
            z = trainer.dataset.x_train @ block.weights(trainer.theta) + block.biases(trainer.theta)
            hidden = np.maximum(z, 0)
            assert set(off[-1]) == set(np.flatnonzero(~hidden.any(axis=0)).tolist())
        assert set(mark.neurons) <= set(off[1]) - set(off[0])


def test_the_loss_comes_to_the_base_rate_where_its_mean_is_near_it_for_the_first_time() -> None:
    chosen = experiment(layer(6, "tanh"), layer(1, "sigmoid"), batch={"size": 20}, steps=10**9)
    lab = Lab(chosen)
    lab.train(40)
    marks(lab)
    lab.train(400)
    [mark] = [mark for mark in marks(lab) if mark.kind is MarkKind.BASE_RATE]
    means = [lab_at(lab, step) for step in range(mark.step + 1)]
    limit = NEAR_BASE_RATE * mark.value
    assert means[-1] <= limit < min(means[:-1], default=np.inf)


def lab_at(lab: Lab, step: int) -> float:
    lab.move(step)
    return lab.snapshot().lanes[0].mean_loss


def test_a_run_that_diverges_is_marked_at_the_first_step_that_shows_it() -> None:
    lab = Lab(
        experiment(layer(4, "relu"), layer(1), optimizer={"kind": "sgd", "learning_rate": 1e6}, steps=10**9)
    )
    lab.train(200)
    [mark] = [mark for mark in marks(lab) if mark.kind is MarkKind.DIVERGED]
    lane = lab.lanes[0]
    assert not np.isfinite(lane.visit(mark.step).theta).all()
    assert np.isfinite(lane.visit(mark.step - 1).theta).all()


def test_marks_begin_anew_with_the_run_and_cost_nothing_where_nobody_looks() -> None:
    lab = Lab(open_target("columns"))
    lab.train(30)
    assert marks(lab, 2)
    lab.restart()
    assert not [mark for mark in marks(lab, 2) if mark.step > 0]
    assert lab.snapshot().lanes[2].marks == ()
