"""Writes a tape: collects named arrays and appends instructions that are bound to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.tape.blas import aligned_like, aligned_zeros
from engine.tape.instructions import Instruction, Operation, Phase


@dataclass(frozen=True, eq=False)
class TapeArray:
    """An array of a tape, or its transposed view, with the `name` that instructions show.

    `surrounded` is the array with the zeros that lie beside it in memory; None where nobody has put any there.
    """

    name: str
    array: AnyArray
    surrounded: AnyArray | None = None
    is_transposed: bool = False

    @property
    def T(self) -> TapeArray:
        """Return the transposed view."""
        surrounded = None if self.surrounded is None else self.surrounded.T
        return TapeArray(self.name, self.array.T, surrounded, not self.is_transposed)

    def __str__(self) -> str:
        return f"{self.name}.T" if self.is_transposed else self.name


Operand: TypeAlias = TapeArray | str | float
Options: TypeAlias = dict[str, Any]

_FORMULAS: dict[str, str] = {
    "np.add": "{0} + {1}",
    "np.subtract": "{0} − {1}",
    "np.multiply": "{0} ⊙ {1}",
    "np.divide": "{0} / {1}",
    "np.maximum": "max({0}, {1})",
    "np.minimum": "min({0}, {1})",
    "np.greater": "{0} > {1}",
    "np.negative": "−{0}",
    "np.absolute": "|{0}|",
    "np.reciprocal": "1 / {0}",
    "np.square": "{0}²",
    "np.sqrt": "√{0}",
    "np.power": "{0} ^ {1}",
    "np.add.reduce": "sum({0})",
    "np.maximum.reduce": "max({0})",
    "np.copyto": "{0}",
}

_KEYWORD_OUT = {"np.maximum", "np.minimum"}
"""The functions for which NumPy deprecates `out` as a positional argument."""


class TapeWriter:
    """Collects named arrays and the instructions over them.

    Operands are arrays of the tape, their names (which is how kinds such as activations know them) or numbers. Each
    instruction is bound to its arrays when it is written, so that running it looks nothing up. `hard_targets` is true
    if every target is exactly 0 or 1, `targets_sum_to_one` if those of every sample sum to 1, `batched` if the
    targets change from step to step. `aliases` gives arrays to be taken in place of others, by the names of those,
    while instructions are written: `theta` can stand for one chunk of it.
    """

    def __init__(self, dtype: np.dtype[Any], targets: Floats | None = None, *, batched: bool = False) -> None:
        """Start a tape of arrays of `dtype`, for `targets` (samples, outputs) if there are any."""
        self.dtype = dtype
        self.hard_targets = targets is not None and bool(np.isin(targets, (0.0, 1.0)).all())
        self.targets_sum_to_one = targets is None or bool(np.isclose(targets.sum(axis=1), 1.0).all())
        self.batched = batched
        self.arrays: dict[str, AnyArray] = {}
        self.aliases: dict[str, TapeArray] = {}
        self.instructions: list[Instruction] = []
        self.operations: list[Operation] = []
        self.numbers: list[AnyArray] = []
        self.product_ends: list[int] = []
        self.phase = Phase.FORWARD
        self.layer = 0
        self.for_show = False

    def at(self, phase: Phase, layer: int = 0) -> None:
        """Label the instructions that follow."""
        self.phase, self.layer = phase, layer

    def finish(self, formula: str) -> None:
        """Say that the instructions since the last operation are one: `formula`, with the labels of now."""
        self.operations.append(Operation(self.phase, self.layer, formula, len(self.instructions)))

    @property
    def is_finished(self) -> bool:
        """Return whether every instruction belongs to an operation."""
        return len(self.instructions) == (self.operations[-1].end if self.operations else 0)

    def draft(self) -> TapeWriter:
        """Return a writer with the same labels, which has no arrays and no instructions yet.

        What is written to it stays out of this writer until `adopt`.
        """
        draft = TapeWriter(self.dtype)
        draft.at(self.phase, self.layer)
        draft.for_show = self.for_show
        return draft

    def adopt(self, draft: TapeWriter) -> None:
        """Append the instructions of a draft, which is that of a product, and take over its arrays."""
        self.instructions.extend(draft.instructions)
        self.arrays.update(draft.arrays)
        self.product_ends.append(len(self.instructions))

    def add(self, name: str, array: AnyArray, surrounded: AnyArray | None = None) -> TapeArray:
        """Put an array on the tape, with the zeros that surround it if there are any, and return it with its name."""
        self.arrays[name] = array
        if surrounded is not None:
            self.arrays[f"{name}_surrounded"] = surrounded
        return TapeArray(name, array, surrounded)

    def resolve(self, operand: Operand) -> Any:
        """Return the array that an operand is or names, a 0-d array for a number, or the text of a quoted operand.

        Raise KeyError for a name that the tape does not have.
        """
        if isinstance(operand, TapeArray):
            return operand.array
        if not isinstance(operand, str):
            # A 0-d array costs less per call than a Python number.
            with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite
                number = np.asarray(operand, dtype=self.dtype)
            self.numbers.append(number)
            return number
        if operand.startswith("'"):
            return operand.strip("'")
        return self.arrays[operand]

    def scratch(self, name: str, like: str, dtype: type | None = None) -> str:
        """Make a working array with the shape and memory order of `like` and return its name."""
        self.arrays[name] = aligned_like(self.arrays[like], None if dtype is None else np.dtype(dtype))
        return name

    def row(self, name: str, like: str) -> str:
        """Make a working array with one number per sample, shape (samples, 1), and return its name."""
        self.arrays[name] = aligned_zeros((self.arrays[like].shape[0], 1), self.dtype)
        return name

    def column(self, name: str, like: str) -> str:
        """Make a working array with one number per unit, shape (units,), and return its name."""
        self.arrays[name] = aligned_zeros((self.arrays[like].shape[1],), self.dtype)
        return name

    def emit(
        self,
        function: str,
        *operands: Operand,
        out: TapeArray | str,
        formula: str = "",
        options: Options | None = None,
    ) -> None:
        """Append `out = function(operands)`; `function` is a NumPy name such as `np.multiply` or `np.add.reduce`.

        `options` are further keyword arguments. Without a `formula` the usual one of the function is taken. Raise
        KeyError for a name that the tape does not have.
        """
        out = self.aliases.get(str(out), out)
        operands = tuple(self.aliases.get(str(operand), operand) for operand in operands)
        options = options or {}
        instruction = Instruction(
            phase=self.phase,
            layer=self.layer,
            formula=formula or _formula(function, operands, out),
            function=function,
            operands=tuple(str(one) if isinstance(one, TapeArray) else one for one in operands),
            out=str(out),
            options=tuple(options.items()),
            call=self._bind(function, operands, out, options),
            for_show=self.for_show,
        )
        self.instructions.append(instruction)

    def _bind(
        self, function: str, operands: tuple[Operand, ...], out: Operand, options: Options
    ) -> partial[object]:
        """Return the call of an instruction, bound to its arrays."""
        bound = _lookup(function)
        target = self.resolve(out)
        arguments = [self.resolve(operand) for operand in operands]
        keywords = {key: self.resolve(v) if isinstance(v, str) else v for key, v in options.items()}
        if function == "np.copyto":
            return partial(bound, target, *arguments, **keywords)
        if isinstance(bound, np.ufunc) and not options and function not in _KEYWORD_OUT:
            return partial(bound, *arguments, target)  # a tenth of a microsecond faster than out=
        return partial(bound, *arguments, **keywords, out=target)


def _formula(function: str, operands: tuple[Operand, ...], out: Operand) -> str:
    text = _FORMULAS.get(function, function.removeprefix("np.") + "({0})")
    return f"{out} = {text.format(*operands)}"


def _lookup(function: str) -> Callable[..., object]:
    """Return the NumPy function of a dotted name such as `np.add.reduce`."""
    found: Any = np
    for part in function.split(".")[1:]:
        found = getattr(found, part)
    return found
