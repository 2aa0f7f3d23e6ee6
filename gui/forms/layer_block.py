"""The layers of the network as blocks that can be added, removed, copied and put in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.editor.form import FormLayer
from gui.forms.field_row import Requests, Surroundings
from gui.forms.kind_row import FieldRows
from gui.look.icons import icon
from gui.look.plain_text import tip
from gui.look.theme import Theme
from gui.text.language import translate

PATH = "network.layers"
AT_ONCE, IN_GROUP = 4, 8
"""Layers that are shown at once, and layers that are arranged together."""
BETWEEN = 5
"""Pixels between two layers."""
FIRST_HIDDEN: dict[str, Any] = {"units": 4, "activation": {"kind": "tanh"}}
"""The first hidden layer of a network that had none."""


class LayerBlock(QFrame):
    """Signals: `moved(number of places)`, `duplicated()`, `removed()`. The output layer stays where it is."""

    moved = Signal(int)
    duplicated = Signal()
    removed = Signal()

    def __init__(self, place: int, requests: Requests) -> None:
        super().__init__()
        self.setProperty("block", True)
        self._place = place
        self.title = QLabel()
        self.title.setProperty("caption", True)
        self._theme: Theme | None = None
        self._buttons: list[tuple[QToolButton, str]] = []
        head = QHBoxLayout()
        head.setSpacing(1)
        head.addWidget(self.title, 1)
        for name, picture, text, call in self._actions():
            head.addWidget(self._button(name, picture, text, call))
        self.rows = FieldRows(requests)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(7, 4, 5, 6)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(self.rows)

    def _actions(self) -> tuple[tuple[str, str, str, Callable[[], None]], ...]:
        return (
            (
                "up",
                "move-up",
                translate("experiment panel", "Move the layer up"),
                lambda: self.moved.emit(-1),
            ),
            (
                "down",
                "move-down",
                translate("experiment panel", "Move the layer down"),
                lambda: self.moved.emit(1),
            ),
            (
                "duplicate",
                "duplicate",
                translate("experiment panel", "Duplicate the layer"),
                self.duplicated.emit,
            ),
            ("remove", "close", translate("experiment panel", "Remove the layer"), self.removed.emit),
        )

    def _button(self, name: str, picture: str, text: str, call: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"edit.{PATH}.{self._place}.{name}")
        button.setProperty("mini", True)
        button.setAccessibleName(text)
        button.clicked.connect(call)
        self._buttons.append((button, picture))
        return button

    def show_layer(self, layer: FormLayer, hidden: int, around: Surroundings, refused: str) -> None:
        """Show a layer of a network with so many hidden ones; `refused` says why it has to stay as it is."""
        self.title.setText(layer.title)
        places = {"up": self._place > 0, "down": self._place < hidden - 1}
        for button, _ in self._buttons:
            name = button.objectName().rpartition(".")[2]
            button.setVisible(not layer.is_output)
            button.setEnabled(places.get(name, True) and not refused)
            button.setToolTip(tip(f"{button.accessibleName()}\n{refused}".strip()))
        if around.theme is not self._theme:
            self._theme = around.theme
            for button, picture in self._buttons:
                button.setIcon(icon(picture, around.theme))
        self.rows.show_fields(layer.fields, around)


class LayerList(QWidget):
    """All layers, and a button that adds one before the outputs.

    Every change asks for a whole new list, in which numbers stand for the layers that there are, counted from 0.

    The first layers are there at once. Of a deep network the others follow, one at every frame, where somebody comes to
    their place: each holds up a frame, and all of them together would take seconds. Until then there is as much room.
    """

    def __init__(self, requests: Requests) -> None:
        super().__init__()
        self._requests = requests
        self._layers: tuple[FormLayer, ...] = ()
        self._blocks: list[LayerBlock] = []
        self._groups: list[QVBoxLayout] = []
        self._around: Surroundings | None = None
        self._refused = ""
        self._room = QWidget()
        self._room.hide()
        self.add = QPushButton(translate("experiment panel", "Add a hidden layer"))
        self.add.setObjectName(f"edit.{PATH}.add")
        self.add.setAccessibleName(self.add.text())
        self.add.clicked.connect(self._add)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(BETWEEN)
        self._layout.addWidget(self._room)
        self._layout.addWidget(self.add)

    def show_layers(self, layers: tuple[FormLayer, ...], around: Surroundings, refused: str) -> None:
        """Show these layers; blocks that are there stay. `refused` says why there can be no others."""
        self._layers, self._around, self._refused = layers, around, refused
        while len(self._blocks) > len(layers):
            block = self._blocks.pop()
            block.hide()
            block.deleteLater()
        while len(self._groups) * IN_GROUP >= len(self._blocks) + IN_GROUP and self._groups:
            self._groups.pop().parentWidget().deleteLater()
        while len(self._blocks) < min(len(layers), AT_ONCE):
            self._append()
        for block, layer in zip(self._blocks, layers, strict=False):
            block.show_layer(layer, len(layers) - 1, around, refused)
        self._leave_room()
        told = translate("experiment panel", "A copy of the last hidden layer, before the outputs")
        self.add.setEnabled(not refused)
        self.add.setToolTip(tip(f"{told}\n{refused}".strip()))

    def _leave_room(self) -> None:
        """Leave room for the layers that are still missing."""
        missing = len(self._layers) - len(self._blocks)
        self._room.setVisible(missing > 0)
        if missing:
            self._room.setFixedHeight(missing * self._blocks[0].sizeHint().height())

    def tick(self) -> None:
        """Show the next layer, if one is missing where somebody is; to be called at every frame."""
        place = len(self._blocks)
        if place < len(self._layers) and self._around is not None and self._is_near_the_end():
            self._append()
            layer, hidden = self._layers[place], len(self._layers) - 1
            self._blocks[-1].show_layer(layer, hidden, self._around, self._refused)
            self._leave_room()

    def _is_near_the_end(self) -> bool:
        """Return whether somebody sees the room of the missing layers, or is about to go on to them by keys."""
        focus = QApplication.focusWidget()
        has_focus = focus is not None and self._blocks[-1].isAncestorOf(focus)
        return has_focus or not self._room.visibleRegion().isEmpty()

    def _append(self) -> None:
        place = len(self._blocks)
        block = LayerBlock(place, self._requests)
        block.moved.connect(lambda by: self._move(place, by))
        block.duplicated.connect(lambda: self._insert(place + 1, place))
        block.removed.connect(lambda: self._remove(place))
        self._blocks.append(block)
        self._group_of(place).addWidget(block)

    def _group_of(self, place: int) -> QVBoxLayout:
        """Return the layout of the layers beside one; a single layout of many would be arranged anew for each of them."""
        while len(self._groups) <= place // IN_GROUP:
            group = QWidget()
            self._groups.append(QVBoxLayout(group))
            self._groups[-1].setContentsMargins(0, 0, 0, 0)
            self._groups[-1].setSpacing(BETWEEN)
            self._layout.insertWidget(len(self._groups) - 1, group)
        return self._groups[place // IN_GROUP]

    def _places(self) -> list[Any]:
        return list(range(len(self._layers)))

    def _add(self) -> None:
        hidden = len(self._layers) - 1
        self._insert(hidden, hidden - 1 if hidden else FIRST_HIDDEN)

    def _insert(self, place: int, pick: Any) -> None:
        places = self._places()
        self._ask([*places[:place], pick, *places[place:]])

    def _remove(self, place: int) -> None:
        self._ask([other for other in self._places() if other != place])

    def _move(self, place: int, by: int) -> None:
        places = self._places()
        places.insert(place + by, places.pop(place))
        self._ask(places)

    def _ask(self, picks: list[Any]) -> None:
        self._requests.requested.emit(PATH, picks, True)
