"""Networks that learn, and one way to make each of them ill for every cause: with varied data, widths and seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from engine.experiments.experiment_file import parse_experiment
from engine.trials.trials import Trials
from tests.builders import Document, constant, layer, table

Make = Callable[[np.random.Generator], Document]
Pair = Callable[[np.random.Generator], tuple[Document, Document]]


@dataclass(frozen=True)
class Case:
    """A network, and the causes that may be named first; none for one that is well."""

    name: str
    document: Document
    causes: tuple[str, ...] = ()


def pick(rng: np.random.Generator, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def plane(rng: np.random.Generator) -> Document:
    """Two classes in the plane that no line tells apart."""
    seed, train = int(rng.integers(1000)), int(pick(rng, 120, 200, 300))
    return pick(
        rng,
        {"kind": "moons", "train": train, "noise": 0.1, "seed": seed},
        {"kind": "circles", "train": train, "noise": 0.08, "factor": 0.4, "seed": seed},
        {"kind": "xor", "train": train, "noise": 0.25, "seed": seed},
    )


def clouds(rng: np.random.Generator) -> Document:
    classes = int(pick(rng, 3, 4, 5))
    return {
        "kind": "gaussians",
        "classes": classes,
        "radius": 1.5,
        "noise": 0.3,
        "train": 200,
        "seed": int(rng.integers(1000)),
    }


def numbers(rng: np.random.Generator, samples: int = 120, inputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of deviation 1 and a smooth target of deviation 1."""
    x = rng.normal(size=(samples, inputs))
    y = np.sin(1.5 * x[:, :1]) + 0.5 * x[:, 1:2] ** 2 - 0.5 * x[:, 2:3]
    return x, (y - y.mean()) / y.std()


STARTS = {
    "relu": "he-normal",
    "leaky-relu": "he-normal",
    "elu": "he-normal",
    "tanh": "glorot-normal",
    "sigmoid": "glorot-normal",
}


