"""Asks what training is to stop at."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.text.language import translate

LONGEST = 300
"""Characters of a condition."""
EXAMPLES = (
    "step 500",
    "loss < 0.1",
    "accuracy > 90%",
    "spread > 0.5        spread of layer 1 > 0.5",
    "groups change       groups of layer 1 change",
    "sign changes        sign of W1[0,2] changes",
    "gradient = 0",
    "not finite",
    "loss < 0.1 and accuracy > 90% or step 500",
)


class UntilDialog(QDialog):
    """Signals: `asked(str)`, a condition as it was written."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("until")
        self.setWindowTitle(translate("until", "Run until"))
        self.resize(470, 330)
        self.condition = QLineEdit("loss < 0.1")
        self.condition.setObjectName("until.condition")
        self.condition.setMaxLength(LONGEST)
        self.condition.setAccessibleName(translate("until", "Condition"))
        self.condition.setToolTip(
            translate("until", "Training stops at the first step at which this holds in some lane")
        )
        self.problem = QLabel()
        self.problem.setObjectName("until.problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        examples = QLabel("\n".join(EXAMPLES))
        examples.setProperty("muted", True)
        examples.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        run = buttons.addButton(translate("until", "Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        run.setObjectName("until.run")
        run.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons.accepted.connect(lambda: self.asked.emit(self.condition.text()))
        buttons.rejected.connect(self.reject)
        self.condition.textEdited.connect(lambda _text: self.problem.clear())
        layout = QVBoxLayout(self)
        layout.addWidget(
            QLabel(translate("until", "Train, and stop at the first step at which this holds in some lane:"))
        )
        layout.addWidget(self.condition)
        layout.addWidget(self.problem)
        layout.addWidget(QLabel(translate("until", "What can be written:")))
        layout.addWidget(examples)
        layout.addStretch()
        layout.addWidget(buttons)

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with the condition, and keep it."""
        self.problem.setText(sentence)
