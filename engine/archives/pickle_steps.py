"""What PyTorch writes around its tensors, read as a list of steps instead of being run.

A pickle is a small program that may call anything. Here each of its steps is looked at by itself: containers and
numbers are made, three calls are known and only noted down, and every other one ends the reading.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import Any

MAX_ITEMS = 1_000_000
"""Largest number of steps; a state dict has about 30 for each tensor."""


LARGEST = 2**40
"""Above every number in a shape or an offset that a file can have."""


class RefusedStepError(Exception):
    """A step that no file of tensors needs; `args[0]` names it."""


@dataclass(frozen=True)
class Name:
    """Something of Python that a file names, such as `torch.FloatStorage`."""

    name: str


@dataclass(frozen=True)
class Storage:
    """Numbers in a file of their own inside the archive: its name there, their type and how many they are."""

    key: str
    kind: str
    count: int


@dataclass(frozen=True)
class Tensor:
    """A view of a storage: where it begins, its shape, and how far apart neighbours are along each direction."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


ORDERED_DICT = "collections.OrderedDict"
TENSOR = "torch._utils._rebuild_tensor_v2"
PARAMETER = "torch._utils._rebuild_parameter"
STORAGES = {
    "torch.DoubleStorage": "<f8",
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "|i1",
    "torch.ByteStorage": "|u1",
    "torch.BoolStorage": "|b1",
}
"""The storages that are read, and the NumPy type of their numbers."""
ALLOWED = {ORDERED_DICT, TENSOR, PARAMETER, *STORAGES}
CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
NUMBERS_AND_TEXT = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_steps(data: bytes) -> Any:
    """Return the dicts, lists, numbers, text and tensors that a pickle describes; raise RefusedStepError for all else.

    What is damaged raises ValueError, IndexError, KeyError or TypeError.
    """
    reader = _Reader()
    for count, (code, argument, _) in enumerate(pickletools.genops(data)):
        if count > MAX_ITEMS:
            raise RefusedStepError(code.name)
        if code.name == "STOP":
            return reader.stack.pop()
        reader.take(code.name, argument)
    raise ValueError


class _Reader:
    """The stack that the steps work on, the marks in it, and what they have put aside."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def take(self, name: str, argument: Any) -> None:
        """Do one step, or refuse it."""
        if name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in NUMBERS_AND_TEXT:
            self.stack.append(argument)
        elif name in TUPLES:
            self.stack.append(tuple(self._last(TUPLES[name])))
        else:
            getattr(self, f"_{name.lower()}", _refuse(name))(argument)

    def _last(self, many: int) -> list[Any]:
        if many > len(self.stack):
            raise IndexError
        items = self.stack[len(self.stack) - many :]
        del self.stack[len(self.stack) - many :]
        return items

    def _marked(self) -> list[Any]:
        return self._last(len(self.stack) - self._marks.pop())

    def _proto(self, _version: int) -> None: ...

    def _frame(self, _size: int) -> None: ...

    def _mark(self, _: None) -> None:
        self._marks.append(len(self.stack))

    def _empty_dict(self, _: None) -> None:
        self.stack.append({})

    def _empty_list(self, _: None) -> None:
        self.stack.append([])

    def _empty_tuple(self, _: None) -> None:
        self.stack.append(())

    def _tuple(self, _: None) -> None:
        self.stack.append(tuple(self._marked()))

    def _binput(self, place: int) -> None:
        self._memo[place] = self.stack[-1]

    _long_binput = _binput

    def _memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def _binget(self, place: int) -> None:
        self.stack.append(self._memo[place])

    _long_binget = _binget

    def _append(self, _: None) -> None:
        (item,) = self._last(1)
        _checked(self.stack[-1], list).append(item)

    def _appends(self, _: None) -> None:
        items = self._marked()
        _checked(self.stack[-1], list).extend(items)

    def _setitem(self, _: None) -> None:
        self._fill(self._last(2))

    def _setitems(self, _: None) -> None:
        self._fill(self._marked())

    def _fill(self, items: list[Any]) -> None:
        table = _checked(self.stack[-1], dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str | int):
                raise TypeError
            table[key] = value

    def _global(self, words: str) -> None:
        name = words.replace(" ", ".", 1)
        if name not in ALLOWED:
            raise RefusedStepError(name)
        self.stack.append(Name(name))

    def _stack_global(self, _: None) -> None:
        module, name = self._last(2)
        self._global(f"{module} {name}")

    def _binpersid(self, _: None) -> None:
        word, kind, key, _place, count = _checked(self.stack.pop(), tuple)
        if word != "storage" or not isinstance(count, int) or count < 0:
            raise TypeError
        self.stack.append(Storage(_checked(key, str), STORAGES[_checked(kind, Name).name], count))

    def _reduce(self, _: None) -> None:
        called, arguments = self._last(2)
        self.stack.append(_called(_checked(called, Name).name, _checked(arguments, tuple)))

    def _build(self, _: None) -> None:
        self.stack.pop()  # notes of PyTorch on an OrderedDict; what it is put on stays as it is
        _checked(self.stack[-1], dict)


def _refuse(name: str) -> Any:
    def refuse(_argument: Any) -> None:
        raise RefusedStepError(name)

    return refuse


def _checked(value: Any, kind: type[Any]) -> Any:
    """Return a value of the wanted kind; raise TypeError for any other."""
    if not isinstance(value, kind):
        raise TypeError
    return value


def _called(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what one of the known calls gives."""
    if name == ORDERED_DICT and not arguments:
        return {}
    if name == PARAMETER:
        return _checked(arguments[0], Tensor)
    if name != TENSOR:
        raise RefusedStepError(name)
    storage, offset, shape, strides = arguments[:4]
    numbers = [offset, *shape, *strides]
    if not all(type(number) is int and 0 <= number < LARGEST for number in numbers):
        raise TypeError
    if len(shape) != len(strides):
        raise TypeError
    return Tensor(_checked(storage, Storage), offset, tuple(shape), tuple(strides))
