"""The state of each layer as a chip: how many of its neurons are different, and whether they move."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from engine.report.snapshot import LaneSnapshot
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme, load_fonts
from gui.text import words
from gui.text.language import translate
from gui.text.layer_runs import RUN_WORDINGS, Run, most_telling, runs, told
from gui.text.words import LayerState, Wording
from gui.widgets.discard import discard

PIXELS, HEIGHT, GAP, PADDING = 11, 18, 5, 7
"""Size of the letters, height of a chip, room between two of them, and room left and right of a text."""
MOST_ROWS = 2


class LayerChips(QLabel):
    """Chips in rows, as fully worded as there is room for. `text()` is all of it in sentences, a line for each layer.

    Where a chip for each layer would take too many rows, neighbours of one state share one. The rows are reserved for the
    longest texts, so that nothing below moves while training plays, and as many as the other lanes need, so that it
    starts at the same height. Signals: `rows_changed()` when it needs more or fewer.
    """

    rows_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._states: list[LayerState] | None = None
        self._divergence = ""
        self._layers: list[tuple[int, int]] = []
        self._sentences: list[str] = []
        self._wording: Wording | None = Wording.FULL  # None where neighbours share chips
        self._chips: list[QLabel] = []
        self._tones: list[bool | None] = []
        self.rows, self._reserved = 1, 1
        self.setFixedHeight(HEIGHT)

    def text(self) -> str:
        """Return the state of all layers in sentences."""
        return "\n".join(self._sentences)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; the chips have them from the next frame on."""
        self._theme = theme
        self._states, self._tones = None, [None] * len(self._chips)

    def show_lane(self, lane: LaneSnapshot) -> None:
        """Show the state of the layers of a lane."""
        if words.has_diverged(lane):
            assert lane.divergence is not None, "it has diverged"
            self._show_divergence(words.diverged(lane.divergence))
            return
        states = words.states(lane)
        if states == self._states:
            return
        self._states = states
        layers = [(state.number, state.units) for state in states]
        if layers != self._layers:
            self._layers = layers
            self._arrange()
        self._show(states)

    def _show_divergence(self, sentence: str) -> None:
        """Say in one chip, and as briefly as there is room for, that there are no layers any more that differ."""
        self._states, self._divergence = None, sentence
        self._sentences = [sentence]
        self._have(1)
        text = QFontMetrics(_font()).elidedText(
            sentence, Qt.TextElideMode.ElideRight, max(self.width() - 2 * PADDING - 2, 1)
        )
        self._write(0, text, sentence, is_stuck=True, place=QPoint(0, 0))

    def _show(self, states: list[LayerState]) -> None:
        self._sentences, self._divergence = [words.sentence(state) for state in states], ""
        if self._wording is None:
            self._show_runs(states)
        else:
            self._show_each(states, self._wording)
        self.setAccessibleDescription(self.text())
        said = told(states) if self._wording is None else self.text()
        self.setToolTip(f"{said}\n{_definition()}")

    def _show_each(self, states: list[LayerState], wording: Wording) -> None:
        self._have(len(states))
        places = self._places(wording)
        whole = [_width(words.chip(state, wording)) for state in states]
        if wording is Wording.FULL and any(wide > self._room(n, places) for n, wide in enumerate(whole)):
            wording = Wording.SHORT  # "L1" beside "Layer 2" would look like something else
        for index, (state, place) in enumerate(zip(states, places, strict=True)):
            room = self._room(index, places)
            text = next(
                (
                    text
                    for text in (words.chip(state, shorter) for shorter in _from(wording))
                    if _width(text) <= room
                ),
                words.chip(state, Wording.NUMBERS),
            )
            self._write(index, text, self._sentences[index], is_stuck=state.is_stuck, place=place)

    def _show_runs(self, states: list[LayerState]) -> None:
        shown = self._fitting(states)
        self._have(len(shown))
        places = self._flowed([_width(run.text) for run in shown])
        for index, (run, place) in enumerate(zip(shown, places, strict=True)):
            self._write(index, run.text, run.told, is_stuck=run.is_stuck, place=place)

    def _fitting(self, states: list[LayerState]) -> list[Run]:
        """Return the runs of neighbours, as fully worded and as many as there is room for."""
        found: list[Run] = []
        for wording in RUN_WORDINGS:
            found = runs(states, wording)
            if self._fit(found):
                return found
        fewest, too_many = 0, len(found)
        while too_many - fewest > 1:
            middle = (fewest + too_many) // 2
            fewest, too_many = (
                (middle, too_many) if self._fit(most_telling(found, middle)) else (fewest, middle)
            )
        return most_telling(found, fewest)

    def _fit(self, shown: Sequence[Run]) -> bool:
        return self._flowed([_width(run.text) for run in shown])[-1].y() < MOST_ROWS * (HEIGHT + GAP)

    def _write(self, index: int, text: str, sentence: str, *, is_stuck: bool, place: QPoint) -> None:
        chip = self._chips[index]
        if self._tones[index] is not is_stuck:
            self._tones[index] = is_stuck
            chip.setStyleSheet(_style(self._theme, is_stuck=is_stuck))
        chip.setText(text)
        chip.setToolTip(f"{sentence}\n{_definition()}")
        chip.setGeometry(place.x(), place.y(), _width(text), HEIGHT)
        chip.setVisible(place.y() + HEIGHT <= self.height())

    def _have(self, count: int) -> None:
        while len(self._chips) > count:
            chip = self._chips.pop()
            discard(chip)
        while len(self._chips) < count:
            chip = QLabel(self)
            chip.setFont(_font())
            chip.setAlignment(Qt.AlignmentFlag.AlignCenter)
            chip.setTextFormat(Qt.TextFormat.PlainText)
            chip.show()
            self._chips.append(chip)
        self._tones = (self._tones + [None] * count)[:count]

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Word the chips as fully as there is room for."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()
            if self._states is not None:
                self._show(self._states)
            elif self._divergence:
                self._show_divergence(self._divergence)

    def _arrange(self) -> None:
        """Choose the fullest wording that takes few rows, and reserve them."""
        rows = {wording: len({place.y() for place in self._places(wording)}) for wording in Wording}
        self._wording = next((one for one in Wording if rows[one] <= MOST_ROWS), None)
        before, self.rows = self.rows, MOST_ROWS if self._wording is None else max(rows[self._wording], 1)
        self.reserve(self._reserved)
        if self.rows != before:
            self.rows_changed.emit()

    def reserve(self, rows: int) -> None:
        """Have the height of so many rows, or of those that it needs if these are more."""
        self._reserved = rows
        self.setFixedHeight(max(self.rows, rows) * (HEIGHT + GAP) - GAP)

    def _places(self, wording: Wording) -> list[QPoint]:
        """Return where the chips of all layers stand, whatever their states become."""
        longest = (words.longest_chip(number, units, wording) for number, units in self._layers)
        return self._flowed(list(map(_width, longest)))

    def _flowed(self, widths: list[int]) -> list[QPoint]:
        """Return where chips of these widths stand: side by side, and in a further row where one is full."""
        places, at = list[QPoint](), QPoint(0, 0)
        for wide in widths:
            if at.x() and at.x() + wide > self.width():
                at = QPoint(0, at.y() + HEIGHT + GAP)
            places.append(at)
            at = QPoint(at.x() + wide + GAP, at.y())
        return places

    def _room(self, index: int, places: list[QPoint]) -> int:
        """Return how wide a chip may be: up to the next one in its row."""
        following = places[index + 1] if index + 1 < len(places) else None
        in_row = following is not None and following.y() == places[index].y()
        end = following.x() - GAP if following is not None and in_row else self.width()
        return end - places[index].x()

    def sizeHint(self) -> QSize:
        """Return the reserved height; any width will do."""
        return QSize(1, self.height())


def _from(wording: Wording) -> list[Wording]:
    """Return a wording and all shorter ones."""
    wordings = list(Wording)
    return wordings[wordings.index(wording) :]


def _style(theme: Theme, *, is_stuck: bool) -> str:
    ground, edge, text = (
        (theme.stuck, theme.stuck, theme.on_stuck) if is_stuck else (theme.surface, theme.border, theme.muted)
    )
    return (
        f"QLabel {{ color: {text}; background: {ground}; border: 1px solid {edge};"
        f" border-radius: {HEIGHT // 2}px; font-size: {PIXELS}px; }}"
    )


def _definition() -> str:
    return translate(
        "lane",
        "Neurons of a group have equal incoming weights, bias and outgoing weights, bit for bit, in a normalized "
        "layer equal scale and shift, too; where residual connections pass numbers on, in every layer that they join. "
        "n neurons act like n²/Σr², over all pairs of them, r the correlation of their outputs.",
    )


@cache
def _font() -> QFont:
    font = QFont(load_fonts())
    font.setPixelSize(PIXELS)
    return font


@lru_cache(maxsize=4096)
def _width(text: str) -> int:
    return QFontMetrics(_font()).horizontalAdvance(text) + 2 * PADDING + 2