def network(
    rng: np.random.Generator,
    data: Document,
    outputs: int,
    *,
    task: str,
    hidden: int | None = None,
    activation: str | None = None,
) -> Document:
    """A network that learns `data`: task is `two`, `many` or `numbers`."""
    kind = activation or str(pick(rng, "relu", "tanh", "leaky-relu", "elu"))
    depth = hidden or int(pick(rng, 1, 2))
    start = {"kind": STARTS[kind]}
    layers = [layer(int(pick(rng, 12, 16, 24, 32)), kind, start) for _ in range(depth)]
    last = {"two": "sigmoid", "many": "softmax", "numbers": "identity"}[task]
    loss = {"two": "binary-cross-entropy", "many": "cross-entropy", "numbers": "squared-error"}[task]
    layers.append(layer(outputs, last, {"kind": "glorot-normal"}))
    optimizer = pick(
        rng, {"kind": "adam", "learning_rate": 0.01}, {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    )
    size = pick(rng, 16, 32, "full")
    return {
        "name": "case",
        "data": data,
        "network": {"layers": layers},
        "loss": {"kind": loss},
        "optimizer": optimizer,
        "batch": {"size": size},
        "seed": int(rng.integers(1000)),
        "steps": int(pick(rng, 600, 1000)),
    }


def well(rng: np.random.Generator, task: str | None = None, **fields: Any) -> Document:
    chosen = task or str(pick(rng, "two", "two", "many", "numbers"))
    if chosen == "two":
        return network(rng, plane(rng), 1, task=chosen, **fields)
    if chosen == "many":
        data = clouds(rng)
        return network(rng, data, data["classes"], task=chosen, **fields)
    return network(rng, table(*numbers(rng)), 1, task=chosen, **fields)


def layers_of(document: Document) -> list[Document]:
    return document["network"]["layers"]


def started(document: Document, weights: Document, *numbers: int) -> Document:
    for number, one in enumerate(layers_of(document)):
        if not numbers or number in numbers:
            one["weights"] = weights
    return document


def ill(document: Document, **changes: Any) -> Document:
    """A copy of a network with other fields."""
    return {**deepcopy(document), **changes}


def slow(document: Document, rate: float = 0.1) -> Document:
    return ill(document, optimizer={"kind": "sgd", "learning_rate": rate})


def circles(rng: np.random.Generator) -> Document:
    return {"kind": "circles", "train": 200, "noise": 0.08, "factor": 0.4, "seed": int(rng.integers(99))}


def each_layer(document: Document, hidden_only: bool = False, **fields: Any) -> Document:
    changed = deepcopy(document)
    for one in layers_of(changed)[: -1 if hidden_only else None]:
        one.update(fields)
    return changed


def _zero(rng):
    d = well(rng, activation=str(pick(rng, "relu", "tanh", "leaky-relu")))
    return d, started(deepcopy(d), constant(0.0))


def _symmetry(rng):
    d = well(rng, activation=str(pick(rng, "relu", "tanh", "sigmoid")))
    return d, started(deepcopy(d), constant(float(pick(rng, 0.1, 0.5, 1.0))))


def _near(rng):
    d = slow(well(rng, "two", activation="tanh"), float(pick(rng, 0.1, 0.3)))
    start = pick(
        rng,
        {"kind": "constant-noise", "value": 0.5, "std": 1e-5},
        {"kind": "constant-noise", "value": 0.3, "std": 1e-4},
        {"kind": "uniform", "low": 0.5, "high": 0.501},
    )
    return d, started(deepcopy(d), start)


def _small(rng):
    d = slow(well(rng, hidden=int(pick(rng, 2, 3)), activation=str(pick(rng, "tanh", "relu"))))
    return d, started(deepcopy(d), {"kind": "normal", "std": float(pick(rng, 1e-2, 1e-3, 1e-4))})


def _large(rng):
    d = slow(
        well(rng, hidden=int(pick(rng, 2, 3)), activation=str(pick(rng, "tanh", "sigmoid", "relu"))), 0.05
    )
    return d, started(deepcopy(d), {"kind": "normal", "std": float(pick(rng, 10.0, 30.0, 100.0))})


def _deep(rng):
    d = well(rng, hidden=int(pick(rng, 5, 6, 8)), activation="tanh")
    return d, each_layer(d, hidden_only=True, activation={"kind": "sigmoid"})


def _dead(rng):
    d = well(rng, activation="relu")
    return d, each_layer(d, hidden_only=True, biases=constant(-float(pick(rng, 10.0, 20.0))))


def _died(rng):
    d = slow(well(rng, "numbers", activation="relu", hidden=2))
    return d, slow(d, float(pick(rng, 0.5, 0.7, 0.9)))


def _fast(rng):
    d = well(rng)
    adam = d["optimizer"]["kind"] == "adam"
    factor = float(pick(rng, 30.0, 100.0, 300.0))
    return d, ill(
        d,
        optimizer={
            **d["optimizer"],
            "learning_rate": d["optimizer"]["learning_rate"] * factor * (3 if adam else 1),
        },
    )


def _slow(rng):
    d = well(rng)
    factor = float(pick(rng, 300.0, 1000.0, 3000.0))
    return d, ill(d, optimizer={**d["optimizer"], "learning_rate": d["optimizer"]["learning_rate"] / factor})


def _few(rng):
    d = well(rng)
    return d, ill(d, steps=int(pick(rng, 4, 8, 15)))


def _noisy(rng):
    d = well(rng, "numbers")
    d["batch"] = {"size": 16}
    d = slow(d)
    return d, ill(d, optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.995})


def data_with(rng, change) -> tuple[Document, Document]:
    x, y = numbers(rng)
    d = ill(well(rng, "numbers"), data=table(x, y))
    return d, ill(d, data=table(*change(x, y)))


def plane_with(rng, change) -> tuple[Document, Document]:
    x = rng.normal(size=(200, 2))
    y = ((x**2).sum(axis=1, keepdims=True) > 1.4).astype(float)
    d = ill(well(rng, "two"), data=table(x, y))
    return d, ill(d, data=table(*change(x, y)))


def _raw(rng):
    scale = float(pick(rng, 300.0, 1000.0, 3000.0))
    make = pick(rng, data_with, plane_with)
    return make(rng, lambda x, y: (x * scale * np.array([1.0, *[0.3] * (x.shape[1] - 1)]) + scale, y))


