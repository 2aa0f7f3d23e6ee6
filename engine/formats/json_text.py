"""JSON from strangers: with a bounded depth, whatever comes before the first brace, and hints for common slips."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec

from engine.core.errors import ExperimentError
from engine.core.problems import Problem

MAX_DEPTH = 64
"""How deep lists and objects may lie in each other; an experiment file needs 10. What walks a document calls itself."""

BYTE_ORDER_MARK = "\ufeff"
"""What editors of Windows put before a text in UTF-8."""

DECIMAL_COMMA = re.compile(rb"\d,\d")
_PLACE = re.compile(r"\(byte (\d+)\)$")


def parse_json(text: bytes | str) -> Any:
    """Return what a text in JSON says; raise ExperimentError with an empty path if it is none or nested too deep."""
    text = _decoded(text) if isinstance(text, bytes) else text
    try:
        value = msgspec.json.decode(text.removeprefix(BYTE_ORDER_MARK))
    except RecursionError as error:
        raise ExperimentError("", Problem.NESTED_TOO_DEEP, most=MAX_DEPTH) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        comma = _has_decimal_comma(text, str(error))
        raise ExperimentError(
            "", Problem.NO_JSON_DECIMAL_COMMA if comma else Problem.NO_JSON, reason=str(error)
        ) from error
    check_depth(value)
    return value


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExperimentError("", Problem.NOT_UTF8) from error


def check_depth(value: Any) -> None:
    """Raise ExperimentError with an empty path if plain data are nested deeper than `MAX_DEPTH`."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [item for node in level for item in _items(node) if isinstance(item, (list, dict))]
        if not level:
            return
    raise ExperimentError("", Problem.NESTED_TOO_DEEP, most=MAX_DEPTH)


def _items(node: Any) -> Iterable[Any]:
    """Return what lies in a list or an object; nothing lies in anything else."""
    if isinstance(node, dict):
        return cast("dict[str, Any]", node).values()
    return cast("list[Any]", node) if isinstance(node, list) else ()


def _has_decimal_comma(text: str, reason: str) -> bool:
    """Return whether a text is no JSON because of a decimal comma, which many languages write."""
    place = _PLACE.search(reason)
    if not place:
        return False
    byte = int(place[1])  # the comma is just before it
    around = text.encode("utf-8", "replace")[max(0, byte - 3) : byte + 2]
    return DECIMAL_COMMA.search(around) is not None
