"""What is recorded: as many states and losses as the memory holds, each exactly as it was, and the curve of all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recording.envelope import Envelope
from engine.recording.history import FEWEST_LOSSES, LOSS_SHARE, History
from engine.report.curve import NoisyCurve

pytestmark = pytest.mark.untraced

SIZE = 3
ROW = SIZE * 8
"""Numbers and bytes of a state here."""


def state_of(step: int | np.ndarray) -> np.ndarray:
    """Return the state that belongs to a step, or (3, steps) those of some: no two steps have the same."""
    return np.array([step, -step, step / 7])


def record(history: History, steps: int) -> None:
    """Go on for so many steps, with the losses 0.5, 1.5, 2.5 …"""
    for _ in range(steps):
        row = history.next_state()
        if row is not None:
            row[...] = state_of(history.length)
        history.append_loss(history.length + 0.5)


def recorded(steps: int, budget: int) -> History:
    history = History(SIZE, np.dtype(np.float64), budget)
    record(history, steps)
    return history


def assert_complete(history: History) -> None:
    """Losses and keyframes are what they were, the curve has all, and every step has a keyframe near before it."""
    every_loss = np.arange(history.length) + 0.5
    np.testing.assert_array_equal(history.losses, every_loss[history.first_loss :])
    assert_same_curve(history.loss_curve(), every_loss)
    assert history.keyframes == -(-history.length // history.stride)
    found = [history.keyframe_before(step) for step in range(history.length)]
    numbers = np.arange(history.length) // history.stride * history.stride
    np.testing.assert_array_equal([number for number, _ in found], numbers)
    states = np.reshape([state for _, state in found], (-1, SIZE))
    np.testing.assert_array_equal(states, state_of(numbers).T)


def assert_same_curve(curve: NoisyCurve, losses: np.ndarray) -> None:
    envelope = Envelope()
    envelope.extend(losses)
    expected = envelope.curve()
    assert (curve.every, curve.length) == (expected.every, expected.length)
    for name in ("low", "high", "mean"):
        np.testing.assert_array_equal(getattr(curve, name), getattr(expected, name))


def test_a_budget_that_is_large_enough_keeps_every_state() -> None:
    history = recorded(5000, 2**20)
    assert (history.stride, history.keyframes, history.length) == (1, 5000, 5000)
    assert_complete(history)


@settings(max_examples=60)
@given(steps=st.integers(0, 700), rows=st.integers(4, 90))
def test_a_small_budget_thins_out_keyframes_and_is_never_exceeded(steps: int, rows: int) -> None:
    history = recorded(steps, rows * ROW)
    assert history.state_bytes <= rows * ROW
    assert_complete(history)


@pytest.mark.parametrize("steps", [100, 1000, 3000])
def test_thinning_keeps_at_least_a_quarter_of_what_the_budget_holds(steps: int) -> None:
    history = recorded(steps, 64 * ROW)
    assert history.stride > 1
    assert history.keyframes >= 16


def test_four_states_are_kept_however_small_the_budget_is() -> None:
    history = recorded(1000, 1)
    assert history.state_bytes <= 4 * ROW
    assert history.keyframes >= 2
    assert_complete(history)


def test_the_first_state_is_never_lost() -> None:
    history = recorded(10_000, 4 * ROW)
    number, state = history.keyframe_before(0)
    assert number == 0
    np.testing.assert_array_equal(state, state_of(0))


@pytest.mark.parametrize("budget", [2**20, 60 * ROW])
def test_states_are_copies_of_any_keyframes(budget: int) -> None:
    history = recorded(1000, budget)
    every = 4 * history.stride
    states = history.states(2 * history.stride, 5, every)
    steps = 2 * history.stride + every * np.arange(5)
    np.testing.assert_array_equal(states, [state_of(step) for step in steps])
    states[...] = 0
    assert_complete(history)


@pytest.mark.parametrize("budget", [ROW, 2**16, 2**18])
def test_losses_fill_their_part_of_the_budget_and_no_more(budget: int) -> None:
    history = recorded(20_000, budget)
    room = max(8 * FEWEST_LOSSES, budget // LOSS_SHARE)
    assert history.loss_bytes <= room
    assert 8 * len(history.losses) >= min(room // 2, 8 * 20_000)
    assert history.first_loss > 0 or room >= 8 * 20_000
    assert history.state_bytes <= max(budget - budget // LOSS_SHARE, 4 * ROW)
    assert_complete(history)


def test_less_memory_drops_the_oldest_losses() -> None:
    history = recorded(20_000, 2**20)
    assert len(history.losses) == 20_000
    history.resize(2**16)
    assert len(history.losses) == 2**16 // LOSS_SHARE // 8
    assert_complete(history)
    record(history, 3000)
    assert_complete(history)


@pytest.mark.parametrize("budget", [ROW, 2**16, 2**20])
@pytest.mark.parametrize("length", [0, 1, 700, 15_000, 19_000, 20_000])
def test_a_history_until_a_step_has_the_losses_before_it_and_goes_on_by_itself(
    length: int, budget: int
) -> None:
    history = recorded(20_000, budget)
    first = history.first_of_stretch(length)
    other = history.until(length, np.arange(first, length) + 0.5)
    assert other.length == length
    np.testing.assert_array_equal(other.losses, np.arange(other.first_loss, length) + 0.5)
    record(other, 5000)
    np.testing.assert_array_equal(other.losses, np.arange(other.first_loss, length + 5000) + 0.5)
    curve, all_losses = other.loss_curve(), np.arange(length + 5000) + 0.5
    for point in range(0, len(curve.low), 7):
        losses = all_losses[point * curve.every : (point + 1) * curve.every]
        assert (curve.low[point], curve.high[point]) == (losses[0], losses[-1])
        assert curve.mean[point] == pytest.approx(losses.mean())
    assert_complete(history)


def test_a_cleared_history_starts_again_in_the_same_memory() -> None:
    history = recorded(3000, 40 * ROW)
    before = history.state_bytes
    history.clear()
    assert (history.length, history.keyframes, history.stride) == (0, 0, 1)
    record(history, 500)
    assert history.state_bytes <= before
    assert_complete(history)


def test_states_of_float32_take_half_the_memory() -> None:
    wide, narrow = (History(SIZE, np.dtype(dtype), 2**12) for dtype in (np.float64, np.float32))
    record(wide, 500)
    record(narrow, 500)
    assert wide.stride == 2 * narrow.stride


def test_memory_that_the_system_does_not_give_is_a_memory_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("engine.recording.history.mmap.mmap", refuse)
    with pytest.raises(MemoryError):
        History(10, np.dtype(np.float64), 10_000).next_state()
