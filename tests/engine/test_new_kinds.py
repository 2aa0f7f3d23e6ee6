"""A new kind of each sort goes through everything: nothing but its own class and its union has to know it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.errors import ExperimentError, FileError
from engine.core.randomness import Source
from engine.core.registry import named
from engine.datasets import AnyData, Dataset
from engine.datasets.base import Data
from engine.ensemble.stack import Stack
from engine.experiments import changes, schema
from engine.experiments.changes import plain
from engine.experiments.experiment import Experiment, Layer, Network
from engine.experiments.experiment_file import encode_experiment, parse_experiment, read_experiment
from engine.health.health_check import HealthCheck
from engine.insight.explanation import layer_causes
from engine.model.activations import Activation, AnyActivation
from engine.model.initializers import Initializer, WeightInitializer
from engine.model.losses import AnyLoss, Loss
from engine.model.optimizers import AnyOptimizer, Optimizer
from engine.report.causes import Motion
from engine.report.equality import PredictionReason
from engine.symmetry.prediction import predict
from engine.tape.writer import TapeWriter
from main import main
from tests.builders import advance, constant, document, lane_of, layer, refused, same_bits, trainer_of


class Softsign(Activation, frozen=True, tag="softsign"):
    """f(z) = z / (1 + |z|); f' = (1 - |f|)²."""

    label: ClassVar[str] = "softsign"
    formula: ClassVar[str] = "z / (1 + |z|)"
    saturates: ClassVar[bool] = True
    outputs: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        tape.emit("np.absolute", z, out=a)
        tape.emit("np.add", a, 1.0, out=a)
        tape.emit("np.divide", z, a, out=a, formula=f"{a} = softsign({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        tape.emit("np.absolute", a, out=dz)
        tape.emit("np.subtract", 1.0, dz, out=dz)
        tape.emit("np.square", dz, out=dz)
        tape.emit("np.multiply", da, dz, out=dz)


class QuarticError(Loss, frozen=True, tag="quartic-error"):
    """¼·Σ (a - y)⁴, summed over samples."""

    label: ClassVar[str] = "quartic error"
    formula: ClassVar[str] = "¼·Σ (a − y)⁴"

    def write_loss(self, tape: TapeWriter, z: str, a: str, y: str, loss: str) -> None:
        terms = tape.scratch("loss_terms", a)
        tape.emit("np.subtract", a, y, out=terms)
        tape.emit("np.square", terms, out=terms)
        tape.emit("np.square", terms, out=terms)
        tape.emit("np.add.reduce", terms, out=loss, options={"axis": None})
        tape.emit("np.multiply", loss, 0.25, out=loss)

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        da, error = tape.scratch(f"d{a}", a), tape.scratch("loss_error", a)
        tape.emit("np.subtract", a, y, out=error)
        tape.emit("np.square", error, out=da)
        tape.emit("np.multiply", da, error, out=da)
        activation.write_backward(tape, z, a, da, dz)

    def baseline(self, y: Floats, reach: tuple[float, float] = (-np.inf, np.inf)) -> float:
        return float(0.25 * ((y - y.mean(axis=0)) ** 4).sum())


class Averaged(Optimizer, frozen=True, tag="averaged"):
    """theta -= learning_rate·m, where m = decay·m + (1 - decay)·g."""

    label: ClassVar[str] = "averaged gradients"
    formula: ClassVar[str] = "θ ← θ − η·m"

    learning_rate: Annotated[
        float, msgspec.Meta(gt=0), named("learning rate", "How far one step follows the mean.")
    ] = 0.1
    decay: Annotated[
        float, msgspec.Meta(ge=0, lt=1), named("decay", "The share of the last mean that stays.")
    ] = 0.9

    @property
    def state_count(self) -> int:
        return 1

    @property
    def has_memory(self) -> bool:
        return True

    def write_update(self, tape: TapeWriter) -> None:
        tape.emit("np.multiply", "state_0", self.decay, out="state_0")
        tape.emit("np.multiply", "gradient", 1.0 - self.decay, out="update")
        tape.emit("np.add", "state_0", "update", out="state_0")
        tape.emit("np.multiply", "state_0", self.learning_rate, out="update")
        tape.emit("np.subtract", "theta", "update", out="theta")


class Signs(Initializer, frozen=True, tag="signs"):
    """Every value is +size or -size."""

    label: ClassVar[str] = "random signs"
    formula: ClassVar[str] = "±size"

    size: Annotated[float, named("size", "The absolute value of every weight.")] = 0.5

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Floats:
        return np.where(source.uniform() < 0.5, -self.size, self.size)


class Slope(Data, frozen=True, tag="slope"):
    """Points on a line from -1 to 1; the target of each is half of it."""

    label: ClassVar[str] = "slope"

    samples: Annotated[int, msgspec.Meta(ge=2, le=100), named("samples", "How many points there are.")] = 20

    def load(self) -> Dataset:
        x = np.linspace(-1.0, 1.0, self.samples)[:, np.newaxis]
        return Dataset(x, x / 2)


class OpenLayer(Layer, frozen=True):
    activation: AnyActivation | Softsign = Softsign()
    weights: WeightInitializer | Signs = Signs()


class OpenNetwork(Network, frozen=True):
    layers: list[OpenLayer]  # type: ignore[assignment]


class OpenExperiment(Experiment, frozen=True, kw_only=True):
    """An experiment whose unions have one member more, as if it were written into each of them."""

    data: AnyData | Slope
    network: OpenNetwork
    loss: AnyLoss | QuarticError
    optimizer: AnyOptimizer | Averaged = Averaged()


@pytest.fixture(autouse=True)
def _known_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    for module in (changes, schema):
        monkeypatch.setattr(module, "Experiment", OpenExperiment)
    schema.experiment_type.cache_clear()
    yield
    schema.experiment_type.cache_clear()


SIGNS = {"kind": "signs"}


def new_kinds(weights: dict[str, Any] = SIGNS, seed: int = 0) -> Experiment:
    """Return an experiment in which every choice is one that the program does not ship."""
    return parse_experiment(
        msgspec.json.encode(
            document(
                layer(3, "softsign", weights),
                layer(1, "softsign", weights),
                data={"kind": "slope"},
                loss={"kind": "quartic-error"},
                optimizer={"kind": "averaged"},
                seed=seed,
            )
        )
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new.json"
    path.write_bytes(encode_experiment(new_kinds()))
    return path


def test_new_kinds_are_written_to_a_file_and_read_back(file: Path) -> None:
    assert read_experiment(file) == new_kinds()
    assert plain(new_kinds())["network"]["layers"][0]["activation"] == {"kind": "softsign"}


def test_run_trains_new_kinds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(file), "--steps", "200", "--json"]) == 0
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
        ("network.layers.0.activation", "softsign"),
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


def test_new_kinds_train_in_one_pass_as_they_do_alone() -> None:
    runs = [new_kinds(seed=seed) for seed in range(4)]
    together, alone = [trainer_of(run) for run in runs], [trainer_of(run) for run in runs]
    Stack(together).train(30)
    for one, other in zip(together, alone, strict=True):
        advance(other, 30)
        assert same_bits(one.theta, other.theta)


def test_the_window_shows_a_lane_of_new_kinds() -> None:
    snapshot = lane_of(new_kinds(), 10).snapshot(10)
    assert [one.weights.shape for one in snapshot.layers] == [(1, 3), (3, 1)]
