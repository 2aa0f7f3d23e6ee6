"""A kind of each sort that the program does not ship, and an experiment made of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.randomness import Source
from engine.core.registry import named
from engine.datasets import AnyData, Dataset
from engine.datasets.base import Data
from engine.experiments import changes, schema
from engine.experiments.experiment import Experiment, Layer, Network
from engine.experiments.experiment_file import parse_experiment
from engine.model.activations import Activation, AnyActivation
from engine.model.initializers import Initializer, WeightInitializer
from engine.model.losses import AnyLoss, Loss
from engine.model.optimizers import AnyOptimizer, Optimizer
from engine.tape.writer import TapeWriter
from tests.builders import document, layer


class Arctangent(Activation, frozen=True, tag="arctangent"):
    """f(z) = 2/π·arctan(z); f' = 2/π / (1 + z²)."""

    label: ClassVar[str] = "arctangent"
    formula: ClassVar[str] = "2/π·arctan(z)"
    saturates: ClassVar[bool] = True

    @property
    def outputs(self) -> tuple[float, float]:
        """Return its two asymptotes."""
        return -1.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        tape.emit("np.arctan", z, out=a)
        tape.emit("np.multiply", a, 2 / np.pi, out=a, formula=f"{a} = arctangent({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        tape.emit("np.square", z, out=dz)
        tape.emit("np.add", dz, 1.0, out=dz)
        tape.emit("np.divide", 2 / np.pi, dz, out=dz)
        tape.emit("np.multiply", da, dz, out=dz)


class QuarticError(Loss, frozen=True, tag="quartic-error"):
    """¼·Σ (a - y)⁴, summed over samples."""

    label: ClassVar[str] = "quartic error"
    formula: ClassVar[str] = "¼·Σ (a − y)⁴"

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
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

    def baseline(self, y: Floats, activation: Activation) -> float:
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

    def unscaled(self) -> Dataset:
        x = np.linspace(-1.0, 1.0, self.samples)[:, np.newaxis]
        return Dataset(x, x / 2)


class OpenLayer(Layer, frozen=True):
    activation: AnyActivation | Arctangent = Arctangent()
    weights: WeightInitializer | Signs = Signs()


class OpenNetwork(Network, frozen=True):
    layers: list[OpenLayer]  # type: ignore[assignment]


class OpenExperiment(Experiment, frozen=True, kw_only=True):
    """An experiment whose unions have one member more, as if it were written into each of them."""

    data: AnyData | Slope
    network: OpenNetwork
    loss: AnyLoss | QuarticError
    optimizer: AnyOptimizer | Averaged = Averaged()


@contextmanager
def known_kinds() -> Iterator[None]:
    """Let files name the new kinds while something is done."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (changes, schema):
            patch.setattr(module, "Experiment", OpenExperiment)
        schema.experiment_type.cache_clear()
        yield
    schema.experiment_type.cache_clear()


SIGNS = {"kind": "signs"}


def new_kinds(weights: dict[str, Any] = SIGNS, seed: int = 0) -> Experiment:
    """Return an experiment in which every choice is one that the program does not ship."""
    return parse_experiment(
        msgspec.json.encode(
            document(
                layer(3, "arctangent", weights),
                layer(1, "arctangent", weights),
                data={"kind": "slope"},
                loss={"kind": "quartic-error"},
                optimizer={"kind": "averaged"},
                seed=seed,
            )
        )
    )
