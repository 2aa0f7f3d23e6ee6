"""Reads conditions as people write them: `loss < 0.1 and accuracy > 0.9 or step 500`.

    condition = both { "or" both }
    both      = single { "and" single }
    single    = "(" condition ")" | "step" N | "not finite" | "gradient = 0"
              | ( "loss" | "accuracy" | "spread" [ "of" "layer" N ] ) ( "<" | ">" | "below" | "above" ) NUMBER [ "%" ]
              | "groups" [ "of" "layer" N ] "change"
              | "sign" [ "of" ( "layer" N | "W"N [ "[" ROW "," NEURON "]" ] ) ] "changes"

`and` binds closer than `or`. Layers count from 1, rows and neurons from 0, as in experiment files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import cast

from engine.conditions.terms import (
    AtStep,
    Comparison,
    Condition,
    GroupsChange,
    NotFinite,
    Place,
    Quantity,
    SignChanges,
    ZeroGradient,
    joined,
)
from engine.core.errors import InitscopeError
from engine.core.problems import Problem

LONGEST, DEEPEST = 300, 20
"""The most characters of a condition, and how many brackets may lie in each other."""
LARGEST_STEP = 1_000_000_000
TOKEN = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z_]\w*|\S)", re.IGNORECASE)
QUANTITIES = ("loss", "accuracy", "spread")
EVENTS = ("groups", "gradient", "gradients", "sign", "not")
BEGINNINGS = ("step", *QUANTITIES, "(")


def parse_condition(text: str) -> Condition:
    """Return the condition that a text is; raise InitscopeError that says where it is none."""
    if len(text) > LONGEST:
        raise InitscopeError(Problem.CONDITION_TOO_LONG, most=LONGEST, got=len(text))
    return _Reader(text).read()


@dataclass(frozen=True)
class _Token:
    """A word, number or sign as it stands there, and the character at which it begins, counted from 1."""

    text: str
    place: int

    @property
    def word(self) -> str:
        return self.text.lower()


class _Reader:
    """Reads one token after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [_Token(found[1], found.start(1) + 1) for found in TOKEN.finditer(text)]
        self._next = 0
        self._depth = 0

    def read(self) -> Condition:
        """Return the whole text as a condition."""
        condition = self._either()
        if self._next < len(self._tokens):
            raise self._unexpected("and", "or")
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return joined(parts, is_either=True)

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._take("and"):
            parts.append(self._single())
        return joined(parts, is_either=False)

    def _single(self) -> Condition:
        if self._take("("):
            return self._bracketed()
        if self._take("step"):
            return AtStep(self._whole())
        if found := self._take(*QUANTITIES):
            return self._comparison(cast("Quantity", found))
        return self._event()

    def _event(self) -> Condition:
        """Return a term that begins with another word."""
        found = self._expect(*EVENTS, also=BEGINNINGS)
        if found == "not":
            self._expect("finite")
            return NotFinite()
        if found == "groups":
            place = self._layer()
            self._expect("change", "changes")
            return GroupsChange(place)
        if found == "sign":
            place = self._place()
            self._expect("changes", "change")
            return SignChanges(place)
        self._expect("=")
        self._expect("0")
        return ZeroGradient()

    def _bracketed(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InitscopeError(Problem.CONDITION_TOO_DEEP, most=DEEPEST)
        condition = self._either()
        self._expect(")", also=("and", "or"))
        self._depth -= 1
        return condition

    def _comparison(self, quantity: Quantity) -> Comparison:
        place = self._layer() if quantity == "spread" else None
        sign = self._expect("<", ">", "below", "above")
        limit = self._number()
        if self._take("%"):
            limit /= 100
        return Comparison(quantity, sign in {">", "above"}, limit, place)

    def _layer(self) -> Place | None:
        """Return the layer that a term is about, if it says one."""
        if not self._take("of"):
            return None
        self._expect("layer")
        return Place(self._whole())

    def _place(self) -> Place | None:
        """Return the layer or weight that a term is about, if it says one."""
        if not self._take("of"):
            return None
        if self._take("layer"):
            return Place(self._whole())
        found = self._peek()
        if found is None or not (matrix := re.fullmatch(r"[Ww](\d{1,6})", found.text)):
            raise self._unexpected("layer", "W1", "W1[0,2]")
        self._next += 1
        return Place(int(matrix[1]), self._cell())

    def _cell(self) -> tuple[int, int] | None:
        if not self._take("["):
            return None
        row = self._whole()
        self._expect(",")
        neuron = self._whole()
        self._expect("]")
        return row, neuron

    def _whole(self) -> int:
        found = self._peek()
        if found is None or not found.text.isdecimal() or int(found.text) > LARGEST_STEP:
            raise self._unexpected("0", "1", "2", "…")
        self._next += 1
        return int(found.text)

    def _number(self) -> float:
        is_negative = bool(self._take("-", "−"))
        found = self._peek()
        if found is None or not re.match(r"\.?\d", found.text):
            raise self._unexpected("0.1", "1e-3", "…")
        value = float(found.text)
        if not isfinite(value):
            raise self._unexpected("0.1", "1e-3", "…")
        self._next += 1
        return -value if is_negative else value

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, *words: str) -> str:
        """Go on if one of these words is next, and return it; otherwise return nothing."""
        found = self._peek()
        if found is None or found.word not in words:
            return ""
        self._next += 1
        return found.word

    def _expect(self, *words: str, also: tuple[str, ...] = ()) -> str:
        """Return the next word, which is one of these; where it is not, `also` could have stood there, too."""
        if found := self._take(*words):
            return found
        raise self._unexpected(*words, *also)

    def _unexpected(self, *expected: str) -> InitscopeError:
        found = self._peek()
        if found is None:
            return InitscopeError(Problem.CONDITION_ENDS, condition=self._text, expected=list(expected))
        return InitscopeError(
            Problem.CONDITION_UNEXPECTED,
            condition=self._text,
            place=found.place,
            got=found.text,
            expected=list(expected),
        )
