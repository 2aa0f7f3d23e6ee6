"""What the doctor says of a small network for each cause, and of networks that are well."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.core.randomness import seeds_from
from engine.datasets import Dataset
from engine.doctor.diagnosis import Doctor
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import parse_experiment
from engine.symptoms.course import Course
from engine.symptoms.findings import Cause, Cure, Diagnosis, Finding, Remedy, Sure, Verdict
from engine.symptoms.patient import Patient
from engine.symptoms.suspects import suspects
from engine.trials.learnable import carries_signal
from engine.trials.trials import Stopped, Trials
from gui.findings.diagnosis_text import document as as_document
from gui.findings.diagnosis_text import lines
from gui.findings.doctor_words import evidence
from tests.builders import Document, constant, document, experiment, layer, same_bits, table, trainer_of
from tests.clinic.wards import pair

XOR = table([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
GLOROT, HE = {"kind": "glorot-normal"}, {"kind": "he-normal"}
ADAM = {"kind": "adam", "learning_rate": 0.02}

SICK = {
    "zero-start": 6,
    "symmetry": 4,
    "near-symmetry": 4,
    "start-too-small": 4,
    "start-too-large": 6,
    "too-deep-for-activation": 5,
    "dead-at-start": 6,
    "rate-too-high": 1,
    "rate-too-low": 6,
    "too-few-steps": 1,
    "noisy-steps": 2,
    "inputs-not-scaled": 3,
    "inputs-too-small": 2,
    "targets-not-scaled": 7,
    "output-range": 1,
    "output-constant": 5,
    "loss-mismatch": 2,
    "over-regularised": 5,
    "class-imbalance": 7,
    "useless-inputs": 6,
    "linear-network": 2,
    "too-narrow": 2,
    "no-bias": 2,
    "no-signal": 6,
}
"""For each cause a quick case, by its number among those that are drawn."""


def diagnosis(case: Document | Experiment, seeds: int = 3) -> Diagnosis:
    chosen = case if isinstance(case, Experiment) else parse_experiment(msgspec.json.encode(case))
    return Doctor(Trials(), chosen, chosen.data.load(), seeds).diagnose("it")


def causes(found: Diagnosis) -> list[str]:
    return [finding.cause.value for finding in found.findings]


@pytest.mark.parametrize("cause", SICK)
def test_the_cause_is_named_and_its_cure_makes_the_network_learn(cause: str) -> None:
    found = diagnosis(pair(cause, 0, SICK[cause])[1])
    assert causes(found)[0] == cause
    assert found.verdict is Verdict.SICK
    if cause not in {"useless-inputs", "no-signal"}:  # which no change of the network cures
        assert found.findings[0].cures[0].learned >= 2
    assert "\n".join(lines(found)).isprintable() is False  # it has several lines
    assert msgspec.json.encode(as_document([found]))


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param(
            [layer(8, "sigmoid", constant(0.0)), layer(1, "sigmoid", GLOROT)], id="first layer of zeros"
        ),
        pytest.param([layer(8, "tanh", GLOROT), layer(1, "sigmoid", constant(0.0))], id="output of zeros"),
        pytest.param([layer(8, "relu", HE), layer(1, "sigmoid", constant(0.5))], id="constant output"),
        pytest.param([layer(1, "sigmoid", constant(0.0))], id="no hidden layer, from zeros"),
    ],
)
def test_innocent_starts_are_left_alone(layers: list[Document]) -> None:
    found = diagnosis(document(*layers, optimizer=ADAM, steps=300))
    assert (found.verdict, found.findings) == (Verdict.HEALTHY, ())


def test_a_network_that_learns_although_a_layer_is_symmetric_is_as_good_as_its_small_network() -> None:
    found = diagnosis(pair("symmetry", 0, 0)[1])
    numbers = found.findings[0].numbers
    assert (causes(found), found.findings[0].sure) == (["symmetry"], Sure.PROVED)
    assert found.untreated.learned == found.untreated.seeds
    assert numbers["loss"] > 0.5 * numbers["small_network_loss"]
    assert not evidence(found.findings[0]).endswith("it learns.")  # it does without the cure


def test_causes_are_peeled_off_one_after_another_and_all_cures_together_work() -> None:
    """Softmax over a single output, targets in ten thousands behind it."""
    x = np.linspace(-1, 1, 40)[:, np.newaxis]
    found = diagnosis(
        document(
            layer(8, "tanh", GLOROT),
            layer(1, "softmax", GLOROT),
            data=table(x, 1e4 + 3e3 * x),
            loss={"kind": "squared-error"},
            optimizer=ADAM,
            steps=400,
        )
    )
    together, alone = found.findings[0].cures
    assert found.findings[1].before == alone.changes
    assert causes(found) == ["output-constant", "targets-not-scaled"]
    assert (together.learned, alone.learned) == (3, 0)
    assert {path for path, _ in together.changes} >= {"network.layers.1.activation", "data.standardize"}
    text = "\n".join(lines(found))
    assert "standardized targets in addition: 3 of 3 seeds learn" in text  # they alone are not enough
    assert "it learns" not in evidence(found.findings[0])


def test_of_a_network_that_learns_each_cure_was_tried_alone_and_so_were_all_of_them_together() -> None:
    samples = [([0, 1], [0])] * 4 + [([1, 0], [1])] * 4 + [([0, 0], [0]), ([1, 1], [1])]
    half = {"weights": constant(0.5), "biases": None}
    chosen = experiment(
        layer(6, "tanh", **half),
        layer(1, "sigmoid", **half),
        data=table([x for x, _ in samples], [y for _, y in samples]),
        optimizer={"kind": "sgd", "learning_rate": 1.0},
        steps=100,
    )
    found = diagnosis(chosen)
    assert causes(found) == ["symmetry", "no-bias"]
    assert [finding.before for finding in found.findings] == [(), ()]
    trials, seeds = Trials(), seeds_from(chosen.seed, 3)
    cures = [cure for finding in found.findings for cure in finding.cures]
    assert [cure.remedy for cure in cures] == [Remedy.TOGETHER, Remedy.START, Remedy.BIASES]
    losses = [trials.run(with_changes(chosen, list(cure.changes)), seeds, 100).loss for cure in cures]
    assert [cure.loss for cure in cures] == losses


def test_labels_of_noise_are_the_floor() -> None:
    rng = np.random.default_rng(0)
    data = table(rng.normal(size=(300, 2)), rng.integers(2, size=(300, 1)))
    found = diagnosis(document(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), data=data, steps=100))
    assert (found.verdict, found.findings) == (Verdict.FLOOR, ())


def test_chance_is_said_as_chance() -> None:
    """Ten narrow ReLU layers are dead from this seed and alive from most others."""
    circles = {"kind": "circles", "train": 200, "noise": 0.05, "factor": 0.4, "seed": 1}
    layers = [*(layer(5, "relu", HE) for _ in range(10)), layer(1, "sigmoid", HE)]
    found = diagnosis(document(*layers, data=circles, optimizer=ADAM, steps=400, seed=3))
    assert causes(found) == ["dead-at-start"]
    assert 0 < found.findings[0].numbers["dead_seeds"] < found.findings[0].numbers["of_seeds"]


def test_a_rate_that_kills_relu_is_named_with_the_step_at_which_layers_died() -> None:
    found = diagnosis(xnor_at(1.0))
    assert causes(found) == ["rate-too-high", "dead-by-training"]
    assert 0 < found.findings[1].since < 100


def test_a_rate_above_what_the_curvature_allows_is_proved_to_be_too_high() -> None:
    found = diagnosis(neuron_at(9.0))
    (finding,) = found.findings
    assert (finding.cause, finding.sure) == (Cause.RATE_TOO_HIGH, Sure.PROVED)
    assert finding.numbers["stable"] == pytest.approx(2.0, rel=0.05)


def test_without_biases_inputs_of_zeros_are_wrong_even_where_the_network_learns() -> None:
    x = [[0, 1], [0, 1], [1, 0], [1, 0], [0, 0], [1, 1]]
    found = diagnosis(
        document(
            layer(1, "sigmoid", {"kind": "uniform", "low": -1, "high": 1}, biases=None),
            data=table(x, [[0], [0], [1], [1], [0], [1]]),
            optimizer={"kind": "sgd", "learning_rate": 1.0},
            steps=300,
        )
    )
    assert (causes(found), found.findings[0].sure) == (["no-bias"], Sure.PROVED)


def test_shuffled_labels_are_named_whether_a_network_learns_them_by_heart_or_not() -> None:
    moons = {"kind": "moons", "train": 200, "noise": 0.1, "seed": 1, "shuffle_labels": True}
    found = diagnosis(
        document(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), data=moons, optimizer=ADAM, steps=300)
    )
    assert (causes(found), found.findings[0].cures[0].learned) == (["no-signal"], 3)
    few = {**moons, "train": 60}
    wide = [layer(64, "relu", HE), layer(64, "relu", HE), layer(1, "sigmoid", GLOROT)]
    found = diagnosis(document(*wide, data=few, optimizer=ADAM, steps=1500))
    assert (found.untreated.learned, causes(found)) == (3, ["no-signal"])


def test_a_schedule_that_ends_learning_too_early_is_a_rate_that_is_too_low() -> None:
    schedule = {"kind": "exponential", "factor": 0.5}
    optimizer = {**ADAM, "schedule": schedule}
    found = diagnosis(
        document(layer(8, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), optimizer=optimizer, steps=300)
    )
    assert causes(found) == ["rate-too-low"]
    assert found.findings[0].cures[0].changes == (("optimizer.schedule", None),)


def test_whoever_stops_gets_what_was_found_until_then() -> None:
    chosen = parse_experiment(msgspec.json.encode(pair("zero-start", 0, 6)[1]))
    stages: list[str] = []
    trials = Trials(lambda: stages.count("looking") == 2)
    doctor = Doctor(trials, chosen, chosen.data.load(), 3, lambda stage, _found: stages.append(stage))
    found = doctor.diagnose("it")
    assert not found.is_complete
    assert causes(found) == ["zero-start"]


def test_a_look_at_unseen_samples_ends_when_somebody_stops() -> None:
    chosen = experiment(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT))
    with pytest.raises(Stopped):
        Trials(lambda: True).train(trainer_of(chosen), 10**9)


def xnor_at(rate: float) -> Document:
    """Four samples, on which a high rate kills narrow layers of ReLU within some steps."""
    return document(
        *(layer(5, "relu", GLOROT), layer(10, "relu", GLOROT), layer(1, "identity", GLOROT)),
        data=table([[0, 0], [0, 1], [1, 0], [1, 1]], [[1], [0], [0], [1]]),
        loss={"kind": "squared-error"},
        optimizer={"kind": "adam", "learning_rate": rate},
        steps=500,
    )


def neuron_at(rate: float) -> Document:
    """A linear neuron on inputs of ±1/2: the largest curvature is 1."""
    return document(
        layer(1, "identity", constant(0.0)),
        data=table([[-0.5], [0.5]], [[0.0], [3.0]]),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": rate},
        steps=100,
    )


@pytest.mark.parametrize("looked_for", ["when layers died", "where it diverged", "the largest curvature"])
def test_whoever_stops_waits_for_no_search_in_a_run(looked_for: str) -> None:
    case, search = {
        "when layers died": (xnor_at(1.0), lambda course: course.died),
        "where it diverged": (
            products(6, "relu", {"learning_rate": 50.0}),
            lambda course: course.diverged_at,
        ),
        "the largest curvature": (neuron_at(9.0), lambda course: suspects(patient, course)),
    }[looked_for]
    chosen = parse_experiment(msgspec.json.encode(case))
    patient = Patient(chosen, chosen.data.load())
    run = Trials().run(chosen, [chosen.seed], chosen.steps).runs[0]
    assert search(Course(patient, run, Trials().check))
    with pytest.raises(Stopped):
        search(Course(patient, run, Trials(lambda: True).check))


def test_runs_of_the_same_experiment_are_done_once() -> None:
    chosen = experiment(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), steps=50)
    trials = Trials()
    first = trials.run(chosen, [1, 2], 50)
    again = trials.run(msgspec.structs.replace(chosen, seed=9), [2, 3], 50)
    assert again.runs[0] is first.runs[1]


@pytest.mark.parametrize("batch", ["full", 10])
def test_seeds_that_start_from_the_same_numbers_have_each_the_run_of_its_own(batch: str | int) -> None:
    chosen = experiment(layer(4, "tanh", constant(0.1)), layer(1, weights=GLOROT), batch={"size": batch})
    equal = msgspec.structs.replace(
        chosen, network=experiment(layer(4, "tanh", constant(0.1)), layer(1, weights=constant(0.2))).network
    )
    for one in (chosen, equal):
        together = Trials().run(one, [1, 2, 3, 4, 5], 50).runs
        alone = [Trials().run(one, [seed], 50).runs[0] for seed in (1, 2, 3, 4, 5)]
        assert [run.seed for run in together] == [1, 2, 3, 4, 5]
        assert all(
            same_bits(run.theta, other.theta) and same_bits(run.losses, other.losses)
            for run, other in zip(together, alone, strict=True)
        )
        is_one_run = one is equal and batch == "full"
        assert len({run.theta.tobytes() for run in together}) == (1 if is_one_run else 5)


@pytest.mark.parametrize(
    ("targets", "classes", "expected"),
    [("inside", True, True), ("noise", True, False), ("smooth", False, True), ("noise", False, False)],
)
def test_data_that_tell_nothing_are_known_without_a_network(
    targets: str, classes: bool, expected: bool
) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2))
    y = {
        "inside": ((x**2).sum(axis=1, keepdims=True) < 1).astype(float),
        "noise": rng.integers(2, size=(300, 1)).astype(float),
        "smooth": np.sin(2 * x[:, :1]),
    }[targets]
    assert carries_signal(Dataset(x, y), classes=classes) is expected


def products(units: int, activation: str, optimizer: Document, **more: object) -> Document:
    """A network that is to multiply two numbers."""
    x = np.random.default_rng(0).normal(size=(60, 2))
    return document(
        layer(units, activation, GLOROT),
        layer(1, "identity", GLOROT),
        data=table(x, x[:, :1] * x[:, 1:]),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", **optimizer},
        steps=300,
        **more,
    )


def test_a_cure_that_random_changes_match_is_suspected_only() -> None:
    long_memory: Document = {"learning_rate": 0.1, "momentum": 0.998}
    found = diagnosis(products(8, "tanh", long_memory, batch={"size": 16}), 5)
    assert found.controls.learned / found.controls.seeds > 2 / 3
    assert [finding.sure for finding in found.findings] == [Sure.SUSPECTED]
    assert evidence(found.findings[0]).startswith("With momentum 0.998 steps overshoot")


def test_neurons_of_a_run_that_diverged_are_not_called_switched_off() -> None:
    found = diagnosis(products(6, "relu", {"learning_rate": 50.0}))
    assert found.untreated.loss == np.inf
    assert causes(found) == ["rate-too-high"]


def test_targets_that_are_all_equal_are_no_labels_that_tell_nothing() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    found = diagnosis(document(layer(6, "tanh", GLOROT), layer(1), data=table(x, np.ones((60, 1))), steps=50))
    assert (found.verdict, found.findings) == (Verdict.HEALTHY, ())


LOWER_RATE = (("optimizer.learning_rate", 0.01),)


@pytest.mark.parametrize(
    ("learned", "rise", "said"),
    [
        (
            5,
            4.0,
            "With the learning rate 8 the loss rises up to 4.00 times its start. With another … it learns.",
        ),
        (1, 4.0, "With the learning rate 8 the loss rises up to 4.00 times its start."),
        (1, 1.0, "The learning rate 8 is too high for this network."),
        (1, np.inf, "With the learning rate 8 numbers leave what can be represented."),
    ],
)
def test_evidence_says_that_it_learns_only_where_it_does(learned: int, rise: float, said: str) -> None:
    cure = Cure(Remedy.RATE, LOWER_RATE, learned, 5, 0.1)
    finding = Finding(
        Cause.RATE_TOO_HIGH, (), 0, Sure.TRIED, {"rate": 8.0, "rise": rise, "swings": 0.0}, (cure,)
    )
    assert evidence(finding).replace("another learning rate", "another …") == said


def test_every_cause_has_words() -> None:
    from gui.findings.doctor_words import cause_name, remedy_name  # noqa: PLC0415

    assert all(cause_name(cause) for cause in Cause)
    assert all(remedy_name(remedy) for remedy in Remedy)
