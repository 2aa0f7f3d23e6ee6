"""Formulas as people write them: `Z1 = X·W1 + b1`, over names of arrays, numbers and functions.

`·` is a product of matrices or with a number, `⊙` one of single numbers, `ᵀ` a transposed matrix, `′` a derivative. `Σᵢ`
is a sum over the rows of a matrix (samples), `Σⱼ` over its columns (neurons), `Σ` over all numbers. An arrow in place of
the `=` says that the target had a value before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"[A-Za-zα-ω][A-Za-zα-ω0-9_]*")


def names_in(formula: str) -> tuple[str, ...]:
    """Return the names in a formula, each of them once, in the order in which they come."""
    return tuple(dict.fromkeys(NAME.findall(formula)))


def renamed(formula: str, names: Mapping[str, str]) -> str:
    """Return a formula with other names in place of those that are keys of `names`."""
    return NAME.sub(lambda found: names.get(found[0], found[0]), formula)
