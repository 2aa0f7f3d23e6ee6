"""The matrices of an operation: those that it reads, the one that it writes, and all others of the step, small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen, QPixmap, QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem, QGraphicsRectItem, QWidget

from engine.core.arrays import AnyArray, Floats
from gui.canvas.graph_edges import Cell
from gui.canvas.matrix_section import MatrixSection
from gui.canvas.scene import SceneView, set_first_that_fits
from gui.look.colours import Scale, picture
from gui.look.handlers import shielded
from gui.operations.shown_operation import ShownOperation
from gui.operations.small_matrices import (
    GAP,
    ROW_GAP,
    SMALL_TITLE,
    Box,
    boxes_in_rows,
    small_boxes,
    wanted_sizes,
)
from gui.present.matrix_picture import MatrixPicture, MatrixShape, fit_matrix, strongest
from gui.text.language import translate

READ_PEN, WRITTEN_PEN, CELL_PEN = 1.5, 3.0, 2.0
FADED = 0.35
"""Opacity of matrices that the operation does not touch."""
ABOVE = 10
"""Height (z value) of the frames of cells."""


@dataclass(frozen=True)
class _Shown:
    """A matrix on the screen: its numbers, of which some rows may stand for all."""

    name: str
    values: Floats
    section: MatrixSection


class OperationView(SceneView):
    """Signals: `cell_hovered(row, column)` and `cell_clicked(row, column)` of what the operation writes."""

    cell_hovered = Signal(int, int)
    cell_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(translate("operations", "Matrices of an operation"), parent)
        self._shown: ShownOperation | None = None
        self._large: list[_Shown] = []
        self._extras: list[QGraphicsItem] = []
        self._small: dict[str, QRectF] = {}
        self._cells: list[QGraphicsRectItem] = []
        self.setMouseTracking(True)

    def show_operation(self, shown: ShownOperation | None) -> None:
        """Show an operation; None where the lane has no such one."""
        before, self._shown = self._shown, shown
        if shown is not None and before is not None and _same_matrices(before, shown):
            self._mark_cells(shown)
        else:
            self._draw()

    @property
    def names(self) -> list[str]:
        """Return the names of the large matrices, the one that is written last."""
        return [matrix.name for matrix in self._large]

    def centre_of(self, name: str, row: int, column: int) -> QPointF:
        """Return the middle of a cell of a large matrix, in the scene."""
        matrix = next(matrix for matrix in self._large if matrix.name == name)
        return self._cell_rect(matrix, (self._place_of(name, row), column)).center()

    def _place_of(self, name: str, row: int) -> int:
        assert self._shown is not None, "a matrix is shown"
        return self._shown.place_of(name, row)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the matrices for the new room."""
        super().resizeEvent(event)
        self._draw()

    def _draw(self) -> None:
        self.drawing.clear()
        self._large, self._cells, self._small = [], [], {}
        width, height = float(max(self.width(), 40)), float(max(self.height(), 40))
        self.drawing.setSceneRect(0, 0, width, height)
        if self._shown is None:
            self._say(translate("operations", "This lane has no such operation."))
            return
        shown = self._shown
        boxes, below = small_boxes(shown, width)
        self._draw_large(shown, width, height - below - ROW_GAP)
        for box in boxes:
            self._draw_small(shown, box, height - below)
        self._mark_cells(shown)

    def _say(self, text: str) -> None:
        item = self.text_item(12)
        item.setText(text)
        item.setBrush(QColor(self.theme.muted))

    def _draw_large(self, shown: ShownOperation, width: float, height: float) -> None:
        done, before = shown.done, shown.before
        names = [name for name in done.reads if name in before and name != done.target]
        matrices = [(name, before[name]) for name in names]
        old = [(f"{done.target} ", before[done.target])] if done.target in done.reads else []
        matrices = [*old, *matrices, (done.target, done.value)]
        values = [shown.rows_of(name.strip(), array).astype(np.float64) for name, array in matrices]
        places = boxes_in_rows(wanted_sizes([found.shape for found in values], width), width, height)
        for (name, array), found, place in zip(matrices, values, places, strict=True):
            self._place(shown, name, array, found, place)

    def _place(
        self,
        shown: ShownOperation,
        name: str,
        array: AnyArray,
        values: Floats,
        place: Box,
    ) -> None:
        section = MatrixSection(self, 0)
        section.set_theme(self.theme)
        left, top, room, height = place
        shape = MatrixShape(*values.shape, has_bias=False)
        block = fit_matrix(shape, room / shape.fan_out, height).block
        section.place(top, _filling(shape, block, room, height), left)
        set_first_that_fits(section.title, [*self._titles(shown, name, array), name], room + GAP / 2)
        scale = shown.scales[name.strip()]
        section.show(values, scale, np.empty(0, np.uint32))
        is_written = name == shown.done.target
        pen = QPen(QColor(self.theme.accent), WRITTEN_PEN if is_written else READ_PEN)
        section.frame.setPen(pen)
        self._large.append(_Shown(name.strip() if not is_written else name, values, section))

    @staticmethod
    def _titles(shown: ShownOperation, name: str, array: AnyArray) -> list[str]:
        """Return what can stand above a matrix, the longest first."""
        whole = f"{name.strip()}  {'×'.join(map(str, array.shape))}".rstrip()
        if name != name.strip():
            return [translate("operations", "{0}, before").format(whole)]
        if name == shown.done.target and name in shown.done.reads:
            return [translate("operations", "{0}, new").format(whole)]
        if shown.is_of_samples(name) and shown.samples.are_some:
            numbers = ", ".join(map(str, shown.samples.numbers.tolist()))
            rows = translate("operations", "{0}, samples {1}").format(whole, numbers)
            return [
                rows,
                translate("operations", "{0}, {1} samples").format(whole, len(shown.samples.rows)),
                whole,
            ]
        return [whole]

    def _draw_small(self, shown: ShownOperation, box: tuple[str, Box], top: float) -> None:
        """Draw a matrix of the step as a small picture; what is not computed yet is an empty frame."""
        name, (left, y, width, height) = box
        known, done = shown.known, shown.done
        rect = QRectF(left + 0.5, top + y + SMALL_TITLE, width, height)
        self._small[name] = rect
        title = self.text_item(9)
        title.setText(name)
        title.setPos(left, top + y)
        touched = name in done.reads or name == done.target
        title.setBrush(QColor(self.theme.text if touched else self.theme.muted))
        items: list[QGraphicsItem] = [title]
        if name in known:
            items.append(self._thumbnail(known[name], shown.scales[name], rect))
        frame = QGraphicsRectItem(rect)
        frame.setPen(self._small_pen(name, shown))
        self.drawing.addItem(frame)
        for item in [*items, frame]:
            item.setOpacity(1.0 if touched else FADED)

    def _small_pen(self, name: str, shown: ShownOperation) -> QPen:
        if name == shown.done.target:
            return QPen(QColor(self.theme.accent), WRITTEN_PEN)
        if name in shown.done.reads:
            return QPen(QColor(self.theme.accent), READ_PEN)
        pen = QPen(QColor(self.theme.faint), 1.01)
        if name not in shown.known:
            pen.setStyle(Qt.PenStyle.DotLine)
        return pen

    def _thumbnail(self, array: AnyArray, scale: Scale, rect: QRectF) -> QGraphicsPixmapItem:
        values = _whole(array)
        block = (
            max(1, -(-values.shape[0] // max(1, int(rect.height())))),
            max(1, -(-values.shape[1] // max(1, int(rect.width())))),
        )
        shares = scale.places(scale.shares(strongest(values, block)))
        pixmap = QPixmap.fromImage(picture(scale.pixels(shares)))
        item = QGraphicsPixmapItem(pixmap)
        item.setTransform(
            QTransform.fromScale(rect.width() / pixmap.width(), rect.height() / pixmap.height())
        )
        item.setPos(rect.topLeft())
        self.drawing.addItem(item)
        return item

    def _mark_cells(self, shown: ShownOperation) -> None:
        """Frame the chosen cell, and the cells that it comes from."""
        for item in self._cells:
            self.drawing.removeItem(item)
        self._cells = []
        marks: list[tuple[str, Cell]] = [*shown.used, (shown.done.target, shown.chosen)]
        for number, (name, cell) in enumerate(marks):
            is_target = number == len(marks) - 1
            found = [matrix for matrix in self._large if matrix.name == name]
            if found:
                self._mark(found[-1] if is_target else found[0], cell)

    def _mark(self, matrix: _Shown, cell: Cell) -> None:
        row, column = cell
        place = None if row is None else self._place_of(matrix.name, row)
        item = QGraphicsRectItem(self._cell_rect(matrix, (place, column)))
        item.setPen(QPen(QColor(self.theme.text), CELL_PEN))
        item.setZValue(ABOVE)
        self.drawing.addItem(item)
        self._cells.append(item)

    def _cell_rect(self, matrix: _Shown, cell: Cell) -> QRectF:
        """Return where a cell is, a whole row or column where its other place is None."""
        frame, (rows, columns) = matrix.section.frame.rect(), matrix.values.shape
        height, width = frame.height() / rows, frame.width() / columns
        row, column = cell
        top, tall = (0, rows) if row is None else (min(row, rows - 1), 1)
        left, wide = (0, columns) if column is None else (min(column, columns - 1), 1)
        return QRectF(frame.left() + left * width, frame.top() + top * height, wide * width, tall * height)

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the pointer."""
        found = self._target_cell(event)
        if found is not None:
            self.cell_hovered.emit(*found)
        self.hover.move(event)

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the cell under the pointer."""
        found = self._target_cell(event)
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self.cell_clicked.emit(*found)

    def _target_cell(self, event: QMouseEvent) -> tuple[int, int] | None:
        if self._shown is None or not self._large:
            return None
        found = self._cell_at(self._large[-1], self.mapToScene(event.position().toPoint()))
        return found and (self._shown.row_at(self._large[-1].name, found[0]), found[1])

    @staticmethod
    def _cell_at(matrix: _Shown, place: QPointF) -> tuple[int, int] | None:
        frame, (rows, columns) = matrix.section.frame.rect(), matrix.values.shape
        if not frame.contains(place):
            return None
        row = int((place.y() - frame.top()) / frame.height() * rows)
        column = int((place.x() - frame.left()) / frame.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def text_at(self, place: QPointF) -> str:
        """Return the exact number of a cell, or the name of a small matrix."""
        for matrix in self._large:
            cell = self._cell_at(matrix, place)
            if cell is not None and self._shown is not None:
                row = self._shown.row_at(matrix.name, cell[0])
                name = self._shown.cell_name(matrix.name, row, cell[1])
                return f"{matrix.name}{name} = {float(matrix.values[cell])!r}"
        return next((name for name, rect in self._small.items() if rect.contains(place)), "")

    @shielded
    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing more of the place that the pointer was on."""
        super().leaveEvent(event)


def _same_matrices(before: ShownOperation, now: ShownOperation) -> bool:
    same_rows = np.array_equal(before.samples.rows, now.samples.rows)
    return before.walk is now.walk and before.place == now.place and before.scales == now.scales and same_rows


def _whole(array: AnyArray) -> Floats:
    """Return an array as rows; a vector is one row, and whole numbers are numbers like others."""
    rows: Sequence[int] = array.shape if array.ndim == 2 else (1, array.size)
    return array.reshape(rows).astype(np.float64)


def _filling(shape: MatrixShape, block: tuple[int, int], width: float, height: float) -> MatrixPicture:
    """Return a picture that fills its room, however wide and low its cells are then."""
    rows, columns = ceil(shape.fan_in / block[0]), ceil(shape.fan_out / block[1])
    return MatrixPicture(shape, block, (width / columns, height / rows), 0)
