"""NumPy's inner loops: what a universal function calls for the numbers of one axis, with their addresses.

They come through the interface that NumPy has for compilers such as Numba: `ufunc._resolve_dtypes_and_context` and
`ufunc._get_strided_loop`, NumPy 1.24 and later.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

CAPSULE = b"numpy_1.24_ufunc_call_info"
NEEDS_INTERPRETER = 1
"""The flag of loops that work on Python objects, `NPY_METH_REQUIRES_PYAPI`."""

_address_in_capsule = ctypes.pythonapi.PyCapsule_GetPointer
_address_in_capsule.restype, _address_in_capsule.argtypes = (
    ctypes.c_void_p,
    [ctypes.py_object, ctypes.c_char_p],
)


class LoweringError(Exception):
    """The driver has nothing for an instruction; it stays a call."""


class InnerLoop(NamedTuple):
    """The addresses of an inner loop, of its context and its auxiliary data, and the `dtypes` that it reads and writes.

    `owner` keeps all of them alive.
    """

    loop: int
    context: int
    auxdata: int
    dtypes: tuple[np.dtype[Any], ...]
    owner: object


_FOUND: dict[tuple[object, ...], InnerLoop] = {}
"""The loops that were looked up; they are kept to the end of the process."""


def inner_loop(
    ufunc: np.ufunc, dtypes: Sequence[np.dtype[Any] | None], strides: tuple[int, ...] | None = None
) -> InnerLoop:
    """Return the inner loop of a function for operands of `dtypes`, of which None are to be found.

    `strides` are those of the operands, in bytes, if the loop may rely on them. Raise LoweringError where NumPy has no
    such loop, or one that needs the interpreter.
    """
    key = (ufunc, tuple(dtype and dtype.str for dtype in dtypes), strides)
    if key not in _FOUND:
        try:
            _FOUND[key] = _look_up(ufunc, tuple(dtypes), strides)
        except (AttributeError, TypeError, ValueError, SystemError) as error:
            raise LoweringError from error
    return _FOUND[key]


def _look_up(ufunc: Any, dtypes: tuple[Any, ...], strides: tuple[int, ...] | None) -> InnerLoop:
    found, info = ufunc._resolve_dtypes_and_context(dtypes)
    ufunc._get_strided_loop(info, fixed_strides=strides)
    loop, context, auxdata, flags = (ctypes.c_int64 * 4).from_address(_address_in_capsule(info, CAPSULE))
    if flags & NEEDS_INTERPRETER:
        raise LoweringError
    return InnerLoop(loop, context, auxdata, tuple(found), info)
