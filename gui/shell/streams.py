"""Where the command line prints: streams that are closed, full, or of another encoding are no trouble."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TextIO


def make_streams_usable() -> None:
    """Replace streams that the caller has closed, and write characters that a terminal does not know as escapes."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up(stream: TextIO) -> None:
    """Let what Python flushes into a stream at its end go nowhere: it cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
