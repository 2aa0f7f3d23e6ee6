"""Combinations in an experiment that make no sense are refused where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import ExperimentError
from engine.health.health_check import HealthCheck
from engine.report.condition import AlarmKind
from engine.session.lab import Lab
from gui.text.error_words import sentence
from tests.builders import advance, document, experiment, layer, table, trainer_of

from .test_experiment_file import refusal


def test_nesterov_needs_momentum_as_in_pytorch() -> None:
    error = refusal(document(layer(1), optimizer={"kind": "sgd", "nesterov": True}))
    assert error.path == "optimizer.nesterov"


def refusal_of_data(*layers: dict[str, Any], **fields: Any) -> str:
    """Return the sentence with which an experiment that reads well is refused with its data."""
    chosen = experiment(*layers, **fields)
    with pytest.raises(ExperimentError) as caught:
        Lab(chosen)
    return sentence(caught.value)


def test_two_outputs_do_not_go_with_one_target() -> None:
    said = refusal_of_data(layer(4), layer(2))
    assert said == "network.layers.1.units: must be 1, one for each target of a sample, got 2"


UNWISE: dict[str, tuple[str, str, Any]] = {
    "a softmax of a softmax": ("logits-cross-entropy", "softmax", [[1, 0], [0, 1]]),
    "a sigmoid of a sigmoid": ("logits-binary-cross-entropy", "sigmoid", [[1, 0], [0, 1]]),
    "shares of numbers": ("cross-entropy", "softplus", [[1, 0], [0, 1]]),
    "probabilities of tanh": ("binary-cross-entropy", "tanh", [[1, 0], [0, 1]]),
    "targets below 0": ("binary-cross-entropy", "sigmoid", [[-0.5, 0], [0, 1]]),
    "targets above 1": ("binary-cross-entropy", "sigmoid", [[3, 0], [0, 1]]),
    "shares that do not sum to 1": ("cross-entropy", "softmax", [[0.2, 0.3], [0, 1]]),
    "sides of 0 and 1": ("hinge", "tanh", [[1, 0], [0, 1]]),
}


@pytest.mark.parametrize("name", UNWISE)
def test_what_is_unwise_is_trained_and_said_to_be_so(name: str) -> None:
    loss, output, targets = UNWISE[name]
    chosen = experiment(
        layer(4, "tanh"), layer(2, output), data=table([[1.0], [2.0]], targets), loss={"kind": loss}
    )
    trainer = trainer_of(chosen)
    advance(trainer, 5)
    [alarm] = [one for one in HealthCheck(trainer).look().alarms if one.kind is AlarmKind.LOSS_MISMATCH]
    assert alarm.layers == (2,)


def test_rows_of_a_table_have_one_length() -> None:
    data = {"kind": "table", "x": [[1, 2], [3]], "y": [[1], [0]]}
    assert (
        refusal_of_data(layer(1), data=data) == "data.x.1: must have 2 numbers like the rows before it, got 1"
    )


def test_a_network_that_fits_no_memory_is_refused() -> None:
    said = refusal_of_data(layer(10_000), layer(10_000), layer(1))
    assert said == "network.layers: must have at most 20,000,000 weights altogether, got 100,050,001"


@pytest.mark.parametrize(
    "weights", [{"kind": "uniform", "low": -1e308, "high": 1e308}, {"kind": "normal", "std": 1e308}]
)
def test_initial_weights_that_are_infinite_are_refused(weights: dict[str, Any]) -> None:
    said = refusal_of_data(layer(50, weights=weights), layer(1))
    assert said.startswith("network.layers.0.weights: must give finite numbers")


def test_initial_weights_that_are_infinite_in_float32_are_refused() -> None:
    said = refusal_of_data(layer(1, weights={"kind": "constant", "value": 1e300}), dtype="float32")
    assert said.startswith("network.layers.0.weights: must give finite numbers")
