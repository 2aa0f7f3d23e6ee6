"""Why choices do not fit an experiment, and what cannot change on the way.

What was found is remembered while only numbers change: they can be dragged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from weakref import ref

import msgspec

from engine.compile.continuation import begins_alike, step_form
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.datasets.drawn import Moons
from engine.experiments.changes import places_of, plain, with_changes
from engine.experiments.experiment import Batch, Experiment, Layer
from engine.experiments.schema import KIND
from engine.model.initializers import Constant
from engine.model.optimizers import Sgd
from gui.editor.consequences import changes_for, check_changes
from gui.editor.differences import is_of_many
from gui.editor.starting_values import WRITTEN
from gui.text.error_words import sentence
from gui.text.language import translate

FIRST = "network.layers.0."
"""The path of the layer that meets the inputs of the data."""
MOST_ALIKE = 2
"""Hidden layers with the same settings that show what holds for any number of them."""
_can_change: dict[tuple[str, str, str], bool] = {}
"""Whether a value can change on the way, by the form of a training step, the path and the name: numbers do not matter."""


class Refusals:
    """The refusals of one experiment, whose data may be at hand."""

    def __init__(self, experiment: Experiment, dataset: Dataset | None) -> None:
        self._whole = msgspec.structs.replace(experiment, data=Moons(), variants=[])
        self._experiment = _bare(experiment)
        self._text = msgspec.json.encode(self._experiment)
        self._dataset = None if dataset is None else ref(dataset)
        self._found: dict[tuple[str, str], str] = {}
        self._near: dict[tuple[str, str], bool] = {}

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
        dataset = self.dataset if path.startswith(FIRST) else None
        near = _near(self._whole, path)
        if near is not None and not _why_not(*near, value, dataset):
            return ""
        return _why_not(self._whole, path, value, dataset)

    def _try(self, path: str, value: dict[str, Any]) -> str:
        last = f"network.layers.{len(self._experiment.network.layers) - 1}.activation"
        dataset = (
            self.dataset if path in {"loss", last} or is_of_many(path) or value[KIND] == WRITTEN else None
        )
        near = _near(self._experiment, path)
        if near is not None and self._fits_near(*near, value, dataset):
            return ""
        return _why_not(self._experiment, path, value, dataset)

    def _fits_near(self, near: Experiment, path: str, value: dict[str, Any], dataset: Dataset | None) -> bool:
        if dataset is not None:
            return not _why_not(near, path, value, dataset)
        key = (path, value[KIND])  # without numbers and data all layers are alike
        if key not in self._near:
            self._near[key] = not _why_not(near, path, value, None)
        return self._near[key]


def _why_not(experiment: Experiment, path: str, value: Any, dataset: Dataset | None) -> str:
    """Return why a value does not fit at a path, even with what would follow it; nothing if it does."""
    try:
        check_changes(experiment, changes_for(experiment, path, value, dataset), dataset)
    except InitscopeError as error:
        return sentence(error)
    return ""


def _near(experiment: Experiment, path: str) -> tuple[Experiment, str] | None:
    """Return an experiment with the layer of a path, the one before it and the outputs, and the path there.

    No other layer decides whether a value fits, and a deep network takes seconds to try. None where all layers stay.
    """
    keys, layers = path.split("."), experiment.network.layers
    if is_of_many(path):
        return None
    last = len(layers) - 1
    place = int(keys[2]) if keys[0] == "network" else last
    kept = sorted({max(place - 1, 0), place, last})
    if len(kept) == len(layers):
        return None
    network = msgspec.structs.replace(experiment.network, layers=[layers[number] for number in kept])
    if keys[0] == "network":
        keys[2] = str(kept.index(place))
    return msgspec.structs.replace(experiment, network=network), ".".join(keys)


class RefusalsOnTheWay:
    """What cannot change while lanes train, whose experiments these are: they go on with the same training step."""

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self._experiments = [_Reduced(experiment) for experiment in experiments]
        self._forms: dict[bytes, str] = {}

    def why(self, path: str, others: list[Any]) -> str:
        """Return why a value at a path cannot be one of some others from here on.

        Nothing if it can in every lane that has such a setting, and there are any: the others stay as they are.
        """
        places = [(one, found) for one in self._experiments if (found := one.places(path))]
        if places and all(self._can_be_other(one.experiment, found, others) for one, found in places):
            return ""
        return translate(
            "experiment panel",
            "Only from the start: on the way nothing but numbers of the training step can change",
        )

    def can_be(self, path: str, value: Any) -> bool:
        """Return whether a value at a path can become just this one from here on in every lane."""
        return all(self._goes_on(one.experiment, one.places(path), value) for one in self._experiments)

    def _can_be_other(self, experiment: Experiment, places: list[str], others: list[Any]) -> bool:
        if not others:
            return False
        names = [other for other in others if isinstance(other, bool) or not isinstance(other, int | float)]
        key = self._form(experiment), str(places), str(names)
        if key not in _can_change:
            _can_change[key] = any(self._goes_on(experiment, places, value) for value in others)
        return _can_change[key]

    def _goes_on(self, before: Experiment, places: list[str], value: Any) -> bool:
        try:
            found = with_changes(before, [(place, value) for place in places])
        except InitscopeError:
            return False
        return found != before and begins_alike(before, found) and self._form(before) == self._form(found)

    def _form(self, experiment: Experiment) -> str:
        key = msgspec.json.encode(experiment)
        if key not in self._forms:
            self._forms[key] = step_form(experiment)
        return self._forms[key]


class _Reduced:
    """An experiment with few layers whose step changes as that of the whole one: deep networks repeat themselves."""

    def __init__(self, whole: Experiment) -> None:
        *hidden, _ = layers = whole.network.layers
        seen, kept, alike = Counter[bytes](), list[int](), dict[bytes, list[int]]()
        for place, layer in enumerate(hidden):
            key = _settings(layer)
            seen[key] += 1
            if seen[key] <= MOST_ALIKE:
                alike.setdefault(key, []).append(len(kept))
                kept.append(place)
        self._places = {place: alike[_settings(layer)][0] for place, layer in enumerate(hidden)}
        self._places[len(hidden)] = len(kept)
        chosen = [msgspec.structs.replace(layers[n], weights=Constant()) for n in (*kept, len(hidden))]
        network = msgspec.structs.replace(whole.network, layers=chosen)
        self.experiment = msgspec.structs.replace(whole, network=network, data=Moons(), variants=[])
        self._document = plain(self.experiment)

    def places(self, path: str) -> list[str]:
        """Return where it has the setting at a path of the whole experiment: in several layers, if it means those."""
        found = self._path(path)
        return [] if found is None else places_of(self._document, found)

    def _path(self, path: str) -> str | None:
        """Return where the value at a path of the whole experiment stands in this one; None if there is none."""
        keys = path.split(".")
        if keys[:2] != ["network", "layers"] or len(keys) < 3 or not keys[2].isdecimal():
            return path
        found = self._places.get(int(keys[2]))
        return None if found is None else ".".join((*keys[:2], str(found), *keys[3:]))


def _settings(layer: Layer) -> bytes:
    return msgspec.json.encode(
        (layer.activation, layer.rate, layer.dropout, layer.normalize, layer.residual, layer.biases is None)
    )


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
        batch=Batch(1) if experiment.batch.size == 1 else Batch(),
        weight_decay=0.0,
        l1=0.0,
        clip=None,
        seed=0,
        steps=1,
        variants=[],
    )
