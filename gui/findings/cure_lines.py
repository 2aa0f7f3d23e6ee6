"""A cure as lines of code: for this program, for PyTorch and for Keras."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.symptoms.findings import Change, Cure

FACTORS = {"he-normal": (2.0, "fan_in"), "glorot-normal": (1.0, "fan_avg"), "lecun-normal": (1.0, "fan_in")}
"""The variance of an initializer times its fan, and which fan that is."""

ACTIVATIONS = {
    "tanh": ("torch.nn.Tanh()", "tanh"),
    "relu": ("torch.nn.ReLU()", "relu"),
    "selu": ("torch.nn.SELU()", "selu"),
    "leaky-relu": ("torch.nn.LeakyReLU(0.1)", "leaky_relu"),
    "sigmoid": ("torch.nn.Sigmoid()", "sigmoid"),
    "softmax": ("torch.nn.Softmax(dim=1)", "softmax"),
    "identity": ("nothing after the last torch.nn.Linear", "linear"),
}
LOSSES = {
    "binary-cross-entropy": ("torch.nn.BCELoss()", "binary_crossentropy"),
    "cross-entropy": (
        "torch.nn.CrossEntropyLoss() on the outputs before softmax",
        "categorical_crossentropy",
    ),
    "squared-error": ("torch.nn.MSELoss()", "mse"),
}
STANDARDIZED = {
    "inputs": "X = (X - X_train.mean(0)) / X_train.std(0)",
    "targets": "Y = (Y - Y_train.mean(0)) / Y_train.std(0)",
    "both": "X, Y = ((A - T.mean(0)) / T.std(0) for A, T in ((X, X_train), (Y, Y_train)))",
}


def here(cure: Cure) -> str:
    """Return what to add to a command of this program."""
    said = (shlex.quote(f"{path}={_json(value)}") for path, value in cure.changes)
    return " ".join(f"--set {text}" for text in said)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def torch_lines(cure: Cure) -> list[str]:
    """Return what to write with PyTorch."""
    return list(dict.fromkeys(line for change in cure.changes for line in _lines(change, 0)))


def keras_lines(cure: Cure) -> list[str]:
    """Return what to write with Keras."""
    return list(dict.fromkeys(line for change in cure.changes for line in _lines(change, 1)))


def _lines(change: Change, library: int) -> Iterator[str]:
    """Yield the lines for one change; library 0 is PyTorch, 1 Keras."""
    path, value = change
    keys = path.split(".")
    if keys[:2] == ["network", "layers"] and len(keys) > 3:
        yield _of_layer(keys[2], keys[3], value, library)
    elif keys[0] in _WHOLE:
        yield _WHOLE[keys[0]](keys, value)[library]


def _of_layer(place: str, part: str, value: Any, library: int) -> str:
    layer = "layer" if place == "*" else f"layers[{place}]"
    kind = str(value.get("kind", "")) if isinstance(value, dict) else ""
    each = "for layer in linear_layers: " if place == "*" else ""
    if part == "weights" and kind:
        torch, keras = _initializer(kind, value, f"{layer}.weight")
        return (
            (each if torch.startswith("torch") else "") + torch,
            f"{layer}: Dense(…, kernel_initializer={keras})",
        )[library]
    if part == "biases":
        return (f"{each}torch.nn.init.zeros_({layer}.bias)", f'{layer}: Dense(…, bias_initializer="zeros")')[
            library
        ]
    if part == "activation" and kind in ACTIVATIONS:
        torch, keras = ACTIVATIONS[kind]
        return (f"after {layer}: {torch}", f'{layer}: Dense(…, activation="{keras}")')[library]
    if part == "units":
        return (f"{layer} = torch.nn.Linear(…, {value})", f"{layer}: Dense({value}, …)")[library]
    return f"{layer}.{part} = {_json(value)}"


def _initializer(kind: str, value: Any, weight: str) -> tuple[str, str]:
    """Return the lines of PyTorch and Keras for an initializer, as it stands in a file."""
    gain, family = value.get("gain", 1.0), kind.removesuffix("-normal").removesuffix("-uniform")
    distribution = "uniform" if kind.endswith("uniform") else "normal"
    if family in {"he", "lecun", "glorot"}:
        torch = _torch_init(family, distribution, weight)
        keras = f'"{family}_{distribution}"'
        if gain != 1.0:
            factor, mode = FACTORS[f"{family}-normal"]
            torch += f"; {weight}.data *= {gain:.4g}"
            name = "uniform" if distribution == "uniform" else "untruncated_normal"
            keras = f'VarianceScaling({factor * gain**2:.4g}, "{mode}", "{name}")'
        return torch, keras
    if kind == "lsuv":
        orthogonal = f"torch.nn.init.orthogonal_({weight})"
        return (
            f"{orthogonal}; then divide it by the deviation of its z on a batch",
            "Orthogonal(), then the same",
        )
    if kind == "orthogonal":
        return f"torch.nn.init.orthogonal_({weight}, gain={gain:.4g})", f"Orthogonal({gain:.4g})"
    if kind == "normal":
        std = value.get("std", 1.0)
        return f"torch.nn.init.normal_({weight}, std={std})", f"RandomNormal(stddev={std})"
    if kind == "uniform":
        low, high = value.get("low", -1.0), value.get("high", 1.0)
        return f"torch.nn.init.uniform_({weight}, {low}, {high})", f"RandomUniform({low}, {high})"
    return "leave torch.nn.Linear as it starts", 'VarianceScaling(1 / 3, "fan_in", "uniform")'


def _torch_init(family: str, distribution: str, weight: str) -> str:
    if family == "glorot":
        return f"torch.nn.init.xavier_{distribution}_({weight})"
    suited = "relu" if family == "he" else "linear"
    return f'torch.nn.init.kaiming_{distribution}_({weight}, nonlinearity="{suited}")'


def _optimizer(keys: list[str], value: Any) -> tuple[str, str]:
    if isinstance(value, dict):
        rate = value.get("learning_rate", 0.001)
        return f"torch.optim.Adam(model.parameters(), lr={rate})", f"keras.optimizers.Adam({rate})"
    field = keys[-1]
    torch = {"learning_rate": "lr"}.get(field, field)
    return f"optimizer: {torch}={value}", f"optimizer: {field}={value}"


def _loss(_keys: list[str], value: Any) -> tuple[str, str]:
    torch, keras = LOSSES[str(value["kind"])]
    return f"criterion = {torch}", f'model.compile(loss="{keras}", …)'


_WHOLE = {
    "optimizer": _optimizer,
    "loss": _loss,
    "weight_decay": lambda _keys, value: (f"optimizer: weight_decay={value}", "no kernel_regularizer"),
    "steps": lambda _keys, value: (f"train for {value:,} steps", f"train for {value:,} steps"),
    "batch": lambda _keys, value: (f"DataLoader(…, batch_size={value})", f"model.fit(…, batch_size={value})"),
    "data": lambda _keys, value: (STANDARDIZED[value], STANDARDIZED[value]),
    "network": lambda _keys, _value: (
        "a hidden layer: torch.nn.Linear(…, 16), torch.nn.ReLU()",
        'Dense(16, "relu")',
    ),
}
