"""Changes of an experiment that cure one thing and leave everything else as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.registry import kind_of
from engine.experiments.experiment import Layer
from engine.model.initializers import Constant
from engine.symptoms.findings import Changes
from engine.symptoms.patient import Patient
from engine.training.first_state import has_given_start

GLOROT, HE, LECUN = ({"kind": kind} for kind in ("glorot-normal", "he-normal", "lecun-normal"))

STARTS = {"relu": HE, "leaky-relu": HE, "elu": HE, "gelu": HE, "silu": HE, "softplus": HE, "selu": LECUN}
"""Which start suits an activation (He et al. 2015, Klambauer et al. 2017); Glorot's suits all others."""

ZERO = {"kind": "constant", "value": 0.0}

LEAKY = {"kind": "leaky-relu", "slope": 0.1}

WIDEST_NARROW = 4
"""The largest width of a hidden layer that may be too narrow."""

WIDE = 16
"""The width that such a layer gets."""

MANY_SAMPLES = 32
"""The samples of a batch that is large enough for a small network."""


def usual_start(layer: Layer) -> dict[str, Any]:
    """Return the initializer that suits the activation of a layer."""
    return STARTS.get(kind_of(layer.activation), GLOROT)


def start(patient: Patient, numbers: Sequence[int] = ()) -> Changes:
    """Start the layers with these numbers (from 1), or all, from usual weights, and from biases of 0."""
    layers = patient.layers
    chosen = tuple(numbers) or tuple(range(1, len(layers) + 1))
    starts = [usual_start(layers[number - 1]) for number in chosen]
    biases = tuple(
        (f"network.layers.{number - 1}.biases", ZERO)
        for number in chosen
        if layers[number - 1].biases not in (None, Constant())
    )
    if len(chosen) == len(layers) and all(kind == starts[0] for kind in starts):
        return (("network.layers.*.weights", starts[0]), *biases)
    weights = zip(chosen, starts, strict=True)
    return (*((f"network.layers.{number - 1}.weights", kind) for number, kind in weights), *biases)


def centred(patient: Patient) -> Changes:
    """Take the mean from weights and biases that are drawn from a range of one sign, and leave their width."""
    found: Changes = ()
    for number, layer in enumerate(patient.layers):
        for part, initializer in (("weights", layer.weights), ("biases", layer.biases)):
            low, high = getattr(initializer, "low", 0.0), getattr(initializer, "high", 0.0)
            path = f"network.layers.{number}.{part}"
            if low * high >= 0 and low != high:
                half = (high - low) / 2
                found += ((f"{path}.low", -half), (f"{path}.high", half))
            elif getattr(initializer, "mean", 0.0):
                found += ((f"{path}.mean", 0.0),)
    return found


def rate(patient: Patient, factor: float) -> Changes:
    """Multiply the learning rate."""
    learning_rate = float(f"{patient.experiment.optimizer.learning_rate * factor:.6g}")
    return (("optimizer.learning_rate", learning_rate),)


def steps(patient: Patient, factor: int) -> Changes:
    """Train longer."""
    return (("steps", patient.experiment.steps * factor),)


def batch(patient: Patient) -> Changes:
    """Use so many samples in a step that their noise averages out."""
    samples = patient.dataset.samples
    size = max(MANY_SAMPLES, 8 * patient.batch)
    return (("batch.size", "full" if size >= samples else size),)


def standardised(patient: Patient, part: str) -> Changes:
    """Give inputs or targets the mean 0 and the deviation 1, and leave the other as it is."""
    other = {"inputs": "targets", "targets": "inputs"}[part]
    present = getattr(patient.experiment.data, "standardize", None)
    return (("data.standardize", "both" if present == other else part),)


