"""Figures of a run without a window, as plain SVG text."""

from __future__ import annotations

from base64 import b64encode
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.output.lettering import text_element, text_width
from engine.output.png import png

LINE_COLOURS = ("#2f6fc4", "#d1662a", "#2c8f6b", "#8a5cc2", "#b0356d", "#7a7a1e", "#3b9aa8", "#6b6b6b")
NEGATIVE, ZERO, POSITIVE = (190, 82, 24), (242, 242, 242), (33, 96, 181)
DARK, GREY, PALE = "#333", "#555", "#ccc"

TITLE_SIZE, FONT_SIZE = 14, 12
LINE_HEIGHT = 16
GAP = 24

CURVES_WIDTH = 640
PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 84, 48, 540, 252
SAMPLE, SAMPLE_GAP = 16, 6
"""Length of the piece of a line beside its name, and the room between."""

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'

MARGIN = 12
MATRIX_TOP = 48
CELL = 16
"""Pixels of a weight …"""
MAX_SIDE = 640
"""… or less, so that no matrix is higher or wider than this."""


def curves_svg(curves: dict[str, dict[str, list[Any]]], series: str) -> str:
    """Return a line plot of one series of every variant against the step; values that are no numbers make gaps."""
    points = {name: _finite_points(curve["step"], curve[series]) for name, curve in curves.items()}
    values = np.array([y for line in points.values() for _, y in line] or [0.0, 1.0])
    last = max([x for line in points.values() for x, _ in line] or [1]) or 1
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1.0

    def place(x: float, y: float) -> str:
        across = PLOT_LEFT + PLOT_WIDTH * x / last
        down = PLOT_TOP + PLOT_HEIGHT * (high - y) / (high - low)
        return f"{across:.1f},{down:.1f}"

    body = _axes(series, low, high, last)
    for index, line in enumerate(points.values()):
        path = " ".join(place(x, y) for x, y in line)
        colour = LINE_COLOURS[index % len(LINE_COLOURS)]
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    legend, width, height = _legend(list(points))
    return _document(width, height, body + legend)


def _finite_points(steps: list[Any], values: list[Any]) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for x, y in zip(steps, values, strict=True)
        if isinstance(y, (int, float)) and np.isfinite(y)
    ]


def _axes(series: str, low: float, high: float, last: float) -> list[str]:
    """Return the title, both axes with their names, and the numbers at their ends."""
    right, bottom = PLOT_LEFT + PLOT_WIDTH, PLOT_TOP + PLOT_HEIGHT
    lines = f"M{PLOT_LEFT},{PLOT_TOP}V{bottom}H{right}"
    return [
        text_element(MARGIN, 20, f"{series} by step", DARK, TITLE_SIZE),
        f'<path d="{lines}" fill="none" stroke="{PALE}"/>',
        _ending_at(PLOT_LEFT - 8, PLOT_TOP - 10, series),
        _ending_at(PLOT_LEFT - 8, PLOT_TOP + 4, f"{high:.4g}"),
        _ending_at(PLOT_LEFT - 8, bottom + 4, f"{low:.4g}"),
        text_element(PLOT_LEFT, bottom + 18, "0", GREY, FONT_SIZE),
        _ending_at((PLOT_LEFT + right + text_width("step", FONT_SIZE)) / 2, bottom + 18, "step"),
        _ending_at(right, bottom + 18, f"{last:,.0f}"),
    ]


def _legend(names: list[str]) -> tuple[list[str], float, float]:
    """Return the names beside pieces of their lines, in rows below the plot, and the width and height of the figure.

    A name that is wider than the figure makes the figure wider.
    """
    body, across, down, width = list[str](), PLOT_LEFT, PLOT_TOP + PLOT_HEIGHT + 44, float(CURVES_WIDTH)
    for index, name in enumerate(names):
        wide = SAMPLE + SAMPLE_GAP + text_width(name, FONT_SIZE)
        if across > PLOT_LEFT and across + wide > CURVES_WIDTH - MARGIN:
            across, down = PLOT_LEFT, down + LINE_HEIGHT
        colour = LINE_COLOURS[index % len(LINE_COLOURS)]
        body.append(f'<path d="M{across},{down - 4}h{SAMPLE}" stroke="{colour}" stroke-width="3"/>')
        body.append(text_element(across + SAMPLE + SAMPLE_GAP, down, name, DARK, FONT_SIZE))
        width = max(width, across + wide + MARGIN)
        across += ceil(wide) + GAP
    return body, width, down + MARGIN


def heatmaps_svg(title: str, matrices: list[Floats]) -> str:
    """Return the weight matrices (fan_in, fan_out) side by side on one symmetric scale; column j is neuron j.

    Each matrix is one picture, because an element for every weight takes megabytes. What is not finite is black.
    """
    finite = [np.abs(matrix[np.isfinite(matrix)]) for matrix in matrices]
    limit = max((float(values.max()) for values in finite if values.size), default=0.0) or 1.0
    heading = f"{title}, colours from −{limit:.4g} to {limit:.4g}"
    body, across, lowest = [text_element(MARGIN, 20, heading, DARK, TITLE_SIZE)], float(MARGIN), 0.0
    for number, matrix in enumerate(matrices, start=1):
        rows, columns = matrix.shape
        cell = min(CELL, MAX_SIDE / max(rows, columns))
        caption = f"W{number} {rows}×{columns}"
        body.append(text_element(across, 42, caption, GREY, FONT_SIZE))
        body.append(_picture(across, columns * cell, rows * cell, _pixels(matrix, limit, cell)))
        across += max(columns * cell, text_width(caption, FONT_SIZE)) + GAP
        lowest = max(lowest, rows * cell)
    width = max(across - GAP, MARGIN + text_width(heading, TITLE_SIZE)) + MARGIN
    return _document(width, MATRIX_TOP + lowest + LINE_HEIGHT, body)


def _pixels(matrix: Floats, limit: float, cell: float) -> npt.NDArray[np.uint8]:
    """Return the colours (height, width, 3) of a matrix, as many pixels for a weight as its cell is wide.

    Viewers smooth what they enlarge; here nothing has to be enlarged.
    """
    with np.errstate(invalid="ignore"):  # NaN has no colour
        shares = np.clip(matrix / limit, -1.0, 1.0)[..., np.newaxis]
        ends = np.where(shares > 0, POSITIVE, NEGATIVE)
        colours = np.rint(ZERO + (ends - np.array(ZERO)) * np.abs(shares))
        colours[~np.isfinite(matrix)] = 0
    size = max(1, round(cell))
    return colours.astype(np.uint8).repeat(size, axis=0).repeat(size, axis=1)


def _picture(x: float, width: float, height: float, pixels: npt.NDArray[np.uint8]) -> str:
    source = "data:image/png;base64," + b64encode(png(pixels)).decode("ascii")
    return (
        f'<image x="{x:.2f}" y="{MATRIX_TOP}" width="{width:.2f}" height="{height:.2f}" '
        f'preserveAspectRatio="none" style="image-rendering: pixelated" xlink:href="{source}"/>'
    )


def _ending_at(right: float, y: float, text: str) -> str:
    return text_element(right - text_width(text, FONT_SIZE), y, text, GREY, FONT_SIZE)


def _document(width: float, height: float, body: list[str]) -> str:
    across, down = ceil(width), ceil(height)
    size = f'width="{across}" height="{down}"'
    background = f'<rect {size} fill="#fff"/>'  # Qt takes 100% for 100 pixels
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {XLINK} {size} viewBox="0 0 {across} {down}">{background}'
    )
    return "\n".join([head, *body, "</svg>"]) + "\n"
