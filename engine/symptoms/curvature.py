"""How large a step of gradient descent may be: 2/λ, λ being the largest curvature of the loss over all samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.training.trainer import Trainer

ROUNDS = 30
"""How often a direction is multiplied by the Hessian; its largest eigenvalue is then known to a few percent."""

NUDGE = 1e-4
"""The length of the steps from which a product with the Hessian is found."""

MOST_PARAMETERS = 20_000
"""Networks with more parameters take too long."""


def largest_stable_rate(
    experiment: Experiment, dataset: Dataset, check: Callable[[], object] = lambda: None
) -> float | None:
    """Return the rate above which gradient descent without momentum overshoots at the start.

    None for large networks, and where the loss is flat or curved downwards in its most curved direction. `check` is
    called before each round, and raises where somebody wants this to end.
    """
    trainer = Trainer(experiment, dataset)
    theta = trainer.theta.copy()
    if theta.size > MOST_PARAMETERS or theta.dtype != np.float64:
        return None
    direction: Floats = np.random.default_rng(0).standard_normal(theta.size)
    curvature = 0.0
    for _ in range(ROUNDS):
        check()
        direction = direction / np.linalg.norm(direction)
        change = _gradient(trainer, theta + NUDGE * direction) - _gradient(trainer, theta - NUDGE * direction)
        product: Floats = change / (2.0 * NUDGE)
        curvature = float(direction @ product)
        direction = product
        if not np.isfinite(curvature) or not product.any():
            return None
    return 2.0 / curvature if curvature > 0 else None


def _gradient(trainer: Trainer, theta: Floats) -> Floats:
    trainer.theta[...] = theta
    return trainer.gradient_over_all_samples().gradient.copy()
