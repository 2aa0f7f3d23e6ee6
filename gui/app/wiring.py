"""Every connection between the objects of the window but those of lanes, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.core.background import Background
from engine.session.action_log import ActionLog
from gui.app.frame_clock import FrameClock
from gui.app.mishaps import Mishaps
from gui.app.wiring_of_lanes import connect_lanes, connect_seeds
from gui.consulting.advice_controller import AdviceController
from gui.consulting.attempts import Attempts
from gui.consulting.diagnosis_controller import DiagnosisController
from gui.controllers.appearance_controller import AppearanceController
from gui.controllers.display_controller import DisplayController
from gui.controllers.edit_controller import TouchController
from gui.controllers.editor_controller import EditorController
from gui.controllers.file_controller import FileController
from gui.controllers.keeping import Keeper
from gui.controllers.lane_controller import LaneController
from gui.controllers.start_controller import StartController
from gui.controllers.training_controller import TrainingController
from gui.importing.import_controller import ImportController
from gui.terms.action_words import words_for
from gui.viewing.ghost_controller import GhostController
from gui.viewing.operation_controller import OperationController
from gui.viewing.scene_controller import SceneController
from gui.viewing.seeds_controller import SeedsController
from gui.viewing.until_controller import UntilController
from gui.viewing.view_controller import ViewController
from gui.window.main_window import MainWindow


@dataclass(frozen=True)
class Controllers:
    """Who turns requests into commands and snapshots into what is shown, the training apart."""

    display: DisplayController
    touch: TouchController
    files: FileController
    appearance: AppearanceController
    keeper: Keeper
    lanes: LaneController
    editor: EditorController
    start: StartController
    views: ViewController
    scenes: SceneController
    operations: OperationController
    imports: ImportController
    attempts: Attempts
    doctor: DiagnosisController
    advisor: AdviceController
    until: UntilController
    ghosts: GhostController
    seeds: SeedsController


def connect(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """Connect views, controllers and the clock of one window."""
    _connect_screen(window, clock, training, controllers)
    _connect_transport(window, training, controllers.keeper)
    _connect_display(window, controllers.display)
    _connect_touch(window, training, controllers.touch)
    _connect_history(window, training, controllers.editor)
    connect_lanes(window, training, controllers.display, controllers.lanes, controllers.ghosts)
    connect_seeds(window, clock, training, controllers.seeds)
    _connect_editor(window, clock, training, controllers)
    _connect_files(window, controllers.files, controllers.keeper)
    _connect_import(window, clock, training, controllers)
    _connect_start(window, clock, controllers)
    _connect_views(window, training, controllers.views)
    _connect_scenes(window, training, controllers.scenes)
    _connect_operations(window, clock, training, controllers)
    _connect_consulting(window, clock, training, controllers)
    _connect_until(window, training, controllers.until)
    _connect_closing(window, controllers.keeper)
    _connect_looks(window, controllers)


def _connect_screen(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """From the training thread to the screen."""
    display = controllers.display
    clock.letter_arrived.connect(training.receive)
    clock.ticked.connect(window.notice.count_down)
    training.experiment_shown.connect(window.show_experiment)
    training.lanes_changed.connect(window.show_experiment)
    training.experiment_shown.connect(display.begin_experiment)
    training.experiment_shown.connect(controllers.files.begin)
    training.lanes_changed.connect(display.change_lanes)
    training.snapshot_arrived.connect(controllers.scenes.arrive)  # before it is drawn
    training.snapshot_arrived.connect(display.show_snapshot)
    training.playing_changed.connect(window.show_playing)
    display.state_changed.connect(window.show_state)
    for show in window.frame_views:  # one that fails leaves the others as they are
        display.frame_made.connect(show)


def connect_background(window: MainWindow, clock: FrameClock, background: Background) -> None:
    """What was done beside the window is told between two frames."""
    clock.ticked.connect(background.take)
    window.closing.connect(background.stop)


def connect_mishaps(
    window: MainWindow, clock: FrameClock, training: TrainingController, mishaps: Mishaps
) -> None:
    """What nobody expected is told between two frames."""
    clock.ticked.connect(mishaps.tell)
    training.experiment_shown.connect(mishaps.forget)
    mishaps.told.connect(window.show_error)


def _connect_transport(window: MainWindow, training: TrainingController, keeper: Keeper) -> None:
    """From transport and timeline to the training thread."""
    actions, transport = window.actions_by_id, window.transport
    actions["play"].triggered.connect(training.toggle_play)
    actions["step_forward"].triggered.connect(training.step_forward)
    actions["step_back"].triggered.connect(training.step_back)
    actions["ten_forward"].triggered.connect(training.ten_forward)
    actions["ten_back"].triggered.connect(training.ten_back)
    actions["next_mark"].triggered.connect(training.to_next_mark)
    actions["previous_mark"].triggered.connect(training.to_previous_mark)
    actions["to_start"].triggered.connect(training.to_start)
    actions["to_end"].triggered.connect(training.to_end)
    actions["rewind"].triggered.connect(keeper.rewind)
    actions["new_seed"].triggered.connect(keeper.new_seed)
    transport.step_requested.connect(training.go_to)
    transport.speed_requested.connect(training.set_speed)
    window.curves.step_requested.connect(training.go_to_recorded)


def _connect_display(window: MainWindow, display: DisplayController) -> None:
    """How things are shown."""
    actions, side = window.actions_by_id, window.side
    side.lane_chosen.connect(display.choose_lane)
    side.pair_chosen.connect(display.choose_pair)
    side.page_chosen.connect(display.set_page)
    window.neuron_clicked.connect(display.choose_neuron)
    window.neuron_hovered.connect(display.look_at_neuron)
    window.alarms_clicked.connect(partial(display.open_page, "health"))
    window.tolerance_chosen.connect(display.set_tolerance)
    actions["gather"].toggled.connect(display.set_gathered)
    actions["side"].toggled.connect(display.set_side)
    actions["data_space"].toggled.connect(display.set_space)
    actions["gradients"].toggled.connect(display.set_gradients)
    actions["last_change"].toggled.connect(display.set_last_change)
    actions["log_colours"].toggled.connect(display.set_logarithmic)
    actions["fit_colours"].triggered.connect(display.fit_colours)
    actions["lock_colours"].toggled.connect(display.lock_colours)
    actions["weight_images"].toggled.connect(display.set_pictures)
    window.divided.connect(display.divide)
    window.enlarge_requested.connect(display.enlarge)
    window.curves.part_requested.connect(display.show_steps)
    window.transport.part_requested.connect(display.show_steps)
    actions["log_loss"].toggled.connect(display.set_log_loss)
    window.curves.all_samples_chosen.connect(display.set_all_samples)
    actions["show_all"].triggered.connect(display.show_all)
    actions["share_out"].triggered.connect(display.share_out_anew)


def _connect_touch(window: MainWindow, training: TrainingController, touch: TouchController) -> None:
    """Touching the weights."""
    actions = window.actions_by_id
    window.nudge_requested.connect(touch.nudge)
    window.hold_requested.connect(training.stop_playing)
    window.touch.noise_requested.connect(touch.break_symmetry)
    window.touch.copy_neuron_requested.connect(touch.copy_neuron)
    window.touch.removal_requested.connect(touch.remove)
    actions["touch"].triggered.connect(window.show_touch)
    touch.failed.connect(window.show_error)


def _connect_history(window: MainWindow, training: TrainingController, editor: EditorController) -> None:
    """Undo, redo, and the list of what was done."""
    actions, stop = window.actions_by_id, window.editor.stop_sweeps
    for request in (actions["undo"].triggered, actions["redo"].triggered, window.return_requested):
        request.connect(stop)  # first: what is swept would go on from there
    for request in (actions["redo"].triggered, window.return_requested):
        request.connect(editor.wait_no_more)
    actions["undo"].triggered.connect(editor.undo)
    actions["redo"].triggered.connect(training.redo)
    window.return_requested.connect(training.return_to)

    listed = [(-1, -1)]

    def show(log: ActionLog) -> None:
        place = log.position, len(log.all_actions)
        if log.is_open and place == listed[0]:
            return  # the value is told when the person lets go
        listed[0] = place
        entries = [words_for(*pair) for pair in zip(log.all_actions, log.recipes, strict=False)]
        window.show_log(entries, log.position, is_saved=not training.unsaved)

    training.log_changed.connect(show)


def _connect_editor(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """The experiment panel."""
    editor, panel = controllers.editor, window.editor
    panel.set_requested.connect(editor.set_value)
    controllers.keeper.opening_agreed.connect(panel.stop_sweeps)
    panel.taken_back.connect(editor.take_back)
    panel.lane_chosen.connect(editor.choose_lane)
    panel.moment_chosen.connect(editor.choose_moment)
    training.failed.connect(editor.refuse)
    training.log_changed.connect(editor.take_log)
    training.snapshot_arrived.connect(lambda _snapshot: editor.refresh())
    controllers.display.state_changed.connect(lambda _state: editor.refresh())
    editor.failed.connect(window.show_error)
    clock.ticked.connect(panel.tick)
    window.actions_by_id["experiment"].toggled.connect(controllers.display.set_editor)


def _connect_files(window: MainWindow, files: FileController, keeper: Keeper) -> None:
    """Files and pictures."""
    actions = window.actions_by_id
    keeper.opening_agreed.connect(files.open_target)
    window.export_requested.connect(files.export_drawing)
    window.copy_requested.connect(files.copy_drawing)
    actions["open"].triggered.connect(files.ask_for_experiment)
    actions["save"].triggered.connect(files.save_session)
    actions["save_as"].triggered.connect(files.save_session_as)
    actions["save_experiment"].triggered.connect(files.save_experiment)
    actions["copy_code"].triggered.connect(files.copy_code)
    actions["paste_code"].triggered.connect(files.paste_code)
    actions["export_figure"].triggered.connect(files.export_figure)
    actions["screenshot"].triggered.connect(files.save_screenshot)
    actions["copy_figure"].triggered.connect(files.copy_figure)
    window.side.small_export_requested.connect(files.save_small_network)
    files.recent_changed.connect(window.show_recent)
    files.document_changed.connect(window.show_document)
    window.recent_requested.connect(files.open_recent)
    window.forget_requested.connect(files.forget)
    files.failed.connect(window.show_error)
    files.failed.connect(window.start.hide)  # which would cover it
    files.succeeded.connect(window.show_success)


def _connect_import(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """Files that are opened: experiments take the place of the shown one, data and weights come into it."""
    imports = controllers.imports
    window.target_requested.connect(imports.open_target)
    window.files_dropped.connect(imports.open_files)
    imports.failed.connect(window.show_error)
    controllers.files.target_chosen.connect(imports.open_target)
    imports.target_passed.connect(controllers.keeper.open_target)
    window.actions_by_id["import"].triggered.connect(imports.ask_for_file)
    training.log_changed.connect(imports.take_log)
    training.snapshot_arrived.connect(imports.take_snapshot)
    clock.ticked.connect(imports.tick)
    imports.action_made.connect(training.act)
    imports.imported.connect(controllers.files.remember)
    imports.action_made.connect(window.start.hide)


def _connect_start(window: MainWindow, clock: FrameClock, controllers: Controllers) -> None:
    """The start page, which goes when another experiment comes."""
    start, keeper = controllers.start, controllers.keeper
    window.start.opened.connect(start.make_previews)
    window.start.new_requested.connect(start.open_new)
    window.actions_by_id["new"].triggered.connect(start.open_new)
    clock.ticked.connect(start.take)
    start.preview_made.connect(window.start.show_preview)
    start.target_chosen.connect(keeper.open_target)
    keeper.opening_agreed.connect(window.start.hide)
    keeper.opening_agreed.connect(start.take_agreed)
    start.new_agreed.connect(partial(controllers.display.set_editor, True))  # it is there to be changed
    window.closing.connect(start.stop)


def _connect_views(window: MainWindow, training: TrainingController, views: ViewController) -> None:
    """How a session is looked at."""
    training.look_with(views.view)
    training.experiment_shown.connect(views.begin)
    training.log_changed.connect(views.take_log)
    training.notes_changed.connect(window.notes.show_own)
    window.notes.written.connect(training.write_notes)
    window.notes.left.connect(training.keep_notes)


def _connect_scenes(window: MainWindow, training: TrainingController, scenes: SceneController) -> None:
    """Scenes."""
    actions, dialog = window.actions_by_id, window.scenes
    training.log_changed.connect(scenes.take_log)
    scenes.scenes_changed.connect(window.show_scenes)
    scenes.added.connect(dialog.edit_last)
    window.scene_chosen.connect(scenes.show)
    actions["add_scene"].triggered.connect(scenes.add)
    actions["edit_scenes"].triggered.connect(window.edit_scenes)
    actions["next_scene"].triggered.connect(scenes.show_next)
    actions["previous_scene"].triggered.connect(scenes.show_previous)
    dialog.changed.connect(scenes.change)
    dialog.moved.connect(scenes.move)
    dialog.retaken.connect(scenes.retake)
    dialog.removed.connect(scenes.remove)


def _connect_operations(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """One update, operation by operation."""
    actions, operations, display = window.actions_by_id, controllers.operations, controllers.display
    band, lanes = window.figure.operation, window.figure.lanes_box
    actions["operation_forward"].triggered.connect(operations.forward)
    actions["operation_back"].triggered.connect(operations.back)
    actions["phase_forward"].triggered.connect(operations.phase_forward)
    actions["phase_back"].triggered.connect(operations.phase_back)
    actions["slow_motion"].triggered.connect(operations.play_forward)
    actions["slow_motion_back"].triggered.connect(operations.play_back)
    operations.playing_changed.connect(actions.show_slow_motion)
    training.experiment_shown.connect(lambda _experiment, _snapshot: operations.stop())
    training.snapshot_arrived.connect(operations.arrive)
    clock.ticked.connect(operations.tick)
    band.pace_chosen.connect(operations.set_pace)
    band.sample_chosen.connect(display.fix_sample)
    band.closed.connect(operations.end)
    window.transport.marks.phase_requested.connect(operations.go_to_phase)
    lanes.cell_hovered.connect(display.look_at_cell)
    lanes.cell_clicked.connect(display.keep_cell)


def _connect_consulting(
    window: MainWindow, clock: FrameClock, training: TrainingController, controllers: Controllers
) -> None:
    """What is wrong with a lane, which start suits it, and what becomes of the changes that are proposed."""
    attempts, display = controllers.attempts, controllers.display
    training.log_changed.connect(attempts.take_log)
    training.failed.connect(lambda _text, _details: attempts.refuse())
    attempts.told.connect(window.show_success)
    attempts.wanted.connect(window.figure.lanes_box.bring)
    for shown in (training.experiment_shown, training.lanes_changed):
        shown.connect(lambda _experiment, _snapshot: attempts.change_lanes())
    training.snapshot_arrived.connect(lambda _snapshot: attempts.arrive())
    for consulted in (controllers.doctor, controllers.advisor):
        clock.ticked.connect(consulted.tick)
        window.closing.connect(consulted.stop)
        training.log_changed.connect(consulted.take_log)
        for shown in (training.experiment_shown, training.lanes_changed, display.state_changed):
            shown.connect(consulted.look)
    window.actions_by_id["diagnosis"].triggered.connect(lambda: display.open_page("diagnosis"))
    window.actions_by_id["advice"].triggered.connect(lambda: display.open_page("advice"))
    sick, doctor, lanes = window.side.diagnosis, controllers.doctor, window.figure.lanes_box
    doctor.case_shown.connect(sick.show_case)
    doctor.chips_changed.connect(lanes.show_findings)
    lanes.finding_clicked.connect(partial(display.open_page, "diagnosis"))
    sick.asked.connect(doctor.begin)
    sick.cancel_requested.connect(doctor.cancel)
    sick.try_requested.connect(doctor.attempt)
    sick.keep_requested.connect(doctor.keep)
    sick.test_requested.connect(doctor.open_test)
    sick.layer_chosen.connect(doctor.choose_layer)
    page, advisor = window.side.advice, controllers.advisor
    advisor.counsel_shown.connect(page.show_counsel)
    page.race_requested.connect(advisor.begin)
    page.cancel_requested.connect(advisor.end_race)
    page.try_requested.connect(advisor.open)
    page.keep_requested.connect(advisor.keep)


def _connect_until(window: MainWindow, training: TrainingController, until: UntilController) -> None:
    """Training until a condition holds."""
    window.actions_by_id["run_until"].triggered.connect(window.show_until)
    window.until.asked.connect(until.run)
    until.refused.connect(window.until.refuse)
    until.begun.connect(window.until.accept)
    training.snapshot_arrived.connect(until.arrive)
    training.failed.connect(until.refuse)
    until.told.connect(window.show_success)


def _connect_closing(window: MainWindow, keeper: Keeper) -> None:
    """The end of the window."""
    window.close_requested.connect(keeper.close)
    keeper.closing_agreed.connect(window.end)
    window.actions_by_id["quit"].triggered.connect(window.close)


def _connect_looks(window: MainWindow, controllers: Controllers) -> None:
    """Theme, size of the window, help."""
    actions, appearance = window.actions_by_id, controllers.appearance
    actions["dark"].triggered.connect(appearance.set_dark)
    appearance.theme_changed.connect(controllers.display.set_theme)
    actions["full_screen"].triggered.connect(window.show_full_screen)
    actions["notes"].triggered.connect(window.show_notes)
    actions["help"].triggered.connect(window.show_help)
