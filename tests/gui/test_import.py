"""Data and weights of people's own come into the window: by menu, by drop, by key, and can be undone."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QPushButton, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from engine.core.registry import kind_of
from engine.session.lab import Lab
from gui.app.application import Laboratory
from gui.importing.file_kinds import is_for_import
from gui.importing.import_dialog import ImportDialog
from tests.engine.data_files import GOOD_IDX, IMAGES, LABELS, idx_bytes
from tests.own_arrays import WEIGHTS

from .conftest import Build
from .test_foreign_text import MARKUP, taken_for_markup
from .test_real_use import press, save_as, shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton
FLOWERS = "height,width,kind\n" + "".join(
    f"{n % 7}.5,{10 + n % 3},{('rose', 'lily', 'iris')[n % 3]}\n" for n in range(30)
)


class Import:
    """A window on circles, and the import dialog that is open in it."""

    def __init__(self, qtbot: QtBot, laboratory: Laboratory) -> None:
        self.qtbot, self.laboratory = qtbot, laboratory

    @property
    def dialog(self) -> ImportDialog:
        [found] = [box for box in self.laboratory.window.findChildren(ImportDialog) if box.isVisible()]
        return found

    @property
    def is_open(self) -> bool:
        return any(box.isVisible() for box in self.laboratory.window.findChildren(ImportDialog))

    def drop(self, *paths: Path) -> None:
        self.let_go(*paths)
        self.read()

    def let_go(self, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        what = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        entering = QDragEnterEvent(QPoint(50, 50), *what)
        QApplication.sendEvent(self.laboratory.window, entering)
        assert entering.isAccepted()
        QApplication.sendEvent(self.laboratory.window, QDropEvent(QPointF(50, 50), *what))

    def read(self) -> None:
        """Wait until the file was read, or refused."""
        self.qtbot.waitUntil(lambda: self.is_open and not self.dialog.progress.isVisible())

    def pick(self, name: str, label: str) -> None:
        """Choose an entry of a box by keyboard."""
        box = self.dialog.findChild(QComboBox, f"import.{name}")
        assert box is not None
        wanted = box.findText(label)
        assert wanted >= 0, [box.itemText(place) for place in range(box.count())]
        box.setFocus()
        while box.currentIndex() != wanted:
            self.qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up)

    def says(self) -> str:
        page = self.dialog.data if self.dialog.data.isVisible() else self.dialog.weights
        return page.outcome.label.text()

    def agree(self) -> None:
        """Press Enter, and wait until it was done."""
        before = self.laboratory.training.log
        self.qtbot.keyClick(self.dialog, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: not self.is_open or self.dialog.refusal.isVisible())
        assert not self.is_open, self.dialog.refusal.text()
        self.qtbot.waitUntil(lambda: self.laboratory.training.log is not before)

    def widths(self) -> set[tuple[int, ...]]:
        return {lane.layout.widths for lane in shown(self.laboratory).lanes}


@pytest.fixture
def importing(qtbot: QtBot, build: Build) -> Import:
    return Import(qtbot, build("circles"))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    path.write_text(FLOWERS)
    return path


def test_a_table_is_imported_by_the_menu_learned_by_every_lane_and_undone(
    qtbot: QtBot, importing: Import, flowers: Path
) -> None:
    laboratory = importing.laboratory
    before = shown(laboratory)
    press(
        qtbot,
        laboratory,
        Qt.Key.Key_O,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    save_as(qtbot, laboratory, flowers)
    importing.read()
    assert importing.says().splitlines() == [
        "24 samples to learn from, 6 to test on, with 2 inputs each.",
        "To predict: one of 3 classes: iris, lily, rose.",
        "The network becomes 2-10-5-3 · outputs: softmax · loss: cross-entropy.",
    ]
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(2, 10, 5, 3)})
    data = shown(laboratory).lanes[0].dataset
    assert (data.samples, data.class_names) == (24, ("iris", "lily", "rose"))
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-12)
    assert laboratory.window.windowTitle().startswith("flowers")
    assert [file.toolTip() for file in laboratory.window.start.files] == [str(flowers)], "it is a recent file"

    laboratory.training.go_to(8)
    wait_for_step(qtbot, laboratory, 8)
    assert laboratory.training.log is not None
    assert len(laboratory.training.log.actions) == 1
    alone = Lab(laboratory.training.log.recipe)
    alone.train(8)
    for lane, expected in zip(shown(laboratory).lanes, alone.snapshot().lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, expected.theta)

    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: importing.widths() == {(2, 10, 5, 1)})
    assert shown(laboratory).experiment == before.experiment


def test_a_class_without_a_name_is_seen(importing: Import, tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("a,b,kind\n1,2,\n3,4,lily\n5,6,\n7,8,rose\n")
    importing.drop(path)
    assert "one of 3 classes: (empty), lily, rose." in importing.says()


def test_a_dropped_table_predicts_the_column_that_was_clicked(
    qtbot: QtBot, importing: Import, flowers: Path
) -> None:
    flowers.write_text("height,width,price\n" + "".join(f"{n},{n % 8},{n * 50}\n" for n in range(40)))
    importing.drop(flowers)
    assert "To predict: a number, 0 … 1950." in importing.says()
    table = importing.dialog.findChild(QTableWidget, "import.rows")
    assert table is not None
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(1) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert "To predict: one of 8 classes: 0, 1, 2, 3, 4, 5, …\n" in importing.says()
    importing.pick("form", "numbers")
    importing.pick("scaling", "inputs from 0 to 1")
    share = importing.dialog.data.share
    share.setFocus()
    share.selectAll()
    qtbot.keyClicks(share, "50")
    assert importing.says().splitlines() == [
        "20 samples to learn from, 20 to test on, with 2 inputs each.",
        "To predict: a number, 0 … 7.",
        "The network becomes 2-10-5-1 · outputs: identity · loss: squared error.",
    ]
    importing.agree()
    qtbot.waitUntil(lambda: shown(importing.laboratory).lanes[0].dataset.samples == 20)
    found = shown(importing.laboratory).experiment
    assert kind_of(found.loss) == "squared-error"
    assert shown(importing.laboratory).lanes[0].dataset.x_train.max() == 1


def test_weights_of_pytorch_start_the_lanes(qtbot: QtBot, importing: Import) -> None:
    importing.drop(WEIGHTS / "2-3-3-1.pt")
    assert importing.says() == "All lanes: the network becomes 2-3-3-1 and starts from these weights."
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(2, 3, 3, 1)})
    with np.load(WEIGHTS / "2-3-3-1.npz") as ours:
        for lane in shown(importing.laboratory).lanes:
            np.testing.assert_array_equal(lane.layout.blocks[1].weights(lane.theta), ours["W2"])

    importing.drop(WEIGHTS / "2-3-3-1.pt")
    importing.pick("lane", "he")
    importing.pick("orientation", "columns are neurons (Keras, NumPy): no network")
    assert "which are no network in this order" in importing.says()
    assert not importing.dialog.import_button.isEnabled()
    importing.pick("orientation", "rows are neurons (PyTorch): 2-3-3-1")
    assert importing.says() == "he: the network 2-3-3-1 starts from these weights."
    qtbot.keyClick(importing.dialog, Qt.Key.Key_Escape)
    assert not importing.is_open


def test_a_square_matrix_is_taken_as_somebody_says(qtbot: QtBot, importing: Import, tmp_path: Path) -> None:
    square = np.arange(4.0).reshape(2, 2)
    np.savez(tmp_path / "a.npz", W1=square, W2=square)
    np.savez(tmp_path / "data.npz", x=np.arange(8.0).reshape(4, 2), y=np.eye(4)[:, :2])
    importing.drop(tmp_path / "data.npz")
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(2, 10, 5, 2)})
    importing.drop(tmp_path / "a.npz")
    importing.pick("orientation", "rows are neurons (PyTorch): 2-2-2")
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(2, 2, 2)})
    lane = shown(importing.laboratory).lanes[0]
    np.testing.assert_array_equal(lane.layout.blocks[0].weights(lane.theta), square.T)


def test_arrays_of_weights_can_be_taken_for_data(qtbot: QtBot, importing: Import, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", W1=np.eye(2), kernel=np.array([[0.0], [1.0]]))
    importing.drop(tmp_path / "a.npz")
    dialog = importing.dialog
    assert dialog.as_weights.isChecked()
    qtbot.mouseClick(dialog.as_data, LEFT)
    importing.pick("targets", "kernel")
    importing.pick("inputs", "kernel")
    importing.pick("inputs", "W1")
    importing.pick("targets", "kernel")
    assert importing.says().startswith(
        "2 samples to learn from with 2 inputs each.\nTo predict: one of 2 classes: 0, 1."
    )
    assert dialog.findChild(QWidget, "import.arrays").rowCount() == 2  # type: ignore[union-attr]


def test_images_of_idx_files_bring_their_labels(qtbot: QtBot, importing: Import, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(GOOD_IDX))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(LABELS)))
    importing.drop(tmp_path / "train-images-idx3-ubyte.gz")
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(6, 10, 5, 3)})
    assert shown(importing.laboratory).lanes[0].dataset.image_shape == (3, 2)


def test_images_and_labels_dropped_together_are_one_data_set_whatever_they_are_called(
    qtbot: QtBot, importing: Import, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("b", "a", "tests", "answers")]
    for path, values in zip(files, (LABELS, IMAGES, IMAGES[2:], LABELS[2:]), strict=True):
        path.write_bytes(idx_bytes(values))
    importing.drop(*files[:2])
    importing.agree()
    qtbot.waitUntil(lambda: importing.widths() == {(6, 10, 5, 3)})
    assert shown(importing.laboratory).lanes[0].dataset.x_test is None
    importing.drop(*files[::-1])
    importing.agree()
    qtbot.waitUntil(lambda: shown(importing.laboratory).lanes[0].dataset.x_test is not None)
    dataset = shown(importing.laboratory).lanes[0].dataset
    assert (dataset.samples, len(dataset.x_test)) == (len(IMAGES), len(IMAGES) - 2)  # type: ignore[arg-type]


def test_other_files_that_are_dropped_together_are_refused_in_words(
    importing: Import, flowers: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "images"
    alone.write_bytes(idx_bytes(IMAGES))
    few = tmp_path / "labels"
    few.write_bytes(idx_bytes(LABELS[1:]))
    for paths in ([flowers, alone], [alone, few], [alone, flowers, few]):
        importing.let_go(*paths)
        assert not importing.is_open
        assert importing.laboratory.window.notice.isVisible()
        assert importing.laboratory.window.notice.text.text().startswith(
            f"{len(paths)} files at once: only IDX"
        )


HOSTILE = {
    "archive.keras": (b"PK\x03\x04", "is not an archive of arrays (NPZ, PyTorch), or damaged"),
    "weights.h5": (b"\x89HDF\r\n\x1a\n", "np.savez(file, *model.get_weights()) writes one that is"),
    "noise.npy": (b"\xff\0\1\2", "is not a file of arrays that can be read"),
    "short.csv": (b"a,b\n1\n", "row 2 must have 2 cells like the rows before it, got 1"),
    "empty.csv": (b"", "is empty"),
    "cut.npz": (b"PK\x03\x04" + bytes(40), "damaged"),
    "unzipped.gz": (gzip.compress(b"a,b\n1,2"), "is not an IDX file of images"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_used_is_refused_in_the_dialog(
    qtbot: QtBot, importing: Import, tmp_path: Path, name: str
) -> None:
    data, said = HOSTILE[name]
    (tmp_path / name).write_bytes(data)
    importing.drop(tmp_path / name)
    dialog = importing.dialog
    assert said in dialog.refusal.text()
    assert not dialog.import_button.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not importing.is_open)
    assert importing.laboratory.training.unsaved == 0


def _announcing(path: Path, *shape: int) -> Path:
    """Write an NPY file that announces numbers which it does not have."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return path


