"""Data drawn from a seed: the toy problems of the plane, named functions, and a linear teacher."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta, field

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.randomness import Purpose, Rng, StreamName, stream
from engine.core.registry import named
from engine.datasets import synthetic
from engine.datasets.base import Data, Seed
from engine.datasets.dataset import Dataset


class Synthetic(Data, frozen=True):
    """Drawn points: `train` and `test` samples with normal noise, each from a seed of its own.

    Without `test_seed` the test samples are drawn with `seed`: other points with `pcg64`, the same again with
    `mt19937`.
    """

    train: Annotated[
        int, Meta(ge=2, le=1_000_000), named("training samples", "How many samples there are to learn from.")
    ] = 200
    test: Annotated[
        int, Meta(ge=0, le=1_000_000), named("test samples", "How many other samples there are to test on.")
    ] = 0
    noise: Annotated[
        float, Meta(ge=0, le=1e6), named("noise", "The standard deviation of what is added to every input.")
    ] = 0.1
    seed: Annotated[Seed, named("data seed", "The number that the samples are drawn from.")] = 0
    test_seed: Annotated[
        Seed | None, named("test seed", "The number that the test samples are drawn from.")
    ] = None
    stream: Annotated[StreamName, named("random numbers", "The generator of random numbers.")] = "pcg64"

    @abstractmethod
    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return inputs (samples, 2) and targets (samples, outputs)."""

    def unscaled(self) -> Dataset:
        """Return the drawn samples."""
        x_train, y_train = self.points(self.train, self._rng(self.seed, Purpose.TRAIN_DATA))
        if not self.test:
            return Dataset(x_train, y_train)
        test_seed = self.seed if self.test_seed is None else self.test_seed
        x_test, y_test = self.points(self.test, self._rng(test_seed, Purpose.TEST_DATA))
        return Dataset(x_train, y_train, x_test, y_test)

    def _rng(self, seed: int, purpose: Purpose) -> Rng:
        makers: dict[str, Callable[[], Rng]] = {
            "pcg64": lambda: stream(seed, purpose),
            "mt19937": lambda: np.random.RandomState(seed),
        }
        return makers[self.stream]()


class Circles(Synthetic, frozen=True, tag="circles"):
    """Two circles, one inside the other, as scikit-learn draws them; `factor` is inner over outer radius."""

    label: ClassVar[str] = "two circles"

    factor: Annotated[
        float,
        Meta(gt=0, lt=1),
        named("factor", "The radius of the inner circle as a share of that of the outer one."),
    ] = 0.8

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, 1 for the inner circle."""
        return synthetic.circles(samples, self.noise, self.factor, rng)


class Moons(Synthetic, frozen=True, tag="moons"):
    """Two interleaving half circles, as scikit-learn draws them."""

    label: ClassVar[str] = "two moons"

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, 1 for the lower half circle."""
        return synthetic.moons(samples, self.noise, rng)


class Xor(Synthetic, frozen=True, tag="xor"):
    """The corners (±1, ±1) of a square with normal noise around them; opposite corners have one class."""

    label: ClassVar[str] = "four squares (XOR)"

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, 1 where the signs of the corner differ."""
        return synthetic.xor(samples, self.noise, rng)


class Gaussians(Synthetic, frozen=True, tag="gaussians"):
    """Normal clouds of standard deviation `noise`, one per class, centered evenly on a circle of `radius`."""

    label: ClassVar[str] = "normal clouds"

    classes: Annotated[int, Meta(ge=2, le=20), named("classes", "How many classes there are.")] = 2
    radius: Annotated[
        float,
        Meta(gt=0),
        named("radius", "How far the middles of the classes are from the middle of the plane."),
    ] = 1.0

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, which is their cloud."""
        centers = synthetic.around_circle(self.classes, self.radius)
        return synthetic.gaussians(samples, self.noise, centers, rng)


