"""What the doctor says of a small network for each cause, and of networks that are well."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from engine.core.cancellation import Cancelled
from engine.doctor.controls import random_changes
from engine.doctor.diagnosis import Doctor
from engine.doctor.findings import Cause, Diagnosis, Sure, Verdict
from engine.doctor.patient import Patient
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import parse_experiment
from engine.trials.learnable import carries_signal, useless_columns
from engine.trials.outcome import Scale
from engine.trials.trials import Trials
from tests.builders import Document, constant, document, experiment, layer, table
from tests.clinic.wards import pair, well

pytestmark = pytest.mark.untraced

XOR = table([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])


def diagnosis(case: Document | Experiment, seeds: int = 3) -> Diagnosis:
    chosen = case if isinstance(case, Experiment) else parse_experiment(msgspec.json.encode(case))
    return Doctor(Trials(), chosen, chosen.data.load(), seeds).diagnose("it")