def output(patient: Patient, *, keep_loss: bool = False) -> Changes:
    """Give the output the activation and the loss that fit the targets; or only the activation. Class weights stay."""
    last = len(patient.layers) - 1
    activation, loss = fitting_pair(patient)
    weights = getattr(patient.experiment.loss, "class_weights", None)
    if weights is not None and loss["kind"].endswith("cross-entropy"):
        loss["class_weights"] = weights
    path = f"network.layers.{last}.activation"
    changes: Changes = () if patient.output_kind == activation else ((path, {"kind": activation}),)
    if keep_loss:
        return changes
    return (*changes, ("loss", loss))


def fitting_pair(patient: Patient) -> tuple[str, dict[str, Any]]:
    """Return the output activation and the loss that fit the targets."""
    y = patient.dataset.y_train
    if patient.tells_classes and y.min() < 0:
        return ("identity", {"kind": "hinge"}) if y.shape[1] == 1 else ("tanh", {"kind": "squared-error"})
    if patient.tells_classes:
        if y.shape[1] == 1:
            return "sigmoid", {"kind": "binary-cross-entropy"}
        return "softmax", {"kind": "cross-entropy"}
    if y.min() >= 0 and y.max() <= 1 and set(y.flat[:1000]) <= {0.0, 1.0}:
        return "sigmoid", {"kind": "binary-cross-entropy"}
    return "identity", {"kind": "squared-error"}


def activations(patient: Patient, kind: str) -> Changes:
    """Give all hidden layers another activation with the start that suits it."""
    initializer = STARTS.get(kind, GLOROT)
    changes: Changes = ()
    for number in range(len(patient.hidden)):
        changes += ((f"network.layers.{number}.activation", {"kind": kind}),)
    last = len(patient.hidden)
    changes += tuple((f"network.layers.{number}.weights", initializer) for number in range(last))
    return (*changes, (f"network.layers.{last}.weights", usual_start(patient.layers[-1])))


def leaky(patient: Patient) -> Changes:
    """Let the hidden layers that can be off let a tenth of the gradient through."""
    return tuple(
        (f"network.layers.{number}.activation", LEAKY)
        for number, layer in enumerate(patient.hidden)
        if layer.activation.is_rectifier
    )


def wider(patient: Patient) -> Changes:
    """Widen narrow hidden layers; weights that cannot be drawn for another width are drawn anew."""
    narrow = [number for number, layer in enumerate(patient.hidden) if layer.units <= WIDEST_NARROW]
    changes: Changes = tuple((f"network.layers.{number}.units", WIDE) for number in narrow)
    touched = sorted({*narrow, *(number + 1 for number in narrow)})
    given = [number + 1 for number in touched if has_given_start(patient.layers[number])]
    return (*changes, *start(patient, given)) if given else changes


def biases(patient: Patient) -> Changes:
    """Give a bias to every layer that has none."""
    return tuple(
        (f"network.layers.{number}.biases", ZERO)
        for number, layer in enumerate(patient.layers)
        if layer.biases is None
    )


def without_decay(patient: Patient) -> Changes:
    """Leave the weights to the loss alone."""
    both = (("weight_decay", patient.experiment.weight_decay), ("l1", patient.experiment.l1))
    return tuple((path, 0.0) for path, share in both if share > 0)


def own_labels() -> Changes:
    """Give every sample its own label."""
    return (("data.shuffle_labels", False),)


def unbraked(patient: Patient) -> Changes:
    """Let every layer learn at the whole rate all the time, with gradients as they are."""
    experiment = patient.experiment
    found: Changes = ()
    if any(layer.rate < 1 for layer in patient.layers):
        found += (("network.layers.*.rate", 1.0),)
    if experiment.optimizer.schedule is not None:
        found += (("optimizer.schedule", None),)
    if experiment.clip is not None:
        found += (("clip", None),)
    return found


def hidden_layer(patient: Patient) -> Changes:
    """Put a hidden layer before the only layer."""
    first: dict[str, Any] = {"units": WIDE, "activation": {"kind": "relu"}, "weights": HE, "biases": ZERO}
    last = {
        "units": patient.layers[-1].units,
        "activation": {"kind": patient.output_kind},
        "weights": GLOROT,
        "biases": ZERO,
    }
    return (("network.layers", [first, last]),)
