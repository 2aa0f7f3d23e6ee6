"""Where a run left the finite numbers: the step, the layer and the instruction, found by running that step again."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats
from engine.report.condition import Divergence
from engine.tape.instructions import Instruction
from engine.training.trainer import Trainer


def has_diverged(theta: Floats) -> bool:
    """Return whether any parameter is infinite or NaN."""
    return not np.isfinite(theta).all()


def locate_divergence(trainer: Trainer, state: Floats, step: int) -> Divergence:
    """Return where a run diverges that still is finite in `state`, before update `step`; uses the trainer for it."""
    trainer.restore(state, step)
    before = state.copy()
    with np.errstate(all="ignore"):
        while not has_diverged(trainer.theta):
            trainer.save(before)
            trainer.advance()
    number = trainer.step_number - 1
    trainer.restore(before, number)
    instruction = _first_lasting(trainer)
    trainer.restore(before, number)  # the state that belongs to its step number again
    return Divergence(number, instruction.layer, instruction.formula)


def _first_lasting(trainer: Trainer) -> Instruction:
    """Return the first instruction of the present step whose result is not finite and stays so.

    What a later instruction of the same step writes over does not count: exp(-z) of a saturated sigmoid is infinite,
    its sigmoid is not.
    """
    tape = trainer.step.tape
    broken: dict[str, Instruction] = {}
    with np.errstate(all="ignore"):
        for instruction in trainer.instructions():
            instruction.call()
            array = tape.arrays[instruction.target]
            if np.isfinite(array).all():
                broken.pop(instruction.target, None)
            else:
                broken.setdefault(instruction.target, instruction)
    results = [found for found in broken.values() if found.phase.value != "loss"]
    return min(results, key=tape.instructions.index)
