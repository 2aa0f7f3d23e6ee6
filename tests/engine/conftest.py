"""Both ways of training, training threads that end with the test, and a folder with good files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from engine.native import lowering
from engine.native.driver import load_driver
from engine.session.commands import (
    Open,
)
from engine.session.runner import Runner

from .data_files import IMAGES, LABELS, idx_bytes
from .runners import (
    SMALL,
    after,
    running,
)

WITHOUT_TRAINING = {
    "test_aliases",
    "test_any_experiment_file",
    "test_background",
    "test_csv_files",
    "test_curves",
    "test_damaged_files",
    "test_data_choice",
    "test_datasets",
    "test_experiment_file",
    "test_figures",
    "test_gathered_changes",
    "test_history",
    "test_hostile_files",
    "test_idx_files",
    "test_inspection",
    "test_npz_files",
    "test_own_data",
    "test_own_weights",
    "test_torch_files",
    "test_scaling",
    "test_schema",
    "test_short_code",
    "test_symmetry",
}
"""The modules whose tests do no step of training."""

ONE_WAY = {"test_ahead", "test_driver", "test_memory"}
"""The modules whose tests choose the way of training themselves, or train in processes of their own."""

WAYS = ["driver", "calls"] if load_driver() else ["calls"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test twice: with the compiled driver, and by calls from Python as where there is none."""
    if _module(metafunc.module) not in WITHOUT_TRAINING | ONE_WAY:
        metafunc.parametrize("way_of_training", WAYS, indirect=True, scope="module")


@pytest.fixture(autouse=True, scope="module")
def way_of_training(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Train in one of the two ways, or fail where a module says that it does not train."""
    way: str | None = getattr(request, "param", None)
    with pytest.MonkeyPatch.context() as patch:
        if way == "calls":
            patch.setattr(lowering, "load_driver", lambda: None)
        elif _module(request.module) in WITHOUT_TRAINING:
            patch.setattr("engine.training.trainer.lower", _unexpected)
        yield way


def _module(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[-1]


def _unexpected(_calls: object) -> None:
    pytest.fail("this module trains: take it out of WITHOUT_TRAINING")


@pytest.fixture
def idle() -> Iterator[Runner]:
    """Return a runner that was not started; whatever the test does, its thread ends."""
    runner = Runner()
    yield runner
    runner.stop()
    assert not running()


@pytest.fixture
def runner(idle: Runner) -> Runner:
    """Return a started runner that shows step 0 of a small experiment."""
    idle.start()
    assert after(idle, Open(SMALL, opening=1)).step == 0
    return idle


@pytest.fixture
def digits_folder(tmp_path: Path) -> Path:
    """Four IDX files: five training images of 3 x 2 pixels, and the last three of them as test images."""
    for name, values in (
        ("images", IMAGES),
        ("labels", LABELS),
        ("t-images", IMAGES[2:]),
        ("t-labels", LABELS[2:]),
    ):
        (tmp_path / name).write_bytes(idx_bytes(values))
    return tmp_path
