"""What the experiment panel shows: sections of fields, each with its value and what it may be. Pure, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.experiments.experiment import Experiment

Control: TypeAlias = Literal["number", "whole", "choice", "switch", "text", "notes", "path", "rows", "kind"]
"""How a value is chosen. `notes` are texts of several lines, `rows` lists of numbers, a `kind` has parameters."""


InLane: TypeAlias = Literal["new", "same"] | None
"""Which lane has a changed value: the same one or a new one, from the shown step on; None is the same from the start."""


@dataclass(frozen=True)
class Moment:
    """From when on values are changed: from the start, or from the shown `step` on.

    `refused` says why nothing can be changed like that; empty where it can. `later` are, by lane, the changes after that
    step: their steps, with the experiments before and after each.
    """

    in_lane: InLane = None
    step: int = 0
    refused: str = ""
    later: Mapping[str, list[tuple[int, Experiment, Experiment]]] = field(default_factory=dict)


FROM_START = Moment()


@dataclass(frozen=True)
class FormChoice:
    """One value that can be chosen. `refused` says why it cannot, in a sentence; empty where it can.

    `needs` are the fields that have to be filled in before it can be chosen, such as the name of a file.
    """

    value: Any
    label: str
    about: str = ""
    refused: str = ""
    needs: tuple[FormField, ...] = ()


@dataclass(frozen=True)
class Histogram:
    """How many of the drawn numbers lie in each of equal parts from `low` to `high`; `spread` is their deviation."""

    counts: tuple[int, ...]
    low: float
    high: float
    spread: float


@dataclass(frozen=True)
class Difference:
    """A lane that has another value than the common experiment, and this value as text."""

    lane: str
    text: str


@dataclass(frozen=True)
class FormField:
    """One field: `path` is the dotted path of its value.

    `minimum` and `maximum` are where dragging ends, `is_logarithmic` says that it multiplies. A number may also be
    `word` (the batch size `full`); `start` is then the number that the field begins with. `parameters` are the fields
    of the chosen kind, `about` and `formula` tell of it.

    `differs` are the lanes that have another value than the common one; for the form of one lane it is at most this
    lane, and `common` is the value that it can go back to, `usual` as text. `is_mixed` where the layers of a `*` do not
    agree. `refused` says why the value cannot be changed now; parameters may be, nevertheless.
    """

    path: str
    label: str
    description: str
    control: Control
    value: Any
    choices: tuple[FormChoice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_logarithmic: bool = False
    word: FormChoice | None = None
    start: float = 1.0
    about: str = ""
    formula: str = ""
    histogram: Histogram | None = None
    parameters: tuple[FormField, ...] = ()
    differs: tuple[Difference, ...] = ()
    common: Any = None
    usual: str = ""
    is_mixed: bool = False
    refused: str = ""

    @property
    def is_common(self) -> bool:
        """Return whether every lane that is shown has the common value."""
        return not self.differs


@dataclass(frozen=True)
class FormSection:
    """Fields that belong together; `name` tells the section in names of objects."""

    name: str
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True)
class FormLayer:
    """A layer of the network: its fields, and what an experiment file says of it, for lists of other layers."""

    title: str
    is_output: bool
    fields: tuple[FormField, ...]
    document: dict[str, Any]


@dataclass(frozen=True)
class LaneDifference:
    """What a lane has instead of a common value: what that is called, and both as texts.

    `usual` is empty where the common experiment has nothing of that kind; of a later step, it is what the lane has before
    it. `path` is where the lane is given the value `common` to be like the others; it is empty where another difference
    has to go first, or where that cannot be done from the shown step on.
    """

    label: str
    text: str
    usual: str = ""
    path: str = ""
    common: Any = None


@dataclass(frozen=True)
class FormLane:
    """A lane by name, and all in which it differs from the common experiment."""

    name: str
    differences: tuple[LaneDifference, ...]


@dataclass(frozen=True)
class Form:
    """Everything that an experiment file can say. `chosen` is the lane that is edited, None for all of them.

    `every_layer` are the fields that all layers have in common (`network.layers.*.weights`). `layers_refused` says why
    none can be added or taken away, `in_lane` from when on and where values are changed, and `hint` what that means.
    """

    chosen: str | None
    lanes: tuple[FormLane, ...]
    before: tuple[FormSection, ...]
    every_layer: tuple[FormField, ...]
    layers: tuple[FormLayer, ...]
    after: tuple[FormSection, ...]
    in_lane: InLane = None
    hint: str = ""
    layers_refused: str = ""
