"""Curves of all lanes against the step: the loss, and the spread of the hidden layers on a logarithmic axis."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isfinite

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsLineItem,
    QGraphicsRectItem,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.core.arrays import Floats
from engine.core.norms import root_mean_square
from engine.report.curve import Curve
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from gui.look.theme import LIGHT, Theme
from gui.plots.step_plot import HAIR, StepPlot
from gui.present.axes import (
    highest_finite,
    loss_ceiling,
    loss_levels,
    power_of_ten,
    powers_around,
    up_to_shown,
)
from gui.present.lines import Bundle, bundles
from gui.text.language import translate

MAX_LOSS_RATIO = 2.0
"""Losses above this multiple of the base-rate loss are cut off: one bad start would hide all other curves."""
MIN_POWER_DISTANCE = 26
"""Minimum distance of the labels of two powers of ten in pixels."""
MIN_ZERO_DISTANCE = 14
"""Minimum distance of the label of 0 and the label of a power of ten in pixels."""


class LossPlot(StepPlot):
    """The loss of every lane, and the base-rate loss, which a network reaches that ignores its inputs."""

    def __init__(self) -> None:
        super().__init__(translate("curves", "Loss"))
        self.setObjectName("curves.loss")
        self.axis_names = translate("curves", "step"), translate("curves", "loss")
        self._baseline = QGraphicsLineItem(self.frame)
        self._label = self.text_item(11)
        self._base: float | None = None
        self._drawn: tuple[object, ...] = ()
        self._shown: Snapshot | None = None
        self.cut_off = False

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        pen = QPen(QColor(theme.muted), HAIR, Qt.PenStyle.DashLine)
        self._baseline.setPen(pen)
        self._label.setBrush(QColor(theme.muted))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the loss of every lane up to the newest step."""
        self._shown, self._base = snapshot, snapshot.baseline
        curves = {(index, 0): lane.loss_curve for index, lane in enumerate(snapshot.lanes)}
        lines = bundles(curves, self.area.width(), moving=snapshot.activity is Activity.PLAYING)
        losses = [lane.loss for lane in snapshot.lanes]
        highest = max(
            [self._base or 0.0, *(highest_finite(line.y) for line in lines), *filter(isfinite, losses)]
        )
        ceiling = loss_ceiling(highest)
        if self._base is not None:
            ceiling = min(ceiling, loss_ceiling(MAX_LOSS_RATIO * self._base))
        self.cut_off = highest > ceiling
        self.set_axes(snapshot.last_step, 0.0, ceiling, loss_levels(ceiling))
        for line in lines:
            self.set_lines(line)
        self.mark_step(snapshot.step, losses)
        self._draw_baseline(lines, None if snapshot.activity is Activity.PLAYING else snapshot.step)

    def show_again(self) -> None:
        """Draw what was shown last into the new size."""
        if self._shown is not None:
            self.show_snapshot(self._shown)

    def _draw_baseline(self, lines: list[Bundle], still: int | None) -> None:
        """Draw the base-rate loss, and its label where it covers the lines least.

        It moves when the axes do, and at every step at which the picture is `still`.
        """
        drawn = (self._base, self.axes, self.area, self.theme, still)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        for item in (self._baseline, self._label):
            item.setVisible(self._base is not None)
        if self._base is None:
            return
        y = float(self.place_y(self._base))
        self._baseline.setLine(self.area.left(), y, self.area.right(), y)
        self._label.setText(
            translate("curves", "{0}: predicts the class frequencies").format(f"{self._base:.4f}")
        )
        size = self._label.boundingRect()
        left = self.area.right() - size.width() - 2
        tops = (y - size.height() - 4, y + 4, self.area.top(), self.area.bottom() - size.height() - 1)
        inside = [top for top in tops if self.area.top() <= top <= self.area.bottom() - size.height()]
        boxes = [QRectF(left, top, size.width(), size.height()) for top in inside]
        self._label.setPos(min(boxes, key=lambda box: self._points_in(box, lines)).topLeft())

    def _points_in(self, box: QRectF, lines: list[Bundle]) -> int:
        found = 0
        for line in lines:
            x, y = self.place_x(line.x), self.place_y(line.y)
            across = (x >= box.left()) & (x <= box.right())
            found += int((across & (y >= box.top()) & (y <= box.bottom())).sum())
        return found


