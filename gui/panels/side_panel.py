"""The panel at the right: why neurons are equal, how healthy the layers are, and the equivalent small network."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from engine.report.snapshot import Snapshot
from gui.look.colours import Scales
from gui.look.theme import Theme
from gui.panels.health_panel import HealthPanel
from gui.panels.small_panel import SmallNetworkPanel
from gui.panels.why_panel import WhyPanel
from gui.text.language import translate

PAGES = ("why", "health", "small")


class SidePanel(QTabWidget):
    """Signals: `lane_chosen(int)`, `pair_chosen(Pair)`, `small_export_requested()`, `page_chosen(str)`."""

    lane_chosen = Signal(int)
    pair_chosen = Signal(object)
    small_export_requested = Signal()
    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.setAccessibleName(translate("side", "Explanation"))
        self.why, self.health, self.small = WhyPanel(), HealthPanel(), SmallNetworkPanel()
        titles = (translate("side", "Why"), translate("side", "Health"), translate("side", "Small network"))
        tips = (
            translate("side", "Why neurons are equal, whether they will stay so, and what would part them"),
            translate("side", "What is not moving, saturated, dead or nearly equal"),
            translate("side", "The small network that computes the same"),
        )
        for page, title, tip in zip((self.why, self.health, self.small), titles, tips, strict=True):
            self.setTabToolTip(self.addTab(page, title), tip)
            page.lane_chosen.connect(self.lane_chosen)
        self.why.pair_chosen.connect(self.pair_chosen)
        self.small.export_requested.connect(self.small_export_requested)
        self.currentChanged.connect(lambda index: self.page_chosen.emit(PAGES[index]))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for page in (self.why, self.health, self.small):
            page.set_theme(theme)

    def show_lane_names(self, names: list[str]) -> None:
        """Offer the lanes of an experiment."""
        for page in (self.why, self.health, self.small):
            page.show_lane_names(names)

    def show_snapshot(self, snapshot: Snapshot, scales: Scales) -> None:
        """Show what was worked out about a lane."""
        for index, lane in enumerate(snapshot.lanes):
            insight = lane.insight
            if insight.why is not None:
                self.why.show_lane(index, insight.why)
            if insight.health is not None and insight.similarity is not None:
                self.health.show_lane(index, insight.health, insight.similarity)
            if insight.small is not None:
                self.small.show_lane(index, lane, insight.small, scales.weights)
