"""Loss and accuracy over all samples: at the steps that are shown, for every lane, never for another step unsaid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.insight import scorer
from engine.kinds.classes import are_classes, class_numbers, confusion, hits
from engine.report.curve import SampleScore, Score
from engine.report.probes import Probes
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from engine.session.lab import Lab
from engine.training.edits import SetWeight
from tests.builders import MOONS, experiment, layer, table
from tests.engine.acting import fork

SCORES = Probes(scores=True)
DIGITS = {"kind": "mnist", "pixels": "scaled", "train": 300, "test": 100}
ONE_HOT = {"kind": "squared-error", "reduction": "sum"}


def scored(lab: Lab) -> Snapshot:
    """Return the lab at its step once all is measured."""
    snapshot = lab.snapshot(probes=SCORES)
    while lab.grows(SCORES):
        snapshot = lab.snapshot(probes=SCORES)
    return snapshot


def digits(**fields: Any) -> Lab:
    """Return a lab on pictures of digits, in batches of 20."""
    layers = [layer(8, "relu"), layer(10, "softmax")]
    chosen = {"data": DIGITS, "loss": {"kind": "cross-entropy"}, "batch": {"size": 20}, **fields}
    return Lab(experiment(*layers, **chosen))


def assert_measured(lab: Lab, lane: LaneSnapshot, number: int = 0) -> None:
    """Check the scores of a lane against a trainer that measures all samples at once."""
    trainer = lab.lanes[number].visit(lab.step)
    training, test, score = trainer.measure_training(), trainer.measure_test(), lane.score
    assert score is not None
    assert score.step == lab.step
    assert score.training.loss == pytest.approx(training.loss, rel=1e-12)
    assert score.training.accuracy == training.accuracy
    assert (score.test is None) == (test is None)
    if test is not None and score.test is not None:
        assert score.test.loss == pytest.approx(test.loss, rel=1e-12)
        assert score.test.accuracy == test.accuracy


@pytest.mark.parametrize("steps", [0, 1, 40])
def test_every_lane_has_its_accuracy_at_the_shown_step(steps: int) -> None:
    lab = Lab(open_target("circles"))
    lab.train(steps)
    for number, lane in enumerate(scored(lab).lanes):
        assert_measured(lab, lane, number)


@pytest.mark.parametrize("work", [1, 7 * 6370, 100 * 6370, 10**9])
def test_slices_of_any_size_add_up_to_all_samples(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "WORK_PER_SLICE", work)
    lab = digits()
    lab.train(30)
    assert_measured(lab, scored(lab).lanes[0])


def test_counts_say_which_class_is_taken_for_which() -> None:
    lab = digits()
    lab.train(100)
    score = scored(lab).lanes[0].score
    assert score is not None
    for part, targets in ((score.training, lab.lanes[0].trainer.dataset.y_train), (score.test, None)):
        assert part is not None
        assert part.counts is not None
        assert part.counts.sum() == part.samples
        assert part.counts.trace() / part.samples == part.accuracy
        if targets is not None:
            assert part.counts.sum(axis=1).tolist() == targets.sum(axis=0).tolist()


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_squared_error_on_one_hot_targets_has_an_accuracy_and_a_loss_like_that_of_a_batch(
    reduction: str,
) -> None:
    lab = digits(loss={"kind": "squared-error", "reduction": reduction})
    lab.train(10)
    [lane] = scored(lab).lanes
    trainer = lab.lanes[0].visit(10)
    measured, score = trainer.measure_training(), lane.score
    assert score is not None
    assert measured.accuracy is not None
    assert score.training.accuracy == measured.accuracy
    share = 20 / 300 if reduction == "sum" else 1.0
    assert score.training.loss == pytest.approx(share * measured.loss)


def test_numbers_that_are_no_classes_have_no_accuracy_but_a_loss_over_all_samples() -> None:
    data = table(np.linspace(0, 1, 9)[:, None], np.linspace(0, 4, 9)[:, None])
    chosen = experiment(layer(3), layer(1, "identity"), data=data, loss=ONE_HOT, batch={"size": 3})
    score = scored(Lab(chosen)).lanes[0].score
    assert score is not None
    assert (score.training.accuracy, score.training.counts, score.test) == (None, None, None)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([[1, 1], [0, 0], [1, 0]], None),
        ([[1, 0], [0, 1], [1, 0]], 2 / 3),
        ([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], 2 / 3),
        ([[1], [0], [1]], 1 / 3),
    ],
)
def test_labels_of_which_a_sample_can_have_several_or_none_have_no_accuracy(
    targets: list[list[float]], expected: float | None
) -> None:
    """From zeros both outputs are 0.5, which counts as the first of two classes, and as class 0 of one output."""
    zeros = layer(len(targets[0]), weights={"kind": "constant", "value": 0.0})
    trainer = Lab(experiment(zeros, data=table([[0], [1], [2]], targets))).lanes[0].trainer
    assert trainer.measure_training().accuracy == pytest.approx(expected)


def test_nothing_more_is_measured_where_a_step_tells_all() -> None:
    lab = Lab(open_target("columns"))
    assert all(lane.score is None for lane in lab.snapshot(probes=SCORES).lanes)
    assert not lab.grows(SCORES)


def test_what_takes_several_frames_says_at_which_step_it_was_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scorer, "WORK_PER_SLICE", 1)
    monkeypatch.setattr("engine.session.lab.SCORE_SECONDS_AT_REST", 0.0)
    lab = digits()
    lab.train(5)
    first = scored(lab).lanes[0].score
    lab.train(5)
    assert lab.snapshot(probes=SCORES).lanes[0].score is first
    assert first is not None
    assert first.step == 5
    assert lab.grows(SCORES)
    assert_measured(lab, scored(lab).lanes[0])


def test_the_curves_hold_every_step_that_was_shown_and_going_back_finds_them() -> None:
    lab = Lab(experiment(layer(3), layer(1), data=MOONS))
    accuracies = {}
    for _ in range(5):
        lane = scored(lab).lanes[0]
        assert lane.score is not None
        accuracies[lab.step] = lane.score.training.accuracy
        lab.train(3)
    lab.move(6)
    curves = scored(lab).lanes[0].score_curves
    assert curves is not None
    found = dict(zip(curves.steps.tolist(), curves.accuracy.tolist(), strict=True))
    assert {step: found[step] for step in (0, 3, 6, 9, 12)} == accuracies
    assert np.isnan(curves.test_accuracy).all()


def test_on_a_quick_way_gaps_stay_and_at_rest_they_are_filled() -> None:
    lab = Lab(experiment(layer(3), layer(1), data=MOONS, batch={"size": 10}))
    for steps in (1, 3000, 2):
        lab.train(steps)
        for _ in range(5):
            moving = lab.snapshot(Activity.PLAYING, probes=SCORES)
    curves = moving.lanes[0].score_curves
    assert curves is not None
    assert set(curves.steps) <= {1, 3001, 3003}, "nothing else is measured while something moves"
    lab.move(2000)
    lane = scored(lab).lanes[0]
    assert lab.step == lane.score.step == 2000 if lane.score else False
    curves = lane.score_curves
    assert curves is not None
    assert scorer.FILLED_POINTS / 2 < len(curves.steps) <= scorer.FILLED_POINTS + 4
    assert np.diff([0, *curves.steps, 3003]).max() <= 1.5 * 3003 / (scorer.FILLED_POINTS / 2)
    for step, loss, accuracy, _ in zip(*vars(curves).values(), strict=True):
        measured = lab.lanes[0].visit(int(step)).measure_training()
        assert loss == pytest.approx(measured.loss, rel=1e-12)
        assert accuracy == measured.accuracy
    assert not lab.grows(SCORES)


def test_gaps_of_a_long_run_are_filled_at_keyframes() -> None:
    record = scorer.ScoreRecord()
    filled: list[int] = []
    while (step := record.step_in_gap(1_000_000, 512)) is not None:
        filled.append(step)
        record.add(Score(step, SampleScore(1, 0.5, 0.5, None), None))
    assert len(filled) <= scorer.FILLED_POINTS
    assert all(step % 512 == 0 for step in filled)
    assert record.step_in_gap(0, 1) is None


def test_what_a_step_has_computed_of_all_samples_is_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loss has the bits of the step's, and no slice of training samples is measured."""
    monkeypatch.setattr("engine.session.lab.SCORE_SECONDS_AT_REST", 60.0)
    lab = Lab(open_target("circles"))
    lab.train(300)
    measured: list[int] = []
    measure = scorer._Part.measure
    monkeypatch.setattr(
        scorer._Part,
        "measure",
        lambda part, theta, number: measured.append(len(part._inputs)) or measure(part, theta, number),
    )
    lanes = lab.snapshot(probes=SCORES).lanes
    assert measured == [len(lab.lanes[0].trainer.dataset.x_test)] * len(lanes)
    for number, lane in enumerate(lanes):
        assert lane.score is not None
        assert lane.score.training.loss == lane.loss
        assert_measured(lab, lane, number)


