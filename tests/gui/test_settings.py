"""The settings file is plain JSON that is not trusted: typed, bounded, set aside and said where it is broken."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from gui.app import application
from gui.look.theme import DARK, LIGHT
from gui.text.words import settings_set_aside_text
from gui.window.settings import MAX_BYTES, Settings
from tests.gui.conftest import Build

ROOT = Path(__file__).resolve().parents[2]

BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"theme": "dark"',
    "a list": b"[]",
    "another theme": b'{"theme": "pink"}',
    "a speed beyond 32 bits": b'{"speed": 2147483648}',
    "a speed of 5,000 digits": b'{"speed": ' + b"9" * 5000 + b"}",
    "a speed in words": b'{"speed": "fast"}',
    "a negative speed": b'{"speed": -1}',
    "a long folder": b'{"folder": "' + b"x" * 5000 + b'"}',
    "a geometry that is no base64": b'{"geometry": "@Variant(PySide::PyObjectWrapper)"}',
    "a file of QSettings": b"[General]\nspeed=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x1aPySide::PyObjectWrapper\\0)\n",
    "eleven recent files": b'{"recent": [' + b",".join([b'"x"'] * 11) + b"]}",
    "not UTF-8": b'{"folder": "\xff"}',
    "deep": b"[" * 60_000,
    "too large": b'{"folder": "' + b" " * MAX_BYTES + b'"}',
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Initscope" / "settings.json"


def put(path: Path, text: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text)


def test_what_is_remembered_is_there_at_the_next_start(path: Path, tmp_path: Path) -> None:
    settings = Settings(path)
    settings.theme, settings.speed, settings.folder = DARK, 7, tmp_path
    settings.geometry = QByteArray(bytes(range(256)))
    again = Settings(path)
    assert (again.theme, again.speed, again.folder) == (DARK, 7, tmp_path)
    assert again.geometry is not None
    assert again.geometry.data() == bytes(range(256))
    assert again.set_aside is None
    assert set(json.loads(path.read_text())) == {
        "theme",
        "geometry",
        "folder",
        "speed",
        "room",
        "side_width",
        "recent",
        "seen_start",
        "memory_gigabytes",
        "autosave_seconds",
    }
    assert [other.name for other in path.parent.iterdir()] == ["settings.json"]


def test_two_windows_and_a_text_editor_keep_what_each_has_changed(path: Path) -> None:
    put(path, b"{}")
    one, other = Settings(path), Settings(path)
    one.theme = DARK
    put(path, path.read_bytes().replace(b'"memory_gigabytes": null', b'"memory_gigabytes": 2'))
    other.speed = 3
    assert other.theme is LIGHT, "a window keeps its looks until its next start"
    again = Settings(path)
    assert (again.theme, again.speed, again.memory) == (DARK, 3, 2 * 10**9)


def test_a_file_that_breaks_while_a_window_is_open_is_written_anew(path: Path) -> None:
    settings = Settings(path)
    settings.theme = DARK
    put(path, b"broken")
    settings.speed = 3
    again = Settings(path)
    assert (again.theme, again.speed, again.set_aside) == (DARK, 3, None)


def test_the_first_start_remembers_nothing(path: Path) -> None:
    settings = Settings(path)
    assert (settings.theme, settings.speed, settings.geometry, settings.set_aside) == (
        LIGHT,
        None,
        None,
        None,
    )
    assert not path.exists()


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_set_aside_and_the_program_starts(path: Path, what: str) -> None:
    put(path, BROKEN[what])
    settings = Settings(path)
    assert (settings.theme, settings.speed, settings.geometry) == (LIGHT, None, None)
    assert settings.set_aside is not None
    assert settings.set_aside.read_bytes() == BROKEN[what]
    settings.speed = 3
    assert Settings(path).speed == 3


def test_a_pipe_instead_of_a_file_is_set_aside_and_never_read(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    settings = Settings(path)
    assert settings.set_aside is not None
    assert stat.S_ISFIFO(settings.set_aside.stat().st_mode)


def test_a_folder_that_is_gone_falls_back(path: Path, tmp_path: Path) -> None:
    settings = Settings(path)
    for gone in (tmp_path / "gone", Path("a\0b"), Path("x" * 4000)):
        settings.folder = gone
        assert settings.folder != gone
        assert settings.folder.is_dir()


def test_a_place_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("I am no folder")
    settings = Settings(tmp_path / "file" / "settings.json")
    settings.speed = 3
    assert settings.speed == 3


def test_settings_without_a_file_are_kept_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = Settings()
    settings.speed = 3
    assert not list(tmp_path.iterdir())
    assert settings.speed == 3


def test_the_window_says_that_its_settings_were_set_aside(build: Build, path: Path, qtbot: QtBot) -> None:
    put(path, b"broken")
    laboratory = build()
    window, settings = laboratory.window, Settings(path)
    application.begin_with(laboratory, settings)
    assert settings.set_aside is not None
    assert window.notice.text.text() == settings_set_aside_text(path, settings.set_aside)


@pytest.mark.parametrize("command", ["shot", "presets"])
def test_only_the_window_writes_settings(tmp_path: Path, command: str) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    more = ["columns", "--out", str(tmp_path / "a.png")] if command == "shot" else []
    subprocess.run([sys.executable, "main.py", command, *more], cwd=ROOT, env=env, check=True, timeout=120)
    assert not (tmp_path / "config" / "Initscope").exists()


def test_the_file_can_say_how_much_memory_experiments_may_take(path: Path) -> None:
    put(path, b'{"memory_gigabytes": 0.5}')
    assert Settings(path).memory == 500_000_000
    put(path, b'{"memory_gigabytes": 0}')
    assert Settings(path).set_aside is not None
