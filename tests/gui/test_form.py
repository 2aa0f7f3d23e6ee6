"""The form of an experiment says everything that its file can say, and is made from the kinds themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from engine.core.errors import InitscopeError
from engine.core.registry import kind_of
from engine.datasets.drawn import Moons
from engine.datasets.images import Digits
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target, preset_names
from engine.experiments.schema import KIND, fields_of, kinds_in, options_of, structs_in
from engine.experiments.schema import experiment_type as whole
from engine.experiments.variants import lane_specs
from engine.training.trainer import Trainer
from gui.editor import form_builder, refusals
from gui.editor.consequences import changes_for, check_changes
from gui.editor.form import Form, FormField, Moment
from gui.editor.form_builder import form_of
from gui.forms.number_steps import NumberSteps
from gui.terms.experiment_words import WORDS, about
from tests.builders import NO_BIASES, experiment, layer
from tests.new_kinds import known_kinds, new_kinds


def form(found: Experiment, chosen: str | None = None) -> Form:
    lanes = [(spec.name, spec.experiment) for spec in lane_specs(found)]
    return form_of(found, lanes, chosen, found.data.load())


def within(fields: tuple[FormField, ...]) -> Iterator[FormField]:
    for field in fields:
        yield field
        yield from within(field.parameters)


def fields(found: Form) -> dict[str, FormField]:
    """Return all fields of a form by their paths."""
    groups = [*(s.fields for s in (*found.before, *found.after)), *(one.fields for one in found.layers)]
    return {field.path: field for group in (*groups, found.every_layer) for field in within(group)}


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all values of a document, kinds aside."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != KIND:
                yield from leaves(inner, f"{path}.{key}" if path else key)
    elif path == "network.layers":
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{place}")
    else:
        yield path


@pytest.mark.parametrize("name", preset_names())
def test_everything_that_an_experiment_says_is_in_its_form(name: str) -> None:
    found = open_target(name)
    shown = fields(form(found))
    written = set(leaves(plain(found))) - {"format", "version", "variants"}
    assert written <= set(shown)
    assert all(field.label and field.description for field in shown.values())


def test_a_new_kind_appears_by_itself() -> None:
    with known_kinds():
        shown = fields(form_of(new_kinds(), [], None))
    first = shown["network.layers.0.activation"]
    assert (first.formula, first.value) == ("2/π·arctan(z)", {"kind": "arctangent"})
    assert "averaged gradients" in [choice.label for choice in shown["optimizer"].choices]
    assert shown["data.samples"].label == "samples"


def test_what_is_unwise_is_not_refused() -> None:
    shown = fields(form(open_target("circles")))
    assert not [choice.refused for choice in shown["loss"].choices if choice.refused]


def test_lanes_that_differ_are_told_at_the_field_and_at_a_glance() -> None:
    found = form(open_target("circles"))
    differs = {one.lane: one.text for one in fields(found)["network.layers.0.weights"].differs}
    assert differs["large"] == "normal, standard deviation 10"
    assert set(differs) == {"zeros", "large", "xavier"}
    lines = {lane.name: lane.differences for lane in found.lanes}
    (zeros,) = lines["zeros"]
    assert (zeros.label, zeros.text) == ("weights", "constant, value 0")
    assert zeros.usual == "He (Kaiming) normal, gain 1"
    assert (zeros.path, zeros.common["kind"]) == ("network.layers.*.weights", "he-normal")
    assert not lines["he"]
    assert fields(found)["optimizer"].is_common


RELU, TANH = {"kind": "relu"}, {"kind": "tanh"}


def told(changes: list[tuple[str, Any]]) -> list[str]:
    """Return in what a lane with changes differs, and check that each way back leads to the common value."""
    common = experiment(layer(8, "relu"), layer(4, "relu"), layer(1))
    lane = with_changes(common, changes)
    found = form_of(common, [("lane", lane)], "lane", common.data.load()).lanes[0].differences
    back = with_changes(lane, [(one.path, one.common) for one in reversed(found) if one.path])
    assert back == common
    return [f"{one.label}: {one.text}" + (f" / {one.usual}" if one.usual else "") for one in found]


def test_every_difference_is_told_with_the_common_value() -> None:
    many = [(f"network.layers.{place}.rate", 0.5) for place in (0, 2)]
    values = [
        ("optimizer.learning_rate", 0.25),
        ("batch.size", 16),
        ("weight_decay", 0.1),
        ("l1", 0.1),
        ("network.layers.0.dropout", 0.25),
        ("network.layers.1.units", 5),
        *many,
    ]
    lines = told([*values, *((name, 7) for name in ("seed", "steps"))])
    assert len(lines) == 10
    assert "batches, batch size: 16 / full" in lines
    assert "width of layer 2: 5 / 4" in lines
    assert "dropout of layer 1: 0.25 / 0" in lines


def test_layers_that_change_alike_are_told_once() -> None:
    assert told([("network.layers.hidden.activation", TANH)]) == [
        "activation of the hidden layers: tanh / ReLU"
    ]
    both = [("network.layers.hidden.activation", TANH), ("network.layers.2.activation", RELU)]
    assert told(both)[1] == "activation of layer 3: ReLU / sigmoid"


def test_another_number_of_layers_is_told_as_such() -> None:
    deeper = [layer(8, "relu"), layer(4, "relu"), layer(8, "tanh"), layer(1)]
    lines = told([("network.layers", deeper)])
    assert lines[0] == "layers: 4 (2-8-4-8-1) / 3 (2-8-4-1)"
    assert "activation of layer 3: tanh" in lines
    assert not [line for line in lines if "layer 4" in line], "outputs are compared with outputs"
    lines = told([("network.layers", [layer(8, "tanh"), deeper[-1]])])
    assert lines[0] == "layers: 2 (2-8-1) / 3 (2-8-4-1)"
    assert "activation of layer 1: tanh / ReLU" in lines


def test_long_values_that_begin_alike_are_told_apart() -> None:
    rows = [[0.125] * 4, [0.125] * 4]
    common = experiment(layer(4, weights={"kind": "values", "values": rows}), layer(1))
    lane = with_changes(common, [("network.layers.0.weights.values", [rows[0], [*rows[1][:3], 0.25]])])
    (one,) = form_of(common, [("lane", lane)], None).lanes[0].differences
    assert one.text != one.usual
    assert max(len(one.text), len(one.usual)) <= 40


def test_layers_at_the_same_place_are_compared_whatever_their_number() -> None:
    common = experiment(layer(8), layer(1))
    lane = with_changes(
        common, [("network.layers", [plain(common)["network"]["layers"][place] for place in (0, 0, 1)])]
    )
    shown = fields(form_of(common, [("deeper", lane)], "deeper"))
    assert not [path for path, field in shown.items() if field.differs]
    assert not fields(form_of(common, [("deeper", lane)], None))["network.layers.*.weights"].differs


def test_the_form_of_a_lane_shows_its_values_and_keeps_the_common_ones() -> None:
    field = fields(form(open_target("circles"), "large"))["network.layers.*.weights"]
    assert field.value["std"] == 10.0
    assert field.common["kind"] == "he-normal"
    assert [one.lane for one in field.differs] == ["large"]


def test_what_the_common_experiment_has_not_is_no_difference_of_its_own() -> None:
    """The kind differs; its parameters have no common value that they could go back to."""
    shown = fields(form(open_target("circles"), "large"))
    assert shown["network.layers.0.weights"].differs
    assert not shown["network.layers.0.weights.std"].differs
    mixed = experiment(layer(3), layer(1, weights={"kind": "he-normal"}))
    lanes = [("zeros", with_changes(mixed, [("network.layers.*.weights", {"kind": "constant"})]))]
    shown = fields(form_of(mixed, lanes, "zeros"))
    assert not shown["network.layers.*.weights"].differs
    assert shown["network.layers.1.weights"].common == {"kind": "he-normal", "gain": 1.0}


def test_numbers_that_are_in_the_step_already_can_change_on_the_way() -> None:
    changes = [
        ("optimizer", {"kind": "adam", "schedule": {"kind": "step"}}),
        ("weight_decay", 0.1),
        ("network.layers.3.activation", {"kind": "leaky-relu"}),
        ("network.layers.3.rate", 0.5),
    ]
    deep = with_changes(experiment(*[layer(3)] * 5, layer(1)), changes)
    trainer = Trainer(deep, deep.data.load())
    found = fields(form_of(deep, [("deep", deep)], None, None, Moment("same", 7)))
    for path, field in found.items():
        if field.control in {"number", "whole"} and not path.startswith(("data", "steps", "seed")):
            if ".weights." in path or ".biases." in path:
                continue
            value = 0.75 * field.value if field.control == "number" else 2
            goes_on = False
            with suppress(InitscopeError):
                goes_on = trainer.numbers_for(with_changes(deep, [(path, value or 1.0)])) is not None
            assert goes_on == (not field.refused), path
    can_change = {path for path, field in found.items() if not field.refused}
    assert {"weight_decay", "optimizer.learning_rate", "network.layers.3.activation.slope"} <= can_change
    assert not {"l1", "seed", "name", "optimizer", "network.layers.3.weights.gain", "steps"} & can_change


def test_layers_that_do_not_agree_are_mixed() -> None:
    found = form(experiment(layer(3), layer(1, weights={"kind": "he-normal"}, **NO_BIASES)))
    assert fields(found)["network.layers.*.weights"].is_mixed
    assert not fields(form(open_target("circles")))["network.layers.*.weights"].is_mixed


def test_other_data_brings_its_outputs_and_a_loss_for_them() -> None:
    moons = experiment(layer(4), layer(1))
    digits = with_changes(moons, changes_for(moons, "data", {"kind": "digits"}, Digits().load()))
    assert digits.output_layer.units == 10
    assert [kind_of(digits.loss), kind_of(digits.output_layer.activation)] == ["cross-entropy", "softmax"]
    back = with_changes(digits, changes_for(digits, "data", {"kind": "moons"}, Moons().load()))
    assert back.output_layer.units == 1
    assert kind_of(back.loss) == "binary-cross-entropy"


def test_a_loss_brings_the_activation_that_it_is_made_for() -> None:
    moons = experiment(layer(4), layer(1))
    linear = with_changes(moons, changes_for(moons, "network.layers.1.activation", {"kind": "identity"}))
    assert kind_of(linear.loss) == "binary-cross-entropy", "every combination can be reached"
    squared = with_changes(linear, changes_for(linear, "loss", {"kind": "squared-error"}))
    assert kind_of(squared.output_layer.activation) == "identity"
    sigmoid = with_changes(linear, changes_for(linear, "loss", {"kind": "binary-cross-entropy"}))
    assert kind_of(sigmoid.output_layer.activation) == "sigmoid"


def test_every_word_of_the_file_format_can_be_translated() -> None:
    found, seen = set[str](), set[type]()

    def collect(options: Any) -> None:
        for struct in structs_in(tuple(options)):
            if struct.cls in seen:
                continue
            seen.add(struct.cls)
            if struct.tag is not None:
                found.update((struct.cls.label, " ".join(struct.cls.__doc__.split("\n\n")[0].split())))
            for field in fields_of(struct):
                found.update((field.label, field.description))
                items = [getattr(option.type, "item_type", None) for option in field.options]
                collect([*field.options, *(inner for item in items if item for inner in options_of(item))])

    collect(options_of(whole()))
    assert found - {""} == WORDS
    assert about(kinds_in(tuple(options_of(whole()))).get("", Experiment)).startswith("An experiment")


# Numbers


def test_no_name_of_a_choice_is_written_as_in_files_with_underscores() -> None:
    found = experiment(layer(2, weights={"kind": "variance-scaling"}), layer(1))
    labels = {
        choice.label
        for field in fields(form(found)).values()
        for choice in field.choices
        if not any(sign in choice.label for sign in "/√")  # formulas have them
    }
    assert {"inputs × neurons", "mean of inputs and neurons"} <= labels
    assert not [label for label in labels if "_" in label]


def test_positive_numbers_are_dragged_by_decades_and_others_by_their_range() -> None:
    rate, share = NumberSteps(is_logarithmic=True, minimum=0), NumberSteps(minimum=0, maximum=0.999)
    assert rate.dragged(0.01, 120) == pytest.approx(0.1)
    assert rate.dragged(0.01, 120, fine=True) == pytest.approx(0.0126)
    assert rate.dragged(0.01, 37, snap=True) == 0.02
    assert rate.dragged(0.0, -50) == 0.0
    assert rate.dragged(0.0, 1) > 0
    assert share.dragged(0.5, 10_000) == 0.999
    assert NumberSteps(is_whole=True, minimum=1).dragged(8, -500) == 1


def test_steps_go_by_one_or_by_a_digit() -> None:
    rate = NumberSteps(is_logarithmic=True, minimum=0)
    assert [rate.stepped(0.01, 1), rate.stepped(0.01, -1), rate.stepped(0.03, 2)] == [0.02, 0.005, 0.1]
    assert NumberSteps(is_whole=True, minimum=1).stepped(8, 1) == 9
    assert NumberSteps().stepped(0.5, -1) == pytest.approx(0.49)


def test_a_sweep_comes_back_to_where_it_began() -> None:
    rate = NumberSteps(is_logarithmic=True, minimum=0)
    assert rate.swept(0.02, 0.0) == rate.swept(0.02, 0.5) == rate.swept(0.02, 1.0) == 0.02
    assert rate.swept(0.02, 0.25) == 0.2
    assert rate.swept(0.02, 0.75) == 0.002


def test_in_a_deep_network_choices_are_tried_with_few_layers_and_refused_as_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def counted(found: Experiment, *rest: Any) -> None:
        tried.append(len(found.network.layers))
        check_changes(found, *rest)

    def refused(depth: int) -> dict[str, list[str]]:
        form_builder._last.clear()
        tried.clear()
        deep = experiment(*[layer(3)] * (depth - 1), layer(1))
        shown = form_of(deep, [("deep", deep)], None, deep.data.load())
        return {path: [one.refused for one in field.choices] for path, field in fields(shown).items()}

    monkeypatch.setattr(refusals, "check_changes", counted)
    found = refused(6)
    assert any(filter(None, found["network.layers.*.weights"])), "written numbers fit one layer"
    few = sum(tried)
    refused(12)
    assert sum(tried) < 2.5 * few, "each layer is tried beside few others"
    monkeypatch.setattr(refusals, "_near", lambda *_: None)
    assert refused(6) == found
