"""The compiled driver writes the same bits as NumPy's calls, and nothing goes wrong where it cannot be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import AnyArray
from engine.ensemble.sweep import sweep
from engine.experiments.experiment import Experiment
from engine.model.activations import AnyActivation
from engine.native import inner_loops
from engine.native.driver import RECORD, SWITCH, Call, DriverError, Operation, driver_in, load_driver
from engine.native.lowering import lower
from engine.native.records import Way, address
from engine.session.lab import Lab
from engine.training.trainer import Trainer
from tests.builders import (
    MOONS,
    NO_BIASES,
    by_kind,
    constant,
    experiment,
    layer,
    recorded_states,
    same_bits,
    trainer_of,
)

ROOT = Path(__file__).parents[2]
ADAM = {"kind": "adam", "learning_rate": 0.05}
SQUARES = {"loss": {"kind": "squared-error"}}
DIGITS: dict[str, Any] = {
    "data": {"kind": "digits", "train": 60, "test": 0},
    "loss": {"kind": "cross-entropy"},
}

needs_driver = pytest.mark.skipif(load_driver() is None, reason="the driver was not compiled here")


@pytest.fixture
def by_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what makes everything be computed by calls from Python from then on."""
    return partial(monkeypatch.setattr, "engine.native.lowering.load_driver", lambda: None)


EXPERIMENTS: dict[str, Experiment] = {
    **{
        f"{activation} {width}": experiment(layer(width, activation), layer(5, activation), layer(1))
        for activation in by_kind(AnyActivation)
        for width in (1, 7)
    },
    "constant 13": experiment(layer(13, "tanh", constant(0.5)), layer(1, weights=constant(0.5))),
    "no biases": experiment(layer(6, **NO_BIASES), layer(1, **NO_BIASES)),
    "momentum": experiment(layer(7), layer(1), optimizer={"kind": "sgd", "momentum": 0.9, "nesterov": True}),
    "rmsprop": experiment(layer(7), layer(1), optimizer={"kind": "rmsprop"}, weight_decay=0.01),
    "adam": experiment(layer(7), layer(1), optimizer=ADAM),
    "adam in float32": experiment(layer(7), layer(1), optimizer=ADAM, dtype="float32"),
    "float32": experiment(layer(7, "relu"), layer(5, "tanh"), layer(1), dtype="float32"),
    "batches": experiment(layer(7), layer(1), batch={"size": 9}),
    "normalized": experiment(layer(7, "tanh", normalize="batch"), layer(5, normalize="layer"), layer(1)),
    "residual": experiment(layer(5, "tanh"), layer(5, residual=True, dropout=0.2), layer(1)),
    "single samples": experiment(layer(7), layer(1), batch={"size": 1, "shuffle": True}, weight_decay=0.01),
    "dropout": experiment(layer(7, "tanh", dropout=0.3), layer(4, dropout=0.5), layer(1), batch={"size": 9}),
    "blas": experiment(layer(7), layer(1), arithmetic="blas"),
    "squares": experiment(layer(7), layer(1), **SQUARES),
    "losses of outputs": experiment(
        layer(7), layer(1), loss={"kind": "binary-cross-entropy", "computed_from": "outputs"}
    ),
    "softmax": experiment(layer(9, "relu"), layer(10, "softmax"), batch={"size": 16}, **DIGITS),
    "diverging": experiment(
        layer(6, "leaky-relu"),
        layer(1, "identity"),
        optimizer={"kind": "sgd", "learning_rate": 1e4},
        **SQUARES,
    ),
    "low rank": experiment(
        layer(100, "relu"), layer(100, "relu"), layer(1), batch={"size": 4}, weight_decay=0.01
    ),
    "chunks": experiment(layer(100, "relu"), layer(130, "relu"), layer(1), optimizer=ADAM),
}


