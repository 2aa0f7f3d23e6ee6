"""Why two neurons are equal or differ, link by link."""

from __future__ import annotations

import numpy as np
import pytest

from engine.insight.explanation import explain_pair, pair_of_group
from engine.report.causes import Link, PairExplanation, Quantity, Verdict
from engine.report.probes import pair_in
from engine.symmetry.prediction import rounds_unequally
from tests.builders import NO_BIASES, advance, experiment, layer, same_bits, trainer_of

from .test_explanation import HALF, ONE_SAMPLE, ZERO, after, columns, differing, recorded, with_weights


def first_difference(pair: PairExplanation) -> Link | None:
    """Return the first link of the chain that differs; None if two neurons are equal throughout."""
    return next((link for link in pair.links if not link.equal), None)


def test_zero_weights_keep_two_neurons_equal_in_every_link() -> None:
    pair = explain_pair(recorded("columns", "zeros", 100), pair_in(1, 0, 3))
    assert (pair.verdict, first_difference(pair), pair.moving) == (Verdict.STAY, None, True)
    assert [link.quantity for link in pair.links] == [
        Quantity.INPUTS,
        Quantity.WEIGHTS,
        Quantity.SUM,
        Quantity.ACTIVATION,
        Quantity.OUTGOING,
        Quantity.ERROR,
        Quantity.DELTA,
        Quantity.GRADIENT,
        Quantity.OUTGOING_GRADIENT,
    ]
    weights = pair.links[1]
    assert weights.first == weights.second
    assert (weights.count, len(weights.first), weights.difference) == (3, 3, 0.0)


def test_random_columns_differ_at_the_incoming_weights_where_the_difference_is_largest() -> None:
    trainer = recorded("columns", "random", 100)
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    link = first_difference(pair)
    assert pair.verdict is Verdict.DIFFER
    assert link is not None
    assert link.quantity is Quantity.WEIGHTS
    first, second = trainer.layout.blocks[0].weights(trainer.theta)[:, :2].T
    assert link.place == int(np.abs(first - second).argmax())
    assert (link.first, link.second) == ((first[link.place],), (second[link.place],))
    assert link.difference == np.abs(first - second).max()


def test_a_difference_of_the_last_bit_is_a_difference_and_the_sign_of_zero_is_none() -> None:
    chosen = experiment(layer(2, **NO_BIASES), layer(1))
    alike = explain_pair(with_weights(chosen, [[0.0, -0.0], [0.5, 0.5]], 1.0), pair_in(1, 0, 1))
    assert alike.verdict is Verdict.STAY
    apart = explain_pair(
        with_weights(chosen, [[0.5, np.nextafter(0.5, 1)], [0.5, 0.5]], 1.0), pair_in(1, 0, 1)
    )
    assert apart.verdict is Verdict.DIFFER
    assert apart.links[1].difference == np.spacing(0.5)


def test_only_another_bias_is_a_difference() -> None:
    trainer = after(experiment(layer(3, weights=HALF, biases={"kind": "normal", "std": 0.1}), layer(1)))
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    assert first_difference(pair) is not None
    assert (first_difference(pair).quantity, pair.verdict) == (Quantity.BIAS, Verdict.DIFFER)


def test_equal_columns_with_other_outgoing_weights_part_at_the_next_update() -> None:
    trainer = after(experiment(layer(4, weights=HALF), layer(1)))
    pair = explain_pair(trainer, pair_in(1, 1, 2))
    assert pair.verdict is Verdict.PARTING
    assert differing(pair) == [Quantity.OUTGOING, Quantity.ERROR, Quantity.DELTA, Quantity.GRADIENT]
    advance(trainer, 1)
    assert not same_bits(*columns(trainer)[:, 1:3].T)


def test_columns_that_do_not_move_are_not_said_to_part_although_their_outgoing_weights_differ() -> None:
    trainer = after(experiment(layer(4, "relu", ZERO), layer(1)))
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    assert (pair.verdict, pair.moving) == (Verdict.LATER, False)
    assert differing(pair) == [Quantity.OUTGOING, Quantity.ERROR]
    advance(trainer, 20)
    assert not columns(trainer).any()


def test_dropout_treats_two_neurons_differently_and_the_chain_breaks_there() -> None:
    trainer = after(experiment(layer(4, weights=HALF, dropout=0.5), layer(1, weights=HALF)))
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    assert pair.verdict is Verdict.PARTING
    assert first_difference(pair) is not None
    assert first_difference(pair).quantity is Quantity.MASK
    sample = first_difference(pair).place
    assert trainer.step.tape["mask1"][sample, 0] != trainer.step.tape["mask1"][sample, 1]


def test_dropout_that_happens_to_treat_both_alike_will_not_always() -> None:
    trainer = trainer_of(
        experiment(layer(2, weights=HALF, dropout=0.5), layer(1, weights=HALF), data=ONE_SAMPLE)
    )
    while True:
        trainer.compute_gradient()
        if len(set(trainer.step.tape["mask1"][0])) == 1:
            break
        trainer.step_number += 1
    assert explain_pair(trainer, pair_in(1, 0, 1)).verdict is Verdict.DROPOUT


def test_plain_matrix_products_promise_nothing() -> None:
    """Where they happen to treat all neurons of a network alike, two equal ones stay equal with them, too."""
    for units in (1, 2, 7, 13):
        chosen = experiment(layer(units + 1, weights=HALF), layer(1, weights=HALF), arithmetic="blas")
        trainer = after(chosen)
        verdict = Verdict.ROUNDING if rounds_unequally(trainer) else Verdict.STAY
        assert explain_pair(trainer, pair_in(1, 0, 1)).verdict is verdict


def test_what_the_optimizer_remembers_is_a_link_and_can_part_equal_neurons() -> None:
    chosen = experiment(
        layer(2, weights=HALF), layer(1, weights=HALF), optimizer={"kind": "adam", "learning_rate": 0.01}
    )
    trainer = after(chosen, 5)
    assert explain_pair(trainer, pair_in(1, 0, 1)).verdict is Verdict.STAY
    trainer.layout.blocks[0].weights(trainer.step.tape["state_0"])[0, 1] += 0.5
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    assert (pair.verdict, differing(pair)) == (Verdict.PARTING, [Quantity.MEMORY])
    advance(trainer, 1)
    assert not same_bits(*columns(trainer).T)


def test_a_sample_of_a_batch_is_named_by_its_number_in_the_training_set() -> None:
    chosen = experiment(layer(3), layer(1), batch={"size": 2})
    trainer = after(chosen, 7)
    link = next(
        link for link in explain_pair(trainer, pair_in(1, 0, 2)).links if link.quantity is Quantity.SUM
    )
    assert link.place in trainer.step.tape["batch"]
    inputs = trainer.dataset.x_train[link.place]
    weights, biases = columns(trainer)[:2], columns(trainer)[2]
    assert link.first == pytest.approx((inputs @ weights[:, 0] + biases[0],))


def test_the_pair_of_a_group_are_its_first_two_neurons() -> None:
    labels = (0, 1, 0, 1, 2, 1)
    assert [pair_of_group(labels, group) for group in range(3)] == [(0, 2), (1, 3), None]
