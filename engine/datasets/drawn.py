"""Data drawn from a seed: the toy problems of the plane."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

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
