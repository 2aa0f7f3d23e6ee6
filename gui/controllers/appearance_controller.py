"""Which theme the window has."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.look.theme import DARK, LIGHT, Theme, apply_theme
from gui.window.settings import Settings


class AppearanceController(QObject):
    """Signals: `theme_changed(Theme)`."""

    theme_changed = Signal(object)

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window

    def set_dark(self, on: bool) -> None:
        """Use the dark or the light theme and remember it."""
        theme = DARK if on else LIGHT
        self._settings.theme = theme
        self.use(theme)

    def use(self, theme: Theme) -> None:
        """Give the window a theme."""
        apply_theme(self._window, theme)
        self.theme_changed.emit(theme)
