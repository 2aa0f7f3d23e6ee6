"""The arguments of the command line: what several commands take, and what they may look like."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.conditions.terms import Condition

LONGEST_SHOWN = 60
"""Characters of a wrong value that an error repeats."""
BARE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
"""What --set takes for text without quotes, which shells take away: loss=mse."""


def add_target(parser: argparse.ArgumentParser) -> None:
    """Let a command be about something."""
    parser.add_argument(
        "target",
        type=name,
        metavar="TARGET",
        help="a preset, an experiment or session file, or a short code",
    )


def add_variant(parser: argparse.ArgumentParser) -> None:
    """Let a command that is about one variant take `--variant NAME`; `options.variant` are the names asked for."""
    parser.add_argument(
        "--variant",
        type=lambda text: [name(text)],
        default=[],
        metavar="NAME",
        help="the variant; default: the first",
    )


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Let a command take `--set PATH=JSON`."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_change,
        metavar="PATH=JSON",
        help="change the experiment, for example optimizer.learning_rate=0.1 or loss=mse; repeatable",
    )


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Let a command take `--memory GB`."""
    parser.add_argument(
        "--memory",
        type=_gigabytes,
        metavar="GB",
        help="how much memory an experiment may take; default 4 at most",
    )


def memory_limit(options: argparse.Namespace) -> int | None:
    """Return how many bytes an experiment may take; None where nobody has said it."""
    return None if options.memory is None else round(options.memory * 10**9)


def name(text: str) -> str:
    """Return a text that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def path(text: str) -> Path:
    """Return a path that is not empty: that would be the present folder."""
    return Path(name(text))


def count(text: str) -> int:
    """Return a whole number from 0 on."""
    if not text.isdecimal() or int(text) > 1_000_000_000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to 1,000,000,000, got {text}")
    return int(text)


def positive(text: str) -> int:
    """Return a whole number from 1 on."""
    if count(text) == 0:
        raise argparse.ArgumentTypeError("must be a whole number above 0, got 0")
    return int(text)


def condition(text: str) -> Condition:
    """Return a condition under which training stops."""
    from engine.conditions.grammar import parse_condition  # noqa: PLC0415 - it takes a while
    from engine.core.errors import InitscopeError  # noqa: PLC0415
    from gui.text.error_words import sentence  # noqa: PLC0415

    try:
        return parse_condition(text)
    except InitscopeError as error:
        raise argparse.ArgumentTypeError(sentence(error)) from None


def size(text: str) -> tuple[int, int]:
    """Return the width and height of a picture."""
    width, cross, height = text.partition("x")
    if not cross or not width.isdecimal() or not height.isdecimal():
        raise argparse.ArgumentTypeError(f"must look like 1600x1000, got {text}")
    if not (640 <= int(width) <= 7680 and 480 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(f"must be from 640x480 to 7680x4320, got {text}")
    return int(width), int(height)


def _gigabytes(text: str) -> float:
    from engine.formats.bounded_reading import parse_number  # noqa: PLC0415 - it takes a while

    found = parse_number(text[:20])
    if found is None or not 0.1 <= found <= 100_000:
        raise argparse.ArgumentTypeError(f"must be a number of gigabytes from 0.1 to 100,000, got {text}")
    return found


def _change(text: str) -> tuple[str, Any]:
    from engine.core.errors import ExperimentError  # noqa: PLC0415
    from engine.core.problems import Problem  # noqa: PLC0415
    from engine.formats.json_text import parse_json  # noqa: PLC0415
    from gui.text.error_words import sentence  # noqa: PLC0415

    place, equals, value = text.partition("=")
    if not place or not equals:
        raise argparse.ArgumentTypeError(f"must look like optimizer.learning_rate=0.1, got {text}")
    try:
        return place, parse_json(value)
    except ExperimentError as error:
        if BARE_WORD.fullmatch(value) and error.problem is Problem.NO_JSON:
            return place, value
        if error.problem is not Problem.NO_JSON:
            raise argparse.ArgumentTypeError(f"{place}: {sentence(error)}") from None
        hint = 'a number, "text" in quotes, true, false, null, a list or an object'
        got = value[:LONGEST_SHOWN]
        raise argparse.ArgumentTypeError(f"{place}: the value must be JSON ({hint}), got {got}") from None
