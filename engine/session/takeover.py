"""Which lanes go on in other ones: those that are the same, and those whose trainers or starts serve another one."""

from __future__ import annotations

from engine.compile.continuation import begins_alike, takes_the_same_steps
from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.session.lane import Lane
from engine.session.recipe import LaneRecipe
from engine.tape.instructions import Renumbering
from engine.training.first_state import starting_parameters


def take_same(lanes: list[Lane], recipe: LaneRecipe) -> Lane | None:
    """Take the lane out of a list that has the numbers of a recipe, whatever its name; return None if there is none."""
    for lane in lanes:
        if lane.recipe.experiment == recipe.experiment and lane.recipe.edits == recipe.edits:
            lanes.remove(lane)
            return lane
    return None


def start_of(recipe: LaneRecipe, dataset: Dataset, lanes: list[Lane]) -> Floats:
    """Return the parameters (parameters,) that a recipe starts from, those of a lane if one of `lanes` starts alike.

    Raise ExperimentError where the weights of a layer are not finite.
    """
    experiment = recipe.experiment
    draws_alone = not any(layer.weights.needs_data for layer in experiment.network.layers)
    for lane in lanes:
        same_data = lane.trainer.dataset is dataset
        if draws_alone and same_data and begins_alike(lane.recipe.experiment, experiment):
            return lane.trainer.initial_state[: lane.trainer.layout.size].copy()
    return starting_parameters(experiment, experiment.layout(dataset.inputs), dataset)


class Successors:
    """Finds lanes whose step differs in numbers only from that of a recipe.

    The numbers of lanes that differ in their starts only are found once: to find them, a step is written again.
    """

    def __init__(self) -> None:
        self._known: list[tuple[Lane, LaneRecipe, Renumbering | None]] = []

    def numbers_for(self, recipe: LaneRecipe, lanes: list[Lane]) -> tuple[Lane, Renumbering] | None:
        """Return the first lane that can have the numbers of a recipe, with them; None if none can."""
        pairs = ((lane, self._numbers(lane, recipe)) for lane in lanes)
        return next(((lane, numbers) for lane, numbers in pairs if numbers is not None), None)

    def _numbers(self, lane: Lane, recipe: LaneRecipe) -> Renumbering | None:
        trainer = lane.trainer
        for known, made_from, numbers in self._known:
            same_data = known.trainer.dataset is trainer.dataset
            same_before = takes_the_same_steps(known.trainer.experiment, trainer.experiment)
            if same_data and same_before and takes_the_same_steps(made_from.experiment, recipe.experiment):
                return numbers
        numbers = trainer.numbers_for(recipe.experiment)
        self._known.append((lane, recipe, numbers))
        return numbers
