"""Facts about room: how parts share it, what can have all of it, what is legible at which size, what is remembered."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.app import application
from gui.app.application import Laboratory
from gui.lanes.lane_header import LaneHeader
from gui.parts.room import FIRST_ROOM, Room, room_of, shares_of
from gui.parts.split import Split
from gui.window.main_window import MainWindow
from gui.window.settings import Settings

from .conftest import Build
from .test_real_use import child, press

BESIDE_THE_SCREEN = (
    b"AdnQywADAAAAAAAAAAAAAAAABVMAAANfAAAAAgAAAAIAAAVRAAADXQAAAAAAAAAAAyAAAH8CAAAAAgAABVEAAANd"
)
"""A damaged geometry of a window: its left edge is 32,514 pixels from that of the screen, and beyond its right one."""

SMALL, BELOW_TITLE_BAR, TWICE_AS_LARGE = (1280, 720), (1280, 690), (640, 330)
"""A small screen, what a title bar leaves of it, and of it at 200 %."""


def drag(qtbot: QtBot, split: Split, pixels: int) -> None:
    """Drag the first handle of a splitter with the mouse."""
    handle = split.handle(1)
    middle = handle.rect().center()
    way = QPoint(pixels, 0) if split.orientation() is Qt.Orientation.Horizontal else QPoint(0, pixels)
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(handle, middle + way)
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + way)
    QApplication.processEvents()


def visible_parts(laboratory: Laboratory) -> list[str]:
    """Return the names of the graphs, data spaces, heatmaps and cards of curves that are seen."""
    window = laboratory.window
    cards: list[QWidget] = list(window.curves._cards.values())
    return [part.objectName() for part in (*window.figure.lanes_box.drawings, *cards) if part.isVisible()]


# What is legible


@pytest.mark.parametrize("size", [SMALL, BELOW_TITLE_BAR])
def test_every_number_of_3_4_1_is_written_in_its_cell_at_1280(build: Build, size: tuple[int, int]) -> None:
    laboratory = build("columns", size)
    assert laboratory.window.side.isVisible(), "with the panels of the first start"
    for lane in laboratory.window.lanes:
        assert [[len(part.numbers) for part in view._sections] for view in lane.heatmaps] == [
            [12] * 2,
            [4] * 2,
        ]
        for item in (item for view in lane.heatmaps for part in view._sections for item in part.numbers):
            assert item.boundingRect().width() <= lane.heatmaps[-1].arrangement.cell[0] + 4


def test_a_small_screen_at_200_percent_cuts_no_name_of_a_lane_and_no_number(build: Build) -> None:
    laboratory = build("circles")
    window = laboratory.window
    laboratory.clock.stop()  # no step is shown after that
    window.resize(*TWICE_AS_LARGE)
    for _ in range(3):
        QApplication.processEvents()
    for lane in window.lanes:
        header = lane.findChild(LaneHeader)
        assert header is not None
        assert header.title.name.width() >= header.title.name.fontMetrics().horizontalAdvance("he")
        assert header.scores.geometry().right() <= header.width()
        space = lane.space
        assert space is not None
        texts = [item for item in space.drawing.items() if isinstance(item, QGraphicsSimpleTextItem)]
        for item in (item for item in texts if item.isVisible() and item.text()):
            assert item.sceneBoundingRect().right() <= space.width() + 1, item.text()


def test_at_640_pixels_the_title_is_whole_and_plots_have_equal_room(build: Build) -> None:
    window = build("circles", (640, 480)).window
    assert window.figure._title.text() == window.figure._title.whole
    widths = [card.width() for card in window.curves._cards.values() if card.isVisible()]
    assert len(widths) == 3
    assert max(widths) - min(widths) <= 2, "however long their captions are"


def test_circles_show_their_matrices_and_decisions_at_1280(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", SMALL)
    qtbot.waitUntil(lambda: all(lane.space is not None for lane in laboratory.window.lanes))
    for lane in laboratory.window.lanes:
        assert lane.heatmaps[0]._weights.frame.rect().width() >= 200
        assert lane.space is not None
        assert lane.space._square.width() >= 120


@pytest.mark.parametrize("size", [SMALL, (1920, 1080)])
@pytest.mark.parametrize(
    "target", ["columns", "circles", "zero-gradient", "mnist-per-sample", "mnist-two-layer"]
)
def test_no_third_of_a_lane_is_empty(build: Build, target: str, size: tuple[int, int]) -> None:
    laboratory = build(target, size)
    lane = laboratory.window.lanes[0]
    maps = lane._maps
    right = max(view.geometry().right() for view in lane.heatmaps)
    left = min(view.geometry().left() for view in lane.heatmaps)
    bottom = max(view.geometry().bottom() for view in lane.heatmaps)
    assert right - left >= 0.66 * maps.width()
    assert bottom >= 0.66 * maps.height()
    assert maps.height() * maps.width() >= 0.35 * lane.height() * lane.width(), "heatmaps are the product"


@pytest.mark.parametrize("target", ["columns", "circles", "mnist-per-sample"])
def test_the_window_fits_a_screen_of_1280_by_720_at_200_percent(build: Build, target: str) -> None:
    laboratory = build(target, (640, 330))
    window = laboratory.window
    window.actions_by_id["side"].setChecked(True)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (640, 330)
    assert window.minimumSizeHint().width() <= 640
    for part in (window.transport, window.side, window.menuBar()):
        place = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
        assert window.rect().contains(place), part.objectName()


def test_a_window_larger_than_the_screen_is_made_smaller_and_put_on_it(build: Build) -> None:
    window = build("columns").window
    window.resize(9000, 9000)
    window.move(5000, -400)
    window.stay_on_screen()
    assert window.screen().availableGeometry().contains(window.frameGeometry())


def test_a_window_that_is_remembered_without_width_and_beside_the_screen_is_put_on_it(
    qtbot: QtBot,
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.restoreGeometry(QByteArray.fromBase64(BESIDE_THE_SCREEN))
    window.stay_on_screen()
    window.show()
    assert window.screen().availableGeometry().contains(window.geometry().center())


# Who shares it


def test_a_handle_in_one_lane_moves_in_all_of_them(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    lanes = laboratory.window.lanes
    before = lanes[2].graph.height()
    drag(qtbot, lanes[1].body._whole, 60)
    assert laboratory.display.state.room.tall != FIRST_ROOM.tall
    heights = {lane.graph.height() for lane in lanes}
    assert len(heights) == 1
    assert abs(heights.pop() - before - 60) <= 2
    wide = lanes[0].graph.width()
    drag(qtbot, lanes[3].body._network, -30)
    assert abs(lanes[0].graph.width() - wide + 30) <= 2


def test_lanes_and_curves_and_cards_share_the_rest(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    figure, curves = laboratory.window.figure, laboratory.window.curves
    high = curves.height()
    drag(qtbot, figure._rows, -50)
    assert abs(curves.height() - high - 50) <= 2
    wide = curves.loss.width()
    drag(qtbot, curves._split, 40)
    assert abs(curves.loss.width() - wide - 40) <= 2
    laboratory.window.resize(1600, 1000)
    QApplication.processEvents()
    assert laboratory.display.state.room.cards != FIRST_ROOM.cards
    laboratory.window.actions_by_id["share_out"].trigger()
    QApplication.processEvents()
    assert laboratory.display.state.room == FIRST_ROOM
    widths = [card.width() for card in curves._cards.values() if card.isVisible()]
    assert max(widths) - min(widths) <= 1


def test_wide_lanes_have_the_network_left_of_the_weights(build: Build) -> None:
    lane = build("zero-gradient", (1920, 1080)).window.lanes[0]
    assert lane.graph.mapTo(lane, QPoint(0, 0)).x() < lane._maps.mapTo(lane, QPoint(0, 0)).x() - 100
    assert lane.space is not None
    assert lane.space.mapTo(lane, QPoint(0, 0)).y() > lane.graph.mapTo(lane, QPoint(0, 0)).y() + 100


@pytest.mark.parametrize("pixels", [-2000, 2000])
def test_handles_dragged_to_either_end_leave_drawings_that_can_be_drawn(
    qtbot: QtBot, build: Build, pixels: int
) -> None:
    laboratory = build("circles", SMALL)
    lane = laboratory.window.lanes[0]
    for split in (lane.body._whole, lane.body._network, laboratory.window.figure._rows):
        drag(qtbot, split, pixels)
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1)
    assert lane.graph.height() >= 40
    assert lane._maps.height() >= 40


# Who has all of it


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("graph", ["lane.1.graph"]),
        ("space", ["lane.1.space"]),
        ("weights", ["lane.1.heatmap.1", "lane.1.heatmap.2", "lane.1.heatmap.3"]),
    ],
)
def test_a_double_click_enlarges_a_part_and_escape_brings_the_rest_back(
    qtbot: QtBot, build: Build, part: str, shown: list[str]
) -> None:
    laboratory = build("circles")
    window, lane = laboratory.window, laboratory.window.lanes[1]
    everything = visible_parts(laboratory)
    assert lane.space is not None
    target = {"graph": lane.graph.viewport(), "space": lane.space.viewport(), "weights": lane._maps}[part]
    place = QPoint(target.width() // 2, target.height() - 2 if part == "weights" else target.height() // 2)
    qtbot.mouseDClick(target, Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    assert visible_parts(laboratory) == shown
    assert lane.width() > 0.9 * window.figure.width()
    assert child(laboratory, "figure.show_all").isVisible()
    press(qtbot, laboratory, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert visible_parts(laboratory) == everything
    assert not child(laboratory, "figure.show_all").isVisible()


def test_a_double_click_on_the_header_enlarges_the_lane_and_its_button_ends_that(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    header = laboratory.window.lanes[2].header
    everything = visible_parts(laboratory)
    qtbot.mouseDClick(header, Qt.MouseButton.LeftButton, pos=QPoint(40, 8))
    assert {name[:7] for name in visible_parts(laboratory)} == {"lane.2."}
    button = child(laboratory, "figure.show_all")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert visible_parts(laboratory) == everything


def test_a_card_of_curves_is_enlarged_beside_its_plot(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    card = child(laboratory, "card.accuracy")
    qtbot.mouseDClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() // 2, 4))
    assert visible_parts(laboratory) == ["card.accuracy"]
    assert card.height() > 0.8 * laboratory.window.figure.height()


def test_another_experiment_is_shown_whole(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    laboratory.display.enlarge("lane.3.graph")
    laboratory.window.target_requested.emit("columns")
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    qtbot.waitUntil(laboratory.window.lanes[0].isVisible)
    assert laboratory.display.state.enlarged == ""
    assert len([name for name in visible_parts(laboratory) if "graph" in name]) == 3


def test_a_data_space_that_is_enlarged_and_left_out_leaves_no_empty_window(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    laboratory.display.enlarge("lane.3.space")
    press(qtbot, laboratory, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: all(lane.space is None for lane in laboratory.window.lanes))
    assert "lane.0.graph" in visible_parts(laboratory)


# What is remembered


def test_the_next_start_has_the_room_of_the_last_one(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("circles")
    drag(qtbot, laboratory.window.figure._rows, -40)
    path = tmp_path / "settings.json"
    settings = Settings(path)
    settings.room = laboratory.display.state.room
    settings.side_width = 400
    again = build("circles", (1920, 1000))
    application.begin_with(again, Settings(path))
    QApplication.processEvents()
    assert again.display.state.room == laboratory.display.state.room != FIRST_ROOM
    assert abs(again.window.side.width() - 400) <= 2


def test_shares_that_make_no_sense_are_left_out() -> None:
    room = Room(rows=(1, 2))
    assert room_of(shares_of(room)) == room
    broken = {
        "rows": (1.0, 0.0),
        "cards": (1.0,),
        "tall": (-3.0, 5.0),
        "other": (1.0, 1.0),
        "wide": (2.0, 1e300),
    }
    assert room_of(broken) == FIRST_ROOM


# What explains itself


@pytest.mark.parametrize("target", ["columns", "circles"])
@pytest.mark.parametrize("page", ["why", "health", "small"])
def test_every_text_explains_itself_on_hover(qtbot: QtBot, build: Build, target: str, page: str) -> None:
    laboratory = build(target, (1920, 1080))
    laboratory.display.set_side(True)
    laboratory.display.set_page(page)
    panel = laboratory.window.side.currentWidget()
    assert panel is not None
    qtbot.waitUntil(lambda: any(label.isVisible() and label.text() for label in panel.findChildren(QLabel)))
    silent = [
        (label.objectName(), label.text())
        for label in laboratory.window.findChildren(QLabel)
        if label.isVisible() and not explanation(label)
    ]
    assert silent == []


def explanation(widget: QWidget | None) -> str:
    """Return the tooltip of a widget, or of the nearest one around it that has any."""
    while widget is not None and not widget.toolTip():
        widget = widget.parentWidget()
    return "" if widget is None else widget.toolTip()
