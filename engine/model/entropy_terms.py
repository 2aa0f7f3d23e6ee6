"""The parts of cross-entropies on a tape: logarithms that do not overflow, shares, clipped outputs, means.

Operands are (samples, outputs); `terms` is one of that shape.
"""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats
from engine.kinds.loss import SAMPLE_WEIGHTS
from engine.model.activations import Softmax
from engine.tape.writer import TapeWriter

SMALLEST_SHARE = 1e-7
"""What outputs are clipped to that are taken for probabilities, from below, and from above to 1 minus this."""


def write_hard_terms_of_z(tape: TapeWriter, z: str, y: str, terms: str) -> None:
    """Append terms = -log p for targets of exactly 0 and 1."""
    signs = tape.scratch("signs", y)
    if tape.batched:
        tape.emit("np.multiply", y, -2.0, out=signs)
        tape.emit("np.add", signs, 1.0, out=signs, formula="s = −1 where y = 1, else 1")
    else:
        tape.arrays[signs][...] = 1.0 - 2.0 * tape.arrays[y]
    tape.emit("np.multiply", z, signs, out=terms, formula=f"s ⊙ {z}, s = −1 where y = 1, else 1")
    write_softplus(tape, terms, terms, formula=f"−log p = log(1 + exp(s ⊙ {z}))")


def write_softplus(tape: TapeWriter, x: str, out: str, formula: str) -> None:
    """Append out = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which does not overflow.

    `np.logaddexp` does the same number by number, and takes up to four times as long.
    """
    rest = tape.scratch("loss_terms_rest", x)
    tape.emit("np.copysign", x, -1.0, out=rest)
    tape.emit("np.exp", rest, out=rest)
    tape.emit("np.log1p", rest, out=rest)
    tape.emit("np.maximum", x, 0.0, out=out)
    tape.emit("np.add", out, rest, out=out, formula=formula)


def write_soft_terms_of_z(tape: TapeWriter, z: str, y: str, terms: str) -> None:
    """Append terms = -y·log(a) - (1 - y)·log(1 - a), both logarithms from z."""
    opposite, other_terms = write_opposite(tape, y), tape.scratch("loss_terms_opposite", z)
    tape.emit("np.negative", z, out=terms)
    write_softplus(tape, terms, terms, formula=f"−log(a) = log(1 + exp(−{z}))")
    write_softplus(tape, z, other_terms, formula=f"−log(1 − a) = log(1 + exp({z}))")
    write_weighted(tape, terms, y)
    write_weighted(tape, other_terms, opposite)
    tape.emit("np.add", terms, other_terms, out=terms)


def write_hard_terms_of_a(tape: TapeWriter, a: str, y: str, terms: str) -> None:
    """Append terms = log p for targets of exactly 0 and 1."""
    tape.emit("np.subtract", a, write_opposite(tape, y), out=terms)
    tape.emit("np.absolute", terms, out=terms, formula="p = probability of the truth")
    tape.emit("np.log", terms, out=terms, formula="log p")


def write_soft_terms_of_a(tape: TapeWriter, a: str, y: str, terms: str) -> None:
    """Append terms = y·log(a) + (1 - y)·log(1 - a)."""
    opposite, other_terms = write_opposite(tape, y), tape.scratch("loss_terms_opposite", a)
    tape.emit("np.log", a, out=terms)
    tape.emit("np.subtract", 1.0, a, out=other_terms)
    tape.emit("np.log", other_terms, out=other_terms)
    write_weighted(tape, terms, y)
    write_weighted(tape, other_terms, opposite)
    tape.emit("np.add", terms, other_terms, out=terms)


def write_opposite(tape: TapeWriter, y: str) -> str:
    """Append the array 1 - y and return its name."""
    opposite = tape.scratch("y_opposite", y)
    if tape.batched:
        tape.emit("np.subtract", 1.0, y, out=opposite)
    else:
        tape.arrays[opposite][...] = 1.0 - tape.arrays[y]
    return opposite


def write_error(tape: TapeWriter, a: str, expected: str, y: str, out: str) -> None:
    """Append out = (a - y)/n, a being times the sum of the targets if they do not sum to 1; with weights, their share."""
    tape.emit("np.subtract", expected, y, out=out)
    times = "" if expected == a else " ⊙ T"
    formula = f"{out} = {of_mean(tape, f'({a}{times} − {y})')}"
    write_share_of_mean(tape, out, formula)
    tape.finish(formula)


def of_all_shares(tape: TapeWriter, a: str, y: str) -> str:
    """Return the name of a, or where targets do not sum to 1 append a times their sum T and return its name."""
    if tape.targets_sum_to_one:
        return a
    total, expected = tape.row("T", y), tape.scratch("loss_expected", a)
    tape.emit("np.add.reduce", y, out=total, options={"axis": 1, "keepdims": True})
    tape.finish(f"T = Σⱼ({y})")
    tape.emit("np.multiply", a, total, out=expected)
    return expected


def shares(tape: TapeWriter, a: str) -> str:
    """Append q = a / Σ a if it is not there yet, and return its name."""
    if "Q" not in tape.arrays:
        total, q = tape.row("S", a), tape.scratch("Q", a)
        tape.emit("np.add.reduce", a, out=total, options={"axis": 1, "keepdims": True})
        tape.finish(f"S = Σⱼ({a})")
        tape.emit("np.divide", a, total, out=q)
        tape.finish(f"Q = {a} / S")
    return "Q"


