"""A diagnosis that a process of its own makes: it disturbs nobody, and who no longer wants it ends it at once."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeAlias

from engine.core.cancellation import checkpoint
from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.doctor.diagnosis import SEEDS, Doctor, Tell
from engine.experiments.memory import MemoryPlan, default_limit
from engine.experiments.variants import LaneSpec, load_datasets
from engine.symptoms.findings import Diagnosis, Finding
from engine.trials.trials import CORES, Trials

PATIENCE = 0.05
"""Seconds from one look whether the diagnosis is still wanted to the next."""

GENTLE = 10
"""By how much the process steps back behind a window that draws and trains."""

Stage: TypeAlias = tuple[str, tuple[Finding, ...]]
"""What is done next, and what was found before."""

News: TypeAlias = Stage | Diagnosis | InitscopeError
"""What the process sends: the next stage, and at the end the diagnosis or why there is none."""


def consult(spec: LaneSpec, seeds: int = SEEDS, tell: Tell = lambda _stage, _findings: None) -> Diagnosis:
    """Return the diagnosis of a lane, made in another process; `tell` is told how far it is.

    Raise Cancelled at a checkpoint where nobody wants it any more, and InitscopeError where it cannot be made.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=answer, args=(there, spec, seeds), name="doctor", daemon=True)
    try:
        process.start()
        there.close()
        return _listen(here, tell)
    except (EOFError, OSError) as error:
        raise InitscopeError(Problem.DOCTOR_GONE) from error
    finally:
        here.close()
        if process.pid is not None:
            process.kill()
            process.join()


def _listen(here: Connection, tell: Tell) -> Diagnosis:
    while True:
        checkpoint()
        if not here.poll(PATIENCE):
            continue
        news: News = here.recv()
        if isinstance(news, InitscopeError):
            raise news
        if isinstance(news, Diagnosis):
            return news
        tell(*news)


def answer(there: Connection, spec: LaneSpec, seeds: int) -> None:
    """Send the stages of a diagnosis and what comes of it, as the process does."""
    _step_back()
    parent = os.getppid()
    try:
        plan = MemoryPlan(default_limit(), trainers=CORES + 2, alone_above=0)
        [dataset] = load_datasets([spec], plan)
        trials = Trials(lambda: os.getppid() != parent)
        doctor = Doctor(
            trials, spec.experiment, dataset, seeds, lambda stage, found: there.send((stage, found))
        )
        there.send(doctor.diagnose(spec.name))
    except InitscopeError as error:
        there.send(error)


def _step_back() -> None:
    """Leave Ctrl+C to the window, and the processor to whoever needs it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(GENTLE)
