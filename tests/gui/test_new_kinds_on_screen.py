"""Kinds that the program does not ship go through the whole window: it knows of a kind what the kind says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_experiment, read_experiment
from engine.report.probes import NeuronRef
from gui.present.display_state import is_answered
from gui.side.side_panel import PAGES
from gui.widgets.elided_label import ElidedLabel
from tests.new_kinds import known_kinds, new_kinds

from .conftest import Build
from .test_real_use import shown, wait_for_step


@pytest.fixture(autouse=True)
def _known_kinds() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    with known_kinds():
        yield


def test_the_window_trains_explains_touches_and_saves_new_kinds(
    build: Build, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "new.json"
    path.write_bytes(encode_experiment(new_kinds()))
    laboratory = build(str(path))
    window, training, display = laboratory.window, laboratory.training, laboratory.display
    said = [label.text() for label in window.figure.findChildren(ElidedLabel)]
    assert any(text.startswith("1-3-1 · arctangent") for text in said), said
    display.set_side(True)
    display.set_gradients(True)
    display.set_last_change(True)
    training.go_to(30)
    wait_for_step(qtbot, laboratory, 30)
    for page in PAGES:
        display.set_page(page)
        qtbot.waitUntil(lambda: is_answered(shown(laboratory), display.state))
    window.nudge_requested.emit(shown(laboratory).lanes[0].name, NeuronRef(1, 0), 0, 2.0)
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 2)
    window.side.small_export_requested.emit()
    dialog = window.findChild(QFileDialog, "file_dialog")
    assert dialog is not None
    saved = tmp_path / "small.json"
    dialog.fileSelected.emit(str(saved))
    dialog.close()
    assert read_experiment(saved).optimizer == new_kinds().optimizer
    training.new_seed()
    qtbot.waitUntil(lambda: shown(laboratory).step == 0 and len(shown(laboratory).lanes) == 1)
