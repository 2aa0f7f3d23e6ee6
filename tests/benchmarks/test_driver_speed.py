"""The compiled driver against the same engine by calls, against plain NumPy and against a scan compiled by JAX.

float64, on one BLAS thread; this engine computes exactly. It and JAX record every state and loss, plain NumPy neither.
Run with `pytest -m benchmark tests/benchmarks/test_driver_speed.py -s`: one table is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import msgspec
import numpy as np
import pytest

from engine.ensemble.sweep import sweep
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.native import lowering
from engine.native.driver import load_driver
from engine.session.lab import Lab
from tests.benchmarks.peers import measured_in_turns
from tests.benchmarks.scan_peers import AnyNetwork, JaxScan
from tests.benchmarks.test_peers import mnist
from tests.builders import NO_BIASES, Document, experiment, layer

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(load_driver() is None, reason="the driver was not compiled here"),
]

HE: Document = {"kind": "he-normal"}
LECUN: Document = {"kind": "lecun-normal"}
ROUNDS = 60
COMPARED_STEPS = 40
SWEPT_RUNS, SWEPT_STEPS, SWEEP_SECONDS, PREPARING_SECONDS = 4096, 100, 2.0, 0.5


def circles(samples: int, *hidden: int) -> Experiment:
    layers = [layer(units, "relu", HE) for units in hidden]
    return experiment(
        *layers,
        layer(1, "sigmoid", HE),
        data={"kind": "circles", "train": samples, "noise": 0.05, "seed": 1},
        optimizer={"kind": "sgd", "learning_rate": 0.01},
    )


def eight_eight_one() -> Experiment:
    rng = np.random.default_rng(0)
    table = {
        "kind": "table",
        "x": rng.uniform(-1, 1, (72, 8)).tolist(),
        "y": rng.uniform(-1, 1, (72, 1)).tolist(),
    }
    return experiment(
        layer(8, "tanh", LECUN, **NO_BIASES),
        layer(1, "tanh", LECUN, **NO_BIASES),
        data=table,
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 0.05},
    )


NETWORKS: dict[str, tuple[Experiment, int, float]] = {
    "3-4-1, 4 samples": (lane_specs(open_target("columns"), ["random"])[0].experiment, 4000, 12.0),
    "2-4-1, 50 samples": (circles(50, 4), 500, 6.0),
    "8-8-1 tanh, 72 samples": (eight_eight_one(), 500, 3.5),
    "2-10-5-1, 300 samples": (circles(300, 10, 5), 200, 2.0),
    "784-100-10, batch 32": (mnist(100, batch=32), 20, 1.0),
    "784-128-128-10, batch 1": (mnist(128, 128, batch=1), 20, 1.0),
}
"""Experiment, steps of a round, which lasts some milliseconds, and how many times as fast as by calls it is to be."""

Row = tuple[str, list[float]]


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    """Collect rows (network, microseconds of driver, calls, plain NumPy, JAX); they are printed in the end."""
    rows: list[Row] = []
    yield rows
    print(f"\n\n{'us a step':26}{'driver':>9}{'calls':>9}{'NumPy':>9}{'JAX scan':>10}   ratios to the driver")
    for network, (ours, *others) in rows:
        ratios = "  ".join(f"{other / ours:.1f}" for other in others)
        print(f"{network:26}{ours:9.2f}{others[0]:9.2f}{others[1]:9.2f}{others[2]:10.2f}   {ratios}")


@pytest.mark.parametrize("network", NETWORKS)
def test_a_recorded_step_by_the_driver(
    table: list[Row], network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, steps, wanted = NETWORKS[network]
    driven = Lab(chosen)
    with monkeypatch.context() as patch:
        patch.setattr(lowering, "load_driver", lambda: None)
        called = Lab(chosen)
    assert driven.lanes[0].trainer.program is not None
    assert called.lanes[0].trainer.program is None
    peers = [AnyNetwork(driven.lanes[0]), JaxScan(driven.lanes[0])]
    with np.errstate(all="ignore"):
        for program in (driven, called, *peers):
            program.train(COMPARED_STEPS)
    for peer in peers:
        for number, block in enumerate(driven.lanes[0].trainer.layout.blocks, start=1):
            weights = block.weights(driven.lanes[0].trainer.theta)
            np.testing.assert_allclose(peer.parameters()[f"W{number}"], weights, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(peers[1].recorded[1], driven.lanes[0].history.losses, rtol=1e-6)
    assert np.array_equal(driven.lanes[0].history.losses, called.lanes[0].history.losses)
    measured = measured_in_turns(driven, called, *peers, rounds=ROUNDS, steps_per_round=steps)
    table.append((network, [1e6 * seconds for seconds in measured]))
    assert measured[1] / measured[0] >= wanted
    assert measured[3] / measured[0] >= 1.0, "ahead of JAX"


def test_many_runs_on_all_cores() -> None:
    seeds = [msgspec.structs.replace(eight_eight_one(), seed=seed) for seed in range(SWEPT_RUNS)]
    dataset = seeds[0].data.load()
    sweep(seeds[:2], dataset, 1)
    begun = perf_counter()
    sweep(seeds, dataset, 0)
    prepared = perf_counter()
    found = sweep(seeds, dataset, SWEPT_STEPS)
    ended = perf_counter()
    print(
        f"\n{SWEPT_RUNS} runs of 8-8-1: {prepared - begun:.2f} s to prepare, {ended - prepared:.2f} s with "
        f"{SWEPT_STEPS} steps"
    )
    assert np.isfinite(found.losses).all()
    assert prepared - begun <= PREPARING_SECONDS
    assert ended - prepared <= SWEEP_SECONDS
