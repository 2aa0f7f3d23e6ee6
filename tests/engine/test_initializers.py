"""Where training starts: what the papers say, drawn from the streams that the seed documents use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.core.arrays import Floats
from engine.core.errors import FileError
from engine.experiments.experiment import Experiment
from engine.model.initializers import WeightInitializer
from tests.builders import by_kind, constant, experiment, layer, refused, table, trainer_of

IN, OUT = 400, 300

VARIANCES: dict[str, float] = {
    "lecun-normal": 1 / IN,
    "glorot-normal": 2 / (IN + OUT),
    "glorot-uniform": 2 / (IN + OUT),
    "he-normal": 2 / IN,
    "he-uniform": 2 / IN,
    "normal": 1.0,
    "uniform": 1 / 3,
    "constant": 0.0,
    "constant-noise": 1e-6,
    "truncated-normal": (0.05 * 0.87962566103423978) ** 2,
    "variance-scaling": 1 / IN,
    "pytorch-linear": 1 / (3 * IN),
    "sparse": 0.1 * 0.01**2,
}
LIMITS: dict[str, float] = {
    "glorot-uniform": (6 / (IN + OUT)) ** 0.5,
    "he-uniform": (6 / IN) ** 0.5,
    "uniform": 1.0,
    "truncated-normal": 2 * 0.05,
    "variance-scaling": 2 / (IN**0.5 * 0.87962566103423978),
    "pytorch-linear": IN**-0.5,
}
SCALES = {"1/fan_in": 1 / IN, "2/fan_in": 2 / IN, "2/(fan_in+fan_out)": 2 / (IN + OUT)}


def drawn(weights: dict[str, Any], fan_in: int = IN, fan_out: int = OUT, **fields: Any) -> Floats:
    """Return the weights (fan_in, fan_out) with which a layer starts."""
    chosen = experiment(layer(fan_in), layer(fan_out, weights=weights), layer(1), **fields)
    trainer = trainer_of(chosen)
    return trainer.layout.blocks[1].weights(trainer.theta)


@pytest.mark.parametrize("kind", VARIANCES)
def test_weights_have_the_variance_of_the_literature(kind: str) -> None:
    assert drawn({"kind": kind}).var() == pytest.approx(VARIANCES[kind], rel=0.02, abs=1e-12)


@pytest.mark.parametrize("kind", LIMITS)
def test_bounded_weights_reach_their_limits_and_not_beyond(kind: str) -> None:
    largest = np.abs(drawn({"kind": kind})).max()
    assert 0.998 * LIMITS[kind] < largest <= LIMITS[kind]


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_multiplies_the_values_by_its_square_root(scale: str) -> None:
    plain, scaled = drawn({"kind": "uniform"}), drawn({"kind": "uniform", "scale": scale})
    np.testing.assert_allclose(scaled, plain * SCALES[scale] ** 0.5, rtol=1e-14)


@pytest.mark.parametrize(("fan_in", "fan_out"), [(20, 20), (30, 8), (8, 30)])
def test_orthogonal_weights_have_orthonormal_columns_or_rows(fan_in: int, fan_out: int) -> None:
    w = drawn({"kind": "orthogonal", "gain": 1.5}, fan_in, fan_out)
    gram = w.T @ w if fan_in >= fan_out else w @ w.T
    np.testing.assert_allclose(gram, 1.5**2 * np.eye(min(fan_in, fan_out)), atol=1e-12)


def test_a_constant_is_the_same_everywhere_and_for_every_seed() -> None:
    assert (drawn(constant(0.3), 5, 7, seed=1) == 0.3).all()
    assert (drawn(constant(0.3), 5, 7, seed=2) == 0.3).all()


def test_mean_and_std_of_a_normal_are_its_parameters() -> None:
    w = drawn({"kind": "normal", "mean": 3.0, "std": 0.5})
    assert w.mean() == pytest.approx(3.0, abs=0.01)
    assert w.std() == pytest.approx(0.5, rel=0.01)


def test_every_kind_of_weights_can_start_a_network() -> None:
    for kind in by_kind(WeightInitializer):
        if kind not in {"file", "values"}:  # which need values
            assert np.isfinite(drawn({"kind": kind}, 6, 4)).all()


# Streams of the seed documents


def legacy(draw: str, weights: dict[str, Any]) -> Experiment:
    layers = layer(4, weights=weights), layer(3, weights=weights), layer(1, weights=weights)
    return experiment(*layers, stream="mt19937", draw=draw, seed=3)


def weights_of(chosen: Experiment) -> list[Floats]:
    trainer = trainer_of(chosen)
    return [block.weights(trainer.theta) for block in trainer.layout.blocks]


def test_mt19937_draws_the_layers_in_order_from_one_random_state() -> None:
    rng = np.random.RandomState(3)
    for w in weights_of(legacy("fan_in_first", {"kind": "normal"})):
        np.testing.assert_array_equal(w, rng.randn(*w.shape))


def test_fan_out_first_draws_the_matrix_transposed() -> None:
    rng = np.random.RandomState(3)
    for w in weights_of(legacy("fan_out_first", {"kind": "normal"})):
        np.testing.assert_array_equal(w, rng.randn(*w.T.shape).T)


def test_uniform_of_mt19937_is_random_sample() -> None:
    rng = np.random.RandomState(3)
    for w in weights_of(legacy("fan_in_first", {"kind": "uniform"})):
        np.testing.assert_array_equal(w, 2 * rng.random_sample(w.shape) - 1)


def test_float32_weights_are_the_float64_weights_rounded() -> None:
    wide, narrow = drawn({"kind": "normal"}, 5, 4), drawn({"kind": "normal"}, 5, 4, dtype="float32")
    np.testing.assert_array_equal(narrow, wide.astype(np.float32))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((5, 4)), "the array W must have shape 4×5 here, got 5×4"),
        (np.zeros(20), "the array W must have shape 4×5 here, got 20"),
        (np.zeros((4, 5), int), "the array W must hold floating point numbers"),
    ],
)
def test_weights_of_a_file_that_do_not_fit_are_refused(
    tmp_path: Path, values: npt.NDArray[Any], sentence: str
) -> None:
    file = tmp_path / "weights.npz"
    np.savez(file, W=values)
    with refused(f"{file}: {sentence}", FileError):
        drawn({"kind": "file", "path": str(file), "array": "W"}, 4, 5)


LSUV = {"kind": "lsuv"}


def lsuv_weights(inputs: Any, **fields: Any) -> tuple[Floats, Floats]:
    """Return W1 and Z1 of an LSUV layer of three neurons on these inputs (samples, inputs)."""
    chosen = experiment(
        layer(3, "tanh", LSUV, **fields), layer(1), data=table(inputs, np.zeros((len(inputs), 1)))
    )
    trainer = trainer_of(chosen)
    trainer.compute_gradient()
    return trainer.layout.blocks[0].weights(trainer.theta).copy(), trainer.step.layers[0].z


def test_lsuv_gives_z_unit_variance() -> None:
    inputs = np.random.default_rng(0).normal(3.0, 40.0, (50, 4))
    _, z = lsuv_weights(inputs)
    assert z.var() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("biases", [{}, {"biases": {"kind": "normal", "std": 0.1}}])
def test_lsuv_leaves_weights_that_change_nothing_as_they_were_drawn(biases: dict[str, Any]) -> None:
    weights, _ = lsuv_weights(np.zeros((20, 4)), **biases)
    drawn, _ = lsuv_weights(np.random.default_rng(0).normal(size=(20, 4)), **biases)
    np.testing.assert_allclose(weights.T @ weights, np.eye(3), atol=1e-12)
    assert np.abs(drawn).max() < 10


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e150, 1e250])
def test_lsuv_takes_inputs_of_any_size(size: float) -> None:
    weights, _ = lsuv_weights(size * np.random.default_rng(0).normal(size=(20, 4)))
    assert np.isfinite(weights).all()


def test_lsuv_does_not_blow_up_the_rounding_of_equal_samples() -> None:
    chosen = experiment(layer(1, "tanh", LSUV), layer(1), data=table([[0.1, 0.2, 0.3]] * 7, [[0.0]] * 7))
    assert np.abs(trainer_of(chosen).theta).max() <= 1


# What other libraries draw


@pytest.mark.parametrize(
    "kind", ["he-normal", "he-uniform", "glorot-normal", "glorot-uniform", "lecun-normal"]
)
def test_a_gain_multiplies_what_is_drawn(kind: str) -> None:
    plain, gained = drawn({"kind": kind}, 6, 5), drawn({"kind": kind, "gain": 1.5}, 6, 5)
    np.testing.assert_array_equal(gained, 1.5 * plain)


@pytest.mark.parametrize("distribution", ["truncated-normal", "normal", "uniform"])
@pytest.mark.parametrize(("mode", "count"), [("fan_in", IN), ("fan_out", OUT), ("fan_avg", (IN + OUT) / 2)])
def test_scaled_variance_is_the_scale_over_the_counted_units(
    distribution: str, mode: str, count: float
) -> None:
    w = drawn({"kind": "variance-scaling", "scale": 2.0, "mode": mode, "distribution": distribution})
    assert w.var() == pytest.approx(2.0 / count, rel=0.02)
    assert w.mean() == pytest.approx(0.0, abs=4 * (2.0 / count / w.size) ** 0.5)


@pytest.mark.parametrize("draw", ["fan_in_first", "fan_out_first"])
def test_sparse_weights_leave_each_input_as_many_zeros_as_pytorch_does(draw: str) -> None:
    w = drawn({"kind": "sparse", "share": 0.25, "std": 2.0}, 6, 10, draw=draw)
    assert (np.count_nonzero(w == 0, axis=1) == 3).all()
    assert np.unique(np.nonzero(w == 0)[1]).size > 3, "at other places for every input"


def test_the_identity_copies_inputs_and_leaves_further_neurons_at_zero() -> None:
    assert drawn({"kind": "identity", "gain": 0.5}, 2, 3).tolist() == [[0.5, 0, 0], [0, 0.5, 0]]


@pytest.mark.parametrize(("fan_in", "fan_out"), [(4, 4), (7, 3)])
def test_zero_starts_as_the_identity_where_a_layer_does_not_widen(fan_in: int, fan_out: int) -> None:
    assert drawn({"kind": "hadamard"}, fan_in, fan_out).tolist() == np.eye(fan_in, fan_out).tolist()


def test_zero_starts_with_the_hadamard_matrix_where_a_layer_widens() -> None:
    h2 = np.array([[1, 1], [1, -1]])
    h8 = np.kron(h2, np.kron(h2, h2))
    np.testing.assert_allclose(drawn({"kind": "hadamard"}, 3, 5), h8[:3, :5] / 8**0.5, rtol=1e-15)


def test_values_are_the_weights_and_biases_themselves() -> None:
    w, b = [[1.0, -2.0], [0.0, 3.5], [0.1, 0.2]], [0.25, -0.5]
    chosen = experiment(
        layer(3), layer(2, weights={"kind": "values", "values": w}, biases={"kind": "values", "values": b}),
        layer(1),
    )  # fmt: skip
    trainer = trainer_of(chosen)
    block = trainer.layout.blocks[1]
    assert block.weights(trainer.theta).tolist() == w
    assert block.biases(trainer.theta).tolist() == b


@pytest.mark.parametrize(
    ("part", "values", "sentence"),
    [
        ("weights", [[1.0, 2.0]], "network.layers.1.weights.values: must have 3×2 numbers here, got 1×2"),
        ("weights", [[1.0], [1.0, 2.0]], "network.layers.1.weights.values.1: must have 1 number…"),
        ("biases", [1.0], "network.layers.1.biases.values: must have 2 numbers here, got 1"),
        ("weights", [1.0], "network.layers.1.weights.values.0: must be a list, got 1.0"),
        ("weights", [], "network.layers.1.weights.values: must be a list of length 1 or more, got 0"),
    ],
)
def test_values_of_another_shape_are_refused(part: str, values: list[Any], sentence: str) -> None:
    written = {part: {"kind": "values", "values": values}}
    with refused(sentence):
        trainer_of(experiment(layer(3), layer(2, **written), layer(1)))


def test_pytorch_starts_as_these_kinds_say() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    linear = torch.nn.Linear(IN, OUT)
    limit = np.abs(drawn({"kind": "pytorch-linear"})).max()
    assert linear.weight.abs().max().item() == pytest.approx(limit, rel=1e-3)
    assert linear.bias.abs().max().item() == pytest.approx(limit, rel=0.02)
    for name, kind in (
        ("xavier_normal_", {"kind": "glorot-normal", "gain": 2.0}),
        ("trunc_normal_", {"kind": "truncated-normal", "std": 1.0}),
        ("kaiming_normal_", {"kind": "he-normal"}),
    ):
        options = {"gain": 2.0} if "gain" in kind else {}
        if name == "trunc_normal_":
            options = {"a": -2.0, "b": 2.0}
        theirs = getattr(torch.nn.init, name)(torch.empty(OUT, IN), **options)
        assert theirs.std().item() == pytest.approx(drawn(kind).std(), rel=0.02), name
    sparse = torch.nn.init.sparse_(torch.empty(OUT, IN), 0.9, 0.01)
    assert (sparse == 0).sum().item() == (drawn({"kind": "sparse"}) == 0).sum()
