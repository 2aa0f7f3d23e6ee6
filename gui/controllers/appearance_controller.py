"""Which theme the application has."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from gui.look.theme import DARK, LIGHT, Theme, apply_theme
from gui.window.settings import Settings


class AppearanceController(QObject):
    """Signals: `theme_changed(Theme)`."""

    theme_changed = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    def set_dark(self, on: bool) -> None:
        """Use the dark or the light theme and remember it."""
        theme = DARK if on else LIGHT
        self._settings.theme = theme
        self.use(theme)

    def use(self, theme: Theme) -> None:
        """Give the application a theme."""
        application = QApplication.instance()
        assert isinstance(application, QApplication), "a window needs an application"
        apply_theme(application, theme)
        self.theme_changed.emit(theme)
