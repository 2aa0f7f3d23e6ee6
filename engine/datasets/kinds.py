"""The kinds of data an experiment file can name. Each loads a Dataset."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.datasets import synthetic
from engine.datasets.dataset import Dataset
from engine.errors import ExperimentError
from engine.randomness import Purpose, Rng, StreamName, stream
from engine.registry import Choice

Seed: TypeAlias = Annotated[int, Meta(ge=0, lt=2**32)]
Rows: TypeAlias = Annotated[list[Annotated[list[float], Meta(min_length=1)]], Meta(min_length=1)]


class Data(Choice, frozen=True):
    """A kind of data."""

    @abstractmethod
    def load(self) -> Dataset:
        """Return the samples; the same choice gives the same bits every time."""


class Table(Data, frozen=True, tag="table"):
    """Samples written in the experiment file itself: `x` and `y`, one list per sample."""

    x: Rows
    y: Rows

    def load(self) -> Dataset:
        """Return the written samples; there are no test samples."""
        x, y = _rectangle(self.x, "data.x"), _rectangle(self.y, "data.y")
        if len(x) != len(y):
            raise ExperimentError("data.y", f"must have one row for each of the {len(x)} rows of data.x, got {len(y)}")
        return Dataset(x, y)


class Synthetic(Data, frozen=True):
    """Drawn points: `train` and `test` samples with normal noise, each from a seed of its own."""

    train: Annotated[int, Meta(ge=2, le=1_000_000)] = 200
    test: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    noise: Annotated[float, Meta(ge=0)] = 0.1
    seed: Seed = 0
    test_seed: Seed | None = None
    stream: StreamName = "pcg64"

    @abstractmethod
    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return inputs (samples, 2) and targets (samples, outputs)."""

    def load(self) -> Dataset:
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
    """Two circles, one inside the other, as scikit-learn's `make_circles` draws them; `factor` is their ratio."""

    factor: Annotated[float, Meta(gt=0, lt=1)] = 0.8

    def points(self, samples: int, rng: Rng) -> synthetic.Pair:
        """Return the points and their class, 1 for the inner circle."""
        return synthetic.circles(samples, self.noise, self.factor, rng)


def _rectangle(rows: list[list[float]], path: str) -> npt.NDArray[np.float64]:
    width = len(rows[0])
    for index, row in enumerate(rows):
        if len(row) != width:
            raise ExperimentError(f"{path}.{index}", f"must have {width} numbers like the rows before it, got {len(row)}")
    return np.array(rows, dtype=np.float64)


AnyData: TypeAlias = Table | Circles
