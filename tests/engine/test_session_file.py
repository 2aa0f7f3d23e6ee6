"""Session files: a small file makes every lane again, and one that is wrong is refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import InitscopeError
from engine.experiments.presets import FOLDER, open_target
from engine.experiments.variants import LaneSpec
from engine.output.result import run_variants
from engine.scenes.scene_list import Scene
from engine.scenes.selection import ChosenCell, ChosenNeuron, ChosenPair, Selection
from engine.scenes.view import ColourSizes, Shown, View
from engine.session.action_log import ActionLog, new_log
from engine.session.commands import (
    MAX_ACTIONS,
    MOST_TOGETHER,
    AddScene,
    ChangeScene,
    Duplicate,
    Hide,
    KeepGhost,
    ManySeeds,
    Move,
    MoveScene,
    OneSeed,
    Remove,
    Rename,
    SessionAction,
    Show,
    Source,
    Together,
    WriteNotes,
)
from engine.session.lab import Lab
from engine.session.recipe import GhostRecipe
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from gui.text.error_words import sentence
from tests.command_line import result

ACTIONS: tuple[SessionAction, ...] = (
    SetWeight(1, 0, 1, 1.5, lane="constant-2", step=5),
    Set("optimizer.learning_rate", 0.5),
    Set("network.layers.0.weights", {"kind": "he-normal"}, lane="random"),
    Duplicate("twin", lane="random"),
    Move(0, lane="twin"),
    Rename("nil", lane="zeros"),
    Together((Duplicate("he", lane="nil"), Set("seed", 9, lane="he"), Remove(lane="he"))),
    AddNoise(0.001, 3, lane="nil"),
    Set("optimizer.learning_rate", 2.0, lane="twin", step=7),
    CopyNeuron(1, 0, 3, lane="twin + learning rate 2 at 7", step=9),
)
VIEW = View(
    12,
    "a note",
    Shown(
        editor=True,
        page="health",
        pictures=False,
        tolerance=1e-6,
        sizes=ColourSizes(2.5, 1e-300),
        enlarged="lane.1.graph",
        steps=[3.0, 40.5],
        room={"rows": [80, 20.5]},
        panels=[0.2, 0.25],
        hidden=["nil", "random"],
    ),
    Selection(
        "nil", ChosenNeuron("nil", 1, 2), ChosenPair(1, 2, 0), 3, ChosenCell("nil", 1, 2, kept=True), "nil"
    ),
    speed=60.0,
)
SCENES: tuple[SessionAction, ...] = (
    AddScene(Scene("all alike", VIEW, "Look at the columns."), step=12),
    AddScene(Scene("parted", View(30))),
    MoveScene(1, 0),
    ChangeScene(0, Scene("Parted: where?", View(31))),
)
LOOKS: tuple[SessionAction, ...] = (
    KeepGhost(40, lane="random", step=12),
    ManySeeds(3, 8, lane="random", step=12),
    ManySeeds(2**32 - 1, 64, lane="twin"),
    OneSeed(lane="twin"),
    Hide(lane="twin"),
    Show(lane="twin"),
    Hide(lane="random"),
    WriteNotes("mine"),
    WriteNotes("a note", "mine"),
)
SESSION = Session(open_target("columns"), (*ACTIONS[:-1], *SCENES, *LOOKS), VIEW)


def written(tmp_path: Path, session: Session) -> Path:
    path = tmp_path / "session.json"
    path.write_bytes(encode_session(session))
    return path


def test_a_session_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, SESSION)
    assert open_session(str(path)) == SESSION
    assert open_session(str(path)).source == Source(path, has_all=True)


def test_an_experiment_file_is_a_session_to_which_nothing_was_done() -> None:
    assert open_session("columns") == Session(open_target("columns"))


def test_run_gives_every_lane_of_a_session_bit_for_bit(tmp_path: Path) -> None:
    session = Session(open_target("columns"), ACTIONS, View(12))
    lab = Lab(session.recipe())
    lab.train(30)
    variants = result(written(tmp_path, session), "--steps", 30, "--weights")["variants"]
    assert [found["name"] for found in variants] == [lane.name for lane in lab.lanes]
    assert len(variants) == 8
    for found, lane in zip(variants, lab.lanes, strict=True):
        for block, weights in zip(lane.trainer.layout.blocks, found["weights"], strict=True):
            assert np.array_equal(block.weights(lane.trainer.theta), np.array(weights))


def test_what_was_predicted_of_a_lane_is_predicted_from_its_last_edit_on() -> None:
    session = Session(open_target("columns"), ACTIONS[:1])
    [lane] = session.lanes(["constant-2 + nudge at 5"])
    [result] = run_variants([LaneSpec(lane.name, lane.experiment)], 40, edits=[lane.edits])
    assert (result.report["prediction"][0]["columns"], result.report["layers"][0]["columns"]) == (2, 2)


def changed(**fields: Any) -> bytes:
    document = json.loads(encode_session(Session(open_target("columns"))))
    del document["checksum"], document["written_by"]  # as who writes by hand
    return json.dumps(document | fields).encode()


WHOLE = encode_session(SESSION)
WRONG: list[tuple[bytes, str]] = [
    (WHOLE[: len(WHOLE) // 2], "is not valid JSON"),
    (WHOLE.replace(b'"value": 0.5', b'"value": 0.6'), "checksum: the session was altered since it was saved"),
    (
        b"\n".join(line for line in WHOLE.splitlines() if b"checksum" not in line).replace(b"},\n}", b"}\n}"),
        "checksum: the session was altered since it was saved: its checksum was taken out",
    ),
    (changed(version=2), "version: 2 was written by a newer program, this one reads up to 1"),
    (changed(extra=1), "a session has format, version, experiment, actions and view, and no other fields"),
    (changed(experiment=[]), "experiment: must be a JSON object"),
    (changed(actions=[{"do": "dance"}]), "actions.0: action 0 is none, or has a wrong field"),
    (changed(actions=[{"do": "set-weight", "layer": 1}]), "actions.0: action 0 is none"),
    (changed(actions=[{"do": "remove", "lane": "x", "step": -1}]), "actions.0: action 0 is none"),
    (changed(actions=[{"do": "add-noise", "std": 0.1, "seed": -1}]), "actions.0: action 0 is none"),
    (changed(actions=[{"do": "hide", "lane": "x"}]), "action 0: there is no lane x"),
    (changed(actions=[{"do": "keep-ghost", "lane": "zeros"}]), "actions.0: action 0 is none"),
    (changed(actions=[{"do": "remove", "lane": "x"}]), "action 0: there is no lane x"),
    (
        changed(actions=[{"do": "set", "path": "network.layers.0.units", "value": 0}]),
        "action 0: network.layers.0.units",
    ),
    (changed(actions=[{"do": "set", "path": "variants", "value": []}]), "action 0: variants"),
    (changed(actions=[{"do": "new-seed", "seed": 1}] * 10_001), "a session has at most 10000 actions"),
    (changed(view={"step": -1}), "view.step: must be a whole number of at least 0, got -1"),
    (changed(view=3), "view: must be an object in braces, got 3"),
    (changed(view={"shown": {"side": 1}}), "view.shown.side: must be true or false, got 1"),
    (changed(view={"shown": {"doors": 1}}), "view.shown.doors: is not a field that belongs here"),
    (changed(view={"shown": {"steps": [1]}}), "view.shown.steps: "),
    (changed(view={"shown": {"room": {"rows": [-1]}}}), "view.shown.room: must have a list of shares"),
    (changed(view={"shown": {"page": "w" * 61}}), "view.shown.page: "),
    (changed(view={"shown": {"hidden": [1]}}), "view.shown.hidden.0: must be text, got 1"),
    (changed(view={"selected": {"pair": {"layer": 1}}}), "view.selected.pair.first: is missing"),
    (
        changed(actions=[{"do": "add-scene", "scene": {"name": "", "view": {}}}]),
        "actions.0: action 0 is none",
    ),
    (changed(actions=[{"do": "remove-scene", "place": 0}]), "action 0: there is no scene 0: there are 0"),
    (changed(actions=[{"do": "add-scene", "scene": {"name": "a", "view": {}}}] * 201), "at most 200 scenes"),
]


def test_scenes_are_what_was_done_to_them_and_follow_a_lane_that_is_renamed() -> None:
    scenes = SESSION.recipe().scenes
    assert [(scene.name, scene.view.step) for scene in scenes] == [("Parted: where?", 31), ("all alike", 12)]
    renamed = Session(SESSION.experiment, (*SESSION.actions, Rename("0", lane="nil"))).recipe().scenes[1]
    assert renamed.view.selected == Selection(
        "0", ChosenNeuron("0", 1, 2), ChosenPair(1, 2, 0), 3, ChosenCell("0", 1, 2, kept=True), "0"
    )
    assert renamed.view.shown.hidden == ["0", "random"]  # type: ignore[union-attr]


def test_ghosts_follow_a_lane_that_is_renamed_and_go_with_it() -> None:
    made_from = SESSION.recipe().lanes[SESSION.recipe().index("random")]
    assert SESSION.recipe().ghosts == (GhostRecipe("random", made_from, 40),)
    renamed = Session(SESSION.experiment, (*SESSION.actions, Rename("r", lane="random")))
    assert [ghost.name for ghost in renamed.recipe().ghosts] == ["r"]
    gone = Session(SESSION.experiment, (*SESSION.actions, Remove(lane="random")))
    assert not gone.recipe().ghosts


def test_what_is_hidden_and_written_is_what_was_done_and_not_undone() -> None:
    log = new_log(SESSION.experiment, SESSION.actions, SESSION.view)
    assert (log.notes, log.hidden_after(None, frozenset())) == ("a note", {"random"})
    back = log.at(log.position - 3)
    assert (back.notes, back.hidden_after(log, frozenset({"random", "by a scene"}))) == ("", {"by a scene"})
    renamed = log.with_action(Rename("r", lane="random"), log.recipe)
    assert renamed.hidden_after(log, frozenset({"random"})) == {"r"}
    assert log.hidden_after(renamed, frozenset({"r"})) == {"random"}


def test_what_no_session_file_could_hold_is_refused_when_it_is_done() -> None:
    log = new_log(SESSION.experiment)
    with pytest.raises(InitscopeError):
        log.with_action(Together((Hide(lane="random"),) * (MOST_TOGETHER + 1)), log.recipe)
    many = (WriteNotes("note"),) * MAX_ACTIONS
    full = ActionLog(log.experiment, log.recipes * (MAX_ACTIONS + 1), many, MAX_ACTIONS)
    with pytest.raises(InitscopeError):
        full.with_action(many[0], log.recipe)


def test_files_from_before_views_were_kept_are_read(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(changed(view={"step": 5}))
    assert open_session(str(path)).view == View(5, shown=None, selected=None)


@pytest.mark.parametrize(("data", "said"), WRONG, ids=range(len(WRONG)))
def test_a_session_that_was_cut_short_altered_or_is_wrong_is_refused_in_a_sentence(
    data: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(data)
    with pytest.raises(InitscopeError) as error:
        open_session(str(path))
    assert said in sentence(error.value)
    assert str(path) in sentence(error.value)


def test_data_files_of_a_session_are_found_beside_it(tmp_path: Path) -> None:
    document = json.loads((FOLDER / "columns.json").read_bytes())
    document["data"] = {"kind": "csv", "path": "some.csv", "target": 3}
    (tmp_path / "some.csv").write_text("1,2,3,0\n4,5,6,1\n7,8,9,0\n")
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"format": "initscope-session", "experiment": document}))
    assert open_session(str(path)).experiment.data.path == str(tmp_path / "some.csv")  # type: ignore[union-attr]
