"""Class weights: a sample counts as much as its class, in the loss, its gradient and everything that is measured."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from engine.conditions.witnesses import Witnesses
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.insight import scorer
from engine.session.lab import Lab
from engine.symptoms import remedies
from engine.symptoms.findings import Cure, Remedy
from engine.symptoms.patient import Patient
from engine.training.gradient_check import check_gradients
from engine.training.trainer import Trainer
from gui.findings.cure_lines import keras_lines, torch_lines
from tests.builders import advance, experiment, layer, refused, same_bits, table, trainer_of
from tests.engine.test_scores import scored

RNG = np.random.default_rng(5)
X = RNG.normal(size=(24, 3))
NUMBERS = RNG.integers(0, 3, 24)
RARE = (NUMBERS == 2).astype(float)[:, np.newaxis]
ONE_HOT = np.eye(3)[NUMBERS]
SOFT = ONE_HOT * 0.6 + np.array([0.1, 0.2, 0.1])
TWO, THREE = [0.4, 2.5], [0.4, 2.5, 1.2]
CASES: dict[str, tuple[str, dict[str, Any], Floats]] = {
    "sigmoid": ("sigmoid", {"kind": "binary-cross-entropy", "class_weights": TWO}, RARE),
    "sigmoid as rounded": (
        "sigmoid",
        {"kind": "binary-cross-entropy", "class_weights": TWO, "computed_from": "outputs"},
        RARE,
    ),
    "several sigmoids": ("sigmoid", {"kind": "binary-cross-entropy", "class_weights": THREE}, ONE_HOT),
    "binary on other outputs": (
        "softplus",
        {"kind": "binary-cross-entropy", "class_weights": "balanced"},
        RARE,
    ),
    "softmax": ("softmax", {"kind": "cross-entropy", "class_weights": THREE}, ONE_HOT),
    "soft targets": ("softmax", {"kind": "cross-entropy", "class_weights": THREE}, SOFT),
    "cross-entropy on other outputs": (
        "softplus",
        {"kind": "cross-entropy", "class_weights": "balanced"},
        ONE_HOT,
    ),
    "logits": ("identity", {"kind": "logits-cross-entropy", "class_weights": "balanced"}, ONE_HOT),
    "binary logits": ("identity", {"kind": "logits-binary-cross-entropy", "class_weights": TWO}, RARE),
}
every_case = pytest.mark.parametrize("case", CASES)


def network(case: str, loss: dict[str, Any] | None = None, **fields: Any) -> Experiment:
    activation, weighted, y = CASES[case]
    usual = {"optimizer": {"kind": "sgd", "learning_rate": 0.3}, "data": table(X, y)}
    layers = layer(4, "tanh"), layer(y.shape[1], activation)
    return experiment(*layers, loss={**weighted, **(loss or {})}, **{**usual, **fields})


def loss_of(case: str, weights: object) -> float:
    trainer = trainer_of(network(case, {"class_weights": weights}))
    trainer.compute_gradient()
    return trainer.loss


def of_one_sample(case: str, sample: int) -> float:
    """Return the loss of a single sample in the network that starts as that of all."""
    chosen = trainer_of(network(case))
    activation, loss, y = CASES[case]
    alone = experiment(
        layer(4, "tanh"),
        layer(y.shape[1], activation),
        data=table(X[sample : sample + 1], y[sample : sample + 1]),
        loss={**loss, "class_weights": None},
    )
    trainer = trainer_of(alone)
    trainer.theta[...] = chosen.theta
    trainer.compute_gradient()
    return trainer.loss


def settled(trainer: Trainer) -> list[float]:
    return msgspec.to_builtins(trainer.experiment.loss)["class_weights"]


def weights_of(case: str) -> Floats:
    """Return the weight of every sample, as it is defined."""
    y, given = CASES[case][2], CASES[case][1]["class_weights"]
    classes = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
    counts = np.bincount(classes)
    weights = len(y) / (len(counts) * counts) if given == "balanced" else np.array(given)
    return weights[classes]


@every_case
def test_the_loss_is_the_weighted_mean_of_those_of_its_samples(case: str) -> None:
    losses = [of_one_sample(case, sample) for sample in range(len(X))]
    expected = np.average(losses, weights=weights_of(case))
    assert loss_of(case, CASES[case][1]["class_weights"]) == pytest.approx(expected, rel=1e-12)
    assert expected != pytest.approx(np.mean(losses), rel=1e-3), "the weights matter"


@every_case
@pytest.mark.parametrize("size", ["full", 5])
def test_the_gradient_is_the_slope_of_the_weighted_loss(case: str, size: object) -> None:
    chosen = network(case, batch={"size": size})
    checks = check_gradients(chosen, trainer_of(chosen).dataset, 3)
    assert [(one.parted, one.skipped) for one in checks] == [(0, 0), (0, 0)]


@every_case
def test_equal_weights_train_as_none(case: str) -> None:
    classes = 2 if CASES[case][2].shape[1] == 1 else 3
    found = []
    for weights in (None, [1.0] * classes, [7.0] * classes):
        trainer = trainer_of(network(case, {"class_weights": weights}, batch={"size": 5}))
        advance(trainer, 40)
        found.append(trainer.theta.copy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found[2], found[0], rtol=1e-10, atol=1e-12)


def test_balanced_is_that_of_scikit_learn_and_is_settled_by_the_training_samples() -> None:
    utils = pytest.importorskip("sklearn.utils.class_weight")
    expected = utils.compute_class_weight("balanced", classes=np.arange(3), y=NUMBERS)
    for case in ("logits", "cross-entropy on other outputs"):
        trainer = trainer_of(network(case, batch={"size": 5}))
        np.testing.assert_allclose(settled(trainer), expected, rtol=1e-15)
        np.testing.assert_allclose(trainer.step.tape["V_all"][:, 0], expected[NUMBERS], rtol=1e-15)
    assert loss_of("logits", "balanced") == loss_of("logits", expected.tolist())


def test_a_class_that_no_sample_has_takes_nothing_from_the_others() -> None:
    y = ONE_HOT[:, [0, 2, 1]] * [1, 1, 0] + [[0, 0, 0]]
    y[NUMBERS == 1, 0] = 1
    counts = y.sum(axis=0)
    chosen = network("softmax", {"class_weights": "balanced"}, data=table(X, y))
    found = settled(trainer_of(chosen))
    assert found == pytest.approx([24 / (2 * counts[0]), 24 / (2 * counts[1]), 1.0])


@every_case
def test_the_base_rate_is_the_loss_of_the_best_outputs_that_ignore_the_inputs(case: str) -> None:
    activation, _, y = CASES[case]
    blind = network(case, data=table(np.zeros_like(X), y), optimizer={"kind": "adam", "learning_rate": 0.03})
    trainer = trainer_of(blind)
    advance(trainer, 600)
    trainer.compute_gradient()
    chance = blind.loss.baseline(y, blind.output_layer.activation)
    assert trainer.loss == pytest.approx(chance, rel=2e-4)
    assert chance <= trainer.loss + 1e-12, activation


@pytest.mark.parametrize("work", [1, 7 * 31, 10**9])
@pytest.mark.parametrize("case", ["sigmoid", "logits"])
def test_the_loss_of_all_samples_is_weighted_however_they_are_cut(
    case: str, work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "WORK_PER_SLICE", work)
    lab = Lab(network(case, batch={"size": 5}))
    lab.train(10)
    score = scored(lab).lanes[0].score
    assert score is not None
    assert score.training.loss == pytest.approx(lab.lanes[0].visit(10).measure_training().loss, rel=1e-12)


def test_test_samples_have_the_weights_of_the_training_samples() -> None:
    data = {"kind": "gaussians", "train": 30, "test": 20, "classes": 3, "noise": 1.5, "shuffle_labels": True}
    loss = {"kind": "cross-entropy", "class_weights": "balanced"}
    trainer = trainer_of(experiment(layer(4), layer(3, "softmax"), data=data, loss=loss))
    measured, y = trainer.measure_test(), trainer.dataset.y_test
    assert measured is not None
    assert y is not None
    weights = 30 / (3 * trainer.dataset.y_train.sum(axis=0))
    other = trainer_of(
        experiment(
            layer(4),
            layer(3, "softmax"),
            data=table(trainer.dataset.x_test, y),
            loss={**loss, "class_weights": weights.tolist()},
        )
    )
    other.theta[...] = trainer.theta
    assert measured.loss == pytest.approx(other.measure_training().loss, rel=1e-12)


def test_a_run_without_weights_has_the_tape_that_it_had() -> None:
    trainer = trainer_of(network("softmax", {"class_weights": None}))
    assert not [name for name in trainer.step.tape.arrays if name.startswith("V")]


@pytest.mark.parametrize("case", ["sigmoid", "softmax"])
def test_some_samples_say_truly_what_they_add_to_the_loss_of_all(case: str) -> None:
    trainer = trainer_of(network(case, batch={"size": 5}))
    witnesses = Witnesses(trainer, "loss", 1e-9)
    losses, weights = [of_one_sample(case, sample) for sample in range(len(X))], weights_of(case)
    for chosen in (np.arange(4), np.arange(12, 16)):
        found = witnesses._value(witnesses._step_on(trainer, chosen), trainer)
        expected = (weights * losses)[chosen].sum() / weights.sum()
        assert found == pytest.approx(expected, rel=1e-12)


def test_weights_that_change_on_the_way_start_no_new_run() -> None:
    lab = Lab(network("sigmoid"))
    lab.train(5)
    assert isinstance(lab.lanes[0].trainer, Trainer)
    fresh = trainer_of(network("sigmoid", {"class_weights": "balanced"}))
    numbers = lab.lanes[0].trainer.numbers_for(network("sigmoid", {"class_weights": "balanced"}))
    assert numbers is not None
    assert same_bits(numbers.constants["V"], fresh.step.tape["V"])


def test_a_cure_of_the_output_keeps_the_weights_and_says_how_others_write_them() -> None:
    chosen = network("binary on other outputs")
    changes = remedies.output(Patient(chosen, chosen.data.load()))
    cure = Cure(Remedy.OUTPUT, changes)
    assert dict(changes)["loss"] == {"kind": "binary-cross-entropy", "class_weights": "balanced"}
    assert "compute_class_weight" in torch_lines(cure)[-1]
    written = Cure(Remedy.LOSS, (("loss", {"kind": "cross-entropy", "class_weights": [1.0, 2.5]}),))
    assert keras_lines(written)[-1].endswith("model.fit(…, class_weight=dict(enumerate([1.0,2.5])))")


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1.0], "loss.class_weights: must be a list of length 2 or more, got 1"),
        ([1.0, 2.0, 3.0], "loss.class_weights: must have 2 numbers, one for each class, got 3"),
        ([0.0, 1.0], "loss.class_weights.0: must be a number of at least 1e-06, got 0.0"),
        ([1.0, -2.0], "loss.class_weights.1: must be a number of at least 1e-06, got -2.0"),
        ([1.0, 1e9], "loss.class_weights.1: must be a number of at most 1000000, got 1000000000.0"),
        ([1.0, "nan"], 'loss.class_weights.1: must be a number, got "nan"'),
        ("even", 'loss.class_weights: must be a list or one of balanced or null, got "even"'),
        ({"0": 1.0}, "loss.class_weights: must be a list or one of balanced or null"),
    ],
)
def test_wrong_weights_are_refused_in_a_sentence(weights: object, sentence: str) -> None:
    with refused(sentence):
        network("sigmoid", {"class_weights": weights})
