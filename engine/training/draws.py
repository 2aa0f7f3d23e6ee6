"""What is random in a step: which samples it uses and which outputs it leaves out; drawn for one step or for several.

It is a function of (seed, step), so that it can be drawn without the steps before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.compile.step import Step
from engine.core.arrays import AnyArray
from engine.core.randomness import Purpose, stream

MAX_BATCHES, MAX_MASKS = 512, 16
"""The most steps for which batches and dropout are drawn ahead; more masks would take too much of a frame."""

MAX_BYTES = 2**19
"""The most bytes that are drawn ahead, unless one step needs more."""


class BatchOrder:
    """Takes `samples` samples one after the other, epoch after epoch, and cuts them into batches of `size`.

    With `shuffle` every epoch has an order of its own, a function of (seed, epoch). A batch may begin in one epoch and
    end in the next, so every batch has the same size and every sample is used equally often.
    """

    def __init__(self, samples: int, size: int, seed: int, *, shuffle: bool) -> None:
        self._samples, self._size, self._seed, self._shuffle = samples, size, seed, shuffle
        self._orders: dict[int, npt.NDArray[np.intp]] = {}

    def indices(self, step: int, steps: int = 1) -> npt.NDArray[np.intp]:
        """Return the numbers (steps · size,) of the samples of `steps` steps from `step` on; all are counted from 0."""
        epoch, start = divmod(step * self._size, self._samples)
        missing = steps * self._size
        found: list[npt.NDArray[np.intp]] = []
        while missing > 0:
            found.append(self._order(epoch)[start : start + missing])
            missing -= len(found[-1])
            epoch, start = epoch + 1, 0
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _order(self, epoch: int) -> npt.NDArray[np.intp]:
        if not self._shuffle:
            epoch = 0
        if epoch not in self._orders:
            if len(self._orders) > 2:
                self._orders.clear()
            order = np.arange(self._samples)
            self._orders[epoch] = (
                stream(self._seed, Purpose.BATCHES, epoch).permutation(order) if self._shuffle else order
            )
        return self._orders[epoch]


class Draws:
    """Draws for the steps of one run. What is drawn for a step depends on nothing but the seed and its number."""

    def __init__(self, order: BatchOrder | None, step: Step, seed: int) -> None:
        """Draw for `step`: its batch from `order`, and its dropout."""
        self._order, self._seed = order, seed
        self.use(step)
        row = max(1, sum(array.nbytes for array in self.arrays))
        self._most = int(np.clip(MAX_BYTES // row, 1, MAX_MASKS if step.dropouts else MAX_BATCHES))
        self._first = self._end = 0
        self._rows = [np.empty((0, array.nbytes), np.uint8) for array in self.arrays]

    def use(self, step: Step) -> None:
        """Draw from now on for the same step at another place in memory."""
        self._step = step
        batch = [] if step.batch is None else [step.batch]
        self.arrays: list[AnyArray] = [*batch, *(mask for mask, _ in step.dropouts)]

    def __bool__(self) -> bool:
        """Return whether there is anything to draw."""
        return bool(self.arrays)

    def draw(self, number: int) -> None:
        """Draw for step `number`."""
        if self._order is not None and self._step.batch is not None:
            self._step.batch[...] = self._order.indices(number)
        if self._step.dropouts:
            rng = stream(self._seed, Purpose.DROPOUT, number)
            for mask, share in self._step.dropouts:
                mask[...] = (rng.random(mask.shape) >= share) / (1.0 - share)

    def prepare(self, number: int, steps: int) -> tuple[list[AnyArray], int]:
        """Draw for at most `steps` steps from step `number` on, unless that has been done.

        Return for each of `arrays` the rows (steps drawn, bytes) with its numbers as they lie in memory, and which row
        step `number` has.
        """
        if not self._first <= number < self._end:
            count = min(steps, self._most)
            self._first, self._end = number, number + count
            self._rows = [np.empty((count, array.nbytes), np.uint8) for array in self.arrays]
            if self._order is not None and not self._step.dropouts:
                self._rows[0][...] = self._order.indices(number, count).view(np.uint8).reshape(count, -1)
            else:
                self._draw_rows()
        return self._rows, number - self._first

    def _draw_rows(self) -> None:
        for row, number in enumerate(range(self._first, self._end)):
            self.draw(number)
            for rows, array in zip(self._rows, self.arrays, strict=True):
                place = np.ndarray(array.shape, array.dtype, rows.data, row * array.nbytes, array.strides)
                place[...] = array
