"""Does the next update, looks at what it does to the loss of its batch, and takes it back."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats
from engine.core.norms import norm
from engine.model.layout import Layout
from engine.report.condition import NextUpdate
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer


def try_update(trainer: Trainer) -> NextUpdate:
    """Return what the update of a trainer, whose gradient is computed, will do; the trainer stays where it is."""
    loss = trainer.loss
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    gradients = tuple(norm(arrays.weight_gradient) for arrays in trainer.step.layers)
    trainer.step.run(Phase.UPDATE)
    before = state[: trainer.layout.size]
    ratios = update_ratios(trainer.layout, before, trainer.theta)
    grows = tuple(
        norm(block.weights(trainer.theta)) > norm(block.weights(before)) for block in trainer.layout.blocks
    )
    trainer.step.run(Phase.FORWARD, Phase.LOSS)  # of the same samples, with the same outputs left out
    after = trainer.loss
    trainer.restore(state, trainer.step_number)
    return NextUpdate(ratios, gradients, grows, loss, after)


def update_ratios(layout: Layout, before: Floats, after: Floats) -> tuple[float | None, ...]:
    """Return ‖ΔW‖/‖W‖ of every layer between two states' parameters (parameters,); None where W was 0."""
    sizes = [norm(block.weights(before)) for block in layout.blocks]
    change = after - before
    return tuple(
        norm(block.weights(change)) / size if size else None
        for block, size in zip(layout.blocks, sizes, strict=True)
    )
