"""Which samples a step uses: a function of (seed, step), so that any batch can be found without the steps before it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.core.randomness import Purpose, stream


class BatchOrder:
    """Takes `samples` samples one after the other, epoch after epoch, and cuts them into batches of `size`.

    With `shuffle` every epoch has an order of its own, a function of (seed, epoch). A batch may begin in one epoch and
    end in the next, so every batch has the same size and every sample is used equally often.
    """

    def __init__(self, samples: int, size: int, seed: int, *, shuffle: bool) -> None:
        self._samples, self._size, self._seed, self._shuffle = samples, size, seed, shuffle
        self._orders: dict[int, npt.NDArray[np.intp]] = {}

    def indices(self, step: int) -> npt.NDArray[np.intp]:
        """Return the numbers (size,) of the samples of a step; both are counted from 0."""
        epoch, start = divmod(step * self._size, self._samples)
        found = self._order(epoch)[start : start + self._size]
        while len(found) < self._size:
            epoch += 1
            found = np.concatenate([found, self._order(epoch)[: self._size - len(found)]])
        return found

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
