"""Why columns are equal, whether they stay so and what would part them: one lane, in words and this run's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.report.answers import Why
from engine.report.causes import LayerCause, Motion, PairExplanation, Quantity, Verdict
from engine.report.equality import LayerPrediction, LayerSymmetry
from engine.report.probes import pair_in
from gui.findings.why_words import (
    CONTRADICTION,
    QUANTITY_TIPS,
    REMEDIES,
    VERDICTS,
    distinct_text,
    exact_text,
    link_text,
    moving_text,
    numbers_text,
    observation,
    prediction_reason_text,
    prediction_text,
    question,
)
from gui.look.theme import LIGHT, Theme
from gui.side.lane_chooser import LaneChooser
from gui.text.language import translate
from gui.widgets.calm_label import set_label
from gui.widgets.fields import NumberField

SMALLEST_WIDTH = 240
LAMP, GAP = 10, 6


def _label(style: str = "small") -> QLabel:
    label = QLabel()
    label.setProperty(style, True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


def _set_style(widget: QWidget, style: str) -> None:
    if widget.styleSheet() != style:
        widget.setStyleSheet(style)


class _Card(QFrame):
    """A frame with rows: a mark or a lamp in a narrow column, text beside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("card", True)
        self.theme = LIGHT
        self.rows = QGridLayout(self)
        self.rows.setContentsMargins(10, 8, 10, 9)
        self.rows.setHorizontalSpacing(7)
        self.rows.setVerticalSpacing(2)
        self.rows.setColumnMinimumWidth(0, LAMP + 2)
        self.rows.setColumnStretch(1, 1)

    def add(self, style: str = "small", mark: QLabel | None = None, *, indented: bool = False) -> QLabel:
        """Append a text and return it: beside its mark, or indented as if it had one, or over the whole width."""
        row, column, text = self.rows.rowCount(), int(indented or mark is not None), _label(style)
        if mark is not None:
            self.rows.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.rows.addWidget(text, row, column, 1, 2 - column)
        return text

    def light(self, lamp: QLabel, on: bool) -> None:
        """Fill a lamp for yes, make it a ring for no."""
        colour = self.theme.accent if on else self.theme.muted
        fill = colour if on else "transparent"
        ring = f"border: 2px solid {colour}; border-radius: {LAMP // 2}px"
        _set_style(lamp, f"background: {fill}; {ring}; margin-top: 3px;")


class _LayerCard(_Card):
    """Two lamps of one layer, and what was predicted against what is seen."""

    def __init__(self, layer: int) -> None:
        super().__init__(f"why.layer.{layer}")
        self._lamps, self._mark = (_label(), _label()), _label("caption")
        for lamp in self._lamps:
            lamp.setFixedSize(LAMP, LAMP + 3)
        self._heading = self.add("caption")
        self._predicted, self._reason = self.add(), self.add("muted")
        self._distinct, self._moving = (self.add(mark=lamp) for lamp in self._lamps)
        self._observed = self.add(mark=self._mark)
        self._explain()

    def _explain(self) -> None:
        """Say on hover what each line and each sign stands for."""
        tips = (
            (
                (self._predicted, self._reason),
                translate(
                    "why",
                    "What must become of the columns from the start, or from your last touch, on, and why.",
                ),
            ),
            (
                (self._lamps[0], self._distinct),
                translate(
                    "why",
                    "Filled: all columns of this layer are different. Ring: some are equal, bit for bit.",
                ),
            ),
            (
                (self._lamps[1], self._moving),
                translate(
                    "why", "Filled: this update moves weights or biases of the layer. Ring: it moves none."
                ),
            ),
            (
                (self._mark, self._observed),
                translate(
                    "why", "What is seen at the shown step beside what was predicted: ✓ agrees, ✗ does not."
                ),
            ),
        )
        self._heading.setToolTip(translate("why", "Layers count from 1; the inputs are no layer."))
        for widgets, tip in tips:
            for widget in widgets:
                widget.setToolTip(tip)

    def show_layer(self, symmetry: LayerSymmetry, cause: LayerCause, prediction: LayerPrediction) -> None:
        """Show whether and why a layer moves; of several neurons also what is equal, and what was predicted."""
        name = translate("why", "Layer {0}, output") if cause.is_output else translate("why", "Layer {0}")
        set_label(self._heading, name.format(cause.layer))
        self.light(self._lamps[1], cause.motion.moves)
        set_label(self._moving, moving_text(cause))
        is_comparable = symmetry.units > 1 and cause.motion is not Motion.NOT_FINITE
        for widget in (
            self._lamps[0],
            self._distinct,
            self._predicted,
            self._reason,
            self._mark,
            self._observed,
        ):
            widget.setVisible(is_comparable)
        if is_comparable:
            self.light(self._lamps[0], symmetry.columns == symmetry.units)
            set_label(self._distinct, distinct_text(symmetry, is_output=cause.is_output))
            self._show_prediction(prediction, symmetry)

    def _show_prediction(self, prediction: LayerPrediction, symmetry: LayerSymmetry) -> None:
        set_label(self._predicted, prediction_text(prediction, symmetry.units))
        set_label(self._reason, prediction_reason_text(prediction))
        mark, seen = observation(prediction, symmetry)
        set_label(self._mark, mark)
        _set_style(self._mark, f"color: {self.theme.warning if mark == CONTRADICTION else self.theme.muted};")
        set_label(self._observed, seen)


