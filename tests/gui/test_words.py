"""Numbers on the screen: short, rounded rightly, and never in a form that only programmers read."""

from __future__ import annotations

import pytest

from gui.importing.import_words import numbers_text
from gui.side.small_panel import sentence
from gui.terms.network_words import architecture
from gui.terms.setting_words import plain_text, setting
from gui.text.words import loss, number
from tests.builders import experiment, layer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.58, "0.58"),
        (-12.34, "−12.3"),
        (999.4, "999"),
        (999.6, "1.0e3"),
        (-999.6, "−1.0e3"),
        (99.96, "100"),
        (9.999, "10"),
        (-9.999, "−10"),
        (9.99, "9.99"),
        (0.009999, "0.01"),
        (0.0099, "9.9e−3"),
        (5e-324, "4.9e−324"),
        (4.1e-5, "4.1e−5"),
        (9.96e-5, "1.0e−4"),
        (1.7e308, "1.7e308"),
        (float("-inf"), "−∞"),
        (float("nan"), "NaN"),
    ],
)
def test_a_number_has_few_digits_is_rounded_once_and_has_no_plus_sign(value: float, text: str) -> None:
    assert number(value) == text
    assert len(text) <= (7 if value >= 1e-99 else 9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.69314718, "0.6931"),
        (12.5, "12.50"),
        (1000.0, "1000"),
        (99949.0, "9.995e4"),
        (9.996e-5, "9.996e−5"),
        (-0.5, "−0.5000"),
        (float("inf"), "∞"),
    ],
)
def test_a_loss_has_four_significant_digits(value: float, text: str) -> None:
    assert loss(value) == text


def test_equal_neurons_that_cannot_be_joined_are_not_called_distinct() -> None:
    said = sentence((2, 5, 1), (2, 5, 1), some_equal=True)
    assert said.startswith("2-5-1: no two neurons can be joined. Some columns are equal, ")
    assert sentence((2, 5, 1), (2, 5, 1), some_equal=False).startswith("2-5-1: every column is distinct")
    assert sentence((2, 5, 1), (2, 1, 1), some_equal=True) == "2-5-1 computes the same as 2-1-1"


def test_numbers_of_settings_and_of_imported_arrays_have_a_minus_and_no_hyphen() -> None:
    assert plain_text(-1e-5) == "−1e−05"
    assert setting("network.layers.0.weights", {"kind": "constant", "value": -0.5}).endswith("value −0.5")
    assert numbers_text(-2.0, 3e-7) == "−2 … 3e−07"


def test_a_deep_network_is_told_in_one_line() -> None:
    layers = [layer(8, "tanh") for _ in range(58)] + [layer(4, "relu"), layer(1)]
    told = architecture(experiment(*layers), (2, *[8] * 58, 4, 1))
    assert told.startswith("2-8-8-8-8-8-8-8-…-4-1 · 60 layers · tanh ×58, ReLU, sigmoid · ")


def test_the_line_under_the_title_has_the_words_of_people_and_not_those_of_files() -> None:
    layers = [layer(8, "leaky-relu"), layer(1, "sigmoid")]
    told = architecture(experiment(*layers, optimizer={"kind": "rmsprop", "learning_rate": 0.001}), (2, 8, 1))
    assert told == "2-8-1 · leaky ReLU, sigmoid · binary cross-entropy · RMSprop 0.001 · seed 0"
