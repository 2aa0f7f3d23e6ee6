"""The head of the panel: which lane is edited, from when on, and in what lanes differ; and sections that fold."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.editor.form import Form
from gui.forms.field_row import Surroundings, wrapped_label
from gui.look.plain_text import shortened
from gui.panels.difference_list import DifferenceList
from gui.text.lane_names import told_apart
from gui.text.language import translate
from gui.widgets.fields import ChoiceBox

LONGEST_LANE = 24


class Section(QWidget):
    """A title that folds what is below it."""

    def __init__(self, name: str, *contents: QWidget, is_open: bool = True) -> None:
        super().__init__()
        self.fold = QToolButton()
        self.fold.setObjectName(f"edit.section.{name}")
        self.fold.setProperty("fold", True)
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setToolTip(translate("experiment panel", "Fold or unfold this part"))
        self.fold.toggled.connect(self._show)
        self.box = QWidget()
        inner = QVBoxLayout(self.box)
        inner.setContentsMargins(6, 0, 0, 4)
        inner.setSpacing(4)
        for content in contents:
            inner.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.fold)
        layout.addWidget(self.box)
        self.fold.setChecked(is_open)
        self._show(is_open)

    def show_title(self, title: str) -> None:
        """Show what the part is called."""
        self.fold.setText(title)
        self.fold.setAccessibleName(title)

    def unfold(self) -> None:
        """Show what is inside."""
        self.fold.setChecked(True)

    def _show(self, is_open: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.box.setVisible(is_open)


class PanelHead(QFrame):
    """Signals: `lane_chosen(name, or None for all lanes)`."""

    lane_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lane = ChoiceBox()
        self.lane.setObjectName("edit.lane")
        self.lane.setAccessibleName(translate("experiment panel", "Edited lanes"))
        self.lane.setToolTip(translate("experiment panel", "Whether all lanes are changed, or one of them"))
        self.lane.setMinimumContentsLength(6)
        self.lane.activated.connect(lambda place: self.lane_chosen.emit(self._names[place]))
        self._names: list[str | None] = [None]
        self.from_start, self.from_here = QPushButton(), QPushButton()
        self._group = QButtonGroup(self)
        self._label_buttons()
        self.differences, self.refusal = DifferenceList(), wrapped_label("refusal")
        self.differences.lane_picked.connect(self.lane_chosen)
        self.told = Section("differences", self.differences)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.hide()
        self._arrange()

    def _label_buttons(self) -> None:
        texts = (
            (
                self.from_start,
                "edit.from_start",
                translate("experiment panel", "from the start"),
                translate("experiment panel", "Lanes start anew with what is changed"),
            ),
            (
                self.from_here,
                "edit.from_here",
                translate("experiment panel", "from here on"),
                translate("experiment panel", "A lane goes on from the shown step with what is changed"),
            ),
        )
        for button, name, text, told in texts:
            button.setObjectName(name)
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(told)
            button.setCheckable(True)
            button.setProperty("half", True)
            self._group.addButton(button)
        self.from_start.setChecked(True)

    def _arrange(self) -> None:
        when = QHBoxLayout()
        when.setSpacing(0)
        when.addWidget(self.from_start, 1)
        when.addWidget(self.from_here, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.lane)
        layout.addLayout(when)
        layout.addWidget(self.told)
        layout.addWidget(self.refusal)

    @property
    def is_from_here(self) -> bool:
        """Return whether changes hold from the shown step on."""
        return self.from_here.isChecked()

    def show_form(self, form: Form, around: Surroundings) -> None:
        """Offer the lanes, and tell in what they differ."""
        names: list[str | None] = [None, *(lane.name for lane in form.lanes)]
        if names != self._names or self.lane.count() != len(names):
            self._names = names
            with QSignalBlocker(self.lane):
                self.lane.clear()
                self.lane.addItem(translate("experiment panel", "All lanes"))
                self.lane.addItems(told_apart([lane.name for lane in form.lanes], LONGEST_LANE))
        self.lane.setCurrentIndex(names.index(form.chosen) if form.chosen in names else 0)
        self._tell(form, around)

    def _tell(self, form: Form, around: Surroundings) -> None:
        differing = sum(bool(lane.differences) for lane in form.lanes)
        self.differences.show_form(form, around)
        self.told.show_title(
            translate("experiment panel", "Differences of %n lane(s)", None, differing)
            if form.chosen is None
            else translate("experiment panel", "Differences from the common values")
        )
        self.told.setVisible(bool(differing) or form.chosen is not None)

    def show_refusal(self, text: str) -> None:
        """Say why something was refused that has no field."""
        self.refusal.setText(shortened(text))
        self.refusal.setVisible(bool(text))
