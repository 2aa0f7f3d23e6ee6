"""Leads through the import of a file: reads it beside the window, offers what can be made of it, and does it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.datasets.images import Idx
from engine.importing.data_choice import DataChoice
from engine.importing.inspection import FileContents, Holds, inspect_file
from engine.importing.own_data import idx_among
from engine.report.snapshot import Snapshot
from engine.session.action_log import ActionLog
from engine.session.recipe import Recipe
from engine.training.edits import Set
from gui.importing.file_kinds import data_filter, is_for_import
from gui.importing.import_dialog import ImportDialog
from gui.importing.offer_maker import (
    action_of,
    first_offer,
    first_weights_offer,
    offer_after,
    start_action,
    weights_offer,
)
from gui.importing.offers import DataOffer, WeightsChoice, WeightsOffer
from gui.text.error_words import sentence
from gui.text.language import translate
from gui.window.settings import Settings

WORK = "import"
"""The key of what is done beside the window: there is one import at a time."""


class ImportController(QObject):
    """Signals: `target_passed(str)`: an experiment, a session or a code, which is no matter of the import;
    `action_made(SessionAction)`: what was imported; `imported(Path)`: the file that it came from; `failed(str)`: why
    nothing can be made of files.
    """

    target_passed = Signal(str)
    action_made = Signal(object)
    imported = Signal(object)
    failed = Signal(str)

    def __init__(self, background: Background, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._background, self._settings, self._window = background, settings, window
        self._recipe: Recipe | None = None
        self._dataset: Dataset | None = None
        self._contents: FileContents | None = None
        self._offer: DataOffer | WeightsOffer | None = None
        self._path = Path()
        self.dialog: ImportDialog | None = None

    def take_log(self, log: ActionLog | None) -> None:
        """Take note of what the lanes are made from."""
        self._recipe = log.recipe if log is not None else None

    def take_snapshot(self, snapshot: Snapshot) -> None:
        """Take note of the data that is learned now."""
        self._dataset = snapshot.lanes[0].dataset

    def ask_for_file(self) -> None:
        """Let the user choose a file of data or weights."""
        title = translate("import", "Import data or weights")
        dialog = QFileDialog(self._window, title, str(self._settings.folder), data_filter())
        dialog.setObjectName("file_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._open_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open_chosen(self, name: str) -> None:
        self._settings.folder = Path(name).parent
        self._begin(Path(name))

    def open_target(self, target: str) -> None:
        """Begin the import of a file of data or weights; pass on anything else."""
        if self._recipe is not None and is_for_import(target):
            self._begin(Path(target))
        else:
            self.target_passed.emit(target)

    def open_files(self, names: list[str]) -> None:
        """Begin the import of files that were dropped together: images and their labels; one file is opened alone."""
        idx = idx_among([Path(name) for name in names])
        if len(names) == 1:
            self.open_target(names[0])
        elif idx is None or self._recipe is None:
            self.failed.emit(
                translate(
                    "import",
                    "{0} files at once: only IDX images and their labels belong together, in two files, or four with "
                    "those for tests, as many labels as images. Drop anything else file by file.",
                ).format(len(names))
            )
        else:
            self._begin(Path(idx.train_images), idx)

    def tick(self) -> None:
        """Show how much was done, at every frame."""
        share = self._background.share(WORK)
        if self.dialog is not None and share is not None:
            self.dialog.show_progress(share)

    def _begin(self, path: Path, idx: Idx | None = None) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        self._contents, self._offer, self._path = None, None, path
        self.dialog = dialog = ImportDialog(path.name, self._window)
        dialog.data_chosen.connect(self._choose_data)
        dialog.weights_chosen.connect(self._choose_weights)
        dialog.taken_for.connect(self._take_for)
        dialog.agreed.connect(self._do)
        dialog.finished.connect(self._put_away)
        dialog.open()
        self._background.ask(WORK, lambda: inspect_file(path, idx), self._show, self._refuse)

    def _put_away(self) -> None:
        self._background.give_up(WORK)
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def _refuse(self, error: InitscopeError) -> None:
        if self.dialog is not None:
            self.dialog.refuse(sentence(error))

    def _show(self, contents: FileContents) -> None:
        self._contents = contents
        self._take_for(contents.holds)

    def _take_for(self, holds: Holds) -> None:
        """Offer what can be made of the samples or of the weights in the file."""
        contents, recipe, dataset = self._contents, self._recipe, self._dataset
        if self.dialog is None or contents is None or recipe is None or dataset is None:
            return
        self.dialog.show_contents(contents, holds, is_open=contents.can_be_either)
        if holds == "data":
            self._offer_data(first_offer(contents, recipe))
        else:
            self._offer_weights(first_weights_offer(contents, recipe, dataset))
        self.dialog.fit()

    def _choose_data(self, choice: DataChoice, fits: bool) -> None:
        if self._contents is not None and self._recipe is not None and isinstance(self._offer, DataOffer):
            self._offer_data(offer_after(self._contents, self._recipe, self._offer, choice, fits=fits))

    def _offer_data(self, offer: DataOffer) -> None:
        self._offer = offer
        if self.dialog is not None and self._contents is not None:
            self.dialog.show_data(self._contents, offer)

    def _choose_weights(self, choice: WeightsChoice) -> None:
        if self._contents is not None and self._recipe is not None and self._dataset is not None:
            self._offer_weights(weights_offer(self._contents, self._recipe, self._dataset, choice))

    def _offer_weights(self, offer: WeightsOffer) -> None:
        self._offer = offer
        if self.dialog is not None and self._contents is not None:
            self.dialog.show_weights(self._contents, offer)

    def _do(self) -> None:
        """Make the action beside the window, which reads the file; then do it and close the dialog."""
        contents, recipe, dataset, offer = self._contents, self._recipe, self._dataset, self._offer
        if self.dialog is None or contents is None or recipe is None or dataset is None or offer is None:
            return
        self.dialog.wait(translate("import", "The samples are being read …"))

        def make() -> Set:
            if isinstance(offer, DataOffer):
                return action_of(offer, contents, recipe)
            return start_action(offer, contents, recipe, dataset)

        self._background.ask(WORK, make, self._finish, self._refuse)

    def _finish(self, action: Set) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self.action_made.emit(action)
        self.imported.emit(self._path)
