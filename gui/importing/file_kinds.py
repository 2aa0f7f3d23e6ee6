"""Which files are opened as experiments, and which are looked at in the import dialog."""

from __future__ import annotations

from pathlib import Path

from engine.core.errors import InitscopeError
from engine.experiments.presets import is_file_name
from engine.formats.bounded_reading import open_data
from engine.formats.npz_arrays import MAX_BYTES
from gui.text.language import translate

SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".npz", ".npy", ".safetensors", ".pt", ".pth", ".gz", ".idx"),
    *(".h5", ".hdf5", ".keras"),
)
NAMES = "*.csv *.tsv *.txt *.npz *.npy *.safetensors *.pt *.pth *.gz *.idx *-ubyte"
HEAD_BYTES = 64


def is_for_import(target: str) -> bool:
    """Return whether TARGET is a file of data or weights: its name says so, or else it begins as no experiment does."""
    if not is_file_name(target):
        return False
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or path.name.endswith("-ubyte"):
        return True
    return suffix != ".json" and not _may_be_json(path)


def _may_be_json(path: Path) -> bool:
    """Return whether a file may be JSON, or cannot be read, which opening it says."""
    try:
        with open_data(path, MAX_BYTES) as file:
            head = file.read(HEAD_BYTES)
    except InitscopeError:
        return True
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def data_filter() -> str:
    """Return the files of data and weights, for a dialog that asks for one."""
    return translate("files", "Data and weights ({0})").format(NAMES)
