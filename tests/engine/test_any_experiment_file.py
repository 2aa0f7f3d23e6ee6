"""Whatever a file holds, it is read or refused with a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import InitscopeError
from engine.experiments.changes import build_experiment, plain
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.experiments.presets import open_target
from gui.text.error_words import sentence

from .test_experiment_file import CIRCLES, MISSING, PRESETS, Keys, edited, variant_that_sets

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["full", "circles", "relu", "softmax", "adam", "constant", "normal", "*", "0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def places(node: Any, at: Keys = ()) -> list[Keys]:
    """Return the keys of everything inside JSON data."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in [(*at, key), *places(value, (*at, key))]]


@st.composite
def mutated_presets(draw: st.DrawFn) -> Any:
    """Return a preset with up to three places changed, taken away or, by another name, added."""
    found = PRESETS[draw(st.sampled_from(sorted(PRESETS)))]
    for _ in range(draw(st.integers(1, 3))):
        keys = draw(st.sampled_from(places(found)))
        if isinstance(keys[-1], str) and draw(st.booleans()):
            keys = (
                *keys[:-1],
                draw(st.text(max_size=5) | st.sampled_from(["kind", "set", "units", "value"])),
            )
            found = edited(found, keys, draw(JSON))
        else:
            found = edited(found, keys, draw(JSON | st.just(MISSING)))
    return found


def reads_or_explains(text: str | bytes) -> Experiment | None:
    """Return the experiment, or None where it is refused with a sentence; nothing else may happen."""
    try:
        return parse_experiment(text)
    except InitscopeError as error:
        if "is no experiment" in sentence(error):
            raise  # what is wrong has to be named
        return None


@pytest.mark.untraced
@settings(max_examples=300)
@given(mutated_presets())
def test_any_change_of_a_preset_reads_or_is_explained(changed: Any) -> None:
    chosen = reads_or_explains(json.dumps(changed))
    if chosen is not None:
        assert parse_experiment(encode_experiment(chosen)) == chosen


@settings(max_examples=200)
@given(
    target=st.lists(
        st.sampled_from(["network", "layers", "*", "0", "1", "units", "kind", "weights", "variants", "data"])
        | st.text(max_size=4),
        max_size=5,
    ),
    value=JSON,
)
def test_any_change_of_a_variant_reads_or_is_explained(target: list[str], value: Any) -> None:
    reads_or_explains(json.dumps(variant_that_sets({".".join(target): value})))


@settings(max_examples=200)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.booleans())
def test_a_file_with_any_byte_changed_or_cut_anywhere_reads_or_is_explained(
    place: int, byte: int, cut: bool
) -> None:
    text = bytearray(json.dumps(CIRCLES).encode())
    place %= len(text)
    if cut:
        del text[place:]
    else:
        text[place] = byte
    reads_or_explains(bytes(text))


@settings(max_examples=100)
@given(JSON)
def test_any_json_reads_or_is_explained(value: Any) -> None:
    assert reads_or_explains(json.dumps(value)) is None


def test_plain_data_builds_the_same_experiment() -> None:
    for name in PRESETS:
        chosen = open_target(name)
        assert build_experiment(plain(chosen)) == chosen
