"""The lines of PyTorch and Keras that stand for a cure mean what the cure changes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.doctor.treatment import Treatment
from engine.experiments.changes import with_changes
from engine.symptoms import remedies
from engine.symptoms.findings import Cure, Remedy
from engine.symptoms.patient import Patient
from engine.trials.trials import Trials
from gui.findings.cure_lines import here, keras_lines, torch_lines
from tests.builders import NO_BIASES, experiment, layer

POSITIVE = {"kind": "uniform", "low": 0.0, "high": 1.0}
SHIFTED = {"kind": "normal", "mean": 2.0, "std": 0.3}


def patient(**fields: Any) -> Patient:
    chosen = experiment(layer(2, "relu", POSITIVE, **NO_BIASES), layer(1, "sigmoid", SHIFTED), **fields)
    return Patient(chosen, chosen.data.load())


def lines(changes: Any) -> list[str]:
    cure = Cure(Remedy.START, changes)
    return [*torch_lines(cure), *keras_lines(cure)]


def test_weights_that_are_centred_are_not_set_to_the_number_that_changes() -> None:
    assert lines(remedies.centred(patient())) == [
        "torch.nn.init.…(layers[0].weight, …, a=-0.5)",
        "torch.nn.init.…(layers[0].weight, …, b=0.5)",
        "torch.nn.init.…(layers[1].weight, …, mean=0.0)",
        "layers[0]: Dense(…, kernel_initializer=…(…, minval=-0.5))",
        "layers[0]: Dense(…, kernel_initializer=…(…, maxval=0.5))",
        "layers[1]: Dense(…, kernel_initializer=…(…, mean=0.0))",
    ]


def test_a_layer_without_biases_gets_them_before_they_are_set() -> None:
    torch, keras = lines(remedies.biases(patient()))
    assert torch == "layers[0] = torch.nn.Linear(…, bias=True); torch.nn.init.zeros_(layers[0].bias)"
    assert keras == 'layers[0]: Dense(…, use_bias=True, bias_initializer="zeros")'


@pytest.mark.parametrize(
    ("changes", "torch", "keras"),
    [
        (remedies.without_decay(patient(l1=0.1)), "no L1 penalty in the loss", "no kernel_regularizer"),
        (
            remedies.batch(patient(batch={"size": 50})),
            "DataLoader(…, batch_size=len(X_train))",
            "model.fit(…, batch_size=len(X_train))",
        ),
        (
            remedies.leaky(patient()),
            "after layers[0]: torch.nn.LeakyReLU(0.1)",
            "layers[0]: Dense(…, activation=keras.layers.LeakyReLU(negative_slope=0.1))",
        ),
        (
            remedies.wider(patient()),
            "layers[0] = torch.nn.Linear(…, 16), and the layer after it takes 16 inputs",
            "layers[0]: Dense(…, units=16)",
        ),
        (
            [("network.layers.hidden.activation", {"kind": "relu"})],
            "after each hidden layer: torch.nn.ReLU()",
            'each hidden layer: Dense(…, activation="relu")',
        ),
    ],
)
def test_every_cure_has_lines_that_can_be_written(changes: Any, torch: str, keras: str) -> None:
    assert lines(changes) == [torch, keras]


@pytest.mark.parametrize(
    ("path", "value", "torch", "keras"),
    [
        (
            "network.layers.*.weights",
            {"kind": "he-normal", "gain": 2.0},
            (
                'for layer in linear_layers: torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu"); '
                "layer.weight.data *= 2"
            ),
            'each layer: Dense(…, kernel_initializer=VarianceScaling(8, "fan_in", "untruncated_normal"))',
        ),
        (
            "network.layers.hidden.weights",
            {"kind": "lecun-normal"},
            'for layer in linear_layers[:-1]: torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")',
            'each hidden layer: Dense(…, kernel_initializer="lecun_normal")',
        ),
        (
            "network.layers.*.biases",
            remedies.ZERO,
            "each layer: torch.nn.Linear(…, bias=True); for layer in linear_layers: torch.nn.init.zeros_(layer.bias)",
            'each layer: Dense(…, use_bias=True, bias_initializer="zeros")',
        ),
        (
            "network.layers.hidden.units",
            16,
            "each hidden layer: torch.nn.Linear(…, 16), and the layer after it takes 16 inputs",
            "each hidden layer: Dense(…, units=16)",
        ),
        (
            "network.layers.*.weights.low",
            -0.5,
            "for layer in linear_layers: torch.nn.init.…(layer.weight, …, a=-0.5)",
            "each layer: Dense(…, kernel_initializer=…(…, minval=-0.5))",
        ),
        (
            "network.layers.1.activation",
            {"kind": "identity"},
            "after layers[1]: nothing",
            'layers[1]: Dense(…, activation="linear")',
        ),
    ],
)
def test_what_many_layers_get_alike_is_one_line(path: str, value: Any, torch: str, keras: str) -> None:
    assert lines([(path, value)]) == [torch, keras]


def test_a_cure_of_a_deep_network_is_told_in_a_few_lines() -> None:
    deep = experiment(*(layer(2, "sigmoid") for _ in range(30)), layer(1, "sigmoid"))
    treatment = Treatment(Trials(), deep, deep.data.load(), 1)
    changes = remedies.activations(treatment.patient, "selu")
    cure = treatment.cure((Remedy.ACTIVATION, changes))
    assert here(cure) == (
        """--set 'network.layers.hidden.activation={"kind":"selu"}' """
        """--set 'network.layers.hidden.weights={"kind":"lecun-normal"}' """
        """--set 'network.layers.30.weights={"kind":"glorot-normal"}'"""
    )
    assert with_changes(deep, list(cure.changes)) == with_changes(deep, list(changes))
    assert len(torch_lines(cure)) == len(keras_lines(cure)) == 3


def test_no_layer_is_told_a_rate_that_no_library_gives_it() -> None:
    slow = experiment(layer(2, "tanh", rate=0.0), layer(1))
    found = lines(remedies.unbraked(Patient(slow, slow.data.load())))
    assert found == [
        "optimizer: the same lr in all parameter groups, requires_grad=True",
        "the same learning rate for all layers, trainable=True",
    ]
