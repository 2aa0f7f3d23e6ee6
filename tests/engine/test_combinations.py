"""Combinations in an experiment that make no sense are refused where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import ExperimentError
from engine.session.lab import Lab
from gui.text.error_words import sentence
from tests.builders import document, experiment, layer, table

from .test_experiment_file import refusal


def test_softmax_does_not_go_with_binary_cross_entropy() -> None:
    error = refusal(document(layer(4), layer(1, "softmax")))
    assert sentence(error) == (
        "network.layers.1.activation.kind: the loss binary-cross-entropy needs sigmoid here, got softmax"
    )


def test_cross_entropy_needs_softmax() -> None:
    error = refusal(document(layer(4), layer(2), loss={"kind": "cross-entropy"}))
    assert sentence(error) == (
        "network.layers.1.activation.kind: the loss cross-entropy needs softmax here, got sigmoid"
    )


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


@pytest.mark.parametrize("target", [-0.5, 3])
def test_a_cross_entropy_needs_targets_from_0_to_1(target: float) -> None:
    said = refusal_of_data(layer(1), data=table([[1], [2]], [[1], [target]]))
    assert said.startswith("loss.kind: binary-cross-entropy needs targets from 0 to 1")


@pytest.mark.parametrize("targets", [[0.2, 0.3], [1, 1], [0, 0]])
def test_cross_entropy_needs_targets_that_sum_to_1(targets: list[float]) -> None:
    """Its gradient (a - y)/n is the slope of the loss only there."""
    fields = {"data": table([[1.0], [2.0]], [targets, [0, 1]]), "loss": {"kind": "cross-entropy"}}
    assert refusal_of_data(layer(2, "softmax"), **fields).startswith("loss.kind: cross-entropy needs targets")


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
