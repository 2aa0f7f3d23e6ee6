"""What a person changes in a network at one step, as data that can be written to a file.

Layers are counted from 1, as in W1; rows and neurons from 0. States are flat vectors: the parameters, then what the
optimizer remembers of each of them (see `Trainer.save`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.core.randomness import Purpose, stream
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.model.layout import Block, Layout


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    """Something that was done to a session, as it stands in a session file.

    `lane` is the name of the lane it was done to; None means all lanes. `step` is the step it was done at.
    """

    lane: str | None = None
    step: int = 0


class SetWeight(Action, frozen=True, tag="set-weight"):
    """Set one number of a neuron to a value: the weight in a row of W, or its bias if the row is fan_in.

    In a normalized layer its scale and its shift follow, behind the bias or, without one, behind W.
    """

    makes_a_lane: ClassVar[bool] = True
    layer: int
    row: int
    neuron: int
    value: float

    @property
    def name(self) -> str:
        """Return the word for this edit in the name of a lane."""
        return "nudge"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return a changed copy of `state` (state_size,); what the optimizer remembers stays.

        Raise InitscopeError if there is no such weight or the value is not finite.
        """
        block = _block(layout, self.layer)
        norm = layout.norms[self.layer - 1]
        rows = block.rows + (2 if norm else 0)
        if not (0 <= self.row < rows and 0 <= self.neuron < block.fan_out):
            raise InitscopeError(
                Problem.NO_WEIGHT, layer=self.layer, row=self.row + 1, neuron=self.neuron + 1
            )
        if not isfinite(self.value):
            raise InitscopeError(Problem.WEIGHT_NOT_FINITE, got=self.value)
        edited = state.copy()
        theta = edited[: layout.size]
        if norm is None or self.row < block.rows:
            block.of(theta)[self.row, self.neuron] = self.value
        else:
            norm.learnt(theta)[self.row - block.rows, self.neuron] = self.value
        return edited

    def no_change(self) -> InitscopeError:
        """Return what to raise where the edit leaves a state as it is."""
        return InitscopeError(Problem.WEIGHT_AS_IT_IS, value=self.value)


class CopyNeuron(Action, frozen=True, tag="copy-neuron"):
    """Make two neurons of a hidden layer one group: `target` becomes a copy of `source`.

    The incoming column, the bias, the outgoing row and what the optimizer remembers of them are copied, in a normalized
    layer also scale, shift and running averages, and where residual connections join them with neurons of other layers,
    the same of those. So the two neurons stay equal for ever, unless dropout leaves out one of them, or inputs of the
    network, which differ, are passed on to them.
    """

    makes_a_lane: ClassVar[bool] = True
    layer: int
    source: int
    target: int

    @property
    def name(self) -> str:
        """Return the word for this edit in the name of a lane."""
        return "copy"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return a changed copy of `state` (state_size,).

        Raise InitscopeError if these are not two neurons of a hidden layer.
        """
        block = _block(layout, self.layer)
        self._check(layout, block)
        edited = state.copy()
        parts = edited.reshape(-1, layout.size)
        for index in layout.chain(self.layer - 1):
            if index >= 0:
                self._copy(layout, index, parts)
        return edited

    def no_change(self) -> InitscopeError:
        """Return what to raise where the edit leaves a state as it is."""
        return InitscopeError(
            Problem.COPY_OF_EQUAL, layer=self.layer, source=self.source + 1, target=self.target + 1
        )

    def _copy(self, layout: Layout, index: int, parts: Floats) -> None:
        """Copy what a neuron of layer `index` (from 0) has of its own, in parameters and memory `parts` (parts, size)."""
        norm, outgoing = layout.norms[index], layout.blocks[index + 1].weights(parts)
        own = [layout.blocks[index].of(parts), *(norm.named(parts).values() if norm else ())]
        for of_neurons in own:
            of_neurons[..., self.target] = of_neurons[..., self.source]
        outgoing[:, self.target] = outgoing[:, self.source]

    def _check(self, layout: Layout, block: Block) -> None:
        if self.layer == len(layout.blocks):
            raise InitscopeError(Problem.COPY_OF_OUTPUT, layer=self.layer)
        if self.source == self.target or not {self.source, self.target} <= set(range(block.fan_out)):
            raise InitscopeError(
                Problem.COPY_NEURONS,
                layer=self.layer,
                neurons=block.fan_out,
                source=self.source + 1,
                target=self.target + 1,
            )


class AddNoise(Action, frozen=True, tag="add-noise"):
    """Add normal noise of standard deviation `std` to all weights that lead into hidden layers; biases stay.

    The noise is `std` times a function of (seed, layer, step).
    """

    makes_a_lane: ClassVar[bool] = True
    std: float
    seed: Annotated[int, msgspec.Meta(ge=0)]

    @property
    def name(self) -> str:
        """Return the words for this edit in the name of a lane."""
        return f"noise {self.std:g}"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return a changed copy of `state` (state_size,); what the optimizer remembers stays.

        Raise InitscopeError if there is no hidden layer or `std` is not a finite number above 0.
        """
        if len(layout.blocks) == 1:
            raise InitscopeError(Problem.NO_HIDDEN_LAYER)
        if not (self.std > 0 and isfinite(self.std)):
            raise InitscopeError(Problem.NOISE_NOT_POSITIVE, got=self.std)
        edited = state.copy()
        for number, block in enumerate(layout.blocks[:-1], start=1):
            weights = block.weights(edited[: layout.size])
            # starting weights are drawn at the position (layer), never at (layer, step)
            noise = stream(self.seed, Purpose.WEIGHTS, number, step).standard_normal(weights.shape)
            np.add(weights, self.std * noise, out=weights, casting="same_kind")
        return edited

    def no_change(self) -> InitscopeError:
        """Return what to raise where the edit leaves a state as it is."""
        return InitscopeError(Problem.NOISE_ROUNDED_AWAY, std=self.std)


