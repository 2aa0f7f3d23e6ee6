"""The compiled driver, where the installation could build it; without it everything is computed by calls from Python."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.arrays import AnyArray

SWITCH = "INITSCOPE_DRIVER"
"""The environment variable that says "off" where no driver is to be used, or names the file of another one."""

LIBRARIES = {".so", ".pyd"}
"""How the file of a compiled module ends."""

INTERFACE_NUMBER = 1
"""The number of driver.c; it changes with what `run` takes or means."""

SECONDS_PER_CALL = 0.05
"""The most seconds of a call of the driver: Ctrl+C waits until it ends."""

RECORD = np.dtype(
    [
        ("operation", np.int64),
        ("loop", np.int64),
        ("context", np.int64),
        ("auxdata", np.int64),
        ("data", np.int64, 3),
        ("outer", np.int64),
        ("outer_strides", np.int64, 3),
        ("dimensions", np.int64, 4),
        ("strides", np.int64, 9),
    ]
)
"""The `record` of driver.c."""


class Operation(IntEnum):
    """The operations of driver.c."""

    LOOP = 0
    TAKE = 1
    COPY = 2
    CAST_BOOL = 3
    NARROW = 4
    WIDEN = 5
    FILL = 6
    MASK = 7
    OUTER = 8
    OUTER_FUSED = 9
    FEED = 10
    SAVE = 11


@cache
def load_driver() -> ctypes.CDLL | None:
    """Return the driver, or None where there is none, it does not fit, or it is switched off."""
    chosen = os.environ.get(SWITCH)
    folder = Path(__file__).parent
    files = [Path(chosen)] if chosen else [p for p in folder.glob("_driver.*") if p.suffix in LIBRARIES]
    return next(filter(None, map(driver_in, sorted(files))), None)


def driver_in(file: Path) -> ctypes.CDLL | None:
    """Return the driver in a file, or None where it is none, or was built for another state of the program.

    The addresses and flags in records are those of processors with 64 bits and the lowest byte first.
    """
    if ctypes.sizeof(ctypes.c_void_p) != 8 or sys.byteorder != "little":
        return None
    try:
        library = ctypes.CDLL(str(file))
        built_for = library.interface_number(), library.record_size(), library.operation_count()
        if built_for != (INTERFACE_NUMBER, RECORD.itemsize, len(Operation)):
            return None
    except (OSError, AttributeError):
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    arguments = [pointer, pointer, number, pointer, number, ctypes.c_double]
    library.run.restype, library.run.argtypes = number, arguments
    return library


class DriverError(Exception):
    """The driver is missing, or met a record that it cannot do; it says so by a negative number."""


class Call:
    """Programs to be run in turn, step after step. The interpreter lock is free meanwhile.

    A program is an array (records,) of `RECORD`. `kept` is what its addresses point to, and stays alive with the call.
    """

    def __init__(self, programs: Sequence[AnyArray], kept: object) -> None:
        library = load_driver()
        if library is None:
            raise DriverError
        self._run: Any = library.run
        self._kept = (programs, kept)
        self._progress = np.zeros(2, np.int64)
        self._addresses = np.array([program.ctypes.data for program in programs], np.uintp)
        self._lengths = np.array([len(program) for program in programs], np.int64)
        self._arguments = (
            self._addresses.ctypes.data,
            self._lengths.ctypes.data,
            len(programs),
            self._progress.ctypes.data,
        )

    def run(self, steps: int, seconds: float = SECONDS_PER_CALL) -> int:
        """Do at most `steps` steps, of which none begins after `seconds`, but at least one; return how many.

        Raise DriverError where that is not possible.
        """
        return self._do(steps, min(seconds, SECONDS_PER_CALL))

    def once(self) -> None:
        """Do one step."""
        done = self._do(1, 0.0)
        if done != 1:
            raise DriverError(done)

    def begin(self) -> None:
        """Prepare for `run_to_end`: no step of it is done."""
        self._progress[0] = 0

    def run_to_end(self, steps: int) -> None:
        """Do `steps` steps, in a thread that only does this; fewer if another one calls `end`.

        Raise DriverError where that is not possible.
        """
        self._do(steps, math.inf)

    @property
    def done(self) -> int:
        """Return how many steps are done since `begin`; what they have written may be read in any thread."""
        return _quick_library().steps_done(self._arguments[-1])

    def end(self) -> None:
        """End `run_to_end` after the present step, or before the first one. The call cannot be used again."""
        self._progress[1] = 1

    def _do(self, steps: int, seconds: float) -> int:
        done = self._run(*self._arguments, steps, seconds)
        if done < 0:
            raise DriverError(done)
        return done


@cache
def _quick_library() -> ctypes.PyDLL:
    """Return the driver for functions so short that giving the interpreter lock away and back would take far longer."""
    library = load_driver()
    if library is None:
        raise DriverError
    quick = ctypes.PyDLL(library._name, handle=library._handle)
    quick.steps_done.restype, quick.steps_done.argtypes = ctypes.c_int64, [ctypes.c_void_p]
    return quick
