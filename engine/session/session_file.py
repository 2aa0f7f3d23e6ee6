"""Session files: an experiment, what was done to it, and how it was looked at, as JSON. Nothing is ever evaluated.

Doing the actions again makes every lane again, bit for bit, so that a session is as small as what somebody did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import msgspec

from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.core.problems import Problem
from engine.experiments.changes import plain
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import experiment_in, read_code, read_document
from engine.experiments.presets import is_file_name, path_of
from engine.formats.short_code import is_code
from engine.scenes.view import View, view_in
from engine.session.action_log import new_log
from engine.session.commands import SessionAction, Source, action_in, check_room
from engine.session.recipe import LaneRecipe, Recipe, after

FORMAT = "initscope-session"
VERSION = 1
PROGRAM = "Initscope"
FIELDS = frozenset({"format", "version", "written_by", "experiment", "actions", "view", "checksum"})


@dataclass(frozen=True)
class Session:
    """An experiment, what was done to it, and how it was looked at.

    `source` is the file of a person's own that it was read from, which makes no difference to what it is.
    """

    experiment: Experiment
    actions: tuple[SessionAction, ...] = ()
    view: View = field(default_factory=View)
    source: Source | None = field(default=None, compare=False)

    def recipe(self) -> Recipe:
        """Return what its lanes are made from."""
        return new_log(self.experiment, self.actions).recipe

    def lanes(self, names: Sequence[str] = ()) -> list[LaneRecipe]:
        """Return its lanes, all or those named; raise ExperimentError for a name that it does not have."""
        lanes = self.recipe().lanes
        known = [lane.name for lane in lanes]
        for name in names:
            if name not in known:
                raise ExperimentError("variants", Problem.NO_VARIANT, name=name, names=known)
        return [lane for lane in lanes if not names or lane.name in names]

    def as_experiment(self) -> Experiment:
        """Return the experiment whose variants are the lanes, without the edits of weights."""
        return self.recipe().as_experiment() if self.actions else self.experiment


def open_session(target: str, changes: list[tuple[str, Any]] | None = None) -> Session:
    """Return what TARGET of the command line means: a preset, an experiment or session file, or a short code.

    `changes` are made to the experiment before anything else is done. Raise FileError or ExperimentError where it
    makes no sense.
    """
    if is_code(target):
        return Session(read_code(target, changes))
    path = path_of(target)
    document = read_document(path)
    if document.get("format") != FORMAT:
        source = Source(path) if is_file_name(target) else None
        return Session(experiment_in(document, path, changes), source=source)
    try:
        actions, view, experiment = (
            _actions(document),
            view_in(document.get("view", {}), "view"),
            _experiment(document),
        )
    except ExperimentError as error:
        raise FileError(path, Problem.EXPERIMENT_MISTAKE, cause=error) from error
    session = Session(experiment_in(experiment, path, changes), actions, view, Source(path, has_all=True))
    _try_actions(session, path)
    return session


def encode_session(session: Session) -> bytes:
    """Return a session as indented JSON that `open_session` reads back to an equal one."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": PROGRAM,
        "experiment": plain(session.experiment),
        "actions": msgspec.to_builtins(session.actions),
        "view": msgspec.to_builtins(session.view),
    }
    document["checksum"] = _checksum(document)
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _checksum(document: dict[str, Any]) -> str:
    """Return the checksum of everything else in a document."""
    rest = {key: value for key, value in document.items() if key != "checksum"}
    return f"{crc32(msgspec.json.encode(rest, order='deterministic')):08x}"


def _actions(document: dict[str, Any]) -> tuple[SessionAction, ...]:
    version = document.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise ExperimentError("version", Problem.NEWER_VERSION, version=version, newest=VERSION)
    if version != VERSION or not document.keys() <= FIELDS:
        raise ExperimentError("", Problem.SESSION_FIELDS)
    if document.get("checksum", found := _checksum(document)) != found:
        raise ExperimentError("checksum", Problem.SESSION_ALTERED)
    if "written_by" in document and "checksum" not in document:  # who writes by hand needs neither
        raise ExperimentError("checksum", Problem.SESSION_UNSEALED)
    listed = document.get("actions", [])
    if not isinstance(listed, list):
        raise ExperimentError("actions", Problem.SESSION_FIELDS)
    items = cast("list[Any]", listed)
    check_room(len(items))
    return tuple(action_in(item, number) for number, item in enumerate(items))


def _experiment(document: dict[str, Any]) -> dict[str, Any]:
    experiment = document.get("experiment")
    if not isinstance(experiment, dict):
        raise ExperimentError("experiment", Problem.NO_JSON_OBJECT)
    return cast("dict[str, Any]", experiment)


def _try_actions(session: Session, path: Path) -> None:
    """Raise FileError where the lanes do not allow what was done to them."""
    log = new_log(session.experiment)
    for number, action in enumerate(session.actions):
        try:
            log = log.with_action(action, after(log.recipe, action))
        except InitscopeError as error:
            raise FileError(path, Problem.SESSION_REFUSED, number=number, cause=error) from error
