"""This engine side by side with other programs that do the same updates, in one process and on one BLAS thread.

float64; this engine computes exactly and records every step and its loss, the peers record nothing and plain NumPy
computes no loss. Run with `pytest -m benchmark tests/benchmarks/test_peers.py -s`: one table is printed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.session.lab import Lab
from tests.benchmarks.peers import (
    CirclesProgram,
    Peer,
    PlainNumpy,
    PyTorch,
    ScikitLearn,
    measured_in_turns,
    parameters_of,
)
from tests.builders import Document, experiment, layer

pytestmark = pytest.mark.benchmark

ROUNDS = 100
COMPARED_STEPS = 60
LECUN: Document = {"kind": "lecun-normal"}
MNIST: Document = {"kind": "mnist", "pixels": "scaled", "train": 4000}
SAMPLE_BY_SAMPLE, BATCHES_OF_32 = "784-128-128-10, batch 1, decay", "784-100-10, batch 32"
CIRCLES, WIDE = "2-10-5-1, 300 samples", "784-300-100-10, batch 32"
STEPS_PER_ROUND = {CIRCLES: 60, BATCHES_OF_32: 20, SAMPLE_BY_SAMPLE: 20, WIDE: 10}

Row = tuple[str, str, float, float]


def mnist(*hidden: int, batch: int, weight_decay: float = 0.0) -> Experiment:
    layers = [layer(units, "sigmoid", LECUN) for units in hidden]
    return experiment(
        *layers,
        layer(10, "softmax", LECUN),
        data=MNIST,
        loss={"kind": "cross-entropy"},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
        batch={"size": batch},
        weight_decay=weight_decay,
    )


def experiment_of(network: str) -> Experiment:
    if network == CIRCLES:
        return lane_specs(open_target("circles"), ["he"])[0].experiment
    if network == SAMPLE_BY_SAMPLE:
        return mnist(128, 128, batch=1, weight_decay=1e-4)
    return mnist(100, batch=32) if network == BATCHES_OF_32 else mnist(300, 100, batch=32)


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    """Collect rows (network, other, our seconds, their seconds); they are printed in the end."""
    rows: list[Row] = []
    yield rows
    print(f"\n\n{'':32}{'this engine':>14}{'the other':>14}{'ratio':>8}")
    for network, other, ours, theirs in rows:
        print(f"{network:32}{ours * 1e6:11.1f} us{theirs * 1e6:11.1f} us{theirs / ours:8.2f}  {other}")


@pytest.mark.parametrize(
    ("network", "program", "wanted"),
    [
        (CIRCLES, CirclesProgram, 2.0),
        (CIRCLES, PyTorch, 8.0),
        (CIRCLES, ScikitLearn, 40.0),
        (BATCHES_OF_32, PlainNumpy, 1.3),
        (BATCHES_OF_32, PyTorch, 1.3),
        (SAMPLE_BY_SAMPLE, PlainNumpy, 2.0),
        (SAMPLE_BY_SAMPLE, PyTorch, 2.0),
    ],
)
def test_a_recorded_exact_step_against_a_peer(
    table: list[Row], network: str, program: type[Peer], wanted: float
) -> None:
    lab = Lab(experiment_of(network))
    assert lab.lanes[0].trainer.experiment.arithmetic == "exact"
    peer = program(lab.lanes[0])
    check_that_both_do_the_same(lab, peer)
    ours, theirs = measured_in_turns(lab, peer, rounds=ROUNDS, steps_per_round=STEPS_PER_ROUND[network])
    kept = lab.lanes[0].history.stride
    recorded = "every state kept" if kept == 1 else f"in the end every {kept}th state kept"
    table.append((network, f"{program.__name__} ({recorded})", ours, theirs))
    assert len(lab.lanes[0].history.losses) == lab.last_step, "every step is recorded"
    assert theirs / ours >= wanted


def check_that_both_do_the_same(lab: Lab, peer: Peer) -> None:
    with np.errstate(all="ignore"):
        lab.train(COMPARED_STEPS)
        peer.train(COMPARED_STEPS)
    theirs = peer.parameters()
    for name, array in parameters_of(lab.lanes[0]).items():
        np.testing.assert_allclose(theirs[name], array, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("network", "slower"), [(CIRCLES, 2.0), (BATCHES_OF_32, 1.5), (SAMPLE_BY_SAMPLE, 1.5), (WIDE, 1.5)]
)
def test_exact_against_blas_arithmetic(table: list[Row], network: str, slower: float) -> None:
    exact = experiment_of(network)
    labs = [Lab(msgspec.structs.replace(exact, arithmetic=mode)) for mode in ("exact", "blas")]
    ours, blas = measured_in_turns(*labs, rounds=ROUNDS, steps_per_round=STEPS_PER_ROUND[network])
    table.append((network, "this engine with blas arithmetic", ours, blas))
    assert ours / blas <= slower
