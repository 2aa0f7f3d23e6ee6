"""The form of an experiment: everything that its file can say, in sections, with what the lanes have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.experiments.changes import HIDDEN, plain
from engine.experiments.experiment import Experiment
from engine.experiments.schema import Field, fields_at, struct_of
from engine.training.first_state import initial_parameters
from gui.editor.differences import differences_later, differences_of, value_at
from gui.editor.drawn_numbers import histogram_of
from gui.editor.field_maker import FieldMaker
from gui.editor.form import (
    FROM_START,
    Form,
    FormField,
    FormLane,
    FormLayer,
    FormSection,
    Histogram,
    LaneDifference,
    Moment,
)
from gui.editor.refusals import Refusals, RefusalsOnTheWay
from gui.text.language import translate

LAYERS = "network.layers"
SECTIONS: dict[str, tuple[str, ...]] = {
    "data": ("data",),
    "learning": ("loss", "optimizer", "batch", "weight_decay", "l1", "clip", "steps", "on_divergence"),
    "random": ("seed", "stream", "draw"),
    "numbers": ("dtype", "arithmetic"),
    "about": ("name", "title", "notes"),
}
"""The fields of an experiment by section; those that are named nowhere belong to `REST`."""
REST = "learning"
NOT_EDITED = {"format", "version", "variants", "network"}
OF_EVERY_LAYER, OF_HIDDEN_LAYERS = {"weights", "biases"}, {"activation"}
MOST_WRITTEN, MOST_DRAWN = 80, 2_000
"""How many weights of a layer can be edited as text, and of how many parameters they are drawn for that."""
USUAL_INPUTS = 2
"""How many inputs the first layer is taken to have where no data is at hand."""


def form_of(
    experiment: Experiment,
    lanes: Sequence[tuple[str, Experiment]],
    chosen: str | None,
    dataset: Dataset | None = None,
    moment: Moment = FROM_START,
) -> Form:
    """Return the form of the common experiment, or of the lane that is chosen, whose data may be at hand.

    All experiments are those of the `moment` from when on they are changed.
    """
    documents = [(name, plain(found)) for name, found in lanes]
    shown = dict(lanes).get(chosen, experiment) if chosen is not None else experiment
    edited = [found for name, found in lanes if chosen in {None, name}] or [experiment]
    way = RefusalsOnTheWay(edited) if moment.in_lane and moment.step else None
    return _FormBuilder(experiment, shown, documents, chosen, dataset, moment, way).form()


class _FormBuilder:
    """Builds the form of one experiment."""

    def __init__(
        self,
        common: Experiment,
        shown: Experiment,
        lanes: list[tuple[str, dict[str, Any]]],
        chosen: str | None,
        dataset: Dataset | None,
        moment: Moment,
        way: RefusalsOnTheWay | None,
    ) -> None:
        self._shown, self._dataset = shown, dataset
        self._moment, self._way = moment, way
        self._document, self._common = plain(shown), plain(common)
        self._lanes, self._chosen = lanes, chosen
        compared = [pair for pair in lanes if chosen in {None, pair[0]}]
        self._refusals = refusals = _refusals_of(shown, dataset)
        self._maker = FieldMaker(
            self._document,
            self._common,
            compared,
            refusals.why,
            self._why_name,
            self._why_held,
            self._drawn,
            self._written,
        )

    def form(self) -> Form:
        """Return all of it."""
        fields = {field.name: field for field in fields_at("", self._document)}
        sections = [self._section(name, fields) for name in SECTIONS]
        return Form(
            chosen=self._chosen,
            lanes=tuple(self._lane(name, found) for name, found in self._lanes),
            before=tuple(sections[:1]),
            every_layer=self._every_layer(),
            layers=tuple(map(self._layer, range(len(self._shown.network.layers)))),
            after=tuple(sections[1:]),
            in_lane=self._moment.in_lane,
            hint=_hint(self._moment, of_all=self._chosen is None),
            layers_refused=self._why_held(LAYERS, []),
        )

    def _lane(self, name: str, document: dict[str, Any]) -> FormLane:
        """Return a lane and its differences; the data at hand tell the number of inputs, if they are those of both."""
        is_known = document["data"] == self._common["data"] == self._document["data"]
        inputs = self._dataset.inputs if self._dataset is not None and is_known else None
        found = differences_of(self._common, document, inputs)
        later = differences_later(self._moment.later.get(name, ()), inputs)
        return FormLane(
            name, (*(one if self._leads_back(one) else replace(one, path="") for one in found), *later)
        )

    def _leads_back(self, one: LaneDifference) -> bool:
        """Return whether the lane that is edited can be given the common value from the moment on."""
        if self._chosen is None or not one.path:
            return bool(one.path)
        return not self._moment.refused and (self._way is None or self._way.can_be(one.path, one.common))

    def _why_name(self, path: str, value: Any) -> str:
        return self._refusals.why_name(path, value) or self._why_held(path, [value])

    def _why_held(self, path: str, others: list[Any]) -> str:
        """Return why none of some other values is possible from the moment on."""
        return self._moment.refused or ("" if self._way is None else self._way.why(path, others))

    def _section(self, name: str, fields: dict[str, Field]) -> FormSection:
        named = {field for names in SECTIONS.values() for field in names}
        new = [field for field in fields if field not in named | NOT_EDITED] if name == REST else []
        chosen = [fields[field] for field in (*SECTIONS[name], *new)]
        return FormSection(name, _title(name), tuple(part for field in chosen for part in self._parts(field)))

    def _parts(self, field: Field) -> tuple[FormField, ...]:
        """Return a field; of a part without kinds, such as the batches, the fields in it."""
        struct = struct_of(field.options, value_at(self._document, field.name))
        if struct is not None and struct.tag is None:
            return self._maker.parameters(struct, field.name)
        return (self._maker.field(field, field.name),)

    def _layer_fields(self) -> tuple[Field, ...]:
        return fields_at(f"{LAYERS}.0", self._document)

    def _every_layer(self) -> tuple[FormField, ...]:
        """Return what is chosen for all layers at once; that of the outputs has to fit the loss, and is left alone."""
        fields, has_hidden = self._layer_fields(), len(self._shown.network.layers) > 1
        of_hidden = [field for field in fields if field.name in OF_HIDDEN_LAYERS and has_hidden]
        of_every = [field for field in fields if field.name in OF_EVERY_LAYER]
        return (
            *(self._of_hidden(field) for field in of_hidden),
            *(self._maker.field(field, f"{LAYERS}.*.{field.name}") for field in of_every),
        )

    def _of_hidden(self, field: Field) -> FormField:
        made = self._maker.field(field, f"{LAYERS}.{HIDDEN}.{field.name}")
        told = translate("experiment panel", "Of all hidden layers: the outputs have their own")
        return replace(made, description=f"{made.description}\n{told}")

    def _layer(self, place: int) -> FormLayer:
        is_output = place == len(self._shown.network.layers) - 1
        title = (
            translate("experiment panel", "{0} · output")
            if is_output
            else translate("experiment panel", "{0} · hidden")
        )
        fields = tuple(
            self._maker.field(field, f"{LAYERS}.{place}.{field.name}") for field in self._layer_fields()
        )
        return FormLayer(
            title.format(place + 1), is_output, fields, self._document["network"]["layers"][place]
        )

    def _drawn(self, path: str) -> Histogram | None:
        """Return what the weights or biases at a path draw; of all layers, those of the first."""
        keys = path.split(".")
        if keys[0] != "network" or keys[-1] not in OF_EVERY_LAYER:
            return None
        place = 0 if keys[2] == "*" else int(keys[2])
        inputs = USUAL_INPUTS if self._dataset is None else self._dataset.inputs
        layers = self._shown.network.layers
        fan_in = layers[place - 1].units if place else inputs
        initializer = getattr(layers[place], keys[-1])
        return histogram_of(initializer, fan_in, layers[place].units, is_bias=keys[-1] == "biases")

    @cached_property
    def _first_parameters(self) -> Floats:
        """Return the parameters with which the network starts; raise InitscopeError where it cannot."""
        assert self._dataset is not None
        return initial_parameters(self._shown, self._shown.layout(self._dataset.inputs))

    def _written(self, path: str) -> list[Any] | None:
        """Return the numbers with which the layer at a path starts, W as rows or b; None if they are too many.

        None, too, where another layer cannot be made: its file has gone.
        """
        _, _, place, part = path.split(".")
        if place == "*" or self._dataset is None:
            return None
        layout = self._shown.layout(self._dataset.inputs)
        block = layout.blocks[int(place)]
        if block.fan_in * block.fan_out > MOST_WRITTEN or layout.size > MOST_DRAWN:
            return None
        try:
            theta = self._first_parameters
        except InitscopeError:
            return None
        biases = block.biases(theta)
        if part == "biases":
            return [0.0] * block.fan_out if biases is None else biases.tolist()
        return block.weights(theta).tolist()


_last: list[Refusals] = []
"""The refusals of the last form."""


def _refusals_of(experiment: Experiment, dataset: Dataset | None) -> Refusals:
    found = Refusals(experiment, dataset)
    found.goes_on_from(_last[0] if _last else None)
    _last[:] = [found]
    return found


def _hint(moment: Moment, *, of_all: bool) -> str:
    """Return what a person has to know of the moment from when on values are changed."""
    if moment.refused or moment.in_lane is None:
        return moment.refused
    if moment.step:
        return translate("experiment panel", "What is grey can only be changed from the start.")
    if moment.in_lane == "same":
        return translate("experiment panel", "Step 0 is the start: this is the same as from the start.")
    if of_all:
        return translate("experiment panel", "Step 0 is the start: new lanes begin with what is changed.")
    return translate("experiment panel", "Step 0 is the start: a new lane begins with what is changed.")


def _title(section: str) -> str:
    titles = {
        "data": translate("experiment panel", "Data"),
        "learning": translate("experiment panel", "Learning"),
        "random": translate("experiment panel", "Random numbers"),
        "numbers": translate("experiment panel", "Arithmetic"),
        "about": translate("experiment panel", "Name and notes"),
    }
    return titles[section]
