"""A page on which something is asked about a lane that takes a while: ask, see how far it is, cancel, and read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.look.theme import Theme
from gui.side.lane_chooser import LaneChooser
from gui.text.language import translate
from gui.widgets.calm_label import set_label

WHOLE = 1000
"""The steps of the bar."""


class AskingPage(QWidget):
    """Signals: `lane_chosen(int)`, `asked()`, `cancel_requested()`. `list` takes what is to be read below the texts."""

    lane_chosen = Signal(int)
    asked = Signal()
    cancel_requested = Signal()

    def __init__(self, name: str, ask: str, cancel: str) -> None:
        """Make a page of this name, with the texts of its buttons."""
        super().__init__()
        self._name = name
        self.lanes = LaneChooser(name)
        self.lanes.currentIndexChanged.connect(self.lane_chosen)
        self.ask, self.cancel = self._button("ask", ask), self._button("cancel", cancel)
        self.ask.clicked.connect(self.asked)
        self.cancel.clicked.connect(self.cancel_requested)
        self.title, self.text, self.basis = self.label("title"), self.label("text"), self.label("basis")
        for label, style in ((self.title, "heading"), (self.text, "small"), (self.basis, "muted")):
            label.setProperty(style, True)
        self.progress = QProgressBar()
        self.progress.setObjectName(f"{name}.progress")
        self.progress.setAccessibleName(translate("side", "How much is done"))
        self.progress.setToolTip(translate("side", "How much is done, about"))
        self.progress.setRange(0, WHOLE)
        self.progress.setTextVisible(False)
        self.head, self.list = QHBoxLayout(), QVBoxLayout()
        self._arrange()
        self.show_progress(None)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"{self._name}.{name}")
        button.setAccessibleName(text)
        return button

    def label(self, name: str, tip: str = "") -> QLabel:
        """Return a label for a text of any length, invisible without one."""
        label = QLabel()
        label.setObjectName(f"{self._name}.{name}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setToolTip(tip)
        label.hide()
        return label

    def _arrange(self) -> None:
        inside = QWidget()
        inside.setObjectName("figure")  # the ground of the window
        self.list = QVBoxLayout(inside)
        self.list.setContentsMargins(0, 0, 2, 0)
        self.list.setSpacing(8)
        for label in (self.title, self.text, self.basis):
            self.list.addWidget(label)
        self.list.addStretch()
        scroll = QScrollArea()
        scroll.setObjectName(f"{self._name}.scroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self.head.addWidget(self.lanes, 1)
        self.head.addWidget(self.ask)
        self.head.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(self.head)
        layout.addWidget(self.progress)
        layout.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, which come with the style sheet."""

    def show_lane_names(self, names: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        self.lanes.show_names(names)

    def show_progress(self, share: float | None) -> None:
        """Show how much is done, 0 to 1, and a button that ends it; None where nothing is being done."""
        self.ask.setVisible(share is None)
        self.cancel.setVisible(share is not None)
        self.progress.setVisible(share is not None)
        self.progress.setValue(round(WHOLE * (share or 0.0)))

    def say(self, title: str, text: str, basis: str) -> None:
        """Show what is known in texts; those that are empty take no room."""
        for label, said in ((self.title, title), (self.text, text), (self.basis, basis)):
            set_label(label, said)
            label.setVisible(bool(said))
