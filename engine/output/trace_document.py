"""One update, operation by operation, as strict JSON data with all its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.core.arrays import AnyArray
from engine.output.result import strict_json
from engine.report.answers import DoneOperation, Walk


def trace_document(variant: str, step: int, walk: Walk) -> dict[str, Any]:
    """Return what `trace --json` prints: NaN and infinities are the strings nan, inf and -inf.

    A value is a list of rows, a list or a number, as its `shape` says.
    """
    return {
        "format": "initscope-trace",
        "version": 1,
        "variant": variant,
        "step": step,
        "numbers": strict_json(walk.numbers),
        "functions": walk.functions,
        "given": {
            name: {"shape": list(array.shape), "value": _plain(array)} for name, array in walk.given.items()
        },
        "operations": [_operation(done) for done in walk.operations],
    }


def _operation(done: DoneOperation) -> dict[str, Any]:
    return {
        "phase": done.phase,
        "layer": done.layer,
        "formula": done.formula,
        "target": done.target,
        "reads": list(done.reads),
        "shape": list(done.value.shape),
        "value": _plain(done.value),
    }


def _plain(array: AnyArray) -> Any:
    plain = array.tolist()
    return plain if np.isfinite(array).all() else strict_json(plain)
