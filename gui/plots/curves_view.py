"""The plots against the step, side by side: loss, accuracy, spread of the columns, size of the gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.scene import SceneView
from gui.findings import score_words
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.parts.room import Room
from gui.parts.split import Split
from gui.plots.accuracy_plot import AccuracyPlot
from gui.plots.legend import Entry, Legend
from gui.plots.log_plots import GradientPlot, SpreadPlot
from gui.plots.loss_plot import LossPlot
from gui.plots.step_plot import NO_SEEDS, StepPlot
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text.language import translate
from gui.widgets.elided_label import ElidedLabel

CURVES = "card."
"""What the names of the cards begin with."""
CHIP_HEIGHT = 17
"""Height of buttons beside a caption, in pixels: no higher than the caption."""


class PlotCard(QFrame):
    """A plot under its caption. Signals: `enlarge_requested(its name)` after a double-click beside the plot."""

    enlarge_requested = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("card", True)

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for all the room."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.enlarge_requested.emit(self.objectName())


class CurvesView(QWidget):
    """The plots side by side.

    Signals: `step_requested(int)`, `enlarge_requested(name of a part)`, `divided(name of a splitter, shares)`,
    `part_requested((first, last) or None)` for a part of the steps or all of them, `all_samples_chosen(bool)`,
    `lane_wanted(lane number)` to bring a lane into view.
    """

    step_requested = Signal(int)
    enlarge_requested = Signal(str)
    divided = Signal(str, object)
    part_requested = Signal(object)
    all_samples_chosen = Signal(bool)
    lane_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss, self.accuracy = LossPlot(), AccuracyPlot()
        self.spread, self.gradients = SpreadPlot(), GradientPlot()
        self._names = Legend("curves.legend", one_row=True)
        self._names_above = Legend("curves.names", one_row=False)
        self._loss_title, self._spread_title = ElidedLabel(), ElidedLabel()
        self._lane_names: Mapping[int, str] = {}
        self._sides: Mapping[int, int] = {}
        self._theme = LIGHT
        self.all_samples = self._all_samples_button()
        self.log, self.whole = QToolButton(), self._whole_button()
        self.log.setObjectName("curves.log")
        self.log.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._accuracy_title, gradients_title = ElidedLabel(), ElidedLabel()
        self.gradients.title = translate("curves", "Gradient per weight, deeper layers lighter")
        gradients_title.write(self.gradients.title)
        self._cards: dict[StepPlot, PlotCard] = {
            self.loss: self._card(
                "loss",
                self.loss,
                self._loss_title,
                self._names,
                buttons=(self.whole, self.all_samples, self.log),
            ),
            self.accuracy: self._card("accuracy", self.accuracy, self._accuracy_title),
            self.spread: self._card("spread", self.spread, self._spread_title),
            self.gradients: self._card("gradients", self.gradients, gradients_title),
        }
        self._explain()
        self._wanted = {self.loss, self.spread}
        self._enlarged = ""
        self._split = Split("cards", Qt.Orientation.Horizontal)
        self._split.divided.connect(self.divided)
        for card in self._cards.values():
            self._split.addWidget(card)
        self._show_cards()
        self._names.fitted.connect(self._place_legend)
        for names in (self._names, self._names_above):
            names.lane_wanted.connect(self.lane_wanted)
        self._names_above.hide()
        layout.addWidget(self._names_above)
        layout.addWidget(self._split, 1)

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
        button.clicked.connect(self.all_samples_chosen)
        button.hide()
        return button

    def _whole_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("curves.whole")
        button.setText(translate("curves", "all steps"))
        button.setAccessibleName(translate("curves", "Show all steps"))
        button.setToolTip(translate("curves", "A part of the steps is shown: show all of them again"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.part_requested.emit(None))
        button.hide()
        return button

    def show_part(self, steps: tuple[float, float] | None) -> None:
        """Show a part of the steps in all plots, or all of them."""
        for plot in self.plots:
            plot.show_part(steps)
        self.whole.setVisible(steps is not None)

    def show_all_samples(self, on: bool) -> None:
        """Show the loss over all training samples, too, or not."""
        self.all_samples.setChecked(on)
        self.loss.show_all_samples(on)

    def _card(
        self, name: str, plot: StepPlot, *captions: QWidget, buttons: Sequence[QToolButton] = ()
    ) -> PlotCard:
        card = PlotCard(f"{CURVES}{name}")
        card.enlarge_requested.connect(self.enlarge_requested)
        row = QHBoxLayout()
        captions[0].setProperty("caption", True)
        row.addWidget(captions[0])
        for caption in captions[1:]:
            row.addWidget(caption, 1)
        row.addStretch()
        for button in buttons:
            button.setProperty("chip", True)
            button.setFixedHeight(CHIP_HEIGHT)
            row.addWidget(button)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(10, 6, 8, 4)
        inside.setSpacing(2)
        inside.addLayout(row)
        inside.addWidget(plot)
        plot.step_requested.connect(self.step_requested)
        plot.part_requested.connect(self.part_requested)
        return card

    def _explain(self) -> None:
        """Say on the captions what is plotted."""
        tips = {
            self.loss: translate("curves", "The loss of each step, for the weights before its update"),
            self.accuracy: translate(
                "curves", "The share of samples whose class is predicted right, over all of them"
            ),
            self.spread: translate(
                "curves",
                "The largest difference between two columns of W, by hidden layer; 0: all are identical",
            ),
            self.gradients: translate("curves", "The root mean square of W's gradient, layer by layer"),
        }
        for plot, tip in tips.items():
            self._cards[plot].setToolTip(tip)

    @property
    def drawings(self) -> list[StepPlot]:
        """Return the plots, which can be exported."""
        return [plot for plot in self.plots if plot in self._wanted]

    @property
    def plots(self) -> tuple[StepPlot, ...]:
        """Return all plots, those that are hidden now, too."""
        return tuple(self._cards)

    def show_gradients(self, on: bool) -> None:
        """Show the plot of the size of each layer's gradient, or hide it."""
        self._want(self.gradients, on)

    def share_out(self, room: Room) -> None:
        """Share the width out between the plots."""
        self._split.set_shares(room.cards)

    def show_enlarged(self, name: str) -> None:
        """Give all the room to the plot whose card has that name; with "" share it out."""
        self._enlarged = name
        self._show_cards()

    def part_of(self, drawing: SceneView) -> str:
        """Return the name of the part that a drawing is in."""
        return next((card.objectName() for plot, card in self._cards.items() if plot is drawing), "")

    def _want(self, plot: StepPlot, on: bool) -> None:
        if on != (plot in self._wanted):
            self._wanted ^= {plot}
            self._show_cards()

    def _show_cards(self) -> None:
        for plot, card in self._cards.items():
            chosen = self._enlarged in {"", card.objectName()}
            self._split.show_part(card, chosen and plot in self._wanted)
        self._place_legend()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for plot in self.plots:
            plot.set_theme(theme)
        self._write_legend()

    def set_names(self, names: Mapping[int, str]) -> None:
        """Write the legend of the lanes that are shown, by their numbers, and forget the lines of another experiment."""
        self._lane_names = names
        for plot in self.plots:
            plot.forget()
        self._write_legend()

    def show_sides(self, sides: Mapping[int, int]) -> None:
        """Lead to lanes that are out of view: by their numbers, -1 for the left and 1 for the right side."""
        self._sides = sides
        self._write_legend()

    def _write_legend(self) -> None:
        colours = self._theme.lanes
        entries = {
            number: Entry(name, colours[number % len(colours)], self._sides.get(number, 0))
            for number, name in self._lane_names.items()
        }
        for plot in self.plots:
            plot.legend = tuple((entry.name, entry.colour) for entry in entries.values())
        self._names.write(entries)
        self._names_above.write(entries)
        self._place_legend()

    def _place_legend(self) -> None:
        """Have the names above all plots where there is no room for them in the first one, or some lead elsewhere."""
        is_there = self._names.has_names and not self._cards[self.loss].isHidden() and not self._sides
        self._names.show_names(is_there)
        self._names_above.setVisible(not is_there)

    def _show_accuracy(self, snapshot: Snapshot) -> None:
        has_test = any(lane.score is not None and lane.score.test is not None for lane in snapshot.lanes)
        self.accuracy.title = (
            translate("curves", "Accuracy, on test samples lighter")
            if has_test
            else translate("curves", "Accuracy")
        )
        self._accuracy_title.write(self.accuracy.title)

    def show_snapshot(
        self,
        snapshot: Snapshot,
        drawn: Mapping[int, LaneSnapshot],
        moment: float | None = None,
        seeds: Mapping[int, SeedsOfLane] = NO_SEEDS,
    ) -> None:
        """Draw the curves of lanes, by their numbers, with ghosts, and bands of those that have `seeds`.

        `moment` is how far the step is, inside of it.
        """
        lanes = snapshot.lanes
        self._want(self.accuracy, any(lane.has_classes for lane in lanes))
        self.all_samples.setVisible(any(lane.smoothing > 1 for lane in lanes))
        for plot in (self.loss, self.spread):
            plot.show_snapshot(snapshot, drawn, moment, seeds)
        if self.accuracy in self._wanted:
            self._show_accuracy(snapshot)
            self.accuracy.show_snapshot(snapshot, drawn, moment, seeds)
        if self.gradients in self._wanted and any(lane.insight.gradient_curves for lane in lanes):
            self.gradients.show_snapshot(snapshot, drawn, moment, seeds)
        for plot in self.drawings:
            plot.set_antialiased(not snapshot.is_passing)
        self.loss.title = score_words.loss_title(lanes, cut_off=self.loss.cut_off)
        self._loss_title.write(self.loss.title)
        deep = len(snapshot.lanes[0].spread_curves) > 1
        self.spread.title = (
            translate("curves", "Spread of the columns, deeper layers lighter")
            if deep
            else translate("curves", "Spread of the columns")
        )
        self._spread_title.write(self.spread.title)
