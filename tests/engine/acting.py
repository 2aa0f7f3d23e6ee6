"""Does to a laboratory what a person does to it: by actions."""

from __future__ import annotations

import msgspec

from engine.session.commands import Remove, SessionAction
from engine.session.lab import Lab
from engine.session.recipe import after
from engine.training.edits import Edit


def perform(lab: Lab, action: SessionAction) -> None:
    """Do an action."""
    lab.become(after(lab.recipe, action))


def fork(lab: Lab, index: int, edit: Edit) -> None:
    """Edit a lane at the shown step, in a new last lane."""
    perform(lab, msgspec.structs.replace(edit, lane=lab.lanes[index].name, step=lab.step))


def drop(lab: Lab, index: int) -> None:
    """Take a lane away."""
    perform(lab, Remove(lane=lab.lanes[index].name))
