"""What an experiment will take is estimated as a whole before it is compiled, and refused in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.cancellation import Cancelled, cancellable
from engine.core.errors import ExperimentError, InitscopeError
from engine.datasets.drawn import Circles
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import parse_experiment
from engine.experiments.memory import default_limit
from engine.experiments.presets import open_target, preset_names
from engine.experiments.variants import lane_specs, load_alone
from engine.output.result import run_variants
from engine.report.snapshot import Snapshot
from engine.session.commands import Open, Stop
from engine.session.lab import HISTORY_BUDGET, Lab
from engine.session.runner import Runner
from engine.training.edits import AddNoise
from gui.text.error_words import sentence
from tests.builders import document, experiment, layer, refused
from tests.engine.acting import fork
from tests.engine.runners import next_letter

ROOT = Path(__file__).resolve().parents[2]
MANY_SAMPLES = [("data.train", 1_000_000), ("data.test", 0)]


def needed(chosen: Experiment, *, window: bool, limit: float = 0.001) -> float:
    """Return how many gigabytes an experiment is said to need."""
    memory = round(limit * 1e9)
    with pytest.raises(InitscopeError) as caught:
        _ = Lab(chosen, memory=memory) if window else run_variants(lane_specs(chosen), 1, memory=memory)
    said = sentence(caught.value)
    found = caught.value.values["needed"]
    assert isinstance(found, float)
    assert said == (
        f"The experiment needs about {found:,.1f} GB of memory, and {limit:,.1f} GB may be taken; "
        "it needs less with fewer samples, units, variants or points of a curve, and --memory allows more."
    )
    return found


@pytest.mark.parametrize(
    ("units", "window", "least"),
    [(100, True, 3.3), (100, False, 3.3), (10_000, True, 330), (10_000, False, 330)],
)
def test_many_samples_and_units_are_refused_before_they_take_memory(
    units: int, least: float, *, window: bool
) -> None:
    large = open_target("circles", [*MANY_SAMPLES, ("network.layers.0.units", units)])
    assert needed(large, window=window, limit=default_limit() / 1e9) >= least


def test_lanes_layers_dropout_and_precision_count() -> None:
    one = experiment(layer(1000), layer(1))
    deep = experiment(layer(1000), layer(1000), layer(1))
    dropping = experiment(layer(1000, dropout=0.5), layer(1))
    variants = [{"name": str(number)} for number in range(20)]
    many = parse_experiment(json.dumps(document(layer(1000), layer(1), variants=variants)))
    half = experiment(layer(1000), layer(1), dtype="float32")
    recorded = HISTORY_BUDGET / 1e9  # the same for all
    base = needed(one, window=True) - recorded
    assert needed(deep, window=True) - recorded > 1.9 * base
    assert needed(dropping, window=True) - recorded > 1.5 * base
    assert needed(many, window=True) - recorded > 11 * base
    assert needed(half, window=True) - recorded < 0.6 * base


@pytest.mark.parametrize("name", preset_names())
def test_presets_need_little(name: str) -> None:
    Lab(open_target(name), memory=10**9)


def test_a_table_of_a_thousand_classes_is_refused_before_it_is_trained(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("".join(f"{number},c{number % 1000}\n" for number in range(40_000)))
    data = {"kind": "csv", "path": str(path)}
    chosen = experiment(layer(10), layer(1000, "softmax"), data=data, loss={"kind": "cross-entropy"})
    assert needed(chosen, window=True, limit=1.0) > 2


def test_a_small_archive_of_many_samples_is_refused_before_it_is_trained(tmp_path: Path) -> None:
    path = tmp_path / "zeros.npz"
    np.savez_compressed(
        path, x_train=np.zeros((4_000_000, 1), np.uint8), y_train=np.zeros((4_000_000, 1), np.uint8)
    )
    assert path.stat().st_size < 99_000
    data = {"kind": "npz", "path": str(path)}
    chosen = experiment(layer(30), layer(1), data=data, loss={"kind": "squared-error"})
    assert needed(chosen, window=False, limit=1.0) > 4


def test_the_points_of_a_long_curve_are_refused_before_they_are_measured() -> None:
    specs = lane_specs(open_target("columns"))
    with refused("The experiment needs about 600.0 GB of memory, …"):
        run_variants(specs, 10**9 // 3, 1, memory=10**9)
    assert run_variants(specs, 10, 1, memory=10**8)


def test_too_many_variants_are_refused_at_once() -> None:
    variants = [{"name": str(number)} for number in range(20_000)]
    with refused("variants: must be a list of length 100 or less, got 20000", ExperimentError):
        parse_experiment(json.dumps(document(layer(2), layer(1), variants=variants)))


def test_an_experiment_alone_is_estimated_too() -> None:
    with refused("The experiment needs about …"):
        load_alone(open_target("circles", [*MANY_SAMPLES, ("network.layers.0.units", 100)]), 10**9)


MEASURED = """
import sys
from engine.experiments.experiment_file import parse_experiment
from engine.experiments.variants import lane_specs
from engine.output.result import run_variants
from engine.report.probes import Probes
from engine.session.lab import Lab
def peak():
    status = open("/proc/self/status").read()
    return int(status.partition("VmHWM:")[2].split()[0])
