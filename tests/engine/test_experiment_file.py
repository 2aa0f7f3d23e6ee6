"""The strict reader: every mistake is one sentence that names the path, and nothing else ever comes out."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import ExperimentError, FileError
from engine.core.registry import kind_of
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment_file import MAX_BYTES, encode_experiment, parse_experiment, read_experiment
from engine.experiments.presets import FOLDER, open_target, preset_names
from engine.experiments.variants import single_variant, variants_of
from engine.model.activations import AnyActivation
from gui.text.error_words import sentence
from tests.builders import by_kind, document, experiment, layer, refused, table

PRESETS = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in preset_names()}
CIRCLES = PRESETS["circles"]
every_preset = pytest.mark.parametrize("name", PRESETS)

Keys = tuple[str | int, ...]
MISSING = object()


def edited(base: Any, keys: Keys, value: Any) -> Any:
    """Return a copy of JSON data with a value put at a place, or taken away from there."""
    found = copy.deepcopy(base)
    node = found
    for key in keys[:-1]:
        node = node[key]
    if value is MISSING:
        del node[keys[-1]]
    else:
        node[keys[-1]] = value
    return found


def keys_of(path: str) -> Keys:
    return tuple(int(key) if key.isdecimal() else key for key in path.split("."))


def refusal(text: Any) -> ExperimentError:
    """Return the error that a document, or the text of a file, is refused with; it is one line."""
    with pytest.raises(ExperimentError) as caught:
        parse_experiment(text if isinstance(text, (str, bytes)) else json.dumps(text))
    assert "\n" not in sentence(caught.value)
    return caught.value


# Good files


@every_preset
def test_a_preset_reads_and_every_variant_fits_its_data(name: str) -> None:
    chosen = open_target(name)
    assert chosen.name == name
    assert chosen.title
    for variant in variants_of(chosen):
        alone = single_variant(chosen, variant)
        assert alone.variants == []
        alone.check_data(alone.data.load())


@every_preset
def test_what_is_written_reads_back_as_the_same_experiment(name: str) -> None:
    chosen = open_target(name)
    text = encode_experiment(chosen)
    assert parse_experiment(text) == chosen
    assert encode_experiment(parse_experiment(text)) == text


def test_what_is_written_is_json_for_people() -> None:
    text = encode_experiment(open_target("circles")).decode()
    assert json.loads(text)["optimizer"]["learning_rate"] == 0.01
    assert len(text.splitlines()) > 50
    assert text.endswith("}\n")


def test_what_is_left_out_has_its_default() -> None:
    chosen = parse_experiment(json.dumps(document(layer(1))))
    assert (chosen.dtype, chosen.arithmetic, chosen.stream, chosen.seed) == ("float64", "exact", "pcg64", 0)
    assert chosen.batch.size == "full"
    assert chosen.network.layers[0].biases is not None


def test_biases_null_means_none() -> None:
    assert experiment(layer(1, biases=None)).network.layers[0].biases is None


def test_an_experiment_is_immutable() -> None:
    with pytest.raises(AttributeError):
        open_target("circles").seed = 4  # type: ignore[misc]


# Mistakes in a field

OPTIONS = {
    "activation": ", ".join(by_kind(AnyActivation)),
    "loss": "squared-error, absolute-error, huber, hinge, binary-cross-entropy, cross-entropy",
    "optimizer": "sgd, rmsprop, adam, adamw, nadam, adagrad",
}
MISTAKES: dict[str, tuple[str, Any, str]] = {
    "unknown field": (
        "epochs",
        5,
        "epochs: is not a field that belongs here; allowed: format, version, name",
    ),
    "unknown field of a layer": (
        "network.layers.1.unit",
        5,
        "network.layers.1.unit: is not a field that belongs here; allowed: units, activation, weights, biases",
    ),
    "unknown field of a choice": (
        "optimizer.momentun",
        0.9,
        "optimizer.momentun: is not a field that belongs here; allowed: kind, learning_rate, momentum, nesterov",
    ),
    "missing field": ("data", MISSING, "data: is missing"),
    "missing field of a layer": ("network.layers.2.units", MISSING, "network.layers.2.units: is missing"),
    "missing kind": ("loss.kind", MISSING, "loss.kind: is missing"),
    "text for a number": (
        "optimizer.learning_rate",
        "fast",
        'optimizer.learning_rate: must be a number, got "fast"',
    ),
    "text for a whole number": (
        "network.layers.0.units",
        "10",
        'network.layers.0.units: must be a whole number, got "10"',
    ),
    "half a neuron": (
        "network.layers.0.units",
        2.5,
        "network.layers.0.units: must be a whole number, got 2.5",
    ),
    "true for a number": ("seed", True, "seed: must be a whole number, got true"),
    "null for a number": ("steps", None, "steps: must be a whole number, got null"),
    "number for a text": ("title", 5, "title: must be text, got 5"),
    "list for a layer": ("network.layers.0", [], "network.layers.0: must be an object"),
    "object for the layers": ("network.layers", {}, "network.layers: must be a list"),
    "null for the network": ("network", None, "network: must be an object"),
    "unknown activation": (
        "network.layers.0.activation.kind",
        "relu6",
        f"network.layers.0.activation.kind: 'relu6' is not known; allowed: {OPTIONS['activation']}",
    ),
    "unknown weights": (
        "network.layers.1.weights.kind",
        "zeroes",
        "network.layers.1.weights.kind: 'zeroes' is not known; allowed: constant, constant-noise, uniform, normal",
    ),
    "unknown loss": ("loss.kind", "mape", f"loss.kind: 'mape' is not known; allowed: {OPTIONS['loss']}"),
    "unknown optimizer": (
        "optimizer.kind",
        "adamax",
        f"optimizer.kind: 'adamax' is not known; allowed: {OPTIONS['optimizer']}",
    ),
    "unknown data": ("data.kind", "rings", "data.kind: 'rings' is not known; allowed: table, circles, moons"),
    "kind that is a number": ("loss.kind", 3, "loss.kind: must be text, got 3"),
    "unknown scale": (
        "network.layers.0.weights",
        {"kind": "normal", "scale": "3/fan_in"},
        "network.layers.0.weights.scale: must be one of 1/fan_in, 2/(fan_in+fan_out), 2/fan_in",
    ),
    "unknown dtype": ("dtype", "float16", 'dtype: must be one of float32, float64, got "float16"'),
    "unknown arithmetic": ("arithmetic", "fast", 'arithmetic: must be one of blas, exact, got "fast"'),
    "unknown stream": ("stream", "philox", 'stream: must be one of mt19937, pcg64, got "philox"'),
    "another format": ("format", "result", 'format: must be one of initscope-experiment, got "result"'),
    "newer version": ("version", 2, "version: 2 was written by a newer program"),
    "version 0": ("version", 0, "version: must be one of 1, got 0"),
    "version as text": ("version", "1", 'version: must be a whole number, got "1"'),
    "no learning": (
        "optimizer.learning_rate",
        0,
        "optimizer.learning_rate: must be a number above 0, got 0",
    ),
    "learning backwards": (
        "optimizer.learning_rate",
        -0.1,
        "optimizer.learning_rate: must be a number above 0, got -0.1",
    ),
    "momentum of 1": ("optimizer.momentum", 1, "optimizer.momentum: must be a number below 1, got 1"),
    "no units": ("network.layers.0.units", 0, "network.layers.0.units: must be a whole number of at least 1"),
    "too many units": (
        "network.layers.0.units",
        10**30,
        "network.layers.0.units: must be a whole number of at most 10000",
    ),
    "negative weight decay": ("weight_decay", -1, "weight_decay: must be a number of at least 0, got -1"),
    "negative seed": ("seed", -1, "seed: must be a whole number of at least 0, got -1"),
    "huge seed": ("seed", 2**32, "seed: must be a whole number of at most 4294967295, got 4294967296"),
    "whole number with a point": ("steps", 5.0, "steps: must be a whole number, got 5.0"),
    "whole number with an exponent": (
        "network.layers.0.units",
        1e19,
        "network.layers.0.units: must be a whole number, got 1e19",
    ),
    "no steps": ("steps", 0, "steps: must be a whole number of at least 1, got 0"),
    "no layers": ("network.layers", [], "network.layers: must be a list"),
    "too many layers": ("network.layers", [{"units": 1}] * 101, "network.layers: must be a list"),
    "number too large": (
        "network.layers.0.weights",
        {"kind": "constant", "value": 10**400},
        "network.layers.0.weights.value: ",
    ),
    "empty name": ("name", "", "name: "),
    "name that is a path": ("name", "../circles", "name: "),
    "name of two lines": ("name", "two\nlines", "name: "),
    "long name": ("name", "x" * 81, "name: "),
    "text in a table": (
        "data",
        table([[1]], [[1]]) | {"x": [[1], ["2"]]},
        'data.x.1.0: must be a number, got "2"',
    ),
    "empty table": ("data", {"kind": "table", "x": [], "y": []}, "data.x: must be a list"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_field_is_one_sentence_that_names_its_path(mistake: str) -> None:
    path, value, said = MISTAKES[mistake]
    assert sentence(refusal(edited(CIRCLES, keys_of(path), value))).startswith(said)


@pytest.mark.parametrize("value", [32.5, "half", 0, -1, None, []])
def test_a_wrong_batch_size_is_refused(value: Any) -> None:
    assert refusal(edited(CIRCLES, ("batch", "size"), value)).path == "batch.size"


@pytest.mark.parametrize("name", ["two words", "dot.ted", "名", ""])
def test_an_unknown_field_is_named_whatever_its_name_is(name: str) -> None:
    assert f"{name}: is not a field that belongs here; allowed: " in sentence(
        refusal(edited(CIRCLES, (name,), 1))
    )


@pytest.mark.parametrize("name", ["two\nlines", "tick`tick", "a - at `$.b", "$", "[0]", "[...]"])
def test_a_field_with_a_strange_name_is_refused_in_one_line(name: str) -> None:
    assert "is not a field that belongs here" in sentence(refusal(edited(CIRCLES, (name,), 1)))


@pytest.mark.parametrize("name", ["two\nlines", "two\rlines", "two\u2028lines"])
def test_a_path_with_a_line_break_stays_one_line(name: str) -> None:
    error = refusal(variant_that_sets({f"{name}.kind": 1}))
    assert len(sentence(error).splitlines()) == 1


# Mistakes in variants


def variant_that_sets(changes: Any) -> Any:
    return edited(CIRCLES, ("variants",), [{"name": "first"}, {"name": "second", "set": changes}])


WRONG_CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "position that is not there": (
        {"network.layers.3.units": 3},
        "network.layers.3: must be a list position from 0 to 2, or * for every one",
    ),
    "position from the end": ({"network.layers.-1.units": 3}, "network.layers.-1: must be a list position"),
    "position that is no number": (
        {"network.layers.last.units": 3},
        "network.layers.last: must be a list position",
    ),
    "wildcard where there is no list": ({"network.*.units": 3}, "network.*: is not there"),
    "path that is not there": ({"optimiser.kind": "adam"}, "optimiser: is not there"),
    "path through a text": ({"name.first": 3}, "name.first: is not there"),
    "field behind a wildcard": ({"network.layers.*.unit": 3}, "network.layers.0.unit: is not a field"),
    "field that is not known": ({"epochs": 3}, "epochs: is not a field"),
    "value of a wrong type": ({"steps": "many"}, 'steps: must be a whole number, got "many"'),
    "kind that is not known": ({"optimizer.kind": "adamax"}, "optimizer.kind: 'adamax' is not known"),
    "combination that makes no sense": (
        {"optimizer": {"kind": "sgd", "nesterov": True}},
        "optimizer.nesterov: needs a momentum above 0",
    ),
}


@pytest.mark.parametrize("mistake", WRONG_CHANGES)
def test_a_wrong_change_of_a_variant_is_one_sentence_that_names_both_places(mistake: str) -> None:
    changes, said = WRONG_CHANGES[mistake]
    assert sentence(refusal(variant_that_sets(changes))).startswith(f"variants.1.set: {said}")


@pytest.mark.parametrize("path", ["", ".", "...", "network.layers..units"])
def test_a_path_without_names_is_refused(path: str) -> None:
    assert sentence(refusal(variant_that_sets({path: 1}))).startswith("variants.1.set")


def test_a_list_position_of_thousands_of_digits_is_refused() -> None:
    error = refusal(variant_that_sets({f"network.layers.{'9' * 5000}.units": 3}))
    assert "must be a list position from 0 to 2" in sentence(error)


@pytest.mark.parametrize("path", ["variants", "variants.0.name", "version", "format"])
def test_a_variant_cannot_change_what_makes_it_a_variant(path: str) -> None:
    assert sentence(refusal(variant_that_sets({path: 1}))) == (
        "variants.1.set: cannot change variants, format or version"
    )


def test_two_variants_of_one_name_are_refused() -> None:
    error = refusal(edited(CIRCLES, ("variants",), [{"name": "he"}, {"name": "xavier"}, {"name": "he"}]))
    assert sentence(error) == "variants.2.name: must differ from the other names, got he again"


def test_a_wildcard_changes_every_layer() -> None:
    chosen = with_changes(open_target("circles"), [("network.layers.*.biases", None)])
    assert [layer.biases for layer in chosen.network.layers] == [None, None, None]


def test_changes_are_made_in_their_order_and_leave_the_original_alone() -> None:
    chosen = open_target("circles")
    before = plain(chosen)
    other = with_changes(chosen, [("network.layers.*.units", 1), ("network.layers.0.units", 7), ("seed", 9)])
    assert [layer.units for layer in other.network.layers] == [7, 1, 1]
    assert other.seed == 9
    assert plain(chosen) == before


# What is no experiment at all

NOT_JSON: dict[str, str | bytes] = {
    "nothing": b"",
    "half": b'{"name": "x"',
    "text": b"hello",
    "python": b"{'name': 'x'}",
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": 1e999}',
    "bytes": b"\xff\xfe\x00",
    "wrong text in a string": b'{"name": "\xff"}',
    "half a surrogate": b'{"name": "\\ud800"}',
    "two objects": b"{} {}",
    "whole number of 5,000 digits": b'{"version": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_is_not_json_is_refused(what: str) -> None:
    assert sentence(refusal(NOT_JSON[what])).startswith(("is not valid JSON (", "is not text in UTF-8"))


@pytest.mark.parametrize("text", ["[]", "1", "null", '"x"', "true"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    assert sentence(refusal(text)) == "must be a JSON object with the fields of an experiment"


def test_a_mistake_in_a_file_names_the_file_and_the_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(edited(CIRCLES, ("steps",), 0)), encoding="utf-8")
    with refused(f"{path}: steps: must be a whole number of at least 1, got 0", FileError):
        read_experiment(path)


def test_a_mistake_in_a_change_names_the_path_of_the_change() -> None:
    with refused("optimizer.learning_rate: must be a number above 0, got -1", ExperimentError):
        open_target("circles", [("optimizer.learning_rate", -1)])


def test_a_file_that_is_not_there_is_named_with_the_shipped_experiments() -> None:
    with refused("circle: is neither a file nor a shipped experiment (circles, columns…", FileError):
        open_target("circle")


def test_a_folder_is_no_experiment(tmp_path: Path) -> None:
    with refused("…cannot be read…", FileError):
        read_experiment(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with refused("…is larger than 64 MB…", FileError):
        read_experiment(path)


def test_hidden_stands_for_all_layers_but_the_outputs() -> None:
    found = with_changes(open_target("circles"), [("network.layers.hidden.activation", "tanh")])
    assert [kind_of(one.activation) for one in found.network.layers] == ["tanh", "tanh", "sigmoid"]
    without = with_changes(found, [("network.layers", [{"units": 1, "activation": "sigmoid"}])])
    with refused("network.layers.hidden: is not there, so nothing can be put at network.layers.hidden.units"):
        with_changes(without, [("network.layers.hidden.units", 3)])
    with refused("variants.hidden: must be a list position from 0 to 3…"):
        with_changes(open_target("circles"), [("variants.hidden.name", "he")])
