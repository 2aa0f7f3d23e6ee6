"""Rows of fields, and the row of a choice of kinds: its kinds, what the chosen one is, and its parameters below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.editor.form import Control, FormChoice, FormField
from gui.forms.choice_field import ChoiceField
from gui.forms.field_row import CAPTION_WIDTH, FieldRow, Requests, Surroundings, wrapped_label
from gui.forms.simple_rows import ChoiceRow, NotesRow, NumberRow, SwitchRow, TextRow
from gui.forms.small_pictures import HistogramView
from gui.look.plain_text import tip

KIND = "kind"
"""The field of a value that names its kind."""
INDENT, KIND_CAPTION_WIDTH, MOST_CAPTION_WIDTH = 10, 66, 124


class FieldRows(QWidget):
    """A row for each of some fields. Rows that are shown again stay, with the focus that is in them."""

    def __init__(self, requests: Requests, indent: int = 0) -> None:
        super().__init__()
        self._requests, self._indent = requests, indent
        self._rows: dict[tuple[str, Control], FieldRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(indent, 0, 0, 0)
        self._layout.setSpacing(2)

    def show_fields(self, fields: Sequence[FormField], around: Surroundings) -> None:
        """Show these fields and no others."""
        wanted: list[tuple[str, Control]] = [(field.path, field.control) for field in fields]
        for key in [key for key in self._rows if key not in wanted]:
            row = self._rows.pop(key)
            row.hide()
            row.deleteLater()
        for place, (key, field) in enumerate(zip(wanted, fields, strict=True)):
            if key not in self._rows:
                self._rows[key] = self._new_row(field)
                self._layout.insertWidget(place, self._rows[key])
            self._rows[key].show_field(field, around)
        self._align()

    def _align(self) -> None:
        """Give names the room of the longest one, so that values stand below each other; choices of kinds need theirs."""
        plain = [row for (_, control), row in self._rows.items() if control != KIND]
        needed = [CAPTION_WIDTH - self._indent, *(row.caption.sizeHint().width() for row in plain)]
        for row in plain:
            row.caption.setFixedWidth(min(max(needed), MOST_CAPTION_WIDTH))

    def _new_row(self, field: FormField) -> FieldRow:
        row = ROWS[field.control](field, self._requests)
        row.caption.setFixedWidth(KIND_CAPTION_WIDTH)
        return row


class KindRow(FieldRow):
    """A choice of kinds. One that needs a file is asked for when its name is there."""

    def __init__(self, field: FormField, requests: Requests) -> None:
        super().__init__(field, requests)
        self.box = ChoiceField()
        self.explain(self.box, f".{KIND}")
        self.box.picked.connect(self._take)
        self.about, self.formula = wrapped_label("about"), wrapped_label("formula")
        for label in (self.about, self.formula):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.picture = HistogramView()
        self._typed = Requests()
        self._typed.requested.connect(self._take_part)
        self._draft: FormChoice | None = None
        self._parts: dict[str, object] = {}
        self.parameters, self.needs = FieldRows(requests, INDENT), FieldRows(self._typed, INDENT)
        self._around: Surroundings | None = None
        self._arrange()

    def _arrange(self) -> None:
        drawn = QHBoxLayout()
        drawn.addWidget(self.formula, 1)
        drawn.addWidget(self.picture)
        self.grid.addWidget(self.about, 2, 0, 1, 3)
        self.grid.addLayout(drawn, 3, 0, 1, 3)
        for row, rows in enumerate((self.parameters, self.needs), start=4):
            self.grid.addWidget(rows, row, 0, 1, 3)

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show the kind and its parameters; a kind that still needs a file stays chosen until it has it."""
        self._around = around
        if self._draft is not None and (field.refused or _kind(field.value) == _kind(self._draft.value)):
            self._draft = None
        if self._draft is None:
            self.box.show_choices(field.choices, self._place(field))
            self._show_chosen(field, around)

    def show_parts(self, field: FormField, around: Surroundings) -> None:
        """Show the parameters."""
        if self._draft is None:
            self.parameters.show_fields(field.parameters, around)

    @staticmethod
    def _place(field: FormField) -> int:
        kinds = [_kind(choice.value) for choice in field.choices]
        return -1 if field.is_mixed or _kind(field.value) not in kinds else kinds.index(_kind(field.value))

    def _show_chosen(self, field: FormField, around: Surroundings) -> None:
        self.box.setToolTip(tip("\n".join(filter(None, (field.description, field.about)))))
        self._say(field.about, field.formula)
        self.picture.set_theme(around.theme)
        self.picture.show_histogram(field.histogram)
        self.picture.setVisible(field.histogram is not None)
        self.parameters.show_fields(field.parameters, around)
        self.parameters.setVisible(bool(field.parameters))
        self.needs.show_fields((), around)
        self.needs.hide()

    def _say(self, about: str, formula: str) -> None:
        """Say what the chosen kind is."""
        for label, text in ((self.about, about), (self.formula, formula)):
            label.setText(text)
            label.setVisible(bool(text))

    def _take(self, choice: FormChoice) -> None:
        """Ask for a kind, or for what it needs first."""
        if not choice.needs:
            self._draft = None
            self.ask(choice.value)
            return
        assert self._around is not None
        self._draft, self._parts = choice, {}
        self._say(choice.about, "")
        self.picture.hide()
        self.parameters.hide()
        self.needs.show_fields(choice.needs, self._around)
        self.needs.show()

    def _take_part(self, path: str, value: object, _is_final: bool) -> None:
        """Keep the name of a file; when all are there, ask for the kind with them."""
        assert self._draft is not None
        self._parts[path.rpartition(".")[2]] = value
        if all(self._parts.get(field.path.rpartition(".")[2]) for field in self._draft.needs):
            self.ask({**self._draft.value, **self._parts})


def _kind(value: object) -> object:
    return value.get(KIND) if isinstance(value, dict) else None


ROWS: dict[Control, type[FieldRow]] = {
    "number": NumberRow,
    "whole": NumberRow,
    "choice": ChoiceRow,
    "switch": SwitchRow,
    "text": TextRow,
    "notes": NotesRow,
    "path": TextRow,
    "rows": TextRow,
    "kind": KindRow,
}
