"""Every connection between the objects of the window, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from gui.app.frame_clock import FrameClock
from gui.controllers.appearance_controller import AppearanceController
from gui.controllers.arrange_controller import ArrangeController
from gui.controllers.edit_controller import TouchController
from gui.controllers.file_controller import FileController
from gui.controllers.insight_controller import InsightController
from gui.controllers.scale_controller import ScaleController
from gui.controllers.training_controller import TrainingController
from gui.window.main_window import MainWindow


@dataclass(frozen=True)
class Controllers:
    """Who turns requests into commands and snapshots into what is shown, the training apart."""

    arranging: ArrangeController
    scaling: ScaleController
    insight: InsightController
    touch: TouchController
    files: FileController
    appearance: AppearanceController


def connect(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """Connect views, controllers and the clock of one window."""
    _connect_screen(window, clock, training, controllers)
    _connect_transport(window, training)
    _connect_insight(window, training, controllers)
    _connect_touch(window, training, controllers.touch)
    _connect_files(window, controllers.files)
    _connect_looks(window, training, controllers)


def _connect_screen(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """From the training thread to the screen."""
    arranging, scaling = controllers.arranging, controllers.scaling
    clock.letter_arrived.connect(training.receive)
    clock.ticked.connect(window.notice.count_down)
    training.experiment_shown.connect(window.show_experiment)
    training.lanes_changed.connect(window.show_experiment)
    training.snapshot_arrived.connect(arranging.show_snapshot)
    arranging.arranged.connect(scaling.show_snapshot)
    training.playing_changed.connect(window.show_playing)
    training.failed.connect(window.show_error)
    scaling.scaled.connect(window.show_snapshot)


def _connect_transport(window: MainWindow, training: TrainingController) -> None:
    """From transport and timeline to the training thread."""
    actions, transport = window.actions_by_id, window.transport
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


def _connect_insight(window: MainWindow, training: TrainingController, controllers: Controllers) -> None:
    """What is worked out beside the weights."""
    actions, side, insight = window.actions_by_id, window.side, controllers.insight
    training.experiment_shown.connect(insight.begin_experiment)
    training.lanes_changed.connect(insight.change_lanes)
    insight.change_advised.connect(actions["last_change"].setChecked)
    insight.side_advised.connect(actions["side"].setChecked)
    side.lane_chosen.connect(insight.choose_lane)
    side.pair_chosen.connect(insight.choose_pair)
    side.page_chosen.connect(insight.set_page)
    window.neuron_clicked.connect(insight.choose_neuron)
    window.neuron_hovered.connect(insight.look_at_neuron)
    window.tolerance_chosen.connect(insight.set_tolerance)
    window.tolerance_chosen.connect(window.show_tolerance)
    actions["gather"].toggled.connect(controllers.arranging.set_gathered)
    actions["side"].toggled.connect(window.show_side)
    actions["side"].toggled.connect(insight.set_side)
    actions["data_space"].toggled.connect(insight.set_space)
    actions["gradients"].toggled.connect(window.curves.show_gradients)
    actions["gradients"].toggled.connect(insight.set_gradients)
    actions["last_change"].toggled.connect(window.show_last_change)
    actions["last_change"].toggled.connect(insight.set_change)


def _connect_touch(window: MainWindow, training: TrainingController, touch: TouchController) -> None:
    """Touching the weights."""
    actions = window.actions_by_id
    window.nudge_requested.connect(touch.nudge)
    window.hold_requested.connect(training.stop_playing)
    window.touch.noise_requested.connect(touch.break_symmetry)
    window.touch.tie_requested.connect(touch.tie)
    window.touch.removal_requested.connect(touch.remove)
    actions["touch"].triggered.connect(window.show_touch)
    touch.failed.connect(window.show_error)


def _connect_files(window: MainWindow, files: FileController) -> None:
    """Files and pictures."""
    actions = window.actions_by_id
    window.target_requested.connect(files.open_target)
    window.export_requested.connect(files.export_drawing)
    window.copy_requested.connect(files.copy_drawing)
    actions["open"].triggered.connect(files.ask_for_experiment)
    actions["save"].triggered.connect(files.save_experiment)
    actions["export_figure"].triggered.connect(files.export_figure)
    actions["screenshot"].triggered.connect(files.save_screenshot)
    actions["copy_figure"].triggered.connect(files.copy_figure)
    window.side.small_export_requested.connect(files.save_small_network)
    files.failed.connect(window.show_error)
    files.succeeded.connect(window.show_success)


def _connect_looks(window: MainWindow, training: TrainingController, controllers: Controllers) -> None:
    """Colours, pictures, order, size."""
    actions, scaling, appearance = window.actions_by_id, controllers.scaling, controllers.appearance
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
