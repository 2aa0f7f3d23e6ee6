"""Files of PyTorch and safetensors are read without either of them, and nothing in them is run."""

from __future__ import annotations

import os
import pickle
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.archives.any_arrays import read_headers, read_named
from engine.core.errors import FileError
from gui.text.error_words import sentence
from tests.builders import refused, same_bits
from tests.own_arrays import WEIGHTS, tensor_steps, write_safetensors, write_torch

MEGABYTE = 2**20
FOUR = np.arange(4, dtype=np.float32)


def test_weights_of_pytorch_are_those_that_pytorch_had() -> None:
    headers = read_headers(WEIGHTS / "2-3-3-1.pt")
    assert list(headers) == [f"{layer}.{name}" for layer in (0, 2, 4) for name in ("weight", "bias")]
    assert (headers["0.weight"].shape, headers["0.weight"].dtype) == ((3, 2), "float64")
    arrays = read_named(WEIGHTS / "2-3-3-1.pt", list(headers))
    with np.load(WEIGHTS / "2-3-3-1.npz") as ours:
        for number, layer in enumerate((0, 2, 4), start=1):
            assert (ours[f"W{number}"] == arrays[f"{layer}.weight"].T).all()
            assert same_bits(arrays[f"{layer}.bias"], ours[f"b{number}"])


def test_a_checkpoint_is_read_with_its_dicts_in_the_names_and_bfloat16_as_numbers() -> None:
    path = WEIGHTS / "checkpoint.pth"
    assert read_headers(path)["model_state_dict.0.weight"].dtype == "bfloat16"
    arrays = read_named(path, ["model_state_dict.0.weight", "model_state_dict.1.weight"])
    assert arrays["model_state_dict.0.weight"].tolist() == [[1, 2], [3, 4]]
    assert arrays["model_state_dict.1.weight"].tolist() == [[-1.5, 0.25]]


def test_views_half_precision_and_whole_numbers_are_read() -> None:
    path, base = WEIGHTS / "views.pt", np.arange(12.0).reshape(3, 4)
    arrays = read_named(path, ["layer.weight", "half", "count"])
    assert (arrays["layer.weight"] == base.T[1:3]).all()
    assert (arrays["half"] == base).all()
    assert arrays["count"].tolist() == [7]


def test_safetensors_are_read_with_bfloat16_as_numbers(tmp_path: Path) -> None:
    short = np.array([[0x3F80, 0xC000]], np.uint16)
    path = write_safetensors(tmp_path / "a.safetensors", {"w": np.eye(3), "short": short})
    assert {name: header.dtype for name, header in read_headers(path).items()} == {
        "w": "float64",
        "short": "bfloat16",
    }
    arrays = read_named(path, ["short", "w"])
    assert same_bits(arrays["w"], np.eye(3))
    assert arrays["short"].tolist() == [[1, -2]]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo run > was-run",)


