"""CSV files: every line is a sample, one column is the target, and all others are inputs and must be numbers."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.cancellation import checkpoint
from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import open_data, parse_number

MAX_BYTES = 64 * 2**20
"""Largest size of a file."""

MAX_LINES = 1_000_000
"""Largest number of lines in a file."""

MAX_LINE = 2**20
"""Largest number of characters in a line; 10,000 inputs with all their digits take a fifth of it."""

LINES_AT_ONCE = 16
"""The number of lines that are read between two checkpoints."""

DELIMITERS = ",;\t"

Row: TypeAlias = tuple[int, list[str]]
"""The number of a line, counted from 1, and its cells."""

LONGEST_TEXT = 40
"""Characters of a cell that an error repeats."""


@dataclass
class Sheet:
    """The samples of a CSV file.

    `columns` has the names of all columns, or is None if the file has no header. `width` is the number of columns and
    `target` the index of the target column. For each sample, `lines` has the number of its line, counted from 1, and
    `targets` the text of its target cell; `numbers` has the inputs of all samples, one sample after the other.
    """

    path: Path
    columns: list[str] | None
    width: int
    target: int
    lines: list[int] = field(default_factory=list[int])
    targets: list[str] = field(default_factory=list[str])
    numbers: array[float] = field(default_factory=lambda: array("d"))

    @property
    def inputs(self) -> npt.NDArray[np.float64]:
        """Return all columns but the target as an array (samples, width - 1)."""
        return np.reshape(np.array(self.numbers, np.float64), (len(self.lines), self.width - 1))

    def add(self, line: int, cells: list[str]) -> None:
        """Add a sample; raise FileError, naming line and column, if a cell is missing, too much or not a number."""
        if len(cells) != self.width:
            raise FileError(self.path, Problem.ROW_WIDTH, row=line, width=self.width, got=len(cells))
        for column, cell in enumerate(cells):
            if column != self.target:
                self.numbers.append(self.number(line, column, cell))
        self.lines.append(line)
        self.targets.append(cells[self.target])

    def number(self, line: int, column: int, cell: str) -> float:
        """Return the finite number in a cell; raise FileError, naming line and column, if there is none."""
        value = parse_number(cell)
        if value is None:
            raise self.no_number(line, column, cell[:LONGEST_TEXT])
        return value

    def no_number(self, line: int, column: int, got: str) -> FileError:
        """Return the error that a cell holds something else than a number."""
        comma = parse_number(got.replace(",", ".", 1)) is not None
        if self.columns is None:
            return FileError(
                self.path,
                Problem.CELL_DECIMAL_COMMA_WITHOUT_HEADER
                if comma
                else Problem.CELL_NOT_NUMBER_WITHOUT_HEADER,
                row=line,
                column=column,
                got=got,
            )
        name = self.columns[column][:LONGEST_TEXT]
        return FileError(
            self.path,
            Problem.CELL_DECIMAL_COMMA if comma else Problem.CELL_NOT_NUMBER,
            row=line,
            column=name,
            got=got,
        )

    def _no_class(self, line: int) -> FileError:
        if self.columns is None:
            return FileError(self.path, Problem.CELL_NO_CLASS_WITHOUT_HEADER, row=line, column=self.target)
        name = self.columns[self.target][:LONGEST_TEXT]
        return FileError(self.path, Problem.CELL_NO_CLASS, row=line, column=name)

    def target_numbers(self) -> npt.NDArray[np.float64]:
        """Return the target column as an array (samples, 1); raise FileError if a cell is not a number."""
        pairs = zip(self.lines, self.targets, strict=True)
        return np.array([[self.number(line, self.target, cell)] for line, cell in pairs])

    def target_names(self) -> list[str]:
        """Return the target column as class names, one per sample; raise FileError if a name is empty."""
        for line, cell in zip(self.lines, self.targets, strict=True):
            if not cell:
                raise self._no_class(line)
        return self.targets


def read_sheet(path: Path, target: int | str, header: bool | None) -> Sheet:
    """Return the samples of a CSV file in UTF-8 with comma, semicolon or tab as delimiter.

    `target` is the name of the target column or its index; -1 is the last one. `header` says whether the first row is
    a header; None means that it is one if it has no number. Raise FileError if the file is not such a table, and
    ExperimentError if it has no column `target`.
    """
    with rows_in(path) as rows:
        line, cells = next(rows, (0, list[str]()))
        sheet = _empty_sheet(path, cells, target, header)
        if sheet.columns is None:
            sheet.add(line, cells)
        for number, row in rows:
            sheet.add(number, row)
    if not sheet.lines:
        raise FileError(path, Problem.NO_SAMPLES)
    return sheet


@contextmanager
def rows_in(path: Path) -> Generator[Iterator[Row], None, None]:
    """Open a CSV file and give its rows one by one."""
    with open_data(path, MAX_BYTES) as file, io.TextIOWrapper(file, "utf-8-sig") as text:
        yield _rows(path, file, text)


def names_in(path: Path, first: list[str], header: bool | None = None) -> list[str] | None:
    """Return the names of the columns, if the first row has them; raise FileError if it is no row of a table."""
    if not first:
        raise FileError(path, Problem.EMPTY)
    if len(first) < 2:
        raise FileError(path, Problem.ONE_COLUMN)
    named = all(parse_number(cell) is None for cell in first) if header is None else header
    return first if named else None


def _empty_sheet(path: Path, first: list[str], target: int | str, header: bool | None) -> Sheet:
    columns = names_in(path, first, header)
    return Sheet(path, columns, len(first), _target_column(target, columns, len(first)))


def _rows(path: Path, file: io.BufferedReader, text: io.TextIOWrapper) -> Iterator[Row]:
    """Yield the line number and the cells of every line that is not blank; the first one decides the delimiter."""
    delimiter, size = "", max(1, path.stat().st_size)
    for number in count(1):
        if number % LINES_AT_ONCE == 0:
            checkpoint(file.tell() / size)
        line = text.readline(MAX_LINE + 1)
        if not line:
            return
        if len(line) > MAX_LINE or number > MAX_LINES:
            raise FileError(path, Problem.TOO_MANY_ROWS, rows=MAX_LINES, characters=MAX_LINE)
        if line.strip():
            delimiter = delimiter or max(DELIMITERS, key=line.count)
            yield number, _cells(path, number, line, delimiter)


def _cells(path: Path, number: int, line: str, delimiter: str) -> list[str]:
    try:
        # each line has its own reader, so a quote that is never closed ends with its line
        reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
        return [cell.strip() for cell in next(reader)]
    except csv.Error as error:
        raise FileError(path, Problem.ROW_NOT_CSV, row=number, reason=str(error)) from error


def _target_column(target: int | str, columns: list[str] | None, width: int) -> int:
    if isinstance(target, int):
        if not -width <= target < width:
            raise ExperimentError(
                "data.target", Problem.TARGET_COLUMN_NUMBER, last=width - 1, first=-width, got=target
            )
        return target % width
    if columns is None:
        raise ExperimentError("data.target", Problem.TARGET_COLUMN_WITHOUT_HEADER)
    if columns.count(target) != 1:
        there = [name[:LONGEST_TEXT] for name in columns[:10]]
        raise ExperimentError("data.target", Problem.TARGET_COLUMN_NAME, got=target, columns=there)
    return columns.index(target)
