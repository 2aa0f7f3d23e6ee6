"""Initscope: what do the initial weights do to a network? This file is the command line."""

from __future__ import annotations

from gui.shell.signals import end_at_signals

if __name__ == "__main__":
    end_at_signals()  # before the other modules are imported, which takes a while

import argparse
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from gui.shell.advise_command import add_advise
from gui.shell.arguments import (
    add_changes,
    add_memory,
    add_target,
    add_variant,
    condition,
    count,
    memory_limit,
    name,
    path,
    positive,
    size,
)
from gui.shell.diagnose_command import add_diagnose
from gui.shell.own_options import add_own_files, has_own_files, open_session_with
from gui.shell.streams import give_up, make_streams_usable
from gui.text.language import translate
from gui.text.version_words import name_and_version, way_of_training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.output.result import VariantResult
    from engine.output.seeds import SeedResult

PANELS = ("experiment", "start", "why", "health", "diagnosis", "advice", "small")
"""What `shot` can open: the start page and the pages of the explanation."""
COMMANDS = ("run", "presets", "shot", "check", "trace", "diagnose", "advise")
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -e ."


class OneSentenceParser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with code 2."""
        from gui.text.error_words import one_line

        self.exit(2, f"{self.prog}: {one_line(message)}; see {self.prog} --help\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Print a message on stderr, if that can be written, and exit with a code."""
        if message:
            _say(message)
        sys.exit(status)


