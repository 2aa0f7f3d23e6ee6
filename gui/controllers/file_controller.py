"""Opening and saving experiments, saving and copying pictures. Every failure becomes one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.core.errors import InitscopeError
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_code, encode_experiment, named_files
from engine.formats.short_code import is_code
from engine.output.export import write_file
from engine.output.quotient_file import write_quotient
from engine.report.snapshot import Snapshot
from engine.session.commands import Source
from engine.session.session_file import encode_session
from gui.canvas.scene import SceneView
from gui.controllers.training_controller import TrainingController
from gui.dialogs.question import question
from gui.importing.file_kinds import NAMES, data_filter
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.pictures import exporters
from gui.pictures.painting import Page, WidgetPage
from gui.text.error_words import sentence
from gui.text.language import translate
from gui.text.words import code_copied_text, no_code_text, small_network_title_and_notes
from gui.window.main_window import MainWindow
from gui.window.recent_menu import is_there
from gui.window.settings import Settings

JSON = "Experiments and sessions (*.json)"
LONGEST_IN_FILE_NAMES = 100
"""Bytes of the name of an experiment, and of a part of it, in a file name that is proposed: file systems take at most 255
in all, and a letter has up to four."""
NOT_IN_FILE_NAMES = str.maketrans(dict.fromkeys('<>:"/\\|?*', "-"))
"""Some systems cannot have them in names."""


class FileController(QObject):
    """Signals: `failed(str)` and `succeeded(str)`, one sentence each; `target_chosen(str)`, a file or a short code to be
    opened; `recent_changed(list of paths)`, the newest first; `document_changed(str)`, the name of the file that is open.
    """

    failed = Signal(str)
    succeeded = Signal(str)
    target_chosen = Signal(str)
    recent_changed = Signal(object)
    document_changed = Signal(str)

    def __init__(self, window: MainWindow, training: TrainingController, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._training = training
        self._settings = settings
        self._opening = 0
        self._source: Source | None = None

    def open_target(self, target: str) -> None:
        """Open a preset, a file or a short code; what is shown stays if that fails."""
        self._window.notice.hide()  # what was said of another file
        self._training.open_target(target)

    def open_recent(self, name: str) -> None:
        """Open a file that was opened or saved before, if it is still there."""
        if is_there(name):
            self.target_chosen.emit(name)
        else:
            gone = translate("files", "{0} is no longer there: it was moved, renamed or deleted.")
            self.failed.emit(gone.format(name))

    def begin(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Take note of the file that was opened, if what is shown now came from one."""
        log = self._training.log
        if snapshot.opening != self._opening and log is not None:
            self._opening = snapshot.opening
            self._hold(log.source)

    def _hold(self, source: Source | None) -> None:
        """Let a file be the one that is open."""
        self._source = None if source is None else replace(source, path=source.path.absolute())
        self.document_changed.emit("" if source is None else source.path.name)
        if source is not None:
            self.remember(source.path)

    def remember(self, path: Path) -> None:
        """Put a file on the list of those that were opened or saved last."""
        self._settings.add_recent(path)
        self.recent_changed.emit(self._settings.recent)

    def forget(self, names: Collection[str]) -> None:
        """Take files off that list."""
        self._settings.forget_recent(names)
        self.recent_changed.emit(self._settings.recent)

    def copy_code(self) -> None:
        """Copy the shown experiment to the clipboard as a short code; say what the code does not hold."""
        experiment = self._shown_experiment()
        if experiment is None:
            return
        try:
            code = encode_code(experiment)
        except InitscopeError as error:
            self.failed.emit(sentence(error))
            return
        QApplication.clipboard().setText(code)
        self.succeeded.emit(
            code_copied_text(
                len(code),
                [shortened(name, LONGEST_NAME) for name in named_files(experiment)],
                self._not_in_the_file(),
            )
        )

    def paste_code(self) -> None:
        """Open the experiment whose short code is in the clipboard."""
        code = QApplication.clipboard().text()
        if is_code(code):
            self.target_chosen.emit(code)
        else:
            self.failed.emit(no_code_text())

    def ask_for_experiment(self) -> None:
        """Let the user choose a file and open it: an experiment, a session, data or weights."""
        everything = translate("files", "All that can be opened ({0})").format(f"*.json {NAMES}")
        dialog = self._dialog(translate("files", "Open"), f"{everything};;{JSON};;{data_filter()}")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.open()

    def _open_chosen(self, name: str) -> None:
        self._settings.folder = Path(name).parent
        self.target_chosen.emit(name)

    def save_session(self) -> None:
        """Save everything in the session file that is open; where none is, let the user say where."""
        save = self._saving()
        if save is not None and self._source is not None and self._source.has_all:
            self._save(self._source.path, save, "")
        else:
            self.save_session_as()

    def save_session_as(self) -> None:
        """Let the user save everything: the experiment, what was done to it, and how it is looked at."""
        session, save = self._training.session, self._saving()
        if session is None or save is None:
            return
        title, name = translate("files", "Save"), _fit_for_files(session.experiment.name)
        if self._source is not None and self._source.has_all:
            name = self._source.path.stem
        elif self._source is not None:
            name = translate("files", "{0} session").format(_fit_for_files(self._source.path.stem))
            title = translate("files", "Save as a session; the experiment file {0} stays as it is").format(
                shortened(self._source.path.name, LONGEST_NAME)
            )
        self._ask_where(title, f"{name}.json", JSON, save)

    def _saving(self) -> Callable[[Path], object] | None:
        """Return what saves the present session in a file, which is open from then on; None before there is one."""
        self._training.keep_notes()
        session = self._training.session
        if session is None:
            return None

        def save(path: Path) -> None:
            write_file(path, encode_session(session))
            self._training.note_saved(session)
            self._hold(Source(path, has_all=True))

        return save

    def save_experiment(self) -> None:
        """Let the user save the lanes as the variants of an experiment."""
        experiment = self._shown_experiment()
        if experiment is None:
            return
        data = encode_experiment(experiment)
        self._ask_where(
            translate("files", "Save as experiment"),
            f"{_fit_for_files(experiment.name)}.json",
            JSON,
            lambda path: write_file(path, data),
            self._not_in_the_file(),
        )

    def _shown_experiment(self) -> Experiment | None:
        """Return the experiment that has the lanes as variants; None before there is one."""
        session = self._training.session
        return session.as_experiment() if session is not None else None

    def _not_in_the_file(self) -> str:
        """Return what an experiment file cannot say, nothing if that is nothing."""
        snapshot = self._training.snapshot
        if snapshot is None or not snapshot.edited:
            return ""
        return translate(
            "files", "Edited weights are not in it, only a session has them; that concerns: {0}"
        ).format(", ".join(snapshot.edited))

    def save_small_network(self) -> None:
        """Let the user save the equivalent small network that is shown as an experiment with its weights."""
        experiment, snapshot = self._training.experiment, self._training.snapshot
        shown = [lane for lane in snapshot.lanes if lane.insight.small] if snapshot else []
        if experiment is not None and shown:
            small, of_lane = shown[0].insight.small, shown[0].experiment
            assert small is not None, "just looked"
            title, notes = small_network_title_and_notes(of_lane, small)
            name = self._name("json", translate("files", "{0} small").format(shown[0].name))
            self._ask_where(
                translate("files", "Save the small network"),
                name,
                JSON,
                lambda path: write_quotient(path, of_lane, small, title, notes),
            )

    def export_figure(self) -> None:
        """Let the user save lanes and curves as PNG, SVG or PDF."""
        self._ask_for_picture(translate("files", "Export figure"), "", self._window.figure.page())

    def export_drawing(self, drawing: SceneView) -> None:
        """Let the user save one graph, heatmap or plot as PNG, SVG or PDF."""
        title = translate("files", "Export {0}").format(shortened(drawing.title, LONGEST_NAME))
        self._ask_for_picture(title, drawing.title, self._window.figure.page_of(drawing))

    def _ask_for_picture(self, title: str, part: str, page: Page) -> None:
        """Let the user save what a page shows now: training may go on, and drawings may go, while a dialog is open."""
        kept = exporters.kept(page)
        save = lambda path: exporters.save_page(path, kept)  # noqa: E731
        self._ask_where(title, self._name("png", part), exporters.FORMATS, save)

    def save_screenshot(self) -> None:
        """Take a picture of the window and let the user save it."""
        image = exporters.image_of(WidgetPage(self._window, self._window.windowTitle()))
        name = self._name("png", translate("files", "window"))
        self._ask_where(
            translate("files", "Save screenshot"),
            name,
            "PNG (*.png)",
            lambda path: exporters.save_picture(path, image),
        )

    def copy_figure(self) -> None:
        """Copy lanes and curves to the clipboard."""
        QApplication.clipboard().setImage(exporters.image_of(self._window.figure.page()))
        self.succeeded.emit(translate("files", "The figure is in the clipboard."))

    def copy_drawing(self, drawing: SceneView) -> None:
        """Copy one graph, heatmap or plot to the clipboard."""
        QApplication.clipboard().setImage(exporters.image_of(self._window.figure.page_of(drawing)))
        self.succeeded.emit(translate("files", "{0} is in the clipboard.").format(drawing.title))

    def _name(self, suffix: str, part: str = "") -> str:
        experiment, snapshot = self._training.experiment, self._training.snapshot
        name = experiment.name if experiment else "initscope"
        words = [name, f"step {snapshot.step if snapshot else 0}", part]
        fitting = (word.replace(",", "").replace(" ", "-").lower() for word in words if word)
        return f"{'-'.join(map(_fit_for_files, fitting))}.{suffix}"

    def _ask_where(
        self, title: str, name: str, formats: str, save: Callable[[Path], object], note: str = ""
    ) -> None:
        dialog = self._dialog(title, formats)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # In its own question Qt would take the name of the file for markup.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setDefaultSuffix(Path(name).suffix[1:])
        dialog.selectFile(name)
        # of the kind `SVG (*.svg)`; Qt changes the end of a name by itself, but not what names without one get
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix(kind.partition("*.")[2].rstrip(")"))
        )
        dialog.fileSelected.connect(lambda chosen: self._save_if_agreed(Path(chosen), save, note))
        dialog.open()

    def _dialog(self, title: str, formats: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._settings.folder), formats)
        dialog.setObjectName("file_dialog")
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _save_if_agreed(self, path: Path, save: Callable[[Path], object], note: str) -> None:
        """Save; ask before another file is replaced."""
        if not os.path.lexists(path):
            self._save(path, save, note)
            return
        title = translate("files", "Replace the file?")
        loss = translate("files", "What is in {0} now is lost.").format(path)
        dialog = question(self._window, title, loss, translate("files", "Replace"))
        dialog.accepted.connect(lambda: self._save(path, save, note))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save(self, path: Path, save: Callable[[Path], object], note: str) -> None:
        self._settings.folder = path.parent
        if self._try(lambda: save(path)):
            saved = translate("files", "Saved {0}").format(path)
            self.succeeded.emit(f"{saved}. {note}" if note else saved)
            if path.suffix.lower() == ".json":
                self.remember(path)

    def _try(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except InitscopeError as error:
            self.failed.emit(sentence(error))
            return False
        return True


def _fit_for_files(name: str) -> str:
    """Return a name, or a part of one, that every file system takes."""
    return name.translate(NOT_IN_FILE_NAMES).encode()[:LONGEST_IN_FILE_NAMES].decode(errors="ignore")
