"""`python main.py diagnose`: what it prints for people and for programs."""

from __future__ import annotations

from pathlib import Path

from tests.builders import constant, document, layer
from tests.command_line import GUI_PACKAGES, complaint, experiment_file, output, result, strict
from tests.own_arrays import WEIGHTS

GLOROT = {"kind": "glorot-normal"}
ZEROS = document(
    layer(6, "tanh", constant(0.0)),
    layer(1, "sigmoid", constant(0.0)),
    optimizer={"kind": "adam", "learning_rate": 0.03},
    steps=200,
    variants=[
        {"name": "zeros", "set": {}},
        {"name": "random", "set": {"network.layers.*.weights": GLOROT}},
    ],
)


def test_the_json_has_the_form_that_programs_rely_on(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, ZEROS)
    found = strict(output("diagnose", file, "--seeds", 3, "--json", missing=GUI_PACKAGES))
    zeros, random = found["variants"]
    assert (found["format"], found["version"]) == ("initscope-diagnosis", 1)
    assert (zeros["name"], zeros["verdict"], zeros["learns"]) == ("zeros", "sick", {"learned": 0, "seeds": 3})
    (finding,) = zeros["findings"]
    assert (finding["cause"], finding["layers"], finding["since"]) == ("zero-start", [1], 0)
    assert (finding["sure"], finding["numbers"]) == ("proved", {})
    assert "exactly 0" in finding["evidence"]
    (cure,) = finding["cures"]
    assert cure["set"] == [["network.layers.*.weights", GLOROT]]
    assert (cure["learned"], cure["seeds"]) == (3, 3)
    assert set(zeros["controls"]) == {"learned", "seeds"}
    assert (random["verdict"], random["findings"]) == ("healthy", [])


def test_people_are_told_what_is_wrong_why_and_what_to_write(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, ZEROS)
    text = output("diagnose", file, "--variant", "zeros", "--seeds", 2)
    for said in (
        "zeros: something is wrong; 0 of 2 seeds learn",
        "zero start, layer 1, since step 0 (proved)",
        """--set 'network.layers.*.weights={"kind":"glorot-normal"}'""",
        "torch.nn.init.xavier_normal_",
        'kernel_initializer="glorot_normal"',
        "random other changes:",
    ):
        assert said in text


def test_the_cure_it_prints_is_a_change_that_run_takes(tmp_path: Path) -> None:
    file = experiment_file(tmp_path, ZEROS)
    change = 'network.layers.*.weights={"kind":"glorot-normal"}'
    assert result(file, "--variant", "zeros", "--set", change)["variants"][0]["final"]["train_accuracy"] > 0.8


def test_a_number_of_seeds_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    said = complaint("diagnose", experiment_file(tmp_path, ZEROS), "--seeds", 1000)
    assert "must be a whole number from 1 to 30, got 1000" in said


def test_ones_own_data_and_weights_are_diagnosed_like_the_experiment_that_has_them(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    table.write_text("a,b,kind\n" + "".join(f"{n % 7},{n % 5},{n % 7 > 3}\n" for n in range(40)))
    mine = document(layer(3, "tanh"), layer(3, "tanh"), layer(1), steps=40)
    file = experiment_file(tmp_path, {**mine, "optimizer": {"kind": "sgd", "learning_rate": 0.0001}})
    own = ("--data", table, "--start", WEIGHTS / "2-3-3-1.pt")
    found = strict(output("diagnose", file, *own, "--seeds", 1, "--json", missing=GUI_PACKAGES))
    with_them = experiment_file(tmp_path, result(file, *own, "--steps", 0)["experiment"])
    again = strict(output("diagnose", with_them, "--seeds", 1, "--json"))
    assert found["variants"][0]["findings"]
    assert found == again
