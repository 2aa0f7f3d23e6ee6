"""Whatever a person does, undoes and does again, faster than it is shown: a replay of the saved session ends the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from engine.core.arrays import Floats
from engine.report.snapshot import Activity, Snapshot
from engine.scenes.scene_list import Scene
from engine.scenes.view import View
from engine.session.commands import (
    AddScene,
    Command,
    Duplicate,
    Move,
    MoveBy,
    MoveScene,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    Pause,
    Play,
    Remove,
    RemoveScene,
    Rename,
    Restart,
    ReturnBy,
    ReturnTo,
    SessionAction,
    Together,
    Try,
)
from engine.session.lab import Lab
from engine.session.recipe import LaneRecipe, Recipe, beginning
from engine.session.runner import Runner
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from gui.editor.consequences import LAYERS, layers_of, layers_of_all
from tests.builders import same_bits

from .runners import SMALL, letter

RATE = "optimizer.learning_rate"
END = 16
"""The step at which everything is compared."""
THE_END = Scene("the end", View())
"""What is added last, so that the log tells when all else was done."""

HE, SAME = {"kind": "he-normal"}, {"kind": "constant", "value": 1.5}


class Hand:
    """Does something at random with the lanes that it sees."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._lanes, self._recipe = ["test"], beginning(SMALL)

    def see(self, found: Snapshot) -> None:
        assert found.log is not None
        self._lanes, self._recipe = [lane.name for lane in found.lanes], found.log.recipe

    def looks(self) -> bool:
        """Return whether it waits for a picture before it goes on."""
        return self._random.random() < 0.6

    def commands(self) -> list[Command]:
        """Return what it does next: one thing, or a value that is dragged."""
        ways = [
            *(self._go, self._edit, self._edit, self._set, self._layers),
            *(self._arrange, self._begin_anew, self._undo),
        ]
        if self._random.random() < 0.1:
            values = [self._random.choice([0.1, 0.3, 1.0]) for _ in range(3)]
            return [Try(Set(RATE, value), is_final=place == 2) for place, value in enumerate(values)]
        return [self._random.choice(ways)()]

    def _go(self) -> Command:
        far = self._random.randrange(END)
        return self._random.choice([MoveBy(far), MoveBy(-far), MoveTo(far), MoveToEnd(), Play(60.0), Pause()])

    def _edit(self) -> SessionAction:
        lane, step = self._lane(), self._random.choice([0, 3, 9])
        return self._random.choice(
            [
                SetWeight(1, 0, self._random.randrange(4), 1.5, lane=lane, step=step),
                SetWeight(2, 1, 0, -0.5, lane=lane, step=step),
                CopyNeuron(1, 0, self._random.randrange(1, 4), lane=lane, step=step),
                AddNoise(1e-3, 5, lane=lane, step=step),
                Set(RATE, 0.2, lane=lane, step=step),
                Set(RATE, 0.3, lane=lane, step=step, in_lane="same"),
                Set(RATE, 0.4, lane=self._random.choice([None, lane]), step=step, in_lane="same"),
                Set(RATE, 0.6, lane=lane, step=step, in_lane="new"),
            ]
        )

    def _set(self) -> SessionAction:
        lane = self._random.choice([None, self._lane()])
        return self._random.choice(
            [
                Set(RATE, self._random.choice([0.05, 0.5]), lane=lane),
                Set("network.layers.0.weights", self._random.choice([HE, SAME]), lane=lane),
                Set("network.layers.0.units", self._random.choice([3, 4]), lane=lane),
                Set("optimizer", {"kind": "adam"}, lane=lane),
                Set("batch.size", 20, lane=lane),
            ]
        )

    def _layers(self) -> SessionAction:
        """Add, copy, remove or move a hidden layer in all lanes, as the experiment panel does, or in one."""
        count = len(self._recipe.experiment.network.layers)
        places: list[Any] = list(range(count - 1))
        new = {"units": 3, "activation": {"kind": "tanh"}, "weights": HE}
        hidden = self._random.choice([[*places, new], [*places, *places[:1]], places[1:], places[::-1]])
        picks = [*hidden, count - 1]
        if self._random.random() < 0.7:
            return layers_of_all(self._recipe, picks, self._random.choice(["same", msgspec.UNSET]))
        lane = self._random.choice(self._recipe.lanes)
        own = list(range(len(lane.experiment.network.layers)))
        return Set(
            LAYERS, layers_of(lane.experiment, picks if len(own) == count else own[1:]), lane=lane.name
        )

    def _arrange(self) -> SessionAction:
        lane = self._lane()
        changed_copy = Duplicate("thin", lane=lane), Set("network.layers.0.units", 2, lane="thin")
        return self._random.choice(
            [
                Duplicate(self._random.choice(["twin", "he"]), lane=lane),
                Move(self._random.randrange(3), lane=lane),
                Rename(self._random.choice(["twin", "he"]), lane=lane),
                Remove(lane=lane),
                Together(changed_copy),
                AddScene(Scene("one", View(3))),
                MoveScene(1, 0),
                RemoveScene(0),
            ]
        )

    def _begin_anew(self) -> SessionAction:
        return self._random.choice([Restart(), NewSeed(9), NewSeed(4, lane=self._lane())])

    def _undo(self) -> Command:
        back = ReturnBy(self._random.choice([-1, -1, -2, 1]))
        return self._random.choice([back, back, ReturnTo(self._random.randrange(6))])

    def _lane(self) -> str:
        return self._random.choice(self._lanes)


