"""Which start is right: the race, what theory says, and what is printed."""

from __future__ import annotations

from math import inf
from pathlib import Path

import msgspec
import pytest

from engine.advice.advisor import advise
from engine.advice.candidates import candidates
from engine.advice.race import Race, is_tied
from engine.advice.theory import Responses, gains_of, mean_field
from engine.experiments.experiment import Experiment
from engine.model.activations import Relu, Sigmoid, Tanh
from engine.trials.trials import Trials
from tests.builders import document, experiment, layer
from tests.command_line import complaint, experiment_file, output, strict

pytestmark = pytest.mark.untraced

HE, GLOROT = {"kind": "he-normal"}, {"kind": "glorot-normal"}


def deep(activation: str, weights: object, depth: int = 6, units: int = 64) -> Experiment:
    hidden = [layer(units, activation, weights) for _ in range(depth)]  # type: ignore[arg-type]
    return experiment(*hidden, layer(1, "sigmoid", weights), steps=20)  # type: ignore[arg-type]


def test_relu_is_critical_with_twice_the_inverse_of_its_inputs() -> None:
    relu = Responses(Relu())
    assert relu.chi(2.0) == pytest.approx(1.0)
    assert relu.critical() == pytest.approx(2**0.5)


def test_tanh_is_critical_at_one_and_chaotic_above() -> None:
    tanh = Responses(Tanh())
    assert tanh.critical() == pytest.approx(1.0, abs=0.05)
    assert tanh.chi(0.5**2) < 1 < tanh.chi(2.0**2)


def test_no_weights_carry_a_signal_through_many_sigmoid_layers() -> None:
    sigmoid = Responses(Sigmoid())
    assert sigmoid.chi(1.0) < 0.1
    field = mean_field(deep("sigmoid", GLOROT), deep("sigmoid", GLOROT).data.load())
    assert field is not None
    assert field.depth_scale < 1


def test_he_keeps_signals_of_deep_relu_networks_and_a_small_start_lets_them_fade() -> None:
    kept, small = deep("relu", HE), deep("relu", {"kind": "normal", "std": 0.01})
    dataset = kept.data.load()
    forward, backward = gains_of(kept, dataset).per_layer()
    assert forward == pytest.approx(1.0, abs=0.3)
    assert backward == pytest.approx(1.0, abs=0.3)
    assert max(gains_of(small, dataset).per_layer()) < 0.2
    field = mean_field(kept, dataset)
    assert field is not None
    assert field.chi == pytest.approx(1.0, abs=0.1)


def test_at_least_twenty_starts_take_part_and_none_twice() -> None:
    starts = candidates(deep("relu", HE))
    assert len(starts) >= 20
    assert len({msgspec.json.encode(started) for _, started in starts}) == len(starts)


def test_the_race_is_won_by_a_start_that_learns_and_lost_by_the_smallest_ones() -> None:
    chosen = experiment(
        layer(8, "tanh", GLOROT),
        layer(8, "tanh", GLOROT),
        layer(1, "sigmoid", GLOROT),
        optimizer={"kind": "adam", "learning_rate": 0.02},
        steps=100,
    )
    trials = Trials()
    advice = advise(trials, "it", chosen, chosen.data.load(), Race(trials, 4, 600))
    first, last = advice.ranking[0], advice.ranking[-1]
    assert first.outcome.learned == len(first.outcome.runs) == 4
    assert last.outcome.loss > first.outcome.loss
    assert last.weights in ({"kind": "normal", "std": 0.01}, {"kind": "uniform", "low": -0.05, "high": 0.05})


def test_starts_that_chance_cannot_tell_apart_are_tied() -> None:
    chosen = experiment(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), steps=30)
    trials = Trials()
    one, other = trials.run(chosen, range(6), 30), trials.run(chosen, range(6, 12), 30)
    far = trials.run(
        experiment(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), steps=300), range(6), 300
    )
    assert is_tied(one, other)
    assert not is_tied(one, far)


def test_the_json_has_the_form_that_programs_rely_on(tmp_path: Path) -> None:
    small = document(layer(4, "tanh", GLOROT), layer(1, "sigmoid", GLOROT), steps=20)
    file = experiment_file(tmp_path, small)
    found = strict(output("advise", file, "--seconds", 2, "--seeds", 2, "--json"))
    assert (found["format"], found["version"]) == ("initscope-advice", 1)
    assert set(found["ranking"][0]) == {"weights", "label", "learned", "seeds", "median_loss", "reason"}
    assert [entry["layer"] for entry in found["theory"]] == [1, 2]
    assert set(found["theory"][0]) == {"layer", "forward_gain", "backward_gain"}
    assert 0 < found["chi"] < inf
    assert found["depth_scale"] > 0
    text = output("advise", file, "--seconds", 1, "--seeds", 2)
    assert " 1. " in text
    assert "Keras:" in text


def test_a_budget_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, document(layer(1, "sigmoid")))
    assert "from 1 to 3,600, got 99999" in complaint("advise", file, "--seconds", 99999)
