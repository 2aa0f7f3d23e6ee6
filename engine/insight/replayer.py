"""Visits recorded steps of a run again, exactly as they were."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.recording.past import Past
from engine.report.condition import Divergence
from engine.tape.instructions import Renumbering
from engine.training.divergence import has_diverged, locate_divergence
from engine.training.loop import train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of


class Replayer:
    """A trainer of its own that is put at any recorded step of a run; the one in training is only read."""

    def __init__(self, running: Trainer, past: Past, visiting: Trainer | None = None) -> None:
        """Visit steps with the trainer `visiting`, or with one that is compiled for it."""
        self.trainer = visiting or Trainer(running.experiment, running.dataset)
        self._updates = updates_of([self.trainer])
        self.past = past
        self._stages: list[tuple[int, Experiment, Renumbering]] = []
        self._running = running
        self._present = np.empty_like(running.initial_state)
        self._before = np.empty_like(running.initial_state)
        self._before_step: int | None = None

    @property
    def newest(self) -> int:
        """Return the step that the run stands at."""
        return self._running.step_number

    @property
    def stages(self) -> list[tuple[int, Experiment, Renumbering]]:
        """Return the experiments that the run went on with, each from its step on, with the numbers of their steps."""
        return self._stages

    def go_on_with(self, stages: list[tuple[int, Experiment, Renumbering]]) -> None:
        """Take note of the experiments that the run goes on with, the first of which it has begun with."""
        self._stages = stages
        self._take_stage_of(self._running.step_number)

    def _take_stage_of(self, step: int) -> None:
        """Give the trainer the numbers that the run had at a step."""
        if self._stages:
            _, experiment, numbers = [stage for stage in self._stages if stage[0] <= step][-1]
            if self.trainer.experiment is not experiment:
                self.trainer.go_on_with(experiment, numbers)

    def visit(self, step: int) -> Trainer:
        """Return the trainer at the state before update `step`."""
        self._take_stage_of(step)
        if step == self._running.step_number:
            if step != self._before_step:
                self._running.save(self._present)
            self.trainer.restore(self._before if step == self._before_step else self._present, step)
            return self.trainer
        number, state = self.past.last_known(step)
        # A trainer at `number` itself may have come there without the edit that the state has.
        if not number < self.trainer.step_number <= step:
            self.trainer.restore(state, number)
        train(self._updates, self.trainer.step_number, step)
        return self.trainer

    def state_at(self, step: int) -> Floats:
        """Return a copy of the state (state_size,) before update `step`."""
        state = np.empty_like(self._present)
        self.visit(step).save(state)
        return state

    def losses(self, first: int, end: int) -> Floats:
        """Return the losses (end - first,) of recorded steps; those that were dropped are computed again."""
        history = self.past.history
        kept = history.losses[max(0, first - history.first_loss) : max(0, end - history.first_loss)]
        again = [float(self.visit(step).advance()) for step in range(first, min(end, history.first_loss))]
        return np.concatenate([again, kept])

    def keep_state(self) -> None:
        """Keep the present state of the run, before an update that may be the last one shown."""
        self._running.save(self._before)
        self._before_step = self._running.step_number

    def parameters_before(self, step: int) -> Floats:
        """Return the parameters (parameters,) one update earlier; at step 0, where there was none, those of step 0."""
        if step == 0:
            return self.visit(0).theta.copy()
        if step == self._running.step_number and self._before_step == step - 1:
            return self._before[: self.trainer.layout.size]
        return self.visit(step - 1).theta.copy()

    def begin_again(self) -> None:
        """Forget the state that was kept: the run starts anew."""
        self._before_step = None

    def find_divergence(self) -> Divergence | None:
        """Return where the run diverged, looked for from its last finite recorded state on; None if it has not."""
        if not (has_diverged(self._running.theta) and self.past.history.keyframes):
            return None
        history, edits = self.past.history, self.past.edits
        step, state = history.keyframe_before(self._last_finite_keyframe() * history.stride)
        if edits and edits[-1][0] > step:
            step, state = edits[-1]  # only finite states are edited, and only finite ones come of it
        self._take_stage_of(step)
        return locate_divergence(self.trainer, state, step)

    def _last_finite_keyframe(self) -> int:
        """Return the number of the last keyframe that is finite: what has diverged stays so, which bisection needs."""
        history = self.past.history
        finite, broken = 0, history.keyframes
        while broken - finite > 1:
            middle = (finite + broken) // 2
            _, state = history.keyframe_before(middle * history.stride)
            if has_diverged(state[: self.trainer.layout.size]):
                broken = middle
            else:
                finite = middle
        return finite
