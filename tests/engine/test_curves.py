"""Curves of any length in a bounded number of points, without losing an extreme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.arrays import Floats
from engine.recording.envelope import CAPACITY, Envelope
from engine.recording.samples import Samples
from engine.report.curve import Curve

pytestmark = pytest.mark.untraced


def envelope_of(values: Floats, portions: list[int]) -> Envelope:
    """Return the envelope of values that came in portions, again and again of these sizes."""
    envelope = Envelope()
    done = 0
    while done < len(values):
        for portion in portions:
            with np.errstate(invalid="ignore"):  # as the laboratory does it
                envelope.extend(values[done : done + portion])
            done += portion
    return envelope


def stretches(values: Floats, every: int) -> list[Floats]:
    return [values[start : start + every] for start in range(0, len(values), every)]


@settings(max_examples=60)
@given(
    length=st.integers(0, 6 * CAPACITY),
    portions=st.lists(st.integers(1, 3 * CAPACITY), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
)
def test_an_envelope_keeps_the_lowest_and_highest_value_of_every_stretch(
    length: int, portions: list[int], seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=length)
    curve = envelope_of(values, portions).curve()
    parts = stretches(values, curve.every)
    assert curve.low.tolist() == [part.min() for part in parts]
    assert curve.high.tolist() == [part.max() for part in parts]


@pytest.mark.parametrize("length", [1, CAPACITY - 1, CAPACITY, CAPACITY + 1, 100_000])
def test_a_curve_has_at_most_as_many_points_as_a_plot_shows(length: int) -> None:
    curve = envelope_of(np.arange(float(length)), [1000]).curve()
    assert len(curve.low) == len(curve.high) == -(-length // curve.every)
    assert len(curve.low) <= CAPACITY
    assert curve.every == 1 or len(curve.low) > CAPACITY // 2


def test_a_single_spike_among_a_hundred_thousand_steps_is_seen() -> None:
    values = np.zeros(100_000)
    values[77_777] = 5.0
    curve = envelope_of(values, [999]).curve()
    assert curve.high.max() == curve.high[77_777 // curve.every] == 5.0
    assert not curve.low.any()


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_makes_a_gap_and_nothing_else(value: float) -> None:
    values = np.arange(3.0 * CAPACITY)
    values[5] = value
    curve = envelope_of(values, [100]).curve()
    gap = 5 // curve.every
    assert np.isnan(curve.low[gap])
    assert np.isnan(curve.high[gap])
    assert np.isfinite(np.delete(curve.low, gap)).all()
    assert np.isfinite(np.delete(curve.high, gap)).all()


def test_a_curve_of_single_values_is_one_line() -> None:
    curve = envelope_of(np.arange(10.0), [3]).curve()
    assert curve.every == 1
    assert curve.low is curve.high


def test_curves_are_locked_and_do_not_change_as_the_run_goes_on() -> None:
    envelope = envelope_of(np.arange(100.0), [10])
    curve = envelope.curve()
    envelope.extend(np.zeros(5000))
    assert curve.low.tolist() == list(range(100))
    with pytest.raises(ValueError, match="read-only"):
        curve.low[0] = 1.0


def samples_of(lengths: list[int], strides: list[int]) -> tuple[Samples, list[int]]:
    """Return samples of step ↦ (step, -step) brought up to several lengths, and the steps that were asked for."""
    samples, asked = Samples(2), list[int]()

    def compute(first: int, count: int, every: int) -> Floats:
        steps = first + every * np.arange(count)
        assert (steps % stride == 0).all()
        asked.extend(steps.tolist())
        return np.stack([steps, -steps], axis=1).astype(float)

    for length, stride in zip(lengths, strides, strict=True):
        samples.extend(length, stride, compute)
    return samples, asked


@settings(max_examples=60)
@given(
    growths=st.lists(st.integers(0, 2 * CAPACITY), min_size=1, max_size=8),
    powers=st.lists(st.integers(0, 1), min_size=8, max_size=8),
)
def test_samples_are_the_values_at_equal_distances_each_computed_once(
    growths: list[int], powers: list[int]
) -> None:
    lengths = np.cumsum(growths).tolist()
    strides = (2 ** np.cumsum(powers[: len(growths)])).tolist()
    samples, asked = samples_of(lengths, strides)
    rising, falling = samples.curves()
    expected = list(range(0, lengths[-1], rising.every))
    assert rising.low.tolist() == expected
    assert falling.low.tolist() == [-step for step in expected]
    assert len(expected) <= CAPACITY
    assert len(asked) == len(set(asked))


def test_sampled_curves_are_locked() -> None:
    (curve, _) = samples_of([50], [1])[0].curves()
    assert isinstance(curve, Curve)
    assert curve.low is curve.high
    with pytest.raises(ValueError, match="read-only"):
        curve.low[0] = 1.0
