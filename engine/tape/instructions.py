"""A training step as a list: labelled instructions over named, preallocated arrays.

The same list is run, stepped through, explained and exported. A tape knows nothing of networks; `compiler` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

import numpy as np

from engine.core.arrays import AnyArray, Floats


class Phase(str, Enum):
    """A part of a step, in the order in which the parts happen."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One array operation of a step.

    `layer` counts from 1; 0 is an operation on all parameters at once. `formula` is for people (`Z1 = X·W1 + b1`),
    `source` is the same line as NumPy code over the tape's arrays, `call` does it; `target` names the array it writes.
    What is only `for_show` is skipped in training: nothing that follows needs it.
    """

    phase: Phase
    layer: int
    formula: str
    source: str
    target: str
    call: partial[object]
    for_show: bool = False


_FORMULAS: dict[str, str] = {
    "np.add": "{0} + {1}",
    "np.subtract": "{0} − {1}",
    "np.multiply": "{0} ⊙ {1}",
    "np.divide": "{0} / {1}",
    "np.maximum": "max({0}, {1})",
    "np.minimum": "min({0}, {1})",
    "np.greater": "{0} > {1}",
    "np.negative": "−{0}",
    "np.absolute": "|{0}|",
    "np.reciprocal": "1 / {0}",
    "np.square": "{0}²",
    "np.sqrt": "√{0}",
    "np.power": "{0} ^ {1}",
    "np.add.reduce": "sum({0})",
    "np.maximum.reduce": "max({0})",
    "np.copyto": "{0}",
}

# NumPy deprecates a positional out for these.
_KEYWORD_OUT = {"np.maximum", "np.minimum"}


class TapeWriter:
    """Collects named arrays and the instructions over them.

    Operands are names of arrays, optionally with `.T`, or numbers. An instruction is bound to its arrays at once, so
    running it looks nothing up. `hard_targets` says that every target is exactly 0 or 1, `one_hot_targets` that
    moreover one target of each sample is 1, `batched` that the targets change from step to step. `aliases` lets
    instructions speak of one array (`theta`) and mean another (a part of it).
    """

    def __init__(self, dtype: np.dtype[Any], targets: Floats | None = None, *, batched: bool = False) -> None:
        self.dtype = dtype
        self.hard_targets = self.one_hot_targets = False
        if targets is not None:
            self.hard_targets = bool(np.isin(targets, (0.0, 1.0)).all())
            self.one_hot_targets = self.hard_targets and bool((targets.sum(axis=1) == 1.0).all())
        self.batched = batched
        self.arrays: dict[str, AnyArray] = {}
        self.aliases: dict[str, str] = {}
        self.instructions: list[Instruction] = []
        self.phase = Phase.FORWARD
        self.layer = 0
        self.for_show = False

    def at(self, phase: Phase, layer: int = 0) -> None:
        """Label the instructions that follow."""
        self.phase, self.layer = phase, layer

    def resolve(self, operand: str | float) -> Any:
        """Return the array (or 0-d array, for a number) that an operand stands for."""
        if not isinstance(operand, str):
            # A 0-d array costs less per call than a Python number.
            with np.errstate(over="ignore"):  # beyond float32 a number is infinite there
                return np.asarray(operand, dtype=self.dtype)
        if operand.startswith("'"):
            return operand.strip("'")
        name, dot, _ = operand.partition(".T")
        array = self.arrays[name]
        return array.T if dot else array

    def scratch(self, name: str, like: str, dtype: type | None = None) -> str:
        """Make a working array of the shape and memory order of `like` and return its name."""
        self.arrays[name] = np.zeros_like(self.arrays[like], dtype=dtype)
        return name

    def row(self, name: str, like: str) -> str:
        """Make a working array with one number per sample, (samples, 1), and return its name."""
        self.arrays[name] = np.zeros((self.arrays[like].shape[0], 1), self.dtype)
        return name

    def emit(
        self,
        function: str,
        *operands: str | float,
        out: str,
        formula: str = "",
        options: dict[str, Any] | None = None,
    ) -> None:
        """Append `out = function(operands)`; `function` is a NumPy name such as `np.multiply` or `np.add.reduce`."""
        out = self.aliases.get(out, out)
        operands = tuple(self.aliases.get(o, o) if isinstance(o, str) else o for o in operands)
        target = self.resolve(out)
        arguments = [self.resolve(operand) for operand in operands]
        options = options or {}
        bound = _lookup(function)
        named = {key: self.resolve(v) if isinstance(v, str) else v for key, v in options.items()}
        extra = "".join(f", {key}={value}" for key, value in options.items())
        if function == "np.copyto":
            call: partial[object] = partial(bound, target, *arguments, **named)
            source = f"{function}({out}, {', '.join(map(str, operands))}{extra})"
        else:
            positional = isinstance(bound, np.ufunc) and not options and function not in _KEYWORD_OUT
            call = (
                partial(bound, *arguments, target)  # a tenth of a microsecond faster than out=
                if positional
                else partial(bound, *arguments, **named, out=target)
            )
            source = f"{function}({', '.join(map(str, operands))}{extra}, out={out})"
        if not formula:
            text = _FORMULAS.get(function, function.removeprefix("np.") + "({0})")
            formula = f"{out} = {text.format(*operands)}"
        name = out.removesuffix(".T")
        self.instructions.append(
            Instruction(self.phase, self.layer, formula, source, name, call, self.for_show)
        )


def _lookup(function: str) -> Callable[..., object]:
    found: Any = np
    for part in function.split(".")[1:]:
        found = getattr(found, part)
    return found


def quick(call: partial[object]) -> Callable[[], object]:
    """Return the same operation as a method of an array where there is one.

    NumPy looks for other implementations of a function in the types of its operands first; in small networks that
    takes a quarter of a product.
    """
    if call.func is np.dot:
        left, right = call.args
        return partial(left.dot, right, call.keywords["out"])
    if call.func is np.take:
        values, indices = call.args
        return partial(values.take, indices, **call.keywords)
    if call.func is np.copyto and not call.keywords:
        target, values = call.args
        return partial(target.__setitem__, Ellipsis, values)
    return call


@dataclass(frozen=True)
class Tape:
    """A compiled step: its arrays by name and its instructions in order.

    The arrays are the live working memory of the step: copy what leaves the thread that runs it.
    """

    arrays: dict[str, AnyArray]
    instructions: tuple[Instruction, ...]

    def training_calls(self) -> tuple[Callable[[], object], ...]:
        """Return the bound calls that a training step needs, ready to be run in order."""
        return tuple(quick(instruction.call) for instruction in self.instructions if not instruction.for_show)

    def calls(self, phases: Iterable[Phase]) -> tuple[Callable[[], object], ...]:
        """Return the bound calls of some phases, ready to be run in order."""
        wanted = set(phases)
        return tuple(quick(i.call) for i in self.instructions if i.phase in wanted)

    def source(self) -> str:
        """Return the step as NumPy source over the arrays of this tape, one line per instruction."""
        return "\n".join(instruction.source for instruction in self.instructions)

    def __getitem__(self, name: str) -> Floats:
        return self.arrays[name]
