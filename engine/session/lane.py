"""One variant in training: every step is recorded, and every recorded step can be looked at again."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import numpy as np

from engine.core.arrays import Floats
from engine.core.cancellation import checkpoint
from engine.core.errors import ExperimentError, InitscopeError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.insight.observer import Observer
from engine.insight.replayer import Replayer
from engine.insight.scorer import Computed, Scorer, ScoreRecord
from engine.recording.history import History
from engine.recording.past import Past
from engine.report.curve import Mark, MarkKind, in_order
from engine.report.probes import NO_PROBES, Probes
from engine.report.snapshot import LaneSnapshot
from engine.session.recipe import LaneRecipe
from engine.tape.instructions import Renumbering
from engine.training.divergence import has_diverged
from engine.training.edits import Set, edited
from engine.training.loop import NEVER
from engine.training.trainer import Trainer


class Lane:
    """One variant: a trainer that only goes forward, a replayer that visits recorded steps, their observer and scorer.

    `recipe` is what it is made from; the edits of it that it has not come to yet are `pending`.
    """

    def __init__(
        self,
        recipe: LaneRecipe,
        dataset: Dataset,
        budget: int,
        past: Past | None = None,
        trainers: tuple[Trainer, Trainer] | None = None,
    ) -> None:
        """Compile the experiment, or take over `trainers` that stand at its start.

        `budget` is in bytes of what is recorded, and unused if there is a `past` already.
        """
        self.recipe, self.pending = recipe, recipe.edits
        checkpoint()
        experiment = recipe.experiment
        self.trainer, visiting = trainers or (Trainer(experiment, dataset), Trainer(experiment, dataset))
        self._past = past or Past(History(self.trainer.state_size, experiment.float_type, budget))
        self._replayer = Replayer(self.trainer, self._past, visiting)
        self._observer = Observer(self._replayer)
        self.scorer = Scorer(self._replayer.trainer)
        self._tape = self.trainer.step.tape
        self._present = np.empty_like(self.trainer.initial_state)

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.recipe.name

    @property
    def next_stop(self) -> int:
        """Return the step at which the next edit is due."""
        return self.pending[0].step if self.pending else NEVER

    @property
    def history(self) -> History:
        """Return the recorded steps."""
        return self._past.history

    @property
    def edits(self) -> tuple[tuple[int, Floats], ...]:
        """Return the steps at which somebody edited it, ascending, with the states (state_size,) it then had."""
        return self._past.edits

    def keep_state(self) -> None:
        """Keep the present state, before an update that may be the last one shown."""
        self._replayer.keep_state()

    def alone(self) -> Trainer:
        """Return the trainer in the memory that it was made in: only there a new stack can find it."""
        if self.trainer.step.tape is not self._tape:
            self.trainer.save(self._present)
            self.trainer.use(self._tape)
            self.trainer.restore(self._present, self.trainer.step_number)
        return self.trainer

    def begun_anew(self, recipe: LaneRecipe, numbers: Renumbering, start: Floats, budget: int) -> Lane:
        """Return a lane at step 0 that works with the trainers of this one, which is then of no more use.

        `numbers` are those of its step if nothing else of it differs, `start` are its starting parameters (parameters,).
        """
        trainers = self.alone(), self._replayer.trainer
        for trainer in trainers:
            trainer.begin(recipe.experiment, numbers, start)
        self._past.history.clear()
        lane = Lane(recipe, self.trainer.dataset, budget, Past(self._past.history), trainers)
        if _functions(self.recipe.experiment) == _functions(recipe.experiment):
            lane._observer.take_over(self._observer)
            lane.scorer.take_over(self.scorer)
        return lane

    def shared_edits(self, recipe: LaneRecipe) -> int | None:
        """Return with how many edits another lane can fork from this one, which has come to its next edit.

        None where that lane has another past, or nothing is done to it that this one has not.
        """
        mine = self.recipe.edits[: len(self.recipe.edits) - len(self.pending)]
        pairs = zip(self.recipe.edits, recipe.edits, strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if self.recipe.experiment != recipe.experiment or shared > len(mine) or shared == len(recipe.edits):
            return None
        step = recipe.edits[shared].step
        disturbed = any(
            edit.step < step or (edit.step == step and not isinstance(edit, Set)) for edit in mine[shared:]
        )
        return None if disturbed or step > self.trainer.step_number else shared

    def after_next_edit(self) -> Lane:
        """Return what goes on from the next edit, at whose step it stands.

        Raise InitscopeError where the edit is not possible, or changes nothing; then this lane goes on without it.
        """
        place = len(self.recipe.edits) - len(self.pending)
        self.pending = self.pending[1:]
        try:
            return self.fork(self.recipe, place)
        except InitscopeError as error:
            where = self.recipe.edits[place].step
            raise InitscopeError(Problem.EDIT_LEFT_OUT, lane=self.name, step=where, cause=error) from error

    def fork(self, recipe: LaneRecipe, place: int) -> Lane:
        """Return a lane with the same past up to the edit of `recipe` at a place, which is done; it goes on from there.

        Raise InitscopeError where the edit is not possible, or changes nothing.
        """
        with np.errstate(all="ignore"):  # infinite numbers are results
            return self._fork(recipe, place)

    def _fork(self, recipe: LaneRecipe, place: int) -> Lane:
        edit, step = recipe.edits[place], recipe.edits[place].step
        stages = self._stages_after(recipe, place)
        if has_diverged(self.visit(step).theta):
            raise InitscopeError(Problem.LANE_DIVERGED, name=self.name, step=step)
        before = self._replayer.state_at(step)
        state = edited(edit, before, self.trainer.layout, step)
        last_losses = self._replayer.losses(self.history.first_of_stretch(step), step)
        past = self._past.forked(step, state, last_losses)
        lane = Lane(recipe, self.trainer.dataset, 0, past)
        lane.pending = recipe.edits[place + 1 :]
        lane.trainer.restore(state, step)
        if stages:
            lane.trainer.go_on_with(*stages[-1][1:])
            lane._replayer.go_on_with(stages)
        lane.visit(step)
        lane.scorer.record = self.scorer.record.until(step)
        return lane

    def _stages_after(self, recipe: LaneRecipe, place: int) -> list[tuple[int, Experiment, Renumbering]]:
        """Return the stages of a run after an edit of it; raise ExperimentError where it cannot go on like that."""
        edit, before = recipe.edits[place], recipe.edits[:place]
        here = sum(isinstance(other, Set) and other.step == edit.step for other in before)
        stages = [stage for stage in self._replayer.stages if stage[0] < edit.step]
        stages += [stage for stage in self._replayer.stages if stage[0] == edit.step][:here]
        if not isinstance(edit, Set):
            return stages
        now = stages[-1][1] if stages else recipe.experiment  # without what was left out before
        experiment = with_changes(now, edit.changes)
        numbers = self.trainer.numbers_for(experiment)
        if numbers is None:
            raise ExperimentError(edit.path, Problem.ONLY_FROM_START)
        if not stages:
            start = self.trainer.numbers_for(recipe.experiment)
            assert start is not None, "it is the same one"
            stages.append((0, recipe.experiment, start))
        return [*stages, (edit.step, experiment, numbers)]

    def restart(self) -> None:
        """Go back to the same weights, those of an edit at step 0 if there is one, and forget what came after."""
        self._past.clear()
        self.trainer.restore(self._past.start(self.trainer.initial_state, 0)[1], 0)
        self._observer.begin_again()
        self.scorer.record = ScoreRecord()

    def visit(self, step: int) -> Trainer:
        """Return a trainer at the state before update `step`, exactly as it was; it is used again for the next visit."""
        return self._replayer.visit(step)

    def snapshot(self, step: int, probes: Probes = NO_PROBES, number: int = 0) -> LaneSnapshot:
        """Return this lane, which is lane `number`, at a recorded step."""
        found = self._observer.observe(step, probes, number, self.name)
        edits = self._edit_marks() if probes.marks else []
        return replace(found, marks=in_order([*edits, *found.marks])) if edits else found

    def _edit_marks(self) -> list[Mark]:
        """Return what somebody has done to it so far, without what was not possible."""
        edited = {step for step, _ in self.edits}
        come_to = self.recipe.edits[: len(self.recipe.edits) - len(self.pending)]
        return [
            Mark(edit.step, MarkKind.SETTING if isinstance(edit, Set) else MarkKind.EDITED, edit=edit)
            for edit in come_to
            if edit.step in edited
        ]

    @property
    def computed(self) -> Computed:
        """Return what the last snapshot has computed at its step."""
        return self._observer.computed

    @property
    def score_gap(self) -> int | None:
        """Return a recorded step where the curves of the scores have no point, or None."""
        if not self.scorer.is_needed:
            return None
        return self.scorer.record.step_in_gap(self.history.length, self.history.stride)

    def in_score_gap(self) -> tuple[int, Computed] | None:
        """Return such a step and its parameters."""
        step = self.score_gap
        return None if step is None else (step, Computed(self.visit(step).theta))

    def grows(self, probes: Probes) -> bool:
        """Return whether the next snapshot of the same step will show more of what is asked."""
        return self._observer.grows(probes)


def _functions(experiment: Experiment) -> object:
    """Return what a network and its loss compute, whatever the parameters."""
    return experiment.loss, [layer.activation for layer in experiment.network.layers]