def main(arguments: list[str] | None = None) -> int:
    """Obey the command line and return the exit code: 0, or 2 after an error that one sentence on stderr explains.

    A run that a signal has stopped has the code that a shell gives the signal, 130 after Ctrl+C.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    make_streams_usable()
    try:
        code = _obey(arguments)
        sys.stdout.flush()  # here, where a reader that has gone can still be met
    except ModuleNotFoundError as error:
        problem = translate("shell", "the package {0} is missing; install what Initscope needs with: {1}")
        return _fail(problem.format(error.name, INSTALL))
    except MemoryError:
        return _fail(translate("shell", "there is not enough memory for that"))
    except BrokenPipeError:
        give_up(sys.stdout)
        return 0
    except OSError as error:
        give_up(sys.stdout)
        problem = translate("shell", "the output cannot be written ({0})")
        return _fail(problem.format(error.strerror or error))
    return code


def _obey(arguments: list[str]) -> int:
    try:
        return _command(arguments) if arguments and arguments[0] in COMMANDS else _window(arguments)
    except SystemExit as end:  # of argparse, after a page of help or a mistake
        return end.code if isinstance(end.code, int) else 0


def _fail(sentence: str, code: int = 2) -> int:
    _say(f"initscope: {sentence}\n")
    return code


def _say(text: str) -> None:
    """Print on stderr, or nowhere: Python would end with a code of its own if it could not flush it at the end."""
    try:
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        give_up(sys.stderr)


def _print_version() -> int:
    print(name_and_version())
    with suppress(ModuleNotFoundError):  # whoever asks for the version may still have to install the rest
        from engine.native.lowering import is_driving

        print(way_of_training(is_compiled=is_driving()))
    return 0


def _window(arguments: list[str]) -> int:
    parser = OneSentenceParser(
        prog="main.py",
        description="Open the laboratory window on a shipped experiment or an experiment file.",
        epilog="Other commands: main.py presets, main.py run TARGET, main.py shot TARGET; each has its own --help.",
    )
    parser.add_argument(
        "target",
        nargs="?",
        type=name,
        metavar="TARGET",
        help="a preset, an experiment or session file, or a short code",
    )
    add_own_files(parser)
    add_memory(parser)
    parser.add_argument("--version", action="store_true", help="say which version this is, and end")
    options = parser.parse_args(arguments)
    if options.version:
        return _print_version()
    from engine.core.errors import InitscopeError
    from engine.experiments.presets import preset_names
    from gui.text.error_words import sentence

    target = options.target or (preset_names()[0] if has_own_files(options) else None)
    try:
        session = open_session_with(target, options) if target else None
    except InitscopeError as error:
        return _fail(sentence(error))
    from gui.app.display import display_problem

    problem = display_problem()
    if problem:
        return _fail(problem)
    from gui.app.application import run_application

    return run_application(session, memory_limit(options))


def _command(arguments: list[str]) -> int:
    from engine.core.errors import InitscopeError
    from gui.text.error_words import sentence

    options = _command_parser().parse_args(arguments)
    try:
        code: int = options.handler(options)
    except InitscopeError as error:
        return _fail(sentence(error))
    return code


def _command_parser() -> OneSentenceParser:
    parser = OneSentenceParser(prog="main.py")
    commands = parser.add_subparsers(required=True)
    presets = commands.add_parser("presets", help="list the shipped experiments and their variants")
    presets.set_defaults(handler=_presets)

    run = commands.add_parser("run", help="train without a window")
    add_target(run)
    run.add_argument(
        "--variant", action="append", default=[], metavar="NAME", help="only this variant; repeatable"
    )
    run.add_argument(
        "--steps", type=count, metavar="N", help="updates to do; default: as the experiment says"
    )
    run.add_argument("--every", type=positive, metavar="K", help="distance of the points of the curve")
    add_changes(run)
    run.add_argument(
        "--until",
        type=condition,
        metavar="CONDITION",
        help="stop where this holds: 'loss < 0.1 and accuracy > 0.9 or step 500'; see the README",
    )
    run.add_argument(
        "--seeds",
        type=positive,
        default=1,
        metavar="K",
        help="train every variant from K seeds, its own first",
    )
    run.add_argument("--json", action="store_true", help="print the result as one JSON object")
    run.add_argument("--weights", action="store_true", help="put the final weights into the JSON")
    run.add_argument(
        "--out", type=path, metavar="DIR", help="write the result, the weights and figures there"
    )
    add_own_files(run)
    add_memory(run)
    run.set_defaults(handler=_run)

    check = commands.add_parser("check", help="compare every gradient of a step with central differences")
    add_target(check)
    check.add_argument(
        "--variant", action="append", default=[], metavar="NAME", help="only this variant; repeatable"
    )
    check.add_argument("--step", type=count, default=0, metavar="N", help="the step to check; default 0")
    add_memory(check)
    check.set_defaults(handler=_check)

    trace = commands.add_parser("trace", help="print one update, operation by operation, with its numbers")
    add_target(trace)
    add_variant(trace)
    trace.add_argument("--step", type=count, default=0, metavar="K", help="the step to print; default 0")
    add_changes(trace)
    trace.add_argument("--json", action="store_true", help="print all numbers as one JSON object")
    add_own_files(trace)
    add_memory(trace)
    trace.set_defaults(handler=_trace)

    add_diagnose(commands)
    add_advise(commands)
    shot = commands.add_parser("shot", help="render the window into a PNG file")
    add_target(shot)
    shot.add_argument("--steps", type=count, default=0, metavar="N", help="the step to show")
    shot.add_argument(
        "--size", type=size, default=(1600, 1000), metavar="WIDTHxHEIGHT", help="default 1600x1000"
    )
    shot.add_argument(
        "--panel",
        action="append",
        default=[],
        choices=PANELS,
        metavar="NAME",
        help=f"open a panel: {', '.join(PANELS)}; repeatable",
    )
    shot.add_argument(
        "--operation", type=positive, metavar="K", help="show operation K of the step, counted from 1"
    )
    shot.add_argument("--theme", choices=("light", "dark"), default="light")
    shot.add_argument("--out", type=path, required=True, metavar="FILE.png")
    add_memory(shot)
    shot.set_defaults(handler=_shot)
    return parser


def _presets(_options: argparse.Namespace) -> int:
    from engine.experiments.presets import open_target, preset_names

    for preset in preset_names():
        experiment = open_target(preset)
        variants = ", ".join(variant.name for variant in experiment.variants)
        print(f"{preset}: {experiment.title}\n    {variants}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from engine.experiments.variants import LaneSpec
    from engine.output.export import check_results, write_results
    from engine.output.result import Ends, as_document, run_variants
    from engine.output.seeds import add_seeds, run_other_seeds
    from gui.findings.why_words import prediction_reason_text
    from gui.shell.result_words import summary
    from gui.shell.signals import Request
    from gui.text.error_words import one_line

    session = open_session_with(options.target, options)
    lanes, experiment = session.lanes(options.variant), session.as_experiment()
    specs = [LaneSpec(lane.name, lane.experiment) for lane in lanes]
    if options.out:
        check_results(options.out, [spec.name for spec in specs])
    progress = _show_progress if sys.stderr.isatty() else None
    curve = options.json or options.out is not None
    others: list[list[SeedResult]] = []
    with Request() as request:
        results = run_variants(
            specs,
            options.steps,
            options.every,
            progress,
            curve=curve,
            memory=memory_limit(options),
            ends=Ends(request.is_made, options.until),
            edits=[lane.edits for lane in lanes],
        )
        if options.seeds > 1:
            ends, limit = Ends(request.is_made, options.until), memory_limit(options)
            others = [
                run_other_seeds(spec, options.seeds, options.steps, progress, limit, ends, lane.edits)
                for spec, lane in zip(specs, lanes, strict=True)
            ]
    if progress:
        print(end="\r\033[K", file=sys.stderr)
    _tell_what_is_left_out([*results, *(result for seeds in others for result in seeds)])
    document = as_document(experiment, results, prediction_reason_text, weights=options.weights)
    if options.seeds > 1:
        add_seeds(document, [spec.experiment.seed for spec in specs], others)
    if options.json:
        import msgspec

        sys.stdout.buffer.write(msgspec.json.encode(document) + b"\n")  # JSON is UTF-8 on every terminal
    else:
        print("\n".join(map(one_line, summary(document, results))))
    sys.stdout.flush()
    if options.out:
        write_results(options.out, document, results)  # last: whatever happens, the result was printed
    return request.exit_code


def _tell_what_is_left_out(results: Sequence[VariantResult | SeedResult]) -> None:
    """Say on stderr which edits of a session were not possible, so that nobody takes the numbers for those with them."""
    from gui.text.error_words import sentence

    told = [f"initscope: {sentence(error)}\n" for result in results for error in result.left_out]
    _say("".join(dict.fromkeys(told)))


def _check(options: argparse.Namespace) -> int:
    from engine.experiments.variants import lane_specs, load_alone
    from engine.session.session_file import open_session
    from engine.training.gradient_check import check_gradients
    from gui.shell.result_words import check_sentence

    parted = False
    for spec in lane_specs(open_session(options.target).as_experiment(), options.variant):
        experiment = spec.experiment
        progress = partial(_show_progress, spec.name) if sys.stderr.isatty() else None
        layers = check_gradients(
            experiment, load_alone(experiment, memory_limit(options)), options.step, progress
        )
        if progress:
            print(end="\r\033[K", file=sys.stderr)
        for layer in layers:
            parted = parted or layer.parted > 0
            line = translate("shell", "{0}, step {1}, layer {2}: {3}")
            print(line.format(spec.name, options.step, layer.layer, check_sentence(layer)))
    return int(parted)


def _show_progress(names: str, done: int, steps: int) -> None:
    progress = translate("shell", "{0}: {1:,} of {2:,}").format(names, done, steps)
    print(f"\r\033[K{progress}", end="", file=sys.stderr, flush=True)


def _trace(options: argparse.Namespace) -> int:
    from gui.shell.trace_command import print_trace

    print_trace(options, _show_progress if sys.stderr.isatty() else None)
    return 0


def _shot(options: argparse.Namespace) -> int:
    from engine.session.session_file import open_session

    session = open_session(options.target)
    from gui.app.shot import take_shot

    problem = take_shot(
        session,
        steps=options.steps,
        size=options.size,
        theme=options.theme,
        path=options.out,
        memory=memory_limit(options),
        panels=options.panel,
        operation=options.operation,
    )
    return _fail(problem) if problem else 0


if __name__ == "__main__":
    sys.exit(main())
