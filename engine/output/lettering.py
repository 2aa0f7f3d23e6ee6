"""Texts of figures as outlines: a program that opens a figure needs no typeface, and it is known how wide a text is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import msgspec

OUTLINES = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "inter-outlines.json"
UNITS = 1000
"""Size in pixels of the letters whose outlines these are."""
UNKNOWN_WIDTH = 0.65
"""Width of a letter that Inter lacks as a share of its height; Chinese characters fill a square."""
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@cache
def _outlines() -> dict[str, tuple[int, str]]:
    """Return the width and the outline of each letter of Inter."""
    return msgspec.json.decode(OUTLINES.read_bytes(), type=dict[str, tuple[int, str]])


def plain(text: str) -> str:
    """Return a text without the characters that XML does not know."""
    return NOT_IN_XML.sub("", text)


def text_width(text: str, pixels: float) -> float:
    """Return how wide a text is in letters of some pixels."""
    return sum(_letter_width(letter) for letter in plain(text)) * pixels


def _letter_width(letter: str) -> float:
    known = _outlines().get(letter)
    if known:
        return known[0] / UNITS
    return 1.0 if east_asian_width(letter) in "WF" else UNKNOWN_WIDTH


def text_element(x: float, y: float, text: str, colour: str, pixels: float) -> str:
    """Return a text that begins at a place of a figure, as SVG; its words stay readable as a label.

    A text with letters that Inter lacks is left to the typefaces of others, in the width that was reckoned with.
    """
    known, text = _outlines(), plain(text)
    words = escape(text, {'"': "&quot;"})
    if not set(text) <= known.keys():
        size = f'textLength="{text_width(text, pixels):.1f}" lengthAdjust="spacingAndGlyphs"'
        font = f'font-family="sans-serif" font-size="{pixels:g}"'
        return f'<text x="{x:.1f}" y="{y:.1f}" {font} {size} fill="{colour}">{escape(text)}</text>'
    letters, across = list[str](), 0
    for letter in text:
        width, outline = known[letter]
        if outline:
            letters.append(f'<path transform="translate({across})" d="{outline}"/>')
        across += width
    place = f"translate({x:.1f},{y:.1f}) scale({pixels / UNITS:g})"
    return f'<g transform="{place}" fill="{colour}" aria-label="{words}">{"".join(letters)}</g>'
