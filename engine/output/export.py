"""Results as files. Every file is written beside its place first and then put there, so none is ever half-written."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.output.figures import curves_svg, heatmaps_svg
from engine.output.result import VariantResult


def write_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` whole or not at all; raise FileError, naming the path, if that fails."""
    save_file(path, lambda temporary: bool(temporary.write_bytes(data)) or not data)


def save_file(path: Path, save: Callable[[Path], bool]) -> None:
    """Let `save(temporary path)` write a file and put it at `path`; raise FileError, naming the path, if that fails.

    `save` returns whether it succeeded. The temporary name keeps the suffix, by which savers choose a format.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".initscope-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        if not save(temporary):
            raise FileError(path, Problem.NOT_SAVED)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise FileError(path, Problem.NOT_WRITTEN, reason=error.strerror or str(error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_results(folder: Path, document: dict[str, Any], results: list[VariantResult]) -> list[Path]:
    """Write result.json, curve.csv, weights.npz and the figures into `folder`; return the written paths."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, Problem.FOLDER_NOT_MADE, reason=error.strerror or str(error)) from error
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
        files[f"weights-{result.name}.svg"] = heatmaps_svg(title, result.weights).encode()
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
            writer.writerow([variant["name"], *("" if value is None else value for value in row)])
    return text.getvalue().encode()


def _weights_npz(results: list[VariantResult]) -> bytes:
    arrays: dict[str, Any] = {}
    for result in results:
        for number, (weights, biases) in enumerate(zip(result.weights, result.biases, strict=True), start=1):
            arrays[f"{result.name}.W{number}"] = weights
            if biases is not None:
                arrays[f"{result.name}.b{number}"] = biases
    data = io.BytesIO()
    np.savez_compressed(data, allow_pickle=False, **arrays)
    return data.getvalue()
