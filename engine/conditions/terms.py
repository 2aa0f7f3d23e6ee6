"""What a condition asks of the state before an update, and how conditions are joined with `and` and `or`.

"From the start on" is from the step at which somebody began to watch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias

Quantity: TypeAlias = Literal["loss", "accuracy", "spread"]


@dataclass(frozen=True)
class Place:
    """A part of a network: a layer, counted from 1, or one weight of it in (row, neuron), counted from 0."""

    layer: int
    weight: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"W{self.layer}[{self.weight[0]}, {self.weight[1]}]" if self.weight else f"layer {self.layer}"


class Sight(Protocol):
    """A state of a run, and what was seen of it from the start on; None stands for all hidden layers or all weights."""

    @property
    def step(self) -> int:
        """Return the number of updates done."""
        ...

    def quantity(self, quantity: Quantity, place: Place | None) -> float:
        """Return loss or accuracy over all training samples, or the largest spread."""
        ...

    def rules_out(self, quantity: Quantity, limit: float, *, is_above: bool) -> bool:
        """Return whether a part of the samples shows that loss or accuracy are not beyond a limit; False if not known."""
        ...

    def groups_changed(self, place: Place | None) -> bool:
        """Return whether the groups of neurons are others than at the start."""
        ...

    def sign_changed(self, place: Place | None) -> bool:
        """Return whether a weight has had both signs from the start on."""
        ...

    def gradient_is_zero(self) -> bool:
        """Return whether every gradient of the step is exactly 0."""
        ...

    def is_finite(self) -> bool:
        """Return whether all parameters are finite."""
        ...


class Condition(ABC):
    """Something that holds at a step or does not. `cost` says how long it takes to find out, compared with others."""

    @property
    @abstractmethod
    def cost(self) -> int:
        """Return a number that is larger for what takes longer."""

    @abstractmethod
    def holding(self, sight: Sight) -> list[Term]:
        """Return the terms by which it holds; none if it does not."""

    @abstractmethod
    def next_look(self, step: int) -> int:
        """Return the first step after `step` at which it is worth looking."""

    @abstractmethod
    def terms(self) -> list[Term]:
        """Return all terms, as they are written."""


class Term(Condition):
    """A condition that is not made of others; as text it is written as people write it."""

    price: ClassVar[int] = 1
    place: Place | None = None
    """The part of the network that it is about, if it says one."""

    @property
    def cost(self) -> int:
        """Return the same for all terms of a kind."""
        return self.price

    @property
    def needs_classes(self) -> bool:
        """Return whether the targets must stand for classes."""
        return False

    @property
    def needs_hidden_layer(self) -> bool:
        """Return whether it is about hidden layers, or about a layer that it says."""
        return False

    def holding(self, sight: Sight) -> list[Term]:
        """Return itself if it holds."""
        return [self] if self.holds(sight) else []

    def next_look(self, step: int) -> int:
        """It may hold after any update."""
        return step + 1

    def terms(self) -> list[Term]:
        """Return itself."""
        return [self]

    @abstractmethod
    def holds(self, sight: Sight) -> bool:
        """Return whether it holds."""


@dataclass(frozen=True)
class AtStep(Term):
    """`step 500`: so many updates are done."""

    step: int
    price: ClassVar[int] = 0

    def holds(self, sight: Sight) -> bool:
        """Return whether the step is reached."""
        return sight.step >= self.step

    def next_look(self, step: int) -> int:
        """Nothing is to be seen before."""
        return max(step + 1, self.step)

    def __str__(self) -> str:
        return f"step {self.step}"


@dataclass(frozen=True)
class Comparison(Term):
    """`loss < 0.1`: a quantity is below or above a limit."""

    quantity: Quantity
    is_above: bool
    limit: float
    place: Place | None = None

    @property
    def cost(self) -> int:
        """Measuring all samples takes long."""
        return 2 if self.quantity == "spread" else 4

    @property
    def needs_classes(self) -> bool:
        """An accuracy is about classes."""
        return self.quantity == "accuracy"

    @property
    def needs_hidden_layer(self) -> bool:
        """Spread is about columns that could be equal."""
        return self.quantity == "spread"

    def holds(self, sight: Sight) -> bool:
        """Return whether the quantity is on that side; NaN is on none."""
        if sight.rules_out(self.quantity, self.limit, is_above=self.is_above):
            return False
        found = sight.quantity(self.quantity, self.place)
        return found > self.limit if self.is_above else found < self.limit

    def __str__(self) -> str:
        return f"{self.quantity}{_of(self.place)} {'>' if self.is_above else '<'} {repr(self.limit).removesuffix('.0')}"


@dataclass(frozen=True)
class GroupsChange(Term):
    """`groups change`: other neurons of a hidden layer are equal than at the start."""

    price: ClassVar[int] = 2
    place: Place | None = None

    @property
    def needs_hidden_layer(self) -> bool:
        """Groups are about neurons that could be equal."""
        return True

    def holds(self, sight: Sight) -> bool:
        """Return whether they are others now."""
        return sight.groups_changed(self.place)

    def __str__(self) -> str:
        return f"groups{_of(self.place)} change"


@dataclass(frozen=True)
class SignChanges(Term):
    """`sign changes`: a weight has had both signs from the start on."""

    place: Place | None = None

    def holds(self, sight: Sight) -> bool:
        """Return whether one has."""
        return sight.sign_changed(self.place)

    def __str__(self) -> str:
        return f"sign{_of(self.place)} changes"


@dataclass(frozen=True)
class ZeroGradient(Term):
    """`gradient = 0`: every gradient of the step is exactly 0."""

    price: ClassVar[int] = 3

    def holds(self, sight: Sight) -> bool:
        """Return whether none is left."""
        return sight.gradient_is_zero()

    def __str__(self) -> str:
        return "gradient = 0"


@dataclass(frozen=True)
class NotFinite(Term):
    """`not finite`: a parameter is infinite or NaN."""

    def holds(self, sight: Sight) -> bool:
        """Return whether one is."""
        return not sight.is_finite()

    def __str__(self) -> str:
        return "not finite"


@dataclass(frozen=True)
class Joined(Condition):
    """Conditions joined with `and`, or with `or` if `is_either`."""

    parts: tuple[Condition, ...]
    is_either: bool

    @property
    def cost(self) -> int:
        """Return that of the dearest part."""
        return max(part.cost for part in self.parts)

    def holding(self, sight: Sight) -> list[Term]:
        """Return the terms by which it holds, as they are written; the cheap ones are asked first."""
        found: dict[int, list[Term]] = {}
        for place in sorted(range(len(self.parts)), key=lambda place: self.parts[place].cost):
            found[place] = self.parts[place].holding(sight)
            if not (found[place] or self.is_either):
                return []
        return [term for place in sorted(found) for term in found[place]]

    def next_look(self, step: int) -> int:
        """Return when one part, or the last of all, may hold."""
        looks = [part.next_look(step) for part in self.parts]
        return min(looks) if self.is_either else max(looks)

    def terms(self) -> list[Term]:
        """Return those of all parts."""
        return [term for part in self.parts for term in part.terms()]

    def __str__(self) -> str:
        return (" or " if self.is_either else " and ").join(map(self._written, self.parts))

    def _written(self, part: Condition) -> str:
        """Return a part with brackets where it needs them: `and` binds closer."""
        needs_brackets = isinstance(part, Joined) and (part.is_either or not self.is_either)
        return f"({part})" if needs_brackets else str(part)


def joined(parts: Sequence[Condition], *, is_either: bool) -> Condition:
    """Return several conditions as one; a single one is itself."""
    return parts[0] if len(parts) == 1 else Joined(tuple(parts), is_either)


def _of(place: Place | None) -> str:
    return "" if place is None else f" of {place}"