class Spirals(Synthetic, frozen=True, tag="spirals"):
    """Arms of a spiral that make `turns` turns from the middle to radius 1, one per class."""

    label: ClassVar[str] = "spirals"

    classes: Annotated[int, Meta(ge=2, le=20), named("classes", "How many classes there are.")] = 2
    turns: Annotated[
        float, Meta(gt=0, le=20), named("turns", "How often each spiral winds around the middle.")
    ] = 1.0

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, which is their arm."""
        return synthetic.spirals(samples, self.noise, self.classes, self.turns, rng)


FUNCTIONS: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "linear": lambda u: u,
    "square": np.square,
    "cube": lambda u: u**3,
    "absolute": np.abs,
    "sine": np.sin,
    "exponential": np.exp,
    "step": lambda u: np.where(u > 0, 1.0, 0.0),
    "bump": lambda u: np.exp(-np.square(u)),
}
"""The functions that data can be made of, by their names."""
Parameter: TypeAlias = Annotated[float, Meta(ge=-1e6, le=1e6)]


class Function(Data, frozen=True, tag="function"):
    """y = amplitude·f(frequency·u + phase) + offset + noise, u being the sum of the inputs.

    Inputs are drawn from `low` to `high`, or are standard normal.
    """

    label: ClassVar[str] = "function"
    formula: ClassVar[str] = "amplitude·f(frequency·Σx + phase) + offset"

    function: Annotated[
        Literal["linear", "square", "cube", "absolute", "sine", "exponential", "step", "bump"],
        named("function", "What is learnt: bump is exp(−u²), step is 1 above 0."),
    ] = "sine"
    inputs: Annotated[int, Meta(ge=1, le=10_000), named("inputs", "How many inputs a sample has.")] = 1
    drawn: Annotated[
        Literal["uniform", "normal"],
        named("drawn", "Whether inputs are drawn evenly from a range, or from N(0, 1)."),
    ] = "uniform"
    low: Annotated[Parameter, named("low", "The lower end of the range of inputs.")] = -3.0
    high: Annotated[Parameter, named("high", "The upper end of the range of inputs.")] = 3.0
    amplitude: Annotated[Parameter, named("amplitude", "What the function is multiplied by.")] = 1.0
    frequency: Annotated[Parameter, named("frequency", "What its input is multiplied by.")] = 1.0
    phase: Annotated[Parameter, named("phase", "What is added to its input.")] = 0.0
    offset: Annotated[Parameter, named("offset", "What is added to its value.")] = 0.0
    train: Annotated[
        int, Meta(ge=2, le=1_000_000), named("training samples", "How many samples there are to learn from.")
    ] = 200
    test: Annotated[
        int, Meta(ge=0, le=1_000_000), named("test samples", "How many other samples there are to test on.")
    ] = 0
    noise: Annotated[
        float,
        Meta(ge=0, le=1e6),
        named("noise of targets", "The standard deviation of what is added to every target."),
    ] = 0.0
    seed: Annotated[Seed, named("data seed", "The number that the samples are drawn from.")] = 0

    def unscaled(self) -> Dataset:
        """Return the drawn samples; those of the test have other inputs and other noise."""
        x, y = self._samples(self.train, stream(self.seed, Purpose.TRAIN_DATA))
        if not self.test:
            return Dataset(x, y)
        return Dataset(x, y, *self._samples(self.test, stream(self.seed, Purpose.TEST_DATA)))

    def _samples(self, count: int, rng: np.random.Generator) -> synthetic.Pair:
        shape = (count, self.inputs)
        x = (
            rng.standard_normal(shape)
            if self.drawn == "normal"
            else self.low + (self.high - self.low) * rng.random(shape)
        )
        with np.errstate(all="ignore"):
            u = self.frequency * x.sum(axis=1, keepdims=True) + self.phase
            y = self.amplitude * FUNCTIONS[self.function](u) + self.offset
        y = y + self.noise * rng.standard_normal(y.shape)
        if not np.isfinite(y).all():
            raise ExperimentError("data.function", Problem.VALUES_TOO_LARGE)
        return x, y


class LinearTeacher(Data, frozen=True, tag="linear-teacher"):
    """y = U·S·Vᵀ·x + noise, with given singular values S and random U and V; x is white (Saxe 2014).

    White: the inputs of all training samples have mean square 1 and no correlation, exactly if there are enough samples.
    """

    label: ClassVar[str] = "linear teacher"
    formula: ClassVar[str] = "U·S·Vᵀ·x"

    inputs: Annotated[int, Meta(ge=1, le=1000), named("inputs", "How many inputs a sample has.")] = 8
    outputs: Annotated[int, Meta(ge=1, le=1000), named("outputs", "How many targets a sample has.")] = 8
    singular_values: Annotated[
        Annotated[list[Annotated[float, Meta(ge=0, le=1e6)]], Meta(min_length=1, max_length=1000)],
        named("singular values", "How strong each mode is that can be learnt; further ones are 0."),
    ] = field(default_factory=lambda: [4.0, 3.0, 2.0, 1.0])
    train: Annotated[
        int, Meta(ge=2, le=100_000), named("training samples", "How many samples there are to learn from.")
    ] = 100
    noise: Annotated[
        float,
        Meta(ge=0, le=1e6),
        named("noise of targets", "The standard deviation of what is added to every target."),
    ] = 0.0
    seed: Annotated[Seed, named("data seed", "The number that the samples are drawn from.")] = 0

    def unscaled(self) -> Dataset:
        """Return white inputs and what the teacher makes of them; raise ExperimentError for too many singular values."""
        most = min(self.inputs, self.outputs)
        if len(self.singular_values) > most:
            raise ExperimentError(
                "data.singular_values", Problem.LIST_TOO_LONG, most=most, got=len(self.singular_values)
            )
        rng = stream(self.seed, Purpose.TRAIN_DATA)
        modes = len(self.singular_values)
        before, after = (_orthonormal(count, modes, rng) for count in (self.inputs, self.outputs))
        x = rng.standard_normal((self.train, self.inputs))
        if self.train >= self.inputs:
            x = np.linalg.qr(x)[0] * np.sqrt(self.train)
        y = (x @ before) * np.array(self.singular_values) @ after.T
        return Dataset(x, y + self.noise * rng.standard_normal(y.shape))


def _orthonormal(rows: int, columns: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    q, r = np.linalg.qr(rng.standard_normal((rows, columns)))
    return q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
