"""Has lanes diagnosed in another process, shows what is known of each, and makes cures into actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.doctor.consultation import consult
from engine.experiments.experiment import Experiment
from engine.experiments.variants import LaneSpec
from engine.report.probes import NeuronPlace, NeuronRef
from engine.session.action_log import ActionLog
from engine.session.commands import Duplicate, LaneAction, Remove, Together
from engine.session.recipe import LaneRecipe
from engine.symptoms.findings import Changes, Diagnosis, Finding
from engine.training.edits import Set
from gui.controllers.display_controller import DisplayController
from gui.controllers.lane_controller import LONGEST_COPIED
from gui.controllers.training_controller import TrainingController
from gui.diagnosis.case import Case, Treatment
from gui.diagnosis.diagnosis_words import chip_text
from gui.text.error_words import sentence
from gui.text.language import translate


@dataclass
class _Record:
    """What is known of an experiment, whichever lanes have it; `key` names the work on it."""

    experiment: Experiment
    key: str
    stage: str = ""
    so_far: tuple[Finding, ...] = ()
    diagnosis: Diagnosis | None = None
    refusal: str = ""


class DiagnosisController(QObject):
    """What is known belongs to the experiment of a lane: it goes when that changes, and comes back with undo.

    Signals: `case_shown(lane number, Case)` for the lane that is explained, `chips_changed(list of texts)` with the main
    finding of every lane, "" where there is none.
    """

    case_shown = Signal(int, object)
    chips_changed = Signal(object)

    def __init__(self, training: TrainingController, display: DisplayController, parent: QObject) -> None:
        super().__init__(parent)
        self._training, self._display = training, display
        self._background = Background()
        self._records: list[_Record] = []
        self._of_lanes: list[_Record | None] = []
        self._opened: Experiment | None = None
        self._attempts: dict[str, str] = {}
        self._returns_to, self._is_due = "", False
        self._asked = 0

    @property
    def is_at_rest(self) -> bool:
        """Return whether nothing is being diagnosed."""
        return not any(record.stage for record in self._records)

    def begin(self) -> None:
        """Diagnose the lane that is explained."""
        lane = self._lane
        if lane is None or self._working_on(lane):
            return
        self._asked += 1
        record = _Record(lane.experiment, f"diagnosis {self._asked}", stage="untreated")
        self._records = [other for other in self._records if other.experiment != lane.experiment]
        self._records.append(record)
        self._background.ask(
            record.key,
            partial(consult, LaneSpec(lane.name, lane.experiment), tell=partial(_note, record)),
            partial(self._end, record),
            partial(self._refuse, record),
        )
        self._look_up()

    def cancel(self) -> None:
        """Give the diagnosis of the lane that is explained up."""
        lane = self._lane
        if lane is not None:
            self._give_up([record for record in self._records if record.experiment == lane.experiment])

    def stop(self) -> None:
        """End what is being done."""
        self._background.stop()

    def tick(self) -> None:
        """Show how far it is."""
        self._background.take()
        if not self.is_at_rest:
            self.show()

    def take_log(self, log: ActionLog | None) -> None:
        """Something was done or undone, or another experiment was opened: lanes may have others now."""
        if log is None:
            return
        self._is_due = bool(self._returns_to)
        if log.experiment is not self._opened:
            self._opened = log.experiment
            self._attempts.clear()
            self._give_up(self._records)
            self._records = []
        wanted = [lane.experiment for lane in log.recipe.lanes]
        self._give_up([one for one in self._records if one.stage and one.experiment not in wanted])
        self._look_up()

    def change_lanes(self) -> None:
        """There are other lanes: stay at the one whose cure is tried."""
        number = self._number
        if number != self._display.state.lane:
            self._display.choose_lane(number)
        self._tell_chips()
        self.show()

    def arrive(self) -> None:
        """The lanes that were asked for are shown."""
        if self._is_due:
            self._returns_to, self._is_due = "", False

    def refuse(self) -> None:
        """What was asked for is not possible: no lane will come."""
        self._returns_to = ""

    def show(self) -> None:
        """Show what is known of the lane that is explained."""
        number = self._number
        if number < len(self._of_lanes):
            self.case_shown.emit(number, self._case(number))

    def choose_layer(self, layer: int) -> None:
        """Choose the first neuron of a layer of the explained lane, and show why it is as it is."""
        self._display.choose_neuron(NeuronPlace(self._display.state.lane, NeuronRef(layer, 0)))
        self._display.open_page("why")

    def attempt(self, treatment: Treatment) -> None:
        """Open the cured lane beside the explained one."""
        lane = self._lane
        if lane is not None:
            name = self._free_name(translate("diagnosis", "{0} cured"), lane.name, ())
            self._returns_to, self._attempts[lane.name] = lane.name, name
            self._training.act(Together(tuple(_copied(lane.name, name, treatment.changes))))

    def open_test(self, treatment: Treatment) -> None:
        """Open the runs that show a cause: before its cure, with it, and with another change in its place."""
        lane, record = self._lane, self._record
        if lane is None or record is None or record.diagnosis is None:
            return
        wanted = [
            (translate("diagnosis", "{0} before"), treatment.before),
            (translate("diagnosis", "{0} cured"), treatment.changes),
            *((translate("diagnosis", "{0} otherwise"), other) for other in record.diagnosis.others[:1]),
        ]
        actions: list[LaneAction] = []
        taken: tuple[str, ...] = ()
        for stem, changes in reversed([one for one in wanted if one[1]]):
            taken = (*taken, self._free_name(stem, lane.name, taken))
            actions += _copied(lane.name, taken[-1], changes)
        self._returns_to = lane.name
        self._training.act(Together(tuple(actions)))

    def keep(self, treatment: Treatment, everywhere: bool) -> None:
        """Write a cure into the explained lane, or into all of them; the lane that tried it goes."""
        lane = self._lane
        if lane is None:
            return
        attempt = self._attempts.pop(lane.name, "")
        actions: list[LaneAction] = [_set(treatment.changes, None if everywhere else lane.name)]
        if attempt in [other.name for other in self._lanes]:
            actions.append(Remove(lane=attempt))
        self._returns_to = lane.name
        self._training.act(Together(tuple(actions)))

    @property
    def _lanes(self) -> tuple[LaneRecipe, ...]:
        log = self._training.log
        return () if log is None else log.recipe.lanes

    @property
    def _number(self) -> int:
        """Return which lane the page is about: that whose cure is tried, before its new neighbour."""
        names = [lane.name for lane in self._lanes]
        return names.index(self._returns_to) if self._returns_to in names else self._display.state.lane

    @property
    def _lane(self) -> LaneRecipe | None:
        """Return the lane that is explained."""
        number = self._display.state.lane
        return self._lanes[number] if number < len(self._lanes) else None

    @property
    def _record(self) -> _Record | None:
        number = self._display.state.lane
        return self._of_lanes[number] if number < len(self._of_lanes) else None

    def _working_on(self, lane: LaneRecipe) -> bool:
        return any(one.stage and one.experiment == lane.experiment for one in self._records)

    def _free_name(self, stem: str, lane: str, more: tuple[str, ...]) -> str:
        taken = {*(other.name for other in self._lanes), *more}
        name = stem.format(lane[:LONGEST_COPIED])
        names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 2))]
        return next(free for free in names if free not in taken)

    def _case(self, number: int) -> Case:
        record = self._of_lanes[number]
        is_touched = number < len(self._lanes) and bool(self._lanes[number].edits)
        if record is None:
            return Case(is_touched=is_touched)
        return Case(record.stage, record.so_far, record.diagnosis, record.refusal, is_touched)

    def _give_up(self, records: list[_Record]) -> None:
        gone = [record for record in records if record.stage]
        for record in gone:
            self._background.give_up(record.key)
        self._records = [record for record in self._records if record not in gone]
        self._look_up()

    def _end(self, record: _Record, diagnosis: Diagnosis) -> None:
        record.stage, record.so_far, record.diagnosis = "", (), diagnosis
        self._look_up()

    def _refuse(self, record: _Record, error: InitscopeError) -> None:
        record.stage, record.so_far, record.refusal = "", (), sentence(error)
        self._look_up()

    def _look_up(self) -> None:
        """Find what is known of each lane."""
        self._of_lanes = [
            next((one for one in self._records if one.experiment == lane.experiment), None)
            for lane in self._lanes
        ]
        self._tell_chips()
        self.show()

    def _tell_chips(self) -> None:
        self.chips_changed.emit(list(self._chips()))

    def _chips(self) -> Iterator[str]:
        for record in self._of_lanes:
            findings = () if record is None or record.diagnosis is None else record.diagnosis.findings
            yield chip_text(findings[0]) if findings else ""


def _note(record: _Record, stage: str, findings: tuple[Finding, ...]) -> None:
    """Take note of how far a diagnosis is, in the thread that waits for it."""
    record.so_far, record.stage = findings, stage


def _copied(lane: str, name: str, changes: Changes) -> Iterator[LaneAction]:
    """Yield what makes a changed copy of a lane."""
    yield Duplicate(name, lane=lane)
    yield _set(changes, name)


def _set(changes: Changes, lane: str | None) -> Set:
    (path, value), *also = changes
    return Set(path, value, tuple(also), lane=lane)
