"""The batch axis: arrays of steps of one form moved together, so that one call does an instruction of all of them.

An instruction is joined only after a trial in which it wrote the same bits for all runs at once as for each run alone.
Arrays are moved by their addresses after compiling, because only then is it known which of them change in training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine.compile.step import Step
from engine.core.arrays import AnyArray
from engine.tape.blas import ALIGNMENT, aligned_zeros
from engine.tape.instructions import Tape, without_dispatch

Call = Callable[[], object]

GAPLESS = 4096
"""Arrays of up to so many bytes follow one another without a gap: for NumPy those of all runs are then one long array,
and calls on short arrays cost more for each piece than for its numbers."""

SKEW = 5 * ALIGNMENT
"""Bytes between different arrays: processors take reads for overlapping the writes before them, and wait, where both are
at the same place of their pages."""


@dataclass(frozen=True)
class _Span:
    """The piece of memory that the arrays of one owner use; run r has it at `place` + r · `pitch` of the shared."""

    start: int
    size: int
    place: int
    pitch: int


def _owner(array: AnyArray) -> AnyArray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _spans(step: Step, runs: int) -> list[_Span]:
    """Return the pieces of memory that change in training, in the order in which a tape speaks of them."""
    tape = step.tape
    changing = {instruction.target for instruction in tape.instructions} | {"batch", *step.dropouts}
    owners = {id(_owner(tape.arrays[name])) for name in changing if name in tape.arrays}
    bounds: dict[int, list[tuple[int, int]]] = {}
    for array in tape.arrays.values():
        if id(_owner(array)) in owners:
            bounds.setdefault(id(_owner(array)), []).append(byte_bounds(array))
    spans: list[_Span] = []
    place = 0
    for some in bounds.values():
        start, end = min(low for low, _ in some), max(high for _, high in some)
        size = end - start
        spans.append(_Span(start, size, place, size if size <= GAPLESS else _aligned(size)))
        place += _aligned(runs * spans[-1].pitch) + SKEW
    return spans


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def working_bytes(step: Step) -> int:
    """Return how much memory of a step changes in training."""
    return _bytes(_spans(step, 1), 1)


def _bytes(spans: list[_Span], runs: int) -> int:
    return spans[-1].place + _aligned(runs * spans[-1].pitch)


class SharedMemory:
    """The memory of alike tapes, moved together so that the same array of all runs is one array with a batch axis."""

    def __init__(self, steps: list[Step]) -> None:
        self.runs = len(steps)
        self._spans = [_spans(step, self.runs) for step in steps]
        self._block = aligned_zeros((_bytes(self._spans[0], self.runs),), np.dtype(np.uint8))
        self.tapes = [self._move(step.tape, run) for run, step in enumerate(steps)]
        self._known: dict[tuple[object, ...], AnyArray] = {}

    def _move(self, tape: Tape, run: int) -> Tape:
        """Return a tape with the same contents in the memory of a run."""
        arrays = {name: self._moved(array, run) for name, array in tape.arrays.items()}
        for name, array in tape.arrays.items():
            if arrays[name] is not array:
                arrays[name][...] = array
        instructions = tuple(
            replace(instruction, call=self._rebound(instruction.call, run))
            for instruction in tape.instructions
        )
        return Tape(arrays, instructions)

    def _rebound(self, call: partial[object], run: int) -> partial[object]:
        move = partial(_each_array, lambda array: self._moved(array, run))
        return partial(
            call.func,
            *(move(operand) for operand in call.args),
            **{name: move(operand) for name, operand in call.keywords.items()},
        )

    def _moved(self, array: AnyArray, run: int) -> AnyArray:
        """Return the same array in the memory of a run; what does not change stays where it is."""
        start = _address(array)
        for span in self._spans[run]:
            if span.start <= start < span.start + span.size:
                offset = span.place + run * span.pitch + start - span.start
                return np.ndarray(array.shape, array.dtype, self._block, offset, array.strides)
        return array

    def with_batch_axis(self, arrays: Sequence[AnyArray]) -> AnyArray:
        """Return the same array of all runs as one (runs, …); a number or a long array that they share stays one."""
        first = arrays[0]
        offset = _address(first) - _address(self._block)
        if 0 <= offset < self._block.size:
            pitch = _address(arrays[1]) - _address(first)
            shape, strides = (self.runs, *first.shape), (pitch, *first.strides)
            new = np.ndarray(shape, first.dtype, self._block, offset, strides)
            # Where an instruction works in place, two arrays over the same memory would cost more than one.
            return self._known.setdefault((offset, shape, strides, first.dtype), new)
        together = np.stack(arrays)
        if (together != first).any():
            return together
        if not first.ndim:
            return first
        return together if first.nbytes <= GAPLESS else np.broadcast_to(first, together.shape)

    def training_calls(self) -> list[Call]:
        """Return the calls that do one update in all runs."""
        before = self._block.copy()
        self._fill()
        calls: list[Call] = []
        for instructions in zip(*(tape.instructions for tape in self.tapes), strict=True):
            if not instructions[0].for_show:
                calls += self._stacked([instruction.call for instruction in instructions])
        self._block[...] = before
        return calls

    def _stacked(self, alone: Sequence[partial[object]]) -> Sequence[Call]:
        """Return one call that does the same instruction in all runs, or one for each of them."""
        together = self._together(alone)
        if together is None or not self._same_bits(alone, together):
            return [without_dispatch(call) for call in alone]
        return [together]

    def _together(self, alone: Sequence[partial[object]]) -> Call | None:
        function: Any = alone[0].func
        operands = [self._operand([call.args[i] for call in alone]) for i in range(len(alone[0].args))]
        named = {name: self._operand([call.keywords[name] for call in alone]) for name in alone[0].keywords}
        if function is np.dot:
            left = alone[0].args[0]
            if left.shape[-1] == 1:
                return None  # matmul is several times slower than dot on products of two vectors
            return partial(np.matmul if left.ndim > 1 else np.vecdot, *operands, **named)
        if isinstance(function, np.ufunc) or function is np.copyto:
            lift = partial(_each_array, partial(_lift, depth=_depth([*operands, *named.values()])))
            return partial(function, *map(lift, operands), **{name: lift(v) for name, v in named.items()})
        if isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "reduce":
            named["axis"] = _shifted(named.get("axis", 0), operands[0].ndim)
            return partial(function, *operands, **named)
        return None

    def _operand(self, values: Sequence[Any]) -> Any:
        if isinstance(values[0], np.ndarray):
            return self.with_batch_axis(values)
        return values[0]

    def _same_bits(self, alone: Sequence[Call], together: Call) -> bool:
        """Try both on the random numbers that are in the memory, and leave these there."""
        before = self._block.copy()
        with np.errstate(all="ignore"):
            for call in alone:
                call()
            wanted = self._block.copy()
            self._block[...] = before
            together()
        same = np.array_equal(self._block, wanted)
        self._block[...] = before
        return same

    def _fill(self) -> None:
        rng = np.random.default_rng(0)
        for tape in self.tapes:
            for array in tape.arrays.values():
                if _owner(array) is _owner(self._block) and array.dtype.kind in "fb":
                    drawn = rng.standard_normal(array.shape)
                    array[...] = drawn if array.dtype.kind == "f" else drawn > 0


def _address(array: AnyArray) -> int:
    return array.__array_interface__["data"][0]


def _each_array(change: Callable[[AnyArray], AnyArray], operand: Any) -> Any:
    return change(cast(AnyArray, operand)) if isinstance(operand, np.ndarray) else operand


def _depth(operands: Sequence[Any]) -> int:
    return max(operand.ndim for operand in operands if isinstance(operand, np.ndarray))


def _lift(array: AnyArray, depth: int) -> AnyArray:
    """Return an array (runs, …) with axes of length 1 behind the batch axis, so that runs meet runs."""
    if array.ndim in (0, depth):
        return array
    return array.reshape(array.shape[:1] + (1,) * (depth - array.ndim) + array.shape[1:])


def _shifted(axis: int | None, dimensions: int) -> int | tuple[int, ...]:
    """Return the axis of a sum behind the batch axis."""
    if axis is None:
        return tuple(range(1, dimensions))
    return axis if axis < 0 else axis + 1
