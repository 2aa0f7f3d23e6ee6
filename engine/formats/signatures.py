"""What a file that should be an experiment is instead, told from its first bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.core.errors import FileError
from engine.core.problems import Problem

HEAD_BYTES = 4096
"""The number of bytes that tell what a file is."""

MEMBER_NAME = 30
"""Where the name of the first member stands in a ZIP archive, which an NPZ file is."""

DELIMITERS = b",;\t"
TABLE_SUFFIXES = {".csv", ".tsv"}


def binary_instead(path: Path, head: bytes) -> FileError | None:
    """Return what a file is that begins with some bytes and is no text; None if it may be one."""
    if head.startswith(b"PK"):
        return _archive_instead(path, head)
    if head[8:9] == b"{" and head[3:8] == bytes(5):  # the length of a header of at most 16 MB, and the header
        return FileError(path, Problem.IS_SAFETENSORS)
    if head.startswith(b"\x93NUMPY"):
        return FileError(path, Problem.IS_NPY)
    if head.startswith((b"\x1f\x8b", b"\0\0\x08")):
        data = {"kind": "idx", "train_images": path.name, "train_labels": "…"}
        return FileError(path, Problem.IS_IDX, data=_json(data))
    return None


def _archive_instead(path: Path, head: bytes) -> FileError:
    """Return what a ZIP archive is, told from the name of its first member."""
    length = int.from_bytes(head[MEMBER_NAME - 4 : MEMBER_NAME - 2], "little")
    member = head[MEMBER_NAME : MEMBER_NAME + length]
    if member.endswith(b"/data.pkl"):
        return FileError(path, Problem.IS_TORCH)
    if not member.endswith(b".npy"):
        return FileError(path, Problem.IS_ARCHIVE)
    return FileError(path, Problem.IS_NPZ, data=_json({"kind": "npz", "path": path.name}))


def table_instead(path: Path, head: bytes) -> FileError | None:
    """Return that a text that is no JSON is a CSV file, if its name says so or its first two lines look like it."""
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()[:2]
    if not lines or lines[0].lstrip().startswith((b"{", b"[")):
        return None
    counts = [[line.count(delimiter) for delimiter in DELIMITERS] for line in lines]
    alike = len(lines) == 2 and counts[0] == counts[1] and any(counts[0])
    if path.suffix.lower() not in TABLE_SUFFIXES and not alike:
        return None
    return FileError(path, Problem.IS_CSV, data=_json({"kind": "csv", "path": path.name, "target": -1}))


def _json(data: dict[str, Any]) -> str:
    """Return what an experiment file says as its data, with the names of files as people read them."""
    return json.dumps(data, ensure_ascii=False)
