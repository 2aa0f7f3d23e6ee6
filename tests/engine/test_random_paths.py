"""Whatever way leads to a state, it is bit for bit that of a run that nobody interrupted: random ways."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from msgspec.json import encode

from engine.core.arrays import Floats
from engine.experiments.variants import load_alone
from engine.report.probes import Probes
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.session.commands import (
    Command,
    MoveBy,
    MoveTo,
    MoveToEnd,
    Open,
    Pause,
    Play,
    ReturnBy,
    Want,
)
from engine.session.recipe import LaneRecipe
from engine.session.runner import Runner
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import AddNoise, SetWeight
from engine.training.loop import train, training_conditions
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from engine.training.watchers import Edits
from tests.builders import experiment, layer, same_bits

from .runners import snapshot, snapshot_at_rest

COMMANDS, FARTHEST, MOST_EDITS = 12, 40, 3
CHOSEN = experiment(
    layer(4, "tanh", dropout=0.25, normalize="batch"),
    layer(1, "sigmoid"),
    loss="binary-cross-entropy",
    optimizer={"kind": "adam", "learning_rate": 0.05},
    batch={"size": 8},
    steps=10**9,
    variants=[
        {"name": "as it is", "set": {}},
        {"name": "zeros", "set": {"network.layers.0.weights": {"kind": "zeros"}}},
    ],
)


def session_of(found: Snapshot) -> Session:
    assert found.log is not None
    return Session(found.log.experiment, found.log.actions)


class Truth:
    """A run of a lane that goes on without stopping but for what was done to it, with its state at every step."""

    def __init__(self, lane: LaneRecipe) -> None:
        self.trainer = Trainer(lane.experiment, load_alone(lane.experiment, None))
        self._lane = lane
        self._states: list[Floats] = []
        self.next_look = 0

    def look(self, step: int) -> bool:
        """Keep the state before an update."""
        state = np.empty_like(self.trainer.initial_state)
        self.trainer.save(state)
        self._states.append(state)
        self.next_look = step + 1
        return True

    def at(self, step: int) -> Trainer:
        """Return the trainer at a step."""
        if step >= len(self._states):
            self.trainer.restore(self.trainer.initial_state, 0)
            self._states, self.next_look = [], 0
            edits = Edits(self._lane.name, self.trainer, self._lane.edits, lambda _step: None)
            train(updates_of([self.trainer]), 0, max(step, FARTHEST), [edits, self])
        self.trainer.restore(self._states[step], step)
        return self.trainer


def assert_as_uninterrupted(found: Snapshot, truths: dict[object, Truth]) -> None:
    for lane, recipe in zip(found.lanes, session_of(found).lanes([]), strict=True):
        key = encode((recipe.experiment, recipe.edits))
        trainer = truths.setdefault(key, truths.get(key) or Truth(recipe)).at(found.step)
        assert same_bits(lane.theta, trainer.theta), f"{lane.name} at step {found.step}"
        assert same_bits(lane.gradient, trainer.compute_gradient())
        assert lane.loss == trainer.loss
        if lane.insight.walk is not None:
            assert_walk_leads_on(lane, trainer)


def assert_walk_leads_on(lane: LaneSnapshot, trainer: Trainer) -> None:
    """The operations of the step end with the weights of the next one."""
    assert lane.insight.walk is not None
    with training_conditions():
        trainer.advance()
    written = {done.target: done.value for done in lane.insight.walk.operations}
    for number, block in enumerate(trainer.layout.blocks, start=1):
        assert same_bits(written[f"W{number}"], np.ascontiguousarray(block.weights(trainer.theta)))


def any_command(chance: random.Random, found: Snapshot) -> Command:
    lane, step = chance.choice(found.lanes), found.step
    where = {"lane": lane.name, "step": step}
    edits: list[Command] = [
        SetWeight(1, 0, chance.randrange(4), chance.uniform(-2, 2), **where),
        AddNoise(0.1, chance.randrange(99), **where),
    ]
    done = 0 if found.log is None else len(found.log.actions)
    ways: list[Command] = [
        MoveTo(chance.randrange(FARTHEST)),
        MoveTo(chance.randrange(max(found.last_step, 1))),
        MoveBy(chance.choice([-10, -1, 1, 10])),
        MoveToEnd(),
        Want(Probes(walk=chance.random() < 0.5, change=chance.random() < 0.5)),
        Play(60.0),
        ReturnBy(chance.choice([-1, 1])),
    ]
    return chance.choice([*ways, *edits] if done < MOST_EDITS else ways)


def wander(runner: Runner, chance: random.Random) -> Snapshot:
    """Obey random commands, and compare what is shown at rest after each."""
    found, truths = snapshot_at_rest(runner), dict[object, Truth]()
    for _ in range(COMMANDS):
        command = any_command(chance, found)
        runner.send(command)
        if isinstance(command, Play):
            snapshot(runner)
            runner.send(Pause())
        found = snapshot_at_rest(runner)
        assert_as_uninterrupted(found, truths)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_any_way_leads_to_the_state_of_an_uninterrupted_run(seed: int, tmp_path: Path) -> None:
    runner = Runner()
    runner.start()
    try:
        runner.send(Open(CHOSEN, 0))
        found = wander(runner, random.Random(seed))
        path = tmp_path / "way.json"
        path.write_bytes(encode_session(session_of(found)))
        read = open_session(str(path))
        runner.send(Open(read.experiment, 1, read.actions, read.view))
        runner.send(MoveTo(found.step))
        while (again := snapshot_at_rest(runner)).opening == 0 or again.step != found.step:
            pass
        assert [lane.name for lane in again.lanes] == [lane.name for lane in found.lanes]
        assert all(same_bits(a.theta, b.theta) for a, b in zip(again.lanes, found.lanes, strict=True))
    finally:
        runner.stop()
