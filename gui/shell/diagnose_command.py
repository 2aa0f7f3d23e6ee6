"""`main.py diagnose`: says what is wrong with each variant of an experiment, how that is known and what cures it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gui.shell.arguments import add_changes, add_memory, add_target, memory_limit, positive
from gui.shell.own_options import add_own_files, open_session_with

if TYPE_CHECKING:
    from engine.symptoms.findings import Diagnosis

MOST_SEEDS = 30


def add_diagnose(commands: Any) -> None:
    """Add the command to those of the command line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "diagnose", help="find out why a network does not learn, and what cures it"
    )
    add_target(parser)
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME", help="only this variant; repeatable"
    )
    add_changes(parser)
    parser.add_argument(
        "--seeds",
        type=_seeds,
        default=5,
        metavar="K",
        help="from how many seeds everything is tried; default 5",
    )
    parser.add_argument("--json", action="store_true", help="print the diagnosis as one JSON object")
    add_own_files(parser)
    add_memory(parser)
    parser.set_defaults(handler=_diagnose)


def _seeds(text: str) -> int:
    found = positive(text)
    if found > MOST_SEEDS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_SEEDS}, got {text}")
    return found


def _diagnose(options: argparse.Namespace) -> int:
    from gui.shell.signals import Request

    with Request() as request:
        found: list[Diagnosis] = []
        for diagnosis in _diagnoses(options, request):
            found.append(diagnosis)
            if not options.json:
                _print_text(diagnosis)
    if options.json:
        _print_json(found)
    return request.exit_code


def _diagnoses(options: argparse.Namespace, request: Any) -> Iterator[Diagnosis]:
    """Yield the diagnosis of one variant after another; when asked to stop, that of the present one is the last."""
    from engine.doctor.diagnosis import Doctor
    from engine.experiments.variants import LaneSpec, load_datasets
    from engine.trials.trials import Trials, memory_plan

    lanes = open_session_with(options.target, options).lanes(options.variant)
    specs = [LaneSpec(lane.name, lane.experiment) for lane in lanes]
    plan = memory_plan(memory_limit(options))
    datasets = load_datasets(specs, plan)
    trials = Trials(request.is_made, plan)
    for spec, dataset in zip(specs, datasets, strict=True):
        if request.is_made():
            return
        tell = _Progress(spec.name)
        diagnosis = Doctor(trials, spec.experiment, dataset, options.seeds, tell).diagnose(spec.name)
        tell.clear()
        if diagnosis.is_complete or diagnosis.findings:
            yield diagnosis


class _Progress:
    """Says on a terminal what the doctor is doing."""

    def __init__(self, name: str) -> None:
        self._name, self._is_shown = name, sys.stderr.isatty()

    def __call__(self, stage: str, _findings: object) -> None:
        from gui.findings.diagnosis_text import stage_text
        from gui.text.error_words import one_line

        if self._is_shown:
            text = one_line(f"{self._name}: {stage_text(stage)}")
            print(f"\r\033[K{text} …", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take away what was said."""
        if self._is_shown:
            print(end="\r\033[K", file=sys.stderr, flush=True)


def _print_text(diagnosis: Diagnosis) -> None:
    from gui.findings.diagnosis_text import lines
    from gui.text.error_words import one_line

    print("\n".join(map(one_line, lines(diagnosis))), flush=True)


def _print_json(found: list[Diagnosis]) -> None:
    import msgspec

    from engine.output.result import strict_json
    from gui.findings.diagnosis_text import document

    sys.stdout.buffer.write(msgspec.json.encode(strict_json(document(found))) + b"\n")
