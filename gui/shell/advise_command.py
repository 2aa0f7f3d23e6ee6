"""`main.py advise`: says which start is right for a network and its data."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from gui.shell.arguments import add_changes, add_memory, add_target, add_variant, memory_limit, positive
from gui.shell.own_options import add_own_files, open_session_with

if TYPE_CHECKING:
    from engine.advice.advice import Advice

MOST_SECONDS, MOST_SEEDS = 3600, 200


def add_advise(commands: Any) -> None:
    """Add the command to those of the command line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "advise", help="find out which initial weights suit a network and its data"
    )
    add_target(parser)
    add_variant(parser)
    add_changes(parser)
    parser.add_argument(
        "--seeds",
        type=_seeds,
        default=60,
        metavar="K",
        help="from how many seeds the best ones run, if there is time; default 60",
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=20, metavar="S", help="how long it may take; default 20"
    )
    parser.add_argument("--json", action="store_true", help="print the advice as one JSON object")
    add_own_files(parser)
    add_memory(parser)
    parser.set_defaults(handler=_advise)


def _seeds(text: str) -> int:
    return _at_most(text, MOST_SEEDS)


def _seconds(text: str) -> int:
    return _at_most(text, MOST_SECONDS)


def _at_most(text: str, most: int) -> int:
    found = positive(text)
    if found > most:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most:,}, got {text}")
    return found


def _advise(options: argparse.Namespace) -> int:
    from gui.shell.signals import Request

    with Request() as request:
        advice = _advice(options, request)
    if sys.stderr.isatty():
        print(end="\r\033[K", file=sys.stderr)
    if options.json:
        _print_json(advice)
    else:
        _print_text(advice)
    return request.exit_code


def _advice(options: argparse.Namespace, request: Any) -> Advice:
    from engine.advice.advisor import Advisor
    from engine.experiments.variants import LaneSpec, load_datasets
    from engine.trials.trials import memory_plan

    lane = open_session_with(options.target, options).lanes(options.variant)[0]
    plan = memory_plan(memory_limit(options))
    [dataset] = load_datasets([LaneSpec(lane.name, lane.experiment)], plan)
    show = _show_progress if sys.stderr.isatty() else _show_nothing
    advisor = Advisor(lane.name, lane.experiment, dataset, plan, show)
    return advisor.advise(options.seeds, options.seconds, request.is_made)


def _show_progress(advice: Advice) -> None:
    from gui.text.language import translate

    if not advice.runs:
        return  # there is theory only, and nothing to keep yet
    said = translate("advice", "{0} of {1} runs").format(advice.done, advice.runs)
    print(f"\r\033[K{said} …", end="", file=sys.stderr, flush=True)


def _show_nothing(_advice: Advice) -> None:
    """Say nothing where nobody reads."""


def _print_text(advice: Advice) -> None:
    from gui.findings.advice_text import lines
    from gui.text.error_words import one_line

    print("\n".join(map(one_line, lines(advice))), flush=True)


def _print_json(advice: Advice) -> None:
    import msgspec

    from engine.output.result import strict_json
    from gui.findings.advice_text import document

    sys.stdout.buffer.write(msgspec.json.encode(strict_json(document(advice))) + b"\n")
