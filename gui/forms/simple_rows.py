"""Rows for values without parts: numbers, choices, switches and texts."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPlainTextEdit, QToolButton

from gui.editor.form import FormField
from gui.forms.choice_field import ChoiceField
from gui.forms.field_row import FieldRow, Requests, Surroundings
from gui.forms.number_field import DragLabel, LiveNumber
from gui.forms.number_steps import NumberSteps
from gui.look.handlers import shielded
from gui.look.icons import icon
from gui.look.plain_text import tip
from gui.look.theme import LIGHT
from gui.text.language import translate

LONGEST_ROWS = 2_000
"""Characters of a table that can be edited as text; a longer one comes from a file."""
NOTES_HEIGHT = 84
SWEEP = 10
"""Pixels of the picture on the button that sweeps."""


class NumberRow(FieldRow):
    """A number that can be typed, stepped, dragged, also by its caption, and swept by a small button."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        self.number = LiveNumber()
        super().__init__(field, requests, DragLabel(self.number))
        self.explain(self.number)
        self.number.requested.connect(self.ask)
        self.number.taken_back.connect(requests.taken_back)
        self.word = QToolButton()
        self.sweep = QToolButton()
        for button, name in ((self.word, "word"), (self.sweep, "sweep")):
            button.setObjectName(f"edit.{field.path}.{name}")
            button.setCheckable(True)
            self.controls.addWidget(button)
            self.held.append(button)
        self.word.setProperty("chip", True)
        self.sweep.setProperty("mini", True)
        self.sweep.setIconSize(QSize(SWEEP, SWEEP))
        self.sweep.setAccessibleName(translate("experiment panel", "Sweep"))
        self.word.clicked.connect(self._take_word)
        self.sweep.toggled.connect(self._sweep)
        self._theme = LIGHT
        self._show_icon()

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show the number or the word that stands for it."""
        steps = NumberSteps(field.control == "whole", field.is_logarithmic, field.minimum, field.maximum)
        word, value = ("", None) if field.word is None else (field.word.label, field.word.value)
        self.number.set_range(steps, word, value, field.start)
        self.number.show_value(field.value)
        self.word.setVisible(field.word is not None)
        self.word.setText(word)
        self.word.setAccessibleName(word)
        self.word.setToolTip(tip(field.description))
        self.word.setChecked(field.word is not None and field.value == value)
        self.sweep.setToolTip(
            translate("experiment panel", "Let the number go there and back, until the next click")
        )
        if around.theme is not self._theme:
            self._theme = around.theme
            self._show_icon()

    def _show_icon(self) -> None:
        self.sweep.setIcon(icon("pause" if self.sweep.isChecked() else "play", self._theme))

    def _take_word(self, on: bool) -> None:
        assert self.field.word is not None
        self.number.ask(
            self.field.word.value if on else self.number.steps.limited(self.field.start), is_final=True
        )

    def _sweep(self, on: bool) -> None:
        self._show_icon()
        self.requests.swept.emit(self.number)
        if on:
            self.number.start_sweep()
        else:
            self.number.stop_sweep()

    def stop(self) -> None:
        """End a sweep."""
        self.sweep.setChecked(False)


class ChoiceRow(FieldRow):
    """One of some names."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        super().__init__(field, requests)
        self.box = ChoiceField()
        self.explain(self.box)
        self.box.picked.connect(lambda choice: self.ask(choice.value))

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show which name it is."""
        values = [choice.value for choice in field.choices]
        self.box.show_choices(field.choices, values.index(field.value) if field.value in values else -1)


class SwitchRow(FieldRow):
    """Yes or no."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        super().__init__(field, requests)
        self.box = QCheckBox()
        self.explain(self.box)
        self.controls.setAlignment(self.box, Qt.AlignmentFlag.AlignLeft)  # a click beside it is none
        self.box.clicked.connect(self.ask)

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show whether it is so, and why it cannot be otherwise."""
        refused = next((choice.refused for choice in field.choices if choice.value != field.value), "")
        self.box.setEnabled(not refused)
        self.box.setToolTip(tip(f"{field.description}\n{refused}".strip()))
        with QSignalBlocker(self.box):
            self.box.setChecked(field.value is True)


class TextRow(FieldRow):
    """A line of text, the name of a file, or a table as JSON."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        super().__init__(field, requests)
        self.line = QLineEdit()
        self.explain(self.line)
        self.line.editingFinished.connect(self._take)
        self._open = QToolButton()
        self._open.setObjectName(f"edit.{field.path}.open")
        self._open.setProperty("mini", True)
        self._open.setAccessibleName(translate("experiment panel", "Choose a file"))
        self._open.clicked.connect(self._ask_where)
        self._open.setVisible(field.control == "path")
        self.controls.addWidget(self._open)
        self.held.append(self._open)

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show the text, unless somebody writes."""
        self._open.setIcon(icon("open-file", around.theme))
        self._open.setToolTip(translate("experiment panel", "Choose a file"))
        text = _as_text(field)
        self.line.setPlaceholderText("" if field.word is None else field.word.label)
        self.line.setReadOnly(len(text) > LONGEST_ROWS)
        if not self.line.isModified() and self.line.text() != text[:LONGEST_ROWS]:
            self.line.setText(text[:LONGEST_ROWS])
            self.line.setCursorPosition(0)

    def _take(self) -> None:
        if self.line.isModified():
            self.line.setModified(False)
            self.ask(_from_text(self.field, self.line.text()))

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, translate("experiment panel", "Choose a file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_file)
        dialog.open()

    def _take_file(self, name: str) -> None:
        self.line.setText(name)
        self.ask(name)


class NotesEdit(QPlainTextEdit):
    """A text of several lines, which is taken when the keyboard leaves it."""

    def __init__(self, row: NotesRow) -> None:
        super().__init__()
        self._row = row
        self.setTabChangesFocus(True)
        self.setFixedHeight(NOTES_HEIGHT)

    @shielded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was written."""
        super().focusOutEvent(event)
        if self.document().isModified():
            self.document().setModified(False)
            self._row.ask(self.toPlainText())


class NotesRow(FieldRow):
    """A text of several lines."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        super().__init__(field, requests)
        self.edit = NotesEdit(self)
        self.explain(self.edit)

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show the text, unless somebody writes."""
        if not self.edit.document().isModified() and self.edit.toPlainText() != field.value:
            self.edit.setPlainText(field.value)


def _as_text(field: FormField) -> str:
    if field.value is None:
        return ""
    is_word = field.control != "rows" or isinstance(field.value, str)
    return str(field.value) if is_word else json.dumps(field.value)


def _from_text(field: FormField, text: str) -> Any:
    """Return what a text stands for: rows of numbers, a whole number where one may stand, nothing where it is empty."""
    if field.word is not None and not text.strip():
        return field.word.value
    if field.control == "rows":
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return text
    return int(text) if isinstance(field.value, int) and text.removeprefix("-").isdecimal() else text


def _refuse(constant: str) -> float:
    raise ValueError(constant)
