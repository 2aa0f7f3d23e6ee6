"""Colour bars for the weights, the gradients and the last changes of all lanes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from gui.look.colours import HALF, Scale, Scales, picture
from gui.look.handlers import shielded
from gui.look.hatching import hatching
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.calm_label import CalmLabel

BAR_SIZE, SWATCH_SIZE = (80, 10), (20, 10)


class ColourBar(QWidget):
    """A named bar from -limit over 0 to limit."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = name
        self._name = QLabel(name)
        self._low, self._high, self._bar = CalmLabel(), CalmLabel(), QLabel()
        self._bar.setFixedSize(*BAR_SIZE)
        self._shown: Scale | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for label in (self._name, self._low, self._bar, self._high):
            label.setProperty("muted", True)
            layout.addWidget(label)
        self._name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout.setStretch(0, 1)
        self._low.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(translate("colours", "Colours of {0}").format(name))

    def show_scale(self, scale: Scale) -> None:
        """Draw the bar of a scale."""
        if scale == self._shown:
            return
        self._shown = scale
        limit = _limit(scale.limit)
        self._low.write("−" + limit)
        self._high.write(limit)
        indices = np.arange(2 * HALF + 1)[np.newaxis, :]
        self._bar.setPixmap(QPixmap.fromImage(picture(scale.pixels(indices))).scaled(*BAR_SIZE))
        kind = (
            translate("colours", "signed logarithm, {0} powers of ten").format(scale.decades)
            if scale.decades
            else translate("colours", "linear")
        )
        self._name.setText(self._title + (translate("colours", " (log)") if scale.decades else ""))
        self.setToolTip(
            translate(
                "colours",
                "Blue is positive, red is negative, hatched grey is exactly 0; {0}.\n"
                "The scale grows with the numbers of a run. Click to fit or to lock it.",
            ).format(kind)
        )


class ColourBars(QWidget):
    """The bars of weights, gradients and last changes. Signals: `menu_requested()` when somebody clicks on them."""

    menu_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights, self._gradients = (
            ColourBar(translate("colours", "weights")),
            ColourBar(translate("colours", "gradients")),
        )
        self._changes = ColourBar(translate("colours", "last changes"))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(14)
        layout.setVerticalSpacing(2)
        self.log = QPushButton(translate("colours", "log?"))
        self.log.setObjectName("colours.log")
        self.log.setAccessibleName(translate("colours", "Use signed log colours"))
        self.log.setToolTip(
            translate(
                "colours",
                "Some layers are hardly seen beside larger numbers: show small and large ones in log colours",
            )
        )
        self.log.setProperty("chip", True)
        self.log.setCursor(Qt.CursorShape.PointingHandCursor)
        self._keep_its_place()
        self._swatch, self._zero = QLabel(), QLabel(translate("colours", "exactly 0"))
        self._zero.setProperty("muted", True)
        for label in (self._swatch, self._zero):
            label.setToolTip(
                translate(
                    "colours", "Hatched: exactly 0, not merely close to it; where cells are small, plain grey"
                )
            )
        notes = QHBoxLayout()
        notes.addStretch()
        notes.setSpacing(5)
        notes.addWidget(self.log)
        notes.addWidget(self._swatch)
        notes.addWidget(self._zero)
        layout.addWidget(self._weights, 0, 0)
        layout.addWidget(self._gradients, 0, 1)
        layout.addLayout(notes, 1, 0)
        layout.addWidget(self._changes, 1, 1)
        self.setObjectName("colours")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._swatch.setPixmap(_swatch(theme))

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for what can be done with the scales."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.menu_requested.emit()

    def _keep_its_place(self) -> None:
        """Let nothing move when the proposal comes or goes."""
        policy = self.log.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.log.setSizePolicy(policy)
        self.log.hide()

    def show_scales(self, scales: Scales, *, is_pale: bool) -> None:
        """Draw the bars, and propose log colours where linear ones hardly show some numbers."""
        self.log.setVisible(is_pale)
        self._weights.show_scale(scales.weights)
        self._gradients.show_scale(scales.gradients)
        self._changes.show_scale(scales.changes)

    def show_last_change(self, on: bool) -> None:
        """Show the bar of the last changes, or hide it."""
        self._changes.setVisible(on)


def _swatch(theme: Theme) -> QPixmap:
    """Return a piece of what is exactly 0."""
    image = QPixmap(*SWATCH_SIZE)
    image.fill(QColor(theme.exactly_zero))
    painter = QPainter(image)
    painter.setPen(QColor(theme.hatch))
    painter.drawPath(hatching(QRectF(image.rect())))
    painter.end()
    return image


def _limit(value: float) -> str:
    """Return 1, 2 or 5 times a power of ten: 0.005, 50, 2e−5."""
    mantissa, e, exponent = f"{value:g}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−") if e else mantissa
