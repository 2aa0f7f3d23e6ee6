"""Reads the formulas of operations as plain NumPy: an oracle that knows nothing but what is written there."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from tests.plain_network import GELU, SELU, SELU_ALPHA, SLOPES, sigmoid

Values: TypeAlias = Mapping[str, Any]

FUNCTIONS: dict[str, Any] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z * 0.01),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: SELU * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z / 2 * (1 + np.tanh(GELU * (z + 0.044715 * z**3))),
    "silu": lambda z: z * sigmoid(z),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hard_sigmoid": lambda z: np.minimum(np.maximum(z + 3, 0), 6) / 6,
    "hard_tanh": lambda z: np.minimum(np.maximum(z, -1), 1),
    "sin": np.sin,
    "cos": np.cos,
    "floor": np.floor,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    "exp": np.exp,
    "abs": np.abs,
    "sign": np.sign,
    "size": np.size,
    "step": lambda m: m > 0,
    "log": np.log,
}
SIGNS = {"−": "-", "ᵀ": ".T", "⊙": "*", "²": "**2", "^": "**", "½": "0.5", "·": "@", "′": "_slope"}


class Number:
    """An array or a number in a formula: `@` is a product of matrices, or one with a number."""

    __array_ufunc__ = None  # so that numbers of NumPy leave the operators to this class

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def T(self) -> Number:
        return Number(self.value.T)

    def __matmul__(self, other: Any) -> Number:
        left, right = self.value, _value(other)
        return Number(left @ right if np.ndim(left) == np.ndim(right) == 2 else left * right)

    def __rmatmul__(self, other: Any) -> Number:
        return Number(other * self.value)

    def __getitem__(self, chosen: Number) -> Number:
        return Number(self.value[chosen.value])

    def __neg__(self) -> Number:
        return Number(-self.value)


def _value(operand: Any) -> Any:
    return operand.value if isinstance(operand, Number) else operand


def _product(left: Any, right: Any) -> Any:
    """Return a product of single numbers; 0·log(0) counts as 0."""
    product = left * right
    if isinstance(product, float):
        return product
    return np.where(np.isnan(product) & ((left == 0) | (right == 0)), 0, product)


_OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": _product,
    "truediv": operator.truediv,
    "pow": operator.pow,
}

for _name, _operator in _OPERATORS.items():
    setattr(Number, f"__{_name}__", lambda self, other, do=_operator: Number(do(self.value, _value(other))))
    setattr(Number, f"__r{_name}__", lambda self, other, do=_operator: Number(do(_value(other), self.value)))


def _called(function: Any) -> Any:
    """Return a function of an operand; of a plain number it is one, too, which takes the precision of arrays."""

    def call(operand: Any) -> Number:
        value = _value(operand)
        result = function(value)
        return Number(float(result) if isinstance(value, float) else result)

    return call


def value_of(formula: str, values: Values, numbers: Values) -> Any:
    """Return what the right side of a formula is, of arrays and numbers by name."""
    right_side = formula.split(" ", 2)[2]
    text = re.sub(r"√([A-Za-z0-9]+)", r"√(\1)", right_side).replace("√", "sqrt")
    for sign, code in SIGNS.items():
        text = text.replace(sign, code)
    text = text.replace("Σᵢ", "sum_i").replace("Σⱼ", "sum_j").replace("Σ", "sum_all")
    slopes = {f"{kind.replace('-', '_')}_slope": slope for kind, slope in SLOPES.items()}
    sums = {
        "sum_i": lambda x: x.sum(axis=0),
        "sum_j": lambda x: x.sum(axis=1, keepdims=True),
        "sum_all": lambda x: x.sum(),
    }
    known: dict[str, Any] = {
        name: _called(function) for name, function in {**FUNCTIONS, **slopes, **sums, "sqrt": np.sqrt}.items()
    }
    for name, function in {"min": np.minimum, "max": np.maximum, "same": np.equal}.items():
        known[name] = lambda one, other, do=function: Number(do(_value(one), _value(other)))
    known["π"] = math.pi
    known |= {name: Number(value) for name, value in {**values, **numbers}.items()}
    with np.errstate(all="ignore"):
        return _value(eval(text, {"__builtins__": {}}, known))
