"""Figures as SVG: everything is inside, nothing is smoothed, and a large matrix stays a small file."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib
from base64 import b64decode
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.output.figures import curves_svg, heatmaps_svg
from engine.output.png import png

SVG = "{http://www.w3.org/2000/svg}"
LONG_NAMES = [f"he, learning rate 0.{number:03}" for number in range(8)]


def size(root: ET.Element) -> tuple[float, float]:
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert root.attrib["viewBox"] == f"0 0 {width:.0f} {height:.0f}"
    return width, height


def decoded(data: bytes) -> npt.NDArray[np.uint8]:
    """Return the colours (height, width, 3) of a PNG as this program writes it."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length :][:4])[0] == zlib.crc32(kind + body)
        chunks[kind], place = body, place + 12 + length
    width, height, *how = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert how == [8, 2, 0, 0, 0]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(height, width, 3)


def pictures(svg: str) -> list[npt.NDArray[np.uint8]]:
    prefix = "data:image/png;base64,"
    sources = [image.attrib["href"] for image in ET.fromstring(svg).iter(f"{SVG}image")]
    assert all(source.startswith(prefix) for source in sources)
    return [decoded(b64decode(source.removeprefix(prefix))) for source in sources]


def curves(names: list[str]) -> dict[str, dict[str, list[Any]]]:
    return {name: {"step": [0, 10, 20], "loss": [3.0, 2.0, 1.0]} for name in names}


def inside(svg: str) -> bool:
    """Return whether every text and picture is inside the figure, for letters of 6 pixels."""
    root = ET.fromstring(svg)
    width, height = size(root)
    for text in root.iter(f"{SVG}text"):
        x, y, wide = float(text.attrib["x"]), float(text.attrib["y"]), 6 * len(text.text or "")
        left = x - wide if text.attrib["text-anchor"] == "end" else x
        if left < 0 or left + wide > width or not 12 <= y <= height:
            return False
    return all(
        float(image.attrib["x"]) + float(image.attrib["width"]) <= width
        and float(image.attrib["y"]) + float(image.attrib["height"]) <= height
        for image in root.iter(f"{SVG}image")
    )


def test_pixels_are_read_back_from_a_png() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
    np.testing.assert_array_equal(decoded(png(pixels)), pixels)


def test_a_matrix_is_one_picture_and_784_times_100_weights_take_less_than_half_a_megabyte() -> None:
    weights = np.random.default_rng(1).standard_normal((784, 100))
    svg = heatmaps_svg("random", [weights, weights[:100, :10]])
    assert [picture.shape[:2] for picture in pictures(svg)] == [(784, 100), (100 * 6, 10 * 6)]
    assert len(svg) < 500_000


def test_blue_is_positive_red_is_negative_and_what_is_not_finite_is_black() -> None:
    (picture,) = pictures(heatmaps_svg("few", [np.array([[2.0, -2.0, 0.0], [1.0, np.nan, -np.inf]])]))
    assert picture.shape == (32, 48, 3)
    colours = picture[::16, ::16]
    assert colours[0].tolist() == [[33, 96, 181], [190, 82, 24], [242, 242, 242]]
    assert colours[1].tolist() == [[138, 169, 212], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(picture, colours.repeat(16, axis=0).repeat(16, axis=1))


@pytest.mark.parametrize("largest", [5e-324, 1.7e308])
def test_the_smallest_and_the_largest_weights_have_colours(largest: float) -> None:
    (picture,) = pictures(heatmaps_svg("edge", [np.array([[largest, -largest]])]))
    assert picture[0, ::16].tolist() == [[33, 96, 181], [190, 82, 24]]


@pytest.mark.parametrize("shapes", [[(1, 1)], [(3, 4), (4, 1)], [(784, 100), (100, 10)], [(2, 700)] * 3])
def test_heatmaps_and_titles_are_inside_their_figure(shapes: list[tuple[int, int]]) -> None:
    assert inside(heatmaps_svg("a variant with a name of some length", [np.ones(shape) for shape in shapes]))


@pytest.mark.parametrize("names", [["zeros"], LONG_NAMES, ["a name of its own " * 8]])
def test_curves_and_the_names_of_all_lanes_are_inside_their_figure(names: list[str]) -> None:
    assert inside(curves_svg(curves(names), "loss"))


@pytest.mark.parametrize(
    "svg", [curves_svg(curves(LONG_NAMES), "loss"), heatmaps_svg("W", [np.ones((2, 30))])]
)
def test_the_background_is_as_large_as_the_figure_also_for_viewers_without_percentages(svg: str) -> None:
    root = ET.fromstring(svg)
    (background,) = root.iter(f"{SVG}rect")
    assert (float(background.attrib["width"]), float(background.attrib["height"])) == size(root)


def test_names_of_lanes_do_not_overlap() -> None:
    texts = list(ET.fromstring(curves_svg(curves(LONG_NAMES), "loss")).iter(f"{SVG}text"))[-8:]
    ends: dict[str, float] = {}
    for text in texts:
        x, row = float(text.attrib["x"]), text.attrib["y"]
        assert x >= ends.get(row, 0.0)
        ends[row] = x + 6 * len(text.text or "")
    assert len(ends) > 1


def test_the_line_goes_from_corner_to_corner_and_leaves_out_what_is_no_number() -> None:
    svg = curves_svg({"falling": {"step": [0, 1, 2, 4], "loss": [4.0, None, "nan", 0.0]}}, "loss")
    (line,) = ET.fromstring(svg).iter(f"{SVG}polyline")
    assert line.attrib["points"] == "64.0,28.0 624.0,280.0"
    assert [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")][1:5] == ["4", "0", "0", "4"]