class _NumberField(NumberField):
    """A field for the number of a layer or a neuron."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(
            translate("why", "Which two neurons of a hidden layer are compared: type, or use the arrow keys")
        )
        self.setKeyboardTracking(False)
        self.setMinimum(1)


class _PairCard(_Card):
    """Two neurons: what becomes of them, and the links that lead there. Signals: `pair_chosen(Pair)`."""

    pair_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("why.pair")
        self._fields = (
            _NumberField("why.layer", translate("why", "Layer of both neurons")),
            _NumberField("why.first", translate("why", "One neuron")),
            _NumberField("why.second", translate("why", "The other neuron")),
        )
        self._shown: tuple[int, int, int, tuple[int, ...]] = (0, 0, 0, ())
        self._question = self.add("caption")
        self._verdict, self._remedy = self.add(), self.add("muted")
        self._arrange_fields()
        self._links: list[tuple[QLabel, QLabel, QLabel]] = []
        self._question.setToolTip(
            translate("why", "Click two neurons of a layer in the graph to ask about them.")
        )
        self._verdict.setToolTip(translate("why", "What follows from the links below."))
        self._remedy.setToolTip(translate("why", "Only what breaks a link can part the two."))
        for _ in Quantity:
            mark = _label()
            mark.setToolTip(
                translate(
                    "why",
                    "= equal bit for bit, ≠ different; the first difference is coloured.",
                )
            )
            self._links.append((mark, self.add(mark=mark), self.add("muted", indented=True)))

    def _arrange_fields(self) -> None:
        fields = QGridLayout()
        fields.setContentsMargins(0, GAP, 0, GAP)
        fields.setHorizontalSpacing(6)
        fields.setVerticalSpacing(1)
        titles = (translate("why", "layer"), translate("why", "neuron"), translate("why", "neuron"))
        for column, (field, title) in enumerate(zip(self._fields, titles, strict=True)):
            caption = _label("muted")
            caption.setText(title)
            caption.setToolTip(field.toolTip())
            fields.addWidget(caption, 0, column)
            fields.addWidget(field, 1, column)
            field.valueChanged.connect(self._choose)
        self.rows.addLayout(fields, self.rows.rowCount(), 0, 1, 2)

    def show_pair(self, pair: PairExplanation, units: tuple[int, ...]) -> None:
        """Show the chain of two neurons; `units` are the widths of the hidden layers."""
        self._show_choice(pair, units)
        set_label(self._question, question(pair))
        unbroken = True
        for place, widgets in enumerate(self._links):
            for widget in widgets:
                widget.setVisible(place < len(pair.links))
            if place < len(pair.links):
                self._show_link(place, pair, unbroken=unbroken)
                unbroken = unbroken and pair.links[place].equal
        set_label(self._verdict, translate("why", VERDICTS[pair.verdict]))
        set_label(self._remedy, translate("why", REMEDIES[pair.moving]))
        self._remedy.setVisible(pair.verdict is Verdict.STAY)

    def _show_choice(self, pair: PairExplanation, units: tuple[int, ...]) -> None:
        """Show which pair it is, once: somebody may be choosing the next one."""
        layer, first, second = pair.neurons.layer, pair.neurons.first.number, pair.neurons.second.number
        shown = (layer, first, second, units)
        if shown == self._shown:
            return
        self._shown = shown
        values, limits = (layer, first, second), (len(units), pair.units, pair.units)
        for field, value, highest in zip(self._fields, values, limits, strict=True):
            with QSignalBlocker(field):
                field.setMaximum(highest)
                field.setValue(value)

    def _show_link(self, place: int, pair: PairExplanation, *, unbroken: bool) -> None:
        link, (mark, text, numbers) = pair.links[place], self._links[place]
        set_label(mark, "=" if link.equal else "≠")
        colour = self.theme.accent if unbroken and not link.equal else self.theme.muted
        _set_style(mark, f"color: {colour}; font-weight: 600;")
        set_label(text, link_text(pair, link, unbroken=unbroken))
        text.setToolTip(translate("why", QUANTITY_TIPS[link.quantity]))
        set_label(numbers, numbers_text(pair, link))
        numbers.setToolTip(exact_text(link))

    def _choose(self) -> None:
        """Ask for the chosen pair; while both are the same neuron, wait: somebody is on the way past it."""
        layer, first, second = (field.value() for field in self._fields)
        if layer != self._shown[0]:
            first, second = 1, 2
        if first != second and second <= self._shown[3][layer - 1]:
            self.pair_chosen.emit(pair_in(layer, first - 1, second - 1))


class WhyPanel(QWidget):
    """The page of the side panel that explains one lane.

    Signals: `lane_chosen(int)`, counted from 0; `pair_chosen(Pair)`.
    """

    lane_chosen = Signal(int)
    pair_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("why")
        self.setMinimumWidth(SMALLEST_WIDTH)
        self.setStyleSheet("QSpinBox { min-width: 26px; }")
        self._theme = LIGHT
        self._chip = QLabel()
        self._chip.setFixedSize(LAMP, LAMP)
        self._chip.setToolTip(translate("why", "The colour of the lane, here and in the curves"))
        self.lane = LaneChooser("why")
        self.lane.currentIndexChanged.connect(self.lane_chosen)
        self._cards: list[_LayerCard] = []
        self._pair = _PairCard()
        self._pair.pair_chosen.connect(self.pair_chosen)
        self._arrange()

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(12, 8, 12, 0)
        header.setSpacing(8)
        header.addWidget(self._chip)
        header.addWidget(self.lane, 1)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(12, 6, 12, 12)
        self._column.setSpacing(8)
        self._column.addWidget(self._pair)
        self._column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(header)
        layout.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; signs have them from the next frame on."""
        self._theme = theme
        for card in (*self._cards, self._pair):
            card.theme = theme
        self._colour_chip()

    def show_lane_names(self, lanes: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        self.lane.show_names(lanes)
        self._colour_chip()

    def show_lane(self, index: int, why: Why) -> None:
        """Show lane `index`: what is equal, what moves and what was predicted in each layer, and two neurons."""
        self.lane.show_lane(index)
        self._colour_chip()
        layers = len(why.causes)
        while len(self._cards) < layers:
            self._cards.append(_LayerCard(len(self._cards) + 1))
            self._cards[-1].theme = self._theme
            self._column.insertWidget(len(self._cards) - 1, self._cards[-1])
        for card in self._cards[layers:]:
            card.hide()
        facts = zip(self._cards[:layers], why.symmetries, why.causes, why.prediction, strict=True)
        for card, symmetry, cause, prediction in facts:
            card.show_layer(symmetry, cause, prediction)
            card.show()
        self._pair.setVisible(why.pair is not None)
        if why.pair is not None:
            self._pair.show_pair(why.pair, tuple(symmetry.units for symmetry in why.symmetries[:-1]))

    def _colour_chip(self) -> None:
        colour = self._theme.lanes[max(0, self.lane.currentIndex()) % len(self._theme.lanes)]
        _set_style(self._chip, f"background: {colour}; border-radius: {LAMP // 2}px;")
