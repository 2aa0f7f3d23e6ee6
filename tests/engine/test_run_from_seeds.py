"""A variant from many seeds: each of them gives the numbers of a run alone, however they are trained together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.conditions.grammar import parse_condition
from engine.experiments.experiment import Experiment
from engine.experiments.variants import LaneSpec
from engine.output.result import Ends, run_variants, strict_json
from engine.output.seeds import add_seeds, run_other_seeds
from engine.training.edits import AddNoise
from tests.builders import experiment, layer

STEPS, SEEDS = 40, 5
FAR = {"optimizer": {"kind": "sgd", "learning_rate": 1e9}, "loss": {"kind": "squared-error"}}


def chosen(*, activation: str = "relu", **fields: Any) -> Experiment:
    weights = fields.pop("weights", {"kind": "he-normal"})
    dropout = fields.pop("dropout", 0.0)
    return experiment(
        layer(6, activation, weights, dropout=dropout),
        layer(1, fields.pop("output", "sigmoid")),
        seed=11,
        **fields,
    )


@pytest.mark.parametrize(
    ("started", "condition", "edits"),
    [
        (chosen(), None, ()),
        (chosen(output="identity", **FAR), None, ()),
        (chosen(output="identity", on_divergence="stop", **FAR), None, ()),
        (chosen(batch={"size": 7}, dropout=0.2), None, ()),
        (chosen(weights={"kind": "lsuv"}, optimizer={"kind": "adam"}), None, ()),
        (chosen(), "loss < 0.6", ()),
        (chosen(), None, (AddNoise(0.1, 3, step=10),)),
    ],
    ids=["plain", "diverges", "stops", "random", "lsuv", "until", "edited"],
)
def test_each_of_many_seeds_gives_the_numbers_of_a_run_alone(
    started: Experiment, condition: str | None, edits: tuple[AddNoise, ...]
) -> None:
    ends = Ends(condition=None if condition is None else parse_condition(condition))
    found = run_other_seeds(LaneSpec("test", started), SEEDS, STEPS, None, None, ends, edits)
    assert [one.seed for one in found] == [12, 13, 14, 15]
    for one in found:
        spec = LaneSpec("test", msgspec.structs.replace(started, seed=one.seed))
        [alone] = run_variants([spec], STEPS, curve=False, ends=ends, edits=[edits])
        assert strict_json([one.final, one.status]) == strict_json(
            [alone.report["final"], alone.report["status"]]
        )
    [own] = run_variants([LaneSpec("test", started)], STEPS, curve=False, ends=ends, edits=[edits])
    document: dict[str, Any] = {"variants": [strict_json(dict(own.report))]}
    add_seeds(document, [started.seed], [found])
    assert [one["seed"] for one in document["variants"][0]["seeds"]] == [11, 12, 13, 14, 15]


def test_no_seed_is_finished_when_somebody_has_asked_for_the_end() -> None:
    found = run_other_seeds(LaneSpec("test", chosen()), 9, STEPS, None, None, Ends(lambda: True), ())
    assert all(one.status == "stopped" for one in found)
