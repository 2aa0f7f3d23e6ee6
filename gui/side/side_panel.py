"""The panel at the right: why neurons are equal, health, what is wrong, which start is right, the small network."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QTabWidget, QWidget

from engine.report.snapshot import Snapshot
from gui.look.colours import Scales
from gui.look.theme import LIGHT, Theme
from gui.side.advice_panel import AdvicePanel
from gui.side.diagnosis_panel import DiagnosisPanel
from gui.side.health_panel import HealthPanel
from gui.side.small_panel import SmallNetworkPanel
from gui.side.why_panel import WhyPanel
from gui.text.language import translate

PAGES = ("why", "health", "diagnosis", "advice", "small")
HEALTH = PAGES.index("health")
DOT, SHARPNESS = 8, 2
"""Pixels of the dot on a tab, and how many of the screen each has at most."""


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
        self.diagnosis, self.advice = DiagnosisPanel(), AdvicePanel()
        self._pages = (self.why, self.health, self.diagnosis, self.advice, self.small)
        titles = (
            translate("side", "Why"),
            translate("side", "Health"),
            translate("side", "Diagnosis"),
            translate("side", "Which start?"),
            translate("side", "Small"),
        )
        tips = (
            translate("side", "Why neurons are equal, whether they will stay so, and what would part them"),
            translate("side", "What is not moving, saturated, dead or similar"),
            translate("side", "What is wrong with a network that does not learn, and what cures it"),
            translate(
                "side", "Which initial weights suit this network and its data, by theory and by a race"
            ),
            translate("side", "The small network that computes the same"),
        )
        for page, title, tip in zip(self._pages, titles, tips, strict=True):
            self.setTabToolTip(self.addTab(page, title), tip)
            page.lane_chosen.connect(self.lane_chosen)
        self.why.pair_chosen.connect(self.pair_chosen)
        self.small.export_requested.connect(self.small_export_requested)
        self.currentChanged.connect(lambda index: self.page_chosen.emit(PAGES[index]))
        self._health_tip = tips[HEALTH]
        self._theme = LIGHT
        self._alarmed = 0
        self.setIconSize(QSize(DOT, DOT))
        self._mark_health()

    def show_page(self, page: str) -> None:
        """Open a page."""
        self.setCurrentIndex(PAGES.index(page))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._mark_health()
        for page in self._pages:
            page.set_theme(theme)

    def show_lane_names(self, names: list[str]) -> None:
        """Offer the lanes of an experiment."""
        for page in self._pages:
            page.show_lane_names(names)

    def show_snapshot(self, snapshot: Snapshot, scales: Scales) -> None:
        """Show what was worked out about a lane, and on a tab whether any lane has alarms."""
        looks = [lane.insight.health for lane in snapshot.lanes]
        alarmed = sum(bool(health.alarms) for health in looks if health is not None)
        if alarmed != self._alarmed:
            self._alarmed = alarmed
            self._mark_health()
        for page in (self.why, self.health, self.small):
            page.setEnabled(not snapshot.is_hasty)  # what is there was true of the value before
        for index, lane in enumerate(snapshot.lanes):
            insight = lane.insight
            if insight.why is not None:
                self.why.show_lane(index, insight.why)
            if insight.health is not None and insight.similarity is not None:
                self.health.show_lane(index, insight.health, insight.similarity)
            if insight.small is not None:
                self.small.show_lane(index, lane, insight.small, scales.weights)

    def _mark_health(self) -> None:
        """Put a dot on the tab where lanes have alarms; without any, its place stays free, so that no tab moves."""
        dot = QPixmap(DOT * SHARPNESS, DOT * SHARPNESS)
        dot.fill(Qt.GlobalColor.transparent)
        if self._alarmed:
            painter = QPainter(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.warning))
            painter.drawEllipse(dot.rect())
            painter.end()
        dot.setDevicePixelRatio(SHARPNESS)
        self.setTabIcon(HEALTH, QIcon(dot))
        lanes = self._alarmed
        there = translate("side", "%n lane(s) (has|have) alarms", None, lanes)
        self.setTabToolTip(HEALTH, f"{self._health_tip}\n{there}")
