"""Signs of a layer that cannot learn: saturated and dead neurons, and the size of its gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Relu, Sigmoid, Tanh
from engine.randomness import Floats
from engine.trainer import Trainer

SATURATED_BELOW = 1e-3
"""A sigmoid or tanh counts as saturated where its derivative is smaller than this."""


@dataclass(frozen=True)
class LayerHealth:
    """One layer at one state, over all training samples; None where a number makes no sense.

    `saturated`: share of (sample, neuron) pairs with |f'(z)| < 1e-3, for sigmoid and tanh. `dead`: share of ReLU
    neurons whose z is at most 0 for every sample although their weights are not all 0.
    """

    gradient_norm: float
    saturated: float | None
    dead: float | None


def layer_health(trainer: Trainer) -> tuple[LayerHealth, ...]:
    """Return the health of every layer of the trainer's present state."""
    tape = trainer.gradient_over_all_samples()
    found: list[LayerHealth] = []
    for number, block in enumerate(trainer.layout.blocks, start=1):
        activation = trainer.experiment.network.layers[number - 1].activation
        z, a, incoming = tape[f"Z{number}"], tape[f"A{number}"], tape[f"P{number}"]
        found.append(
            LayerHealth(
                gradient_norm=float(np.linalg.norm(block.weights(tape["gradient"]))),
                saturated=_saturated(a, activation),
                dead=_dead(z, incoming) if isinstance(activation, Relu) else None,
            )
        )
    return tuple(found)


def _saturated(a: Floats, activation: object) -> float | None:
    if isinstance(activation, Sigmoid):
        slope = a * (1 - a)
    elif isinstance(activation, Tanh):
        slope = 1 - a * a
    else:
        return None
    return float((slope < SATURATED_BELOW).mean())


def _dead(z: Floats, incoming: Floats) -> float:
    silent = (z <= 0).all(axis=0) & (incoming != 0).any(axis=0)
    return float(silent.mean())