class Set(Action, frozen=True, tag="set"):
    """Put a value at a dotted path of an experiment: the lane starts anew with it at step 0, or goes on with it later.

    `also` are values at other paths that have to follow, such as the activation that a loss is made for. `in_lane` says
    who has the value: the `same` lane, or a `new` one beside it; unset is the same one at step 0 and a new one later.
    """

    path: str
    value: Any
    also: tuple[tuple[str, Any], ...] = ()
    in_lane: Literal["new", "same"] | msgspec.UnsetType = msgspec.UNSET

    @property
    def makes_a_lane(self) -> bool:
        """Return whether the edited lane stays as it is."""
        return self.in_lane == "new" or (self.in_lane is msgspec.UNSET and self.step > 0)

    @property
    def changes(self) -> list[tuple[str, Any]]:
        """Return all values and where to put them."""
        return [(self.path, self.value), *self.also]

    def with_only(self, changes: Sequence[tuple[str, Any]]) -> Set:
        """Return this change as one lane gets it, with some of its values."""
        (path, value), *also = changes
        return msgspec.structs.replace(self, lane=None, path=path, value=value, also=tuple(also))

    def among(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Return ascending edits of a lane with this one, which takes the place of the same setting at the same step."""
        mine = msgspec.structs.replace(self, lane=None)
        others = [edit for edit in edits if not mine._replaces(edit)]
        before = [edit for edit in others if edit.step <= mine.step]
        return (*before, mine, *others[len(before) :])

    def _replaces(self, edit: Edit) -> bool:
        is_set = isinstance(edit, Set)
        return is_set and msgspec.structs.replace(self, value=edit.value, also=edit.also) == edit

    @property
    def name(self) -> str:
        """Return the words for this change in the name of a lane."""
        field = self.path.rpartition(".")[2].replace("_", " ")
        return f"{field} {self.value:g}" if isinstance(self.value, float) else field

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return a copy of `state` (state_size,): only how it goes on is another."""
        return state.copy()


Edit: TypeAlias = SetWeight | CopyNeuron | AddNoise | Set
"""What can be done to a lane at a step; it goes on from there in a lane of its own."""


def gone_on(experiment: Experiment, edits: Sequence[Edit]) -> Experiment:
    """Return the experiment that a run goes on with after edits, without those that are not possible in it.

    Training leaves those out, too: another kind that was chosen for the start later may have no such setting.
    """
    for edit in edits:
        if isinstance(edit, Set):
            with suppress(InitscopeError):
                experiment = with_changes(experiment, edit.changes)
    return experiment


def edited(edit: Edit, state: Floats, layout: Layout, step: int) -> Floats:
    """Return a changed copy of `state` (state_size,) at a step.

    Raise InitscopeError where the edit is not possible, changes nothing or makes weights that are not finite.
    """
    after = edit.apply(state, layout, step)
    if not isinstance(edit, Set) and np.array_equal(state, after):
        raise edit.no_change()
    if not np.isfinite(after[: layout.size]).all():
        raise InitscopeError(Problem.EDIT_TOO_LARGE, dtype=after.dtype.name)
    return after


def _block(layout: Layout, layer: int) -> Block:
    if not 1 <= layer <= len(layout.blocks):
        raise InitscopeError(Problem.NO_LAYER, layer=layer, layers=len(layout.blocks))
    return layout.blocks[layer - 1]
