"""The starts that are worth trying on a network: every kind of initializer, with the scales that the literature has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, cast

import msgspec

from engine.model.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    Hadamard,
    HeNormal,
    HeUniform,
    IdentityMatrix,
    LecunNormal,
    Lsuv,
    Normal,
    Orthogonal,
    PyTorchLinear,
    Sparse,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    WeightInitializer,
)

DEVIATIONS = (0.01, 0.1, 0.3, 1.0)
"""The standard deviations that people write without thinking of the width."""

TANH_GAIN, SIGMOID_GAIN = 5.0 / 3.0, 4.0
"""What PyTorch recommends for tanh, and Glorot and Bengio's for the logistic sigmoid."""

ALIKE = 0.03
"""A critical gain is tried unless another one differs by a smaller share."""


def candidates(
    widths: Sequence[int], critical: float | None, present: Sequence[WeightInitializer]
) -> list[WeightInitializer]:
    """Return different starts for layers of these widths (the inputs first), each of which all layers get.

    `critical` is the σw of mean-field theory; the `present` start is among them if all layers have the same.
    """
    found: list[WeightInitializer] = [
        *_by_width(),
        *_orthogonal(critical),
        *_critical(critical),
        *_fixed(widths),
    ]
    found += _without_width()
    if all(weights == present[0] for weights in present) and present[0].fixed_shape is None:
        found.append(present[0])
    return list(dict.fromkeys(found))


def written(weights: WeightInitializer) -> dict[str, Any]:
    """Return a start as it stands in a file, without what is not there: no scale, a mean of 0, a gain of 1."""
    fields = cast("dict[str, Any]", msgspec.to_builtins(weights))
    absent = {("scale", None), ("mean", 0.0), ("gain", 1.0)}
    return {name: value for name, value in fields.items() if (name, value) not in absent}


def _by_width() -> Iterator[WeightInitializer]:
    """Yield those that know how wide layers are."""
    yield from (HeNormal(), HeUniform(), GlorotNormal(), GlorotUniform(), LecunNormal(), PyTorchLinear())
    yield VarianceScaling(scale=2.0, mode="fan_out")
    yield from (GlorotNormal(gain=round(gain, 4)) for gain in (TANH_GAIN, SIGMOID_GAIN))
    yield LecunNormal(gain=2.0)
    yield Lsuv()


def _orthogonal(critical: float | None) -> Iterator[WeightInitializer]:
    gains = [1.0, sqrt(2.0), 2.0]
    if critical is not None and not _is_like(critical, gains):
        gains.append(critical)
    yield from (Orthogonal(gain=round(gain, 4)) for gain in gains)


def _critical(critical: float | None) -> Iterator[WeightInitializer]:
    """Yield independent weights of the critical σw, unless LeCun's or He's are it."""
    if critical is not None and not _is_like(critical, (1.0, sqrt(2.0), 2.0)):
        yield LecunNormal(gain=round(critical, 4))


def _is_like(gain: float, others: Sequence[float]) -> bool:
    return any(abs(gain / other - 1.0) < ALIKE for other in others)


def _fixed(widths: Sequence[int]) -> Iterator[WeightInitializer]:
    """Yield what no seed changes; an identity that widens would leave neurons without weights."""
    yield from (Constant(), Constant(value=0.1), Hadamard())
    if list(widths) == sorted(widths, reverse=True):
        yield IdentityMatrix()


def _without_width() -> Iterator[WeightInitializer]:
    """Yield what is the same for every width."""
    yield from (Normal(std=std) for std in DEVIATIONS)
    yield from (Uniform(low=-0.05, high=0.05), Uniform(low=-0.5, high=0.5), Uniform())
    yield TruncatedNormal()
    yield Sparse(share=0.5, std=0.5)
