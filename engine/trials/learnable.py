"""Whether data can be learned at all: neighbours and a linear fit, judged on samples that they have not seen."""

from __future__ import annotations

from typing import cast

import numpy as np

from engine.core.arrays import Bools, Floats
from engine.datasets import Dataset
from engine.trials.outcome import base_rate

FEWEST_SAMPLES = 60
"""With fewer samples nothing can be said."""

MOST_SAMPLES = 1000
"""The most samples that are looked at."""

PARTS = 5
"""Parts of the samples, each of which is predicted from the others."""

NEIGHBOURS = (1, 5, 15)

DEVIATIONS = 3.0
"""A guess is better than chance where it is right more often by so many standard deviations."""

EXPLAINED = 0.05
"""Numbers are predicted better than by their mean where this share of their variance is explained."""

RIDGE = 1e-3


def carries_signal(dataset: Dataset, *, classes: bool) -> bool:
    """Return False where neither neighbours nor a linear fit predict unseen targets better than chance."""
    chosen = np.random.default_rng(0).permutation(dataset.samples)[:MOST_SAMPLES]
    if len(chosen) < FEWEST_SAMPLES:
        return True
    x, y = _standard(dataset.x_train[chosen]), dataset.y_train[chosen]
    part = np.arange(len(chosen)) % PARTS
    guesses = [np.empty_like(y) for _ in range(len(NEIGHBOURS) + 2)]
    for number in range(PARTS):
        seen = part != number
        found = [*_neighbours(x, y, seen), _linear_fit(x, y, seen), _linear_fit(_with_squares(x), y, seen)]
        for guess, values in zip(guesses, found, strict=True):
            guess[~seen] = values
    return any(_better_than_chance(guess, y, classes=classes) for guess in guesses)


def useless_columns(dataset: Dataset) -> tuple[int, int]:
    """Return how many inputs are constant, and how many repeat another one."""
    x = dataset.x_train[:MOST_SAMPLES]
    varying = x[:, np.ptp(x, axis=0) > 0]
    different = len(np.unique(varying.T, axis=0))
    return x.shape[1] - varying.shape[1], varying.shape[1] - different


def _standard(x: Floats) -> Floats:
    with np.errstate(all="ignore"):
        deviation = x.std(axis=0)
        return (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def _neighbours(x: Floats, y: Floats, seen: Bools) -> list[Floats]:
    """Return the mean targets of the nearest samples that were seen, for some numbers of neighbours."""
    others, targets = x[seen], y[seen]
    unseen = x[~seen]
    squares = (unseen**2).sum(axis=1)[:, np.newaxis] + (others**2).sum(axis=1) - 2 * unseen @ others.T
    nearest = np.argsort(squares, axis=1)[:, : max(NEIGHBOURS)]
    return [targets[nearest[:, :count]].mean(axis=1) for count in NEIGHBOURS]


def _with_squares(x: Floats) -> Floats:
    return np.concatenate([x, x**2], axis=1)


def _linear_fit(x: Floats, y: Floats, seen: Bools) -> Floats:
    mean = y[seen].mean(axis=0)
    others = x[seen]
    gram = others.T @ others + RIDGE * len(others) * np.eye(x.shape[1])
    slopes = cast(Floats, np.linalg.solve(gram, others.T @ (y[seen] - mean)))
    return x[~seen] @ slopes + mean


def _better_than_chance(guess: Floats, y: Floats, *, classes: bool) -> bool:
    if classes:
        base = base_rate(y)
        if y.shape[1] == 1:
            right = float(((guess > 0.5) == (y > 0.5)).mean())
            balanced = _balanced(guess[:, 0], y[:, 0] > 0.5)
        else:
            right, balanced = float((guess.argmax(axis=1) == y.argmax(axis=1)).mean()), False
        return balanced or right > base + DEVIATIONS * (base * (1.0 - base) / len(y)) ** 0.5
    error = ((guess - y) ** 2).sum()
    return bool(error < (1.0 - EXPLAINED) * ((y - y.mean(axis=0)) ** 2).sum())


def _balanced(guess: Floats, truth: Bools) -> bool:
    """Return whether a rare class is guessed higher than the other one, which no share of right guesses would show."""
    if not truth.any() or truth.all():
        return False
    ranks = np.argsort(np.argsort(guess)) + 1.0
    few, many = int(truth.sum()), int((~truth).sum())
    area = (ranks[truth].sum() - few * (few + 1) / 2) / (few * many)
    return bool(area > 0.5 + DEVIATIONS * ((few + many + 1) / (12.0 * few * many)) ** 0.5)
