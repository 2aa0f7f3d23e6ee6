"""A step costs in proportion to its work: twice the neurons or twice the samples take at most twice the time.

Run with: pytest -m benchmark tests/benchmarks/test_scaling.py -s
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import thread_time

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.training.trainer import Trainer
from tests.builders import experiment, layer, trainer_of

pytestmark = pytest.mark.benchmark

ROUNDS, WARM_UP = 30, 3
COPIES = 3
"""How many trainers of each size are measured: where their arrays lie in memory makes a difference."""

ROUND_SECONDS = 0.01
ALLOWANCE, BEYOND_THE_CACHE = 1.25, 1.4
"""How much more than in proportion a step may take: 2,400 samples outgrow a second-level cache of 2 MB."""


def wide(width: int) -> Experiment:
    """Return a 784-width-10 network that learns digits in batches of 32."""
    small = {"kind": "normal", "std": 0.05}
    return experiment(
        layer(width, "sigmoid", small),
        layer(10, "softmax", small),
        data={"kind": "mnist", "train": 1000, "test": 0},
        loss={"kind": "cross-entropy"},
        batch={"size": 32},
    )


def long(samples: int) -> Experiment:
    """Return the 2-10-5-1 network of `circles` on so many samples at once."""
    he = {"kind": "he-normal"}
    return experiment(
        layer(10, "relu", he),
        layer(5, "relu", he),
        layer(1, "sigmoid", he),
        data={"kind": "circles", "train": samples, "noise": 0.05, "seed": 1},
        optimizer={"kind": "sgd", "learning_rate": 0.01},
    )


def multiply_adds(trainer: Trainer) -> int:
    """Return how many there are in the products of one step: Z and dW of every layer, and dA of hidden ones."""
    samples = len(trainer.step.outputs)
    blocks = trainer.layout.blocks
    whole = sum(block.rows * block.fan_out for block in blocks)
    return samples * (2 * whole + sum(block.rows * block.fan_out for block in blocks[1:]))


def seconds_of(trainer: Trainer, steps: int) -> float:
    """Return the processor's seconds per step: not those in which it did something else."""
    started = thread_time()
    for _ in range(steps):
        trainer.advance()
    return (thread_time() - started) / steps


def measured_in_turns(sizes: list[list[Trainer]]) -> list[float]:
    """Return the median seconds per step of each size, in rounds that take turns, so that all see the same load."""
    trainers = [trainer for copies in sizes for trainer in copies]
    with np.errstate(all="ignore"):
        counts = [max(1, round(ROUND_SECONDS / seconds_of(trainer, 20))) for trainer in trainers]
        rounds = [
            [seconds_of(trainer, steps) for trainer, steps in zip(trainers, counts, strict=True)]
            for _ in range(WARM_UP + ROUNDS)
        ]
    times = np.array(rounds[WARM_UP:]).reshape(ROUNDS, len(sizes), COPIES)
    return np.median(times, axis=(0, 2)).tolist()


@pytest.mark.parametrize(
    ("build", "sizes", "allowance"),
    [(wide, (64, 128, 256, 512), ALLOWANCE), (long, (300, 600, 1200, 2400), BEYOND_THE_CACHE)],
    ids=["width", "samples"],
)
def test_twice_the_work_takes_at_most_twice_the_time(
    build: Callable[[int], Experiment], sizes: tuple[int, ...], allowance: float
) -> None:
    trainers = [[trainer_of(build(size)) for _ in range(COPIES)] for size in sizes]
    times, work = measured_in_turns(trainers), [multiply_adds(copies[0]) for copies in trainers]
    ratios = [1.0, *(later / earlier for earlier, later in pairwise(times))]
    growths = [1.0, *(later / earlier for earlier, later in pairwise(work))]
    print(f"\n{build.__name__:>6} {'multiply-adds':>14} {'us per step':>12} {'time':>6} {'work':>6}")
    for size, done, seconds, ratio, growth in zip(sizes, work, times, ratios, growths, strict=True):
        print(f"{size:6} {done:14,} {seconds * 1e6:12.1f} {ratio:6.2f} {growth:6.2f}")
    assert all(1.9 < growth <= 2.0 for growth in growths[1:]), (
        "each one does twice the work of the one before"
    )
    assert max(ratios) <= 2 * allowance
