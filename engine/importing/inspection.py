"""What is in a file, before anything is made of it: its arrays, their ranges, and whether they are data or weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.archives.any_arrays import Headers, format_of, read_named
from engine.core.cancellation import checkpoint
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.datasets.images import Idx
from engine.formats.idx_arrays import is_idx, read_images, read_labels
from engine.formats.npz_arrays import ArrayHeader
from engine.importing.own_data import check_names, idx_beside, refuse_what_is_no_text
from engine.importing.sample_arrays import Roles, roles_by_name, roles_by_shape
from engine.importing.table_columns import (
    MAX_CLASSES,
    MAX_TOLD,
    PREVIEW_ROWS,
    SeenTable,
    SeenTargets,
    table_in,
)
from engine.importing.weight_arrays import StoredNetwork, is_named_weight, networks_in, norms_in, not_dense

PREVIEW_COLUMNS = 8
"""How many columns of an array are shown."""
MAX_LOOKED_AT = 60
"""Of how many arrays the numbers are looked at."""
Holds: TypeAlias = Literal["data", "weights"]


@dataclass(frozen=True)
class SeenArray:
    """An array of a file, of which `preview` has the first rows.

    What it can be as targets is None where it is no single column, or where its numbers cannot be read; then `least`
    and `most` are None, too, and `problem` says why. `last_column` is the same of the last column of a table.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    least: float | None = None
    most: float | None = None
    preview: tuple[tuple[str, ...], ...] = ()
    as_targets: SeenTargets | None = None
    last_column: SeenTargets | None = None
    problem: FileError | None = None


@dataclass(frozen=True)
class FileContents:
    """What is in a file, and what it is taken for.

    There is a `table` or there are `arrays`; of arrays that are data, `roles` says which are inputs and targets. Of
    weights, `networks` has every network in the file with the ways to read it, the likeliest first. `idx` names
    IDX images with the files of labels and test samples that lie beside them. Files of PyTorch hold no samples.
    """

    path: Path
    holds: Holds
    arrays: tuple[SeenArray, ...] = ()
    table: SeenTable | None = None
    roles: Roles | None = None
    networks: tuple[tuple[StoredNetwork, ...], ...] = ()
    idx: Idx | None = None
    is_torch: bool = False

    @property
    def can_be_either(self) -> bool:
        """Return whether the arrays can be taken for samples and for weights."""
        return bool(self.networks) and not self.is_torch

    @property
    def network(self) -> StoredNetwork | None:
        """Return the likeliest network: the first way to read the file in which its matrices fit each other."""
        ways = [way for network in self.networks for way in network]
        return next((way for way in ways if way.widths is not None), ways[0] if ways else None)

    @property
    def widths(self) -> tuple[int, ...] | None:
        """Return the number of units of every layer, the inputs first; None where there is no network."""
        return self.network.widths if self.network else None

    @property
    def has_norms(self) -> bool:
        """Return whether there are scales and shifts of normalized layers, which are not read."""
        return bool(norms_in({array.name: array.shape for array in self.arrays}))

    def array(self, name: str) -> SeenArray:
        """Return an array by its name."""
        return next(array for array in self.arrays if array.name == name)


def inspect_file(path: Path, idx: Idx | None = None) -> FileContents:
    """Return what is in a file of data or weights; raise FileError if it is neither or cannot be read.

    `idx` are the files that belong together, if somebody has said so, of which this is the one with the images.
    """
    check_names(path)
    if idx is not None:
        return _images(path, idx)
    form = format_of(path)
    if form is not None:
        headers = form.headers(path)
        return _contents(path, headers, form.name == "torch")
    if is_idx(path):
        return _images(path, idx_beside(path))
    refuse_what_is_no_text(path)
    return FileContents(path, "data", table=table_in(path))


def _contents(path: Path, headers: Headers, is_torch: bool) -> FileContents:
    arrays = tuple(
        _seen(path, number / len(headers), name, headers[name], is_looked_at=number < MAX_LOOKED_AT)
        for number, name in enumerate(headers)
    )
    networks = tuple(tuple(ways) for ways in networks_in(headers))
    roles = None if is_torch else roles_by_name(headers)
    if roles is None and not is_torch and not any(map(is_named_weight, headers)):
        roles = roles_by_shape(headers)
    holds: Holds = "weights" if roles is None and (networks or is_torch) else "data"
    _check(path, headers, holds, networks)
    return FileContents(path, holds, arrays, roles=roles, networks=networks, is_torch=is_torch)


def _check(path: Path, headers: Headers, holds: Holds, networks: tuple[object, ...]) -> None:
    """Raise FileError where nothing in a file can be used."""
    if not headers:
        raise FileError(path, Problem.NO_ARRAY_FILE)
    if holds == "data":
        return
    if (name := not_dense(headers)) is not None:
        raise FileError(path, Problem.WEIGHTS_NOT_DENSE, array=name, shape=headers[name].shape)
    if not networks:
        raise FileError(path, Problem.NO_WEIGHTS)


def _seen(path: Path, share: float, name: str, header: ArrayHeader, *, is_looked_at: bool) -> SeenArray:
    checkpoint(share)
    unread = SeenArray(name, header.shape, header.dtype)
    if not is_looked_at:
        return unread
    try:
        array = read_named(path, [name])[name]
    except FileError as error:  # text, objects, far too many numbers: it is said when they are wanted
        return replace(unread, problem=error)
    return _described(name, array, header.dtype)


def _described(name: str, array: npt.NDArray[Any], dtype: str) -> SeenArray:
    rows = np.reshape(array, (len(array), -1))
    preview = tuple(
        tuple(f"{value:.4g}" for value in row[:PREVIEW_COLUMNS]) for row in rows[:PREVIEW_ROWS].tolist()
    )
    return SeenArray(
        name,
        array.shape,
        dtype,
        float(array.min()),
        float(array.max()),
        preview,
        targets_seen(rows) if array.ndim <= 2 else None,
        targets_seen(rows[:, -1:]) if array.ndim == 2 and rows.shape[1] > 1 else None,
    )


def targets_seen(values: npt.NDArray[Any]) -> SeenTargets:
    """Return what values (samples, outputs) can be as targets."""
    whole = bool((values == np.floor(values)).all())
    least, most = float(values.min()), float(values.max())
    if values.shape[1] > 1:
        return SeenTargets(values.shape[1], True, whole, least, most)
    different = np.unique(values)
    names = tuple(f"{value:g}" for value in different.tolist()) if len(different) <= MAX_TOLD else ()
    count = len(different) if len(different) <= MAX_CLASSES else None
    return SeenTargets(1, True, whole, least, most, count, names)


def _images(path: Path, pair: Idx) -> FileContents:
    """Return what is in an IDX file of images, in that of their labels, and in that of test images if there is one."""
    images, labels = Path(pair.train_images), Path(pair.train_labels)
    arrays = [
        _described(images.name, read_images(images), "uint8"),
        _described(labels.name, read_labels(labels), "uint8"),
    ]
    if pair.test_images is not None:
        test = Path(pair.test_images)
        arrays.append(_described(test.name, read_images(test), "uint8"))
    return FileContents(path, "data", tuple(arrays), idx=pair)
