"""The update of a step on one sample: every gradient is a product of two vectors, so W changes without forming it.

W = (1 - learning rate·λ)·W - (learning rate·dZ)ᵀ·H in place, a few neurons at a time, so that they stay in the cache:
about half the memory traffic of computing the gradient matrix first. Plain SGD only; the gradient itself is still on
the tape for those who want to see it, but training passes it by.
"""

from __future__ import annotations

from engine.network import Block, Layout
from engine.optimizers import Sgd
from engine.randomness import Floats
from engine.tape import TapeWriter

NUMBERS_AT_ONCE = 12_288
"""Weights of the neurons that are changed in one go: twice so many have to fit into the second-level cache."""


def write_rank_one_update(writer: TapeWriter, layout: Layout, sgd: Sgd, weight_decay: float) -> None:
    """Append the update of all layers from `dZ` and `H` of a batch of one sample."""
    for number, block in enumerate(layout.blocks, start=1):
        writer.at(writer.phase, number)
        delta = writer.scratch(f"delta{number}", f"dZ{number}")
        writer.emit(
            "np.multiply", f"dZ{number}", sgd.learning_rate, out=delta, formula=f"δ{number} = η·dZ{number}"
        )
        several = max(1, NUMBERS_AT_ONCE // block.rows)
        for part, first in enumerate(range(0, block.fan_out, several)):
            _write_part(
                writer, number, block, (part, first, first + several), 1.0 - sgd.learning_rate * weight_decay
            )


def _write_part(
    writer: TapeWriter, number: int, block: Block, part: tuple[int, int, int], shrink: float
) -> None:
    """Append the update of some neurons: columns of W, which are rows in memory."""
    index, first, last = part
    arrays = writer.arrays
    mine = f"{number}_{index}"
    neurons: Floats = arrays[f"P{number}"].T[first:last]
    arrays[f"P{mine}"] = neurons
    arrays[f"W{mine}"] = neurons[:, : block.fan_in]
    arrays[f"delta{mine}"] = arrays[f"delta{number}"].T[first:last]
    arrays[f"update{mine}"] = arrays["update"][: neurons.size].reshape(neurons.shape)
    if shrink != 1.0:
        writer.emit(
            "np.multiply", f"W{mine}", shrink, out=f"W{mine}", formula=f"W{number} = (1 − η·λ)·W{number}"
        )
    writer.emit("np.multiply", f"delta{mine}", f"H{number - 1}", out=f"update{mine}", formula="Δ = δᵀ·x")
    writer.emit("np.subtract", f"P{mine}", f"update{mine}", out=f"P{mine}", formula="θ = θ − Δ")
