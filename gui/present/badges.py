"""Groups of equal neurons on the screen: each has a colour, and its number on a small badge of that colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF

from gui.look.theme import Theme, load_fonts

INK = QColor("#101418")
"""Numbers are written in this on the colours of groups, of either theme."""
PIXELS = 9
"""The size of a number on a badge of its own."""
HEIGHT, PADDING, CORNER_RADIUS = 11.0, 1.5, 3.0
"""Of a badge: its height, the room beside its number, and how round its corners are."""
ROOMY_RADIUS = 7.0
"""Neurons of this radius and larger ones have room for a number inside."""
BADGE_DISTANCE = 1.5
"""Pixels between a neuron and the badge beside it."""


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of one group, from place `first` up to but without `end`."""

    label: int
    colour: str
    first: int
    end: int

    @property
    def number(self) -> str:
        """Return the number of the group, counted from 1."""
        return str(self.label + 1)


@dataclass(frozen=True)
class Badge:
    """The number of a group around a place; on a neuron that has the colour of its group it needs no ground."""

    number: str
    x: float
    y: float
    ground: str | None = None

    def moved(self, by: QPointF) -> Badge:
        """Return the same badge at another place."""
        return Badge(self.number, self.x + by.x(), self.y + by.y(), self.ground)


def group_colours(labels: Sequence[int], theme: Theme) -> list[str | None]:
    """Return for each neuron the colour of its group, None where it is alone in its group."""
    sizes = Counter(labels)
    shared = [label for label in sorted(sizes) if sizes[label] > 1]
    colours = {label: theme.groups[index % len(theme.groups)] for index, label in enumerate(shared)}
    return [colours.get(label) for label in labels]


def neighbours_by_group(labels: Sequence[int], colours: Sequence[str | None]) -> list[Neighbours]:
    """Return where neighbours are of one group, for neurons with these labels and colours."""
    found: list[Neighbours] = []
    end = 0
    for (label, colour), neighbours in groupby(zip(labels, colours, strict=True)):
        first, end = end, end + sum(1 for _ in neighbours)
        if colour is not None:
            found.append(Neighbours(label, colour, first, end))
    return found


def above_columns(groups: Sequence[Neighbours], column: float) -> list[Badge]:
    """Return badges that stand on a line above columns of some width, one for each run of neighbours that has room.

    Where columns are wide, each has one.
    """
    badges: list[Badge] = []
    for group in groups:
        width = badge_width(group.number)
        if column >= 2 * width:
            middles = [place + 0.5 for place in range(group.first, group.end)]
        elif (group.end - group.first) * column >= width:
            middles = [(group.first + group.end) / 2]
        else:
            middles = []
        badges += [Badge(group.number, middle * column, -HEIGHT / 2 - 1, group.colour) for middle in middles]
    return badges


def at_neurons(groups: Sequence[Neighbours], x: float, ys: Sequence[float], radius: float) -> list[Badge]:
    """Return the numbers of the groups of a layer whose neurons are drawn at x and ys from top to bottom.

    Where neurons are large, each has its number inside. Where they are small, neighbours of one group have one badge
    beside the middle of them: on the left, or on the right where the one above is in the way.
    """
    if radius >= ROOMY_RADIUS:
        return [Badge(group.number, x, y) for group in groups for y in ys[group.first : group.end]]
    last = {-1: -HEIGHT, 1: -HEIGHT}
    badges: list[Badge] = []
    for group in groups:
        y = ys[(group.first + group.end - 1) // 2]
        side = -1 if y - last[-1] >= HEIGHT else 1
        last[side] = y
        away = radius + BADGE_DISTANCE + badge_width(group.number) / 2
        badges.append(Badge(group.number, x + side * away, y, group.colour))
    return badges


def size_at_neurons(radius: float) -> int:
    """Return the size in pixels of the numbers in or beside neurons of some radius."""
    return max(PIXELS, round(1.15 * radius)) if radius >= ROOMY_RADIUS else PIXELS


def badge_width(number: str) -> float:
    """Return how wide the badge with a number is, in pixels: all of as many digits are alike."""
    return round(font_metrics(PIXELS).horizontalAdvance("0" * len(number)) + 2 * PADDING)


def box(badge: Badge) -> QRectF:
    """Return the ground of a badge, on whole pixels."""
    width = badge_width(badge.number)
    return QRectF(round(badge.x - width / 2), round(badge.y - HEIGHT / 2), width, HEIGHT)


@cache
def badge_font(pixels: int) -> QFont:
    """Return the font of the numbers on badges, of some size."""
    font = QFont(load_fonts())
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold)
    return font


@cache
def font_metrics(pixels: int) -> QFontMetricsF:
    """Return the measures of that font."""
    return QFontMetricsF(badge_font(pixels))
