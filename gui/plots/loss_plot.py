"""The loss of every lane against the step, beside what a network reaches that ignores its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import ceil, isfinite

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsLineItem

from engine.core.arrays import Floats
from engine.report.curve import smoothed
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.reruns.company import Band, Company
from gui.findings import score_words
from gui.look.theme import Theme
from gui.plots.grounded_text import GroundedText
from gui.plots.reading import read_all_samples, read_curve, read_mean
from gui.plots.step_axes import HAIR
from gui.plots.step_plot import StepPlot
from gui.present.axes import (
    highest_finite,
    loss_ceiling,
    loss_levels,
    power_of_ten,
    powers_around,
    up_to_shown,
)
from gui.present.lines import GHOST, Bundle, Key, bundles
from gui.text import words
from gui.text.language import translate

MAX_LOSS_RATIO = 2.0
"""Losses above this multiple of the base-rate loss are cut off: one bad start would hide all other curves."""

POWER_DISTANCE = 22
"""Minimum distance of the labels of two powers of ten in pixels."""
MEAN, ALL, RAW = 0, 1, 2
"""The lines of a lane: the loss that is read, that over all samples, and, paler, what the first is the mean of."""


class LossPlot(StepPlot):
    """The loss of every lane, smoothed where it is that of a few samples, with the losses themselves paler."""

    def __init__(self) -> None:
        super().__init__(translate("curves", "Loss"), (translate("curves", "loss"),))
        self.setObjectName("curves.loss")
        self._baselines: list[tuple[QGraphicsLineItem, GroundedText]] = []
        self._drawn: tuple[object, ...] = ()
        self._all_samples = self._is_logarithmic = False
        self.cut_off = False

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._drawn = ()
        super().set_theme(theme)

    def show_all_samples(self, on: bool) -> None:
        """Show the loss over all training samples, too, or not."""
        self._all_samples = on
        self.clear_lines()
        self.show_again()

    def draw(self, snapshot: Snapshot) -> None:
        """Draw the loss of every lane up to the newest step."""
        lines = self._lines_of(snapshot)
        self._choose_axes(snapshot, [line for line in lines if RAW not in {layer for _, layer in line.keys}])
        lines = [replace(line, y=self.on_axis(line.y)) for line in lines]
        for line in lines:
            self.set_lines(line)
        present = self.on_axis(np.array([lane.mean_loss for lane in self.lanes.values()]))
        self.mark_step(snapshot.step, dict(zip(self.lanes, present.tolist(), strict=True)))
        self._draw_baselines(snapshot, lines)

    def bands_of(self, company: Company) -> tuple[Band, ...]:
        """Return the band of the losses."""
        return (company.loss,)

    def value_at(self, lane: LaneSnapshot, step: int, shown: int) -> str:
        """Return the loss of a step, and what the other lines show there: its mean, and that over all samples."""
        said = words.loss(lane.loss) if step == shown else read_curve(lane.loss_curve, step)
        if said and lane.smoothing > 1:
            now = words.loss(lane.mean_loss)
            mean = now if step == shown else read_mean(lane.loss_curve, lane.smoothing, step)
            said = translate("curves", "{0}, mean {1}").format(said, mean) if mean else said
        found = read_all_samples(lane.score_curves, step) if self._all_samples else ""
        return translate("curves", "{0}, all samples {1}").format(said, found) if said and found else said

    def is_read(self, lane: int, layer: int) -> bool:
        """Return whether lines are read, and not only the ground of what is read."""
        return super().is_read(lane, layer) and layer == MEAN

    def _lines_of(self, snapshot: Snapshot) -> list[Bundle]:
        moving, width = snapshot.is_passing, self.resolution
        lanes = self.lanes.items()
        plain = {(index, MEAN): lane.loss_curve for index, lane in lanes if lane.smoothing == 1}
        raw = {(index, RAW): lane.loss_curve for index, lane in lanes if lane.smoothing > 1}
        lines = [*bundles(plain, width, moving=moving), *bundles(raw, width, moving=moving)]
        lines += [_smoothed(index, lane) for index, lane in lanes if lane.smoothing > 1]
        present = {number: np.array([lane.mean_loss, np.nan, lane.loss]) for number, lane in lanes}
        lines = [up_to_shown(snapshot, line, present) for line in lines]
        if self._all_samples:
            lines += [line for index, lane in lanes if (line := _over_all_samples(index, lane)) is not None]
        return lines

    def show_logarithmic(self, on: bool) -> None:
        """Show losses in powers of ten, or as they are."""
        self._is_logarithmic = on
        self.show_again()

    def on_axis(self, values: Floats) -> Floats:
        """Return the heights of losses on the axis; in powers of ten those up to 0 have none."""
        if not self._is_logarithmic:
            return values
        with np.errstate(all="ignore"):
            return np.where(values > 0, np.log10(values), np.nan)

    def _choose_axes(self, snapshot: Snapshot, lines: list[Bundle]) -> None:
        if self._is_logarithmic:
            self._choose_powers(snapshot, lines)
        else:
            self._choose_losses(snapshot, lines)

    def _choose_powers(self, snapshot: Snapshot, lines: list[Bundle]) -> None:
        bases = [lane.baseline for lane in self.lanes.values() if lane.baseline is not None]
        losses = [lane.mean_loss for lane in self.lanes.values()]
        bands = [values for one in self.companies.values() for values in (one.loss.low, one.loss.high)]
        lowest, highest = powers_around(
            [*(line.y.ravel() for line in lines), *bands, np.array([*bases, *losses])]
        )
        powers = range(round(lowest), round(highest) + 1)
        every = max(1, ceil(len(powers) * POWER_DISTANCE / max(self.area.height(), 1)))
        self.cut_off = False
        levels = [(float(power), power_of_ten(power)) for power in powers[::every]]
        self.set_axes(snapshot.last_step, lowest, highest, levels)

    def _choose_losses(self, snapshot: Snapshot, lines: list[Bundle]) -> None:
        """Show all of at least one lane, and of the others as much as lies near the base-rate loss."""
        highest: dict[int, float] = {
            number: lane.mean_loss if isfinite(lane.mean_loss) else 0.0 for number, lane in self.lanes.items()
        }
        for line in lines:
            for (lane, _), y in zip(line.keys, line.y, strict=True):
                highest[lane] = max(highest[lane], highest_finite(y))
        bases = [lane.baseline for lane in self.lanes.values() if lane.baseline is not None]
        bands = [highest_finite(company.loss.high) for company in self.companies.values()]
        most = max([*bases, *highest.values(), *bands])
        ceiling = loss_ceiling(most)
        if bases:
            enough = max(MAX_LOSS_RATIO * max(bases), min(highest.values()))
            ceiling = min(ceiling, loss_ceiling(enough))
        self.cut_off = most > ceiling
        self.set_axes(snapshot.last_step, 0.0, ceiling, loss_levels(ceiling))

    def _line_pen(self, lane: int, layer: int) -> QPen:
        if layer != ALL:
            return super()._line_pen(lane, layer)
        pen = super()._line_pen(lane, MEAN)
        pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def _draw_baselines(self, snapshot: Snapshot, lines: list[Bundle]) -> None:
        """Draw the base-rate losses, and their labels where they cover the lines least.

        They move when the axes do, and at every step at which the picture is still.
        """
        still = None if snapshot.is_passing else snapshot.step
        bases = _baselines(self.lanes)
        drawn = (bases, self.axes, self.area, self.theme, still)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._have_baselines(len(bases))
        for (line, label), (value, lanes) in zip(self._baselines, bases, strict=True):
            owner = len(bases) > 1 and len(lanes) == 1
            colour = QColor(self.theme.lanes[lanes[0] % len(self.theme.lanes)] if owner else self.theme.muted)
            line.setPen(QPen(colour, HAIR, Qt.PenStyle.DashLine))
            label.paint_with(colour, QColor(self.theme.surface))
            y = float(self.place_y(self.on_axis(np.array(value))))
            line.setLine(self.area.left(), y, self.area.right(), y)
        texts = [score_words.baselines(value, self.lanes[lanes[0]].experiment) for value, lanes in bases]
        for shorter in range(max(map(len, texts), default=0)):
            if self._write([forms[shorter:] or forms[-1:] for forms in texts], lines):
                break

    def _write(self, texts: Sequence[Sequence[str]], lines: list[Bundle]) -> bool:
        """Write the fullest of each label's texts that fits, and return whether no label hides another one."""
        taken = [self.shown_line]
        for (line, label), forms in zip(self._baselines, texts, strict=True):
            label.write(forms, self.area.width() - 4)
            box = self._best_place(label, line.line().y1(), lines, taken)
            label.setPos(box.topLeft())
            taken.append(box)
        labels = taken[1:]
        return not any(one.intersects(other) for one, other in combinations(labels, 2))

    def _have_baselines(self, count: int) -> None:
        while len(self._baselines) > count:
            for item in self._baselines.pop():
                self.drawing.removeItem(item)
        while len(self._baselines) < count:
            self._baselines.append((QGraphicsLineItem(self.frame), GroundedText(self)))

    def _best_place(self, label: GroundedText, y: float, lines: list[Bundle], taken: list[QRectF]) -> QRectF:
        """Return a place at the right, the left or in the middle, where it covers least.

        It is beside its line, or one row farther where another label is there.
        """
        size, area = label.rect(), self.area
        right, left = area.right() - size.width() - 2, area.left() + 4
        height = size.height()
        tops = (y - height - 1, y + 1, y - 2 * height - 1, y + height + 1)
        inside = [top for top in tops if area.top() <= top <= area.bottom() - height]
        boxes = [
            QRectF(x, top, size.width(), height)
            for x in (right, left, (left + right) / 2)
            for top in inside or [area.top()]
        ]

        def covered(box: QRectF) -> tuple[int, int]:
            return sum(box.intersects(other) for other in taken), self._points_in(box, lines)

        return min(boxes, key=covered)

    def _points_in(self, box: QRectF, lines: list[Bundle]) -> int:
        found = 0
        for line in lines:
            x, y = self.place_x(line.x), self.place_y(line.y)
            across = (x >= box.left()) & (x <= box.right())
            found += int((across & (y >= box.top()) & (y <= box.bottom())).sum())
        return found


def _smoothed(index: int, lane: LaneSnapshot) -> Bundle:
    x, y = smoothed(lane.loss_curve, lane.smoothing)
    return Bundle(((index, MEAN),), x, y[np.newaxis], lane.loss_curve.length - 1, lane.loss_curve.every)


def _over_all_samples(index: int, lane: LaneSnapshot) -> Bundle | None:
    curves = lane.score_curves
    if curves is None or lane.score is None or not len(curves.steps):
        return None
    key: Key = (index, ALL)
    return Bundle((key,), curves.steps, curves.loss[np.newaxis], int(curves.steps[-1]), 1)


def _baselines(lanes: Mapping[int, LaneSnapshot]) -> list[tuple[float, tuple[int, ...]]]:
    """Return the different base-rate losses, each with the lanes that have it; ghosts have none of their own."""
    found: dict[str, list[int]] = {}
    for index, lane in lanes.items():
        if index < GHOST and lane.baseline is not None and isfinite(lane.baseline):
            found.setdefault(f"{lane.baseline:.10g}", []).append(index)
    return [(float(value), tuple(lanes)) for value, lanes in found.items()]
