"""Samples as a small table: a row for each, in it a cell for each input and, behind a gap, for each target."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from engine.core.arrays import Floats
from gui.look.colours import Scale, picture
from gui.look.theme import Theme

MOST_SAMPLES, MOST_INPUTS, MOST_TARGETS = 24, 24, 10
"""What is shown at most: cells have to be seen."""
GAP = 3.0
"""Pixels between inputs and targets."""


def paint_samples(painter: QPainter, area: QRectF, inputs: Floats, targets: Floats, theme: Theme) -> None:
    """Paint the first samples: inputs (n, inputs) and targets (n, outputs), each column up to its largest size."""
    parts = inputs[:MOST_SAMPLES, :MOST_INPUTS], targets[:MOST_SAMPLES, :MOST_TARGETS]
    cell = (area.width() - GAP) / sum(part.shape[1] for part in parts)
    scale, left = Scale(1.0, 0, theme.name), area.left()
    for part in parts:
        sizes = np.abs(part).max(axis=0)
        shares = part / np.where(sizes > 0, sizes, 1.0)
        pixels = scale.pixels(scale.places(scale.shares(shares)))
        width = cell * part.shape[1]
        painter.drawImage(QRectF(left, area.top(), width, area.height()), picture(pixels))
        left += width + GAP
