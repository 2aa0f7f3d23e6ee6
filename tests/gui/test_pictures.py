"""Pictures out: every drawing, the figure and the window, as PNG and SVG, and what happens when that fails."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.core.errors import FileError
from gui.window import exporters
from tests.builders import refused

from .conftest import Build
from .test_real_use import child, press, save_as, shown

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def colours(image: QImage) -> int:
    step = max(1, image.width() // 200)
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), step) for y in range(0, image.height(), step)}
    )


def test_all_matrices_of_a_layer_have_large_cells_in_an_svg(build: Build) -> None:
    """Viewers smooth small pictures: weights, gradient and last change all need more than a pixel a cell."""
    drawing = build("columns").window.lanes[0].heatmaps[0]
    links = [
        value
        for element in ET.fromstring(exporters.drawing_svg(drawing)).iter(f"{{{exporters.SVG}}}image")
        for key, value in element.attrib.items()
        if key.endswith("href")
    ]
    sizes = [QImage.fromData(b64decode(link.partition(",")[2])).size().toTuple() for link in links]
    units, rows = drawing.shape.fan_out, drawing.shape.rows
    matrices = [(width, height) for width, height in sizes if height > 1]
    assert len(matrices) == 3
    for width, height in matrices:
        assert width >= 4 * units
        assert height >= 4 * rows


@pytest.mark.parametrize("target", ["columns", "circles"])
def test_every_drawing_can_be_saved_as_png_and_svg(
    qtbot: QtBot, build: Build, tmp_path: Path, target: str
) -> None:
    laboratory = build(target)
    laboratory.training.go_to(20)
    qtbot.waitUntil(lambda: shown(laboratory).step == 20)
    for number, drawing in enumerate(laboratory.window.drawings):
        png, svg = tmp_path / f"{number}.png", tmp_path / f"{number}.svg"
        exporters.save_drawing(png, drawing)
        exporters.save_drawing(svg, drawing)
        picture = QImage(str(png))
        assert picture.size() == drawing.drawing.sceneRect().size().toSize() * exporters.SHARPNESS
        assert colours(picture) > 3, f"{drawing.title} is empty"
        assert len(list(ET.parse(svg).getroot().iter())) > 10, f"{drawing.title} is empty"


def test_a_picture_does_not_change_what_the_window_shows(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("circles")
    before = laboratory.window.grab().toImage()
    exporters.save_figure(
        tmp_path / "f.svg", laboratory.window.figure, laboratory.window.drawings, laboratory.window.theme
    )
    for drawing in laboratory.window.drawings:
        exporters.save_drawing(tmp_path / "d.png", drawing)
    assert laboratory.window.grab().toImage() == before


def test_the_figure_as_svg_holds_every_lane_and_every_word(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("circles")
    path = tmp_path / "figure.svg"
    exporters.save_figure(path, laboratory.window.figure, laboratory.window.drawings, laboratory.window.theme)
    text = path.read_text("utf-8")
    for words in (
        "zeros",
        "large",
        "xavier",
        "he",
        "Two circles, four ways to start",
        "10 neurons, 1 distinct column, 1 group",
    ):
        assert words in text
    assert text.count("<svg") >= len(laboratory.window.drawings)
    widths = [float(width) for width in re.findall(r'stroke-width="([\d.]+)"', text)]
    assert max(widths) < 10, "no giant pens"


def test_a_screenshot_is_offered_under_the_name_of_the_experiment_and_the_step(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)
    press(qtbot, laboratory, Qt.Key.Key_S, CONTROL_SHIFT)
    qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is not None)
    dialog = laboratory.window.findChild(QFileDialog, "file_dialog")
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "columns-step-1-window.png"
    path = tmp_path / "window.png"
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    assert QImage(str(path)).size() == laboratory.window.size() * exporters.SHARPNESS


@pytest.mark.parametrize("typed", ["figure", "figure.png", "figure.svg"])
def test_a_name_ends_as_the_chosen_kind_of_file(
    qtbot: QtBot, build: Build, tmp_path: Path, typed: str
) -> None:
    laboratory = build("columns")
    laboratory.window.actions_by_id["export_figure"].trigger()
    qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is not None)
    dialog = laboratory.window.findChild(QFileDialog, "file_dialog")
    assert isinstance(dialog, QFileDialog)
    dialog.setDirectory(str(tmp_path))
    kinds, field = dialog.findChild(QComboBox, "fileTypeCombo"), dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(kinds, QComboBox)
    assert isinstance(field, QLineEdit)
    field.setText(typed)
    qtbot.keyClick(kinds, Qt.Key.Key_Down)
    dialog.accept()
    path = tmp_path / "figure.svg"
    qtbot.waitUntil(path.exists)
    assert path.read_bytes().startswith(b"<?xml")


def test_the_figure_goes_to_the_clipboard(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    QApplication.clipboard().clear()
    press(qtbot, laboratory, Qt.Key.Key_C, CONTROL_SHIFT)
    qtbot.waitUntil(lambda: not QApplication.clipboard().image().isNull())
    assert colours(QApplication.clipboard().image()) > 20


def test_a_drawing_is_exported_from_its_own_menu(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    heatmap = laboratory.window.lanes[1].heatmaps[0]
    heatmap.context_menu_requested.emit(heatmap)
    qtbot.waitUntil(lambda: laboratory.window.findChild(QMenu, "menu.drawing") is not None)
    menu = laboratory.window.findChild(QMenu, "menu.drawing")
    assert isinstance(menu, QMenu)
    place = menu.actionGeometry(menu.actions()[0]).center()
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    path = tmp_path / "heatmap.svg"
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    assert b"W1" in path.read_bytes()


@pytest.mark.parametrize("name", ["below-a-file/figure.png", "below-a-file/figure.svg", "figure.bmp"])
def test_a_failed_write_says_so_and_names_the_path(
    qtbot: QtBot, build: Build, tmp_path: Path, name: str
) -> None:
    (tmp_path / "below-a-file").write_text("in the way")
    laboratory = build("columns")
    window = laboratory.window
    with refused(f"{tmp_path / name}: …", FileError):
        exporters.save_figure(tmp_path / name, window.figure, window.drawings, window.theme)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["below-a-file"], (
        "nothing half-written is left"
    )


def test_a_failed_write_replaces_nothing(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    folder = tmp_path / "figure.png"
    folder.mkdir()
    window = laboratory.window
    with refused("…could not be written…", FileError):
        exporters.save_figure(folder, window.figure, window.drawings, window.theme)
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_a_wrong_file_gives_one_sentence_and_nothing_else_happens(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    before = shown(laboratory)
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"name": "x", "optimizer": {"kind": "sgd", "learning_rate": -1}}')
    laboratory.window.target_requested.emit(str(wrong))
    notice = child(laboratory, "notice.text")
    assert isinstance(notice, QLabel)
    qtbot.waitUntil(lambda: child(laboratory, "notice").isVisible())
    assert str(wrong) in notice.text()
    assert "data" in notice.text() or "optimizer.learning_rate" in notice.text()
    assert shown(laboratory).opening == before.opening
    close = child(laboratory, "notice.close")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not child(laboratory, "notice").isVisible()


def test_an_experiment_that_does_not_fit_its_data_leaves_the_shown_one(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    text = Path("resources/presets/columns.json").read_text("utf-8").replace('"units": 1,', '"units": 2,')
    wrong = tmp_path / "two-outputs.json"
    wrong.write_text(text)
    laboratory.window.target_requested.emit(str(wrong))
    notice: QWidget = child(laboratory, "notice")
    qtbot.waitUntil(notice.isVisible)
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)
    assert laboratory.training.experiment is not None
    assert laboratory.training.experiment.name == "columns"