def test_arrays_that_cannot_be_read_are_refused_before_they_are_imported(
    qtbot: QtBot, importing: Import, tmp_path: Path
) -> None:
    importing.drop(_announcing(tmp_path / "huge.npy", 10**12, 10**6))
    for kind in ("data", "weights"):
        button = importing.dialog.findChild(QAbstractButton, f"import.as_{kind}")
        assert button is not None
        qtbot.mouseClick(button, LEFT)
        assert "must have from 1 to 67,108,864 numbers" in importing.says(), kind
        assert not importing.dialog.import_button.isEnabled(), kind


def test_what_is_wrong_in_a_table_is_said_before_it_is_imported(
    qtbot: QtBot, importing: Import, flowers: Path
) -> None:
    flowers.write_text("height,town,kind\n1,Rome,a\n2,Oslo,b\n")
    importing.drop(flowers)
    assert "row 2, column 'town' must be a number, got 'Rome'" in importing.says()
    assert not importing.dialog.import_button.isEnabled()
    qtbot.keyClick(importing.dialog, Qt.Key.Key_Return)
    assert importing.is_open


def test_a_file_that_changes_before_it_is_imported_is_refused_and_stays_in_the_dialog(
    qtbot: QtBot, importing: Import, flowers: Path
) -> None:
    importing.drop(flowers)
    flowers.write_text("height,width,kind\n1,2,rose\n1,2,rose\n")
    qtbot.keyClick(importing.dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(importing.dialog.refusal.isVisible)
    assert "has samples of one class only" in importing.dialog.refusal.text()
    flowers.write_text(FLOWERS)
    importing.agree()


def test_names_in_a_file_are_never_taken_for_markup(importing: Import, tmp_path: Path) -> None:
    path = tmp_path / "hostile <i>name.csv"
    path.write_text(f"{MARKUP},{MARKUP * 30},kind\n" + "".join(f"1,2,{MARKUP}{n % 2}\n" for n in range(9)))
    importing.drop(path)
    QApplication.processEvents()
    assert importing.dialog.data.isVisible()
    assert not taken_for_markup()
    assert importing.dialog.width() < 900


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a checkpoint after every line."""
    monkeypatch.setattr("engine.formats.csv_table.LINES_AT_ONCE", 1)


def test_reading_a_large_file_shows_how_far_it_is_and_can_be_given_up(
    qtbot: QtBot, importing: Import, tmp_path: Path, slow: None
) -> None:
    with (tmp_path / "large.csv").open("w") as file:
        file.writelines(f"{n},{n * 0.5},{n % 2}\n" for n in range(900_000))
    importing.laboratory.window.target_requested.emit(str(tmp_path / "large.csv"))
    qtbot.waitUntil(lambda: importing.dialog.progress.value() > 0)
    with qtbot.waitSignal(importing.laboratory.clock.ticked):
        pass
    cancel = importing.dialog.findChild(QPushButton, "import.cancel")
    assert cancel is not None
    qtbot.mouseClick(cancel, LEFT)
    assert not importing.is_open
    importing.drop(WEIGHTS / "2-3-3-1.pt")  # what was given up has made room
    assert importing.dialog.weights.isVisible()


def test_every_control_of_the_dialog_has_a_name_and_a_tip(importing: Import, flowers: Path) -> None:
    importing.drop(flowers)
    for kind in (QComboBox, QTableWidget, QPushButton):
        for control in importing.dialog.findChildren(kind):
            if control.isVisible():
                assert control.objectName().startswith("import."), control
                assert control.accessibleName() or isinstance(control, QPushButton), control.objectName()


@pytest.mark.parametrize(
    ("name", "text", "imported"),
    [
        ("a.csv", "{", True),
        ("a.json", "1,2", False),
        ("a", ' {"name": 1}', False),
        ("a", "1,2", True),
        ("t10k-labels-idx1-ubyte", "", True),
        ("missing", None, False),
        ("missing.npz", None, True),
    ],
)
def test_names_and_first_bytes_tell_what_is_imported(
    tmp_path: Path, name: str, text: str | None, imported: bool
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert is_for_import(str(tmp_path / name)) == imported
    assert not is_for_import("circles")


def test_open_and_the_start_page_lead_to_the_import_too(
    qtbot: QtBot, importing: Import, flowers: Path
) -> None:
    window = importing.laboratory.window
    window.actions_by_id["start"].trigger()
    button = window.start.findChild(QPushButton, "start.import")
    assert button is not None
    qtbot.mouseClick(button, LEFT)
    save_as(qtbot, importing.laboratory, flowers)
    importing.read()
    importing.agree()
    qtbot.waitUntil(lambda: not window.start.isVisible())
    window.actions_by_id["open"].trigger()
    save_as(qtbot, importing.laboratory, WEIGHTS / "2-3-3-1.pt")
    importing.read()
    assert importing.dialog.weights.isVisible()
