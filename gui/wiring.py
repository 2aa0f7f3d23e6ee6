"""Every connection between the objects of the window, and nothing else."""

from __future__ import annotations

from gui.controllers.appearance import AppearanceController
from gui.controllers.files import FileController
from gui.controllers.scaling import ScaleController
from gui.controllers.training import TrainingController
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow


def connect(
    window: MainWindow,
    clock: FrameClock,
    training: TrainingController,
    scaling: ScaleController,
    files: FileController,
    appearance: AppearanceController,
) -> None:
    """Connect views, controllers and the clock of one window."""
    actions = window.actions_by_id
    transport = window.transport

    # the training thread → the screen
    clock.letter_arrived.connect(training.receive)
    clock.ticked.connect(window.notice.count_down)
    training.experiment_shown.connect(window.show_experiment)
    training.snapshot_arrived.connect(scaling.show_snapshot)
    training.playing_changed.connect(window.show_playing)
    training.failed.connect(window.show_error)
    scaling.scaled.connect(window.show_snapshot)

    # transport and timeline → the training thread
    actions["play"].triggered.connect(training.toggle_play)
    actions["step_forward"].triggered.connect(training.step_forward)
    actions["step_back"].triggered.connect(training.step_back)
    actions["ten_forward"].triggered.connect(training.ten_forward)
    actions["ten_back"].triggered.connect(training.ten_back)
    actions["to_start"].triggered.connect(training.to_start)
    actions["to_end"].triggered.connect(training.to_end)
    actions["rewind"].triggered.connect(training.rewind)
    actions["new_seed"].triggered.connect(training.new_seed)
    transport.step_requested.connect(training.go_to)
    transport.speed_requested.connect(training.set_speed)
    window.curves.step_requested.connect(training.go_to_recorded)

    # files and pictures
    window.target_requested.connect(files.open_target)
    window.export_requested.connect(files.export_drawing)
    window.copy_requested.connect(files.copy_drawing)
    actions["open"].triggered.connect(files.ask_for_experiment)
    actions["save"].triggered.connect(files.save_experiment)
    actions["export_figure"].triggered.connect(files.export_figure)
    actions["screenshot"].triggered.connect(files.save_screenshot)
    actions["copy_figure"].triggered.connect(files.copy_figure)
    files.failed.connect(window.show_error)
    files.succeeded.connect(window.show_success)

    # looks
    training.experiment_shown.connect(scaling.begin_experiment)
    scaling.logarithmic_changed.connect(actions["log_colours"].setChecked)
    actions["log_colours"].triggered.connect(scaling.set_logarithmic)
    actions["weight_images"].triggered.connect(window.show_pictures)
    actions["dark"].triggered.connect(appearance.set_dark)
    appearance.theme_changed.connect(window.set_theme)
    appearance.theme_changed.connect(scaling.set_theme)
    actions["full_screen"].triggered.connect(window.show_full_screen)
    actions["help"].triggered.connect(window.show_help)
    actions["quit"].triggered.connect(window.close)
