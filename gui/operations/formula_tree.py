"""A formula as a tree of what is added, multiplied and given to functions; `engine/tape/formulas.py` has the signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"\s*(Σ[ᵢⱼ]?|[A-Za-zα-ω][A-Za-zα-ω0-9_]*′?|\d+\.?\d*(?:e[+-]?\d+)?|\S)")
LEAVES = {"½": "½"}


@dataclass(frozen=True)
class Node:
    """A name, a number, or a `sign` over others.

    Signs are those of the formula, and "call" (of `name`), "sum" (`name` is Σ, Σᵢ or Σⱼ) and "index".
    """

    sign: str
    parts: tuple[Node, ...] = ()
    name: str = ""


def tree_of(formula: str) -> Node | None:
    """Return the right side of a formula; None where it is not written in these signs."""
    reader = _Reader(formula.split(" ", 2)[2])
    try:
        found = reader.sum()
    except _UnreadableError:
        return None
    return found if reader.is_done else None


def put_in(tree: Node, name: str, argument: Node) -> Node:
    """Return a tree with another one in place of a name."""
    if tree.sign == "name" and tree.name == name:
        return argument
    return Node(tree.sign, tuple(put_in(part, name, argument) for part in tree.parts), tree.name)


class _UnreadableError(Exception):
    """Something stands where nothing of the kind can stand."""


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = TOKEN.findall(text)
        self._next = 0

    @property
    def is_done(self) -> bool:
        return self._next == len(self._tokens)

    def sum(self) -> Node:
        found = self._product()
        while sign := self._take("+", "−"):
            found = Node(sign, (found, self._product()))
        return found

    def _product(self) -> Node:
        found = self._factor()
        while sign := self._take("·", "⊙", "/"):
            found = Node(sign, (found, self._factor()))
        return found

    def _factor(self) -> Node:
        if sign := self._take("−", "√"):
            return Node(sign if sign == "√" else "minus", (self._factor(),))
        if sign := self._take("Σ", "Σᵢ", "Σⱼ"):
            return Node("sum", (self._bracketed(),), sign)
        found = self._atom()
        while sign := self._take("ᵀ", "²", "^", "["):
            if sign == "^":
                found = Node(sign, (found, self._atom()))
            elif sign == "[":
                found = Node("index", (found, self._atom()))
                self._expect("]")
            else:
                found = Node(sign, (found,))
        return found

    def _atom(self) -> Node:
        if self._peek() == "(":
            return self._bracketed()
        token = self._peek()
        if not token or not (token[0].isalnum() or token in LEAVES):
            raise _UnreadableError
        self._next += 1
        if token[0].isalpha() and self._peek() == "(":
            return Node("call", self._arguments(), token)
        return Node("name" if token[0].isalpha() else "number", (), token)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        found = [self.sum()]
        while self._take(","):
            found.append(self.sum())
        self._expect(")")
        return tuple(found)

    def _bracketed(self) -> Node:
        self._expect("(")
        found = self.sum()
        self._expect(")")
        return found

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        found = self._peek()
        if found not in signs:
            return ""
        self._next += 1
        return found

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _UnreadableError