@needs_driver
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_state_and_loss_of_a_run_is_that_of_calls_bit_for_bit(
    name: str, by_calls: Callable[[], None]
) -> None:
    driven = Lab(EXPERIMENTS[name])
    by_calls()
    called = Lab(EXPERIMENTS[name])
    for lab in (driven, called):
        lab.train(60)
    [one], [other] = driven.lanes, called.lanes
    assert one.trainer.program is not None, "the whole step is done by the driver"
    assert other.trainer.program is None
    assert same_bits(recorded_states(one), recorded_states(other))
    assert same_bits(one.history.losses, other.history.losses)
    assert one.trainer.loss == other.trainer.loss or np.isnan(one.trainer.loss)
    assert same_bits(one.visit(31).theta, other.visit(31).theta)


@needs_driver
@pytest.mark.parametrize("steps", [1, 2, 7, 64, 1000, 3001])
def test_histories_are_thinned_alike(steps: int, by_calls: Callable[[], None]) -> None:
    """Stretches of the driver end where a piece of the memory is full, and begin in the middle of a stride."""
    chosen = experiment(layer(4, "tanh"), layer(1), optimizer=ADAM)
    driven = Lab(chosen, budget=60_000)
    by_calls()
    called = Lab(chosen, budget=60_000)
    done = 0
    for part in (steps, 1, 5, steps, 3, 2):
        done += part
        for lab in (driven, called):
            lab.train(part)
        one, other = driven.lanes[0].history, called.lanes[0].history
        assert (one.length, one.stride, one.keyframes) == (other.length, other.stride, other.keyframes)
        assert one.length == done
        assert same_bits(one.losses, other.losses)
        every = one.stride
        kept = one.keyframes
        assert same_bits(one.states(0, kept, every), other.states(0, kept, every))


@needs_driver
def test_lanes_in_lockstep_and_forks_train_alike(by_calls: Callable[[], None]) -> None:
    variants = [{"name": f"lane {seed}", "set": {"seed": seed}} for seed in range(3)]
    chosen = experiment(layer(7, "tanh", dropout=0.2), layer(1), batch={"size": 9}, variants=variants)
    driven = Lab(chosen)
    by_calls()
    called = Lab(chosen)
    for lab in (driven, called):
        lab.train(23)
        lab.train(40)
    for one, other in zip(driven.lanes, called.lanes, strict=True):
        assert same_bits(recorded_states(one), recorded_states(other))


@needs_driver
def test_a_tape_with_an_operation_that_the_driver_does_not_know_is_done_in_stretches(
    monkeypatch: pytest.MonkeyPatch, by_calls: Callable[[], None]
) -> None:
    known = inner_loops.inner_loop

    def without_tanh(ufunc: np.ufunc, *others: Any) -> Any:
        if ufunc is np.tanh:
            raise inner_loops.LoweringError("tanh")
        return known(ufunc, *others)

    monkeypatch.setattr("engine.native.lowering._VERDICTS", {})
    monkeypatch.setattr("engine.native.records.inner_loop", without_tanh)
    chosen = experiment(layer(7, "tanh"), layer(6, "tanh"), layer(1))
    mixed = trainer_of(chosen)
    stretches = lower(mixed.step.tape.training_calls())
    assert mixed.program is None
    assert [stretch.program is None for stretch in stretches] == [False, True, False, True, False]
    by_calls()
    called = trainer_of(chosen)
    for _ in range(50):
        assert mixed.advance() == called.advance()
    assert same_bits(mixed.theta, called.theta)


@needs_driver
def test_what_is_unknown_breaks_a_program_into_stretches() -> None:
    numbers, result, total = np.linspace(0, 1, 12).reshape(3, 4), np.empty((3, 4)), np.empty((4,))
    calls = [
        partial(np.multiply, numbers, numbers, result),
        partial(np.add.reduce, result, axis=0, out=total),
        partial(np.negative, total, total),
    ]
    stretches = lower(calls)
    assert [(len(stretch.calls), stretch.program is not None) for stretch in stretches] == [
        (1, True),
        (1, False),
        (1, True),
    ]
    for stretch in stretches:
        for call in stretch.quick_calls():
            call()
    assert same_bits(total, -(numbers * numbers).sum(axis=0))


