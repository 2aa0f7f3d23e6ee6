"""What the program remembers between two starts: a small file of plain JSON, which is not trusted."""

from __future__ import annotations

import base64
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from PySide6.QtCore import QByteArray, QStandardPaths

from engine.core.errors import InitscopeError
from engine.formats.bounded_reading import open_data
from engine.output.export import write_file
from gui.look.theme import THEMES, Theme
from gui.parts.room import Room, room_of, shares_of

MAX_BYTES = 2**17
"""Largest size of the file; it has some hundred bytes."""
MOST_RECENT, LONGEST_RECENT = 10, 1024
"""How many files are remembered, and how many characters their paths may have."""

BROKEN = (InitscopeError, msgspec.MsgspecError, UnicodeError, RecursionError)
"""What reading a file raises that is not there, or no file of settings."""


class Remembered(msgspec.Struct):
    """What stands in the file.

    `geometry` is where the window was, as Qt writes it, in base64; "" is the first start. `room` are the shares of the
    parts of each splitter, and `side_width` is the width of the side panel in pixels. `recent` are the files that were
    opened or saved last, the newest first.
    """

    theme: Literal["light", "dark"] = "light"
    geometry: Annotated[str, Meta(max_length=4096, pattern="^[A-Za-z0-9+/=]*$")] = ""
    folder: Annotated[str, Meta(max_length=4096)] = ""
    speed: Annotated[int, Meta(ge=0, le=1000)] | None = None
    room: dict[Annotated[str, Meta(max_length=16)], tuple[float, ...]] = {}
    side_width: Annotated[int, Meta(ge=150, le=2000)] | None = None
    seen_start: bool = False
    recent: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=LONGEST_RECENT)]], Meta(max_length=MOST_RECENT)
    ] = []
    memory_gigabytes: Annotated[float, Meta(ge=0.1, le=100_000)] | None = None
    autosave_seconds: Annotated[float, Meta(ge=0.05, le=3600)] | None = None


class Settings:
    """The values of a settings file, kept there as soon as they change; without a path they are kept nowhere.

    `path` is where the file is; `set_aside` is where one was moved to that could not be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.set_aside: Path | None = None
        self._values = Remembered()
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            self._values = _values_in(path)
        except BROKEN:
            self.set_aside = path.with_name(f"{path.stem}-broken{path.suffix}")
            with suppress(OSError):
                path.replace(self.set_aside)

    def _keep(self, **changed: Any) -> None:
        """Change values here and in the file, where others may have been changed by hand or by another window."""
        self._values = msgspec.structs.replace(self._values, **changed)
        if self.path is None:
            return
        there = self._values
        with suppress(*BROKEN):
            there = msgspec.structs.replace(_values_in(self.path), **changed)
        with suppress(OSError, InitscopeError):  # a home that cannot be written must not stop anybody's work
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self.path, msgspec.json.format(msgspec.json.encode(there), indent=1) + b"\n")

    @property
    def theme(self) -> Theme:
        """Return the theme, light at first."""
        return THEMES[self._values.theme]

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._keep(theme="dark" if theme.name == "dark" else "light")

    @property
    def geometry(self) -> QByteArray | None:
        """Return where the window was, or None at the first start."""
        return QByteArray.fromBase64(self._values.geometry.encode()) if self._values.geometry else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._keep(geometry=base64.b64encode(geometry.data()).decode())

    @property
    def folder(self) -> Path:
        """Return the folder that a file was saved to or opened from last, the user's documents at first."""
        places = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.DocumentsLocation)
        wanted = [self._values.folder, *places[:1]]
        return next((Path(name) for name in wanted if name and _is_reachable(Path(name))), Path.home())

    @folder.setter
    def folder(self, path: Path) -> None:
        self._keep(folder=str(path))

    @property
    def speed(self) -> int | None:
        """Return the position of the speed slider, or None at the first start."""
        return self._values.speed

    @speed.setter
    def speed(self, position: int) -> None:
        self._keep(speed=position)

    @property
    def room(self) -> Room:
        """Return how the room of the window was shared out."""
        return room_of(self._values.room)

    @room.setter
    def room(self, room: Room) -> None:
        self._keep(room=shares_of(room))

    @property
    def side_width(self) -> int | None:
        """Return the width of the side panel, or None at the first start."""
        return self._values.side_width

    @side_width.setter
    def side_width(self, pixels: int) -> None:
        self._keep(side_width=pixels)

    @property
    def seen_start(self) -> bool:
        """Return whether the start page was shown by itself, which it is once."""
        return self._values.seen_start

    def remember_start(self) -> None:
        """Remember that the start page was shown."""
        self._keep(seen_start=True)

    @property
    def recent(self) -> list[str]:
        """Return the paths of the files that were opened or saved last, the newest first."""
        return list(self._values.recent)

    def add_recent(self, path: Path) -> None:
        """Remember a file that was opened or saved, if its path can be written down."""
        name = str(path.absolute())
        if len(name) <= LONGEST_RECENT and _can_be_written(name):
            others = [other for other in self._values.recent if other != name]
            self._keep(recent=[name, *others][:MOST_RECENT])

    def forget_recent(self, names: Collection[str]) -> None:
        """Forget some of the files that were opened or saved."""
        self._keep(recent=[name for name in self._values.recent if name not in names])

    @property
    def memory(self) -> int | None:
        """Return how many bytes an experiment may take, which only the file itself can say; None if it does not."""
        wanted = self._values.memory_gigabytes
        return None if wanted is None else round(wanted * 10**9)

    @property
    def autosave_seconds(self) -> float | None:
        """Return the seconds between two saves of what is unsaved, which only the file itself can say; None else."""
        return self._values.autosave_seconds


def _values_in(path: Path) -> Remembered:
    """Return the values of a file; raise one of `BROKEN` if there is none, or one that nobody can read."""
    with open_data(path, MAX_BYTES) as file:
        return msgspec.json.decode(file.read(MAX_BYTES), type=Remembered)


def settings_path() -> Path:
    """Return where the user's settings file is."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(place) / "Initscope" / "settings.json"


def _can_be_written(name: str) -> bool:
    """Return whether a path is text: names of files can be bytes that are none."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_reachable(folder: Path) -> bool:
    """Return whether a folder is there and can be looked into: a file dialog fails silently in any other."""
    try:
        with os.scandir(folder):
            return True
    except (OSError, ValueError):
        return False
