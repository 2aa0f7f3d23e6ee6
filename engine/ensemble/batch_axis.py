"""The batch axis: steps of several experiments with equal tapes share memory, and one call does an instruction for all.

An instruction is stacked only after a trial in which it wrote the same bits for all experiments at once as for each one
alone. Arrays are moved by their addresses after compiling, because only then is it known which of them training changes.
Compiling every step in shared memory from the start would be plainer, but slower: arrays without gaps begin at many
alignments, and each has to be probed (104 ms for 24 small networks, moving takes 32); with gaps, a step takes 6 to 16 %
longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.lib.array_utils import byte_bounds

from engine.compile.step import Step
from engine.core.arrays import AnyArray, owner
from engine.tape.blas import ALIGNMENT, aligned_zeros
from engine.tape.instructions import Tape, without_dispatch

Call = Callable[[], object]

MAX_BYTES_WITHOUT_GAP = 4096
"""The size in bytes up to which the arrays of all experiments follow one another without a gap. NumPy then sees them as
one contiguous array; otherwise a call on short arrays spends more time on each piece than on its numbers."""

SKEW = 5 * ALIGNMENT
"""The distance between different arrays in bytes. Where two arrays lie at the same offset of their memory pages, a
processor mistakes a read of one for a read of what it has just written to the other, and waits."""


@dataclass(frozen=True)
class _Span:
    """The piece of memory that all arrays over one owner use: `size` bytes from address `start`.

    In the shared memory, experiment e has it at byte `place` + e · `pitch`.
    """

    start: int
    size: int
    place: int
    pitch: int


def _spans(step: Step, count: int) -> list[_Span]:
    """Return the pieces of memory that training changes, in the order of the tape, placed for `count` experiments."""
    tape = step.tape
    written = [tape.arrays[instruction.target] for instruction in tape.instructions]
    drawn = [mask for mask, _ in step.dropouts] + ([] if step.batch is None else [step.batch])
    owners = {id(owner(array)) for array in (*written, *drawn)}
    bounds: dict[int, list[tuple[int, int]]] = {}
    for array in tape.arrays.values():
        if id(owner(array)) in owners:
            bounds.setdefault(id(owner(array)), []).append(byte_bounds(array))
    spans: list[_Span] = []
    place = 0
    for of_owner in bounds.values():
        start, end = min(low for low, _ in of_owner), max(high for _, high in of_owner)
        size = end - start
        pitch = size if size <= MAX_BYTES_WITHOUT_GAP else _aligned(size)
        spans.append(_Span(start, size, place, pitch))
        place += _aligned(count * pitch) + SKEW
    return spans


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def working_bytes(step: Step) -> int:
    """Return how many bytes of a step training changes."""
    return _bytes(_spans(step, 1), 1)


def _bytes(spans: list[_Span], count: int) -> int:
    return spans[-1].place + _aligned(count * spans[-1].pitch)


class SharedMemory:
    """One block of memory for equal tapes, in which an array of all experiments is one array with a batch axis.

    `tapes` are the tapes with their contents moved there, one for each step.
    """

    def __init__(self, steps: list[Step]) -> None:
        """Move the steps: two or more, with the same instructions on arrays of the same shapes."""
        self._count = len(steps)
        self._spans = [_spans(step, self._count) for step in steps]
        self._block = aligned_zeros((_bytes(self._spans[0], self._count),), np.dtype(np.uint8))
        self.tapes = [self._move(step.tape, index) for index, step in enumerate(steps)]
        self._stacked_arrays: dict[tuple[object, ...], AnyArray] = {}

    def _move(self, tape: Tape, index: int) -> Tape:
        """Return a tape with the same contents in the memory of experiment `index`."""
        arrays = {name: self._moved(array, index) for name, array in tape.arrays.items()}
        for name, array in tape.arrays.items():
            if arrays[name] is not array:
                arrays[name][...] = array
        instructions = tuple(
            replace(instruction, call=self._rebound(instruction.call, index))
            for instruction in tape.instructions
        )
        return Tape(arrays, instructions, tape.operations, tape.numbers)

    def _rebound(self, call: partial[object], index: int) -> partial[object]:
        move = partial(_each_array, lambda array: self._moved(array, index))
        return partial(
            call.func,
            *(move(operand) for operand in call.args),
            **{name: move(operand) for name, operand in call.keywords.items()},
        )

    def _moved(self, array: AnyArray, index: int) -> AnyArray:
        """Return the same array in the memory of experiment `index`, or itself if training does not change it."""
        start = _address(array)
        for span in self._spans[index]:
            if span.start <= start < span.start + span.size:
                offset = span.place + index * span.pitch + start - span.start
                return np.ndarray(array.shape, array.dtype, self._block, offset, array.strides)
        return array

    def with_batch_axis(self, arrays: Sequence[AnyArray]) -> AnyArray:
        """Return the same array of all experiments as one array (experiments, …).

        A number that all have in common is returned as it is, and a long array that all have in common is not copied.
        """
        first = arrays[0]
        offset = _address(first) - _address(self._block)
        if 0 <= offset < self._block.size:
            pitch = _address(arrays[1]) - _address(first)
            shape, strides = (self._count, *first.shape), (pitch, *first.strides)
            new = np.ndarray(shape, first.dtype, self._block, offset, strides)
            # An instruction that works in place is slower on two array objects over the same memory than on one.
            return self._stacked_arrays.setdefault((offset, shape, strides, first.dtype), new)
        stacked = np.stack(arrays)
        if (stacked != first).any():
            return stacked
        if not first.ndim:
            return first
        return stacked if first.nbytes <= MAX_BYTES_WITHOUT_GAP else np.broadcast_to(first, stacked.shape)

    def training_calls(self) -> list[Call]:
        """Return the calls that do one update of all experiments."""
        before = self._block.copy()
        self._fill()
        calls: list[Call] = []
        for instructions in zip(*(tape.instructions for tape in self.tapes), strict=True):
            if not instructions[0].for_show:
                calls += self._stacked([instruction.call for instruction in instructions])
        self._block[...] = before
        return calls

    def _stacked(self, single: Sequence[partial[object]]) -> Sequence[Call]:
        """Return one call that does the same instruction for all experiments, or the `single` calls for each of them."""
        stacked = self._stacked_call(single)
        if stacked is None or not self._same_bits(single, stacked):
            return [without_dispatch(call) for call in single]
        return [stacked]

    def _stacked_call(self, single: Sequence[partial[object]]) -> Call | None:
        """Return one call in place of `single`, or None for a function that is not known to give the same bits."""
        first = single[0]
        function: Any = first.func
        operands = [self._operand([call.args[i] for call in single]) for i in range(len(first.args))]
        named = {name: self._operand([call.keywords[name] for call in single]) for name in first.keywords}
        if function is np.dot:
            left = first.args[0]
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

    def _same_bits(self, single: Sequence[Call], stacked: Call) -> bool:
        """Return whether both write the same bits, tried on the random numbers in the memory, which stay there."""
        before = self._block.copy()
        with np.errstate(all="ignore"):
            for call in single:
                call()
            wanted = self._block.copy()
            self._block[...] = before
            stacked()
        same = np.array_equal(self._block, wanted)
        self._block[...] = before
        return same

    def _fill(self) -> None:
        """Fill the memory with random numbers for trials."""
        rng = np.random.default_rng(0)
        for tape in self.tapes:
            for array in tape.arrays.values():
                if owner(array) is owner(self._block) and array.dtype.kind in "fb":
                    drawn = rng.standard_normal(array.shape)
                    array[...] = drawn if array.dtype.kind == "f" else drawn > 0


def _address(array: AnyArray) -> int:
    return array.__array_interface__["data"][0]


def _each_array(change: Callable[[AnyArray], AnyArray], operand: Any) -> Any:
    return change(cast(AnyArray, operand)) if isinstance(operand, np.ndarray) else operand


def _depth(operands: Sequence[Any]) -> int:
    return max(operand.ndim for operand in operands if isinstance(operand, np.ndarray))


def _lift(array: AnyArray, depth: int) -> AnyArray:
    """Return an array (experiments, …) with `depth` axes, the new ones of length 1 behind the batch axis.

    Broadcasting aligns axes from the last one on; with as many axes as the other operands, batch axes meet.
    """
    if array.ndim in (0, depth):
        return array
    return array.reshape(array.shape[:1] + (1,) * (depth - array.ndim) + array.shape[1:])


def _shifted(axis: int | None, dimensions: int) -> int | tuple[int, ...]:
    """Return the axis of a sum in arrays that have got a batch axis in front, `dimensions` axes in all."""
    if axis is None:
        return tuple(range(1, dimensions))
    return axis if axis < 0 else axis + 1
