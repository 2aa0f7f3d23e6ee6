"""What the present start does to signals and gradients: a picture, a table of all layers, and mean-field theory."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.advice.advice import Advice
from gui.advice.gains_picture import GainsPicture
from gui.findings.advice_text import gain_rows, theory_sentences
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.calm_label import set_label
from gui.widgets.discard import discard

MOST_ROWS, ENDS = 12, 5
"""Of more layers the table shows so many at either end."""


class TheoryCard(QFrame):
    """The gains of the layers of one network as it starts now."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advice.theory")
        self.setProperty("card", True)
        self._advice: Advice | None = None
        title = QLabel(translate("advice", "What this start does, from layer to layer"))
        title.setProperty("caption", True)
        title.setToolTip(translate("advice", "Of the chosen lane, as it starts now"))
        self.picture = GainsPicture()
        self._sentences = QLabel()
        self._sentences.setObjectName("advice.theory.sentences")
        self._sentences.setProperty("small", True)
        self._sentences.setWordWrap(True)
        self._sentences.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sentences.setToolTip(
            translate(
                "advice",
                "Mean-field theory of wide layers with independent weights: χ multiplies the variance of a gradient from "
                "layer to layer, ξ is over how many layers that makes a factor of e",
            )
        )
        self._table: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 10, 8)
        self._column.setSpacing(6)
        for widget in (title, self.picture, self._sentences):
            self._column.addWidget(widget)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.picture.set_theme(theme)

    def show_advice(self, advice: Advice) -> None:
        """Show what is known of the present start."""
        known = self._advice
        if known is not None and (advice.gains, advice.theory) == (known.gains, known.theory):
            return
        self._advice = advice
        self.picture.show_gains(advice.gains, advice.theory.expected)
        set_label(self._sentences, " ".join(theory_sentences(advice)))
        if self._table is not None:
            self._column.removeWidget(self._table)
            discard(self._table)
        self._table = _table(advice)
        self._column.insertWidget(2, self._table)


def _table(advice: Advice) -> QWidget:
    """Return a table with a row for each layer: by how much it multiplies the variances, and what is expected."""
    table = QWidget()
    table.setObjectName("advice.table")
    table.setToolTip(
        translate(
            "advice",
            "By how much each layer multiplies the variance of z, and of dZ; in brackets as expected",
        )
    )
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(1)
    heads = (
        translate("advice", "layer"),
        translate("advice", "z, forward"),
        translate("advice", "dZ, backward"),
    )
    rows = [(str(layer), *figures) for layer, figures in enumerate(_figures(advice), start=1)]
    if len(rows) > MOST_ROWS:
        rows = [*rows[:ENDS], ("…", "…", "…"), *rows[-ENDS:]]
    for row, texts in enumerate([heads, *rows]):
        for column, text in enumerate(texts):
            cell = QLabel(text)
            cell.setProperty("muted" if row == 0 or column == 0 else "small", True)
            cell.setToolTip(table.toolTip())
            cell.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(cell, row, column)
    return table


def _figures(advice: Advice) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for forward, their_forward, backward, their_backward in gain_rows(advice.gains, advice.theory.expected):
        found.append((_beside(forward, their_forward), _beside(backward, their_backward)))
    return found


def _beside(measured: str, expected: str) -> str:
    return f"×{measured} ({expected})" if expected else f"×{measured}"
