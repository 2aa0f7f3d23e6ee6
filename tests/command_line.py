"""Runs `python main.py …` in a process of its own, as a person or a script does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAIN = str(ROOT / "main.py")
CASES = ROOT / "tests" / "golden" / "cases"
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
NO_DISPLAY = {name: value for name, value in os.environ.items() if name not in DISPLAY}
GUI_ROOMS = {path.parent.name for path in (ROOT / "gui").glob("*/__init__.py")} - {
    "findings",
    "shell",
    "text",
}
GUI_PACKAGES = ("PySide6", "shiboken6", "pyqtgraph", *(f"gui.{room}" for room in sorted(GUI_ROOMS)))
"""All that a window is made of; the sentences in gui.text and gui.findings are said by the command line, too."""

WITHOUT_PACKAGES = f"""
import runpy, sys

class Missing:
    names = set(sys.argv[1].split(","))

    def find_spec(self, name, path=None, target=None):
        if any(f"{{name}}.".startswith(f"{{missing}}.") for missing in self.names):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, {str(ROOT)!r})
sys.argv[:2] = [{MAIN!r}]
runpy.run_path({MAIN!r}, run_name="__main__")
"""
"""Runs main.py as on a machine where some packages are not installed; their names are the first argument."""

Done = subprocess.CompletedProcess[str]


def main(*arguments: object, env: dict[str, str] = NO_DISPLAY, missing: tuple[str, ...] = ()) -> Done:
    """Run main.py to its end, without a display."""
    program = ["-c", WITHOUT_PACKAGES, ",".join(missing)] if missing else [MAIN]
    command = [sys.executable, *program, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


def output(*arguments: object, **how: Any) -> str:
    """Return what a command prints; it succeeds and has nothing to complain about."""
    done = main(*arguments, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def complaint(*arguments: object, **how: Any) -> str:
    """Return the one line on stderr with which a command is refused: exit code 2, no output, no traceback."""
    done = main(*arguments, **how)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("\n")
    (line,) = done.stderr.splitlines()
    return line


def strict(text: str) -> Any:
    """Return what strict JSON says: no NaN and no Infinity."""

    def refuse(literal: str) -> NoReturn:
        pytest.fail(f"{literal} is not JSON")

    return json.loads(text, parse_constant=refuse)


def result(*arguments: object, **how: Any) -> Any:
    """Return the JSON of `run … --json`."""
    return strict(output("run", *arguments, "--json", **how))


def experiment_file(folder: Path, text: str | bytes | dict[str, Any]) -> Path:
    path = folder / "mine.json"
    if isinstance(text, dict):
        text = json.dumps(text)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
