"""Images of digits: two sets that come with the program, and the files that MNIST is published in."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.core.registry import named
from engine.datasets.base import Data
from engine.datasets.dataset import Dataset
from engine.datasets.targets import class_columns, encode_numbers
from engine.formats.bounded_reading import FileName
from engine.formats.idx_arrays import read_images, read_labels
from engine.formats.npz_arrays import read_arrays

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "data"
DIGITS = tuple("0123456789")
Pixels: TypeAlias = Literal["raw", "scaled"]
Count: TypeAlias = Annotated[int, Meta(ge=1)]
CountOrNone: TypeAlias = Annotated[int, Meta(ge=0)]


class Bundled(Data, frozen=True):
    """Digits that come with the program; the first `train` samples of the file, and the last `test`.

    The files are shuffled once and for all, so that any part of them has all ten digits.
    `pixels`: `raw` as they were published, or `scaled` to 0 … 1.
    """

    file: ClassVar[str]
    image_shape: ClassVar[tuple[int, int]]
    brightest: ClassVar[float]
    pixels: Annotated[
        Pixels, named("pixels", "Whether pixels are divided by their largest value or left as they are.")
    ] = "scaled"
    train: Annotated[Count, named("training samples", "How many samples there are to learn from.")] = 1000
    test: Annotated[CountOrNone, named("test samples", "How many other samples there are to test on.")] = 200

    def unscaled(self) -> Dataset:
        """Return the images as rows of pixels, and ten columns of targets."""
        arrays = read_arrays(FOLDER / self.file, ("pixels", "labels"))
        available = len(arrays["labels"])
        if self.train + self.test > available:
            raise ExperimentError(
                "data.train", Problem.TOO_FEW_DIGITS, most=available, got=self.train + self.test
            )
        train, test = slice(self.train), slice(available - self.test, available)
        x = [_inputs(arrays["pixels"][part], self.pixels, self.brightest) for part in (train, test)]
        y = [class_columns(arrays["labels"][part], len(DIGITS)) for part in (train, test)]
        x_test, y_test = (x[1], y[1]) if self.test else (None, None)
        return Dataset(x[0], y[0], x_test, y_test, self.image_shape, DIGITS)


class Mnist(Bundled, frozen=True, tag="mnist"):
    """5,000 digits of MNIST, 500 of each, in 28 x 28 pixels from 0 to 255 (`scaled`: divided by 255)."""

    label: ClassVar[str] = "MNIST"

    file: ClassVar[str] = "mnist.npz"
    image_shape: ClassVar[tuple[int, int]] = (28, 28)
    brightest: ClassVar[float] = 255.0
    train: Annotated[Count, named("training samples", "How many samples there are to learn from.")] = 4000
    test: Annotated[CountOrNone, named("test samples", "How many other samples there are to test on.")] = 1000


class Digits(Bundled, frozen=True, tag="digits"):
    """1,797 small digits in 8 x 8 pixels from 0 to 16 (`scaled`: divided by 16)."""

    label: ClassVar[str] = "digits of 8×8 pixels"

    file: ClassVar[str] = "digits.npz"
    image_shape: ClassVar[tuple[int, int]] = (8, 8)
    brightest: ClassVar[float] = 16.0
    train: Annotated[Count, named("training samples", "How many samples there are to learn from.")] = 1437
    test: Annotated[CountOrNone, named("test samples", "How many other samples there are to test on.")] = 360


class Idx(Data, frozen=True, tag="idx", kw_only=True):
    """The four IDX files of MNIST and its relatives, gzipped or not; the test files may be left out.

    `train` and `test` are how many samples are read from the start of each file; without them, all are.
    `pixels`: `raw` from 0 to 255, or `scaled`, which is divided by 255.
    """

    label: ClassVar[str] = "IDX files"

    train_images: Annotated[FileName, named("training images", "The IDX file of the images to learn from.")]
    train_labels: Annotated[FileName, named("training labels", "The IDX file of their labels.")]
    test_images: Annotated[
        FileName | None, named("test images", "The IDX file of the images to test on.")
    ] = None
    test_labels: Annotated[FileName | None, named("test labels", "The IDX file of their labels.")] = None
    pixels: Annotated[
        Pixels, named("pixels", "Whether pixels are divided by their largest value or left as they are.")
    ] = "scaled"
    train: Annotated[Count | None, named("training samples", "How many samples there are to learn from.")] = (
        None
    )
    test: Annotated[
        CountOrNone | None, named("test samples", "How many other samples there are to test on.")
    ] = None

    def unscaled(self) -> Dataset:
        """Return the images as rows of pixels; the classes are those of all labels, taken or not."""
        images, labels = _read_pair(Path(self.train_images), Path(self.train_labels))
        shape = (images.shape[1], images.shape[2])
        test = self._test_pair(shape)
        parts = [labels] if test is None else [labels, test[1]]
        targets, names = encode_numbers(Path(self.train_labels), parts)
        train = _limit("data.train", self.train, len(images))
        x_train, y_train = _inputs(images[:train], self.pixels, 255.0), targets[0][:train]
        many = _limit("data.test", self.test, 0 if test is None else len(test[0]))
        if test is None or not many:
            return Dataset(x_train, y_train, image_shape=shape, class_names=names)
        x_test, y_test = _inputs(test[0][:many], self.pixels, 255.0), targets[1][:many]
        return Dataset(x_train, y_train, x_test, y_test, shape, names)

    def _test_pair(
        self, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
        if self.test_images is None and self.test_labels is None:
            return None
        if self.test_images is None or self.test_labels is None:
            missing = "test_images" if self.test_images is None else "test_labels"
            raise ExperimentError(f"data.{missing}", Problem.TEST_IMAGES_ALONE)
        images, labels = _read_pair(Path(self.test_images), Path(self.test_labels))
        if images.shape[1:] != shape:
            raise FileError(Path(self.test_images), Problem.IMAGES_SIZE, size=shape, got=images.shape[1:])
        return images, labels


def _read_pair(images_path: Path, labels_path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    images, labels = read_images(images_path), read_labels(labels_path)
    if len(images) != len(labels):
        raise FileError(
            labels_path, Problem.LABELS_COUNT, images=len(images), file=images_path.name, got=len(labels)
        )
    return images, labels


def _limit(path: str, wanted: int | None, available: int) -> int:
    if wanted is not None and wanted > available:
        raise ExperimentError(path, Problem.TOO_FEW_IMAGES, most=available, got=wanted)
    return available if wanted is None else wanted


def _inputs(pixels: npt.NDArray[Any], scale: Pixels, brightest: float) -> npt.NDArray[np.float64]:
    """Return images (n, …) as rows of numbers, raw or divided by the brightest value."""
    rows = np.reshape(pixels, (len(pixels), prod(pixels.shape[1:])))
    return np.divide(rows, brightest, dtype=np.float64) if scale == "scaled" else rows.astype(np.float64)
