"""One variant: its name, its state in words, its network graph and the heatmaps of its weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.report.answers import NeuronMap
from engine.report.condition import Health
from engine.report.probes import NeuronPlace, NeuronRef
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from gui.canvas.graph_view import GraphView
from gui.canvas.heatmap_view import HeatmapView
from gui.canvas.scene import SceneView
from gui.canvas.weight_maps import WeightMaps
from gui.look.alarm_chip import AlarmChip
from gui.look.calm_label import CalmLabel
from gui.look.colours import Scales
from gui.look.handlers import shielded
from gui.look.plain_text import tip
from gui.look.theme import Theme, load_fonts
from gui.present.gathering import neuron_at, shown_place
from gui.present.matrix_picture import MatrixShape
from gui.text import alarm_words, score_words, words
from gui.text.language import translate
from gui.text.words import Wording

MINIMUM_SIZE = (214, 240)
MAX_STATUS_LINES, MAX_STATUS_SHARE = 4, 0.15
"""A status that needs more lines, and more than this share of the lane's height, is worded more shortly."""
STATUS_STYLES = (
    (Wording.FULL, 12),
    (Wording.SHORT, 12),
    (Wording.SHORT, 11),
    (Wording.SHORTEST, 11),
    (Wording.SHORTEST, 10),
    (Wording.NUMBERS, 11),
    (Wording.NUMBERS, 10),
)
"""Wordings of the status with the size of their letters in pixels, the fullest first."""
HEADER_SPACING, MOST_OF_NAME = 8, 120
"""Pixels between the parts of the header, and those of the name that stay readable beside a long alarm."""
WIDE_LAYER = 64
"""Networks with more neurons in a layer get a lower graph, which leaves most of the neurons out."""


