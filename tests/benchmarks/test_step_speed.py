"""One step of `circles` against plain NumPy as a course or a forum post writes it.

Run with: pytest -m benchmark tests/benchmarks -s
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from engine.lab import Lane, lane_specs
from engine.presets import open_target
from engine.randomness import Floats
from tests.builders import lane_of

pytestmark = pytest.mark.benchmark

ROUNDS, STEPS_PER_ROUND, WARM_UP = 300, 60, 10
WANTED = 2.0

Parameters = dict[str, Floats]


def circles_lane(variant: str) -> Lane:
    (spec,) = lane_specs(open_target("circles"), [variant])
    return lane_of(spec.experiment)


# The program of document 002, samples as columns


def parameters_of(lane: Lane) -> Parameters:
    """Return the parameters of a lane as the document keeps them: W (fan_out, fan_in), b (fan_out, 1)."""
    parameters: Parameters = {}
    theta = lane.trainer.theta
    for number, block in enumerate(lane.trainer.layout.blocks, start=1):
        biases = block.biases(theta)
        assert biases is not None
        parameters[f"W{number}"] = np.array(block.weights(theta).T, order="C")
        parameters[f"b{number}"] = biases.reshape(-1, 1).copy()
    return parameters


def sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def relu(z: Floats) -> Floats:
    return np.maximum(0, z)


def forward_propagation(X: Floats, parameters: Parameters) -> tuple[Floats, tuple[Floats, ...]]:
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)


def compute_loss(A3: Floats, Y: Floats) -> float:
    m = Y.shape[1]
    logprobs = np.multiply(-np.log(A3), Y) + np.multiply(-np.log(1 - A3), 1 - Y)
    return float(1.0 / m * np.nansum(logprobs))


def backward_propagation(X: Floats, Y: Floats, cache: tuple[Floats, ...]) -> Parameters:
    m = X.shape[1]
    _, A1, _, _, _, A2, W2, _, _, A3, W3, _ = cache
    dZ3 = 1.0 / m * (A3 - Y)
    dW3 = np.dot(dZ3, A2.T)
    db3 = np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW3": dW3, "db3": db3, "dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}


def update_parameters(parameters: Parameters, grads: Parameters, learning_rate: float) -> Parameters:
    for k in range(len(parameters) // 2):
        parameters["W" + str(k + 1)] = parameters["W" + str(k + 1)] - learning_rate * grads["dW" + str(k + 1)]
        parameters["b" + str(k + 1)] = parameters["b" + str(k + 1)] - learning_rate * grads["db" + str(k + 1)]
    return parameters


class PlainNumpy:
    """The loop of the document; one `step` is one of its iterations, with or without its loss."""

    def __init__(self, lane: Lane) -> None:
        dataset = lane.trainer.dataset
        self.X, self.Y = np.array(dataset.x_train.T, order="C"), np.array(dataset.y_train.T, order="C")
        self.parameters = parameters_of(lane)

    def step(self) -> None:
        _, cache = forward_propagation(self.X, self.parameters)
        grads = backward_propagation(self.X, self.Y, cache)
        self.parameters = update_parameters(self.parameters, grads, 0.01)

    def step_with_loss(self) -> None:
        A3, cache = forward_propagation(self.X, self.parameters)
        compute_loss(A3, self.Y)
        grads = backward_propagation(self.X, self.Y, cache)
        self.parameters = update_parameters(self.parameters, grads, 0.01)


# The measurement


def seconds_per_step(step: Callable[[], object]) -> float:
    started = perf_counter()
    for _ in range(STEPS_PER_ROUND):
        step()
    return (perf_counter() - started) / STEPS_PER_ROUND


def measured_in_turns(*steps: Callable[[], object]) -> list[float]:
    """Return the median seconds of each step, measured in rounds that take turns, so that all see the same load."""
    with np.errstate(all="ignore"):
        rounds = [[seconds_per_step(step) for step in steps] for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    return [median(times) for times in zip(*rounds, strict=True)]


@pytest.mark.parametrize("variant", ["he", "zeros"])
def test_a_recorded_exact_step_of_circles_is_at_least_twice_as_fast_as_plain_numpy(
    benchmark: BenchmarkFixture, variant: str
) -> None:
    lane = circles_lane(variant)
    assert lane.trainer.experiment.arithmetic == "exact"
    plain, with_loss = PlainNumpy(lane), PlainNumpy(lane)
    ours, theirs, theirs_with_loss = measured_in_turns(lane.advance, plain.step, with_loss.step_with_loss)
    ratio = theirs / ours
    print(
        f"\ncircles {variant}: {ours * 1e6:.1f} us recorded; plain NumPy {theirs * 1e6:.1f} us, {ratio:.2f} times; "
        f"with its loss {theirs_with_loss * 1e6:.1f} us, {theirs_with_loss / ours:.2f} times"
    )
    benchmark.extra_info.update(plain_us=theirs * 1e6, recorded_us=ours * 1e6, ratio=ratio)
    with np.errstate(all="ignore"):
        benchmark.pedantic(lane.advance, rounds=20, iterations=STEPS_PER_ROUND)
    assert lane.history.stride == 1, "every state is recorded"
    assert lane.history.keyframes == lane.history.length == len(lane.history.losses)
    assert ratio >= WANTED


def test_both_programs_do_the_same() -> None:
    lane = circles_lane("he")
    plain = PlainNumpy(lane)
    with np.errstate(all="ignore"):
        for _ in range(300):
            lane.advance()
            plain.step()
    for name, array in parameters_of(lane).items():
        np.testing.assert_allclose(array, plain.parameters[name], rtol=1e-9, atol=1e-12)