def _tiny(rng):
    scale = float(pick(rng, 1e-3, 1e-4))
    d, sick_one = pick(rng, data_with, plane_with)(rng, lambda x, y: (x * scale, y))
    return slow(d), slow(sick_one)


def _targets(rng):
    scale = float(pick(rng, 1e3, 1e5))
    return data_with(rng, lambda x, y: (x, y * scale + scale))


def _range(rng):
    d, other = data_with(rng, lambda x, y: (x, y * 2 - 3))
    layers_of(other)[-1]["activation"] = {"kind": str(pick(rng, "sigmoid", "relu", "tanh"))}
    return d, other


def _constant_output(rng):
    d = well(rng, "two")
    other = ill(d, loss={"kind": "squared-error"})
    layers_of(other)[-1]["activation"] = {"kind": "softmax"}
    return d, other


def _mismatch(rng):
    way = str(pick(rng, "saturated", "absolute", "hinge", "identity", "numbers"))
    if way == "saturated":
        d = slow(well(rng, "two"))
        layers_of(d)[-1]["biases"] = constant(float(pick(rng, -12.0, 12.0)))
        return d, ill(d, loss={"kind": "squared-error"})
    if way == "numbers":
        d = well(rng, "numbers")
        other = ill(d, loss={"kind": str(pick(rng, "binary-cross-entropy", "logits-binary-cross-entropy"))})
        return d, other
    d = well(rng, "many")
    other = ill(
        d, loss={"kind": {"absolute": "absolute-error", "hinge": "hinge", "identity": "cross-entropy"}[way]}
    )
    if way == "identity":
        layers_of(other)[-1]["activation"] = {"kind": "identity"}
    return slow(d), slow(other)


def _decay(rng):
    d = well(rng)
    return d, ill(d, weight_decay=float(pick(rng, 0.3, 1.0)))


def _rare(rng):
    x = rng.normal(size=(400, 2))
    y = ((x[:, :1] > 1.2) & (x[:, 1:] > 0.5)).astype(float)
    d = ill(well(rng, "two"), data=table(x, y), batch={"size": "full"})
    return d, ill(slow(d, 0.02), steps=300)


def _useless(rng):
    x, y = numbers(rng, inputs=3)
    noise = rng.normal(size=(len(x), 1))
    d = ill(well(rng, "numbers"), data=table(x, y))
    bad = pick(rng, np.concatenate([noise, noise, np.ones((len(x), 1))], axis=1), np.ones((len(x), 3)))
    return d, ill(d, data=table(bad, y), steps=300)


def _linear(rng):
    d = ill(well(rng, "two"), data=circles(rng))
    return d, each_layer(d, hidden_only=True, activation={"kind": "identity"})


def _narrow(rng):
    d = ill(well(rng, "two", hidden=1, activation="tanh"), data=circles(rng))
    return d, each_layer(d, hidden_only=True, units=1)


def _no_bias(rng):
    d = ill(well(rng, "two", activation="tanh"), data=circles(rng))
    return d, each_layer(d, biases=None)


def _no_signal(rng):
    x = rng.normal(size=(80, 10))
    y = rng.integers(2, size=(80, 1)).astype(float)
    d = well(rng, "two", hidden=1, activation="relu")
    layers_of(d)[0]["units"] = 64
    d = ill(d, optimizer={"kind": "adam", "learning_rate": 0.02})
    return d, ill(d, data=table(x, y))


