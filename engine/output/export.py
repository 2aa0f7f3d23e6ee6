"""Results as files. Every file is written beside its place first and then put there, so none is ever half-written."""

from __future__ import annotations

import csv
import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.output.figures import curves_svg, heatmaps_svg
from engine.output.result import VariantResult

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell of a table begins that a spreadsheet computes."""


def write_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all; raise FileError, naming the path, if that fails."""
    save_file(path, lambda temporary: bool(temporary.write_bytes(data)) or not data)


def save_file(path: Path, save: Callable[[Path], bool]) -> None:
    """Let `save(temporary path)` write a file and put it at `path`; raise FileError, naming the path, if that fails.

    `save` returns whether it succeeded. The temporary name keeps the suffix, by which savers choose a format. A file
    that is there already keeps its mode, and a link goes on pointing to it.
    """
    temporary: Path | None = None
    try:
        place, mode = _place_and_mode(path)
        temporary = _new_file_beside(place)
        if not save(temporary):
            raise FileError(path, Problem.NOT_SAVED)
        temporary.chmod(mode)
        temporary.replace(place)
    except OSError as error:
        raise FileError(path, Problem.NOT_WRITTEN, reason=error.strerror or str(error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary)


def check_writable(path: Path) -> None:
    """Raise FileError if no file can be put at `path`; to be asked before the work that fills it."""
    try:
        temporary = _new_file_beside(_place_and_mode(path)[0])
        temporary.unlink()
        _unfinished.discard(temporary)
    except OSError as error:
        raise FileError(path, Problem.NOT_WRITTEN, reason=error.strerror or str(error)) from error


_unfinished: set[Path] = set()
"""The temporary files that are being written."""


def remove_unfinished() -> None:
    """Remove the files that are not complete: the process ends in the middle of writing them."""
    for path in list(_unfinished):
        path.unlink(missing_ok=True)


def _new_file_beside(place: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix=".initscope-", suffix=place.suffix, dir=place.parent)
    os.close(handle)
    _unfinished.add(Path(name))
    return Path(name)


def _place_and_mode(path: Path) -> tuple[Path, int]:
    """Return where a file is really put, behind all links, and its mode; raise OSError if something else is there."""
    place = Path(os.path.realpath(path))
    try:
        found = place.stat()
    except FileNotFoundError:
        return place, 0o666 & ~_umask()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise FileError(path, Problem.NO_ORDINARY_FILE)  # a device would be replaced by a file
    if not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return place, stat.S_IMODE(found.st_mode)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_results(folder: Path, variants: Sequence[str]) -> None:
    """Make `folder`, and raise FileError if the results of these variants cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, Problem.FOLDER_NOT_MADE, reason=error.strerror or str(error)) from error
    for name in ("result.json", "curve.csv", "weights.npz", "loss.svg", *map(_figure_name, variants)):
        check_writable(folder / name)


def _figure_name(variant: str) -> str:
    return f"weights-{variant}.svg"


def write_results(folder: Path, document: dict[str, Any], results: list[VariantResult]) -> list[Path]:
    """Write result.json, curve.csv, weights.npz and the figures into `folder`; return the written paths."""
    files = {
        "result.json": msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n",
        "curve.csv": _curves_csv(document["variants"]),
        "weights.npz": _weights_npz(results),
        "loss.svg": curves_svg(
            {variant["name"]: variant["curve"] for variant in document["variants"]}, "loss"
        ).encode(),
    }
    for result in results:
        title = f"{result.name} after {result.report['steps']:,} steps"
        files[_figure_name(result.name)] = heatmaps_svg(title, result.weights).encode()
    paths = [folder / name for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        write_file(path, data)
    return paths


def _curves_csv(variants: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = list(variants[0]["curve"])
    writer.writerow(["variant", *columns])
    for variant in variants:
        for row in zip(*(variant["curve"][column] for column in columns), strict=True):
            writer.writerow([_as_text(variant["name"]), *("" if value is None else value for value in row)])
    return text.getvalue().encode()


def _as_text(name: str) -> str:
    """Return a name that a spreadsheet does not take for a formula: behind an apostrophe it shows it as it is."""
    return f"'{name}" if name.startswith(FORMULA_BEGINNINGS) else name


def _weights_npz(results: list[VariantResult]) -> bytes:
    arrays: dict[str, Any] = {}
    for result in results:
        for number, (weights, biases) in enumerate(zip(result.weights, result.biases, strict=True), start=1):
            arrays[f"{result.name}.W{number}"] = weights
            if biases is not None:
                arrays[f"{result.name}.b{number}"] = biases
            norm = result.norms[number - 1] or {}
            arrays |= {f"{result.name}.{name}{number}": row for name, row in norm.items()}
    data = io.BytesIO()
    np.savez_compressed(data, allow_pickle=False, **arrays)
    return data.getvalue()
