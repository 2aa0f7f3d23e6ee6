"""A cause that comes into question, with what it rests on and the cures to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.symptoms.findings import Cause, Changes, Remedy

Option: TypeAlias = tuple[Remedy, Changes]

PROVED = 100.0
"""The severity of what is proved: that nothing can be learned, whatever else is changed."""


@dataclass(frozen=True)
class Suspect:
    """A cause that comes into question. `options` are tried one after another; the first that cures is its cure."""

    cause: Cause
    severity: float
    options: tuple[Option, ...]
    layers: tuple[int, ...] = ()
    since: int = 0
    numbers: tuple[tuple[str, float], ...] = ()
    is_proved: bool = False
