"""What is in a file, as tables: its arrays, and the first rows of a table or of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from engine.importing.inspection import SeenArray
from engine.importing.table_columns import PREVIEW_ROWS, SeenTable
from gui.importing import import_words as words
from gui.look.plain_text import shortened, tip
from gui.text.language import translate

MOST_COLUMNS, MOST_ARRAYS = 60, 200
"""How many columns and arrays are shown."""
ROW = 23
"""Pixels of a row."""
FEW_COLUMNS, MOST_ROWS = 6, 7
"""Columns that share the width of a table, and rows of the list of arrays that are seen at once."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class PlainTable(QTableWidget):
    """A table that is only read, with texts as they are in the file."""

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setToolTip(accessible)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(LEFT)

    def fit(self, most_rows: int) -> None:
        """Be as wide as the texts, or as there is room for, and as high as the rows, or as some of them."""
        header, mode = self.horizontalHeader(), QHeaderView.ResizeMode
        header.setSectionResizeMode(mode.Interactive)
        self.resizeColumnsToContents()
        is_narrow = header.length() < self.viewport().width() or self.columnCount() <= FEW_COLUMNS
        header.setSectionResizeMode(mode.Stretch if is_narrow else mode.Interactive)
        rows = min(self.rowCount(), most_rows) * ROW
        bar = 0 if is_narrow else self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(header.sizeHint().height() + rows + bar + 2 * self.frameWidth() + 2)

    def write(
        self, row: int, column: int, text: str, *, is_bold: bool = False, is_muted: bool = False
    ) -> None:
        """Put a text into a cell."""
        item = QTableWidgetItem(shortened(text, words.LONGEST_OPTION))
        item.setTextAlignment(LEFT)
        item.setFont(_font(self.font(), is_bold=is_bold))
        if is_muted:
            item.setForeground(self.palette().placeholderText())
        elif is_bold:
            item.setForeground(self.palette().link())
        self.setItem(row, column, item)

    def title(self, column: int, text: str, *, is_bold: bool = False) -> None:
        """Put a text at the head of a column."""
        item = QTableWidgetItem(shortened(text, words.LONGEST_OPTION))
        item.setTextAlignment(LEFT)
        item.setFont(_font(self.font(), is_bold=is_bold))
        item.setToolTip(tip(text))
        self.setHorizontalHeaderItem(column, item)


class RowsTable(PlainTable):
    """The first rows of a table, whose head chooses the column of targets. Signals: `column_chosen(place)`."""

    column_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "import.rows", translate("import", "The first rows; click a title to predict its column"), parent
        )
        self._places: list[int] = []
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the box of targets does the same by keyboard
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().sectionClicked.connect(lambda at: self.column_chosen.emit(self._places[at]))

    def show_table(self, table: SeenTable, target: int) -> None:
        """Show the first rows, with the range of each column above them and the column of targets in bold."""
        shown = list(range(min(len(table.columns), MOST_COLUMNS)))
        self._places = shown if target in shown else [*shown[:-1], target]
        self.setColumnCount(len(self._places))
        self.setRowCount(len(table.preview) + 1)
        self.setVerticalHeaderLabels(
            [translate("import", "range"), *(str(row + 1) for row in range(len(table.preview)))]
        )
        for at, place in enumerate(self._places):
            column, is_target = table.columns[place], place == target
            self.title(at, words.column_text(column, table.places[place]), is_bold=is_target)
            self.write(0, at, words.range_text(column.as_targets), is_muted=True)
            for row, cells in enumerate(table.preview, start=1):
                self.write(row, at, cells[place], is_bold=is_target)
        self.fit(self.rowCount())


class NumbersTable(PlainTable):
    """The first rows of an array."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("import.numbers", translate("import", "The first rows of the array"), parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_array(self, array: SeenArray) -> None:
        """Show the first rows and columns."""
        columns = max(map(len, array.preview), default=0)
        self.setColumnCount(columns)
        self.setRowCount(len(array.preview))
        self.setHorizontalHeaderLabels([str(column + 1) for column in range(columns)])
        self.setVerticalHeaderLabels([str(row + 1) for row in range(len(array.preview))])
        for row, cells in enumerate(array.preview):
            for column, cell in enumerate(cells):
                self.write(row, column, cell)
        self.fit(PREVIEW_ROWS)


class ArraysTable(PlainTable):
    """The arrays of a file: names, shapes, types, ranges, and what each is taken for. Signals: `array_chosen(place)`."""

    array_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("import.arrays", translate("import", "The arrays of the file"), parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        titles = (
            translate("import", "array"),
            translate("import", "shape"),
            translate("import", "type"),
            translate("import", "range"),
            translate("import", "taken for"),
        )
        self.setColumnCount(len(titles))
        self.setHorizontalHeaderLabels(titles)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.currentCellChanged.connect(lambda row, *_: self.array_chosen.emit(row))

    def show_arrays(self, arrays: Sequence[SeenArray], roles: Mapping[str, str]) -> None:
        """List arrays, with what some of them are taken for."""
        self.setRowCount(min(len(arrays), MOST_ARRAYS))
        for row, array in enumerate(arrays[:MOST_ARRAYS]):
            role = roles.get(array.name, "")
            texts = (
                array.name,
                words.shape_text(array.shape),
                array.dtype,
                words.numbers_text(array.least, array.most),
                role,
            )
            for column, text in enumerate(texts):
                self.write(row, column, text, is_bold=bool(role) and column in {0, 4})
        self.fit(MOST_ROWS)


def _font(like: QFont, *, is_bold: bool) -> QFont:
    font = QFont(like)
    font.setBold(is_bold)
    return font
