"""What is in the columns of a table, and what a column can be for a network: numbers, or the classes of samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.datasets.files import TargetForm
from engine.datasets.targets import class_rank
from engine.formats.bounded_reading import parse_number
from engine.formats.csv_table import LONGEST_TEXT, Sheet, names_in, rows_in

PREVIEW_ROWS = 6
"""How many rows of a table are shown."""
MAX_CLASSES = 1000
"""The most different values that are counted."""
MAX_TOLD = 20
"""The most classes whose names are told."""
MAX_KEPT = 500_000
"""The most different texts of all columns together that are kept to count them."""
MAX_COLUMNS = 2000
"""Of how many columns the cells are looked at: the first ones, and the last."""
SAMPLES_PER_CLASS = 5
"""Whole numbers are taken for classes where each stands for as many samples at least."""
TARGET_NAMES = ("target", "targets", "label", "labels", "class", "classes", "y", "species")
"""What the column of targets is called, in small letters."""


@dataclass(frozen=True)
class SeenTargets:
    """What some numbers or words can be as targets.

    `outputs` is how many numbers each sample has. Of a single one, `different` is how many values there are, and None
    where they are more than 1000; `names` are those values as text, none if they are more than 20.
    """

    outputs: int
    are_numbers: bool
    are_whole: bool
    least: float
    most: float
    different: int | None = None
    names: tuple[str, ...] = ()

    def usual_form(self, samples: int) -> TargetForm:
        """Return what so many samples are taken for if nobody says it: words and a few whole numbers for classes."""
        if not self.are_numbers:
            return "classes"
        few = self.different is not None and 2 <= self.different <= MAX_TOLD
        often = self.different == 2 or (few and samples >= SAMPLES_PER_CLASS * (self.different or 0))
        return "classes" if self.are_whole and few and often else "numbers"

    @property
    def can_be_classes(self) -> bool:
        """Return whether they can be classes."""
        return self.different is not None and self.different >= 2 and (self.are_whole or not self.are_numbers)


@dataclass(frozen=True)
class SeenColumn:
    """A column of a table: its name, if it has one, and what it can be.

    `odd` is the first cell that is no number, with its line; None in a column of numbers.
    """

    name: str
    as_targets: SeenTargets
    odd: tuple[int, str] | None = None


@dataclass(frozen=True)
class SeenTable:
    """A table: its columns, which may be fewer than its `width`, the number of its rows, and the first of them.

    `places` has the number of each column, counted from 0. `target` is the place that is likely that of the targets.
    """

    columns: tuple[SeenColumn, ...]
    places: tuple[int, ...]
    width: int
    rows: int
    preview: tuple[tuple[str, ...], ...]
    has_names: bool

    @property
    def target(self) -> int:
        """Return the place of the only column of words, or of one that is called so, or of the last."""
        words = [place for place, column in enumerate(self.columns) if column.odd is not None]
        called = [n for n, column in enumerate(self.columns) if column.name.lower() in TARGET_NAMES]
        return words[0] if len(words) == 1 else (called or [len(self.columns) - 1])[-1]

    def no_number(self, path: Path, target: int) -> FileError | None:
        """Return why the columns besides a target cannot be inputs; None if they can."""
        for place, column in enumerate(self.columns):
            if column.odd is not None and place != target:
                names = [seen.name for seen in self.columns] if self.has_names else None
                sheet = Sheet(path, names, self.width, target)
                return sheet.no_number(column.odd[0], place if names else self.places[place], column.odd[1])
        return None


def table_in(path: Path) -> SeenTable:
    """Return what is in a CSV file; raise FileError if it is no table."""
    with rows_in(path) as rows:
        line, cells = next(rows, (0, list[str]()))
        names = names_in(path, cells)
        reader = _Reader(path, len(cells))
        if names is None:
            reader.add(line, cells)
        for number, row in rows:
            reader.add(number, row)
    if not reader.rows:
        raise FileError(path, Problem.NO_SAMPLES)
    return reader.table(names)


class _Column:
    """What was seen of a column so far; `different` is None once there were more texts than are counted."""

    def __init__(self) -> None:
        self.least, self.most, self.are_whole = inf, -inf, True
        self.odd: tuple[int, str] | None = None
        self.different: set[str] | None = set()

    def add(self, line: int, cell: str) -> int:
        """Take note of a cell; return how many texts are kept more than before."""
        self._look_at(line, cell)
        if self.different is None:
            return 0
        before = len(self.different)
        self.different.add(cell)
        if before < MAX_CLASSES:
            return len(self.different) - before
        self.different = self.different if len(self.different) == before else None
        return 0 if self.different else -before

    def _look_at(self, line: int, cell: str) -> None:
        value = parse_number(cell)
        if value is None:
            self.odd = self.odd or (line, cell[:LONGEST_TEXT])
            return
        self.least, self.most = min(self.least, value), max(self.most, value)
        self.are_whole = self.are_whole and value.is_integer()

    def seen(self, name: str) -> SeenColumn:
        """Return what was seen."""
        found, count = self.different or set(), None if self.different is None else len(self.different)
        names = tuple(sorted(found, key=class_rank)) if len(found) <= MAX_TOLD else ()
        told = tuple(name[:LONGEST_TEXT] for name in names)
        are_whole = self.are_whole and self.odd is None
        targets = SeenTargets(1, self.odd is None, are_whole, self.least, self.most, count, told)
        return SeenColumn(name[:LONGEST_TEXT], targets, self.odd)


class _Reader:
    """Reads a table row by row."""

    def __init__(self, path: Path, width: int) -> None:
        self._path, self._width = path, width
        self._places = (*range(min(width, MAX_COLUMNS) - 1), width - 1)
        self._columns = [_Column() for _ in self._places]
        self._preview: list[tuple[str, ...]] = []
        self._kept = self.rows = 0

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take note of a row."""
        if len(cells) != self._width:
            raise FileError(self._path, Problem.ROW_WIDTH, row=line, width=self._width, got=len(cells))
        seen = [cells[place] for place in self._places]
        if self.rows < PREVIEW_ROWS:
            self._preview.append(tuple(cell[:LONGEST_TEXT] for cell in seen))
        self.rows += 1
        self._kept += sum(column.add(line, cell) for column, cell in zip(self._columns, seen, strict=True))
        if self._kept > MAX_KEPT:
            self._kept = 0
            for column in self._columns:
                column.different = None

    def table(self, names: list[str] | None) -> SeenTable:
        """Return what was seen."""
        called = [names[place] if names else "" for place in self._places]
        columns = (column.seen(name) for column, name in zip(self._columns, called, strict=True))
        return SeenTable(
            tuple(columns), self._places, self._width, self.rows, tuple(self._preview), names is not None
        )
