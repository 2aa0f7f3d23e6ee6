"""Training until something happens, and going through one update, as the window's table of actions has it."""

from __future__ import annotations

from gui.text.action_spec import RUN, ActionSpec
from gui.text.language import QT_TRANSLATE_NOOP

OPERATION_ACTIONS = (
    ActionSpec(
        "run_until",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Run &until…"),
        QT_TRANSLATE_NOOP("actions", "Train, and stop at the exact step at which a condition holds"),
        "U",
    ),
    ActionSpec(
        "operation_forward",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Next &operation"),
        QT_TRANSLATE_NOOP("actions", "One operation of the update forward"),
        ".",
        "forward",
    ),
    ActionSpec(
        "operation_back",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Operation b&efore"),
        QT_TRANSLATE_NOOP("actions", "One operation of the update back"),
        ",",
        "back",
    ),
    ActionSpec(
        "phase_forward",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Next phase"),
        QT_TRANSLATE_NOOP("actions", "To the next phase of the update: forward, loss, backward, update"),
        "Shift+.",
        "ten-forward",
        also=">",
    ),
    ActionSpec(
        "phase_back",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Phase before"),
        QT_TRANSLATE_NOOP("actions", "To the beginning of this phase, or to the phase before"),
        "Shift+,",
        "ten-back",
        also="<",
    ),
    ActionSpec(
        "slow_motion",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Slow &motion"),
        QT_TRANSLATE_NOOP("actions", "Show one operation after the other, at the pace of a lecture"),
        "O",
        "play",
        True,
    ),
    ActionSpec(
        "slow_motion_back",
        RUN,
        QT_TRANSLATE_NOOP("actions", "Slow motion backwards"),
        QT_TRANSLATE_NOOP("actions", "Show one operation after the other, from the last to the first"),
        "Shift+O",
        "",
        True,
    ),
)
