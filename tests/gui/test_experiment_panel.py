"""In the experiment panel everything can be changed with mouse and keys, and what is refused says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollArea,
)
from pytestqt.qtbot import QtBot

from engine.core.errors import InitscopeError
from engine.core.registry import kind_of
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.model.optimizers import Sgd
from engine.session.lab import Lab
from gui.editor.consequences import changes_for
from gui.editor.form_builder import form_of
from gui.forms.field_row import FieldRow, LaneMark
from gui.forms.kind_row import KindRow
from gui.forms.layer_block import LayerBlock
from gui.forms.number_field import LiveNumber
from gui.look.theme import DARK
from gui.text.error_words import sentence
from tests.builders import experiment, layer, table

from .desk import Desk, pull
from .test_fields import turn_wheel

RATE = "optimizer.learning_rate"


pytestmark = pytest.mark.usefixtures("quick_clicks")


@pytest.fixture
def circles(qtbot: QtBot) -> Desk:
    return Desk(qtbot, open_target("circles"))


@pytest.fixture
def small(qtbot: QtBot) -> Desk:
    return Desk(qtbot, experiment(layer(3), layer(1)))


PARTS = ["data", "loss", "optimizer", "network.layers.0.activation", "network.layers.1.activation"]


PATHS = [*PARTS, "network.layers.0.weights", "network.layers.0.biases", "clip", "optimizer.schedule"]


def test_every_registry_of_kinds_has_its_row(small: Desk) -> None:
    rows = {row.field.path for row in small.rows() if row.field.control == "kind"}
    assert {path.rpartition(".")[2] for path in rows} == {path.rpartition(".")[2] for path in PATHS}
    assert rows >= set(PATHS)


CLASSES = table([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], np.eye(3))


def test_kinds_for_classes_can_be_chosen_where_there_are_classes(qtbot: QtBot) -> None:
    desk = Desk(qtbot, experiment(layer(2), layer(3, "sigmoid"), data=CLASSES))
    desk.pick("loss.kind", "cross-entropy")
    assert desk.find("network.layers.1.activation.kind").currentText() == "softmax"  # which it needs
    desk.pick("loss.kind", "squared error")
    desk.pick("network.layers.1.activation.kind", "sigmoid")
    desk.pick("network.layers.1.activation.kind", "softmax")
    Lab(desk.experiment).train(2)
    assert parse_experiment(encode_experiment(desk.experiment)) == desk.experiment


def test_what_a_kind_is_and_its_formula_are_both_read_whole(circles: Desk) -> None:
    rows = [row for row in circles.panel.findChildren(KindRow) if row.isVisibleTo(circles.panel)]
    chosen = [row for row in rows if row.field.about and row.about.isVisibleTo(row)]
    assert {row.field.path for row in chosen} >= set(PARTS)
    for row in chosen:
        assert (row.about.text(), row.formula.text()) == (row.field.about, row.field.formula)
        labels = [row.about] + [row.formula] * bool(row.field.formula)
        assert all(one.height() >= one.heightForWidth(one.width()) > 0 for one in labels), row.field.path


FILES = {
    ("data", "CSV file"): {"path": "points.csv"},
    ("data", "NPZ file"): {"path": "points.npz"},
    ("data", "arrays of a file"): {"path": "points.npz"},
    ("data", "IDX files"): {"train_images": "images.idx", "train_labels": "labels.idx"},
    ("network.layers.0.weights", "from a file"): {"path": "points.npz"},
    ("network.layers.0.biases", "from a file"): {"path": "points.npz"},
}


def _write_files(folder: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([0, 1, 0, 1, 1, 0])
    rows = np.column_stack([x, y])
    np.savez(folder / "points.npz", x_train=x, y_train=y, inputs=rows, W1=x[:3].T, b1=y[:3] * 1.0)
    np.savetxt(folder / "points.csv", rows, delimiter=",")
    (folder / "images.idx").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, *range(12)]))
    (folder / "labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 6, *y]))


@pytest.mark.parametrize(("path", "label"), list(FILES))
def test_every_kind_that_reads_a_file_can_be_chosen_trained_and_kept(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, label: str
) -> None:
    _write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    desk = Desk(qtbot, experiment(layer(3), layer(1)))
    desk.pick(f"{path}.kind", label)
    for field, name in FILES[path, label].items():
        line = desk.find(f"{path}.{field}")
        desk.click(line)
        qtbot.keyClicks(line, name)
        qtbot.keyClick(line, Qt.Key.Key_Return)
    if path.endswith("biases"):  # of the array for weights it says that it does not fit
        array = desk.find(f"{path}.array")
        desk.click(array)
        array.selectAll()
        qtbot.keyClicks(array, "b1")
        qtbot.keyClick(array, Qt.Key.Key_Return)
    assert desk.find(f"{path}.kind").currentText() == label
    Lab(desk.experiment).train(2)
    assert parse_experiment(encode_experiment(desk.experiment)) == desk.experiment


def test_the_hidden_layers_get_their_activation_together_and_the_outputs_keep_theirs(circles: Desk) -> None:
    circles.pick("network.layers.0.activation.kind", "tanh")
    assert circles.find("network.layers.hidden.activation.kind").currentIndex() == -1  # they do not agree
    circles.pick("network.layers.hidden.activation.kind", "leaky ReLU")
    kinds = [kind_of(one.activation) for one in circles.experiment.network.layers]
    assert kinds == ["leaky-relu", "leaky-relu", "sigmoid"]
    slope = "network.layers.hidden.activation.slope"
    circles.type(slope, "0.25")
    assert [getattr(one.activation, "slope", None) for one in circles.experiment.network.layers] == [
        0.25, 0.25, None,
    ]  # fmt: skip
    box = circles.find("network.layers.hidden.activation.kind")
    for _ in range(2):
        circles.click(circles.find("network.layers.0.remove"))
    assert not box.isVisibleTo(circles.panel)


def test_a_dragged_number_is_followed_and_stays_where_it_is_let_go(small: Desk) -> None:
    edit = small.find(RATE).lineEdit()
    for _ in pull(edit, 1, 60, 120):
        pass
    rates = [value for _, path, value, _, _ in small.asked if path == RATE]
    assert rates == pytest.approx([0.5 * 10**0.5, 5.0, 5.0], rel=1e-2)
    assert [is_final for *_, is_final in small.asked] == [False, False, True]
    assert small.experiment.optimizer.learning_rate == 5.0


def test_ctrl_snaps_shift_is_fine_and_the_caption_drags_too(small: Desk) -> None:
    row = next(row for row in small.rows() if row.field.path == RATE)
    for _ in pull(row.caption, 100, keys=Qt.KeyboardModifier.ControlModifier):
        pass
    assert small.experiment.optimizer.learning_rate == 3.0
    for _ in pull(row.caption, 100, keys=Qt.KeyboardModifier.ShiftModifier):
        pass
    assert small.experiment.optimizer.learning_rate == pytest.approx(3.63, rel=1e-2)


def test_a_form_that_comes_meanwhile_disturbs_neither_drag_nor_writing(small: Desk) -> None:
    field = small.find(RATE)
    small.panel.set_requested.disconnect()
    for _ in pull(field.lineEdit(), 120, 240):
        small.show()  # what is so still is what was
        assert field.text() != "0.5"
    small.show()
    assert field.text() == "0.5"
    small.click(field.lineEdit())
    small.qtbot.keyClicks(field.lineEdit(), "0.0")
    small.show()
    assert field.text() == "0.0"
    small.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.5"


def test_arrow_keys_and_a_wheel_in_the_field_step(small: Desk) -> None:
    field = small.find("network.layers.0.units")
    turn_wheel(field, QPoint(5, 5), 1)
    assert not small.asked
    field.setFocus()
    small.qtbot.keyClick(field, Qt.Key.Key_Up)
    turn_wheel(field, QPoint(5, 5), 1)
    small.qtbot.keyClick(field, Qt.Key.Key_Down)
    assert [value for _, _, value, _, _ in small.asked] == [4, 5, 4]
    assert small.experiment.network.layers[0].units == 4


@pytest.mark.parametrize(
    ("text", "why"),
    [("-1", "must be a number above 0, got -1"), ("fast", 'must be a number, got "fast"')],
)
def test_a_wrong_number_is_refused_at_its_field_in_words(small: Desk, text: str, why: str) -> None:
    before = small.experiment
    small.type(RATE, text)
    row = next(row for row in small.rows() if row.field.path == RATE)
    assert row.refusal.isVisible()
    assert row.refusal.text() == f"{RATE}: {why}"
    assert small.experiment == before
    assert small.find(RATE).text() == "0.5"
    small.type(RATE, "0.25")
    assert not row.refusal.isVisible()


def test_a_number_may_be_a_word(small: Desk) -> None:
    small.click(small.find("batch.size.word"))
    assert small.experiment.batch.size == 32
    small.type("batch.size", "full")
    assert small.experiment.batch.size == "full"
    assert small.find("batch.size.word").isChecked()


def test_a_sweep_goes_on_at_every_frame_until_it_is_stopped(small: Desk) -> None:
    small.panel.set_requested.disconnect()
    small.panel.set_requested.connect(lambda *asked: small.asked.append(asked))
    small.click(small.find(f"{RATE}.sweep"))
    for _ in range(60):
        small.panel.tick()
    assert {is_final for *_, is_final in small.asked} == {False}
    small.click(small.find(f"{RATE}.sweep"))
    assert small.asked[-1][2:] == (5.0, None, True)
    small.panel.tick()
    assert small.asked[-1][2:] == (5.0, None, True)


def test_layers_are_added_copied_moved_and_removed(circles: Desk) -> None:
    def widths() -> list[int]:
        return [one.units for one in circles.experiment.network.layers]

    circles.click(circles.find("network.layers.add"))
    assert widths() == [10, 5, 5, 1]
    circles.click(circles.find("network.layers.0.duplicate"))
    assert widths() == [10, 10, 5, 5, 1]
    circles.click(circles.find("network.layers.2.up"))
    assert widths() == [10, 5, 10, 5, 1]
    circles.click(circles.find("network.layers.0.remove"))
    assert widths() == [5, 10, 5, 1]
    assert not circles.find("network.layers.0.up").isEnabled()
    for _ in range(3):
        circles.click(circles.find("network.layers.0.remove"))
    circles.click(circles.find("network.layers.add"))
    assert widths() == [4, 1]


def test_the_layers_of_a_deep_network_come_one_after_another_where_somebody_comes_to_them(
    qtbot: QtBot,
) -> None:
    desk = Desk(qtbot, experiment(*[layer(3)] * 20, layer(1)))
    layers = desk.panel.layers
    [scroll] = [one for one in desk.panel.findChildren(QScrollArea) if one.isAncestorOf(layers)]

    def titles() -> list[str]:
        blocks = [one for one in layers.findChildren(LayerBlock) if one.isVisibleTo(layers)]
        return sorted((one.title.text() for one in blocks), key=lambda text: int(text.split()[0]))

    def after_frames(count: int) -> int:
        for _ in range(count):
            desk.panel.tick()
            QApplication.processEvents()
        return len(titles())

    whole = layers.sizeHint().height()
    first = after_frames(5)
    assert after_frames(5) == first < 21, "those that nobody sees would hold up the frames"
    desk.find(f"network.layers.{first - 1}.units").setFocus(Qt.FocusReason.TabFocusReason)
    assert after_frames(1) == first + 1, "the next one is there when Tab goes on to it"
    assert after_frames(5) == first + 1
    counts = [len(titles())]
    while counts[-1] < 21:
        scroll.ensureWidgetVisible(layers.add)
        desk.panel.tick()
        QApplication.processEvents()
        counts.append(len(titles()))
    assert counts[0] < 21
    assert max(np.diff(counts)) == 1
    assert abs(layers.sizeHint().height() - whole) < 0.1 * whole, "what stands below stays where it is"
    assert titles() == [*(f"{place} · hidden" for place in range(1, 21)), "21 · output"]
    desk.type("network.layers.17.units", "5")
    assert desk.experiment.network.layers[17].units == 5
    desk.experiment = experiment(layer(3), layer(1))
    desk.show()
    QApplication.processEvents()
    assert titles() == ["1 · hidden", "2 · output"]


def test_missing_layers_wait_while_a_number_is_dragged_or_swept(qtbot: QtBot) -> None:
    desk = Desk(qtbot, experiment(*[layer(3)] * 20, layer(1)))
    layers = desk.panel.layers
    [scroll] = [one for one in desk.panel.findChildren(QScrollArea) if one.isAncestorOf(layers)]

    def more() -> int:
        scroll.ensureWidgetVisible(layers.add)
        QApplication.processEvents()
        before = len(layers.findChildren(LayerBlock))
        desk.panel.tick()
        return len(layers.findChildren(LayerBlock)) - before

    assert more() == 1
    for _ in pull(desk.find(RATE).lineEdit(), 40, 80):
        assert more() == 0
    assert more() == 1
    sweep = desk.find(f"{RATE}.sweep")
    for on in (1, 0):
        desk.click(sweep)
        assert more() == 1 - on


def test_one_lane_is_edited_and_goes_back_to_the_common_value(circles: Desk) -> None:
    circles.pick("lane", "large")
    assert circles.lane == "large"
    assert circles.find("network.layers.0.weights.std").text() == "10"
    circles.click(circles.find("network.layers.0.weights.lanes"))
    back = ("large", "network.layers.0.weights", {"kind": "he-normal", "gain": 1.0})
    assert circles.asked == [(*back, None, True)]


def test_what_cannot_change_from_here_on_is_grey_and_says_why(circles: Desk) -> None:
    circles.click(circles.find("from_here"))
    rows = {row.field.path: row for row in circles.panel.findChildren(FieldRow)}
    open_now = {path for path, row in rows.items() if all(control.isEnabled() for control in row.held)}
    assert open_now == {RATE}
    for path, row in rows.items():
        for control in row.held:
            assert ("Only from the start" in control.toolTip()) != (path in open_now), path
    assert not circles.find("network.layers.add").isEnabled()
    assert not circles.find("network.layers.1.duplicate").isEnabled()
    circles.click(circles.find("network.layers.0.units").lineEdit())
    circles.qtbot.keyClicks(circles.find("network.layers.0.units").lineEdit(), "7")
    circles.click(circles.find("network.layers.0.weights.kind"))
    assert not circles.asked
    circles.type(RATE, "0.25")
    circles.click(circles.find("same_lane"))
    circles.pick("lane", "large")
    assert not circles.find("network.layers.0.weights.lanes").isEnabled(), "it cannot go back on the way"
    circles.type(RATE, "0.125")
    assert [(lane, in_lane) for lane, _, _, in_lane, _ in circles.asked] == [(None, "new"), ("large", "same")]
    circles.click(circles.find("from_start"))
    assert all(control.isEnabled() for control in rows["seed"].held)
    assert "Only from the start" not in rows["seed"].held[0].toolTip()
    assert not circles.panel.head.same_lane.isVisible()


def test_a_mark_leads_to_a_lane_that_differs(circles: Desk) -> None:
    mark = circles.find("network.layers.0.weights.lanes", LaneMark)
    assert "large: normal, standard deviation 10" in mark.toolTip()
    circles.click(mark)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    circles.qtbot.keyClick(menu, Qt.Key.Key_Down)
    circles.qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert circles.lane == "zeros"
    assert "large" in circles.panel.head.lane.itemText(2)


def test_a_kind_that_needs_a_file_waits_for_its_name(small: Desk) -> None:
    small.pick("data.kind", "CSV file")
    assert not small.asked
    line = small.find("data.path")
    small.click(line)
    small.qtbot.keyClicks(line, "no such.csv")
    small.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert small.asked[-1][1:3] == ("data", {"kind": "csv", "path": "no such.csv"})
    assert "no such.csv" in next(row for row in small.rows() if row.field.path == "data").refusal.text()


def test_texts_switches_and_names_are_changed_where_they_stand(small: Desk, tmp_path: Path) -> None:
    for section, _ in small.panel._sections.values():
        section.unfold()
    name, notes = small.find("name"), small.find("notes")
    small.click(name)
    small.qtbot.keyClicks(name, "!")
    notes.setFocus()
    small.qtbot.keyClicks(notes, "Watch.")
    small.find("title").setFocus()
    small.click(small.find("batch.shuffle"))
    small.pick("dtype", "float32")
    found = small.experiment
    assert (found.name, found.notes, found.batch.shuffle, found.dtype) == (
        "test!",
        "Watch.",
        False,
        "float32",
    )
    small.pick("data.kind", "CSV file")
    small.click(small.find("data.path.open"))
    (tmp_path / "points.csv").write_text("a,b,c\n1,2,0\n2,3,1\n3,5,0\n4,1,1\n")
    [dialog] = small.panel.findChildren(QFileDialog)
    dialog.selectFile(str(tmp_path / "points.csv"))
    dialog.accept()
    assert kind_of(small.experiment.data) == "csv"
    assert small.find("data.target").text() == "-1"


def test_a_table_is_written_as_rows(small: Desk) -> None:
    small.pick("data.kind", "table")
    line = small.find("data.y")
    assert line.text() == "[[0.0], [1.0], [1.0], [0.0]]"
    line.setFocus()
    line.selectAll()
    small.qtbot.keyClicks(line, "[[1], [1], [1], [0]]")
    small.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert small.experiment.data.load().y_train.sum() == 3
    small.qtbot.keyClicks(line, ", 1")
    small.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "must be a list" in next(row for row in small.rows() if row.field.path == "data.y").refusal.text()


def test_class_weights_are_a_list_a_word_or_nothing(circles: Desk) -> None:
    line = circles.find("loss.class_weights")
    assert (line.text(), line.placeholderText()) == ("", "none")
    for text, weights in (("[1, 5]", [1.0, 5.0]), ("balanced", "balanced"), ("", None)):
        line.setFocus()
        line.selectAll()
        circles.qtbot.keyClick(line, Qt.Key.Key_Delete)
        circles.qtbot.keyClicks(line, text)
        circles.qtbot.keyClick(line, Qt.Key.Key_Return)
        assert plain(circles.experiment)["loss"]["class_weights"] == weights
        assert line.text() == ("[1.0, 5.0]" if isinstance(weights, list) else text)
    circles.qtbot.keyClicks(line, "[1, 2, 3]")
    circles.qtbot.keyClick(line, Qt.Key.Key_Return)
    row = next(row for row in circles.rows() if row.field.path == "loss.class_weights")
    assert "must have 2 numbers, one for each class, got 3" in row.refusal.text()


@pytest.mark.parametrize("target", ["columns", "circles"])
def test_every_choice_that_does_not_fit_says_why_in_its_list(target: str) -> None:
    found = open_target(target)
    lanes, data = [(spec.name, spec.experiment) for spec in lane_specs(found)], found.data.load()
    form = form_of(found, lanes, None, data)
    of_sections = [field for part in (*form.before, *form.after) for field in part.fields]
    fields = [*of_sections, *form.every_layer, *(field for layer in form.layers for field in layer.fields)]
    tried = 0
    for field in [inner for outer in fields for inner in (outer, *outer.parameters)]:
        for choice in field.choices:
            if choice.needs or field.path.startswith("data"):
                continue
            why, tried = "", tried + 1
            try:
                with_changes(found, changes_for(found, field.path, choice.value, data)).check_data(data)
            except InitscopeError as error:
                why = sentence(error)
            assert bool(why) == bool(choice.refused), (field.path, choice.value, why)
    assert tried > 100


def test_a_switch_that_cannot_be_turned_says_why(small: Desk) -> None:
    small.pick("optimizer.kind", "SGD")
    switch = small.find("optimizer.nesterov")
    assert not switch.isEnabled()
    assert "needs a momentum above 0" in switch.toolTip()
    small.type("optimizer.momentum", "0.9")
    assert switch.isEnabled()
    small.click(switch)
    assert small.experiment.optimizer == Sgd(0.01, momentum=0.9, nesterov=True)


def test_every_control_has_a_name_and_a_tip_and_the_keyboard_reaches_it(circles: Desk) -> None:
    for section, _ in circles.panel._sections.values():
        section.unfold()
    kinds = (QComboBox, LiveNumber, QAbstractButton, QLineEdit)
    found = [
        one for kind in kinds for one in circles.panel.findChildren(kind) if one.isVisibleTo(circles.panel)
    ]
    found = [one for one in found if not isinstance(one.parent(), LiveNumber) and one.isEnabled()]
    assert len(found) > 60
    for one in found:
        assert one.objectName().startswith("edit."), one
        assert one.accessibleName(), one.objectName()
        assert one.toolTip(), one.objectName()
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus, one.objectName()
    names = [one.objectName() for one in found]
    assert len(names) == len(set(names))


def test_the_data_has_a_picture_and_the_panel_fits_in_both_themes(circles: Desk) -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    circles.panel.show_thumbnail(points, (points[:, 0] > 0).astype(float))
    circles.panel.set_theme(DARK)
    QApplication.processEvents()
    picture = circles.panel.thumbnail.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(84) for y in range(84)}
    assert set(DARK.classes) <= colours
    circles.panel.show_images(points.reshape(4, 5, 5))
    assert circles.panel.thumbnail.isVisible()
    rows = np.zeros((40, 30))
    rows[:, 0], rows[0, 1] = 7.0, -1.0
    circles.panel.show_table(rows, np.ones((40, 1)))
    assert "24 training samples" in circles.panel.thumbnail.toolTip()
    assert "24 of 30 inputs" in circles.panel.thumbnail.toolTip()
    picture = circles.panel.thumbnail.grab().toImage()
    shown = [picture.pixelColor(x, y).name() for x, y in ((5, 5), (8, 5), (8, 40), (78, 5))]
    assert shown == [DARK.signs[-1], DARK.signs[0], DARK.exactly_zero, DARK.signs[-1]]
    assert circles.panel.minimumSizeHint().width() <= 288
