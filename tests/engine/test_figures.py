"""Figures as SVG: everything is inside, nothing is smoothed, and a large matrix stays a small file."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from base64 import b64decode
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.output.figures import curves_svg, heatmaps_svg
from engine.output.lettering import text_width
from engine.output.png import png

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
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
    sources = [image.attrib[f"{XLINK}href"] for image in ET.fromstring(svg).iter(f"{SVG}image")]
    assert all(source.startswith(prefix) for source in sources)
    return [decoded(b64decode(source.removeprefix(prefix))) for source in sources]


def curves(names: list[str]) -> dict[str, dict[str, list[Any]]]:
    return {name: {"step": [0, 10, 20], "loss": [3.0, 2.0, 1.0]} for name in names}


def texts(svg: str) -> list[tuple[str, float, float, float]]:
    """Return every text of a figure with its left end, its line and its width."""
    found = list[tuple[str, float, float, float]]()
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        place = re.fullmatch(r"translate\((.+),(.+)\) scale\((.+)\)", group.attrib["transform"])
        assert place is not None
        x, y, scale = map(float, place.groups())
        words = group.attrib["aria-label"]
        found.append((words, x, y, text_width(words, 1000 * scale)))
    return found


def inside(svg: str) -> bool:
    """Return whether every text and picture is inside the figure."""
    root = ET.fromstring(svg)
    width, height = size(root)
    return all(
        left >= 0 and left + wide <= width and 12 <= line <= height for _, left, line, wide in texts(svg)
    ) and all(
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
    ends: dict[float, float] = {}
    for _, left, line, wide in texts(curves_svg(curves(LONG_NAMES), "loss"))[-len(LONG_NAMES) :]:
        assert left >= ends.get(line, 0.0)
        ends[line] = left + wide
    assert len(ends) > 1


def test_a_curve_has_a_title_names_of_axes_and_a_legend_in_the_colours_of_its_lines() -> None:
    svg = curves_svg(curves(["zeros", "random"]), "loss")
    words = [text for text, *_ in texts(svg)]
    assert words == ["loss by step", "loss", "3", "1", "0", "step", "20", "zeros", "random"]
    root = ET.fromstring(svg)
    lines = [line.attrib["stroke"] for line in root.iter(f"{SVG}polyline")]
    assert [
        path.attrib["stroke"] for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "3"
    ] == lines


def test_texts_are_outlines_and_need_no_typeface() -> None:
    for svg in (curves_svg(curves(["多层", "слой", "ἀρχή"]), "loss"), heatmaps_svg("W", [np.ones((2, 3))])):
        fonts = [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]
        assert set(fonts) <= {"多层", "ἀρχή"}, "only letters that Inter lacks are left to others"


def test_a_text_with_letters_that_are_lacking_keeps_the_width_that_was_reckoned_with() -> None:
    (text,) = ET.fromstring(curves_svg(curves(["多层"]), "loss")).iter(f"{SVG}text")
    assert text.attrib["textLength"] == "24.0"
    assert text.attrib["lengthAdjust"] == "spacingAndGlyphs"


def test_a_name_of_any_characters_gives_a_figure_that_can_be_read() -> None:
    name = "<b>&\"'\x00\x1b\ud800"
    words = [text for text, *_ in texts(curves_svg(curves([name]), "loss"))]
    assert words[-1] == "<b>&\"'"


def test_the_line_goes_from_corner_to_corner_and_leaves_out_what_is_no_number() -> None:
    svg = curves_svg({"falling": {"step": [0, 1, 2, 4], "loss": [4.0, None, "nan", 0.0]}}, "loss")
    (line,) = ET.fromstring(svg).iter(f"{SVG}polyline")
    assert line.attrib["points"] == "84.0,48.0 624.0,300.0"
    assert [text for text, *_ in texts(svg)][2:7] == ["4", "0", "0", "step", "4"]
