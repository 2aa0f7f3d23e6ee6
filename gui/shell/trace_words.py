"""What `trace` prints for people: every operation of an update with its numbers, in at most 100 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

import numpy as np

from engine.core.arrays import AnyArray
from engine.report.answers import Walk
from gui.text.language import translate

MOST_WHOLE = 8
"""The most rows and columns of a matrix that is printed whole."""
HEAD_ROWS, HEAD_COLUMNS = 3, 7
"""How much is printed of the beginning of a larger one."""
INDENT = "    "
WIDEST_LINE, WIDEST_FORMULA = 100, 80
"""The most characters of a line; formulas leave room for a shape beside them."""


def trace_text(name: str, step: int, walk: Walk) -> str:
    """Return an update of a variant as text."""
    lines = [
        *wrap(
            translate("trace", "{0}, step {1:,}: one update, operation by operation").format(name, step),
            WIDEST_LINE,
        ),
        *_legend(walk),
        "",
        translate("trace", "given"),
    ]
    width = min(max(map(len, (*walk.given, *(done.formula for done in walk.operations)))), WIDEST_FORMULA) + 2
    for given, array in walk.given.items():
        lines += _with_numbers(given, array, width)
    for phase, operations in groupby(walk.operations, key=lambda done: done.phase):
        lines += ["", _phase_name(phase)]
        for done in operations:
            lines += _with_numbers(done.formula, done.value, width)
    return "\n".join(lines)


def _legend(walk: Walk) -> Iterator[str]:
    """Yield what the letters and signs in the formulas stand for."""
    meanings = {
        "η": translate("trace", "learning rate"),
        "λ": translate("trace", "weight decay"),
        "λ1": translate("trace", "l1 penalty"),
        "δ": translate("trace", "where the loss becomes a straight line"),
        "n": translate("trace", "samples"),
        "t": translate("trace", "number of this update"),
    }
    for symbol, number in walk.numbers.items():
        meaning = f" ({meanings[symbol]})" if symbol in meanings else ""
        yield f"{INDENT}{symbol} = {_number(number)}{meaning}"
    for function, formula in walk.functions.items():
        yield f"{INDENT}{function}(z) = {formula}"
    yield INDENT + translate(
        "trace", "· product of matrices, ⊙ of single numbers, ᵀ transposed, ′ derivative"
    )
    yield INDENT + translate(
        "trace", "Σᵢ sum over samples, Σⱼ over neurons; rows are samples, columns neurons"
    )


def _phase_name(phase: str) -> str:
    return {
        "forward": translate("trace", "forward"),
        "loss": translate("trace", "loss"),
        "backward": translate("trace", "backward"),
        "update": translate("trace", "update"),
    }[phase]


def _with_numbers(formula: str, array: AnyArray, width: int) -> Iterator[str]:
    """Yield a formula with the shape of what it gives, and the numbers beneath it."""
    shape = "×".join(map(str, array.shape))
    *above, last = wrap(formula, WIDEST_FORMULA, subsequent_indent=INDENT, break_long_words=False)
    yield from (f"  {line}" for line in above)
    yield f"  {last:<{width}}{shape}".rstrip()
    rows = array.reshape(1, -1) if array.ndim < 2 else array
    if max(rows.shape) <= MOST_WHOLE:
        yield from _aligned(rows)
        return
    yield from _aligned(rows[: MOST_WHOLE if len(rows) <= MOST_WHOLE else HEAD_ROWS], cut=HEAD_COLUMNS)
    if len(rows) > MOST_WHOLE:
        yield f"{INDENT}…"
    yield INDENT + _range(array)


def _aligned(rows: AnyArray, cut: int = MOST_WHOLE) -> Iterator[str]:
    """Yield rows of numbers one below the other; where there are more than eight in a row, the first `cut` of them."""
    is_cut = rows.shape[1] > MOST_WHOLE
    texts = [[_number(value) for value in row[: cut if is_cut else MOST_WHOLE]] for row in rows]
    width = max(len(text) for row in texts for text in row)
    for row in texts:
        yield INDENT + "  ".join(text.rjust(width) for text in row) + ("  …" if is_cut else "")


def _range(array: AnyArray) -> str:
    finite = array[np.isfinite(array)]
    if not finite.size:
        return translate("trace", "no number is finite")
    low, high = _number(finite.min()), _number(finite.max())
    if finite.size == array.size:
        return translate("trace", "from {0} to {1}").format(low, high)
    others = int(array.size - finite.size)
    text = translate("trace", "from {0} to {1}, and {2} that (is|are) not finite", None, others)
    return text.format(low, high, others)


def _number(value: float) -> str:
    return f"{value + 0:.4g}"  # -0.0 is 0


def first_of(names: Sequence[str]) -> str:
    """Return the sentence that says which variant is printed where nobody has chosen one."""
    text = translate("trace", "this is {0}, the first of {1} variants; --variant takes another: {2}")
    return text.format(names[0], len(names), ", ".join(names[1:]))
