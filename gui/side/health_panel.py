"""How healthy the layers of one lane are: what is unusual in sentences, then the figures of every layer.

And the size of the gradients over time, for all lanes.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.report.condition import Health
from engine.report.equality import LayerSimilarity
from gui.findings.alarm_words import sentences
from gui.findings.health_words import (
    basis,
    health_texts,
    likeness_texts,
    note,
    output_texts,
    rows,
    similarity_texts,
)
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.side.lane_chooser import LaneChooser
from gui.text.language import translate
from gui.widgets.calm_label import set_label
from gui.widgets.discard import discard

BAR_HEIGHT = 6
TICK_WIDTH = 2


class HealthPanel(QWidget):
    """A lane to choose, what is unusual at this step, and a card for every layer. Signals: `lane_chosen(int)`."""

    lane_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._cards: list[_LayerCard] = []
        self.lanes = LaneChooser("health")
        self.lanes.currentIndexChanged.connect(self.lane_chosen)
        self._basis = QLabel()
        self._basis.setObjectName("health.basis")
        self._basis.setProperty("muted", True)
        self._basis.setToolTip(
            translate(
                "health",
                "What the figures are computed on; of large data evenly chosen samples, to keep up with training",
            )
        )
        self._alarms = _AlarmBox()
        self._arrange()

    def _arrange(self) -> None:
        inside = QWidget()
        inside.setObjectName("figure")  # the ground of the window
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 2, 0)
        self._list.setSpacing(8)
        self._list.addStretch()
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.lanes)
        layout.addWidget(self._basis)
        layout.addWidget(self._alarms)
        layout.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._alarms.set_theme(theme)
        for card in self._cards:
            card.set_theme(theme)

    def show_lane_names(self, names: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        self.lanes.show_names(names)
        self._alarms.forget_height()

    def show_lane(self, index: int, health: Health, similarity: Sequence[LayerSimilarity]) -> None:
        """Show the health of lane `index`, and how alike the neurons of its hidden layers are."""
        self.lanes.show_lane(index)
        set_label(self._basis, basis(health))
        self._alarms.show_sentences(sentences(health), alarmed=bool(health.alarms))
        if len(self._cards) != len(health.layers):
            self._make_cards(len(health.layers))
        known = [*similarity, *[None] * (len(health.layers) - len(similarity))]
        for card, similar in zip(self._cards, known, strict=True):
            card.show_layer(health, similar)

    def _make_cards(self, count: int) -> None:
        for card in self._cards:
            self._list.removeWidget(card)
            discard(card)
        self._cards = [_LayerCard(layer, is_output=layer == count) for layer in range(1, count + 1)]
        for place, card in enumerate(self._cards):
            card.set_theme(self._theme)
            self._list.insertWidget(place, card)


class _AlarmBox(QFrame):
    """What is unusual, in a few sentences, marked at its left edge. It grows, but does not shrink while it plays."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("health.alarms")
        self._theme = LIGHT
        self._text = QLabel()
        self._text.setObjectName("health.alarms.text")
        self._text.setWordWrap(True)
        self._text.setProperty("small", True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setToolTip(translate("health", "What can keep a network from learning, at the shown step"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 8, 6)
        layout.addWidget(self._text)
        self._any = False

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._draw_edge()

    def show_sentences(self, said: Sequence[str], *, alarmed: bool) -> None:
        """Show these sentences, marked as alarms or not."""
        set_label(self._text, "\n".join(said))
        self._keep_height()
        if alarmed != self._any:
            self._any = alarmed
            self._draw_edge()

    def forget_height(self) -> None:
        """Be as low as the sentences allow: those that needed more belong to another experiment."""
        self._text.setMinimumHeight(0)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the sentences need in the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.forget_height()
            self._keep_height()

    def _keep_height(self) -> None:
        height = self._text.heightForWidth(self._text.width())
        if height > self._text.minimumHeight():
            self._text.setMinimumHeight(height)

    def _draw_edge(self) -> None:
        edge = self._theme.warning if self._any else self._theme.border
        self.setStyleSheet(
            f"QFrame#{self.objectName().replace('.', chr(92) + '.')} {{ background: {self._theme.surface};"
            f" border: 1px solid {self._theme.border}; border-left: 4px solid {edge}; border-radius: 4px; }}"
            "QLabel { background: transparent; border: none; }"
        )


class _LayerCard(QFrame):
    """The figures of one layer, one a row; rows that make no sense for it are left out."""

    def __init__(self, layer: int, *, is_output: bool) -> None:
        super().__init__()
        self._layer, self._is_output = layer, is_output
        self.setProperty("card", True)
        self.setObjectName(f"health.layer.{layer}")
        title = QLabel(
            translate("health", "Layer {0}, output").format(layer)
            if is_output
            else translate("health", "Layer {0}").format(layer)
        )
        title.setProperty("caption", True)
        self._units = QLabel()
        self._units.setProperty("muted", True)
        title.setToolTip(translate("health", "Layers count from 1; the inputs are no layer."))
        self._units.setToolTip(translate("health", "Neurons of this layer"))
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch()
        head.addWidget(self._units)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(10, 6, 10, 8)
        inside.setSpacing(3)
        inside.addLayout(head)
        self._bar = _CosineBar()
        self._bar.setObjectName(f"health.layer.{layer}.bar")
        self._rows: dict[str, _Row] = {}
        for key, name, tip in rows():
            row = self._rows[key] = _Row(name, tip)
            row.value.setObjectName(f"health.layer.{layer}.{key}")
            inside.addLayout(row)
            if key == "cosine":
                inside.addWidget(self._bar)
        self._note = QLabel()
        self._note.setObjectName(f"health.layer.{layer}.note")
        self._note.setProperty("muted", True)
        self._note.setToolTip(translate("health", "Which neurons the figures above leave out, and why"))
        self._note.setWordWrap(True)
        inside.addWidget(self._note)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._bar.set_theme(theme)

    def show_layer(self, health: Health, similar: LayerSimilarity | None) -> None:
        """Show all figures of the layer; of the output layer there is no similarity, but there are targets."""
        index = self._layer - 1
        layer = health.layers[index]
        units = layer.units
        set_label(self._units, translate("health", "%n neuron(s)", None, units))
        texts = health_texts(layer, health.update.ratios[index])
        if self._is_output:
            texts |= output_texts(health.output)
        else:
            texts |= likeness_texts(health.likeness[index])
        if similar:
            texts |= similarity_texts(similar)
        for key, row in self._rows.items():
            row.show_text(texts.get(key, ""))
        cosine = similar.mean_abs_cosine if similar else None
        _show_if(self._bar, cosine is not None)
        if similar and cosine is not None:
            self._bar.show_shares(cosine, similar.random_cosine)
        remark = note(similar) if similar else ""
        set_label(self._note, remark)
        _show_if(self._note, bool(remark))


class _Row(QHBoxLayout):
    """A name at the left and a figure at the right; hidden where there is no figure."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self._name, self.value = QLabel(name), QLabel()
        self._name.setProperty("muted", True)
        self.value.setProperty("small", True)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.value.setAccessibleName(name)
        # the figure takes what room there is: a long one must not move the others
        self.value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for label in (self._name, self.value):
            label.setToolTip(tip)
        self.addWidget(self._name)
        self.addWidget(self.value, 1)

    def show_text(self, text: str) -> None:
        """Show a figure, or no row without one."""
        set_label(self.value, text)
        _show_if(self.value, bool(text))
        _show_if(self._name, bool(text))


class _CosineBar(QWidget):
    """A bar from 0 to 1, and a tick where random columns are."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(BAR_HEIGHT + 4)
        self.setAccessibleName(translate("health", "Mean |cos| between the columns, from 0 to 1"))
        self.setToolTip(translate("health", "From 0 to 1; the tick is where random columns are"))
        self._groove, self._fill, self._tick = QFrame(self), QFrame(self), QFrame(self)
        self._shares = (0.0, 0.0)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        parts = ((self._groove, theme.border), (self._fill, theme.accent), (self._tick, theme.text))
        for part, colour in parts:
            part.setStyleSheet(f"background: {colour}; border: none; border-radius: 2px;")
        self._tick.setStyleSheet(f"background: {theme.text}; border: none;")

    def show_shares(self, value: float, random: float) -> None:
        """Fill the bar up to a value and put the tick at another."""
        if (value, random) != self._shares:
            self._shares = (value, random)
            self._place()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the new width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        value, random = self._shares
        width = self.width()
        self._groove.setGeometry(0, 2, width, BAR_HEIGHT)
        self._fill.setGeometry(0, 2, round(width * value), BAR_HEIGHT)
        left = min(round(width * random) - TICK_WIDTH // 2, width - TICK_WIDTH)
        self._tick.setGeometry(left, 0, TICK_WIDTH, self.height())


def _show_if(widget: QWidget, shown: bool) -> None:
    if widget.isHidden() == shown:
        widget.setVisible(shown)
