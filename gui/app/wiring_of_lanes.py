"""The connections of lanes: their menu, those that are hidden, their ghosts and their seeds."""

from __future__ import annotations

from gui.app.frame_clock import FrameClock
from gui.controllers.display_controller import DisplayController
from gui.controllers.lane_controller import LaneController
from gui.controllers.training_controller import TrainingController
from gui.viewing.ghost_controller import GhostController
from gui.viewing.seeds_controller import SeedsController
from gui.window.main_window import MainWindow


def connect_lanes(
    window: MainWindow,
    training: TrainingController,
    display: DisplayController,
    lanes: LaneController,
    ghosts: GhostController,
) -> None:
    """The menu of each lane, those that are hidden, and the layer that is chosen in all of them."""
    menu = window.lane_menu
    menu.renamed.connect(lanes.rename)
    menu.duplicated.connect(lanes.duplicate)
    menu.moved.connect(lanes.move)
    menu.removed.connect(lanes.remove)
    menu.hidden.connect(lanes.hide)
    menu.ghost_kept.connect(ghosts.keep)
    menu.ghost_removed.connect(ghosts.remove)
    window.figure.hidden.show_requested.connect(lanes.show)
    window.figure.lanes_box.layer_chosen.connect(display.choose_layer)
    training.log_changed.connect(ghosts.take_log)
    ghosts.failed.connect(window.show_error)


def connect_seeds(
    window: MainWindow, clock: FrameClock, training: TrainingController, seeds: SeedsController
) -> None:
    """Lanes that are trained from many seeds beside their run."""
    window.lane_menu.seeds_asked.connect(seeds.begin)
    window.lane_menu.seeds_left.connect(seeds.end)
    window.figure.lanes_box.seed_chosen.connect(seeds.choose)
    training.log_changed.connect(seeds.take_log)
    training.snapshot_arrived.connect(seeds.arrive)
    clock.ticked.connect(seeds.tick)
    window.closing.connect(seeds.stop)
    seeds.failed.connect(window.show_error)
