"""Figures of a run without a window, as plain SVG text."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from engine.core.arrays import Floats

LINE_COLOURS = ("#2f6fc4", "#d1662a", "#2c8f6b", "#8a5cc2", "#b0356d", "#7a7a1e", "#3b9aa8", "#6b6b6b")
NEGATIVE, ZERO, POSITIVE = (190, 82, 24), (242, 242, 242), (33, 96, 181)
FONT = 'font-family="sans-serif" font-size="12"'
CELL = 16
MAX_SIDE = 640


def curves_svg(curves: dict[str, dict[str, list[Any]]], series: str) -> str:
    """Return a line plot of one series of every variant against the step; values that are no numbers make gaps."""
    width, height, left, top = 640, 320, 64, 28
    points = {name: _finite_points(curve["step"], curve[series]) for name, curve in curves.items()}
    values = np.array([y for line in points.values() for _, y in line] or [0.0, 1.0])
    last = max([x for line in points.values() for x, _ in line] or [1]) or 1
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1.0

    def place(x: float, y: float) -> str:
        across = left + (width - left - 16) * x / last
        down = top + (height - top - 40) * (high - y) / (high - low)
        return f"{across:.1f},{down:.1f}"

    body = [f'<text x="{left}" y="18" {FONT} fill="#333">{escape(series)} by step</text>']
    for label, y in ((high, top + 4), (low, height - 36)):
        body.append(f'<text x="{left - 8}" y="{y}" {FONT} fill="#555" text-anchor="end">{label:.4g}</text>')
    body.append(
        f'<text x="{width - 16}" y="{height - 20}" {FONT} fill="#555" text-anchor="end">{last}</text>'
    )
    body.append(f'<text x="{left}" y="{height - 20}" {FONT} fill="#555">0</text>')
    for index, (name, line) in enumerate(points.items()):
        colour = LINE_COLOURS[index % len(LINE_COLOURS)]
        path = " ".join(place(x, y) for x, y in line)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        across = left + 90 * index
        body.append(f'<text x="{across}" y="{height - 4}" {FONT} fill="{colour}">{escape(name)}</text>')
    return _document(width, height, body)


def _finite_points(steps: list[Any], values: list[Any]) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for x, y in zip(steps, values, strict=True)
        if isinstance(y, (int, float)) and np.isfinite(y)
    ]


def heatmaps_svg(title: str, matrices: list[Floats]) -> str:
    """Return the weight matrices (fan_in, fan_out) side by side on one symmetric scale; column j is neuron j."""
    finite = [np.abs(matrix[np.isfinite(matrix)]) for matrix in matrices]
    limit = max((float(values.max()) for values in finite if values.size), default=0.0) or 1.0
    cells = [min(CELL, MAX_SIDE / max(matrix.shape)) for matrix in matrices]
    widths = [max(matrix.shape[1] * cell, 90) for matrix, cell in zip(matrices, cells, strict=True)]
    height = max(matrix.shape[0] * cell for matrix, cell in zip(matrices, cells, strict=True)) + 64
    body = [
        f'<text x="12" y="18" {FONT} fill="#333">{escape(title)}, colours from −{limit:.4g} to {limit:.4g}</text>'
    ]
    across = 12.0
    for number, (matrix, cell, width) in enumerate(zip(matrices, cells, widths, strict=True), start=1):
        shape = "×".join(map(str, matrix.shape))
        body.append(f'<text x="{across:.1f}" y="40" {FONT} fill="#555">W{number} {shape}</text>')
        for row, column in np.ndindex(*matrix.shape):
            body.append(
                f'<rect x="{across + column * cell:.2f}" y="{48 + row * cell:.2f}" width="{cell:.2f}" '
                f'height="{cell:.2f}" fill="{_colour(float(matrix[row, column]) / limit)}"/>'
            )
        across += width + 24
    return _document(max(across, 360), height, body)


def _colour(share: float) -> str:
    if not np.isfinite(share):
        return "#000"
    end = POSITIVE if share > 0 else NEGATIVE
    amount = min(1.0, abs(share))
    mixed = (round(z + (e - z) * amount) for z, e in zip(ZERO, end, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _document(width: float, height: float, body: list[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="100%" height="100%" fill="#fff"/>'
    return "\n".join([head, *body, "</svg>"]) + "\n"