def test_curves_of_long_runs_have_a_bounded_number_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(experiment(layer(3), layer(1), data=MOONS))
    for _ in range(2 * scorer.MOST_POINTS):
        lab.train(1)
        scored(lab)
    curves = scored(lab).lanes[0].score_curves
    assert curves is not None
    assert scorer.MOST_POINTS // 4 < len(curves.steps) < scorer.MOST_POINTS
    assert (np.diff(curves.steps) > 0).all()


def test_a_rewind_forgets_and_a_fork_keeps_what_came_before_it() -> None:
    lab = Lab(experiment(layer(3), layer(1), data=MOONS))
    for _ in range(4):
        scored(lab)
        lab.train(1)
    lab.move(2)
    fork(lab, 0, SetWeight(1, 0, 0, 3.0))
    lane = scored(lab).lanes[1]
    assert_measured(lab, lane, 1)
    assert lane.score_curves is not None
    assert lane.score_curves.steps.tolist() == [0, 1, 2]
    lab.restart()
    lane = scored(lab).lanes[0]
    assert lane.score_curves is not None
    assert lane.score_curves.steps.tolist() == [0]
    assert_measured(lab, lane)


@pytest.mark.parametrize(
    ("targets", "classes"),
    [
        ([[0], [1]], True),
        ([[1], [1]], False),
        ([[0], [0.5]], False),
        ([[1, 0, 0], [0, 0, 1]], True),
        ([[1, 1, 0], [0, 0, 1]], False),
        ([[0, 0], [0, 1]], False),
    ],
)
def test_targets_are_classes_where_each_sample_has_exactly_one(
    targets: list[list[float]], classes: bool
) -> None:
    assert are_classes(np.array(targets, float)) is classes


@pytest.mark.parametrize("truth", [[0, 0], [1, 1]])
def test_an_output_that_is_no_number_is_never_right(truth: list[int]) -> None:
    y = np.array(truth, float)[:, None]
    a = np.array([[np.nan], [0.9 if truth[0] else 0.1]])
    assert hits(a, y).tolist() == [False, True]
    assert confusion(a, class_numbers(y)).sum() == 1
