"""Formulas as people write them: `Z1 = X·W1 + b1`, over names of arrays, numbers and functions.

`·` is a product of matrices or with a number, `⊙` one of single numbers, `ᵀ` a transposed matrix, `′` a derivative. `Σᵢ`
is a sum over the rows of a matrix (samples), `Σⱼ` over its columns (neurons), `Σ` over all numbers. An arrow in place of
the `=` says that the target had a value before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"[A-Za-zα-ω][A-Za-zα-ω0-9_]*")


def number_text(value: float) -> str:
    """Return a number as formulas write it, with all its digits: 0.1, 5, −0.5."""
    text = repr(abs(value)).removesuffix(".0")
    return f"−{text}" if value < 0 else text


def with_factor(formula: str, factor: float) -> str:
    """Return a formula `θ ← θ − a − b` with a and b multiplied by a factor; one of 1 is left out."""
    if factor == 1.0:
        return formula
    parts = [""]
    for part in formula.split(" − "):
        if parts[-1].count("(") > parts[-1].count(")"):
            parts[-1] += f" − {part}"
        else:
            parts.append(part)
    start, *steps = parts[1:]
    return " − ".join([start, *(f"{step}·{number_text(factor)}" for step in steps)])


def names_in(formula: str) -> tuple[str, ...]:
    """Return the names in a formula, each of them once, in the order in which they come."""
    return tuple(dict.fromkeys(NAME.findall(formula)))


def renamed(formula: str, names: Mapping[str, str]) -> str:
    """Return a formula with other names in place of those that are keys of `names`."""
    return NAME.sub(lambda found: names.get(found[0], found[0]), formula)
