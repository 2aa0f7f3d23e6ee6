"""The plots against the step, side by side: loss, accuracy, spread of the columns, size of the gradients."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.report.snapshot import Activity, Snapshot
from gui.look.theme import LIGHT, Theme
from gui.plots.accuracy_plot import AccuracyPlot
from gui.plots.legend import Legend
from gui.plots.log_plots import GradientPlot, SpreadPlot
from gui.plots.loss_plot import LossPlot
from gui.plots.step_plot import StepPlot
from gui.text import score_words
from gui.text.language import translate


class CurvesView(QWidget):
    """The plots side by side. Signals: `step_requested(int)`."""

    step_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss, self.accuracy = LossPlot(), AccuracyPlot()
        self.spread, self.gradients = SpreadPlot(), GradientPlot()
        self._names = Legend()
        self._loss_title, self._spread_title = QLabel(), QLabel()
        self._lane_names: list[str] = []
        self._theme = LIGHT
        self.all_samples = self._all_samples_button()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._card(self.loss, self._loss_title, self._names, button=self.all_samples), 1)
        self._accuracy_title = QLabel()
        self._accuracy_card = self._card(self.accuracy, self._accuracy_title)
        self._accuracy_card.hide()
        layout.addWidget(self._accuracy_card, 1)
        layout.addWidget(self._card(self.spread, self._spread_title), 1)
        self.gradients.title = translate("curves", "Gradient per weight, deeper layers lighter")
        gradients = QLabel(self.gradients.title)
        self._gradient_card = self._card(self.gradients, gradients)
        self._gradient_card.hide()
        layout.addWidget(self._gradient_card, 1)

    def _all_samples_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("curves.all_samples")
        button.setText(translate("curves", "all samples"))
        button.setAccessibleName(translate("curves", "Loss over all samples"))
        button.setToolTip(
            translate(
                "curves",
                "Show the loss over all training samples, too, dashed, at the steps it was measured at",
            )
        )
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(self.loss.show_all_samples)
        button.hide()
        return button

    def _card(self, plot: StepPlot, *captions: QLabel, button: QToolButton | None = None) -> QFrame:
        card = QFrame()
        card.setProperty("card", True)
        row = QHBoxLayout()
        captions[0].setProperty("caption", True)
        row.addWidget(captions[0])
        for caption in captions[1:]:
            row.addWidget(caption, 1)
        row.addStretch()
        if button is not None:
            row.addWidget(button)
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
        hidden = [
            plot
            for plot, card in ((self.accuracy, self._accuracy_card), (self.gradients, self._gradient_card))
            if card.isHidden()
        ]
        return [plot for plot in self._plots if plot not in hidden]

    def show_gradients(self, on: bool) -> None:
        """Show the plot of the size of each layer's gradient, or hide it."""
        self._gradient_card.setVisible(on)

    @property
    def _plots(self) -> tuple[StepPlot, ...]:
        return self.loss, self.accuracy, self.spread, self.gradients

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
            plot.forget()
            plot.legend = legend
        self._names.write(legend)

    def _show_accuracy(self, snapshot: Snapshot) -> None:
        has_test = any(lane.score is not None and lane.score.test is not None for lane in snapshot.lanes)
        self.accuracy.title = (
            translate("curves", "Accuracy, on test samples lighter")
            if has_test
            else translate("curves", "Accuracy")
        )
        self._accuracy_title.setText(self.accuracy.title)
        self.accuracy.show_snapshot(snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the plots."""
        lanes = snapshot.lanes
        self._accuracy_card.setVisible(any(lane.has_classes for lane in lanes))
        self.all_samples.setVisible(any(lane.smoothing > 1 for lane in lanes))
        for plot in (self.loss, self.spread):
            plot.show_snapshot(snapshot)
        if not self._accuracy_card.isHidden():
            self._show_accuracy(snapshot)
        if not self._gradient_card.isHidden() and snapshot.lanes[0].insight.gradient_curves:
            self.gradients.show_snapshot(snapshot)
        for plot in self.drawings:
            plot.set_antialiased(snapshot.activity is not Activity.PLAYING)
        self.loss.title = score_words.loss_title(lanes, cut_off=self.loss.cut_off)
        self._loss_title.setText(self.loss.title)
        deep = len(snapshot.lanes[0].spread_curves) > 1
        self.spread.title = (
            translate("curves", "Spread of the columns, deeper layers lighter")
            if deep
            else translate("curves", "Spread of the columns")
        )
        self._spread_title.setText(self.spread.title)
