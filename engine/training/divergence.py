"""Where a run left the finite numbers: the step, the layer and the instruction, found by running that step again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from engine.core.arrays import Floats
from engine.report.condition import Divergence
from engine.tape.instructions import Instruction
from engine.training.loop import NEVER, Calls, Watcher, train, training_conditions
from engine.training.trainer import Trainer


def has_diverged(theta: Floats) -> bool:
    """Return whether any of the parameters `theta` (parameters,) is infinite or NaN."""
    return not np.isfinite(theta).all()


class _UntilDiverged:
    """Looks at every step, and ends training where a parameter is no longer finite."""

    def __init__(self, trainer: Trainer, step: int) -> None:
        self.next_look = step
        self._trainer = trainer

    def look(self, step: int) -> bool:
        self.next_look = step + 1
        return not has_diverged(self._trainer.theta)


def locate_divergence(
    trainer: Trainer, state: Floats, step: int, watchers: Sequence[Watcher] = ()
) -> Divergence:
    """Return where a run diverges that is still finite in `state` (state_size,), before update `step`.

    The trainer does the steps again for that; it stands at the step that diverges afterwards. A watcher that wants this
    to end raises: there is nothing to return before.
    """
    trainer.restore(state, step)
    before = state.copy()
    update = Calls([partial(trainer.save, before), trainer.advance])
    number = train(update, step, NEVER, [_UntilDiverged(trainer, step), *watchers]) - 1
    trainer.restore(before, number)
    instruction = _first_lasting(trainer)
    trainer.restore(before, number)  # the state that belongs to its step number again
    return Divergence(number, instruction.layer, instruction.formula)


def _first_lasting(trainer: Trainer) -> Instruction:
    """Return the first instruction of the present step whose result is not finite and stays so.

    A result that a later instruction of the same step writes over does not count: exp(-z) of a saturated sigmoid is
    infinite, but its sigmoid is not.
    """
    tape = trainer.step.tape
    broken: dict[str, Instruction] = {}
    with training_conditions():
        for instruction in trainer.instructions():
            instruction.call()
            array = tape.arrays[instruction.target]
            if np.isfinite(array).all():
                broken.pop(instruction.target, None)
            else:
                broken.setdefault(instruction.target, instruction)
    results = [found for found in broken.values() if found.phase.value != "loss"]
    return min(results, key=tape.instructions.index)
