"""Random hands: keys, clicks, drags, menus, files and sizes, the same ones again for the same seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QSlider,
    QTabBar,
    QWidget,
)

from engine.experiments.presets import preset_names
from gui.app.application import Laboratory
from gui.window.action_table import ACTIONS
from tests.builders import NO_BIASES, constant, document, layer, table

HANG_SECONDS, WAIT_SECONDS = 2.0, 20.0
"""How long the thread of the window may work on one action, and how long it may take with a busy machine beside it."""
SHOWN = 0.3
"""After this share of the actions the window can draw; after the others the next one comes at once."""
REMEMBERED = 25
"""Actions that are told when something has gone wrong."""
TYPED = ("0", "7", "12", "1e-3", "-0.5", "nan", "inf", "1e400", "<b>1", "")
OTHER_KEYS = ("Tab", "Shift+Tab", "Return", "Escape", "Up", "Down", "PgUp", "PgDown", "Alt+F", "Alt+V", "5")
NOT_PRESSED = {"quit"}
SIZES = ((300, 300), (700, 420), (1280, 720), (1000, 1000), (1920, 1080))
BUTTONS = (Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
MARKUP = "<img src=zero> <b>bold<b>"


def hostile_documents() -> dict[str, bytes]:
    """Return files by name: experiments that hardly work, and some that do not."""
    one_unit = layer(1, "sigmoid", constant(0.0))
    lanes = [{"name": f"{MARKUP} {n}", "set": {"seed": n}} for n in range(5)]
    broken = {"network.layers.0.weights": constant(1e200), "network.layers.1.weights": constant(-1e200)}
    squares = {"data": table([[1.0, -1.0], [2.0, 0.5]], [[3.0], [1e200]]), "loss": {"kind": "squared-error"}}
    documents = {
        "five-lanes": document(layer(3), one_unit, variants=lanes, title=MARKUP, notes=MARKUP),
        "no-hidden-layer": document(one_unit),
        "one-neuron": document(layer(1), one_unit, steps=3),
        "wide": document(layer(90, "relu"), one_unit),
        "deep": document(*[layer(2, "tanh", **NO_BIASES)] * 12, one_unit),
        "diverges": document(layer(9), layer(2, "identity"), layer(1, "identity"), **squares),
        "stops": document(layer(9), layer(1, "identity"), on_divergence="stop", **squares),
        "not-finite": document(
            layer(9, "identity", constant(1e200)), layer(2, "identity", constant(1e200)), one_unit
        ),
        "some-not-finite": document(
            layer(4, "relu"),
            layer(3, "relu"),
            one_unit,
            variants=[{"name": "a", "set": broken}, {"name": "b"}],
        ),
        "single": document(layer(40, "gelu"), layer(1, "identity"), precision="float32", **squares),
    }
    files = {f"{name}.json": msgspec.json.encode(written) for name, written in documents.items()}
    files["units.json"] = files["wide.json"].replace(b"90", msgspec.json.encode(MARKUP), 1)
    return files | {"table.csv": b"1,2\n3,4\n", "empty.json": b"", "array.npz": b"PK\x03\x04 no more"}


class Monkey:
    """Does random things to a window. Its files go to an empty folder; it is told when the program has failed."""

    def __init__(self, laboratory: Laboratory, seed: int, folder: Path) -> None:
        self._random = random.Random(seed)
        self._laboratory = laboratory
        self._window = laboratory.window
        self._done: deque[str] = deque(maxlen=REMEMBERED)
        self._folder = folder
        self._files: list[str] = []
        for name, data in hostile_documents().items():
            path = folder / name
            path.write_bytes(data)
            self._files.append(str(path))
        self._files.append(str(folder / "not there.json"))
        self._keys = [spec.key for spec in ACTIONS if spec.key and spec.id not in NOT_PRESSED]
        doings = {
            self._press_key: 30,
            self._press_other_key: 6,
            self._click: 25,
            self._double_click: 6,
            self._drag: 10,
            self._move: 14,
            self._turn_wheel: 5,
            self._ask_for_menu: 3,
            self._use_menu: 6,
            self._move_slider: 4,
            self._choose_entry: 4,
            self._choose_tab: 3,
            self._resize: 3,
            self._open_preset: 2,
            self._open_file: 4,
            self._wait: 12,
        }
        self._doings, self._weights = list(doings), list(doings.values())

    @property
    def story(self) -> str:
        """Return what was done last, for a report."""
        return "\n".join(self._done)

    def act(self, times: int) -> None:
        """Do so many things; raise AssertionError where the window hangs, or admits a mistake of the program."""
        for _ in range(times):
            [doing] = self._random.choices(self._doings, self._weights)
            self._done.append(doing.__name__)
            started, worked = perf_counter(), thread_time()
            self._answer_dialog() if self._has_dialog() and self._random.random() < 0.4 else doing()
            if self._random.random() < SHOWN:
                QApplication.processEvents()
                QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            seconds, worked = perf_counter() - started, thread_time() - worked
            hangs = worked > HANG_SECONDS or seconds > WAIT_SECONDS
            assert not hangs, f"it works {worked:.1f} s of {seconds:.1f} s after\n{self.story}"
            details = self._window.notice.details.toPlainText()
            assert not details, f"after\n{self.story}\n{details}"

    def _note(self, what: str) -> None:
        self._done[-1] += f" {what}"

    def _has_dialog(self) -> bool:
        return QApplication.activeModalWidget() is not None

    def _answer_dialog(self) -> None:
        """Answer a question, or save or open a file: always one of the folder of this monkey."""
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        self._note(f"instead answer {dialog.objectName()}")
        if isinstance(dialog, QFileDialog):
            field = dialog.findChild(QLineEdit, "fileNameEdit")
            assert field is not None
            opens = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptOpen
            name = self._random.choice(self._files) if opens else str(self._folder / "saved")
            if self._random.random() < 0.6 and not name.endswith("not there.json"):
                Path(self._folder / "saved").unlink(missing_ok=True)
                dialog.selectFile(name)
                dialog.done(QFileDialog.DialogCode.Accepted)
                return
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    def _target(self) -> QWidget | None:
        """Return a visible widget that the hands can reach now; what is inside a file dialog is left alone."""
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if isinstance(top, QFileDialog) or (top and isinstance(top.parentWidget(), QFileDialog)):
            return None
        tops = [top] if top else [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        tops = [w for w in tops if not isinstance(w, QFileDialog)]
        if not tops:
            return None
        chosen = self._random.choice(tops)
        inside = [w for w in chosen.findChildren(QWidget) if w.isVisible() and w.width() and w.height()]
        return self._random.choice([chosen, *inside])

    def _somewhere(self) -> tuple[QWidget, QPoint] | None:
        target = self._target()
        if target is None:
            return None
        self._note(f"{type(target).__name__} {target.objectName()}")
        return target, self._place(target)

    def _place(self, target: QWidget) -> QPoint:
        return QPoint(
            self._random.randrange(max(target.width(), 1)), self._random.randrange(max(target.height(), 1))
        )

    def _press(self, key: str) -> None:
        self._note(key)
        combination = QKeySequence(key)[0]
        focus = QApplication.activePopupWidget() or QApplication.focusWidget() or self._window
        if not isinstance(focus.window(), QFileDialog) or key == "Escape":
            QTest.keyClick(focus, combination.key(), combination.keyboardModifiers())

    def _press_key(self) -> None:
        self._press(self._random.choice(self._keys))

    def _press_other_key(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit) and self._random.random() < 0.5:
            text = self._random.choice(TYPED)
            self._note(f"type {text!r}")
            focus.selectAll()
            QTest.keyClicks(focus, text)
        else:
            self._press(self._random.choice(OTHER_KEYS))

    def _click(self) -> None:
        if place := self._somewhere():
            modifier = Qt.KeyboardModifier.NoModifier
            QTest.mouseClick(place[0], self._random.choice(BUTTONS), modifier, place[1])

    def _double_click(self) -> None:
        if place := self._somewhere():
            QTest.mouseDClick(place[0], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place[1])

    def _drag(self) -> None:
        if place := self._somewhere():
            target, start = place
            left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            QTest.mousePress(target, left, none, start)
            for _ in range(3):
                QTest.mouseMove(target, self._place(target))
            if self._random.random() < 0.3:
                self._random.choice([self._open_preset, self._open_file, self._press_key])()
                QApplication.processEvents()
            if _is_alive(target):
                QTest.mouseRelease(target, left, none, self._place(target))

    def _move(self) -> None:
        if place := self._somewhere():
            QTest.mouseMove(*place)

    def _turn_wheel(self) -> None:
        if place := self._somewhere():
            target, at = place
            none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
            turned = QPoint(0, self._random.choice([-120, 120]))
            event = QWheelEvent(QPointF(at), QPointF(target.mapToGlobal(at)), QPoint(), turned, *none, False)
            QApplication.sendEvent(target, event)

    def _ask_for_menu(self) -> None:
        """Ask a drawing for its menu; the menus of Qt's own fields wait for an answer."""
        drawing = self._random.choice(self._window.drawings)
        if not self._has_dialog():
            self._note(drawing.objectName())
            at = self._place(drawing)
            event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, drawing.mapToGlobal(at))
            QApplication.sendEvent(drawing.viewport(), event)

    def _use_menu(self) -> None:
        menus = [menu for menu in self._window.findChildren(QMenu) if menu.isVisible() or menu.actions()]
        if not menus or self._has_dialog():
            return
        entries = [entry for entry in self._random.choice(menus).actions() if self._is_harmless(entry)]
        if entries:
            entry = self._random.choice(entries)
            self._note(entry.text())
            entry.trigger()

    def _is_harmless(self, entry: QAction) -> bool:
        return entry.isEnabled() and entry.objectName() != "action.quit" and not entry.isSeparator()

    def _move_slider(self) -> None:
        self._on_one(QSlider, lambda slider: slider.setValue(self._random.randint(0, slider.maximum())))

    def _choose_entry(self) -> None:
        self._on_one(QComboBox, lambda box: box.setCurrentIndex(self._random.randrange(max(box.count(), 1))))

    def _choose_tab(self) -> None:
        self._on_one(QTabBar, lambda bar: bar.setCurrentIndex(self._random.randrange(max(bar.count(), 1))))

    def _on_one(self, kind: type[QWidget], change: Callable[[QWidget], None]) -> None:
        found = [
            widget
            for widget in self._window.findChildren(kind)
            if not isinstance(widget.window(), QFileDialog)
        ]
        if found and not self._has_dialog():
            widget = self._random.choice(found)
            self._note(widget.objectName())
            change(widget)

    def _resize(self) -> None:
        self._window.resize(*self._random.choice(SIZES))

    def _open_preset(self) -> None:
        name = self._random.choice([name for name in preset_names() if not name.startswith("mnist")])
        self._note(name)
        self._window.target_requested.emit(name)

    def _open_file(self) -> None:
        path = self._random.choice(self._files)
        self._note(Path(path).name)
        self._window.target_requested.emit(path)

    def _wait(self) -> None:
        QTest.qWait(self._random.choice([0, 1, 20]))


def _is_alive(widget: QWidget) -> bool:
    return widget in QApplication.allWidgets()
