"""The equivalent small network of one lane: what is left if neurons with equal columns and biases are one neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.report.equality import LayerSymmetry, Quotient
from engine.report.snapshot import LaneSnapshot
from gui.canvas.graph_view import GraphView
from gui.look.colours import Scale
from gui.look.theme import LIGHT, Theme
from gui.side.lane_chooser import LaneChooser
from gui.text import words
from gui.text.language import translate
from gui.widgets.calm_label import set_label
from gui.widgets.discard import discard


class SmallNetworkPanel(QWidget):
    """Signals: `lane_chosen(int)`, `export_requested()`."""

    lane_chosen = Signal(int)
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._widths: tuple[int, ...] = ()
        self.graph: GraphView | None = None
        self.lanes = LaneChooser("small")
        self.lanes.currentIndexChanged.connect(self.lane_chosen)
        self._sentence, self._difference, self._note = QLabel(), QLabel(), QLabel()
        self._sentence.setObjectName("small.sentence")
        self._difference.setObjectName("small.difference")
        self._export = QPushButton(translate("small network", "Save as experiment…"))
        self._export.setObjectName("small.export")
        self._export.setAccessibleName(
            translate("small network", "Save the small network as an experiment with its weights")
        )
        self._export.setToolTip(
            translate(
                "small network",
                "An experiment file of the small network that starts from these weights, and the weights beside it",
            )
        )
        self._export.clicked.connect(self.export_requested)
        self._arrange()

    def _arrange(self) -> None:
        self._sentence.setProperty("heading", True)
        self._note.setText(
            translate(
                "small network",
                "One neuron for each distinct column (with its bias); its outgoing weights are the sum of theirs. "
                "It computes the same as long as no dropout leaves neurons out. Trained on, it goes a way of its "
                "own: one column gets the sum of the gradients that several got.",
            )
        )
        self._note.setProperty("small", True)
        self._sentence.setToolTip(
            translate(
                "small network",
                "Widths of the layers, the inputs first: of the lane, and of the small network",
            )
        )
        self._difference.setToolTip(
            translate("small network", "Both compute the same but for rounding: their sums have other terms")
        )
        self._note.setToolTip(
            translate("small network", "How the small network is made, and what it is good for")
        )
        for label in (self._sentence, self._difference, self._note):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._card = QFrame()
        self._card.setProperty("card", True)
        self._card.setMinimumHeight(200)
        self._card.setMaximumHeight(360)
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(8, 8, 8, 8)
        below = QHBoxLayout()
        below.addWidget(self._export)
        below.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.lanes)
        layout.addWidget(self._sentence)
        layout.addWidget(self._card, 4)
        layout.addWidget(self._difference)
        layout.addWidget(self._note)
        layout.addLayout(below)
        layout.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        if self.graph is not None:
            self.graph.set_theme(theme)

    def show_lane_names(self, names: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        self.lanes.show_names(names)

    def show_lane(self, index: int, lane: LaneSnapshot, small: Quotient, scale: Scale) -> None:
        """Draw the small network of lane `index` and say how well it stands for the large one."""
        self.lanes.show_lane(index)
        self._show_graph(_as_lane(lane, small), scale)
        equal = any(layer.symmetry.columns < layer.symmetry.units for layer in lane.hidden_layers)
        set_label(self._sentence, sentence(lane.layout.widths, tuple(small.layers), some_equal=equal))
        difference = words.number(small.max_output_difference)
        set_label(
            self._difference,
            translate(
                "small network",
                "Largest difference between the outputs of both, over all training samples: {0}",
            ).format(difference),
        )

    def _show_graph(self, small: LaneSnapshot, scale: Scale) -> None:
        widths = small.layout.widths
        if self.graph is None or widths != self._widths:
            self._make_graph(widths, small.name)
        assert self.graph is not None, "just made"
        self.graph.show_lane(small, scale)

    def _make_graph(self, widths: tuple[int, ...], name: str) -> None:
        layout = self._card.layout()
        assert layout is not None, "the card was arranged"
        if self.graph is not None:
            layout.removeWidget(self.graph)
            discard(self.graph)
        self._widths = widths
        self.graph = GraphView(widths, clickable=False)
        self.graph.setObjectName("small.graph")
        self.graph.title = translate("small network", "{0}, equivalent small network").format(name)
        self.graph.set_theme(self._theme)
        layout.addWidget(self.graph)


def sentence(large: tuple[int, ...], small: tuple[int, ...], *, some_equal: bool) -> str:
    """Return what the large network is at this step; `some_equal`: not all columns of its hidden layers are distinct."""
    if large == small and some_equal:
        return translate(
            "small network",
            "{0}: no two neurons can be joined. Some columns are equal, but without one of them the others would "
            "get something else (a softmax, a normalization over neurons, residual connections), or averages differ.",
        ).format(_shape(large))
    if large == small:
        return translate(
            "small network", "{0}: every column is distinct, so no two neurons can be joined."
        ).format(_shape(large))
    return translate("small network", "{0} computes the same as {1}").format(_shape(large), _shape(small))


def _as_lane(lane: LaneSnapshot, small: Quotient) -> LaneSnapshot:
    """Return the small network as a lane, every neuron a group of its own, for the graph to draw."""
    layout, theta = small.parameters()
    layers = tuple(
        replace(layer, symmetry=LayerSymmetry(units, units, tuple(range(units)), layer.symmetry.spread))
        for layer, units in zip(lane.layers, small.layers[1:], strict=True)
    )
    return replace(lane, layout=layout, theta=theta, layers=layers)


def _shape(widths: tuple[int, ...]) -> str:
    return "-".join(map(str, widths))
