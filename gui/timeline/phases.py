"""The phases of a step: what they are called, and how far a step is when an operation of it is shown."""

from __future__ import annotations

from engine.report.answers import Walk
from gui.present.frame import Frame
from gui.text.language import translate

PHASES = ("forward", "loss", "backward", "update")
"""In the order in which they happen; each has the same share of a step on the timeline."""


def phase_names() -> dict[str, str]:
    """Return what people call the phases."""
    return {
        "forward": translate("operations", "forward"),
        "loss": translate("operations", "loss"),
        "backward": translate("operations", "backward"),
        "update": translate("operations", "update"),
    }


def moment_of(frame: Frame) -> float | None:
    """Return the shown step with the share of it that is before the shown operation; None where none is shown."""
    walk = frame.snapshot.lanes[frame.lead].insight.walk
    if frame.operation is None or walk is None:
        return None
    return frame.snapshot.step + share_before(walk, frame.operation)


def share_before(walk: Walk, place: int) -> float:
    """Return the share of a step that is before an operation: its phase, and in it as much as is done."""
    phases = [done.phase for done in walk.operations]
    phase = phases[min(place, len(phases) - 1)]
    done = min(place, len(phases) - 1) - phases.index(phase)
    return (PHASES.index(phase) + done / phases.count(phase)) / len(PHASES)
