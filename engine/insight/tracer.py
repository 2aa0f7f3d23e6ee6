"""Does a step operation by operation, and keeps what each of them gave."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np

from engine.compile.step_arrays import ALL_SAMPLE_WEIGHTS
from engine.core.arrays import AnyArray, locked
from engine.core.registry import Choice
from engine.experiments.experiment import Experiment
from engine.report.answers import DoneOperation, Walk
from engine.tape.formulas import renamed
from engine.tape.instructions import Operation
from engine.training.loop import training_conditions
from engine.training.trainer import Trainer

SYMBOLS = {"learning_rate": "η", "epsilon": "ε", "beta1": "β1", "beta2": "β2", "delta": "δ"}
"""What formulas call fields of kinds whose name they do not use."""
WHOLE_DATA = {"X_all", "Y_all", ALL_SAMPLE_WEIGHTS}
"""What batches are taken from: too much to be repeated with every step."""


def walk_through(trainer: Trainer) -> Walk:
    """Return the present step of a trainer, which stays at the state before it."""
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    tape, experiment = trainer.step.tape, trainer.experiment
    given = {name: _copy(tape.arrays[name]) for name in _given(trainer)}
    operations = tuple(_done(trainer))
    trainer.restore(state, trainer.step_number)
    used = {name for operation in tape.operations for name in operation.names}
    numbers = {
        "n": float(len(trainer.step.targets)),
        "t": trainer.step_number + 1.0,
        "λ": experiment.weight_decay,
        "λ1": experiment.l1,
        **numbers_of(experiment.optimizer),
        **numbers_of(experiment.loss),
    }
    return Walk(
        given=given,
        numbers={symbol: number for symbol, number in numbers.items() if symbol in used - set(tape.arrays)},
        functions=_functions(experiment, used),
        operations=operations,
    )


def numbers_of(choice: Choice) -> dict[str, float]:
    """Return the numbers that a kind has, by what formulas call them."""
    fields = msgspec.structs.asdict(choice)
    return {
        SYMBOLS.get(name, name): float(value)
        for name, value in fields.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _functions(experiment: Experiment, used: set[str]) -> dict[str, str]:
    """Return the activations in formulas written out over z, with their numbers put in."""
    activations = [layer.activation for layer in experiment.network.layers]
    return {
        activation.function: renamed(
            activation.formula, {name: f"{number:g}" for name, number in numbers_of(activation).items()}
        )
        for activation in activations
        if activation.function in used and activation.function not in activation.formula
    }


def _given(trainer: Trainer) -> Iterator[str]:
    """Yield the arrays that are read before an operation gives them a value, in the order in which they are read."""
    found: set[str] = set(WHOLE_DATA)
    for operation in trainer.step.tape.operations:
        for name in _reads(trainer, operation):
            if name not in found:
                found.add(name)
                yield name
        found.add(operation.target)


def _reads(trainer: Trainer, operation: Operation) -> tuple[str, ...]:
    return tuple(name for name in operation.names if name in trainer.step.tape.arrays)


def _done(trainer: Trainer) -> Iterator[DoneOperation]:
    """Do the operations one after another and yield them."""
    instructions, operations = trainer.instructions(), trainer.step.tape.operations
    ends = [0, *(operation.end for operation in operations)]
    with training_conditions():
        for operation, (start, end) in zip(operations, pairwise(ends), strict=True):
            for instruction in instructions[start:end]:
                instruction.call()
            yield DoneOperation(
                phase=operation.phase.value,
                layer=operation.layer,
                formula=operation.formula,
                target=operation.target,
                reads=_reads(trainer, operation),
                value=_copy(trainer.step.tape.arrays[operation.target]),
            )


def _copy(array: AnyArray) -> AnyArray:
    """Return a locked copy; a number stays an array of no dimensions."""
    return locked(array)
