"""A training step as a list: labelled instructions over named, preallocated arrays.

The same list is run, stepped through, explained and exported. The compiler writes it; a tape itself knows nothing about
networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, cast

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.tape.formulas import names_in


class Phase(str, Enum):
    """A part of a step, in the order in which the parts happen."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One array operation of a step.

    `layer` counts from 1; 0 means all parameters at once. `formula` is for people (`Z1 = X·W1 + b1`). `function` is a
    NumPy name; `operands` are numbers, texts in quotes and names of arrays, `out` is the name of the array that it
    writes, both with `.T` for a transposed view. `call` executes it. An instruction that is `for_show` is skipped in
    training, because no later instruction needs its result.
    """

    phase: Phase
    layer: int
    formula: str
    function: str
    operands: tuple[str | float, ...]
    out: str
    options: tuple[tuple[str, object], ...]
    call: partial[object]
    for_show: bool = False

    @property
    def target(self) -> str:
        """Return the name of the array that it writes."""
        return self.out.removesuffix(".T")

    @property
    def source(self) -> str:
        """Return the same line as NumPy code over the arrays of the tape."""
        arguments = [*map(str, self.operands), *(f"{key}={value}" for key, value in self.options)]
        if self.function == "np.copyto":
            return f"{self.function}({', '.join([self.out, *arguments])})"
        return f"{self.function}({', '.join([*arguments, f'out={self.out}'])})"

    @property
    def form(self) -> tuple[object, ...]:
        """Return what it does, whatever the numbers among its operands."""
        operands = (operand if isinstance(operand, str) else None for operand in self.operands)
        return self.function, tuple(operands), self.out, self.options, self.for_show


@dataclass(frozen=True, slots=True)
class Operation:
    """What people write as one formula, such as `Z1 = X·W1 + b1`, whatever number of instructions it takes.

    It is done when the first `end` instructions of the tape are done. Several operations can have the same end: the
    gradients of weights and biases come from one product. What is drawn before the step, such as a dropout mask, is an
    operation without instructions.
    """

    phase: Phase
    layer: int
    formula: str
    end: int

    @property
    def target(self) -> str:
        """Return the name of the array that it gives a value."""
        return self.formula.partition(" ")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of arrays, numbers and functions on the right side of the formula, each of them once."""
        return names_in(self.formula.split(" ", 2)[2])


@dataclass(frozen=True)
class Renumbering:
    """The numbers of a step, for every tape of the same form: what `instructions` and `operations` tell of them as text.

    `numbers` are those among the operands, in the order of the tape; `constants` are the arrays that no instruction
    writes, by name, without those that hold the samples.
    """

    instructions: tuple[Instruction, ...]
    operations: tuple[Operation, ...]
    numbers: tuple[float, ...]
    constants: dict[str, AnyArray]


@dataclass(eq=False)
class Tape:
    """A compiled step: its arrays by name, its instructions in order, and which of them are one operation.

    The arrays are the live working memory of the step: copy what leaves the thread that runs it. `numbers` are the
    0-d arrays that stand for numbers among the operands, in the order in which these were written.
    """

    arrays: dict[str, AnyArray]
    instructions: tuple[Instruction, ...]
    operations: tuple[Operation, ...] = ()
    numbers: tuple[AnyArray, ...] = ()

    def training_calls(self) -> tuple[partial[object], ...]:
        """Return the bound calls that a training step needs, in order."""
        return tuple(instruction.call for instruction in self.instructions if not instruction.for_show)

    def calls(self, phases: Iterable[Phase]) -> tuple[partial[object], ...]:
        """Return the bound calls of the given phases in order, including those that are only for show."""
        wanted = set(phases)
        return tuple(instruction.call for instruction in self.instructions if instruction.phase in wanted)

    def source(self) -> str:
        """Return the step as NumPy source over the arrays of this tape, one line per instruction."""
        return "\n".join(instruction.source for instruction in self.instructions)

    def form(self) -> str:
        """Return everything about this tape but the numbers in its arrays: what tapes that do the same have in common."""
        lines: list[str] = []
        for instruction in self.instructions:
            call = instruction.call
            operands = [_layout(operand) for operand in (*call.args, *call.keywords.items())]
            lines.append(f"{call.func} {operands} {instruction.for_show}")
        return "\n".join(lines)

    def take(self, other: Renumbering) -> None:
        """Take over the numbers of a step of the same form; the state of a run stays."""
        for mine, number in zip(self.numbers, other.numbers, strict=True):
            mine[...] = number
        for name, array in other.constants.items():
            self.arrays[name][...] = array
        pairs = zip(self.instructions, other.instructions, strict=True)
        self.instructions = tuple(_renumbered(mine, theirs) for mine, theirs in pairs)
        self.operations = other.operations

    def __getitem__(self, name: str) -> Floats:
        """Return the live array called `name`; raise KeyError if the tape has none of that name."""
        return self.arrays[name]


def _renumbered(mine: Instruction, theirs: Instruction) -> Instruction:
    """Return the same instruction with the numbers that another one tells."""
    if mine.operands == theirs.operands and mine.formula == theirs.formula:
        return mine
    return replace(mine, operands=theirs.operands, formula=theirs.formula)


def _layout(operand: Any) -> object:
    if isinstance(operand, np.ndarray):
        array = cast(AnyArray, operand)
        return array.shape, array.strides, array.dtype.str
    if isinstance(operand, tuple):
        return [_layout(part) for part in cast(tuple[Any, ...], operand)]
    return operand


def without_dispatch(call: partial[object]) -> Callable[[], object]:
    """Return the same operation as a bound array method where there is one, otherwise `call` itself.

    `np.dot`, `np.take` and `np.copyto` first search the types of their operands for overrides. In small networks this
    search takes a quarter of the time of a product; the array methods go without it.
    """
    if call.func is np.dot:
        left, right = call.args
        return partial(left.dot, right, call.keywords["out"])
    if call.func is np.take:
        values, indices = call.args
        return partial(values.take, indices, **call.keywords)
    if call.func is np.copyto and not call.keywords:
        target, values = call.args
        return partial(target.__setitem__, Ellipsis, values)
    return call
