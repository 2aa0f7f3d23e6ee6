"""`main.py check`: every gradient against central differences, and a wrong derivative is found."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.model.activations import Tanh
from engine.tape.writer import TapeWriter
from engine.training.gradient_check import check_gradients
from main import main
from tests import builders
from tests.builders import table

CASES = Path(__file__).parent.parent / "golden" / "cases"


class WrongTanh(Tanh, frozen=True, tag="wrong-tanh"):
    """Forgets the 1 - a²."""

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        tape.emit("np.copyto", da, out=dz)


@pytest.mark.parametrize("target", ["columns", "circles", "zero-gradient"])
@pytest.mark.parametrize("step", [0, 25])
def test_the_gradients_of_the_shipped_experiments_are_right(target: str, step: int) -> None:
    for spec in lane_specs(open_target(target)):
        for layer in check_gradients(spec.experiment, spec.experiment.data.load(), step):
            assert layer.parted == 0, (spec.name, layer)
            assert layer.compared > 0, (spec.name, layer)


def test_weight_decay_and_dropout_and_batches_are_part_of_the_check() -> None:
    changes = [
        ("weight_decay", 0.1),
        ("batch.size", 40),
        ("network.layers.0.dropout", 0.3),
        ("network.layers.*.activation", {"kind": "tanh"}),
        ("network.layers.2.activation", {"kind": "sigmoid"}),
    ]
    experiment = lane_specs(open_target("circles", changes), ["he"])[0].experiment
    for layer in check_gradients(experiment, experiment.data.load(), 7):
        assert (layer.parted, layer.skipped) == (0, 0)
        assert layer.compared > 0


def test_a_wrong_derivative_is_found_in_its_layer_and_those_before_it() -> None:
    experiment = lane_specs(open_target("circles"), ["he"])[0].experiment
    layers = list(experiment.network.layers)
    layers[1] = msgspec.structs.replace(layers[1], activation=WrongTanh())
    wrong = msgspec.structs.replace(
        experiment, network=msgspec.structs.replace(experiment.network, layers=layers)
    )
    first, second, third = check_gradients(wrong, wrong.data.load(), 0)
    assert first.parted > 0
    assert second.parted > 0
    assert third.parted == 0, "what comes after the mistake is right"


@pytest.mark.parametrize(("targets", "rate"), [(1e25, 1e25), (1e-9, 1e-9)])
def test_a_wrong_derivative_is_found_however_large_or_small_the_gradients_are(
    targets: float, rate: float
) -> None:
    data = table([[0.3, 1.0], [-0.8, 0.4]], [[0.5 * targets], [-targets]])
    outputs = builders.layer(1, "identity", {"kind": "normal", "std": rate})
    right = builders.experiment(builders.layer(3, "tanh"), outputs, data=data, loss={"kind": "squared-error"})
    first, second = check_gradients(right, right.data.load(), 0)
    assert (first.parted, second.parted, first.skipped) == (0, 0, 0)
    layers = list(right.network.layers)
    layers[0] = msgspec.structs.replace(layers[0], activation=WrongTanh())
    network = msgspec.structs.replace(right.network, layers=layers)
    wrong = msgspec.structs.replace(right, network=network)
    first, second = check_gradients(wrong, wrong.data.load(), 0)
    assert first.parted > 0, (
        "a difference of 1e46 is none that agrees, nor one of 1e-20 between gradients of 1e-18"
    )
    assert second.parted == 0


def test_right_gradients_are_found_right_where_the_loss_is_5e14(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(CASES / "05-x-to-the-fourth.json"), "--variant", "as-posted"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(", largest")[0] for line in lines] == [
        "as-posted, step 0, layer 1: 100 gradients agree",
        "as-posted, step 0, layer 2: 2550 gradients agree",
        "as-posted, step 0, layer 3: 51 gradients agree",
    ]


def test_gradients_that_rounding_hides_are_not_said_to_agree() -> None:
    hidden = builders.layer(2, "tanh", {"kind": "normal", "std": 1e-12}, biases=None)
    data = table([[1e-4], [2e-4]], [[1.0], [0.0]])
    chosen = builders.experiment(
        hidden, builders.layer(1, "sigmoid", {"kind": "normal", "std": 1e-12}), data=data
    )
    layers = list(chosen.network.layers)
    layers[0] = msgspec.structs.replace(layers[0], activation=WrongTanh())
    network = msgspec.structs.replace(chosen.network, layers=layers)
    first, _ = check_gradients(msgspec.structs.replace(chosen, network=network), chosen.data.load(), 0)
    assert first.compared == 0 or first.largest_difference <= 1e-4 * first.largest_gradient


def test_the_command_says_layer_by_layer_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "columns", "--variant", "random", "--step", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "random, step 3, layer 1",
        "random, step 3, layer 2",
    ]
    assert all("gradients agree" in line for line in lines)