@needs_driver
def test_a_way_that_writes_other_bits_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong way is found out in the trial, and the numbers in the arrays are what they were before it."""

    def wrong(call: partial[object]) -> Any:
        way = Way()
        way.copy(call.args[0], call.args[1])
        yield way

    monkeypatch.setattr("engine.native.lowering._VERDICTS", {})
    monkeypatch.setattr("engine.native.lowering.ways", wrong)
    numbers, result = np.arange(5.0), np.full(5, 7.0)
    [stretch] = lower([partial(np.square, numbers, result)])
    assert stretch.program is None
    assert numbers.tolist() == [0, 1, 2, 3, 4]
    assert result.tolist() == [7] * 5


@needs_driver
def test_another_numpy_without_its_interface_for_compilers_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise AttributeError("_resolve_dtypes_and_context")

    monkeypatch.setattr("engine.native.lowering._VERDICTS", {})
    monkeypatch.setattr("engine.native.inner_loops._FOUND", {})
    monkeypatch.setattr("engine.native.inner_loops._look_up", missing)
    trainer = trainer_of(experiment(layer(4), layer(1)))
    assert trainer.program is None
    trainer.advance()


# The driver and its records


def one_record(operation: Operation, data: list[AnyArray], **fields: Any) -> AnyArray:
    way = Way()
    way.add(operation, [address(array) for array in data], **fields)
    return np.array(way.records, RECORD)


@needs_driver
@pytest.mark.parametrize("steps", [3, 4])
def test_nothing_is_read_or_written_behind_the_rows_that_there_are(steps: int) -> None:
    """Four steps need one row more than there is."""
    prepared, live, saved = np.arange(3.0), np.zeros(1), np.full(4, -1.0)
    feed = one_record(Operation.FEED, [prepared, live], dimensions=(8, 3), strides=(8,))
    save = one_record(Operation.SAVE, [live, saved], dimensions=(8, 3, 1), strides=(0, 8))
    for program in (np.concatenate([feed, save]), save):
        call = Call([program], (prepared, live, saved))
        if steps > 3:
            with pytest.raises(DriverError):
                call.run(steps)
        else:
            assert call.run(steps) == steps
        assert saved[3] == -1.0
    assert saved[:3].tolist() == [2.0, 2.0, 2.0]


@needs_driver
@pytest.mark.parametrize("operation", [-1, len(Operation), 2**40])
def test_an_unknown_operation_is_an_error_and_no_crash(operation: int) -> None:
    record = np.zeros(1, RECORD)
    record["operation"] = operation
    with pytest.raises(DriverError):
        Call([record], ()).once()


@needs_driver
def test_rows_picked_by_numbers_outside_are_the_first_and_the_last(by_calls: Callable[[], None]) -> None:
    rows, numbers, out = np.arange(6.0).reshape(3, 2), np.array([-5, 0, 2, 99]), np.empty((4, 2))
    [stretch] = lower([partial(np.take, rows, numbers, axis=0, mode="clip", out=out)])
    assert stretch.program is not None
    Call([stretch.program], stretch).once()
    assert out.tolist() == [[0, 1], [0, 1], [4, 5], [4, 5]]


@needs_driver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("numbers_apart", [1, 2])
@pytest.mark.parametrize("truths_apart", [1, 3])
@pytest.mark.parametrize("in_place", [True, False])
def test_numbers_times_truth_values_are_those_of_numpy(
    dtype: type[np.floating], numbers_apart: int, truths_apart: int, in_place: bool
) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.choice(
        np.array([1.5, -2.5, 0.0, -0.0, np.inf, np.nan, 1e-30], dtype), (7, 33 * numbers_apart)
    )
    numbers = numbers[:, ::numbers_apart]
    truths = (rng.random((7, 33 * truths_apart)) > 0.5)[:, ::truths_apart]
    out = numbers if in_place else np.empty((7, 33), dtype)
    with np.errstate(all="ignore"):
        wanted: AnyArray = numbers * truths
    [stretch] = lower([partial(np.multiply, numbers, truths, out)])
    assert stretch.program is not None
    assert [record["operation"] for record in stretch.program] == [Operation.MASK]
    Call([stretch.program], stretch).once()
    assert out.tobytes() == wanted.tobytes()


@needs_driver
def test_a_call_ends_soon_after_its_time() -> None:
    """However many steps were asked for: else Stop and Pause would wait for them."""
    one, other = np.zeros(1), np.zeros(1)
    record = one_record(Operation.COPY, [one, other], dimensions=(1, 8), strides=(8, 8))
    assert 1 <= Call([record], (one, other)).run(10**12, 0.001) < 10**9


# Without the driver


def said_by(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_it_can_be_switched_off() -> None:
    code = "from engine.native.driver import load_driver; print(load_driver())"
    assert said_by(code, **{SWITCH: "off"}) == "None"


@needs_driver
def test_a_driver_that_was_built_for_another_state_of_the_program_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its operations could have other numbers."""
    file = Path(load_driver()._name)  # type: ignore[union-attr]
    assert driver_in(file) is not None
    for name, other in (("Operation", [*Operation, "a new one"]), ("INTERFACE_NUMBER", -1)):
        with monkeypatch.context() as patch:
            patch.setattr(f"engine.native.driver.{name}", other)
            assert driver_in(file) is None


