"""Why choices do not fit an experiment. What was found is remembered while only numbers change: they can be dragged."""

from __future__ import annotations

from typing import Any
from weakref import ref

import msgspec

from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.datasets.drawn import Moons
from engine.experiments.experiment import Batch, Experiment
from engine.experiments.schema import KIND
from engine.model.initializers import Constant
from engine.model.optimizers import Sgd
from gui.editor.consequences import changes_for, check_changes
from gui.editor.differences import is_of_many
from gui.editor.starting_values import WRITTEN
from gui.text.error_words import sentence


class Refusals:
    """The refusals of one experiment, whose data may be at hand."""

    def __init__(self, experiment: Experiment, dataset: Dataset | None) -> None:
        self._whole = msgspec.structs.replace(experiment, variants=[])
        self._experiment = _bare(experiment)
        self._text = msgspec.json.encode(self._experiment)
        self._dataset = None if dataset is None else ref(dataset)
        self._found: dict[tuple[str, str], str] = {}

    def goes_on_from(self, before: Refusals | None) -> None:
        """Take over what was found for an experiment with the same choices, on the same data."""
        if before is not None and before._text == self._text and before.dataset is self.dataset:
            self._found = before._found

    @property
    def dataset(self) -> Dataset | None:
        """Return the data, as long as somebody else has it."""
        return None if self._dataset is None else self._dataset()

    def why(self, path: str, value: dict[str, Any]) -> str:
        """Return why a kind does not fit at a path, even with what would follow it; nothing if it does.

        Other data is not tried: it would have to be loaded.
        """
        if path == "data":
            return ""
        key = (path, value[KIND])
        if key not in self._found:
            self._found[key] = self._try(path, value)
        return self._found[key]

    def why_name(self, path: str, value: Any) -> str:
        """Return why a name or a switch does not fit beside everything else that is so; of data, that is not tried."""
        if path.startswith("data."):
            return ""
        try:
            check_changes(self._whole, [(path, value)], None)
        except InitscopeError as error:
            return sentence(error)
        return ""

    def _try(self, path: str, value: dict[str, Any]) -> str:
        last = f"network.layers.{len(self._experiment.network.layers) - 1}.activation"
        dataset = (
            self.dataset if path in {"loss", last} or is_of_many(path) or value[KIND] == WRITTEN else None
        )
        try:
            check_changes(self._experiment, changes_for(self._experiment, path, value, dataset), dataset)
        except InitscopeError as error:
            return sentence(error)
        return ""


def _bare(experiment: Experiment) -> Experiment:
    """Return an experiment without the numbers and texts that decide about no choice, so that it is tried quickly."""
    replace = msgspec.structs.replace
    layers = [
        replace(layer, weights=Constant(), biases=Constant(), dropout=0.0, rate=1.0)
        for layer in experiment.network.layers
    ]
    return replace(
        experiment,
        name="tried",
        title="",
        notes="",
        data=Moons(),
        network=replace(experiment.network, layers=layers),
        optimizer=Sgd(),
        batch=Batch(),
        weight_decay=0.0,
        l1=0.0,
        clip=None,
        seed=0,
        steps=1,
        variants=[],
    )
