"""Random experiments with a combination that makes no sense are refused with its path."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import ExperimentError
from tests.builders import Document, advance, trainer_of

from .test_random_experiments import (
    ANY_ACTIVATION,
    ANY_OPTIMIZER,
    LOSSES,
    documents,
    layers,
    random,
    read,
)

pytestmark = pytest.mark.untraced


def without_momentum(document: Document) -> str:
    document["optimizer"] = {"kind": "sgd", "nesterov": True}
    return "optimizer.nesterov"


def batch_larger_than_the_data(document: Document) -> str:
    document["batch"] = {"size": 13}
    return "batch.size"


def one_output_too_many(document: Document) -> str:
    document["network"]["layers"][-1]["units"] += 1
    return output_path(document, "units")


def outputs_left_out(document: Document) -> str:
    document["network"]["layers"][-1]["dropout"] = 0.5
    return output_path(document, "dropout")


def output_path(document: Document, field: str) -> str:
    return f"network.layers.{len(document['network']['layers']) - 1}.{field}"


MISTAKES = (
    without_momentum,
    batch_larger_than_the_data,
    one_output_too_many,
    outputs_left_out,
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
@random(8)
@given(documents())
def test_a_combination_that_makes_no_sense_is_refused_with_its_path(mistake: Any, document: Document) -> None:
    spoiled = msgspec.json.decode(msgspec.json.encode(document))
    path = mistake(spoiled)
    with pytest.raises(ExperimentError) as refused:
        trainer_of(read(spoiled))
    assert refused.value.path == path


@st.composite
def careless(draw: st.DrawFn) -> Document:
    """Return an experiment whose parts know nothing of each other."""
    document = draw(documents())
    widths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    parts = [draw(layers(units, ANY_ACTIVATION, True)) for units in widths]
    changes = {
        "network": {"layers": parts},
        "loss": draw(LOSSES),
        "optimizer": draw(ANY_OPTIMIZER),
        "batch": {"size": draw(st.just("full") | st.integers(1, 20))},
    }
    return document | {name: changes[name] for name in draw(st.sets(st.sampled_from(sorted(changes))))}


def path_of_refusal(document: Document) -> str | None:
    """Return the path that an experiment is refused with, or None after it was trained for some steps."""
    try:
        trainer = trainer_of(read(document))
    except ExperimentError as refused:
        return refused.path
    advance(trainer, 3)
    return None


@random(80)
@given(careless())
def test_any_combination_is_trained_or_refused_with_the_path_of_a_field(document: Document) -> None:
    assert path_of_refusal(document) != ""
