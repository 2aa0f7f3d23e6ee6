"""What the program remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from gui.look.theme import THEMES, Theme


class Settings:
    """Values in the user's settings file; everything read from it is checked."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Initscope", "Initscope"
        )

    @property
    def theme(self) -> Theme:
        """Return the theme, light at first."""
        return THEMES.get(str(self._store.value("theme", "light")), THEMES["light"])

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._store.setValue("theme", theme.name)

    @property
    def geometry(self) -> QByteArray | None:
        """Return where the window was, or None at the first start."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("geometry", geometry)

    @property
    def folder(self) -> Path:
        """Return the folder that a file was saved to or opened from last, the user's documents at first."""
        places = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.DocumentsLocation)
        path = Path(str(self._store.value("folder", places[0] if places else "")))
        return path if path.is_dir() else Path.home()

    @folder.setter
    def folder(self, path: Path) -> None:
        self._store.setValue("folder", str(path))

    @property
    def speed(self) -> int | None:
        """Return the position of the speed slider, or None at the first start."""
        value = str(self._store.value("speed", ""))
        return int(value) if value.isdecimal() else None

    @speed.setter
    def speed(self, position: int) -> None:
        self._store.setValue("speed", position)
