"""`python main.py trace`: one update, operation by operation, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.experiments.presets import open_target, preset_names
from engine.experiments.variants import LaneSpec, lane_specs, load_alone
from engine.insight.tracer import walk_through
from engine.output.trace_document import trace_document
from engine.training.trainer import Trainer
from gui.shell.trace_words import trace_text
from tests.builders import advance, constant, document, experiment, layer, table, trainer_of
from tests.command_line import (
    GUI_PACKAGES,
    complaint,
    experiment_file,
    main,
    output,
    result,
    strict,
)

FIELDS = {"phase", "layer", "formula", "target", "reads", "shape", "value"}


def trace(*arguments: object, **how: Any) -> Any:
    """Return the JSON of `trace … --json`."""
    return strict(output("trace", *arguments, "--json", **how))


@pytest.fixture(scope="module")
def columns() -> Any:
    """Return the update of step 3 of `columns`, without the packages of the window."""
    return trace("columns", "--variant", "random", "--step", 3, missing=GUI_PACKAGES)


def value(traced: Any, target: str) -> Any:
    """Return the last value of a target."""
    return np.array([done["value"] for done in traced["operations"] if done["target"] == target][-1])


def test_a_trace_has_the_fields_of_the_contract(columns: Any) -> None:
    assert (columns["format"], columns["version"]) == ("initscope-trace", 1)
    assert (columns["variant"], columns["step"]) == ("random", 3)
    assert {frozenset(done) for done in columns["operations"]} == {frozenset(FIELDS)}
    assert columns["operations"][0] | {"value": None} == {
        "phase": "forward",
        "layer": 1,
        "formula": "Z1 = X·W1",
        "target": "Z1",
        "reads": ["X", "W1"],
        "shape": [4, 4],
        "value": None,
    }


def test_the_operations_of_columns_are_those_of_a_textbook(columns: Any) -> None:
    targets = [done["target"] for done in columns["operations"]]
    assert targets == ["Z1", "A1", "Z2", "A2", "L", "dA2", "dZ2", "dW2", "dA1", "dZ1", "dW1", "W1", "W2"]
    phases = list(dict.fromkeys(done["phase"] for done in columns["operations"]))
    assert phases == ["forward", "loss", "backward", "update"]


def test_values_have_the_shapes_that_are_said(columns: Any) -> None:
    assert all(list(np.shape(done["value"])) == done["shape"] for done in columns["operations"])
    assert all(list(np.shape(given["value"])) == given["shape"] for given in columns["given"].values())
    assert next(done["shape"] for done in columns["operations"] if done["target"] == "L") == []


def test_whatever_is_read_was_given_or_computed_before(columns: Any) -> None:
    known = set(columns["given"])
    for done in columns["operations"]:
        assert set(done["reads"]) <= known
        known.add(done["target"])


def test_a_trace_begins_and_ends_with_the_weights_of_a_run(columns: Any) -> None:
    for steps, weights in (
        (3, [columns["given"][name]["value"] for name in ("W1", "W2")]),
        (4, [value(columns, name).tolist() for name in ("W1", "W2")]),
    ):
        [run] = result("columns", "--variant", "random", "--steps", steps, "--weights")["variants"]
        assert run["weights"] == weights


def test_a_trace_computes_what_anybody_can_check(columns: Any) -> None:
    given = {name: np.array(entry["value"]) for name, entry in columns["given"].items()}
    a1 = 1 / (1 + np.exp(-given["X"] @ given["W1"]))
    a2 = 1 / (1 + np.exp(-a1 @ given["W2"]))
    assert value(columns, "L") == pytest.approx(0.5 * ((a2 - given["Y"]) ** 2).sum(), rel=1e-12)
    assert columns["numbers"] == {"η": 1.0}
    updated = given["W1"] - columns["numbers"]["η"] * value(columns, "dW1")
    assert (value(columns, "W1") == updated).all()


def test_without_a_variant_it_is_the_first_and_says_so() -> None:
    done = main("trace", "columns", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        "initscope: this is zeros, the first of 3 variants; --variant takes another: constant-2, random\n"
    )
    assert strict(done.stdout)["variant"] == "zeros"


def test_numbers_that_are_not_finite_are_strings(tmp_path: Path) -> None:
    exploding = document(
        layer(2, "relu", constant(1e200)),
        layer(1, "identity", constant(1e200)),
        loss={"kind": "squared-error"},
    )
    traced = trace(experiment_file(tmp_path, exploding))
    assert value(traced, "L") == "inf"
    assert "nan" in {text for row in value(traced, "W1").tolist() for text in row}


def test_settings_change_what_is_traced() -> None:
    traced = trace("columns", "--variant", "zeros", "--set", "optimizer.momentum=0.5")
    formulas = [done["formula"] for done in traced["operations"]]
    assert {"vW1 ← momentum·vW1 + dW1", "W1 ← W1 − η·vW1"} <= set(formulas)


def test_a_lane_of_a_session_is_traced_with_its_edits(tmp_path: Path) -> None:
    session = {
        "format": "initscope-session",
        "version": 1,
        "experiment": document(layer(2), layer(1)),
        "actions": [{"do": "set-weight", "step": 2, "layer": 1, "row": 0, "neuron": 1, "value": 7.5}],
    }
    traced = trace(experiment_file(tmp_path, session), "--variant", "test + nudge at 2", "--step", 2)
    assert traced["given"]["W1"]["value"][0][1] == 7.5


def test_a_variant_that_is_not_there_is_refused_in_one_sentence() -> None:
    assert "constant-2" in complaint("trace", "columns", "--variant", "none")
    assert "--step" in complaint("trace", "columns", "--step", "-1")


def test_people_read_the_formula_its_shape_and_every_number() -> None:
    text = output("trace", "columns", "--variant", "constant-2")
    assert "\n  Z1 = X·W1                 4×4\n    4.8  4.8  4.8  4.8\n      8    8    8    8\n" in text
    assert "\nbackward\n" in text
    assert "    η = 1 (learning rate)\n    sigmoid(z) = 1 / (1 + exp(−z))\n" in text


@pytest.mark.parametrize(
    "spec",
    [spec for name in preset_names() for spec in lane_specs(open_target(name))],
    ids=lambda spec: spec.name,
)
def test_the_text_fits_100_columns(spec: LaneSpec) -> None:
    trainer = Trainer(spec.experiment, load_alone(spec.experiment))
    advance(trainer, 1)
    lines = trace_text(spec.name, 1, walk_through(trainer)).splitlines()
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("batch", ["full", 2])
def test_however_long_formulas_and_names_are_the_text_fits(batch: Any) -> None:
    one_cycle = {
        "kind": "nadam",
        "learning_rate": 0.0123456789,
        "schedule": {"kind": "one-cycle", "share": 1 / 3},
    }
    deep = [layer(9, "gelu", rate=1 / 3) for _ in range(12)]
    chosen = experiment(
        *deep, layer(1), optimizer=one_cycle, batch={"size": batch}, clip={"kind": "norm", "limit": 1 / 3}
    )
    walk = walk_through(trainer_of(chosen))
    text = trace_text("a long name " * 20, 7, walk)
    assert max(map(len, text.splitlines())) <= 100
    assert all(done.formula in " ".join(text.split()) for done in walk.operations), "nothing is left out"


def test_large_matrices_are_their_beginning_and_their_range() -> None:
    x = np.arange(60.0).reshape(6, 10)
    chosen = experiment(layer(2), layer(1), data=table(x, [[0], [1]] * 3))
    lines = trace_text("large", 0, walk_through(trainer_of(chosen))).splitlines()
    place = next(number for number, line in enumerate(lines) if line.split() == ["X", "6×10"])
    assert lines[place + 1] == "     0   1   2   3   4   5   6  …"
    assert lines[place + 7] == "    from 0 to 59"


def test_a_document_of_a_trace_is_plain_data() -> None:
    walk = walk_through(trainer_of(experiment(layer(2, dropout=0.5), layer(1), batch={"size": 4})))
    traced = trace_document("some", 0, walk)
    assert json.loads(json.dumps(traced)) == traced
    batch = traced["operations"][0]
    assert (batch["formula"], batch["shape"]) == ("batch = samples(step)", [4])
    assert all(isinstance(number, int) for number in batch["value"])
