"""`--start FILE`: an experiment starts bit for bit from the weights in a file, however they are stored."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.errors import FileError
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_experiment, parse_experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.importing.inspection import inspect_file
from engine.importing.own_files import open_with_own
from engine.training.first_state import initial_parameters
from gui.importing.import_words import file_text
from tests.builders import constant, document, layer, refused
from tests.own_arrays import WEIGHTS, write_safetensors

BIASED = {"biases": constant(5.0)}


def opened(
    folder: Path, file: Path, units: tuple[int, ...] = (3, 3, 1), names: tuple[str, ...] = (), **fields: Any
) -> Experiment:
    """Return an experiment on two inputs that starts from the weights in a file."""
    layers = [layer(width, **(BIASED | fields.pop("of_layers", {}))) for width in units]
    (folder / "mine.json").write_bytes(msgspec.json.encode(document(*layers, **fields)))
    return open_with_own(partial(open_target, str(folder / "mine.json")), [], None, file, names)


def start(chosen: Experiment) -> list[Floats]:
    """Return W1, b1, W2 … that an experiment starts from."""
    layout = chosen.layout(2)
    flat = initial_parameters(chosen, layout)
    found: list[Floats] = []
    for block in layout.blocks:
        biases = block.biases(flat)
        assert biases is not None
        found += [block.weights(flat), biases]
    return found


with np.load(WEIGHTS / "2-3-3-1.npz") as _file:
    OURS = dict(_file)
"""W1, b1, W2 … of a network 2-3-3-1 with neurons as columns."""
PYTORCH = {
    f"net.{number}.{'weight' if name == 'W' else 'bias'}": np.ascontiguousarray(OURS[f"{name}{number}"].T)
    for number in (1, 2, 3)
    for name in "Wb"
}


NORMS = {"weight": 2.0, "bias": 1.0, "running_mean": 0.5, "running_var": 3.0}


def test_layers_start_from_a_file_whose_norms_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, **PYTORCH, **{f"norm.{name}": np.full(3, value) for name, value in NORMS.items()})
    for ours, theirs in zip(start(opened(tmp_path, path)), OURS.values(), strict=True):
        assert (ours == theirs).all()
    assert inspect_file(path).has_norms
    assert file_text(inspect_file(path)).endswith(
        "weights of a network 2-3-3-1 · its scales and shifts are not read"
    )
    np.savez(path, **PYTORCH)
    assert not inspect_file(path).has_norms


def write(folder: Path, kind: str) -> Path:
    """Write the weights in one of the ways in which people have them."""
    path = folder / "weights.npz"
    match kind:
        case "columns are neurons":
            np.savez(path, **OURS)
        case "rows are neurons":
            np.savez(path, **{name: array.T for name, array in OURS.items()})
        case "biases are columns":
            np.savez(
                path,
                **{
                    name: array.T[..., np.newaxis][:, :, 0] if array.ndim > 1 else array[:, np.newaxis]
                    for name, array in OURS.items()
                },
            )
        case "without names":
            np.savez(path, *OURS.values())
        case "of one variant":
            np.savez(path, **{f"mine.{name}": array for name, array in OURS.items()})
        case "names of PyTorch":
            np.savez(path, **PYTORCH)
        case "names of Keras":
            np.savez(
                path,
                **{name.replace("W", "dense/kernel").replace("b", "dense/bias"): OURS[name] for name in OURS},
            )
        case "safetensors":
            return write_safetensors(folder / "a.safetensors", dict(sorted(PYTORCH.items())))
        case _:
            return WEIGHTS / "2-3-3-1.pt"
    return path


WAYS = [
    *("columns are neurons", "rows are neurons", "biases are columns", "without names", "of one variant"),
    *("names of PyTorch", "names of Keras", "safetensors", "PyTorch"),
]


@pytest.mark.parametrize("kind", WAYS)
def test_a_network_starts_from_the_weights_of_a_file(tmp_path: Path, kind: str) -> None:
    chosen = opened(tmp_path, write(tmp_path, kind))
    for here, wanted in zip(start(chosen), OURS.values(), strict=True):
        assert (here == wanted).all()
    assert parse_experiment(encode_experiment(chosen)) == chosen


def test_a_square_matrix_alone_follows_its_name(tmp_path: Path) -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.savez(tmp_path / "theirs.npz", weight=square)
    np.savez(tmp_path / "ours.npz", W1=square)
    np.save(tmp_path / "one.npy", square)
    for name, wanted in (("theirs.npz", square.T), ("ours.npz", square), ("one.npy", square)):
        weights, biases = start(opened(tmp_path, tmp_path / name, (2,)))
        assert weights.tolist() == wanted.tolist()
        assert biases.tolist() == [5, 5], "biases that are not in the file start as before"


def test_weights_of_a_checkpoint_are_told_from_what_its_optimizer_keeps(tmp_path: Path) -> None:
    found = start(opened(tmp_path, WEIGHTS / "checkpoint.pth", (2, 1)))
    assert [part.tolist() for part in found] == [[[1, 3], [2, 4]], [0.5, -0.5], [[-1.5], [0.25]], [0]]


def test_layers_are_taken_in_the_order_of_their_numbers_where_that_of_the_file_does_not_fit(
    tmp_path: Path,
) -> None:
    units = (3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 1)
    shapes = list(zip(units, (2, *units), strict=False))
    arrays = {f"{n}.weight": np.full(shape, float(n)) for n, shape in enumerate(shapes)}
    path = write_safetensors(tmp_path / "a.safetensors", dict(sorted(arrays.items())))
    found = start(opened(tmp_path, path, units))
    assert [float(part[0, 0]) for part in found[::2]] == list(range(11))


VARIANTS = [
    {"name": "zeros", "set": {"network.layers.*.weights": constant(0.0)}},
    {"name": "slow", "set": {"optimizer.learning_rate": 0.01}},
    {"name": "plain", "set": {}},
]


def test_every_variant_starts_from_the_file_and_those_that_are_then_the_same_are_one(tmp_path: Path) -> None:
    chosen = opened(tmp_path, WEIGHTS / "2-3-3-1.pt", variants=VARIANTS)
    assert [variant.name for variant in chosen.variants] == ["slow", "plain"]
    for spec in lane_specs(chosen):
        assert (start(spec.experiment)[0] == OURS["W1"]).all()
    [asked_for] = opened(tmp_path, WEIGHTS / "2-3-3-1.pt", names=("zeros",), variants=VARIANTS).variants
    assert (asked_for.name, asked_for.set) == ("zeros", {})


def test_of_what_a_run_has_written_every_variant_takes_its_own_weights(tmp_path: Path) -> None:
    both = [VARIANTS[0], VARIANTS[2]]
    arrays = {f"{variant['name']}.{name}": OURS[name] * n for n, variant in enumerate(both) for name in OURS}
    np.savez(tmp_path / "weights.npz", **arrays)
    specs = lane_specs(opened(tmp_path, tmp_path / "weights.npz", variants=both))
    assert [spec.name for spec in specs] == ["zeros", "plain"]
    assert [float(np.abs(start(spec.experiment)[0]).max()) for spec in specs] == [
        0,
        float(np.abs(OURS["W1"]).max()),
    ]
    with refused(
        "…holds the weights of several networks (zeros, plain) and none for test; run … --variant NAME …"
    ):
        opened(tmp_path, tmp_path / "weights.npz")


def test_variants_with_other_widths_are_told_so(tmp_path: Path) -> None:
    wider = [{"name": "wider", "set": {"network.layers.0.units": 4}}, VARIANTS[2]]
    with refused("…and the network of the experiment is 2-4-3-1; both must be the same"):
        opened(tmp_path, WEIGHTS / "2-3-3-1.pt", variants=wider)
    relu = [{"name": "relu", "set": {"network.layers.0.activation": {"kind": "relu"}}}, VARIANTS[2]]
    specs = lane_specs(opened(tmp_path, WEIGHTS / "2-3-3-1.pt", variants=relu))
    assert all((start(spec.experiment)[0] == OURS["W1"]).all() for spec in specs)


def test_weights_that_do_not_fit_are_said_with_both_architectures(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", W1=np.ones((2, 3)), W2=np.ones((4, 1)))
    np.savez(tmp_path / "whole.npz", W1=np.ones((2, 1), int))
    np.savez(tmp_path / "empty.npz", W1=np.ones((2, 0)), W2=np.ones((0, 1)))
    np.save(tmp_path / "negative.npy", np.ones((2, 3)))
    negative = (tmp_path / "negative.npy").read_bytes().replace(b"(2, 3), ", b"(-2, 3),")
    (tmp_path / "negative.npy").write_bytes(negative)
    for path, units, said in (
        (
            WEIGHTS / "2-3-3-1.pt",
            (4, 1),
            "holds the weights of a network 2-3-3-1, and the network of the experiment is 2-4-1; both must be the same",
        ),
        (
            tmp_path / "odd.npz",
            (3, 1),
            "holds matrices of 2×3, 4×1, which are no network; weights for one of 2-3-1 are needed here",
        ),
        (
            tmp_path / "whole.npz",
            (1,),
            "holds no weights: there is no matrix of floating point numbers in it",
        ),
        (
            tmp_path / "empty.npz",
            (1,),
            "array W1 must have from 1 to 67,108,864 numbers, got shape (2, 0)",
        ),
        (tmp_path / "negative.npy", (1,), "array array has a header that makes no sense"),
        (
            WEIGHTS / "convolution.pt",
            (1,),
            "array 0.weight of shape (2, 1, 3, 3) is no matrix: it belongs to …",
        ),
    ):
        with refused(f"{path}: {said}", FileError):
            opened(tmp_path, path, units)


def test_biases_for_a_layer_without_any_are_refused(tmp_path: Path) -> None:
    with refused(
        "…has biases for layer 1, which has none in the experiment; --set network.layers.0.biases=…"
    ):
        opened(tmp_path, WEIGHTS / "2-3-3-1.pt", of_layers={"biases": None})
