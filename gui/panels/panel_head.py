"""The head of the panel: which lane is edited, from when on, and in what lanes differ; and sections that fold."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.editor.form import Form, InLane
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


class Half(QPushButton):
    """One of two buttons side by side, of which one is down."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setCheckable(True)
        self.setProperty("half", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click, Space still plays

    def say(self, text: str, told: str) -> None:
        """Show what is chosen with it, and tell what that does."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(told)


def _either(parent: QObject, *halves: Half) -> QButtonGroup:
    group = QButtonGroup(parent)
    for half in halves:
        group.addButton(half)
    halves[0].setChecked(True)
    return group


class PanelHead(QFrame):
    """Signals: `lane_chosen(name, or None for all lanes)`, `moment_chosen("new", "same", or None for the start)`."""

    lane_chosen = Signal(object)
    moment_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lane = ChoiceBox()
        self.lane.setObjectName("edit.lane")
        self.lane.setAccessibleName(translate("experiment panel", "Edited lanes"))
        self.lane.setToolTip(translate("experiment panel", "Whether all lanes are changed, or one of them"))
        self.lane.setMinimumContentsLength(6)
        self.lane.activated.connect(lambda place: self.lane_chosen.emit(self._names[place]))
        self._names: list[str | None] = [None]
        self.from_start, self.from_here = Half("edit.from_start"), Half("edit.from_here")
        self.new_lane, self.same_lane = Half("edit.new_lane"), Half("edit.same_lane")
        self._groups = [
            _either(self, self.from_start, self.from_here),
            _either(self, self.new_lane, self.same_lane),
        ]
        for half in (self.from_start, self.from_here, self.new_lane, self.same_lane):
            half.clicked.connect(lambda _on: self.moment_chosen.emit(self._chosen_moment()))
        self.hint, self.refusal = wrapped_label("small"), wrapped_label("refusal")
        for label in (self.hint, self.refusal):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.hide()
        self.differences = DifferenceList()
        self.differences.lane_picked.connect(self.lane_chosen)
        self.told = Section("differences", self.differences)
        self._arrange()

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.lane)
        for halves in ((self.from_start, self.from_here), (self.new_lane, self.same_lane)):
            row = QHBoxLayout()
            row.setSpacing(0)
            for half in halves:
                row.addWidget(half, 1)
            layout.addLayout(row)
        for part in (self.hint, self.told, self.refusal):
            layout.addWidget(part)

    def _chosen_moment(self) -> InLane:
        if self.from_start.isChecked():
            return None
        return "new" if self.new_lane.isChecked() else "same"

    def _show_moment(self, form: Form) -> None:
        """Show from when on, and where, values are changed."""
        of_all, is_here = form.chosen is None, form.in_lane is not None
        texts = all_lanes_words() if of_all else one_lane_words()
        for half, (text, told) in zip(
            (self.from_start, self.from_here, self.new_lane, self.same_lane), texts, strict=True
        ):
            half.say(text, told)
        (self.from_here if is_here else self.from_start).setChecked(True)
        if is_here:
            (self.new_lane if form.in_lane == "new" else self.same_lane).setChecked(True)
        self.new_lane.setVisible(is_here)
        self.same_lane.setVisible(is_here)
        self.hint.setText(form.hint)
        self.hint.setVisible(bool(form.hint))

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
        self._show_moment(form)
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


def one_lane_words() -> tuple[tuple[str, str], ...]:
    """Return what the buttons say where one lane is changed, and what each of them does."""
    return (
        (
            translate("experiment panel", "from the start"),
            translate("experiment panel", "The lane starts anew with what is changed"),
        ),
        (
            translate("experiment panel", "from here on"),
            translate("experiment panel", "What is changed holds from the shown step on"),
        ),
        (
            translate("experiment panel", "in a new lane"),
            translate(
                "experiment panel",
                "The lane stays as it is; a new one beside it goes on with what is changed",
            ),
        ),
        (
            translate("experiment panel", "in this lane"),
            translate(
                "experiment panel",
                "The lane itself goes on with what is changed; its later steps are trained again",
            ),
        ),
    )


def all_lanes_words() -> tuple[tuple[str, str], ...]:
    """Return what the buttons say where all lanes are changed, and what each of them does."""
    return (
        (
            translate("experiment panel", "from the start"),
            translate("experiment panel", "All lanes start anew with what is changed"),
        ),
        (
            translate("experiment panel", "from here on"),
            translate("experiment panel", "What is changed holds from the shown step on"),
        ),
        (
            translate("experiment panel", "in new lanes"),
            translate(
                "experiment panel",
                "The lanes stay as they are; a new one for each goes on with what is changed",
            ),
        ),
        (
            translate("experiment panel", "in these lanes"),
            translate(
                "experiment panel",
                "The lanes themselves go on with what is changed; their later steps are trained again",
            ),
        ),
    )
