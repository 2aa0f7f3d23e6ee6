"""The chip of a lane that is trained from many seeds: how many of them learn, and a list of them to choose from."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from gui.look.theme import Theme
from gui.seeds import seed_words
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text.language import translate


class SeedsChip(QToolButton):
    """Hidden where a lane has its own seed only. Signals: `seed_chosen(seed)`."""

    seed_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._shown: SeedsOfLane | None = None
        self._own, self._step, self._is_narrow, self._is_tiny = 0, 0, False, False
        self.clicked.connect(self._open)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.text}; background: {theme.surface}; font-size: 11px;"
            f" border: 1px solid {theme.muted}; border-radius: 8px; padding: 0px 5px; }}"
            f"QToolButton:hover {{ background: {theme.raised}; }}"
            f"QToolButton:focus {{ background: {theme.accent}; color: {theme.surface}; }}"
        )

    def show_seeds(self, shown: SeedsOfLane | None, own: int, step: int) -> bool:
        """Show what is known of the seeds of a lane, whose own one is `own`, beside a step; hide without any.

        Return whether it may need other room than before.
        """
        is_other = shown is not self._shown
        self._shown, self._own, self._step = shown, own, step
        if is_other:
            self.setToolTip("" if shown is None else seed_words.chip_tip(shown))
            self.setVisible(shown is not None)
        return self._write() or is_other

    def set_narrow(self, *, is_narrow: bool, is_tiny: bool) -> None:
        """Say less where there is little room."""
        self._is_narrow, self._is_tiny = is_narrow, is_tiny
        self._write()

    def width_needed(self) -> int:
        """Return its width in pixels, 0 where it is hidden."""
        return 0 if self.isHidden() else self.sizeHint().width()

    def _write(self) -> bool:
        shown, text = self._shown, ""
        if shown is not None:
            text = seed_words.chip(shown, self._step, is_narrow=self._is_narrow, is_tiny=self._is_tiny)
        if text == self.text():
            return False
        is_longer = len(text) != len(self.text())
        self.setText(text)
        return is_longer

    def _open(self) -> None:
        """List all seeds below the chip."""
        shown = self._shown
        if shown is None or shown.company is None:
            return
        menu = QMenu(self)
        menu.setObjectName("menu.seeds")
        menu.addAction(translate("seeds", "Choose the seed of this lane:")).setEnabled(False)
        for member in shown.company.members:
            action = menu.addAction(seed_words.member(member))
            action.setCheckable(True)
            action.setChecked(member.seed == self._own)
            action.triggered.connect(partial(self.seed_chosen.emit, member.seed))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
