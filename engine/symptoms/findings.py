"""What the doctor says, as data: causes with their evidence, cures with what each trial gave. The words are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from engine.experiments.experiment import Experiment
from engine.trials.outcome import Share

Change: TypeAlias = tuple[str, Any]
"""A value at a dotted path of an experiment."""

Changes: TypeAlias = tuple[Change, ...]


class Cause(str, Enum):
    """Why a network does not learn. The names stand in files."""

    SYMMETRY = "symmetry"
    ZERO_START = "zero-start"
    NEAR_SYMMETRY = "near-symmetry"
    START_TOO_SMALL = "start-too-small"
    START_TOO_LARGE = "start-too-large"
    TOO_DEEP = "too-deep-for-activation"
    DEAD_AT_START = "dead-at-start"
    DEAD_BY_TRAINING = "dead-by-training"
    RATE_TOO_HIGH = "rate-too-high"
    RATE_TOO_LOW = "rate-too-low"
    TOO_FEW_STEPS = "too-few-steps"
    NOISY_STEPS = "noisy-steps"
    INPUTS_NOT_SCALED = "inputs-not-scaled"
    INPUTS_TOO_SMALL = "inputs-too-small"
    TARGETS_NOT_SCALED = "targets-not-scaled"
    OUTPUT_RANGE = "output-range"
    OUTPUT_CONSTANT = "output-constant"
    LOSS_MISMATCH = "loss-mismatch"
    OVER_REGULARISED = "over-regularised"
    CLASS_IMBALANCE = "class-imbalance"
    USELESS_INPUTS = "useless-inputs"
    LINEAR_NETWORK = "linear-network"
    TOO_NARROW = "too-narrow"
    NO_BIAS = "no-bias"
    NO_SIGNAL = "no-signal"
    NOT_FINITE = "not-finite"


class Sure(str, Enum):
    """On what a finding rests."""

    PROVED = "proved"
    """It follows from the operations of a step and the numbers of a run, and rests on no trial."""
    TRIED = "tried"
    """Runs of the same network show it, mostly because many more learn with the cure."""
    SUSPECTED = "suspected"
    """It is seen, but what was tried did not settle it."""


class Remedy(str, Enum):
    """What a cure does."""

    START = "start"
    CENTRED = "centred"
    ACTIVATION = "activation"
    LEAKY = "leaky"
    RATE = "rate"
    STEPS = "steps"
    BATCH = "batch"
    MOMENTUM = "momentum"
    INPUTS = "inputs"
    TARGETS = "targets"
    OUTPUT = "output"
    LOSS = "loss"
    DECAY = "decay"
    WIDTH = "width"
    BIASES = "biases"
    HIDDEN = "hidden"
    UNBRAKED = "unbraked"
    LABELS = "labels"
    TOGETHER = "together"


@dataclass(frozen=True)
class Cure:
    """A change of the experiment, and how many of `seeds` runs learned with it; `loss` is their median at the end.

    Without a trial `seeds` is 0 and `loss` None.
    """

    remedy: Remedy
    changes: Changes
    learned: int = 0
    seeds: int = 0
    loss: float | None = None


@dataclass(frozen=True)
class Finding:
    """A named cause: the layers it concerns, the step since which it is there, and numbers of this run.

    It was found, and its cures were tried, in a network with the changes `before`: cures of what was found earlier.
    """

    cause: Cause
    layers: tuple[int, ...]
    since: int
    sure: Sure
    numbers: dict[str, float]
    cures: tuple[Cure, ...] = ()
    before: Changes = ()


class Verdict(str, Enum):
    """What comes of a diagnosis: `floor` means that nothing that was tried does better."""

    HEALTHY = "healthy"
    SICK = "sick"
    FLOOR = "floor"


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with one lane: the main finding first. `controls` is what came of `others`, which are random other
    changes, one for each run.

    `steps` are those of each run; fewer than planned where they would take too long. `is_complete` says that nobody
    has stopped it.
    """

    name: str
    experiment: Experiment
    verdict: Verdict
    untreated: Share
    findings: tuple[Finding, ...]
    controls: Share
    steps: int
    is_complete: bool = True
    others: tuple[Changes, ...] = ()
