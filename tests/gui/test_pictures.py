"""Pictures out: every drawing, the figure and the window, as PNG, SVG and PDF, and what happens when that fails."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from base64 import b64decode
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.core.errors import FileError
from gui.app.application import Laboratory
from gui.pictures import exporters
from gui.pictures.painting import Page
from tests.builders import document, layer, refused

from .conftest import Build
from .renderers import ZOOM, by_pdfium, by_qt, by_resvg, largest_difference, pixels, words_of_pdf
from .test_real_use import child, press, save_as, shown

SVG = "{http://www.w3.org/2000/svg}"
BETWEEN_PROGRAMS, BESIDE_THE_SCREEN = 20.0, 40.0
"""Largest difference of squares as large as a dot: edges are smoothed differently, letters on the screen are bolder."""
KINDS = ("png", "svg", "pdf")
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def colours(image: QImage) -> int:
    step = max(1, image.width() // 200)
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), step) for y in range(0, image.height(), step)}
    )


def figure_of(laboratory: Laboratory) -> Page:
    return laboratory.window.figure.page()


def pages_of(laboratory: Laboratory) -> dict[str, Page]:
    """Return the whole figure, every drawing of the last lane and every plot as they are saved."""
    figure = laboratory.window.figure
    of_others = [drawing for lane in figure.lanes_box.lanes[:-1] for drawing in lane.drawings]
    drawings = {
        drawing.title: figure.page_of(drawing) for drawing in figure.drawings if drawing not in of_others
    }
    return {"figure": figure.page(), **drawings}


def words_of(svg: bytes) -> str:
    """Return all words in an SVG file, a line for each text."""
    return "\n".join(path.get("aria-label", "") for path in ET.fromstring(svg).iter(f"{SVG}path"))


def go_to(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    laboratory.training.go_to(step)
    qtbot.waitUntil(lambda: shown(laboratory).step == step)


def test_all_matrices_of_a_layer_have_large_cells_in_an_svg(build: Build) -> None:
    """Viewers smooth small pictures: weights, gradient and last change all need more than a pixel a cell."""
    window = build("columns").window
    drawing = window.lanes[0].heatmaps[0]
    root = ET.fromstring(exporters.svg_of(window.figure.page_of(drawing)))
    links = [image.attrib["{http://www.w3.org/1999/xlink}href"] for image in root.iter(f"{SVG}image")]
    sizes = [QImage.fromData(b64decode(link.partition(",")[2])).size().toTuple() for link in links]
    units, rows = drawing.shape.fan_out, drawing.shape.rows
    matrices = [(width, height) for width, height in sizes if width >= 4 * units and height >= 4 * rows]
    assert len(matrices) >= 3
    assert (units, 1) not in sizes, "the colours of groups, which librsvg smoothed into each other"


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("target", "theme"), [("columns", "light"), ("circles", "light"), ("mnist-per-sample", "dark")]
)
def test_every_picture_looks_the_same_in_three_programs(
    qtbot: QtBot, build: Build, target: str, theme: str
) -> None:
    """A dot of a lane that is missing, moved or black would make a difference of 100 and more."""
    laboratory = build(target, theme=theme)
    go_to(qtbot, laboratory, 20)
    for name, page in pages_of(laboratory).items():
        wanted = pixels(exporters.image_of(page))
        svg = exporters.svg_of(page)
        qt, resvg, pdfium = by_qt(svg), by_resvg(svg), by_pdfium(exporters.pdf_of(page))
        assert colours(exporters.image_of(page)) > 3, f"{name} is empty"
        assert wanted.shape == qt.shape == resvg.shape
        assert np.abs(np.subtract(wanted.shape, pdfium.shape)).max() <= 3, "a PDF has whole points"
        assert largest_difference(qt, resvg) < BETWEEN_PROGRAMS, name
        for picture in (qt, resvg, pdfium):
            assert largest_difference(picture, wanted) < BESIDE_THE_SCREEN, name


def test_dots_of_lanes_have_their_colours_in_the_lanes_and_in_legends(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    for name in ("figure", "Loss"):
        picture = by_resvg(exporters.svg_of(pages_of(laboratory)[name]))
        for colour in laboratory.window.theme.lanes[:4]:
            rgb = QColor(colour).getRgb()[:3]
            assert (np.abs(picture - rgb).max(axis=2) == 0).sum() > 100, f"{colour} in {name}"


def test_a_picture_does_not_change_what_the_window_shows(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("circles")
    before = laboratory.window.grab().toImage()
    for page in pages_of(laboratory).values():
        for suffix in KINDS:
            exporters.save_page(tmp_path / f"picture.{suffix}", page)
    assert laboratory.window.grab().toImage() == before


def test_the_figure_holds_every_lane_every_sentence_and_the_step(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    go_to(qtbot, laboratory, 20)
    svg, pdf = exporters.svg_of(figure_of(laboratory)), exporters.pdf_of(figure_of(laboratory))
    for words in ("zeros", "large", "xavier", "he", "Two circles, four ways to start", "step 20"):
        assert words in words_of(svg)
        assert words in words_of_pdf(pdf)
    said = set(words_of(svg).split())
    for lane in laboratory.window.lanes:
        for chip in lane.status.findChildren(QLabel):
            assert set(chip.text().split()) <= said


def test_sentences_stay_in_their_lanes(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1280, 720))
    figure = laboratory.window.figure
    picture = by_resvg(exporters.svg_of(figure.page()))
    ground = QColor(laboratory.window.theme.window).getRgb()[:3]
    lanes = laboratory.window.lanes
    for left, right in pairwise(lanes):
        gap = slice(
            ZOOM * (left.mapTo(figure, left.rect().topRight()).x() + 2),
            ZOOM * (right.mapTo(figure, right.rect().topLeft()).x() - 1),
        )
        top, bottom = (
            ZOOM * left.mapTo(figure, corner).y()
            for corner in (left.rect().topLeft(), left.rect().bottomLeft())
        )
        assert (picture[top:bottom, gap] == ground).all(), (
            f"something is between {left.name} and {right.name}"
        )


def test_a_single_curve_says_what_it_shows(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    go_to(qtbot, laboratory, 20)
    words = words_of(exporters.svg_of(laboratory.window.figure.page_of(laboratory.window.curves.loss)))
    lines = words.splitlines()
    assert "Loss" in lines, "the title"
    assert {"zeros", "constant-2", "random"} <= set(lines), "the legend"
    assert {"loss", "step"} <= set(lines), "the axes"
    assert "Four neurons, one column · step 20" in lines


def test_a_heatmap_says_its_scale(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    drawing = laboratory.window.lanes[2].heatmaps[0]
    lines = words_of(exporters.svg_of(laboratory.window.figure.page_of(drawing))).splitlines()
    assert {"random, layer 1", "weights", "−2", "2", "W1  3×4"} <= set(lines)


def test_a_notice_changes_no_size(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    window, before = laboratory.window, figure_of(laboratory).size
    window.show_success("Saved figure.svg")
    window.show_error("A sentence that is so long that it needs several lines. " * 9, "details")
    qtbot.waitUntil(window.notice.isVisible)
    QApplication.processEvents()
    assert figure_of(laboratory).size == before
    assert window.notice.height() > 40, "it is all there"


def test_a_pdf_is_one_page_as_large_as_on_the_screen(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    size = laboratory.window.figure.size()
    with pypdfium2.PdfDocument(exporters.pdf_of(figure_of(laboratory))) as document:
        assert len(document) == 1
        width, height = document[0].get_size()
        assert document.get_metadata_dict()["Title"] == "Four neurons, one column · step 0"
    assert (width * 96 / 72, height * 96 / 72) == pytest.approx(size.toTuple(), abs=1.4)


def test_a_picture_is_what_was_there_when_it_was_asked_for(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    """Training goes on and another experiment is opened, while a dialog asks where to."""
    laboratory = build("columns")
    laboratory.window.export_requested.emit(laboratory.window.lanes[2].heatmaps[0])
    qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is not None)
    before = shown(laboratory).opening
    laboratory.window.target_requested.emit("circles")
    qtbot.waitUntil(lambda: shown(laboratory).opening > before)
    path = tmp_path / "heatmap.svg"
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    assert "random, layer 1" in words_of(path.read_bytes())
    assert "Four neurons, one column · step 0" in words_of(path.read_bytes())


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


@pytest.mark.parametrize("letter", ["x", "İ", "权", "𝛁", ":"])
def test_a_proposed_name_is_one_that_a_file_can_have(
    qtbot: QtBot, build: Build, tmp_path: Path, letter: str
) -> None:
    path = tmp_path / "experiment.json"
    path.write_bytes(msgspec.json.encode(document(layer(2), layer(1), name=letter * 80)))
    laboratory = build(str(path))
    for action in ("save", "export_figure", "screenshot"):
        laboratory.window.actions_by_id[action].trigger()
        qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is not None)
        dialog = laboratory.window.findChild(QFileDialog, "file_dialog")
        assert isinstance(dialog, QFileDialog)
        chosen = Path(dialog.selectedFiles()[0])
        assert chosen.suffix == f".{dialog.defaultSuffix()}"
        assert action == "save" or "step-0" in chosen.name, "the step tells two pictures apart"
        (tmp_path / chosen.name).write_bytes(b"")
        dialog.reject()
        qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is None)


@pytest.mark.parametrize("typed", ["figure", "figure.png", "figure.svg", "figure.pdf"])
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
    assert "W1  3×4" in words_of(path.read_bytes())


@pytest.mark.parametrize(
    "name", ["below-a-file/figure.png", "below-a-file/figure.svg", "below-a-file/figure.pdf", "figure.bmp"]
)
def test_a_failed_write_says_so_and_names_the_path(
    qtbot: QtBot, build: Build, tmp_path: Path, name: str
) -> None:
    (tmp_path / "below-a-file").write_text("in the way")
    laboratory = build("columns")
    with refused(f"{tmp_path / name}: …", FileError):
        exporters.save_page(tmp_path / name, figure_of(laboratory))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["below-a-file"], (
        "nothing half-written is left"
    )


def test_a_failed_write_replaces_nothing(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    folder = tmp_path / "figure.png"
    folder.mkdir()
    with refused("…could not be written…", FileError):
        exporters.save_page(folder, figure_of(laboratory))
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
