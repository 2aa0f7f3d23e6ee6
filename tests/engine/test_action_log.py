"""Actions are data: they go to a file and back, and doing them again makes every lane again."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import to_builtins

from engine.core.errors import InitscopeError
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Variant
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.experiments.presets import open_target
from engine.session.action_log import new_log
from engine.session.commands import (
    Duplicate,
    Move,
    MoveScene,
    NewSeed,
    Remove,
    RemoveScene,
    Rename,
    Restart,
    SessionAction,
    Together,
)
from engine.session.lab import Lab
from engine.session.recipe import after, beginning
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from engine.training.trainer import Trainer
from tests.builders import NORMAL, constant, experiment, layer, refused, same_bits
from tests.engine.acting import perform

SMALL = experiment(layer(4, "tanh"), layer(1), steps=10**9)

ACTIONS: list[tuple[SessionAction, dict[str, object]]] = [
    (
        SetWeight(1, 0, 2, 1.5, lane="test", step=7),
        {"do": "set-weight", "lane": "test", "step": 7, "layer": 1, "row": 0, "neuron": 2, "value": 1.5},
    ),
    (
        CopyNeuron(2, 0, 3, step=1),
        {"do": "copy-neuron", "lane": None, "step": 1, "layer": 2, "source": 0, "target": 3},
    ),
    (AddNoise(1e-7, seed=3), {"do": "add-noise", "lane": None, "step": 0, "std": 1e-7, "seed": 3}),
    (NewSeed(8, step=0), {"do": "new-seed", "lane": None, "step": 0, "seed": 8}),
    (Remove(lane="test + copy at 1", step=9), {"do": "remove", "lane": "test + copy at 1", "step": 9}),
    (Restart(), {"do": "restart", "lane": None, "step": 0}),
    (
        Set("optimizer.learning_rate", 0.5, lane="test"),
        {
            "do": "set",
            "lane": "test",
            "step": 0,
            "path": "optimizer.learning_rate",
            "value": 0.5,
            "also": [],
        },
    ),
    (Rename("he", lane="test"), {"do": "rename", "lane": "test", "step": 0, "name": "he"}),
    (Duplicate("twin", lane="test"), {"do": "duplicate", "lane": "test", "step": 0, "name": "twin"}),
    (
        Together((Duplicate("twin", lane="test"), Remove(lane="test"))),
        {
            "do": "together",
            "lane": None,
            "step": 0,
            "actions": [
                {"do": "duplicate", "lane": "test", "step": 0, "name": "twin"},
                {"do": "remove", "lane": "test", "step": 0},
            ],
        },
    ),
    (Move(2, lane="test"), {"do": "move", "lane": "test", "step": 0, "to": 2}),
    (MoveScene(2, 0, step=4), {"do": "move-scene", "lane": None, "step": 4, "place": 2, "to": 0}),
    (RemoveScene(1), {"do": "remove-scene", "lane": None, "step": 0, "place": 1}),
]


@pytest.mark.parametrize(("action", "written"), ACTIONS, ids=[str(w["do"]) for _, w in ACTIONS])
def test_every_action_goes_to_json_and_comes_back_unchanged(
    action: SessionAction, written: dict[str, object]
) -> None:
    text = msgspec.json.encode(action)
    assert msgspec.json.decode(text) == written
    assert msgspec.json.decode(text, type=SessionAction) == action


def test_an_action_of_a_file_needs_no_lane_and_no_step() -> None:
    text = b'{"do": "add-noise", "std": 0.5, "seed": 1}'
    assert msgspec.json.decode(text, type=SessionAction) == AddNoise(0.5, 1)


NESTED = b'{"do": "together", "actions": [{"do": "together", "actions": []}]}'


@pytest.mark.parametrize("text", [b'{"do": "dance"}', b'{"do": "restart", "speed": 3}', b"{}", NESTED])
def test_what_is_no_action_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=SessionAction)


def names_of(lab: Lab) -> list[str]:
    return [lane.name for lane in lab.lanes]


def test_an_edit_without_a_lane_is_done_in_every_lane() -> None:
    lab = Lab(SMALL)
    lab.train(20)
    perform(lab, AddNoise(0.1, 1, step=20))
    perform(lab, SetWeight(1, 0, 0, 2.0, step=10))
    assert names_of(lab) == [
        "test",
        "test + noise 0.1 at 20",
        "test + nudge at 10",
        "test + nudge at 10 (2)",
    ]


def test_an_edit_that_does_not_fit_every_lane_is_done_in_none() -> None:
    lab = Lab(SMALL)
    perform(lab, AddNoise(0.1, 1))
    before = lab.snapshot()
    with pytest.raises(InitscopeError):
        perform(lab, SetWeight(9, 0, 0, 2.0))
    assert names_of(lab) == ["test", "test + noise 0.1 at 0"]
    for lane, old in zip(lab.snapshot().lanes, before.lanes, strict=True):
        assert same_bits(lane.theta, old.theta)


@pytest.mark.parametrize("action", [Remove(), Rename("he"), Duplicate("he"), Move(0)])
def test_what_is_done_to_one_lane_needs_its_name(action: SessionAction) -> None:
    with refused("give the name of a lane: this is done to one alone"):
        perform(Lab(SMALL), action)


def test_lanes_are_renamed_copied_moved_and_removed() -> None:
    lab = Lab(SMALL)
    lab.train(30)
    perform(lab, Duplicate("twin", lane="test"))
    perform(lab, Move(0, lane="twin"))
    perform(lab, Rename("he", lane="test"))
    assert (names_of(lab), lab.reached, lab.last_step) == (["twin", "he"], 0, 30)
    lab.catch_up()
    lab.move(30)
    twin, he = lab.snapshot().lanes
    assert same_bits(twin.theta, he.theta)
    perform(lab, Remove(lane="twin"))
    assert names_of(lab) == ["he"]
    with refused("another lane is called he: choose another name"):
        perform(lab, Duplicate("he", lane="he"))
    with refused("a lane can be moved to places 0 to 0, got 3"):
        perform(lab, Move(3, lane="he"))
    with refused("the name of a lane must be 1 to 80 characters in one line, without slashes …"):
        perform(lab, Rename("a/b", lane="he"))


RATE = "optimizer.learning_rate"


@pytest.mark.parametrize("of_all", [True, False])
def test_a_value_that_is_set_starts_a_lane_anew_as_an_experiment_with_it(*, of_all: bool) -> None:
    lab = Lab(open_target("columns"))
    lab.train(40)
    perform(lab, Set(RATE, 0.125, lane=None if of_all else "random"))
    assert [lane.trainer.step_number for lane in lab.lanes] == ([0, 0, 0] if of_all else [40, 40, 0])
    lab.catch_up()
    lab.train(40 - lab.reached)
    changed = parse_experiment(encode_experiment(open_target("columns")), [(RATE, 0.125)])
    others = Lab(changed if of_all else open_target("columns"))
    others.train(40)
    expected = others.snapshot().lanes
    if not of_all:
        alone = Lab(changed)
        alone.train(40)
        expected = (*expected[:2], alone.snapshot().lanes[2])
    for lane, other in zip(lab.snapshot().lanes, expected, strict=True):
        assert same_bits(lane.theta, other.theta)
        assert same_bits(lane.gradient, other.gradient)


WEIGHTS = "network.layers.0.weights"
MIXED = experiment(
    layer(4, "tanh", NORMAL),
    layer(1),
    variants=[
        Variant("normal", {}),
        Variant("constant", {WEIGHTS: constant(0.5)}),
        Variant("shallow", {"network.layers": [to_builtins(layer(1, "sigmoid", NORMAL))]}),
    ],
)


@pytest.mark.parametrize("path", ["network.layers.0.weights.std", "network.layers.hidden.weights.std"])
def test_what_is_set_in_all_lanes_leaves_alone_those_of_another_kind(path: str) -> None:
    before = beginning(MIXED)
    now = after(before, Set(path, 3.0))
    assert getattr(now.experiment.network.layers[0].weights, "std", None) == 3.0
    changed = [one.name for one, other in zip(now.lanes, before.lanes, strict=True) if one != other]
    assert changed == (["normal", "shallow"] if ".0." in path else ["normal"])
    beside = after(before, Set(path, 3.0, in_lane="new"))
    assert [lane.name for lane in beside.lanes[3:]] == [f"{name} + std 3" for name in changed]
    for wrong in (
        Set(path, 3.0, lane="constant"),
        Set(path, "wide"),
        Set(path, 3.0, lane="constant", in_lane="new"),
    ):
        with refused("network.layers.0.weights.std: …"):
            after(before, wrong)


def test_what_is_set_in_a_layer_leaves_alone_lanes_that_have_no_such_layer() -> None:
    before = beginning(MIXED)
    now = after(before, Set("network.layers.1.biases", None))
    assert [len(lane.experiment.network.layers) for lane in now.lanes] == [2, 2, 1]
    assert now.lanes[2] == before.lanes[2]
    assert [lane.experiment.network.layers[-1].biases is None for lane in now.lanes] == [True, True, False]


def test_an_experiment_has_as_variants_what_its_lanes_differ_in() -> None:
    log = new_log(open_target("columns"))
    log = log.with_action(action := Set(RATE, 0.125, lane="random"), after(log.recipe, action))
    variants = {variant.name: variant.set for variant in log.recipe.as_experiment().variants}
    assert variants["random"][RATE] == 0.125
    assert RATE not in variants["zeros"]
    again = Lab(parse_experiment(encode_experiment(log.recipe.as_experiment())))
    assert again.recipe.lanes == log.recipe.lanes


def test_a_value_that_is_set_later_makes_a_lane_that_goes_on_with_it() -> None:
    lab = Lab(SMALL)
    lab.train(50)
    perform(lab, Set(RATE, 0.5, lane="test", step=20))
    assert names_of(lab) == ["test", "test + learning rate 0.5 at 20"]
    lab.catch_up()
    trainer = Trainer(SMALL, SMALL.data.load())
    states = [trainer.theta.copy()]
    for step in range(50):
        if step == 20:
            state = trainer.initial_state.copy()
            trainer.save(state)
            trainer = Trainer(with_changes(SMALL, [(RATE, 0.5)]), SMALL.data.load())
            trainer.restore(state, 20)
        trainer.advance()
        states.append(trainer.theta.copy())
    for step in (50, 7, 33, 20, 19, 21, 0, 49):  # also back across the change
        lab.move(step)
        shown = lab.snapshot().lanes[1]
        assert same_bits(shown.theta, states[step])
        assert shown.experiment.optimizer.learning_rate == (
            0.5 if step >= 20 else SMALL.optimizer.learning_rate
        )


def test_only_numbers_of_the_same_step_can_change_on_the_way() -> None:
    lab = Lab(SMALL)
    lab.train(5)
    with refused("network.layers.0.units: only numbers of the same training step can change on the …"):
        perform(lab, Set("network.layers.0.units", 9, lane="test", step=5))
    assert names_of(lab) == ["test"]
