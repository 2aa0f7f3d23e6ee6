"""The kinds of data an experiment file can name. Each loads a Dataset."""

from __future__ import annotations

from typing import TypeAlias

from engine.datasets.base import Data, Seed
from engine.datasets.drawn import Circles, Function, Gaussians, LinearTeacher, Moons, Spirals, Xor
from engine.datasets.files import Csv, NamedArrays, Npz
from engine.datasets.images import Digits, Idx, Mnist
from engine.datasets.tables import Diabetes, Iris, Table

__all__ = ["AnyData", "Data", "Seed"]

AnyData: TypeAlias = (
    Table
    | Circles
    | Moons
    | Xor
    | Gaussians
    | Spirals
    | Function
    | LinearTeacher
    | Iris
    | Diabetes
    | Mnist
    | Digits
    | Idx
    | Npz
    | Csv
    | NamedArrays
)
