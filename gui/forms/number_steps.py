"""Where a number goes when it is stepped, dragged or swept. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, floor, log10

DECADE = 120
"""Pixels of dragging that multiply a number by ten."""
FINE = 0.1
"""What dragging with Shift, or stepping, is multiplied by."""
FIRST_ABOVE_ZERO = 1e-4
"""Where a number that multiplies goes on from zero."""
RANGE_PIXELS = 240
"""Pixels of dragging from one end of a short range to the other."""
PIXELS_PER_WHOLE = 5
SHORT_RANGE = 10
"""Ends of a range that are no further from each other are both reached by dragging."""
DIGITS = 3
"""Of a number that is dragged: 0.0316 and not 0.031622776601683794."""
SNAPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class NumberSteps:
    """How a number moves: whole, multiplied, or by equal parts of its range or its size."""

    is_whole: bool = False
    is_logarithmic: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def dragged(self, start: float, pixels: float, *, fine: bool = False, snap: bool = False) -> float:
        """Return where a number goes that is dragged some pixels to the right."""
        pixels *= FINE if fine else 1.0
        if self.is_whole:
            moved = start + _whole_way(start, pixels)
            return self.limited(_rounded(moved, 1) if snap else moved)
        moved = self._multiplied(start, pixels) if self.is_logarithmic else start + pixels * self._unit(start)
        return self.limited(self._snapped(moved, start) if snap else _rounded(moved, DIGITS))

    def stepped(self, value: float, steps: int) -> float:
        """Return the number some steps up or down: whole numbers by one, others by a digit."""
        if self.is_whole:
            return self.limited(value + steps)
        if self.is_logarithmic:
            return self.limited(self._multiplied_by_snaps(value, steps))
        return self.limited(_rounded(value + steps * 10 * self._unit(value), 6))

    def swept(self, start: float, share: float) -> float:
        """Return the number at a share of a sweep there and back: up, down through the start, and up to it again."""
        turn = share % 1.0
        way = 4 * turn if turn < 0.25 else 2 - 4 * turn if turn < 0.75 else 4 * turn - 4
        return self.dragged(start, way * DECADE)

    def limited(self, value: float) -> float:
        """Return a number inside its limits."""
        if self.minimum is not None:
            value = max(value, self.minimum)
        if self.maximum is not None:
            value = min(value, self.maximum)
        return round(value) if self.is_whole else float(value)

    def _multiplied(self, start: float, pixels: float) -> float:
        if start > 0:
            return start * 10 ** (pixels / DECADE)
        return FIRST_ABOVE_ZERO * 10 ** (pixels / DECADE) if pixels > 0 else 0.0

    @staticmethod
    def _multiplied_by_snaps(value: float, steps: int) -> float:
        """Return the number so many places further in 1, 2, 5, 10, 20, 50 …"""
        if value <= 0:
            return FIRST_ABOVE_ZERO if steps > 0 else 0.0
        for _ in range(abs(steps)):
            power = 10.0 ** floor(log10(value) + 1e-9)
            digit = value / power
            if steps > 0:
                value = next(snap for snap in SNAPS if snap > digit * 1.0001) * power
            else:
                below = [snap for snap in SNAPS if snap < digit * 0.9999]
                value = below[-1] * power if below else power / 2
        return _rounded(value, DIGITS)

    def _unit(self, start: float) -> float:
        """Return how far a pixel goes."""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and high - low <= SHORT_RANGE:
            return (high - low) / RANGE_PIXELS
        return 10.0 ** floor(log10(abs(start) or 1.0)) / 100

    def _snapped(self, moved: float, start: float) -> float:
        if self.is_logarithmic:
            return _rounded(moved, 1)
        grid = 10.0 ** floor(log10(self._unit(start) * 20))
        return _rounded(round(moved / grid) * grid, 6)


def _whole_way(start: float, pixels: float) -> float:
    """Return how far a whole number goes: one for a few pixels, large ones a share of themselves."""
    return round(pixels / PIXELS_PER_WHOLE * max(1.0, abs(start) / 50))


def _rounded(value: float, digits: int) -> float:
    """Return a number with so many significant digits."""
    return float(f"{value:.{digits}g}") if value else copysign(0.0, 1.0)
