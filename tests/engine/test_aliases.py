"""Beginners' names are understood wherever an experiment is written, and files are written in one form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.experiments.aliases import ALIASES
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment, Layer
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.experiments.presets import FOLDER, preset_names
from engine.experiments.schema import kinds_at
from engine.model.activations import LeakyRelu, Sigmoid, Tanh
from engine.model.initializers import Constant, GlorotNormal, HeUniform, Uniform, WeightInitializer
from engine.model.losses import BinaryCrossEntropy, SquaredError
from engine.model.optimizers import Adam, Sgd
from tests.builders import by_kind, document, layer, refused

HOMEWORK: dict[str, Any] = {
    "name": "homework",
    "data": "moons",
    "network": {
        "layers": [
            {"units": 8, "activation": "tanh", "weights": "xavier"},
            {"units": 1, "activation": "logistic", "weights": "zeros", "biases": "ones"},
        ]
    },
    "loss": "bce",
    "optimizer": "adam",
    "variants": [{"name": "he", "set": {"network.layers.*.weights": "Kaiming_uniform"}}],
}


def read(fields: Any) -> Experiment:
    return parse_experiment(json.dumps(fields))


def changed(path: str, value: Any) -> Experiment:
    return parse_experiment(json.dumps(HOMEWORK), [(path, value)])


def first_layer(experiment: Experiment) -> Layer:
    return experiment.network.layers[0]


def test_an_experiment_may_be_written_as_one_says_it() -> None:
    found = read(HOMEWORK)
    assert first_layer(found).activation == Tanh()
    assert first_layer(found).weights == GlorotNormal()
    assert found.output_layer.activation == Sigmoid()
    assert found.output_layer.weights == Constant(value=0.0)
    assert found.output_layer.biases == Constant(value=1.0)
    assert (found.loss, found.optimizer) == (BinaryCrossEntropy(), Adam())


def test_it_is_saved_under_the_names_of_the_kinds() -> None:
    written = json.loads(encode_experiment(read(HOMEWORK)))
    assert written["network"]["layers"][0]["weights"] == {"kind": "glorot-normal", "gain": 1.0}
    assert written["variants"][0]["set"] == {"network.layers.*.weights": {"kind": "he-uniform"}}
    assert read(written) == read(HOMEWORK)


@pytest.mark.parametrize("name", preset_names())
def test_what_needs_no_other_name_is_read_as_it_is_written(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    variants = json.loads(text)["variants"]
    assert json.loads(encode_experiment(parse_experiment(text)))["variants"] == variants


def test_names_can_be_set_and_what_stands_inside_them_too() -> None:
    assert changed("optimizer.learning_rate", 0.1).optimizer == Adam(learning_rate=0.1)
    assert changed("optimizer", "SGD").optimizer == Sgd()
    assert changed("optimizer.kind", "momentum").optimizer == Sgd(momentum=0.9)
    assert changed("loss.kind", "mse").loss == SquaredError()
    assert first_layer(changed("network.layers.0.activation", "Leaky ReLU")).activation == LeakyRelu()
    found = with_changes(read(HOMEWORK), [("network.layers.*.weights", "rand")])
    assert first_layer(found).weights == Uniform(low=0.0, high=1.0)


def test_a_kind_set_by_its_path_brings_what_its_name_stands_for() -> None:
    twos = changed("network.layers.*.weights", {"kind": "constant", "value": 2.0})
    zeros = with_changes(twos, [("network.layers.*.weights.kind", "zeros")])
    assert first_layer(zeros).weights == Constant(value=0.0)
    variant = {"name": "zeros", "set": {"network.layers.1.weights.kind": "zeros"}}
    assert read({**HOMEWORK, "variants": [variant]}).variants[0].set == {
        "network.layers.1.weights.kind": "constant",
        "network.layers.1.weights.value": 0.0,
    }


def test_parameters_stand_beside_the_name() -> None:
    assert changed("optimizer", {"kind": "gd", "learning_rate": 2}).optimizer == Sgd(learning_rate=2.0)
    found = changed("network.layers.0.weights", {"kind": "kaiming-uniform"})
    assert first_layer(found).weights == HeUniform()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("network.layers.0.weights", "xaver", "network.layers.0.weights.kind: 'xaver' is not known; …"),
        ("optimizer", "adamx", "optimizer.kind: 'adamx' is not known; …; the nearest is adam…"),
        ("network.layers.0.activation", "relu6", "…; the nearest is …elu"),
        ("network.layers.0.weights", "kaimin", "…; the nearest is kaiming"),
        ("loss", "qqq", "loss.kind: 'qqq' is not known; allowed: squared-error, …cross-entropy"),
        ("network.layers.0.weights", {"kind": "zeros", "value": 3}, "…'zeros' is not known; …"),
        ("network.layers.0.weights", "file", "network.layers.0.weights.path: is missing…"),
        ("network.layers.0.weights", "linear", "network.layers.0.weights.kind: 'linear' is not known; …"),
        ("data", "moon", "data.kind: 'moon' is not known; …; the nearest is moons"),
        ("optimizer", "a" * 5000, "optimizer.kind: …"),
    ],
)
def test_a_name_that_is_not_known_is_one_sentence_with_the_nearest(path: str, value: Any, said: str) -> None:
    with refused(said):
        changed(path, value)


def test_the_name_of_a_kind_never_means_another() -> None:
    base = document(layer(1))
    for path in ("network.layers.0.activation", "network.layers.0.weights", "loss", "optimizer", "data"):
        assert not {kind.replace("-", "") for kind in kinds_at(path, base)} & set(ALIASES)


@pytest.mark.parametrize("kind", sorted({*by_kind(WeightInitializer)} - {"file", "values"}))
def test_capitals_and_underscores_do_not_matter(kind: str) -> None:
    path = "network.layers.0.weights"
    assert changed(path, kind.upper().replace("-", "_")) == changed(path, {"kind": kind})