class LogPlot(StepPlot):
    """A curve of every layer of every lane in powers of ten, above a band that stands for exactly 0.

    No logarithm can show 0; `zero` says what it means here.
    """

    def __init__(self, title: str, zero: str) -> None:
        super().__init__(title)
        self._band = QGraphicsRectItem(self.frame)
        self._band.setPen(QPen(Qt.PenStyle.NoPen))
        self._band.setZValue(-2)
        self._label = self.text_item(11)
        self._label.setText(zero)
        self._zero = -1.0
        self._shown: Snapshot | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._band.setBrush(QBrush(QColor(theme.raised)))
        self._label.setBrush(QColor(theme.muted))

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the layers; for subclasses."""
        raise NotImplementedError

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the values of the layers at the shown step, (layers,); for subclasses."""
        raise NotImplementedError

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the curves of all layers up to the newest step."""
        self._shown = snapshot
        present = [self.present_of(lane) for lane in snapshot.lanes]
        curves = {
            (index, layer): curve
            for index, lane in enumerate(snapshot.lanes)
            for layer, curve in enumerate(self.curves_of(lane))
        }
        moving = snapshot.activity is Activity.PLAYING
        whole = bundles(curves, self.area.width(), moving=moving)
        lines = [up_to_shown(snapshot, line, present) for line in whole]
        lowest, highest = powers_around([*(line.y.ravel() for line in lines), *present])
        band = 0.28 * (highest - lowest)
        self._zero = lowest - band / 2
        self.set_axes(snapshot.last_step, lowest - band, highest, self._levels_between(lowest, highest))
        for line in lines:
            self.set_lines(replace(line, y=self._heights(line.y)))
        first = [float(self._heights(values[:1])[0]) if values.size else float("nan") for values in present]
        self.mark_step(snapshot.step, first)
        self._draw_band(lowest)

    def show_again(self) -> None:
        """Draw what was shown last into the new size."""
        if self._shown is not None:
            self.show_snapshot(self._shown)

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
        size = self._label.boundingRect()
        zero = float(self.place_y(self._zero))
        self._label.setPos(self.area.right() - size.width() - 4, zero - size.height() - 1)

    def _heights(self, values: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.where(values == 0, self._zero, np.log10(values))


class SpreadPlot(LogPlot):
    """The spread of every hidden layer of every lane: how far its columns are apart."""

    def __init__(self) -> None:
        super().__init__(
            translate("curves", "Spread of the columns"), translate("curves", "exactly 0: columns identical")
        )
        self.setObjectName("curves.spread")
        self.axis_names = (
            translate("curves", "step"),
            translate("curves", "largest difference of two columns"),
        )

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the spread of the hidden layers."""
        return lane.spread_curves

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the spread of the hidden layers at the shown step; one neuron has none, and is not called identical."""
        found = [layer.symmetry for layer in lane.hidden_layers]
        return np.array([one.spread if one.units > 1 else np.nan for one in found])


class GradientPlot(LogPlot):
    """The root mean square of W's gradient for every layer of every lane, deeper layers lighter."""

    def __init__(self) -> None:
        super().__init__(
            translate("curves", "Gradient per weight"), translate("curves", "exactly 0: no gradient")
        )
        self.setObjectName("curves.gradients")
        self.axis_names = translate("curves", "step"), translate("curves", "root mean square of W's gradient")

    def curves_of(self, lane: LaneSnapshot) -> tuple[Curve, ...]:
        """Return the curves of the gradients of all layers."""
        return lane.insight.gradient_curves

    def present_of(self, lane: LaneSnapshot) -> Floats:
        """Return the size of the gradient of all layers at the shown step."""
        return np.array([root_mean_square(layer.gradient) for layer in lane.layers])


class CurvesView(QWidget):
    """The plots side by side. Signals: `step_requested(int)`."""

    step_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss, self.spread, self.gradients = LossPlot(), SpreadPlot(), GradientPlot()
        self._names = QLabel()
        self._names.setProperty("small", True)
        self._loss_title, self._spread_title = QLabel(), QLabel()
        self._lane_names: list[str] = []
        self._theme = LIGHT
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._card(self.loss, self._loss_title, self._names), 1)
        layout.addWidget(self._card(self.spread, self._spread_title), 1)
        self.gradients.title = translate("curves", "Gradient per weight, deeper layers lighter")
        gradients = QLabel(self.gradients.title)
        self._gradient_card = self._card(self.gradients, gradients)
        self._gradient_card.hide()
        layout.addWidget(self._gradient_card, 1)

    def _card(self, plot: StepPlot, *captions: QLabel) -> QFrame:
        card = QFrame()
        card.setProperty("card", True)
        row = QHBoxLayout()
        captions[0].setProperty("caption", True)
        row.addWidget(captions[0])
        for caption in captions[1:]:
            caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            row.addWidget(caption, 1)
        row.addStretch()
        inside = QVBoxLayout(card)
        inside.setContentsMargins(10, 6, 8, 4)
        inside.setSpacing(2)
        inside.addLayout(row)
        inside.addWidget(plot)
        plot.step_requested.connect(self.step_requested)
        return card

    @property
    def drawings(self) -> list[StepPlot]:
        """Return the plots, which can be exported."""
        plots: list[StepPlot] = [self.loss, self.spread]
        return plots if self._gradient_card.isHidden() else [*plots, self.gradients]

    def show_gradients(self, on: bool) -> None:
        """Show the plot of the size of each layer's gradient, or hide it."""
        self._gradient_card.setVisible(on)

    @property
    def _plots(self) -> tuple[StepPlot, ...]:
        return self.loss, self.spread, self.gradients

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for plot in self._plots:
            plot.set_theme(theme)
        self.set_names(self._lane_names)

    def set_names(self, names: list[str]) -> None:
        """Write the legend of the lanes, and forget the lines of another experiment."""
        self._lane_names = names
        colours = self._theme.lanes
        legend = tuple((name, colours[index % len(colours)]) for index, name in enumerate(names))
        for plot in self._plots:
            plot.clear_lines()
            plot.legend = legend
        chips = (f'<span style="color:{colour}">●</span> {name}' for name, colour in legend)
        self._names.setText("&nbsp;&nbsp; ".join(chips))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the plots."""
        for plot in (self.loss, self.spread):
            plot.show_snapshot(snapshot)
        if not self._gradient_card.isHidden() and snapshot.lanes[0].insight.gradient_curves:
            self.gradients.show_snapshot(snapshot)
        for plot in self.drawings:
            plot.set_antialiased(snapshot.activity is not Activity.PLAYING)
        self.loss.title = (
            translate("curves", "Loss, cut off") if self.loss.cut_off else translate("curves", "Loss")
        )
        self._loss_title.setText(self.loss.title)
        deep = len(snapshot.lanes[0].spread_curves) > 1
        self.spread.title = (
            translate("curves", "Spread of the columns, deeper layers lighter")
            if deep
            else translate("curves", "Spread of the columns")
        )
        self._spread_title.setText(self.spread.title)
