"""A training step is a list of instructions: their lines of source are the step, in the order of its phases."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.model.activations import AnyActivation
from engine.tape.instructions import Phase, Tape
from engine.training.trainer import Trainer
from tests.builders import NO_BIASES, advance, by_kind, experiment, layer, same_bits, table, trainer_of

HIDDEN = list(by_kind(AnyActivation))
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "learning_rate": 0.3},
    "momentum": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "nesterov": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    "rmsprop": {"kind": "rmsprop"},
    "adam": {"kind": "adam"},
}
RNG = np.random.default_rng(5)
SOFT_TARGETS = table(
    RNG.normal(size=(6, 3)), [[0.2, 0.8], [0, 1], [0.5, 0.5], [1, 0], [0.9, 0.1], [0.3, 0.7]]
)
OUTPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "squared-error": ("tanh", {"kind": "squared-error"}),
    "squared-error-sum": ("softmax", {"kind": "squared-error", "reduction": "sum"}),
    "binary-cross-entropy": ("sigmoid", {"kind": "binary-cross-entropy"}),
    "cross-entropy": ("softmax", {"kind": "cross-entropy"}),
}


def network(hidden: str = "tanh", outputs: str = "binary-cross-entropy", **fields: Any) -> Experiment:
    """Return an experiment with a 3-7-5-2 network on six samples with soft targets."""
    activation, loss = OUTPUTS[outputs]
    layers = layer(7, hidden), layer(5, hidden), layer(2, activation)
    return experiment(*layers, data=SOFT_TARGETS, loss=loss, **fields)


EXPERIMENTS: dict[str, Experiment] = {
    **{kind: network(kind) for kind in HIDDEN},
    **{loss: network(outputs=loss) for loss in OUTPUTS},
    **{name: network(optimizer=chosen) for name, chosen in OPTIMIZERS.items()},
    "float32": network("leaky-relu", dtype="float32"),
    "float32-adam": network("selu", dtype="float32", optimizer=OPTIMIZERS["adam"]),
    "weight-decay": network(weight_decay=0.01),
    "blas": network(arithmetic="blas"),
    "moons": experiment(layer(13, "relu"), layer(6, "gelu"), layer(1)),
    "no-biases": experiment(layer(5, "tanh", **NO_BIASES), layer(1, **NO_BIASES)),
    "no-hidden-layer": experiment(layer(1)),
}
every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)


def run_source(trainer: Trainer, steps: int) -> None:
    """Do `steps` steps by executing the source of the tape on its arrays, instead of its bound calls."""
    tape = trainer.step.tape
    lines = compile(tape.source(), "tape", "exec")
    with np.errstate(all="ignore"):
        for _ in range(steps):
            exec(lines, {"np": np, **tape.arrays})


@every_experiment
def test_the_source_lines_repeat_the_steps_bit_for_bit(name: str) -> None:
    called, executed = trainer_of(EXPERIMENTS[name]), trainer_of(EXPERIMENTS[name])
    start = called.theta.copy()
    advance(called, 5)
    run_source(executed, 5)
    for array in called.step.tape.arrays:
        assert same_bits(called.step.tape[array], executed.step.tape[array]), array
    assert not np.array_equal(called.theta, start)


@every_experiment
def test_phases_come_in_order_forward_loss_backward_update(name: str) -> None:
    instructions = trainer_of(EXPERIMENTS[name]).step.tape.instructions
    phases = [phase for phase, _ in groupby(instruction.phase for instruction in instructions)]
    assert phases == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]


def layers_in_order(tape: Tape, phase: Phase) -> list[int]:
    """Return the layers of the instructions of a phase, without repetitions; layer 0 is none."""
    layers = [i.layer for i in tape.instructions if i.phase is phase and i.layer]
    return [layer for layer, _ in groupby(layers)]


@every_experiment
def test_layers_go_up_in_the_forward_phase_and_down_in_the_backward_phase(name: str) -> None:
    tape, count = trainer_of(EXPERIMENTS[name]).step.tape, len(EXPERIMENTS[name].network.layers)
    order = {phase: layers_in_order(tape, phase) for phase in Phase}
    assert order[Phase.FORWARD] == list(range(1, count + 1))
    assert order[Phase.BACKWARD] == list(range(count, 0, -1))
    assert order[Phase.LOSS] == order[Phase.UPDATE] == []


@every_experiment
def test_every_instruction_has_a_formula_and_one_line_of_source(name: str) -> None:
    for instruction in trainer_of(EXPERIMENTS[name]).step.tape.instructions:
        assert re.fullmatch(r"[^{}\n]*\S[^{}\n]*", instruction.formula)
        assert re.fullmatch(r"np\.[\w.]+\(.+\)", instruction.source)


def test_formulas_are_those_of_textbooks() -> None:
    tape = trainer_of(network("relu")).step.tape
    formulas = [instruction.formula for instruction in tape.instructions]
    expected = (
        "Z1 = X·W1 + b1",
        "A1 = relu(Z1)",
        "Z2 = A1·W2 + b2",
        "A3 = σ(Z3)",
        "dZ3 = (A3 − Y) / n",
        "dW3 = A2ᵀ·dZ3, db3 = Σ dZ3",
        "dA2 = dZ3·W3ᵀ",
        "dW1 = Xᵀ·dZ1, db1 = Σ dZ1",
        "θ = θ − Δ",
    )
    places = [formulas.index(formula) for formula in expected]
    assert places == sorted(places)


def test_a_layer_without_biases_has_no_biases_in_its_formulas() -> None:
    formulas = [i.formula for i in trainer_of(EXPERIMENTS["no-biases"]).step.tape.instructions]
    assert "Z1 = X·W1" in formulas
    assert not [formula for formula in formulas if re.search(r"\bd?b\d", formula)]


def test_the_phases_one_after_another_are_the_step() -> None:
    advanced, called = trainer_of(network()), trainer_of(network())
    advance(advanced, 1)
    for phase in Phase:
        for call in called.step.tape.calls((phase,)):
            call()
    assert same_bits(advanced.theta, called.theta)


def test_only_the_update_changes_the_parameters() -> None:
    trainer = trainer_of(network(weight_decay=0.1))
    before = trainer.theta.copy()
    for call in trainer.step.tape.calls((Phase.FORWARD, Phase.LOSS, Phase.BACKWARD)):
        call()
    assert same_bits(trainer.theta, before)
    for call in trainer.step.tape.calls((Phase.UPDATE,)):
        call()
    assert (trainer.theta != before).all()


def test_weights_and_biases_are_views_of_one_flat_vector() -> None:
    trainer = trainer_of(network())
    tape = trainer.step.tape
    for number, block in enumerate(trainer.layout.blocks, start=1):
        assert np.shares_memory(tape[f"P{number}"], tape["theta"])
        assert np.shares_memory(tape[f"G{number}"], tape["gradient"])
        assert tape[f"P{number}"].shape == (block.fan_in + 1, block.fan_out)
    assert trainer.theta.size == sum((a + 1) * b for a, b in ((3, 7), (7, 5), (5, 2)))


def test_a_step_never_replaces_an_array_of_the_tape() -> None:
    trainer = trainer_of(network())
    addresses = {name: array.ctypes.data for name, array in trainer.step.tape.arrays.items()}
    advance(trainer, 3)
    assert {name: array.ctypes.data for name, array in trainer.step.tape.arrays.items()} == addresses
