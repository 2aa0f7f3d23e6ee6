"""Writes a step again without making anything, to find the numbers that are other ones than before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from engine.core.arrays import AnyArray
from engine.tape.instructions import Renumbering
from engine.tape.writer import Operand, Options, TapeArray, TapeWriter


class OtherFormError(Exception):
    """What is written does something else than what was written before, not the same with other numbers."""


class Rewriter(TapeWriter):
    """Takes the instructions of a step that was `written` once more, and compares them with those.

    They are bound to the arrays of before. `given` are the arrays that were there before the first instruction, by name,
    without those that hold numbers of the experiment.
    """

    def __init__(self, written: TapeWriter, given: Mapping[str, AnyArray]) -> None:
        super().__init__(written.dtype, batched=written.batched)
        self.hard_targets, self.targets_sum_to_one = written.hard_targets, written.targets_sum_to_one
        self.arrays = dict(given)
        self._written = written
        self._product_ends = iter(written.product_ends)
        self._values: list[float] = []

    def emit(
        self,
        function: str,
        *operands: Operand,
        out: TapeArray | str,
        formula: str = "",
        options: Options | None = None,
    ) -> None:
        """Write an instruction; raise OtherFormError where another one was written at this place."""
        place = len(self.instructions)
        if place >= len(self._written.instructions):
            raise OtherFormError
        super().emit(function, *operands, out=out, formula=formula, options=options)
        if self.instructions[place].form != self._written.instructions[place].form:
            raise OtherFormError

    def repeat_product(self, formula: str) -> None:
        """Take over the instructions of the next product; raise OtherFormError where it had another formula."""
        end = next(self._product_ends, 0)
        product = self._written.instructions[len(self.instructions) : end]
        if not product or not product[-1].formula.startswith(formula):
            raise OtherFormError
        self.instructions += product

    def found(self, constants: Iterable[str]) -> Renumbering:
        """Return what was written, with the arrays of some names; raise OtherFormError where something is missing."""
        if len(self.instructions) != len(self._written.instructions):
            raise OtherFormError
        arrays = {name: self.arrays[name] for name in constants}
        return Renumbering(tuple(self.instructions), tuple(self.operations), tuple(self._values), arrays)

    def _bind(
        self, function: str, operands: tuple[Operand, ...], out: Operand, options: Options
    ) -> partial[object]:
        """Return the call that was bound at this place."""
        self._values += [one for one in operands if not isinstance(one, str | TapeArray)]
        return self._written.instructions[len(self.instructions)].call
