"""Files of arrays as other programs write them, made without those programs."""

from __future__ import annotations

import json
import pickle
import pickletools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from tests.command_line import ROOT

WEIGHTS = ROOT / "tests" / "golden" / "weights"
"""Files that PyTorch 2.14 wrote: 2-3-3-1.pt, and in 2-3-3-1.npz the same numbers as the program writes them."""
ST_TYPES = {"float64": "F64", "float32": "F32", "int64": "I64", "uint16": "BF16"}


def write_safetensors(path: Path, arrays: Mapping[str, npt.NDArray[Any]], **header: Any) -> Path:
    """Write arrays as safetensors does; uint16 stands for bfloat16."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    numbers = b""
    for name, array in arrays.items():
        data = array.tobytes()
        place = [len(numbers), len(numbers) + len(data)]
        table[name] = {"dtype": ST_TYPES[array.dtype.name], "shape": array.shape, "data_offsets": place}
        numbers += data
    text = json.dumps(table | header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + numbers)
    return path


def write_torch(path: Path, steps: bytes, **members: bytes) -> Path:
    """Write an archive as PyTorch does, with a pickle of our own and other members."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", steps)
        for name, data in members.items():
            archive.writestr(f"archive/data/{name.strip('_')}", data)
    return path


def tensor_steps(shape: tuple[int, ...], strides: tuple[int, ...], count: int, offset: int = 0) -> bytes:
    """Return the pickle of {"0.weight": a float32 tensor} over a storage of `count` numbers."""
    storage = (
        b"(" + _plain("storage") + b"ctorch\nFloatStorage\n" + _plain("0") + _plain("cpu") + _plain(count)
    )
    view = b"".join(map(_plain, (offset, shape, strides, False)))
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"tQ" + view + b"}tR"
    return b"\x80\x02}" + _plain("0.weight") + call + b"s."


def _plain(value: Any) -> bytes:
    """Return the steps that make plain data, which use no memory of their own."""
    return pickletools.optimize(pickle.dumps(value, protocol=2))[2:-1]