SICK: dict[str, tuple[Pair, tuple[str, ...]]] = {
    "zero-start": (_zero, ()),
    "symmetry": (_symmetry, ()),
    "near-symmetry": (_near, ()),
    "start-too-small": (_small, ()),
    "start-too-large": (_large, ()),
    "too-deep-for-activation": (_deep, ()),
    "dead-at-start": (_dead, ()),
    "dead-by-training": (_died, ("rate-too-high",)),
    "rate-too-high": (_fast, ()),
    "rate-too-low": (_slow, ()),
    "too-few-steps": (_few, ()),
    "noisy-steps": (_noisy, ()),
    "inputs-not-scaled": (_raw, ()),
    "inputs-too-small": (_tiny, ()),
    "targets-not-scaled": (_targets, ()),
    "output-range": (_range, ()),
    "output-constant": (_constant_output, ()),
    "loss-mismatch": (_mismatch, ()),
    "over-regularised": (_decay, ()),
    "class-imbalance": (_rare, ()),
    "useless-inputs": (_useless, ()),
    "linear-network": (_linear, ()),
    "too-narrow": (_narrow, ()),
    "no-bias": (_no_bias, ()),
    "no-signal": (_no_signal, ()),
}


def sick(each: int, first: int = 0) -> Iterator[Case]:
    """For every cause networks that are ill and learn without it, as long as such are drawn."""
    for cause, (_, others) in SICK.items():
        for number in range(first, first + each):
            found = _drawn(cause, number)
            if found is not None:
                yield Case(f"{cause} {number}", deepcopy(found), (cause, *others))


def _drawn(cause: str, number: int) -> Document | None:
    for attempt in range(8):
        base, other = pair(cause, number, attempt)
        if learns(base) and (cause in {"symmetry", "no-signal"} or not learns(other)):
            return other
    return None


def pair(cause: str, number: int, attempt: int = 0) -> tuple[Document, Document]:
    """A network, and the same made ill."""
    rng = np.random.default_rng([number, attempt, *cause.encode()])
    return SICK[cause][0](rng)


def learns(document: Document, *, from_all: bool = False) -> bool:
    """Whether a network learns from most of some seeds, or from all of them."""
    experiment = parse_experiment(msgspec.json.encode(document))
    seeds = [experiment.seed + number for number in range(5 if from_all else 3)]
    outcome = Trials().run(experiment, seeds, experiment.steps)
    return outcome.learned == len(seeds) if from_all else outcome.learns


def _plain(rng):
    return well(rng)


def _zero_first(rng):
    d = well(rng, "two", hidden=1, activation="sigmoid")
    d["optimizer"] = {"kind": "adam", "learning_rate": 0.03}
    return started(d, constant(0.0), 0)


def _zero_output(rng):
    d = well(rng)
    return started(d, constant(0.0), len(layers_of(d)) - 1)


def _constant_outputs(rng):
    d = well(rng)
    return started(d, constant(0.3), len(layers_of(d)) - 1)


def _regression_from_zero(rng):
    x = rng.normal(size=(120, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
    d = well(rng, "numbers")
    d["data"], d["network"]["layers"] = table(x, y), [layer(1, "identity", constant(0.0))]
    d["optimizer"] = {"kind": "sgd", "learning_rate": 0.1}
    return d


def _softmax_from_zero(rng):
    d = well(rng, "many")
    d["network"]["layers"] = [layer(d["data"]["classes"], "softmax", constant(0.0))]
    return d


def _larger(rng):
    d = well(rng, hidden=2, activation="relu")
    return started(d, {"kind": "normal", "std": 0.4}, 1)


def _digits(rng):
    d = well(rng, "many")
    d["data"] = {"kind": "digits", "train": 500, "test": 100}
    d["network"]["layers"][-1]["units"] = 10
    d["batch"], d["steps"] = {"size": 32}, 300
    return d


WELL: dict[str, Make] = {
    "plain": _plain,
    "first layer zero": _zero_first,
    "output zero": _zero_output,
    "output constant": _constant_outputs,
    "linear regression from zero": _regression_from_zero,
    "softmax regression from zero": _softmax_from_zero,
    "somewhat large": _larger,
    "digits": _digits,
    "plain again": _plain,
    "plain numbers": lambda rng: well(rng, "numbers"),
}


def controls(each: int, first: int = 0) -> Iterator[Case]:
    for name, make in WELL.items():
        for number in range(first, first + each):
            drawn = (
                make(np.random.default_rng([number, 7, attempt, *name.encode()])) for attempt in range(8)
            )
            yield Case(f"{name} {number}", next(deepcopy(one) for one in drawn if learns(one, from_all=True)))