def walk(runner: Runner, opening: int) -> Snapshot:
    """Do some things at random, often more than one at once, and return what is shown at the end."""
    hand = Hand(opening)
    runner.send(Open(SMALL, opening))
    for _ in range(3 + opening % 5):
        for command in hand.commands():
            runner.send(command)
        if hand.looks() and isinstance(found := letter(runner), Snapshot):
            hand.see(found)
    runner.send(MoveTo(END))
    runner.send(AddScene(THE_END))
    while True:
        found = letter(runner)
        if not isinstance(found, Snapshot):
            assert not found.details, found.details
        elif is_the_end(found, opening):
            return found


def is_the_end(found: Snapshot, opening: int) -> bool:
    assert found.log is not None
    is_all_done = found.opening == opening and found.log.recipe.scenes[-1:] == (THE_END,)
    return is_all_done and (found.activity, found.step) == (Activity.IDLE, END)


class Replays:
    """What saved sessions are made again from, each different lane once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "session.json"
        self._known: dict[object, tuple[Floats, Floats]] = {}

    def recipe(self, shown: Snapshot) -> Recipe:
        """Save the session that makes what is shown, and return what is read back."""
        assert shown.log is not None
        session = Session(shown.log.experiment, shown.log.actions, View(shown.step))
        self._file.write_bytes(encode_session(session))
        return open_session(str(self._file)).recipe()

    def lane(self, recipe: LaneRecipe) -> tuple[Floats, Floats]:
        """Return parameters and gradient at the last step of a lane that is trained alone, from its beginning."""
        key = msgspec.json.encode((recipe.experiment, recipe.edits))
        if key not in self._known:
            lab = Lab(Recipe(recipe.experiment, (recipe,)))
            lab.train(END)
            [lane] = lab.snapshot().lanes
            self._known[key] = lane.theta, lane.gradient
        return self._known[key]


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory, way_of_training: str) -> Replays:
    return Replays(tmp_path_factory.mktemp(way_of_training))


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    runner.start()
    yield runner
    runner.stop()


@pytest.mark.untraced
@pytest.mark.parametrize("group", range(3))
def test_a_replay_of_the_saved_session_ends_with_the_same_bits(
    runner: Runner, replays: Replays, group: int, way_of_training: str
) -> None:
    first, count = (60 + 80 * group, 80) if way_of_training == "calls" else (20 * group, 20)  # 300 in all
    for seed in range(first, first + count):
        assert_made_again(walk(runner, 1 + seed), replays)


def assert_made_again(shown: Snapshot, replays: Replays) -> None:
    recipe = replays.recipe(shown)
    assert [lane.name for lane in shown.lanes] == [lane.name for lane in recipe.lanes]
    assert shown.experiment == recipe.experiment
    for lane, made_from in zip(shown.lanes, recipe.lanes, strict=True):
        theta, gradient = replays.lane(made_from)
        assert same_bits(lane.theta, theta), made_from
        assert same_bits(lane.gradient, gradient), made_from
