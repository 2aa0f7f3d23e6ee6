"""Facts about what is on the screen: nothing cut off, names and tips everywhere, true words, calm colours."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QLabel,
    QMenu,
    QScrollBar,
    QSpinBox,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.report.curve import Curve
from gui.look.colours import (
    DARK_INK,
    EXACTLY_ZERO,
    HALF,
    LIGHT_INK,
    NOT_A_NUMBER,
    Scale,
    inks,
    lookup_table,
    nice_ceiling,
)
from gui.look.theme import THEMES
from gui.present.display_state import is_answered
from gui.present.lines import bundles
from gui.widgets.colour_bar import ColourBar

from .conftest import Build
from .test_real_use import child, press, shown

SIZES = [(1280, 720), (1280, 800), (1920, 1080)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", ["columns", "circles"])
def test_nothing_is_cut_off(qtbot: QtBot, build: Build, target: str, size: tuple[int, int]) -> None:
    laboratory = build(target, size)
    window = laboratory.window
    for lane in window.lanes:
        for drawing in lane.drawings:
            bottom = drawing.mapTo(lane, drawing.rect().bottomRight())
            assert lane.rect().contains(bottom), f"{drawing.objectName()} leaves its lane"
            scene = drawing.drawing.sceneRect()
            assert scene.width() <= drawing.width() + 1, f"{drawing.objectName()} is cut off"
            assert scene.height() <= drawing.height() + 1, f"{drawing.objectName()} is cut off"
            for item in drawing.drawing.items():
                if item.isVisible() and hasattr(item, "text") and item.text():
                    assert scene.adjusted(-1, -1, 1, 1).contains(item.sceneBoundingRect()), item.text()
        right = lane.mapTo(window, lane.rect().topRight()).x()
        assert right < window.width(), f"{lane.name} leaves the window"


@pytest.mark.parametrize("target", ["columns", "circles"])
def test_heatmaps_of_a_lane_do_not_overlap(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target)
    for lane in laboratory.window.lanes:
        views = [*lane.heatmaps, lane.graph, lane.status]
        for index, first in enumerate(views):
            for second in views[index + 1 :]:
                assert (
                    not first.geometry()
                    .translated(first.parentWidget().mapTo(lane, first.parentWidget().rect().topLeft()))
                    .intersects(
                        second.geometry().translated(
                            second.parentWidget().mapTo(lane, second.parentWidget().rect().topLeft())
                        )
                    )
                ), (first.objectName(), second.objectName())


def test_every_control_has_an_accessible_name_and_a_tooltip(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSlider, QSpinBox)
        for widget in laboratory.window.findChildren(kind)
        if widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget, QScrollBar)
    ]
    assert len(controls) > 10
    for control in controls:
        assert control.accessibleName(), f"{control.objectName()} has no accessible name"
        assert control.toolTip(), f"{control.objectName()} has no tooltip"


def test_the_promised_names_are_there(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    assert laboratory.window.objectName() == "main_window"
    names = [
        *(f"transport.{name}" for name in ("play", "step_forward", "step_back", "rewind", "new_seed")),
        "timeline.slider",
        "timeline.step",
        *(f"lane.{n}.{part}" for n in range(4) for part in ("graph", "status")),
        *(f"lane.{n}.heatmap.{layer}" for n in range(4) for layer in (1, 2, 3)),
    ]
    for name in names:
        assert child(laboratory, name).isVisible(), name


def test_the_status_says_what_is_equal(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)
    texts = [lane.status.text() for lane in laboratory.window.lanes]
    assert texts == [
        "Layer 1: 4 neurons, 1 distinct column, 1 group. Gradients equal.",
        "Layer 1: 4 neurons, 1 distinct column, 1 group. Gradients equal.",
        "Layer 1: 4 neurons, 4 distinct columns, 4 groups. Gradients differ.",
    ]


def test_zero_weights_with_sigmoid_have_no_gradient_in_layer_1_at_step_0(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    assert (
        laboratory.window.lanes[0].status.text()
        == "Layer 1: 4 neurons, 1 distinct column, 1 group. Gradients exactly 0."
    )


def test_a_cell_says_its_exact_number(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    view = laboratory.window.lanes[2].heatmaps[0]
    value = shown(laboratory).lanes[2].layers[0].weights[0, 1]
    place = view._weights.frame.rect()
    cell = view._weights.frame.rect().topLeft()
    cell.setX(cell.x() + place.width() * 1.5 / 4)
    cell.setY(cell.y() + 2)
    assert view.text_at(cell) == f"weight from input 1 to neuron 2 = {value:.17g}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("decades", [0, 8])
def test_the_colour_scale_is_symmetric_and_zero_has_a_colour_of_its_own(theme: str, decades: int) -> None:
    scale = Scale(2.0, decades, theme)
    values = np.array([-9.0, -2.0, -0.3, 0.0, 0.3, 2.0, 9.0, np.nan, np.inf, -np.inf])
    places = scale.places(scale.shares(values))
    assert places[3] == EXACTLY_ZERO
    np.testing.assert_array_equal(places[:3] - HALF, -(places[4:7] - HALF)[::-1])
    assert places[0] == places[1] == places[9] == 0
    assert places[5] == places[6] == places[8] == 2 * HALF
    assert places[7] == NOT_A_NUMBER
    positive, negative = scale.colour(1.0), scale.colour(-1.0)
    assert positive.blue() > positive.red(), "positive is blue"
    assert negative.red() > negative.blue(), "negative is red"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("decades", [0, 4])
@pytest.mark.parametrize("value", [1e-6, 5e-324, -5e-324])
def test_only_zero_has_the_colour_of_zero(value: float, decades: int, dtype: str) -> None:
    number = np.array([value]).astype(dtype)
    scale = Scale(1e3, decades, "light")
    assert (scale.places(scale.shares(number))[0] == EXACTLY_ZERO) == (number[0] == 0)


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_close_to_zero_are_nearly_white_or_nearly_black(theme: str) -> None:
    table, surface = lookup_table(theme), QColor(THEMES[theme].surface)
    nearly, zero = QColor.fromRgb(int(table[HALF])), QColor.fromRgb(int(table[EXACTLY_ZERO]))
    assert abs(nearly.lightness() - surface.lightness()) < 8
    parts = nearly.getRgb()[:3]
    assert max(parts) - min(parts) < 12
    assert abs(zero.lightness() - nearly.lightness()) > 15


@pytest.mark.parametrize("theme", THEMES)
def test_a_number_is_legible_on_every_colour(theme: str) -> None:
    def luminance(colour: QColor) -> float:
        """Return the relative luminance of WCAG 2."""
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for place, ink in enumerate(inks(theme)):
        both = sorted(map(luminance, (ink, QColor.fromRgb(int(lookup_table(theme)[place])))))
        assert (both[1] + 0.05) / (both[0] + 0.05) >= 3.5, place


@pytest.mark.parametrize("theme", THEMES)
def test_lanes_and_classes_are_neither_red_nor_blue(theme: str) -> None:
    """Red and blue are signs."""
    signs = [QColor(THEMES[theme].signs[place]) for place in (1, -2)]
    for colour in (*THEMES[theme].lanes, *THEMES[theme].classes):
        chosen = QColor(colour)
        for sign in signs:
            apart = abs(chosen.hsvHueF() - sign.hsvHueF())
            assert min(apart, 1 - apart) > 0.05 or chosen.hsvSaturationF() < 0.5, colour


@pytest.mark.parametrize("theme", THEMES)
def test_zero_half_and_minus_three_have_different_colours(theme: str) -> None:
    table = lookup_table(theme)
    scale = Scale(5.0, 0, theme)
    assert len({int(table[index]) for index in scale.places(scale.shares(np.array([0.0, 0.5, -3.0])))}) == 3


def test_the_colour_scale_grows_in_calm_steps() -> None:
    assert [nice_ceiling(value) for value in (0.0, 0.9, 1.0, 1.1, 4.2, 31.0, 2e-7)] == [
        1,
        1,
        1,
        2,
        5,
        50,
        2e-7,
    ]


def test_beside_the_smallest_and_largest_numbers_the_scale_ends_at_the_number() -> None:
    assert [nice_ceiling(value) for value in (5e-324, 1e-310, 1.7e308)] == [5e-324, 1e-310, 1.7e308]


@pytest.mark.parametrize("largest", [5e-324, 1e-310, 1e-40, 1.7e308])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_largest_number_has_the_last_colour_however_small_or_large_it_is(
    largest: float, dtype: str
) -> None:
    with np.errstate(over="ignore", under="ignore"):
        values = np.array([0.0, largest, -largest]).astype(dtype)
    if values.any() and np.isfinite(values).all():
        scale = Scale(nice_ceiling(float(values.max())), 0, "light")
        shares = scale.shares(values)
        assert shares[0] == 0
        assert 0.5 <= shares[1] <= 1
        assert shares[2] == -shares[1]


def test_lanes_that_differ_much_start_with_logarithmic_colours(qtbot: QtBot, build: Build) -> None:
    assert build("circles").window.actions_by_id["log_colours"].isChecked()
    assert not build("columns").window.actions_by_id["log_colours"].isChecked()


def test_the_theme_changes_with_a_key_and_every_drawing_follows(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    press(qtbot, laboratory, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    dark = THEMES["dark"]
    assert laboratory.window.theme is dark
    for drawing in laboratory.window.drawings:
        corner = drawing.grab().toImage().pixelColor(1, 1)
        assert corner == QColor(dark.surface), drawing.title


def test_menus_and_dialogs_of_the_window_follow_its_theme_and_the_application_has_no_sheet_of_its_own(
    qtbot: QtBot, build: Build
) -> None:
    """Changing the sheet of the whole application takes four times as long."""
    laboratory = build("columns")
    laboratory.window.show_help()
    for action in ("dark", "dark"):
        laboratory.window.actions_by_id[action].trigger()
        surface = QColor(laboratory.window.theme.surface)
        menu = laboratory.window.findChild(QMenu, "menu.presets")
        text = laboratory.window.findChild(QTextBrowser)
        assert isinstance(menu, QMenu)
        assert isinstance(text, QTextBrowser)
        assert menu.grab().toImage().pixelColor(3, 3) == surface
        assert text.viewport().grab().toImage().pixelColor(1, 1) == surface
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert not application.styleSheet()


def test_showing_a_snapshot_asks_for_nothing(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    asked: list[object] = []
    window = laboratory.window
    for signal in (
        window.transport.step_requested,
        window.transport.speed_requested,
        window.curves.step_requested,
    ):
        signal.connect(asked.append)
    press(qtbot, laboratory, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shown(laboratory).step == 10)
    assert not asked


def test_nothing_jumps_when_the_words_change(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    lane, training, display = laboratory.window.lanes[0], laboratory.training, laboratory.display
    # the accuracy comes a few frames later and takes room beside the name
    qtbot.waitUntil(lambda: training.snapshot is not None and is_answered(training.snapshot, display.state))
    QApplication.processEvents()
    before = [widget.geometry() for widget in lane.findChildren(QWidget)]
    label = child(laboratory, "lane.0.status")
    assert isinstance(label, QLabel)
    label.setText("Layer 1: 10 neurons, 10 groups. 10 distinct gradients.\n" * 2)
    QApplication.processEvents()
    assert [widget.geometry() for widget in lane.findChildren(QWidget)] == before


@pytest.mark.parametrize("sign", [1, -1], ids=["rising", "falling"])
def test_a_smooth_curve_has_no_steps_at_the_resolution_of_its_plot(sign: int) -> None:
    values = sign * np.linspace(0, 1, 512)
    (line,) = bundles({(0, 0): Curve(4, values, values)}, 230.0, moving=False)
    x, y = line.x, line.y[0]
    assert len(x) < 300
    assert (np.diff(x) >= 0).all()
    assert (sign * np.diff(y[:-2]) >= 0).all()
    assert (y.min(), y.max()) == (values.min(), values.max()), "nothing is left out"


def test_numbers_in_cells_stand_out_from_them_also_after_the_theme_and_the_scale_have_changed(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns", (1600, 1000))
    numbers = [
        number
        for lane in laboratory.window.lanes
        for view in lane.heatmaps
        for section in view._sections
        for number in section.numbers
    ]
    assert numbers
    for key in ("dark", "log_colours", "dark"):
        laboratory.window.actions_by_id[key].trigger()
        QApplication.processEvents()
        assert {number.brush().color().name() for number in numbers} <= {LIGHT_INK, DARK_INK}
        assert all(number.text() for number in numbers)


@pytest.mark.parametrize(
    ("limit", "low", "high"),
    [(2e-05, "−2e−5", "2e−5"), (0.005, "−0.005", "0.005"), (50.0, "−50", "50"), (1e12, "−1e12", "1e12")],
)
def test_a_colour_bar_says_its_limits_with_a_true_minus(
    qtbot: QtBot, limit: float, low: str, high: str
) -> None:
    bar = ColourBar("weights")
    qtbot.addWidget(bar)
    bar.show_scale(Scale(limit, 0, "light"))
    texts = [label.text() for label in bar.findChildren(QLabel)]
    assert texts[:1] == ["weights"]
    assert {low, high} <= set(texts)
