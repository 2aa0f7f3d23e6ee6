"""A cure as lines of code: for this program, for PyTorch and for Keras."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.model.initializers import WeightInitializer
from engine.symptoms.findings import Change, Cure

FACTORS = {"he-normal": (2.0, "fan_in"), "glorot-normal": (1.0, "fan_avg"), "lecun-normal": (1.0, "fan_in")}
"""The variance of an initializer times its fan, and which fan that is."""

ACTIVATIONS = {
    "tanh": ("torch.nn.Tanh()", '"tanh"'),
    "relu": ("torch.nn.ReLU()", '"relu"'),
    "selu": ("torch.nn.SELU()", '"selu"'),
    "leaky-relu": ("torch.nn.LeakyReLU(0.1)", "keras.layers.LeakyReLU(negative_slope=0.1)"),
    "sigmoid": ("torch.nn.Sigmoid()", '"sigmoid"'),
    "softmax": ("torch.nn.Softmax(dim=1)", '"softmax"'),
    "identity": ("nothing", '"linear"'),
}
LOSSES = {
    "binary-cross-entropy": ("torch.nn.BCELoss()", "binary_crossentropy"),
    "cross-entropy": (
        "torch.nn.CrossEntropyLoss() on the outputs before softmax",
        "categorical_crossentropy",
    ),
    "squared-error": ("torch.nn.MSELoss()", "mse"),
    "hinge": ("torch.clamp(1 - y * output, min=0).mean()", "hinge"),
}
BALANCED = 'sklearn.utils.class_weight.compute_class_weight("balanced", classes=np.unique(y), y=y)'
FITTED = "model.fit(…, class_weight=dict(enumerate({})))"
STANDARDIZED = {
    "inputs": "X = (X - X_train.mean(0)) / X_train.std(0).clip(min=1e-8)",
    "targets": "Y = (Y - Y_train.mean(0)) / Y_train.std(0).clip(min=1e-8)",
    "both": "X, Y = ((A - T.mean(0)) / T.std(0).clip(min=1e-8) for A, T in ((X, X_train), (Y, Y_train)))",
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
        yield _of_layer(keys, value, library)
    elif keys[0] in _WHOLE:
        yield _WHOLE[keys[0]](keys, value)[library]


@dataclass(frozen=True)
class _Place:
    """A layer, or several: what people call it, what its line begins with in PyTorch, and what stands there for it."""

    name: str
    head: str
    loop: str
    layer: str


def _place(key: str) -> _Place:
    if key in _MANY:
        name, layers = _MANY[key]
        return _Place(name, f"{name}:", f"for layer in {layers}: ", "layer")
    name = f"layers[{key}]"
    return _Place(name, f"{name} =", "", name)


_MANY = {"*": ("each layer", "linear_layers"), "hidden": ("each hidden layer", "linear_layers[:-1]")}


def _of_layer(keys: list[str], value: Any, library: int) -> str:
    """Return the line for a field of a layer, or of all, or of the hidden ones."""
    place, part = _place(keys[2]), keys[3]
    kind = str(value.get("kind", "")) if isinstance(value, dict) else ""
    if len(keys) > 4:
        torch, keras = _of_initializer(place, part, keys[4], value)
    elif part == "weights" and kind:
        torch, keras = _initializer(kind, value, f"{place.layer}.weight")
        torch, keras = place.loop + torch, f"kernel_initializer={keras}"
    elif part == "activation" and kind in ACTIVATIONS:
        torch, keras = ACTIVATIONS[kind]
        torch, keras = f"after {place.name}: {torch}", f"activation={keras}"
    elif part in _PARTS:
        torch, keras = (said.format(place=place, value=value) for said in _PARTS[part])
    else:
        return f"{place.name}: {part} = {_json(value)}"
    return (torch, keras if part in _WHOLE_LINES else f"{place.name}: Dense(…, {keras})")[library]


_PARTS = {
    "biases": (
        "{place.head} torch.nn.Linear(…, bias=True); {place.loop}torch.nn.init.zeros_({place.layer}.bias)",
        'use_bias=True, bias_initializer="zeros"',
    ),
    "units": (
        "{place.head} torch.nn.Linear(…, {value}), and the layer after it takes {value} inputs",
        "units={value}",
    ),
    "rate": (
        "optimizer: the same lr in all parameter groups, requires_grad=True",
        "the same learning rate for all layers, trainable=True",
    ),
}
"""The lines for fields whose cure is always the same: biases of 0, another width, the whole rate in every layer."""

_WHOLE_LINES = {"rate"}
"""Fields that Keras keeps elsewhere than in a layer."""

_ARGUMENTS = {"low": ("a", "minval"), "high": ("b", "maxval")}
"""What PyTorch and Keras call the numbers of an initializer, where they do not call them as this program does."""


def _of_initializer(place: _Place, part: str, field: str, value: Any) -> tuple[str, str]:
    """Return the line, and the argument, for one number of an initializer, whatever the others are."""
    torch, keras = _ARGUMENTS.get(field, (field, field))
    tensor, argument = {
        "weights": ("weight", "kernel_initializer"),
        "biases": ("bias", "bias_initializer"),
    }[part]
    return (
        f"{place.loop}torch.nn.init.…({place.layer}.{tensor}, …, {torch}={_json(value)})",
        f"{argument}=…(…, {keras}={_json(value)})",
    )


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
    if kind == "variance-scaling":
        return _variance_scaling(value, weight)
    if kind not in _OTHERS:
        return f"{weight}: {_json(value)}", _json(value)
    numbers = msgspec.to_builtins(msgspec.convert(value, WeightInitializer))
    torch, keras = _OTHERS[kind]
    return torch.format(weight, **numbers), keras.format(**numbers)


_OTHERS = {
    "constant": ("torch.nn.init.constant_({0}, {value:.4g})", "Constant({value:.4g})"),
    "normal": (
        "torch.nn.init.normal_({0}, {mean:.4g}, {std:.4g})",
        "RandomNormal({mean:.4g}, {std:.4g})",
    ),
    "uniform": (
        "torch.nn.init.uniform_({0}, {low:.4g}, {high:.4g})",
        "RandomUniform({low:.4g}, {high:.4g})",
    ),
    "truncated-normal": (
        "torch.nn.init.trunc_normal_({0}, {mean:.4g}, {std:.4g}, {mean:.4g} - 2 * {std:.4g}, {mean:.4g} + 2 * {std:.4g})",
        "TruncatedNormal({mean:.4g}, {std:.4g})",
    ),
    "orthogonal": ("torch.nn.init.orthogonal_({0}, gain={gain:.4g})", "Orthogonal({gain:.4g})"),
    "lsuv": (
        "torch.nn.init.orthogonal_({0}); then divide it by the deviation of its z on a batch",
        "Orthogonal(), then the same",
    ),
    "identity": ("torch.nn.init.eye_({0}); {0}.data *= {gain:.4g}", "Identity({gain:.4g})"),
    "sparse": (
        "torch.nn.init.sparse_({0}, {share:.4g}, {std:.4g})",
        "RandomNormal(stddev={std:.4g}), then set a share of {share:.4g} to 0",
    ),
    "pytorch-linear": (
        "torch.nn.init.kaiming_uniform_({0}, a=5**0.5), as torch.nn.Linear has it",
        'VarianceScaling(1 / 3, "fan_in", "uniform")',
    ),
}
"""The lines of PyTorch and Keras for initializers with numbers of their own; those of a kind with a family are made."""


def _variance_scaling(value: Any, weight: str) -> tuple[str, str]:
    scale, mode = value.get("scale", 1.0), value.get("mode", "fan_in")
    distribution = value.get("distribution", "truncated-normal")
    fans = f"torch.nn.init._calculate_fan_in_and_fan_out({weight})"
    fan = {"fan_in": f"{fans}[0]", "fan_out": f"{fans}[1]", "fan_avg": f"(sum({fans}) / 2)"}[mode]
    name = {"truncated-normal": "truncated_normal", "normal": "untruncated_normal"}.get(
        distribution, "uniform"
    )
    if name == "uniform":
        torch = f"limit = ({3 * scale:.4g} / {fan})**0.5; torch.nn.init.uniform_({weight}, -limit, limit)"
    elif name == "untruncated_normal":
        torch = f"torch.nn.init.normal_({weight}, std=({scale:.4g} / {fan})**0.5)"
    else:
        std = f"std = ({scale:.4g} / {fan})**0.5 / 0.8796"
        torch = f"{std}; torch.nn.init.trunc_normal_({weight}, 0, std, -2 * std, 2 * std)"
    return torch, f'VarianceScaling({scale:.4g}, "{mode}", "{name}")'


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
    if field == "schedule":
        return "no torch.optim.lr_scheduler", "no keras.optimizers.schedules"
    torch = {"learning_rate": "lr"}.get(field, field)
    return f"optimizer: {torch}={value}", f"optimizer: {field}={value}"


def _loss(_keys: list[str], value: Any) -> tuple[str, str]:
    torch, keras = LOSSES[str(value["kind"])]
    weights, compiled = value.get("class_weights"), f'model.compile(loss="{keras}", …)'
    if weights is None:
        return f"loss: {torch}", compiled
    told = BALANCED if weights == "balanced" else _json(weights)
    return (
        f"loss: {torch}, each sample with the weight of its class: {told}",
        f"{compiled}, {FITTED.format(told)}",
    )


def _batch(size: Any) -> tuple[str, str]:
    size = "len(X_train)" if size == "full" else size
    return f"DataLoader(…, batch_size={size})", f"model.fit(…, batch_size={size})"


def _of_data(keys: list[str], value: Any) -> str:
    return "shuffle X and Y in the same order" if keys[-1] == "shuffle_labels" else STANDARDIZED[value]


_WHOLE = {
    "optimizer": _optimizer,
    "loss": _loss,
    "weight_decay": lambda _keys, value: (f"optimizer: weight_decay={value}", "no kernel_regularizer"),
    "steps": lambda _keys, value: (f"train for {value:,} steps", f"train for {value:,} steps"),
    "l1": lambda _keys, _value: ("no L1 penalty in the loss", "no kernel_regularizer"),
    "batch": lambda _keys, value: _batch(value),
    "data": lambda keys, value: (_of_data(keys, value),) * 2,
    "clip": lambda _keys, _value: (
        "no torch.nn.utils.clip_grad_norm_",
        "optimizer: clipnorm=None, clipvalue=None",
    ),
    "network": lambda _keys, _value: (
        "a hidden layer: torch.nn.Linear(…, 16), torch.nn.ReLU()",
        'Dense(16, "relu")',
    ),
}
