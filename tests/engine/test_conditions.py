"""Training until a condition holds: it ends at the first state for which it does, as found by looking at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.conditions.grammar import parse_condition
from engine.conditions.until import Held, Until
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.experiments.variants import LaneSpec
from engine.output.result import Ends, VariantResult, run_variants
from engine.symmetry.groups import layer_symmetry
from engine.training.edits import SetWeight
from engine.training.loop import train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from tests.builders import NO_BIASES, constant, experiment, layer, refused, same_bits, table, trainer_of

STEPS = 30
SMALL = experiment(layer(4, "tanh"), layer(1), optimizer={"kind": "sgd", "learning_rate": 1.0})
X, Y = [[0.0, 1.0], [1.0, 0.0]], [[0.5], [2.0]]


def until(
    chosen: Experiment, condition: str, steps: int = STEPS, start: int = 0
) -> tuple[Held | None, Trainer]:
    """Return where a condition held, and the trainer that stands there."""
    trainer = trainer_of(chosen)
    train(updates_of([trainer]), 0, start)
    watcher = Until(parse_condition(condition), trainer, start)
    train(updates_of([trainer]), start, steps, [watcher])
    return watcher.held, trainer


# What is written


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("loss<0.1", "loss < 0.1"),
        ("Loss below 2 or step 500", "loss < 2 or step 500"),
        (
            "loss < 1 and accuracy above 90% or step 5",
            "loss < 1 and accuracy > 0.9 or step 5",
        ),
        ("loss < 1 and (accuracy > .5 or step 5)", "loss < 1 and (accuracy > 0.5 or step 5)"),
        ("((step 5))", "step 5"),
        ("spread of layer 2 > 1e-3", "spread of layer 2 > 0.001"),
        ("groups change or groups of layer 1 change", "groups change or groups of layer 1 change"),
        ("sign changes or sign of layer 2 changes", "sign changes or sign of layer 2 changes"),
        (
            "sign of w1[0,2] changes and sign of W2 changes",
            "sign of W1[0, 2] changes and sign of layer 2 changes",
        ),
        ("not finite or gradients = 0", "not finite or gradient = 0"),
        ("loss > -3", "loss > -3"),
    ],
)
def test_a_condition_is_read_as_people_write_it(written: str, read: str) -> None:
    assert str(parse_condition(written)) == read
    assert str(parse_condition(read)) == read


BEGINNINGS = "groups, gradient, gradients, sign, not, step, loss, accuracy, spread, ("


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", f"the condition '' ends too early; there could follow: {BEGINNINGS}"),
        (
            "los < 1",
            f"the condition 'los < 1' goes wrong at character 1, 'los'; there could be: {BEGINNINGS}",
        ),
        ("loss < x", "the condition 'loss < x' goes wrong at character 8, 'x'; there could be: 0.1, 1e-3, …"),
        ("loss < 1e999", "…at character 8, '1e999'; there could be: 0.1, 1e-3, …"),
        ("loss 1", "…at character 6, '1'; there could be: <, >, below, above"),
        ("loss < 1 step 5", "…at character 10, 'step'; there could be: and, or"),
        ("(step 5", "…ends too early; there could follow: ), and, or"),
        ("step 1.5", "…at character 6, '1.5'; there could be: 0, 1, 2, …"),
        ("sign of X changes", "…at character 9, 'X'; there could be: layer, W1, W1[0,2]"),
        ("not infinite", "…at character 5, 'infinite'; there could be: finite"),
        ("(" * 21 + "step 1" + ")" * 21, "at most 20 brackets of a condition may lie in each other"),
        ("step 1 or " * 40 + "step 1", "a condition has at most 300 characters, got 406"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where_and_what_could_stand_there(
    written: str, said: str
) -> None:
    with refused(said):
        parse_condition(written)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("accuracy > 0.5", "accuracy > 0.5 can never hold: these targets stand for no classes…"),
        ("groups change", "groups change is about hidden layers, and there is none…"),
        ("spread of layer 2 > 1", "there is no layer 2, there is 1 layer"),
        ("sign of W1[2, 0] changes", "layer 1 has no weight in row 3 of neuron 1"),
    ],
)
def test_what_a_network_does_not_have_is_refused(condition: str, said: str) -> None:
    alone = experiment(layer(1, "identity"), data=table(X, Y), loss={"kind": "squared-error"})
    with refused(said):
        until(alone, condition)


# Where training ends


def states_of(chosen: Experiment) -> list[Floats]:
    """Return the states before every step and after the last one."""
    trainer = trainer_of(chosen)
    found: list[Floats] = []
    for step in range(STEPS + 1):
        found.append(np.empty_like(trainer.initial_state))
        trainer.save(found[-1])
        train(updates_of([trainer]), step, step + 1)
    return found


def brute_force(
    chosen: Experiment, states: list[Floats], holds: Callable[[Trainer, int], bool]
) -> int | None:
    """Return the first step whose state, looked at alone, is one for which something holds."""
    trainer = trainer_of(chosen)
    for step, state in enumerate(states):
        trainer.restore(state, step)
        if holds(trainer, step):
            return step
    return None


def has_other_sign(chosen: Experiment, states: list[Floats]) -> Callable[[Trainer, int], bool]:
    blocks = trainer_of(chosen).layout.blocks

    def holds(_trainer: Trainer, step: int) -> bool:
        weights = [
            np.concatenate([block.weights(state[: blocks[-1].stop]).ravel() for block in blocks])
            for state in states[: step + 1]
        ]
        return bool(((np.max(weights, axis=0) > 0) & (np.min(weights, axis=0) < 0)).any())

    return holds


def hidden_groups(trainer: Trainer) -> list[tuple[int, ...]]:
    return [found.labels for found in layer_symmetry(trainer.layout, trainer.theta)[:-1]]


def conditions_of(
    chosen: Experiment, states: list[Floats], rng: np.random.Generator
) -> dict[str, Callable[[Trainer, int], bool]]:
    """Return terms with limits that the run crosses, perhaps, and what each says of a state."""
    trainer = trainer_of(chosen)
    groups = hidden_groups(trainer)
    trainer.restore(states[int(rng.integers(len(states)))], 0)
    loss = trainer.measure_training().loss
    largest = max(found.spread for found in layer_symmetry(trainer.layout, trainer.theta)[:-1])
    step = int(rng.integers(STEPS + 5))
    return {
        f"loss < {loss!r}": lambda trainer, _: trainer.measure_training().loss < loss,
        f"spread > {largest!r}": lambda trainer, _: (
            max(found.spread for found in layer_symmetry(trainer.layout, trainer.theta)[:-1]) > largest
        ),
        "groups change": lambda trainer, _: hidden_groups(trainer) != groups,
        "sign changes": has_other_sign(chosen, states),
        "gradient = 0": lambda trainer, _: not trainer.compute_gradient().any(),
        "not finite": lambda trainer, _: not np.isfinite(trainer.theta).all(),
        f"step {step}": lambda _, at: at >= step,
    }


@pytest.mark.parametrize("seed", range(40))
def test_training_ends_at_the_first_state_for_which_a_condition_holds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chosen = random_experiment(seed)
    states = states_of(chosen)
    terms = conditions_of(chosen, states, rng)
    names = list(terms)
    for _ in range(4):
        one, two, three = (names[place] for place in rng.integers(len(names), size=3))
        condition = f"{one} and {two} or {three}"
        expected = brute_force(
            chosen,
            states,
            lambda trainer, step, a=one, b=two, c=three: (
                (terms[a](trainer, step) and terms[b](trainer, step)) or terms[c](trainer, step)
            ),
        )
        held, trainer = until(chosen, condition)
        assert (held.step if held else None) == expected, condition
        state = np.empty_like(trainer.initial_state)
        trainer.save(state)
        assert same_bits(state, states[STEPS if expected is None else expected]), (
            "bit for bit that of a plain run"
        )


def random_experiment(seed: int) -> Experiment:
    rng = np.random.default_rng(seed)
    starts = (constant(0.0), constant(0.5), {"kind": "normal", "std": 0.6})
    hidden = [
        layer(int(rng.integers(1, 5)), ["relu", "tanh", "sigmoid"][rng.integers(3)], starts[rng.integers(3)])
        for _ in range(rng.integers(1, 3))
    ]
    fields: dict[str, Any] = {
        "data": table(rng.normal(size=(6, 2)), rng.integers(0, 2, (6, 1))),
        "optimizer": {"kind": "sgd", "learning_rate": [0.5, 3.0][rng.integers(2)]},
        "batch": {"size": ["full", 2][rng.integers(2)]},
    }
    return experiment(*hidden, layer(1, weights=starts[rng.integers(3)]), seed=seed, **fields)


def test_what_held_is_told_term_by_term() -> None:
    held, _ = until(SMALL, "step 7 and loss < 9 or step 3 or spread > 0")
    assert held == Held(0, ("spread > 0",))
    held, _ = until(SMALL, "step 7 and loss < 9 or accuracy > 2")
    assert held == Held(7, ("step 7", "loss < 9"))


def test_a_condition_that_never_holds_lets_the_run_go_on_to_its_end() -> None:
    held, trainer = until(SMALL, "loss < 0")
    assert held is None
    assert trainer.step_number == STEPS


def test_groups_are_compared_with_where_watching_began() -> None:
    equal = experiment(layer(4, "tanh", constant(0.5)), layer(1, weights=constant(0.5)))
    nudge = SetWeight(step=10, layer=1, row=0, neuron=2, value=0.6)
    ends = Ends(condition=parse_condition("groups change"))
    [result] = run_variants([LaneSpec("equal", equal)], STEPS, ends=ends, edits=[[nudge]])
    assert (result.report["status"], result.report["steps"]) == ("stopped", 10)
    assert result.report["layers"][0]["groups"] == 2


def test_zeros_have_no_sign_to_change() -> None:
    zeros = experiment(
        layer(1, "identity", constant(0.0), **NO_BIASES), data=table(X, Y), loss={"kind": "squared-error"}
    )
    assert until(zeros, "sign changes")[0] is None


# Runs


def run(condition: str, steps: int, *starts: Any) -> list[VariantResult]:
    specs = [
        LaneSpec(str(number), experiment(layer(3, "tanh", start), layer(1), seed=number))
        for number, start in enumerate(starts)
    ]
    return run_variants(specs, steps, ends=Ends(condition=parse_condition(condition)))


def test_every_variant_ends_by_itself_where_the_condition_holds() -> None:
    zeros, normal = run("loss < 0.3 or step 25", 300, constant(0.0), {"kind": "normal", "std": 1.0})
    assert zeros.report["until"] == {"condition": "loss < 0.3 or step 25", "step": 25, "terms": ("step 25",)}
    assert zeros.report["status"] == normal.report["status"] == "stopped"
    assert normal.report["until"]["terms"] == ("loss < 0.3",)
    assert normal.report["until"]["step"] == normal.report["steps"] < 25
    assert normal.report["final"]["loss"] < 0.3


def test_a_run_whose_condition_never_held_has_finished() -> None:
    [result] = run("loss < 0", 10, constant(0.5))
    assert (result.report["status"], result.report["steps"]) == ("finished", 10)
    assert result.report["until"] == {"condition": "loss < 0", "step": None, "terms": []}


def test_a_run_that_diverges_says_so_and_where_the_condition_held() -> None:
    exploding = experiment(
        layer(2, "identity"),
        layer(1, "identity"),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 1e3},
    )
    [result] = run_variants(
        [LaneSpec("exploding", exploding)], 500, ends=Ends(condition=parse_condition("not finite"))
    )
    assert result.report["status"] == "diverged"
    assert result.report["until"]["step"] == result.report["diverged"]["step"] + 1 == result.report["steps"]


@pytest.mark.parametrize(
    ("condition", "dtype"),
    [("loss < 0.08 or step 1400", "float64"), ("accuracy > 97% and loss < 0.2", "float32")],
)
def test_a_few_samples_rule_a_condition_out_and_it_ends_where_all_of_them_say(
    condition: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(400, 2))
    data = table(inputs.tolist(), (inputs[:, :1] * inputs[:, 1:] > 0).astype(float).tolist())
    chosen = experiment(
        layer(8, "tanh"),
        layer(1, "sigmoid"),
        data=data,
        loss="binary-cross-entropy",
        dtype=dtype,
        batch={"size": 4},
        optimizer={"kind": "adam", "learning_rate": 0.02},
    )
    measured = Counter[str]()
    measure = Trainer.measure_training
    monkeypatch.setattr(
        Trainer, "measure_training", lambda trainer: (measured.update(["all"]), measure(trainer))[1]
    )
    held, _ = until(chosen, condition, steps=1500)
    with_few = measured["all"]
    monkeypatch.setattr("engine.conditions.until.can_speak", lambda *_args, **_keys: False)
    expected, _ = until(chosen, condition, steps=1500)
    assert held == expected
    assert held is not None
    assert with_few < 0.3 * (measured["all"] - with_few), "all samples were measured at a few steps only"
