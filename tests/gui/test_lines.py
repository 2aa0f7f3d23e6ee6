"""Lines through curves: true to every value, and the same alone as together with those of other lanes."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.recording.envelope import Envelope
from engine.report.curve import Curve, smoothed
from gui.present.axes import loss_ceiling
from gui.present.lines import Key, bends, bundles, on_earlier_lines

WIDTHS = (50.0, 230.0, 2000.0)


def curve(points: int, every: int, seed: int, *, one_value: bool = False) -> Curve:
    rng = np.random.default_rng(seed)
    low = rng.standard_normal(points).cumsum()
    return Curve(every, low, low if one_value else low + rng.random(points))


CURVES = {
    (0, 0): curve(300, 4, 0),
    (1, 0): curve(300, 4, 1),
    (2, 0): curve(120, 4, 2),
    (3, 0): curve(300, 1, 3, one_value=True),
    (3, 1): curve(300, 1, 4, one_value=True),
}
"""Two lanes in lockstep, one that is behind, and one with curves of single values."""


def drawn(
    curves: dict[Key, Curve], width: float, *, moving: bool = False
) -> dict[Key, tuple[Floats, Floats]]:
    return {
        key: (bundle.x, y)
        for bundle in bundles(curves, width, moving=moving)
        for key, y in zip(bundle.keys, bundle.y, strict=True)
    }


in_motion = pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])


@pytest.mark.parametrize("width", WIDTHS)
def test_a_line_is_the_same_alone_and_together_with_others(width: float) -> None:
    together = drawn(CURVES, width)
    assert set(together) == set(CURVES)
    for key, its_curve in CURVES.items():
        for ours, alone in zip(together[key], drawn({key: its_curve}, width)[key], strict=True):
            np.testing.assert_array_equal(ours, alone)


@in_motion
@pytest.mark.parametrize("width", WIDTHS)
def test_a_line_touches_the_lowest_and_the_highest_value_and_ends_with_its_curve(
    width: float, moving: bool
) -> None:
    for key, (x, y) in drawn(CURVES, width, moving=moving).items():
        shown = CURVES[key]
        assert (y.min(), y.max()) == (shown.low.min(), shown.high.max())
        assert (np.diff(x) >= 0).all()
        assert 0 == x[0] <= x[-1] <= len(shown.low) * shown.every


def test_a_line_has_few_points_however_long_its_curve_is() -> None:
    for x, _ in drawn(CURVES, 50.0).values():
        assert len(x) <= 50.0
    for x, _ in drawn(CURVES, 50.0, moving=True).values():
        assert len(x) <= 26.0, "and half as many while it grows"


def test_a_gap_stays_a_gap() -> None:
    low = np.arange(40.0)
    low[10:20] = np.nan
    (bundle,) = bundles({(0, 0): Curve(1, low, low)}, 400.0, moving=False)
    np.testing.assert_array_equal(np.isnan(bundle.y[0]), np.isnan(low))


def test_only_points_inside_of_a_level_stretch_are_left_out() -> None:
    heights = np.array([[5.0, 5.0, 5.01, 5.0, 9.0, 9.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    np.testing.assert_array_equal(bends(heights)[0], [True, False, False, True, True, True])
    assert bends(heights)[1].all()


@pytest.mark.parametrize("steps", [1, 7, 64, 5000])
@pytest.mark.parametrize("length", [1, 40, 512, 513, 3000])
def test_a_smoothed_line_is_the_mean_of_the_last_steps(length: int, steps: int) -> None:
    values = np.random.default_rng(0).exponential(size=length)
    envelope = Envelope()
    for part in np.array_split(values, 7):
        envelope.extend(part)
    shown = envelope.curve()
    x, y = smoothed(shown, steps)
    assert x[-1] == length - 1
    covered = max(1, steps // shown.every)  # points whose means are averaged
    for place, (step, mean) in enumerate(zip(x.astype(int), y, strict=True)):
        first = max(0, place - covered + 1) * shown.every
        assert mean == pytest.approx(values[first : step + 1].mean())


def test_a_loss_that_is_not_finite_is_a_gap_in_the_mean_as_long_as_it_is_among_the_last_steps() -> None:
    envelope = Envelope()
    with np.errstate(invalid="ignore"):
        envelope.extend(np.array([1.0, 2.0, np.inf, 4.0, 5.0, 6.0]))
    _, y = smoothed(envelope.curve(), 2)
    np.testing.assert_array_equal(y, [1.0, 1.5, np.nan, np.nan, 4.5, 5.5])


@pytest.mark.parametrize("highest", [0.0, 5e-324, 1e-310, 1.0, 1e300, 1.7e308, sys.float_info.max])
def test_the_loss_axis_ends_at_a_number_whatever_the_loss(highest: float) -> None:
    ceiling = loss_ceiling(highest)
    assert highest <= ceiling <= sys.float_info.max
    assert ceiling > 0


def test_lines_on_earlier_ones_are_found_as_by_comparing_all_of_them_point_by_point() -> None:
    rng = np.random.default_rng(2)
    starts = rng.choice([10.0, 10.8, 14.0, 90.0], (40, 1))
    y = starts + rng.uniform(-0.3, 0.3, (40, 300))
    y[5] = np.nan
    near = (np.abs(y[:, None] - y[None]) < 1.6) & ((y >= 0) & (y <= 50))[:, None]
    expected = np.tril(near.mean(axis=2) > 0.5, -1).sum(axis=1)
    assert expected.max() > 10
    assert on_earlier_lines(y, 1.6, (0.0, 50.0)) == expected.tolist()
