"""Has lanes diagnosed in another process, shows what is known of each, and makes cures into actions."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from engine.doctor.consultation import consult
from engine.experiments.variants import LaneSpec
from engine.report.probes import NeuronPlace, NeuronRef
from engine.session.action_log import ActionLog
from engine.symptoms.findings import Diagnosis, Finding
from gui.consulting.attempts import Attempts
from gui.consulting.inquiries import Inquiries, Inquiry, Tell
from gui.controllers.display_controller import DisplayController
from gui.diagnosis.case import Case, Treatment
from gui.diagnosis.diagnosis_words import chip_text
from gui.text.language import translate

Stage = tuple[str, tuple[Finding, ...]]
"""What is done next, and what was found before."""


class DiagnosisController(QObject):
    """Signals: `case_shown(lane number, Case)` for the lane that is explained, `chips_changed(list of texts)` with the
    main finding of every lane, "" where there is none, and where hands changed the lane: it was diagnosed as it starts.
    """

    case_shown = Signal(int, object)
    chips_changed = Signal(object)

    def __init__(
        self, display: DisplayController, attempts: Attempts, memory: int | None, parent: QObject
    ) -> None:
        """A diagnosis takes at most `memory` bytes."""
        super().__init__(parent)
        self._display, self._attempts, self._memory = display, attempts, memory
        self._inquiries = Inquiries[Stage, Diagnosis](self.look)

    @property
    def is_at_rest(self) -> bool:
        """Return whether nothing is being diagnosed."""
        return self._inquiries.is_at_rest

    def begin(self) -> None:
        """Diagnose the lane that is explained."""
        lane = self._attempts.lane
        known = self._inquiries.about(lane)
        if lane is None or (known is not None and known.is_open):
            return
        spec, memory = LaneSpec(lane.name, lane.experiment), self._memory

        def work(tell: Tell[Stage]) -> Diagnosis:
            return consult(spec, tell=lambda stage, found: tell((stage, found)), memory=memory)

        self._inquiries.begin(lane, ("untreated", ()), work)

    def cancel(self) -> None:
        """Give the diagnosis of the lane that is explained up."""
        self._inquiries.give_up(self._inquiries.about(self._attempts.lane))

    def stop(self) -> None:
        """End what is being done."""
        self._inquiries.stop()

    def tick(self) -> None:
        """Show how far it is."""
        self._inquiries.take()
        if not self.is_at_rest:
            self.show()

    def take_log(self, log: ActionLog | None) -> None:
        """Something was done or undone, or another experiment was opened: lanes may have others now."""
        if log is not None:
            self._inquiries.take_log(log)

    def look(self, *_news: object) -> None:
        """Show what is known of every lane."""
        self.chips_changed.emit(list(self._chips()))
        self.show()

    def show(self) -> None:
        """Show what is known of the lane that is explained."""
        number, lanes = self._attempts.number, self._attempts.lanes
        if number < len(lanes):
            case = self._case(self._inquiries.about(lanes[number]), is_touched=bool(lanes[number].edits))
            self.case_shown.emit(number, case)

    def choose_layer(self, layer: int) -> None:
        """Choose the first neuron of a layer of the explained lane, and show why it is as it is."""
        self._display.choose_neuron(NeuronPlace(self._display.state.lane, NeuronRef(layer, 0)))
        self._display.open_page("why")

    def attempt(self, treatment: Treatment) -> None:
        """Open the cured lane beside the explained one."""
        self._attempts.open(treatment.changes, translate("diagnosis", "{0} cured"))

    def open_test(self, treatment: Treatment) -> None:
        """Open the runs that show a cause: before its cure, with it, and with another change in its place."""
        known = self._inquiries.about(self._attempts.lane)
        if known is None or known.result is None:
            return
        wanted = [
            (translate("diagnosis", "{0} before"), treatment.before),
            (translate("diagnosis", "{0} cured"), treatment.changes),
            *((translate("diagnosis", "{0} otherwise"), other) for other in known.result.others[:1]),
        ]
        self._attempts.open_all([one for one in wanted if one[1]])

    def keep(self, treatment: Treatment, everywhere: bool) -> None:
        """Write a cure into the explained lane, or into all of them; the lane that tried it goes."""
        self._attempts.keep(treatment.changes, everywhere)

    def _case(self, known: Inquiry[Stage, Diagnosis] | None, *, is_touched: bool) -> Case:
        if known is None:
            return Case(is_touched=is_touched)
        if not known.is_open:
            return Case(diagnosis=known.result, refusal=known.refusal, is_touched=is_touched)
        stage, found = known.news
        return Case(
            "waiting" if self._inquiries.waits(known) else stage,
            found,
            share=self._inquiries.share(known),
            is_touched=is_touched,
        )

    def _chips(self) -> Iterator[str]:
        for lane in self._attempts.lanes:
            known = None if lane.edits else self._inquiries.about(lane)
            diagnosis = None if known is None else known.result
            yield chip_text(diagnosis.findings[0]) if diagnosis and diagnosis.findings else ""
