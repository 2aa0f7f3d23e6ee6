"""What was done is told in words, as the panel calls it: in the history, for undo, and at marks on the timeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from engine.experiments.changes import plain
from engine.experiments.schema import KIND, fields_at, kinds_in, options_at
from engine.session.commands import SessionAction, Together
from engine.session.recipe import beginning
from engine.training.edits import Set
from gui.editor.consequences import layers_of, layers_of_all
from gui.editor.starting_values import starting_value
from gui.terms.action_words import (
    _WORDS,  # pyright: ignore[reportPrivateUsage]
    words_for,
)
from tests.builders import experiment, layer

WIDE = experiment(layer(3), layer(5), layer(1), variants=[{"name": "a"}, {"name": "b"}])
LAYERS = "network.layers"


def every_setting(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of every field, with its value, and every kind that could stand there."""
    for field in fields_at(path, document):
        inner = f"{path}.{field.name}".lstrip(".")
        value = document
        for key in inner.split("."):
            value = value[int(key) if key.isdecimal() else key]
        if field.name in {"format", "version", "variants", "network", "layers"}:
            continue
        yield inner, value
        kinds = [starting_value(struct) for struct in kinds_in(options_at(inner, document)).values()]
        yield from ((inner, kind) for kind in kinds)
        if isinstance(value, dict):
            yield from every_setting(document, inner)


def test_every_setting_is_told_in_words_without_paths_and_names_of_files() -> None:
    document = plain(WIDE)
    paths = [*every_setting(document), *every_setting(document, f"{LAYERS}.0")]
    assert len(paths) > 100
    for path, value in paths:
        for recipe in (beginning(WIDE), None):
            told = words_for(Set(path, value), recipe)
            label, colon, words = told.partition(": ")
            assert colon
            assert not re.search(r"network|_|\.|" + KIND, label), (path, told)
            assert "{" not in words, (path, told)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Set("network.layers.0.units", 8), "width of layer 1: 8"),
        (
            Set("network.layers.*.weights", {"kind": "constant", "value": 2.0}),
            "weights of all layers: constant, value 2",
        ),
        (Set("network.layers.hidden.activation.kind", "x"), "activation of the hidden layers, kind: x"),
        (
            Set("network.layers.1.weights", {"kind": "normal", "std": 0.25}, lane="a"),
            "weights of layer 2: normal, standard deviation 0.25 (a)",
        ),
        (Set("network.layers.1.weights.std", 0.25), "weights of layer 2, standard deviation: 0.25"),
        (Set("optimizer.learning_rate", 0.001), "optimizer, learning rate: 0.001"),
        (
            Set("optimizer.learning_rate", 0.001, step=20, in_lane="same"),
            "optimizer, learning rate: 0.001, from step 20 on",
        ),
        (
            Set("weight_decay", 0.1, step=20, lane="b"),
            "weight decay: 0.1, from step 20 on, in a new lane (b)",
        ),
        (Set("optimizer", {"kind": "adam", "learning_rate": 0.1}), "optimizer: Adam, learning rate 0.1"),
        (Set("clip", None), "clipping: none"),
        (Set("batch.shuffle", False), "batches, shuffle: no"),
        (Set("no.such.path", 3), "no, such, path: 3"),
    ],
)
def test_a_setting_is_told_as_the_panel_calls_it(action: Set, told: str) -> None:
    assert words_for(action, beginning(WIDE)) == told
    assert words_for(action) == told


@pytest.mark.parametrize(
    ("picks", "told"),
    [
        ([0, 1, 1, 2], "layer 3 added"),
        ([0, {"units": 7}, 1, 2], "layer 2 added"),
        ([1, 2], "layer 1 removed"),
        ([1, 0, 2], "layer 1 moved to place 2"),
        ([2], "layers with widths 1"),
    ],
)
def test_what_was_done_to_layers_is_told(picks: list[Any], told: str) -> None:
    recipe = beginning(WIDE)
    one = Set(LAYERS, layers_of(WIDE, picks))
    assert words_for(one, recipe) == told
    assert words_for(Set(LAYERS, one.value, lane="b"), recipe) == f"{told} (b)"
    assert words_for(layers_of_all(recipe, picks, "same"), recipe) == told


def test_every_action_has_its_words() -> None:
    """An action that nobody has words for could not be listed."""
    told = set(_WORDS) | {Set, Together}
    assert told == set(get_args(SessionAction))