def test_a_file_that_is_no_driver_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "_driver.so").write_bytes(b"no library at all")
    code = "from engine.native.driver import load_driver; print(load_driver())"
    assert said_by(code, **{SWITCH: str(tmp_path / "_driver.so")}) == "None"


# Its memory


@pytest.mark.slow
@needs_driver
def test_the_driver_touches_no_memory_that_is_not_its_own(tmp_path: Path) -> None:
    """All of these tests run once more with a driver that a sanitizer watches."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    library = tmp_path / "watched.so"
    watched = [
        "-std=c99",
        "-g",
        "-O1",
        "-fPIC",
        "-shared",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover",
    ]
    subprocess.run([compiler, *watched, ROOT / "engine/native/driver.c", "-o", library], check=True)
    sanitizers = [
        subprocess.run(
            [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = {
        **os.environ,
        SWITCH: str(library),
        "LD_PRELOAD": " ".join(sanitizers),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python keeps memory to its end
        "PYTHONMALLOC": "malloc",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-m", "not slow", __file__],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout, "the watched driver was used"


# Many runs


@pytest.mark.parametrize(
    "fields",
    [{}, {"optimizer": ADAM}, {"batch": {"size": 9}}, {"dtype": "float32"}, {"arithmetic": "blas"}],
    ids=["sgd", "adam", "batches", "float32", "blas"],
)
def test_runs_of_a_sweep_are_those_of_single_trainers_bit_for_bit(fields: dict[str, Any]) -> None:
    rates = ({}, {"optimizer": {**fields.get("optimizer", {"kind": "sgd"}), "learning_rate": 0.2}})
    chosen = [
        experiment(
            layer(5, "tanh", start, dropout=0.2), layer(1, weights=start), seed=seed, **{**fields, **rate}
        )
        for seed in range(7)
        for rate in rates
        for start in ({"kind": "he-normal"}, constant(0.3))
    ]
    dataset = chosen[0].data.load()
    found = sweep(chosen, dataset, 30)
    assert found.losses.shape == (30, len(chosen))
    for number, one in enumerate(chosen):
        alone = Trainer(one, dataset)
        losses = [float(alone.advance()) for _ in range(30)]
        assert found.losses[:, number].tolist() == losses
        assert same_bits(found.parameters[number], alone.theta)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_number_of_threads_changes_no_bit(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [experiment(layer(6, "relu"), layer(1), seed=seed, data=MOONS) for seed in range(12)]
    dataset = chosen[0].data.load()
    expected = sweep(chosen, dataset, 20)
    monkeypatch.setattr("engine.ensemble.sweep.os.cpu_count", lambda: cores)
    found = sweep(chosen, dataset, 20)
    assert same_bits(found.losses, expected.losses)
    assert same_bits(found.parameters, expected.parameters)
    backwards = sweep(chosen[::-1], dataset, 20)
    assert same_bits(backwards.parameters[::-1].copy(), expected.parameters)
