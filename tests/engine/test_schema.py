"""What an experiment may be made of, as a form or a help page reads it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.inspect import FloatType, IntType, ListType, Metadata, StrType, StructType, Type, UnionType

from engine.core.registry import Choice
from engine.datasets import Data
from engine.experiments.experiment_file import PATH_FIELDS
from engine.experiments.mistakes import first_mistake
from engine.experiments.presets import open_target
from engine.experiments.schema import experiment_type, fields_at, fields_of, kinds_at, options_at
from gui.text.error_words import sentence
from tests.builders import document, layer

CIRCLES: dict[str, Any] = msgspec.to_builtins(open_target("circles"))


def structs(kind: Type) -> list[StructType]:
    """Return every part and every choice that an experiment can have."""
    found: dict[type, StructType] = {}

    def visit(kind: Type) -> None:
        if isinstance(kind, Metadata):
            visit(kind.type)
        elif isinstance(kind, UnionType):
            for member in kind.types:
                visit(member)
        elif isinstance(kind, ListType):
            visit(kind.item_type)
        elif isinstance(kind, StructType) and kind.cls not in found:
            found[kind.cls] = kind
            for field in kind.fields:
                visit(field.type)

    visit(kind)
    return list(found.values())


STRUCTS = structs(experiment_type())


def name_of(struct: StructType) -> str:
    return struct.cls.__name__


def test_there_are_all_parts_and_kinds() -> None:
    names = set(map(name_of, STRUCTS))
    assert {"Experiment", "Layer", "Batch", "Variant", "Csv", "Gelu", "Lsuv", "CrossEntropy", "Adam"} <= names
    assert len(names) > 35


@pytest.mark.parametrize("struct", STRUCTS, ids=name_of)
def test_every_field_has_a_name_for_people_and_a_sentence(struct: StructType) -> None:
    for field in fields_of(struct):
        assert field.label, field.name
        assert field.label == field.label.strip()
        assert field.description.endswith("."), field.name
        assert field.description[0].isupper(), field.name
        assert field.options, field.name


@pytest.mark.parametrize("struct", [s for s in STRUCTS if issubclass(s.cls, Choice)], ids=name_of)
def test_every_kind_has_a_name_for_people_and_what_is_computed_a_formula(struct: StructType) -> None:
    assert struct.cls.label
    assert struct.cls.formula or issubclass(struct.cls, Data)


def test_a_field_tells_its_limits() -> None:
    fields = {field.name: field for field in fields_at("network.layers.0", CIRCLES)}
    (units,) = fields["units"].options
    assert isinstance(units.type, IntType)
    assert (units.type.ge, units.type.le) == (1, 10_000)
    (dropout,) = fields["dropout"].options
    assert isinstance(dropout.type, FloatType)
    assert (dropout.type.ge, dropout.type.lt, fields["dropout"].default) == (0, 1, 0.0)
    assert fields["units"].required
    assert not fields["dropout"].required


@pytest.mark.parametrize("kind", ["constant", "constant-noise", "uniform", "normal", "orthogonal"])
def test_the_numbers_of_an_initializer_have_limits(kind: str) -> None:
    """A form can offer a range for each, and a file with a number beyond it is told so."""
    chosen = document(layer(2, weights={"kind": kind}), layer(1))
    for field in fields_at("network.layers.0.weights", chosen):
        for option in field.options:
            if isinstance(option.type, FloatType):
                assert option.type.ge is not None or option.type.gt is not None, field.name
                too_large = document(layer(2, weights={"kind": kind, field.name: 1.5e308}), layer(1))
                if option.type.le is not None:
                    mistake = first_mistake(too_large)
                    assert mistake is not None
                    said = f"network.layers.0.weights.{field.name}: must be a number of at most 1e+308, got 1.5e308"
                    assert sentence(mistake) == said


def test_a_choice_has_the_fields_of_its_kind_and_its_place_the_kinds_that_fit() -> None:
    assert [field.name for field in fields_at("optimizer", CIRCLES)] == [
        "learning_rate",
        "momentum",
        "nesterov",
        "schedule",
    ]
    assert kinds_at("optimizer", CIRCLES) == ("sgd", "rmsprop", "adam", "adamw", "nadam", "adagrad")
    assert "lsuv" in kinds_at("network.layers.1.weights", CIRCLES)
    assert "lsuv" not in kinds_at("network.layers.1.biases", CIRCLES)


def test_nothing_belongs_where_there_is_no_field() -> None:
    assert options_at("network.layers.0.colour", CIRCLES) == ()
    assert fields_at("name", CIRCLES) == ()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("data.csv\0", 'data.path: must be a path without NUL characters, got "data.csv\\u0000"'),
        ("", 'data.path: must be text of length 1 or more, got ""'),
        (None, "data.path: must be text, got null"),
    ],
)
def test_a_file_path_that_does_not_fit_is_told_what_is_wrong_with_it(path: Any, said: str) -> None:
    mistake = first_mistake(document(layer(1), data={"kind": "csv", "path": path}))
    assert mistake is not None
    assert sentence(mistake) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (None, "batch.size: must be a whole number or one of full, got null"),
        ("half", 'batch.size: must be a whole number or one of full, got "half"'),
        (0, "batch.size: must be a whole number of at least 1, got 0"),
    ],
)
def test_of_several_types_all_are_named_where_none_fits(size: Any, said: str) -> None:
    mistake = first_mistake(document(layer(1), batch={"size": size}))
    assert mistake is not None
    assert sentence(mistake) == said


def test_texts_have_types_of_their_own() -> None:
    (path,) = options_at("data.path", document(layer(1), data={"kind": "csv", "path": "x.csv"}))
    assert isinstance(path.type, StrType)


def test_the_fields_that_hold_file_paths_are_those_that_become_absolute() -> None:
    [path] = [field for field in fields_at("data", {"data": {"kind": "csv"}}) if field.name == "path"]
    form = path.options[0].form
    names = {field.name for s in STRUCTS for field in fields_of(s) if form in {o.form for o in field.options}}
    assert names == PATH_FIELDS
