"""The options of the command line that take data and weights of people's own."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.experiments.experiment import Experiment
    from engine.importing.own_files import Changes
    from engine.session.session_file import Session


def add_own_files(parser: argparse.ArgumentParser) -> None:
    """Let a command take `--data FILE` and `--start FILE`."""
    parser.add_argument(
        "--data",
        type=_file,
        metavar="FILE",
        help="learn these samples instead: CSV (the last column is the target), NPZ, NPY, safetensors, IDX images",
    )
    parser.add_argument(
        "--start",
        type=_file,
        metavar="FILE",
        help="start from these weights: NPZ (as run --out writes), NPY, safetensors, PyTorch .pt or .pth",
    )


def has_own_files(options: argparse.Namespace) -> bool:
    """Return whether one of these options is given."""
    return options.data is not None or options.start is not None


def open_session_with(target: str, options: argparse.Namespace) -> Session:
    """Return what a command is about, with what its options change.

    Of a session every lane learns the data and starts from the weights of the files, and is edited on its way as before.
    """
    from engine.importing.own_files import open_with_own  # noqa: PLC0415 - it takes a while
    from engine.session.session_file import Session, open_session  # noqa: PLC0415

    changes, names = getattr(options, "set", []), getattr(options, "variant", [])
    session = open_session(target, changes if not has_own_files(options) else [])
    if not has_own_files(options):
        return session
    edited = any(lane.edits for lane in session.recipe().lanes)
    lanes = names or [lane.name for lane in session.recipe().lanes] if edited else names

    def open_changed(some: Changes) -> Experiment:
        return open_session(target, some).as_experiment()

    changed = open_with_own(open_changed, changes, options.data, options.start, lanes)
    if options.start is not None:
        _tell_what_is_not_read(options.start)
    return _with_lanes_of(session, changed) if edited else Session(changed)


def _tell_what_is_not_read(start: Path) -> None:
    """Say on stderr that scales and shifts of normalized layers in a file are not read, where it has some."""
    from engine.importing.own_start import holds_norms  # noqa: PLC0415
    from gui.text.error_words import one_line  # noqa: PLC0415
    from gui.text.file_words import norms_not_read  # noqa: PLC0415

    if holds_norms(start):
        with suppress(OSError):
            sys.stderr.write(f"initscope: {one_line(norms_not_read(start))}\n")


def _with_lanes_of(session: Session, changed: Experiment) -> Session:
    """Return a session whose lanes become the variants of an experiment, with everything else that was done to them."""
    from engine.experiments.changes import plain  # noqa: PLC0415
    from engine.experiments.variants import lane_specs  # noqa: PLC0415
    from engine.session.recipe import differences  # noqa: PLC0415
    from engine.session.session_file import Session  # noqa: PLC0415
    from engine.training.edits import Set  # noqa: PLC0415

    recipe = session.recipe()
    sets: list[Set] = []
    for spec in lane_specs(changed):
        lane = recipe.lanes[recipe.index(spec.name)]
        for (path, value), *also in filter(
            None, [differences(plain(lane.experiment), plain(spec.experiment))]
        ):
            sets.append(Set(path, value, tuple(also), lane=spec.name))
    return Session(session.experiment, (*session.actions, *sets), session.view)


def _file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return Path(text)
