"""What the import dialog offers for a file, and what is chosen: made anew after every choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.importing.data_choice import DataChoice


@dataclass(frozen=True)
class Option:
    """One value that can be chosen, and what it is called; `tip` says more, `refused` why it cannot be chosen."""

    value: Any
    label: str
    tip: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Outcome:
    """What comes of a choice, in sentences, or the `problem` that keeps it from being done."""

    sentences: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class DataOffer:
    """What can be chosen of samples. `fits` says whether the outputs and the loss are changed so that they fit.

    `inputs` are arrays, none where the file is a table or has only one way; `targets` are columns or arrays.
    """

    choice: DataChoice
    fits: bool
    inputs: tuple[Option, ...]
    targets: tuple[Option, ...]
    forms: tuple[Option, ...]
    scalings: tuple[Option, ...]
    networks: tuple[Option, ...]
    divides: bool
    outcome: Outcome


@dataclass(frozen=True)
class WeightsChoice:
    """Which network of a file is taken, whether its rows are neurons, and which lane starts from it; None: all."""

    network: str
    rows_are_neurons: bool
    lane: str | None = None


@dataclass(frozen=True)
class WeightsOffer:
    """What can be chosen of weights; `roles` are the names of arrays, and what each is taken for."""

    choice: WeightsChoice
    roles: tuple[tuple[str, str], ...]
    networks: tuple[Option, ...]
    orientations: tuple[Option, ...]
    lanes: tuple[Option, ...]
    outcome: Outcome
