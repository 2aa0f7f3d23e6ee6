"""A new kind of each sort goes through everything: nothing but its own class and its union has to know it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.errors import ExperimentError, FileError
from engine.ensemble.stack import Stack
from engine.experiments import schema
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment_file import encode_experiment, read_experiment
from engine.health.health_check import HealthCheck
from engine.insight.explanation import layer_causes
from engine.report.causes import Motion
from engine.report.equality import PredictionReason
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.training.gradient_check import check_gradients
from main import main
from tests.builders import advance, constant, lane_of, refused, same_bits, trainer_of
from tests.new_kinds import known_kinds, new_kinds


@pytest.fixture(autouse=True)
def _known_kinds() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    with known_kinds():
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new.json"
    path.write_bytes(encode_experiment(new_kinds()))
    return path


def test_new_kinds_are_written_to_a_file_and_read_back(file: Path) -> None:
    assert read_experiment(file) == new_kinds()
    assert plain(new_kinds())["network"]["layers"][0]["activation"] == {"kind": "arctangent"}


def test_run_trains_new_kinds(file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert main(["run", str(file), "--steps", "200", "--json", "--weights", "--out", str(results)]) == 0
    assert (results / "weights.npz").is_file()
    [variant] = json.loads(capsys.readouterr().out)["variants"]
    assert variant["status"] == "finished"
    assert variant["curve"]["loss"][-1] < variant["curve"]["loss"][0] / 2
    assert variant["layers"][0]["saturated"] == 0.0


def test_check_finds_the_gradients_of_new_kinds_right(file: Path) -> None:
    assert main(["check", str(file), "--step", "5"]) == 0


def test_a_wrong_value_in_a_new_kind_is_named_by_its_path(file: Path) -> None:
    with refused("…optimizer.decay…", ExperimentError):
        read_experiment(file, [("optimizer.decay", 2)])
    broken = json.loads(file.read_text(encoding="utf-8"))
    broken["data"]["sample"] = 3
    file.write_text(json.dumps(broken), encoding="utf-8")
    with refused("…data.sample…samples…", FileError):
        read_experiment(file)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("data", "slope"),
        ("loss", "quartic-error"),
        ("optimizer", "averaged"),
        ("network.layers.0.activation", "arctangent"),
        ("network.layers.0.weights", "signs"),
    ],
)
def test_forms_offer_a_new_kind(path: str, kind: str) -> None:
    assert kind in schema.kinds_at(path, plain(new_kinds()))


def test_the_prediction_for_new_kinds_comes_true() -> None:
    trainer = trainer_of(new_kinds(constant(0.5)))
    [hidden, _] = predict(trainer)
    advance(trainer, 20)
    weights = trainer.layout.blocks[0].weights(trainer.theta)
    assert (hidden.columns, hidden.columns_at_start) == (1, 1)
    assert hidden.reasons in {
        (PredictionReason.EQUAL,),
        (PredictionReason.EQUAL_MEMORY,),
        (PredictionReason.ONE,),
    }
    assert same_bits(weights[:, :1].repeat(3, axis=1), weights)


def test_an_explanation_knows_that_a_new_optimizer_has_memory() -> None:
    trainer = trainer_of(new_kinds())
    advance(trainer, 3)
    trainer.layout.blocks[1].weights(trainer.theta)[...] = 0.0
    trainer.compute_gradient()
    assert [cause.motion for cause in layer_causes(trainer)] == [Motion.COASTING, Motion.ALL]


def test_health_knows_that_a_new_activation_saturates() -> None:
    trainer = trainer_of(new_kinds(constant(1e6)))
    assert HealthCheck(trainer).layers()[0].saturated == 1.0


@pytest.mark.parametrize("normalize", ["batch", "layer"])
def test_new_kinds_stand_in_normalized_and_residual_layers(normalize: str) -> None:
    path = "network.layers"
    first, output = plain(new_kinds())["network"]["layers"]
    hidden = {**first, "normalize": normalize}
    chosen = with_changes(new_kinds(), [(path, [hidden, {**hidden, "residual": True}, output])])
    checks = check_gradients(chosen, chosen.data.load(), 3)
    assert [one.parted for one in checks] == [0, 0, 0]
    trainer = trainer_of(chosen)
    predicted = [one.columns for one in predict(trainer)]
    advance(trainer, 100)
    found = [one.columns for one in layer_symmetry(trainer.layout, trainer.theta)]
    assert all(most >= columns for most, columns in zip(predicted, found, strict=True))


def test_new_kinds_train_in_one_pass_as_they_do_alone() -> None:
    runs = [new_kinds(seed=seed) for seed in range(4)]
    together, alone = [trainer_of(run) for run in runs], [trainer_of(run) for run in runs]
    Stack(together).train(30)
    for one, other in zip(together, alone, strict=True):
        advance(other, 30)
        assert same_bits(one.theta, other.theta)


def test_run_tells_people_what_came_of_new_kinds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(file), "--steps", "20"]) == 0
    assert "finished after 20 steps" in capsys.readouterr().out


def test_a_snapshot_has_a_lane_of_new_kinds() -> None:
    snapshot = lane_of(new_kinds(), 10).snapshot(10)
    assert [one.weights.shape for one in snapshot.layers] == [(1, 3), (3, 1)]