class LaneView(QFrame):
    """The column of the window that shows one variant. `index` counts lanes from 0 and names the widgets.

    Signals: `neuron_clicked(NeuronPlace)`, `neuron_hovered(NeuronPlace or None)`, `nudge_requested(NeuronRef, row,
    value)`, `hold_requested()`. Neurons are called by their places in the network, in whatever order they are shown.
    """

    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(object, int, float)
    hold_requested = Signal()
    alarms_clicked = Signal(int)

    def __init__(
        self, index: int, name: str, shapes: list[MatrixShape], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"lane.{index}")
        self.setProperty("card", True)
        self.setMinimumSize(*MINIMUM_SIZE)
        self.index = index
        self.name = name
        self.shapes = shapes
        self._shown: LaneSnapshot | None = None
        self._said = ""
        self._status_lines = len(shapes)
        self._wording, self._letters = STATUS_STYLES[0]
        self._chip = QLabel()
        self._chip.setFixedSize(10, 10)
        self._name = QLabel(name)
        self._name.setProperty("heading", True)
        self._name.setToolTip(tip(name))
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.alarms = AlarmChip()
        self.alarms.setObjectName(f"lane.{index}.alarms")
        self.alarms.setAccessibleName(translate("lane", "Alarms of {0}").format(name))
        self.alarms.clicked.connect(lambda: self.alarms_clicked.emit(index))
        self._health: Health | None = None
        self._loss = CalmLabel()
        self._loss.setProperty("muted", True)
        self._loss.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status = QLabel()
        self.status.setObjectName(f"lane.{index}.status")
        self.status.setAccessibleName(translate("lane", "What is equal in {0}").format(name))
        self.status.setProperty("small", True)
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        widths = (shapes[0].fan_in, *(shape.fan_out for shape in shapes))
        self.graph = GraphView(widths)
        self.graph.setObjectName(f"lane.{index}.graph")
        self.graph.title = translate("lane", "{0}, network graph").format(name)
        self.heatmaps = [self._make_heatmap(number, shape) for number, shape in enumerate(shapes, start=1)]
        self._maps = WeightMaps(self.heatmaps)
        self.graph.neuron_clicked.connect(self._click)
        self.graph.neuron_hovered.connect(self._hover)
        self._arrange()

    def _make_heatmap(self, number: int, shape: MatrixShape) -> HeatmapView:
        view = HeatmapView(number, shape, hidden=number < len(self.shapes))
        view.setObjectName(f"lane.{self.index}.heatmap.{number}")
        view.title = translate("lane", "{0}, layer {1}").format(self.name, number)
        view.nudge_requested.connect(partial(self._nudge, number))
        view.hold_requested.connect(self.hold_requested)
        return view

    def _place(self, shown: NeuronRef) -> NeuronPlace:
        return NeuronPlace(self.index, neuron_at(self._shown, shown))

    def _click(self, shown: NeuronRef) -> None:
        self.neuron_clicked.emit(self._place(shown))

    def _hover(self, shown: NeuronRef | None) -> None:
        self.neuron_hovered.emit(self._place(shown) if shown else None)

    def _nudge(self, layer: int, row: int, shown: int, value: float) -> None:
        is_bias = row == self.shapes[layer - 1].fan_in
        source = row if is_bias else neuron_at(self._shown, NeuronRef(layer - 1, row)).neuron
        self.nudge_requested.emit(neuron_at(self._shown, NeuronRef(layer, shown)), source, value)

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(HEADER_SPACING)
        header.addWidget(self._chip)
        header.addWidget(self._name, 1)
        header.addWidget(self.alarms)
        header.addWidget(self._loss)
        self._rows = layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # drawings shrink with the lane
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.status)
        wide = max(shape.fan_out for shape in self.shapes) > WIDE_LAYER
        layout.addWidget(self.graph, 5 if wide else 8)
        layout.addWidget(self._maps, 15 if wide else 12)

    @property
    def drawings(self) -> list[SceneView]:
        """Return everything in this lane that can be exported."""
        return [self.graph, *self.heatmaps]

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        colour = theme.lanes[self.index % len(theme.lanes)]
        self._chip.setStyleSheet(f"background: {colour}; border-radius: 5px;")
        self.alarms.set_theme(theme)
        for drawing in self.drawings:
            drawing.set_theme(theme)

    def show_lane(self, lane: LaneSnapshot, scales: Scales, snapshot: Snapshot) -> None:
        """Draw one lane of a snapshot."""
        self._show_scores(lane, snapshot)
        self._show_alarms(lane.insight.health)
        self._show_status(lane)
        self.graph.show_lane(lane, scales.weights)
        if lane.insight.neuron_map is not None:
            self._show_neuron_map(lane, lane.insight.neuron_map)
        self._maps.show_lane(lane, scales)

    def _show_scores(self, lane: LaneSnapshot, snapshot: Snapshot) -> None:
        width = self._loss.minimumWidth()
        self._loss.write(score_words.head(lane, snapshot.step))
        if snapshot.activity is not Activity.PLAYING or self._loss.underMouse():
            self._loss.setToolTip(score_words.details(lane))
        if self._loss.minimumWidth() != width:
            self._fit_header()

    def _show_alarms(self, health: Health | None) -> None:
        """Show what was looked at last; while training plays that is a few times in a second."""
        if health is None or health is self._health:
            return
        self._health, alarms = health, health.alarms
        said = [alarm_words.sentence(alarm, health) for alarm in alarms]
        if self.alarms.show_alarms(alarm_words.chip(alarms) if alarms else "", said):
            self._fit_header()

    def _fit_header(self) -> None:
        """Share the width out between name, chip of the alarms and loss; the name comes first."""
        name = min(self._name.fontMetrics().horizontalAdvance(self.name), MOST_OF_NAME)
        others = self._chip.width() + name + self._loss.minimumWidth() + 3 * HEADER_SPACING
        margins = self._rows.contentsMargins()
        self.alarms.fit(self.contentsRect().width() - margins.left() - margins.right() - others)
        self._rows.activate()
        self._write_name()

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or not."""
        self._maps.show_last_change(on)

    def _show_neuron_map(self, lane: LaneSnapshot, found: NeuronMap) -> None:
        self.graph.show_neuron_map(shown_place(lane, found.place.ref), found.values)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        self._maps.show_pictures(on)

    def _show_status(self, lane: LaneSnapshot) -> None:
        self._shown = lane
        text = words.status(lane)
        if text != self._said:
            self._said = text
            self.status.setText(next(filter(self._fits, self._wordings_of(lane)), text))
            self.status.setToolTip(f"{text}\n{_definition()}")

    def _wordings_of(self, lane: LaneSnapshot) -> Iterator[str]:
        """Yield the status in the wording chosen for the width of this lane, then in shorter ones."""
        wordings = list(Wording)
        for wording in wordings[wordings.index(self._wording) :]:
            yield words.status(lane, wording)

    def _fits(self, text: str) -> bool:
        return self._lines_of(text.splitlines(), self._letters) <= self._status_lines

    def hasHeightForWidth(self) -> bool:
        """Return False: the drawings make room for a status of several lines, so the lane may have any height."""
        return False

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reserve the height of the status for the new width, so that nothing jumps while training plays."""
        super().resizeEvent(event)
        self._reserve_status()
        self._fit_header()

    def _write_name(self) -> None:
        metrics, width = self._name.fontMetrics(), self._name.width()
        self._name.setText(metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, width))

    def _reserve_status(self) -> None:
        """Choose the fullest wording that leaves enough room to the drawings, and reserve room for its longest text."""
        units = [shape.fan_out for shape in self.shapes]
        lines = [
            self._lines_of(words.longest_status(units, wording), letters)
            for wording, letters in STATUS_STYLES
        ]
        most = max(MAX_STATUS_LINES, int(MAX_STATUS_SHARE * self.height() / _line_height(self._letters)))
        most = max(most, min(lines))
        chosen = next(index for index, count in enumerate(lines) if count <= most)
        self._status_lines = lines[chosen]
        self._wording, self._letters = STATUS_STYLES[chosen]
        self.status.setStyleSheet(f"font-size: {self._letters}px;")
        self.status.setFixedHeight(self._status_lines * _line_height(self._letters) + 2)
        self._said = ""
        if self._shown is not None:
            self._show_status(self._shown)

    def _lines_of(self, lines: list[str], letters: int) -> int:
        """Return how many rows `lines` take when wrapped to the width of the lane, in letters of some pixels."""
        metrics, width = _metrics(letters), max(self.contentsRect().width() - 26, 1)
        room = QRect(0, 0, width, 10_000)
        heights = (metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, line).height() for line in lines)
        return sum(round(height / _line_height(letters)) for height in heights)


def _definition() -> str:
    return translate(
        "lane",
        "Neurons of a group have equal incoming weights, bias and outgoing weights, bit for bit. "
        "n neurons act like n²/Σr², over all pairs of them, r the correlation of their outputs.",
    )


def _line_height(letters: int) -> int:
    """Return the height of a line as labels draw it, in whole pixels."""
    return _metrics(letters).boundingRect(QRect(0, 0, 100, 100), Qt.TextFlag.TextWordWrap, "0").height()


@cache
def _metrics(letters: int) -> QFontMetrics:
    font = QFont(load_fonts())
    font.setPixelSize(letters)
    return QFontMetrics(font)
