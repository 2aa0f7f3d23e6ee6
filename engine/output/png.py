"""PNG, the format of pictures without loss, written with the standard library alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BITS, RGB = 8, 2


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return the colours (height, width, 3: red, green, blue) from 0 to 255 as the bytes of a PNG file.

    Source: W3C, Portable Network Graphics (PNG) Specification, third edition, sections 5 and 11.2.
    """
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # each line begins with its filter; 0 is none
    lines[:, 1:] = pixels.reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, BITS, RGB, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