chosen = parse_experiment(sys.stdin.buffer.read())
before = peak()
if sys.argv[1] == "window":
    lab = Lab(chosen, budget=0)
    lab.train(6)
    pictures = [lab.snapshot(probes=Probes(causes=True, change=True))]
    lab.move(2)
    pictures.append(lab.snapshot(probes=Probes(causes=True, change=True)))
else:
    run_variants(lane_specs(chosen), 1)
print((peak() - before) * 1024 / 1e9)
"""

CIRCLES = {"kind": "circles", "train": 10_000, "noise": 0.05, "seed": 1}
FEW = {"kind": "circles", "train": 50, "noise": 0.05, "seed": 1}
ADAM = {"kind": "adam", "learning_rate": 0.001}
SHAPES = {
    "one layer": document(layer(100, "relu"), layer(1), data=CIRCLES),
    "gelu": document(layer(100, "gelu"), layer(1), data=CIRCLES),
    "two layers": document(layer(50, "relu"), layer(50, "tanh"), layer(1), data=CIRCLES),
    "mini-batches": document(layer(100, "relu"), layer(1), data=CIRCLES, batch={"size": 32}),
    "dropout": document(layer(100, "relu", dropout=0.5), layer(1), data=CIRCLES),
    "many parameters": document(layer(1500), layer(1500), layer(1), data=FEW),
    "many states": document(layer(1500), layer(1500), layer(1), data=FEW, optimizer=ADAM),
}


@pytest.mark.untraced
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the largest size of a process is asked of Linux"
)
@pytest.mark.parametrize(
    ("shape", "where"),
    [
        *((shape, "run") for shape in ("one layer", "mini-batches", "dropout")),
        *((shape, "window") for shape in ("mini-batches", "many parameters")),
        *(
            pytest.param(shape, "run", marks=pytest.mark.slow)
            for shape in ("gelu", "two layers", "many parameters", "many states")
        ),
        *(pytest.param(shape, "window", marks=pytest.mark.slow) for shape in ("one layer", "many states")),
    ],
)
def test_the_estimate_is_near_what_is_taken(shape: str, where: str) -> None:
    written = json.dumps(SHAPES[shape])
    command = [sys.executable, "-c", MEASURED, where]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, input=written)
    recorded = HISTORY_BUDGET / 1e9 if where == "window" else 0.0
    estimate = needed(parse_experiment(written), window=where == "window") - recorded
    assert 1 / 1.5 < estimate / float(done.stdout) < 1.5


# What nobody wants any more


def test_what_is_useless_is_not_compiled() -> None:
    with cancellable(lambda: True), pytest.raises(Cancelled):
        Lab(open_target("columns"))


def opened(monkeypatch: pytest.MonkeyPatch, runner: Runner, command: Any) -> list[Snapshot]:
    """Return the snapshots of a runner that is given a command while it reads the data of `circles`."""
    load = Circles.load

    def load_and_send(self: Circles) -> Any:
        runner.send(command)
        return load(self)

    monkeypatch.setattr(Circles, "load", load_and_send)
    runner.start()
    runner.send(Open(open_target("circles"), 1))
    letters = [next_letter(runner.mailbox, 30)] if not isinstance(command, Stop) else []
    runner.stop()
    letters.append(runner.mailbox.take())
    return [letter for letter in letters if isinstance(letter, Snapshot)]


def test_opening_another_experiment_cancels_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(monkeypatch, Runner(), Open(open_target("columns"), 2))
    assert {snapshot.opening for snapshot in found} == {2}


def test_stopping_cancels_what_is_being_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner()
    assert not opened(monkeypatch, runner, Stop())


def test_a_new_lane_is_estimated_too() -> None:
    chosen = experiment(layer(1000), layer(1))
    limit = round(1e9 * needed(chosen, window=True))
    lab = Lab(chosen, memory=limit + 1_000_000)
    with refused("The experiment needs about …"):
        fork(lab, 0, AddNoise(std=0.1, seed=0))
    assert len(lab.lanes) == 1
