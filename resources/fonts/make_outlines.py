"""Writes the outlines of Inter for figures that are drawn without Qt: python resources/fonts/make_outlines.py."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QPainterPath, QRawFont

FOLDER = Path(__file__).resolve().parent
UNITS = 1000
LETTERS = [
    *map(chr, range(0x20, 0x7F)),  # ASCII
    *map(chr, range(0xA0, 0x180)),  # Latin with accents
    *"ΔΣαβγδεζηθλμνπρστφχψω",
    *map(chr, range(0x400, 0x460)),  # Cyrillic
    *"–—‘’“”•…⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉−×·∞≈≠≤≥←→",
]


def data_of(path: QPainterPath) -> str:
    """Return an outline as SVG writes it, in whole units, downwards."""
    kinds, words = QPainterPath.ElementType, list[str]()
    letters = {kinds.MoveToElement: "M", kinds.LineToElement: "L", kinds.CurveToElement: "C"}
    for place in range(path.elementCount()):
        element = path.elementAt(place)
        if element.type is kinds.MoveToElement and words:
            words.append("Z")
        words.append(f"{letters.get(element.type, ' ')}{element.x:.0f},{element.y:.0f}")
    return "".join([*words, "Z"]) if words else ""


def main() -> None:
    """Write a letter a line: its width and its outline, both for letters of `UNITS` pixels."""
    application = QGuiApplication([])
    font = QRawFont(str(FOLDER / "Inter-Regular.otf"), UNITS)
    found: dict[str, tuple[int, str]] = {}
    for letter in sorted(set(LETTERS)):
        (glyph,) = font.glyphIndexesForString(letter)
        if glyph:
            (advance,) = font.advancesForGlyphIndexes([glyph])
            found[letter] = round(advance.x()), data_of(font.pathForGlyph(glyph))
    lines = [f"{json.dumps(letter)}: {json.dumps(values)}" for letter, values in found.items()]
    (FOLDER / "inter-outlines.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    del application


if __name__ == "__main__":
    main()