def clipped(tape: TapeWriter, a: str) -> str:
    """Append p = a, not below 1e-7 and not above 1 - 1e-7, if it is not there yet, and return its name."""
    if "P" not in tape.arrays:
        p = tape.scratch("P", a)
        tape.emit("np.maximum", a, SMALLEST_SHARE, out=p)
        tape.emit("np.minimum", p, 1.0 - SMALLEST_SHARE, out=p)
        tape.finish(f"P = min(max({a}, 0.0000001), 0.9999999)")
    return "P"


def write_unclipped(tape: TapeWriter, a: str, p: str, gradient: str) -> None:
    """Append gradient = gradient / n, or with weights their share, where p, the clipped a, is a, else 0."""
    inside = tape.scratch("loss_inside", a, bool)
    tape.emit("np.equal", p, a, out=inside, formula=f"same({p}, {a})")
    tape.emit("np.multiply", gradient, inside, out=gradient)
    write_share_of_mean(tape, gradient)


def write_terms_of_logits(tape: TapeWriter, z: str, terms: str) -> None:
    """Append terms = log Σ exp(z) - z of a softmax over z that was appended before."""
    logs = tape.row("loss_logs", z)
    tape.emit("np.log", Softmax.total(z), out=logs, formula=f"log Σ exp({z})")
    tape.emit("np.subtract", logs, Softmax.below_largest(z), out=terms, formula="−log p")


def write_weighted(tape: TapeWriter, terms: str, weight: str) -> None:
    """Append terms = weight·terms, 0 where the weight is 0 (so that 0·∞ is no NaN)."""
    unused = tape.scratch(f"{terms}_unused", weight, bool)
    tape.emit("np.multiply", weight, terms, out=terms)
    if tape.batched:
        tape.emit("np.equal", weight, 0.0, out=unused)
    else:
        tape.arrays[unused][...] = tape.arrays[weight] == 0.0
    tape.emit("np.copyto", 0.0, out=terms, options={"where": unused}, formula=f"{weight} ⊙ {terms}")


def write_mean(tape: TapeWriter, terms: str, loss: str, sign: float = 1.0) -> None:
    """Append loss = sign·(sum of the terms of a sample), mean over the samples, each with its weight if it has one."""
    formula = "loss = mean(−log p)"
    if SAMPLE_WEIGHTS in tape.arrays:
        tape.emit("np.multiply", terms, _shares_of_samples(tape), out=terms)
        tape.emit("np.add.reduce", terms, out=loss, options={"axis": None}, formula=formula)
        if sign < 0:
            tape.emit("np.negative", loss, out=loss)
        return
    values = tape.arrays[terms]
    flat, shares = f"{terms}_flat", f"{terms}shares"
    tape.arrays[flat] = values.T.reshape(-1)  # a view: one neuron after the other in memory
    tape.arrays[shares] = np.full(values.size, sign / len(values), values.dtype)
    tape.emit("np.dot", flat, shares, out=loss, formula=formula)


def write_share_of_mean(tape: TapeWriter, gradient: str, formula: str = "") -> None:
    """Append gradient = gradient / n, or with weights times the share of each sample in their sum."""
    if SAMPLE_WEIGHTS in tape.arrays:
        tape.emit("np.multiply", gradient, _shares_of_samples(tape), out=gradient, formula=formula)
    else:
        tape.emit("np.divide", gradient, float(len(tape.arrays[gradient])), out=gradient, formula=formula)


def of_mean(tape: TapeWriter, product: str, sign: str = "") -> str:
    """Return the formula of what `write_share_of_mean` makes of a product."""
    if SAMPLE_WEIGHTS in tape.arrays:
        return f"{sign}{SAMPLE_WEIGHTS} ⊙ {product} / Σ({SAMPLE_WEIGHTS})"
    return f"{sign}{product} / n"


def _shares_of_samples(tape: TapeWriter) -> str:
    """Append the share of each sample in the sum of all weights if it is not there yet, and return its name."""
    share, total = f"{SAMPLE_WEIGHTS}_share", f"{SAMPLE_WEIGHTS}_sum"
    if share in tape.arrays:
        return share
    weights = tape.arrays[SAMPLE_WEIGHTS]
    tape.row(share, SAMPLE_WEIGHTS)
    if tape.batched:
        tape.arrays[total] = np.zeros((), weights.dtype)
        tape.emit("np.add.reduce", SAMPLE_WEIGHTS, out=total, options={"axis": None})
        tape.emit("np.divide", SAMPLE_WEIGHTS, total, out=share)
    else:
        tape.arrays[share][...] = weights / weights.sum()
    return share


def entropy(p: Floats) -> float:
    """Return -Σ p·log(p), in which 0·log(0) counts as 0."""
    positive = p[p > 0]
    return float(-(positive * np.log(positive)).sum())


def entropy_of_shares(frequencies: Floats) -> float:
    """Return the cross-entropy of frequencies that need not sum to 1 with the shares that suit them best."""
    if (frequencies < 0).any():
        return -np.inf
    total = frequencies.sum()
    return float(total) * entropy(frequencies / total) if total > 0 else 0.0