def hostile(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield files that look like those of PyTorch and are not, and what is said of them."""
    system = f"{os.system.__module__}.system"
    only = "asks for {}, and nothing in a file is ever run: only tensors are read, …"
    for protocol in (2, 4):
        steps = pickle.dumps({"0.weight": Evil()}, protocol=protocol)
        yield write_torch(folder / f"evil{protocol}.pt", steps), only.format(system)
    yield (
        write_torch(folder / "eval.pt", b"c__builtin__\neval\n(X\x01\0\0\x001tR."),
        only.format("__builtin__.eval"),
    )
    yield write_torch(folder / "inst.pt", b"(S'x'\nios\nsystem\n."), only.format("STRING")
    damaged = "is not a file of PyTorch tensors, or damaged"
    yield write_torch(folder / "beyond.pt", tensor_steps((2, 3), (3, 1), 4), _0=FOUR.tobytes()), damaged
    yield write_torch(folder / "offset.pt", tensor_steps((2,), (1,), 4, 3), _0=FOUR.tobytes()), damaged
    yield write_torch(folder / "minus.pt", tensor_steps((2,), (-1,), 4, 3), _0=FOUR.tobytes()), damaged
    yield write_torch(folder / "none.pt", tensor_steps((2, 2), (2, 1), 4)), damaged
    yield write_torch(folder / "junk.pt", b"\xff\xfe"), damaged
    yield write_torch(folder / "memo.pt", b"\x80\x02r\xff\xff\xff\xff."), damaged
    size = "array 0.weight must have from 1 to 67,108,864 numbers, got shape …"
    huge = tensor_steps((2**30, 2**9), (0, 0), 4)
    yield write_torch(folder / "huge.pt", huge, _0=FOUR.tobytes()), size
    lying = tensor_steps((2**25,), (1,), 2**25)
    yield (
        write_torch(folder / "lying.pt", lying, _0=FOUR.tobytes()),
        "is cut short: 134,217,728 bytes…, 16 there",
    )
    nested = write_torch(folder / "inner.pt", lying).read_bytes()
    wanted = "goes on after the 16 bytes of numbers that it announces"
    yield write_torch(folder / "nested.pt", tensor_steps((2, 2), (2, 1), 4), _0=nested), wanted
    nan = np.full(4, np.nan, np.float32).tobytes()
    finite = "array 0.weight must hold finite numbers, got nan at [0, 0]"
    yield write_torch(folder / "nan.pt", tensor_steps((2, 2), (2, 1), 4), _0=nan), finite


def test_hostile_files_are_refused_in_a_sentence_without_running_or_taking_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path, said in hostile(tmp_path):
        tracemalloc.start()
        with refused(f"{path}: {said}", FileError):
            read_named(path, ["0.weight"])
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE, path
        tracemalloc.stop()
    assert not (tmp_path / "was-run").exists()


def test_dicts_that_hold_themselves_or_each_other_come_to_an_end(tmp_path: Path) -> None:
    itself = b"\x80\x02}q\x00X\x01\0\0\0ah\x00s."
    assert not read_headers(write_torch(tmp_path / "loop.pt", itself))
    many = b"\x80\x02]q\x00" + b"".join(
        b"](" + b"h" + bytes([n]) + (b"h" + bytes([n])) * 99 + b"eq" + bytes([n + 1]) for n in range(5)
    )
    with refused("…: holds more than 1,000 arrays", FileError):
        read_headers(write_torch(tmp_path / "laughs.pt", many + b"."))


def test_a_file_that_is_cut_anywhere_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "cut"
    arrays = {"w": np.eye(2)}
    good = [
        (WEIGHTS / "2-3-3-1.pt").read_bytes(),
        write_safetensors(tmp_path / "good", arrays).read_bytes(),
    ]
    for data in good:
        for length in range(0, len(data), 7):
            path.write_bytes(data[:length])
            with pytest.raises(FileError) as caught:
                read_named(path, list(read_headers(path)))
            assert len(sentence(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "whole-model.pt",
            "asks for torch.nn.modules.container.Sequential, and nothing in a file is ever run…",
        ),
        ("before-1.6.pt", "is in the format of PyTorch before 1.6, which is not read; torch.save(…"),
    ],
)
def test_other_files_of_pytorch_are_refused_with_what_to_do(name: str, said: str) -> None:
    with refused(f"{WEIGHTS / name}: {said}", FileError):
        read_headers(WEIGHTS / name)


def test_an_array_that_is_not_there_is_asked_for_with_those_that_are(tmp_path: Path) -> None:
    plain = write_safetensors(tmp_path / "a", {"w": np.eye(2)})
    for path, there in ((plain, "'w'"), (WEIGHTS / "views.pt", "'layer.weight', 'half', 'count'")):
        with refused(f"{path}: has no array v; it holds: {there}", FileError):
            read_named(path, ["v"])


ENTRY = {"dtype": "F64", "shape": [2, 2], "data_offsets": [0, 32]}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"shape": [2**20, 2**9]}, "array w must have from 1 to 67,108,864 numbers, got shape …"),
        ({"shape": [3, 2]}, "is not a safetensors file, or damaged"),
        ({"shape": [-3, 2]}, "is not a safetensors file, or damaged"),
        ({"data_offsets": [64, 96]}, "is not a safetensors file, or damaged"),
        ({"dtype": "F8_E4M3"}, "array w must hold numbers of at most 64 bits, got values of type F8_E4M3"),
    ],
)
def test_a_header_of_safetensors_that_lies_is_refused(tmp_path: Path, entry: object, said: str) -> None:
    path = write_safetensors(tmp_path / "a", {"v": np.eye(2)}, w=ENTRY | dict(entry))  # type: ignore[call-overload]
    with refused(f"{path}: {said}", FileError):
        read_named(path, ["w"])


def test_files_with_too_many_arrays_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.npy", b"")
    many = write_safetensors(tmp_path / "a", {str(number): FOUR for number in range(1001)})
    for path in (tmp_path / "a.npz", many):
        with refused(f"{path}: holds more than 1,000 arrays", FileError):
            read_headers(path)
