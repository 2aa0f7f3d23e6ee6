"""What the axes of curves show: how far they go and where they are labelled."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from math import ceil, floor, inf, log10

import numpy as np

from engine.core.arrays import Floats
from engine.report.snapshot import Snapshot
from gui.present.lines import Bundle


def highest_finite(values: Floats) -> float:
    """Return the largest finite value, 0 if there is none."""
    return float(values[np.isfinite(values)].max(initial=0.0))


def loss_ceiling(highest: float) -> float:
    """Return a calm upper end for the loss axis with some room above the highest value."""
    wanted = min(highest * 1.08, sys.float_info.max)
    power = 10.0 ** floor(log10(wanted)) if wanted > 0 else 1.0
    steps = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    # beside the smallest and the largest numbers there is no round one
    return next((step * power for step in steps if wanted <= step * power < inf), wanted or 1.0)


def loss_levels(ceiling: float) -> list[tuple[float, str]]:
    """Return the labelled heights of a loss axis: 0, the middle and the upper end."""
    return [(share * ceiling, _level(share * ceiling)) for share in (0.0, 0.5, 1.0)]


def _level(value: float) -> str:
    """Return a round number in so few characters that the name of the axis has room beside it: 0.25, 25000, 2.5e5."""
    if value == 0 or 0.001 <= value < 1e5:
        return f"{value:g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", "−")


def up_to_shown(snapshot: Snapshot, lines: Bundle, present: Mapping[int, Floats]) -> Bundle:
    """Return lines that go on to the shown step, if that is the newest and next to the end of their curves.

    `present` are the values (layers,) of each lane there, by its number.
    """
    if (
        snapshot.step < snapshot.last_step
        or not len(lines.x)
        or not 0 < snapshot.step - lines.end <= lines.every
    ):
        return lines
    values = [[present[lane][layer]] for lane, layer in lines.keys]
    return replace(lines, x=np.append(lines.x, snapshot.step), y=np.append(lines.y, values, axis=1))


def powers_around(values: list[Floats]) -> tuple[float, float]:
    """Return the powers of ten, whole numbers, between which all positive values lie."""
    positive = np.concatenate(values) if values else np.empty(0)
    positive = positive[(positive > 0) & np.isfinite(positive)]
    if not positive.size:
        return -2.0, 1.0
    highest = float(ceil(log10(positive.max()) + 0.05))
    return min(float(floor(log10(positive.min()))), highest - 2), highest


def power_of_ten(power: int) -> str:
    """Return a power of ten as people write it: 1, 10, 100, 10³."""
    if 0 <= power <= 2:
        return str(10**power)
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
