"""What was recorded of a run: the losses, and the state of every step or of keyframes.

All of it fills a budget of memory. When states fill their part, every second keyframe is dropped and from then on only
every second state is kept; the steps between are computed again, exactly, from the keyframe before them. When losses
fill theirs, the older half is dropped: the curve has taken them in, and any of them can be computed again as well.
"""

from __future__ import annotations

import mmap
from copy import copy
from typing import Any

import numpy as np

from engine.core.arrays import Floats
from engine.native.program import Room
from engine.recording.envelope import Envelope
from engine.report.curve import NoisyCurve

CHUNK_BYTES = 2**23
"""The most bytes of a chunk, the piece in which memory for states is taken, unless two states need more.

The driver goes on without a stop until a chunk is full.
"""

MOST_SHARES = 8
"""Into how many parts a budget may be divided later, by `resize`; each has two chunks at least."""

LOSS_SHARE = 4
"""Losses may take a quarter of the budget: of 256 MB and four lanes, those of two million steps."""

FEWEST_LOSSES = 1024
"""Minimum number of losses that are kept, however small the budget is: the mean of the last few is shown."""


class History:
    """The recorded steps 0 … `length` - 1 of one run. States are (state_size,) in the dtype of the run.

    `keyframes` states are recorded: those of every `stride`-th step. The losses of the steps from `first_loss` on are
    kept.
    """

    def __init__(self, state_size: int, dtype: np.dtype[Any], budget: int) -> None:
        """Keep at most `budget` bytes, but at least four states and `FEWEST_LOSSES` losses."""
        self._row_bytes = state_size * dtype.itemsize
        for_states = budget - budget // LOSS_SHARE
        # An even number of states per chunk, so that thinning two chunks fills exactly one.
        bytes_per_chunk = min(CHUNK_BYTES, for_states // (2 * MOST_SHARES))
        self._chunk_rows = max(2, bytes_per_chunk // self._row_bytes // 2 * 2)
        self._shape, self._dtype = (self._chunk_rows, state_size), dtype
        self._chunks: list[Floats] = []
        self._spare: list[Floats] = []
        self._losses = np.empty(0)
        self._envelope = Envelope()
        self.keyframes = 0
        self.stride = 1
        self.length = 0
        self.first_loss = 0
        self.resize(budget)

    @property
    def losses(self) -> Floats:
        """Return the live losses (length - first_loss,) of the steps from `first_loss` on, valid until the next step."""
        return self._losses[: self.length - self.first_loss]

    def loss_curve(self) -> NoisyCurve:
        """Return the curve of the losses of all recorded steps."""
        self._take_in()
        return self._envelope.curve()

    def first_of_stretch(self, step: int) -> int:
        """Return where the losses that `until` needs for a `step` begin: those of the point of the curve it is in."""
        self._take_in()
        return 0 if self.first_loss == 0 else self._envelope.start_of_point(step)

    @property
    def state_bytes(self) -> int:
        """Return how many bytes of memory the recorded states occupy."""
        return (len(self._chunks) + len(self._spare)) * self._chunk_rows * self._row_bytes

    @property
    def loss_bytes(self) -> int:
        """Return how many bytes of memory the losses occupy at the most, which they fill little by little."""
        return self._losses.nbytes

    def resize(self, budget: int) -> None:
        """Keep at most `budget` bytes from now on; what no longer fits is thinned out."""
        for_states = budget - budget // LOSS_SHARE
        self._max_chunks = max(2, for_states // (self._chunk_rows * self._row_bytes) // 2 * 2)
        while len(self._chunks) > self._max_chunks:
            self._thin()
        del self._spare[max(0, self._max_chunks - len(self._chunks)) :]
        capacity = max(FEWEST_LOSSES, budget // LOSS_SHARE // self._losses.itemsize)
        if capacity == len(self._losses):
            return
        if capacity < len(self.losses):
            self._drop_losses(capacity)
        # The system gives memory when it is first written, so that room for all losses takes none yet.
        losses, self._losses = self.losses, np.empty(capacity)
        self._losses[: len(losses)] = losses

    def until(self, length: int, last_losses: Floats) -> History:
        """Return a history of its own, of the first `length` steps, with the same budget.

        `last_losses` are those of the steps from `first_of_stretch(length)` on, of which some may be dropped here.
        """
        other = copy(self)
        other.length = length
        other.keyframes = -(-length // self.stride)
        chunks = -(-other.keyframes // self._chunk_rows)
        other._chunks, other._spare = [], []
        for chunk in self._chunks[:chunks]:
            other._chunks.append(other._new_chunk())
            other._chunks[-1][...] = chunk
        other._envelope = self._envelope.until(length - len(last_losses))
        other._envelope.extend(last_losses)
        other._losses = np.empty_like(self._losses)
        kept = last_losses[-len(self._losses) :]
        other.first_loss = length - len(kept)
        other._losses[: len(kept)] = kept
        return other

    def next_state(self) -> Floats | None:
        """Return the live row (state_size,) for the state before the next step, or None if that step is no keyframe."""
        if not self._is_at_keyframe():
            return None
        row = self.keyframes % self._chunk_rows
        self.keyframes += 1
        return self._chunks[-1][row]

    def append_loss(self, loss: Floats | float) -> None:
        """Record the loss of the step whose state went into `next_state`."""
        self._losses[self._place_of_loss()] = loss
        self.length += 1

    def room(self, steps: int) -> Room:
        """Return where the next steps are to be recorded, at most `steps` of them; `extend` tells how many were."""
        passed = 0 if self._is_at_keyframe() else self.length % self.stride
        chunk, row = divmod(self.keyframes - (passed > 0), self._chunk_rows)
        states, losses = self._chunks[chunk][row:], self._losses[self._place_of_loss() :]
        return Room(
            steps=min(steps, len(states) * self.stride - passed, len(losses)),
            states=states,
            stride=self.stride,
            passed=passed,
            losses=losses,
        )

    def extend(self, steps: int) -> None:
        """Take note that so many steps were recorded in the room for them."""
        self.length += steps
        self.keyframes = -(-self.length // self.stride)

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
        self._envelope = Envelope()
        self.keyframes, self.stride, self.length, self.first_loss = 0, 1, 0, 0

    def _is_at_keyframe(self) -> bool:
        """Return whether the next step is a keyframe; then there is room for it afterwards."""
        while self.length % self.stride == 0 and self.keyframes == len(self._chunks) * self._chunk_rows:
            if len(self._chunks) == self._max_chunks:
                self._thin()
            else:
                self._chunks.append(self._new_chunk())
        return self.length % self.stride == 0

    def _place_of_loss(self) -> int:
        """Return where the loss of the next step belongs; there is room for it afterwards."""
        if self.length - self.first_loss == len(self._losses):
            self._drop_losses(len(self._losses) // 2)
        return self.length - self.first_loss

    def _take_in(self) -> None:
        """Bring the curve to the end of the run."""
        self._envelope.extend(self.losses[self._envelope.length - self.first_loss :])

    def _drop_losses(self, kept: int) -> None:
        """Keep the newest `kept` losses only."""
        self._take_in()
        self._losses[:kept] = self.losses[-kept:].copy()
        self.first_loss = self.length - kept

    def _new_chunk(self) -> Floats:
        if self._spare:
            return self._spare.pop()
        # The system gives the pages when they are first written, and takes them back as soon as the chunk goes.
        try:
            memory = mmap.mmap(-1, self._chunk_rows * self._row_bytes)
        except OSError as error:
            raise MemoryError from error
        return np.ndarray(self._shape, self._dtype, memory)

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
