"""What every kind of data has in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, TypeAlias

from msgspec import Meta

from engine.core.registry import Choice
from engine.datasets.dataset import Dataset

Seed: TypeAlias = Annotated[int, Meta(ge=0, lt=2**32)]


class Data(Choice, frozen=True):
    """A kind of data."""

    @abstractmethod
    def load(self) -> Dataset:
        """Return the samples; the same choice gives the same bits every time."""
