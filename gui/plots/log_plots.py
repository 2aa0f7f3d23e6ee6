"""Plots in powers of ten: the spread of the hidden layers, and the size of the gradients."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from engine.core.arrays import Floats
from engine.report.curve import Curve
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.reruns.company import Band, Company
from gui.look.theme import Theme
from gui.plots.grounded_text import GroundedText
from gui.plots.reading import read_curve
from gui.plots.step_plot import StepPlot
from gui.present.axes import power_of_ten, powers_around, up_to_shown
from gui.present.lines import bundles
from gui.text.language import translate
from gui.text.words import loss

MIN_POWER_DISTANCE = 26
"""Minimum distance of the labels of two powers of ten in pixels."""
MIN_ZERO_DISTANCE = 14
"""Minimum distance of the label of 0 and the label of a power of ten in pixels."""


class LogPlot(StepPlot):
    """A curve of every layer of every lane in powers of ten, above a band that stands for exactly 0.

    No logarithm can show 0; `zero` says what it means here, the fullest text first.
    """

    def __init__(self, title: str, up: tuple[str, ...], *zero: str) -> None:
        super().__init__(title, up)
        self._band = QGraphicsRectItem(self.frame)
        self._band.setPen(QPen(Qt.PenStyle.NoPen))
        self._band.setZValue(-2)
        self._label = GroundedText(self)
        self._zero_texts = zero
        self._zero = -1.0

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._band.setBrush(QBrush(QColor(theme.raised)))
        self._label.paint_with(QColor(theme.muted), QColor(theme.raised))

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the layers; for subclasses."""
        raise NotImplementedError

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the values of the layers at the shown step, (layers,); for subclasses."""
        raise NotImplementedError

    def value_at(self, lane: LaneSnapshot, step: int, shown: int) -> str:
        """Return the values of the layers at a step."""
        now = self.present_of(lane)
        found = [
            loss(float(now[layer])) if step == shown else read_curve(curve, step)
            for layer, curve in enumerate(self.curves_of(lane))
        ]
        return "; ".join(found) if all(found) else ""

    def draw(self, snapshot: Snapshot) -> None:
        """Draw the curves of all layers up to the newest step."""
        present = {number: self.present_of(lane) for number, lane in self.lanes.items()}
        curves = {
            (number, layer): curve
            for number, lane in self.lanes.items()
            for layer, curve in enumerate(self.curves_of(lane))
        }
        moving = snapshot.is_passing
        whole = bundles(curves, self.resolution, moving=moving)
        lines = [up_to_shown(snapshot, line, present) for line in whole]
        bands = [band for company in self.companies.values() for band in self.bands_of(company)]
        ends = [values for band in bands for values in (band.low, band.high)]
        lowest, highest = powers_around([*(line.y.ravel() for line in lines), *present.values(), *ends])
        band = 0.28 * (highest - lowest)
        self._zero = lowest - band / 2
        self.set_axes(snapshot.last_step, lowest - band, highest, self._levels_between(lowest, highest))
        for line in lines:
            self.set_lines(replace(line, y=self.on_axis(line.y)))
        first = {
            number: float(self.on_axis(values[:1])[0]) if values.size else float("nan")
            for number, values in present.items()
        }
        self.mark_step(snapshot.step, first)
        self._draw_band(lowest)

    def _levels_between(self, lowest: float, highest: float) -> list[tuple[float, str]]:
        """Return the labelled heights: 0, and as many powers of ten as there is room for."""
        powers = range(round(lowest), round(highest) + 1)
        every = max(1, ceil(len(powers) * MIN_POWER_DISTANCE / max(self.area.height(), 1)))
        pixels = self.area.height() / (highest - 2 * self._zero + lowest)
        labels = {
            power: power_of_ten(power) if (power - self._zero) * pixels >= MIN_ZERO_DISTANCE else ""
            for power in powers[::every]
        }
        return [(self._zero, "0"), *((float(power), text) for power, text in labels.items())]

    def _draw_band(self, lowest: float) -> None:
        top = float(self.place_y(lowest))
        self._band.setRect(self.area.left(), top, self.area.width(), self.area.bottom() - top)
        self._label.write(self._zero_texts, self.area.width() - 8)
        size = self._label.rect()
        zero = float(self.place_y(self._zero))
        right, left = self.area.right() - size.width() - 4, self.area.left() + 4
        box = QRectF(right, zero - size.height() - 1, size.width(), size.height())
        self._label.setPos(left if box.intersects(self.shown_line) else right, box.top())

    def on_axis(self, values: Floats) -> Floats:
        """Return powers of ten, and for 0 the middle of the band that stands for it."""
        with np.errstate(all="ignore"):
            return np.where(values == 0, self._zero, np.log10(values))


class SpreadPlot(LogPlot):
    """The spread of every hidden layer of every lane: how far its columns are apart."""

    def __init__(self) -> None:
        super().__init__(
            translate("curves", "Spread of the columns"),
            (translate("curves", "largest difference of two columns"), translate("curves", "spread")),
            translate("curves", "exactly 0: columns identical"),
            translate("curves", "exactly 0: identical"),
        )
        self.setObjectName("curves.spread")

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the spread of the hidden layers."""
        return lane.spread_curves

    def bands_of(self, company: Company) -> tuple[Band, ...]:
        """Return the bands of the spread of the hidden layers."""
        return company.spreads

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the spread of the hidden layers at the shown step; one neuron has none, and is not called identical."""
        found = [layer.symmetry for layer in lane.hidden_layers]
        return np.array([one.spread if one.units > 1 else np.nan for one in found])


class GradientPlot(LogPlot):
    """The root mean square of W's gradient for every layer of every lane, deeper layers lighter."""

    def __init__(self) -> None:
        super().__init__(
            translate("curves", "Gradient per weight"),
            (translate("curves", "root mean square of W's gradient"), translate("curves", "gradient")),
            translate("curves", "exactly 0: no gradient"),
            translate("curves", "exactly 0"),
        )
        self.setObjectName("curves.gradients")

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the gradients of all layers."""
        return lane.insight.gradient_curves

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the size of the gradient of all layers at the shown step."""
        return np.array([layer.gradient_size for layer in lane.layers])
