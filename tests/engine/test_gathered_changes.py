"""Changes that give all layers, or all hidden ones, the same are told in one, and make the same experiment."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.errors import ExperimentError
from engine.experiments.changes import gathered, with_changes
from tests.builders import experiment, layer

Changes = list[tuple[str, Any]]

VALUES: dict[str, list[Any]] = {
    "weights": [
        {"kind": "normal", "std": 0.5},
        *({"kind": "constant", "value": zero} for zero in (0.0, -0.0)),
    ],
    "weights.std": [0.25, 0.5],
    "biases": [None, {"kind": "constant", "value": 0.0}],
    "activation": [{"kind": "tanh"}, {"kind": "selu"}],
    "rate": [0.5, 1.0],
}
BEFORE = [
    experiment(*(layer(1, weights={"kind": "normal"}) for _ in range(layers)), loss="squared-error")
    for layers in range(1, 6)
]


@st.composite
def some_changes(draw: st.DrawFn, layers: int, fields: list[str]) -> Changes:
    """Values for fields, each of all layers, of the hidden ones or of some, in which one may be another; in any order."""
    changes: Changes = []
    for field in fields:
        some = st.sets(st.integers(0, layers - 1), min_size=1).map(sorted)
        numbers = draw(st.sampled_from([[*range(layers)], [*range(layers - 1)]]) | some)
        usual, other = draw(st.sampled_from(VALUES[field])), draw(st.sampled_from(VALUES[field]))
        odd = draw(st.sampled_from([None, None, *numbers]))
        changes += [(f"network.layers.{n}.{field}", other if n == odd else usual) for n in numbers]
    return list(draw(st.permutations(changes)))


def fields_that_layers_get_alike(changes: Changes, layers: int) -> set[str]:
    """Return the fields of which the first layers, two or more, all get values that are written alike."""
    texts = {path: msgspec.json.encode(value) for path, value in changes}
    alike = {
        field: {texts.get(f"network.layers.{number}.{field}") for number in range(layers)} for field in VALUES
    }
    return {field for field, found in alike.items() if layers > 1 and len(found) == 1 and found != {None}}


def gathered_in(changes: Changes, key: str) -> set[str]:
    start = f"network.layers.{key}."
    return {path.removeprefix(start) for path, _ in changes if path.startswith(start)}


@given(st.data())
def test_a_star_stands_exactly_where_all_layers_get_the_same(data: st.DataObject) -> None:
    layers = data.draw(st.integers(1, 5))
    fields = data.draw(st.lists(st.sampled_from(sorted(VALUES.keys() - {"weights.std"})), unique=True))
    changes = data.draw(some_changes(layers, fields))
    short = gathered(changes, layers)
    everywhere = fields_that_layers_get_alike(changes, layers)
    assert gathered_in(short, "*") == everywhere
    assert gathered_in(short, "hidden") == fields_that_layers_get_alike(changes, layers - 1) - everywhere
    before = BEFORE[layers - 1]
    expected, made = with_changes(before, changes), with_changes(before, short)
    assert msgspec.json.encode(made) == msgspec.json.encode(expected)


@given(st.data())
def test_changes_that_write_over_others_make_the_same_experiment(data: st.DataObject) -> None:
    layers = data.draw(st.integers(1, 5))
    fields = data.draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    changes = [*data.draw(some_changes(layers, fields)), *data.draw(some_changes(layers, fields[:1]))]
    if data.draw(st.booleans()):
        changes.insert(0, ("network.layers.*.weights", {"kind": "normal", "std": 2.0}))
    before = BEFORE[layers - 1]
    try:
        expected = with_changes(before, changes)
    except ExperimentError:  # constants have no deviation
        assume(False)
    made = with_changes(before, gathered(changes, layers))
    assert msgspec.json.encode(made) == msgspec.json.encode(expected)
