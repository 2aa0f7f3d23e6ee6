"""`main.py trace`: prints one update, operation by operation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial

import msgspec

from engine.experiments.variants import load_alone
from engine.insight.tracer import walk_through
from engine.output.trace_document import trace_document
from engine.session.recipe import LaneRecipe
from engine.training.loop import Watcher, train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from engine.training.watchers import Edits, ProgressReports
from gui.shell.arguments import memory_limit
from gui.shell.own_options import open_session_with
from gui.shell.trace_words import first_of, trace_text
from gui.text.error_words import one_line, sentence

Report = Callable[[str, int, int], None]


def print_trace(options: argparse.Namespace, progress: Report | None) -> None:
    """Print the update that the options ask for; raise InitscopeError where there is none.

    `progress(name, done, steps)` is called now and then on the way to its step.
    """
    lanes = open_session_with(options.target, options).lanes(options.variant)
    trainer = _trainer_at(lanes[0], options, progress)
    name, step, walk = lanes[0].name, options.step, walk_through(trainer)
    if len(lanes) > 1:
        _say(first_of([lane.name for lane in lanes]))
    if options.json:
        sys.stdout.buffer.write(msgspec.json.encode(trace_document(name, step, walk)) + b"\n")
    else:
        print(trace_text(one_line(name), step, walk))


def _trainer_at(lane: LaneRecipe, options: argparse.Namespace, progress: Report | None) -> Trainer:
    """Return a trainer at the state before the step asked for."""
    trainer = Trainer(lane.experiment, load_alone(lane.experiment, memory_limit(options)))
    edits = Edits(lane.name, trainer, lane.edits, lambda _step: None)
    watchers: list[Watcher] = [edits]
    if progress:
        watchers.append(ProgressReports(partial(progress, lane.name), options.step))
    train(updates_of([trainer]), 0, options.step, watchers)
    for error in edits.left_out:
        _say(sentence(error))
    return trainer


def _say(text: str) -> None:
    print(f"initscope: {one_line(text)}", file=sys.stderr)
