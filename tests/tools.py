"""Checks of the code by other programs, which run at the same time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "types": ["pyright", "--pythonpath", sys.executable],
    "habits": ["ruff", "check", ".", "--no-cache"],
    "form": ["ruff", "format", "--check", ".", "--no-cache"],
    "floors": ["lint-imports", "--no-cache"],
}

_running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}


def start() -> None:
    """Start every check."""
    for name, (program, *arguments) in COMMANDS.items():
        output = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe would be full before anybody reads it
        command = [str(Path(sys.executable).parent / program), *arguments]
        _running[name] = (subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output), output)


def answer(name: str) -> tuple[int, str]:
    """Return the exit code of a check and what it printed, as soon as it is done."""
    process, output = _running[name]
    code = process.wait()
    output.seek(0)
    return code, output.read().decode(errors="replace")


def stop() -> None:
    """End the checks that nobody asked for, and throw all answers away."""
    for process, output in _running.values():
        process.kill()
        process.wait()
        output.close()
    _running.clear()
