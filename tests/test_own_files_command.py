"""`python main.py run --data FILE --start FILE`, as a person with data and weights of their own types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.session.commands import Remove, Rename
from engine.session.session_file import Session, encode_session
from engine.training.edits import Set, SetWeight
from tests.builders import document, layer
from tests.command_line import NO_DISPLAY, ROOT, complaint, experiment_file, main, result, strict
from tests.own_arrays import WEIGHTS


def test_a_run_learns_ones_own_data_from_ones_own_weights(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    table.write_text("height;width;kind\n0.1;0.2;rose\n0.5;0.6;lily\n0.9;0.4;rose\n")
    mine = experiment_file(tmp_path, document(layer(3, "tanh"), layer(3, "tanh"), layer(1)))
    own = ("--data", table, "--start", WEIGHTS / "2-3-3-1.pt")
    found = result(mine, *own, "--steps", 0, "--weights")
    [lane] = found["variants"]
    with np.load(WEIGHTS / "2-3-3-1.npz") as ours:
        assert lane["weights"][1] == ours["W2"].tolist()
        assert lane["biases"][1] == ours["b2"].tolist()
    again = experiment_file(tmp_path, found["experiment"])
    assert result(again, "--steps", 0, "--weights")["variants"][0]["weights"] == lane["weights"]


LOOK = f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
from PySide6.QtCore import Qt
from gui.app import application as program
import main

def build_and_look(*how):
    laboratory = build(*how)
    def tell(shown):
        x, lane = shown.lanes[0].dataset.x_train, shown.lanes[0]
        weights = [block.weights(lane.theta).tolist() for block in lane.layout.blocks]
        print(json.dumps([laboratory.window.windowTitle(), x.tolist(), weights]))
        laboratory.window.end()
    laboratory.training.snapshot_arrived.connect(tell, Qt.ConnectionType.SingleShotConnection)
    return laboratory

build, program.build_laboratory = program.build_laboratory, build_and_look
sys.exit(main.main(sys.argv[1:]))
"""
"""Starts the window as main.py does, says what it shows first, and closes it."""


def test_the_window_opens_on_ones_own_data_and_weights(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    table.write_text("height;width;kind\n0.1;0.2;rose\n0.5;0.6;lily\n0.9;0.4;rose\n")
    mine = experiment_file(tmp_path, document(layer(3, "tanh"), layer(3, "tanh"), layer(1)))
    env = {**NO_DISPLAY, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    arguments = [mine, "--data", table, "--start", WEIGHTS / "2-3-3-1.pt"]
    command = [sys.executable, "-c", LOOK, *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    title, x, weights = strict(done.stdout)
    assert "test" in title
    assert np.shape(x) == (3, 2)
    with np.load(WEIGHTS / "2-3-3-1.npz") as ours:
        assert weights == [ours[name].tolist() for name in ("W1", "W2", "W3")]


def test_what_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    weights = WEIGHTS / "2-3-3-1.pt"
    assert complaint("run", "circles", "--start", weights).startswith(
        f"initscope: {weights}: holds the weights of a network 2-3-3-1, and the network of the experiment is 2-"
    )
    missing = tmp_path / "missing.csv"
    assert complaint("--data", missing) == f"initscope: {missing}: cannot be read (No such file or directory)"
    assert "must not be empty" in complaint("run", "circles", "--data", "")


@pytest.mark.parametrize(
    ("option", "name", "content", "said"),
    [
        ("--start", "table.csv", b"a,b\n1,2\n", "file of arrays that can be read (NPZ, NPY, safetensors, PyTorch)"),
        ("--data", "model.pt", b"\x80\x04\x95\x1e", "is not a file of arrays that can be read"),
        ("--data", "latin.csv", "größe,b\n1,2\n".encode("latin-1"), "is not text in UTF-8"),
        ("--data", "cut.npz", b"PK\x03\x04" + bytes(40), "is not an archive of arrays (NPZ, PyTorch), or damaged"),
    ],
)  # fmt: skip
def test_a_file_is_never_refused_as_what_nobody_took_it_for(
    tmp_path: Path, option: str, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    complaints = complaint("run", "circles", option, tmp_path / name)
    assert said in complaints
    assert ("CSV" in complaints) == (name == "model.pt")


def test_a_start_says_that_scales_and_shifts_in_its_file_are_not_read(tmp_path: Path) -> None:
    mine = experiment_file(tmp_path, document(layer(3, normalize="batch"), layer(1)))
    main("run", mine, "--steps", 1, "--out", tmp_path / "out")
    weights = tmp_path / "out" / "weights.npz"
    done = main("run", mine, "--start", weights, "--steps", 1)
    assert done.returncode == 0
    assert f"initscope: {weights}: scales, shifts and running averages of normalized" in done.stderr


def test_a_run_says_which_edits_of_a_session_are_no_longer_possible(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    nudge = SetWeight(layer=1, row=0, neuron=9, value=7.5, lane="he", step=2)
    done = nudge, Set("network.layers.0.units", 9), Remove(lane="zeros"), Remove(lane="large")
    file.write_bytes(encode_session(Session(open_target("circles"), done)))
    run = main("run", file, "--steps", 4, "--json", "--weights")
    assert run.returncode == 0
    assert run.stderr == (
        "initscope: he + nudge at 2 goes on without what was done to it at step 2: "
        "layer 1 has no weight in row 1 of neuron 10\n"
    )
    found = {lane["name"]: lane["weights"] for lane in strict(run.stdout)["variants"]}
    assert found["he + nudge at 2"] == found["he"]


def test_lanes_of_a_session_learn_the_data_and_are_edited_on_their_way_as_before(tmp_path: Path) -> None:
    nudge = SetWeight(layer=1, row=0, neuron=0, value=7.5, lane="he", step=2)
    session = tmp_path / "mine.json"
    session.write_bytes(encode_session(Session(open_target("circles"), (nudge, Rename("big", lane="large")))))
    table = tmp_path / "a.csv"
    table.write_text("x,y,kind\n0.1,0.2,0\n0.5,0.6,1\n0.9,0.4,0\n")
    arguments = (session, "--data", table, "--set", "data.test_share=0.4", "--steps", 2, "--weights")
    found = {lane["name"]: lane["weights"] for lane in result(*arguments)["variants"]}
    assert list(found) == ["zeros", "big", "xavier", "he", "he + nudge at 2"]
    assert found["he + nudge at 2"][0][0][0] == 7.5
    assert found["he + nudge at 2"][1] == found["he"][1]
    plain = {lane["name"]: lane["weights"] for lane in result("circles", *arguments[1:])["variants"]}
    assert plain["he"] == found["he"]
    [only] = result(*arguments, "--variant", "he + nudge at 2")["variants"]
    assert only["weights"] == found["he + nudge at 2"]
