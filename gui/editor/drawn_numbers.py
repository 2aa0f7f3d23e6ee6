"""What an initializer draws: a small histogram of a sample."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from engine.core.errors import FileError
from engine.core.randomness import Source
from engine.model.initializers import Initializer
from gui.editor.form import Histogram

MOST_NUMBERS, MOST_TIMES = 2_000, 100
"""Small layers are drawn so often that there is something to be seen."""
BARS = 25
"""An odd number: the bar in the middle is that of 0."""


def histogram_of(initializer: Initializer, fan_in: int, fan_out: int, *, is_bias: bool) -> Histogram | None:
    """Return what a layer of `fan_in` inputs and `fan_out` neurons draws; None where nothing finite can be told."""
    if initializer.fixed_shape is not None:
        with np.errstate(all="ignore"):
            return _histogram(
                initializer.sample(fan_in, fan_out, Source(np.random.default_rng(0), ())).ravel()
            )
    return _drawn_histogram(initializer, fan_in, fan_out, is_bias=is_bias)


@lru_cache(maxsize=256)
def _drawn_histogram(
    initializer: Initializer, fan_in: int, fan_out: int, *, is_bias: bool
) -> Histogram | None:
    rows = min(fan_in, MOST_NUMBERS)
    columns = min(fan_out, max(1, MOST_NUMBERS // rows))
    shape = (min(fan_out, MOST_NUMBERS),) if is_bias else (rows, columns)
    try:
        with np.errstate(all="ignore"):
            source = Source(np.random.default_rng(0), shape)
            times = min(MOST_TIMES, MOST_NUMBERS // prod(shape)) if initializer.is_random else 1
            drawn = [initializer.sample(fan_in, fan_out, source).ravel() for _ in range(max(1, times))]
            return _histogram(np.concatenate(drawn))
    except FileError:
        return None


def _histogram(drawn: np.ndarray) -> Histogram | None:
    reach = float(np.abs(drawn).max())
    if not np.isfinite(reach) or not np.isfinite(2.0 * reach):
        return None
    counts, _ = np.histogram(drawn / (reach or 1.0), BARS, (-1.0, 1.0))
    return Histogram(tuple(counts.tolist()), float(drawn.min()), float(drawn.max()), float(drawn.std()))
