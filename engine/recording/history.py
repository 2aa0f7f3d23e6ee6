"""What was recorded of a run: the loss of every step, and the state of every step or of keyframes.

States fill a budget of memory. When it is full, every second keyframe is dropped and from then on only every second
state is kept; the steps between are computed again, exactly, from the keyframe before them.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from engine.core.arrays import Floats

CHUNK_BYTES = 2**20
"""The most bytes of a chunk, the piece in which memory for states is taken, unless two states need more."""


class History:
    """The recorded steps 0 … `length` - 1 of one run. States are (state_size,) in the dtype of the run.

    `keyframes` states are recorded: those of every `stride`-th step.
    """

    def __init__(self, state_size: int, dtype: np.dtype[Any], budget: int) -> None:
        """Keep at most `budget` bytes of states, but at least four states."""
        self._row_bytes = state_size * dtype.itemsize
        # An even number of states per chunk, so that thinning two chunks fills exactly one.
        self._chunk_rows = max(2, CHUNK_BYTES // self._row_bytes // 2 * 2)
        self._chunk_rows = min(self._chunk_rows, max(2, budget // self._row_bytes // 4 * 2))
        self._shape, self._dtype = (self._chunk_rows, state_size), dtype
        self._chunks: list[Floats] = []
        self._spare: list[Floats] = []
        self.resize(budget)
        self._losses = np.empty(1024)
        self.keyframes = 0
        self.stride = 1
        self.length = 0

    @property
    def losses(self) -> Floats:
        """Return the losses (length,) of the recorded steps; a view that later steps do not change."""
        return self._losses[: self.length]

    @property
    def state_bytes(self) -> int:
        """Return how many bytes of memory the recorded states occupy."""
        return (len(self._chunks) + len(self._spare)) * self._chunk_rows * self._row_bytes

    def resize(self, budget: int) -> None:
        """Keep at most `budget` bytes of states from now on; states that no longer fit are thinned out."""
        self._max_chunks = max(2, budget // (self._chunk_rows * self._row_bytes) // 2 * 2)
        while len(self._chunks) > self._max_chunks:
            self._thin()
        self._spare.clear()

    def until(self, length: int) -> History:
        """Return a history of its own, of the first `length` steps, with the same budget."""
        other = copy(self)
        other.length = length
        other.keyframes = -(-length // self.stride)
        chunks = -(-other.keyframes // self._chunk_rows)
        other._chunks, other._spare = [chunk.copy() for chunk in self._chunks[:chunks]], []
        other._losses = self._losses.copy()
        return other

    def next_state(self) -> Floats | None:
        """Return the live row (state_size,) for the state before the next step, or None if that step is no keyframe."""
        if self.length % self.stride:
            return None
        row = self.keyframes % self._chunk_rows
        if row == 0 and self.keyframes == len(self._chunks) * self._chunk_rows:
            if len(self._chunks) == self._max_chunks:
                self._thin()
                return self.next_state()
            self._chunks.append(self._new_chunk())
        self.keyframes += 1
        return self._chunks[-1][row]

    def append_loss(self, loss: Floats | float) -> None:
        """Record the loss of the step whose state went into `next_state`."""
        if self.length == len(self._losses):
            self._losses = np.concatenate([self._losses, np.empty(len(self._losses))])
        self._losses[self.length] = loss
        self.length += 1

    def keyframe_before(self, step: int) -> tuple[int, Floats]:
        """Return (number, state) of the last recorded state at or before a step; the state is a live view."""
        index = min(step // self.stride, self.keyframes - 1)
        chunk, row = divmod(index, self._chunk_rows)
        return index * self.stride, self._chunks[chunk][row]

    def states(self, first: int, count: int, every: int) -> Floats:
        """Return copies (count, state_size) of the states of steps first, first + every, …; all keyframes."""
        rows = (first + every * np.arange(count)) // self.stride
        picked = np.empty((count, self._shape[1]), self._dtype)
        for chunk in range(rows[0] // self._chunk_rows, rows[-1] // self._chunk_rows + 1):
            mine = rows // self._chunk_rows == chunk
            picked[mine] = self._chunks[chunk][rows[mine] % self._chunk_rows]
        return picked

    def clear(self) -> None:
        """Forget every step."""
        self._spare += self._chunks
        self._chunks = []
        self.keyframes, self.stride, self.length = 0, 1, 0

    def _new_chunk(self) -> Floats:
        # Leave chunks uninitialised; touching a whole one at once drops a frame.
        return self._spare.pop() if self._spare else np.empty(self._shape, self._dtype)

    def _thin(self) -> None:
        """Drop every second keyframe; the last chunk may have no partner and need not be full."""
        half, kept = self._chunk_rows // 2, -(-len(self._chunks) // 2)
        for index in range(kept):
            chunk, pair = self._chunks[index], self._chunks[2 * index : 2 * index + 2]
            chunk[:half] = pair[0][::2].copy()
            if len(pair) == 2:
                chunk[half:] = pair[1][::2]
        self._spare += self._chunks[kept:]
        del self._chunks[kept:]
        self.keyframes = -(-self.keyframes // 2)
        self.stride *= 2
