"""What is in a file, before anything is made of it: its arrays, their ranges, and whether they are data or weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.archives.any_arrays import Headers, format_of, read_named
from engine.core.cancellation import checkpoint
from engine.core.errors import FileError
from engine.formats.csv_table import LONGEST_TEXT, Sheet, read_sheet
from engine.formats.idx_arrays import is_idx, read_images, read_labels
from engine.importing.sample_arrays import Roles, roles_by_name, roles_by_shape
from engine.importing.weight_arrays import StoredNetwork, is_named_weight, networks_in

PREVIEW_ROWS, PREVIEW_COLUMNS = 6, 8
"""How much of an array is shown."""
MAX_LOOKED_AT = 60
"""Of how many arrays the numbers are looked at."""
MAX_CLASSES = 20
"""How many different targets are told one by one."""
Holds: TypeAlias = Literal["data", "weights"]


@dataclass(frozen=True)
class SeenArray:
    """An array of a file. `least` and `most` are None, and the preview is empty, where its numbers cannot be read."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    least: float | None = None
    most: float | None = None
    preview: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class FileContents:
    """What is in a file, and what it is taken for.

    `columns` are the names of the columns of a table that has them, and `target` is the number of its last one. Of
    data `roles` says which arrays are inputs and targets; `classes` are the different targets as text, none if they
    are more than 20 or no classes. Of weights `network` is the likeliest way to read them.
    """

    path: Path
    holds: Holds
    arrays: tuple[SeenArray, ...]
    columns: tuple[str, ...] = ()
    target: int | None = None
    roles: Roles | None = None
    classes: tuple[str, ...] = ()
    network: StoredNetwork | None = None

    @property
    def widths(self) -> tuple[int, ...] | None:
        """Return the number of units of every layer, the inputs first; None where there is no network."""
        return self.network.widths if self.network else None


def inspect_file(path: Path) -> FileContents:
    """Return what is in a file of data or weights; raise FileError if it is neither or cannot be read."""
    form = format_of(path)
    if form is not None:
        headers = form.headers(path)
        return _contents(path, headers, form.name == "torch")
    return _images(path) if is_idx(path) else _table(path)


def _contents(path: Path, headers: Headers, is_torch: bool) -> FileContents:
    arrays = tuple(_seen(path, number, name, headers) for number, name in enumerate(headers))
    network = _network(headers)
    roles = None if is_torch else roles_by_name(headers)
    if roles is None and not is_torch and not any(map(is_named_weight, headers)):
        roles = roles_by_shape(headers)
    if roles is None and network is not None:
        return FileContents(path, "weights", arrays, network=network)
    classes = _classes(path, roles) if roles else ()
    return FileContents(path, "data", arrays, roles=roles, classes=classes, network=network)


def _network(headers: Headers) -> StoredNetwork | None:
    """Return the likeliest network in a file: the first way to read it in which its matrices fit each other."""
    ways = [way for network in networks_in(headers) for way in network]
    return next((way for way in ways if way.widths is not None), ways[0] if ways else None)


def _seen(path: Path, number: int, name: str, headers: Headers) -> SeenArray:
    checkpoint()
    header = headers[name]
    if number >= MAX_LOOKED_AT:
        return SeenArray(name, header.shape, header.dtype)
    try:
        array = read_named(path, [name])[name]
    except FileError:  # text, objects, numbers that are not finite: it is said when they are wanted
        return SeenArray(name, header.shape, header.dtype)
    return _described(name, array, header.dtype)


def _described(name: str, array: npt.NDArray[Any], dtype: str) -> SeenArray:
    rows = np.reshape(array, (len(array), -1))[:PREVIEW_ROWS, :PREVIEW_COLUMNS]
    preview = tuple(tuple(f"{value:.6g}" for value in row) for row in rows.tolist())
    return SeenArray(name, array.shape, dtype, float(array.min()), float(array.max()), preview)


def _classes(path: Path, roles: Roles) -> tuple[str, ...]:
    """Return the different targets of samples, if they are few whole numbers."""
    name = roles.targets or roles.inputs
    try:
        values = read_named(path, [name])[name]
    except FileError:
        return ()
    targets = values[:, -1:] if roles.targets is None else np.reshape(values, (len(values), -1))
    different = np.unique(targets)
    is_classes = targets.shape[1] == 1 and 2 <= len(different) <= MAX_CLASSES
    if not is_classes or (different != np.floor(different)).any():
        return ()
    return tuple(f"{value:g}" for value in different.tolist())


def _table(path: Path) -> FileContents:
    sheet = read_sheet(path, -1, None)
    inputs = sheet.inputs
    rows = [
        (*(f"{value:.6g}" for value in row[: PREVIEW_COLUMNS - 1]), target[:LONGEST_TEXT])
        for row, target in zip(inputs[:PREVIEW_ROWS].tolist(), sheet.targets, strict=False)
    ]
    least, most = float(inputs.min()), float(inputs.max())
    shape = (len(inputs), sheet.width)
    array = SeenArray(path.name, shape, "float64", least, most, tuple(rows))
    columns = tuple(name[:LONGEST_TEXT] for name in sheet.columns or ())
    return FileContents(path, "data", (array,), columns, sheet.width - 1, classes=_words(sheet))


def _words(sheet: Sheet) -> tuple[str, ...]:
    different = sorted(set(sheet.targets))
    return tuple(name[:LONGEST_TEXT] for name in different) if 2 <= len(different) <= MAX_CLASSES else ()


def _images(path: Path) -> FileContents:
    """Return what is in an IDX file: images, or else labels."""
    try:
        values = read_images(path)
    except FileError:
        values = read_labels(path)
    return FileContents(path, "data", (_described(path.name, values, "uint8"),))
