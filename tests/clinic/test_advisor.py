"""Which start is right: theory beside figures of the literature, the race, and what is printed."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from engine.advice.advice import Advice, Place, Reason, are_tied
from engine.advice.advisor import Advisor
from engine.advice.candidates import written
from engine.advice.gains import Look
from engine.advice.mean_field import MeanField, depth_scale
from engine.advice.race import Plan, order_key, plan
from engine.advice.theory import theory_of
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.model.activations import Relu, Selu, Sigmoid, Tanh
from engine.symptoms.findings import Cure, Remedy
from engine.trials.outcome import Outcome
from engine.trials.trials import Trials
from gui.findings.advice_text import lines
from gui.findings.cure_lines import keras_lines, torch_lines
from tests.builders import document, experiment, layer, table, trainer_of
from tests.clinic.races import SHAPES, tasks
from tests.command_line import (
    GUI_PACKAGES,
    complaint,
    experiment_file,
    output,
    strict,
)

HE, GLOROT, ORTHOGONAL = ({"kind": kind} for kind in ("he-normal", "glorot-normal", "orthogonal"))
ADAM = {"kind": "adam", "learning_rate": 0.02}


def deep(activation: str, weights: dict[str, object], depth: int = 6, units: int = 64) -> Experiment:
    hidden = [layer(units, activation, weights) for _ in range(depth)]
    return experiment(*hidden, layer(1, "sigmoid", weights), steps=60, optimizer=ADAM)


def advice_for(chosen: Experiment, seeds: int, seconds: float = 600.0) -> Advice:
    return Advisor("it", chosen, chosen.data.load()).advise(seeds, seconds)


# Theory


def test_relu_is_critical_with_twice_the_inverse_of_its_inputs() -> None:
    """He et al. (2015): variance 2/fan_in."""
    relu = MeanField(Relu())
    assert relu.chi(2.0, 0.0) == pytest.approx(1.0, abs=1e-12)
    assert depth_scale(relu.chi(2.0, 0.0)) == inf
    assert relu.critical(0.0) == pytest.approx(2**0.5)


def test_tanh_is_critical_where_the_literature_says() -> None:
    """Poole et al. (2016): σw = 1 without biases. Schoenholz et al. (2017): σw² = 1.76 with σb² = 0.05."""
    tanh = MeanField(Tanh())
    assert tanh.critical(0.0) == pytest.approx(1.0, abs=1e-5)
    assert depth_scale(tanh.chi(1.0, 0.0)) > 1e6
    assert tanh.critical(0.05) == pytest.approx(1.76**0.5, abs=0.002)
    assert tanh.chi(0.5**2, 0.0) < 1 < tanh.chi(2.0**2, 0.0)


def test_selu_has_the_fixed_point_that_it_was_made_for() -> None:
    """Klambauer et al. (2017): with σw = 1 the variance stays at 1."""
    assert MeanField(Selu()).settled(1.0, 0.0) == pytest.approx(1.0, abs=1e-6)


def test_a_usual_start_of_sigmoid_layers_lets_gradients_die() -> None:
    assert MeanField(Sigmoid()).chi(1.0, 0.0) < 1 / 16


@pytest.mark.parametrize(("activation", "weights"), [("relu", HE), ("tanh", ORTHOGONAL)])
def test_wide_layers_do_to_variances_what_theory_expects(activation: str, weights: dict[str, object]) -> None:
    chosen = deep(activation, weights, depth=4, units=256)
    look = Look(chosen, chosen.data.load())
    gains = look.gains(chosen, range(9))
    expected = theory_of(look.at_start(chosen, 0), look.input_square).expected
    assert expected is not None
    assert gains.forward[:-1] == pytest.approx(expected.forward[:-1], rel=0.25)
    assert gains.backward == pytest.approx(expected.backward, rel=0.25)


def test_an_initializer_knows_the_variance_that_it_draws() -> None:
    """All kinds; what is not spread around 0 says nothing."""
    for place in advice_for(experiment(layer(4), layer(1), steps=1), 1).places:
        chosen = experiment(layer(300, weights=GLOROT), layer(200, weights=written(place.weights)), layer(1))
        drawn = trainer_of(chosen).layout.blocks[1].weights(trainer_of(chosen).theta)
        variance = place.weights.variance(300, 200)
        if variance is not None:
            assert drawn.var() == pytest.approx(variance, rel=0.03), place.weights


def test_theory_says_nothing_of_weights_that_are_all_positive() -> None:
    chosen = deep("tanh", {"kind": "uniform", "low": 0.0, "high": 1.0})
    look = Look(chosen, chosen.data.load())
    theory = theory_of(look.at_start(chosen, 0), look.input_square)
    assert (theory.chi, theory.depth_scale) == (None, None)
    assert theory.critical == pytest.approx(1.0, abs=1e-5)


# The race


@pytest.fixture(scope="module")
def small() -> Advice:
    """A small network, raced to the end."""
    return advice_for(
        experiment(
            layer(8, "tanh", GLOROT),
            layer(8, "tanh", GLOROT),
            layer(1, "sigmoid", GLOROT),
            optimizer=ADAM,
            steps=100,
        ),
        8,
    )


def test_at_least_twenty_different_starts_race_and_the_present_one_is_among_them(small: Advice) -> None:
    starts = [place.weights for place in small.places]
    assert len(set(starts)) == len(starts) == small.starts >= 20
    assert [written(place.weights) for place in small.places if place.is_present] == [GLOROT]


def test_the_first_learns_from_all_seeds_and_the_smallest_starts_are_far_behind(small: Advice) -> None:
    first = small.places[0]
    assert small.is_complete
    assert (first.share.learned, first.share.seeds) == (8, 8)
    worst = [written(place.weights) for place in small.places[-8:]]
    assert {"kind": "normal", "std": 0.01} in worst
    assert {"kind": "constant", "value": 0.0} in worst


def test_ties_are_starts_whose_quartiles_overlap_those_of_the_first(small: Advice) -> None:
    first = small.places[0]
    assert not first.is_tied
    for place in small.places[1:]:
        assert place.is_tied == are_tied((place.low, place.high), (first.low, first.high))


def test_losses_that_look_the_same_are_tied_where_nothing_learns() -> None:
    assert are_tied((0.69315, 0.69316), (0.69312, 0.69314))
    assert not are_tied((0.70, 0.71), (0.69, 0.699))
    assert are_tied((float("inf"), float("inf")), (0.7, float("inf")))


def test_equal_neurons_and_missing_gradients_are_the_reason_of_constants(small: Advice) -> None:
    reasons = {place.weights: place.reason for place in small.places}
    found = {start: reasons[weights] for weights in reasons if (start := str(written(weights).get("value")))}
    assert (found["0.0"], found["0.1"]) == (Reason.NOTHING_BACK, Reason.EQUAL)


def test_a_race_gives_the_same_ranking_again(small: Advice) -> None:
    again = advice_for(
        experiment(
            layer(8, "tanh", GLOROT),
            layer(8, "tanh", GLOROT),
            layer(1, "sigmoid", GLOROT),
            optimizer=ADAM,
            steps=100,
        ),
        8,
    )
    assert again.places == small.places


def test_no_start_is_recommended_where_none_learns() -> None:
    chosen = experiment(
        layer(4, "tanh", GLOROT),
        layer(1, "identity", GLOROT),
        data=table([[-1.0], [0.0], [1.0]], [[3.0], [-6.0], [3.0]]),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 1e-9},
        steps=1,
    )
    said = list(lines(advice_for(chosen, 1)))
    assert "    No start that was tried learns from most seeds." in said
    assert not any("PyTorch:" in line for line in said)


def test_every_start_is_told_in_code_of_other_programs(small: Advice) -> None:
    for place in small.places:
        cure = Cure(Remedy.START, (("network.layers.*.weights", written(place.weights)),))
        (torch,), (keras,) = torch_lines(cure), keras_lines(cure)
        assert "layer.weight" in torch
        assert "kernel_initializer=" in keras
    assert "he_normal" in keras_lines(Cure(Remedy.START, (("network.layers.*.weights", HE),)))[0]


def test_gains_of_huge_weights_are_infinite() -> None:
    huge = layer(9, "relu", {"kind": "constant", "value": 1e200})
    squares = {"data": table([[1.0, -2.0], [2.0, 0.5]], [[3.0], [1.0]]), "loss": {"kind": "squared-error"}}
    sick = experiment(huge, huge, layer(1, "identity"), **squares)
    advice = Advisor("huge", sick, trainer_of(sick).dataset).look()
    assert advice.gains.forward[0] == inf


def test_who_stops_a_race_gets_the_ranking_so_far() -> None:
    chosen = deep("tanh", GLOROT, depth=2, units=8)
    told: list[Advice] = []
    advisor = Advisor("it", chosen, chosen.data.load(), tell=told.append)
    advice = advisor.advise(8, 600.0, lambda: any(one.places for one in told))
    assert (advice.was_asked, advice.is_complete) == (True, False)
    assert 0 < advice.done < advice.runs
    assert sum(place.share.seeds for place in advice.places) == advice.done
    assert "    It was stopped: this is the ranking so far." in lines(advice)


def test_where_no_start_helps_it_names_an_activation_that_does() -> None:
    advice = advice_for(deep("sigmoid", GLOROT, depth=16, units=8), 2)
    assert not advice.learns
    assert advice.other is not None
    changed = with_changes(
        deep("sigmoid", written(advice.other.weights), depth=16, units=8),
        [("network.layers.hidden.activation", {"kind": type(advice.other.activation).__struct_config__.tag})],
    )
    share = Trials().run(changed, range(3), 60)
    assert share.learns
    assert any("With sigmoid no start that raced learns from most seeds" in line for line in lines(advice))


def test_a_plan_saves_seeds_first_and_then_steps() -> None:
    enough, short, shorter = (plan(30, 40, 1000, seconds, 1e-4) for seconds in (60, 8, 1))
    assert enough == Plan(30, 40, 1000)
    assert 3 < short.seeds < 40
    assert short.steps == 1000
    assert shorter.seeds == 3
    assert 20 <= shorter.steps < 1000


# What is printed


SMALL = document(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), steps=20)


def test_the_json_has_the_form_that_programs_rely_on(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, SMALL)
    found = strict(output("advise", file, "--seconds", 60, "--seeds", 2, "--json", missing=GUI_PACKAGES))
    assert list(found) == ["format", "version", "ranking", "theory", "chi", "depth_scale"]
    assert (found["format"], found["version"]) == ("initscope-advice", 1)
    assert list(found["ranking"][0]) == ["weights", "label", "learned", "seeds", "median_loss", "reason"]
    assert [entry["layer"] for entry in found["theory"]] == [1, 2]
    assert set(found["theory"][0]) == {"layer", "forward_gain", "backward_gain"}
    assert 0 < found["chi"] < inf
    assert found["depth_scale"] > 0


def test_people_get_a_ranking_theory_and_what_to_write(tmp_path: Path) -> None:
    text = output("advise", experiment_file(tmp_path, SMALL), "--seconds", 60, "--seeds", 2)
    for said in (
        "raced, 20 steps each",
        " 1. ",
        "… and ",
        "Mean field: χ = ",
        "Critical (χ = 1) for tanh: weights of deviation 1.00/√inputs",
        "Initscope: --set 'network.layers.*.weights={",
        "PyTorch:   for layer in linear_layers: ",
        "Keras:     each layer: Dense(…, kernel_initializer=",
    ):
        assert said in text


def test_a_budget_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, document(layer(1, "sigmoid")))
    assert "from 1 to 3,600, got 99999" in complaint("advise", file, "--seconds", 99999)


# Is it right?


FRESH = range(10_000, 10_040)
"""Seeds that no race has had."""


@pytest.fixture(scope="module")
def good_choices() -> list[str]:
    """The tasks so far whose first choice is among the best three."""
    return []


@pytest.mark.clinic
@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_long_runs_tell_how_good_the_first_choice_is(
    number: int, good_choices: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of all starts, on fresh seeds; where chance cannot tell it from the third, it is as good as that."""
    name, task = list(tasks())[number]
    advice = advice_for(task, 60, 120.0)
    trials = Trials()
    outcomes = [trials.run(started(task, place), FRESH, task.steps) for place in advice.places]
    order = sorted(range(len(outcomes)), key=lambda place: order_key(outcomes[place]))
    among = order.index(0) < 3 or not is_clearly_worse(outcomes[0], outcomes[order[2]])
    good_choices += [name] * among
    with capsys.disabled():
        clearly = "" if among else ", clearly worse than the third"
        print(f"{name}: {order.index(0) + 1} of {len(order)}{clearly}")


@pytest.mark.clinic
def test_the_first_choice_is_among_the_best_three_at_least_18_times(good_choices: list[str]) -> None:
    assert len(good_choices) >= 18


def started(task: Experiment, place: Place) -> Experiment:
    return with_changes(task, [("network.layers.*.weights", written(place.weights))])


def is_clearly_worse(one: Outcome, other: Outcome) -> bool:
    """Whether losses are larger, by a rank sum whose chance is below one in twenty."""
    losses = [[run.loss for run in outcome.runs] for outcome in (one, other)]
    wins = sum((a > b) + 0.5 * (a == b) for a in losses[0] for b in losses[1])
    n, m = map(len, losses)
    return wins - n * m / 2 > 1.645 * (n * m * (n + m + 1) / 12) ** 0.5
