"""Sixty-four seeds in one pass, against sixty-four single runs of this engine, one after the other.

Run with `pytest -m benchmark tests/benchmarks -s`; the figures are printed. Both record the loss of every step.
"""

from __future__ import annotations

from time import perf_counter

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.ensemble.stack import Stack
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import parse_experiment
from engine.training.loop import training_conditions
from engine.training.trainer import Trainer
from tests.builders import Document, document, layer

SEEDS = 64
STEPS = 100
ROUNDS = 15
HE = {"kind": "he-normal"}
NETWORKS = {
    "2-4-1 on 50 samples": (50, [layer(4, "relu", HE), layer(1, "sigmoid", HE)]),
    "2-10-5-1 on 300 samples": (300, [layer(10, "relu", HE), layer(5, "relu", HE), layer(1, "sigmoid", HE)]),
}
AT_LEAST = {"2-4-1 on 50 samples": 1.2, "2-10-5-1 on 300 samples": 1.2}
"""How many times as fast as one after the other, each by the driver, where there is one."""


def seeds_of(samples: int, layers: list[Document]) -> list[Experiment]:
    data = {"kind": "circles", "train": samples, "noise": 0.05, "seed": 1}
    fields = document(*layers, data=data, optimizer={"kind": "sgd", "learning_rate": 0.01})
    return [parse_experiment(msgspec.json.encode({**fields, "seed": seed})) for seed in range(SEEDS)]


def one_by_one(trainers: list[Trainer]) -> Floats:
    losses = np.empty((STEPS, SEEDS))
    with training_conditions():
        for run, trainer in enumerate(trainers):
            for step in range(STEPS):
                losses[step, run] = trainer.advance()
    return losses


@pytest.mark.benchmark
@pytest.mark.parametrize("network", NETWORKS)
def test_many_seeds_in_one_pass_against_one_after_the_other(network: str) -> None:
    chosen = seeds_of(*NETWORKS[network])
    dataset = chosen[0].data.load()
    alone = [Trainer(one, dataset) for one in chosen]
    stacked = [Trainer(one, dataset) for one in chosen]
    stack = Stack(stacked)
    seconds: dict[str, list[float]] = {"alone": [], "together": []}
    for _ in range(ROUNDS):
        started = perf_counter()
        losses = one_by_one(alone)
        between = perf_counter()
        together = stack.train(STEPS)
        seconds["alone"].append(between - started)
        seconds["together"].append(perf_counter() - between)
        assert np.array_equal(losses, together)
    ratio = float(np.median(seconds["alone"]) / np.median(seconds["together"]))
    microseconds = {name: 1e6 * np.median(times) / STEPS / SEEDS for name, times in seconds.items()}
    print(
        f"\n{network}: {microseconds['alone']:.1f} us a step alone, {microseconds['together']:.1f} us in one pass of "
        f"{SEEDS} seeds, {ratio:.2f} times as fast"
    )
    assert ratio >= AT_LEAST[network]
